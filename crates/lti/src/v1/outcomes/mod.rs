//! Basic Outcomes: a tool hands a student's grade back (LTI 1.1 guide, Basic Outcomes Service), asks for it or takes it
//! back. Three wire formats say the same:
//!
//! | | request | answer |
//! |---|---|---|
//! | POX, in use everywhere | [`OutcomeRequest::read`], [`OutcomeRequest::to_xml`] | [`OutcomeResponse`] |
//! | forms, before LTI 1.1 | [`legacy`] | [`legacy::answer`] |
//! | JSON, from LTI 2.0 | [`result_json::ResultJson`] | the same |
//!
//! Platform: verify the [`VerifiedMessage`](super::oauth1::VerifiedMessage), which alone can be read, then read it.
//! Tool: write the request, [`authorize`](super::credentials::Credentials::authorize) it, send both to the platform as
//! `application/xml`, and [`parse`](OutcomeResponse::parse) the answer.

pub mod legacy;
mod request;
mod response;
pub mod result_json;
mod score;
mod xml;

pub use request::{Action, Operation, OutcomeRequest, Refused, Replacement};
pub use response::{CodeMajor, CodeMinor, OutcomeResponse};
pub use score::{Score, TotalScore};

/// The namespace of requests and answers.
pub const NAMESPACE: &str = "http://www.imsglobal.org/services/ltiv1p1/xsd/imsoms_v1p0";

/// The media type of requests and answers.
pub const MEDIA_TYPE: &str = "application/xml";

/// A body is no longer than this, in bytes.
pub const LONGEST_BODY: usize = 65_536;

/// The beginning of a text that was sent, for an error that people read.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
