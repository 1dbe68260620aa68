//! The groups that the students of an exam are in.

use diesel::prelude::*;

use crate::domain::Result;
use crate::domain::id::ExamId;
use crate::domain::text::Label;
use crate::schema::student_sessions;
use crate::store::Tx;

/// The names of the groups in their order, those of one student where `student` is named: without the first `before` of
/// them, and `most` at most.
pub fn names(tx: &mut Tx<'_>, exam: ExamId, student: Option<&str>, (before, most): (i64, i64)) -> Result<Vec<Label>> {
    on!(tx, |c| within!(
        student_sessions::table.select(student_sessions::group_id.assume_not_null()),
        student_sessions::student_id => student
    )
    .filter(student_sessions::exam_id.eq(exam))
    .filter(student_sessions::group_id.is_not_null())
    .distinct()
    .order(student_sessions::group_id)
    .offset(before)
    .limit(most)
    .load(c))
}
