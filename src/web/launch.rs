//! The launch into a tool, and the way back from it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get};
use examlink_lti::v1::credentials::Stamp;
use examlink_lti::v1::launch::{DocumentTarget, LaunchUrl, SignedForm};
use serde::Deserialize;

use crate::app::App;
use crate::domain::id::{LtiResourceId, StudentSessionId};
use crate::domain::launch::{Consumer, LaunchFacts};
use crate::domain::secret::{Secret, TokenHash};
use crate::domain::student_session::Door;
use crate::domain::time::{Span, Timestamp};
use crate::domain::{Error, Result};
use crate::page::{Policy, html};
use crate::store::{Tx, launches, lti_visits, student_sessions};
use crate::web::page::{failed, message, message_within, tool_origins};
use crate::web::views::{LaunchPage, Message, ReturnPage};

/// How long a tool may send students back with the address of one launch.
const RETURN_FOR: Span = Span::hours(24 * 7);
/// Characters of a tool's message that are shown.
const SHOWN: usize = 500;
/// Characters of a tool's message that are logged.
const LOGGED: usize = 2_000;
const PURPOSE: &str = "return from tool";

/// Where the student asked the tool to open.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    /// `window` for a new tab; otherwise as the resource says.
    target: Option<String>,
}

/// Makes a launch, signed now: every click makes a new one, and no cache keeps it.
#[get("/sessions/{token}/launch/{resource}")]
pub async fn launch_tool(
    request: HttpRequest,
    path: Path<(String, String)>,
    wanted: Query<Wanted>,
    app: Data<App>,
) -> HttpResponse {
    let (token, resource) = path.into_inner();
    let hash = TokenHash::of(&Secret::new(token));
    // What is no number is the id of nothing.
    let id = LtiResourceId(resource.parse().unwrap_or(0));
    let now = app.clock.now();
    let found = app.store.query(move |tx| find(tx, (hash, now), id)).await;
    let (facts, secret, ancestors) = match found {
        Ok(Ok(found)) => found,
        Ok(Err(refused)) => return message(&request, refused),
        Err(error) => return failed(&request, &error),
    };
    match facts.session.door(&facts.exam, now) {
        Door::Running(_) => {}
        closed => return message_within(&request, why(closed), ancestors),
    }
    let new_tab = facts.resource.open_in_new_tab || wanted.target.as_deref() == Some("window");
    let target = if new_tab { DocumentTarget::Window } else { DocumentTarget::Iframe };
    match sign(&app, &facts, secret, target, now) {
        Ok(form) => show(&facts, &form, ancestors),
        Err(error) => {
            tracing::error!(%error, resource, "a launch could not be made");
            message_within(&request, Message::NoTool, ancestors)
        }
    }
}

/// What a launch is made from, the tool's secret, and whose pages may show it in a frame.
type Found = (LaunchFacts, Secret, Vec<String>);

fn find(tx: &mut Tx<'_>, token: (TokenHash, Timestamp), resource: LtiResourceId) -> Result<Result<Found, Message>> {
    Ok(match launches::find(tx, token, resource)? {
        Some((facts, secret)) => {
            let ancestors = lti_visits::frame_origins(tx, facts.session.id)?;
            Ok((facts, secret, ancestors))
        }
        None if student_sessions::by_token(tx, token)?.is_some() => Err(Message::NoTool),
        None => Err(Message::WrongLink),
    })
}

/// What a student is told whose exam is not running.
pub const fn why(door: Door) -> Message {
    match door {
        Door::Draft | Door::NotYet(_) => Message::NotOpen,
        Door::Ready(_) | Door::Running(_) => Message::NotStarted,
        Door::Closed => Message::Closed,
        Door::Expired | Door::TimeUp => Message::Expired,
        Door::Finished => Message::Finished,
    }
}

