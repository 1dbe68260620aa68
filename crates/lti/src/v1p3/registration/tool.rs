//! What a tool says of itself for LTI: the claim `lti-tool-configuration` of Dynamic Registration 1.0.

use serde_json::{Value, json};

use crate::json::{object, text};
use crate::v1p3::reader::{Custom, ID, LINE, Object, TEXT};
use crate::v1p3::service_error::Result;

/// The most entries of one list.
const LISTED: usize = 100;

/// The configuration of a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolConfiguration {
    /// `domain`: where the tool is.
    pub domain: String,
    /// `secondary_domains`
    pub secondary_domains: Vec<String>,
    /// `target_link_uri`: where launches go that say nothing else.
    pub target_link_uri: Option<String>,
    /// `custom_parameters` of every message.
    pub custom: Custom,
    /// `description`
    pub description: Option<String>,
    /// `messages`
    pub messages: Vec<ToolMessage>,
    /// `claims` that the tool would like.
    pub claims: Vec<String>,
}

/// A message that a tool takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolMessage {
    /// `type`
    pub message_type: String,
    /// `target_link_uri`
    pub target_link_uri: Option<String>,
    /// `label`: what the link says.
    pub label: Option<String>,
    /// `icon_uri`
    pub icon_uri: Option<String>,
    /// `custom_parameters`
    pub custom: Custom,
    /// `placements`: from where it wants to be opened.
    pub placements: Vec<String>,
    /// `roles` that may open it, as they were written.
    pub roles: Vec<String>,
}

impl ToolConfiguration {
    /// Fails with the shape variants of [`ServiceError`](crate::v1p3::ServiceError).
    pub(super) fn read(tool: &Object<'_>, allow_http: bool) -> Result<Self> {
        tool.required("messages", tool.get("messages"))?;
        let messages = tool.objects("messages", LISTED)?;
        Ok(Self {
            domain: tool.required_text("domain", ID)?,
            secondary_domains: tool.texts("secondary_domains", LISTED, ID)?,
            target_link_uri: tool.secure_url("target_link_uri", allow_http)?,
            custom: tool.custom("custom_parameters")?,
            description: tool.text("description", TEXT)?,
            messages: messages.iter().map(|message| ToolMessage::read(message, allow_http)).collect::<Result<_>>()?,
            claims: tool.texts("claims", LISTED, LINE)?,
        })
    }

    /// `claims` and `messages` are always lists: some tools fail without them.
    pub(super) fn to_value(&self, deployment_id: Option<&String>) -> Value {
        let messages: Vec<Value> = self.messages.iter().map(ToolMessage::to_value).collect();
        object([
            ("domain", Some(json!(self.domain))),
            ("secondary_domains", list(&self.secondary_domains)),
            ("deployment_id", text(deployment_id)),
            ("target_link_uri", text(self.target_link_uri.as_ref())),
            ("custom_parameters", (!self.custom.is_empty()).then(|| json!(self.custom))),
            ("description", text(self.description.as_ref())),
            ("messages", Some(json!(messages))),
            ("claims", Some(json!(self.claims))),
        ])
    }
}

impl ToolMessage {
    fn read(message: &Object<'_>, allow_http: bool) -> Result<Self> {
        Ok(Self {
            message_type: message.required_text("type", LINE)?,
            target_link_uri: message.secure_url("target_link_uri", allow_http)?,
            label: message.text("label", LINE)?,
            icon_uri: message.web_url("icon_uri")?,
            custom: message.custom("custom_parameters")?,
            placements: message.texts("placements", LISTED, LINE)?,
            roles: message.texts("roles", LISTED, LINE)?,
        })
    }

    fn to_value(&self) -> Value {
        object([
            ("type", Some(json!(self.message_type))),
            ("target_link_uri", text(self.target_link_uri.as_ref())),
            ("label", text(self.label.as_ref())),
            ("icon_uri", text(self.icon_uri.as_ref())),
            ("custom_parameters", (!self.custom.is_empty()).then(|| json!(self.custom))),
            ("placements", list(&self.placements)),
            ("roles", list(&self.roles)),
        ])
    }
}

/// A list, where it holds anything.
pub(super) fn list(texts: &[String]) -> Option<Value> {
    (!texts.is_empty()).then(|| json!(texts))
}
