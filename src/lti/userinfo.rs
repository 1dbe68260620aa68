//! Tells a tool who its launch was about (OpenID Connect Core 1.0, section 5.3).

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, route};
use serde_json::json;

use crate::app::App;
use crate::domain::launch::userinfo::{PATH, UserinfoToken};
use crate::lti::bearer::token;
use crate::lti::problem::Problem;
use crate::store::launches;

/// Why a tool is told nothing (RFC 6750, section 3.1).
#[derive(Debug)]
struct Refused {
    status: StatusCode,
    error: &'static str,
    description: String,
}

/// Tells what the tool provider's switches allow now, to whom holds the token that came with the launch.
#[route("/lti/1.3/userinfo", method = "GET", method = "POST")]
pub async fn show_userinfo(request: HttpRequest, app: Data<App>) -> Result<HttpResponse, Problem> {
    let Some(token) = token(&request) else {
        return Ok(unauthorized("unauthorized", "Send the token that came with the launch as Authorization: Bearer."));
    };
    let bad = || unauthorized("invalid_token", "The token is not valid, or has ended. The next launch brings another.");
    let Some(token) = UserinfoToken::parse(token) else { return Ok(bad()) };
    let (session, resource, now) = (token.session, token.resource, app.clock.now());
    let found = app.store.query(move |tx| launches::find_again(tx, session, resource)).await?;
    let Some(found) = found.filter(|found| token.opens(&app.keys, &found.facts, now)) else { return Ok(bad()) };
    let active = found.registration.is_some_and(|registration| registration.settings.active);
    if !active {
        let description = "The tool is not active any more; an administrator of the platform decides that.".into();
        return Ok(Refused { status: StatusCode::FORBIDDEN, error: "access_denied", description }.reply());
    }
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(found.facts.userinfo()))
}

/// Tools that ask at another address are told so as if they had come without a token, because that is what they look
/// for.
#[route("/{elsewhere:(?:[^/]+/)*userinfo}", method = "GET", method = "POST")]
pub async fn refuse_elsewhere(app: Data<App>) -> HttpResponse {
    unauthorized("unauthorized", &format!("This is not the address; it is {}{PATH}.", app.public_url.as_str()))
}

fn unauthorized(error: &'static str, description: &str) -> HttpResponse {
    Refused { status: StatusCode::UNAUTHORIZED, error, description: description.to_owned() }.reply()
}

impl Refused {
    fn reply(self) -> HttpResponse {
        let mut reply = HttpResponse::build(self.status);
        if self.status == StatusCode::UNAUTHORIZED {
            reply.insert_header((WWW_AUTHENTICATE, "Bearer"));
        }
        reply.insert_header((CACHE_CONTROL, "no-store"));
        reply.json(json!({ "error": self.error, "error_description": self.description }))
    }
}
