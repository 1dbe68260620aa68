//! The whole way of a message: made by one side, signed, checked and read by the other.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use examlink_lti::v1p3::deep_linking::{self, Asked, ContentItem, ItemType, Kind, Response, Settings};
use examlink_lti::v1p3::jwk::SigningKey;
use examlink_lti::v1p3::jwt::sign;
use examlink_lti::v1p3::proctoring::{self, StartAssessment, Started, session_data};
use examlink_lti::v1p3::tool_message::{
    ExpectToolMessage, ToolEnvelope, ToolMessage, UnverifiedToolMessage, claims as envelope,
};
use examlink_lti::v1p3::{Error, Result, claims};
use serde_json::{Value, json};

const PLATFORM: &str = "https://exam.example";
const CLIENT: &str = "tool-7";
const NOW: u64 = 1_790_000_000;

fn key() -> SigningKey {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'static> = pair.as_der().unwrap();
    SigningKey::from_pkcs8(der.as_ref()).unwrap()
}

/// What arrives at the address that takes one type when a tool posts another, or the same.
fn posted(sent: &'static str, taken: &'static str, message: Vec<(&'static str, Value)>) -> Result<ToolMessage> {
    let key = key();
    let tool =
        ToolEnvelope { message_type: sent, client_id: CLIENT, issuer: PLATFORM, deployment_id: "d-1", nonce: "n-1" };
    let mut claims = envelope(&tool, NOW, 300);
    claims.extend(message);
    let signed = sign(&claims, &key)?;
    let expect = ExpectToolMessage {
        message_type: taken,
        client_id: CLIENT,
        deployment_id: "d-1",
        issuer: PLATFORM,
        now: NOW,
        leeway: 60,
    };
    UnverifiedToolMessage::parse(&signed)?.verify(key.public(), &expect)
}

fn response() -> Response {
    let page = Kind::Html("<p>Read this</p>".into());
    let item = ContentItem { title: Some("Page".into()), text: None, icon: None, thumbnail: None, kind: page };
    Response { items: vec![item], ..Response::default() }
}

#[test]
fn a_tool_chooses_and_the_platform_reads_it() {
    let taken = deep_linking::RESPONSE_TYPE;
    let message = posted(taken, taken, response().claims(Some("opaque-1"))).unwrap();
    let settings =
        Settings { accept_types: vec![ItemType::Html], data: Some("opaque-1".into()), ..Settings::default() };
    assert_eq!(Response::read(&message, &Asked { settings: &settings, allow_http: false }), Ok(response()));
}

#[test]
fn a_tool_lets_an_assessment_begin() {
    let taken = proctoring::START_ASSESSMENT_TYPE;
    let said = vec![
        (claims::SESSION_DATA, json!("secret-1")),
        (claims::RESOURCE_LINK, json!({ "id": "link-1" })),
        (claims::ATTEMPT_NUMBER, json!(1)),
    ];
    let message = posted(taken, taken, said).unwrap();
    assert_eq!(session_data(&message).unwrap(), "secret-1");
    let started = Started { session_data: "secret-1", resource_link_id: "link-1", attempt_number: 1, picture: None };
    assert_eq!(StartAssessment::read(&message, &started), Ok(StartAssessment::default()));
}

#[test]
fn a_choice_begins_no_assessment_and_the_other_way_round() {
    let (choice, start) = (deep_linking::RESPONSE_TYPE, proctoring::START_ASSESSMENT_TYPE);
    for (sent, taken) in [(choice, start), (start, choice)] {
        let refused = posted(sent, taken, response().claims(None)).map(|_| ());
        assert_eq!(refused, Err(Error::MessageType(sent.into())));
    }
}
