//! Carries out what a tool asks of a result, in one transaction: the grade, its history and the log of the call are
//! committed together with the nonce, or none of them is. A refusal is an answer too: it commits its line in the log.

use examlink_lti::v1::outcomes::CodeMinor;
use serde_json::Value;

use crate::domain::id::StudentSessionId;
use crate::domain::outcome::{Place, Refusal, SourcedId, Submission};
use crate::domain::result::{Standing, StudentResult};
use crate::domain::service_call::{CallOutcome, NewServiceCall};
use crate::domain::text::Prose;
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::ToolProvider;
use crate::domain::{Error, Result};
use crate::store::{Tx, results, service_calls};

/// What a tool asks.
#[derive(Clone, Debug)]
pub enum Ask {
    /// What the result is.
    Read,
    /// That it becomes this.
    Replace(Box<Submission>),
    /// That its grade goes.
    Delete(Option<Prose>),
}

/// One call, read and verified.
#[derive(Debug)]
pub struct Call {
    /// The tools that signed it: one at least.
    pub tools: Vec<ToolProvider>,
    /// The result that it names; empty where it names none.
    pub sourcedid: String,
    /// What it asks for, or why that cannot be carried out.
    pub ask: Result<Ask, Refusal>,
    /// The name of its operation, for the log.
    pub operation: String,
    /// What it said, for the log.
    pub said: Value,
    /// The status of an answer, for the log.
    pub status: fn(Option<CodeMinor>) -> u16,
    /// The server's time.
    pub at: Timestamp,
}

/// What became of a call: the result as it is now, or why not.
pub type Done = Result<Standing, Refusal>;

/// Why a call stops: it is refused, or the database failed.
enum Stop {
    Refused(Refusal),
    Failed(Error),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Call {
    /// The session that it writes to, where it names one.
    pub fn session(&self) -> Option<StudentSessionId> {
        SourcedId::parse(&self.sourcedid).map(|sourcedid| sourcedid.session)
    }

    /// Carries the call out and keeps it in the log. An error is the database's, and leaves nothing.
    pub fn run(&self, tx: &mut Tx<'_>) -> Result<Done> {
        let place = if self.sourcedid.is_empty() { Err(Refusal::unknown_result().into()) } else { self.place(tx) };
        let known = place.as_ref().ok().cloned();
        let done = match self.decide(tx, place) {
            Ok(standing) => Ok(standing),
            Err(Stop::Refused(refusal)) => Err(refusal),
            Err(Stop::Failed(error)) => return Err(error),
        };
        if let Some(call) = self.logged(known.as_ref(), done.as_ref().err()) {
            service_calls::insert(tx, &call)?;
        }
        Ok(done)
    }

    fn decide(&self, tx: &mut Tx<'_>, place: Result<Place, Stop>) -> Result<Standing, Stop> {
        // What the message itself breaks is told first: a tool that is being built meets that first.
        let ask = self.ask.as_ref().map_err(Clone::clone)?;
        let place = place?;
        let tool = place.resource.tool_provider_id;
        let result: Option<StudentResult> = match ask {
            Ask::Read => {
                place.admits_reading()?;
                results::find(tx, &place)?
            }
            Ask::Replace(submission) => {
                let late = place.admits_writing(self.at)?;
                Some(results::put(tx, &place, self.at, |standing| standing.hand_in(tool, submission, late))?)
            }
            Ask::Delete(comment) => {
                let late = place.admits_writing(self.at)?;
                // A result that never was has no grade to lose.
                match results::find(tx, &place)? {
                    Some(_) => {
                        let clear = |standing: &mut Standing| standing.clear(tool, comment.clone(), late);
                        Some(results::put(tx, &place, self.at, clear)?)
                    }
                    None => None,
                }
            }
        };
        Ok(result.map(|result| result.standing).unwrap_or_default())
    }

    /// Where the result belongs, where its name was made here and one of the callers is its tool.
    fn place(&self, tx: &mut Tx<'_>) -> Result<Place, Stop> {
        let sourcedid = SourcedId::parse(&self.sourcedid).ok_or_else(Refusal::unknown_result)?;
        let found = results::place(tx, sourcedid.session, sourcedid.resource)?;
        let place = found.filter(|place| sourcedid.is_of(tx.keys(), place)).ok_or_else(Refusal::unknown_result)?;
        if self.tools.iter().any(|tool| tool.id == place.resource.tool_provider_id) {
            Ok(place)
        } else {
            Err(Refusal::other_tool().into())
        }
    }

    fn logged(&self, place: Option<&Place>, refusal: Option<&Refusal>) -> Option<NewServiceCall> {
        let own = |tool: &&ToolProvider| place.is_some_and(|place| place.resource.tool_provider_id == tool.id);
        let tool = self.tools.iter().find(own).or(self.tools.first())?;
        let outcome = match refusal.map(|refusal| refusal.minor) {
            None => CallOutcome::Success,
            Some(CodeMinor::Unsupported) => CallOutcome::Unsupported,
            Some(_) => CallOutcome::Failure,
        };
        let mut said = self.said.clone();
        if let (Value::Object(members), Some(refusal)) = (&mut said, refusal) {
            members.insert("detail".into(), refusal.detail.clone().into());
        }
        Some(NewServiceCall {
            institute_id: tool.institute_id,
            tool_provider_id: Some(tool.id),
            exam_id: place.map(|place| place.exam.id),
            lti_resource_id: place.map(|place| place.resource.id),
            student_session_id: place.map(|place| place.session.id),
            operation: self.operation.chars().take(40).collect(),
            outcome,
            status: (self.status)(refusal.map(|refusal| refusal.minor)).into(),
            code: refusal.map(|refusal| refusal.code.to_owned()),
            request: said.to_string(),
            created_at: self.at,
        })
    }
}

/// The name of a result as the log shows it: without the ticket that makes it one.
pub fn masked(sourcedid: &str) -> String {
    match SourcedId::parse(sourcedid) {
        Some(known) => format!("{}-{}-***", known.session, known.resource),
        None => sourcedid.chars().take(8).chain("***".chars()).collect(),
    }
}
