//! What the pages of students share: origins of tools, and the page that says what happened.

use std::fmt::Display;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use examlink_lti::v1::launch::SignedForm;

use crate::domain::Error;
use crate::page::{Policy, WrittenPage, html, support_code};
use crate::web::views::{LaunchPage, Message, MessagePage};

/// Origins that a launch may end at. A tool may answer a launch by redirecting, and browsers apply `form-action` and
/// `frame-src` to redirects too, so every https origin is allowed; a tool without TLS is allowed by name.
pub fn tool_origins<'a>(urls: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let plain = urls.into_iter().filter(|url| !url.starts_with("https:"));
    let plain = plain.filter_map(|url| url::Url::parse(url).ok()).filter(|url| url.scheme() == "http");
    let mut origins: Vec<String> = plain.map(|url| url.origin().ascii_serialization()).collect();
    origins.sort();
    origins.dedup();
    origins.insert(0, "https:".into());
    origins
}

/// A signed message on its way to a tool. `policy` says who may show the page in a frame.
pub fn launch_page(tool: &str, form: &SignedForm, policy: Policy) -> HttpResponse {
    written_launch(tool, form, policy).answer(StatusCode::OK)
}

/// The same, not yet answered.
pub fn written_launch(tool: &str, form: &SignedForm, policy: Policy) -> WrittenPage {
    let page = LaunchPage { tool, action: &form.action, fields: &form.fields };
    WrittenPage::of(&Policy { forms: tool_origins([form.action.as_str()]), ..policy }, &page)
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
    message_within(request, message, Vec::new())
}

/// As [`message`], and pages of these origins may show it too.
pub fn message_within(request: &HttpRequest, message: Message, ancestors: Vec<String>) -> HttpResponse {
    let status = match message {
        Message::WrongLink
        | Message::NoTool
        | Message::NoProctor
        | Message::NoFile
        | Message::NoSelection
        | Message::NoReview => StatusCode::NOT_FOUND,
        Message::NotVerified => StatusCode::UNAUTHORIZED,
        Message::NotUnderstood => StatusCode::BAD_REQUEST,
        Message::SelectionOver => StatusCode::CONFLICT,
        Message::TooOften => StatusCode::TOO_MANY_REQUESTS,
        Message::Internal => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::FORBIDDEN,
    };
    let policy = Policy { framed: true, ancestors, ..Policy::default() };
    html(status, &policy, &MessagePage { message, support_code: &support_code(request) })
}

/// The page for a message of a tool that is refused. Why, only the log says: the page may be in anybody's browser.
pub fn refused(request: &HttpRequest, why: &dyn Display, told: Message) -> HttpResponse {
    tracing::info!(request_id = support_code(request), %why, path = request.path(), "a message of a tool was refused");
    message(request, told)
}

/// The page for a failure that the student cannot help.
pub fn failed(request: &HttpRequest, error: &Error) -> HttpResponse {
    tracing::error!(%error, "a page failed");
    message(request, Message::Internal)
}
