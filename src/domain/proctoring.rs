//! Exams that a tool proctors (Proctoring Services 1.0; this server is the assessment platform): the tool lets students
//! begin, and may be told when they have ended.

mod candidate;
mod message;

use diesel::prelude::*;

use crate::domain::exam::Exam;
use crate::domain::id::{StudentSessionId, ToolDeploymentId, ToolProviderId};
use crate::domain::institute::InstituteName;
use crate::domain::launch::record::{About, MessageKind};
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::student_session::{Door, StudentSession};
use crate::domain::time::{Minutes, Timestamp};
use crate::domain::tool_provider::ToolProvider;
use crate::schema::proctorings;

pub use candidate::{Candidate, Purpose};

/// What comes before the exam's token in the id of its link for proctoring: each exam has one, and so has each copy.
const LINK: &str = "proctoring-";

/// The messages that a proctoring tool gets of a student.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// `LtiStartProctoring`: the student wants to begin.
    Start,
    /// `LtiEndAssessment`: the student has ended.
    End,
}

impl Step {
    /// Both of them, in their order.
    pub const ALL: [Self; 2] = [Self::Start, Self::End];

    /// The message.
    pub const fn message(self) -> MessageKind {
        match self {
            Self::Start => MessageKind::StartProctoring,
            Self::End => MessageKind::EndAssessment,
        }
    }

    /// Whether it is time for this message.
    pub const fn is_due(self, door: Door) -> bool {
        match self {
            Self::Start => matches!(door, Door::Ready(_)),
            Self::End => matches!(door, Door::Finished | Door::TimeUp),
        }
    }
}

/// What is known of an attempt that a tool proctors.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable, Insertable, AsChangeset)]
#[diesel(table_name = proctorings, primary_key(student_session_id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Proctoring {
    /// The attempt.
    pub student_session_id: StudentSessionId,
    /// Who proctors it.
    pub tool_provider_id: ToolProviderId,
    /// Through which deployment; `None` is the first one.
    pub tool_deployment_id: Option<ToolDeploymentId>,
    /// Whether the tool wants the student back at the end.
    pub end_assessment_return: bool,
    /// What the tool gave beyond the time that others have, in all.
    pub extra_time_minutes: Minutes,
    /// When the tool ended the attempt; it counts as long as that is its end.
    pub terminated_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Proctoring {
    /// Of an attempt at an exam that nothing was done to yet. A tool that the exam no longer names goes on at its first
    /// deployment.
    pub fn by(tool: ToolProviderId, session: StudentSessionId, exam: &Exam, now: Timestamp) -> Self {
        let deployment = exam.proctored_by().filter(|(named, _)| *named == tool);
        Self {
            student_session_id: session,
            tool_provider_id: tool,
            tool_deployment_id: deployment.and_then(|(_, deployment)| deployment),
            end_assessment_return: false,
            extra_time_minutes: Minutes::default(),
            terminated_at: None,
            created_at: now,
            updated_at: now,
        }
    }
}

/// Everything that a message to a proctoring tool is made from.
#[derive(Clone, Debug)]
pub struct ProctoringFacts {
    /// The student's session.
    pub session: StudentSession,
    /// Its exam.
    pub exam: Exam,
    /// The exam's institute.
    pub institute: InstituteName,
    /// The tool.
    pub tool: ToolProvider,
    /// What it is registered with, at the deployment that proctors.
    pub registration: LtiRegistration,
}

impl ProctoringFacts {
    /// Whom and what the message is about.
    pub const fn about(&self) -> About {
        About {
            exam_id: Some(self.exam.id),
            student_session_id: Some(self.session.id),
            tool_provider_id: Some(self.tool.id),
            ..About::institute(self.exam.institute_id)
        }
    }
}

/// The id of the link by which a proctoring tool knows an exam.
pub fn link_id(exam: &Exam) -> String {
    format!("{LINK}{}", exam.token)
}

/// The token of the exam that a link is of.
pub fn exam_token(link: &str) -> Option<&str> {
    link.strip_prefix(LINK)
}

/// The number of an attempt, as tools are told.
pub fn attempt_number(session: &StudentSession) -> u32 {
    u32::try_from(session.attempt).unwrap_or_default()
}
