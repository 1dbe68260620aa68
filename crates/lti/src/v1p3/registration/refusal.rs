//! What a platform answers when it refuses a registration (RFC 7591 section 3.2.2).

use serde_json::{Value, json};

use crate::json::{object, text};
use crate::v1p3::reader::{ID, Object, TEXT, parse};
use crate::v1p3::service_error::{Result, ServiceError};

const REDIRECT_URI: &str = "invalid_redirect_uri";
const METADATA: &str = "invalid_client_metadata";

/// The body of a refusal, which goes with the status 400; with 401 where the token does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `error`: a code.
    pub code: String,
    /// `error_description`: for the tool's developer.
    pub description: Option<String>,
}

impl From<&ServiceError> for Refusal {
    /// The answer to a registration that broke a rule.
    fn from(broken: &ServiceError) -> Self {
        let description = broken.to_string();
        let code =
            if broken.place().is_some_and(|at| at.starts_with("redirect_uris")) { REDIRECT_URI } else { METADATA };
        Self { code: code.to_owned(), description: Some(description) }
    }
}

impl Refusal {
    /// The token of the registration is unknown, spent or too old (RFC 6750 section 3.1); the status is 401.
    pub fn invalid_token() -> Self {
        let description = "the registration token is unknown, used or expired; begin the registration anew";
        Self { code: "invalid_token".to_owned(), description: Some(description.to_owned()) }
    }

    /// Writes the body.
    pub fn to_value(&self) -> Value {
        object([("error", Some(json!(self.code))), ("error_description", text(self.description.as_ref()))])
    }

    /// Reads the body, as a tool. Fails with the shape variants of [`ServiceError`].
    pub fn read(body: &[u8]) -> Result<Self> {
        let document = parse(body)?;
        let answer = Object::read(&document, String::new())?;
        Ok(Self { code: answer.required_text("error", ID)?, description: answer.text("error_description", TEXT)? })
    }
}
