//! What a platform answers when it registered a tool (Dynamic Registration 1.0, registration response).

use serde_json::{Value, json};

use super::Registration;
use crate::Secret;
use crate::json::present;
use crate::v1p3::claims::TOOL_CONFIGURATION;
use crate::v1p3::reader::{ID, Object, TEXT, parse};
use crate::v1p3::service_error::Result;

/// What became of a registration.
#[derive(Clone, Debug)]
pub struct Registered {
    /// `client_id`
    pub client_id: String,
    /// `deployment_id` in `lti-tool-configuration`, where the tool was deployed at once.
    pub deployment_id: Option<String>,
    /// `scope`, split: what was granted.
    pub scopes: Vec<String>,
    /// How the tool may change its registration, where it may.
    pub management: Option<Management>,
}

/// Where and with what a tool changes its registration (RFC 7592 section 3).
#[derive(Clone, Debug)]
pub struct Management {
    /// `registration_client_uri`
    pub uri: String,
    /// `registration_access_token`
    pub token: Option<Secret>,
}

impl Registered {
    /// Writes the body: the registration as it was granted, and what the tool needs to know of it.
    pub fn to_value(&self, registration: &Registration) -> Value {
        let mut members = registration.members(self.deployment_id.as_ref());
        let management = self.management.as_ref();
        let token = management.and_then(|management| management.token.as_ref());
        members.extend(present([
            ("client_id", Some(json!(self.client_id))),
            ("scope", Some(json!(self.scopes.join(" ")))),
            ("registration_client_uri", management.map(|management| json!(management.uri))),
            ("registration_access_token", token.map(|token| json!(token.reveal()))),
        ]));
        Value::Object(members)
    }

    /// Reads the body, as a tool; http only to this machine, or where `allow_http`.
    ///
    /// Fails with the shape variants of [`ServiceError`](crate::v1p3::ServiceError).
    pub fn read(body: &[u8], allow_http: bool) -> Result<Self> {
        let document = parse(body)?;
        let answer = Object::read(&document, String::new())?;
        let tool = answer.object(TOOL_CONFIGURATION)?;
        let token = answer.text("registration_access_token", TEXT)?.map(Secret::new);
        let uri = answer.secure_url("registration_client_uri", allow_http)?;
        let scopes = answer.text("scope", TEXT)?.unwrap_or_default();
        Ok(Self {
            client_id: answer.required_text("client_id", ID)?,
            deployment_id: tool.map(|tool| tool.text("deployment_id", ID)).transpose()?.flatten(),
            scopes: scopes.split_whitespace().map(str::to_owned).collect(),
            management: uri.map(|uri| Management { uri, token }),
        })
    }
}
