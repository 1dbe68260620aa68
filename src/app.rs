//! What every request handler shares.

use std::fmt;

use actix_web::web;

use crate::clock::{Clock, Random};
use crate::config::PublicUrl;
use crate::domain::secret::Keyring;
use crate::domain::{Error, Result};
use crate::store::Store;
use crate::store::files::Folder;

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
