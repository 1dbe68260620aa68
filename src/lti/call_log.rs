//! The log of calls that prove little, such as those whose signature is wrong. Anybody who knows a tool's key can make one,
//! so of each sender a few a minute are kept, and the answer does not wait for them: it would tell that the key is known.

use std::fmt;
use std::num::NonZeroU32;

use governor::Quota;
use serde_json::{Value, json};

use crate::app::App;
use crate::clock::{Clock, RateLimits, rate_limits};
use crate::domain::id::{StudentSessionId, ToolProviderId, UserId};
use crate::domain::service_call::{CallOutcome, NewServiceCall};
use crate::domain::tool_provider::ToolProvider;
use crate::lti::signed::Unsigned;
use crate::store::service_calls;

/// Calls of one sender that are kept at once; afterwards one a minute, which is some 43,000 in the time that calls are kept.
const BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);
/// Characters of what should have been signed that are kept.
const SHOWN: usize = 2_000;

/// Who may send as many as they like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// Whoever knows the name of a tool.
    Tool(ToolProviderId),
    /// Whoever holds what a student's browser brought to a tool.
    Student(StudentSessionId),
    /// Whoever holds an administrator's leave.
    Registrant(UserId),
}

/// How many calls of each sender were kept lately. Each server counts for itself.
pub struct CallLog(RateLimits<Sender>);

impl CallLog {
    /// A log of which nothing was kept lately.
    pub fn new(clock: &Clock) -> Self {
        Self(rate_limits(Quota::per_minute(NonZeroU32::MIN).allow_burst(BURST), clock))
    }
}

impl fmt::Debug for CallLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallLog")
    }
}

/// A call of a tool of LTI 1.3 that was refused before it was read.
#[derive(Debug)]
pub struct Refused<'a> {
    /// The tool.
    pub tool: &'a ToolProvider,
    /// What it asked for.
    pub operation: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// A stable name of what is wrong.
    pub code: &'static str,
    /// What it said, without secrets.
    pub request: Value,
}

impl CallLog {
    /// Keeps a call that names the key of a tool, or of several.
    pub fn note(&self, app: &App, unsigned: &Unsigned) {
        tracing::info!(code = unsigned.code, known = !unsigned.tools.is_empty(), "the call of a tool was refused");
        let request = json!({
            "oauth_consumer_key": unsigned.tools.first().map(|tool| tool.oauth_consumer_key.as_str()),
            "oauth_signature": "***",
            "detail": unsigned.detail,
            "base_string": unsigned.base_string.as_deref().map(|text| text.chars().take(SHOWN).collect::<String>()),
        });
        let kept = unsigned.tools.iter().filter(|tool| self.admits(Sender::Tool(tool.id)));
        let calls: Vec<NewServiceCall> = kept
            .map(|tool| NewServiceCall {
                institute_id: tool.institute_id,
                tool_provider_id: Some(tool.id),
                exam_id: None,
                lti_resource_id: None,
                student_session_id: None,
                operation: String::new(),
                outcome: CallOutcome::Unauthorized,
                status: 401,
                code: Some(unsigned.code.into()),
                request: request.to_string(),
                created_at: app.clock.now(),
            })
            .collect();
        if !calls.is_empty() {
            keep(app, calls);
        }
    }

    /// Keeps a call that proved too little.
    pub fn keep(&self, app: &App, Refused { tool, operation, status, code, request }: Refused<'_>) {
        tracing::info!(code, tool = %tool.id, operation, "the call of a tool was refused");
        if self.admits(Sender::Tool(tool.id)) {
            let call = NewServiceCall {
                institute_id: tool.institute_id,
                tool_provider_id: Some(tool.id),
                exam_id: None,
                lti_resource_id: None,
                student_session_id: None,
                operation: operation.into(),
                outcome: CallOutcome::Unauthorized,
                status: status.into(),
                code: Some(code.into()),
                request: request.to_string(),
                created_at: app.clock.now(),
            };
            keep(app, vec![call]);
        }
    }

    /// Keeps any other call, where it is not one of too many.
    pub fn keep_of(&self, app: &App, sender: Sender, call: NewServiceCall) {
        if self.admits(sender) {
            keep(app, vec![call]);
        }
    }

    fn admits(&self, sender: Sender) -> bool {
        self.0.check_key(&sender).is_ok()
    }
}

/// Keeps calls after the answer.
pub fn keep(app: &App, calls: Vec<NewServiceCall>) {
    let store = app.store.clone();
    actix_web::rt::spawn(async move {
        let kept = store.apply(move |tx| calls.iter().try_for_each(|call| service_calls::insert(tx, call))).await;
        kept.unwrap_or_else(|error| tracing::warn!(%error, "the call of a tool was not kept"));
    });
}
