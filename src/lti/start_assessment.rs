//! A proctoring tool lets a student begin (Proctoring Services 1.0, start assessment message). The student's browser brings
//! the message: it must be the one that set out for the tool.
//!
//! What the tool brings back of the student names session, attempt, tool and time. The message serves once, in the commit
//! that begins the attempt.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, post};
use examlink_lti::v1p3::proctoring::{START_ASSESSMENT_TYPE, StartAssessment, Started, session_data};
use examlink_lti::v1p3::tool_message::ToolMessage;
use url::form_urlencoded;

use crate::app::App;
use crate::browser::is_marked;
use crate::domain::error::Unauthenticated;
use crate::domain::launch::check::MessageCheck;
use crate::domain::launch::record::MessageKind;
use crate::domain::lti_urls;
use crate::domain::proctoring::{Candidate, Purpose, attempt_number, link_id};
use crate::domain::tool_deployment::Reach;
use crate::domain::tool_provider::ToolProvider;
use crate::domain::{Error, Result};
use crate::lti::received::Received;
use crate::lti::refusal::Refusal;
use crate::lti::tool_keys::ToolKeys;
use crate::lti::tool_message;
use crate::page::see_other;
use crate::store::{Nonce, Sender, Tx, proctorings, student_sessions};

/// Characters of what a tool says that are handed on.
const HANDED_ON: usize = 500;
/// Characters of what a tool says that are logged.
const LOGGED: usize = 2_000;

/// Begins the attempt, and leads the student home; or to the page that says what the tool reports.
#[post("/lti/1.3/start_assessment")]
pub async fn start_assessment(request: HttpRequest, body: Bytes, app: Data<App>, keys: Data<ToolKeys>) -> HttpResponse {
    let mut received = Received::from_tool(MessageKind::StartAssessment, lti_urls::START_ASSESSMENT);
    let outcome = start(&request, &body, &app, &keys, &mut received).await;
    received.note(&app, outcome.as_ref().err());
    match outcome {
        Ok(path) => see_other(&path),
        Err(refusal) => refusal.page(&request, Vec::new()),
    }
}

async fn start(
    request: &HttpRequest,
    body: &[u8],
    app: &App,
    keys: &ToolKeys,
    received: &mut Received,
) -> Result<String, Refusal> {
    let (message, tool, from) = tool_message::receive(body, app, keys, START_ASSESSMENT_TYPE, received).await?;
    received.at(MessageCheck::Data);
    let (candidate, said) = read(&message, (&tool, from), app, received).await?;
    received.at(MessageCheck::Browser);
    if !is_marked(request, app, candidate.session) {
        return Err(Refusal::NotBegunHere);
    }
    received.at(MessageCheck::Once);
    let nonce = admit(&message, &tool, app)?.locking(Some(candidate.session));
    if let Some(error) = reported(&candidate, &said) {
        app.store.spend(nonce).await.map_err(used)?;
        let back = lti_urls::proctoring_return(&candidate.seal(Purpose::Return, &app.keys)?);
        let said = form_urlencoded::Serializer::new(String::new()).append_pair("lti_errormsg", &error).finish();
        return Ok(format!("{back}?{said}"));
    }
    let (now, home) = (app.clock.now(), candidate.home());
    let begin = move |tx: &mut Tx<'_>| proctorings::begin(tx, &candidate, said.end_assessment_return, now);
    received.at(MessageCheck::Exam);
    let written = app.store.write(nonce, begin).await;
    if matches!(written, Err(Error::Unauthenticated(_))) {
        received.at(MessageCheck::Once);
    }
    let is_running = written.map_err(used)?;
    if is_running { Ok(home) } else { Err(Refusal::NotReady) }
}

/// What the tool says, where it hands back unaltered what it was told of a student of its own.
async fn read(
    message: &ToolMessage,
    (tool, from): (&ToolProvider, Reach),
    app: &App,
    received: &mut Received,
) -> Result<(Candidate, StartAssessment), Refusal> {
    let refused = |error: &dyn std::fmt::Display| Refusal::Tool(error.to_string());
    let data = session_data(message).map_err(|error| refused(&error))?;
    let candidate = Candidate::open(&data, Purpose::SessionData, &app.keys, app.clock.now());
    let candidate = candidate.filter(|candidate| candidate.tool == tool.id);
    let candidate = candidate.ok_or_else(|| refused(&"session_data is that of no student of this tool, or too old"))?;
    let id = candidate.session;
    let found = app.store.query(move |tx| student_sessions::with_exam(tx, id)).await?;
    let (session, exam, _) = found.ok_or(Refusal::NotReady)?;
    received.is_about(|about| (about.exam_id, about.student_session_id) = (Some(exam.id), Some(session.id)));
    tool_message::check(from, exam.settings.proctoring_tool_deployment_id)?;
    let started = Started {
        session_data: &data,
        resource_link_id: &link_id(&exam),
        attempt_number: attempt_number(&session),
        picture: None,
    };
    let said = StartAssessment::read(message, &started).map_err(|error| refused(&error))?;
    Ok((candidate, said))
}

fn admit(message: &ToolMessage, tool: &ToolProvider, app: &App) -> Result<Nonce, Refusal> {
    let words = format!("start assessment {}", message.nonce);
    app.admit(Sender::Tool(tool.id), message.ends, &words).map_err(|error| used(Error::Unauthenticated(error)))
}

/// A message that comes once more, as by a double click, tells nothing new: the exam page says what came of it.
fn used(error: Error) -> Refusal {
    match error {
        Error::Unauthenticated(Unauthenticated::NonceReused) => Refusal::NotReady,
        other => other.into(),
    }
}

/// Why the tool does not let the student begin, where it says that it does not.
fn reported(candidate: &Candidate, said: &StartAssessment) -> Option<String> {
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    if let Some(errorlog) = &said.error_log {
        let errorlog = cut(errorlog, LOGGED);
        tracing::warn!(session = %candidate.session, errorlog, "a proctoring tool reports an error");
    }
    let error = said.error.as_deref().or(said.error_log.as_deref().map(|_| "The tool reports an error."));
    error.map(|error| cut(error, HANDED_ON))
}
