//! Learners: those who came from a place of an LMS to take an exam.

use diesel::prelude::*;

use crate::clock::Random;
use crate::domain::Result;
use crate::domain::arrival::Person;
use crate::domain::exam::Exam;
use crate::domain::id::{LtiConsumerId, LtiLearnerId, LtiPlacementId, StudentSessionId};
use crate::domain::secret::{Sealed, Secret, TokenHash, random_secret};
use crate::domain::student_session::{NewStudentSession, SessionStatus};
use crate::domain::text::Label;
use crate::domain::time::{Minutes, Span, Timestamp};
use crate::schema::lti_learners;

/// How long the link of one launch opens the exam page. The next launch gives a new one.
pub const VISIT: Span = Span::hours(12);

/// Somebody at one place of an LMS.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable)]
#[diesel(table_name = lti_learners)]
pub struct LtiLearner {
    /// Its number.
    pub id: LtiLearnerId,
    /// The LMS.
    pub lti_consumer_id: LtiConsumerId,
    /// The place.
    pub lti_placement_id: LtiPlacementId,
    /// The session that the latest launch led to.
    pub student_session_id: StudentSessionId,
    /// What the LMS knows the person by.
    pub user_id: Label,
}

/// A learner who is about to be noted.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = lti_learners, treat_none_as_default_value = false)]
pub struct NewLtiLearner {
    /// The LMS.
    pub lti_consumer_id: LtiConsumerId,
    /// The place.
    pub lti_placement_id: LtiPlacementId,
    /// The session.
    pub student_session_id: StudentSessionId,
    /// What the LMS knows the person by.
    pub user_id: Label,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub updated_at: Timestamp,
}

/// What is made at random for a launch, in case it needs it.
#[derive(Clone, Debug)]
pub struct Made {
    /// The token of the visit, which the launch leads to.
    pub visit: Secret,
    /// The token of a new session's own link.
    pub link: Secret,
    /// What tools will know a new student by.
    pub student_id: String,
    /// The name of a job.
    pub job: String,
}

impl Made {
    /// New random values.
    pub fn random(random: Random) -> Result<Self> {
        let (visit, link) = (random_secret(random)?, random_secret(random)?);
        Ok(Self { visit, link, student_id: random.hex::<16>()?, job: random.hex::<16>()? })
    }
}

/// A new session for somebody who was sent by an LMS: at the exam's door already, so that no invitation is owed. Tools
/// know the student by `student_id`.
pub fn new_session(
    exam: &Exam,
    person: &Person,
    (attempt, student_id): (i64, String),
    link: &Secret,
    now: Timestamp,
) -> NewStudentSession {
    NewStudentSession {
        institute_id: exam.institute_id,
        exam_id: exam.id,
        student_id,
        external_id: Some(person.external_id.clone()),
        name: person.name.clone(),
        email: person.email.clone(),
        attempt,
        status: SessionStatus::ExamNotStarted,
        token_hash: TokenHash::of(link).to_hex(),
        token: Sealed::pending(),
        open_time: None,
        expires_at: None,
        extra_time_minutes: Minutes::default(),
        individual_info: None,
        is_individual_info_html: false,
        skip_requirements: false,
        archived: false,
        group_id: person.group_id.clone(),
        created_at: now,
        updated_at: now,
    }
}
