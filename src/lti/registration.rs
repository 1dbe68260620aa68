//! Dynamic Registration 1.0, the platform's side: a tool registers itself, with an administrator's leave. It may be used
//! once an administrator has looked at it. Afterwards it manages its registration itself ([`management`]).

pub mod management;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, PRAGMA, WWW_AUTHENTICATE};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use examlink_lti::v1p3::registration::{Management, Refusal, Registered, Registration};
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::id::ToolProviderId;
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::lti_urls;
use crate::domain::secret::random_secret;
use crate::domain::service_call::{CallOutcome, NewServiceCall};
use crate::domain::time::Timestamp;
use crate::domain::tool_registration::{DescribedTool, Leave, Registrant};
use crate::domain::{Error, Result};
use crate::lti::bearer::Call as _;
use crate::lti::call_log::{CallLog, Sender};
use crate::lti::problem::Problem;
use crate::lti::signed::{authorization, body};
use crate::store::{self, Nonce, Tx, service_calls, tool_providers, users};
use management::ReadRegistration;

/// The name of this call in the log.
const OPERATION: &str = "register";

/// Takes the registration of a tool (RFC 7591 section 3.1). Whoever sends one that breaks a rule may send it again; one
/// that is taken spends the token.
#[post("/lti/1.3/register")]
pub async fn register_tool(
    request: HttpRequest,
    payload: Payload,
    app: Data<App>,
    log: Data<CallLog>,
) -> Result<HttpResponse, Problem> {
    let Some(body) = body(payload).await else { return Err(Problem::too_large()) };
    let now = app.clock.now();
    let Some(leave) = bearer(&request).and_then(|token| Leave::open(&app.keys, Registrant::Tool, token, now)) else {
        return Ok(refused(&Refusal::invalid_token()));
    };
    let refuse = |name: Option<&str>, refusal: Refusal| {
        let reply = refused(&refusal);
        let call = NewServiceCall {
            outcome: CallOutcome::Failure,
            status: reply.status().as_u16().into(),
            code: Some(refusal.code),
            ..call(&leave, None, json!({ "client_name": name, "detail": refusal.description }), now)
        };
        log.keep_of(&app, Sender::Registrant(leave.administrator), call);
        reply
    };
    let (asked, tool) = match DescribedTool::read(&body, app.allow_http_tools) {
        Ok(read) => read,
        Err(refusal) => return Ok(refuse(None, refusal)),
    };
    let invalid = || refuse(Some(&asked.client_name), Refusal::invalid_token());
    let Some(nonce) = nonce(&app, &leave) else { return Ok(invalid()) };
    match register(&app, nonce, leave.clone(), tool, now).await {
        Ok(Some(registration)) => Ok(granted(&app, &asked, &registration)),
        Ok(None) | Err(Error::Unauthenticated(_)) => Ok(invalid()),
        Err(error) => Err(error.into()),
    }
}

/// The call of a tool that has registered itself, as the log keeps it.
fn call(leave: &Leave, tool: Option<ToolProviderId>, mut said: Value, at: Timestamp) -> NewServiceCall {
    said["registration_token"] = "***".into();
    said["administrator_id"] = leave.administrator.0.into();
    NewServiceCall {
        institute_id: leave.institute,
        tool_provider_id: tool,
        exam_id: None,
        lti_resource_id: None,
        student_session_id: None,
        operation: OPERATION.into(),
        outcome: CallOutcome::Success,
        status: StatusCode::CREATED.as_u16().into(),
        code: None,
        request: said.to_string(),
        created_at: at,
    }
}

/// The token of the header (RFC 6750 section 2.1); the name of the scheme has no case.
fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = authorization(request).split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// To be spent with the registration; none where the token was used.
fn nonce(app: &App, leave: &Leave) -> Option<Nonce> {
    let seconds = u64::try_from(leave.given_at.seconds()).ok()?;
    app.admit(store::Sender::Registrar(leave.administrator), seconds, &leave.nonce).ok()
}

/// Creates the tool provider with its registration. `None` where whoever gave leave may do so no more.
async fn register(
    app: &App,
    nonce: Nonce,
    leave: Leave,
    tool: DescribedTool,
    now: Timestamp,
) -> Result<Option<LtiRegistration>> {
    let (random, secret) = (app.random, random_secret(app.random)?);
    let create = move |tx: &mut Tx<'_>| {
        if users::find_registrar(tx, leave.institute, leave.administrator)?.is_none() {
            return Ok(None);
        }
        let registration = LtiRegistration::new(tool.settings.clone(), random, now)?;
        let new = tool.clone().placed(leave.institute, &registration, now)?;
        let (provider, registration, _) = tool_providers::insert(tx, &new, &secret, Some(registration))?;
        tracing::info!(tool = %provider.id, administrator = %leave.administrator, "a tool registered itself");
        let said = json!({ "client_name": provider.tool_name, "scopes": tool.settings.scopes });
        service_calls::insert(tx, &call(&leave, Some(provider.id), said, now))?;
        Ok(registration)
    };
    app.store.write(nonce, create).await
}

/// RFC 7591 section 3.2.1.
fn granted(app: &App, asked: &Registration, registration: &LtiRegistration) -> HttpResponse {
    let mut reply = HttpResponse::Created();
    reply.insert_header((CACHE_CONTROL, "no-store")).insert_header((PRAGMA, "no-cache"));
    reply.json(registered(app, registration).to_value(asked))
}

/// What a tool needs to know of its registration, and where it manages that, if it may.
fn registered(app: &App, registration: &LtiRegistration) -> Registered {
    let scopes = &registration.settings.scopes.0;
    let manages = scopes.iter().any(|scope| ReadRegistration::SCOPES.contains(scope));
    let uri = || lti_urls::registration(app.public_url.as_str(), &registration.client_id);
    Registered {
        client_id: registration.client_id.clone(),
        deployment_id: Some(registration.deployment_id.clone()),
        scopes: scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
        // The tool shows who it is by an access token of its own, as at every service.
        management: manages.then(|| Management { uri: uri(), token: None }),
    }
}

/// RFC 7591 section 3.2.2; RFC 6750 section 3 where it is the token.
fn refused(refusal: &Refusal) -> HttpResponse {
    tracing::info!(code = refusal.code, why = refusal.description, "the registration of a tool was refused");
    let mut reply = HttpResponse::build(StatusCode::BAD_REQUEST);
    if *refusal == Refusal::invalid_token() {
        reply.status(StatusCode::UNAUTHORIZED).insert_header((WWW_AUTHENTICATE, "Bearer error=\"invalid_token\""));
    }
    reply.insert_header((CACHE_CONTROL, "no-store")).insert_header((PRAGMA, "no-cache"));
    reply.json(refusal.to_value())
}
