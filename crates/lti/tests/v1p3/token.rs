//! Access tokens, on both sides.

use examlink_lti::Secret;
use examlink_lti::v1::oauth1::Param;
use examlink_lti::v1p3::Error;
use examlink_lti::v1p3::claims::{DEPLOYMENT_ID, scope};
use examlink_lti::v1p3::jwt::sign;
use examlink_lti::v1p3::token::{
    ClientAssertion, ExpectAssertion, TokenError, TokenRefusal, TokenRequest, TokenResponse, client_assertion,
    request_form,
};
use serde_json::{Value, json};

use crate::support::{CLIENT, NOW, PLATFORM, claims, forged, key, other_key, pair, signed, smallest, with};

const ENDPOINT: &str = "https://exam.example/lti/token";

fn written() -> Value {
    serde_json::to_value(client_assertion(CLIENT, ENDPOINT, "jti-1", NOW, 60)).unwrap()
}

fn form(assertion: &str) -> Vec<Param> {
    request_form(assertion, &[scope::SCORE, scope::LINE_ITEM_READ, scope::SCORE])
}

fn verify(pairs: Vec<Param>) -> Result<ClientAssertion, TokenRefusal> {
    let expect = ExpectAssertion { audiences: &[ENDPOINT, PLATFORM], now: NOW, leeway: 60 };
    TokenRequest::parse(pairs)?.verify(key().public(), &expect)
}

fn with_claim(name: &str, value: impl Into<Value>) -> Result<ClientAssertion, TokenRefusal> {
    verify(form(&signed(with(written(), name, value))))
}

/// The assertion proves nothing, for this reason.
fn proves_nothing(name: &str, value: impl Into<Value>, reason: &Error) {
    assert_eq!(with_claim(name, value).unwrap_err(), TokenRefusal::from(reason.clone()), "{name}");
}

fn with_field(name: &str, value: Option<&str>) -> TokenError {
    let mut pairs = form(&signed(written()));
    pairs.retain(|(given, _)| given != name);
    pairs.extend(value.map(|value| pair(name, value)));
    verify(pairs).unwrap_err().code
}

#[test]
fn a_request_tells_what_the_tool_asks() {
    let request = TokenRequest::parse(form(&signed(written()))).unwrap();
    assert_eq!((request.client_id(), request.kid()), (CLIENT, key().kid()));
    let expected = ClientAssertion {
        client_id: CLIENT.into(),
        jti: "jti-1".into(),
        ends: NOW + 120,
        scopes: vec![scope::SCORE.into(), scope::LINE_ITEM_READ.into()],
        deployment_id: None,
    };
    assert_eq!(verify(form(&signed(written()))), Ok(expected));
    let deployed = with_claim(DEPLOYMENT_ID, "deployment-1").unwrap();
    assert_eq!(deployed.deployment_id.as_deref(), Some("deployment-1"));
}

#[test]
fn the_fields_are_those_of_client_credentials() {
    for name in ["grant_type", "client_assertion_type", "client_assertion", "scope"] {
        assert_eq!(with_field(name, None), TokenError::InvalidRequest, "{name}");
        assert_eq!(with_field(name, Some("")), TokenError::InvalidRequest, "{name}");
    }
    assert_eq!(with_field("grant_type", Some("password")), TokenError::UnsupportedGrantType);
    assert_eq!(with_field("client_assertion_type", Some("urn:other")), TokenError::InvalidRequest);
    assert_eq!(with_field("scope", Some(&"s".repeat(9000))), TokenError::InvalidRequest);
    assert_eq!(with_field("client_id", Some("tool-8")), TokenError::InvalidClient);
    let twice = [form(&signed(written())), vec![pair("scope", "x")]].concat();
    assert_eq!(verify(twice).unwrap_err().code, TokenError::InvalidRequest);
    let known = [form(&signed(written())), vec![pair("client_id", CLIENT)]].concat();
    assert!(verify(known).is_ok());
}

/// Attack C11.
#[test]
fn an_assertion_proves_who_asks() {
    for aud in [json!(ENDPOINT), json!(PLATFORM), json!([ENDPOINT]), json!([PLATFORM, ENDPOINT])] {
        assert!(with_claim("aud", aud).is_ok());
    }
    proves_nothing("aud", "https://exam.example/other", &Error::Audience);
    proves_nothing("aud", Value::Null, &Error::Missing("aud"));
    proves_nothing("sub", "tool-8", &Error::Subject);
    proves_nothing("sub", Value::Null, &Error::Missing("sub"));
    proves_nothing("iss", Value::Null, &Error::Missing("iss"));
    proves_nothing("jti", Value::Null, &Error::Missing("jti"));
    proves_nothing("jti", "j".repeat(256), &Error::Id("jti"));
    proves_nothing("iat", Value::Null, &Error::Missing("iat"));
    proves_nothing("exp", Value::Null, &Error::Missing("exp"));
    proves_nothing("exp", NOW - 60, &Error::Expired { expires: NOW - 60, now: NOW });
    proves_nothing("exp", NOW + 315_360_000, &Error::LongLife { life: 315_360_000, longest: 3600 });
    proves_nothing("exp", "1790000060", &Error::Form { claim: "exp", form: "a number of seconds since 1970" });
    proves_nothing(DEPLOYMENT_ID, 7, &Error::Id(DEPLOYMENT_ID));
}

