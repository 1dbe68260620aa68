//! A grader's leave to look at one result in its tool. It is stored nowhere: link and login hint say what they are good
//! for, with a ticket of the master key, and share one nonce, which is spent when the tool is answered.

use crate::domain::id::{ResultId, UserId};
use crate::domain::secret::{Keyring, Secret};
use crate::domain::time::{Span, Timestamp};

/// How long it may take from the call to the tool: no person does anything in between.
pub const OPEN_FOR: Span = Span::minutes(10);

/// Who is shown a leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownTo {
    /// The grader, in the link.
    Grader,
    /// The tool, as what it hands back.
    Tool,
}

impl ShownTo {
    const fn purpose(self) -> &'static str {
        match self {
            Self::Grader => "link of a submission review",
            Self::Tool => "login of a submission review",
        }
    }
}

/// What a link opens, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewLeave {
    /// What is looked at.
    pub result: ResultId,
    /// Who looks.
    pub user: UserId,
    /// When it was given.
    pub at: Timestamp,
    /// Random: makes it unlike any other, and is spent.
    pub nonce: String,
}

impl ReviewLeave {
    /// When it ends.
    pub fn ends(&self) -> Timestamp {
        self.at + OPEN_FOR
    }

    /// The words that show it.
    pub fn write(&self, to: ShownTo, keys: &Keyring) -> Secret {
        let words = format!("{}-{}-{}-{}", self.result, self.user, self.at.micros(), self.nonce);
        Secret::new(format!("{words}-{}", keys.ticket(to.purpose(), &words)))
    }

    /// The leave that words are of, if they come from here and it has not ended.
    pub fn open(words: &str, to: ShownTo, keys: &Keyring, now: Timestamp) -> Option<Self> {
        Self::parse(words, to, keys).filter(|leave| now < leave.ends())
    }

    /// The leave that words are of, if they come from here, however old.
    pub fn parse(words: &str, to: ShownTo, keys: &Keyring) -> Option<Self> {
        let (words, ticket) = words.rsplit_once('-')?;
        if !keys.is_ticket(ticket, to.purpose(), words) {
            return None;
        }
        let [result, user, micros, nonce] = words.split('-').collect::<Vec<_>>().try_into().ok()?;
        Some(Self {
            result: ResultId(result.parse().ok()?),
            user: UserId(user.parse().ok()?),
            at: Timestamp::from_micros(micros.parse().ok()?),
            nonce: nonce.to_owned(),
        })
    }
}
