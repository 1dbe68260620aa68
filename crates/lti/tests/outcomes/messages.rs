//! The `Authorization` header and the body's hash.

use examlink_lti::v1::oauth1::{Param, Request, SignatureMethod, UnverifiedMessage, body_hash};
use examlink_lti::{Error, Secret};

use crate::support::{NOW, URL, credentials, header, received, secret, stamp, window};

const BODY: &[u8] = b"<a/>";

/// A header with the parameters of a right one, `name` set to `value` or taken away, signed anew.
fn with(method: &str, name: &str, value: Option<&str>) -> String {
    let hash = body_hash(BODY, SignatureMethod::HmacSha1);
    let time = NOW.to_string();
    let mut params: Vec<Param> = [
        ("oauth_body_hash", hash.as_str()),
        ("oauth_consumer_key", "Key0123456789abcdefghi"),
        ("oauth_nonce", "n"),
        ("oauth_signature_method", method),
        ("oauth_timestamp", &time),
    ]
    .map(|(name, value)| (name.into(), value.to_owned()))
    .into();
    params.retain(|(known, _)| known != name);
    params.extend(value.map(|value| (name.to_owned().into(), value.to_owned())));
    let request = Request { method: "POST", url: URL, params: &params };
    let signature = request.sign(method.parse().unwrap_or_default(), &secret()).unwrap();
    params.push(("oauth_signature".into(), signature));
    written(&params)
}

fn written(params: &[Param]) -> String {
    let encode = |text: &str| examlink_lti::v1::oauth1::percent_encode(text).into_owned();
    let pairs = params.iter().map(|(name, value)| format!("{name}=\"{}\"", encode(value)));
    format!("OAuth {}", pairs.collect::<Vec<_>>().join(","))
}

fn refusal(header: &str) -> Error {
    received(header, BODY).unwrap_err()
}

#[test]
fn a_verified_message_tells_what_was_sent() {
    let unverified = UnverifiedMessage::read("POST", URL, &header(BODY), BODY).unwrap();
    assert_eq!(unverified.consumer_key(), "Key0123456789abcdefghi");
    assert!(unverified.base_string().unwrap().starts_with("POST&https%3A%2F%2Fexam.example%2Flti"));
    let message = unverified.verify(&secret(), window()).unwrap();
    assert_eq!((message.consumer_key(), message.nonce()), ("Key0123456789abcdefghi", "0123456789abcdefABCDEF"));
    assert_eq!((message.timestamp(), message.body()), (NOW, BODY));
}

