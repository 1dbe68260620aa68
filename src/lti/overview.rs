//! The overview of an exam for the instructor of a course: who came from there, and how far they are.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};

use crate::app::App;
use crate::domain::Result;
use crate::domain::exam::{Exam, ExamStatus};
use crate::domain::grade_return::GradeStatus;
use crate::domain::id::LtiPlacementId;
use crate::domain::lti_consumer::LtiConsumer;
use crate::domain::lti_placement::LtiPlacement;
use crate::domain::student_session::{SessionStatus, StudentSession};
use crate::domain::time::Timestamp;
use crate::lti::refusal::Refusal;
use crate::lti::views::{OverviewPage, StudentLine};
use crate::lti::{placement, ticket};
use crate::page::{Policy, html};
use crate::store::{Tx, exams, lti_learners, lti_placements};

const PURPOSE: &str = "overview of an exam";

/// Where an instructor sees the exam of a placement.
pub fn path(app: &App, placement: LtiPlacementId, now: Timestamp) -> String {
    format!("/lti/1.1/overview/{}", ticket::issue(app, PURPOSE, placement, now))
}

type Students = Vec<(StudentSession, Option<GradeStatus>)>;

/// What the page shows.
struct Overview {
    placement: LtiPlacement,
    consumer: LtiConsumer,
    exam: Exam,
    students: Students,
}

#[get("/lti/1.1/overview/{ticket}")]
pub async fn show_overview(request: HttpRequest, given: Path<String>, app: Data<App>) -> HttpResponse {
    let now = app.clock.now();
    let Some(id) = ticket::open(&app, PURPOSE, &given, now) else {
        return Refusal::Expired.page(&request, Vec::new());
    };
    match app.store.query(move |tx| find(tx, id)).await {
        Ok(Some(found)) => found.page(&app, now),
        Ok(None) => Refusal::Expired.page(&request, Vec::new()),
        Err(error) => Refusal::from(error).page(&request, Vec::new()),
    }
}

fn find(tx: &mut Tx<'_>, id: LtiPlacementId) -> Result<Option<Overview>> {
    let Some((placement, consumer)) = lti_placements::open(tx, id)? else { return Ok(None) };
    let reached = placement.exam_id.filter(|exam| consumer.settings.exam_id.is_none_or(|only| only == *exam));
    let Some(exam) = reached else { return Ok(None) };
    let Some(exam) = exams::of_institute(tx, consumer.institute_id, exam)? else { return Ok(None) };
    let students = lti_learners::of_course(tx, &placement, exam.id)?;
    Ok(Some(Overview { placement, consumer, exam, students }))
}

impl Overview {
    fn page(self, app: &App, now: Timestamp) -> HttpResponse {
        let zone = self.exam.settings.timezone.rules();
        let at = |time: Option<Timestamp>| time.map_or_else(String::new, |time| time.local(zone));
        let line = |(session, grade): &(StudentSession, Option<GradeStatus>)| StudentLine {
            name: session.name.to_string(),
            group: session.group_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            status: in_words(session.status),
            started: at(session.start_time),
            finished: at(session.end_time),
            grade: grade.map_or("not asked for", grade_in_words),
        };
        let students: Vec<StudentLine> = self.students.iter().map(line).collect();
        let choose = self.placement.chosen.then(|| placement::path(app, self.placement.id, now));
        let page = OverviewPage {
            exam: self.exam.settings.name.as_str(),
            status: status_in_words(self.exam.status),
            course: self.placement.place.context_title.as_str(),
            choose: choose.as_deref(),
            students: &students,
        };
        let ancestors = self.consumer.settings.frame_origins.texts().collect();
        html(StatusCode::OK, &Policy { ancestors, ..Policy::default() }, &page)
    }
}

/// Where an exam is in its life, for people.
pub const fn status_in_words(status: ExamStatus) -> &'static str {
    match status {
        ExamStatus::Draft => "Not open yet.",
        ExamStatus::Open => "Open.",
        ExamStatus::Closed | ExamStatus::Deleted => "Closed.",
    }
}

const fn in_words(status: SessionStatus) -> &'static str {
    match status {
        SessionStatus::ExamStarted => "taking the exam",
        SessionStatus::ExamFinished => "finished",
        _ => "not started",
    }
}

const fn grade_in_words(status: GradeStatus) -> &'static str {
    match status {
        GradeStatus::Waiting => "no result yet",
        GradeStatus::Pending => "on its way",
        GradeStatus::Sent => "in the course",
        GradeStatus::Failed => "could not be sent",
    }
}
