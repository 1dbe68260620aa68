//! How a tool is refused that sends or asks for JSON: a status, a stable code, and a sentence with the way out.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde_json::json;

use crate::domain::Error;
use crate::domain::lti_registration::ToolScope;
use crate::lti::signed::Unsigned;

/// Why a tool's request is not carried out (RFC 9457, problem details).
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    /// How a right call would prove who calls (RFC 9110, section 11.6.1).
    challenge: String,
}

impl Problem {
    /// The request says what it must not, or asks for what is not there.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), challenge: "OAuth".into() }
    }

    /// A service was called without an access token (RFC 6750, section 3.1).
    pub fn no_token() -> Self {
        let detail = "Send one access token as Authorization: Bearer; get it at the token endpoint.";
        Self { challenge: "Bearer".into(), ..Self::new(StatusCode::UNAUTHORIZED, "token_missing", detail) }
    }

    /// The token is none of ours, or opens nothing any more.
    pub fn bad_token() -> Self {
        let detail = "The access token is not valid, or has ended. Get a new one at the token endpoint.";
        let challenge = "Bearer error=\"invalid_token\"".into();
        Self { challenge, ..Self::new(StatusCode::UNAUTHORIZED, "invalid_token", detail) }
    }

    /// The token is good, but not for this; any of `scopes` would be.
    pub fn insufficient_scope(scopes: &[ToolScope]) -> Self {
        let scopes = scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
        let detail = format!("The access token is not good for this; ask for one of these scopes: {scopes}");
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scopes}\"");
        Self { challenge, ..Self::new(StatusCode::FORBIDDEN, "insufficient_scope", detail) }
    }

    /// Its name and status, for the log.
    pub fn for_log(&self) -> (&'static str, u16) {
        (self.code, self.status.as_u16())
    }

    /// The body does not come, or is longer than any message of a tool.
    pub fn too_large() -> Self {
        let detail = "The body is longer than 65536 bytes, or came too slowly.";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }
}

/// The request is not signed as it must be (RFC 5849 section 3.2: 401).
impl From<Unsigned> for Problem {
    fn from(unsigned: Unsigned) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, unsigned.code, unsigned.detail)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match &error {
            Error::Unauthenticated(_) => Unsigned::replayed(Vec::new()).into(),
            Error::NotFound { .. } => Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing at this URL."),
            Error::Invalid(_) | Error::Conflict(_) => Self::new(StatusCode::BAD_REQUEST, "invalid", error.to_string()),
            Error::PreconditionFailed => {
                let detail = "It was changed since it was read. Read it again.";
                Self::new(StatusCode::PRECONDITION_FAILED, "precondition_failed", detail)
            }
            _ => {
                tracing::error!(%error, "the call of a tool failed");
                let away = matches!(error, Error::Unavailable(_));
                let status = if away { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::INTERNAL_SERVER_ERROR };
                Self::new(status, "unavailable", "This is a fault of the server. Send the request again later.")
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut reply = HttpResponse::build(self.status);
        reply.content_type("application/problem+json").insert_header((CACHE_CONTROL, "no-store"));
        if matches!(self.status, StatusCode::UNAUTHORIZED) || self.code == "insufficient_scope" {
            reply.insert_header((WWW_AUTHENTICATE, self.challenge.as_str()));
        }
        reply.body(json!({ "status": self.status.as_u16(), "code": self.code, "detail": self.detail }).to_string())
    }
}
