//! The hash of a body that is no form (OAuth Request Body Hash 1.0, draft-eaton-oauth-bodyhash-00).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

/// The value of `oauth_body_hash`: base64 of the SHA-1 of the body's bytes, whatever the signature method. Section 4.1.1
/// forbids it with form bodies, whose parameters are signed themselves.
pub fn body_hash(body: &[u8]) -> String {
    STANDARD.encode(Sha1::digest(body))
}
