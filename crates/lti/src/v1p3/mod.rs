//! LTI 1.3 and LTI Advantage: messages are JSON Web Tokens, signed with the key of whoever made them.

pub mod claims;
mod error;
mod form;
pub mod id_token;
pub mod jwk;
pub mod jwt;
pub mod login;
pub mod message;
pub mod migration;
pub mod token;
pub mod tool_message;
pub mod variables;

pub use error::{Error, Result};
