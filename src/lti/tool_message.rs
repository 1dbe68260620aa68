//! A message that a tool of LTI 1.3 signed and a browser brings: a form with the field `JWT` (LTI Security Framework,
//! section 5.2).

use examlink_lti::v1p3::Error as Broken;
use examlink_lti::v1p3::tool_message::{ExpectToolMessage, ToolMessage, UnverifiedToolMessage};

use crate::app::{App, seconds};
use crate::domain::launch::check::MessageCheck;
use crate::domain::tool_provider::ToolProvider;
use crate::lti::received::Received;
use crate::lti::refusal::Refusal;
use crate::lti::tool_keys::ToolKeys;
use crate::store::lti_registrations;

/// How far a tool's clock may be off, in seconds.
const LEEWAY: u64 = 60;

/// The message in a form, signed by the tool that it names, for us, in time, and of this type; and that tool. The caller
/// spends its nonce, and puts into the log what `received` has learnt of it.
pub async fn receive(
    body: &[u8],
    app: &App,
    keys: &ToolKeys,
    message_type: &'static str,
    received: &mut Received,
) -> Result<(ToolMessage, ToolProvider), Refusal> {
    let refused = |error: &dyn std::fmt::Display| Refusal::Tool(error.to_string());
    let token = token_of(body)?;
    let message = UnverifiedToolMessage::parse(&token).map_err(|error| refused(&error))?;
    received.came_as(&token);
    let client_id = message.client_id().map_err(|error| refused(&error))?.to_owned();
    let known = app.store.query(move |tx| lti_registrations::by_client_id(tx, &client_id)).await?;
    let (tool, registration) = known.ok_or_else(|| refused(&"iss is the client_id of no tool"))?;
    received.of_tool(&tool);
    received.at(MessageCheck::Kid);
    let now = app.clock.now();
    let key = keys.find(&registration, message.kid(), now).await.map_err(|error| refused(&error))?;
    let expect = ExpectToolMessage {
        message_type,
        client_id: &registration.client_id,
        deployment_id: &registration.deployment_id,
        issuer: app.public_url.as_str(),
        now: seconds(now),
        leeway: LEEWAY,
    };
    let claimed = message.claimed().clone();
    match message.verify(&key, &expect) {
        Ok(message) => {
            received.says(&message.claims);
            Ok((message, tool))
        }
        Err(error @ (Broken::Signature | Broken::AlgorithmOfKey)) => {
            received.at(MessageCheck::Signature);
            Err(refused(&error))
        }
        Err(error) => {
            received.says(&claimed);
            received.at(MessageCheck::Claims);
            Err(refused(&error))
        }
    }
}

/// The field `JWT` of the form, which stands there once.
fn token_of(body: &[u8]) -> Result<String, Refusal> {
    let mut tokens = url::form_urlencoded::parse(body).filter(|(name, _)| name == "JWT");
    match (tokens.next(), tokens.next()) {
        (Some((_, token)), None) => Ok(token.into_owned()),
        _ => Err(Refusal::Tool("the form has no field JWT, or several".into())),
    }
}
