//! Platforms: learning management systems that launch into exams by LTI 1.3. Here this server is the tool.

use diesel::prelude::*;
use examlink_lti::v1p3::registration::{PlatformConfiguration, Registered};
use url::Url;

use crate::domain::id::LtiConsumerId;
use crate::domain::lti_consumer::{ConsumerSettings, Hosts, Lms, Origins};
use crate::domain::text::{Host, Issuer, KeyText, Name, Origin, ProtocolId, WebUrl};
use crate::domain::{Error, Result};
use crate::schema::lti_platforms;

/// Deployments of one platform, at most.
const MOST_DEPLOYMENTS: usize = 100;

list! {
    /// Installations of this server at a platform.
    DeploymentIds(ProtocolId)
}

/// What an LMS and this server know of each other by LTI 1.3 (core, section 3.1.3). Whatever else is set of an LMS is
/// set of its [`LtiConsumer`](crate::domain::lti_consumer::LtiConsumer), by whatever version it launches.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable, Insertable, AsChangeset)]
#[diesel(table_name = lti_platforms, primary_key(lti_consumer_id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct LtiPlatform {
    /// The LMS.
    pub lti_consumer_id: LtiConsumerId,
    /// What it calls itself; compared to the letter.
    pub issuer: Issuer,
    /// What it calls this server.
    pub client_id: ProtocolId,
    /// Where it has installed this server; no other place of it launches here.
    pub deployment_ids: DeploymentIds,
    /// Where a browser is sent to be told who it is.
    pub authorization_url: WebUrl,
    /// Where this server gets access tokens.
    pub token_url: WebUrl,
    /// Whom these are asked of, where that is not `token_url`.
    pub audience: Option<ProtocolId>,
    /// Where it publishes its keys.
    pub jwks_url: Option<WebUrl>,
    /// Its key, where it publishes none.
    pub public_key: Option<KeyText>,
}

impl LtiPlatform {
    /// Checks what no single value shows.
    pub fn check(&self) -> Result<()> {
        match self.deployment_ids.0.len() {
            0..=MOST_DEPLOYMENTS => Ok(()),
            _ => Err(Error::invalid("deployment_ids", format!("must hold {MOST_DEPLOYMENTS} at most"))),
        }
    }

    /// Whether it has installed this server under this id.
    pub fn has_deployment(&self, id: &str) -> bool {
        self.deployment_ids.0.iter().any(|known| known.as_str() == id)
    }

    /// Whom access tokens are asked of.
    pub fn authorization_server(&self) -> &str {
        self.audience.as_ref().map_or(self.token_url.as_str(), ProtocolId::as_str)
    }
}

/// A platform as it describes itself, when it has registered this server.
#[derive(Clone, Debug)]
pub struct RegisteredPlatform {
    /// What is set of the LMS: nobody is let in yet.
    pub settings: ConsumerSettings,
    /// What was agreed on. The number is set once it is known.
    pub platform: LtiPlatform,
}

impl RegisteredPlatform {
    /// Reads what a platform says of itself and what it granted. Fails with what cannot be kept.
    pub fn read(said: &PlatformConfiguration, granted: &Registered) -> Result<Self, String> {
        let url = |text: &str| WebUrl::try_from(text.to_owned());
        let id = |text: &str| ProtocolId::try_from(text.to_owned());
        let platform = LtiPlatform {
            lti_consumer_id: LtiConsumerId(0),
            issuer: Issuer::try_from(said.issuer.clone()).map_err(|why| format!("issuer {why}"))?,
            client_id: id(&granted.client_id).map_err(|why| format!("client_id {why}"))?,
            deployment_ids: DeploymentIds(granted.deployment_id.iter().filter_map(|text| id(text).ok()).collect()),
            authorization_url: url(&said.authorization_endpoint)
                .map_err(|why| format!("authorization_endpoint {why}"))?,
            token_url: url(&said.token_endpoint).map_err(|why| format!("token_endpoint {why}"))?,
            audience: said.authorization_server.as_deref().map(id).transpose()?,
            jwks_url: Some(url(&said.jwks_uri).map_err(|why| format!("jwks_uri {why}"))?),
            public_key: None,
        };
        let host = Url::parse(&said.issuer).ok().as_ref().and_then(Host::of);
        let host = host.ok_or("issuer has no host")?;
        let name = Name::fitting(&format!("{} {host}", said.product_family_code)).ok_or("issuer has no host")?;
        Ok(Self { settings: settings(said, &platform, name), platform })
    }
}

/// Its own hosts may get links back and show exams in a frame.
fn settings(said: &PlatformConfiguration, platform: &LtiPlatform, name: Name) -> ConsumerSettings {
    let pages = [platform.issuer.as_str(), platform.authorization_url.as_str()];
    let pages: Vec<Url> = pages.into_iter().filter_map(|page| Url::parse(page).ok()).collect();
    let mut hosts: Vec<Host> = pages.iter().filter_map(Host::of).collect();
    let origins = pages.iter().map(|page| page.origin().ascii_serialization());
    let mut origins: Vec<Origin> = origins.filter_map(|origin| Origin::try_from(origin).ok()).collect();
    hosts.dedup();
    origins.dedup();
    ConsumerSettings {
        lms: Lms::of_product(&said.product_family_code),
        return_hosts: Hosts(hosts),
        frame_origins: Origins(origins),
        disabled: true,
        ..ConsumerSettings::named(name)
    }
}
