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
    for query in queue {
        let health = match reopened(&mut connection, url) {
            Ok(open) => query(Ok(&mut open.tx(keys))),
            Err(error) => query(Err(error)),
        };
        if health == Health::Broken {
            connection = None;
        }
    }
}

fn reopened<'c>(connection: &'c mut Option<Connection>, url: &DatabaseUrl) -> Result<&'c mut Connection> {
    match connection {
        Some(open) => Ok(open),
        None => Ok(connection.insert(Connection::open_reader(url)?)),
    }
}
