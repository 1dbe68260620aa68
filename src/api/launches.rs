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
    }
}

/// Lists the launches of students into tools, newest first unless `sort` says otherwise. A launch is listed a moment
/// after it was made, and is kept for a month unless the operator says otherwise.
#[utoipa::path(tag = "launches", params(ListLaunches), responses((status = OK, body = LaunchesEnvelope)))]
#[get("/launches")]
pub async fn list_launches(
    Signed { auth, params }: Signed<ReadContent, ListLaunches>,
    app: Data<App>,
) -> Result<Listed<LaunchesEnvelope>, Problem> {
    let scope = auth.scope;
    let list = move |tx: &mut Tx<'_>| {
        let filter = log::Filter { exam: params.exam_id, session: params.student_session_id };
        log::page(tx, scope, filter, &params.listing(log::COLUMNS)?, params.request())
    };
    let page = app.store.read(auth.nonce, list).await?;
    Ok(Listed::page(page.map(LaunchView::listed), |launches| LaunchesEnvelope { launches }))
}

/// Shows a launch: what was signed and sent, what the tool said when it sent the student back, and by LTI 1.3 how each check
/// of the login came out. Of several refusals after one click the first is kept.
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
