//! The services of platforms by LTI 1.3, which this server calls as their tool, such as gradebooks. Each call shows
//! an access token, which is kept until it ends (LTI Security Framework 1.0, section 4.1).

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use examlink_lti::v1p3::Error as Broken;
use examlink_lti::v1p3::token::{TokenResponse, client_assertion, request_form};

use crate::app::seconds;
use crate::clock::{Clock, Random};
use crate::domain::Error;
use crate::domain::id::LtiConsumerId;
use crate::domain::lti_platform::LtiPlatform;
use crate::domain::secret::Secret;
use crate::domain::time::{Span, Timestamp};
use crate::lti::fetch::{AUTHORIZATION, FetchError, Fetcher, Reply, Request, is_busy};
use crate::platform::Platform;

/// How long the platform may take our assertion, in seconds.
const LIFE: u64 = 60;
/// A token is not used for so long before its end.
const MARGIN: Span = Span::minutes(1);
/// A token is not kept longer, whatever the platform says, in seconds.
const LONGEST: i64 = 3_600;
/// Platforms whose tokens are kept; beyond, all are forgotten.
const MOST: usize = 1_000;

/// Why a service of a platform gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// It was not called, or nothing came back.
    #[error("{0}")]
    Fetch(#[from] FetchError),
    /// The platform gave no access token.
    #[error("no access token: {why} (status {status})")]
    NoToken {
        /// What is wrong with its answer.
        why: Broken,
        /// The status of its answer.
        status: u16,
    },
    /// Nothing could be signed.
    #[error("{0}")]
    Here(#[from] Error),
}

impl CallError {
    /// Whether the same call may succeed later, without anybody changing a setting.
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Fetch(error) => error.may_pass(),
            Self::NoToken { status, .. } => is_busy(*status),
            Self::Here(_) => true,
        }
    }
}

/// Calls services of platforms. Cheap to clone; every clone keeps the same tokens.
#[derive(Clone)]
pub struct PlatformServices(Arc<Inner>);

struct Inner {
    fetcher: Fetcher,
    signer: Platform,
    clock: Clock,
    random: Random,
    tokens: Mutex<HashMap<LtiConsumerId, Vec<Kept>>>,
}

/// An access token, for what was agreed on when it was given.
struct Kept {
    platform: LtiPlatform,
    scopes: Vec<String>,
    token: Secret,
    until: Timestamp,
}

impl fmt::Debug for PlatformServices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlatformServices")
    }
}

impl PlatformServices {
    /// Calls so, and has no tokens yet.
    pub fn new(fetcher: Fetcher, signer: Platform, clock: Clock, random: Random) -> Self {
        Self(Arc::new(Inner { fetcher, signer, clock, random, tokens: Mutex::default() }))
    }

    /// Calls a service with an access token for these scopes, and once more with a new one where the platform does not
    /// take the first. Any status is an answer; what it means is the caller's to say.
    pub async fn call<'r>(
        &self,
        platform: &LtiPlatform,
        scopes: &[&str],
        request: impl Fn() -> Request<'r>,
    ) -> Result<Reply, CallError> {
        let reply = self.call_once(platform, scopes, request()).await?;
        if reply.status != 401 {
            return Ok(reply);
        }
        self.tokens().remove(&platform.lti_consumer_id);
        self.call_once(platform, scopes, request()).await
    }

    async fn call_once(
        &self,
        platform: &LtiPlatform,
        scopes: &[&str],
        request: Request<'_>,
    ) -> Result<Reply, CallError> {
        let token = self.token(platform, scopes).await?;
        let request = request.header(AUTHORIZATION, format!("Bearer {}", token.reveal()));
        Ok(self.0.fetcher.send(request).await?)
    }

    /// A token for these scopes: one that was given before, or a new one.
    async fn token(&self, platform: &LtiPlatform, scopes: &[&str]) -> Result<Secret, CallError> {
        let now = self.0.clock.now();
        if let Some(kept) = self.kept(platform, scopes, now) {
            return Ok(kept);
        }
        let given = self.ask(platform, scopes, now).await?;
        let life = i64::try_from(given.expires_in).unwrap_or(LONGEST).min(LONGEST);
        let token = given.access_token;
        let kept = Kept {
            platform: platform.clone(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            token: token.clone(),
            until: now + Span::seconds(life) - MARGIN,
        };
        let mut all = self.tokens();
        let tokens = all.entry(platform.lti_consumer_id).or_default();
        tokens.retain(|kept| kept.until > now && kept.platform == *platform);
        tokens.push(kept);
        Ok(token)
    }

    fn kept(&self, platform: &LtiPlatform, scopes: &[&str], now: Timestamp) -> Option<Secret> {
        let all = self.tokens();
        let tokens = all.get(&platform.lti_consumer_id)?;
        let good = |kept: &&Kept| kept.until > now && kept.platform == *platform && kept.scopes == scopes;
        tokens.iter().find(good).map(|kept| kept.token.clone())
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<LtiConsumerId, Vec<Kept>>> {
        let mut tokens = self.0.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() > MOST {
            tokens.clear();
        }
        tokens
    }

    async fn ask(&self, platform: &LtiPlatform, scopes: &[&str], now: Timestamp) -> Result<TokenResponse, CallError> {
        let jti = self.0.random.hex::<16>().map_err(Error::from)?;
        let (client_id, audience) = (platform.client_id.as_str(), platform.authorization_server());
        let claims = client_assertion(client_id, audience, &jti, seconds(now), LIFE);
        let assertion = self.0.signer.sign(claims).await?;
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(request_form(&assertion, scopes))
            .finish();
        let request = Request::post(platform.token_url.as_str(), "application/x-www-form-urlencoded", form);
        let reply = self.0.fetcher.send(request).await?;
        let refused = |why| CallError::NoToken { why, status: reply.status };
        TokenResponse::read(&reply.body, scopes).map_err(refused)
    }
}
