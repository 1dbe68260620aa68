//! Exams.

mod copy;
mod kept;

use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::domain::access::Scope;
use crate::domain::exam::{Exam, ExamStatus, NewExam};
use crate::domain::id::{ExamId, InstituteId};
use crate::domain::student_session::SessionStatus;
use crate::domain::user::User;
use crate::domain::{Error, Result};
use crate::schema::{exam_comanagers, exams, student_sessions, users};
use crate::store::listing::Columns;
use crate::store::tx::{On, failed};
use crate::store::{Listing, Page, PageRequest, Tx};

pub use copy::{CopiedFiles, copy};
pub(super) use kept::Kept;

/// One exam that is not put away.
pub fn get(tx: &mut Tx<'_>, scope: Scope, id: ExamId) -> Result<Exam> {
    let found = match scope {
        // What is asked most: its text is written once, not for every call.
        Scope { institute: Some(institute), author: None, flag: None } => of_institute(tx, institute, id),
        _ => on!(tx, |c| in_scope!(exams::table.select(Exam::as_select()), scope)
            .filter(exams::id.eq(id))
            .filter(Kept)
            .first(c)
            .optional()),
    };
    found?.ok_or_else(|| Error::not_found("exam", id))
}

/// One exam of an institute that is not put away, or none.
pub fn of_institute(tx: &mut Tx<'_>, institute: InstituteId, id: ExamId) -> Result<Option<Exam>> {
    on!(tx, |c| exams::table
        .find(id)
        .filter(exams::institute_id.eq(institute))
        .filter(Kept)
        .select(Exam::as_select())
        .first(c)
        .optional())
}

/// Who made an exam: its author, then its comanagers as they came.
pub fn authors(tx: &mut Tx<'_>, exam: &Exam) -> Result<Vec<User>> {
    let author: Vec<User> =
        on!(tx, |c| users::table.filter(users::id.eq(exam.user_id)).select(User::as_select()).load(c))?;
    let comanagers: Vec<User> = on!(tx, |c| exam_comanagers::table
        .inner_join(users::table)
        .filter(exam_comanagers::exam_id.eq(exam.id))
        .order(users::id)
        .select(User::as_select())
        .load(c))?;
    Ok(author.into_iter().chain(comanagers).collect())
}

/// One exam of an institute by its token, where it is not put away, or none.
pub fn by_token(tx: &mut Tx<'_>, institute: InstituteId, token: &str) -> Result<Option<Exam>> {
    on!(tx, |c| exams::table
        .filter(exams::institute_id.eq(institute))
        .filter(exams::token.eq(token))
        .filter(Kept)
        .select(Exam::as_select())
        .first(c)
        .optional())
}

/// The exams of an institute that are not put away, the newest first, so many at most.
pub fn newest(tx: &mut Tx<'_>, institute: InstituteId, most: i64) -> Result<Vec<Exam>> {
    on!(tx, |c| exams::table
        .filter(exams::institute_id.eq(institute))
        .filter(Kept)
        .order(exams::id.desc())
        .limit(most)
        .select(Exam::as_select())
        .load(c))
}

/// What lists of exams are filtered and sorted by.
pub const COLUMNS: Columns = columns!(exams:
    id Number sorted, name Text sorted, start_time Time sorted, created_at Time sorted, end_time Time, updated_at Time,
    institute_id Number, user_id Number, kind Text, status Text, use_duration Bool, duration_minutes Number,
    timezone Text, exam_language Text, web_cam Bool, mobile_cam Bool, screen_share Bool, live_proctoring Bool,
    for_reviewing Bool, global_proctoring Bool, global_reviewing Bool, upload_answers Bool,
    proctoring_tool_provider_id Number,
);

