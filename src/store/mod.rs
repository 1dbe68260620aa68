//! The only SQL. One file per resource; the text of a query is written once and runs on SQLite and on PostgreSQL.
//!
//! [`Store::read`] and [`Store::write`] take the request's unspent [`Nonce`], so no signed request can be answered
//! without spending it. What they run is synchronous: no network call can hide inside a transaction.

#[macro_use]
mod tx;
#[macro_use]
mod scope;
#[macro_use]
pub mod listing;
pub mod assessment_controls;
pub mod attachments;
pub mod comanagers;
mod commit;
mod conditions;
mod connect;
pub mod departures;
pub mod documents;
pub mod exams;
mod facts;
pub mod files;
pub mod grade_returns;
pub mod groups;
pub mod idempotency;
pub mod identity_providers;
pub mod institutes;
pub mod jobs;
pub mod launches;
pub mod line_item_scores;
pub mod line_items;
pub mod lti_consumers;
pub mod lti_learners;
pub mod lti_placements;
pub mod lti_platforms;
pub mod lti_registrations;
pub mod lti_resources;
pub mod lti_visits;
pub mod migrate;
pub mod nonces;
pub mod notices;
mod page;
pub mod platform_keys;
pub mod proctorings;
mod readers;
pub mod results;
pub mod selections;
pub mod service_calls;
pub mod student_sessions;
pub mod submission_reviews;
pub mod tool_deployments;
pub mod tool_providers;
pub mod tool_settings;
pub mod users;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

pub use conditions::{Conditions, IfMatch};
pub use connect::{BadDatabaseUrl, DatabaseUrl};
pub use listing::Listing;
pub use nonces::{Nonce, Sender};
pub use page::{Page, PageRequest};
pub use tx::Tx;

use crate::clock::Clock;
use crate::domain::id::StudentSessionId;
use crate::domain::secret::Keyring;
use crate::domain::time::Span;
use crate::domain::{Error, Result};
use commit::Committer;
use connect::Connection;
use idempotency::{InFlight, Once};
use readers::Readers;

/// The database, open. Cheap to clone; every clone is the same store.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    readers: Readers,
    committer: Committer,
    nonces: Arc<nonces::Nonces>,
    callers: Arc<AtomicU64>,
    in_flight: InFlight,
    launches: launches::log::Waiting,
}

impl Store {
    /// Opens a migrated database and whatever it remembers of spent nonces. Fails when another process holds the SQLite
    /// file, or when the secrets in it were sealed with another master key. The log of launches is kept for so long.
    pub fn open(url: &DatabaseUrl, keys: &Keyring, clock: &Clock, readers: usize, kept: Span) -> Result<Self> {
        let lock = Arc::new(connect::lock(url)?);
        let mut first = Connection::open(url)?;
        facts::check_master_key(&mut first.tx(keys), keys)?;
        let nonces = Arc::new(nonces::Nonces::load(&mut first.tx(keys))?);
        let callers = Arc::new(AtomicU64::new(0));
        let committer = Committer::start(commit::Setup {
            connection: first,
            surroundings: commit::Surroundings {
                url: url.clone(),
                keys: keys.clone(),
                clock: clock.clone(),
                nonces: nonces.clone(),
                callers: callers.clone(),
                log_kept: kept,
                _lock: lock,
            },
        })?;
        let readers = Readers::start(url, keys, readers)?;
        let (in_flight, launches) = (InFlight::default(), launches::log::Waiting::new(clock));
        Ok(Self(Arc::new(Inner { readers, committer, nonces, callers, in_flight, launches })))
    }

