//! Where a launch goes.

use std::fmt;

use url::Url;

use crate::v1::oauth1::{Target, decode_pairs};
use crate::web_url::secure;
use crate::{Error, Result};

/// A URL that can be launched to, written as a browser will request it: a signature over any other writing of it fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchUrl(Url);

impl LaunchUrl {
    /// Checks a URL: https, or http to this machine, or any http when `allow_http`; a host; no user name, no fragment;
    /// a query that tools decode alike and that holds no `oauth_` parameter.
    ///
    /// Fails with the `Url` variants of [`Error`], [`Error::PercentEscape`] and [`Error::NotUtf8`].
    pub fn parse(text: &str, allow_http: bool) -> Result<Self> {
        let url = secure(text, allow_http)?;
        check_query(&url)?;
        Ok(Self(url))
    }

    /// The URL as it is requested and signed, query included.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Scheme, host and port, such as `https://tool.example`: what a content security policy names.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }
}

impl fmt::Display for LaunchUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn check_query(url: &Url) -> Result<()> {
    let target = Target::parse(url.as_str())?;
    let pairs = decode_pairs(target.query.as_bytes())?;
    match pairs.into_iter().find(|(name, _)| name.starts_with("oauth_")) {
        Some((name, _)) => Err(Error::UrlOauthParameter(name.into_owned())),
        None => Ok(()),
    }
}
