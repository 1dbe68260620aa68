//! Group commit: a thread takes whatever queued during the previous commit, and commits it at once: all the nonces, and
//! the writes of the same requests, in one transaction. There is no timer; an idle server commits a single request at
//! once, a busy one commits many for the price of one. SQLite takes one writer. PostgreSQL takes several, because a
//! writer there mostly waits for the answers to its statements.
//!
//! A request's failed write never fails its neighbours: the batch first runs without savepoints, and again with one for
//! each write if one fails. On PostgreSQL a savepoint is two round trips, on SQLite two statements.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::domain::error::Unauthenticated;
use crate::domain::id::StudentSessionId;
use crate::domain::secret::Keyring;
use crate::domain::time::Span;
use crate::domain::{Error, Result};
use crate::store::connect::{Connection, DatabaseUrl};
use crate::store::launches::log;
use crate::store::nonces::{self, Nonce, Nonces};
use crate::store::{Tx, answer, departures, idempotency, panicked, service_calls};

/// How many requests may wait for a commit; beyond it the server is overloaded and says so at once.
const QUEUE: usize = 4_096;
/// Requests in one transaction at most.
const BATCH: usize = 256;
/// Threads that commit to PostgreSQL.
const POSTGRES_WRITERS: usize = 2;
/// Attempts of one batch before its requests are told to come again.
const ATTEMPTS: usize = 4;
/// After this time none is begun: a database that is locked has been waited for as long as its own timeout.
const PATIENCE: Duration = Duration::from_secs(4);
/// How often old nonces, kept answers, calls of tools and launches are looked for.
const PURGE_EVERY: Duration = Duration::from_mins(1);
/// The pause between two bites of a large purge, so that requests come first.
const PAUSE: Duration = Duration::from_millis(20);

/// What the committing thread starts with.
pub(super) struct Setup {
    pub(super) connection: Connection,
    pub(super) surroundings: Surroundings,
}

/// What a committing thread needs besides its connection.
#[derive(Clone)]
pub(super) struct Surroundings {
    pub(super) url: DatabaseUrl,
    pub(super) keys: Keyring,
    pub(super) clock: Clock,
    pub(super) nonces: Arc<Nonces>,
    /// Counts the commits that changed a user or its credentials.
    pub(super) callers: Arc<AtomicU64>,
    /// How long the log of launches is kept.
    pub(super) log_kept: Span,
    /// Held for as long as a thread may write.
    pub(super) _lock: Arc<Option<File>>,
}

/// The way to the committing threads, which end when this is dropped.
#[derive(Debug)]
pub(super) struct Committer(Sender<Job>);

/// One request's part in a commit.
struct Job {
    nonce: Option<Nonce>,
    /// The row that it locks first, where others lock many of these rows at the same time.
    locks: Option<StudentSessionId>,
    change: Box<dyn Change>,
}

/// Something to do in a transaction, as often as it takes, and somebody who waits for it.
trait Change: Send {
    /// Whether there is anything to do but to spend the nonce.
    fn writes(&self) -> bool;
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<()>;
    fn done(self: Box<Self>, outcome: Result<()>);
}

struct Write<F, T> {
    change: F,
    value: Option<T>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: FnMut(&mut Tx<'_>) -> Result<T> + Send> Change for Write<F, T> {
    fn writes(&self) -> bool {
        true
    }

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let value = catch_unwind(AssertUnwindSafe(|| (self.change)(tx))).unwrap_or_else(|_| Err(panicked()))?;
        self.value = Some(value);
        Ok(())
    }

    fn done(self: Box<Self>, outcome: Result<()>) {
        let Self { change, value, reply } = *self;
        // It holds the request's key, which is free again before anybody hears of the answer.
        drop(change);
        let _ = reply.send(outcome.and_then(|()| value.ok_or_else(panicked)));
    }
}

struct Spend(oneshot::Sender<Result<()>>);

impl Change for Spend {
    fn writes(&self) -> bool {
        false
    }

    fn run(&mut self, _: &mut Tx<'_>) -> Result<()> {
        Ok(())
    }

    fn done(self: Box<Self>, outcome: Result<()>) {
        let _ = self.0.send(outcome);
    }
}

