use examlink_lti::v1::credentials::{Credentials, Stamp, credential_warnings};
use examlink_lti::{Error, Secret};

use crate::support::{KEY, NOW, credentials, smallest, stamp, url};

#[test]
fn nonces_are_20_to_30_letters_and_digits() {
    for good in ["a".repeat(20), "Z9".repeat(15)] {
        assert_eq!(Stamp::new(good.clone(), NOW).unwrap().nonce(), good);
    }
    for bad in ["", &"a".repeat(19), &"a".repeat(31), "0123456789-0123456789", "é123456789é123456789"] {
        assert_eq!(Stamp::new(bad, NOW).unwrap_err(), Error::Nonce, "{bad}");
    }
}

#[test]
fn a_launch_names_its_key() {
    let signed =
        |key: &str| smallest().sign(&url(), &Credentials { consumer_key: key.into(), ..credentials() }, &stamp());
    assert!(signed("any key").is_ok());
    assert_eq!(signed(""), Err(Error::Missing("oauth_consumer_key")));
    let refused = Error::ControlCharacter { name: "oauth_consumer_key".into(), character: '\u{7f}' };
    assert_eq!(signed("a\u{7f}b"), Err(refused));
}

#[test]
fn warnings_name_what_strict_tools_refuse() {
    let codes = |key: &str, secret: &str| -> Vec<_> {
        credential_warnings(key, secret).iter().map(|warning| (warning.code, warning.field)).collect()
    };
    let length = ("consumer_key_length", "oauth_consumer_key");
    let characters = ("consumer_key_characters", "oauth_consumer_key");
    let secret = ("consumer_secret_characters", "oauth_consumer_secret");
    assert_eq!(codes(KEY, "Abc-019._~"), []);
    assert_eq!(codes("key", "secret"), [length]);
    assert_eq!(codes(&"k".repeat(31), "secret"), [length]);
    assert_eq!(codes("key_0123456789_0123456789", "secret"), [characters]);
    assert_eq!(codes(KEY, "p&ss w%rd"), [secret]);
    assert_eq!(codes("schlüssel", "copied along \n"), [length, characters, secret]);
}

#[test]
fn a_secret_never_prints() {
    let credentials = Credentials { secret: Secret::new("marker"), ..credentials() };
    assert!(!format!("{credentials:?} {:#?}", credentials.secret).contains("marker"));
    assert_eq!(format!("{:?}", credentials.secret), "***");
}
