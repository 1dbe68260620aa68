//! Access tokens for tools of LTI 1.3 (LTI Security Framework 1.0, section 4.1; RFC 6749, section 4.4; RFC 7523): a tool
//! signs who it is with its own key, and gets a token for an hour.

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use examlink_lti::v1::oauth1::Param;
use examlink_lti::v1p3::token::{
    ClientAssertion, ExpectAssertion, TokenError, TokenRefusal, TokenRequest, TokenResponse,
};
use examlink_lti::v1p3::{Error as Broken, form_pairs};
use serde_json::json;

use crate::app::{App, seconds};
use crate::domain::error::Unauthenticated;
use crate::domain::id::{ToolDeploymentId, ToolProviderId};
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::lti_urls;
use crate::domain::service_call::{CallOutcome, NewServiceCall};
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::ToolProvider;
use crate::domain::{Error, Result};
use crate::lti::access_token;
use crate::lti::call_log::{CallLog, Refused};
use crate::lti::oauth::{failed, reply};
use crate::lti::signed::body;
use crate::lti::tool_keys::ToolKeys;
use crate::store::{Sender, Tx, lti_registrations, service_calls, tool_deployments};

/// How far a tool's clock may be off, in seconds.
const LEEWAY: u64 = 60;
/// The name of this call in the log.
const OPERATION: &str = "token";

/// Why no token is given.
enum Stop {
    /// The tool is told why. The tool that the request names, where there is one, keeps it in its log.
    Refused(TokenRefusal, Option<Box<ToolProvider>>),
    /// This server failed.
    Failed(Error),
}

impl From<TokenRefusal> for Stop {
    fn from(refusal: TokenRefusal) -> Self {
        Self::Refused(refusal, None)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Gives a tool a token for what it asks for, as far as it is offered to it.
#[post("/lti/1.3/token")]
pub async fn give_token(
    request: HttpRequest,
    payload: Payload,
    app: Data<App>,
    keys: Data<ToolKeys>,
    log: Data<CallLog>,
) -> HttpResponse {
    match answer(&request, payload, &app, &keys).await {
        Ok(token) => reply(StatusCode::OK, &token.to_json()),
        Err(Stop::Refused(refusal, tool)) => {
            if let Some(tool) = tool {
                let code = refusal.code.as_str();
                let request = json!({ "client_assertion": "***", "detail": refusal.description });
                log.keep(&app, Refused { tool: &tool, operation: OPERATION, status: 400, code, request });
            }
            reply(StatusCode::BAD_REQUEST, &refusal.to_json())
        }
        Err(Stop::Failed(error)) => failed(&error, "Send the request again later, with a new jti."),
    }
}

async fn answer(request: &HttpRequest, payload: Payload, app: &App, keys: &ToolKeys) -> Result<TokenResponse, Stop> {
    let asked = TokenRequest::parse(form(request, payload).await?)?;
    let client_id = asked.client_id().to_owned();
    let found = app.store.query(move |tx| lti_registrations::by_client_id(tx, &client_id)).await?;
    let Some((tool, registration)) = found else { return Err(TokenRefusal::from(Broken::Client).into()) };
    let for_log = tool.clone();
    verified(app, keys, asked, tool, registration).await.map_err(|stop| match stop {
        Stop::Refused(refusal, _) => Stop::Refused(refusal, Some(Box::new(for_log))),
        failed @ Stop::Failed(_) => failed,
    })
}

/// The fields of the form that a tool posts.
async fn form(request: &HttpRequest, payload: Payload) -> Result<Vec<Param>, TokenRefusal> {
    let invalid = |why: &str| TokenRefusal::new(TokenError::InvalidRequest, why);
    let header = request.headers().get(CONTENT_TYPE).and_then(|header| header.to_str().ok()).unwrap_or_default();
    let media_type = header.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(invalid("send the request as application/x-www-form-urlencoded"));
    }
    let body = body(payload).await.ok_or_else(|| invalid("the body is longer than 65536 bytes, or came too slowly"))?;
    Ok(form_pairs(&body))
}

/// Checks the assertion with the tool's own key, then spends its `jti`: nobody else's can fill the memory of those.
async fn verified(
    app: &App,
    keys: &ToolKeys,
    asked: TokenRequest,
    tool: ToolProvider,
    registration: LtiRegistration,
) -> Result<TokenResponse, Stop> {
    let no_client = |why: &str| TokenRefusal::new(TokenError::InvalidClient, why);
    let now = app.clock.now();
    let key = keys.find(&registration, asked.kid(), now).await.map_err(|error| no_client(&error.to_string()))?;
    let endpoint = format!("{}{}", app.public_url.as_str(), lti_urls::TOKEN);
    let expect = ExpectAssertion { audiences: &[&endpoint], now: seconds(now), leeway: LEEWAY };
    let assertion = asked.verify(&key, &expect)?;
    let deployment = deployment(app, tool.id, assertion.deployment_id.clone()).await?;
    let allowed: Vec<&str> = registration.settings.granted().iter().map(|scope| scope.as_str()).collect();
    let scopes = assertion.granted(&allowed)?;
    let used = || no_client("jti was used before; make a new one for every request");
    let nonce = app.admit(Sender::Assertion(tool.id), seconds(now), &assertion.jti).map_err(|_| used())?;
    let call = granted_call(&tool, &assertion, &scopes, now);
    let spent = app.store.write(nonce, move |tx: &mut Tx<'_>| service_calls::insert(tx, &call)).await;
    match spent {
        Ok(()) => {}
        Err(Error::Unauthenticated(Unauthenticated::NonceReused)) => return Err(used().into()),
        Err(error) => return Err(error.into()),
    }
    Ok(access_token::issue(&app.keys, (&registration, deployment), scopes, now))
}

/// The deployment that a token is to be good for alone, where the tool names one (LTI 1.3, section 6.2).
async fn deployment(app: &App, tool: ToolProviderId, named: Option<String>) -> Result<Option<ToolDeploymentId>, Stop> {
    let Some(named) = named else { return Ok(None) };
    let found = app.store.query(move |tx| tool_deployments::find_named(tx, tool, &named)).await?;
    let found = found.ok_or_else(|| TokenRefusal::from(Broken::Deployment))?;
    Ok(Some(found.id))
}

fn granted_call(tool: &ToolProvider, assertion: &ClientAssertion, scopes: &[String], at: Timestamp) -> NewServiceCall {
    let request = json!({
        "client_assertion": "***", "asked": assertion.scopes, "granted": scopes, "deployment_id": assertion.deployment_id,
    });
    NewServiceCall {
        institute_id: tool.institute_id,
        tool_provider_id: Some(tool.id),
        exam_id: None,
        lti_resource_id: None,
        student_session_id: None,
        operation: OPERATION.into(),
        outcome: CallOutcome::Success,
        status: 200,
        code: None,
        request: request.to_string(),
        created_at: at,
    }
}
