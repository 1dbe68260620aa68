//! An author's way to a tool of LTI 1.3 (Deep Linking 2.0): by the same login as a student's launch. What the author
//! chooses comes back to `lti`, which verifies it.

use actix_web::{HttpRequest, HttpResponse};
use examlink_lti::v1::launch::{LaunchUrl, SignedForm};
use examlink_lti::v1p3::login::{AuthenticationError, CheckedRequest, LoginInitiation};

use crate::app::App;
use crate::browser::{is_marked, mark_browser};
use crate::domain::id::{SelectionId, ToolProviderId, UserId};
use crate::domain::launch::check::MessageCheck;
use crate::domain::launch::id_token::LIFE;
use crate::domain::launch::record::MessageKind;
use crate::domain::launch::shown;
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::selection::{SelectionFacts, SelectionState};
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};
use crate::page::Policy;
use crate::store::{Sender, Tx, lti_registrations, selections};
use crate::web::login::{Answered, Begun, Refused, Stop, note_sent};
use crate::web::page::{launch_page, message};
use crate::web::started::{OPEN_FOR, was_spent};
use crate::web::views::Message;

const SUBJECT: &str = "login hint of an author";
const PURPOSE: &str = "login of an author";

/// An author's way to a tool, in words that the tool hands back. They serve once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartedSelection {
    selection: SelectionId,
    at: Timestamp,
    nonce: String,
}

impl StartedSelection {
    fn write(&self, app: &App) -> String {
        let words = format!("{}-{}-{}", self.selection, self.at.micros(), self.nonce);
        format!("{words}-{}", app.keys.ticket(PURPOSE, &words))
    }

    /// The way that a tool names, if these are words of ours and recent.
    pub fn read(app: &App, words: &str, now: Timestamp) -> Option<Self> {
        Self::parse(app, words).filter(|started| now < started.at + OPEN_FOR)
    }

    /// The way that a tool names, if these are words of ours, however old.
    pub fn parse(app: &App, words: &str) -> Option<Self> {
        let (words, ticket) = words.rsplit_once('-')?;
        if !app.keys.is_ticket(ticket, PURPOSE, words) {
            return None;
        }
        let [selection, micros, nonce] = words.split('-').collect::<Vec<_>>().try_into().ok()?;
        let at = Timestamp::from_micros(micros.parse().ok()?);
        Some(Self { selection: SelectionId(selection.parse().ok()?), at, nonce: nonce.to_owned() })
    }

    async fn spend(&self, app: &App, tool: ToolProviderId) -> Result<()> {
        let words = format!("selection {}", self.nonce);
        let nonce = app.store.nonces().admit(Sender::Tool(tool), &words, self.at).map_err(Error::Unauthenticated)?;
        app.store.spend(nonce).await
    }
}

/// Sends the author's browser to the tool's login. Reloading begins anew, as long as nothing has come back.
pub fn begin(request: &HttpRequest, app: &App, facts: &SelectionFacts, registration: &LtiRegistration) -> HttpResponse {
    match initiation(app, facts, registration) {
        Ok(form) => {
            let mut page = launch_page(facts.tool.tool_name.as_str(), &form, Policy::default());
            mark_browser(&mut page, app, facts.selection.id, OPEN_FOR);
            page
        }
        Err(error) => {
            tracing::error!(%error, selection = %facts.selection.id, "a request for content could not be made");
            message(request, Message::NoTool)
        }
    }
}

fn initiation(app: &App, facts: &SelectionFacts, registration: &LtiRegistration) -> Result<SignedForm> {
    if !registration.settings.active {
        return Err(Error::Internal("the tool is not active".into()));
    }
    let url = registration.chooser(&facts.tool);
    LaunchUrl::parse(url, app.allow_http_tools).map_err(|error| Error::Internal(error.to_string()))?;
    let (selection, at, nonce) = (facts.selection.id, app.clock.now(), app.random.hex::<16>()?);
    let login = LoginInitiation {
        issuer: app.public_url.as_str().to_owned(),
        login_hint: login_hint(app, facts.author.id),
        target_link_uri: url.to_owned(),
        message_hint: StartedSelection { selection, at, nonce }.write(app),
        deployment_id: registration.deployment_id.clone(),
        client_id: registration.client_id.clone(),
        storage_target: None,
    };
    Ok(SignedForm { action: registration.settings.login_url.to_string(), fields: login.fields() })
}

