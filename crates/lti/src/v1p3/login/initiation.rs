//! The first step: the platform asks the tool to ask for a login.

use crate::v1::oauth1::Param;
use crate::v1p3::Result;
use crate::v1p3::claims::scope;
use crate::v1p3::form::{Form, present, with_query};

/// What the platform sends a browser to the tool's `initiate_login_uri` with. Of the specification's six parameters the
/// last three may be left out; they are always sent, because some tools refuse a login without them.
#[derive(Clone, Debug)]
pub struct LoginInitiation {
    /// `iss`: the platform.
    pub issuer: String,
    /// `login_hint`: the person, in words that only the platform understands.
    pub login_hint: String,
    /// `target_link_uri`: where the message will lead to.
    pub target_link_uri: String,
    /// `lti_message_hint`: the launch, in words that only the platform understands.
    pub message_hint: String,
    /// `lti_deployment_id`.
    pub deployment_id: String,
    /// `client_id`.
    pub client_id: String,
    /// `lti_storage_target`: the frame that keeps the tool's state where it can set no cookie.
    pub storage_target: Option<String>,
}

impl LoginInitiation {
    /// The fields, for a form.
    pub fn fields(&self) -> Vec<Param> {
        present([
            ("iss", Some(&self.issuer)),
            ("login_hint", Some(&self.login_hint)),
            ("target_link_uri", Some(&self.target_link_uri)),
            ("lti_message_hint", Some(&self.message_hint)),
            ("lti_deployment_id", Some(&self.deployment_id)),
            ("client_id", Some(&self.client_id)),
            ("lti_storage_target", self.storage_target.as_deref()),
        ])
    }

    /// The address with the fields in its query. Fails with [`Error::Url`](crate::v1p3::Error::Url).
    pub fn url(&self, initiate_login_uri: &str) -> Result<String> {
        with_query("initiate_login_uri", initiate_login_uri, &self.fields())
    }
}

/// What a tool is asked. Nothing of it can be trusted: the tool asks the platform that it knows by this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedLogin {
    /// `iss`: names the platform.
    pub issuer: String,
    /// `login_hint`, handed back as it is.
    pub login_hint: String,
    /// `target_link_uri`: where the message will lead to; the message itself says so again.
    pub target_link_uri: String,
    /// `lti_message_hint`, handed back as it is.
    pub message_hint: Option<String>,
    /// `lti_deployment_id`.
    pub deployment_id: Option<String>,
    /// `client_id`: which of several registrations.
    pub client_id: Option<String>,
    /// `lti_storage_target`: the frame to keep the state in where no cookie can be set.
    pub storage_target: Option<String>,
}

/// What a tool adds to a login.
#[derive(Clone, Copy, Debug)]
pub struct AuthenticationStart<'a> {
    /// The platform's authorization endpoint.
    pub endpoint: &'a str,
    /// Our name at the platform.
    pub client_id: &'a str,
    /// Where the answer goes: one that is registered.
    pub redirect_uri: &'a str,
    /// Ties the answer to the browser: random, and kept there.
    pub state: &'a str,
    /// Ties the token to the request: random, serves once.
    pub nonce: &'a str,
}

impl ReceivedLogin {
    /// Reads the query of a GET or the form of a POST.
    ///
    /// Fails with [`Error::Missing`](crate::v1p3::Error::Missing), [`Error::Repeated`](crate::v1p3::Error::Repeated) and
    /// [`Error::TooLong`](crate::v1p3::Error::TooLong).
    pub fn read(pairs: Vec<Param>) -> Result<Self> {
        let form = Form::read(pairs)?;
        Ok(Self {
            issuer: form.required_short("iss")?,
            login_hint: form.required_short("login_hint")?,
            target_link_uri: form.required_short("target_link_uri")?,
            message_hint: form.short("lti_message_hint")?,
            deployment_id: form.short("lti_deployment_id")?,
            client_id: form.short("client_id")?,
            storage_target: form.short("lti_storage_target")?,
        })
    }

    /// Where the browser goes next: the authorization endpoint, which is from our settings and not from the login.
    ///
    /// Fails with [`Error::Url`](crate::v1p3::Error::Url).
    pub fn authentication_url(&self, start: &AuthenticationStart<'_>) -> Result<String> {
        let fields = present([
            ("scope", Some(scope::OPENID)),
            ("response_type", Some("id_token")),
            ("response_mode", Some("form_post")),
            ("prompt", Some("none")),
            ("client_id", Some(start.client_id)),
            ("redirect_uri", Some(start.redirect_uri)),
            ("login_hint", Some(&self.login_hint)),
            ("lti_message_hint", self.message_hint.as_deref()),
            ("state", Some(start.state)),
            ("nonce", Some(start.nonce)),
        ]);
        with_query("authorization_endpoint", start.endpoint, &fields)
    }
}
