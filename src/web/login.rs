//! A launch by LTI 1.3 (Security Framework 1.0, section 5.1): the student's browser is sent to the tool's login, the tool
//! sends it here to ask who that is, and is answered by a signed token.
//!
//! Nothing is stored between the steps. What the tool must hand back ([`StartedLaunch`]) serves once, for ten minutes, in
//! the browser that started the launch.

mod refusal;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, get, post};
use examlink_lti::v1::launch::{LaunchUrl, SignedForm};
use examlink_lti::v1::oauth1::Param;
use examlink_lti::v1p3::Error::Repeated;
use examlink_lti::v1p3::form_pairs;
use examlink_lti::v1p3::login::{
    AuthenticationError, AuthenticationRequest, CheckedRequest, LoginInitiation, Refusal, Registration,
};
use serde_json::Value;

use crate::app::App;
use crate::browser::{is_marked, mark_browser};
use crate::domain::id::StudentSessionId;
use crate::domain::launch::check::MessageCheck;
use crate::domain::launch::id_token::LIFE;
use crate::domain::launch::record::{About, Direction, MessageKind, NewLaunchRecord};
use crate::domain::launch::{Opening, services, shown};
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::ToolProvider;
use crate::domain::{Error, Result};
use crate::page::Policy;
use crate::store::launches::{self, Found};
use crate::store::{Tx, line_items, lti_registrations};
use crate::web::deep_linking::{self, StartedSelection};
use crate::web::launch::{Click, return_url, why_shut};
use crate::web::page::{failed, launch_page, message_within, refused};
use crate::web::proctoring;
use crate::web::started::{OPEN_FOR, Purpose, StartedLaunch, was_spent};
use crate::web::submission_review;
use crate::web::views::Message;

pub(super) use refusal::{Begun, Refused, Stop};

const SUBJECT: &str = "login hint";
/// Where a tool that can keep no cookie may keep its state: the page around its frame.
const STORAGE_TARGET: &str = "_parent";

const NOT_ACTIVE: &str = "the tool is not active; an administrator sets its active to true";

/// The first step: sends the browser to the tool's login, if the student's exam is running and the link available.
pub fn begin(request: &HttpRequest, app: &App, click: Click, registration: &LtiRegistration) -> HttpResponse {
    if let Err(shut) = click.facts.times(click.at) {
        return message_within(request, why_shut(shut), click.ancestors);
    }
    if !registration.settings.active {
        return not_made(request, app, &click, Error::Internal(NOT_ACTIVE.into()));
    }
    match initiation(app, &click, registration) {
        Ok(form) => {
            let session = click.facts.session.id;
            let policy = Policy { framed: true, ancestors: click.ancestors, ..Policy::default() };
            let mut page = launch_page(click.facts.resource.lti_resource_link_name.as_str(), &form, policy);
            mark_browser(&mut page, app, session, OPEN_FOR);
            page
        }
        Err(error) => not_made(request, app, &click, error),
    }
}

fn initiation(app: &App, click: &Click, registration: &LtiRegistration) -> Result<SignedForm> {
    let url = click.facts.resource.launch_url(&click.facts.tool).unwrap_or_default();
    // A tool may be moved here from LTI 1.1, with URLs that were checked by other rules once.
    LaunchUrl::parse(url, app.allow_http_tools).map_err(|error| Error::Internal(error.to_string()))?;
    let started = StartedLaunch::of(click, &app.random.hex::<16>()?);
    let login = LoginInitiation {
        issuer: app.public_url.as_str().to_owned(),
        login_hint: login_hint(app, started.session),
        target_link_uri: url.to_owned(),
        message_hint: started.write(app, Purpose::Login),
        deployment_id: registration.deployment_id.clone(),
        client_id: registration.client_id.clone(),
        storage_target: Some(STORAGE_TARGET.to_owned()),
    };
    Ok(SignedForm { action: registration.settings.login_url.to_string(), fields: login.fields() })
}

/// Who is to be logged in, in words that are of use nowhere else.
pub(super) fn login_hint(app: &App, session: StudentSessionId) -> String {
    app.keys.ticket(SUBJECT, &session.to_string())
}

fn not_made(request: &HttpRequest, app: &App, click: &Click, error: Error) -> HttpResponse {
    tracing::error!(%error, resource = %click.facts.resource.id, "a launch could not be made");
    let why = if let Error::Internal(why) = error { why } else { error.to_string() };
    app.store.note_launch(|| NewLaunchRecord::not_made(&click.facts, why, click.at));
    message_within(request, Message::NoTool, click.ancestors.clone())
}

/// The third step, as a link (OpenID Connect Core, section 3.1.2.1).
#[get("/lti/1.3/authorize")]
pub async fn authorize(request: HttpRequest, app: Data<App>) -> HttpResponse {
    let asked = request.query_string().as_bytes().to_vec();
    answer(&request, &asked, &app).await
}

