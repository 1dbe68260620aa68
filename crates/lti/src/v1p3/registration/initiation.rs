//! How the registration begins: the platform opens the tool's page with two parameters.

use crate::Secret;
use crate::v1p3::query::Query;
use crate::v1p3::reader::{TEXT, URL, secure_url};
use crate::v1p3::service_error::{Result, ServiceError};
use crate::web_url::secure;

const CONFIGURATION: &str = "openid_configuration";
const TOKEN: &str = "registration_token";

/// What the tool's page is told.
#[derive(Clone, Debug)]
pub struct Initiation {
    /// `openid_configuration`: where the [`PlatformConfiguration`](super::PlatformConfiguration) is.
    pub configuration_url: String,
    /// `registration_token`: goes with the registration, as a bearer token. Used once.
    pub token: Option<Secret>,
}

impl Initiation {
    /// The URL to open, made of the tool's registration URL.
    ///
    /// Fails with [`ServiceError::Url`].
    pub fn url(&self, registration_url: &str, allow_http: bool) -> Result<String> {
        let refused = |reason| ServiceError::Url { at: "the registration URL".to_owned(), reason };
        let mut url = secure(registration_url, allow_http).map_err(refused)?;
        url.query_pairs_mut().append_pair(CONFIGURATION, &self.configuration_url);
        if let Some(token) = &self.token {
            url.query_pairs_mut().append_pair(TOKEN, token.reveal());
        }
        Ok(url.into())
    }

    /// Reads the decoded pairs of the query, as a tool; http only to this machine, or where `allow_http`.
    ///
    /// Fails with [`ServiceError::Missing`], [`ServiceError::Repeated`] and [`ServiceError::Url`].
    pub fn parse(query: &[(String, String)], allow_http: bool) -> Result<Self> {
        let query = Query(query);
        let url = query.text_of(CONFIGURATION, URL)?.ok_or_else(|| ServiceError::Missing(CONFIGURATION.into()))?;
        let configuration_url = secure_url(&url, allow_http, || CONFIGURATION.to_owned())?;
        Ok(Self { configuration_url, token: query.text_of(TOKEN, TEXT)?.map(Secret::new) })
    }
}