impl Committer {
    pub(super) fn start(setup: Setup) -> Result<Self> {
        let Setup { connection: first, surroundings } = setup;
        let (sender, queue) = bounded(QUEUE);
        let others = if matches!(first, Connection::Sqlite(_)) { 0 } else { POSTGRES_WRITERS - 1 };
        let mut connections = vec![first];
        for _ in 0..others {
            connections.push(Connection::open(&surroundings.url)?);
        }
        for (number, connection) in connections.into_iter().enumerate() {
            let (queue, setup) = (queue.clone(), surroundings.clone());
            let mut thread = Thread { connection: Some(connection), setup, purges: number == 0 };
            // What is old by now is refused from the first request on.
            thread.purge();
            let spawned =
                thread::Builder::new().name(format!("committer-{number}")).spawn(move || thread.serve(&queue));
            spawned.map_err(|error| Error::Unavailable(error.to_string()))?;
        }
        Ok(Self(sender))
    }

    pub(super) async fn submit<T: Send + 'static>(
        &self,
        nonce: Option<Nonce>,
        change: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let locks = nonce.as_ref().and_then(|nonce| nonce.conditions.locks);
        self.submit_locking(nonce, locks, change).await
    }

    pub(super) async fn submit_locking<T: Send + 'static>(
        &self,
        nonce: Option<Nonce>,
        locks: Option<StudentSessionId>,
        change: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, receiver) = oneshot::channel();
        self.send(Job { nonce, locks, change: Box::new(Write { change, value: None, reply }) })?;
        answer(receiver).await
    }

    pub(super) async fn submit_nonce(&self, nonce: Nonce) -> Result<()> {
        let (reply, receiver) = oneshot::channel();
        self.send(Job { nonce: Some(nonce), locks: None, change: Box::new(Spend(reply)) })?;
        answer(receiver).await
    }

    fn send(&self, job: Job) -> Result<()> {
        self.0.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => Error::Unavailable("too many requests are waiting for a commit".into()),
            TrySendError::Disconnected(_) => Error::Unavailable("the committing threads are gone".into()),
        })
    }
}

struct Thread {
    connection: Option<Connection>,
    setup: Surroundings,
    /// One of them looks for what is too old to be kept.
    purges: bool,
}

/// How each request of a batch fared.
type Outcomes = Vec<Result<()>>;

/// Why a batch was not committed.
enum Failure {
    /// Nothing of it is in the database.
    Undone(Error),
    /// The commit was sent and no reply came: it may or may not be in the database.
    Unknown(Error),
}

