//! The life of a student session: who may take it from which status to which.

use super::{Door, SessionStatus, StudentSession};
use crate::domain::exam::Exam;
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};
use SessionStatus::{
    AfterCheckReq, AfterCheckReqMail, BeforeCheckReq, BeforeCheckReqMail, EmailBounced, EmailSent, ExamFinished,
    ExamNotStarted, ExamStarted, InSetup, Registered,
};

/// Who moves a session along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mover {
    /// The student, on the exam page.
    Student,
    /// Those who look after the session, over the API.
    Staff,
}

/// The statuses before the student begins, in their usual order.
const WAITING: &[SessionStatus] = &[
    Registered,
    BeforeCheckReqMail,
    EmailBounced,
    EmailSent,
    AfterCheckReqMail,
    BeforeCheckReq,
    AfterCheckReq,
    InSetup,
    ExamNotStarted,
];

/// The moves there are: who takes a session from any of the first statuses to any of the second.
const MOVES: [(Mover, &[SessionStatus], &[SessionStatus]); 6] = [
    (Mover::Student, WAITING, &[ExamStarted]),
    (Mover::Student, &[ExamStarted], &[ExamFinished]),
    // A mail is sent again, a check repeated: what comes before the exam has no one direction.
    (Mover::Staff, WAITING, WAITING),
    (Mover::Staff, WAITING, &[ExamFinished]),
    (Mover::Staff, &[ExamStarted], &[ExamFinished]),
    // Back to where it was: the clock of a student who has begun runs on from the beginning.
    (Mover::Staff, &[ExamFinished], &[ExamNotStarted, ExamStarted]),
];

impl StudentSession {
    /// Moves along the life of a session and notes when the student began and ended. Staying is no move, and no error:
    /// a call may be repeated. Any other move that is not in the table is a conflict that names the ways from here.
    pub fn enter(&mut self, next: SessionStatus, mover: Mover, now: Timestamp) -> Result<()> {
        if next == self.status {
            return Ok(());
        }
        if !self.ways(mover).any(|way| way == next) {
            return Err(self.no_way_to(next, mover));
        }
        match next {
            ExamStarted => {
                self.start_time.get_or_insert(now);
                self.end_time = None;
            }
            ExamFinished => {
                self.resume(now);
                self.end_time = Some(now);
            }
            _ => self.end_time = None,
        }
        self.status = next;
        self.updated_at = now;
        Ok(())
    }

    /// Begins the exam where the student may begin it alone: not where a proctoring tool lets students begin.
    pub fn start(&mut self, exam: &Exam, now: Timestamp) -> Result<()> {
        match self.door(exam, now) {
            Door::Ready(_) if exam.proctoring_tool().is_none() => self.enter(ExamStarted, Mover::Student, now),
            _ => Ok(()),
        }
    }

    /// Ends the session for the student, who may not even have begun.
    pub fn terminate(&mut self, now: Timestamp) -> Result<()> {
        self.enter(ExamFinished, Mover::Staff, now)
    }

    /// Takes a finished session back to where it was: started, or not started when the student never began.
    pub fn reopen(&mut self, now: Timestamp) -> Result<()> {
        let back = if self.start_time.is_some() { ExamStarted } else { ExamNotStarted };
        if self.status != ExamFinished && self.status != back {
            return Err(self.no_way_to(back, Mover::Staff));
        }
        self.enter(back, Mover::Staff, now)
    }

    /// The statuses that `mover` may take the session to from here. Only one that the student began is started again,
    /// and it does not go back behind its beginning.
    fn ways(&self, mover: Mover) -> impl Iterator<Item = SessionStatus> {
        let (status, began) = (self.status, self.start_time.is_some());
        let from_here = MOVES.iter().filter(move |(who, from, _)| *who == mover && from.contains(&status));
        from_here.flat_map(|(_, _, to)| to.iter().copied()).filter(move |to| match to {
            ExamFinished => true,
            ExamStarted => began || mover == Mover::Student,
            _ => !began,
        })
    }

