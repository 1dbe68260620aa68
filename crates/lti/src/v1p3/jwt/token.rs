//! The compact form of a token (RFC 7515, section 3.1).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Claims, Expect};
use crate::v1p3::claims::ISSUER;
use crate::v1p3::jwk::{PublicKey, SigningKey};
use crate::v1p3::{Error, Result};

/// The longest token that is taken, in bytes: deep links carry many items.
pub const LONGEST: usize = 512 * 1024;

/// The longest `kid`, in bytes.
const LONGEST_KID: usize = 255;

/// The longest header that is shown, in bytes as it is written.
const LONGEST_HEADER: usize = 16 * 1024;

/// Signs claims by RS256, with `kid` and `typ` in the header. Fails with [`Error::Signing`].
pub fn sign(claims: &Claims, key: &SigningKey) -> Result<String> {
    let payload = serde_json::to_vec(claims).map_err(|_| Error::Signing)?;
    let mut token = format!("{}.{}", key.header(), URL_SAFE_NO_PAD.encode(payload));
    let signature = key.sign(token.as_bytes())?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(token)
}

/// What a token says of its signature (`alg`, `kid`, `typ`, as far as they are short texts), for people who look for a fault:
/// nobody has checked it. `None` where it cannot be read.
pub fn header_of(token: &str) -> Option<Map<String, Value>> {
    let (header, _) = token.split_once('.').filter(|(header, _)| header.len() <= LONGEST_HEADER)?;
    let header: Map<String, Value> = json(header, "header").ok()?;
    let shown = |(name, value): &(String, Value)| {
        ["alg", "kid", "typ"].contains(&name.as_str()) && value.as_str().is_some_and(|text| text.len() <= LONGEST_KID)
    };
    Some(header.into_iter().filter(shown).collect())
}

/// A token that nobody has checked yet. It tells only whose it claims to be, so that the key can be looked up.
///
/// Whatever key the header brings along (`jwk`, `jku`, `x5c`, `x5u`) is passed over: the key is one that was registered.
#[derive(Clone, Debug)]
pub struct UnverifiedJwt {
    token: String,
    algorithm: Algorithm,
    kid: String,
    claims: Claims,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

impl UnverifiedJwt {
    /// Reads a token in the compact form.
    ///
    /// Fails with [`Error::TokenSize`], [`Error::TokenParts`], [`Error::TokenPart`], [`Error::Algorithm`],
    /// [`Error::Critical`] and [`Error::Kid`].
    pub fn parse(token: &str) -> Result<Self> {
        if token.len() > LONGEST {
            return Err(Error::TokenSize(LONGEST));
        }
        let parts: Vec<&str> = token.splitn(4, '.').collect();
        let [header, payload, _signature] = parts[..] else { return Err(Error::TokenParts) };
        let header: Header = json(header, "header")?;
        let algorithm = algorithm(&header.alg)?;
        if header.crit.is_some() {
            return Err(Error::Critical);
        }
        let kid = header.kid.filter(|kid| (1..=LONGEST_KID).contains(&kid.len())).ok_or(Error::Kid)?;
        Ok(Self { token: token.to_owned(), algorithm, kid, claims: json(payload, "payload")? })
    }

    /// The id of the key that the sender claims to have signed with.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Who the sender claims to be. Fails with [`Error::Missing`].
    pub fn issuer(&self) -> Result<&str> {
        self.claims.required_text(ISSUER)
    }

    /// What the sender claims; only to look up a registration by.
    pub(in crate::v1p3) fn unverified(&self) -> &Claims {
        &self.claims
    }

    /// Checks the signature, and then what the token says of itself. The caller records `nonce` or `jti` afterwards, and
    /// refuses one that it knows.
    ///
    /// Fails with [`Error::AlgorithmOfKey`], [`Error::Signature`], [`Error::Missing`], [`Error::Form`],
    /// [`Error::Issuer`], [`Error::Audience`], [`Error::AudienceOfOthers`], [`Error::Expired`], [`Error::LongLife`],
    /// [`Error::FromTheFuture`] and [`Error::NotYet`].
    pub fn verify(self, key: &PublicKey, expect: &Expect<'_>) -> Result<Claims> {
        let (signed, signature) = self.token.rsplit_once('.').ok_or(Error::TokenParts)?;
        key.verify(self.algorithm, signed.as_bytes(), signature)?;
        expect.check(&self.claims)?;
        Ok(self.claims)
    }
}

fn algorithm(name: &str) -> Result<Algorithm> {
    match name {
        "RS256" => Ok(Algorithm::RS256),
        "ES256" => Ok(Algorithm::ES256),
        other => Err(Error::Algorithm(other.chars().take(20).collect())),
    }
}

fn json<T: DeserializeOwned>(text: &str, part: &'static str) -> Result<T> {
    let broken = |why: String| Error::TokenPart { part, why };
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|error| broken(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))
}
