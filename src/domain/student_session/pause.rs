//! Pauses: a proctoring tool stops a student's clock and lets it run on. What the pauses take is given back: the exam ends
//! that much later for this student.

use super::StudentSession;
use crate::domain::time::{Span, Timestamp};

impl StudentSession {
    /// Stops the clock; one that stands still goes on standing since when it did.
    pub fn pause(&mut self, now: Timestamp) {
        if self.paused_at.is_none() {
            (self.paused_at, self.updated_at) = (Some(now), now);
        }
    }

    /// Lets the clock run on; one that runs goes on running.
    pub fn resume(&mut self, now: Timestamp) {
        if self.paused_at.is_some() {
            (self.paused_before, self.updated_at) = (self.paused(now), now);
            self.paused_at = None;
        }
    }

    /// How long the clock has stood still until `now`.
    pub(super) fn paused(&self, now: Timestamp) -> Span {
        self.paused_before + self.paused_at.map_or(Span::default(), |since| now.since(since))
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::exam::{Exam, ExamSettings, ExamStatus, ExamType};
    use crate::domain::id::{ExamId, InstituteId, UserId};
    use crate::domain::student_session::life::tests::session;
    use crate::domain::student_session::{Door, Mover, SessionStatus, StudentSession};
    use crate::domain::text::Name;
    use crate::domain::time::{Minutes, Span, Timestamp};

    /// So many minutes after the student began.
    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_micros(0) + Span::minutes(minutes)
    }

    /// Half an hour for each student, between the beginning and the end of an hour.
    fn exam() -> Exam {
        let settings = ExamSettings {
            end_time: Some(at(60)),
            use_duration: true,
            duration_minutes: Minutes::try_from(30).ok(),
            ..ExamSettings::named(Name::try_from("Algebra".to_owned()).unwrap(), ExamType::Demo)
        };
        Exam {
            id: ExamId(1),
            institute_id: InstituteId(1),
            user_id: UserId(1),
            settings,
            status: ExamStatus::Open,
            token: String::new(),
            created_at: at(0),
            updated_at: at(0),
        }
    }

    fn running() -> StudentSession {
        session(SessionStatus::ExamStarted, Some(at(0)))
    }

    #[test]
    fn a_pause_is_given_back() {
        let mut session = running();
        session.pause(at(10));
        assert_eq!(session.door(&exam(), at(45)), Door::Paused, "the half hour does not run out meanwhile");
        session.resume(at(45));
        assert_eq!(session.door(&exam(), at(45)), Door::Running(Some(at(65))));
        assert_eq!(session.door(&exam(), at(64)), Door::Running(Some(at(65))), "the exam's own end waits as well");
        assert_eq!(session.door(&exam(), at(65)), Door::TimeUp);
    }

    #[test]
    fn pauses_add_up_and_one_is_not_counted_twice() {
        let mut session = running();
        for _ in 0..2 {
            session.pause(at(5));
            session.pause(at(8));
            session.resume(at(10));
            session.resume(at(12));
        }
        assert_eq!(session.paused(at(99)), Span::minutes(10));
        session.pause(at(20));
        assert_eq!(session.paused(at(21)), Span::minutes(11));
    }

    #[test]
    fn a_pause_gives_nothing_back_that_was_over_before_it_and_no_link_that_has_expired() {
        let mut session = running();
        session.pause(at(31));
        assert_eq!(session.door(&exam(), at(32)), Door::TimeUp);
        let mut session = StudentSession { expires_at: Some(at(20)), ..running() };
        session.pause(at(10));
        assert_eq!(session.door(&exam(), at(19)), Door::Paused);
        assert_eq!(session.door(&exam(), at(20)), Door::TimeUp);
    }

    #[test]
    fn the_end_of_the_exam_ends_the_pause_and_reopening_does_not_begin_it_again() {
        let mut session = running();
        session.pause(at(10));
        session.terminate(at(15)).unwrap();
        assert_eq!((session.paused_at, session.paused_before), (None, Span::minutes(5)));
        session.reopen(at(20)).unwrap();
        assert_eq!(session.door(&exam(), at(20)), Door::Running(Some(at(35))));
    }

    #[test]
    fn a_clock_that_goes_back_takes_no_time_away() {
        let mut session = running();
        session.pause(at(10));
        session.resume(at(9));
        assert_eq!(session.paused_before, Span::default());
        session.enter(SessionStatus::ExamFinished, Mover::Student, at(11)).unwrap();
    }
}
