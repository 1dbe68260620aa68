//! The settings of a server: one documented struct, read from a file and from the environment.

mod public_url;
#[cfg(test)]
mod tests;

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use config::{Environment, File, FileFormat};
use ipnet::IpNet;
use serde::Deserialize;

use crate::clock::Random;
use crate::domain::secret::{Keyring, Secret};
use crate::domain::time::Span;
use crate::jobs::mailer::{BadMailer, Mailer};
use crate::lti::fetch::{self, Fetcher, Rules};
use crate::store::DatabaseUrl;

pub use public_url::PublicUrl;
use public_url::origins;

/// Settings of the command line that share the prefix and are not the server's.
const OTHERS: [&str; 5] = ["config", "server", "token", "secret", "consumer_secret"];

/// Everything that can be set. In the environment each name is in capitals behind `EXAMLINK_`; in the file (TOML) it
/// stands as here. The environment wins. An unknown name is an error.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// `sqlite://FILE` or `postgres://…`; a password may stand in it.
    pub database_url: SecretText,
    /// Address and port; port 0 takes a free one and prints it.
    pub listen: SocketAddr,
    /// How the outside world reaches this server, without a path: `https://exams.example.edu`. Default: `http://` and
    /// the address.
    pub public_url: Option<String>,
    /// 32 bytes in base64. Seals every secret in the database. Required by `serve`.
    pub master_key: Option<SecretText>,
    /// A file that holds the master key instead.
    pub master_key_file: Option<PathBuf>,
    /// How far a request's timestamp may be from the server's time, in seconds, up to 24 hours.
    pub signature_window_seconds: u32,
    /// Whether tools may be reached without TLS, on other hosts than this one.
    pub allow_http_tools: bool,
    /// What is logged: a level such as `info` for this program's own targets, and others by name: `info,actix_http=debug`.
    pub log: String,
    /// Threads that answer requests; 0 takes one for each core.
    pub workers: usize,
    /// Threads that read from the database, each with a connection; 0 takes what suits the database.
    pub database_readers: usize,
    /// The folder that holds the files of exams. Default: `attachments` beside the SQLite file. With PostgreSQL there is
    /// none: set it, on all servers to one folder that they share, or files are refused.
    pub attachments: Option<PathBuf>,
    /// How many megabytes the files of one institute may take.
    pub attachment_quota_megabytes: u32,
    /// Seconds that requests in flight get when the server is told to stop.
    pub shutdown_seconds: u64,
    /// Requests a second that each token, and each student's link, may send in the long run; 0 sets no limit.
    pub requests_per_second: u32,
    /// Requests that each of them may send at once, after a pause.
    pub requests_burst: u32,
    /// Requests a second that may be refused to each address, for their token or signature; 0 sets no limit. One more
    /// is told to wait.
    pub failures_per_second: u32,
    /// Requests that may be refused to each address at once, after a pause.
    pub failures_burst: u32,
    /// Proxies in front of this server, whose `X-Forwarded-For` says where a request came from: addresses and networks,
    /// such as `10.0.0.1, 192.0.2.0/24`. Nobody else's is believed.
    pub trusted_proxies: String,
    /// Origins of web pages that may call the API from a browser, such as `https://app.example.edu`, with commas between
    /// them. Without any, no page of another origin may.
    pub cors_origins: String,
    /// The name of this installation, told to tools.
    pub instance_name: String,
    /// Where the people who run tools can write to, told to tools.
    pub contact_email: Option<String>,
    /// The mail server: `smtps://USER:PASSWORD@HOST` (TLS), `smtp://…?tls=required` (STARTTLS) or `smtp://HOST:PORT`.
    /// Without it no e-mail is sent.
    pub smtp_url: Option<SecretText>,
    /// The sender of all e-mails, such as `Example University <exams@example.edu>`.
    pub mail_from: Option<String>,
    /// Whom this server may call besides the public internet: `loopback`, `private`, addresses and networks, with commas
    /// between them. What an author enters may lead there.
    pub outgoing_allow: String,
    /// The ports that this server may call, with commas between them; `any` for all of them.
    pub outgoing_ports: String,
    /// A file with certificates of authorities (PEM) that are trusted in calls besides the system's.
    pub outgoing_ca_file: Option<PathBuf>,
    /// Days that the log of launches is kept, from 1 to 3650.
    pub launch_log_days: u32,
}

