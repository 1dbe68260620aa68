//! The part of a tool provider that is LTI 1.3.

use serde::Serialize;
use utoipa::ToSchema;

use super::ToolProviderFields;
use crate::api::params::{Given, Patch};
use crate::clock::Random;
use crate::domain::id::ToolDeploymentId;
use crate::domain::lti_registration::{LtiRegistration, RedirectUris, RegistrationSettings, ToolScope, ToolScopes};
use crate::domain::text::{KeyText, Name, ToolConfigurationText, WebUrl};
use crate::domain::time::Timestamp;
use crate::domain::tool_deployment::ToolDeployment;
use crate::domain::tool_provider::{LtiVersion, check_launch_url};
use crate::domain::tool_registration::DescribedTool;
use crate::domain::{Error, FieldError, Result};

/// What the tool and this platform know of each other by LTI 1.3. The tool is told `client_id` and `deployment_id`; the
/// addresses of this platform stand in `/.well-known/openid-configuration`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LtiRegistration)]
pub struct RegistrationView {
    /// What the tool is called here. It never changes.
    #[schema(example = "7b52009b64fd0a2a49e6d8a939753077")]
    client_id: String,
    /// The tool's first place in the institute, where everything is that names no other. It never changes.
    #[schema(example = "8c49a5fa955f9362")]
    deployment_id: String,
    /// All its places, that one first.
    deployments: Vec<DeploymentView>,
    login_url: WebUrl,
    redirect_uris: Vec<WebUrl>,
    jwks_url: Option<WebUrl>,
    public_key: Option<KeyText>,
    deep_linking_url: Option<WebUrl>,
    /// What its tokens may be good for.
    scopes: Vec<ToolScope>,
    /// Whether it may be used.
    active: bool,
    /// What the tool would like to be registered with instead, as JSON: `null` where it proposes nothing. Until an
    /// administrator has taken or refused it, it counts for nothing.
    proposal: Option<ToolConfigurationText>,
}

/// One of the places where a tool is deployed; see `tool_deployments`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Deployment)]
struct DeploymentView {
    id: ToolDeploymentId,
    #[schema(example = "8c49a5fa955f9362")]
    deployment_id: String,
    name: Name,
}

impl From<ToolDeployment> for DeploymentView {
    fn from(ToolDeployment { id, deployment_id, name, .. }: ToolDeployment) -> Self {
        Self { id, deployment_id, name }
    }
}

