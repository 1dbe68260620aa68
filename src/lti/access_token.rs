//! The access token of a tool: what it is good for and until when, and the proof that it comes from here. Nothing of it
//! is stored; what it says is held against the registration as it is whenever it is used.

use examlink_lti::Secret;
use examlink_lti::v1p3::token::TokenResponse;

use crate::domain::id::{ToolDeploymentId, ToolProviderId};
use crate::domain::lti_registration::{LtiRegistration, ToolScope};
use crate::domain::secret::Keyring;
use crate::domain::time::{Span, Timestamp};

/// How long a token is good, in seconds.
const LIFE: i64 = 3_600;
const PURPOSE: &str = "lti access token";

/// A token as it came, which nobody has checked.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// The tool that it claims to be of.
    pub tool: ToolProviderId,
    /// The one deployment of it that it claims to be good for; none where it is good for all.
    pub deployment: Option<ToolDeploymentId>,
    scopes: u32,
    until: i64,
    ticket: String,
}

/// A token for these scopes, each of which is offered, and for one deployment or for all of them.
pub fn issue(
    keys: &Keyring,
    (of, deployment): (&LtiRegistration, Option<ToolDeploymentId>),
    scopes: Vec<String>,
    now: Timestamp,
) -> TokenResponse {
    let named = places().filter(|(_, offered)| scopes.iter().any(|scope| scope == offered.as_str()));
    let bits = named.fold(0_u32, |bits, (bit, _)| bits | bit);
    let until = (now + Span::seconds(LIFE)).seconds();
    let holder = holder(of.tool_provider_id, deployment);
    let ticket = keys.ticket(PURPOSE, &bound(of, &holder, bits, until));
    let access_token = Secret::new(format!("{holder}-{bits}-{until}-{ticket}"));
    TokenResponse { access_token, expires_in: LIFE.unsigned_abs(), scopes }
}

impl AccessToken {
    /// Reads what a tool sent; `None` where it is no token of ours at all.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '-');
        let mut part = || parts.next();
        let holder = part()?;
        let (tool, deployment) = match holder.split_once('_') {
            Some((tool, deployment)) => (tool, Some(ToolDeploymentId(deployment.parse().ok()?))),
            None => (holder, None),
        };
        let (scopes, until) = (part()?.parse().ok()?, part()?.parse().ok()?);
        Some(Self { tool: ToolProviderId(tool.parse().ok()?), deployment, scopes, until, ticket: part()?.to_owned() })
    }

    /// The scopes that it is good for now, where it was made here for this very registration: those of it that the
    /// registration still grants.
    pub fn scopes(&self, keys: &Keyring, of: &LtiRegistration, now: Timestamp) -> Option<Vec<ToolScope>> {
        let bound = bound(of, &holder(self.tool, self.deployment), self.scopes, self.until);
        let made_here = keys.is_ticket(&self.ticket, PURPOSE, &bound);
        let good = made_here && self.tool == of.tool_provider_id && now.seconds() < self.until;
        let granted = of.settings.granted();
        let named = places().filter(|(bit, scope)| self.scopes & bit != 0 && granted.contains(scope));
        good.then(|| named.map(|(_, scope)| scope).collect())
    }
}

/// Every scope and the bit that stands for it.
fn places() -> impl Iterator<Item = (u32, ToolScope)> {
    ToolScope::ALL.into_iter().enumerate().map(|(place, scope)| (1 << place, scope))
}

/// Who has a token: a tool at all its deployments, or at one.
fn holder(tool: ToolProviderId, deployment: Option<ToolDeploymentId>) -> String {
    deployment.map_or_else(|| tool.to_string(), |deployment| format!("{tool}_{deployment}"))
}

fn bound(of: &LtiRegistration, holder: &str, scopes: u32, until: i64) -> String {
    format!("{holder}-{}-{}-{scopes}-{until}", of.client_id, of.deployment_id)
}
