//! LTI 1.3 and LTI Advantage: messages are JSON Web Tokens, signed with the key of whoever made them; services take and
//! give JSON.
//!
//! The services read bodies and claims that are already verified. What breaks a rule of theirs is a [`ServiceError`];
//! what breaks one of the core is an [`Error`].

pub mod ags;
pub mod claims;
pub mod deep_linking;
mod error;
mod form;
pub mod groups;
pub mod id_token;
pub mod jwk;
pub mod jwt;
pub mod link_header;
pub mod login;
pub mod message;
pub mod migration;
pub mod notices;
pub mod nrps;
mod outcome;
pub mod proctoring;
mod query;
mod reader;
pub mod registration;
mod service_error;
pub mod submission_review;
mod timestamp;
pub mod token;
pub mod tool_message;
pub mod variables;

pub use error::{Error, Result};
pub use form::form_pairs;
pub use query::LARGEST_PAGE;
pub use reader::Custom;
pub use service_error::ServiceError;
pub use timestamp::{Span, Timestamp};
