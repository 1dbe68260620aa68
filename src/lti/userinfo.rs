//! Tells a tool who its launch was about (OpenID Connect Core 1.0, section 5.3).

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, route};
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::domain::launch::LaunchFacts;
use crate::domain::launch::userinfo::{PATH, UserinfoToken};
use crate::domain::service_call::{CallOutcome, NewServiceCall};
use crate::domain::time::Timestamp;
use crate::lti::bearer::token;
use crate::lti::call_log::{CallLog, Sender};
use crate::lti::oauth::failed;
use crate::store::launches::{self, Found};

/// The name of this call in the log.
const OPERATION: &str = "userinfo";

/// Why a tool is told nothing (RFC 6750, section 3.1).
#[derive(Debug)]
struct Refused {
    status: StatusCode,
    error: &'static str,
    description: String,
}

/// Tells what the tool provider's switches allow now, to whom holds the token that came with the launch.
#[route("/lti/1.3/userinfo", method = "GET", method = "POST")]
pub async fn show_userinfo(request: HttpRequest, app: Data<App>, log: Data<CallLog>) -> HttpResponse {
    let Some(token) = token(&request) else {
        let description = "Send the token that came with the launch as Authorization: Bearer.";
        return Refused::unauthorized("unauthorized", description).reply();
    };
    let Some(token) = UserinfoToken::parse(token) else { return Refused::bad_token().reply() };
    let (session, resource, now) = (token.session, token.resource, app.clock.now());
    let found = match app.store.query(move |tx| launches::find_again(tx, session, resource)).await {
        Ok(found) => found.filter(|found| token.is_of(&app.keys, &found.facts)),
        Err(error) => return failed(&error, "Ask again later."),
    };
    let Some(found) = found else { return Refused::bad_token().reply() };
    let told = tell(&token, &found, now);
    // The token came through the student's browser, so the tool is not alone in knowing it.
    log.keep_of(&app, Sender::Student(session), logged(&found.facts, &told, now));
    match told {
        Ok(user) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(user),
        Err(refused) => refused.reply(),
    }
}

fn tell(token: &UserinfoToken, found: &Found, now: Timestamp) -> Result<Map<String, Value>, Refused> {
    if !token.is_good(now) {
        return Err(Refused::bad_token());
    }
    if found.registration.as_ref().is_some_and(|registration| registration.settings.active) {
        return Ok(found.facts.userinfo());
    }
    let description = "The tool is not active any more; an administrator of the platform decides that.".into();
    Err(Refused { status: StatusCode::FORBIDDEN, error: "access_denied", description })
}

/// The call as the log keeps it: which members were told, and not what they say.
fn logged(facts: &LaunchFacts, told: &Result<Map<String, Value>, Refused>, now: Timestamp) -> NewServiceCall {
    let (outcome, status, code, request) = match told {
        Ok(user) => {
            let told: Vec<&String> = user.keys().collect();
            (CallOutcome::Success, StatusCode::OK, None, json!({ "token": "***", "told": told }))
        }
        Err(Refused { status, error, description }) => {
            let known = *status == StatusCode::FORBIDDEN;
            let outcome = if known { CallOutcome::Failure } else { CallOutcome::Unauthorized };
            (outcome, *status, Some(*error), json!({ "token": "***", "detail": description }))
        }
    };
    NewServiceCall {
        institute_id: facts.exam.institute_id,
        tool_provider_id: Some(facts.tool.id),
        exam_id: Some(facts.exam.id),
        lti_resource_id: Some(facts.resource.id),
        student_session_id: Some(facts.session.id),
        operation: OPERATION.into(),
        outcome,
        status: status.as_u16().into(),
        code: code.map(str::to_owned),
        request: request.to_string(),
        created_at: now,
    }
}

/// Tools that ask at another address are told so as if they had come without a token, because that is what they look
/// for.
#[route("/{elsewhere:(?:[^/]+/)*userinfo}", method = "GET", method = "POST")]
pub async fn refuse_elsewhere(app: Data<App>) -> HttpResponse {
    let description = format!("This is not the address; it is {}{PATH}.", app.public_url.as_str());
    Refused::unauthorized("unauthorized", &description).reply()
}

impl Refused {
    fn unauthorized(error: &'static str, description: &str) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, error, description: description.to_owned() }
    }

    fn bad_token() -> Self {
        Self::unauthorized("invalid_token", "The token is not valid, or has ended. The next launch brings another.")
    }

    fn reply(self) -> HttpResponse {
        let mut reply = HttpResponse::build(self.status);
        if self.status == StatusCode::UNAUTHORIZED {
            reply.insert_header((WWW_AUTHENTICATE, "Bearer"));
        }
        reply.insert_header((CACHE_CONTROL, "no-store"));
        reply.json(json!({ "error": self.error, "error_description": self.description }))
    }
}
