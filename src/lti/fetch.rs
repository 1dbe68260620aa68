//! Every call that the service makes to another server by HTTP.
//!
//! The URL was entered by somebody, and the server at its end is a stranger's: a name may lead into this network, and
//! an answer may never end. So: each name is resolved once, every address that it has is held against the registries
//! of special-purpose addresses, and the connection goes to one of just these addresses. TLS is always verified, for
//! the name that the URL has. No redirect is followed, but for key sets, where each is checked as the first URL was; no
//! proxy of the environment is used, no cookie is kept, no
//! connection is kept, nothing is decompressed; time and length are limited.

mod address;
mod error;

use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use examlink_lti::v1p3::ServiceError;
use examlink_lti::v1p3::link_header::next_page;
use futures_util::future::BoxFuture;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue, LINK, LOCATION};
use reqwest::{Certificate, Client, Method, Response, redirect};
use url::{Host, Url};

use crate::domain::attachment::MAX_FILE;

pub use address::networks;
pub use error::FetchError;
pub use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};

/// The longest body that is read of an answer, in bytes.
pub const ANSWER: usize = 64 << 10;
/// The longest key set that is read, in bytes.
pub const KEY_SET: usize = 256 << 10;
/// The longest page of a list that is read, in bytes.
pub const PAGE: usize = 1 << 20;
/// How often the way to a key set may lead elsewhere.
const REDIRECTS: u8 = 3;
/// How much of a body is shown to people, in characters.
const SHOWN: usize = 2_048;

/// What may be called, and how long it may take.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Networks that may be called although they are not on the public internet.
    pub allowed: Vec<IpNet>,
    /// The ports that may be called; empty for all of them.
    pub ports: Vec<u16>,
    /// Whether servers may be called without TLS, on other hosts than this one.
    pub http: bool,
    /// Certificate authorities that are trusted besides the system's.
    pub authorities: Vec<Certificate>,
    /// The time to find the host and to connect.
    pub connect: Duration,
    /// The time for all of it.
    pub total: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            allowed: Vec::new(),
            ports: vec![443],
            http: false,
            authorities: Vec::new(),
            connect: Duration::from_secs(5),
            total: Duration::from_secs(15),
        }
    }
}

/// Finds the addresses of a host by its name.
pub type Resolver = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Calls other servers. Cheap to clone; every clone keeps the same rules.
#[derive(Clone)]
pub struct Fetcher(Arc<Inner>);

struct Inner {
    rules: Rules,
    resolver: Resolver,
    /// Made for the first call: reading the system's certificates takes a while.
    client: OnceLock<Result<Client, FetchError>>,
}

/// A call to another server. It may hold secrets in its headers and body, so it does not print.
pub struct Request<'a> {
    method: Method,
    url: &'a str,
    headers: Vec<(HeaderName, String)>,
    body: Vec<u8>,
    most: usize,
    redirects: u8,
}

/// What another server answered.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as it came.
    pub body: Vec<u8>,
}

impl<'a> Request<'a> {
    /// Asks for what is at a URL.
    pub fn get(url: &'a str) -> Self {
        Self { method: Method::GET, url, headers: Vec::new(), body: Vec::new(), most: ANSWER, redirects: 0 }
    }

    /// Asks for a key set. It is public and asked for without credentials, so three redirects are followed.
    pub fn key_set(url: &'a str) -> Self {
        Self { most: KEY_SET, redirects: REDIRECTS, ..Self::get(url) }
    }

    /// Asks for a page of a list, such as the members of a course.
    pub fn page(url: &'a str) -> Self {
        Self { most: PAGE, ..Self::get(url) }
    }

    /// Asks for a file that an exam is to keep.
    pub fn file(url: &'a str) -> Self {
        Self { most: usize::try_from(MAX_FILE).unwrap_or(usize::MAX), ..Self::get(url) }
    }

