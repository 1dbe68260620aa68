//! The overview of an exam for the instructor of a course: who came from there, and how far they are; and who has not come
//! yet, where the LMS lists its members.

use std::collections::HashSet;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};

use crate::app::App;
use crate::domain::Result;
use crate::domain::exam::{Exam, ExamStatus};
use crate::domain::grade_return::GradeStatus;
use crate::domain::id::{ExamId, LtiPlacementId};
use crate::domain::lti_consumer::LtiConsumer;
use crate::domain::lti_placement::LtiPlacement;
use crate::domain::lti_platform::LtiPlatform;
use crate::domain::student_session::{SessionStatus, StudentSession};
use crate::domain::text::{Label, WebUrl};
use crate::domain::time::Timestamp;
use crate::lti::refusal::Refusal;
use crate::lti::roster::Rosters;
use crate::lti::views::{OverviewPage, StudentLine};
use crate::lti::{placement, ticket};
use crate::page::{Policy, html};
use crate::store::{Tx, exams, lti_learners, lti_placements, lti_platforms};

const PURPOSE: &str = "overview of an exam";

/// What the page says where the list of the course did not come.
const UNREADABLE: &str = "The list of the course could not be read now, so this page does not show who has not opened \
    the exam yet. Try again in a minute.";
/// What it says where that list goes on.
const CUT: &str = "The course has more people than this page shows.";

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
    course: Option<Course>,
}

/// A course whose platform lists its members.
struct Course {
    platform: LtiPlatform,
    memberships: WebUrl,
    /// Who has opened the exam.
    opened: HashSet<Label>,
}

#[get("/lti/1.1/overview/{ticket}")]
pub async fn show_overview(
    request: HttpRequest,
    given: Path<String>,
    app: Data<App>,
    rosters: Data<Rosters>,
) -> HttpResponse {
    let now = app.clock.now();
    let Some(id) = ticket::open(&app, PURPOSE, &given, now) else {
        return Refusal::Expired.page(&request, Vec::new());
    };
    match app.store.query(move |tx| find(tx, id)).await {
        Ok(Some(found)) => {
            let absent = found.absent(&rosters, now).await;
            found.page(&app, absent, now)
        }
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
    let course = course(tx, &placement, exam.id)?;
    Ok(Some(Overview { placement, consumer, exam, students, course }))
}

fn course(tx: &mut Tx<'_>, placement: &LtiPlacement, exam: ExamId) -> Result<Option<Course>> {
    let Some(memberships) = placement.context_memberships_url.clone() else { return Ok(None) };
    let Some((_, platform)) = lti_platforms::find(tx, placement.lti_consumer_id)? else { return Ok(None) };
    let opened = lti_learners::users(tx, placement.lti_consumer_id, exam)?;
    Ok(Some(Course { platform, memberships, opened }))
}

impl Overview {
    /// Who of the course has not opened the exam yet, and what to know of that list.
    async fn absent(&self, rosters: &Rosters, now: Timestamp) -> (Vec<StudentLine>, Option<&'static str>) {
        let Some(course) = &self.course else { return (Vec::new(), None) };
        let Some(roster) = rosters.read(&course.platform, &course.memberships, now).await else {
            return (Vec::new(), Some(UNREADABLE));
        };
        let absent = roster.without(&course.opened).into_iter().map(StudentLine::absent).collect();
        (absent, roster.cut.then_some(CUT))
    }

    fn page(self, app: &App, (absent, note): (Vec<StudentLine>, Option<&'static str>), now: Timestamp) -> HttpResponse {
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
            absent: &absent,
            note,
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
