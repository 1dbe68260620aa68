//! The choice of an exam for a place of an LMS, by an instructor who came from there.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Deserialize;

use crate::app::App;
use crate::domain::Result;
use crate::domain::arrival::NoEntry;
use crate::domain::exam::Exam;
use crate::domain::id::{ExamId, LtiPlacementId};
use crate::domain::lti_consumer::LtiConsumer;
use crate::domain::lti_placement::LtiPlacement;
use crate::domain::time::Timestamp;
use crate::lti::overview::{self, status_in_words};
use crate::lti::refusal::Refusal;
use crate::lti::ticket;
use crate::lti::views::{ChoosePage, ExamLine};
use crate::page::{Policy, html, see_other};
use crate::store::{Tx, exams, lti_placements};

const PURPOSE: &str = "choice of an exam";
/// Exams that are shown at most.
const SHOWN: i64 = 300;

/// Where an instructor chooses the exam of a placement.
pub fn path(app: &App, placement: LtiPlacementId, now: Timestamp) -> String {
    format!("/lti/1.1/placements/{}", ticket::issue(app, PURPOSE, placement, now))
}

/// The exam that was chosen.
#[derive(Debug, Deserialize)]
pub struct Chosen {
    exam_id: Option<i64>,
}

#[get("/lti/1.1/placements/{ticket}")]
pub async fn show_exams(request: HttpRequest, given: Path<String>, app: Data<App>) -> HttpResponse {
    let Some(id) = ticket::open(&app, PURPOSE, &given, app.clock.now()) else {
        return Refusal::Expired.page(&request, Vec::new());
    };
    let find = move |tx: &mut Tx<'_>| {
        let Some((placement, consumer)) = lti_placements::open(tx, id)? else { return Ok(None) };
        let exams = reachable(tx, &consumer)?;
        Ok(Some((placement, consumer, exams)))
    };
    match app.store.query(find).await {
        Ok(Some((placement, consumer, exams))) => show(request.path(), &placement, consumer, &exams),
        Ok(None) => Refusal::Expired.page(&request, Vec::new()),
        Err(error) => Refusal::from(error).page(&request, Vec::new()),
    }
}

fn show(action: &str, placement: &LtiPlacement, consumer: LtiConsumer, exams: &[Exam]) -> HttpResponse {
    let lines: Vec<ExamLine> = exams.iter().map(|exam| line(exam, placement.exam_id)).collect();
    let place = &placement.place;
    let names = [place.context_title.as_str(), place.resource_link_title.as_str()];
    let title = names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(": ");
    let page = ChoosePage { title: &title, action, hidden: &[], several: false, may_cancel: false, exams: &lines };
    let ancestors = consumer.settings.frame_origins.texts().collect();
    html(StatusCode::OK, &Policy { ancestors, ..Policy::default() }, &page)
}

/// An exam in a choice.
pub fn line(exam: &Exam, chosen: Option<ExamId>) -> ExamLine {
    ExamLine {
        id: exam.id.0,
        name: exam.settings.name.to_string(),
        status: status_in_words(exam.status),
        chosen: chosen == Some(exam.id),
    }
}

/// The exams that an LMS may be given: its only one, or the newest of its institute.
pub fn reachable(tx: &mut Tx<'_>, consumer: &LtiConsumer) -> Result<Vec<Exam>> {
    match consumer.settings.exam_id {
        Some(only) => Ok(exams::of_institute(tx, consumer.institute_id, only)?.into_iter().collect()),
        None => exams::newest(tx, consumer.institute_id, SHOWN),
    }
}

/// The one of `chosen` that an LMS may be given.
pub fn reached(tx: &mut Tx<'_>, consumer: &LtiConsumer, chosen: ExamId) -> Result<Option<Exam>> {
    let allowed = consumer.settings.exam_id.is_none_or(|only| only == chosen);
    if allowed { exams::of_institute(tx, consumer.institute_id, chosen) } else { Ok(None) }
}

#[post("/lti/1.1/placements/{ticket}")]
pub async fn choose_exam(
    request: HttpRequest,
    given: Path<String>,
    chosen: Form<Chosen>,
    app: Data<App>,
) -> HttpResponse {
    let now = app.clock.now();
    let Some(id) = ticket::open(&app, PURPOSE, &given, now) else {
        return Refusal::Expired.page(&request, Vec::new());
    };
    // Without a choice the page is shown again.
    let Some(exam) = chosen.exam_id.map(ExamId) else { return see_other(request.path()) };
    let choose = move |tx: &mut Tx<'_>| {
        let Some((placement, consumer)) = lti_placements::open(tx, id)? else { return Ok(Err(Refusal::Expired)) };
        let Some(exam) = reached(tx, &consumer, exam)? else { return Ok(Err(NoEntry::Exam.into())) };
        lti_placements::choose(tx, placement, exam.id, now).map(Ok)
    };
    match app.store.apply(choose).await {
        Ok(Ok(placement)) => see_other(&overview::path(&app, placement.id, now)),
        Ok(Err(refusal)) => refusal.page(&request, Vec::new()),
        Err(error) => Refusal::from(error).page(&request, Vec::new()),
    }
}
