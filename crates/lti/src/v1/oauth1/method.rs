//! The signature methods and the key they take (RFC 5849 section 3.4.2).

use std::fmt;
use std::str::FromStr;

use hmac::digest::Key;
use hmac::{EagerHash, Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use super::percent_encode;
use crate::{Error, Secret};

/// How a message is signed. Every tool takes HMAC-SHA1; the others are for tools that are known to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignatureMethod {
    /// `HMAC-SHA1`, RFC 5849 section 3.4.2.
    #[default]
    HmacSha1,
    /// `HMAC-SHA256`, its successor in practice; no RFC.
    HmacSha256,
    /// `HMAC-SHA512`; no RFC.
    HmacSha512,
}

impl SignatureMethod {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HmacSha1 => "HMAC-SHA1",
            Self::HmacSha256 => "HMAC-SHA256",
            Self::HmacSha512 => "HMAC-SHA512",
        }
    }

    pub(super) fn mac(self, key: &SigningKey, text: &str) -> Vec<u8> {
        match self {
            Self::HmacSha1 => mac::<Sha1>(key, text),
            Self::HmacSha256 => mac::<Sha256>(key, text),
            Self::HmacSha512 => mac::<Sha512>(key, text),
        }
    }
}

impl fmt::Display for SignatureMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SignatureMethod {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        [Self::HmacSha1, Self::HmacSha256, Self::HmacSha512]
            .into_iter()
            .find(|method| method.as_str() == name)
            .ok_or_else(|| Error::OauthSignatureMethod(name.to_owned()))
    }
}

/// The secrets that a signature is made with.
#[derive(Clone, Copy, Debug)]
pub struct Secrets<'a> {
    /// The one that platform and tool share.
    pub consumer: &'a Secret,
    /// That of an access token. LTI has none.
    pub token: Option<&'a Secret>,
}

impl<'a> From<&'a Secret> for Secrets<'a> {
    fn from(consumer: &'a Secret) -> Self {
        Self { consumer, token: None }
    }
}

/// The HMAC key: both secrets, percent-encoded and joined by `&`, which stays when there is no token.
pub(super) struct SigningKey(Zeroizing<String>);

impl SigningKey {
    pub(super) fn new(consumer_secret: &str, token_secret: Option<&str>) -> Self {
        let token = percent_encode(token_secret.unwrap_or_default());
        Self(Zeroizing::new(format!("{}&{token}", percent_encode(consumer_secret))))
    }

    /// A key of another making, to find out what the other side did.
    pub(super) fn raw(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<Secrets<'_>> for SigningKey {
    fn from(secrets: Secrets<'_>) -> Self {
        Self::new(secrets.consumer.reveal(), secrets.token.map(Secret::reveal))
    }
}

/// The HMAC of a text under a secret as it is, without the encoding of OAuth.
pub(crate) fn hmac_sha256(secret: &Secret, text: &str) -> Vec<u8> {
    mac::<Sha256>(&SigningKey::raw(secret.reveal().to_owned()), text)
}

fn mac<D: EagerHash>(key: &SigningKey, text: &str) -> Vec<u8>
where
    Hmac<D>: KeyInit + Mac,
{
    Hmac::<D>::new(&block::<D>(key.0.as_bytes())).chain_update(text).finalize().into_bytes().to_vec()
}

/// A key of any length as the one block that HMAC takes (RFC 2104 section 2): hashed when longer, padded with zeros.
fn block<D: EagerHash>(key: &[u8]) -> Key<Hmac<D>> {
    let mut block = Key::<Hmac<D>>::default();
    let hash = (key.len() > block.len()).then(|| D::digest(key));
    let bytes = hash.as_deref().unwrap_or(key);
    block.iter_mut().zip(bytes).for_each(|(slot, byte)| *slot = *byte);
    block
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    /// wiki.oauth.net, test cases 9.2.
    #[test]
    fn the_mac_of_a_text() {
        for (token_secret, signature) in
            [(None, "egQqG5AJep5sJ7anhXju1unge2I="), (Some("ts"), "VZVjXceV7JgPq/dOTnNmEfO0Fv8=")]
        {
            let mac = SignatureMethod::HmacSha1.mac(&SigningKey::new("cs", token_secret), "bs");
            assert_eq!(STANDARD.encode(mac), signature);
        }
    }
}
