//! The only place that asks for the time or for random bytes.
//!
//! Everything else is handed a [`Clock`] or a [`Random`], so a test decides what "now" and "random" are.

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use chrono::Utc;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use crate::domain::time::Timestamp;

/// Tells the time. Cheap to clone and to ask.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System { since: Instant },
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock, in UTC.
    pub fn system() -> Self {
        Self(Source::System { since: Instant::now() })
    }

    /// A clock that stands still until [`Clock::set`] moves it.
    pub fn fixed(at: Timestamp) -> Self {
        Self(Source::Fixed(Arc::new(AtomicI64::new(at.micros()))))
    }

    /// The time now.
    #[allow(clippy::disallowed_methods)]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System { .. } => Timestamp::from_micros(Utc::now().timestamp_micros()),
            Source::Fixed(micros) => Timestamp::from_micros(micros.load(Ordering::Relaxed)),
        }
    }

    /// Moves a fixed clock; the machine's clock is left alone.
    pub fn set(&self, at: Timestamp) {
        if let Source::Fixed(micros) = &self.0 {
            micros.store(at.micros(), Ordering::Relaxed);
        }
    }
}

/// How often each key came, by a [`Clock`].
pub type RateLimits<K, M = NoOpMiddleware<Duration>> = RateLimiter<K, DefaultKeyedStateStore<K>, Clock, M>;

/// A quota for each key, of which nothing is used.
pub fn rate_limits<K: Clone + Eq + Hash>(quota: Quota, clock: &Clock) -> RateLimits<K> {
    RateLimits::new(quota, DefaultKeyedStateStore::default(), clock.clone())
}

impl governor::clock::Clock for Clock {
    type Instant = Duration;

    /// The time since some moment. Where somebody sets the machine's clock back, nobody waits longer for it.
    fn now(&self) -> Duration {
        match &self.0 {
            Source::System { since } => since.elapsed(),
            Source::Fixed(micros) => Duration::from_micros(micros.load(Ordering::Relaxed).unsigned_abs()),
        }
    }
}

/// Makes the random values that credentials, tokens and nonces are built from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Random;

/// The operating system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random bytes: {0}")]
pub struct NoRandomness(getrandom::Error);

/// No key pair could be made.
#[derive(Debug, thiserror::Error)]
#[error("no key pair could be made")]
pub struct NoKeyPair;

impl Random {
    /// `N` bytes from the operating system's generator.
    #[allow(clippy::disallowed_methods)]
    pub fn bytes<const N: usize>(self) -> Result<[u8; N], NoRandomness> {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).map_err(NoRandomness)?;
        Ok(bytes)
    }

    /// A new RSA key pair of 2048 bits: PKCS#8, DER. Takes a tenth of a second, or several.
    #[allow(clippy::disallowed_methods)]
    pub fn rsa_key(self) -> Result<Vec<u8>, NoKeyPair> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| NoKeyPair)?;
        Ok(AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).map_err(|_| NoKeyPair)?.as_ref().to_vec())
    }

    /// `2 * N` lower-case hex digits that hold `8 * N` random bits.
    pub fn hex<const N: usize>(self) -> Result<String, NoRandomness> {
        Ok(hex::encode(self.bytes::<N>()?))
    }
}
