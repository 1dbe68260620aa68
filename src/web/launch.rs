//! The launch into a tool, and the way back from it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get};
use examlink_lti::v1::launch::{DocumentTarget, LaunchUrl, SignedForm};
use examlink_lti::v1::relaunch::{Relaunch, RelaunchStates};
use serde::Deserialize;

use crate::app::App;
use crate::browser::mark_browser;
use crate::domain::id::{LtiResourceId, StudentSessionId};
use crate::domain::launch::record::{NewLaunchRecord, ToolReturn};
use crate::domain::launch::{LaunchFacts, Opening, Shut};
use crate::domain::link_times::LinkTimes;
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::secret::{Secret, TokenHash};
use crate::domain::student_session::Door;
use crate::domain::time::{Span, Timestamp};
use crate::domain::{Error, Result};
use crate::page::{Policy, WrittenPage, html};
use crate::store::launches::Found;
use crate::store::launches::log::{self, Named};
use crate::store::{Tx, launches, lti_visits, student_sessions};
use crate::web::login;
use crate::web::page::{failed, message, message_within, shown, written_launch};
use crate::web::relaunch::offer;
use crate::web::started::{OPEN_FOR, StartedLaunch};
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
    let (now, shared) = (app.clock.now(), app.clone());
    let new_tab = wanted.target.as_deref() == Some("window");
    // A launch is made from many small texts. It is signed where they are found: to hand them to another processor takes
    // as long as to sign them.
    let begin = move |tx: &mut Tx<'_>| {
        let found = find(tx, (hash, now), id)?;
        Ok(found.map(|found| match click(found, new_tab, now) {
            (click, Some(registration)) => Begun::Login(click, Box::new(registration)),
            (click, None) => Begun::Launch(launch(&shared, click)),
        }))
    };
    match app.store.query(begin).await {
        Ok(Ok(Begun::Login(click, registration))) => login::begin(&request, &app, click, &registration),
        Ok(Ok(Begun::Launch(launched))) => answer(&request, &app, launched),
        Ok(Err(refused)) => message(&request, refused),
        Err(error) => failed(&request, &error),
    }
}

/// What a click leads to.
enum Begun {
    /// The login of a tool that speaks LTI 1.3.
    Login(Click, Box<LtiRegistration>),
    /// The launch itself, by LTI 1.1.
    Launch(Result<Launched, Told>),
}

fn click(found: Found, new_tab: bool, at: Timestamp) -> (Click, Option<LtiRegistration>) {
    let Found { facts, secret, ancestors, registration } = found;
    let new_tab = new_tab || facts.resource.open_in_new_tab;
    let target = if new_tab { DocumentTarget::Window } else { DocumentTarget::Iframe };
    (Click { facts, secret, ancestors, target, at, states: None }, registration)
}

/// A student who opens a tool.
pub struct Click {
    /// What the launch is made from.
    pub facts: Box<LaunchFacts>,
    /// The tool's.
    pub secret: Secret,
    /// Whose pages may show the launch in a frame.
    pub ancestors: Vec<String>,
    /// Where the tool opens.
    pub target: DocumentTarget,
    /// When.
    pub at: Timestamp,
    /// What the tool sent when it asked for this as the second launch.
    pub states: Option<RelaunchStates>,
}

/// A launch on its way to the student's browser.
struct Launched {
    page: WrittenPage,
    /// Whose browser it must be that answers the tool's question for the second launch, where one is offered.
    marked: Option<StudentSessionId>,
}

/// What the student is told instead, and whose pages may show it in a frame.
struct Told(Message, Vec<String>);

/// Launches by LTI 1.1, if the student's exam is running and the link available, and notes the launch.
pub fn open(request: &HttpRequest, app: &App, click: Click) -> HttpResponse {
    answer(request, app, launch(app, click))
}

fn answer(request: &HttpRequest, app: &App, launched: Result<Launched, Told>) -> HttpResponse {
    let Launched { page, marked } = match launched {
        Ok(launched) => launched,
        Err(Told(message, ancestors)) => return message_within(request, message, ancestors),
    };
    let mut page = page.answer(StatusCode::OK);
    if let Some(session) = marked {
        mark_browser(&mut page, app, session, OPEN_FOR);
    }
    page
}

fn launch(app: &App, click: Click) -> Result<Launched, Told> {
    let times = match click.facts.times(click.at) {
        Ok(times) => times,
        Err(shut) => return Err(Told(why_shut(shut), click.ancestors)),
    };
    match sign(app, &click, times) {
        Ok((form, nonce)) => {
            let launched = show(&click, &form);
            let Click { facts, at, .. } = click;
            app.store.note_launch(|| NewLaunchRecord::made(&facts, nonce, form.action, form.fields, at));
            Ok(launched)
        }
        Err(error) => {
            tracing::error!(%error, resource = %click.facts.resource.id, "a launch could not be made");
            let why = if let Error::Internal(why) = error { why } else { error.to_string() };
            app.store.note_launch(|| NewLaunchRecord::not_made(&click.facts, why, click.at));
            Err(Told(Message::NoTool, click.ancestors))
        }
    }
}

fn find(tx: &mut Tx<'_>, token: (TokenHash, Timestamp), resource: LtiResourceId) -> Result<Result<Found, Message>> {
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
        Door::Paused => Message::Paused,
    }
}