impl Thread {
    fn serve(&mut self, queue: &Receiver<Job>) {
        let mut purge_at = Instant::now();
        loop {
            match queue.recv_deadline(purge_at) {
                Ok(first) => {
                    let mut jobs = vec![first];
                    jobs.extend(queue.try_iter().take(BATCH - 1));
                    jobs.sort_by_key(|job| job.locks);
                    self.commit(jobs);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if Instant::now() >= purge_at {
                let more = self.purge();
                purge_at = Instant::now() + if more { PAUSE } else { PURGE_EVERY };
            }
        }
    }

    fn commit(&mut self, mut jobs: Vec<Job>) {
        let begun = Instant::now();
        for attempt in 1..=ATTEMPTS {
            match self.attempt(&mut jobs, attempt > 1) {
                Ok(outcomes) => return finish(jobs, outcomes),
                Err(Failure::Undone(error)) if attempt < ATTEMPTS && begun.elapsed() < PATIENCE => {
                    tracing::debug!(%error, attempt, "a commit is tried again");
                }
                Err(Failure::Undone(error)) => {
                    self.release(&jobs);
                    return finish_all(jobs, &error);
                }
                // The nonces may be stored, so they stay spent.
                Err(Failure::Unknown(error)) => return finish_all(jobs, &error),
            }
        }
    }

    /// Gives back the nonces of requests that left nothing in the database.
    fn release(&self, jobs: &[Job]) {
        let nonces: Vec<&Nonce> = jobs.iter().filter_map(|job| job.nonce.as_ref()).collect();
        self.setup.nonces.release(&nonces);
    }

    /// Runs the batch in one transaction and tells how each request fared.
    fn attempt(&mut self, jobs: &mut [Job], isolate: bool) -> Result<Outcomes, Failure> {
        let Self { connection, setup, .. } = self;
        let open = match connection {
            Some(open) => open,
            None => connection.insert(Connection::open(&setup.url).map_err(Failure::Undone)?),
        };
        let result = transact(open, setup, jobs, isolate);
        if matches!(&result, Err(Failure::Unknown(_) | Failure::Undone(Error::Unavailable(_)))) {
            *connection = None;
        }
        result
    }

    /// Deletes a few old nonces, kept answers, calls of tools, departures and launches; `true` when there are more.
    fn purge(&mut self) -> bool {
        if !self.purges {
            return false;
        }
        let Some(connection) = &mut self.connection else { return false };
        let now = self.setup.clock.now();
        let mut tx = connection.tx(&self.setup.keys);
        let purged = [
            self.setup.nonces.purge(&mut tx, now),
            idempotency::purge(&mut tx, now),
            service_calls::purge(&mut tx, now),
            departures::purge(&mut tx, now),
            log::purge(&mut tx, now - self.setup.log_kept),
        ];
        let failed = |error: &Error| tracing::warn!(%error, "what is old could not be deleted");
        purged.into_iter().any(|purged| purged.inspect_err(failed).unwrap_or(false))
    }
}

fn transact(open: &mut Connection, setup: &Surroundings, jobs: &mut [Job], isolate: bool) -> Result<Outcomes, Failure> {
    let sqlite = matches!(open, Connection::Sqlite(_));
    if !sqlite && !jobs.iter().any(|job| job.change.writes()) {
        return spend(&mut open.tx(&setup.keys), jobs).map_err(Failure::Unknown);
    }
    open.execute(if sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" }).map_err(Failure::Undone)?;
    let run = run_all(open, setup, jobs, isolate);
    let (outcomes, callers_changed) = match run {
        Ok(done) => done,
        Err(error) => {
            let _ = open.execute("ROLLBACK");
            return Err(Failure::Undone(error));
        }
    };
    if let Err(error) = open.execute("COMMIT") {
        let _ = open.execute("ROLLBACK");
        return Err(Failure::Unknown(error));
    }
    if callers_changed {
        setup.callers.fetch_add(1, Ordering::AcqRel);
    }
    Ok(outcomes)
}

/// Runs every request's change. Without savepoints the first failure fails the batch, which is then run again with them.
fn run_all(open: &mut Connection, setup: &Surroundings, jobs: &mut [Job], isolate: bool) -> Result<(Outcomes, bool)> {
    let mut tx = open.tx(&setup.keys);
    let mut outcomes = spend(&mut tx, jobs)?;
    for (job, outcome) in jobs.iter_mut().zip(&mut outcomes) {
        if outcome.is_ok() && job.change.writes() {
            *outcome = if isolate { in_savepoint(&mut tx, &mut *job.change)? } else { Ok(job.change.run(&mut tx)?) };
        }
    }
    Ok((outcomes, tx.callers_changed))
}

/// The outer error fails the batch, the inner one only this request.
fn in_savepoint(tx: &mut Tx<'_>, change: &mut dyn Change) -> Result<Result<()>> {
    tx.execute("SAVEPOINT request")?;
    match change.run(tx) {
        Ok(()) => tx.execute("RELEASE request").map(Ok),
        Err(error @ Error::Unavailable(_)) => Err(error),
        Err(error) => tx.execute("ROLLBACK TO request; RELEASE request").map(|()| Err(error)),
    }
}

/// Spends the nonces of all requests. A request that brings none is not refused for it.
fn spend(tx: &mut Tx<'_>, jobs: &[Job]) -> Result<Outcomes> {
    let brought: Vec<&Nonce> = jobs.iter().filter_map(|job| job.nonce.as_ref()).collect();
    let mut unspent = nonces::spend(tx, &brought)?.into_iter();
    let outcome = |job: &Job| match job.nonce.as_ref().map(|_| unspent.next()) {
        None | Some(Some(true)) => Ok(()),
        Some(_) => Err(Error::Unauthenticated(Unauthenticated::NonceReused)),
    };
    Ok(jobs.iter().map(outcome).collect())
}

fn finish(jobs: Vec<Job>, outcomes: Outcomes) {
    for (job, outcome) in jobs.into_iter().zip(outcomes) {
        job.change.done(outcome);
    }
}

fn finish_all(jobs: Vec<Job>, error: &Error) {
    tracing::error!(%error, requests = jobs.len(), "a commit failed");
    for job in jobs {
        job.change.done(Err(Error::Unavailable(error.to_string())));
    }
}
