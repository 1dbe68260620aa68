//! Students of an exam by other ways than `/student_sessions`: as a tool knows them, and by calls that have a successor.

use actix_web::web::Data;
use actix_web::{delete, get, post};
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

use crate::api::auth::Signed;
use crate::api::params::Accepts;
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Deleted, Deprecated, Listed, Shown};
use crate::api::student_sessions::{
    ListStudentSessions, NewStudentSessionFields, StudentSessionEnvelope, StudentSessionsEnvelope, Viewer, create, list,
};
use crate::app::App;
use crate::domain::Error;
use crate::domain::access::{ManageSessions, ReadSessions};
use crate::domain::id::{ExamId, StudentSessionId};
use crate::domain::text::Label;
use crate::store::{Tx, exams, lti_placements, lti_resources, student_sessions};

/// The calls that have a successor, by the names of their operations.
pub const DEPRECATED: [&str; 4] = ["index_students", "show_student", "add_student", "delete_student"];

/// A student as a tool knows it.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct LtiStudent {
    /// The session's `student_id`, which a launch sends as `user_id`; or the `user_id` that an LMS sent; or the session's
    /// `external_id`.
    #[param(value_type = String, example = "45c48cce2e2d7fbdea1afc51c7c6ad26")]
    student_lms_id: Label,
    /// The `lti_resource_link_id` of an LTI resource of this exam, or the `resource_link_id` of an LMS whose link leads to
    /// this exam.
    #[param(value_type = String, example = "9f86d081884c7d659a2feaa0c55ad015")]
    resource_link_id: Label,
}

impl Accepts for LtiStudent {
    const REQUIRED: &'static [&'static str] = &["student_lms_id", "resource_link_id"];
}

/// Which student session is meant.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OneStudent {
    /// The id of a student session of this exam.
    #[param(value_type = i64, minimum = 1, example = 1)]
    student_session_id: StudentSessionId,
}

impl Accepts for OneStudent {
    const REQUIRED: &'static [&'static str] = &["student_session_id"];
}

/// Shows the newest attempt of the student whom a tool knows by this id in this link.
#[utoipa::path(tag = "exams", params(LtiStudent), responses((status = OK, body = StudentSessionEnvelope)))]
#[get("/exams/{id}/show_lti_student")]
pub async fn show_lti_student(
    Signed { auth, params }: Signed<ReadSessions, LtiStudent>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (scope, exam, viewer) = (auth.scope, ExamId(auth.path("id")), Viewer::new(auth.user.role, &app));
    let find = move |tx: &mut Tx<'_>| {
        exams::get(tx, scope, exam)?;
        let link = params.resource_link_id.as_str();
        if lti_resources::find_by_link(tx, exam, link)?.is_none() && !lti_placements::has_link(tx, exam, link)? {
            return Err(Error::not_found("LTI resource of the exam by resource_link_id", link));
        }
        let session = student_sessions::newest_attempt(tx, exam, link, &params.student_lms_id)?
            .ok_or_else(|| Error::not_found("student of the exam by student_lms_id", &params.student_lms_id))?;
        viewer.view(tx, session)
    };
    Shown::<StudentSessionEnvelope>::read(&app.store, auth.nonce, find).await
}

/// Lists the student sessions of an exam. Use `GET /exams/{exam_id}/student_sessions`.
#[utoipa::path(tag = "exams", params(ListStudentSessions), responses((status = OK, body = StudentSessionsEnvelope)))]
#[get("/exams/{id}/index_students")]
pub async fn index_students(
    signed: Signed<ReadSessions, ListStudentSessions>,
    app: Data<App>,
) -> Result<Deprecated<Listed<StudentSessionsEnvelope>>, Problem> {
    let exam = ExamId(signed.auth.path("id"));
    Ok(Deprecated::by(sessions_of(exam), list(signed, &app, Some(exam)).await?))
}

/// Shows a student session of an exam. Use `GET /student_sessions/{id}`.
#[utoipa::path(tag = "exams", params(OneStudent), responses((status = OK, body = StudentSessionEnvelope)))]
#[get("/exams/{id}/show_student")]
pub async fn show_student(
    Signed { auth, params }: Signed<ReadSessions, OneStudent>,
    app: Data<App>,
) -> Result<Deprecated<Answer>, Problem> {
    let (scope, exam, id) = (auth.scope, ExamId(auth.path("id")), params.student_session_id);
    let viewer = Viewer::new(auth.user.role, &app);
    let get = move |tx: &mut Tx<'_>| {
        let session = student_sessions::get_of_exam(tx, scope, exam, id)?;
        viewer.view(tx, session)
    };
    Ok(Deprecated::by(session(id), Shown::<StudentSessionEnvelope>::read(&app.store, auth.nonce, get).await?))
}

/// Registers a student for an exam. Use `POST /exams/{exam_id}/student_sessions`.
#[utoipa::path(tag = "exams", request_body = NewStudentSessionFields, responses((status = CREATED, body = StudentSessionEnvelope)))]
#[post("/exams/{id}/add_student")]
pub async fn add_student(
    signed: Signed<ManageSessions, NewStudentSessionFields>,
    app: Data<App>,
) -> Result<Deprecated<Answer>, Problem> {
    let exam = ExamId(signed.auth.path("id"));
    Ok(Deprecated::by(sessions_of(exam), create(signed, &app, exam).await?))
}

/// Deletes a student session of an exam. Use `DELETE /student_sessions/{id}`.
#[utoipa::path(tag = "exams", params(OneStudent), responses((status = OK, body = Deleted)))]
#[delete("/exams/{id}/delete_student")]
pub async fn delete_student(
    Signed { auth, params }: Signed<ManageSessions, OneStudent>,
    app: Data<App>,
) -> Result<Deprecated<Shown<Deleted>>, Problem> {
    let (scope, exam, id, now) = (auth.scope, ExamId(auth.path("id")), params.student_session_id, auth.at);
    let remove = move |tx: &mut Tx<'_>| {
        student_sessions::get_of_exam(tx, scope, exam, id)?;
        student_sessions::remove(tx, scope, id, now)
    };
    app.store.write(auth.nonce, remove).await?;
    Ok(Deprecated::by(session(id), Shown(Deleted {})))
}

fn sessions_of(exam: ExamId) -> String {
    format!("/api/v3/exams/{exam}/student_sessions")
}

fn session(id: StudentSessionId) -> String {
    format!("/api/v3/student_sessions/{id}")
}
