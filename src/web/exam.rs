//! The student's exam page: `/sessions/<token>`. The server decides what the student may do; the page shows it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{Offset, TimeZone as _};

use crate::app::{App, off_worker};
use crate::domain::Result;
use crate::domain::attachment::Attachment;
use crate::domain::exam::Exam;
use crate::domain::instructions::{self, Html};
use crate::domain::lti_resource::Pixels;
use crate::domain::placeholder::Placeholder;
use crate::domain::proctoring::Step;
use crate::domain::secret::{Secret, TokenHash};
use crate::domain::student_session::{Door, Mover, SessionStatus, StudentSession};
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::ToolProvider;
use crate::page::{Policy, html, see_other};
use crate::store::lti_resources::WithTool;
use crate::store::{Tx, attachments, documents, lti_resources, lti_visits, proctorings, student_sessions};
use crate::web::page::{failed, message, message_within, tool_origins};
use crate::web::proctoring;
use crate::web::views::{
    AttachmentImage, AttachmentLink, ExamPage, Message, Moment, Phase, Proctor, SentToTool, Times, ToolFrame, ToolLink,
};

/// What the page shows.
struct Seat {
    session: StudentSession,
    exam: Exam,
    tools: Vec<WithTool>,
    attachments: Vec<Attachment>,
    instructions: String,
    /// Who watches, and whether that tool wants to be told of the end.
    proctor: Option<(ToolProvider, bool)>,
    /// Whose pages may show the exam in a frame.
    ancestors: Vec<String>,
}

#[get("/sessions/{token}")]
pub async fn show_exam_page(request: HttpRequest, token: Path<String>, app: Data<App>) -> HttpResponse {
    let hash = TokenHash::of(&Secret::new(token.as_str()));
    let (now, home) = (app.clock.now(), format!("/sessions/{token}"));
    // Instructions may be long, and parsing them takes as long as they are.
    let found = match app.store.query(move |tx| seat(tx, hash, now)).await {
        Ok(Some(seat)) => off_worker(move || Ok(Some(Shown::of(seat, home, now)))).await,
        other => other.map(|_| None),
    };
    match found {
        Ok(Some(shown)) => shown.page(&request),
        Ok(None) => message(&request, Message::WrongLink),
        Err(error) => failed(&request, &error),
    }
}

/// Begins the exam, or sends the student to the proctoring tool, which lets students begin.
#[post("/sessions/{token}/start")]
pub async fn start_exam(request: HttpRequest, token: Path<String>, app: Data<App>) -> HttpResponse {
    let now = app.clock.now();
    match step(&token, &app, move |session, exam| session.start(exam, now)).await {
        Ok(Some((session, exam))) if Step::Start.is_due(session.door(&exam, now)) => {
            proctoring::begin(&request, &app, &session, &token, Step::Start).await
        }
        outcome => shown_again(&request, &token, outcome),
    }
}

/// Ends the exam, and leads on to the proctoring tool where that wants to be told.
#[post("/sessions/{token}/finish")]
pub async fn finish_exam(request: HttpRequest, token: Path<String>, app: Data<App>) -> HttpResponse {
    let now = app.clock.now();
    let finish = move |session: &mut StudentSession, exam: &Exam| {
        if matches!(session.door(exam, now), Door::Running(_) | Door::TimeUp) {
            session.enter(SessionStatus::ExamFinished, Mover::Student, now)?;
        }
        Ok(())
    };
    let outcome = step(&token, &app, finish).await;
    match &outcome {
        Ok(Some((session, exam))) if awaits_end(&app, session, exam).await => {
            see_other(&format!("/sessions/{token}/proctoring/end"))
        }
        _ => shown_again(&request, &token, outcome),
    }
}

/// A step that was taken, and how the exam stands then; none where the token opens nothing.
type Outcome = Result<Option<(StudentSession, Exam)>>;

