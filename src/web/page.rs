//! How a page leaves the server: its headers, and its content security policy.

use std::fmt::Display;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use askama::Template;
use examlink_lti::v1::launch::SignedForm;

use crate::app::RequestId;
use crate::domain::Error;
use crate::web::views::{LaunchPage, Message, MessagePage};

/// What a page may do beside showing itself: empty for most of them.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Further origins that frames may show.
    pub frames: Vec<String>,
    /// Further origins that forms may go to.
    pub forms: Vec<String>,
    /// Whether our own pages may show it in a frame.
    pub framed: bool,
}

impl Policy {
    fn header(&self) -> String {
        let with_self = |origins: &[String]| {
            ["'self'"].into_iter().chain(origins.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
        };
        let frames = if self.frames.is_empty() { "'none'".into() } else { with_self(&self.frames) };
        let ancestors = if self.framed { "'self'" } else { "'none'" };
        format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
             form-action {}; frame-src {frames}; base-uri 'none'; frame-ancestors {ancestors}",
            with_self(&self.forms)
        )
    }
}

/// The policy of every reply that sets none.
pub fn strict_policy() -> String {
    Policy::default().header()
}

/// Origins that a launch may end at. A tool may answer a launch by redirecting, and browsers apply `form-action` and
/// `frame-src` to redirects too, so every https origin is allowed; a tool without TLS is allowed by name.
pub fn tool_origins<'a>(urls: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let plain = urls.into_iter().filter_map(|url| url::Url::parse(url).ok()).filter(|url| url.scheme() == "http");
    let mut origins: Vec<String> = plain.map(|url| url.origin().ascii_serialization()).collect();
    origins.sort();
    origins.dedup();
    origins.insert(0, "https:".into());
    origins
}

/// A page. Pages hold personal data, so no cache keeps them.
pub fn html(status: StatusCode, policy: &Policy, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(text) => HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header(("Cache-Control", "no-store"))
            .insert_header((CONTENT_SECURITY_POLICY, policy.header()))
            .body(text),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// A signed message on its way to a tool; `framed` where our own pages show it in a frame.
pub fn launch_page(tool: &str, form: &SignedForm, framed: bool) -> HttpResponse {
    let page = LaunchPage { tool, action: &form.action, fields: &form.fields };
    html(StatusCode::OK, &Policy { forms: tool_origins([form.action.as_str()]), framed, ..Policy::default() }, &page)
}

/// Characters of a tool's message that are shown.
const SHOWN: usize = 500;
/// Characters of a tool's message that are logged.
pub const LOGGED: usize = 2_000;

/// What a tool says to people, as it is shown: nobody vouches for it, so it is a text of sensible length.
pub fn shown(text: Option<&str>) -> Option<String> {
    text.map(|text| cut(text, SHOWN)).filter(|text| !text.trim().is_empty())
}

/// The beginning of a text.
pub fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// A page that says what happened and what to do, with the request's id as the support code. Our own pages may show it
/// in a frame: a launch that fails does so inside the exam page.
pub fn message(request: &HttpRequest, message: Message) -> HttpResponse {
    let status = match message {
        Message::WrongLink | Message::NoTool | Message::NoFile | Message::NoSelection => StatusCode::NOT_FOUND,
        Message::NotVerified => StatusCode::UNAUTHORIZED,
        Message::SelectionOver => StatusCode::CONFLICT,
        Message::Internal => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::FORBIDDEN,
    };
    let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
    html(status, &Policy { framed: true, ..Policy::default() }, &MessagePage { message, support_code: &id })
}

/// The page for a message of a tool that is refused. Why, only the log says: the page may be in anybody's browser.
pub fn refused(request: &HttpRequest, why: &dyn Display, told: Message) -> HttpResponse {
    tracing::info!(%why, path = request.path(), "a message of a tool was refused");
    message(request, told)
}

/// The page for a failure that the student cannot help.
pub fn failed(request: &HttpRequest, error: &Error) -> HttpResponse {
    tracing::error!(%error, "a page failed");
    message(request, Message::Internal)
}