    /// Sends a body of a media type.
    pub fn post(url: &'a str, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![(CONTENT_TYPE, media_type.to_owned())];
        Self { method: Method::POST, headers, body: body.into(), ..Self::get(url) }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl Reply {
    /// Where the page after `page` is, which this one answers; see [`next_page`].
    pub fn next_page(&self, page: &Url) -> Result<Option<Url>, ServiceError> {
        let links = self.headers.get_all(LINK).iter().filter_map(|link| link.to_str().ok());
        next_page(&links.collect::<Vec<_>>().join(", "), page)
    }

    /// The body for people: text, and no more than they read.
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.body).chars().take(SHOWN).collect()
    }
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Fetcher").field(&self.0.rules).finish()
    }
}

impl Fetcher {
    /// Calls by these rules, with names resolved as this machine does.
    pub fn new(rules: Rules) -> Self {
        Self::with_resolver(rules, Arc::new(|host| Box::pin(look_up(host))))
    }

    /// Calls by these rules, with names resolved by `resolver`.
    pub fn with_resolver(rules: Rules, resolver: Resolver) -> Self {
        Self(Arc::new(Inner { rules, resolver, client: OnceLock::new() }))
    }

    /// Carries out a call. Any status but a redirect is an answer; what it means is the caller's to say.
    pub async fn send(&self, request: Request<'_>) -> Result<Reply, FetchError> {
        let rules = &self.0.rules;
        let timeout = |_| FetchError::Timeout(rules.total.as_secs());
        tokio::time::timeout(rules.total, self.exchange(request)).await.map_err(timeout)?
    }

    async fn exchange(&self, request: Request<'_>) -> Result<Reply, FetchError> {
        let rules = &self.0.rules;
        let client = self.0.client.get_or_init(|| self.client()).as_ref().map_err(Clone::clone)?;
        let headers = headers(request.headers)?;
        let (mut url, mut redirects) = (rules.admit(request.url)?, request.redirects);
        loop {
            let sending = client.request(request.method.clone(), url.clone()).headers(headers.clone());
            let response = sending.body(request.body.clone()).send().await.map_err(|error| rules.failure(&error))?;
            match elsewhere(&response, &url) {
                Some(next) if redirects > 0 => {
                    redirects -= 1;
                    url = rules.admit_after(&url, &next)?;
                }
                _ => return read(response, request.most).await,
            }
        }
    }

    fn client(&self) -> Result<Client, FetchError> {
        let rules = &self.0.rules;
        Client::builder()
            .user_agent(concat!("Examlink/", env!("CARGO_PKG_VERSION")))
            .tls_certs_merge(rules.authorities.clone())
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(rules.connect)
            .pool_max_idle_per_host(0)
            .dns_resolver(Checked { rules: rules.clone(), resolver: self.0.resolver.clone() })
            .build()
            .map_err(|error| FetchError::NoRoots(cause(&error)))
    }
}

impl Rules {
    /// Checks what a URL says by itself: how, as whom and on which port it is called, and an address that stands in it.
    fn admit(&self, text: &str) -> Result<Url, FetchError> {
        let url = Url::parse(text).map_err(|error| FetchError::Url(error.to_string()))?;
        let host = url.host().ok_or_else(|| FetchError::Url("it has no host".into()))?;
        if !(url.scheme() == "https" || url.scheme() == "http" && (self.http || is_this_machine(&host))) {
            return Err(FetchError::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::Userinfo);
        }
        match host {
            Host::Ipv4(address) => self.admit_address(address.into(), &host.to_string())?,
            Host::Ipv6(address) => self.admit_address(address.into(), &host.to_string())?,
            Host::Domain(_) => {}
        }
        match url.port_or_known_default() {
            Some(port) if self.ports.is_empty() || self.ports.contains(&port) => Ok(url),
            port => Err(FetchError::Port(port.unwrap_or_default())),
        }
    }

    /// Checks where a redirect leads: as the first URL was, and never from TLS to none.
    fn admit_after(&self, before: &Url, next: &str) -> Result<Url, FetchError> {
        let next = self.admit(next)?;
        if before.scheme() == "https" && next.scheme() == "http" {
            return Err(FetchError::Scheme(next.scheme().to_owned()));
        }
        Ok(next)
    }

    fn admit_address(&self, address: IpAddr, host: &str) -> Result<(), FetchError> {
        if address::is_public(address) || self.allowed.iter().any(|network| network.contains(&address)) {
            Ok(())
        } else {
            Err(FetchError::Address { host: host.to_owned(), address })
        }
    }

