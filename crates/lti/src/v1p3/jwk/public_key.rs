//! A key that signatures are checked with.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, EllipticCurveKeyParameters, Jwk, PublicKeyUse,
    RSAKeyParameters, ThumbprintHash,
};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

use crate::v1p3::{Error, Result};

/// A public key that can check signatures: RSA of 2048 to 8192 bits for RS256, or P-256 for ES256.
#[derive(Clone, Debug)]
pub struct PublicKey {
    jwk: Jwk,
    algorithm: Algorithm,
    decoding: DecodingKey,
}

/// Members of a JWK that only the owner of the key may know (RFC 7518, sections 6.2.2, 6.3.2 and 6.4).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Members that make the key, and say what it is for.
const PUBLIC: [&str; 9] = ["kty", "n", "e", "crv", "x", "y", "use", "alg", "kid"];

/// How many bytes of an exponent are taken: larger ones only make the check slow.
const LONGEST_EXPONENT: usize = 4;

impl PublicKey {
    /// Reads a JSON Web Key. What it says beside the key itself, such as certificates, is passed over.
    ///
    /// Fails with the `Key` variants of [`Error`].
    pub fn from_jwk(value: &Value) -> Result<Self> {
        if let Some(member) = PRIVATE.into_iter().find(|member| value.get(member).is_some()) {
            return Err(Error::KeyPrivate(member));
        }
        let members =
            value.as_object().ok_or(Error::KeyKind)?.iter().filter(|(name, _)| PUBLIC.contains(&name.as_str()));
        let own: Map<String, Value> = members.map(|(name, value)| (name.clone(), value.clone())).collect();
        let jwk: Jwk = serde_json::from_value(own.into()).map_err(|_| Error::KeyKind)?;
        if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
            return Err(Error::KeyUse);
        }
        let (algorithm, parameters) = parameters(&jwk.algorithm)?;
        match jwk.common.key_algorithm {
            Some(said) if said != algorithm.into() => Err(Error::KeyKind),
            _ => Self::new(jwk.common.key_id, algorithm, parameters),
        }
    }

    /// Reads a key in PEM: `PUBLIC KEY` of either kind, or `RSA PUBLIC KEY`. Its `kid` is its thumbprint.
    ///
    /// Fails with the `Key` variants of [`Error`].
    pub fn from_pem(text: &str) -> Result<Self> {
        let der = der(text).ok_or(Error::KeyPem)?;
        match aws_lc_rs::rsa::PublicKey::from_der(&der) {
            Ok(key) => Self::named_by_thumbprint(Algorithm::RS256, rsa_of(&key)?),
            Err(_) => Self::named_by_thumbprint(Algorithm::ES256, point_in(&der).ok_or(Error::KeyPem)?),
        }
    }

    pub(super) fn from_rsa(key: &aws_lc_rs::rsa::PublicKey) -> Result<Self> {
        Self::named_by_thumbprint(Algorithm::RS256, rsa_of(key)?)
    }

    fn named_by_thumbprint(algorithm: Algorithm, parameters: AlgorithmParameters) -> Result<Self> {
        let mut key = Self::new(None, algorithm, parameters)?;
        key.jwk.common.key_id = Some(key.thumbprint()?);
        Ok(key)
    }

    fn new(kid: Option<String>, algorithm: Algorithm, parameters: AlgorithmParameters) -> Result<Self> {
        let common = CommonParameters {
            public_key_use: Some(PublicKeyUse::Signature),
            key_algorithm: Some(algorithm.into()),
            key_id: kid,
            ..CommonParameters::default()
        };
        let jwk = Jwk { common, algorithm: parameters };
        let decoding = DecodingKey::from_jwk(&jwk).map_err(|_| Error::KeyKind)?;
        Ok(Self { jwk, algorithm, decoding })
    }

    /// The id that tokens name the key by.
    pub fn kid(&self) -> Option<&str> {
        self.jwk.common.key_id.as_deref()
    }

    /// The SHA-256 thumbprint (RFC 7638) in base64url: the same for every writing of one key.
    pub fn thumbprint(&self) -> Result<String> {
        self.jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| Error::KeyKind)
    }

    /// The key as it is published: `kty`, its numbers, `kid`, `use` and `alg`.
    pub fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// Checks a signature, in base64url, over header and payload.
    ///
    /// Fails with [`Error::AlgorithmOfKey`] and [`Error::Signature`].
    pub(in crate::v1p3) fn verify(&self, algorithm: Algorithm, signed: &[u8], signature: &str) -> Result<()> {
        if algorithm != self.algorithm {
            return Err(Error::AlgorithmOfKey);
        }
        match jsonwebtoken::crypto::verify(signature, signed, &self.decoding, algorithm) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(Error::Signature),
        }
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.jwk == other.jwk
    }
}

