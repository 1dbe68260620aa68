//! An administrator's leave for one registration: of a tool here, or of this server at a platform. It is stored
//! nowhere: the token says what it is good for, with a ticket of the master key, and its nonce is spent with the
//! registration.

use crate::domain::id::{InstituteId, UserId};
use crate::domain::secret::{Keyring, Secret};
use crate::domain::time::{Span, Timestamp};

/// How long it may take: people sign in elsewhere first.
const OPEN_FOR: Span = Span::hours(1);

/// Who is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registrant {
    /// A tool, here.
    Tool,
    /// This server, at a platform.
    Platform,
}

impl Registrant {
    const fn purpose(self) -> &'static str {
        match self {
            Self::Tool => "registration of a tool",
            Self::Platform => "registration at a platform",
        }
    }
}

/// What a registration token opens, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leave {
    /// Who is registered.
    pub of: Registrant,
    /// In which institute.
    pub institute: InstituteId,
    /// Who gives leave.
    pub administrator: UserId,
    /// When it was given, to the second.
    pub given_at: Timestamp,
    /// Random: makes it unlike any other, and is spent.
    pub nonce: String,
}

impl Leave {
    /// When it ends.
    pub fn ends(&self) -> Timestamp {
        Timestamp::from_micros(self.given_at.seconds() * 1_000_000) + OPEN_FOR
    }

    /// The token that shows it.
    pub fn token(&self, keys: &Keyring) -> Secret {
        let words = self.words();
        Secret::new(format!("{words}-{}", keys.ticket(self.of.purpose(), &words)))
    }

    /// The leave that a token is of, if it comes from here and has not ended.
    pub fn open(keys: &Keyring, of: Registrant, token: &str, now: Timestamp) -> Option<Self> {
        let (words, ticket) = token.rsplit_once('-')?;
        if !keys.is_ticket(ticket, of.purpose(), words) {
            return None;
        }
        let [institute, administrator, seconds, nonce] = words.split('-').collect::<Vec<_>>().try_into().ok()?;
        let leave = Self {
            of,
            institute: InstituteId(institute.parse().ok()?),
            administrator: UserId(administrator.parse().ok()?),
            given_at: Timestamp::from_micros(seconds.parse::<i64>().ok()?.checked_mul(1_000_000)?),
            nonce: nonce.to_owned(),
        };
        (now < leave.ends()).then_some(leave)
    }

    fn words(&self) -> String {
        format!("{}-{}-{}-{}", self.institute, self.administrator, self.given_at.seconds(), self.nonce)
    }
}
