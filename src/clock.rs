//! The only place that asks for the time or for random bytes.
//!
//! Everything else is handed a [`Clock`] or a [`Random`], so a test decides what "now" and "random" are.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use chrono::Utc;

use crate::domain::time::Timestamp;

/// Tells the time. Cheap to clone and to ask.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock, in UTC.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until [`Clock::set`] moves it.
    pub fn fixed(at: Timestamp) -> Self {
        Self(Source::Fixed(Arc::new(AtomicI64::new(at.micros()))))
    }

    /// The time now.
    #[allow(clippy::disallowed_methods)]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => Timestamp::from_micros(Utc::now().timestamp_micros()),
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
