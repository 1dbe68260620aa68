//! Why a tool of LTI 1.3 is not answered by a token: who is told so, and what the log of launches keeps of it.

use examlink_lti::v1::launch::SignedForm;
use examlink_lti::v1p3::login::{Refusal, RefusedRequest};

use crate::app::App;
use crate::domain::launch::login_check::LoginCheck;
use crate::domain::launch::record::NewLaunchRecord;
use crate::domain::time::{Span, Timestamp};
use crate::domain::{Error, Result};
use crate::store::launches::{self, Found};
use crate::web::started::{Purpose, StartedLaunch, was_spent};
use crate::web::views::Message;

/// How long after its beginning a launch that is refused is put into the log.
const NOTED_FOR: Span = Span::hours(1);

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
    /// The check that failed, where it is one of a student's launch.
    check: Option<LoginCheck>,
    /// Who is told so.
    pub stop: Stop,
}

impl Refused {
    /// A question about a student's launch that fails this check.
    pub fn at(check: LoginCheck, stop: impl Into<Stop>) -> Self {
        Self { check: Some(check), stop: stop.into() }
    }

    /// Puts the launch that the question is about into the log, if `hint` names one of ours: once for each click, because
    /// whoever holds a hint can ask as often as they like.
    pub async fn note(&self, app: &App, hint: &str, now: Timestamp) -> Result<()> {
        let why = match &self.stop {
            Stop::Page(_, why) => why,
            Stop::Tool(told) => &told.1,
            Stop::Failed(_) => return Ok(()),
        };
        let started = StartedLaunch::parse(app, Purpose::Login, hint).filter(|started| now < started.at + NOTED_FOR);
        let (Some(check), Some(started)) = (self.check, started) else { return Ok(()) };
        let (session, resource) = (started.session, started.resource);
        let found = app.store.query(move |tx| launches::find_again(tx, session, resource)).await?;
        let Some(Found { facts, .. }) = found else { return Ok(()) };
        match started.spend(app, Purpose::Refusal, facts.tool.id).await {
            Err(error) if was_spent(&error) => return Ok(()),
            spent => spent?,
        }
        app.store.note_launch(|| NewLaunchRecord::refused(&facts, check, why.clone(), now));
        Ok(())
    }
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
