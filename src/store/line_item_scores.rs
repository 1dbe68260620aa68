//! The latest scores of students in line items, and the results that come of them.

use diesel::prelude::*;
use examlink_lti::v1p3::ags::Order;

use crate::domain::exam::Exam;
use crate::domain::id::{ExamId, LineItemId, LineItemScoreId, LtiResourceId, StudentSessionId, ToolProviderId};
use crate::domain::line_item::{Item, ItemName, LineItem};
use crate::domain::line_item_score::{LineItemScore, NewLineItemScore, ReceivedScore, ScoreContent};
use crate::domain::outcome::Place;
use crate::domain::result::{Standing, StudentResult};
use crate::domain::student_session::StudentSession;
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};
use crate::schema::{departures, line_item_scores, line_items, results, student_sessions};
use crate::store::{Tx, results as all_results};

// The student sessions once more, to ask for a later attempt of the same student.
diesel::alias! {
    const LATER: Alias<Later> = student_sessions as later;
}

/// Narrows a query on student sessions to the attempt of each student that tools speak of: the latest one that was
/// begun, or else the latest.
macro_rules! spoken_of {
    ($query:expr) => {{
        let of_the_same = LATER
            .filter(LATER.field(student_sessions::exam_id).eq(student_sessions::exam_id))
            .filter(LATER.field(student_sessions::student_id).eq(student_sessions::student_id));
        let begun_later = of_the_same
            .filter(LATER.field(student_sessions::id).gt(student_sessions::id))
            .filter(LATER.field(student_sessions::start_time).is_not_null());
        let better = of_the_same.filter(LATER.field(student_sessions::id).ne(student_sessions::id)).filter(
            LATER
                .field(student_sessions::start_time)
                .is_not_null()
                .or(LATER.field(student_sessions::id).gt(student_sessions::id)),
        );
        let begun = student_sessions::start_time.is_not_null();
        let not_begun = student_sessions::start_time.is_null();
        $query.filter(
            begun
                .and(diesel::dsl::not(diesel::dsl::exists(begun_later)))
                .or(not_begun.and(diesel::dsl::not(diesel::dsl::exists(better)))),
        )
    }};
}

/// The attempt at an exam that a tool speaks of when it names a student.
pub fn session(tx: &mut Tx<'_>, exam: ExamId, student: &str) -> Result<Option<StudentSession>> {
    on!(tx, |c| spoken_of!(
        student_sessions::table
            .filter(student_sessions::exam_id.eq(exam))
            .filter(student_sessions::student_id.eq(student))
    )
    .select(StudentSession::as_select())
    .first(c)
    .optional())
}

/// One page of the attempts that a tool is told of as members of an exam, each student once, in the order that they came
/// in, from behind the one with the number `after`; where `since` is given, of those students alone that have come or
/// changed since then, or lost an attempt.
pub fn members(
    tx: &mut Tx<'_>,
    exam: ExamId,
    since: Option<Timestamp>,
    (after, limit): (StudentSessionId, i64),
) -> Result<Vec<StudentSession>> {
    on!(tx, |c| {
        let rows = student_sessions::table.filter(student_sessions::exam_id.eq(exam));
        let mut page = spoken_of!(rows.filter(student_sessions::id.gt(after))).into_boxed();
        if let Some(since) = since {
            let departed = departures::table
                .filter(departures::exam_id.eq(exam))
                .filter(departures::departed_at.ge(since))
                .select(departures::member_id);
            let changed = student_sessions::updated_at.ge(since);
            page = page.filter(changed.or(student_sessions::student_id.eq_any(departed)));
        }
        page.order(student_sessions::id).limit(limit).select(StudentSession::as_select()).load(c)
    })
}

/// Locks an attempt, so that of two scores at once the second finds the first, and gives the latest score of it.
pub fn lock(tx: &mut Tx<'_>, session: StudentSessionId, item: ItemName) -> Result<Option<LineItemScore>> {
    lock_row!(tx, student_sessions, session, for_no_key_update)?;
    let (resource, own) = columns_of(item);
    let latest = || line_item_scores::table.filter(line_item_scores::student_session_id.eq(session));
    on!(tx, |c| within!(
        latest().select(LineItemScore::as_select()),
        line_item_scores::lti_resource_id => resource,
        line_item_scores::line_item_id => own
    )
    .first(c)
    .optional())
}

/// How far a student is in a link, as its tool said last.
pub fn progress(tx: &mut Tx<'_>, session: StudentSessionId, link: LtiResourceId) -> Result<Option<String>> {
    on!(tx, |c| line_item_scores::table
        .filter(line_item_scores::student_session_id.eq(session))
        .filter(line_item_scores::lti_resource_id.eq(link))
        .select(line_item_scores::activity_progress)
        .first(c)
        .optional())
}

/// Stores a score over the one before, and lets the result follow it where it is the grade of a link. What was
/// [`Order::AlreadyApplied`] is not stored again.
pub fn put(
    tx: &mut Tx<'_>,
    (item, exam, session): (&Item, &Exam, &StudentSession),
    (score, before, late): (&ReceivedScore, Option<&LineItemScore>, bool),
    now: Timestamp,
) -> Result<()> {
    if score.order(before) != Order::Apply {
        return Ok(());
    }
    let content = score.content(before, late);
    if let Item::Link(resource) = item {
        let place = Place { session: session.clone(), exam: exam.clone(), resource: (**resource).clone() };
        let tool = resource.tool_provider_id;
        follow(tx, &place, now, |standing| score.write(standing, tool, &content, item.maximum()))?;
    }
    if let Some(before) = before {
        let change = (&content, line_item_scores::updated_at.eq(now));
        return on!(tx, |c| diesel::update(line_item_scores::table.find(before.id)).set(change).execute(c)).map(|_| ());
    }
    let new = NewLineItemScore::first(session.id, item.name(), content, now);
    on!(tx, |c| diesel::insert_into(line_item_scores::table).values(&new).execute(c)).map(|_| ())
}

