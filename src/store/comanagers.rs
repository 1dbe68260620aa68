//! Comanagers: authors of an exam beside the one that created it.

use diesel::prelude::*;

use crate::domain::access::Permission;
use crate::domain::exam::Exam;
use crate::domain::id::{ExamId, UserId};
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::{Error, Result};
use crate::schema::{exam_comanagers, exams, users};
use crate::store::{Tx, departures};

const FIELD: &str = "comanager_id";

/// Makes somebody of the exam's institute, whose role may author exams, an author of this one. Once is enough: again is
/// no error.
pub fn add(tx: &mut Tx<'_>, exam: &Exam, id: UserId, now: Timestamp) -> Result<User> {
    if id == exam.user_id {
        return Err(Error::invalid(FIELD, "created the exam, and manages it already"));
    }
    lock_row!(tx, exams, exam.id)?;
    let user = super::users::find(tx, exam.institute_id, id)?.filter(|user| user.role.may(Permission::AuthorExams));
    let user = user.ok_or_else(|| {
        Error::invalid(FIELD, "is not a user of the exam's institute whose role may author exams, such as a teacher")
    })?;
    let row =
        (exam_comanagers::exam_id.eq(exam.id), exam_comanagers::user_id.eq(id), exam_comanagers::created_at.eq(now));
    on!(tx, |c| diesel::insert_into(exam_comanagers::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(user)
}

/// Takes the exam out of a comanager's sight.
pub fn remove(tx: &mut Tx<'_>, exam: ExamId, id: UserId, now: Timestamp) -> Result<User> {
    lock_row!(tx, exams, exam)?;
    let found =
        exam_comanagers::table.filter(exam_comanagers::exam_id.eq(exam)).filter(exam_comanagers::user_id.eq(id));
    let user = on!(tx, |c| found.inner_join(users::table).select(User::as_select()).first(c).optional())?
        .ok_or_else(|| Error::invalid(FIELD, "is not a comanager of this exam"))?;
    on!(tx, |c| diesel::delete(found).execute(c))?;
    departures::of_comanager(tx, exam, id, now)?;
    Ok(user)
}

/// Keeps that somebody who is about to be deleted is taken out of the exams of others.
pub(super) fn leave_all(tx: &mut Tx<'_>, id: UserId, now: Timestamp) -> Result<()> {
    let exams = exam_comanagers::table.filter(exam_comanagers::user_id.eq(id)).select(exam_comanagers::exam_id);
    let exams: Vec<ExamId> = on!(tx, |c| exams.load(c))?;
    exams.into_iter().try_for_each(|exam| departures::of_comanager(tx, exam, id, now))
}

/// Who was made an author of an exam since then.
pub fn since(tx: &mut Tx<'_>, exam: ExamId, since: Timestamp) -> Result<Vec<UserId>> {
    on!(tx, |c| exam_comanagers::table
        .filter(exam_comanagers::exam_id.eq(exam))
        .filter(exam_comanagers::created_at.ge(since))
        .order(exam_comanagers::user_id)
        .select(exam_comanagers::user_id)
        .load(c))
}
