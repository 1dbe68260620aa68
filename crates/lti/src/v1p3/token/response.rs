//! What a token endpoint answers.

use serde::Deserialize;
use serde_json::{Value, json};

use super::request::listed;
use crate::Secret;
use crate::v1p3::form::described;
use crate::v1p3::{Error, Result};

/// An error code of the token endpoint (RFC 6749, section 5.2). LTI answers each with status 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// `invalid_request`: a parameter is missing, repeated or not valid.
    InvalidRequest,
    /// `invalid_client`: the assertion does not prove who asks.
    InvalidClient,
    /// `invalid_scope`: none of the scopes is allowed.
    InvalidScope,
    /// `unauthorized_client`: the tool is switched off.
    UnauthorizedClient,
    /// `unsupported_grant_type`: another one than `client_credentials`.
    UnsupportedGrantType,
}

impl TokenError {
    /// The code on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidScope => "invalid_scope",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
        }
    }
}

/// Why no token is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRefusal {
    /// The code.
    pub code: TokenError,
    /// What is wrong, for the people who run the tool.
    pub description: String,
}

impl TokenRefusal {
    /// A refusal; characters that a description may not have are replaced.
    pub fn new(code: TokenError, description: &str) -> Self {
        Self { code, description: described(description) }
    }

    /// The body, `application/json`.
    pub fn to_json(&self) -> Value {
        json!({ "error": self.code.as_str(), "error_description": self.description })
    }
}

/// What is wrong with an assertion makes it prove nothing: `invalid_client`.
impl From<Error> for TokenRefusal {
    fn from(error: Error) -> Self {
        Self::new(TokenError::InvalidClient, &error.to_string())
    }
}

/// An access token.
#[derive(Clone, Debug)]
pub struct TokenResponse {
    /// The token: opaque, ASCII.
    pub access_token: Secret,
    /// How long it is good, in seconds.
    pub expires_in: u64,
    /// What it is good for.
    pub scopes: Vec<String>,
}

/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// How long a token is taken to be good where the platform does not say.
const DEFAULT_LIFE: u64 = 3600;

#[derive(Deserialize)]
struct Answer {
    access_token: Option<String>,
    token_type: Option<String>,
    expires_in: Option<Value>,
    scope: Option<String>,
    error: Option<String>,
}

impl TokenResponse {
    /// The body, `application/json`.
    pub fn to_json(&self) -> Value {
        json!({
            "access_token": self.access_token.reveal(),
            "token_type": "bearer",
            "expires_in": self.expires_in,
            "scope": self.scopes.join(" "),
        })
    }

    /// Reads what a platform answers, whatever its status. Where it does not say for which scopes the token is good, it
    /// is for those that were asked for (RFC 6749, section 5.1).
    ///
    /// Fails with [`Error::TokenAnswer`].
    pub fn read(body: &[u8], asked: &[&str]) -> Result<Self> {
        let broken = |why: &str| Error::TokenAnswer(why.to_owned());
        if body.len() > LONGEST {
            return Err(broken("it is too long"));
        }
        let answer: Answer = serde_json::from_slice(body).map_err(|error| broken(&error.to_string()))?;
        if let Some(code) = answer.error {
            return Err(broken(&format!("it says {}", described(&code.chars().take(100).collect::<String>()))));
        }
        if !answer.token_type.is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
            return Err(broken("token_type must be bearer"));
        }
        let token = answer.access_token.filter(|token| is_bearer(token));
        Ok(Self {
            access_token: Secret::new(token.ok_or_else(|| broken("access_token is missing or no bearer token"))?),
            expires_in: answer.expires_in.as_ref().and_then(seconds).unwrap_or(DEFAULT_LIFE),
            scopes: answer.scope.as_deref().map_or_else(|| listed(&asked.join(" ")), listed),
        })
    }
}

/// Some platforms write the number as a text.
fn seconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Whether a token can stand in a header (RFC 6750, section 2.1).
fn is_bearer(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}
