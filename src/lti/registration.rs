//! Dynamic Registration 1.0, the platform's side: a tool registers itself, with an administrator's leave. It may be used
//! once an administrator has looked at it.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, PRAGMA, WWW_AUTHENTICATE};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use examlink_lti::v1p3::registration::{Refusal, Registered, Registration};

use crate::app::App;
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::secret::random_secret;
use crate::domain::time::Timestamp;
use crate::domain::tool_registration::{DescribedTool, Leave, Registrant};
use crate::domain::{Error, Result};
use crate::lti::problem::Problem;
use crate::lti::signed::{authorization, body};
use crate::store::{Nonce, Sender, Tx, tool_providers, users};

/// Takes the registration of a tool (RFC 7591 section 3.1). Whoever sends one that breaks a rule may send it again; one
/// that is taken spends the token.
#[post("/lti/1.3/register")]
pub async fn register_tool(request: HttpRequest, payload: Payload, app: Data<App>) -> Result<HttpResponse, Problem> {
    let Some(body) = body(payload).await else { return Err(Problem::too_large()) };
    let now = app.clock.now();
    let Some(leave) = bearer(&request).and_then(|token| Leave::open(&app.keys, Registrant::Tool, token, now)) else {
        return Ok(refused(&Refusal::invalid_token()));
    };
    let (asked, tool) = match DescribedTool::read(&body, app.allow_http_tools) {
        Ok(read) => read,
        Err(refusal) => return Ok(refused(&refusal)),
    };
    let Some(nonce) = nonce(&app, &leave) else { return Ok(refused(&Refusal::invalid_token())) };
    match register(&app, nonce, leave, tool, now).await {
        Ok(Some(registration)) => Ok(granted(&asked, registration)),
        Ok(None) | Err(Error::Unauthenticated(_)) => Ok(refused(&Refusal::invalid_token())),
        Err(error) => Err(error.into()),
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
    app.admit(Sender::Registrar(leave.administrator), seconds, &leave.nonce).ok()
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
        let (provider, registration) = tool_providers::insert(tx, &new, &secret, Some(registration))?;
        tracing::info!(tool = %provider.id, administrator = %leave.administrator, "a tool registered itself");
        Ok(registration)
    };
    app.store.write(nonce, create).await
}

/// RFC 7591 section 3.2.1.
fn granted(asked: &Registration, registration: LtiRegistration) -> HttpResponse {
    let scopes = registration.settings.scopes.0.iter().map(|scope| scope.as_str().to_owned()).collect();
    let registered = Registered {
        client_id: registration.client_id,
        deployment_id: Some(registration.deployment_id),
        scopes,
        management: None,
    };
    let mut reply = HttpResponse::Created();
    reply.insert_header((CACHE_CONTROL, "no-store")).insert_header((PRAGMA, "no-cache"));
    reply.json(registered.to_value(asked))
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
