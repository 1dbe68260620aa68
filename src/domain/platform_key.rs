//! The key pairs by which this installation signs what it sends by LTI 1.3 (Security Framework 1.0, section 6.3).
//!
//! One pair signs and the next one is published already: tools keep what they once fetched. A pair that has done its work
//! stays published until the last token that it signed has ended.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;
use examlink_lti::v1p3::jwk::SigningKey;

use crate::domain::id::PlatformKeyId;
use crate::domain::secret::{Keyring, Place, Sealed, Secret};
use crate::domain::time::{Span, Timestamp};
use crate::domain::{Error, Result};
use crate::schema::platform_keys;

/// How long a pair signs.
pub const SIGNS_FOR: Span = Span::hours(24 * 90);
/// How long a pair stays published after the next one began: longer than any token lives.
const OVERLAP: Span = Span::hours(24);

/// A key pair.
#[derive(Clone, Debug, Queryable, Selectable, Identifiable)]
#[diesel(table_name = platform_keys)]
pub struct PlatformKey {
    /// Its number.
    pub id: PlatformKeyId,
    /// PKCS#8 in base64, sealed.
    pub private_key: Sealed,
    /// The JSON Web Key that is published.
    pub public_key: String,
    /// It signs from this time on, until a later one does.
    pub signs_from: Timestamp,
    /// It is published until this time; `None` while it signs or will.
    pub published_until: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A key pair that is about to be stored.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = platform_keys, treat_none_as_default_value = false)]
pub struct NewPlatformKey {
    /// [`Sealed::pending`] until the id is known.
    pub private_key: Sealed,
    /// The JSON Web Key that is published.
    pub public_key: String,
    /// When it begins to sign.
    pub signs_from: Timestamp,
    /// Now.
    pub created_at: Timestamp,
}

/// A pair that was just made and is in no row yet.
pub struct NewPair {
    /// PKCS#8 in base64.
    pub private: Secret,
    /// The JSON Web Key.
    pub public: String,
}

impl NewPair {
    /// Reads what a generator made: PKCS#8, DER.
    pub fn read(pkcs8: &[u8]) -> Result<Self> {
        let key = SigningKey::from_pkcs8(pkcs8).map_err(broken)?;
        let public = serde_json::to_string(key.public().jwk()).map_err(broken)?;
        Ok(Self { private: Secret::new(STANDARD.encode(pkcs8)), public })
    }
}

impl PlatformKey {
    /// Opens it, ready to sign.
    pub fn open(&self, keys: &Keyring) -> Result<SigningKey> {
        let der = STANDARD.decode(keys.open(&self.private_key, place(self.id))?.reveal()).map_err(broken)?;
        SigningKey::from_pkcs8(&der).map_err(broken)
    }
}

/// Where a private key is sealed. It belongs to no institute.
pub const fn place(id: PlatformKeyId) -> Place {
    Place { column: "platform_keys.private_key", row: id.0, institute: 0 }
}

/// The pair that signs now, among those that are published, the oldest first.
pub fn signing(published: &[PlatformKey], now: Timestamp) -> Option<&PlatformKey> {
    published.iter().rev().find(|key| key.signs_from <= now)
}

/// Whether a pair must be made: there is none yet, or the newest signs already and the next one should be published.
pub fn is_due(published: &[PlatformKey], now: Timestamp) -> bool {
    published.last().is_none_or(|newest| newest.signs_from <= now)
}

/// When the pair that is made next begins to sign: the first at once, every other one when its predecessor has done its
/// time.
pub fn begins(published: &[PlatformKey], now: Timestamp) -> Timestamp {
    published.last().map_or(now, |newest| newest.signs_from.max(now) + SIGNS_FOR)
}

/// Until when a pair is published whose successor begins at this time.
pub fn published_after(successor: Timestamp) -> Timestamp {
    successor + OVERLAP
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("a key of the platform is not usable: {error}"))
}
