//! What a launch is made from, found in one query: a thousand students may open their tools in the same half minute.

pub mod log;

use diesel::prelude::*;

use crate::domain::Result;
use crate::domain::exam::Exam;
use crate::domain::id::{LtiResourceId, StudentSessionId};
use crate::domain::institute::Institute;
use crate::domain::launch::LaunchFacts;
use crate::domain::lti_resource::LtiResource;
use crate::domain::secret::{Secret, TokenHash};
use crate::domain::student_session::StudentSession;
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::{ToolProvider, secret_place};
use crate::schema::{exams, institutes, lti_resources, student_sessions, tool_providers};
use crate::store::Tx;

/// The facts of a launch and the tool's secret, where the condition names a session of the exam that holds the resource.
macro_rules! facts_where {
    ($tx:ident, $condition:expr, $resource:expr) => {{
        type Row = (StudentSession, Exam, Institute, LtiResource, ToolProvider);
        let row: Option<Row> = on!($tx, |c| student_sessions::table
            .inner_join(exams::table.inner_join(institutes::table))
            .inner_join(lti_resources::table.on(lti_resources::exam_id.eq(student_sessions::exam_id)))
            .inner_join(tool_providers::table.on(tool_providers::id.eq(lti_resources::tool_provider_id)))
            .filter($condition)
            .filter(lti_resources::id.eq($resource))
            .select((
                StudentSession::as_select(),
                Exam::as_select(),
                Institute::as_select(),
                LtiResource::as_select(),
                ToolProvider::as_select(),
            ))
            .first(c)
            .optional())?;
        let open = |(session, exam, institute, resource, tool): Row| {
            let secret = $tx.keys().open(&tool.oauth_consumer_secret, secret_place(tool.id, tool.institute_id))?;
            Ok((LaunchFacts { session, exam, institute, resource, tool }, secret))
        };
        row.map(open).transpose()
    }};
}

/// The facts of a launch and the tool's secret, where the token opens a session of the exam that holds the resource.
pub fn find(
    tx: &mut Tx<'_>,
    (token, now): (TokenHash, Timestamp),
    resource: LtiResourceId,
) -> Result<Option<(LaunchFacts, Secret)>> {
    facts_where!(tx, student_sessions::id.eq_any(opened_by!(token, now)), resource)
}

/// The same for a session whose launch this server has made before.
pub fn find_again(
    tx: &mut Tx<'_>,
    session: StudentSessionId,
    resource: LtiResourceId,
) -> Result<Option<(LaunchFacts, Secret)>> {
    facts_where!(tx, student_sessions::id.eq(session), resource)
}
