//! Grade returns: results on their way to the LMS that the student came from (LTI 1.1 guide, Basic Outcomes Service;
//! Assignment and Grade Services 2.0 by LTI 1.3).

use std::fmt;

use diesel::prelude::*;
use examlink_lti::v1::launch::VerifiedLaunch;
use examlink_lti::v1::outcomes::Score as OutcomeScore;
use examlink_lti::v1p3::ags::Endpoint;
use examlink_lti::v1p3::claims::scope;

use crate::domain::id::{ExamId, GradeReturnId, InstituteId, LtiConsumerId, LtiLearnerId, StudentSessionId};
use crate::domain::lti_learner::LtiLearner;
use crate::domain::result::Score;
use crate::domain::student_session::StudentSession;
use crate::domain::text::WebUrl;
use crate::domain::time::{Span, Timestamp};
use crate::schema::grade_returns;

/// The points of a line item that an LMS makes of an exam: results go there as parts of one.
pub const MAXIMUM: f64 = 100.0;

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

names! {
    /// How an LMS takes results.
    GradeKind {
        /// LTI 1.1, Basic Outcomes.
        BasicOutcomes = "basic_outcomes",
        /// AGS, the line item that the launch names.
        LineItem = "line_item",
        /// AGS, where the launch names the course's line items alone: the one of the exam is found there, or made.
        LineItems = "line_items",
    }
}

/// Where a result goes, as the latest launch said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GradeAddress {
    /// How.
    pub kind: GradeKind,
    /// `lis_outcome_service_url`, `lineitem` or `lineitems`.
    pub url: WebUrl,
    /// `lis_result_sourcedid`; in AGS the user's id.
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
        Some(Self { kind: GradeKind::BasicOutcomes, url: WebUrl::try_from(url.to_owned()).ok()?, sourcedid })
    }

    /// The address of somebody's result in the gradebook of a launch by LTI 1.3; none where the platform takes no
    /// scores.
    pub fn in_gradebook(endpoint: &Endpoint, user_id: &str) -> Option<Self> {
        let may = |scope: &str| endpoint.scopes.iter().any(|granted| granted == scope);
        let (kind, url) = match (&endpoint.line_item, &endpoint.line_items) {
            (Some(url), _) => (GradeKind::LineItem, url),
            (None, Some(url)) if may(scope::LINE_ITEM) => (GradeKind::LineItems, url),
            _ => return None,
        };
        let url = WebUrl::try_from(url.clone()).ok()?;
        may(scope::SCORE).then_some(Self { kind, url, sourcedid: SourcedId::parse(user_id)? })
    }
}

/// A result and its way to one place of an LMS.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Identifiable, AsChangeset)]
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
    pub score: Option<Score>,
    /// The result that the LMS has.
    pub sent_score: Option<Score>,
    /// How often it was tried to send the current result.
    pub attempts: i64,
    /// Why it is not sent, in words.
    pub reason: Option<String>,
    /// When the LMS took it.
    pub sent_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// How the LMS takes it.
    #[diesel(column_name = service)]
    pub kind: GradeKind,
    /// The time that the latest score was given, in AGS.
    pub scored_at: Option<Timestamp>,
}

/// A grade return that is about to be created.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = grade_returns, treat_none_as_default_value = false)]
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
    /// How the LMS takes it.
    #[diesel(column_name = service)]
    pub kind: GradeKind,
}

impl GradeReturn {
    /// Whether it goes to this address already.
    pub fn goes_to(&self, address: &GradeAddress) -> bool {
        let known = (self.kind, &self.lis_outcome_service_url, &self.lis_result_sourcedid);
        known == (address.kind, &address.url, &address.sourcedid)
    }

    /// The return to another address, or of another session: nothing has been sent there.
    #[must_use]
    pub fn redirected(self, session: &StudentSession, address: &GradeAddress, now: Timestamp) -> Self {
        Self {
            exam_id: session.exam_id,
            student_session_id: session.id,
            kind: address.kind,
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

    /// Follows the session's result. `true` when it must be put into the queue: whatever waits there sends what is so by
    /// then.
    pub fn follow(&mut self, score: Option<Score>, now: Timestamp) -> bool {
        if score == self.score && self.status != GradeStatus::Failed {
            return false;
        }
        let queued = self.status == GradeStatus::Pending;
        (self.score, self.attempts, self.reason, self.updated_at) = (score, 0, None, now);
        self.status = self.next();
        self.status == GradeStatus::Pending && !queued
    }

    /// The time to give the next score at: later than the one before, by more than the platform may round it (AGS 2.0,
    /// score service, `timestamp`).
    pub fn next_score_at(&mut self, now: Timestamp) -> Timestamp {
        let next = self.scored_at.map_or(now, |last| now.max(last + Span::millis(1)));
        self.scored_at = Some(next);
        next
    }

    /// Notes what the LMS has taken. `true` when there is something newer to send.
    pub fn taken(&mut self, sent: Option<Score>, now: Timestamp) -> bool {
        (self.sent_score, self.sent_at, self.reason, self.updated_at) = (sent, Some(now), None, now);
        self.attempts += 1;
        self.status = self.next();
        self.status == GradeStatus::Pending
    }

    fn next(&self) -> GradeStatus {
        match (self.score, self.sent_score) {
            (now, sent) if now != sent => GradeStatus::Pending,
            (None, _) => GradeStatus::Waiting,
            (Some(_), _) => GradeStatus::Sent,
        }
    }
}

/// The result of a session: the mean of what was reached in each tool, as the tool or a person says. Tools without a
/// result do not count. Where each one that counts has a `maximum` in the exam's grading, it weighs as much.
pub fn overall(results: &[(Score, Option<f64>)]) -> Option<Score> {
    let weighed = results.iter().all(|(_, maximum)| maximum.is_some_and(|maximum| maximum > 0.0));
    let weight = |maximum: Option<f64>| if weighed { maximum.unwrap_or(1.0) } else { 1.0 };
    let whole: f64 = results.iter().map(|(_, maximum)| weight(*maximum)).sum();
    let sum: f64 = results.iter().map(|(score, maximum)| score.value() * weight(*maximum)).sum();
    // Six places are more than any gradebook shows, and hide what adding up leaves behind the fifteenth.
    OutcomeScore::new((sum / whole * 1e6).round() / 1e6).map(Score::from)
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
            kind: address.kind,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(value: f64) -> Score {
        OutcomeScore::new(value).unwrap().into()
    }

    #[test]
    fn a_session_has_the_mean_of_its_results() {
        let of = |results: &[(f64, Option<f64>)]| {
            let results: Vec<_> = results.iter().map(|(value, maximum)| (score(*value), *maximum)).collect();
            overall(&results).map(Score::value)
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[(0.0, None)]), Some(0.0));
        assert_eq!(of(&[(0.1, None), (0.2, None)]), Some(0.15));
        assert_eq!(of(&[(1.0, Some(30.0)), (0.0, Some(10.0))]), Some(0.75));
        assert_eq!(of(&[(1.0, Some(30.0)), (0.0, None)]), Some(0.5));
    }
}
