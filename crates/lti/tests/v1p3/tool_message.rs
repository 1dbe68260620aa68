//! Attacks B7 and B8 on what a tool sends to the platform.

use examlink_lti::v1p3::claims::{DEPLOYMENT_ID, MESSAGE_TYPE, VERSION};
use examlink_lti::v1p3::jwt::sign;
use examlink_lti::v1p3::tool_message::{ExpectToolMessage, ToolEnvelope, ToolMessage, UnverifiedToolMessage, claims};
use examlink_lti::v1p3::{Error, Result};
use serde_json::Value;

use crate::support::{self, CLIENT, NONCE, NOW, PLATFORM, key, other_key, signed, smallest, with};

const TYPE: &str = "LtiDeepLinkingResponse";

fn written() -> Value {
    let envelope = ToolEnvelope {
        message_type: TYPE,
        client_id: CLIENT,
        issuer: PLATFORM,
        deployment_id: "deployment-1",
        nonce: NONCE,
    };
    serde_json::to_value(claims(&envelope, NOW, 300)).unwrap()
}

fn verify(token: &str) -> Result<ToolMessage> {
    let expect = ExpectToolMessage {
        message_type: TYPE,
        client_id: CLIENT,
        deployment_id: "deployment-1",
        issuer: PLATFORM,
        now: NOW,
        leeway: 60,
    };
    UnverifiedToolMessage::parse(token)?.verify(key().public(), &expect)
}

fn refusal(name: &str, value: impl Into<Value>) -> Error {
    verify(&signed(with(written(), name, value))).unwrap_err()
}

#[test]
fn what_a_tool_writes_the_platform_reads() {
    let token = signed(written());
    let unverified = UnverifiedToolMessage::parse(&token).unwrap();
    assert_eq!((unverified.client_id(), unverified.kid()), (Ok(CLIENT), key().kid()));
    assert_eq!(unverified.deployment_id(), Some("deployment-1"));
    let message = verify(&token).unwrap();
    assert_eq!((message.nonce.as_str(), message.ends), (NONCE, NOW + 360));
    assert_eq!(message.claims.text(MESSAGE_TYPE), Some(TYPE));
}

#[test]
fn a_message_is_taken_where_its_type_belongs() {
    assert_eq!(refusal(MESSAGE_TYPE, "LtiStartAssessment"), Error::MessageType("LtiStartAssessment".into()));
    assert_eq!(refusal(MESSAGE_TYPE, Value::Null), Error::Missing(MESSAGE_TYPE));
    assert_eq!(refusal(VERSION, "1.3"), Error::Version("1.3".into()));
}

#[test]
fn a_message_is_of_the_deployment_that_was_asked() {
    assert_eq!(refusal(DEPLOYMENT_ID, "deployment-2"), Error::Deployment);
    assert_eq!(refusal(DEPLOYMENT_ID, Value::Null), Error::Missing(DEPLOYMENT_ID));
}

#[test]
fn a_message_has_a_nonce_that_can_be_kept() {
    assert_eq!(refusal("nonce", Value::Null), Error::Missing("nonce"));
    assert_eq!(refusal("nonce", "n".repeat(256)), Error::Id("nonce"));
}

#[test]
fn a_message_is_by_this_tool_for_this_platform_and_now() {
    assert_eq!(refusal("iss", "tool-8"), Error::Issuer);
    assert_eq!(refusal("aud", "https://other.example"), Error::Audience);
    assert_eq!(refusal("exp", NOW - 60), Error::Expired { expires: NOW - 60, now: NOW });
    assert_eq!(refusal("iat", NOW + 3600), Error::FromTheFuture { issued: NOW + 3600, now: NOW });
    assert_eq!(refusal("exp", NOW + 3601), Error::LongLife { life: 3601, longest: 3600 });
    let forged = sign(&support::claims(written()), other_key()).unwrap();
    assert_eq!(verify(&forged).unwrap_err(), Error::Signature);
}

#[test]
fn our_own_message_comes_back_in_vain() {
    let ours = sign(&smallest().claims(NONCE, NOW, 300).unwrap(), key()).unwrap();
    assert_eq!(verify(&ours).unwrap_err(), Error::Issuer);
}
