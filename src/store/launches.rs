//! What a launch is made from, found in one query: a thousand students may open their tools in the same half minute.

pub mod log;

use diesel::prelude::*;

use crate::domain::Result;
use crate::domain::exam::ToldExam;
use crate::domain::id::{LtiResourceId, StudentSessionId};
use crate::domain::institute::InstituteName;
use crate::domain::launch::LaunchFacts;
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::lti_resource::LtiResource;
use crate::domain::secret::{Secret, TokenHash};
use crate::domain::student_session::StudentSession;
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::{LtiVersion, ToolProvider, secret_place};
use crate::schema::{exams, institutes, lti_resources, student_sessions, tool_providers};
use crate::store::{Tx, lti_registrations, lti_visits, tool_deployments};

/// The facts of a launch and the tool's secret, where the condition names a session of the exam that holds the resource.
macro_rules! facts_where {
    ($tx:ident, $condition:expr, $resource:expr) => {{
        type Row = (StudentSession, ToldExam, InstituteName, LtiResource, ToolProvider);
        let row: Option<Row> = on!($tx, |c| student_sessions::table
            .inner_join(exams::table.inner_join(institutes::table))
            .inner_join(lti_resources::table.on(lti_resources::exam_id.eq(student_sessions::exam_id)))
            .inner_join(tool_providers::table.on(tool_providers::id.eq(lti_resources::tool_provider_id)))
            .filter($condition)
            .filter(lti_resources::id.eq($resource))
            .select((
                StudentSession::as_select(),
                ToldExam::as_select(),
                InstituteName::as_select(),
                LtiResource::as_select(),
                ToolProvider::as_select(),
            ))
            .first(c)
            .optional())?;
        let open = |(session, exam, institute, resource, tool): Row| -> Result<(Box<LaunchFacts>, Secret)> {
            let secret = $tx.keys().open(&tool.oauth_consumer_secret, secret_place(tool.id, tool.institute_id))?;
            Ok((Box::new(LaunchFacts { session, exam, institute, resource, tool }), secret))
        };
        row.map(open).transpose()
    }};
}

/// What was found for a launch. The facts are too large to be carried from hand to hand.
#[derive(Debug)]
pub struct Found {
    /// What it is made from.
    pub facts: Box<LaunchFacts>,
    /// The tool's secret.
    pub secret: Secret,
    /// Whose pages may show it in a frame.
    pub ancestors: Vec<String>,
    /// What the tool is registered with, where it speaks LTI 1.3, at the deployment of the resource.
    pub registration: Option<LtiRegistration>,
}

/// The facts of a launch, where the token opens a session of the exam that holds the resource.
pub fn find(tx: &mut Tx<'_>, (token, now): (TokenHash, Timestamp), resource: LtiResourceId) -> Result<Option<Found>> {
    // Most tokens are students' own links, which stand in no page of an LMS, and are found by one index.
    if let Some((facts, secret)) = facts_where!(tx, student_sessions::token_hash.eq(token.to_hex()), resource)? {
        let registration = registration(tx, &facts)?;
        return Ok(Some(Found { facts, secret, ancestors: Vec::new(), registration }));
    }
    let visit = facts_where!(tx, student_sessions::id.eq_any(visited_by!(token, now)), resource)?;
    visit.map(|found| with_origins(tx, found)).transpose()
}

/// The same for a session whose launch this server has made before.
pub fn find_again(tx: &mut Tx<'_>, session: StudentSessionId, resource: LtiResourceId) -> Result<Option<Found>> {
    let found = facts_where!(tx, student_sessions::id.eq(session), resource)?;
    found.map(|found| with_origins(tx, found)).transpose()
}

fn with_origins(tx: &mut Tx<'_>, (facts, secret): (Box<LaunchFacts>, Secret)) -> Result<Found> {
    let ancestors = lti_visits::frame_origins(tx, facts.session.id)?;
    let registration = registration(tx, &facts)?;
    Ok(Found { facts, secret, ancestors, registration })
}

fn registration(tx: &mut Tx<'_>, facts: &LaunchFacts) -> Result<Option<LtiRegistration>> {
    match facts.tool.lti_version {
        LtiVersion::V1p1 => Ok(None),
        LtiVersion::V1p3 => lti_registrations::find(tx, facts.tool.id)?
            .map(|registration| tool_deployments::deployed(tx, registration, facts.resource.tool_deployment_id))
            .transpose(),
    }
}
