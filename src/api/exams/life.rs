//! The life of an exam as calls of their own; `status` in PATCH does the same.

use actix_web::post;
use actix_web::web::Data;

use crate::api::auth::{Auth, Signed};
use crate::api::exams::{ExamEnvelope, enter};
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Shown};
use crate::app::App;
use crate::domain::access::AuthorExams;
use crate::domain::exam::ExamStatus;
use crate::domain::id::ExamId;
use crate::store::{Tx, exams};

/// Opens an exam to students: a draft, or one that was closed. Placeholders that name nothing any more are refused.
#[utoipa::path(tag = "exams", responses((status = OK, body = ExamEnvelope)))]
#[post("/exams/{id}/publish")]
pub async fn publish_exam(Signed { auth, .. }: Signed<AuthorExams>, app: Data<App>) -> Result<Answer, Problem> {
    step(auth, &app, ExamStatus::Open).await
}

/// Ends an open exam: students find it closed, also those who are taking it.
#[utoipa::path(tag = "exams", responses((status = OK, body = ExamEnvelope)))]
#[post("/exams/{id}/close")]
pub async fn close_exam(Signed { auth, .. }: Signed<AuthorExams>, app: Data<App>) -> Result<Answer, Problem> {
    step(auth, &app, ExamStatus::Closed).await
}

/// Opens a closed exam again, as publishing it does.
#[utoipa::path(tag = "exams", responses((status = OK, body = ExamEnvelope)))]
#[post("/exams/{id}/reopen")]
pub async fn reopen_exam(Signed { auth, .. }: Signed<AuthorExams>, app: Data<App>) -> Result<Answer, Problem> {
    step(auth, &app, ExamStatus::Open).await
}

async fn step(auth: Auth<AuthorExams>, app: &App, status: ExamStatus) -> Result<Answer, Problem> {
    let (id, scope, now) = (ExamId(auth.path("id")), auth.scope, auth.at);
    let step = move |tx: &mut Tx<'_>| {
        let exam = exams::update(tx, scope, id, |tx, exam| enter(tx, exam, status, now))?;
        Ok(Shown(ExamEnvelope::from(exam)))
    };
    Answer::once(&app.store, auth.nonce, step).await
}