/// The same as a form.
#[post("/lti/1.3/authorize")]
pub async fn authorize_form(request: HttpRequest, body: Bytes, app: Data<App>) -> HttpResponse {
    let form = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !form.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return refused(&request, &"the request is no form", Message::NotUnderstood);
    }
    answer(&request, &body, &app).await
}

async fn answer(request: &HttpRequest, asked: &[u8], app: &App) -> HttpResponse {
    let pairs = form_pairs(asked);
    let hint = pairs.iter().find(|(name, _)| name == "lti_message_hint").map(|(_, hint)| hint.clone());
    let answered = launch(request, pairs, app).await;
    if let (Err(refused), Some(hint)) = (&answered, hint)
        && let Err(error) = refused.note(app, &hint, app.clock.now()).await
    {
        tracing::warn!(%error, "a launch that was refused was not logged");
    }
    match answered.map_err(Stop::from) {
        Ok(Answered { name, form, ancestors }) => {
            launch_page(&name, &form, Policy { framed: true, ancestors, ..Policy::default() })
        }
        Err(Stop::Page(told, why)) => refused(request, &why, told),
        Err(Stop::Tool(told)) => {
            let (form, why) = *told;
            tracing::info!(%why, "a tool that asked for a launch was refused");
            launch_page("the tool", &form, Policy { framed: true, ..Policy::default() })
        }
        Err(Stop::Failed(error)) => failed(request, &error),
    }
}

/// What a tool is answered that may know who is there.
pub(super) struct Answered {
    /// What is opened.
    pub(super) name: String,
    /// The token on its way.
    pub(super) form: SignedForm,
    /// Whose pages may show it in a frame.
    pub(super) ancestors: Vec<String>,
}

/// Answers a request for a student's launch, for a proctored student, or for an author's or a grader's way to a tool, by
/// the form with its token.
async fn launch(request: &HttpRequest, pairs: Vec<Param>, app: &App) -> Result<Answered, Refused> {
    let asked = AuthenticationRequest::parse(pairs).map_err(|error| {
        let check = if matches!(error, Repeated(_)) { MessageCheck::Parameters } else { MessageCheck::ClientId };
        Refused::at(check, Refusal::Shown(error))
    })?;
    let client_id = asked.client_id().to_owned();
    let known = app.store.query(move |tx| lti_registrations::named(tx, &client_id)).await?;
    let unknown = || Stop::Page(Message::NotUnderstood, "no tool has this client_id".into());
    let (tool, registration) = known.ok_or_else(|| Refused::at(MessageCheck::ClientId, unknown()))?;
    let asked = asked.check(&agreed(&tool, &registration).as_ref())?;
    let answered = answer_checked(request, app, &asked, &registration).await;
    answered.map_err(|refused| refused.told_to(&asked))
}

/// The same for a request that keeps every rule of the protocol: from here on the tool is told what goes wrong.
async fn answer_checked(
    request: &HttpRequest,
    app: &App,
    asked: &CheckedRequest,
    registration: &LtiRegistration,
) -> Result<Answered, Refused> {
    let now = app.clock.now();
    if let Some(started) = StartedSelection::read(app, asked.message_hint(), now) {
        return deep_linking::answer(request, app, asked, started, registration).await;
    }
    if let Some(leave) = submission_review::under_way(app, asked.message_hint(), now) {
        return submission_review::answer(request, app, asked, leave, registration).await;
    }
    if let Some(way) = proctoring::under_way(app, asked.message_hint(), now) {
        return proctoring::answer(request, app, asked, way, registration).await;
    }
    answer_student(request, app, asked, registration).await
}

/// Answers a request for a student's launch: once, while the exam runs.
async fn answer_student(
    request: &HttpRequest,
    app: &App,
    asked: &CheckedRequest,
    registration: &LtiRegistration,
) -> Result<Answered, Refused> {
    let (now, tool) = (app.clock.now(), registration.tool_provider_id);
    let started = started(request, app, asked, now)?;
    let (session, resource) = (started.session, started.resource);
    let find =
        move |tx: &mut Tx<'_>| Ok((launches::find_again(tx, session, resource)?, line_items::is_only(tx, resource)?));
    let (found, only) = app.store.query(find).await?;
    let found = found.ok_or_else(|| Stop::Page(Message::NoTool, "the link is gone".into()))?;
    // Of the same tool, at the deployment of the link.
    let registration = match &found.registration {
        Some(registration) if found.facts.tool.id == tool => registration,
        _ => {
            let refusal = asked.refuse(AuthenticationError::AccessDenied, "the launch is for another tool");
            return Err(Refused::at(MessageCheck::Tool, refusal));
        }
    };
    let shut = |shut| Refused::at(MessageCheck::Exam, Stop::Page(why_shut(shut), "the link is not open".into()));
    let times = found.facts.times(now).map_err(shut)?;
    match started.spend(app, Purpose::Login, tool).await {
        Err(error) if was_spent(&error) => {
            let used = Stop::Page(Message::NoRelaunch, "the launch was used before".into());
            return Err(Refused::at(MessageCheck::Once, used));
        }
        spent => spent?,
    }
    let opening = Opening { target: started.target, return_url: String::new(), relaunch: None, times };
    let (exam, link) = (found.facts.exam.id, found.facts.resource.id);
    let services = services::claims(&registration.settings, (app.public_url.as_str(), exam), only.then_some(link));
    let form = token(app, (&found, registration, services), asked, (opening, now)).await?;
    let name = found.facts.resource.lti_resource_link_name.to_string();
    Ok(Answered { name, form, ancestors: found.ancestors })
}