impl Eq for PublicKey {}

/// The numbers of the key, each in its shortest writing, so that one key has one thumbprint.
fn parameters(given: &AlgorithmParameters) -> Result<(Algorithm, AlgorithmParameters)> {
    match given {
        AlgorithmParameters::RSA(key) => {
            let number = |name, text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::KeyNumber(name));
            Ok((Algorithm::RS256, rsa(&number("n", &key.n)?, &number("e", &key.e)?)?))
        }
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            let number = |name, text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::KeyNumber(name));
            Ok((Algorithm::ES256, point(&number("x", &key.x)?, &number("y", &key.y)?)?))
        }
        _ => Err(Error::KeyKind),
    }
}

fn rsa_of(key: &aws_lc_rs::rsa::PublicKey) -> Result<AlgorithmParameters> {
    rsa(key.modulus().big_endian_without_leading_zero(), key.exponent().big_endian_without_leading_zero())
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<AlgorithmParameters> {
    let (modulus, exponent) = (without_zeros(modulus), without_zeros(exponent));
    let bits = modulus.first().map_or(0, |first| modulus.len() * 8 - first.leading_zeros() as usize);
    if !(2048..=8192).contains(&bits) || is_even(modulus) {
        return Err(Error::KeyModulus(bits));
    }
    if exponent.is_empty() || exponent.len() > LONGEST_EXPONENT || is_even(exponent) || exponent == [1] {
        return Err(Error::KeyExponent);
    }
    Ok(AlgorithmParameters::RSA(RSAKeyParameters {
        n: URL_SAFE_NO_PAD.encode(modulus),
        e: URL_SAFE_NO_PAD.encode(exponent),
        ..RSAKeyParameters::default()
    }))
}

fn without_zeros(number: &[u8]) -> &[u8] {
    &number[number.iter().take_while(|byte| **byte == 0).count()..]
}

fn is_even(number: &[u8]) -> bool {
    number.last().is_none_or(|last| last % 2 == 0)
}

/// How many bytes a coordinate has on P-256.
const COORDINATE: usize = 32;

fn point(x: &[u8], y: &[u8]) -> Result<AlgorithmParameters> {
    // SEC 1, section 2.3.3: an uncompressed point is 4, x, y.
    let point = [&[4], x, y].concat();
    if x.len() != COORDINATE || ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).is_err() {
        return Err(Error::KeyPoint);
    }
    Ok(AlgorithmParameters::EllipticCurve(EllipticCurveKeyParameters {
        curve: EllipticCurve::P256,
        x: URL_SAFE_NO_PAD.encode(x),
        y: URL_SAFE_NO_PAD.encode(y),
        ..EllipticCurveKeyParameters::default()
    }))
}

/// The point of a key on P-256: with both coordinates written out, they are the end of its DER (RFC 5480, section 2.2).
fn point_in(der: &[u8]) -> Option<AlgorithmParameters> {
    ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, der).ok()?;
    let (rest, y) = der.split_at_checked(der.len().checked_sub(COORDINATE)?)?;
    let (_, x) = rest.split_at_checked(rest.len().checked_sub(COORDINATE)?)?;
    point(x, y).ok()
}

/// The bytes between the lines of a PEM (RFC 7468, section 3).
fn der(text: &str) -> Option<Vec<u8>> {
    let body = |label: &str| {
        let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
        Some(rest.split_once(&format!("-----END {label}-----"))?.0)
    };
    let body = body("PUBLIC KEY").or_else(|| body("RSA PUBLIC KEY"))?;
    STANDARD.decode(body.split_whitespace().collect::<String>()).ok()
}
