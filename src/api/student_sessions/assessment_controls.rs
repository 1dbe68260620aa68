//! `/student_sessions/:id/assessment_controls`

use actix_web::get;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::auth::Signed;
use crate::api::problem::Problem;
use crate::api::reply::{List, Listed};
use crate::app::App;
use crate::domain::access::ReadSessions;
use crate::domain::assessment_control::{AssessmentControl, ControlAction};
use crate::domain::id::{AssessmentControlId, StudentSessionId, ToolProviderId};
use crate::domain::text::{Label, Prose};
use crate::domain::time::{Minutes, Timestamp};
use crate::store::{Tx, assessment_controls, student_sessions};

/// Something that a proctoring tool did to a session.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AssessmentControl)]
pub struct AssessmentControlView {
    id: AssessmentControlId,
    student_session_id: StudentSessionId,
    tool_provider_id: ToolProviderId,
    action: ControlAction,
    /// How many minutes an update added.
    extra_time_minutes: Option<Minutes>,
    /// When what the tool reacts to happened, as it says.
    incident_time: Timestamp,
    /// How bad that was: from 0.0 to 1.0.
    #[schema(minimum = 0, maximum = 1, example = 0.4)]
    incident_severity: Option<f64>,
    /// Why, in the tool's words.
    reason_code: Option<Label>,
    /// Why, for a person to read.
    reason_msg: Option<Prose>,
    created_at: Timestamp,
}

impl From<AssessmentControl> for AssessmentControlView {
    fn from(control: AssessmentControl) -> Self {
        let AssessmentControl { id, content } = control;
        Self {
            id,
            student_session_id: content.student_session_id,
            tool_provider_id: content.tool_provider_id,
            action: content.action,
            extra_time_minutes: content.extra_time_minutes,
            incident_time: content.incident_time,
            incident_severity: content.incident_severity,
            reason_code: content.reason_code,
            reason_msg: content.reason_msg,
            created_at: content.created_at,
        }
    }
}

/// A page of what was done to a session.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssessmentControlsEnvelope {
    assessment_controls: Vec<AssessmentControlView>,
}

/// Lists what the proctoring tool did to a session, oldest first unless `sort` says otherwise: flags, with their time,
/// severity and reason, and when and why it paused, resumed, extended or ended the exam.
#[utoipa::path(tag = "student_sessions", params(List), responses((status = OK, body = AssessmentControlsEnvelope)))]
#[get("/student_sessions/{id}/assessment_controls")]
pub async fn list_assessment_controls(
    Signed { auth, params }: Signed<ReadSessions, List>,
    app: Data<App>,
) -> Result<Listed<AssessmentControlsEnvelope>, Problem> {
    let (scope, id) = (auth.scope, StudentSessionId(auth.path("id")));
    let list = move |tx: &mut Tx<'_>| {
        student_sessions::get(tx, scope, id)?;
        assessment_controls::page(tx, id, &params.listing(assessment_controls::COLUMNS)?, params.request())
    };
    let page = app.store.read(auth.nonce, list).await?;
    let envelope = |assessment_controls| AssessmentControlsEnvelope { assessment_controls };
    Ok(Listed::page(page.map(AssessmentControlView::from), envelope))
}
