//! A message of a platform by LTI 1.3, verified: the browser first, then the signature and what the token says, then
//! the deployment, and last the nonce (LTI Security Framework 1.0, section 5.1.3).

use actix_web::HttpRequest;
use examlink_lti::v1p3::Error as Broken;
use examlink_lti::v1p3::claims::MESSAGE_TYPE;
use examlink_lti::v1p3::id_token::{ExpectMessage, UnverifiedIdToken, VerifiedMessage};
use examlink_lti::v1p3::jwt::Claims;
use examlink_lti::v1p3::login::AuthenticationResponse;
use examlink_lti::v1p3::message::MessageType;

use crate::app::{App, seconds};
use crate::domain::error::Unauthenticated;
use crate::domain::launch::check::MessageCheck;
use crate::domain::launch::record::MessageKind;
use crate::domain::lti_consumer::LtiConsumer;
use crate::domain::lti_platform::LtiPlatform;
use crate::domain::time::Timestamp;
use crate::lti::login_state;
use crate::lti::platform_login::{StartedLogin, check_target, form};
use crate::lti::received::Received;
use crate::lti::refusal::Refusal;
use crate::lti::tool_keys::ToolKeys;
use crate::store::lti_platforms::{self, Agreed};
use crate::store::{Nonce, Sender};

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
    /// Verifies the form of an authentication response (OpenID Connect Core, section 3.2.2.11). What it learns of it goes
    /// to `received`.
    pub async fn verify(
        app: &App,
        keys: &ToolKeys,
        request: &HttpRequest,
        body: &[u8],
        received: &mut Received,
    ) -> Result<Self, Refusal> {
        let malformed = |error: examlink_lti::v1p3::Error| Refusal::Malformed(error.to_string());
        let now = app.clock.now();
        let fields = form(request, body)?;
        let (token, state) = match AuthenticationResponse::read(fields.clone()).map_err(malformed)? {
            AuthenticationResponse::Token { id_token, state, .. } => (id_token, state),
            AuthenticationResponse::Refused { code, description, state } => {
                let started = state.and_then(|state| StartedLogin::read(app, &state, now).ok());
                if let Some(started) = started {
                    agreed(app, &started, received).await?;
                }
                received.at(MessageCheck::IdToken);
                return Err(Refusal::NotSent(description.unwrap_or(code)));
            }
        };
        let started = StartedLogin::read(app, &state, now)?;
        let found = agreed(app, &started, received).await?;
        received.came_as(&token);
        received.at(MessageCheck::Browser);
        let mark = started.mark(app);
        if !mark.is_brought(request) && !login_state::is_told(app, request, &fields, &mark) {
            return Err(Refusal::OtherBrowser);
        }
        received.at(MessageCheck::Active);
        let (consumer, platform) = found.filter(|(consumer, _)| !consumer.settings.disabled).ok_or(Refusal::ShutOut)?;
        let nonce = started.nonce(app);
        let message = verified(keys, &platform, &token, (&nonce, now), received).await?;
        received.at(MessageCheck::DeploymentId);
        if !platform.has_deployment(message.deployment_id()) {
            return Err(Refusal::Deployment(message.deployment_id().to_owned()));
        }
        received.at(MessageCheck::TargetLinkUri);
        if let Some(target) = message.target_link_uri() {
            check_target(app, target)?;
        }
        received.at(MessageCheck::Once);
        let admitted = app.admit(Sender::LtiConsumer(consumer.id), seconds(started.at), &nonce);
        let refused = |why| if why == Unauthenticated::NonceReused { Refusal::Replayed } else { Refusal::Stale };
        Ok(Self { consumer, message, nonce: admitted.map_err(refused)?, at: now })
    }
}

/// What was agreed on with the platform that a login was begun with, where it is still registered.
async fn agreed(app: &App, started: &StartedLogin, received: &mut Received) -> Result<Option<Agreed>, Refusal> {
    let id = started.platform;
    let found = app.store.query(move |tx| lti_platforms::find(tx, id)).await?;
    if let Some((consumer, _)) = &found {
        received.of_lms(consumer);
    }
    Ok(found)
}

/// The token, signed by the platform that this browser was sent to, for us, in time, and with its nonce.
async fn verified(
    keys: &ToolKeys,
    platform: &LtiPlatform,
    token: &str,
    (nonce, now): (&str, Timestamp),
    received: &mut Received,
) -> Result<VerifiedMessage, Refusal> {
    received.at(MessageCheck::Kid);
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
    let claimed = token.claimed().clone();
    let kind = |claims: &Claims| MessageType::parse(claims.text(MESSAGE_TYPE)?)?.as_str().parse().ok();
    match token.verify(&key, &expect) {
        Ok(message) => {
            received.says(message.claims());
            received.kind = kind(message.claims()).unwrap_or(MessageKind::Unknown);
            Ok(message)
        }
        Err(error @ (Broken::Signature | Broken::AlgorithmOfKey)) => {
            received.at(MessageCheck::Signature);
            Err(refused(&error))
        }
        Err(error) => {
            received.says(&claimed);
            received.kind = kind(&claimed).unwrap_or(MessageKind::Unknown);
            received.at(MessageCheck::Claims);
            Err(refused(&error))
        }
    }
}
