//! The signed form of a message.

use super::fields::Fields;
use super::{Launch, LaunchUrl};
use crate::v1::credentials::{Credentials, Stamp};
use crate::v1::oauth1::{Param, normalized, signature};
use crate::{Error, Result};

/// A form to put into a page: method POST, UTF-8, one hidden input per field, a submit button without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedForm {
    /// Where it goes. The query stays here: its pairs are signed, and are not among the fields.
    pub action: String,
    /// The fields, decoded: names and values are still to be escaped for HTML.
    pub fields: Vec<Param>,
}

impl Launch {
    /// Signs the launch for one click: a nonce serves once, and strict tools refuse a form that is half a minute old.
    ///
    /// Fails with [`Error::Missing`] (resource link id, consumer key), [`Error::ControlCharacter`],
    /// [`Error::ProductFamily`] and [`Error::ExtensionName`].
    pub fn sign(self, url: &LaunchUrl, credentials: &Credentials, stamp: &Stamp) -> Result<SignedForm> {
        self.fields()?.sign(url, credentials, stamp)
    }
}

impl Fields {
    /// Adds the parameters of OAuth, the signature last.
    pub(in crate::v1) fn sign(
        mut self,
        url: &LaunchUrl,
        credentials: &Credentials,
        stamp: &Stamp,
    ) -> Result<SignedForm> {
        put_protocol(&mut self, credentials, stamp)?;
        let params = normalized(&url.query, &self.0);
        let signature = signature(("POST", &url.base_uri), params, credentials.method, (&credentials.secret).into());
        self.put("oauth_signature", signature);
        Ok(SignedForm { action: url.to_string(), fields: self.0 })
    }
}

fn put_protocol(fields: &mut Fields, credentials: &Credentials, stamp: &Stamp) -> Result<()> {
    if credentials.consumer_key.is_empty() {
        return Err(Error::Missing("oauth_consumer_key"));
    }
    fields.id("oauth_consumer_key", Some(credentials.consumer_key.clone()))?;
    fields.put("oauth_nonce", stamp.nonce());
    fields.put("oauth_signature_method", credentials.method.as_str());
    fields.put("oauth_timestamp", stamp.timestamp().to_string());
    fields.put("oauth_version", "1.0");
    // A launch has no callback; platforms send this value all the same, and some tools ask for it.
    fields.put("oauth_callback", "about:blank");
    Ok(())
}
