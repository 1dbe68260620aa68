//! Forms and queries: what arrives and what is sent beside tokens.

use url::form_urlencoded;

use crate::v1::oauth1::{Param, repeated};
use crate::v1p3::{Error, Result};
use crate::web_url::secure;

/// The longest value that is no token, in bytes: states and hints of some systems are tokens themselves.
const LONGEST: usize = 8 * 1024;

/// The pairs of a form or a query as browsers mean them (URL standard): what cannot be decoded is replaced, not refused.
pub fn form_pairs(form: &[u8]) -> Vec<Param> {
    form_urlencoded::parse(form).into_owned().map(|(name, value)| (name.into(), value)).collect()
}

/// Parameters of which each has one value.
#[derive(Clone, Debug)]
pub(super) struct Form(Vec<Param>);

impl Form {
    /// Fails with [`Error::Repeated`] (RFC 6749, section 3.1).
    pub(super) fn read(pairs: Vec<Param>) -> Result<Self> {
        match repeated(pairs.iter().map(|(name, _)| name.as_ref())) {
            Some(name) => Err(Error::Repeated(name.chars().take(100).collect())),
            None => Ok(Self(pairs)),
        }
    }

    /// The value of a parameter; an empty one is as good as none.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(given, value)| given == name && !value.is_empty())?;
        Some(value)
    }

    /// The value of a parameter that must be there. Fails with [`Error::Missing`].
    pub(super) fn required(&self, name: &'static str) -> Result<&str> {
        self.get(name).ok_or(Error::Missing(name))
    }

    /// The value of a parameter that may be there. Fails with [`Error::TooLong`].
    pub(super) fn short(&self, name: &'static str) -> Result<Option<String>> {
        match self.get(name) {
            Some(long) if long.len() > LONGEST => Err(Error::TooLong { name, most: LONGEST }),
            value => Ok(value.map(str::to_owned)),
        }
    }

    /// The value of a parameter that must be there. Fails with [`Error::Missing`] and [`Error::TooLong`].
    pub(super) fn required_short(&self, name: &'static str) -> Result<String> {
        self.short(name)?.ok_or(Error::Missing(name))
    }
}

/// Parameters to be sent; what is absent is not.
pub(super) fn present<const N: usize>(pairs: [(&'static str, Option<&str>); N]) -> Vec<Param> {
    pairs.into_iter().filter_map(|(name, value)| Some((name.into(), value?.to_owned()))).collect()
}

/// A description with no other characters than an error may have (RFC 6749, section 5.2).
pub(super) fn described(text: &str) -> String {
    let allowed = |character| match character {
        '"' | '\\' => '\'',
        ' '..='~' => character,
        _ => '?',
    };
    text.chars().map(allowed).collect()
}

/// A URL with parameters behind those that it has. Whether it may be plain http was asked when it was stored.
///
/// Fails with [`Error::Url`].
pub(super) fn with_query(name: &'static str, url: &str, pairs: &[Param]) -> Result<String> {
    let mut url = secure(url, true).map_err(|why| Error::Url { name, why })?;
    url.query_pairs_mut().extend_pairs(pairs);
    Ok(url.into())
}
