//! What a proctoring tool may do to an attempt while it runs (Assessment Control 1.0), and what is kept of it.

use diesel::prelude::*;
use examlink_lti::v1p3::ServiceError;
use examlink_lti::v1p3::ags::body_digest;
use examlink_lti::v1p3::proctoring::{Action, ControlRequest, ControlResponse, Status};

use crate::domain::exam::Exam;
use crate::domain::id::{AssessmentControlId, StudentSessionId, ToolProviderId};
use crate::domain::proctoring::Proctoring;
use crate::domain::student_session::{Door, StudentSession};
use crate::domain::text::{Label, Prose};
use crate::domain::time::{Minutes, Timestamp};
use crate::domain::{Error, Result};
use crate::schema::assessment_controls;

names! {
    /// What a tool does to an attempt.
    ControlAction {
        /// Stops its clock.
        Pause = "pause",
        /// Lets it go on.
        Resume = "resume",
        /// Ends it.
        Terminate = "terminate",
        /// Adds time.
        Update = "update",
        /// Notes an incident, and lets it go on.
        Flag = "flag",
    }
}

impl From<Action> for ControlAction {
    fn from(action: Action) -> Self {
        match action {
            Action::Pause => Self::Pause,
            Action::Resume => Self::Resume,
            Action::Terminate => Self::Terminate,
            Action::Update => Self::Update,
            Action::Flag => Self::Flag,
        }
    }
}

/// Something that a tool did to an attempt.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Identifiable)]
#[diesel(table_name = assessment_controls)]
pub struct AssessmentControl {
    /// Its number.
    pub id: AssessmentControlId,
    /// What it was.
    #[diesel(embed)]
    pub content: ControlContent,
}

/// What is kept of it.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = assessment_controls, treat_none_as_default_value = false)]
pub struct ControlContent {
    /// The attempt.
    pub student_session_id: StudentSessionId,
    /// The tool. It may have been deleted since.
    pub tool_provider_id: ToolProviderId,
    /// What it did.
    pub action: ControlAction,
    /// How many minutes it added.
    pub extra_time_minutes: Option<Minutes>,
    /// When what it reacts to happened, as it says.
    pub incident_time: Timestamp,
    /// How bad that was, from 0.0 to 1.0.
    pub incident_severity: Option<f64>,
    /// Why, in the tool's words.
    pub reason_code: Option<Label>,
    /// Why, for a person to read.
    pub reason_msg: Option<Prose>,
    /// SHA-256 of the body, in hex: the same message once more does nothing.
    pub digest: String,
    /// When it came.
    pub created_at: Timestamp,
}

impl ControlContent {
    /// What is kept of a request and its body. Fails where a text holds what nobody can read.
    pub fn new(
        request: &ControlRequest,
        body: &[u8],
        (session, tool): (StudentSessionId, ToolProviderId),
        now: Timestamp,
    ) -> Result<Self> {
        let code = request.reason_code.clone().map(Label::try_from).transpose();
        let text = request.reason.clone().map(Prose::try_from).transpose();
        let minutes = request.extra_time.filter(|_| request.action == Action::Update);
        Ok(Self {
            student_session_id: session,
            tool_provider_id: tool,
            action: request.action.into(),
            extra_time_minutes: minutes.and_then(|minutes| Minutes::default().plus(minutes)),
            incident_time: Timestamp::from_micros(request.incident_time.micros()),
            incident_severity: request.severity,
            reason_code: code.map_err(|why| Error::invalid("reason_code", why))?,
            reason_msg: text.map_err(|why| Error::invalid("reason_msg", why))?,
            digest: hex::encode(body_digest(body)),
            created_at: now,
        })
    }
}

/// An attempt in the hands of the tool that proctors it.
#[derive(Clone, Debug)]
pub struct ControlledAttempt {
    /// The attempt.
    pub session: StudentSession,
    /// Its exam.
    pub exam: Exam,
    /// What is known of it.
    pub proctoring: Proctoring,
}

impl ControlledAttempt {
    /// How it stands, and how much time the tool has added to it.
    pub fn stands(&self, now: Timestamp) -> ControlResponse {
        ControlResponse { status: self.status(now), extra_time: self.proctoring.extra_time_minutes.count() }
    }

    fn status(&self, now: Timestamp) -> Status {
        let by_the_tool = self.session.end_time.is_some() && self.session.end_time == self.proctoring.terminated_at;
        match self.session.door(&self.exam, now) {
            Door::Running(_) => Status::Running,
            Door::Paused => Status::Paused,
            Door::Finished if by_the_tool => Status::Terminated,
            Door::Finished => Status::Complete,
            _ if self.session.start_time.is_some() => Status::Complete,
            _ => Status::None,
        }
    }

    /// Does what the tool asks for. What is so already stays so.
    ///
    /// Fails with [`Error::Conflict`] where the attempt is not in a state for it, and with [`Error::Invalid`] where an
    /// update adds no time, or more than an attempt may have.
    pub fn carry_out(&mut self, request: &ControlRequest, now: Timestamp) -> Result<()> {
        let too_late = |error: ServiceError| Error::Conflict(format!("{error}."));
        self.status(now).after(request.action).map_err(too_late)?;
        match request.action {
            Action::Pause => self.session.pause(now),
            Action::Resume => self.session.resume(now),
            Action::Terminate => {
                self.session.terminate(now)?;
                self.proctoring.terminated_at = self.session.end_time;
            }
            Action::Update => self.extend(request.extra_time, now)?,
            Action::Flag => {}
        }
        self.proctoring.updated_at = now;
        Ok(())
    }

    fn extend(&mut self, minutes: Option<u32>, now: Timestamp) -> Result<()> {
        let refused = |why: &str| Error::invalid("extra_time", why);
        let more = minutes.ok_or_else(|| refused("is missing; an update adds time"))?;
        let all = self.session.extra_time_minutes.plus(more).zip(self.proctoring.extra_time_minutes.plus(more));
        let (of_session, of_tool) = all.ok_or_else(|| refused("is more than this attempt may still get"))?;
        (self.session.extra_time_minutes, self.session.updated_at) = (of_session, now);
        self.proctoring.extra_time_minutes = of_tool;
        Ok(())
    }
}