    /// Answers a signed request from the database: spends the nonce and runs `query`, at the same time.
    pub async fn read<T: Send + 'static>(
        &self,
        nonce: Nonce,
        query: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (spent, value) = future::join(self.spend(nonce), self.query(query)).await;
        spent?;
        value
    }

    /// Carries out a signed request: spends the nonce and commits what `change` wrote, in one transaction. An error of
    /// `change` undoes its writes and still spends the nonce. `change` may run more than once, until it is committed.
    /// What it locks must be a version that the request's `If-Match` names.
    pub async fn write<T: Send + 'static>(
        &self,
        mut nonce: Nonce,
        mut change: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if nonce.conditions.once.is_some() {
            return Err(Error::Internal("a POST was written without keeping its answer".into()));
        }
        let if_match = nonce.conditions.if_match.take();
        let change = move |tx: &mut Tx<'_>| conditions::hold(tx, if_match.as_ref(), &mut change);
        self.0.committer.submit(Some(nonce), change).await
    }

    /// Carries out a signed request as [`Store::write`] does, and keeps its answer under its `Idempotency-Key`, if it
    /// has one: the same request with the same key gets that answer for 24 hours, and nothing is written again. An error
    /// is not kept, so the request can be corrected and sent again.
    pub async fn write_once<A: Serialize + DeserializeOwned + Send + 'static>(
        &self,
        mut nonce: Nonce,
        mut change: impl FnMut(&mut Tx<'_>) -> Result<A> + Send + 'static,
    ) -> Result<Once<A>> {
        let claim = nonce.conditions.once.take();
        let change = move |tx: &mut Tx<'_>| match &claim {
            Some(claim) => idempotency::once(tx, claim, &mut change),
            None => change(tx).map(|answer| Once { answer, repeated: false }),
        };
        self.0.committer.submit(Some(nonce), change).await
    }

    /// Spends the nonce of a request that is refused.
    pub async fn spend(&self, nonce: Nonce) -> Result<()> {
        self.0.committer.submit_nonce(nonce).await
    }

    /// Reads without a signed request: for pages, for the LTI endpoints, for finding out who calls.
    pub async fn query<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.readers.run(query).await
    }

    /// Writes without a signed request: for pages, for the LTI endpoints, at start. `change` may run more than once.
    pub async fn apply<T: Send + 'static>(
        &self,
        change: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.committer.submit(None, change).await
    }

    /// The same, where the change locks this session before anything else.
    pub async fn apply_locking<T: Send + 'static>(
        &self,
        session: Option<StudentSessionId>,
        change: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.committer.submit_locking(None, session, change).await
    }

    /// The spent nonces.
    pub fn nonces(&self) -> &nonces::Nonces {
        &self.0.nonces
    }

    /// The keys of the requests that are being carried out.
    pub fn in_flight(&self) -> &InFlight {
        &self.0.in_flight
    }

    /// A number that changes whenever this process changed a user or its credentials.
    pub fn callers_version(&self) -> u64 {
        self.0.callers.load(Ordering::Acquire)
    }
}

/// Carries out one change for a command that must not wait until the server is stopped: on SQLite no second [`Store`] can
/// be open beside it. What a server keeps in memory for longer than a minute, such as spent nonces, is not to be changed.
pub fn apply_beside<T>(url: &DatabaseUrl, keys: &Keyring, change: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
    let mut connection = Connection::open(url)?;
    if !migrate::is_current(&mut connection.tx(keys)).unwrap_or(false) {
        return Err(Error::Conflict("the database is of another version of this program; run examlink migrate".into()));
    }
    facts::check_master_key(&mut connection.tx(keys), keys)?;
    connection.execute(if matches!(url, DatabaseUrl::Sqlite(_)) { "BEGIN IMMEDIATE" } else { "BEGIN" })?;
    // A transaction that fails is undone when the connection closes.
    let value = change(&mut connection.tx(keys))?;
    connection.execute("COMMIT")?;
    Ok(value)
}

/// Waits for a database thread's answer; a thread that ended without one is a fault of ours.
async fn answer<T>(receiver: oneshot::Receiver<Result<T>>) -> Result<T> {
    receiver.await.unwrap_or_else(|_| Err(Error::Unavailable("the database thread is gone".into())))
}

/// A query panicked: the request fails, the thread and the connection live on.
fn panicked() -> Error {
    Error::Internal("a query panicked".into())
}
