//! `/student_sessions/:id/grade_returns`

use actix_web::get;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::auth::Signed;
use crate::api::problem::Problem;
use crate::api::reply::{List, Listed};
use crate::app::App;
use crate::domain::access::ReadSessions;
use crate::domain::grade_return::{GradeKind, GradeStatus};
use crate::domain::id::{GradeReturnId, LtiConsumerId, StudentSessionId};
use crate::domain::result::Score;
use crate::domain::text::{Label, WebUrl};
use crate::domain::time::Timestamp;
use crate::store::grade_returns::{self, WithPlace};
use crate::store::{Tx, student_sessions};

/// The way of a session's result to one place of an LMS.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GradeReturn)]
pub struct GradeReturnView {
    id: GradeReturnId,
    student_session_id: StudentSessionId,
    /// The LMS: an LTI consumer, or an LTI platform.
    lti_consumer_id: LtiConsumerId,
    /// The course in the LMS.
    context_id: Label,
    /// The link in the course.
    resource_link_id: Label,
    /// How the LMS takes results: Basic Outcomes by LTI 1.1, or a line item by LTI 1.3 (AGS).
    service: GradeKind,
    /// Where the LMS takes results, as the latest launch said; by LTI 1.3 the line item, or the line items of the
    /// course.
    lis_outcome_service_url: WebUrl,
    status: GradeStatus,
    /// The result now: the mean of the session's results that have a score.
    score: Option<Score>,
    /// The result that the LMS has.
    sent_score: Option<Score>,
    /// How often it was tried to send the current result.
    #[schema(minimum = 0)]
    attempts: i64,
    /// Why it could not be sent the last time.
    #[schema(example = json!(null))]
    reason: Option<String>,
    /// When the LMS took a result.
    sent_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<WithPlace> for GradeReturnView {
    fn from((grade, placement): WithPlace) -> Self {
        Self {
            id: grade.id,
            student_session_id: grade.student_session_id,
            lti_consumer_id: grade.lti_consumer_id,
            context_id: placement.place.context_id,
            resource_link_id: placement.place.resource_link_id,
            service: grade.kind,
            lis_outcome_service_url: grade.lis_outcome_service_url,
            status: grade.status,
            score: grade.score,
            sent_score: grade.sent_score,
            attempts: grade.attempts,
            reason: grade.reason,
            sent_at: grade.sent_at,
            created_at: grade.created_at,
            updated_at: grade.updated_at,
        }
    }
}

/// A page of grade returns.
#[derive(Debug, Serialize, ToSchema)]
pub struct GradeReturnsEnvelope {
    grade_returns: Vec<GradeReturnView>,
}

/// Lists where the result of a session goes, oldest first unless `sort` says otherwise: the places of the LMS that the
/// student came from and that want one. What is new is sent by itself, and tried again for half a day; after that, when
/// the result changes or the student comes again.
#[utoipa::path(tag = "student_sessions", params(List), responses((status = OK, body = GradeReturnsEnvelope)))]
#[get("/student_sessions/{id}/grade_returns")]
pub async fn list_grade_returns(
    Signed { auth, params }: Signed<ReadSessions, List>,
    app: Data<App>,
) -> Result<Listed<GradeReturnsEnvelope>, Problem> {
    let (scope, id) = (auth.scope, StudentSessionId(auth.path("id")));
    let list = move |tx: &mut Tx<'_>| {
        student_sessions::get(tx, scope, id)?;
        grade_returns::page(tx, id, &params.listing(grade_returns::COLUMNS)?, params.request())
    };
    let page = app.store.read(auth.nonce, list).await?;
    Ok(Listed::page(page.map(GradeReturnView::from), |grade_returns| GradeReturnsEnvelope { grade_returns }))
}
