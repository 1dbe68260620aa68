//! The registration of a tool, for the tool itself (Dynamic Registration 1.0; RFC 7592): it reads it, and proposes another one.
//! That one counts once an administrator has looked at it; until then everything goes on as it was.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, get, put};
use serde_json::{Value, json};

use super::{refused, registered};
use crate::app::App;
use crate::domain::lti_registration::ToolScope;
use crate::domain::tool_registration::{DescribedTool, description};
use crate::domain::{Error, Result};
use crate::lti::bearer::{Call, Granted};
use crate::lti::exchange::{About, Stop, json_body, logged, record, shown};
use crate::lti::problem::Problem;
use crate::store::{Tx, lti_registrations};

const JSON: &str = "application/json";

/// Shows the registration.
pub struct ReadRegistration;

impl Call for ReadRegistration {
    const SCOPES: &'static [ToolScope] = &[ToolScope::RegistrationRead, ToolScope::Registration];
    const OPERATION: &'static str = "readRegistration";
}

/// Proposes another one.
pub struct ProposeRegistration;

impl Call for ProposeRegistration {
    const SCOPES: &'static [ToolScope] = &[ToolScope::Registration];
    const OPERATION: &'static str = "proposeRegistration";
}

/// Shows what the tool is registered with (RFC 7592 section 2.1).
#[get("/lti/1.3/registrations/{client_id}")]
pub async fn show_registration(
    granted: Granted<ReadRegistration>,
    client_id: Path<String>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let answer = own(&granted, &client_id).map(|()| in_force(StatusCode::OK, &granted, &app));
    logged(&app, &granted, About::default(), Value::Null, answer)
}

/// Takes what the tool would like to be registered with instead, whole (RFC 7592 section 2.2). The answer, 202, is what it
/// is registered with until an administrator agrees. A later proposal takes the place of an earlier one.
#[put("/lti/1.3/registrations/{client_id}")]
pub async fn propose_registration(
    granted: Granted<ProposeRegistration>,
    request: HttpRequest,
    client_id: Path<String>,
    payload: Payload,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let about = About::default();
    let body = match own(&granted, &client_id) {
        Ok(()) => json_body(&request, payload, JSON).await,
        Err(problem) => Err(problem),
    };
    let body = match body {
        Ok(body) => body,
        Err(problem) => return logged(&app, &granted, about, Value::Null, Err(problem)),
    };
    let (asked, proposal) = match DescribedTool::read_proposal(&body, &client_id, app.allow_http_tools) {
        Ok(read) => read,
        Err(refusal) => {
            let detail = refusal.description.clone().unwrap_or_default();
            let problem = Problem::new(StatusCode::BAD_REQUEST, "invalid", detail);
            return logged(&app, &granted, about, Value::Null, Err(problem)).or_else(|_| Ok(refused(&refusal)));
        }
    };
    let said = json!({ "client_name": asked.client_name, "scopes": asked.scopes });
    let answer = in_force(StatusCode::ACCEPTED, &granted, &app);
    let propose = move |tx: &mut Tx<'_>| {
        let done = lti_registrations::propose(tx, granted.tool.id, &proposal).map_err(Stop::from);
        record(tx, &granted, about, (&said, StatusCode::ACCEPTED), done)
    };
    app.store.apply(propose).await??;
    Ok(answer)
}

/// Others' registrations look as if they did not exist.
fn own<C: Call>(granted: &Granted<C>, client_id: &str) -> Result<(), Problem> {
    let own = granted.registration.client_id == client_id;
    own.then_some(()).ok_or_else(|| Error::not_found("registration", client_id).into())
}

fn in_force<C: Call>(status: StatusCode, granted: &Granted<C>, app: &App) -> HttpResponse {
    let described = description(&granted.tool, &granted.registration);
    shown(status, JSON, &registered(app, &granted.registration).to_value(&described))
}
