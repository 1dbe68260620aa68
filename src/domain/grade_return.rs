//! Grade returns: results on their way to the LMS that the student came from (LTI 1.1 guide, Basic Outcomes Service).

use std::fmt;

use diesel::prelude::*;
use examlink_lti::v1::launch::VerifiedLaunch;

use crate::domain::id::{ExamId, GradeReturnId, InstituteId, LtiConsumerId, LtiLearnerId, StudentSessionId};
use crate::domain::lti_learner::LtiLearner;
use crate::domain::student_session::StudentSession;
use crate::domain::text::WebUrl;
use crate::domain::time::Timestamp;
use crate::schema::grade_returns;

names! {
    /// How far a result is on its way to the LMS.
    GradeStatus {
        /// There is no result yet.
        Waiting = "waiting",
        /// About to be sent, or to be sent again.
        Pending = "pending",
        /// The LMS has taken it.
        Sent = "sent",
        /// The LMS has refused it, or could not be reached for half a day.
        Failed = "failed",
    }
}

/// Where a result goes, as the latest launch said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GradeAddress {
    /// `lis_outcome_service_url`
    pub url: WebUrl,
    /// `lis_result_sourcedid`
    pub sourcedid: SourcedId,
}

/// What the LMS finds a result by: opaque, kept to the byte as it came. It may name the student, so it prints as `***`.
#[derive(Clone, PartialEq, Eq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct SourcedId(String);

column!(SourcedId, diesel::sql_types::Text, str, |text| Ok(Self(text)), |id| id.0.as_str());

/// The longest name of a result that is kept. The guide's own limit is 1,023.
const LONGEST: usize = 4_096;

impl SourcedId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let fits = (1..=LONGEST).contains(&text.len()) && !text.contains(char::is_control);
        fits.then(|| Self(text.to_owned()))
    }
}

impl fmt::Debug for SourcedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl GradeAddress {
    /// The address in a launch; none where the LMS wants no result, or names what cannot be one.
    pub fn read(launch: &VerifiedLaunch) -> Option<Self> {
        let url = launch.get("lis_outcome_service_url")?;
        let sourcedid = SourcedId::parse(launch.get("lis_result_sourcedid")?)?;
        Some(Self { url: WebUrl::try_from(url.to_owned()).ok()?, sourcedid })
    }
}

/// A result and its way to one place of an LMS.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable, AsChangeset)]
#[diesel(table_name = grade_returns, treat_none_as_null = true)]
pub struct GradeReturn {
    /// Its number.
    pub id: GradeReturnId,
    /// Whose it is.
    pub institute_id: InstituteId,
    /// The exam.
    pub exam_id: ExamId,
    /// The session whose result it is.
    pub student_session_id: StudentSessionId,
    /// The LMS.
    pub lti_consumer_id: LtiConsumerId,
    /// The student at the place of the LMS.
    pub lti_learner_id: LtiLearnerId,
    /// Where it goes.
    pub lis_outcome_service_url: WebUrl,
    /// What the LMS finds it by.
    pub lis_result_sourcedid: SourcedId,
    /// How far it is.
    pub status: GradeStatus,
    /// The result now, from 0 to 1; none where there is none.
    pub score: Option<String>,
    /// The result that the LMS has.
    pub sent_score: Option<String>,
    /// How often the current result was sent.
    pub attempts: i64,
    /// Why it is not sent, in words.
    pub reason: Option<String>,
    /// When the LMS took it.
    pub sent_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A grade return that is about to be created.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = grade_returns)]
pub struct NewGradeReturn {
    /// Whose it is.
    pub institute_id: InstituteId,
    /// The exam.
    pub exam_id: ExamId,
    /// The session.
    pub student_session_id: StudentSessionId,
    /// The LMS.
    pub lti_consumer_id: LtiConsumerId,
    /// The student at the place of the LMS.
    pub lti_learner_id: LtiLearnerId,
    /// Where it goes.
    pub lis_outcome_service_url: WebUrl,
    /// What the LMS finds it by.
    pub lis_result_sourcedid: SourcedId,
    /// [`GradeStatus::Waiting`]
    pub status: GradeStatus,
    /// 0.
    pub attempts: i64,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub updated_at: Timestamp,
}

impl GradeReturn {
    /// Whether it goes to this address already.
    pub fn goes_to(&self, address: &GradeAddress) -> bool {
        self.lis_outcome_service_url == address.url && self.lis_result_sourcedid == address.sourcedid
    }

    /// The return to another address, or of another session: nothing has been sent there.
    pub fn redirected(self, session: &StudentSession, address: &GradeAddress, now: Timestamp) -> Self {
        Self {
            exam_id: session.exam_id,
            student_session_id: session.id,
            lis_outcome_service_url: address.url.clone(),
            lis_result_sourcedid: address.sourcedid.clone(),
            status: GradeStatus::Waiting,
            score: None,
            sent_score: None,
            attempts: 0,
            reason: None,
            sent_at: None,
            updated_at: now,
            ..self
        }
    }
}

impl NewGradeReturn {
    /// The return of a session's result to an address.
    pub fn to(learner: &LtiLearner, session: &StudentSession, address: &GradeAddress, now: Timestamp) -> Self {
        Self {
            institute_id: session.institute_id,
            exam_id: session.exam_id,
            student_session_id: session.id,
            lti_consumer_id: learner.lti_consumer_id,
            lti_learner_id: learner.id,
            lis_outcome_service_url: address.url.clone(),
            lis_result_sourcedid: address.sourcedid.clone(),
            status: GradeStatus::Waiting,
            attempts: 0,
            created_at: now,
            updated_at: now,
        }
    }
}
