//! The instructions of exams, one document per exam.

use diesel::prelude::*;

use crate::domain::access::Scope;
use crate::domain::document::{self, Checked, Document};
use crate::domain::error::InUse;
use crate::domain::exam::ExamStatus;
use crate::domain::id::{DocumentId, ExamId};
use crate::domain::placeholder::Found;
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result, placeholder};
use crate::schema::documents;
use crate::store::{Tx, exams, lti_resources};

/// The document of an exam, or none.
pub fn find(tx: &mut Tx<'_>, exam: ExamId) -> Result<Option<Document>> {
    on!(tx, |c| documents::table.filter(documents::exam_id.eq(exam)).select(Document::as_select()).first(c).optional())
}

/// The document of an exam, where it has this id.
pub fn get(tx: &mut Tx<'_>, exam: ExamId, id: DocumentId) -> Result<Document> {
    find(tx, exam)?.filter(|document| document.id == id).ok_or_else(|| Error::not_found("document", id))
}

/// Writes the instructions of an exam: the first time, or over the ones before. Their placeholders must be the exam's.
pub fn put(tx: &mut Tx<'_>, exam: ExamId, checked: &Checked, now: Timestamp) -> Result<Document> {
    check(tx, exam, &checked.placeholders)?;
    write(tx, exam, checked.content.as_str(), now)
}

/// Writes instructions that were checked before.
pub(super) fn write(tx: &mut Tx<'_>, exam: ExamId, content: &str, now: Timestamp) -> Result<Document> {
    let row = (
        documents::exam_id.eq(exam),
        documents::exam_content.eq(content),
        documents::created_at.eq(now),
        documents::updated_at.eq(now),
    );
    on!(tx, |c| diesel::insert_into(documents::table)
        .values(row)
        .on_conflict(documents::exam_id)
        .do_update()
        .set((documents::exam_content.eq(content), documents::updated_at.eq(now)))
        .returning(Document::as_returning())
        .get_result(c))
}

/// Locks the document of an exam and writes over it, where it has this id.
pub fn update(tx: &mut Tx<'_>, exam: ExamId, id: DocumentId, checked: &Checked, now: Timestamp) -> Result<Document> {
    lock_row!(tx, documents, id)?;
    get(tx, exam, id)?;
    put(tx, exam, checked, now)
}

/// Refuses placeholders that name no resource of the exam.
fn check(tx: &mut Tx<'_>, exam: ExamId, placeholders: &[Found]) -> Result<()> {
    let known = lti_resources::ids_of_exam(tx, exam)?;
    let unknown = placeholder::unknown(placeholders, |id| known.contains(&id));
    if unknown.is_empty() { Ok(()) } else { Err(document::invalid(&unknown)) }
}

/// Checks the instructions of an exam that students can see: nothing in them may have gone.
pub fn check_shown(tx: &mut Tx<'_>, exam: ExamId) -> Result<()> {
    match find(tx, exam)? {
        Some(document) => check(tx, exam, &placeholder::scan(&document.exam_content)),
        None => Ok(()),
    }
}

/// Refuses to delete what the instructions of an open exam show: what `names` finds in them.
pub fn refuse_while_shown(tx: &mut Tx<'_>, scope: Scope, exam: ExamId, names: impl FnOnce(&str) -> bool) -> Result<()> {
    let exam = exams::get(tx, scope, exam)?;
    let shown = find(tx, exam.id)?.is_some_and(|document| names(&document.exam_content));
    if exam.status == ExamStatus::Open && shown {
        return Err(Error::Locked(vec![InUse { id: exam.id.0, name: exam.settings.name.to_string() }]));
    }
    Ok(())
}

/// Deletes the instructions of an exam.
pub fn remove(tx: &mut Tx<'_>, exam: ExamId, id: DocumentId) -> Result<()> {
    lock_row!(tx, documents, id)?;
    get(tx, exam, id)?;
    on!(tx, |c| diesel::delete(documents::table.find(id)).execute(c)).map(|_| ())
}
