//! Proctored assessments: LTI Proctoring Services 1.0 and Assessment Control 1.0, as the assessment platform.
//!
//! 1. [`StartProctoring`] sends the candidate to the proctoring tool, in an `id_token`.
//! 2. [`StartAssessment`] comes back from the tool, which says whom it saw.
//! 3. While the assessment runs, the tool controls it: [`ControlRequest`], [`ControlResponse`].
//! 4. [`EndAssessment`] sends the candidate to the tool again, if it asked for that.

mod control;
mod end;
mod start;
mod start_assessment;

pub use control::{Action, ControlRequest, ControlResponse, MOST_EXTRA_TIME, Status};
pub use end::EndAssessment;
pub use start::{ControlEndpoint, StartProctoring};
pub use start_assessment::{StartAssessment, Started, VerifiedUser, session_data};

/// The type of the message by which the tool lets the assessment begin.
pub const START_ASSESSMENT_TYPE: &str = "LtiStartAssessment";

/// The media type of a control request and its answer.
pub const CONTROL: &str = "application/vnd.ims.lti-ap.v1.control+json";
