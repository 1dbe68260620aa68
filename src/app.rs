//! What every request handler shares.

use std::fmt;

use actix_web::web;
use examlink_lti::v1::credentials::Stamp;
use examlink_lti::v1::oauth1::TimeWindow;

use crate::clock::{Clock, Random};
use crate::config::PublicUrl;
use crate::domain::error::Unauthenticated;
use crate::domain::launch::Consumer;
use crate::domain::secret::Keyring;
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};
use crate::platform::Platform;
use crate::store::files::Folder;
use crate::store::{Nonce, Sender, Store};

/// The running server's parts, handed to handlers as `web::Data<App>`.
#[derive(Clone, Debug)]
pub struct App {
    /// The database.
    pub store: Store,
    /// The files of exams; none where the operator of a PostgreSQL database named no folder.
    pub files: Option<Folder>,
    /// How many bytes the files of one institute may take.
    pub attachment_quota: u64,
    /// The master key, for tickets.
    pub keys: Keyring,
    /// The time.
    pub clock: Clock,
    /// Random bytes.
    pub random: Random,
    /// How the outside world reaches this server.
    pub public_url: PublicUrl,
    /// How far a request's timestamp may be from the server's time, in seconds.
    pub signature_window_seconds: u32,
    /// Whether tools may be reached without TLS, on other hosts than this one.
    pub allow_http_tools: bool,
    /// The name of this installation, told to tools.
    pub instance_name: String,
    /// Where the people who run tools can write to.
    pub contact_email: Option<String>,
    /// Whether e-mail can be sent.
    pub sends_email: bool,
    /// What this installation signs with as a platform of LTI 1.3.
    pub platform: Platform,
}

impl App {
    /// This installation, as tools know it.
    pub fn consumer(&self) -> Consumer<'_> {
        Consumer {
            url: self.public_url.as_str(),
            host: self.public_url.host(),
            name: &self.instance_name,
            contact_email: self.contact_email.as_deref(),
            keys: &self.keys,
        }
    }

    /// Makes one message to a tool unique, and dates it.
    pub fn stamp(&self, now: Timestamp) -> Result<Stamp> {
        Stamp::new(self.random.hex::<15>()?, seconds(now)).map_err(|error| Error::Internal(error.to_string()))
    }

    /// How far the timestamp of a message from a tool or an LMS may be from the time here.
    pub fn lti_window(&self, now: Timestamp) -> TimeWindow {
        TimeWindow { now: seconds(now), seconds: self.signature_window_seconds.into() }
    }

    /// Admits the nonce of a verified message whose `timestamp` is in seconds, or refuses it: because it was used before,
    /// or because it is so old that this may have been forgotten.
    pub fn admit(&self, sender: Sender, timestamp: u64, nonce: &str) -> Result<Nonce, Unauthenticated> {
        let micros = i64::try_from(timestamp).unwrap_or(i64::MAX).saturating_mul(1_000_000);
        let (at, now) = (Timestamp::from_micros(micros), self.clock.now());
        if self.store.nonces().forgot(at) {
            let skew = now.millis().saturating_sub(at.millis());
            return Err(Unauthenticated::Stale { server: now.millis(), skew, seconds: false });
        }
        self.store.nonces().admit(sender, nonce, at)
    }

    /// Removes files that no row names, or none any more.
    pub async fn forget_files(&self, stored_names: Vec<String>) {
        let Some(folder) = self.files.clone().filter(|_| !stored_names.is_empty()) else { return };
        let removed = off_worker(move || {
            for name in &stored_names {
                folder.remove(name);
            }
            Ok(())
        });
        removed.await.unwrap_or_else(|error| tracing::warn!(%error, "a file stays until the next start"));
    }
}

/// A time as tokens and signatures have it: whole seconds since 1970.
pub fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.seconds()).unwrap_or_default()
}

/// Does long work on a thread of its own, so that no other request waits for it.
pub async fn off_worker<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    web::block(work).await.unwrap_or_else(|_| Err(Error::Unavailable("no thread was free".into())))
}

/// Ties a reply to the log: in the header `X-Request-Id`, in every problem and in every log line of the request.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
