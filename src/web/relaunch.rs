//! The second launch of the LTI Security Update, for tools that ask for it.
//!
//! Against whom: somebody who makes a launch as themselves, keeps it, and puts it into a victim's browser, so that the
//! victim works in the tool under the attacker's name. The tool then holds a `tool_state` in the victim's browser and
//! asks here, through that browser, for a second launch. It gets one only if all of this holds:
//!
//! * The form is signed with the tool's secret, is recent and new, and its `platform_state` is ours: bound to session,
//!   resource and time of a first launch, good for ten minutes and for one use.
//! * The browser holds the cookie that the page of the first launch left in it. The cookie is the session's own: the
//!   victim's browser has none of the attacker's session.
//! * The student may still open the tool: the exam's door is asked again.
//!
//! What it does not do: whoever has opened a student's own link in a browser is that student there, here as everywhere,
//! and has the cookie. A browser that keeps no cookies gets no second launch; the tool could not keep its state either.

use actix_web::http::header::{COOKIE, HeaderValue, SET_COOKIE};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, post};
use examlink_lti::v1::launch::DocumentTarget;
use examlink_lti::v1::oauth1::VerifiedRequest;
use examlink_lti::v1::relaunch::{Relaunch, UnverifiedRelaunch};
use subtle::ConstantTimeEq as _;

use crate::app::App;
use crate::domain::id::{LtiResourceId, StudentSessionId, ToolProviderId};
use crate::domain::lti_urls;
use crate::domain::time::{Span, Timestamp};
use crate::domain::{Error, Result};
use crate::store::{Sender, launches};
use crate::web::launch::{Click, open};
use crate::web::page::{failed, message, refused};
use crate::web::views::Message;

/// How long after a launch the tool may ask for the second one.
const OFFERED_FOR: Span = Span::minutes(10);
const STATE: &str = "relaunch";
const BROWSER: &str = "browser of a session";

/// A launch that may be followed by a second one. It is written into the platform's state: nothing is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstLaunch {
    session: StudentSessionId,
    resource: LtiResourceId,
    target: DocumentTarget,
    at: Timestamp,
    nonce: String,
}

impl FirstLaunch {
    /// The launch that a click makes under this nonce.
    pub fn of(click: &Click, nonce: &str) -> Self {
        let (session, resource) = (click.facts.session.id, click.facts.resource.id);
        Self { session, resource, target: click.target, at: click.at, nonce: nonce.to_owned() }
    }

    /// What the launch says of the second one.
    pub fn offer(&self, app: &App) -> Relaunch {
        let launch =
            format!("{}-{}-{}-{}-{}", self.session, self.resource, self.target.as_str(), self.at.micros(), self.nonce);
        let url = format!("{}{}", app.public_url.as_str(), lti_urls::RELAUNCH);
        Relaunch::Offered { url, platform_state: format!("{launch}-{}", app.keys.ticket(STATE, &launch)) }
    }

    /// The launch that a state is of, if the state is ours and recent.
    fn of_state(app: &App, state: &str, now: Timestamp) -> Option<Self> {
        let (launch, ticket) = state.rsplit_once('-')?;
        if !app.keys.is_ticket(ticket, STATE, launch) {
            return None;
        }
        let [session, resource, target, micros, nonce] = launch.split('-').collect::<Vec<_>>().try_into().ok()?;
        let first = Self {
            session: StudentSessionId(session.parse().ok()?),
            resource: LtiResourceId(resource.parse().ok()?),
            target: DocumentTarget::parse(target)?,
            at: Timestamp::from_micros(micros.parse().ok()?),
            nonce: nonce.to_owned(),
        };
        (now < first.at + OFFERED_FOR).then_some(first)
    }
}

/// Answers a tool's question who the student in this browser is, by a second launch.
#[post("/lti/1.1/relaunch")]
pub async fn relaunch_tool(request: HttpRequest, body: Bytes, app: Data<App>) -> HttpResponse {
    let url = format!("{}{}", app.public_url.as_str(), request.uri());
    let form = match UnverifiedRelaunch::parse(&url, &body) {
        Ok(form) => form,
        Err(error) => return refused(&request, &error, Message::NotVerified),
    };
    let now = app.clock.now();
    let first = FirstLaunch::of_state(&app, form.platform_state(), now);
    let Some(first) = first.filter(|first| is_marked(&request, &app, first.session)) else {
        return refused(&request, &"the state or the browser is another one", Message::NoRelaunch);
    };
    let (session, resource) = (first.session, first.resource);
    let (facts, secret, ancestors) = match app.store.query(move |tx| launches::find_again(tx, session, resource)).await
    {
        Ok(Some(found)) => found,
        Ok(None) => return message(&request, Message::NoTool),
        Err(error) => return failed(&request, &error),
    };
    let key_fits = form.consumer_key() == facts.tool.oauth_consumer_key.as_str();
    let (signed, states) = match form.verify(&secret, app.lti_window(now)) {
        Ok(verified) if key_fits => verified,
        Ok(_) => return refused(&request, &"the consumer key is another tool's", Message::NotVerified),
        Err(error) => return refused(&request, &error, Message::NotVerified),
    };
    match spend(&app, &first, facts.tool.id, &signed).await {
        Ok(()) => open(
            &request,
            &app,
            Click { facts, secret, ancestors, target: first.target, at: now, states: Some(states) },
        ),
        Err(Error::Unauthenticated(_)) => refused(&request, &"it was used before", Message::NoRelaunch),
        Err(error) => failed(&request, &error),
    }
}

/// Spends the form and the state: neither serves twice.
async fn spend(app: &App, first: &FirstLaunch, tool: ToolProviderId, form: &VerifiedRequest) -> Result<()> {
    app.store
        .spend(app.admit(Sender::Tool(tool), form.timestamp(), form.nonce()).map_err(Error::Unauthenticated)?)
        .await?;
    let state = format!("{STATE} {}", first.nonce);
    let nonce = app.store.nonces().admit(Sender::Tool(tool), &state, first.at).map_err(Error::Unauthenticated)?;
    app.store.spend(nonce).await
}

/// Leaves the session's cookie in the browser that gets a first launch. The tool's form comes from another site, so the
/// cookie must be one that such a form brings along.
pub fn mark_browser(page: &mut HttpResponse, app: &App, session: StudentSessionId) {
    let (name, value, seconds) = (cookie_name(session), mark_of(app, session), OFFERED_FOR.micros() / 1_000_000);
    let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=None");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        page.headers_mut().append(SET_COOKIE, cookie);
    }
}

fn is_marked(request: &HttpRequest, app: &App, session: StudentSessionId) -> bool {
    let (name, mark) = (cookie_name(session), mark_of(app, session));
    let headers = request.headers().get_all(COOKIE).filter_map(|header| header.to_str().ok());
    let mut cookies = headers.flat_map(|header| header.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    cookies.any(|(known, value)| known == name && bool::from(value.as_bytes().ct_eq(mark.as_bytes())))
}

/// The prefix keeps other hosts of the same domain from setting it (RFC 6265bis, cookie name prefixes).
fn cookie_name(session: StudentSessionId) -> String {
    format!("__Host-session-{session}")
}

fn mark_of(app: &App, session: StudentSessionId) -> String {
    app.keys.ticket(BROWSER, &session.to_string())
}
