use examlink_lti::Error;
use examlink_lti::v1::launch::{UnverifiedLaunch, VerifiedLaunch};
use examlink_lti::v1::oauth1::{Param, TimeWindow, UnverifiedRequest};
use examlink_lti::v1::roles::Role;

use crate::support::{KEY, NONCE, NOW, URL, fullest, pair, received, secret, sign, sign_params, smallest, submitted};

/// The parameters of the smallest launch, unsigned, with `name` set to `value`, or taken away by `None`.
fn with(name: &str, value: Option<&str>) -> Vec<Param> {
    let mut params = sign(&smallest()).unwrap().fields;
    params.retain(|(given, _)| given != "oauth_signature" && given != name);
    params.extend(value.map(|value| pair(name, value)));
    params
}

/// What the tool says to a message that is signed well but breaks a rule.
fn refusal(name: &str, value: Option<&str>) -> Error {
    received(&sign_params(with(name, value))).unwrap_err()
}

#[test]
fn a_launch_tells_what_the_platform_said() {
    let form = sign(&fullest()).unwrap();
    let unverified = UnverifiedLaunch::parse("POST", URL, &submitted(&form.fields)).unwrap();
    assert_eq!(unverified.consumer_key(), KEY);
    let launch = received(&form.fields).unwrap();
    assert_eq!((launch.message_type(), launch.version()), ("basic-lti-launch-request", "LTI-1p0"));
    assert_eq!((launch.resource_link_id(), launch.user_id()), ("link-1", Some("student-9")));
    assert_eq!(launch.roles()[0], Role::LEARNER);
    assert_eq!(launch.return_url(), Some("https://exam.example/return?session=4"));
    assert_eq!((launch.get("custom_review_chapter"), launch.get("custom_empty")), (Some("1.2.56"), None));
    let request = launch.request();
    assert_eq!((request.consumer_key(), request.nonce(), request.timestamp()), (KEY, NONCE, NOW));
    assert_eq!(request.params(), form.fields);
}

#[test]
fn a_launch_may_say_no_more_than_its_link() {
    let launch = received(&sign(&smallest()).unwrap().fields).unwrap();
    assert_eq!((launch.user_id(), launch.return_url(), launch.roles().len()), (None, None, 0));
}

#[test]
fn a_launch_is_a_post() {
    let body = submitted(&sign(&smallest()).unwrap().fields);
    assert_eq!(UnverifiedLaunch::parse("GET", URL, &body).unwrap_err(), Error::NotPost("GET".into()));
}

#[test]
fn message_type_version_and_link_are_required() {
    assert!(received(&sign_params(with("resource_link_id", Some("other")))).is_ok());
    for name in ["lti_message_type", "lti_version", "resource_link_id"] {
        assert_eq!(refusal(name, None), Error::Missing(name));
        assert_eq!(refusal(name, Some("")), Error::Missing(name));
    }
    assert_eq!(
        refusal("lti_message_type", Some("other")),
        Error::MessageType { expected: "basic-lti-launch-request", said: "other".into() }
    );
    assert_eq!(refusal("lti_version", Some("LTI-2p0")), Error::LtiVersion("LTI-2p0".into()));
}

#[test]
fn a_broken_message_can_still_be_answered_at_its_return_url() {
    let mut params = with("resource_link_id", None);
    params.push(pair("launch_presentation_return_url", "https://exam.example/"));
    let request = UnverifiedRequest::from_form("POST", URL, &submitted(&sign_params(params))).unwrap();
    let verified = request.verify(&secret(), TimeWindow { now: NOW, seconds: 300 }).unwrap();
    assert_eq!(verified.get("launch_presentation_return_url"), Some("https://exam.example/"));
    assert_eq!(VerifiedLaunch::try_from(verified).unwrap_err(), Error::Missing("resource_link_id"));
}

#[test]
fn the_return_url_is_a_web_address() {
    for script in ["javascript:alert(1)", "/relative", "data:text/html,x"] {
        let launch = received(&sign_params(with("launch_presentation_return_url", Some(script)))).unwrap();
        assert_eq!(launch.return_url(), None);
    }
}

#[test]
fn a_parameter_has_one_value() {
    let twice = |name: &str| [with("", None), vec![pair(name, "1"), pair(name, "1")]].concat();
    assert!(received(&sign_params(with("user_id", Some("1")))).is_ok());
    assert_eq!(received(&sign_params(twice("user_id"))).unwrap_err(), Error::Repeated("user_id".into()));
    let token = Error::OauthRepeated("oauth_token".into());
    assert_eq!(received(&sign_params(twice("oauth_token"))).unwrap_err(), token);
}

