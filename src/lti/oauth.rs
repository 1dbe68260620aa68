//! How a tool is answered where it asks for a token, or by one, in the words of OAuth 2.0 (RFC 6749, section 5).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, PRAGMA};
use serde_json::{Value, json};

use crate::domain::Error;

/// An answer that nobody may keep (RFC 6749, section 5.1).
pub fn reply(status: StatusCode, body: &Value) -> HttpResponse {
    let mut reply = HttpResponse::build(status);
    reply.insert_header((CACHE_CONTROL, "no-store")).insert_header((PRAGMA, HeaderValue::from_static("no-cache")));
    reply.content_type("application/json").body(body.to_string())
}

/// The answer to a request that is good, and that this server cannot carry out. The cause is logged and not told; `again`
/// says what to do.
pub fn failed(error: &Error, again: &str) -> HttpResponse {
    tracing::error!(%error, "a request of a tool failed");
    let status = match error {
        Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let description = format!("This is a fault of the server. {again}");
    reply(status, &json!({ "error": error.fault().as_str(), "error_description": description }))
}
