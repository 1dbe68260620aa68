//! Student sessions: a student's registration for an exam, and the attempt itself.

mod life;
mod pause;

use diesel::prelude::*;

use crate::domain::exam::{ExamStatus, Schedule};
use crate::domain::id::{ExamId, InstituteId, StudentSessionId, UserId};
use crate::domain::secret::{Place, Sealed};
use crate::domain::text::{Email, Label, Name, Prose};
use crate::domain::time::{Minutes, Span, Timestamp};
use crate::schema::student_sessions;

pub use life::Mover;

names! {
    /// Where a student is, from the invitation to the end of the exam.
    SessionStatus {
        /// Registered; nothing was sent yet.
        Registered = "registered",
        /// About to be invited to the system check.
        BeforeCheckReqMail = "before_check_req_mail",
        /// The invitation came back.
        EmailBounced = "email_bounced",
        /// The invitation is out.
        EmailSent = "email_sent",
        /// Invited to the system check.
        AfterCheckReqMail = "after_check_req_mail",
        /// In the system check.
        BeforeCheckReq = "before_check_req",
        /// Passed the system check.
        AfterCheckReq = "after_check_req",
        /// Setting up for the exam.
        InSetup = "in_setup",
        /// Ready, and has not begun.
        ExamNotStarted = "exam_not_started",
        /// Taking the exam.
        ExamStarted = "exam_started",
        /// Done.
        ExamFinished = "exam_finished",
    }
}

/// A student's registration and attempt.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable, AsChangeset)]
#[diesel(table_name = student_sessions, treat_none_as_null = true)]
pub struct StudentSession {
    /// Its number.
    pub id: StudentSessionId,
    /// The exam's institute.
    pub institute_id: InstituteId,
    /// The exam.
    pub exam_id: ExamId,
    /// Who watches.
    pub proctor_id: Option<UserId>,
    /// What tools know the student by: opaque, the same in all the attempts of one e-mail address at one institute.
    pub student_id: String,
    /// The student's number in the institute's own system.
    pub external_id: Option<Label>,
    /// The student's name.
    pub name: Name,
    /// The student's address.
    pub email: Email,
    /// Which attempt this is, from 1.
    pub attempt: i64,
    /// Where the student is.
    pub status: SessionStatus,
    /// The link's token, sealed: those who may invite must read it again.
    pub token: Sealed,
    /// Not before this time, if it is later than the exam's.
    pub open_time: Option<Timestamp>,
    /// From then on the link opens nothing.
    pub expires_at: Option<Timestamp>,
    /// Minutes more than others have.
    pub extra_time_minutes: Minutes,
    /// When the student started.
    pub start_time: Option<Timestamp>,
    /// When the student finished.
    pub end_time: Option<Timestamp>,
    /// Something for this student alone.
    pub individual_info: Option<Prose>,
    /// Whether that is HTML.
    pub is_individual_info_html: bool,
    /// Whether the system check is left out.
    pub skip_requirements: bool,
    /// Put away.
    pub archived: bool,
    /// The group that the student belongs to, by the number that the institute's own system gave it.
    pub group_id: Option<Label>,
    /// Since when the student's clock stands still, while it does.
    pub paused_at: Option<Timestamp>,
    /// How long it stood still before.
    pub paused_before: Span,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A student session that is about to be created. Its token is sealed once its id is known.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = student_sessions, treat_none_as_default_value = false)]
pub struct NewStudentSession {
    /// The exam's institute.
    pub institute_id: InstituteId,
    /// The exam.
    pub exam_id: ExamId,
    /// What tools know the student by.
    pub student_id: String,
    /// The student's number in the institute's own system.
    pub external_id: Option<Label>,
    /// The student's name.
    pub name: Name,
    /// The student's address.
    pub email: Email,
    /// Which attempt this is.
    pub attempt: i64,
    /// [`SessionStatus::Registered`].
    pub status: SessionStatus,
    /// Finds the row by the link's token; 64 hex digits.
    pub token_hash: String,
    /// [`Sealed::pending`] until the id is known.
    pub token: Sealed,
    /// Not before this time.
    pub open_time: Option<Timestamp>,
    /// Not after this time.
    pub expires_at: Option<Timestamp>,
    /// Minutes more than others have.
    pub extra_time_minutes: Minutes,
    /// Something for this student alone.
    pub individual_info: Option<Prose>,
    /// Whether that is HTML.
    pub is_individual_info_html: bool,
    /// Whether the system check is left out.
    pub skip_requirements: bool,
    /// Put away.
    pub archived: bool,
    /// The group that the student belongs to.
    pub group_id: Option<Label>,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub updated_at: Timestamp,
}

