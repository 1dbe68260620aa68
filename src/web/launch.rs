//! The launch into a tool, and the way back from it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get};
use examlink_lti::v1::launch::{DocumentTarget, LaunchUrl, SignedForm};
use examlink_lti::v1::relaunch::{Relaunch, RelaunchStates};
use serde::Deserialize;

use crate::app::App;
use crate::domain::id::LtiResourceId;
use crate::domain::launch::{LaunchFacts, Opening};
use crate::domain::secret::{Secret, TokenHash};
use crate::domain::student_session::Door;
use crate::domain::time::{Span, Timestamp};
use crate::domain::{Error, Result};
use crate::store::{Tx, launches, student_sessions};
use crate::web::page::{LOGGED, Policy, cut, failed, html, launch_page, message, shown};
use crate::web::relaunch::{self, FirstLaunch};
use crate::web::views::{Message, ReturnPage};

/// How long a tool may send students back with the address of one launch.
const RETURN_FOR: Span = Span::hours(24 * 7);
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
    let found = app.store.query(move |tx| find(tx, hash, id)).await;
    let (facts, secret) = match found {
        Ok(Ok(found)) => found,
        Ok(Err(refused)) => return message(&request, refused),
        Err(error) => return failed(&request, &error),
    };
    let new_tab = facts.resource.open_in_new_tab || wanted.target.as_deref() == Some("window");
    let target = if new_tab { DocumentTarget::Window } else { DocumentTarget::Iframe };
    open(&request, &app, &Click { facts, secret, target, at: app.clock.now(), states: None })
}

/// A student who opens a tool.
pub struct Click {
    /// What the launch is made from.
    pub facts: LaunchFacts,
    /// The tool's.
    pub secret: Secret,
    /// Where the tool opens.
    pub target: DocumentTarget,
    /// When.
    pub at: Timestamp,
    /// What the tool sent when it asked for this as the second launch.
    pub states: Option<RelaunchStates>,
}

/// Launches, if the student's exam is running.
pub fn open(request: &HttpRequest, app: &App, click: &Click) -> HttpResponse {
    let ends = match click.facts.session.door(&click.facts.exam, click.at) {
        Door::Running(ends) => ends,
        closed => return message(request, why(closed)),
    };
    match sign(app, click, ends) {
        Ok(form) => show(app, click, &form),
        Err(error) => {
            tracing::error!(%error, resource = %click.facts.resource.id, "a launch could not be made");
            message(request, Message::NoTool)
        }
    }
}

fn find(tx: &mut Tx<'_>, token: TokenHash, resource: LtiResourceId) -> Result<Result<(LaunchFacts, Secret), Message>> {
    Ok(match launches::find(tx, token, resource)? {
        Some(found) => Ok(found),
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

fn sign(app: &App, click: &Click, ends: Option<Timestamp>) -> Result<SignedForm> {
    let broken = |error: examlink_lti::Error| Error::Internal(error.to_string());
    let Click { facts, target, .. } = click;
    let url = facts.resource.launch_url(&facts.tool).unwrap_or_default();
    let url = LaunchUrl::parse(url, app.allow_http_tools).map_err(broken)?;
    let (stamp, host) = (app.stamp(click.at)?, app.public_url.host());
    let relaunch = match &click.states {
        Some(states) => Some(Relaunch::Answered(states.clone())),
        None => facts.tool.offer_relaunch.then(|| FirstLaunch::of(click, stamp.nonce()).offer(app)),
    };
    let opening = Opening { target: *target, return_url: return_url(app, facts, click.at), relaunch, ends };
    let launch = facts.message(app.consumer(&host), opening).map_err(broken)?;
    launch.sign(&url, &facts.tool.credentials(click.secret.clone()), &stamp).map_err(broken)
}

fn show(app: &App, click: &Click, form: &SignedForm) -> HttpResponse {
    let tool = click.facts.resource.lti_resource_link_name.as_str();
    let mut page = launch_page(tool, form, true);
    if click.facts.tool.offer_relaunch && click.states.is_none() {
        relaunch::mark_browser(&mut page, app, click.facts.session.id);
    }
    page
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
    let (said_message, said_error) = (shown(said.message.as_deref()), shown(said.error.as_deref()));
    let page = ReturnPage { message: said_message.as_deref(), error: said_error.as_deref() };
    html(StatusCode::OK, &Policy { framed: true, ..Policy::default() }, &page)
}

fn is_recent_launch(app: &App, launch: &str) -> bool {
    let Some((launch, ticket)) = launch.rsplit_once('-') else { return false };
    let made = launch.rsplit_once('-').and_then(|(_, seconds)| Timestamp::parse(seconds));
    let recent = made.is_some_and(|made| app.clock.now() < made + RETURN_FOR);
    recent & app.keys.is_ticket(ticket, PURPOSE, launch)
}
