//! What a caller sets of a student session.

use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::api::params::{Accepts, Given, Patch, requires};
use crate::clock::Random;
use crate::domain::access::{Permission, Role};
use crate::domain::id::{ExamId, InstituteId};
use crate::domain::secret::{Sealed, Secret, TokenHash, random_secret};
use crate::domain::student_session::{Mover, NewStudentSession, SessionStatus, StudentSession};
use crate::domain::text::{Email, Label, Name, Prose};
use crate::domain::time::{Minutes, Timestamp};
use crate::domain::{Error, Result};
use crate::store::{Tx, student_sessions};

/// What can be set of a student session.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "name": "Sam Student", "email": "sam@example.edu", "external_id": "s1024", "extra_time_minutes": 15,
}))]
pub struct StudentSessionFields {
    name: Given<Name>,
    email: Given<Email>,
    /// The student's number in your own system.
    external_id: Patch<Label>,
    /// Something that only this student sees.
    individual_info: Patch<Prose>,
    is_individual_info_html: Given<bool>,
    skip_requirements: Given<bool>,
    /// Not before this time, where it is later than the exam's start.
    open_time: Patch<Timestamp>,
    /// From then on the link opens nothing; extra time does not move it.
    expires_at: Patch<Timestamp>,
    /// Minutes more than others have.
    extra_time_minutes: Given<Minutes>,
    /// From 1; without it the one after the student's last.
    attempt: Given<Attempt>,
    archived: Given<bool>,
    /// The group that the student belongs to, by the number that your own system gave it. A launch from an LMS sets it
    /// where the LMS tells one.
    group_id: Patch<Label>,
    /// Not for a new session. Also for proctors and reviewers, as long as nothing else is sent. Before the exam any step
    /// goes to any other; `exam_finished` ends the session, and takes it back to `exam_started`, or to
    /// `exam_not_started` when the student never began.
    status: Given<SessionStatus>,
}

impl Accepts for StudentSessionFields {}

requires! {
    /// A new student session.
    NewStudentSessionFields(StudentSessionFields): "name", "email"
}

/// The number of an attempt.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(try_from = "i64")]
#[schema(value_type = i64, minimum = 1, maximum = 1_000)]
pub struct Attempt(i64);

impl TryFrom<i64> for Attempt {
    type Error = &'static str;
    fn try_from(number: i64) -> Result<Self, &'static str> {
        if (1..=1_000).contains(&number) { Ok(Self(number)) } else { Err("must be from 1 to 1000") }
    }
}

/// What is made at random for a new session.
pub struct Made {
    /// The link's token.
    pub token: Secret,
    student_id: String,
}

impl Made {
    /// A new link, and an id in case the student is not known yet.
    pub fn random(random: Random) -> Result<Self> {
        Ok(Self { token: random_secret(random)?, student_id: random.hex::<16>()? })
    }
}

impl StudentSessionFields {
    /// Refuses whatever the role may not set: those who only look after sessions set the status and nothing else.
    pub fn allowed_to(&self, role: Role) -> Result<()> {
        let Self {
            name,
            email,
            external_id,
            individual_info,
            is_individual_info_html,
            skip_requirements,
            open_time,
            expires_at,
            extra_time_minutes,
            attempt,
            archived,
            group_id,
            status,
        } = self;
        let others = [
            name.is_given(),
            email.is_given(),
            external_id.is_given(),
            individual_info.is_given(),
            is_individual_info_html.is_given(),
            skip_requirements.is_given(),
            open_time.is_given(),
            expires_at.is_given(),
            extra_time_minutes.is_given(),
            attempt.is_given(),
            archived.is_given(),
            group_id.is_given(),
        ];
        let status_alone = status.is_given() && !others.contains(&true);
        if role.may(Permission::ManageSessions) || status_alone { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// A new session of an exam.
    pub fn build(
        self,
        tx: &mut Tx<'_>,
        (institute_id, exam_id): (InstituteId, ExamId),
        made: &Made,
        now: Timestamp,
    ) -> Result<NewStudentSession> {
        if self.status.is_given() {
            return Err(Error::invalid(
                "status",
                "is not for a new session, which is registered; change it afterwards",
            ));
        }
        let (name, email) = (self.name.clone().required("name")?, self.email.clone().required("email")?);
        let attempt = match self.attempt.get() {
            Some(Attempt(number)) => *number,
            None => student_sessions::next_attempt(tx, exam_id, &email)?,
        };
        let known = student_sessions::known_student(tx, institute_id, &email)?;
        let mut new = NewStudentSession {
            institute_id,
            exam_id,
            student_id: known.unwrap_or_else(|| made.student_id.clone()),
            external_id: self.external_id.get().cloned(),
            name,
            email,
            attempt,
            status: SessionStatus::Registered,
            token_hash: TokenHash::of(&made.token).to_hex(),
            token: Sealed::pending(),
            open_time: self.open_time.get().copied(),
            expires_at: self.expires_at.get().copied(),
            extra_time_minutes: self.extra_time_minutes.get().copied().unwrap_or_default(),
            individual_info: self.individual_info.get().cloned(),
            is_individual_info_html: false,
            skip_requirements: false,
            archived: false,
            group_id: self.group_id.get().cloned(),
            created_at: now,
            updated_at: now,
        };
        self.is_individual_info_html.replace(&mut new.is_individual_info_html);
        self.skip_requirements.replace(&mut new.skip_requirements);
        self.archived.replace(&mut new.archived);
        Ok(new)
    }

    /// Writes what was given over a session.
    pub fn change(self, session: &mut StudentSession, now: Timestamp) -> Result<()> {
        if let Some(status) = self.status.get() {
            session.enter(*status, Mover::Staff, now)?;
        }
        self.name.replace(&mut session.name);
        self.email.replace(&mut session.email);
        self.external_id.apply(&mut session.external_id);
        self.individual_info.apply(&mut session.individual_info);
        self.is_individual_info_html.replace(&mut session.is_individual_info_html);
        self.skip_requirements.replace(&mut session.skip_requirements);
        self.open_time.apply(&mut session.open_time);
        self.expires_at.apply(&mut session.expires_at);
        self.extra_time_minutes.replace(&mut session.extra_time_minutes);
        if let Some(Attempt(number)) = self.attempt.get() {
            session.attempt = *number;
        }
        self.archived.replace(&mut session.archived);
        self.group_id.apply(&mut session.group_id);
        session.updated_at = now;
        Ok(())
    }
}