#[test]
fn an_assertion_is_by_the_key_of_the_tool() {
    let forged_by = |token: &str| verify(form(token)).unwrap_err();
    let by_other = sign(&claims(written()), other_key()).unwrap();
    assert_eq!(forged_by(&by_other), Error::Signature.into());
    let none = forged(&json!({ "alg": "none", "kid": key().kid() }).to_string(), &written().to_string());
    assert_eq!(forged_by(&none), Error::Algorithm("none".into()).into());
    assert_eq!(forged_by("not a token"), Error::TokenParts.into());
    assert_eq!(forged_by(&"a".repeat(16 * 1024 + 1)), Error::TokenSize(16 * 1024).into());
    // Another tool's name on one's own key: the key that is looked up for that name does not match.
    let others_name = with(with(written(), "iss", "tool-8"), "sub", "tool-8");
    let stolen = TokenRequest::parse(form(&signed(others_name))).unwrap();
    assert_eq!(stolen.client_id(), "tool-8");
    let expect = ExpectAssertion { audiences: &[ENDPOINT], now: NOW, leeway: 60 };
    assert_eq!(stolen.verify(other_key().public(), &expect).unwrap_err(), Error::Signature.into());
}

/// Attack C12: a message is no assertion.
#[test]
fn a_message_is_no_assertion() {
    let message = serde_json::to_value(smallest().claims("n", NOW, 300).unwrap()).unwrap();
    let message = with(with(message, "iss", CLIENT), "aud", ENDPOINT);
    assert_eq!(verify(form(&signed(message))).unwrap_err(), Error::Missing("sub").into());
}

#[test]
fn scopes_are_cut_down_to_what_is_allowed() {
    let asked = |scopes: &[&str]| ClientAssertion {
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        ..verify(form(&signed(written()))).unwrap()
    };
    let every = asked(&[scope::SCORE, scope::ASSESSMENT_CONTROL, scope::LINE_ITEM_READ]);
    assert_eq!(every.granted(&[scope::SCORE, scope::RESULT_READ]), Ok(vec![scope::SCORE.into()]));
    assert_eq!(every.granted(&[scope::LINE_ITEM]), Ok(vec![scope::LINE_ITEM_READ.into()]));
    let write = asked(&[scope::LINE_ITEM]);
    for allowed in [&[scope::LINE_ITEM_READ][..], &[]] {
        assert_eq!(write.granted(allowed).unwrap_err().code, TokenError::InvalidScope);
    }
}

#[test]
fn a_refusal_is_json_of_allowed_characters() {
    let refusal = TokenRefusal::new(TokenError::UnauthorizedClient, "the \"tool\" is \\ off – now");
    let expected = json!({ "error": "unauthorized_client", "error_description": "the 'tool' is ' off ? now" });
    assert_eq!(refusal.to_json(), expected);
    assert_eq!(TokenRefusal::from(Error::Subject).to_json()["error"], "invalid_client");
}

fn response() -> TokenResponse {
    let scopes = vec![scope::SCORE.into(), scope::LINE_ITEM.into()];
    TokenResponse { access_token: Secret::new("opaque-token-0123456789"), expires_in: 3600, scopes }
}

#[test]
fn what_the_platform_answers_the_tool_reads() {
    let body = response().to_json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("bearer"), &json!(3600)));
    let read = TokenResponse::read(body.to_string().as_bytes(), &[]).unwrap();
    assert_eq!((read.access_token.reveal(), read.expires_in), ("opaque-token-0123456789", 3600));
    assert_eq!(read.scopes, response().scopes);
    assert!(!format!("{read:?}").contains("opaque"));
}

#[test]
fn platforms_write_tokens_in_several_ways() {
    let read = |name: &str, value: Value| {
        TokenResponse::read(with(response().to_json(), name, value).to_string().as_bytes(), &[scope::SCORE])
    };
    assert!(read("token_type", json!("Bearer")).is_ok());
    assert_eq!(read("expires_in", json!("60")).unwrap().expires_in, 60);
    assert_eq!(read("expires_in", Value::Null).unwrap().expires_in, 3600);
    assert_eq!(read("scope", Value::Null).unwrap().scopes, [scope::SCORE]);
    for (name, value) in [
        ("token_type", json!("mac")),
        ("token_type", Value::Null),
        ("access_token", Value::Null),
        ("access_token", json!("a b")),
        ("access_token", json!("a\r\nX: y")),
        ("access_token", json!("")),
        ("error", json!("invalid_client")),
    ] {
        assert!(matches!(read(name, value).unwrap_err(), Error::TokenAnswer(_)), "{name}");
    }
    let large = vec![b' '; 64 * 1024 + 1];
    for body in [&b"<html>"[..], b"", &large] {
        assert!(matches!(TokenResponse::read(body, &[]).unwrap_err(), Error::TokenAnswer(_)));
    }
}
