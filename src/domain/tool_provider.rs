//! Tool providers: external platforms, as one institute registered them.

use diesel::prelude::*;
use examlink_lti::v1::credentials::Credentials;
use examlink_lti::v1::launch::{CustomParameters, LaunchUrl};
use examlink_lti::v1::oauth1::SignatureMethod as OAuthMethod;

use crate::domain::id::{InstituteId, ToolProviderId};
use crate::domain::secret::{Place, Sealed, Secret};
use crate::domain::text::{CustomData, Name, WebUrl};
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};
use crate::schema::tool_providers;

names! {
    /// How launches are signed (RFC 5849 section 3.4).
    SignatureMethod {
        /// What every tool takes.
        HmacSha1 = "HMAC-SHA1",
        /// Stronger; ask the tool's vendor first.
        HmacSha256 = "HMAC-SHA256",
    }
}

names! {
    /// Where a tool opens when its resource does not say.
    Presentation {
        /// In a frame inside the exam page.
        Frame = "frame",
        /// In a new tab.
        Window = "window",
    }
}

names! {
    /// The version of LTI that the tool speaks.
    LtiVersion {
        /// LTI 1.0, 1.1 and 1.2: `lti_version=LTI-1p0` in the launch.
        V1p1 = "1.1",
        /// LTI 1.3 and LTI Advantage: signed tokens.
        V1p3 = "1.3",
    }
}

impl From<SignatureMethod> for OAuthMethod {
    fn from(method: SignatureMethod) -> Self {
        match method {
            SignatureMethod::HmacSha1 => Self::HmacSha1,
            SignatureMethod::HmacSha256 => Self::HmacSha256,
        }
    }
}

/// An external platform as one institute registered it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable, AsChangeset)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of its own
#[diesel(table_name = tool_providers, treat_none_as_null = true)]
pub struct ToolProvider {
    /// Its number.
    pub id: ToolProviderId,
    /// Whose it is.
    pub institute_id: InstituteId,
    /// What people call it.
    pub tool_name: Name,
    /// Where its launches go when a resource names no other URL; empty when every resource does.
    pub tool_url: String,
    /// The key that the vendor gave.
    pub oauth_consumer_key: Name,
    /// The secret that the vendor gave, sealed.
    pub oauth_consumer_secret: Sealed,
    /// Launched directly (true), or asked for content by deep linking (false).
    pub use_as_basic_link: bool,
    /// Sent with every launch, each name with `custom_` in front.
    pub lti_custom_data: CustomData,
    /// How its launches are signed.
    pub oauth_signature_method: SignatureMethod,
    /// Whether the tool is told the student's name.
    pub share_name: bool,
    /// Whether the tool is told the student's e-mail address.
    pub share_email: bool,
    /// Where its resources open unless they say so themselves.
    pub presentation: Presentation,
    /// The version of LTI it speaks.
    pub lti_version: LtiVersion,
    /// Whether custom parameters are also sent under their names as written.
    pub send_raw_custom_names: bool,
    /// Whether launches offer the second one of the LTI Security Update.
    pub offer_relaunch: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A tool provider that is about to be created. Its secret is sealed once its id is known.
#[derive(Clone, Debug, Insertable)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of its own
#[diesel(table_name = tool_providers, treat_none_as_default_value = false)]
pub struct NewToolProvider {
    /// Whose it is.
    pub institute_id: InstituteId,
    /// What people call it.
    pub tool_name: Name,
    /// Where its launches go.
    pub tool_url: String,
    /// The vendor's key.
    pub oauth_consumer_key: Name,
    /// [`Sealed::pending`] until the id is known.
    pub oauth_consumer_secret: Sealed,
    /// Launched directly, or deep linking.
    pub use_as_basic_link: bool,
    /// Sent with every launch.
    pub lti_custom_data: CustomData,
    /// How its launches are signed.
    pub oauth_signature_method: SignatureMethod,
    /// Whether the tool is told the student's name.
    pub share_name: bool,
    /// Whether the tool is told the student's e-mail address.
    pub share_email: bool,
    /// Where its resources open.
    pub presentation: Presentation,
    /// The version of LTI it speaks.
    pub lti_version: LtiVersion,
    /// Whether custom parameters are also sent under their names as written.
    pub send_raw_custom_names: bool,
    /// Whether launches offer a second one.
    pub offer_relaunch: bool,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub updated_at: Timestamp,
}

impl NewToolProvider {
    /// A tool provider with the default settings: a basic link in a frame, HMAC-SHA1, nothing told about the student.
    pub fn named(institute_id: InstituteId, tool_name: Name, oauth_consumer_key: Name, now: Timestamp) -> Self {
        Self {
            institute_id,
            tool_name,
            tool_url: String::new(),
            oauth_consumer_key,
            oauth_consumer_secret: Sealed::pending(),
            use_as_basic_link: true,
            lti_custom_data: CustomData::none(),
            oauth_signature_method: SignatureMethod::HmacSha1,
            share_name: false,
            share_email: false,
            presentation: Presentation::Frame,
            lti_version: LtiVersion::V1p1,
            send_raw_custom_names: false,
            // Strict tools refuse a launch with parameters that they do not know.
            offer_relaunch: false,
            created_at: now,
            updated_at: now,
        }
    }
}

impl ToolProvider {
    /// The custom parameters of everything that it is sent. Variables are still in them. Fails where custom data holds
    /// what a launch cannot carry.
    pub fn custom_parameters(&self) -> Result<CustomParameters, examlink_lti::Error> {
        CustomParameters::new(self.lti_custom_data.pairs())
    }

    /// The key and secret of the tool, with its secret opened.
    pub fn credentials(&self, secret: Secret) -> Credentials {
        let method = self.oauth_signature_method.into();
        Credentials { consumer_key: self.oauth_consumer_key.to_string(), secret, method }
    }
}

/// Where the consumer secret of a tool provider is sealed.
pub fn secret_place(id: ToolProviderId, institute: InstituteId) -> Place {
    Place { column: "tool_providers.oauth_consumer_secret", row: id.0, institute: institute.0 }
}

/// Checks that a URL can be launched to: https, or http to this machine, or any http where `allow_http` says so.
pub fn check_launch_url(url: &WebUrl, field: &str, allow_http: bool) -> Result<String> {
    match LaunchUrl::parse(url.as_str(), allow_http) {
        Ok(_) => Ok(url.to_string()),
        Err(error) => Err(Error::invalid(field, error.to_string())),
    }
}
