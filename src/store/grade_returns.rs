//! Grade returns: where the result of a session goes, and what became of it.

use diesel::prelude::*;

use crate::clock::Random;
use crate::domain::Result;
use crate::domain::exam::Exam;
use crate::domain::grade_return::{GradeAddress, GradeKind, GradeReturn, GradeStatus, NewGradeReturn, overall};
use crate::domain::id::{GradeReturnId, LtiLearnerId, StudentSessionId};
use crate::domain::job::{NewJob, Task};
use crate::domain::lti_consumer::LtiConsumer;
use crate::domain::lti_learner::LtiLearner;
use crate::domain::lti_placement::LtiPlacement;
use crate::domain::lti_platform::LtiPlatform;
use crate::domain::lti_resource::Points;
use crate::domain::result::Score;
use crate::domain::secret::Secret;
use crate::domain::student_session::StudentSession;
use crate::domain::time::Timestamp;
use crate::schema::{grade_returns, lti_consumers as consumers, lti_learners, lti_placements, lti_resources, results};
use crate::store::listing::Columns;
use crate::store::{Listing, Page, PageRequest, Tx, exams, jobs, lti_consumers, lti_platforms};

/// A grade return with the place of the LMS that it goes to.
pub type WithPlace = (GradeReturn, LtiPlacement);

/// What lists of grade returns are filtered and sorted by.
pub const COLUMNS: Columns = columns!(grade_returns:
    id Number sorted, status Text, service Text, lti_consumer_id Number, sent_at Time, created_at Time, updated_at Time,
);

/// One page of the grade returns of a session that `listing` asks for, oldest first unless it says otherwise.
pub fn page(
    tx: &mut Tx<'_>,
    session: StudentSessionId,
    listing: &Listing,
    request: PageRequest,
) -> Result<Page<WithPlace>> {
    page_of!(
        tx, (listing, request), |query| within!(query, grade_returns::student_session_id => Some(session)),
        count: grade_returns::table.count(),
        rows: grade_returns::table
            .inner_join(lti_learners::table.inner_join(lti_placements::table))
            .select((GradeReturn::as_select(), LtiPlacement::as_select())),
        by: grade_returns::id
    )
}

/// Notes where the result of a learner's session goes, as the latest launch says. Without an address none is wanted any
/// more. What is known already, or could not be sent before, is sent.
pub fn note_address(
    tx: &mut Tx<'_>,
    learner: &LtiLearner,
    session: &StudentSession,
    address: Option<&GradeAddress>,
    now: Timestamp,
) -> Result<()> {
    let known = of_learner(tx, learner.id)?;
    let Some(address) = address else {
        let own = grade_returns::table.filter(grade_returns::lti_learner_id.eq(learner.id));
        return on!(tx, |c| diesel::delete(own).execute(c)).map(|_| ());
    };
    match known {
        Some(known) if known.student_session_id == session.id && known.goes_to(address) => {}
        Some(known) => write(tx, &known.redirected(session, address, now))?,
        None => {
            let new = NewGradeReturn::to(learner, session, address, now);
            on!(tx, |c| diesel::insert_into(grade_returns::table).values(new).execute(c))?;
        }
    }
    follow(tx, session.id, now)
}

/// Lets the grade returns of a session follow its result, and queues those that must be sent.
pub fn follow(tx: &mut Tx<'_>, session: StudentSessionId, now: Timestamp) -> Result<()> {
    let ids: Vec<GradeReturnId> = on!(tx, |c| grade_returns::table
        .filter(grade_returns::student_session_id.eq(session))
        .order(grade_returns::id)
        .select(grade_returns::id)
        .load(c))?;
    if ids.is_empty() {
        return Ok(());
    }
    let score = score(tx, session)?;
    for id in ids {
        let mut queue = false;
        update(tx, id, |grade| queue = grade.follow(score, now))?;
        if queue {
            let task = Task::GradeReturn { grade_return: id };
            jobs::insert(tx, &[NewJob::now(Random.hex::<16>()?, task, now)])?;
        }
    }
    Ok(())
}

/// What a result is sent with.
#[derive(Debug)]
pub struct Outgoing {
    /// The return.
    pub grade: GradeReturn,
    /// The LMS.
    pub consumer: LtiConsumer,
    /// What it is sent with.
    pub means: Means,
}