#[test]
fn no_oauth_parameter_of_the_body_is_in_the_query_too() {
    let body = submitted(&sign(&smallest()).unwrap().fields);
    let error = UnverifiedLaunch::parse("POST", &format!("{URL}&oauth_nonce=1"), &body).unwrap_err();
    assert_eq!(error, Error::OauthRepeated("oauth_nonce".into()));
}

#[test]
fn oauth_parameters_are_required() {
    for name in ["oauth_consumer_key", "oauth_nonce", "oauth_timestamp", "oauth_signature_method"] {
        assert_eq!(refusal(name, None), Error::OauthMissing(name));
        assert_eq!(refusal(name, Some("")), Error::OauthMissing(name));
    }
    assert_eq!(received(&with("", None)).unwrap_err(), Error::OauthMissing("oauth_signature"));
}

#[test]
fn a_callback_is_not_asked_for_and_no_default_takes_its_place() {
    assert!(received(&sign_params(with("oauth_callback", None))).is_ok());
    let mut stripped = sign(&smallest()).unwrap().fields;
    stripped.retain(|(name, _)| name != "oauth_callback");
    assert_eq!(received(&stripped).unwrap_err(), Error::OauthSignature);
}

#[test]
fn the_oauth_version_is_1_0_or_absent() {
    assert!(received(&sign_params(with("oauth_version", None))).is_ok());
    assert_eq!(refusal("oauth_version", Some("1.0a")), Error::OauthVersion("1.0a".into()));
}

#[test]
fn only_known_signature_methods_are_taken() {
    for name in ["PLAINTEXT", "hmac-sha1", "RSA-SHA1"] {
        assert_eq!(refusal("oauth_signature_method", Some(name)), Error::OauthSignatureMethod(name.into()));
    }
    // The other way of signing: the method is known, the signature is not by it.
    assert_eq!(refusal("oauth_signature_method", Some("HMAC-SHA256")), Error::OauthSignature);
}

#[test]
fn timestamps_are_whole_seconds() {
    for text in ["+1790000000", "1790000000.0", " 1790000000", "1e9", "-1", "now", "99999999999999999999"] {
        assert_eq!(refusal("oauth_timestamp", Some(text)), Error::OauthTimestamp(text.into()));
    }
}

#[test]
fn the_time_window_is_open_on_both_sides() {
    let at = |timestamp: u64| received(&sign_params(with("oauth_timestamp", Some(&timestamp.to_string()))));
    for timestamp in [NOW - 300, NOW, NOW + 300] {
        assert_eq!(at(timestamp).unwrap().request().timestamp(), timestamp);
    }
    for timestamp in [0, NOW - 301, NOW + 301, u64::MAX] {
        assert_eq!(at(timestamp).unwrap_err(), Error::OauthTimestampWindow { timestamp, now: NOW, seconds: 300 });
    }
}

#[test]
fn signatures_are_base64_of_the_right_bytes() {
    let signed_by = |signature: &str| received(&with("oauth_signature", Some(signature))).unwrap_err();
    for text in ["not base64!", "abc", "AAAAAAAAAAAAAAAAAAAAAAAAAAB="] {
        assert_eq!(signed_by(text), Error::OauthSignatureEncoding);
    }
    for text in ["AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="] {
        assert_eq!(signed_by(text), Error::OauthSignature);
    }
}

#[test]
fn bodies_that_could_be_read_in_two_ways_are_refused() {
    let body = |tail: &[u8]| [&submitted(&sign(&smallest()).unwrap().fields), tail].concat();
    let parse = |tail: &[u8]| UnverifiedLaunch::parse("POST", URL, &body(tail)).unwrap_err();
    assert_eq!(parse(b"&a=50%"), Error::PercentEscape("50%".into()));
    assert_eq!(parse(b"&a=%zz"), Error::PercentEscape("%zz".into()));
    assert_eq!(parse(b"&a=%FF"), Error::NotUtf8("%FF".into()));
    assert_eq!(parse(b"&\xff=a"), Error::NotUtf8("\u{fffd}".into()));
}

#[test]
fn the_url_of_the_request_is_absolute() {
    let body = submitted(&sign(&smallest()).unwrap().fields);
    let parse = |url| UnverifiedLaunch::parse("POST", url, &body).map(|_| ());
    assert_eq!(parse("http://[::1]:8080/a"), Ok(()));
    for url in ["/lti/launch", "https:///a", "https://:80/a", "https://a:+80/", "https://a:0/", "https://a:70000/"] {
        assert!(matches!(parse(url), Err(Error::UrlSyntax(_))), "{url}");
    }
    assert_eq!(parse("ftp://a/b"), Err(Error::UrlScheme("ftp".into())));
}
