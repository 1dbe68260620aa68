//! The claims that begin the proctoring (Proctoring Services 1.0, start proctoring message).

use serde_json::{Value, json};

use super::Action;
use crate::json::object;
use crate::v1p3::claims;

/// What the message `LtiStartProctoring` says beside a launch; it also needs the
/// resource link. The claims of the user are what the tool is to verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartProctoring {
    /// `attempt_number`, from 1.
    pub attempt_number: u32,
    /// `session_data`: opaque, hard to guess, for this attempt alone.
    pub session_data: String,
    /// `start_assessment_url`: where [`StartAssessment`](super::StartAssessment) is posted.
    pub start_assessment_url: String,
    /// `acs`: how the tool may control the assessment; `None` where it may not.
    pub control: Option<ControlEndpoint>,
    /// `proctoring_settings.data`: what the author lets the tool know of how to proctor.
    pub settings: Option<String>,
}

/// Where and how a tool may control an assessment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlEndpoint {
    /// `assessment_control_url`
    pub url: String,
    /// `actions`
    pub actions: Vec<Action>,
}

impl StartProctoring {
    /// The claims beside those of a launch.
    pub fn claims(&self) -> Vec<(&'static str, Value)> {
        let claims = [
            (claims::ATTEMPT_NUMBER, Some(json!(self.attempt_number))),
            (claims::SESSION_DATA, Some(json!(self.session_data))),
            (claims::START_ASSESSMENT_URL, Some(json!(self.start_assessment_url))),
            (claims::ASSESSMENT_CONTROL, self.control.as_ref().map(ControlEndpoint::to_value)),
            (claims::PROCTORING_SETTINGS, self.settings.as_ref().map(|data| json!({ "data": data }))),
        ];
        claims.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

impl ControlEndpoint {
    fn to_value(&self) -> Value {
        let actions: Vec<&str> = self.actions.iter().map(|action| action.as_str()).collect();
        object([("assessment_control_url", Some(json!(self.url))), ("actions", Some(json!(actions)))])
    }
}