/// The registration as the protocol compares it.
struct Agreed {
    client_id: String,
    redirect_uris: Vec<String>,
    active: bool,
}

fn agreed(tool: &ToolProvider, registration: &LtiRegistration) -> Agreed {
    let redirect_uris = registration.settings.redirect_uris.0.iter().map(ToString::to_string).collect();
    Agreed { client_id: registration.client_id.clone(), redirect_uris, active: registration.may_be_used(tool) }
}

impl Agreed {
    fn as_ref(&self) -> Registration<'_> {
        Registration { client_id: &self.client_id, redirect_uris: &self.redirect_uris, active: self.active }
    }
}

/// The launch that the tool asks about, if this browser started it.
fn started(request: &HttpRequest, app: &App, asked: &CheckedRequest, now: Timestamp) -> Result<StartedLaunch, Refused> {
    let started = StartedLaunch::read(app, Purpose::Login, asked.message_hint(), now);
    let unknown = || Stop::Page(Message::NoRelaunch, "lti_message_hint is not ours, or too old".into());
    let started = started.ok_or_else(|| Refused::at(MessageCheck::MessageHint, unknown()))?;
    check_student(request, app, asked, started.session)?;
    Ok(started)
}

/// Whether the tool asks about this student, in the browser that the student started from.
pub(super) fn check_student(
    request: &HttpRequest,
    app: &App,
    asked: &CheckedRequest,
    session: StudentSessionId,
) -> Result<(), Refused> {
    if !app.keys.is_ticket(asked.login_hint(), SUBJECT, &session.to_string()) {
        let refusal = asked.refuse(AuthenticationError::AccessDenied, "login_hint is somebody else's");
        return Err(Refused::at(MessageCheck::LoginHint, refusal));
    }
    if !is_marked(request, app, session) {
        let why = "this browser did not start the launch; open the tool again from the exam page";
        return Err(Refused::at(MessageCheck::Browser, asked.refuse(AuthenticationError::LoginRequired, why)));
    }
    Ok(())
}

/// The form that brings the token to the tool; the log keeps what it says.
async fn token(
    app: &App,
    (found, registration, services): (&Found, &LtiRegistration, Vec<(&'static str, Value)>),
    asked: &CheckedRequest,
    (opening, now): (Opening, Timestamp),
) -> Result<SignedForm> {
    let facts = &found.facts;
    let nonce = app.random.hex::<15>()?;
    let opening = Opening { return_url: return_url(app, facts, &nonce, now), ..opening };
    let message = facts.id_token(app.consumer(), opening, registration, services)?;
    let seconds = u64::try_from(now.seconds()).unwrap_or_default();
    let broken = |error: examlink_lti::v1p3::Error| Error::Internal(error.to_string());
    let mut claims = message.claims(asked.nonce(), seconds, LIFE).map_err(broken)?;
    if let Some(before) = facts.migration(registration) {
        before.write(&mut claims, &found.secret).map_err(broken)?;
    }
    let user = facts.user_claim(app.public_url.as_str(), &app.keys, now);
    claims.put(&user.name, user.shown(facts));
    let said = serde_json::to_string(&claims).map_err(|error| Error::Internal(error.to_string()))?;
    claims.put(&user.name, user.told(facts));
    let token = app.platform.sign(claims).await?;
    note_sent(app, asked, (facts.about(), MessageKind::ResourceLink, nonce), (said, &token), now);
    Ok(asked.answer(&token, Some(STORAGE_TARGET)))
}

/// Puts a message into the log that is on its way to a tool.
pub(super) fn note_sent(
    app: &App,
    asked: &CheckedRequest,
    (about, kind, nonce): (About, MessageKind, String),
    (said, token): (String, &str),
    now: Timestamp,
) {
    let url = asked.redirect_uri().to_owned();
    app.store.note_launch(|| {
        let record = NewLaunchRecord::new(about, Direction::ToTool, kind, url, now);
        record.saying(said, shown::header(token)).under(nonce)
    });
}
