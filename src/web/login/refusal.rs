//! Why a tool of LTI 1.3 is not answered by a token: who is told so, and what the log of launches keeps of it.

use examlink_lti::v1::launch::SignedForm;
use examlink_lti::v1p3::login::{CheckedRequest, Refusal, RefusedRequest};

use crate::app::App;
use crate::domain::id::ToolProviderId;
use crate::domain::launch::check::MessageCheck;
use crate::domain::launch::record::{About, Direction, MessageKind, NewLaunchRecord};
use crate::domain::time::{Span, Timestamp};
use crate::domain::{Error, Result};
use crate::store::Sender;
use crate::store::launches::{self, Found};
use crate::web::deep_linking::{self, StartedSelection};
use crate::web::proctoring;
use crate::web::started::{Purpose, StartedLaunch, was_spent};
use crate::web::submission_review;
use crate::web::views::Message;

/// How long after its beginning a message that is refused is put into the log.
const NOTED_FOR: Span = Span::hours(1);

/// What a tool is told of a failure: nothing of its cause.
const FAULT: &str = "this is a fault of the platform; the person may open the tool once more";

/// Who is told why a tool is not answered by a token.
pub enum Stop {
    /// The student is told: the tool must not be, or cannot help.
    Page(Message, String),
    /// The tool is told, and shows the student what it thinks best.
    Tool(Box<(SignedForm, String)>),
    /// The database failed.
    Failed(Error),
}

/// A question that is not answered by a token.
pub struct Refused {
    /// The check that failed, where one did.
    check: Option<MessageCheck>,
    /// Who is told so.
    pub stop: Stop,
}

impl Refused {
    /// A question that fails this check.
    pub fn at(check: MessageCheck, stop: impl Into<Stop>) -> Self {
        Self { check: Some(check), stop: stop.into() }
    }

    /// The same, where the request was checked: then the tool is told of a failure too (OpenID Connect Core, section
    /// 3.1.2.6).
    pub fn told_to(self, asked: &CheckedRequest) -> Self {
        let stop = match self.stop {
            Stop::Failed(error) => {
                tracing::error!(%error, "a tool that asked for a launch could not be answered");
                asked.refuse(error.fault(), FAULT).into()
            }
            told => told,
        };
        Self { stop, ..self }
    }

    /// Puts the message that the question is about into the log, if `hint` names one that this server has begun: once for
    /// each click, because whoever holds a hint can ask as often as they like.
    pub async fn note(&self, app: &App, hint: &str, now: Timestamp) -> Result<()> {
        let why = match &self.stop {
            Stop::Page(_, why) => why,
            Stop::Tool(told) => &told.1,
            Stop::Failed(_) => return Ok(()),
        };
        let Some(check) = self.check else { return Ok(()) };
        let Some(begun) = begun(app, hint).await?.filter(|begun| now < begun.at + NOTED_FOR) else {
            return Ok(());
        };
        match begun.spend(app).await {
            Err(error) if was_spent(&error) => return Ok(()),
            spent => spent?,
        }
        let Begun { about, kind, url, .. } = begun;
        let record = || NewLaunchRecord::new(about, Direction::ToTool, kind, url, now).refused(check, why.clone());
        app.store.note_launch(record);
        Ok(())
    }
}

/// A message that this server has begun by sending a browser to a tool's login.
pub struct Begun {
    /// Whom and what it is about.
    pub about: About,
    /// What it is.
    pub kind: MessageKind,
    /// Where it leads.
    pub url: String,
    /// The tool that may ask for it.
    pub tool: ToolProviderId,
    /// When it began.
    pub at: Timestamp,
    /// What makes it unlike any other.
    pub nonce: String,
}

impl Begun {
    /// [`Error::Unauthenticated`] when it was noted before.
    async fn spend(&self, app: &App) -> Result<()> {
        let words = format!("refusal {}", self.nonce);
        let nonce = app.store.nonces().admit(Sender::Tool(self.tool), &words, self.at);
        app.store.spend(nonce.map_err(Error::Unauthenticated)?).await
    }
}

/// The message that a tool names, if these are words of ours, however old.
async fn begun(app: &App, hint: &str) -> Result<Option<Begun>> {
    if let Some(started) = StartedLaunch::parse(app, Purpose::Login, hint) {
        return begun_launch(app, started).await;
    }
    if let Some(started) = StartedSelection::parse(app, hint) {
        return deep_linking::begun(app, started).await;
    }
    if let Some(leave) = submission_review::begun_by(app, hint) {
        return submission_review::begun(app, leave).await;
    }
    match proctoring::begun_by(app, hint) {
        Some(way) => proctoring::begun(app, way).await,
        None => Ok(None),
    }
}

async fn begun_launch(app: &App, started: StartedLaunch) -> Result<Option<Begun>> {
    let (session, resource) = (started.session, started.resource);
    let found = app.store.query(move |tx| launches::find_again(tx, session, resource)).await?;
    Ok(found.map(|Found { facts, .. }| Begun {
        about: facts.about(),
        kind: MessageKind::ResourceLink,
        url: facts.resource.launch_url(&facts.tool).unwrap_or_default().to_owned(),
        tool: facts.tool.id,
        at: started.at,
        nonce: started.nonce,
    }))
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Shown(error) => Self::Page(Message::NotUnderstood, error.to_string()),
            Refusal::Sent { code, form } => {
                let said = form.fields.iter().find(|(name, _)| name == "error_description");
                let why = format!("{}: {}", code.as_str(), said.map_or("", |(_, said)| said));
                Self::Tool(Box::new((form, why)))
            }
        }
    }
}

impl From<RefusedRequest> for Refused {
    fn from(refused: RefusedRequest) -> Self {
        Self { check: refused.parameter.parse().ok(), stop: refused.refusal.into() }
    }
}

impl From<Stop> for Refused {
    fn from(stop: Stop) -> Self {
        Self { check: None, stop }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Stop::from(error).into()
    }
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        refused.stop
    }
}
