use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use examlink_lti::Secret;
use examlink_lti::v1p3::Error;
use examlink_lti::v1p3::claims::{DEPLOYMENT_ID, LTI1P1};
use examlink_lti::v1p3::jwt::Claims;
use examlink_lti::v1p3::migration::{Migration, UnverifiedMigration};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{CLIENT, NONCE, NOW, PLATFORM, claims, fullest, with};

fn secret() -> Secret {
    Secret::new("old.secret")
}

fn old() -> Migration {
    Migration {
        consumer_key: "old-key".into(),
        user_id: Some("7".into()),
        resource_link_id: Some("12".into()),
        context_id: Some("3".into()),
        instance_guid: Some("lms.example".into()),
    }
}

fn message(migration: &Migration) -> Claims {
    let mut message = fullest().claims(NONCE, NOW, 300).unwrap();
    migration.write(&mut message, &secret()).unwrap();
    message
}

/// What the tool makes of a message whose claim `name` is another.
fn verify(name: &str, value: impl Into<Value>) -> Result<Migration, Error> {
    let changed = claims(with(serde_json::to_value(message(&old())).unwrap(), name, value));
    UnverifiedMigration::find(&changed).unwrap().verify(&secret(), CLIENT)
}

#[test]
fn the_claim_proves_what_things_were_called() {
    let message = message(&old());
    let mut mac = Hmac::<Sha256>::new_from_slice(b"old.secret").unwrap();
    mac.update(format!("old-key&deployment-1&{PLATFORM}&{CLIENT}&{}&{NONCE}", NOW + 300).as_bytes());
    let expected = json!({
        "user_id": "7", "oauth_consumer_key": "old-key", "resource_link_id": "12", "context_id": "3",
        "oauth_consumer_key_sign": STANDARD.encode(mac.finalize().into_bytes()),
        "tool_consumer_instance_guid": "lms.example",
    });
    assert_eq!(message.value(LTI1P1), Some(&expected));
    let found = UnverifiedMigration::find(&message).unwrap();
    assert_eq!(found.consumer_key(), "old-key");
    assert_eq!(found.verify(&secret(), CLIENT), Ok(old()));
}

#[test]
fn a_user_who_is_called_as_before_is_not_told() {
    let message = message(&Migration { user_id: Some("student-9".into()), ..old() });
    assert_eq!(message.object(LTI1P1).unwrap().get("user_id"), None);
}

#[test]
fn the_proof_serves_one_message_alone() {
    for (name, value) in [("nonce", json!("other")), ("exp", json!(NOW + 301)), (DEPLOYMENT_ID, json!("deployment-2"))]
    {
        assert_eq!(verify(name, value), Err(Error::MigrationProof), "{name}");
    }
    let message = message(&old());
    let found = UnverifiedMigration::find(&message).unwrap();
    assert_eq!(found.verify(&Secret::new("other"), CLIENT), Err(Error::MigrationProof));
    assert_eq!(found.verify(&secret(), "tool-8"), Err(Error::MigrationProof));
}

#[test]
fn a_claim_without_proof_proves_nothing() {
    let claim = |sign: &str| json!({ "oauth_consumer_key": "old-key", "oauth_consumer_key_sign": sign });
    assert_eq!(verify(LTI1P1, claim("")), Err(Error::Missing("oauth_consumer_key_sign")));
    assert_eq!(verify(LTI1P1, claim("not base64!")), Err(Error::MigrationProof));
    assert_eq!(verify(LTI1P1, claim("AAAA")), Err(Error::MigrationProof));
    for none in [json!({ "oauth_consumer_key_sign": "AAAA" }), json!("old-key"), Value::Null] {
        let message = claims(with(serde_json::to_value(message(&old())).unwrap(), LTI1P1, none));
        assert!(UnverifiedMigration::find(&message).is_none());
    }
}

#[test]
fn the_old_key_is_required() {
    let mut message = fullest().claims(NONCE, NOW, 300).unwrap();
    let error = Migration::default().write(&mut message, &secret()).unwrap_err();
    assert_eq!(error, Error::Missing("oauth_consumer_key"));
    let error = old().write(&mut Claims::default(), &secret()).unwrap_err();
    assert_eq!(error, Error::Missing("aud"));
}
