//! How a proctoring tool controls a running assessment (Assessment Control 1.0).

use serde_json::{Value, json};

use crate::json::object;
use crate::v1p3::reader::{ID, LINE, Object, TEXT, URL, parse};
use crate::v1p3::service_error::{Result, ServiceError};
use crate::v1p3::timestamp::Timestamp;

/// The most minutes that one request may add: a day.
pub const MOST_EXTRA_TIME: u32 = 1440;

/// What a tool may do to an assessment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Stop its clock.
    Pause,
    /// Let it go on.
    Resume,
    /// End it.
    Terminate,
    /// Add time.
    Update,
    /// Note an incident, and let it go on.
    Flag,
}

impl Action {
    /// Every action under its name on the wire.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("pause", Self::Pause),
        ("resume", Self::Resume),
        ("terminate", Self::Terminate),
        ("update", Self::Update),
        ("flag", Self::Flag),
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize].0
    }
}

/// How an assessment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not begun.
    None,
    /// Its clock runs.
    Running,
    /// Its clock stands still.
    Paused,
    /// Ended by the tool.
    Terminated,
    /// Ended by the candidate or by its time.
    Complete,
}

impl Status {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Terminated => "terminated",
            Self::Complete => "complete",
        }
    }

    /// How the assessment stands after an action. What is already so stays so.
    ///
    /// Fails with [`ServiceError::ActionTooLate`]: what has ended takes no more than a flag, and what has not begun
    /// neither pauses nor resumes.
    pub fn after(self, action: Action) -> Result<Self> {
        use Action::{Flag, Pause, Resume, Terminate, Update};
        match (self, action) {
            (status, Flag) | (status @ (Self::None | Self::Running | Self::Paused), Update) => Ok(status),
            (Self::Running | Self::Paused, Pause) => Ok(Self::Paused),
            (Self::Running | Self::Paused, Resume) => Ok(Self::Running),
            (Self::None | Self::Running | Self::Paused | Self::Terminated, Terminate) => Ok(Self::Terminated),
            _ => Err(ServiceError::ActionTooLate { action: action.as_str(), status: self.as_str() }),
        }
    }
}

/// What a tool asks. Which assessment it is about is found by user, link and attempt together; whether it is one that
/// this tool proctors is for the platform to check. A request has no name of its own: one that is sent again, and must
/// not add its time twice, is known by its body ([`body_digest`](crate::v1p3::ags::body_digest)).
#[derive(Clone, Debug, PartialEq)]
pub struct ControlRequest {
    /// `user.sub`
    pub user_id: String,
    /// `resource_link.id`
    pub resource_link_id: String,
    /// `attempt_number`, from 1.
    pub attempt_number: u32,
    /// `action`
    pub action: Action,
    /// `extra_time`, in minutes from 0 to [`MOST_EXTRA_TIME`].
    pub extra_time: Option<u32>,
    /// `incident_time`: when it happened.
    pub incident_time: Timestamp,
    /// `incident_severity`, from 0.0 to 1.0.
    pub severity: Option<f64>,
    /// `reason_code`, in the tool's words.
    pub reason_code: Option<String>,
    /// `reason_msg`: for a person to read.
    pub reason: Option<String>,
}

impl ControlRequest {
    /// Reads the body of a request. `issuer` is that of this platform, `now` the time here, `skew` how far the tool's
    /// clock may be ahead, in seconds.
    ///
    /// Fails with the shape variants of [`ServiceError`], with [`ServiceError::ForeignUser`] and
    /// [`ServiceError::InTheFuture`].
    pub fn read(body: &[u8], issuer: &str, now: Timestamp, skew: i64) -> Result<Self> {
        let document = parse(body)?;
        let request = Object::read(&document, String::new())?;
        let user = request.required("user", request.object("user")?)?;
        if user.required_text("iss", URL)? != issuer {
            return Err(ServiceError::ForeignUser);
        }
        let link = request.required("resource_link", request.object("resource_link")?)?;
        Ok(Self {
            user_id: user.required_text("sub", ID)?,
            resource_link_id: link.required_text("id", ID)?,
            attempt_number: attempt_number(&request)?,
            action: request.required("action", request.one_of("action", &Action::NAMES)?)?,
            extra_time: request.whole("extra_time", MOST_EXTRA_TIME)?,
            incident_time: request.required_past("incident_time", now, skew)?,
            severity: severity(&request)?,
            reason_code: request.text("reason_code", LINE)?,
            reason: request.text("reason_msg", TEXT)?,
        })
    }

    /// That the action was offered in the claim `acs`. Fails with [`ServiceError::ActionNotOffered`].
    pub fn check_offered(&self, offered: &[Action]) -> Result<()> {
        if offered.contains(&self.action) { Ok(()) } else { Err(ServiceError::ActionNotOffered(self.action.as_str())) }
    }
}

fn attempt_number(request: &Object<'_>) -> Result<u32> {
    match request.required("attempt_number", request.whole("attempt_number", u32::MAX)?)? {
        0 => {
            Err(ServiceError::OutOfRange { at: request.at("attempt_number"), range: "a whole number from 1 on".into() })
        }
        number => Ok(number),
    }
}

fn severity(request: &Object<'_>) -> Result<Option<f64>> {
    let severity = request.number("incident_severity")?;
    if severity.is_some_and(|severity| !(0.0..=1.0).contains(&severity)) {
        let range = "a number from 0.0 to 1.0".into();
        return Err(ServiceError::OutOfRange { at: request.at("incident_severity"), range });
    }
    Ok(severity)
}

/// What the platform answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControlResponse {
    /// `status`: how the assessment stands now.
    pub status: Status,
    /// `extra_time`: all that was added to it so far, in minutes.
    pub extra_time: u32,
}

impl ControlResponse {
    /// Writes the body.
    pub fn to_value(self) -> Value {
        object([("status", Some(json!(self.status.as_str()))), ("extra_time", Some(json!(self.extra_time)))])
    }
}
