//! Learners: who came from which place of an LMS, and which student session that is.

use std::collections::HashSet;

use diesel::dsl::exists;
use diesel::prelude::*;

use crate::domain::Result;
use crate::domain::arrival::Person;
use crate::domain::exam::Exam;
use crate::domain::grade_return::GradeStatus;
use crate::domain::id::{ExamId, LtiConsumerId, StudentSessionId};
use crate::domain::lti_consumer::LtiConsumer;
use crate::domain::lti_learner::{LtiLearner, Made, NewLtiLearner, new_session};
use crate::domain::lti_placement::LtiPlacement;
use crate::domain::student_session::StudentSession;
use crate::domain::text::Label;
use crate::domain::time::Timestamp;
use crate::schema::{grade_returns, lti_learners, lti_placements, student_sessions};
use crate::store::{Tx, student_sessions as sessions};

/// Students that are shown to an instructor at most.
const SHOWN: i64 = 1_000;

/// The session of somebody who was sent to take an exam, as of now: their newest attempt, or a new one. People are known
/// by what their LMS calls them, and by their e-mail address where nobody else of that LMS has it: the institute may have
/// registered them before.
pub fn session(
    tx: &mut Tx<'_>,
    consumer: &LtiConsumer,
    (exam, person): (&Exam, &Person),
    made: &Made,
    now: Timestamp,
) -> Result<StudentSession> {
    let came_before = of_user(tx, consumer.id, exam.id, &person.user_id)?;
    let address = came_before.as_ref().map_or(&person.email, |session| &session.email);
    let session = match sessions::newest_of_email(tx, exam.id, address)? {
        Some(newest) if came_before.is_some() || !is_anothers(tx, consumer.id, &newest)? => newest,
        _ => create(tx, exam, person, made, now)?,
    };
    if let Some(group) = &person.group_id {
        sessions::note_group(tx, session.id, group, now)?;
    }
    Ok(session)
}

/// Notes who came from a place, and to which session.
pub fn note(
    tx: &mut Tx<'_>,
    placement: &LtiPlacement,
    user: &Label,
    session: StudentSessionId,
    now: Timestamp,
) -> Result<LtiLearner> {
    let known: Option<LtiLearner> = on!(tx, |c| lti_learners::table
        .filter(lti_learners::lti_placement_id.eq(placement.id))
        .filter(lti_learners::user_id.eq(user))
        .select(LtiLearner::as_select())
        .first(c)
        .optional())?;
    match known {
        Some(known) if known.student_session_id == session => Ok(known),
        Some(known) => {
            let moved = (lti_learners::student_session_id.eq(session), lti_learners::updated_at.eq(now));
            on!(tx, |c| diesel::update(lti_learners::table.find(known.id)).set(moved).execute(c))?;
            Ok(LtiLearner { student_session_id: session, ..known })
        }
        None => {
            let new = NewLtiLearner {
                lti_consumer_id: placement.lti_consumer_id,
                lti_placement_id: placement.id,
                student_session_id: session,
                user_id: user.clone(),
                created_at: now,
                updated_at: now,
            };
            on!(tx, |c| diesel::insert_into(lti_learners::table)
                .values(new)
                .returning(LtiLearner::as_returning())
                .get_result(c))
        }
    }
}

/// The students who came to an exam from the course of a placement, with the way of their results to that course.
pub fn of_course(
    tx: &mut Tx<'_>,
    placement: &LtiPlacement,
    exam: ExamId,
) -> Result<Vec<(StudentSession, Option<GradeStatus>)>> {
    on!(tx, |c| lti_learners::table
        .inner_join(lti_placements::table)
        .inner_join(student_sessions::table)
        .left_join(grade_returns::table.on(grade_returns::lti_learner_id.eq(lti_learners::id)))
        .filter(lti_placements::lti_consumer_id.eq(placement.lti_consumer_id))
        .filter(lti_placements::context_id.eq(&placement.place.context_id))
        .filter(student_sessions::exam_id.eq(exam))
        .order((student_sessions::name, student_sessions::id, lti_learners::id))
        .limit(SHOWN)
        .select((StudentSession::as_select(), grade_returns::status.nullable()))
        .load(c))
    .map(|rows: Vec<(StudentSession, Option<GradeStatus>)>| each_once(rows))
}

/// What the LMS calls everybody who came from there to an exam, from whichever course.
pub fn users(tx: &mut Tx<'_>, consumer: LtiConsumerId, exam: ExamId) -> Result<HashSet<Label>> {
    let users: Vec<Label> = on!(tx, |c| lti_learners::table
        .inner_join(student_sessions::table)
        .filter(lti_learners::lti_consumer_id.eq(consumer))
        .filter(student_sessions::exam_id.eq(exam))
        .select(lti_learners::user_id)
        .load(c))?;
    Ok(users.into_iter().collect())
}

/// Somebody who came from two places of the course is one student.
fn each_once(mut rows: Vec<(StudentSession, Option<GradeStatus>)>) -> Vec<(StudentSession, Option<GradeStatus>)> {
    rows.dedup_by(|next, first| next.0.id == first.0.id);
    rows
}

fn of_user(tx: &mut Tx<'_>, consumer: LtiConsumerId, exam: ExamId, user: &Label) -> Result<Option<StudentSession>> {
    on!(tx, |c| lti_learners::table
        .inner_join(student_sessions::table)
        .filter(lti_learners::lti_consumer_id.eq(consumer))
        .filter(lti_learners::user_id.eq(user))
        .filter(student_sessions::exam_id.eq(exam))
        .order(student_sessions::attempt.desc())
        .select(StudentSession::as_select())
        .first(c)
        .optional())
}

/// Whether somebody else of the LMS came to a session. (Whoever asks has not come to this exam yet.)
fn is_anothers(tx: &mut Tx<'_>, consumer: LtiConsumerId, session: &StudentSession) -> Result<bool> {
    let others = lti_learners::table
        .inner_join(student_sessions::table)
        .filter(lti_learners::lti_consumer_id.eq(consumer))
        .filter(student_sessions::exam_id.eq(session.exam_id))
        .filter(student_sessions::email.eq(&session.email));
    on!(tx, |c| diesel::select(exists(others)).get_result(c))
}

/// A new session. Somebody whose address is another's is another student to tools.
fn create(tx: &mut Tx<'_>, exam: &Exam, person: &Person, made: &Made, now: Timestamp) -> Result<StudentSession> {
    let attempt = sessions::next_attempt(tx, exam.id, &person.email)?;
    let known = match attempt {
        1 => sessions::known_student(tx, exam.institute_id, &person.email)?,
        _ => None,
    };
    let student_id = known.unwrap_or_else(|| made.student_id.clone());
    let new = new_session(exam, person, (attempt, student_id), &made.link, now);
    sessions::insert(tx, &new, &made.link)
}
