//! Where a launch goes.

use std::fmt;

use url::Url;

use crate::v1::oauth1::{Param, Target, decode_pairs};
use crate::web_url::secure;
use crate::{Error, Result};

/// A URL that can be launched to, written as a browser will request it: a signature over any other writing of it fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchUrl {
    url: Url,
    /// Its base string URI (RFC 5849, section 3.4.1.2).
    pub(in crate::v1) base_uri: String,
    /// The pairs of its query, decoded: they are signed.
    pub(in crate::v1) query: Vec<Param>,
}

impl LaunchUrl {
    /// Checks a URL: https, or http to this machine, or any http when `allow_http`; a host; no user name, no fragment;
    /// a query that tools decode alike and that holds no `oauth_` parameter.
    ///
    /// Fails with the `Url` variants of [`Error`], [`Error::PercentEscape`] and [`Error::NotUtf8`].
    pub fn parse(text: &str, allow_http: bool) -> Result<Self> {
        let url = secure(text, allow_http)?;
        let target = Target::parse(url.as_str())?;
        let (base_uri, query) = (target.base_uri, decode_pairs(target.query.as_bytes())?);
        match query.iter().find(|(name, _)| name.starts_with("oauth_")) {
            Some((name, _)) => Err(Error::UrlOauthParameter(name.clone().into_owned())),
            None => Ok(Self { url, base_uri, query }),
        }
    }

    /// The URL as it is requested and signed, query included.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// Scheme, host and port, such as `https://tool.example`: what a content security policy names.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

impl fmt::Display for LaunchUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
