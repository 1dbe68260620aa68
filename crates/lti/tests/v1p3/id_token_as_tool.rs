//! Messages as a tool reads them.

use examlink_lti::v1::launch::{ContextType, DocumentTarget};
use examlink_lti::v1::roles::Role;
use examlink_lti::v1p3::claims::{DEPLOYMENT_ID, MESSAGE_TYPE, RESOURCE_LINK, ROLES, TARGET_LINK_URI, VERSION};
use examlink_lti::v1p3::id_token::{ExpectMessage, UnverifiedIdToken, VerifiedMessage};
use examlink_lti::v1p3::jwt::sign;
use examlink_lti::v1p3::message::MessageType;
use examlink_lti::v1p3::{Error, Result};
use serde_json::{Value, json};

use crate::support::{CLIENT, NONCE, NOW, PLATFORM, fullest, key, other_key, pair, signed, smallest, with};

fn expect() -> ExpectMessage<'static> {
    ExpectMessage { issuer: PLATFORM, client_id: CLIENT, nonce: NONCE, now: NOW, leeway: 60 }
}

fn received(value: Value) -> Result<VerifiedMessage> {
    UnverifiedIdToken::parse(&signed(value))?.verify(key().public(), &expect())
}

fn smallest_with(name: &str, value: impl Into<Value>) -> Result<VerifiedMessage> {
    received(with(serde_json::to_value(smallest().claims(NONCE, NOW, 300).unwrap()).unwrap(), name, value))
}

fn refusal(name: &str, value: impl Into<Value>) -> Error {
    smallest_with(name, value).unwrap_err()
}

#[test]
fn a_message_tells_what_the_platform_said() {
    let token = sign(&fullest().claims(NONCE, NOW, 300).unwrap(), key()).unwrap();
    let unverified = UnverifiedIdToken::parse(&token).unwrap();
    assert_eq!((unverified.issuer(), unverified.client_ids()), (Ok(PLATFORM), vec![CLIENT]));
    assert_eq!((unverified.kid(), unverified.deployment_id()), (key().kid(), Some("deployment-1")));
    let message = unverified.verify(key().public(), &expect()).unwrap();
    assert_eq!((message.message_type(), message.deployment_id()), (MessageType::ResourceLink, "deployment-1"));
    assert_eq!((message.user_id(), message.claims().text("email")), (Some("student-9"), Some("ada@school.example")));
    assert_eq!(message.target_link_uri(), Some("https://tool.example/quiz?unit=7"));
    assert_eq!((message.roles()[0], message.roles().len()), (Role::LEARNER, 5));
    assert_eq!(message.resource_link().unwrap().title.as_deref(), Some("Circles & squares"));
    let context = message.context().unwrap();
    assert_eq!((context.id.as_deref(), context.kind), (Some("exam-3"), Some(ContextType::CourseSection)));
    assert_eq!(message.return_url(), Some("https://exam.example/return?session=4"));
    assert_eq!((message.document_target(), message.locale()), (Some(DocumentTarget::Iframe), Some("de")));
    assert!(message.custom().contains(&pair("Review:Chapter", "1.2=56")));
}

#[test]
fn a_message_may_say_no_more_than_it_must() {
    let message = received(serde_json::to_value(smallest().claims(NONCE, NOW, 300).unwrap()).unwrap()).unwrap();
    assert_eq!((message.user_id(), message.return_url(), message.locale()), (None, None, None));
    assert!(message.context().is_none() && message.custom().is_empty() && message.roles().is_empty());
}

#[test]
fn what_every_message_says_is_required() {
    for name in [
        "iss",
        "aud",
        "iat",
        "exp",
        "nonce",
        MESSAGE_TYPE,
        VERSION,
        DEPLOYMENT_ID,
        ROLES,
        RESOURCE_LINK,
        TARGET_LINK_URI,
    ] {
        assert_eq!(refusal(name, Value::Null), Error::Missing(name));
    }
    assert_eq!(refusal(VERSION, "1.1"), Error::Version("1.1".into()));
    assert_eq!(refusal(MESSAGE_TYPE, "LtiDeepLinkingResponse"), Error::MessageType("LtiDeepLinkingResponse".into()));
    assert_eq!(refusal(DEPLOYMENT_ID, "i".repeat(256)), Error::Id(DEPLOYMENT_ID));
    assert_eq!(refusal("sub", "é"), Error::Id("sub"));
    assert_eq!(refusal("sub", 7), Error::Id("sub"));
    assert_eq!(refusal(RESOURCE_LINK, json!({ "title": "x" })), Error::Id(RESOURCE_LINK));
    for roles in [json!("Learner"), json!([7])] {
        assert_eq!(refusal(ROLES, roles), Error::Form { claim: ROLES, form: "a list of texts" });
    }
}

/// Attack A6: a token for one tool is none for another.
#[test]
fn a_token_is_for_one_registration() {
    assert_eq!(refusal("aud", "tool-8"), Error::Audience);
    let both = json!([CLIENT, "tool-8"]);
    assert!(smallest_with("aud", both.clone()).is_ok(), "azp says that it was made for us");
    let mut others = serde_json::to_value(smallest().claims(NONCE, NOW, 300).unwrap()).unwrap();
    others = with(with(others, "aud", both), "azp", Value::Null);
    assert_eq!(received(others).unwrap_err(), Error::AudienceOfOthers);
}

#[test]
fn the_authorized_party_is_us() {
    assert!(smallest_with("azp", Value::Null).is_ok());
    assert_eq!(refusal("azp", "tool-8"), Error::AuthorizedParty);
}

#[test]
fn the_nonce_is_the_one_of_the_request() {
    assert_eq!(refusal("nonce", "other"), Error::Nonce);
}

#[test]
fn the_key_is_the_one_of_the_platform() {
    let token = sign(&smallest().claims(NONCE, NOW, 300).unwrap(), other_key()).unwrap();
    let error = UnverifiedIdToken::parse(&token).unwrap().verify(key().public(), &expect()).unwrap_err();
    assert_eq!(error, Error::Signature);
    assert_eq!(refusal("iss", "https://other.example"), Error::Issuer);
}

#[test]
fn a_token_lives_two_hours_at_most() {
    assert!(smallest_with("exp", NOW + 7200).is_ok());
    assert_eq!(refusal("exp", NOW + 7201), Error::LongLife { life: 7201, longest: 7200 });
}

#[test]
fn scripts_and_what_is_no_text_are_passed_over() {
    let presentation = "https://purl.imsglobal.org/spec/lti/claim/launch_presentation";
    let custom = "https://purl.imsglobal.org/spec/lti/claim/custom";
    let message = smallest_with(presentation, json!({ "return_url": "javascript:alert(1)" })).unwrap();
    assert_eq!(message.return_url(), None);
    let message = smallest_with(custom, json!({ "a": 1, "b": null, "c": "x" })).unwrap();
    assert_eq!(message.custom(), [pair("c", "x")]);
}
