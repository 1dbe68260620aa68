//! The part of a tool provider that is LTI 1.3.

use serde::Serialize;
use utoipa::ToSchema;

use super::ToolProviderFields;
use crate::clock::Random;
use crate::domain::lti_registration::{LtiRegistration, RedirectUris, RegistrationSettings};
use crate::domain::text::{KeyText, WebUrl};
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::{LtiVersion, check_launch_url};
use crate::domain::{Error, FieldError, Result};

/// What the tool and this platform know of each other by LTI 1.3. The tool is told `client_id` and `deployment_id`; the
/// addresses of this platform stand in `/.well-known/openid-configuration`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LtiRegistration)]
pub struct RegistrationView {
    /// What the tool is called here. It never changes.
    #[schema(example = "7b52009b64fd0a2a49e6d8a939753077")]
    client_id: String,
    /// The tool's place in the institute. It never changes.
    #[schema(example = "8c49a5fa955f9362")]
    deployment_id: String,
    login_url: WebUrl,
    redirect_uris: Vec<WebUrl>,
    jwks_url: Option<WebUrl>,
    public_key: Option<KeyText>,
}

impl From<LtiRegistration> for RegistrationView {
    fn from(LtiRegistration { client_id, deployment_id, settings, .. }: LtiRegistration) -> Self {
        let RegistrationSettings { login_url, redirect_uris, jwks_url, public_key } = settings;
        Self { client_id, deployment_id, login_url, redirect_uris: redirect_uris.0, jwks_url, public_key }
    }
}

/// Where and when a registration is made.
#[derive(Clone, Copy)]
pub(super) struct Making {
    pub(super) random: Random,
    pub(super) allow_http: bool,
    pub(super) now: Timestamp,
}

impl ToolProviderFields {
    /// The registration of a tool provider of this version: a new one where it had none, the old one changed where it
    /// had one, and none where it needs none.
    pub(super) fn registration(
        &self,
        old: Option<LtiRegistration>,
        version: LtiVersion,
        making: Making,
    ) -> Result<Option<LtiRegistration>> {
        self.check_urls(making.allow_http)?;
        let registration = match old {
            Some(mut old) => {
                self.change_registration(&mut old.settings);
                old.updated_at = making.now;
                old
            }
            None if version == LtiVersion::V1p3 => {
                LtiRegistration::new(self.new_registration()?, making.random, making.now)?
            }
            None => return self.refuse_unused().map(|()| None),
        };
        registration.settings.check()?;
        Ok(Some(registration))
    }

    fn new_registration(&self) -> Result<RegistrationSettings> {
        let missing = [("login_url", self.login_url.is_given()), ("redirect_uris", self.redirect_uris.is_given())];
        let missing = missing.iter().filter(|(_, given)| !given).map(|(name, _)| FieldError::missing(*name));
        let (Some(login_url), Some(redirect_uris)) = (self.login_url.get(), self.redirect_uris.get()) else {
            return Err(Error::Invalid(missing.collect()));
        };
        Ok(RegistrationSettings {
            login_url: login_url.clone(),
            redirect_uris: RedirectUris(redirect_uris.clone()),
            jwks_url: self.jwks_url.get().cloned(),
            public_key: self.public_key.get().cloned(),
        })
    }

    fn change_registration(&self, settings: &mut RegistrationSettings) {
        self.login_url.clone().replace(&mut settings.login_url);
        self.redirect_uris.clone().replace(&mut settings.redirect_uris.0);
        self.jwks_url.clone().apply(&mut settings.jwks_url);
        self.public_key.clone().apply(&mut settings.public_key);
    }

    /// What is sent to a tool, and what is fetched from it, goes over TLS.
    fn check_urls(&self, allow_http: bool) -> Result<()> {
        let redirect_uris = self.redirect_uris.get().into_iter().flatten().map(|url| ("redirect_uris", url));
        let others = [("login_url", self.login_url.get()), ("jwks_url", self.jwks_url.get())];
        let others = others.into_iter().filter_map(|(name, url)| Some((name, url?)));
        redirect_uris.chain(others).try_for_each(|(name, url)| check_launch_url(url, name, allow_http).map(|_| ()))
    }

    fn refuse_unused(&self) -> Result<()> {
        let given = [
            ("login_url", self.login_url.is_given()),
            ("redirect_uris", self.redirect_uris.is_given()),
            ("jwks_url", self.jwks_url.get().is_some()),
            ("public_key", self.public_key.get().is_some()),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((name, _)) => Err(Error::invalid(*name, "is for LTI 1.3; send lti_version=1.3 with it")),
            None => Ok(()),
        }
    }
}
