//! Attachments: what is known of the files of exams. The files themselves are the business of [`files`](super::files).

use std::collections::HashSet;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::domain::access::Scope;
use crate::domain::attachment::{Attachment, FIELD, FileName, NewAttachment};
use crate::domain::exam::Exam;
use crate::domain::id::{AttachmentId, ExamId, InstituteId};
use crate::domain::secret::TokenHash;
use crate::domain::student_session::StudentSession;
use crate::domain::time::{Span, Timestamp};
use crate::domain::{Error, FieldError, Result, placeholder};
use crate::schema::{attachments, exams, institutes, student_sessions};
use crate::store::listing::Columns;
use crate::store::tx::OrTaken;
use crate::store::{Listing, Page, PageRequest, Tx, documents};

/// One attachment of an exam.
pub fn get(tx: &mut Tx<'_>, exam: ExamId, id: AttachmentId) -> Result<Attachment> {
    on!(tx, |c| attachments::table
        .find(id)
        .filter(attachments::exam_id.eq(exam))
        .select(Attachment::as_select())
        .first(c)
        .optional())?
    .ok_or_else(|| Error::not_found("attachment", id))
}

/// What lists of attachments are filtered and sorted by. They are an exam's, and short: one index serves all orders.
pub const COLUMNS: Columns = columns!(attachments:
    id Number sorted, document_file_name Text sorted, document_file_size Number sorted, created_at Time sorted,
    document_content_type Text, updated_at Time, placeholder Text,
);

/// One page of an exam's attachments that `listing` asks for, oldest first unless it says otherwise.
pub fn page(tx: &mut Tx<'_>, exam: ExamId, listing: &Listing, request: PageRequest) -> Result<Page<Attachment>> {
    page_of!(
        tx, (listing, request), |query| within!(query, attachments::exam_id => Some(exam)),
        count: attachments::table.count(), rows: attachments::table.select(Attachment::as_select()), by: attachments::id
    )
}

/// All attachments of one exam.
pub fn of_exam(tx: &mut Tx<'_>, exam: ExamId) -> Result<Vec<Attachment>> {
    on!(tx, |c| attachments::table
        .filter(attachments::exam_id.eq(exam))
        .order(attachments::id)
        .select(Attachment::as_select())
        .load(c))
}

/// How many bytes they take.
pub fn size(attachments: &[Attachment]) -> i64 {
    attachments.iter().map(|attachment| attachment.document_file_size).sum()
}

/// An attachment with the session and the exam that a link's token opens, where it is that exam's.
pub fn by_token(
    tx: &mut Tx<'_>,
    (token, now): (TokenHash, Timestamp),
    id: AttachmentId,
) -> Result<Option<(StudentSession, Exam, Attachment)>> {
    on!(tx, |c| student_sessions::table
        .inner_join(exams::table)
        .inner_join(attachments::table.on(attachments::exam_id.eq(student_sessions::exam_id)))
        .filter(student_sessions::id.eq_any(opened_by!(token, now)))
        .filter(attachments::id.eq(id))
        .select((StudentSession::as_select(), Exam::as_select(), Attachment::as_select()))
        .first(c)
        .optional())
}

/// Creates an attachment, where the files of its institute take no more than `quota` bytes then.
pub fn insert(tx: &mut Tx<'_>, new: &NewAttachment, quota: u64) -> Result<Attachment> {
    reserve(tx, new.institute_id, new.document_file_size, quota)?;
    insert_reserved(tx, new)
}

/// A placeholder for a file of this name that no attachment of the exam has: where files of one name come at once, the
/// seconds count on.
pub(super) fn free_placeholder(tx: &mut Tx<'_>, exam: ExamId, name: &FileName, now: Timestamp) -> Result<String> {
    let mut at = now;
    loop {
        let placeholder = name.placeholder(at);
        let taken =
            attachments::table.filter(attachments::exam_id.eq(exam)).filter(attachments::placeholder.eq(&placeholder));
        if !on!(tx, |c| diesel::select(diesel::dsl::exists(taken)).get_result::<bool>(c))? {
            return Ok(placeholder);
        }
        at = at + Span::seconds(1);
    }
}

/// Creates an attachment for which there is room.
pub(super) fn insert_reserved(tx: &mut Tx<'_>, new: &NewAttachment) -> Result<Attachment> {
    on!(tx, |c| diesel::insert_into(attachments::table).values(new).returning(Attachment::as_returning()).get_result(c))
        .or_taken(FIELD)
}

/// Makes sure that an institute has room for so many bytes until the end of the transaction.
pub(super) fn reserve(tx: &mut Tx<'_>, institute: InstituteId, bytes: i64, quota: u64) -> Result<()> {
    // Two uploads at once must not both see the same room.
    lock_row!(tx, institutes, institute)?;
    check_room(tx, institute, bytes, quota)
}

/// Refuses what is larger than what is left of an institute's space.
pub fn check_room(tx: &mut Tx<'_>, institute: InstituteId, bytes: i64, quota: u64) -> Result<()> {
    let left = i64::try_from(quota).unwrap_or(i64::MAX).saturating_sub(used(tx, institute)?);
    if bytes <= left {
        return Ok(());
    }
    let detail = format!(
        "is larger than what is left of the institute's space: {} of {quota} bytes; delete attachments first",
        left.max(0)
    );
    Err(Error::Invalid(vec![FieldError { field: FIELD.into(), code: "quota_exceeded", detail }]))
}

/// How many bytes the files of an institute take.
fn used(tx: &mut Tx<'_>, institute: InstituteId) -> Result<i64> {
    // PostgreSQL sums whole numbers to a decimal.
    let sum = sql::<BigInt>("CAST(COALESCE(SUM(document_file_size), 0) AS BIGINT)");
    on!(tx, |c| attachments::table.filter(attachments::institute_id.eq(institute)).select(sum).first(c))
}

/// Deletes an attachment. One that the instructions of an open exam show is kept. The file is the caller's to remove,
/// once this is committed.
pub fn remove(tx: &mut Tx<'_>, scope: Scope, exam: ExamId, id: AttachmentId) -> Result<Attachment> {
    lock_row!(tx, attachments, id)?;
    let attachment = get(tx, exam, id)?;
    documents::refuse_while_shown(tx, scope, exam, |content| {
        placeholder::names_attachment(content, &attachment.placeholder)
    })?;
    on!(tx, |c| diesel::delete(attachments::table.find(id)).execute(c))?;
    Ok(attachment)
}

/// Those of the stored names that a row has.
pub fn stored(tx: &mut Tx<'_>, names: &[String]) -> Result<HashSet<String>> {
    let query = attachments::table.filter(attachments::stored_name.eq_any(names)).select(attachments::stored_name);
    let known: Vec<String> = on!(tx, |c| query.load(c))?;
    Ok(known.into_iter().collect())
}
