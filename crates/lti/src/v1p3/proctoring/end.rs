//! The claims that end the proctoring (Proctoring Services 1.0, end assessment message).

use serde_json::{Value, json};

use crate::json::text;
use crate::v1p3::claims;

/// What the message `LtiEndAssessment` says beside a launch. It is sent only where the
/// tool asked for it: [`end_assessment_return`](super::StartAssessment::end_assessment_return).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndAssessment {
    /// `attempt_number`, that of the start.
    pub attempt_number: u32,
    /// `errormsg`: for the person to read, when the assessment did not end as it should.
    pub error: Option<String>,
    /// `errorlog`: for the tool's log.
    pub error_log: Option<String>,
}

impl EndAssessment {
    /// The claims beside those of a launch.
    pub fn claims(&self) -> Vec<(&'static str, Value)> {
        let claims = [
            (claims::ATTEMPT_NUMBER, Some(json!(self.attempt_number))),
            (claims::PROCTORING_ERROR_MESSAGE, text(self.error.as_ref())),
            (claims::PROCTORING_ERROR_LOG, text(self.error_log.as_ref())),
        ];
        claims.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}
