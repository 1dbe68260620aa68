//! How a page leaves the server: its headers, and its content security policy.

use std::sync::LazyLock;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue, LOCATION};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use askama::Template;

use crate::app::RequestId;

/// What a page may do beside showing itself: empty for most of them.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Further origins that frames may show.
    pub frames: Vec<String>,
    /// Further origins that forms may go to.
    pub forms: Vec<String>,
    /// Whether our own pages may show it in a frame.
    pub framed: bool,
    /// Further origins whose pages may show it in a frame. Ours may then stand in between.
    pub ancestors: Vec<String>,
}

impl Policy {
    fn header(&self) -> String {
        let with_self = |origins: &[String]| {
            ["'self'"].into_iter().chain(origins.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
        };
        let frames = if self.frames.is_empty() { "'none'".into() } else { with_self(&self.frames) };
        let alone = !self.framed && self.ancestors.is_empty();
        let ancestors = if alone { "'none'".into() } else { with_self(&self.ancestors) };
        format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
             form-action {}; frame-src {frames}; base-uri 'none'; frame-ancestors {ancestors}",
            with_self(&self.forms)
        )
    }
}

/// The policy of every reply that sets none.
pub static STRICT_POLICY: LazyLock<HeaderValue> =
    LazyLock::new(|| HeaderValue::try_from(Policy::default().header()).unwrap_or(HeaderValue::from_static("sandbox")));

/// The room for a page, in bytes: most fit, and are not copied while they grow.
const LENGTH: usize = 8_192;

/// A page. Pages hold personal data, so no cache keeps them.
pub fn html(status: StatusCode, policy: &Policy, page: &impl Template) -> HttpResponse {
    WrittenPage::of(policy, page).answer(status)
}

/// A page before it is an answer: it can be handed from thread to thread.
#[derive(Debug)]
pub struct WrittenPage {
    policy: String,
    text: Result<String, askama::Error>,
}

impl WrittenPage {
    /// Writes a page.
    pub fn of(policy: &Policy, page: &impl Template) -> Self {
        let mut text = String::with_capacity(LENGTH);
        let written = page.render_into(&mut text);
        Self { policy: policy.header(), text: written.map(|()| text) }
    }

    /// Answers with it.
    pub fn answer(self, status: StatusCode) -> HttpResponse {
        match self.text {
            Ok(text) => HttpResponse::build(status)
                .content_type("text/html; charset=utf-8")
                .insert_header(("Cache-Control", "no-store"))
                .insert_header((CONTENT_SECURITY_POLICY, self.policy))
                .body(text),
            Err(error) => {
                tracing::error!(%error, "a page could not be rendered");
                HttpResponse::InternalServerError().finish()
            }
        }
    }
}

/// The browser goes on by GET, to another page of this server.
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, path)).insert_header(("Cache-Control", "no-store")).finish()
}

/// The request's id, by which support finds it in the logs.
pub fn support_code(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default()
}