/// Changes the result at a place where the change makes a difference: a tool says many times that a student works.
fn follow(
    tx: &mut Tx<'_>,
    place: &Place,
    now: Timestamp,
    change: impl Fn(&mut Standing) -> crate::domain::result::Change,
) -> Result<()> {
    let before = all_results::find(tx, place)?.map(|result| result.standing).unwrap_or_default();
    let mut after = before.clone();
    change(&mut after);
    if after != before {
        all_results::put(tx, place, now, change)?;
    }
    Ok(())
}

/// A result of a link with whose it is, and the latest score of it where a tool of LTI 1.3 gave one.
pub type LinkRow = (StudentResult, StudentSession, Option<ScoreContent>);

/// One page of the results of a link, each student once, from behind the attempt with the number `after`.
pub fn of_link(
    tx: &mut Tx<'_>,
    link: LtiResourceId,
    student: Option<&str>,
    after: StudentSessionId,
    limit: i64,
) -> Result<Vec<LinkRow>> {
    let latest =
        line_item_scores::student_session_id.eq(student_sessions::id).and(line_item_scores::lti_resource_id.eq(link));
    on!(tx, |c| {
        let rows = results::table
            .inner_join(student_sessions::table)
            .left_join(line_item_scores::table.on(latest))
            .filter(results::lti_resource_id.eq(link))
            .filter(student_sessions::id.gt(after))
            .select((StudentResult::as_select(), StudentSession::as_select(), Option::<ScoreContent>::as_select()));
        let rows = within!(spoken_of!(rows), student_sessions::student_id => student);
        rows.order(student_sessions::id).limit(limit).load(c)
    })
}

/// The same of a line item that a tool made.
pub fn of_own(
    tx: &mut Tx<'_>,
    item: LineItemId,
    student: Option<&str>,
    after: StudentSessionId,
    limit: i64,
) -> Result<Vec<(LineItemScore, StudentSession)>> {
    on!(tx, |c| {
        let rows = line_item_scores::table
            .inner_join(student_sessions::table)
            .filter(line_item_scores::line_item_id.eq(item))
            .filter(student_sessions::id.gt(after))
            .select((LineItemScore::as_select(), StudentSession::as_select()));
        let rows = within!(spoken_of!(rows), student_sessions::student_id => student);
        rows.order(student_sessions::id).limit(limit).load(c)
    })
}

/// The latest scores of these attempts in the line items that tools made, in the order of both; `most` of them together.
pub fn of_sessions(
    tx: &mut Tx<'_>,
    sessions: &[StudentSessionId],
    most: i64,
) -> Result<Vec<(LineItemScore, LineItem)>> {
    on!(tx, |c| line_item_scores::table
        .inner_join(line_items::table.on(line_item_scores::line_item_id.eq(line_items::id.nullable())))
        .filter(line_item_scores::student_session_id.eq_any(sessions))
        .order((line_item_scores::student_session_id, line_items::id))
        .limit(most)
        .select((LineItemScore::as_select(), LineItem::as_select()))
        .load(c))
}

/// One page of the latest scores of an exam's students in the line items that tools made, in the order that the first
/// ones came in, from behind the one with the number `after`.
pub fn of_exam(
    tx: &mut Tx<'_>,
    exam: ExamId,
    after: LineItemScoreId,
    limit: i64,
) -> Result<Vec<(LineItemScore, LineItem, StudentSession)>> {
    on!(tx, |c| line_item_scores::table
        .inner_join(line_items::table.on(line_item_scores::line_item_id.eq(line_items::id.nullable())))
        .inner_join(student_sessions::table)
        .filter(line_items::exam_id.eq(exam))
        .filter(line_item_scores::id.gt(after))
        .order(line_item_scores::id)
        .limit(limit)
        .select((LineItemScore::as_select(), LineItem::as_select(), StudentSession::as_select()))
        .load(c))
}

/// Refuses to delete a tool that gave points in line items of its own.
pub(super) fn refuse_while_graded(tx: &mut Tx<'_>, tool: ToolProviderId) -> Result<()> {
    let graded = line_item_scores::table
        .inner_join(line_items::table.on(line_item_scores::line_item_id.eq(line_items::id.nullable())))
        .filter(line_items::tool_provider_id.eq(tool))
        .filter(line_item_scores::score_given.is_not_null())
        .count();
    let graded: i64 = on!(tx, |c| graded.get_result(c))?;
    if graded == 0 {
        return Ok(());
    }
    let detail =
        format!("There are {graded} scores of students in line items of this tool that would be lost; keep it.");
    Err(Error::Conflict(detail))
}

const fn columns_of(item: ItemName) -> (Option<LtiResourceId>, Option<LineItemId>) {
    match item {
        ItemName::Link(id) => (Some(id), None),
        ItemName::Own(id) => (None, Some(id)),
    }
}
