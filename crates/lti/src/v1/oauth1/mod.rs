//! OAuth 1.0 signatures ([RFC 5849](https://www.rfc-editor.org/rfc/rfc5849)) as LTI 1.x uses them: one shared secret, no token.
//!
//! Signing goes through the crate `oauth1-request`, by the adapter in `sign`. Verifying is this crate's own code and
//! shares with it only the order of the parameters and the MAC; the same vectors hold both.

use std::borrow::Cow;

mod authorization;
mod base_string;
mod body_hash;
pub mod compare;
mod encoding;
mod form;
mod message;
mod method;
mod sign;
mod verify;

pub use body_hash::body_hash;
pub use encoding::percent_encode;
pub use form::{UnverifiedRequest, VerifiedRequest};
pub use message::{UnverifiedMessage, VerifiedMessage};
pub use method::{Secrets, SignatureMethod};
pub use verify::TimeWindow;

pub(in crate::v1) use base_string::{Target, normalized};
pub(in crate::v1) use encoding::decode_pairs;
pub(crate) use form::repeated;
pub(crate) use method::hmac_sha256;
pub(in crate::v1) use sign::signature;

/// A parameter, decoded: name and value. Most names that are sent are texts of the specification, which nobody copies.
pub type Param = (Cow<'static, str>, String);

/// A request as OAuth signs it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The HTTP method, in any case.
    pub method: &'a str,
    /// The absolute URL, query included. Its query pairs are signed; they are not to be repeated in `params`.
    pub url: &'a str,
    /// The parameters of the form body, or of the `Authorization` header without its `realm`. `oauth_signature` may be
    /// among them and is left out of what is signed.
    pub params: &'a [Param],
}
