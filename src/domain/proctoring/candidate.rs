//! A student on the way to the proctoring tool and back. What the tool hands back says who it is and which page leads home;
//! it is sealed, so that the tool can neither read nor make it, and stored nowhere.

use crate::domain::Result;
use crate::domain::exam::Exam;
use crate::domain::id::{StudentSessionId, ToolProviderId};
use crate::domain::proctoring::Step;
use crate::domain::secret::{Keyring, Place, Sealed, Secret};
use crate::domain::student_session::StudentSession;
use crate::domain::time::{Span, Timestamp};

/// What the tool hands back, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// `lti_message_hint` of a login.
    Login(Step),
    /// `session_data`.
    SessionData,
    /// The end of `return_url`.
    Return,
}

impl Purpose {
    const fn column(self) -> &'static str {
        match self {
            Self::Login(Step::Start) => "start of proctoring",
            Self::Login(Step::End) => "end of proctoring",
            Self::SessionData => "session_data of proctoring",
            Self::Return => "return from proctoring",
        }
    }

    /// How long it serves: a login follows at once, but students may take their time in front of the camera.
    const fn life(self) -> Span {
        match self {
            Self::Login(_) => Span::minutes(10),
            Self::SessionData | Self::Return => Candidate::UNDER_WAY,
        }
    }
}

/// A student at one attempt, on the way to one tool.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Whose it is.
    pub session: StudentSessionId,
    /// Which attempt.
    pub attempt: i64,
    /// The tool.
    pub tool: ToolProviderId,
    /// When the student set out.
    pub at: Timestamp,
    /// Opens the page that the student came from.
    pub token: Secret,
}

impl Candidate {
    /// How long a student may be under way.
    pub const UNDER_WAY: Span = Span::hours(2);

    /// A student who goes to a tool from the page that this token opens.
    pub fn new(session: &StudentSession, tool: ToolProviderId, token: Secret, at: Timestamp) -> Self {
        Self { session: session.id, attempt: session.attempt, tool, at, token }
    }

    /// The words that the tool hands back: new ones each time.
    pub fn seal(&self, purpose: Purpose, keys: &Keyring) -> Result<String> {
        let said = format!("{}-{}-{}-{}", self.attempt, self.tool, self.at.micros(), self.token.reveal());
        let sealed = keys.seal(&Secret::new(said), place(purpose, self.session))?;
        Ok(format!("{}-{}", self.session, sealed.to_hex()))
    }

    /// The student whom words were made for, for this purpose, if they still serve.
    pub fn open(words: &str, purpose: Purpose, keys: &Keyring, now: Timestamp) -> Option<Self> {
        Self::parse(words, purpose, keys).filter(|candidate| now < candidate.at + purpose.life())
    }

    /// The student whom words were made for, for this purpose, however long ago.
    pub fn parse(words: &str, purpose: Purpose, keys: &Keyring) -> Option<Self> {
        let (session, sealed) = words.split_once('-')?;
        let session = StudentSessionId(session.parse().ok()?);
        let said = keys.open(&Sealed::from_hex(sealed)?, place(purpose, session)).ok()?;
        let [attempt, tool, micros, token] = said.reveal().splitn(4, '-').collect::<Vec<_>>().try_into().ok()?;
        Some(Self {
            session,
            attempt: attempt.parse().ok()?,
            tool: ToolProviderId(tool.parse().ok()?),
            at: Timestamp::from_micros(micros.parse().ok()?),
            token: Secret::new(token),
        })
    }

    /// Under this the log keeps the message to the tool, until the tool sends the student back.
    pub fn nonce(&self) -> String {
        self.at.micros().to_string()
    }

    /// The page that the student came from.
    pub fn home(&self) -> String {
        format!("/sessions/{}", self.token.reveal())
    }

    /// Whether the tool may let the student begin this attempt now.
    pub fn may_begin(&self, session: &StudentSession, exam: &Exam, now: Timestamp) -> bool {
        self.attempt == session.attempt
            && exam.proctoring_tool() == Some(self.tool)
            && Step::Start.is_due(session.door(exam, now))
    }
}

/// What is sealed for one purpose of one student opens for no other.
const fn place(purpose: Purpose, session: StudentSessionId) -> Place {
    Place { column: purpose.column(), row: session.0, institute: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Random;

    #[test]
    fn words_open_for_their_purpose_and_their_student_in_time() {
        let keys = Keyring::parse("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", Random).unwrap();
        let (now, purpose) = (Timestamp::from_micros(5), Purpose::SessionData);
        let (session, tool) = (StudentSessionId(7), ToolProviderId(3));
        let sam = Candidate { session, attempt: 2, tool, at: now, token: Secret::new("0a1b") };
        let words = sam.seal(purpose, &keys).unwrap();
        let open = |words: &str, purpose, now| Candidate::open(words, purpose, &keys, now);
        let back = open(&words, purpose, now).unwrap();
        assert_eq!((back.session, back.attempt, back.tool, back.at), (session, 2, tool, now));
        assert_eq!(back.home(), "/sessions/0a1b");
        assert!(!words.contains("0a1b") && words != sam.seal(purpose, &keys).unwrap());
        for other in [Purpose::Return, Purpose::Login(Step::Start), Purpose::Login(Step::End)] {
            assert!(open(&words, other, now).is_none(), "{other:?}");
        }
        assert!(open(&words, purpose, now + purpose.life()).is_none(), "too late");
        let (_, sealed) = words.split_once('-').unwrap();
        for forged in [format!("8-{sealed}"), format!("7-{}", &sealed[2..]), "7-".into(), "7".into(), String::new()] {
            assert!(open(&forged, purpose, now).is_none(), "{forged}");
        }
    }
}