/// A setting that may hold a secret: it prints as `***`.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct SecretText(Secret);

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(Secret::new(text))
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database_url: SecretText(Secret::new("sqlite://examlink.db")),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            master_key: None,
            master_key_file: None,
            signature_window_seconds: 300,
            allow_http_tools: false,
            log: "info".into(),
            workers: 0,
            database_readers: 0,
            attachments: None,
            attachment_quota_megabytes: 5_120,
            shutdown_seconds: 30,
            requests_per_second: 100,
            requests_burst: 1_000,
            failures_per_second: 10,
            failures_burst: 50,
            trusted_proxies: String::new(),
            cors_origins: String::new(),
            instance_name: "Examlink".into(),
            contact_email: None,
            smtp_url: None,
            mail_from: None,
            outgoing_allow: String::new(),
            outgoing_ports: "443".into(),
            outgoing_ca_file: None,
            launch_log_days: 30,
        }
    }
}

/// Settings that have been checked: what the server is built from.
#[derive(Clone, Debug)]
pub struct Config {
    /// The database.
    pub database: DatabaseUrl,
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// How the outside world reaches this server; `None` follows the port.
    pub public_url: Option<PublicUrl>,
    /// The master key.
    pub keys: Keyring,
    /// How far a timestamp may be from the server's time, in seconds.
    pub signature_window_seconds: u32,
    /// Whether tools may be reached without TLS, on other hosts than this one.
    pub allow_http_tools: bool,
    /// Threads that answer requests.
    pub workers: usize,
    /// Threads that read from the database.
    pub database_readers: usize,
    /// The folder that holds the files of exams, where there is one.
    pub attachments: Option<PathBuf>,
    /// How many bytes the files of one institute may take.
    pub attachment_quota: u64,
    /// Seconds that requests in flight get at the end.
    pub shutdown_seconds: u64,
    /// How often each token may call, and each student's link be opened.
    pub requests: Option<Rate>,
    /// How often each address may fail to.
    pub failures: Option<Rate>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whose web pages may call the API from a browser.
    pub cors_origins: Vec<PublicUrl>,
    /// The name of this installation.
    pub instance_name: String,
    /// Where the people who run tools can write to.
    pub contact_email: Option<String>,
    /// How e-mail is sent, if it is.
    pub mailer: Option<Mailer>,
    /// How other servers are called.
    pub fetcher: Fetcher,
    /// How long the log of launches is kept.
    pub launch_log_kept: Span,
}

/// How often something may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// In the long run.
    pub per_second: NonZeroU32,
    /// At once, after a pause.
    pub burst: NonZeroU32,
}

impl Rate {
    /// `None` for 0 a second: no limit.
    fn read(per_second: u32, burst: u32, name: &'static str) -> Result<Option<Self>, BadConfig> {
        let Some(per_second) = NonZeroU32::new(per_second) else { return Ok(None) };
        let burst = NonZeroU32::new(burst).ok_or_else(|| wrong(name, "must be at least 1"))?;
        Ok(Some(Self { per_second, burst }))
    }
}

/// What stands between the commas of a list.
fn members(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|text| !text.is_empty())
}

/// Reads addresses and networks, with commas between them.
fn networks(list: &str) -> Result<Vec<IpNet>, BadConfig> {
    let network = |text: &str| text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    let wrong = |text| wrong("trusted_proxies", format!("{text:?} is no address and no network such as 10.0.0.0/8"));
    members(list).map(|text| network(text).map_err(|_| wrong(text))).collect()
}

/// Reads port numbers, with commas between them; none for `any`.
fn ports(list: &str) -> Result<Vec<u16>, BadConfig> {
    if list.trim() == "any" {
        return Ok(Vec::new());
    }
    let wrong = |text: &str| wrong("outgoing_ports", format!("{text:?} is no port; write 443, or 443,8443, or any"));
    let port = |text: &str| text.trim().parse().ok().filter(|port| *port != 0).ok_or_else(|| wrong(text));
    list.split(',').map(port).collect()
}

