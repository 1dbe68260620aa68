//! The hash of a body that is no form (OAuth Request Body Hash 1.0, draft-eaton-oauth-bodyhash-00).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};
use sha2::{Sha256, Sha512};

use super::SignatureMethod;
use crate::{Error, Result};

/// The value of `oauth_body_hash`: base64 of the hash of the body's bytes, by the hash function of the signature method
/// (section 3.2). Section 4.1.1 forbids it with form bodies, whose parameters are signed themselves.
pub fn body_hash(body: &[u8], method: SignatureMethod) -> String {
    match method {
        SignatureMethod::HmacSha1 => STANDARD.encode(Sha1::digest(body)),
        SignatureMethod::HmacSha256 => STANDARD.encode(Sha256::digest(body)),
        SignatureMethod::HmacSha512 => STANDARD.encode(Sha512::digest(body)),
    }
}

/// Checks the hash that came with a body. Observed: with HMAC-SHA256 some tools hash by SHA-256 and others, on oauthlib,
/// by SHA-1 still; both are taken. HMAC-SHA1 knows SHA-1 alone. Only an empty body may come without a hash.
pub(super) fn check_body_hash(given: Option<&str>, body: &[u8], method: SignatureMethod) -> Result<()> {
    let Some(given) = given else {
        return if body.is_empty() { Ok(()) } else { Err(Error::OauthMissing("oauth_body_hash")) };
    };
    let right = [method, SignatureMethod::HmacSha1].iter().any(|method| body_hash(body, *method) == given);
    if right { Ok(()) } else { Err(Error::OauthBodyHash) }
}
