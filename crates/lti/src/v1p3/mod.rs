//! LTI 1.3 and LTI Advantage: messages are JSON Web Tokens, signed with the key of whoever made them.

pub mod claims;
mod error;
pub mod jwk;
pub mod jwt;

pub use error::{Error, Result};
