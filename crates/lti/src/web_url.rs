//! Rules for addresses on the web that both versions of LTI share.

use url::{Host, Url};

use crate::{Error, Result};

/// Whether a text is an absolute address on the web: a script in its place is none.
pub(crate) fn is_web(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// Reads a URL that a browser shows or follows: http or https, a host, no user name.
///
/// Fails with the `Url` variants of [`Error`].
pub(crate) fn open(text: &str) -> Result<Url> {
    let url = Url::parse(text).map_err(|reason| Error::UrlSyntax(reason.to_string()))?;
    match url.scheme() {
        "http" | "https" if url.username().is_empty() && url.password().is_none() => Ok(url),
        "http" | "https" => Err(Error::UrlUserinfo),
        other => Err(Error::UrlScheme(other.to_owned())),
    }
}

/// Reads a URL that people or their data are sent to: https, or http to this machine, or any http when `allow_http`; a
/// host; no user name, no fragment.
///
/// Fails with the `Url` variants of [`Error`].
pub(crate) fn secure(text: &str, allow_http: bool) -> Result<Url> {
    let url = Url::parse(text).map_err(|reason| Error::UrlSyntax(reason.to_string()))?;
    check_scheme(&url, allow_http)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::UrlUserinfo);
    }
    if url.fragment().is_some() {
        return Err(Error::UrlFragment);
    }
    Ok(url)
}

fn check_scheme(url: &Url, allow_http: bool) -> Result<()> {
    match url.scheme() {
        "https" => Ok(()),
        "http" if allow_http || is_this_machine(url) => Ok(()),
        "http" => Err(Error::UrlPlainHttp(url.host_str().unwrap_or_default().to_owned())),
        other => Err(Error::UrlScheme(other.to_owned())),
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
