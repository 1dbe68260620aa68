//! Work that is done after the answer: kept in the database until it is done, and done at least once.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::domain::id::{GradeReturnId, JobId, StudentSessionId, ToolProviderId};
use crate::domain::notice::Happening;
use crate::domain::time::{Span, Timestamp};
use crate::schema::jobs;

/// What is to be done. It names rows and holds no personal data: whoever does it reads what is true by then.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Task {
    /// Send a student the link to the exam page.
    ExamLink {
        /// Whose link.
        student_session: StudentSessionId,
    },
    /// Send a result to the LMS that the student came from.
    GradeReturn {
        /// Which.
        grade_return: GradeReturnId,
    },
    /// Tell a tool what happened.
    Notice {
        /// Whom.
        tool_provider: ToolProviderId,
        /// What.
        happening: Happening,
    },
}

json_column!(Task);

impl Task {
    /// The kind in words, for logs and metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ExamLink { .. } => "exam_link",
            Self::GradeReturn { .. } => "grade_return",
            Self::Notice { .. } => "notice",
        }
    }
}

/// A task that waits in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable)]
#[diesel(table_name = jobs)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// 32 hex digits that stay the same however often it is tried: what it makes carries them, so that the world can
    /// tell a repetition.
    pub uid: String,
    /// What is to be done.
    pub task: Task,
    /// How often it was begun.
    pub attempts: i64,
    /// When it was put in.
    pub created_at: Timestamp,
}

/// A task on its way into the queue.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
pub struct NewJob {
    /// 32 random hex digits.
    pub uid: String,
    /// What is to be done.
    pub task: Task,
    /// Not before this time.
    pub due_at: Timestamp,
    /// 0.
    pub attempts: i64,
    /// Now.
    pub created_at: Timestamp,
}

impl NewJob {
    /// A task to be done as soon as possible.
    pub const fn now(uid: String, task: Task, now: Timestamp) -> Self {
        Self { uid, task, due_at: now, attempts: 0, created_at: now }
    }
}

/// How long whoever took a job has for it. Then it is taken again: its taker may be dead.
pub const LEASE: Span = Span::seconds(30);

/// Seconds to wait after each failed attempt. After the last the job is given up: about eleven hours after the first.
const PAUSES: [i64; 8] = [5, 30, 120, 600, 1_800, 3_600, 3 * 3_600, 6 * 3_600];

impl Job {
    /// How long to wait after the attempt that has just failed; `None` when it was the last. `jitter` spreads the jobs
    /// of one outage by up to a quarter, so that they do not all come back at once.
    pub fn pause(&self, jitter: u8) -> Option<Span> {
        let failed = usize::try_from(self.attempts).unwrap_or(usize::MAX);
        let seconds = PAUSES.get(failed.saturating_sub(1))?;
        Some(Span::millis(seconds * 1_000 + seconds * 1_000 * i64::from(jitter) / 1_024))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_are_spread_by_a_quarter_at_most_and_end() {
        let job = |attempts| Job {
            id: JobId(1),
            uid: String::new(),
            task: Task::ExamLink { student_session: StudentSessionId(1) },
            attempts,
            created_at: Timestamp::from_micros(0),
        };
        assert_eq!(job(1).pause(0), Some(Span::seconds(5)));
        assert_eq!(job(2).pause(0), Some(Span::seconds(30)));
        for attempts in 1..=8 {
            let (least, most) = (job(attempts).pause(0).unwrap(), job(attempts).pause(255).unwrap());
            assert!(least < most && most.micros() < least.micros() * 5 / 4);
        }
        assert_eq!(job(9).pause(0), None);
    }
}
