//! `POST /lti/1.1/launch`: an LMS sends somebody here (LTI 1.1 guide, Basic Launch Data).

use actix_web::http::header::LOCATION;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, post};
use examlink_lti::v1::content_item::REQUEST_TYPE;
use examlink_lti::v1::launch::VerifiedLaunch;

use crate::app::App;
use crate::domain::Result;
use crate::domain::arrival::{Arrival, NoEntry, Person, Who, admit};
use crate::domain::exam::Exam;
use crate::domain::lti_consumer::LtiConsumer;
use crate::domain::lti_learner::Made;
use crate::domain::lti_placement::LtiPlacement;
use crate::domain::time::Timestamp;
use crate::lti::message::Message;
use crate::lti::refusal::Refusal;
use crate::lti::{content_items, overview, placement};
use crate::store::{Nonce, Tx, grade_returns, lti_consumers, lti_learners, lti_placements, lti_visits};

/// Receives whatever an LMS posts in somebody's browser: a launch, or the wish to choose exams to link to.
#[post("/lti/1.1/launch")]
pub async fn receive_launch(request: HttpRequest, body: Bytes, app: Data<App>) -> HttpResponse {
    let message = match Message::verify(&app, &request, &body).await {
        Ok(message) => message,
        Err(refusal) => return refusal.page(&request, Vec::new()),
    };
    let ancestors: Vec<String> = message.consumer.settings.frame_origins.clone().texts().collect();
    let opened = if message.form.get("lti_message_type") == Some(REQUEST_TYPE) {
        content_items::offer(&app, message).await
    } else {
        launch(&app, &request, message).await
    };
    opened.unwrap_or_else(|refusal| refusal.page(&request, ancestors))
}

async fn launch(app: &App, request: &HttpRequest, message: Message) -> Result<HttpResponse, Refusal> {
    let Message { consumer, form, nonce, at } = message;
    let back = form.get("launch_presentation_return_url").and_then(|url| consumer.settings.return_url(url));
    let launch = match VerifiedLaunch::try_from(form) {
        Ok(launch) => launch,
        Err(error) => {
            app.store.spend(nonce).await?;
            return refuse_message(error, back, request);
        }
    };
    let arrival = match Arrival::read(&launch, &consumer) {
        Ok(arrival) => arrival,
        Err(why) => {
            app.store.spend(nonce).await?;
            return Err(why.into());
        }
    };
    let who = arrival.as_who.clone();
    let coming = Coming { consumer, arrival, at };
    let path = match who {
        Who::Learner(person) => seat(app, nonce, coming, *person).await?,
        Who::Instructor => look_after(app, nonce, coming).await?,
    };
    Ok(see_other(&path))
}

/// Somebody who comes from an LMS.
struct Coming {
    consumer: LtiConsumer,
    arrival: Arrival,
    at: Timestamp,
}

/// A mistake in the message itself is told to the LMS, at the address that the launch names. What is given twice may be
/// that address.
fn refuse_message(
    error: examlink_lti::Error,
    back: Option<url::Url>,
    request: &HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let repeated = matches!(error, examlink_lti::Error::Repeated(_));
    let refusal = Refusal::of_message(error);
    match back {
        Some(url) if !repeated => Ok(refusal.back_to(url, request)),
        _ => Err(refusal),
    }
}

/// Leads a learner to the exam page, by a link of this one launch. Nothing is written for somebody who is refused.
async fn seat(app: &App, nonce: Nonce, coming: Coming, person: Person) -> Result<String, Refusal> {
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
        Ok(Ok(()))
    };
    app.store.write(nonce, enter).await??;
    Ok(path)
}

/// Leads an instructor to the overview of the exam, or to the choice of one.
async fn look_after(app: &App, nonce: Nonce, coming: Coming) -> Result<String, Refusal> {
    let now = coming.at;
    let note = move |tx: &mut Tx<'_>| -> Result<Result<LtiPlacement, NoEntry>> {
        let Coming { consumer, arrival, .. } = &coming;
        let exam = match exam_of(tx, consumer, arrival)? {
            Ok(exam) => exam.map(|exam| exam.id),
            Err(why) => return Ok(Err(why)),
        };
        lti_placements::note(tx, consumer.id, &arrival.place, exam, now).map(Ok)
    };
    let noted = app.store.write(nonce, note).await??;
    Ok(match noted.exam_id {
        Some(_) => overview::path(app, noted.id, now),
        None => placement::path(app, noted.id, now),
    })
}

/// The exam that a launch leads to, for an LMS that has not been shut out since the message was verified.
fn exam_of(tx: &mut Tx<'_>, consumer: &LtiConsumer, arrival: &Arrival) -> Result<Result<Option<Exam>, NoEntry>> {
    match lti_consumers::by_key(tx, &consumer.consumer_key)? {
        Some(now) if !now.settings.disabled => lti_placements::exam_of(tx, &now, arrival.exam.as_ref(), &arrival.place),
        _ => Ok(Err(NoEntry::ShutOut)),
    }
}

/// The answer to a form that was taken: the browser goes on by GET.
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, path)).insert_header(("Cache-Control", "no-store")).finish()
}
