//! A launch that was started and that the tool will ask about: it is written into what the tool hands back, with a ticket
//! of the master key, and stored nowhere. The browser that started it is known by a cookie.

use actix_web::http::header::{COOKIE, HeaderValue, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse};
use examlink_lti::v1::launch::DocumentTarget;
use subtle::ConstantTimeEq as _;

use crate::app::App;
use crate::domain::Result;
use crate::domain::id::{LtiResourceId, SelectionId, StudentSessionId, ToolProviderId};
use crate::domain::time::{Span, Timestamp};
use crate::domain::{Error, error::Unauthenticated};
use crate::store::Sender;
use crate::web::launch::Click;

/// How long the tool may ask about it.
pub const OPEN_FOR: Span = Span::minutes(10);
const BROWSER: &str = "browser of a session";
const CHOOSER: &str = "browser of a selection";

/// What the tool may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The second launch of the LTI Security Update.
    Relaunch,
    /// The launch itself, by LTI 1.3.
    Login,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Relaunch => "relaunch",
            Self::Login => "login",
        }
    }
}

/// What a browser came from when it started a launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starter {
    /// A student's exam page.
    Session(StudentSessionId),
    /// An author's link.
    Selection(SelectionId),
}

impl From<StudentSessionId> for Starter {
    fn from(id: StudentSessionId) -> Self {
        Self::Session(id)
    }
}

impl From<SelectionId> for Starter {
    fn from(id: SelectionId) -> Self {
        Self::Selection(id)
    }
}

/// A launch on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartedLaunch {
    /// Whose it is.
    pub session: StudentSessionId,
    /// What is opened.
    pub resource: LtiResourceId,
    /// Where.
    pub target: DocumentTarget,
    /// When it was started.
    pub at: Timestamp,
    nonce: String,
}

impl StartedLaunch {
    /// The launch that a click starts under this nonce.
    pub fn of(click: &Click, nonce: &str) -> Self {
        let (session, resource) = (click.facts.session.id, click.facts.resource.id);
        Self { session, resource, target: click.target, at: click.at, nonce: nonce.to_owned() }
    }

    /// The launch in the words that the tool hands back.
    pub fn write(&self, app: &App, purpose: Purpose) -> String {
        let launch =
            format!("{}-{}-{}-{}-{}", self.session, self.resource, self.target.as_str(), self.at.micros(), self.nonce);
        format!("{launch}-{}", app.keys.ticket(purpose.as_str(), &launch))
    }

    /// The launch that a tool names, if these are words of ours and recent.
    pub fn read(app: &App, purpose: Purpose, words: &str, now: Timestamp) -> Option<Self> {
        let (launch, ticket) = words.rsplit_once('-')?;
        if !app.keys.is_ticket(ticket, purpose.as_str(), launch) {
            return None;
        }
        let [session, resource, target, micros, nonce] = launch.split('-').collect::<Vec<_>>().try_into().ok()?;
        let started = Self {
            session: StudentSessionId(session.parse().ok()?),
            resource: LtiResourceId(resource.parse().ok()?),
            target: DocumentTarget::parse(target)?,
            at: Timestamp::from_micros(micros.parse().ok()?),
            nonce: nonce.to_owned(),
        };
        (now < started.at + OPEN_FOR).then_some(started)
    }

    /// Lets the tool ask once. [`Error::Unauthenticated`] when it has asked before.
    pub async fn spend(&self, app: &App, purpose: Purpose, tool: ToolProviderId) -> Result<()> {
        let words = format!("{} {}", purpose.as_str(), self.nonce);
        let nonce = app.store.nonces().admit(Sender::Tool(tool), &words, self.at).map_err(Error::Unauthenticated)?;
        app.store.spend(nonce).await
    }
}

/// Whether an error says that the tool has asked before.
pub fn was_spent(error: &Error) -> bool {
    matches!(error, Error::Unauthenticated(Unauthenticated::NonceReused))
}

/// Leaves cookies in the browser that starts a launch. The tool's form comes from another site, so they
/// must be such that it brings them along. The second one is for a browser that keeps cookies of frames apart for each
/// page around them, as inside a page of an LMS.
pub fn mark_browser(page: &mut HttpResponse, app: &App, starter: impl Into<Starter>) {
    let starter = starter.into();
    let (value, seconds) = (mark_of(app, starter), OPEN_FOR.micros() / 1_000_000);
    let cookie = |framed: bool, further: &str| {
        let name = cookie_name(framed, starter);
        format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=None{further}")
    };
    for cookie in [cookie(false, ""), cookie(true, "; Partitioned")] {
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            page.headers_mut().append(SET_COOKIE, cookie);
        }
    }
}

/// Whether the browser holds a cookie of whoever started a launch.
pub fn is_marked(request: &HttpRequest, app: &App, starter: impl Into<Starter>) -> bool {
    let starter = starter.into();
    let (names, mark) = ([false, true].map(|framed| cookie_name(framed, starter)), mark_of(app, starter));
    let headers = request.headers().get_all(COOKIE).filter_map(|header| header.to_str().ok());
    let mut cookies = headers.flat_map(|header| header.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    cookies.any(|(known, value)| {
        names.iter().any(|name| name == known) && bool::from(value.as_bytes().ct_eq(mark.as_bytes()))
    })
}

/// The prefix keeps other hosts of the same domain from setting it (RFC 6265bis, cookie name prefixes).
fn cookie_name(framed: bool, starter: Starter) -> String {
    match starter {
        Starter::Session(id) if framed => format!("__Host-framed-{id}"),
        Starter::Session(id) => format!("__Host-session-{id}"),
        Starter::Selection(id) if framed => format!("__Host-framed-selection-{id}"),
        Starter::Selection(id) => format!("__Host-selection-{id}"),
    }
}

fn mark_of(app: &App, starter: Starter) -> String {
    match starter {
        Starter::Session(id) => app.keys.ticket(BROWSER, &id.to_string()),
        Starter::Selection(id) => app.keys.ticket(CHOOSER, &id.to_string()),
    }
}
