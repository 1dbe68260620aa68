//! Where a tool wants to be told of what happens (Platform Notification Service 1.0): it sets one address for each type of
//! notice, at a host of its own. What it is told then is sent by a job.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, get, put};
use examlink_lti::v1p3::ServiceError;
use examlink_lti::v1p3::notices::{Handler, NoticeType, handlers_to_value};
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::Result;
use crate::domain::lti_registration::ToolScope;
use crate::domain::notice::domains;
use crate::lti::bearer::{Call, Granted};
use crate::lti::exchange::{About, Stop, broken, json_body, logged, record, shown};
use crate::lti::problem::Problem;
use crate::store::{Tx, notices, tool_deployments};

const JSON: &str = "application/json";

/// Lists handlers.
pub struct ReadNoticeHandlers;

impl Call for ReadNoticeHandlers {
    const SCOPES: &'static [ToolScope] = &[ToolScope::NoticeHandlers];
    const OPERATION: &'static str = "readNoticeHandlers";
}

/// Sets a handler, or takes it away.
pub struct ReplaceNoticeHandler;

impl Call for ReplaceNoticeHandler {
    const SCOPES: &'static [ToolScope] = &[ToolScope::NoticeHandlers];
    const OPERATION: &'static str = "replaceNoticeHandler";
}

/// Lists the handlers of the tool, or of the deployment that its token is for: one for each type of notice, empty where
/// it has set none.
#[get("/lti/1.3/notice_handlers")]
pub async fn list_notice_handlers(
    granted: Granted<ReadNoticeHandlers>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let listed = list(&granted, &app).await;
    logged(&app, &granted, About::default(), Value::Null, listed)
}

async fn list(granted: &Granted<ReadNoticeHandlers>, app: &App) -> Result<HttpResponse, Problem> {
    let (reach, registration) = (granted.reach, granted.registration.clone());
    let find = move |tx: &mut Tx<'_>| {
        let registration = tool_deployments::deployed(tx, registration, reach.deployment())?;
        Ok((registration, notices::within(tx, reach)?))
    };
    let (registration, set) = app.store.query(find).await?;
    let handlers = NoticeType::NAMES.map(|(name, notice_type)| {
        let url = set.iter().find(|(set, _)| set == name).map(|(_, url)| url.clone());
        Handler { notice_type, url, batch: None }
    });
    let body = handlers_to_value(&registration.client_id, &registration.deployment_id, &handlers);
    Ok(shown(StatusCode::OK, JSON, &body))
}

/// Sets the handler of a type of notice, or takes it away by an empty one: for the deployment that the token is for, or for
/// every one that has none of its own. Each notice is sent by itself, so no batch is
/// larger than the tool takes.
#[put("/lti/1.3/notice_handlers")]
pub async fn replace_notice_handler(
    granted: Granted<ReplaceNoticeHandler>,
    request: HttpRequest,
    payload: Payload,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let about = About::default();
    let handler = match read(&granted, &request, payload, &app).await {
        Ok(handler) => handler,
        Err(problem) => return logged(&app, &granted, about, Value::Null, Err(problem)),
    };
    // What stands in the query of an address may be the tool's secret.
    let address = handler.url.as_deref().and_then(|url| url.split('?').next());
    let said = json!({ "notice_type": handler.notice_type.as_str(), "handler": address });
    let (answer, random) = (handler.to_value(), app.random);
    let replace = move |tx: &mut Tx<'_>| {
        let done = notices::put(tx, granted.reach, &handler, random, granted.at).map_err(Stop::from);
        record(tx, &granted, about, (&said, StatusCode::OK), done)
    };
    app.store.apply(replace).await??;
    Ok(shown(StatusCode::OK, JSON, &answer))
}

async fn read(
    granted: &Granted<ReplaceNoticeHandler>,
    request: &HttpRequest,
    payload: Payload,
    app: &App,
) -> Result<Handler, Problem> {
    let body = json_body(request, payload, JSON).await?;
    let domains = domains(&granted.tool, &granted.registration);
    let domains: Vec<&str> = domains.iter().map(String::as_str).collect();
    Handler::read(&body, &domains, app.allow_http_tools).map_err(|error| match error {
        ServiceError::HandlerDomain(_) => {
            Problem::new(StatusCode::BAD_REQUEST, "handler_off_domain", error.to_string())
        }
        error => broken(error),
    })
}
