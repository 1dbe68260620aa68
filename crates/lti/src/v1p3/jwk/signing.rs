//! The key that we sign with.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::PublicKey;
use crate::v1p3::{Error, Result};

/// A private RSA key, read once and then ready: reading it costs as much as a signature. It prints as its `kid`.
pub struct SigningKey {
    pair: RsaKeyPair,
    public: PublicKey,
    kid: String,
    header: String,
}

impl SigningKey {
    /// Reads a private key in PKCS#8, DER. Its `kid` is its thumbprint (RFC 7638), so no two keys can share one.
    ///
    /// Fails with [`Error::KeyPkcs8`].
    pub fn from_pkcs8(der: &[u8]) -> Result<Self> {
        let pair = RsaKeyPair::from_pkcs8(der).map_err(|_| Error::KeyPkcs8)?;
        let public = PublicKey::from_rsa(pair.public_key())?;
        let kid = public.thumbprint()?;
        let header = json!({ "alg": "RS256", "kid": kid, "typ": "JWT" }).to_string();
        Ok(Self { pair, public, kid, header: URL_SAFE_NO_PAD.encode(header) })
    }

    /// The id that our tokens name the key by.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public part, as it is published.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The header of every token that this key signs, in base64url.
    pub(in crate::v1p3) fn header(&self) -> &str {
        &self.header
    }

    /// The signature by RS256. Its only randomness is what the library blinds the private key with.
    pub(in crate::v1p3) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let signed = self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature);
        signed.map(|()| signature).map_err(|_| Error::Signing)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey").field(&self.kid).finish()
    }
}
