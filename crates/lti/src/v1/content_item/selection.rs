//! What the tool answers: Content-Item Message 1.0, section 4.2.

use super::{ContentItem, DRAFT_REPLY_TYPE, REPLY_TYPE, items_from_json, items_to_json};
use crate::v1::credentials::{Credentials, Stamp};
use crate::v1::launch::{Fields, LTI_VERSION, LaunchUrl, SignedForm};
use crate::v1::oauth1::VerifiedRequest;
use crate::{Error, Result};

/// The reply of a tool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// `content_items`; `None` when nothing was chosen.
    pub items: Option<Vec<ContentItem>>,
    /// `data`, as it came in the request.
    pub data: Option<String>,
    /// `lti_msg`: for the person to read.
    pub message: Option<String>,
    /// `lti_errormsg`: for the person to read, when something went wrong.
    pub error: Option<String>,
    /// `lti_log`: for the platform's log.
    pub log: Option<String>,
    /// `lti_errorlog`: for the platform's log, when something went wrong.
    pub error_log: Option<String>,
    /// `confirm_url`: where the platform tells which items it stored, if it can.
    pub confirm_url: Option<String>,
}

impl Selection {
    /// Signs the reply for the return URL of the request, whose query is signed and stays in the URL.
    ///
    /// Fails with [`Error::Missing`] (consumer key) and [`Error::ControlCharacter`] (in `data`).
    pub fn sign(self, return_url: &LaunchUrl, credentials: &Credentials, stamp: &Stamp) -> Result<SignedForm> {
        let mut fields = Fields::default();
        fields.put("lti_message_type", REPLY_TYPE);
        fields.put("lti_version", LTI_VERSION);
        if let Some(items) = &self.items {
            fields.put("content_items", items_to_json(items));
        }
        fields.id("data", self.data)?;
        fields.text("lti_msg", self.message);
        fields.text("lti_errormsg", self.error);
        fields.text("lti_log", self.log);
        fields.text("lti_errorlog", self.error_log);
        fields.id("confirm_url", self.confirm_url)?;
        fields.sign(return_url, credentials, stamp)
    }
}

/// A reply by the holder of the secret. Tools may echo the whole request, so further parameters are ignored. Whether it
/// came before, and whether its data is that of a request, is for the caller to say.
#[derive(Debug)]
pub struct VerifiedSelection(VerifiedRequest);

impl TryFrom<VerifiedRequest> for VerifiedSelection {
    type Error = Error;

    /// Fails with [`Error::Repeated`], [`Error::Missing`], [`Error::MessageType`] and [`Error::LtiVersion`].
    fn try_from(request: VerifiedRequest) -> Result<Self> {
        request.check_message(&[REPLY_TYPE, DRAFT_REPLY_TYPE])?;
        Ok(Self(request))
    }
}

impl VerifiedSelection {
    /// The verified form: consumer key, nonce, timestamp and every parameter.
    pub fn request(&self) -> &VerifiedRequest {
        &self.0
    }

    /// What was chosen, in the tool's order. Nothing means that the person changed their mind, or that it failed.
    ///
    /// Fails with [`Error::ContentItems`].
    pub fn items(&self) -> Result<Vec<ContentItem>> {
        self.0.said("content_items").map_or_else(|| Ok(Vec::new()), items_from_json)
    }

    /// The value of a parameter; an empty one is as good as none.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.said(name)
    }
}
