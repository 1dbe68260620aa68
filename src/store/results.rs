//! Results, and everything that they ever were.

use diesel::prelude::*;

use crate::domain::access::Scope;
use crate::domain::exam::Exam;
use crate::domain::id::{ExamId, LtiResourceId, ResultId, StudentSessionId};
use crate::domain::lti_resource::LtiResource;
use crate::domain::outcome::Place;
use crate::domain::result::{Change, NewResult, ResultChange, Standing, StudentResult};
use crate::domain::student_session::StudentSession;
use crate::domain::text::Name;
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};
use crate::schema::{exams, lti_resources, result_changes, results, student_sessions};
use crate::store::listing::Columns;
use crate::store::{Listing, Page, PageRequest, Tx, grade_returns};

/// A result with the name of its link and with whose it is.
pub type Named = (StudentResult, Name, StudentSession);

/// Which results a list asks for.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    /// Those of an exam.
    Exam(ExamId),
    /// Those of one attempt.
    Session(StudentSessionId),
}

impl Of {
    const fn exam(self) -> Option<ExamId> {
        match self {
            Self::Exam(id) => Some(id),
            Self::Session(_) => None,
        }
    }

    const fn session(self) -> Option<StudentSessionId> {
        match self {
            Self::Exam(_) => None,
            Self::Session(id) => Some(id),
        }
    }
}

macro_rules! named {
    () => {
        results::table.inner_join(lti_resources::table).inner_join(student_sessions::table).select((
            StudentResult::as_select(),
            lti_resources::lti_resource_link_name,
            StudentSession::as_select(),
        ))
    };
}

/// One result.
pub fn get(tx: &mut Tx<'_>, scope: Scope, id: ResultId) -> Result<Named> {
    let found =
        on!(tx, |c| of_exams_in_scope!(named!(), results, scope).filter(results::id.eq(id)).first(c).optional());
    found?.ok_or_else(|| Error::not_found("result", id))
}

/// What lists of results are filtered and sorted by.
pub const COLUMNS: Columns = columns!(results:
    id Number sorted, created_at Time sorted, updated_at Time sorted, student_session_id Number, lti_resource_id Number,
    submitted_at Time, needs_review Bool, late Bool, graded_by Text, user_id Number,
);

/// One page of the results that `listing` asks for, oldest first unless it says otherwise.
pub fn page(tx: &mut Tx<'_>, scope: Scope, of: Of, listing: &Listing, request: PageRequest) -> Result<Page<Named>> {
    page_of!(
        tx, (listing, request),
        |query| of_exams_in_scope!(query, results, scope,
            results::exam_id => of.exam(), results::student_session_id => of.session()),
        count: results::table.count(), rows: named!(), by: results::id
    )
}

/// The newest changes of these results, newest first, `most` of them together.
pub fn changes(tx: &mut Tx<'_>, of: &[ResultId], most: i64) -> Result<Vec<ResultChange>> {
    on!(tx, |c| result_changes::table
        .filter(result_changes::result_id.eq_any(of))
        .order(result_changes::id.desc())
        .limit(most)
        .select(ResultChange::as_select())
        .load(c))
}

/// Where a grade of an attempt in a link belongs, where both are of one exam.
pub fn place(tx: &mut Tx<'_>, session: StudentSessionId, resource: LtiResourceId) -> Result<Option<Place>> {
    type Row = (StudentSession, Exam, LtiResource);
    let found: Option<Row> = on!(tx, |c| student_sessions::table
        .inner_join(exams::table)
        .inner_join(lti_resources::table.on(lti_resources::exam_id.eq(student_sessions::exam_id)))
        .filter(student_sessions::id.eq(session))
        .filter(lti_resources::id.eq(resource))
        .select((StudentSession::as_select(), Exam::as_select(), LtiResource::as_select()))
        .first(c)
        .optional())?;
    Ok(found.map(|(session, exam, resource)| Place { session, exam, resource }))
}

/// The result at a place, where there is one.
pub fn find(tx: &mut Tx<'_>, place: &Place) -> Result<Option<StudentResult>> {
    on!(tx, |c| results::table
        .filter(results::student_session_id.eq(place.session.id))
        .filter(results::lti_resource_id.eq(place.resource.id))
        .select(StudentResult::as_select())
        .first(c)
        .optional())
}