/// Takes a step, where the session's state allows it. A step taken twice, by a double click or a reload, changes nothing
/// the second time.
async fn step(
    token: &str,
    app: &App,
    change: impl Fn(&mut StudentSession, &Exam) -> Result<()> + Send + 'static,
) -> Outcome {
    let hash = TokenHash::of(&Secret::new(token));
    let now = app.clock.now();
    app.store.apply(move |tx: &mut Tx<'_>| student_sessions::update_by_token(tx, (hash, now), &change)).await
}

/// Shows the page again after a step: it says what is so now.
fn shown_again(request: &HttpRequest, token: &str, outcome: Outcome) -> HttpResponse {
    match outcome {
        Ok(Some(_)) => see_other(&format!("/sessions/{token}")),
        Ok(None) => message(request, Message::WrongLink),
        Err(error) => failed(request, &error),
    }
}

/// Whether a proctoring tool wants to be told that the student has ended. Where that is not to be had, the page says so.
async fn awaits_end(app: &App, session: &StudentSession, exam: &Exam) -> bool {
    if exam.proctoring_tool().is_none() || session.status != SessionStatus::ExamFinished {
        return false;
    }
    let id = session.id;
    let known = app.store.query(move |tx| proctorings::find(tx, id)).await;
    known.ok().flatten().is_some_and(|known| known.end_assessment_return)
}

fn seat(tx: &mut Tx<'_>, token: TokenHash, now: Timestamp) -> Result<Option<Seat>> {
    let Some((session, exam)) = student_sessions::by_token(tx, (token, now))? else { return Ok(None) };
    let tools = lti_resources::of_exam(tx, exam.id)?;
    let attachments = attachments::of_exam(tx, exam.id)?;
    let instructions = documents::find(tx, exam.id)?.map(|document| document.exam_content).unwrap_or_default();
    let proctor = proctorings::proctor(tx, &session, &exam)?;
    let ancestors = lti_visits::frame_origins(tx, session.id)?;
    Ok(Some(Seat { session, exam, tools, attachments, instructions, proctor, ancestors }))
}

/// A seat as it is now, with the part of the page that takes long.
struct Shown {
    seat: Seat,
    home: String,
    now: Timestamp,
    door: Door,
    instructions: Html,
}

impl Shown {
    fn of(seat: Seat, home: String, now: Timestamp) -> Self {
        let door = seat.session.door(&seat.exam, now);
        let instructions = match door {
            Door::Running(_) => seat.instructions(&home),
            _ => Html::default(),
        };
        Self { seat, home, now, door, instructions }
    }

    fn page(self, request: &HttpRequest) -> HttpResponse {
        let Self { seat, home, now, door, instructions } = self;
        let (phase, ends) = match door {
            Door::Draft => return message_within(request, Message::NotOpen, seat.ancestors),
            Door::Closed => return message_within(request, Message::Closed, seat.ancestors),
            Door::Expired => return message_within(request, Message::Expired, seat.ancestors),
            Door::NotYet(_) => (Phase::NotOpen, seat.exam.settings.end_time),
            Door::Ready(ends) => (Phase::Ready, ends),
            Door::Running(ends) => (Phase::Running { instructions }, ends),
            Door::Paused => (Phase::Paused, None),
            Door::TimeUp => (Phase::Over, None),
            Door::Finished => (Phase::Finished, None),
        };
        let page = ExamPage {
            exam: seat.exam.settings.name.as_str(),
            student: seat.session.name.as_str(),
            home: &home,
            phase,
            times: seat.times(ends, now),
            individual_info: seat.individual_info(),
            language: Some(seat.exam.settings.exam_language.as_str()),
            tools: &seat.sent(),
            proctor: seat
                .proctor
                .as_ref()
                .map(|(tool, end)| Proctor { name: tool.tool_name.as_str(), awaits_end: *end }),
        };
        let frames = tool_origins(seat.tools.iter().filter_map(|(resource, tool)| resource.launch_url(tool)));
        html(StatusCode::OK, &Policy { frames, ancestors: seat.ancestors.clone(), ..Policy::default() }, &page)
    }
}

impl Seat {
    /// The instructions with tools and attachments in the places of their placeholders.
    fn instructions(&self, home: &str) -> Html {
        let mut number = 0;
        let tool = |Placeholder::LtiResource(id)| {
            number += 1;
            match self.tools.iter().find(|(resource, _)| resource.id == id) {
                Some((resource, _)) => {
                    let (name, frame) = (resource.lti_resource_link_name.as_str(), format!("{home}/launch/{id}"));
                    let tab = format!("{frame}?target=window");
                    if resource.open_in_new_tab {
                        ToolLink { name, tab: &tab }.html()
                    } else {
                        let details = &resource.details;
                        let (width, height) = (details.display_width, details.display_height);
                        let (width, height) = (width.map(Pixels::count), height.map(Pixels::count));
                        ToolFrame { name, frame: &frame, tab: &tab, number, width, height }.html()
                    }
                }
                None => Html::text("This part of the exam is not available. Tell the exam's staff."),
            }
        };
        instructions::render(&self.instructions, tool, |placeholder| self.attachment(home, placeholder))
    }

    fn attachment(&self, home: &str, placeholder: &str) -> Option<Html> {
        let attachment = self.attachments.iter().find(|attachment| attachment.placeholder == placeholder)?;
        let (name, path) = (attachment.document_file_name.as_str(), format!("{home}/attachments/{}", attachment.id));
        Some(if attachment.document_content_type.is_image() {
            AttachmentImage { name, path: &path }.html()
        } else {
            AttachmentLink { name, path: &path }.html()
        })
    }

    fn individual_info(&self) -> Option<Html> {
        let info = self.session.individual_info.as_ref()?.as_str();
        Some(if self.session.is_individual_info_html { instructions::sanitise(info) } else { Html::text(info) })
    }

    fn times(&self, ends: Option<Timestamp>, now: Timestamp) -> Times {
        let zone = self.exam.settings.timezone.rules();
        Times {
            opens: self.session.opens_at(&self.exam).map(|at| moment(at, zone)),
            ends: ends.map(|at| moment(at, zone)),
            now: moment(now, zone),
            extra_minutes: self.session.extra_time_minutes.count(),
        }
    }

    fn sent(&self) -> Vec<SentToTool<'_>> {
        let sent = |tool: &ToolProvider| {
            let name = tool.share_name.then_some("your name");
            let email = tool.share_email.then_some("your e-mail address");
            ["a number that stands for you", "the name of this exam"].into_iter().chain(name).chain(email).collect()
        };
        let proctor = self.proctor.iter().map(|(tool, _)| (tool.tool_name.as_str(), tool));
        let tools = self.tools.iter().map(|(resource, tool)| (resource.lti_resource_link_name.as_str(), tool));
        proctor.chain(tools).map(|(name, tool)| SentToTool { name, sent: sent(tool) }).collect()
    }
}

fn moment(at: Timestamp, zone: chrono_tz::Tz) -> Moment {
    let Some(utc) = at.to_utc() else { return Moment { text: at.to_string(), machine: at.to_string() } };
    let local = zone.from_utc_datetime(&utc.naive_utc());
    let offset = local.offset().fix();
    let place = if zone == chrono_tz::UTC { "UTC".into() } else { format!("UTC{offset}, {zone}") };
    Moment {
        text: format!("{} ({place})", local.format("%-d %B %Y, %H:%M")),
        machine: local.to_rfc3339_opts(chrono::SecondsFormat::Secs, false),
    }
}
