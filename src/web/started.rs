//! A launch that was started and that the tool will ask about: it is written into what the tool hands back, with a ticket
//! of the master key, and stored nowhere.

use examlink_lti::v1::launch::DocumentTarget;

use crate::app::App;
use crate::domain::Result;
use crate::domain::id::{LtiResourceId, StudentSessionId, ToolProviderId};
use crate::domain::time::{Span, Timestamp};
use crate::domain::{Error, error::Unauthenticated};
use crate::store::Sender;
use crate::web::launch::Click;

/// How long the tool may ask about it.
pub const OPEN_FOR: Span = Span::minutes(10);

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
    /// Makes it unlike any other.
    pub nonce: String,
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
        Self::parse(app, purpose, words).filter(|started| now < started.at + OPEN_FOR)
    }

    /// The launch that a tool names, if these are words of ours, however old.
    pub fn parse(app: &App, purpose: Purpose, words: &str) -> Option<Self> {
        let (launch, ticket) = words.rsplit_once('-')?;
        if !app.keys.is_ticket(ticket, purpose.as_str(), launch) {
            return None;
        }
        let [session, resource, target, micros, nonce] = launch.split('-').collect::<Vec<_>>().try_into().ok()?;
        Some(Self {
            session: StudentSessionId(session.parse().ok()?),
            resource: LtiResourceId(resource.parse().ok()?),
            target: DocumentTarget::parse(target)?,
            at: Timestamp::from_micros(micros.parse().ok()?),
            nonce: nonce.to_owned(),
        })
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
