//! The result of a session on its way to the LMS that the student came from, by the version that it launched with.

mod outcome;
mod score;

use crate::domain::grade_return::GradeKind;
use crate::domain::id::GradeReturnId;
use crate::domain::job::Job;
use crate::domain::lti_consumer::LtiConsumer;
use crate::jobs::{Outcome, Worker};
use crate::store::grade_returns::{Means, Outgoing, outgoing};

/// The part of what an LMS says that is kept, in characters.
const KEPT: usize = 500;

/// Sends the result as it is now, or takes it back, unless the LMS has it already.
pub(super) async fn send(worker: &Worker, job: &Job, id: GradeReturnId) -> Outcome {
    let now = worker.clock.now();
    let going = match worker.store.query(move |tx| outgoing(tx, id, now)).await {
        Ok(Some(going)) => going,
        Ok(None) => return Outcome::Void,
        Err(error) => return Outcome::Later(error.to_string()),
    };
    if let Some(why) = closed(&going) {
        return Outcome::Never(why.into());
    }
    match &going.means {
        Means::Secrets(secrets) => outcome::send(worker, &going, secrets, &job.uid).await,
        Means::Platform(agreed) => score::send(worker, &going, agreed).await,
    }
}

/// Why nothing goes to this LMS any more.
fn closed(going: &Outgoing) -> Option<&'static str> {
    let LtiConsumer { settings, .. } = &going.consumer;
    if settings.disabled {
        return Some("the LMS is disabled here");
    }
    if settings.exam_id.is_some_and(|only| only != going.grade.exam_id) {
        return Some("the LMS no longer reaches this exam");
    }
    let by_outcomes = going.grade.kind == GradeKind::BasicOutcomes;
    let takes_back = by_outcomes && going.grade.score.is_none() && !settings.lms.deletes_results();
    takes_back.then_some("this LMS does not take a grade back; set it there")
}