/// What an LMS is sent a result with.
#[derive(Debug)]
pub enum Means {
    /// By LTI 1.1: its secrets, the newest first.
    Secrets(Vec<Secret>),
    /// By LTI 1.3: what was agreed on with it, and the exam whose line item it is.
    Platform(Box<(LtiPlatform, Exam)>),
}

/// What is to be sent now; none where nothing is.
pub fn outgoing(tx: &mut Tx<'_>, id: GradeReturnId, now: Timestamp) -> Result<Option<Outgoing>> {
    let found: Option<(GradeReturn, LtiConsumer)> = on!(tx, |c| grade_returns::table
        .inner_join(consumers::table)
        .filter(grade_returns::id.eq(id))
        .filter(grade_returns::status.eq(GradeStatus::Pending))
        .select((GradeReturn::as_select(), LtiConsumer::as_select()))
        .first(c)
        .optional())?;
    let Some((grade, consumer)) = found else { return Ok(None) };
    let means = match grade.kind {
        GradeKind::BasicOutcomes => Means::Secrets(lti_consumers::secrets(tx, &consumer, now)?),
        GradeKind::LineItem | GradeKind::LineItems => {
            let agreed = lti_platforms::find(tx, consumer.id)?;
            let exam = exams::of_institute(tx, grade.institute_id, grade.exam_id)?;
            let Some(((_, platform), exam)) = agreed.zip(exam) else { return Ok(None) };
            Means::Platform(Box::new((platform, exam)))
        }
    };
    Ok(Some(Outgoing { grade, consumer, means }))
}

/// Takes the time to give the next score at.
pub fn next_score_at(tx: &mut Tx<'_>, id: GradeReturnId, now: Timestamp) -> Result<Timestamp> {
    let mut next = now;
    update(tx, id, |grade| next = grade.next_score_at(now))?;
    Ok(next)
}

/// Notes what the LMS has taken; `true` when there is something newer to send.
pub fn taken(tx: &mut Tx<'_>, id: GradeReturnId, sent: Option<Score>, now: Timestamp) -> Result<bool> {
    let mut again = false;
    update(tx, id, |grade| again = grade.taken(sent, now))?;
    Ok(again)
}

/// Notes why a result could not be sent, for good or for now.
pub fn refused(tx: &mut Tx<'_>, id: GradeReturnId, why: &str, for_good: bool, now: Timestamp) -> Result<()> {
    update(tx, id, |grade| {
        grade.attempts += 1;
        grade.reason = Some(why.to_owned());
        grade.updated_at = now;
        if for_good {
            grade.status = GradeStatus::Failed;
        }
    })
}

/// What a student reached in the tools of the exam.
fn score(tx: &mut Tx<'_>, session: StudentSessionId) -> Result<Option<Score>> {
    let scores: Vec<(Option<Score>, Option<Points>)> = on!(tx, |c| results::table
        .inner_join(lti_resources::table)
        .filter(results::student_session_id.eq(session))
        .filter(results::score.is_not_null())
        .select((results::score, lti_resources::line_item_maximum))
        .load(c))?;
    let weighed = |(score, maximum): (Option<Score>, Option<Points>)| Some((score?, maximum.map(Points::value)));
    Ok(overall(&scores.into_iter().filter_map(weighed).collect::<Vec<_>>()))
}

fn of_learner(tx: &mut Tx<'_>, learner: LtiLearnerId) -> Result<Option<GradeReturn>> {
    on!(tx, |c| grade_returns::table
        .filter(grade_returns::lti_learner_id.eq(learner))
        .select(GradeReturn::as_select())
        .first(c)
        .optional())
}

/// Locks a grade return, changes it and writes it back, where it is still there.
fn update(tx: &mut Tx<'_>, id: GradeReturnId, change: impl FnOnce(&mut GradeReturn)) -> Result<()> {
    lock_row!(tx, grade_returns, id)?;
    let found: Option<GradeReturn> =
        on!(tx, |c| grade_returns::table.find(id).select(GradeReturn::as_select()).first(c).optional())?;
    let Some(mut grade) = found else { return Ok(()) };
    change(&mut grade);
    write(tx, &grade)
}

fn write(tx: &mut Tx<'_>, grade: &GradeReturn) -> Result<()> {
    on!(tx, |c| diesel::update(grade_returns::table.find(grade.id)).set(grade).execute(c)).map(|_| ())
}
