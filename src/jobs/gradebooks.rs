//! What workers keep of the gradebooks of platforms by LTI 1.3: access tokens until they end (LTI Security Framework
//! 1.0, section 4.1), and who looks for a line item just now.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use examlink_lti::v1p3::token::{TokenResponse, client_assertion, request_form};

use crate::domain::id::LtiConsumerId;
use crate::domain::lti_platform::LtiPlatform;
use crate::domain::secret::Secret;
use crate::domain::time::{Span, Timestamp};
use crate::jobs::{Outcome, Worker};
use crate::lti::fetch::Request;

/// How long the platform may take our assertion, in seconds.
const LIFE: u64 = 60;
/// A token is not used for so long before its end.
const MARGIN: Span = Span::minutes(1);
/// A token is not kept longer, whatever the platform says, in seconds.
const LONGEST: i64 = 3_600;
/// Gradebooks that are kept; beyond, all are forgotten.
const MOST: usize = 1_000;

/// Cheap to clone; every clone keeps the same.
#[derive(Clone, Default)]
pub struct Gradebooks(Arc<Mutex<HashMap<LtiConsumerId, Known>>>);

/// What is known of one gradebook.
#[derive(Default)]
struct Known {
    looking: Arc<tokio::sync::Mutex<()>>,
    tokens: Vec<Kept>,
}

/// An access token, for what was agreed on when it was given.
struct Kept {
    platform: LtiPlatform,
    scopes: Vec<String>,
    token: Secret,
    until: Timestamp,
}

impl fmt::Debug for Gradebooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gradebooks")
    }
}

impl Gradebooks {
    /// Held by whoever looks for a line item of this platform.
    pub(super) fn of(&self, platform: &LtiPlatform) -> Arc<tokio::sync::Mutex<()>> {
        self.known().entry(platform.lti_consumer_id).or_default().looking.clone()
    }

    /// Drops the tokens of a platform that did not take one.
    pub(super) fn forget(&self, platform: &LtiPlatform) {
        if let Some(known) = self.known().get_mut(&platform.lti_consumer_id) {
            known.tokens.clear();
        }
    }

    /// A token for these scopes: one that was given before, or a new one.
    pub(super) async fn token(
        &self,
        worker: &Worker,
        platform: &LtiPlatform,
        scopes: &[&str],
    ) -> Result<Secret, Outcome> {
        let now = worker.clock.now();
        if let Some(kept) = self.kept(platform, scopes, now) {
            return Ok(kept);
        }
        let given = ask(worker, platform, scopes, now).await?;
        let life = i64::try_from(given.expires_in).unwrap_or(LONGEST).min(LONGEST);
        let token = given.access_token;
        let kept = Kept {
            platform: platform.clone(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            token: token.clone(),
            until: now + Span::seconds(life) - MARGIN,
        };
        let mut known = self.known();
        let tokens = &mut known.entry(platform.lti_consumer_id).or_default().tokens;
        tokens.retain(|kept| kept.until > now && kept.platform == *platform);
        tokens.push(kept);
        Ok(token)
    }

    fn kept(&self, platform: &LtiPlatform, scopes: &[&str], now: Timestamp) -> Option<Secret> {
        let known = self.known();
        let tokens = &known.get(&platform.lti_consumer_id)?.tokens;
        let good = |kept: &&Kept| kept.until > now && kept.platform == *platform && kept.scopes == scopes;
        tokens.iter().find(good).map(|kept| kept.token.clone())
    }

    fn known(&self) -> MutexGuard<'_, HashMap<LtiConsumerId, Known>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() > MOST {
            known.clear();
        }
        known
    }
}

async fn ask(
    worker: &Worker,
    platform: &LtiPlatform,
    scopes: &[&str],
    now: Timestamp,
) -> Result<TokenResponse, Outcome> {
    let later = |error: &dyn fmt::Display| Outcome::Later(error.to_string());
    let jti = worker.random.hex::<16>().map_err(|error| later(&error))?;
    let seconds = u64::try_from(now.seconds()).unwrap_or_default();
    let (client_id, audience) = (platform.client_id.as_str(), platform.authorization_server());
    let claims = client_assertion(client_id, audience, &jti, seconds, LIFE);
    let assertion = worker.platform.sign(claims).await.map_err(|error| later(&error))?;
    let form =
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(request_form(&assertion, scopes)).finish();
    let request = Request::post(platform.token_url.as_str(), "application/x-www-form-urlencoded", form);
    let reply = worker.fetcher.send(request).await?;
    TokenResponse::read(&reply.body, scopes).map_err(|error| {
        let why = format!("no access token: {error} (status {})", reply.status);
        if super::is_busy(reply.status) { Outcome::Later(why) } else { Outcome::Never(why) }
    })
}
