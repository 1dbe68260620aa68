//! LTI 1.3 and LTI Advantage: messages are JSON Web Tokens, signed with the key of whoever made them; services take and
//! give JSON.
//!
//! The services read bodies and claims that are already verified. What breaks a rule of theirs is a [`ServiceError`].

pub mod ags;
pub mod claims;
pub mod deep_linking;
pub mod groups;
pub mod link_header;
mod message;
pub mod notices;
pub mod nrps;
pub mod proctoring;
mod query;
mod reader;
pub mod registration;
mod service_error;
pub mod submission_review;
mod timestamp;

pub use message::Envelope;
pub use query::LARGEST_PAGE;
pub use reader::Custom;
pub use service_error::ServiceError;
pub use timestamp::{Span, Timestamp};