/// Why a server does not start with these settings.
#[derive(Debug, thiserror::Error)]
pub enum BadConfig {
    /// The file or the environment cannot be read as settings.
    #[error("{0}")]
    Unreadable(#[from] config::ConfigError),
    /// One setting is wrong.
    #[error("{name}: {why}")]
    Wrong {
        /// The setting's name.
        name: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

fn wrong(name: &'static str, why: impl std::fmt::Display) -> BadConfig {
    BadConfig::Wrong { name, why: why.to_string() }
}

impl Settings {
    /// Reads the settings: defaults, then the file if there is one, then the environment.
    pub fn read(file: Option<&Path>, environment: impl Iterator<Item = (String, String)>) -> Result<Self, BadConfig> {
        let mut builder = config::Config::builder();
        if let Some(path) = file {
            check_form(path)?;
            builder = builder.add_source(File::from(path).format(FileFormat::Toml));
        }
        let ours = environment
            .filter_map(|(name, value)| Some((name.strip_prefix("EXAMLINK_")?.to_lowercase(), value)))
            .filter(|(name, value)| !OTHERS.contains(&name.as_str()) && !value.is_empty());
        let source = Environment::default().try_parsing(true).source(Some(ours.collect()));
        Ok(builder.add_source(source).build()?.try_deserialize()?)
    }

    /// Checks the settings, and reads the master key's file.
    pub fn check(&self, random: Random) -> Result<Config, BadConfig> {
        let database = self.database_url.0.reveal().parse().map_err(|error| wrong("database_url", error))?;
        let readers = if matches!(database, DatabaseUrl::Sqlite(_)) { cores().max(2) } else { 8 };
        let beside = match &database {
            DatabaseUrl::Sqlite(file) => Some(file.with_file_name("attachments")),
            DatabaseUrl::Postgres(_) => None,
        };
        let public_url = self.public_url.as_deref().map(str::parse).transpose();
        if !(1..=86_400).contains(&self.signature_window_seconds) {
            return Err(wrong("signature_window_seconds", "must be from 1 to 86400"));
        }
        if !(1..=3_650).contains(&self.launch_log_days) {
            return Err(wrong("launch_log_days", "must be from 1 to 3650"));
        }
        Ok(Config {
            database,
            listen: self.listen,
            public_url: public_url.map_err(|why| wrong("public_url", why))?,
            keys: self.keyring(random)?,
            signature_window_seconds: self.signature_window_seconds,
            allow_http_tools: self.allow_http_tools,
            workers: if self.workers == 0 { cores() } else { self.workers },
            database_readers: if self.database_readers == 0 { readers } else { self.database_readers },
            attachments: self.attachments.clone().or(beside),
            attachment_quota: u64::from(self.attachment_quota_megabytes) << 20,
            shutdown_seconds: self.shutdown_seconds,
            requests: Rate::read(self.requests_per_second, self.requests_burst, "requests_burst")?,
            failures: Rate::read(self.failures_per_second, self.failures_burst, "failures_burst")?,
            trusted_proxies: networks(&self.trusted_proxies)?,
            cors_origins: origins(&self.cors_origins)?,
            instance_name: self.instance_name.clone(),
            contact_email: self.contact_email.clone(),
            mailer: self.mailer()?,
            fetcher: self.fetcher()?,
            launch_log_kept: Span::hours(24 * i64::from(self.launch_log_days)),
        })
    }

    fn fetcher(&self) -> Result<Fetcher, BadConfig> {
        let unknown = |word| format!("{word:?} is not loopback, private, an address or a network such as 10.0.0.0/8");
        let allowed = fetch::networks(&self.outgoing_allow).map_err(|word| wrong("outgoing_allow", unknown(word)))?;
        let read = |path: &PathBuf| fs::read(path).map_err(|error| wrong("outgoing_ca_file", error));
        let authorities = self.outgoing_ca_file.as_ref().map(read).transpose()?;
        let authorities = authorities.map(|pem| fetch::authorities(&pem)).transpose();
        let authorities = authorities.map_err(|why| wrong("outgoing_ca_file", why))?.unwrap_or_default();
        let ports = ports(&self.outgoing_ports)?;
        Ok(Fetcher::new(Rules { allowed, ports, http: self.allow_http_tools, authorities, ..Rules::default() }))
    }

    fn mailer(&self) -> Result<Option<Mailer>, BadConfig> {
        let Some(url) = &self.smtp_url else { return Ok(None) };
        let Some(from) = &self.mail_from else {
            return Err(wrong("mail_from", "is not set; e-mail needs a sender, such as exams@example.edu"));
        };
        Mailer::new(&url.0, from).map(Some).map_err(|BadMailer { setting, why }| wrong(setting, why))
    }

    fn keyring(&self, random: Random) -> Result<Keyring, BadConfig> {
        let text = match (&self.master_key, &self.master_key_file) {
            (Some(key), None) => key.0.clone(),
            (None, Some(path)) => {
                Secret::new(fs::read_to_string(path).map_err(|error| wrong("master_key_file", error))?)
            }
            (Some(_), Some(_)) => return Err(wrong("master_key", "is set twice, by text and by file")),
            (None, None) => {
                return Err(wrong(
                    "master_key",
                    "is not set; make one with: openssl rand -base64 32, and keep it safe",
                ));
            }
        };
        Keyring::parse(text.reveal(), random).map_err(|error| wrong("master_key", error))
    }
}

/// Checks that a file is TOML. The library that reads the settings would print the line at fault, secret and all.
fn check_form(path: &Path) -> Result<(), BadConfig> {
    let text = fs::read_to_string(path).map_err(|error| wrong("config", format!("{}: {error}", path.display())))?;
    text.parse::<toml::Table>().map(|_| ()).map_err(|error| {
        let before = text.bytes().take(error.span().map_or(0, |span| span.start));
        let line = before.filter(|byte| *byte == b'\n').count() + 1;
        wrong("config", format!("{}, line {line}: {}", path.display(), error.message()))
    })
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