/// What a student is told who may not open a link.
pub const fn why_shut(shut: Shut) -> Message {
    match shut {
        Shut::Exam(door) => why(door),
        Shut::NotYet => Message::ToolNotOpen,
        Shut::Over => Message::ToolOver,
    }
}

/// The signed form and its nonce, which is random and new for every click.
fn sign(app: &App, click: &Click, times: LinkTimes) -> Result<(SignedForm, String)> {
    let broken = |error: examlink_lti::Error| Error::Internal(error.to_string());
    let Click { facts, target, .. } = click;
    let url = facts.resource.launch_url(&facts.tool).unwrap_or_default();
    let url = LaunchUrl::parse(url, app.allow_http_tools).map_err(broken)?;
    let stamp = app.stamp(click.at)?;
    let relaunch = match &click.states {
        Some(states) => Some(Relaunch::Answered(states.clone())),
        None => facts.tool.offer_relaunch.then(|| offer(app, &StartedLaunch::of(click, stamp.nonce()))),
    };
    let return_url = return_url(app, facts, stamp.nonce(), click.at);
    let opening = Opening { target: *target, return_url, relaunch, times };
    let launch = facts.message(app.consumer(), opening).map_err(broken)?;
    let form = launch.sign(&url, &facts.tool.credentials(click.secret.clone()), &stamp).map_err(broken)?;
    Ok((form, stamp.nonce().to_owned()))
}

fn show(click: &Click, form: &SignedForm) -> Launched {
    let tool = click.facts.resource.lti_resource_link_name.as_str();
    let policy = Policy { framed: true, ancestors: click.ancestors.clone(), ..Policy::default() };
    let offers_second = click.facts.tool.offer_relaunch && click.states.is_none();
    Launched { page: written_launch(tool, form, policy), marked: offers_second.then_some(click.facts.session.id) }
}

/// Where the tool may send the student back: an address of this one launch, which opens nothing but a page of thanks.
/// It must not hold the student's token, because the tool reads it.
pub fn return_url(app: &App, facts: &LaunchFacts, nonce: &str, now: Timestamp) -> String {
    let launch = format!("{}-{}-{}-{nonce}", facts.session.id, facts.resource.id, now.seconds());
    let ticket = app.keys.ticket(PURPOSE, &launch);
    format!("{}/return/{launch}-{ticket}", app.public_url.as_str())
}

/// Receives a student who comes back from a tool. What the tool says is shown as text, because nobody signed it, and
/// only under the address that one launch gave out.
#[get("/return/{launch}")]
pub async fn return_from_tool(
    request: HttpRequest,
    launch: Path<String>,
    said: Query<ToolReturn>,
    app: Data<App>,
) -> HttpResponse {
    let Some(launch) = recent_launch(&app, &launch) else { return message(&request, Message::WrongLink) };
    let said = said.into_inner().cut();
    if let Some(lti_log) = &said.lti_log {
        tracing::info!(session = %launch.session, lti_log, "a tool sent a student back");
    }
    if let Some(lti_errorlog) = &said.lti_errorlog {
        tracing::warn!(session = %launch.session, lti_errorlog, "a tool sent a student back with an error");
    }
    let session = launch.session;
    note_return(&app, launch, said.clone()).await;
    let (said_message, said_error) = (shown(said.lti_msg.as_deref()), shown(said.lti_errormsg.as_deref()));
    let page = ReturnPage { message: said_message.as_deref(), error: said_error.as_deref(), home: None };
    // The page is worth seeing without the database, too: it may then not stand inside an LMS.
    let ancestors = app.store.query(move |tx| lti_visits::frame_origins(tx, session)).await.unwrap_or_default();
    html(StatusCode::OK, &Policy { framed: true, ancestors, ..Policy::default() }, &page)
}

/// The launch that a return address names, where this server gave that address out lately.
fn recent_launch(app: &App, address: &str) -> Option<Named> {
    let (launch, ticket) = address.rsplit_once('-')?;
    let mut parts = launch.split('-');
    let mut number = || parts.next()?.parse().ok();
    let (session, resource) = (StudentSessionId(number()?), Some(LtiResourceId(number()?)));
    let made = Timestamp::parse(parts.next()?)?;
    let nonce = parts.next()?.to_owned();
    let recent = app.clock.now() < made + RETURN_FOR;
    (recent & app.keys.is_ticket(ticket, PURPOSE, launch)).then_some(Named { session, resource, nonce })
}

/// Notes in the log what a tool said when it sent a student back. The student goes on whether or not it can be noted.
pub async fn note_return(app: &App, message: Named, said: ToolReturn) {
    if let Err(error) = try_note_return(app, message, said).await {
        tracing::warn!(%error, "what a tool said was not logged");
    }
}

async fn try_note_return(app: &App, message: Named, said: ToolReturn) -> Result<()> {
    // It may still wait to be written.
    app.store.write_all_launches().await;
    let Some(id) = app.store.query(move |tx| log::find_open(tx, &message)).await? else { return Ok(()) };
    let now = app.clock.now();
    app.store.apply(move |tx| log::note_return(tx, id, &said, now)).await
}
