//! Requests of tools that are signed in the `Authorization` header (OAuth 1.0 with a body hash), and how they are
//! refused.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, WWW_AUTHENTICATE};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use examlink_lti::v1::oauth1::UnverifiedMessage;
use serde_json::json;

use crate::app::App;
use crate::domain::Error;
use crate::domain::id::ToolProviderId;
use crate::domain::secret::Secret;
use crate::store::{Nonce, tool_providers};

/// Verifies that the tool provider `id` has signed this request. The nonce is to be spent with the answer.
///
/// A tool provider that is not there is refused as a wrong signature is, after as long a time.
pub async fn verify(request: &HttpRequest, body: &Bytes, app: &App, id: ToolProviderId) -> Result<Nonce, Refusal> {
    let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok()).unwrap_or_default();
    let url = format!("{}{}", app.public_url.as_str(), request.uri());
    let message = UnverifiedMessage::read(request.method().as_str(), &url, header, body)
        .map_err(|error| Refusal::unsigned(&error))?;
    let found = app.store.query(move |tx| tool_providers::with_secret(tx, id)).await?;
    let (key, secret) = match &found {
        Some((tool, secret)) => (tool.oauth_consumer_key.as_str(), secret.clone()),
        None => ("", Secret::new("nobody's secret")),
    };
    let key_fits = message.consumer_key() == key;
    let message =
        message.verify(&secret, app.lti_window(app.clock.now())).map_err(|error| Refusal::unsigned(&error))?;
    if !key_fits {
        return Err(Refusal::unsigned(&examlink_lti::Error::OauthSignature));
    }
    Ok(app.admit_tool(id, message.timestamp(), message.nonce())?)
}

/// Why a tool's request is not carried out: a status and a sentence, as JSON.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    why: String,
}

impl Refusal {
    /// The request is not signed as it must be (RFC 5849 section 3.2: 401).
    pub fn unsigned(error: &examlink_lti::Error) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, why: error.to_string() }
    }

    /// The request says what it must not.
    pub fn of(status: StatusCode, why: impl Into<String>) -> Self {
        Self { status, why: why.into() }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let (status, why) = match &error {
            Error::Unauthenticated(_) => (StatusCode::UNAUTHORIZED, "this message was used before; sign a new one"),
            Error::NotFound { .. } => (StatusCode::NOT_FOUND, "there is nothing at this URL for this tool"),
            Error::Invalid(_) | Error::Conflict(_) => return Self::of(StatusCode::BAD_REQUEST, error.to_string()),
            Error::PreconditionFailed => (StatusCode::PRECONDITION_FAILED, "it was changed since it was read"),
            _ => {
                tracing::error!(%error, "a tool's request failed");
                (StatusCode::SERVICE_UNAVAILABLE, "this server cannot answer now; try again later")
            }
        };
        Self::of(status, why)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut reply = HttpResponse::build(self.status);
        reply.insert_header((CACHE_CONTROL, "no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            reply.insert_header((WWW_AUTHENTICATE, "OAuth"));
        }
        reply.json(json!({ "error": self.why }))
    }
}
