//! A platform, a tool, their keys, and what an attacker makes of them.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use examlink_lti::v1::launch::{Context, ContextType, DocumentTarget, Presentation, ResourceLink, ToolConsumer, User};
use examlink_lti::v1::oauth1::Param;
use examlink_lti::v1::roles::Role;
use examlink_lti::v1p3::claims::AGS_ENDPOINT;
use examlink_lti::v1p3::id_token::{IdToken, Lis, Profile};
use examlink_lti::v1p3::jwk::SigningKey;
use examlink_lti::v1p3::jwt::{Claims, Expect, UnverifiedJwt, sign};
use examlink_lti::v1p3::message::MessageType;
use examlink_lti::v1p3::{Error, Result};
use serde_json::{Value, json};

pub const PLATFORM: &str = "https://exam.example";
pub const CLIENT: &str = "tool-7";
pub const NONCE: &str = "8f2c01d5a7";
pub const NOW: u64 = 1_790_000_000;

/// A new private key in PKCS#8.
pub fn pkcs8(size: KeySize) -> Vec<u8> {
    let pair = RsaKeyPair::generate(size).unwrap();
    let der: Pkcs8V1Der = pair.as_der().unwrap();
    der.as_ref().to_vec()
}

/// The private key of the tool, or of the platform where the platform signs.
pub fn der() -> &'static [u8] {
    static DER: OnceLock<Vec<u8>> = OnceLock::new();
    DER.get_or_init(|| pkcs8(KeySize::Rsa2048))
}

pub fn key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::from_pkcs8(der()).unwrap())
}

/// The key of somebody else.
pub fn other_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::from_pkcs8(&pkcs8(KeySize::Rsa2048)).unwrap())
}

/// What the platform expects of the tool's tokens.
pub fn expect() -> Expect<'static> {
    Expect { issuer: CLIENT, audiences: &[PLATFORM], now: NOW, leeway: 60, longest_life: 3600 }
}

/// The claims that every token of the tool has.
pub fn tool_claims() -> Value {
    json!({ "iss": CLIENT, "aud": PLATFORM, "iat": NOW, "exp": NOW + 300, "nonce": NONCE })
}

/// `claims` with `name` set to `value`, or taken away by `null`.
pub fn with(mut claims: Value, name: &str, value: impl Into<Value>) -> Value {
    match value.into() {
        Value::Null => claims.as_object_mut().unwrap().remove(name),
        value => claims.as_object_mut().unwrap().insert(name.into(), value),
    };
    claims
}

pub fn claims(value: Value) -> Claims {
    serde_json::from_value(value).unwrap()
}

pub fn signed(value: Value) -> String {
    sign(&claims(value), key()).unwrap()
}

/// A token signed well whose header and payload are these texts.
pub fn forged(header: &str, payload: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let pair = RsaKeyPair::from_pkcs8(der()).unwrap();
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// What the platform makes of a token of the tool.
pub fn received(token: &str) -> Result<Claims> {
    UnverifiedJwt::parse(token)?.verify(key().public(), &expect())
}

/// What the platform says to a token of the tool that is signed well but breaks a rule.
pub fn refusal(name: &str, value: impl Into<Value>) -> Error {
    received(&signed(with(tool_claims(), name, value))).unwrap_err()
}

pub fn pair(name: &str, value: &str) -> Param {
    (name.to_owned().into(), value.into())
}

/// The value of a field of a form.
pub fn field<'f>(fields: &'f [Param], name: &str) -> Option<&'f str> {
    fields.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
}

/// A launch that says no more than it must.
pub fn smallest() -> IdToken {
    IdToken {
        issuer: PLATFORM.into(),
        client_id: CLIENT.into(),
        deployment_id: "deployment-1".into(),
        target_link_uri: "https://tool.example/quiz?unit=7".into(),
        message_type: MessageType::ResourceLink,
        resource_link: Some(ResourceLink { id: "link-1".into(), ..ResourceLink::default() }),
        user: User::default(),
        profile: Profile::default(),
        test_user: false,
        mentor_of: Vec::new(),
        context: Context::default(),
        platform: ToolConsumer::default(),
        presentation: Presentation::default(),
        lis: Lis::default(),
        custom: Vec::new(),
        services: Vec::new(),
        vendor: Vec::new(),
    }
}

/// A launch with every claim of the core.
pub fn fullest() -> IdToken {
    let text = |text: &str| Some(text.to_owned());
    IdToken {
        resource_link: Some(ResourceLink {
            id: "link-1".into(),
            title: text(" Circles & squares "),
            description: text("Two\nlines"),
        }),
        user: person(),
        profile: Profile {
            middle_name: text("King"),
            picture: text("https://exam.example/ada.png"),
            locale: text("en-GB"),
            zoneinfo: text("Europe/London"),
            phone_number: text("+44 1"),
            gender: text("female"),
        },
        mentor_of: vec!["student-1".into(), "student-2".into()],
        context: Context {
            id: text("exam-3"),
            kind: Some(ContextType::CourseSection),
            title: text("Algèbre 日本"),
            label: text("A1"),
        },
        platform: platform(),
        presentation: Presentation {
            locale: text("de"),
            document_target: Some(DocumentTarget::Iframe),
            width: Some(1024),
            height: Some(768),
            return_url: text("https://exam.example/return?session=4"),
            css_url: None,
        },
        lis: Lis { person: text("p-9"), course_offering: text("co-3"), course_section: text("cs-3") },
        custom: vec![pair("Review:Chapter", "1.2=56"), pair("empty", ""), pair("mail", "$Person.email.primary")],
        services: vec![(AGS_ENDPOINT, json!({ "lineitems": "https://exam.example/items", "scope": [] }))],
        vendor: vec![("https://exam.example/claim/seat".into(), json!({ "room": "B2" }))],
        ..smallest()
    }
}

fn person() -> User {
    let text = |text: &str| Some(text.to_owned());
    let roles =
        ["Learner", "Mentor", "urn:lti:role:ims/lis/TeachingAssistant/Grader", "urn:lti:instrole:ims/lis/Student"];
    User {
        id: text("student-9"),
        roles: roles.into_iter().filter_map(Role::parse).collect(),
        full_name: text("Ada King Lovelace"),
        given_name: text("Ada"),
        family_name: text("Lovelace "),
        email: text("ada@school.example"),
    }
}

fn platform() -> ToolConsumer {
    let text = |text: &str| Some(text.to_owned());
    ToolConsumer {
        product_family_code: text("examlink"),
        version: text("0.1.0"),
        instance_guid: text("institute-1.exam.example"),
        instance_name: text("School"),
        instance_description: text("A school"),
        instance_url: text("https://exam.example/"),
        instance_contact_email: text("help@exam.example"),
    }
}
