//! Secrets: how they are held in memory, sealed at rest, and kept out of logs.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::clock::Random;
use crate::domain::{Error, Result};

pub use examlink_lti::Secret;

/// A new secret of 256 random bits, as 64 hex digits: safe in a URL, a header and a shell.
pub fn random_secret(random: Random) -> Result<Secret> {
    Ok(Secret::new(random.hex::<32>()?))
}

/// The SHA-256 of a token: finds the token's row and opens nothing. In the database 64 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// What is stored of a random token. It holds 256 random bits, so a slow hash would add nothing.
    pub fn of(token: &Secret) -> Self {
        Self(Sha256::digest(token.reveal().as_bytes()).into())
    }

    /// The form in the database.
    pub fn to_hex(self) -> String {
        hex::encode(self.0)
    }
}

/// A sealed secret as it stands in the database: `<key id>.<base64 of nonce and ciphertext>`.
#[derive(Clone, PartialEq, Eq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct Sealed(String);

column!(Sealed, diesel::sql_types::Text, str, |text| Ok(Self(text)), |sealed| sealed.0.as_str());

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sealed")
    }
}

impl Sealed {
    /// Holds a row's place between its insertion and the sealing under its id, in one transaction. Opens to nothing.
    pub fn pending() -> Self {
        Self(String::new())
    }

    /// The form in a message or an address: hex digits.
    pub fn to_hex(&self) -> String {
        hex::encode(&self.0)
    }

    /// What may have been written so. Whether it was, opening it tells.
    pub fn from_hex(text: &str) -> Option<Self> {
        String::from_utf8(hex::decode(text).ok()?).ok().map(Self)
    }
}

/// Where a sealed secret belongs. A ciphertext that is moved to another row, column or institute does not open there.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Table and column, such as `tool_providers.oauth_consumer_secret`.
    pub column: &'static str,
    /// The row's id.
    pub row: i64,
    /// The row's institute; 0 for a superuser's.
    pub institute: i64,
}

/// The master key: seals every secret that must be read again (XChaCha20-Poly1305).
#[derive(Clone)]
pub struct Keyring {
    id: String,
    cipher: XChaCha20Poly1305,
    tickets: Hmac<Sha256>,
    random: Random,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({})", self.id)
    }
}

/// Why a master key cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "the master key must be 32 bytes in base64 (make one with: openssl rand -base64 32), and not one byte repeated"
)]
pub struct BadMasterKey;

impl Keyring {
    /// Reads a master key of 32 bytes in base64. A key of one repeated byte is a placeholder and refused.
    pub fn parse(text: &str, random: Random) -> Result<Self, BadMasterKey> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| BadMasterKey)?);
        let key: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| BadMasterKey)?;
        if key.iter().all(|byte| *byte == key[0]) {
            return Err(BadMasterKey);
        }
        let id = hex::encode(&Sha256::new().chain_update(b"examlink key id").chain_update(key).finalize()[..4]);
        let tickets = mac_key(key).chain_update(b"examlink tickets").finalize().into_bytes();
        Ok(Self { id, cipher: XChaCha20Poly1305::new(&Key::from(*key)), tickets: mac_key(&tickets), random })
    }

    /// 128 bits in hex that only this key makes of a text: proof that the text came from here. `purpose` keeps the
    /// tickets of one use from another.
    pub fn ticket(&self, purpose: &str, text: &str) -> String {
        let mac =
            self.tickets.clone().chain_update(purpose).chain_update([0]).chain_update(text).finalize().into_bytes();
        hex::encode(&mac[..16])
    }

    /// Whether `ticket` is this key's for the text, in constant time.
    pub fn is_ticket(&self, ticket: &str, purpose: &str, text: &str) -> bool {
        self.ticket(purpose, text).as_bytes().ct_eq(ticket.as_bytes()).into()
    }

    /// A short name of the key that tells nothing about it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Seals `secret` for one place.
    pub fn seal(&self, secret: &Secret, place: Place) -> Result<Sealed> {
        let nonce = self.random.bytes::<24>()?;
        let bound = self.bound_to(place);
        let payload = Payload { msg: secret.reveal().as_bytes(), aad: bound.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| broken(place))?;
        Ok(Sealed(format!("{}.{}", self.id, STANDARD.encode([nonce.as_slice(), &sealed].concat()))))
    }

    /// Opens what was sealed for this very place.
    pub fn open(&self, sealed: &Sealed, place: Place) -> Result<Secret> {
        let text =
            sealed.0.strip_prefix(&self.id).and_then(|rest| rest.strip_prefix('.')).ok_or_else(|| broken(place))?;
        let bytes = STANDARD.decode(text).map_err(|_| broken(place))?;
        let (nonce, message) = bytes.split_first_chunk::<24>().ok_or_else(|| broken(place))?;
        let bound = self.bound_to(place);
        let payload = Payload { msg: message, aad: bound.as_bytes() };
        let clear = self.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| broken(place))?;
        String::from_utf8(clear).map(Secret::new).map_err(|_| broken(place))
    }

    /// The additional data: a change of any part of it keeps the secret shut.
    fn bound_to(&self, place: Place) -> String {
        format!("{}|{}|{}|{}", place.column, place.row, place.institute, self.id)
    }
}

fn mac_key(key: &[u8]) -> Hmac<Sha256> {
    // HMAC takes a key of any length; 32 bytes always make one.
    Hmac::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&hmac::digest::Key::<Hmac<Sha256>>::default()))
}

fn broken(place: Place) -> Error {
    Error::Internal(format!("the secret {} of row {} does not open with this master key", place.column, place.row))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place { column: "users.secret_key", row: 7, institute: 1 };

    fn keyring(byte: u8) -> Keyring {
        let mut key = [byte; 32];
        key[0] = !byte;
        Keyring::parse(&STANDARD.encode(key), Random).unwrap()
    }

    #[test]
    fn key_01_a_sealed_secret_opens_only_in_its_place() {
        let (keys, secret) = (keyring(1), Secret::new("marker"));
        let sealed = keys.seal(&secret, PLACE).unwrap();
        assert_eq!(keys.open(&sealed, PLACE).unwrap().reveal(), "marker");
        let elsewhere = [
            Place { row: 8, ..PLACE },
            Place { institute: 2, ..PLACE },
            Place { column: "tool_providers.oauth_consumer_secret", ..PLACE },
        ];
        for place in elsewhere {
            assert!(keys.open(&sealed, place).is_err(), "{place:?}");
        }
        assert!(keyring(2).open(&sealed, PLACE).is_err());
    }

    #[test]
    fn a_secret_seals_differently_every_time_and_never_prints() {
        let (keys, secret) = (keyring(1), Secret::new("marker"));
        assert_ne!(keys.seal(&secret, PLACE).unwrap().0, keys.seal(&secret, PLACE).unwrap().0);
        assert_eq!(format!("{secret:?} {:?}", keys.seal(&secret, PLACE).unwrap()), "*** sealed");
    }

    #[test]
    fn key_04_only_32_bytes_that_are_no_placeholder_make_a_master_key() {
        for bad in ["", "short", &STANDARD.encode([0; 32]), &STANDARD.encode([65; 32]), &STANDARD.encode([1; 31])] {
            assert!(Keyring::parse(bad, Random).is_err(), "{bad}");
        }
    }
}
