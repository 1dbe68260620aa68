//! `/launches`

mod compare;
mod view;

use actix_web::get;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::auth::Signed;
use crate::api::problem::Problem;
use crate::api::reply::{Listed, Shown, list};
use crate::app::App;
use crate::domain::access::ReadContent;
use crate::domain::id::{ExamId, LaunchId, StudentSessionId};
use crate::domain::launch::record::MessageKind;
use crate::store::Tx;
use crate::store::launches::log;
use view::{LaunchEnvelope, LaunchView};

pub use compare::compare_launch;

/// A page of launches.
#[derive(Debug, Serialize, ToSchema)]
pub struct LaunchesEnvelope {
    launches: Vec<LaunchView>,
}

list! {
    /// Which launches are wanted.
    ListLaunches {
        /// Only those from this exam.
        #[param(value_type = Option<i64>, example = 1)]
        exam_id: Option<ExamId>,
        /// Only those of this student session.
        #[param(value_type = Option<i64>, example = 1)]
        student_session_id: Option<StudentSessionId>,
        /// Only messages of this type.
        #[param(example = "LtiDeepLinkingRequest")]
        message_type: Option<MessageKind>,
    }
}

/// Lists the launches of students into tools, and every other message by which a browser was sent to a tool or came from a
/// tool or a learning platform: to choose content, to be proctored, to look at a student's work, to open an exam from a
/// course. Newest first unless `sort` says otherwise. A message is listed a moment after it was made or came, and is kept for
/// a month unless the operator says otherwise. Authors see those about their exams.
///
/// What a tool or a learning platform sent and was refused is listed where its sender is known, a few of each sender.
#[utoipa::path(tag = "launches", params(ListLaunches), responses((status = OK, body = LaunchesEnvelope)))]
#[get("/launches")]
pub async fn list_launches(
    Signed { auth, params }: Signed<ReadContent, ListLaunches>,
    app: Data<App>,
) -> Result<Listed<LaunchesEnvelope>, Problem> {
    let scope = auth.scope;
    let list = move |tx: &mut Tx<'_>| {
        let filter =
            log::Filter { exam: params.exam_id, session: params.student_session_id, kind: params.message_type };
        log::page(tx, scope, filter, &params.listing(log::COLUMNS)?, params.request())
    };
    let page = app.store.read(auth.nonce, list).await?;
    Ok(Listed::page(page.map(LaunchView::listed), |launches| LaunchesEnvelope { launches }))
}

/// Shows a launch or another message: what was signed and sent, what the tool said when it sent the student back, and how
/// each check of the message, or of the tool's question for it, came out. Of several refusals of a tool's question after one
/// click the first is kept.
#[utoipa::path(tag = "launches", responses((status = OK, body = LaunchEnvelope)))]
#[get("/launches/{id}")]
pub async fn show_launch(
    Signed { auth, .. }: Signed<ReadContent>,
    app: Data<App>,
) -> Result<Shown<LaunchEnvelope>, Problem> {
    let (scope, id) = (auth.scope, LaunchId(auth.path("id")));
    let launch = app.store.read(auth.nonce, move |tx| log::get(tx, scope, id)).await?;
    Ok(Shown(LaunchEnvelope::of(launch)?))
}
