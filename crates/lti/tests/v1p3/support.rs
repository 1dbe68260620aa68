//! A platform, a tool, their keys, and what an attacker makes of them.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use examlink_lti::v1::oauth1::Param;
use examlink_lti::v1p3::jwk::SigningKey;
use examlink_lti::v1p3::jwt::{Claims, Expect, UnverifiedJwt, sign};
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

pub fn key() -> SigningKey {
    SigningKey::from_pkcs8(der()).unwrap()
}

/// The key of somebody else.
pub fn other_key() -> SigningKey {
    static DER: OnceLock<Vec<u8>> = OnceLock::new();
    SigningKey::from_pkcs8(DER.get_or_init(|| pkcs8(KeySize::Rsa2048))).unwrap()
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
    sign(&claims(value), &key()).unwrap()
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
    (name.into(), value.into())
}

/// The value of a field of a form.
pub fn field<'f>(fields: &'f [Param], name: &str) -> Option<&'f str> {
    fields.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
}