    fn no_way_to(&self, next: SessionStatus, mover: Mover) -> Error {
        let ways: Vec<&str> = self.ways(mover).filter(|way| *way != self.status).map(SessionStatus::as_str).collect();
        let only_the_student =
            if next == ExamStarted { "; only the student starts an exam, on the page that exam_url opens" } else { "" };
        Error::Conflict(format!(
            "A session cannot go from {} to {next}{only_the_student}. From {} it goes to: {}.",
            self.status,
            self.status,
            ways.join(", ")
        ))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::id::{ExamId, InstituteId, StudentSessionId};
    use crate::domain::secret::Sealed;
    use crate::domain::text::{Email, Name};
    use crate::domain::time::{Minutes, Span};

    const NOW: Timestamp = Timestamp::from_micros(2);

    pub fn session(status: SessionStatus, start_time: Option<Timestamp>) -> StudentSession {
        StudentSession {
            id: StudentSessionId(1),
            institute_id: InstituteId(1),
            exam_id: ExamId(1),
            proctor_id: None,
            student_id: String::new(),
            external_id: None,
            name: Name::try_from("Sam".to_owned()).unwrap(),
            email: Email::try_from("sam@example.edu".to_owned()).unwrap(),
            attempt: 1,
            status,
            token: Sealed::pending(),
            open_time: None,
            expires_at: None,
            extra_time_minutes: Minutes::default(),
            start_time,
            end_time: None,
            individual_info: None,
            is_individual_info_html: false,
            skip_requirements: false,
            archived: false,
            group_id: None,
            paused_at: None,
            paused_before: Span::default(),
            created_at: NOW,
            updated_at: NOW,
        }
    }

    fn may(mover: Mover, from: SessionStatus, to: SessionStatus, began: bool) -> bool {
        session(from, began.then_some(NOW)).enter(to, mover, NOW).is_ok()
    }

    #[test]
    fn a_student_starts_once_and_finishes_once() {
        for from in WAITING {
            assert!(may(Mover::Student, *from, ExamStarted, false), "{from}");
            assert!(!may(Mover::Student, *from, ExamFinished, false), "{from}");
            assert!(!may(Mover::Student, ExamStarted, *from, true), "{from}");
        }
        assert!(may(Mover::Student, ExamStarted, ExamFinished, true));
        assert!(!may(Mover::Student, ExamFinished, ExamStarted, true));
    }

    #[test]
    fn staff_prepare_end_and_reopen_but_never_start() {
        for from in WAITING {
            assert!(WAITING.iter().all(|to| may(Mover::Staff, *from, *to, false)), "{from}");
            assert!(may(Mover::Staff, *from, ExamFinished, false), "{from}");
            assert!(!may(Mover::Staff, *from, ExamStarted, false), "{from}");
            assert!(!may(Mover::Staff, ExamStarted, *from, true), "{from}");
            assert_eq!(may(Mover::Staff, ExamFinished, *from, false), *from == ExamNotStarted, "{from}");
            assert!(!may(Mover::Staff, ExamFinished, *from, true), "{from}");
        }
        assert!(may(Mover::Staff, ExamFinished, ExamStarted, true));
        assert!(!may(Mover::Staff, ExamFinished, ExamStarted, false));
    }

    #[test]
    fn the_beginning_stays_when_a_session_is_ended_and_reopened() {
        let (began, later) = (Timestamp::from_micros(1), Timestamp::from_micros(3));
        let mut session = session(ExamStarted, Some(began));
        session.terminate(NOW).unwrap();
        assert_eq!((session.status, session.start_time, session.end_time), (ExamFinished, Some(began), Some(NOW)));
        session.terminate(later).unwrap();
        assert_eq!(session.end_time, Some(NOW));
        session.reopen(later).unwrap();
        assert_eq!((session.status, session.start_time, session.end_time), (ExamStarted, Some(began), None));
    }

    #[test]
    fn a_refusal_says_from_to_and_the_ways_there_are() {
        let error = session(Registered, None).reopen(NOW).unwrap_err().to_string();
        assert!(error.starts_with("A session cannot go from registered to exam_not_started"), "{error}");
        let error = session(ExamStarted, Some(NOW)).enter(InSetup, Mover::Staff, NOW).unwrap_err().to_string();
        assert_eq!(
            error,
            "A session cannot go from exam_started to in_setup. From exam_started it goes to: exam_finished."
        );
    }
}
