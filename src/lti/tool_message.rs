//! A message that a tool of LTI 1.3 signed and a browser brings: a form with the field `JWT` (LTI Security Framework,
//! section 5.2).

use examlink_lti::v1p3::Error as Broken;
use examlink_lti::v1p3::tool_message::{ExpectToolMessage, ToolMessage, UnverifiedToolMessage};

use crate::app::{App, seconds};
use crate::domain::id::ToolDeploymentId;
use crate::domain::launch::check::MessageCheck;
use crate::domain::tool_deployment::Reach;
use crate::domain::tool_provider::ToolProvider;
use crate::lti::received::Received;
use crate::lti::refusal::Refusal;
use crate::lti::tool_keys::ToolKeys;
use crate::store::{Tx, lti_registrations, tool_deployments};

/// How far a tool's clock may be off, in seconds.
const LEEWAY: u64 = 60;

/// The message in a form, signed by the tool that it names, for us, in time, and of this type; that tool, and the
/// deployment that it is from. The caller [checks](check) that this one was asked, spends the nonce, and puts into the log
/// what `received` has learnt of it.
pub async fn receive(
    body: &[u8],
    app: &App,
    keys: &ToolKeys,
    message_type: &'static str,
    received: &mut Received,
) -> Result<(ToolMessage, ToolProvider, Reach), Refusal> {
    let refused = |error: &dyn std::fmt::Display| Refusal::Tool(error.to_string());
    let token = token_of(body)?;
    let message = UnverifiedToolMessage::parse(&token).map_err(|error| refused(&error))?;
    received.came_as(&token);
    let client_id = message.client_id().map_err(|error| refused(&error))?.to_owned();
    let named = message.deployment_id().unwrap_or_default().to_owned();
    let find = move |tx: &mut Tx<'_>| {
        let Some((tool, registration)) = lti_registrations::by_client_id(tx, &client_id)? else { return Ok(None) };
        let deployment = match tool_deployments::find_named(tx, tool.id, &named)? {
            Some(deployment) => deployment,
            // Of no deployment of the tool: it is refused when its signature has been looked at.
            None => tool_deployments::first(tx, &registration)?,
        };
        Ok(Some((tool, registration, deployment)))
    };
    let known = app.store.query(find).await?;
    let (tool, registration, deployment) = known.ok_or_else(|| refused(&"iss is the client_id of no tool"))?;
    received.of_tool(&tool);
    received.at(MessageCheck::Kid);
    let now = app.clock.now();
    let key = keys.find(&registration, message.kid(), now).await.map_err(|error| refused(&error))?;
    let expect = ExpectToolMessage {
        message_type,
        client_id: &registration.client_id,
        deployment_id: &deployment.deployment_id,
        issuer: app.public_url.as_str(),
        now: seconds(now),
        leeway: LEEWAY,
    };
    let claimed = message.claimed().clone();
    match message.verify(&key, &expect) {
        Ok(message) => {
            received.says(&message.claims);
            Ok((message, tool, Reach::of(&deployment, &registration)))
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

/// Refuses a message from another deployment than the one that was asked.
pub fn check(from: Reach, asked: Option<ToolDeploymentId>) -> Result<(), Refusal> {
    if from.covers(asked) { Ok(()) } else { Err(Refusal::Tool(Broken::Deployment.to_string())) }
}

/// The field `JWT` of the form, which stands there once.
fn token_of(body: &[u8]) -> Result<String, Refusal> {
    let mut tokens = url::form_urlencoded::parse(body).filter(|(name, _)| name == "JWT");
    match (tokens.next(), tokens.next()) {
        (Some((_, token)), None) => Ok(token.into_owned()),
        _ => Err(Refusal::Tool("the form has no field JWT, or several".into())),
    }
}