/// What a student finds when opening the exam page now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// The exam is not published.
    Draft,
    /// The exam was closed or put away.
    Closed,
    /// Not before this time.
    NotYet(Timestamp),
    /// The link has expired, or the exam's time is over, without a start.
    Expired,
    /// May start now; a start made now ends at the time, if there is an end.
    Ready(Option<Timestamp>),
    /// Taking the exam until the time, if there is an end.
    Running(Option<Timestamp>),
    /// Started, and the clock stands still until the proctoring tool lets the student go on.
    Paused,
    /// Started, and the time ran out.
    TimeUp,
    /// Finished by the student.
    Finished,
}

impl StudentSession {
    /// What the student finds at `now`. The server decides; the page only shows it.
    pub fn door(&self, exam: impl Into<Schedule>, now: Timestamp) -> Door {
        let exam = exam.into();
        match (exam.status, self.status) {
            (_, SessionStatus::ExamFinished) => return Door::Finished,
            (ExamStatus::Closed | ExamStatus::Deleted, _) => return Door::Closed,
            (ExamStatus::Draft, _) => return Door::Draft,
            (ExamStatus::Open, _) => {}
        }
        if self.archived {
            return Door::Expired;
        }
        let over = |end: Option<Timestamp>| end.is_some_and(|end| now >= end);
        if let Some(start) = self.start_time {
            let end = self.deadline(exam, start, now);
            return match self.paused_at {
                _ if over(end) => Door::TimeUp,
                Some(_) => Door::Paused,
                None => Door::Running(end),
            };
        }
        if let Some(opens) = self.opens_at(exam).filter(|opens| now < *opens) {
            return Door::NotYet(opens);
        }
        if self.is_past_end(exam, now) { Door::Expired } else { Door::Ready(self.deadline(exam, now, now)) }
    }

    /// When the door opens: the exam's start, or the student's own later time.
    pub fn opens_at(&self, exam: impl Into<Schedule>) -> Option<Timestamp> {
        self.open_time.max(exam.into().start_time)
    }

    /// When the exam ends, as it looks at `now`, for this student who starts at `start`: the first of the exam's end and
    /// the duration, both with the student's extra time and what pauses took, and the link's expiry, which neither moves.
    pub fn deadline(&self, exam: impl Into<Schedule>, start: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let exam = exam.into();
        let by_duration = exam.duration.map(|minutes| start + minutes.span() + self.further_time(now));
        earliest(self.expires_at, earliest(by_duration, self.end_of(exam, now)))
    }

    /// Whether the exam is over for this student, begun or not: its end with the student's extra time and pauses has
    /// passed, or the link has expired.
    pub fn is_past_end(&self, exam: impl Into<Schedule>, now: Timestamp) -> bool {
        earliest(self.expires_at, self.end_of(exam.into(), now)).is_some_and(|end| now >= end)
    }

    fn end_of(&self, exam: Schedule, now: Timestamp) -> Option<Timestamp> {
        exam.end_time.map(|end| end + self.further_time(now))
    }

    /// What the student has beyond others until `now`: extra time, and what pauses took.
    pub fn further_time(&self, now: Timestamp) -> Span {
        self.extra_time_minutes.span() + self.paused(now)
    }
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// Where the token of a student session is sealed.
pub fn token_place(id: StudentSessionId, institute: InstituteId) -> Place {
    Place { column: "student_sessions.token", row: id.0, institute: institute.0 }
}
