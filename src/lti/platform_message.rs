//! A message of a platform by LTI 1.3, verified: the browser first, then the signature and what the token says, then
//! the deployment, and last the nonce (LTI Security Framework 1.0, section 5.1.3).

use actix_web::HttpRequest;
use examlink_lti::v1p3::id_token::{ExpectMessage, UnverifiedIdToken, VerifiedMessage};
use examlink_lti::v1p3::login::AuthenticationResponse;

use crate::app::{App, seconds};
use crate::domain::error::Unauthenticated;
use crate::domain::lti_consumer::LtiConsumer;
use crate::domain::lti_platform::LtiPlatform;
use crate::domain::time::Timestamp;
use crate::lti::login_state;
use crate::lti::platform_login::{StartedLogin, check_target, form};
use crate::lti::refusal::Refusal;
use crate::lti::tool_keys::ToolKeys;
use crate::store::{Nonce, Sender, lti_platforms};

/// How far a platform's clock may be off, in seconds.
const LEEWAY: u64 = 60;

/// What a platform sends this browser with, asked for, and for the first time.
pub struct PlatformMessage {
    /// The LMS.
    pub consumer: LtiConsumer,
    /// What it says.
    pub message: VerifiedMessage,
    /// Must be spent, whatever comes of the message.
    pub nonce: Nonce,
    /// When it came.
    pub at: Timestamp,
}

impl PlatformMessage {
    /// Verifies the form of an authentication response (OpenID Connect Core, section 3.2.2.11).
    pub async fn verify(app: &App, keys: &ToolKeys, request: &HttpRequest, body: &[u8]) -> Result<Self, Refusal> {
        let malformed = |error: examlink_lti::v1p3::Error| Refusal::Malformed(error.to_string());
        let now = app.clock.now();
        let fields = form(request, body)?;
        let (token, state) = match AuthenticationResponse::read(fields.clone()).map_err(malformed)? {
            AuthenticationResponse::Token { id_token, state, .. } => (id_token, state),
            AuthenticationResponse::Refused { code, description, .. } => {
                return Err(Refusal::NotSent(description.unwrap_or(code)));
            }
        };
        let started = StartedLogin::read(app, &state, now)?;
        let mark = started.mark(app);
        if !mark.is_brought(request) && !login_state::is_told(app, request, &fields, &mark) {
            return Err(Refusal::OtherBrowser);
        }
        let id = started.platform;
        let found = app.store.query(move |tx| lti_platforms::find(tx, id)).await?;
        let (consumer, platform) = found.filter(|(consumer, _)| !consumer.settings.disabled).ok_or(Refusal::ShutOut)?;
        let nonce = started.nonce(app);
        let message = verified(keys, &platform, &token, (&nonce, now)).await?;
        if !platform.has_deployment(message.deployment_id()) {
            return Err(Refusal::Deployment(message.deployment_id().to_owned()));
        }
        if let Some(target) = message.target_link_uri() {
            check_target(app, target)?;
        }
        let admitted = app.admit(Sender::LtiConsumer(consumer.id), seconds(started.at), &nonce);
        let refused = |why| if why == Unauthenticated::NonceReused { Refusal::Replayed } else { Refusal::Stale };
        Ok(Self { consumer, message, nonce: admitted.map_err(refused)?, at: now })
    }
}

/// The token, signed by the platform that this browser was sent to, for us, in time, and with its nonce.
async fn verified(
    keys: &ToolKeys,
    platform: &LtiPlatform,
    token: &str,
    (nonce, now): (&str, Timestamp),
) -> Result<VerifiedMessage, Refusal> {
    let refused = |error: &dyn std::fmt::Display| Refusal::Unverified(error.to_string());
    let token = UnverifiedIdToken::parse(token).map_err(|error| refused(&error))?;
    let key = keys.find_of_platform(platform, token.kid(), now).await.map_err(|error| refused(&error))?;
    let expect = ExpectMessage {
        issuer: platform.issuer.as_str(),
        client_id: platform.client_id.as_str(),
        nonce,
        now: seconds(now),
        leeway: LEEWAY,
    };
    token.verify(&key, &expect).map_err(|error| refused(&error))
}
