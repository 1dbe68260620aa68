//! Moving from LTI 1.1 (LTI 1.3 migration guide): a message says what the same person and place were called before, and
//! proves it with the old secret.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use super::claims::{AUDIENCE, DEPLOYMENT_ID, EXPIRES, ISSUER, LTI1P1, NONCE, SUBJECT};
use super::jwt::Claims;
use super::{Error, Result};
use crate::Secret;
use crate::v1::oauth1::hmac_sha256;

/// What LTI 1.1 called the same person and place; what is `None` was called as it is now, or is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migration {
    /// `oauth_consumer_key`, required.
    pub consumer_key: String,
    /// `user_id`; sent only where it is another than now.
    pub user_id: Option<String>,
    /// `resource_link_id`.
    pub resource_link_id: Option<String>,
    /// `context_id`.
    pub context_id: Option<String>,
    /// `tool_consumer_instance_guid`.
    pub instance_guid: Option<String>,
}

impl Migration {
    /// Adds the claim to a message that is ready to be signed: the proof covers its deployment, issuer, client, end and
    /// nonce, so it serves no other message.
    ///
    /// Fails with [`Error::Missing`].
    pub fn write(&self, claims: &mut Claims, secret: &Secret) -> Result<()> {
        if self.consumer_key.is_empty() {
            return Err(Error::Missing("oauth_consumer_key"));
        }
        let client_id = claims.required_text(AUDIENCE)?.to_owned();
        let proof = STANDARD.encode(proof(claims, &self.consumer_key, &client_id, secret)?);
        let changed = self.user_id.as_deref().filter(|id| claims.text(SUBJECT) != Some(id));
        let members = [
            ("user_id", changed),
            ("oauth_consumer_key", Some(self.consumer_key.as_str())),
            ("oauth_consumer_key_sign", Some(&proof)),
            ("resource_link_id", self.resource_link_id.as_deref()),
            ("context_id", self.context_id.as_deref()),
            ("tool_consumer_instance_guid", self.instance_guid.as_deref()),
        ];
        let said = members.into_iter().filter_map(|(name, text)| Some((name.to_owned(), Value::from(text?))));
        claims.put(LTI1P1, said.collect::<Map<_, _>>());
        Ok(())
    }
}

/// The claim of a verified message whose proof nobody has checked yet. It tells only whose secret it claims to be by.
#[derive(Clone, Copy, Debug)]
pub struct UnverifiedMigration<'c> {
    claims: &'c Claims,
    members: &'c Map<String, Value>,
    consumer_key: &'c str,
}

impl<'c> UnverifiedMigration<'c> {
    /// Looks for the claim in a message that is verified. A claim without a key proves nothing, and is as good as none.
    pub fn find(claims: &'c Claims) -> Option<Self> {
        let members = claims.object(LTI1P1)?;
        Some(Self { claims, members, consumer_key: text(members, "oauth_consumer_key")? })
    }

    /// The key that the platform claims to hold the secret of.
    pub fn consumer_key(&self) -> &str {
        self.consumer_key
    }

    /// Checks the proof; `client_id` is our name at the platform.
    ///
    /// Fails with [`Error::Missing`] and [`Error::MigrationProof`].
    pub fn verify(self, secret: &Secret, client_id: &str) -> Result<Migration> {
        let said = text(self.members, "oauth_consumer_key_sign").ok_or(Error::Missing("oauth_consumer_key_sign"))?;
        let said = STANDARD.decode(said).map_err(|_| Error::MigrationProof)?;
        if !bool::from(proof(self.claims, self.consumer_key, client_id, secret)?.ct_eq(&said)) {
            return Err(Error::MigrationProof);
        }
        let member = |name| text(self.members, name).map(str::to_owned);
        Ok(Migration {
            consumer_key: self.consumer_key.to_owned(),
            user_id: member("user_id"),
            resource_link_id: member("resource_link_id"),
            context_id: member("context_id"),
            instance_guid: member("tool_consumer_instance_guid"),
        })
    }
}

fn text<'c>(members: &'c Map<String, Value>, name: &str) -> Option<&'c str> {
    members.get(name)?.as_str().filter(|text| !text.is_empty())
}

fn proof(claims: &Claims, consumer_key: &str, client_id: &str, secret: &Secret) -> Result<Vec<u8>> {
    let ends = claims.seconds(EXPIRES)?.ok_or(Error::Missing(EXPIRES))?.to_string();
    let parts = [
        consumer_key,
        claims.required_text(DEPLOYMENT_ID)?,
        claims.required_text(ISSUER)?,
        client_id,
        &ends,
        claims.required_text(NONCE)?,
    ];
    Ok(hmac_sha256(secret, &parts.join("&")))
}
