//! A launch as a tool receives it.

use super::{LTI_VERSION, MESSAGE_TYPE};
use crate::v1::oauth1::{TimeWindow, UnverifiedRequest, VerifiedRequest};
use crate::v1::roles::Role;
use crate::web_url::is_web;
use crate::{Error, Result, Secret};

/// A launch that nobody has checked yet. It tells only whose key it names.
#[derive(Debug)]
pub struct UnverifiedLaunch(UnverifiedRequest);

impl UnverifiedLaunch {
    /// Reads a POST of `application/x-www-form-urlencoded`; `url` and the failures are those of
    /// [`UnverifiedRequest::from_form`], and [`Error::NotPost`].
    pub fn parse(method: &str, url: &str, body: &[u8]) -> Result<Self> {
        if method != "POST" {
            return Err(Error::NotPost(method.to_owned()));
        }
        UnverifiedRequest::from_form(method, url, body).map(Self)
    }

    /// The key that the sender claims to hold the secret of.
    pub fn consumer_key(&self) -> &str {
        self.0.consumer_key()
    }

    /// Checks timestamp, signature and message. The caller records the nonce afterwards, and refuses one that it knows.
    ///
    /// A platform that made a mistake in the message itself can be told so at its return URL: for that, verify the
    /// [`UnverifiedRequest`] and convert the [`VerifiedRequest`], which keeps the parameters at hand.
    pub fn verify(self, secret: &Secret, window: TimeWindow) -> Result<VerifiedLaunch> {
        self.0.verify(secret, window)?.try_into()
    }
}

/// A launch by the holder of the secret, with all that LTI requires. Whether it came before is for the caller to say.
#[derive(Debug)]
pub struct VerifiedLaunch(VerifiedRequest);

impl TryFrom<VerifiedRequest> for VerifiedLaunch {
    type Error = Error;

    fn try_from(request: VerifiedRequest) -> Result<Self> {
        request.check_message(&[MESSAGE_TYPE])?;
        request.required("resource_link_id")?;
        Ok(Self(request))
    }
}

impl VerifiedLaunch {
    /// The verified form: consumer key, nonce, timestamp and every parameter.
    pub fn request(&self) -> &VerifiedRequest {
        &self.0
    }

    /// The value of a parameter; an empty one is as good as none.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.said(name)
    }

    /// The message type, `basic-lti-launch-request`.
    pub fn message_type(&self) -> &'static str {
        MESSAGE_TYPE
    }

    /// The version, `LTI-1p0`.
    pub fn version(&self) -> &'static str {
        LTI_VERSION
    }

    /// The place that was launched from.
    pub fn resource_link_id(&self) -> &str {
        self.get("resource_link_id").unwrap_or_default()
    }

    /// Who was sent, unless the platform keeps that to itself.
    pub fn user_id(&self) -> Option<&str> {
        self.get("user_id")
    }

    /// The roles of the vocabulary that the person has.
    pub fn roles(&self) -> Vec<Role> {
        self.get("roles").map(Role::parse_list).unwrap_or_default()
    }

    /// Where to send the person back to. Only an absolute http(s) URL is one: a script in its place is ignored.
    pub fn return_url(&self) -> Option<&str> {
        self.get("launch_presentation_return_url").filter(|url| is_web(url))
    }
}
