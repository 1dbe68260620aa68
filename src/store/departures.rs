//! Who was taken out of an exam.

use diesel::prelude::*;

use crate::domain::Result;
use crate::domain::departure::{Departure, KEPT, NewDeparture};
use crate::domain::id::{ExamId, UserId};
use crate::domain::selection::author_id;
use crate::domain::student_session::StudentSession;
use crate::domain::time::Timestamp;
use crate::schema::{departures, student_sessions};
use crate::store::Tx;

/// Departures that one purge deletes.
const PURGE_ROWS: i64 = 1_000;

/// Keeps that a student was taken out.
pub(super) fn of_student(tx: &mut Tx<'_>, session: &StudentSession, now: Timestamp) -> Result<()> {
    let member_id = session.student_id.clone();
    insert(tx, &NewDeparture { exam_id: session.exam_id, member_id, taught: false, departed_at: now })
}

/// Keeps that one of those who made the exam was taken out.
pub(super) fn of_comanager(tx: &mut Tx<'_>, exam: ExamId, user: UserId, now: Timestamp) -> Result<()> {
    let member_id = author_id(tx.keys(), user);
    insert(tx, &NewDeparture { exam_id: exam, member_id, taught: true, departed_at: now })
}

/// Who was taken out of an exam since then, each once. Students who take it again, or still, are not among them.
pub fn since(tx: &mut Tx<'_>, exam: ExamId, since: Timestamp) -> Result<Vec<Departure>> {
    let still = student_sessions::table
        .filter(student_sessions::exam_id.eq(departures::exam_id))
        .filter(student_sessions::student_id.eq(departures::member_id));
    on!(tx, |c| departures::table
        .select(Departure::as_select())
        .filter(departures::exam_id.eq(exam))
        .filter(departures::departed_at.ge(since))
        .filter(diesel::dsl::not(diesel::dsl::exists(still)))
        .distinct()
        .order(departures::member_id)
        .load(c))
}

/// Deletes a few departures whose time is over; `true` when there are more.
pub(super) fn purge(tx: &mut Tx<'_>, now: Timestamp) -> Result<bool> {
    let old: Vec<i64> = on!(tx, |c| departures::table
        .filter(departures::departed_at.lt(now - KEPT))
        .order(departures::departed_at)
        .limit(PURGE_ROWS)
        .select(departures::id)
        .load(c))?;
    on!(tx, |c| diesel::delete(departures::table.filter(departures::id.eq_any(&old))).execute(c))?;
    Ok(i64::try_from(old.len()).is_ok_and(|deleted| deleted == PURGE_ROWS))
}

fn insert(tx: &mut Tx<'_>, new: &NewDeparture) -> Result<()> {
    on!(tx, |c| diesel::insert_into(departures::table).values(new).execute(c)).map(|_| ())
}