/// One page of the exams that `listing` asks for, oldest first unless it says otherwise: those with `status`, or all that
/// are not put away.
pub fn page(
    tx: &mut Tx<'_>,
    scope: Scope,
    status: Option<ExamStatus>,
    listing: &Listing,
    request: PageRequest,
) -> Result<Page<Exam>> {
    // The exams of an institute are found in `exams_institute`, which has every column of COLUMNS. For its first page alone
    // PostgreSQL is better off with the index of an order.
    let through = request.offset() > 0 || matches!(tx.on, On::Sqlite(_));
    let listing = &if scope.institute.is_some() && through { listing.covered() } else { listing.clone() };
    /// A list of statuses would make SQLite compile the statement anew each time.
    macro_rules! listed {
        ($query:expr) => {
            match status {
                Some(status) => in_scope!($query, scope).filter(exams::status.eq(status)),
                None => in_scope!($query, scope).filter(Kept),
            }
        };
    }
    macro_rules! on_the_page {
        ($query:expr) => {
            ordered!(narrowed!(listed!($query), listing), listing, exams::id)
                .limit(request.limit)
                .offset(request.offset())
        };
    }
    macro_rules! total {
        () => {
            narrowed!(listed!(exams::table.count()), listing)
        };
    }
    /// What is selected and the total at once, because a list costs a database little more than being asked.
    macro_rules! counted {
        ($selected:expr) => {
            on!(tx, |c| {
                let total = total!().single_value().assume_not_null();
                on_the_page!(exams::table.select(($selected, total))).load(c)
            })?
        };
    }
    let (rows, totals): (_, Vec<i64>) = if scope.author.is_none() && listing.conditions.is_empty() {
        let found: Vec<(Exam, i64)> = counted!(Exam::as_select());
        found.into_iter().unzip()
    } else {
        // Indexes say which exams these are, so that only those of the page are read.
        let found: Vec<(ExamId, i64)> = match &mut tx.on {
            // What comes before the page is gone through in any case, and is counted with the rest.
            On::Postgres(c) if through => {
                on_the_page!(exams::table.select((exams::id, count_star().over()))).load(&mut **c).map_err(failed)?
            }
            _ => counted!(exams::id),
        };
        let (ids, totals): (Vec<_>, _) = found.into_iter().unzip();
        (in_order(tx, &ids)?, totals)
    };
    let total = match totals.first() {
        Some(total) => *total,
        None => on!(tx, |c| total!().get_result(c))?,
    };
    Ok(Page { rows, total, request })
}

/// The exams with these ids, in their order.
fn in_order(tx: &mut Tx<'_>, ids: &[ExamId]) -> Result<Vec<Exam>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<Exam> =
        on!(tx, |c| exams::table.filter(exams::id.eq_any(ids)).select(Exam::as_select()).load(c))?;
    found.sort_by_key(|exam| ids.iter().position(|id| *id == exam.id));
    Ok(found)
}

/// Creates an exam.
pub fn insert(tx: &mut Tx<'_>, new: NewExam) -> Result<Exam> {
    let id = on!(tx, |c| diesel::insert_into(exams::table).values(&new).returning(exams::id).get_result(c))?;
    Ok(new.created(id))
}

/// Locks an exam, changes it and writes it back.
pub fn update(
    tx: &mut Tx<'_>,
    scope: Scope,
    id: ExamId,
    change: impl FnOnce(&mut Tx<'_>, &mut Exam) -> Result<()>,
) -> Result<Exam> {
    lock_row!(tx, exams, id)?;
    let mut exam = get(tx, scope, id)?;
    change(tx, &mut exam)?;
    on!(tx, |c| diesel::update(exams::table.find(id)).set(&exam).execute(c))?;
    Ok(exam)
}

/// Puts an exam away. One that students are taking stays.
pub fn remove(tx: &mut Tx<'_>, scope: Scope, id: ExamId) -> Result<()> {
    update(tx, scope, id, |tx, exam| {
        let inside = student_sessions::table
            .filter(student_sessions::exam_id.eq(id))
            .filter(student_sessions::status.eq(SessionStatus::ExamStarted))
            .count();
        let inside: i64 = on!(tx, |c| inside.get_result(c))?;
        if exam.status == ExamStatus::Open && inside > 0 {
            return Err(Error::Conflict(format!("students are taking the exam ({inside} now); close it first")));
        }
        exam.status = ExamStatus::Deleted;
        Ok(())
    })
    .map(|_| ())
}