fn login_hint(app: &App, author: UserId) -> String {
    app.keys.ticket(SUBJECT, &author.to_string())
}

/// The request for content that an author has begun, for the log.
pub(super) async fn begun(app: &App, started: StartedSelection) -> Result<Option<Begun>> {
    let id = started.selection;
    let find = move |tx: &mut Tx<'_>| {
        let Some((facts, _)) = selections::find(tx, id)? else { return Ok(None) };
        let registration = lti_registrations::find(tx, facts.tool.id)?;
        Ok(registration.map(|registration| (facts, registration)))
    };
    let found = app.store.query(find).await?;
    Ok(found.map(|(facts, registration)| Begun {
        about: facts.about(),
        kind: MessageKind::DeepLinking,
        url: registration.chooser(&facts.tool).to_owned(),
        tool: facts.tool.id,
        at: started.at,
        nonce: started.nonce,
    }))
}

/// Answers a tool that asks who the author is.
pub(super) async fn answer(
    request: &HttpRequest,
    app: &App,
    asked: &CheckedRequest,
    started: StartedSelection,
    registration: &LtiRegistration,
) -> Result<Answered, Refused> {
    let (id, now) = (started.selection, app.clock.now());
    let find = move |tx: &mut Tx<'_>| {
        let Some((facts, _)) = selections::find(tx, id)? else { return Ok(None) };
        let registration = selections::registration(tx, &facts)?;
        Ok(Some((facts, registration)))
    };
    let found = app.store.query(find).await?;
    let (facts, known) = found.ok_or_else(|| Stop::Page(Message::NoSelection, "the selection is gone".into()))?;
    let refuse = |check, code, why: &str| Err(Refused::at(check, asked.refuse(code, why)));
    // Of the same tool, at the deployment of the selection.
    let known = known.filter(|known| known.tool_provider_id == registration.tool_provider_id);
    let Some(registration) = known else {
        return refuse(MessageCheck::Tool, AuthenticationError::AccessDenied, "the selection is in another tool");
    };
    if !app.keys.is_ticket(asked.login_hint(), SUBJECT, &facts.author.id.to_string()) {
        return refuse(MessageCheck::LoginHint, AuthenticationError::AccessDenied, "login_hint is somebody else's");
    }
    if !is_marked(request, app, id) {
        let why = "this browser did not start the selection; open the author's link again";
        return refuse(MessageCheck::Browser, AuthenticationError::LoginRequired, why);
    }
    if facts.selection.state_at(now) != SelectionState::Waiting {
        let over = Stop::Page(Message::SelectionOver, "the selection is over".into());
        return Err(Refused::at(MessageCheck::Selection, over));
    }
    match started.spend(app, facts.tool.id).await {
        Err(error) if was_spent(&error) => {
            let used = Stop::Page(Message::NoRelaunch, "the login was used before".into());
            return Err(Refused::at(MessageCheck::Once, used));
        }
        spent => spent?,
    }
    let form = token(app, &facts, &registration, asked, now).await?;
    Ok(Answered { name: facts.tool.tool_name.to_string(), form, ancestors: Vec::new() })
}

async fn token(
    app: &App,
    facts: &SelectionFacts,
    registration: &LtiRegistration,
    asked: &CheckedRequest,
    now: Timestamp,
) -> Result<SignedForm> {
    let broken = |error: String| Error::Internal(error);
    let message = facts.id_token(app.consumer(), registration, app.files.is_some());
    let message = message.map_err(|error| broken(error.to_string()))?;
    let seconds = u64::try_from(now.seconds()).unwrap_or_default();
    let claims = message.claims(asked.nonce(), seconds, LIFE).map_err(|error| broken(error.to_string()))?;
    let said = shown::claims(&claims);
    let token = app.platform.sign(claims).await?;
    note_sent(app, asked, (facts.about(), MessageKind::DeepLinking, String::new()), (said, &token), now);
    Ok(asked.answer(&token, None))
}
