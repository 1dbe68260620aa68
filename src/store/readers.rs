//! Threads that read: each owns one connection, all take from one queue.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use tokio::sync::oneshot;

use crate::domain::secret::Keyring;
use crate::domain::{Error, Result};
use crate::store::connect::{Connection, DatabaseUrl};
use crate::store::{Tx, answer, panicked};

/// How many queries may wait; beyond it the server is overloaded and says so at once.
const QUEUE: usize = 4_096;
/// Queries in one transaction at most.
const TOGETHER: usize = 32;

type Query = Box<dyn FnOnce(Result<&mut Tx<'_>>) -> Health + Send>;

/// Whether the connection can be used again.
#[derive(PartialEq)]
enum Health {
    Good,
    Broken,
}

/// The pool of reading threads; they end when it is dropped.
#[derive(Debug)]
pub(super) struct Readers(Sender<Query>);

impl Readers {
    /// Opens `count` connections, each on a thread of its own.
    pub(super) fn start(url: &DatabaseUrl, keys: &Keyring, count: usize) -> Result<Self> {
        let (sender, queue) = bounded::<Query>(QUEUE);
        for number in 0..count.max(1) {
            let (queue, url, keys) = (queue.clone(), url.clone(), keys.clone());
            let connection = Connection::open_reader(&url)?;
            let spawned = thread::Builder::new()
                .name(format!("reader-{number}"))
                .spawn(move || serve(&queue, &url, &keys, connection));
            spawned.map_err(|error| Error::Unavailable(error.to_string()))?;
        }
        Ok(Self(sender))
    }

    /// Runs a query on the next free thread.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, receiver) = oneshot::channel();
        let job = move |tx: Result<&mut Tx<'_>>| {
            let value =
                tx.and_then(|tx| catch_unwind(AssertUnwindSafe(|| query(tx))).unwrap_or_else(|_| Err(panicked())));
            let health = if matches!(value, Err(Error::Unavailable(_))) { Health::Broken } else { Health::Good };
            let _ = reply.send(value);
            health
        };
        self.0.try_send(Box::new(job)).map_err(|error| match error {
            TrySendError::Full(_) => Error::Unavailable("too many queries are waiting".into()),
            TrySendError::Disconnected(_) => Error::Unavailable("the database threads are gone".into()),
        })?;
        answer(receiver).await
    }
}

/// Takes queries until the store is dropped. A broken connection is opened again for the next query.
fn serve(queue: &Receiver<Query>, url: &DatabaseUrl, keys: &Keyring, connection: Connection) {
    let mut connection = Some(connection);
    for first in queue {
        let others = waiting(queue, url);
        if others.is_empty() {
            run(first, &mut connection, url, keys);
            continue;
        }
        // Without it each query is a transaction of its own.
        let shared = connection.as_mut().is_some_and(|open| open.execute("BEGIN").is_ok());
        for query in std::iter::once(first).chain(others) {
            run(query, &mut connection, url, keys);
        }
        if shared
            && let Some(open) = &mut connection
            && open.execute("COMMIT").is_err()
        {
            connection = None;
        }
    }
}

fn run(query: Query, connection: &mut Option<Connection>, url: &DatabaseUrl, keys: &Keyring) {
    let health = match reopened(connection, url) {
        Ok(open) => query(Ok(&mut open.tx(keys))),
        Err(error) => query(Err(error)),
    };
    if health == Health::Broken {
        *connection = None;
    }
}

/// Queries that wait already. On SQLite they share one transaction, because taking the locks of one costs as much as a
/// small query. It begins after the last of them came, so each sees what was committed before it was asked.
fn waiting(queue: &Receiver<Query>, url: &DatabaseUrl) -> Vec<Query> {
    match url {
        DatabaseUrl::Sqlite(_) => queue.try_iter().take(TOGETHER - 1).collect(),
        // There, beginning and ending one are two questions more.
        DatabaseUrl::Postgres(_) => Vec::new(),
    }
}

fn reopened<'c>(connection: &'c mut Option<Connection>, url: &DatabaseUrl) -> Result<&'c mut Connection> {
    match connection {
        Some(open) => Ok(open),
        None => Ok(connection.insert(Connection::open_reader(url)?)),
    }
}
