//! The times of a link (Deep Linking 2.0, `available` and `submission`): when it may be opened, and when its tool takes
//! work. They go over those of the exam, and count from their beginning up to their end.

use diesel::prelude::*;

use crate::domain::exam::Schedule;
use crate::domain::student_session::StudentSession;
use crate::domain::time::{Span, Timestamp};
use crate::domain::{Error, FieldError, Result};
use crate::schema::lti_resources;

/// The times of a link; an absent one is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = lti_resources, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct LinkTimes {
    /// It is not opened before this time,
    pub available_start_time: Option<Timestamp>,
    /// nor from this time on.
    pub available_end_time: Option<Timestamp>,
    /// Work is taken from this time
    pub submission_start_time: Option<Timestamp>,
    /// to this time.
    pub submission_end_time: Option<Timestamp>,
}

/// Whether a link may be opened at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// Not before its time.
    NotYet,
    /// Now.
    Open,
    /// Not any more.
    Over,
}

impl LinkTimes {
    /// Checks that each span of time ends after it begins.
    pub fn check(&self) -> Result<()> {
        let spans = [
            ("available_end_time", "available_start_time", self.available_start_time, self.available_end_time),
            ("submission_end_time", "submission_start_time", self.submission_start_time, self.submission_end_time),
        ];
        let wrong =
            spans.into_iter().filter(|(.., start, end)| start.zip(*end).is_some_and(|(start, end)| end <= start));
        let error = |(end, start, ..): (&str, &str, _, _)| FieldError::invalid(end, format!("must be after {start}"));
        let errors: Vec<_> = wrong.map(error).collect();
        if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
    }

    /// The times of a student: what the student has beyond others moves the ends, as it moves that of the exam.
    #[must_use]
    pub fn of(self, session: &StudentSession, now: Timestamp) -> Self {
        self.extended(session.further_time(now))
    }

    fn extended(self, more: Span) -> Self {
        let later = |end: Option<Timestamp>| end.map(|end| end + more);
        Self {
            available_end_time: later(self.available_end_time),
            submission_end_time: later(self.submission_end_time),
            ..self
        }
    }

    /// These, and where the link says nothing, those of the student's exam, which ends for the student at `ends`.
    #[must_use]
    pub fn or_of(self, exam: impl Into<Schedule>, session: &StudentSession, ends: Option<Timestamp>) -> Self {
        let exam = exam.into();
        let opens = session.opens_at(exam);
        Self {
            available_start_time: self.available_start_time.or(opens),
            available_end_time: self.available_end_time.or(exam.end_time),
            submission_start_time: self.submission_start_time.or(opens),
            submission_end_time: self.submission_end_time.or(ends),
        }
    }

    /// Whether the link may be opened.
    pub fn availability(&self, now: Timestamp) -> Availability {
        match (self.available_start_time, self.available_end_time) {
            (Some(start), _) if now < start => Availability::NotYet,
            (_, Some(end)) if now >= end => Availability::Over,
            _ => Availability::Open,
        }
    }

    /// Whether its tool takes no more work.
    pub fn is_submission_over(&self, now: Timestamp) -> bool {
        self.submission_end_time.is_some_and(|end| now >= end)
    }

    /// What a variable of a message stands for (LTI 1.3 core, appendix B): empty where there is no such time.
    pub fn variable(&self, name: &str) -> Option<String> {
        let at = match name {
            "ResourceLink.available.startDateTime" => self.available_start_time,
            "ResourceLink.available.endDateTime" => self.available_end_time,
            "ResourceLink.submission.startDateTime" => self.submission_start_time,
            "ResourceLink.submission.endDateTime" => self.submission_end_time,
            _ => return None,
        };
        Some(at.map(|at| at.to_string()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_micros(0) + Span::minutes(minutes)
    }

    fn hour() -> LinkTimes {
        let (start, end) = (Some(at(0)), Some(at(60)));
        LinkTimes {
            available_start_time: start,
            available_end_time: end,
            submission_start_time: start,
            submission_end_time: end,
        }
    }

    #[test]
    fn a_span_counts_from_its_beginning_up_to_its_end() {
        let second = Span::seconds(1);
        for (now, availability) in [
            (at(0) - second, Availability::NotYet),
            (at(0), Availability::Open),
            (at(60) - second, Availability::Open),
            (at(60), Availability::Over),
        ] {
            assert_eq!(hour().availability(now), availability, "{now}");
        }
        assert!(!hour().is_submission_over(at(60) - second) && hour().is_submission_over(at(60)));
        assert_eq!(LinkTimes::default().availability(at(0)), Availability::Open);
    }

    #[test]
    fn further_time_moves_the_ends_alone() {
        let moved = hour().extended(Span::minutes(30));
        assert_eq!((moved.available_start_time, moved.available_end_time), (Some(at(0)), Some(at(90))));
        assert_eq!((moved.submission_start_time, moved.submission_end_time), (Some(at(0)), Some(at(90))));
    }

    #[test]
    fn what_ends_before_it_begins_is_named() {
        assert!(hour().check().is_ok() && LinkTimes::default().check().is_ok());
        let Err(Error::Invalid(errors)) = (LinkTimes { submission_start_time: Some(at(60)), ..hour() }).check() else {
            panic!("it is refused");
        };
        assert_eq!(errors, [FieldError::invalid("submission_end_time", "must be after submission_start_time")]);
    }
}
