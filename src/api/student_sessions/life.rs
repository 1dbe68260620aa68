//! The life of a student session: who watches it, and how it is ended and reopened.

use actix_web::web::Data;
use actix_web::{post, put};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::api::auth::{Auth, Signed};
use crate::api::params::Accepts;
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Shown};
use crate::api::student_sessions::view::{StudentSessionEnvelope, Viewer};
use crate::app::App;
use crate::domain::access::{ManageSessions, MoveSessions};
use crate::domain::id::{StudentSessionId, UserId};
use crate::domain::student_session::StudentSession;
use crate::domain::{Error, Result};
use crate::store::{Tx, exams, student_sessions, users};

/// Who is to watch a student.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "proctor_id": 7 }))]
pub struct ProctorFields {
    /// A proctor, teacher or administrator of the exam's institute, or a global proctor where the exam has
    /// `global_proctoring`.
    proctor_id: UserId,
}

impl Accepts for ProctorFields {
    const REQUIRED: &'static [&'static str] = &["proctor_id"];
}

/// Says who watches a student.
#[utoipa::path(tag = "student_sessions", request_body = ProctorFields, responses((status = OK, body = StudentSessionEnvelope)))]
#[put("/student_sessions/{id}/assign_proctor")]
pub async fn assign_proctor(
    Signed { auth, params }: Signed<ManageSessions, ProctorFields>,
    app: Data<App>,
) -> Result<Shown<StudentSessionEnvelope>, Problem> {
    let (scope, now) = (auth.scope, auth.at);
    let assign = change(&auth, &app, move |tx, session| {
        let exam = exams::get(tx, scope, session.exam_id)?;
        let proctor = users::find_watcher(tx, &exam, params.proctor_id)?.ok_or_else(|| {
            Error::invalid(
                "proctor_id",
                "is not a user who may watch this exam: a proctor, teacher or administrator of its institute, or a \
                 global proctor where the exam has global_proctoring",
            )
        })?;
        (session.proctor_id, session.updated_at) = (Some(proctor.id), now);
        Ok(())
    });
    Ok(app.store.write(auth.nonce, assign).await?)
}

/// Ends a session: the student finds the exam finished. One that is finished already stays so.
#[utoipa::path(tag = "student_sessions", responses((status = OK, body = StudentSessionEnvelope)))]
#[post("/student_sessions/{id}/terminate")]
pub async fn terminate_student_session(
    Signed { auth, .. }: Signed<MoveSessions>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let now = auth.at;
    let terminate = change(&auth, &app, move |_, session| session.terminate(now));
    Answer::once(&app.store, auth.nonce, terminate).await
}

/// Takes a finished session back to where it was: started, or not started when the student never began. Its time runs on
/// from the start; give `extra_time_minutes` where it is over.
#[utoipa::path(tag = "student_sessions", responses((status = OK, body = StudentSessionEnvelope)))]
#[post("/student_sessions/{id}/reopen")]
pub async fn reopen_student_session(
    Signed { auth, .. }: Signed<MoveSessions>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let now = auth.at;
    let reopen = change(&auth, &app, move |_, session| session.reopen(now));
    Answer::once(&app.store, auth.nonce, reopen).await
}

/// Locks the session of the path, takes it a step, and shows it.
fn change<P>(
    auth: &Auth<P>,
    app: &App,
    step: impl Fn(&mut Tx<'_>, &mut StudentSession) -> Result<()> + Send + 'static,
) -> impl FnMut(&mut Tx<'_>) -> Result<Shown<StudentSessionEnvelope>> + Send + 'static {
    let (scope, id, viewer) = (auth.scope, StudentSessionId(auth.path("id")), Viewer::new(auth.user.role, app));
    move |tx: &mut Tx<'_>| {
        let session = student_sessions::update(tx, scope, id, &step)?;
        Ok(Shown(viewer.view(tx, session)?.into()))
    }
}