fn sign(app: &App, facts: &LaunchFacts, secret: Secret, target: DocumentTarget, now: Timestamp) -> Result<SignedForm> {
    let broken = |error: examlink_lti::Error| Error::Internal(error.to_string());
    let url = LaunchUrl::parse(facts.resource.launch_url(&facts.tool).unwrap_or_default(), app.allow_http_tools);
    let host = app.public_url.host();
    let consumer = Consumer {
        url: app.public_url.as_str(),
        host: &host,
        name: &app.instance_name,
        contact_email: app.contact_email.as_deref(),
    };
    let launch = facts.message(consumer, target, return_url(app, facts, now), &app.keys).map_err(broken)?;
    let seconds = u64::try_from(now.seconds()).unwrap_or_default();
    let stamp = Stamp::new(app.random.hex::<15>()?, seconds).map_err(broken)?;
    launch.sign(&url.map_err(broken)?, &facts.credentials(secret), &stamp).map_err(broken)
}

fn show(facts: &LaunchFacts, form: &SignedForm, ancestors: Vec<String>) -> HttpResponse {
    let page =
        LaunchPage { tool: facts.resource.lti_resource_link_name.as_str(), action: &form.action, fields: &form.fields };
    let forms = tool_origins([form.action.as_str()]);
    let policy = Policy { forms, framed: true, ancestors, ..Policy::default() };
    html(StatusCode::OK, &policy, &page)
}

/// Where the tool may send the student back: an address of this one launch, which opens nothing but a page of thanks.
/// It must not hold the student's token, because the tool reads it.
fn return_url(app: &App, facts: &LaunchFacts, now: Timestamp) -> String {
    let launch = format!("{}-{}-{}", facts.session.id, facts.resource.id, now.seconds());
    let ticket = app.keys.ticket(PURPOSE, &launch);
    format!("{}/return/{launch}-{ticket}", app.public_url.as_str())
}

/// What a tool may say when it sends a student back (LTI 1.1 guide, `launch_presentation_return_url`).
#[derive(Debug, Deserialize)]
pub struct Said {
    #[serde(rename = "lti_msg")]
    message: Option<String>,
    #[serde(rename = "lti_errormsg")]
    error: Option<String>,
    #[serde(rename = "lti_log")]
    log: Option<String>,
    #[serde(rename = "lti_errorlog")]
    error_log: Option<String>,
}

/// Receives a student who comes back from a tool. What the tool says is shown as text, because nobody signed it, and
/// only under the address that one launch gave out.
#[get("/return/{launch}")]
pub async fn return_from_tool(
    request: HttpRequest,
    launch: Path<String>,
    said: Query<Said>,
    app: Data<App>,
) -> HttpResponse {
    if !is_recent_launch(&app, &launch) {
        return message(&request, Message::WrongLink);
    }
    let launch = launch.rsplit_once('-').map_or("", |(launch, _)| launch);
    if let Some(text) = &said.log {
        tracing::info!(launch, lti_log = cut(text, LOGGED), "a tool sent a student back");
    }
    if let Some(text) = &said.error_log {
        tracing::warn!(launch, lti_errorlog = cut(text, LOGGED), "a tool sent a student back with an error");
    }
    let shown =
        |text: &Option<String>| text.as_deref().map(|text| cut(text, SHOWN)).filter(|text| !text.trim().is_empty());
    let (said_message, said_error) = (shown(&said.message), shown(&said.error));
    let page = ReturnPage { message: said_message.as_deref(), error: said_error.as_deref() };
    // The page is worth seeing without the database, too: it may then not stand inside an LMS.
    let session = launch.split('-').next().and_then(|id| id.parse().ok()).map(StudentSessionId);
    let ancestors = match session {
        Some(id) => app.store.query(move |tx| lti_visits::frame_origins(tx, id)).await.unwrap_or_default(),
        None => Vec::new(),
    };
    html(StatusCode::OK, &Policy { framed: true, ancestors, ..Policy::default() }, &page)
}

fn is_recent_launch(app: &App, launch: &str) -> bool {
    let Some((launch, ticket)) = launch.rsplit_once('-') else { return false };
    let made = launch.rsplit_once('-').and_then(|(_, seconds)| Timestamp::parse(seconds));
    let recent = made.is_some_and(|made| app.clock.now() < made + RETURN_FOR);
    recent & app.keys.is_ticket(ticket, PURPOSE, launch)
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
