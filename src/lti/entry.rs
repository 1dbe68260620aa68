//! The way in for somebody whom an LMS sends by a verified launch, whichever version it came by: a learner is led to
//! the exam page, an instructor to the overview of the exam or to the choice of one.

use actix_web::HttpResponse;

use crate::app::App;
use crate::domain::Result;
use crate::domain::arrival::{Arrival, NoEntry, Person, Who, admit};
use crate::domain::exam::Exam;
use crate::domain::launch::check::MessageCheck;
use crate::domain::lti_consumer::LtiConsumer;
use crate::domain::lti_learner::Made;
use crate::domain::lti_placement::LtiPlacement;
use crate::domain::text::WebUrl;
use crate::domain::time::Timestamp;
use crate::lti::received::Received;
use crate::lti::refusal::Refusal;
use crate::lti::{overview, placement};
use crate::page::see_other;
use crate::store::{Nonce, Tx, grade_returns, lti_consumers, lti_learners, lti_placements, lti_visits};

/// Somebody who comes from an LMS.
struct Coming {
    consumer: LtiConsumer,
    arrival: Arrival,
    at: Timestamp,
}

/// Leads somebody to where the launch leads, and spends its nonce, also where it leads nowhere. The log says which exam and
/// session that are.
pub async fn enter(
    app: &App,
    nonce: Nonce,
    (consumer, arrival): (LtiConsumer, Result<Arrival, NoEntry>),
    at: Timestamp,
    received: &mut Received,
) -> Result<HttpResponse, Refusal> {
    received.at(MessageCheck::Entry);
    let arrival = match arrival {
        Ok(arrival) => arrival,
        Err(why) => {
            app.store.spend(nonce).await?;
            return Err(why.into());
        }
    };
    let who = arrival.as_who.clone();
    let coming = Coming { consumer, arrival, at };
    let path = match who {
        Who::Learner(person) => seat(app, nonce, coming, *person, received).await?,
        Who::Instructor { memberships } => look_after(app, nonce, coming, memberships, received).await?,
    };
    Ok(see_other(&path))
}

/// Leads a learner to the exam page, by a link of this one launch. Nothing is written for somebody who is refused.
async fn seat(
    app: &App,
    nonce: Nonce,
    coming: Coming,
    person: Person,
    received: &mut Received,
) -> Result<String, Refusal> {
    let made = Made::random(app.random)?;
    let path = format!("/sessions/{}", made.visit.reveal());
    let enter = move |tx: &mut Tx<'_>| {
        let Coming { consumer, arrival, at: now } = &coming;
        let exam = match exam_of(tx, consumer, arrival)? {
            Ok(Some(exam)) => exam,
            Ok(None) => return Ok(Err(NoEntry::NothingChosen)),
            Err(why) => return Ok(Err(why)),
        };
        if let Err(why) = admit(&exam) {
            return Ok(Err(why));
        }
        let place = lti_placements::note(tx, consumer.id, &arrival.place, Some(exam.id), *now)?;
        let session = lti_learners::session(tx, consumer, (&exam, &person), &made, *now)?;
        let learner = lti_learners::note(tx, &place, &person.user_id, session.id, *now)?;
        grade_returns::note_address(tx, &learner, &session, person.grade.as_ref(), *now)?;
        lti_visits::insert(tx, learner.id, &made.visit, *now)?;
        Ok(Ok((exam.id, session.id)))
    };
    let (exam, session) = app.store.write(nonce, enter).await??;
    received.is_about(|about| (about.exam_id, about.student_session_id) = (Some(exam), Some(session)));
    Ok(path)
}

/// Leads an instructor to the overview of the exam, or to the choice of one.
async fn look_after(
    app: &App,
    nonce: Nonce,
    coming: Coming,
    memberships: Option<WebUrl>,
    received: &mut Received,
) -> Result<String, Refusal> {
    let now = coming.at;
    let note = move |tx: &mut Tx<'_>| -> Result<Result<LtiPlacement, NoEntry>> {
        let Coming { consumer, arrival, .. } = &coming;
        let exam = match exam_of(tx, consumer, arrival)? {
            Ok(exam) => exam.map(|exam| exam.id),
            Err(why) => return Ok(Err(why)),
        };
        let placement = lti_placements::note(tx, consumer.id, &arrival.place, exam, now)?;
        lti_placements::note_memberships(tx, placement, memberships.clone(), now).map(Ok)
    };
    let noted = app.store.write(nonce, note).await??;
    received.is_about(|about| about.exam_id = noted.exam_id);
    Ok(match noted.exam_id {
        Some(_) => overview::path(app, noted.id, now),
        None => placement::path(app, noted.id, now),
    })
}

/// The exam that a launch leads to, for an LMS that has not been shut out since the message was verified.
fn exam_of(tx: &mut Tx<'_>, consumer: &LtiConsumer, arrival: &Arrival) -> Result<Result<Option<Exam>, NoEntry>> {
    match lti_consumers::find_open(tx, consumer.id)? {
        Some(now) => lti_placements::exam_of(tx, &now, arrival.exam.as_ref(), &arrival.place),
        None => Ok(Err(NoEntry::ShutOut)),
    }
}
