//! Calls of tools to this server, as they are kept for those who look for a fault.

use diesel::prelude::*;

use crate::domain::id::{ExamId, InstituteId, LtiResourceId, ServiceCallId, StudentSessionId, ToolProviderId};
use crate::domain::time::{Span, Timestamp};
use crate::schema::service_calls;

/// How long a call is kept.
pub const KEPT: Span = Span::hours(24 * 30);

names! {
    /// What became of a call.
    CallOutcome {
        /// It was carried out.
        Success = "success",
        /// It was signed well, and broke a rule.
        Failure = "failure",
        /// There is no such operation here.
        Unsupported = "unsupported",
        /// It named a tool's key, and its signature, its time or its nonce was not right.
        Unauthorized = "unauthorized",
    }
}

/// One call of a tool.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable)]
#[diesel(table_name = service_calls)]
pub struct ServiceCall {
    /// Its number.
    pub id: ServiceCallId,
    /// The tool's institute.
    pub institute_id: InstituteId,
    /// The tool, where one is known: one that wanted to register and was refused is none. It may have been deleted since.
    pub tool_provider_id: Option<ToolProviderId>,
    /// The exam that it was about.
    pub exam_id: Option<ExamId>,
    /// The link that it was about.
    pub lti_resource_id: Option<LtiResourceId>,
    /// The student's attempt that it was about.
    pub student_session_id: Option<StudentSessionId>,
    /// What it asked for, such as `replaceResult`; empty where nobody can tell.
    pub operation: String,
    /// What became of it.
    pub outcome: CallOutcome,
    /// The status of the answer.
    pub status: i64,
    /// The stable name of what was wrong.
    pub code: Option<String>,
    /// What it said, as JSON, without secrets.
    pub request: String,
    /// When it came.
    pub created_at: Timestamp,
}

/// A call that is about to be kept.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = service_calls, treat_none_as_default_value = false)]
pub struct NewServiceCall {
    /// The tool's institute.
    pub institute_id: InstituteId,
    /// The tool, where one is known.
    pub tool_provider_id: Option<ToolProviderId>,
    /// The exam, where one is known.
    pub exam_id: Option<ExamId>,
    /// The link, where one is known.
    pub lti_resource_id: Option<LtiResourceId>,
    /// The attempt, where one is known.
    pub student_session_id: Option<StudentSessionId>,
    /// What it asked for.
    pub operation: String,
    /// What became of it.
    pub outcome: CallOutcome,
    /// The status of the answer.
    pub status: i64,
    /// The stable name of what was wrong.
    pub code: Option<String>,
    /// What it said, as JSON, without secrets.
    pub request: String,
    /// Now.
    pub created_at: Timestamp,
}
