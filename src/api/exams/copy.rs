//! Copies of exams.

use actix_web::post;
use actix_web::web::Data;

use crate::api::auth::Signed;
use crate::api::exams::ExamEnvelope;
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Created};
use crate::app::App;
use crate::domain::Error;
use crate::domain::access::AuthorExams;
use crate::domain::id::ExamId;
use crate::store::{Tx, exams};

/// Copies an exam with its instructions and LTI resources into a new draft of the caller's. The resources get new link
/// ids and new placeholders, and the copied instructions name those. Students and comanagers are not copied.
#[utoipa::path(tag = "exams", responses((status = CREATED, body = ExamEnvelope)))]
#[post("/exams/{id}/copy")]
pub async fn copy_exam(Signed { auth, .. }: Signed<AuthorExams>, app: Data<App>) -> Result<Answer, Problem> {
    let (scope, id, author, now, random) = (auth.scope, ExamId(auth.path("id")), auth.user.id, auth.at, app.random);
    let token = random.hex::<16>().map_err(Error::from)?;
    let copy = move |tx: &mut Tx<'_>| {
        let source = exams::get(tx, scope, id)?;
        let new = source.draft_of(author, token.clone(), now);
        let exam = exams::copy(tx, source.id, new, || Ok(random.hex::<16>()?))?;
        Ok(Created::at(format!("/api/v3/exams/{}", exam.id), ExamEnvelope::from(exam)))
    };
    Answer::once(&app.store, auth.nonce, copy).await
}
