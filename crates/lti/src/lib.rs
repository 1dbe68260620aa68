//! The LTI protocols, pure: no input or output, no clock, no randomness, no web framework.
//!
//! Time, nonces and secrets are arguments, so every rule can be tested with a fixed message. What arrives from outside
//! is *unverified* first: such a type shows only what is needed to find the secret, and its `verify` gives the type
//! that handlers take.
//!
//! | module | what it holds |
//! |---|---|
//! | [`v1::oauth1`] | OAuth 1.0 (RFC 5849): base string, signing, verifying, comparing |
//! | [`v1::launch`] | LTI 1.0 to 1.2: the launch that a platform sends, and the one that a tool receives |
//! | [`v1::credentials`] | consumer key and secret, the stamp of one message, what strict tools refuse |
//! | [`v1::roles`] | the role vocabulary |
//! | [`Error`] | every rule that a message or a setting can break |

mod error;
mod secret;
pub mod v1;

pub use error::{Error, Result};
pub use secret::Secret;