#[test]
fn the_header_may_be_written_in_all_the_ways_in_use() {
    let plain = header(BODY);
    let list = plain.strip_prefix("OAuth ").unwrap();
    for written in [
        plain.clone(),
        format!("oauth {list}"),
        format!("OAuth realm=\"\", {list}"),
        format!("OAuth realm=\"a, b = c%\",{}", list.replace(", ", ",")),
        format!("OAuth   {}  ", list.replace(", ", "  ,\t ")),
        format!("OAuth {}", list.replace('"', "")),
        format!("OAuth {list},"),
        // Base64 as it is, not percent-encoded.
        format!("OAuth {}", list.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=")),
    ] {
        assert!(received(&written, BODY).is_ok(), "{written}");
    }
}

#[test]
fn what_is_no_such_header_is_refused() {
    let list = header(BODY).strip_prefix("OAuth ").unwrap().to_owned();
    for written in ["", "OAuth2 x", "Bearer token", &list, "OAuth nothing", "OAuth a=\"b", "OAuth a=\"b\" c=\"d\""] {
        assert!(matches!(refusal(written), Error::OauthHeader(_)), "{written}");
    }
    assert!(matches!(refusal(&format!("OAuth a=\"{}\"", "x".repeat(9_000))), Error::OauthHeader("is too long")));
    assert_eq!(refusal("OAuth a=\"%zz\""), Error::PercentEscape("%zz".into()));
    assert_eq!(refusal("OAuth realm=\"\""), Error::OauthMissing("oauth_consumer_key"));
}

#[test]
fn nothing_is_given_twice() {
    let header = header(BODY);
    for name in ["oauth_body_hash", "oauth_nonce", "realm"] {
        let twice = format!("{header}, {name}=\"x\", {name}=\"x\"");
        assert_eq!(refusal(&twice), Error::OauthRepeated(name.into()));
    }
    let url = format!("{URL}?oauth_nonce=1");
    let read = UnverifiedMessage::read("POST", &url, &header, BODY);
    assert_eq!(read.unwrap_err(), Error::OauthRepeated("oauth_nonce".into()));
    let sign = credentials(SignatureMethod::HmacSha1).authorize(&stamp(), "POST", &url, BODY);
    assert_eq!(sign, Err(Error::OauthRepeated("oauth_nonce".into())));
}

#[test]
fn a_body_comes_with_its_own_hash() {
    assert!(received(&with("HMAC-SHA1", "", None), BODY).is_ok());
    assert_eq!(received(&header(BODY), b"<b/>").unwrap_err(), Error::OauthBodyHash);
    let other = body_hash(b"<b/>", SignatureMethod::HmacSha1);
    assert_eq!(refusal(&with("HMAC-SHA1", "oauth_body_hash", Some(&other))), Error::OauthBodyHash);
    assert_eq!(refusal(&with("HMAC-SHA1", "oauth_body_hash", None)), Error::OauthMissing("oauth_body_hash"));
    assert_eq!(refusal(&with("HMAC-SHA1", "oauth_body_hash", Some("not base64"))), Error::OauthBodyHash);
    // The hash was changed to fit another body, and the signature with it could not be.
    let header = header(BODY).replace(&*encoded(BODY), &encoded(b"<b/>"));
    assert_eq!(received(&header, b"<b/>").unwrap_err(), Error::OauthSignature);
}

fn encoded(body: &[u8]) -> String {
    examlink_lti::v1::oauth1::percent_encode(&body_hash(body, SignatureMethod::HmacSha1)).into_owned()
}

#[test]
fn only_an_empty_body_may_come_without_a_hash() {
    let header = with("HMAC-SHA1", "oauth_body_hash", None);
    assert_eq!(received(&header, b"").unwrap().body(), b"");
    assert_eq!(received(&header, b" ").unwrap_err(), Error::OauthMissing("oauth_body_hash"));
}

#[test]
fn the_hash_function_follows_the_signature_method() {
    use SignatureMethod::{HmacSha1, HmacSha256, HmacSha512};
    for (method, hash, taken) in [
        (HmacSha1, HmacSha1, true),
        (HmacSha1, HmacSha256, false),
        (HmacSha256, HmacSha1, true),
        (HmacSha256, HmacSha256, true),
        (HmacSha256, HmacSha512, false),
        (HmacSha512, HmacSha512, true),
    ] {
        let header = with(method.as_str(), "oauth_body_hash", Some(&body_hash(BODY, hash)));
        assert_eq!(received(&header, BODY).is_ok(), taken, "{method} with the hash of {hash}");
        let ours = credentials(method).authorize(&stamp(), "POST", URL, BODY).unwrap();
        assert!(received(&ours, BODY).is_ok(), "{method}");
    }
}

#[test]
fn oauth_parameters_are_required_and_the_window_holds() {
    for name in ["oauth_consumer_key", "oauth_nonce", "oauth_timestamp"] {
        assert_eq!(refusal(&with("HMAC-SHA1", name, None)), Error::OauthMissing(name));
    }
    let late = (NOW - 301).to_string();
    let error = Error::OauthTimestampWindow { timestamp: NOW - 301, now: NOW, seconds: 300 };
    assert_eq!(refusal(&with("HMAC-SHA1", "oauth_timestamp", Some(&late))), error);
    assert_eq!(refusal(&with("HMAC-SHA1", "oauth_version", Some("2.0"))), Error::OauthVersion("2.0".into()));
    assert_eq!(refusal(&with("PLAINTEXT", "", None)), Error::OauthSignatureMethod("PLAINTEXT".into()));
}

#[test]
fn of_several_with_the_same_key_the_signer_is_found() {
    let holders = [("a", Secret::new("x")), ("b", secret()), ("c", Secret::new("y")), ("d", secret())];
    let verify = |count: usize| {
        let holders = holders.iter().take(count).map(|(name, secret)| (*name, secret));
        let message = UnverifiedMessage::read("POST", URL, &header(BODY), BODY).unwrap();
        message.verify_by(holders, window()).map(|(_, signers)| signers)
    };
    assert_eq!(verify(4), Ok(vec!["b", "d"]));
    assert_eq!(verify(1), Err(Error::OauthSignature));
    assert_eq!(verify(0), Err(Error::OauthSignature));
}

#[test]
fn each_byte_of_a_header_counts() {
    let header = header(BODY);
    let mut refused = 0;
    for at in 0..header.len() {
        let mut changed = header.clone();
        let other = if &header[at..=at] == "x" { "y" } else { "x" };
        changed.replace_range(at..=at, other);
        // What stands between the parameters is no part of what is signed.
        if received(&changed, BODY).is_err() {
            refused += 1;
        } else {
            assert!(matches!(&header[at..=at], " "), "byte {at} of {header}: {}", &header[at..=at]);
        }
    }
    assert!(refused > 200);
}

#[test]
fn a_key_is_named_and_the_url_is_one() {
    let nameless = examlink_lti::v1::credentials::Credentials {
        consumer_key: String::new(),
        ..credentials(SignatureMethod::HmacSha1)
    };
    assert_eq!(nameless.authorize(&stamp(), "POST", URL, BODY), Err(Error::Missing("oauth_consumer_key")));
    let broken = credentials(SignatureMethod::HmacSha1).authorize(&stamp(), "POST", "lms/outcomes", BODY);
    assert!(matches!(broken, Err(Error::UrlSyntax(_))));
}
