//! Origins: where the outside world reaches this server, and whose web pages may call it.

use std::net::SocketAddr;

use url::Url;

use super::{BadConfig, members, wrong};

/// The origin under which the outside world reaches this server, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The origin, such as `https://exams.example.edu`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is reached over TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The host name, such as `exams.example.edu`.
    pub fn host(&self) -> &str {
        let server = self.0.split_once("://").map_or("", |(_, server)| server);
        // The last colon may belong to an IPv6 address.
        server.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).map_or(server, |(host, _)| host)
    }

    /// The origin of a server that nobody named: plain HTTP on its own address.
    pub fn of_listener(address: SocketAddr) -> Self {
        Self(format!("http://{address}"))
    }
}

impl std::str::FromStr for PublicUrl {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| error.to_string())?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if matches!(url.scheme(), "http" | "https") && url.has_host() && bare {
            Ok(Self(url.origin().ascii_serialization()))
        } else {
            Err("must be a scheme and a host, such as https://exams.example.edu".into())
        }
    }
}

/// Reads origins as browsers send them, over TLS and with commas between them.
pub(super) fn origins(list: &str) -> Result<Vec<PublicUrl>, BadConfig> {
    let exact = |url: &PublicUrl, text: &str| url.is_https() && url.as_str() == text && !url.as_str().contains('*');
    let origin = |text: &str| text.parse::<PublicUrl>().ok().filter(|url| exact(url, text));
    let wrong = |text| wrong("cors_origins", format!("{text:?} is no origin such as https://app.example.edu"));
    members(list).map(|text| origin(text).ok_or_else(|| wrong(text))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_stands_without_scheme_and_port() {
        for (url, host) in [
            ("https://exams.example.edu", "exams.example.edu"),
            ("http://127.0.0.1:8080", "127.0.0.1"),
            ("http://[::1]", "[::1]"),
            ("http://[::1]:8080", "[::1]"),
        ] {
            assert_eq!(url.parse::<PublicUrl>().unwrap().host(), host);
        }
    }

    #[test]
    fn the_public_url_is_an_origin() {
        assert_eq!("https://Exams.Example.edu/".parse::<PublicUrl>().unwrap().as_str(), "https://exams.example.edu");
        for bad in ["exams.example.edu", "https://exams.example.edu/x", "ftp://x", "https://u@x"] {
            assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
        }
    }
}
