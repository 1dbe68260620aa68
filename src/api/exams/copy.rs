//! Copies of exams.

use std::collections::HashMap;

use actix_web::post;
use actix_web::web::Data;

use crate::api::attachments::forget_unused;
use crate::api::auth::Signed;
use crate::api::exams::ExamEnvelope;
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Created};
use crate::app::{App, off_worker};
use crate::domain::Result;
use crate::domain::access::{AuthorExams, Scope};
use crate::domain::exam::new_token;
use crate::domain::id::ExamId;
use crate::store::exams::CopiedFiles;
use crate::store::{Tx, attachments, exams, notices};

/// Copies an exam with its instructions, LTI resources and attachments into a new draft of the caller's. The resources get
/// new link ids, and both get new placeholders, which the copied instructions name. Students and comanagers are not copied.
/// Tools of LTI 1.3 that asked for it are told.
#[utoipa::path(tag = "exams", responses((status = CREATED, body = ExamEnvelope)))]
#[post("/exams/{id}/copy")]
pub async fn copy_exam(Signed { auth, .. }: Signed<AuthorExams>, app: Data<App>) -> Result<Answer, Problem> {
    let (scope, id, author, now, random) = (auth.scope, ExamId(auth.path("id")), auth.user.id, auth.at, app.random);
    let token = new_token(random, now)?;
    let files = copy_files(&app, scope, id).await;
    let stored_names = files.iter().flat_map(|files| files.stored_names.values().cloned()).collect();
    let copy = move |tx: &mut Tx<'_>| {
        let source = exams::get(tx, scope, id)?;
        let new = source.draft_of(author, token.clone(), now);
        let files = files.as_ref().map_err(Clone::clone)?;
        let exam = exams::copy(tx, &source, new, || Ok(random.hex::<16>()?), files)?;
        notices::tell_of_copy(tx, source.id, &exam, random)?;
        Ok(Created::at(format!("/api/v3/exams/{}", exam.id), ExamEnvelope::from(exam)))
    };
    let answer = Answer::once(&app.store, auth.nonce, copy).await;
    forget_unused(&app, &answer, stored_names).await;
    answer
}

/// Copies the files of an exam to the disk, before the commit that names the copies. Nothing stays of those that fail.
async fn copy_files(app: &App, scope: Scope, exam: ExamId) -> Result<CopiedFiles> {
    let quota = app.attachment_quota;
    let find = move |tx: &mut Tx<'_>| {
        let exam = exams::get(tx, scope, exam)?;
        let originals = attachments::of_exam(tx, exam.id)?;
        attachments::check_room(tx, exam.institute_id, attachments::size(&originals), quota)?;
        Ok(originals)
    };
    let originals = app.store.query(find).await?;
    let mut copies = CopiedFiles { stored_names: HashMap::new(), quota };
    let (Some(folder), random) = (app.files.clone(), app.random) else { return Ok(copies) };
    off_worker(move || {
        for original in originals {
            match folder.copy(&original.stored_name, random) {
                Ok(name) => copies.stored_names.extend(name.map(|name| (original.id, name))),
                Err(error) => {
                    for name in copies.stored_names.values() {
                        folder.remove(name);
                    }
                    return Err(error);
                }
            }
        }
        Ok(copies)
    })
    .await
}
