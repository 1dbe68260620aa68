//! Which tool of LTI 1.3 calls a service: by its access token (RFC 6750), which must be good for what is called.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use serde_json::json;

use crate::app::App;
use crate::domain::lti_registration::{LtiRegistration, ToolScope};
use crate::domain::time::Timestamp;
use crate::domain::tool_deployment::Reach;
use crate::domain::tool_provider::ToolProvider;
use crate::domain::{Error, Result};
use crate::lti::access_token::AccessToken;
use crate::lti::call_log::{CallLog, Refused};
use crate::lti::problem::Problem;
use crate::store::{Tx, lti_registrations, tool_deployments};

/// What a call needs: one of these scopes, and under which name it is logged.
pub trait Call: 'static {
    /// The scopes, any of which will do.
    const SCOPES: &'static [ToolScope];
    /// Its name in the log of calls.
    const OPERATION: &'static str;
}

/// A call by a tool whose token is good for it. Only a request that carries such a token becomes one.
#[derive(Debug)]
pub struct Granted<C> {
    /// The tool.
    pub tool: ToolProvider,
    /// What it is registered with.
    pub registration: LtiRegistration,
    /// What it may touch: everything that a service finds is looked up within it.
    pub reach: Reach,
    /// The server's time.
    pub at: Timestamp,
    call: PhantomData<C>,
}

impl<C: Call> FromRequest for Granted<C> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<Data<App>>().cloned();
        let log = request.app_data::<Data<CallLog>>().cloned();
        let token = token(request).map(AccessToken::parse);
        Box::pin(async move {
            let missing = || Error::Internal("a service was called without its parts".into());
            let (app, log) = app.zip(log).ok_or_else(missing)?;
            match token {
                None => Err(Problem::no_token()),
                Some(None) => Err(Problem::bad_token()),
                Some(Some(token)) => Self::admit(&app, &log, token).await,
            }
        })
    }
}

impl<C: Call> Granted<C> {
    async fn admit(app: &App, log: &CallLog, token: AccessToken) -> Result<Self, Problem> {
        let (id, deployment) = (token.tool, token.deployment);
        let find = move |tx: &mut Tx<'_>| {
            let Some((tool, registration)) = lti_registrations::of_tool(tx, id)? else { return Ok(None) };
            let reach = tool_deployments::reach(tx, &registration, deployment)?;
            Ok(reach.map(|reach| (tool, registration, reach)))
        };
        let (tool, registration, reach) = app.store.query(find).await?.ok_or_else(Problem::bad_token)?;
        let at = app.clock.now();
        let Some(scopes) = token.scopes(&app.keys, &registration, at) else { return Err(Problem::bad_token()) };
        if C::SCOPES.iter().any(|needed| scopes.contains(needed)) {
            return Ok(Self { tool, registration, reach, at, call: PhantomData });
        }
        let request = json!({ "scopes": scopes, "needs": C::SCOPES });
        let status = StatusCode::FORBIDDEN.as_u16();
        log.keep(app, Refused { tool: &tool, operation: C::OPERATION, status, code: "insufficient_scope", request });
        Err(Problem::insufficient_scope(C::SCOPES))
    }
}

/// The token of a request that has one header with one; the name of the scheme has no case.
pub fn token(request: &HttpRequest) -> Option<&str> {
    let mut all = request.headers().get_all(AUTHORIZATION);
    let (Some(one), None) = (all.next(), all.next()) else { return None };
    let (scheme, token) = one.to_str().ok()?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