    /// At which step an exchange failed.
    fn failure(&self, error: &reqwest::Error) -> FetchError {
        if let Some(refused) = causes(error).find_map(|cause| cause.downcast_ref::<FetchError>()) {
            return refused.clone();
        }
        if error.is_timeout() {
            return FetchError::Timeout(self.connect.as_secs());
        }
        // What TLS refuses reaches us as data that is not valid.
        let is_tls = causes(error).filter_map(|cause| cause.downcast_ref()).any(is_invalid_data);
        match (error.is_connect(), is_tls) {
            (true, true) => FetchError::Tls(cause(error)),
            (true, false) => FetchError::Connect(cause(error)),
            (false, _) => FetchError::Broken(cause(error)),
        }
    }
}

/// Whether a server that answers so may answer otherwise later.
pub const fn is_busy(status: u16) -> bool {
    status >= 500 || matches!(status, 408 | 429)
}

/// Reads the certificates of authorities, in PEM. Fails with what is wrong with the file.
pub fn authorities(pem: &[u8]) -> Result<Vec<Certificate>, String> {
    let certificates = Certificate::from_pem_bundle(pem).map_err(|error| cause(&error))?;
    if certificates.is_empty() { Err("holds no certificate in PEM".into()) } else { Ok(certificates) }
}

/// Whether an error, or one that it wraps, is that some data was not valid.
fn is_invalid_data(error: &io::Error) -> bool {
    let wrapped = error.get_ref().and_then(|inner| inner.downcast_ref());
    error.kind() == io::ErrorKind::InvalidData || wrapped.is_some_and(is_invalid_data)
}

fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Resolves a name for the client, which connects to what comes out: nobody looks the name up again in between.
struct Checked {
    rules: Rules,
    resolver: Resolver,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (host, rules) = (name.as_str().to_owned(), self.rules.clone());
        let found = (self.resolver)(host.clone());
        Box::pin(async move {
            let unknown = |why: &str| FetchError::Resolve { host: host.clone(), why: why.to_owned() };
            let addresses = found.await.map_err(|error| unknown(&error.to_string()))?;
            if addresses.is_empty() {
                return Err(unknown("it has no address").into());
            }
            // One that leads inside spoils them all: which of them is connected to is not ours to say.
            for address in &addresses {
                rules.admit_address(*address, &host)?;
            }
            // The port is filled in from the URL.
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

async fn look_up(host: String) -> io::Result<Vec<IpAddr>> {
    let found = tokio::net::lookup_host((host, 0)).await?;
    Ok(found.map(|address| address.ip()).collect())
}

fn headers(given: Vec<(HeaderName, String)>) -> Result<HeaderMap, FetchError> {
    let header = |(name, text): (HeaderName, String)| {
        let mut value = HeaderValue::from_str(&text).map_err(|_| FetchError::Header(name.to_string()))?;
        value.set_sensitive(true);
        Ok((name, value))
    };
    given.into_iter().map(header).collect()
}

/// Where an answer to a request for `url` leads, if it is a redirect.
fn elsewhere(response: &Response, url: &Url) -> Option<String> {
    let location = response.headers().get(LOCATION).filter(|_| response.status().is_redirection())?;
    Some(url.join(location.to_str().ok()?).ok()?.to_string())
}

/// Reads an answer, and no more of it than is wanted.
async fn read(mut response: Response, most: usize) -> Result<Reply, FetchError> {
    let (status, headers) = (response.status(), response.headers().clone());
    if status.is_redirection() {
        return Err(FetchError::Redirect(status.as_u16()));
    }
    if let Some(encoding) = headers.get(CONTENT_ENCODING).filter(|encoding| *encoding != "identity") {
        return Err(FetchError::Compressed(String::from_utf8_lossy(encoding.as_bytes()).into_owned()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| FetchError::Broken(cause(&error)))? {
        if body.len() + chunk.len() > most {
            return Err(FetchError::TooLong(most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply { status: status.as_u16(), headers, body })
}

/// The innermost cause: the outer ones repeat the URL, which may hold what is not for everybody.
fn cause(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| "it failed".into(), ToString::to_string)
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}
