//! `/student_sessions` and `/exams/:exam_id/student_sessions`

pub mod assessment_controls;
pub mod bulk;
mod fields;
pub mod grade_returns;
pub mod life;
mod view;

use actix_web::web::Data;
use actix_web::{delete, get, patch, post, put};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::auth::Signed;
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Created, Deleted, Listed, Shown, list};
use crate::app::App;
use crate::domain::access::{ManageSessions, MoveSessions, ReadSessions};
use crate::domain::id::{ExamId, StudentSessionId};
use crate::domain::student_session::SessionStatus;
use crate::store::{Tx, exams, student_sessions};
use fields::Made;

pub use fields::{NewStudentSessionFields, StudentSessionFields};
pub use view::{StudentSessionEnvelope, Viewer};

use view::StudentSessionView;

/// A page of student sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct StudentSessionsEnvelope {
    students: Vec<StudentSessionView>,
}

list! {
    /// Which student sessions are wanted.
    ListStudentSessions {
        /// Only sessions with this status.
        #[param(example = "registered")]
        status: Option<SessionStatus>,
    }
}

/// Lists the student sessions that the caller sees, oldest first unless `sort` says otherwise.
#[utoipa::path(tag = "student_sessions", params(ListStudentSessions), responses((status = OK, body = StudentSessionsEnvelope)))]
#[get("/student_sessions")]
pub async fn list_student_sessions(
    signed: Signed<ReadSessions, ListStudentSessions>,
    app: Data<App>,
) -> Result<Listed<StudentSessionsEnvelope>, Problem> {
    list(signed, &app, None).await
}

/// Lists the student sessions of an exam, oldest first unless `sort` says otherwise.
#[utoipa::path(tag = "student_sessions", params(ListStudentSessions), responses((status = OK, body = StudentSessionsEnvelope)))]
#[get("/exams/{exam_id}/student_sessions")]
pub async fn list_exam_student_sessions(
    signed: Signed<ReadSessions, ListStudentSessions>,
    app: Data<App>,
) -> Result<Listed<StudentSessionsEnvelope>, Problem> {
    let exam = ExamId(signed.auth.path("exam_id"));
    list(signed, &app, Some(exam)).await
}

/// Lists the sessions that the caller sees; those of one exam where `exam` names it.
pub async fn list(
    Signed { auth, params }: Signed<ReadSessions, ListStudentSessions>,
    app: &App,
    exam: Option<ExamId>,
) -> Result<Listed<StudentSessionsEnvelope>, Problem> {
    let (scope, viewer) = (auth.scope, Viewer::new(auth.user.role, app));
    let filter = student_sessions::Filter { exam, status: params.status };
    let list = move |tx: &mut Tx<'_>| {
        if let Some(exam) = exam {
            exams::get(tx, scope, exam)?;
        }
        let listing = params.listing(student_sessions::COLUMNS)?;
        let page = student_sessions::page(tx, scope, filter, &listing, params.request())?;
        page.try_map(|session| viewer.view(tx, session))
    };
    let page = app.store.read(auth.nonce, list).await?;
    Ok(Listed::page(page, |students| StudentSessionsEnvelope { students }))
}

/// Shows a student session.
#[utoipa::path(tag = "student_sessions", responses((status = OK, body = StudentSessionEnvelope)))]
#[get("/student_sessions/{id}")]
pub async fn show_student_session(
    Signed { auth, .. }: Signed<ReadSessions>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (scope, id, viewer) = (auth.scope, StudentSessionId(auth.path("id")), Viewer::new(auth.user.role, &app));
    let get = move |tx: &mut Tx<'_>| student_sessions::get(tx, scope, id).and_then(|session| viewer.view(tx, session));
    Shown::<StudentSessionEnvelope>::read(&app.store, auth.nonce, get).await
}

/// Registers a student for an exam. The answer carries the link to the exam page.
#[utoipa::path(tag = "student_sessions", request_body = NewStudentSessionFields, responses((status = CREATED, body = StudentSessionEnvelope)))]
#[post("/exams/{exam_id}/student_sessions")]
pub async fn create_student_session(
    signed: Signed<ManageSessions, NewStudentSessionFields>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let exam = ExamId(signed.auth.path("exam_id"));
    create(signed, &app, exam).await
}

/// Registers a student for an exam.
pub async fn create(
    Signed { auth, params: NewStudentSessionFields(fields) }: Signed<ManageSessions, NewStudentSessionFields>,
    app: &App,
    exam: ExamId,
) -> Result<Answer, Problem> {
    let (scope, now) = (auth.scope, auth.at);
    let (made, viewer) = (Made::random(app.random)?, Viewer::new(auth.user.role, app));
    let create = move |tx: &mut Tx<'_>| {
        let institute = exams::get(tx, scope, exam)?.institute_id;
        let new = fields.clone().build(tx, (institute, exam), &made, now)?;
        let session = student_sessions::insert(tx, &new, &made.token)?;
        let student = viewer.view(tx, session)?;
        Ok(Created::at(format!("/api/v3/student_sessions/{}", student.id), StudentSessionEnvelope::from(student)))
    };
    Answer::once(&app.store, auth.nonce, create).await
}

/// Changes a student session. Proctors and reviewers may set its `status`.
#[utoipa::path(tag = "student_sessions", request_body = StudentSessionFields, responses((status = OK, body = StudentSessionEnvelope)))]
#[patch("/student_sessions/{id}")]
pub async fn update_student_session(
    signed: Signed<MoveSessions, StudentSessionFields>,
    app: Data<App>,
) -> Result<Shown<StudentSessionEnvelope>, Problem> {
    update(signed, &app).await
}

/// Changes a student session, as PATCH does: what is not sent stays.
#[utoipa::path(tag = "student_sessions", request_body = StudentSessionFields, responses((status = OK, body = StudentSessionEnvelope)))]
#[put("/student_sessions/{id}")]
pub async fn replace_student_session(
    signed: Signed<MoveSessions, StudentSessionFields>,
    app: Data<App>,
) -> Result<Shown<StudentSessionEnvelope>, Problem> {
    update(signed, &app).await
}

async fn update(
    Signed { auth, params: fields }: Signed<MoveSessions, StudentSessionFields>,
    app: &App,
) -> Result<Shown<StudentSessionEnvelope>, Problem> {
    let (scope, id, now) = (auth.scope, StudentSessionId(auth.path("id")), auth.at);
    let viewer = Viewer::new(auth.user.role, app);
    let allowed = fields.allowed_to(auth.user.role);
    let change = move |tx: &mut Tx<'_>| {
        allowed.clone()?;
        let session = student_sessions::update(tx, scope, id, |_, session| fields.clone().change(session, now))?;
        viewer.view(tx, session)
    };
    Ok(Shown(app.store.write(auth.nonce, change).await?.into()))
}

/// Deletes a student session; its link opens nothing any more.
#[utoipa::path(tag = "student_sessions", responses((status = OK, body = Deleted)))]
#[delete("/student_sessions/{id}")]
pub async fn delete_student_session(
    Signed { auth, .. }: Signed<ManageSessions>,
    app: Data<App>,
) -> Result<Shown<Deleted>, Problem> {
    let (scope, id, now) = (auth.scope, StudentSessionId(auth.path("id")), auth.at);
    app.store.write(auth.nonce, move |tx| student_sessions::remove(tx, scope, id, now)).await?;
    Ok(Shown(Deleted {}))
}
