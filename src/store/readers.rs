//! Threads that read: each owns one connection, all take from one queue.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use tokio::sync::oneshot;

use crate::domain::secret::Keyring;
use crate::domain::{Error, Result};
use crate::store::connect::{Connection, DatabaseUrl};
use crate::store::{Tx, answer, panicked};

/// How many queries may wait; beyond it the server is overloaded and says so at once.
const QUEUE: usize = 4_096;

type Run = Box<dyn FnOnce(Result<&mut Tx<'_>>) -> Health + Send>;

/// Something to ask the database, and how many queries were asked before it.
struct Query {
    number: u64,
    run: Run,
}

/// Whether the connection can be used again.
#[derive(PartialEq)]
enum Health {
    Good,
    Broken,
}

/// The pool of reading threads; they end when it is dropped.
#[derive(Debug)]
pub(super) struct Readers {
    queue: Sender<Query>,
    asked: Arc<AtomicU64>,
}

impl Readers {
    /// Opens `count` connections, each on a thread of its own.
    pub(super) fn start(url: &DatabaseUrl, keys: &Keyring, count: usize) -> Result<Self> {
        let (sender, queue) = bounded::<Query>(QUEUE);
        let asked = Arc::new(AtomicU64::new(0));
        for number in 0..count.max(1) {
            let connection = Some(Connection::open_reader(url)?);
            let (queue, asked, url, keys) = (queue.clone(), asked.clone(), url.clone(), keys.clone());
            let reader = Reader { queue, asked, connection, url, keys };
            let spawned = thread::Builder::new().name(format!("reader-{number}")).spawn(move || reader.serve());
            spawned.map_err(|error| Error::Unavailable(error.to_string()))?;
        }
        Ok(Self { queue: sender, asked })
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
        let query = Query { number: self.asked.fetch_add(1, Ordering::AcqRel), run: Box::new(job) };
        self.queue.try_send(query).map_err(|error| match error {
            TrySendError::Full(_) => Error::Unavailable("too many queries are waiting".into()),
            TrySendError::Disconnected(_) => Error::Unavailable("the database threads are gone".into()),
        })?;
        answer(receiver).await
    }
}

/// A thread that reads.
struct Reader {
    queue: Receiver<Query>,
    asked: Arc<AtomicU64>,
    /// `None` when it broke: it is opened again for the next query.
    connection: Option<Connection>,
    url: DatabaseUrl,
    keys: Keyring,
}

impl Reader {
    /// Takes queries until the store is dropped.
    ///
    /// On SQLite those that wait share one transaction, because taking the locks of one costs as much as a small query.
    /// Each must see what was committed before it was asked, so one that was asked after the transaction began is the
    /// first of the next. They are taken one by one: none waits here behind a slow one while another thread is free.
    fn serve(mut self) {
        let mut next = self.queue.recv().ok();
        while let Some(first) = next {
            let asked = self.asked.load(Ordering::Acquire);
            let shared = self.begin();
            self.run(first);
            next = self.queue.try_recv().ok();
            while let Some(query) = next.take_if(|query| shared && query.number < asked) {
                self.run(query);
                next = self.queue.try_recv().ok();
            }
            if shared {
                self.commit();
            }
            next = next.or_else(|| self.queue.recv().ok());
        }
    }

    /// Begins a transaction where several queries can share it. Without one, each query is a transaction of its own. On
    /// PostgreSQL, beginning and ending one are two questions more.
    fn begin(&mut self) -> bool {
        let share = matches!(self.url, DatabaseUrl::Sqlite(_)) && !self.queue.is_empty();
        share && self.connection.as_mut().is_some_and(|open| open.execute("BEGIN").is_ok())
    }

    fn commit(&mut self) {
        if self.connection.as_mut().is_some_and(|open| open.execute("COMMIT").is_err()) {
            self.connection = None;
        }
    }

    fn run(&mut self, query: Query) {
        let open = match &mut self.connection {
            Some(open) => Ok(open),
            None => Connection::open_reader(&self.url).map(|open| self.connection.insert(open)),
        };
        let health = match open {
            Ok(open) => (query.run)(Ok(&mut open.tx(&self.keys))),
            Err(error) => (query.run)(Err(error)),
        };
        if health == Health::Broken {
            self.connection = None;
        }
    }
}
