//! The state of a login, kept in the page of the platform: a browser may take no cookie from our frame (LTI OIDC Login
//! with LTI Client Side postMessages 1.0).
//!
//! What is kept there is what the cookie holds. A page of ours asks for it, so whoever brings it must come from a page of
//! ours: another site could have got one of its own, and send somebody here with it.

use actix_web::http::StatusCode;
use actix_web::http::header::ORIGIN;
use actix_web::{HttpRequest, HttpResponse};
use examlink_lti::v1::oauth1::Param;
use examlink_lti::v1p3::login::AuthenticationResponse;
use url::Url;

use crate::app::App;
use crate::domain::Result;
use crate::lti::platform_login::{StartedLogin, form};
use crate::lti::refusal::Refusal;
use crate::lti::views::{LoginStatePage, Step};
use crate::mark::Mark;
use crate::page::{Policy, html};
use crate::store::lti_platforms::{self, Agreed};

/// The field that holds what was kept.
const KEPT: &str = "browser";

/// A page that keeps the mark of a login with the platform, in the frame of this name, and goes on to `next`.
pub fn keep(app: &App, started: &StartedLogin, frame: &str, agreed: &Agreed, next: &str) -> HttpResponse {
    let mark = started.mark(app);
    show(started, frame, agreed, Step::Keep { value: mark.value(), next })
}

/// A page that asks the platform for the mark of a login, and posts the same answer again with it; nothing where that
/// was done already, or the platform keeps nothing.
pub async fn ask(app: &App, request: &HttpRequest, body: &[u8]) -> Result<Option<HttpResponse>, Refusal> {
    let fields = form(request, body)?;
    if kept(&fields).is_some() {
        return Ok(None);
    }
    let Ok(AuthenticationResponse::Token { id_token, state, .. }) = AuthenticationResponse::read(fields) else {
        return Ok(None);
    };
    let started = StartedLogin::read(app, &state, app.clock.now())?;
    let Some(frame) = started.frame.as_deref() else { return Ok(None) };
    let id = started.platform;
    let Some(agreed) = app.store.query(move |tx| lti_platforms::find(tx, id)).await? else { return Ok(None) };
    Ok(Some(show(&started, frame, &agreed, Step::Ask { id_token: &id_token, state: &state })))
}

/// Whether a form holds the mark that was kept, and comes from a page of ours.
pub fn is_told(app: &App, request: &HttpRequest, fields: &[Param], mark: &Mark) -> bool {
    let ours = Url::parse(app.public_url.as_str()).map(|url| url.origin().ascii_serialization());
    let from = request.headers().get(ORIGIN).and_then(|origin| origin.to_str().ok());
    ours.is_ok_and(|ours| from == Some(ours.as_str())) && kept(fields).is_some_and(|value| mark.is(value))
}

fn kept(fields: &[Param]) -> Option<&str> {
    fields.iter().find(|(name, _)| name == KEPT).map(|(_, value)| value.as_str())
}

fn show(started: &StartedLogin, frame: &str, (consumer, platform): &Agreed, step: Step<'_>) -> HttpResponse {
    let origin = Url::parse(platform.authorization_url.as_str()).map(|url| url.origin().ascii_serialization());
    let page = LoginStatePage { key: &started.key(), origin: &origin.unwrap_or_default(), frame, step };
    let ancestors = consumer.settings.frame_origins.clone().texts().collect();
    html(StatusCode::OK, &Policy { ancestors, ..Policy::default() }, &page)
}
