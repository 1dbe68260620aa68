//! The signature base string (RFC 5849 section 3.4.1), built from the text of the URL.

use std::borrow::Cow;

use super::{Param, Request, decode_pairs, percent_encode};
use crate::{Error, Result};

impl Request<'_> {
    /// The base string URI (RFC 5849 section 3.4.1.2): scheme, host and path as they are signed, without the query.
    ///
    /// Fails when the URL is not an absolute http(s) URL.
    pub fn base_string_uri(&self) -> Result<String> {
        Target::parse(self.url).map(|target| target.base_uri)
    }

    /// The text that is signed: method, base string URI and parameters, each percent-encoded, joined by `&`.
    ///
    /// Fails when the URL is not an absolute http(s) URL or its query cannot be decoded in one way only.
    pub fn base_string(&self) -> Result<String> {
        let target = Target::parse(self.url)?;
        let query = decode_pairs(target.query.as_bytes())?;
        let params = joined(&normalized(&query, self.params));
        let method = self.method.to_ascii_uppercase();
        Ok(format!("{}&{}&{}", percent_encode(&method), percent_encode(&target.base_uri), percent_encode(&params)))
    }
}

/// A percent-encoded parameter.
pub(in crate::v1) type EncodedParam<'a> = (Cow<'a, str>, Cow<'a, str>);

/// The parameters of query and body, encoded and in the order of RFC 5849 section 3.4.1.3.2: by encoded name, then by
/// encoded value, duplicates kept. `oauth_signature` is left out.
pub(in crate::v1) fn normalized<'a>(query: &'a [Param], params: &'a [Param]) -> Vec<EncodedParam<'a>> {
    let mut pairs: Vec<_> = query
        .iter()
        .chain(params)
        .filter(|(name, _)| name != "oauth_signature")
        .map(|(name, value)| (percent_encode(name), percent_encode(value)))
        .collect();
    pairs.sort_unstable();
    pairs
}

fn joined(pairs: &[EncodedParam<'_>]) -> String {
    let mut text = String::with_capacity(pairs.iter().map(|(name, value)| name.len() + value.len() + 2).sum());
    for (name, value) in pairs {
        let separator = if text.is_empty() { "" } else { "&" };
        text.extend([separator, name, "=", value]);
    }
    text
}

/// A URL taken apart for signing.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::v1) struct Target<'a> {
    /// The base string URI of RFC 5849 section 3.4.1.2.
    pub(in crate::v1) base_uri: String,
    /// The query as it stands in the URL.
    pub(in crate::v1) query: &'a str,
}

impl<'a> Target<'a> {
    /// Reads the URL as text: a parser that normalises paths would sign another request than the one that was sent.
    pub(in crate::v1) fn parse(url: &'a str) -> Result<Self> {
        let sent = url.split_once('#').map_or(url, |(sent, _)| sent);
        let (resource, query) = sent.split_once('?').unwrap_or((sent, ""));
        let (scheme, rest) = resource.split_once("://").ok_or_else(|| broken("it has no scheme"))?;
        let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
        let (scheme, host) = (web_scheme(scheme)?, host_and_port(authority)?);
        Ok(Self { base_uri: format!("{scheme}://{}{}", host.on(scheme), path.replace(' ', "%20")), query })
    }
}

fn web_scheme(scheme: &str) -> Result<&'static str> {
    let known = ["http", "https"].into_iter().find(|known| scheme.eq_ignore_ascii_case(known));
    known.ok_or_else(|| Error::UrlScheme(scheme.to_owned()))
}

struct Host<'a> {
    name: &'a str,
    port: Option<u16>,
}

impl Host<'_> {
    /// As in the `Host` header: in lower case, the port only when it is not the scheme's own.
    fn on(&self, scheme: &str) -> String {
        let name = self.name.to_lowercase();
        match (scheme, self.port) {
            (_, None) | ("http", Some(80)) | ("https", Some(443)) => name,
            (_, Some(port)) => format!("{name}:{port}"),
        }
    }
}

fn host_and_port(authority: &str) -> Result<Host<'_>> {
    let server = authority.rsplit_once('@').map_or(authority, |(_, server)| server);
    let (name, port) = match server.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port),
        _ => (server, ""), // no port, or the last colon belongs to an IPv6 address
    };
    if name.is_empty() {
        return Err(broken("it has no host"));
    }
    Ok(Host { name, port: port_number(port)? })
}

fn port_number(text: &str) -> Result<Option<u16>> {
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|port| digits && *port != 0);
    number.map(Some).ok_or_else(|| broken("its port is not a number from 1 to 65535"))
}

fn broken(what: &str) -> Error {
    Error::UrlSyntax(what.to_owned())
}