impl RegistrationView {
    /// A registration, with where the tool is deployed.
    pub(super) fn of(registration: LtiRegistration, deployments: Vec<ToolDeployment>) -> Self {
        let LtiRegistration { client_id, deployment_id, settings, proposal, .. } = registration;
        Self {
            client_id,
            deployment_id,
            deployments: deployments.into_iter().map(DeploymentView::from).collect(),
            login_url: settings.login_url,
            redirect_uris: settings.redirect_uris.0,
            jwks_url: settings.jwks_url,
            public_key: settings.public_key,
            deep_linking_url: settings.deep_linking_url,
            scopes: settings.scopes.0,
            active: settings.active,
            proposal,
        }
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
        if self.proposal.get().is_some() {
            return Err(Error::invalid(
                "proposal",
                "is taken by sending its text as tool_configuration, and refused empty",
            ));
        }
        let registration = match old {
            Some(mut old) => {
                self.change_registration(&mut old.settings);
                if self.tool_configuration.is_given() || matches!(self.proposal, Patch::Clear) {
                    old.proposal = None;
                }
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

    /// The fields, with those filled in that the tool's own description says and the request does not.
    pub(super) fn described(self, allow_http: bool) -> Result<Self> {
        const FIELD: &str = "tool_configuration";
        let Some(text) = self.tool_configuration.get() else { return Ok(self) };
        self.refuse_said_twice()?;
        let (_, tool) = DescribedTool::read(text.as_str().as_bytes(), allow_http)
            .map_err(|refusal| Error::invalid(FIELD, refusal.description.unwrap_or(refusal.code)))?;
        let settings = tool.settings;
        Ok(Self {
            lti_version: Given::default().or(LtiVersion::V1p3),
            tool_url: tool.tool_url.into_iter().fold(self.tool_url, Patch::or),
            use_as_basic_link: self.use_as_basic_link.or(!tool.offers_content),
            lti_custom_data: self.lti_custom_data.or(tool.custom_data),
            login_url: Given::default().or(settings.login_url),
            redirect_uris: Given::default().or(settings.redirect_uris.0),
            jwks_url: settings.jwks_url.into_iter().fold(Patch::Keep, Patch::or),
            deep_linking_url: settings.deep_linking_url.into_iter().fold(self.deep_linking_url, Patch::or),
            scopes: self.scopes.or(settings.scopes.0),
            ..self
        })
    }

    fn refuse_said_twice(&self) -> Result<()> {
        if self.lti_version.get() == Some(&LtiVersion::V1p1) {
            return Err(Error::invalid("lti_version", "must be 1.3 where tool_configuration is sent, or left out"));
        }
        let given = [
            ("login_url", self.login_url.is_given()),
            ("redirect_uris", self.redirect_uris.is_given()),
            ("jwks_url", self.jwks_url.get().is_some()),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((name, _)) => Err(Error::invalid(*name, "stands in tool_configuration; send one of the two")),
            None => Ok(()),
        }
    }

    fn new_registration(&self) -> Result<RegistrationSettings> {
        let missing = [("login_url", self.login_url.is_given()), ("redirect_uris", self.redirect_uris.is_given())];
        let missing = missing.iter().filter(|(_, given)| !given).map(|(name, _)| FieldError::missing(*name));
        let (Some(login_url), Some(redirect_uris)) = (self.login_url.get(), self.redirect_uris.get()) else {
            return Err(Error::Invalid(missing.collect()));
        };
        let mut scopes = ToolScopes::all();
        self.scopes.clone().fill(&mut scopes.0);
        Ok(RegistrationSettings {
            login_url: login_url.clone(),
            redirect_uris: RedirectUris(redirect_uris.clone()),
            jwks_url: self.jwks_url.get().cloned(),
            public_key: self.public_key.get().cloned(),
            deep_linking_url: self.deep_linking_url.get().cloned(),
            scopes,
            // Whoever registers it by hand has looked at it.
            active: self.active.get().copied().unwrap_or(true),
        })
    }

    fn change_registration(&self, settings: &mut RegistrationSettings) {
        self.login_url.clone().replace(&mut settings.login_url);
        self.redirect_uris.clone().replace(&mut settings.redirect_uris.0);
        self.jwks_url.clone().apply(&mut settings.jwks_url);
        self.public_key.clone().apply(&mut settings.public_key);
        self.deep_linking_url.clone().apply(&mut settings.deep_linking_url);
        self.scopes.clone().fill(&mut settings.scopes.0);
        self.active.clone().replace(&mut settings.active);
    }

    /// What is sent to a tool, and what is fetched from it, goes over TLS.
    fn check_urls(&self, allow_http: bool) -> Result<()> {
        let redirect_uris = self.redirect_uris.get().into_iter().flatten().map(|url| ("redirect_uris", url));
        let others = [
            ("login_url", self.login_url.get()),
            ("jwks_url", self.jwks_url.get()),
            ("deep_linking_url", self.deep_linking_url.get()),
        ];
        let others = others.into_iter().filter_map(|(name, url)| Some((name, url?)));
        redirect_uris.chain(others).try_for_each(|(name, url)| check_launch_url(url, name, allow_http).map(|_| ()))
    }

    fn refuse_unused(&self) -> Result<()> {
        let given = [
            ("login_url", self.login_url.is_given()),
            ("redirect_uris", self.redirect_uris.is_given()),
            ("jwks_url", self.jwks_url.get().is_some()),
            ("public_key", self.public_key.get().is_some()),
            ("deep_linking_url", self.deep_linking_url.get().is_some()),
            ("scopes", self.scopes.is_given()),
            ("active", self.active.is_given()),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((name, _)) => Err(Error::invalid(*name, "is for LTI 1.3; send lti_version=1.3 with it")),
            None => Ok(()),
        }
    }
}
