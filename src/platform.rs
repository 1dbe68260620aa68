//! This installation as a platform of LTI 1.3: its keys, made when they are due, and the thread that signs with them.
//!
//! A signature by RS256 takes most of a millisecond of pure computing. One thread makes them all, one after the other, so
//! that they never keep more than one core from the other requests.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use actix_web::web;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use examlink_lti::v1p3::jwk::SigningKey;
use examlink_lti::v1p3::jwt::{self, Claims};
use tokio::sync::oneshot;

use crate::clock::{Clock, Random};
use crate::domain::platform_key::{NewPair, PlatformKey, is_due, signing};
use crate::domain::secret::Keyring;
use crate::domain::time::{Span, Timestamp};
use crate::domain::{Error, Result};
use crate::store::{Store, platform_keys};

/// How many signatures may wait; beyond it the server is overloaded and says so at once.
const QUEUE: usize = 1_024;
/// How long what was read of the keys is believed: another server, or a command, may have changed them.
const BELIEVED: Span = Span::minutes(1);

/// Signs for this installation. Cheap to clone; every clone has the same keys.
#[derive(Clone)]
pub struct Platform(Arc<Inner>);

struct Inner {
    store: Store,
    keys: Keyring,
    clock: Clock,
    random: Random,
    known: Mutex<Option<Known>>,
    /// Held while the keys are read, or made: who comes meanwhile waits for that.
    reading: tokio::sync::Mutex<()>,
    queue: Sender<Job>,
}

/// What was read of the keys, and when.
#[derive(Clone)]
struct Known {
    signing: Arc<SigningKey>,
    /// The JSON Web Keys that are published.
    published: Arc<[String]>,
    at: Timestamp,
}

struct Job {
    key: Arc<SigningKey>,
    claims: Claims,
    reply: oneshot::Sender<Result<String>>,
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Platform")
    }
}

impl Platform {
    /// Starts the thread that signs. Keys are made when they are first needed, or by [`Platform::prepare`].
    pub fn start(store: Store, keys: Keyring, clock: Clock, random: Random) -> Result<Self> {
        let (queue, jobs) = bounded(QUEUE);
        let spawned = thread::Builder::new().name("signer".into()).spawn(move || sign_all(&jobs));
        spawned.map_err(|error| Error::Unavailable(error.to_string()))?;
        Ok(Self(Arc::new(Inner {
            store,
            keys,
            clock,
            random,
            known: Mutex::new(None),
            reading: tokio::sync::Mutex::new(()),
            queue,
        })))
    }

    /// Signs a token by RS256. Fails with [`Error::Unavailable`] when too many wait.
    pub async fn sign(&self, claims: Claims) -> Result<String> {
        let key = self.known().await?.signing;
        let (reply, receiver) = oneshot::channel();
        self.0.queue.try_send(Job { key, claims, reply }).map_err(|error| match error {
            TrySendError::Full(_) => Error::Unavailable("too many signatures are waiting".into()),
            TrySendError::Disconnected(_) => Error::Unavailable("the signing thread is gone".into()),
        })?;
        receiver.await.unwrap_or_else(|_| Err(Error::Unavailable("the signing thread is gone".into())))
    }

    /// The JSON Web Keys that tools check our signatures with: the one in use, the next one, and those just retired.
    pub async fn key_set(&self) -> Result<Arc<[String]>> {
        Ok(self.known().await?.published)
    }

    /// Makes the keys that are due, so that no request waits for it.
    pub async fn prepare(&self) -> Result<()> {
        self.known().await.map(drop)
    }

    async fn known(&self) -> Result<Known> {
        if let Some(known) = self.remembered() {
            return Ok(known);
        }
        let _reading = self.0.reading.lock().await;
        if let Some(known) = self.remembered() {
            return Ok(known);
        }
        let known = self.read(self.0.clock.now()).await?;
        *self.0.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }

    fn remembered(&self) -> Option<Known> {
        let now = self.0.clock.now();
        let known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        known.filter(|known| known.at <= now && now < known.at + BELIEVED)
    }

    async fn read(&self, now: Timestamp) -> Result<Known> {
        let mut published = self.published(now).await?;
        if is_due(&published, now) {
            // The first pair signs at once, and the next one must be published beside it.
            for _ in 0..2 {
                let pair = self.new_pair().await?;
                self.0.store.apply(move |tx| platform_keys::add_if_due(tx, &pair, now)).await?;
                published = self.published(now).await?;
                if !is_due(&published, now) {
                    break;
                }
            }
        }
        let missing = || Error::Internal("there is no key to sign with".into());
        let key = signing(&published, now).ok_or_else(missing)?.open(&self.0.keys)?;
        let published = published.into_iter().map(|key| key.public_key).collect();
        Ok(Known { signing: Arc::new(key), published, at: now })
    }

    async fn published(&self, now: Timestamp) -> Result<Vec<PlatformKey>> {
        self.0.store.query(move |tx| platform_keys::published(tx, now)).await
    }

    async fn new_pair(&self) -> Result<NewPair> {
        let random = self.0.random;
        let made = web::block(move || NewPair::read(&random.rsa_key()?)).await;
        made.unwrap_or_else(|_| Err(Error::Unavailable("no thread was free".into())))
    }
}

fn sign_all(jobs: &Receiver<Job>) {
    for Job { key, claims, reply } in jobs {
        let signed = jwt::sign(&claims, &key).map_err(|error| Error::Internal(error.to_string()));
        let _ = reply.send(signed);
    }
}