/// Changes the result at a place, or creates it, and notes the change.
pub fn put(
    tx: &mut Tx<'_>,
    place: &Place,
    now: Timestamp,
    change: impl FnOnce(&mut Standing) -> Change,
) -> Result<StudentResult> {
    // Of two grades at once the second must find the first.
    lock_row!(tx, student_sessions, place.session.id, for_no_key_update)?;
    match find(tx, place)? {
        Some(result) => {
            lock_row!(tx, results, result.id)?;
            let Some(result) = find(tx, place)? else { return Err(Error::not_found("result", result.id)) };
            write(tx, result, now, change)
        }
        None => insert(tx, place, now, change),
    }
}

fn insert(
    tx: &mut Tx<'_>,
    place: &Place,
    now: Timestamp,
    change: impl FnOnce(&mut Standing) -> Change,
) -> Result<StudentResult> {
    let mut standing = Standing::default();
    let change = change(&mut standing);
    let new = NewResult {
        institute_id: place.exam.institute_id,
        exam_id: place.exam.id,
        student_session_id: place.session.id,
        lti_resource_id: place.resource.id,
        standing,
        created_at: now,
        updated_at: now,
    };
    let inserted = on!(tx, |c| diesel::insert_into(results::table).values(&new).returning(results::id).get_result(c));
    let result = new.created(inserted?);
    note(tx, result.id, change, now)?;
    grade_returns::follow(tx, result.student_session_id, now)?;
    Ok(result)
}

/// Locks a result, changes it, writes it back and notes the change; `None` where there was none.
pub fn update(
    tx: &mut Tx<'_>,
    scope: Scope,
    id: ResultId,
    now: Timestamp,
    change: impl FnOnce(&mut StudentResult) -> Result<Option<Change>>,
) -> Result<Named> {
    lock_row!(tx, results, id)?;
    let (mut result, name, session) = get(tx, scope, id)?;
    if let Some(noted) = change(&mut result)? {
        result = write(tx, result, now, |_| noted)?;
    }
    Ok((result, name, session))
}

fn write(
    tx: &mut Tx<'_>,
    mut result: StudentResult,
    now: Timestamp,
    change: impl FnOnce(&mut Standing) -> Change,
) -> Result<StudentResult> {
    let change = change(&mut result.standing);
    result.updated_at = now;
    on!(tx, |c| diesel::update(results::table.find(result.id)).set(&result).execute(c))?;
    note(tx, result.id, change, now)?;
    grade_returns::follow(tx, result.student_session_id, now)?;
    Ok(result)
}

fn note(tx: &mut Tx<'_>, result: ResultId, change: Change, now: Timestamp) -> Result<()> {
    let Change { operation, by, kept, said } = change;
    let row = (
        (
            result_changes::result_id.eq(result),
            result_changes::operation.eq(operation),
            result_changes::changed_by.eq(by.kind()),
            result_changes::tool_provider_id.eq(by.tool()),
            result_changes::user_id.eq(by.person()),
            result_changes::kept.eq(kept),
            result_changes::created_at.eq(now),
        ),
        (
            result_changes::score.eq(said.score),
            result_changes::total_score.eq(said.total_score),
            result_changes::text.eq(said.text),
            result_changes::url.eq(said.url),
            result_changes::launch_url.eq(said.launch_url),
            result_changes::submitted_at.eq(said.submitted_at),
            result_changes::needs_review.eq(said.needs_review),
            result_changes::comment.eq(said.comment),
            result_changes::late.eq(said.late),
        ),
    );
    on!(tx, |c| diesel::insert_into(result_changes::table).values(&row).execute(c)).map(|_| ())
}

/// Refuses to delete links that have results: grades do not go with what they were reached in.
pub fn refuse_while_graded(tx: &mut Tx<'_>, resources: &[LtiResourceId]) -> Result<()> {
    let graded = results::table.filter(results::lti_resource_id.eq_any(resources)).count();
    let graded: i64 = on!(tx, |c| graded.get_result(c))?;
    if graded == 0 {
        return Ok(());
    }
    Err(Error::Conflict(format!(
        "There are {graded} results of students that would be lost; delete their student sessions first, or keep it."
    )))
}
