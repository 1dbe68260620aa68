//! Submission reviews: who grades looks at what a student handed in, inside the tool (LTI Submission Review 1.0).

mod leave;

use examlink_lti::v1::launch::{CustomParameters, DocumentTarget, LaunchUrl, User as Person};
use examlink_lti::v1::oauth1::Param;
use examlink_lti::v1p3::ServiceError;
use examlink_lti::v1p3::ags::{self, ActivityProgress};
use examlink_lti::v1p3::id_token::IdToken;
use examlink_lti::v1p3::message::MessageType;
use examlink_lti::v1p3::submission_review::{ForUser, Review};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::id::UserId;
use crate::domain::launch::record::About;
use crate::domain::launch::{Consumer, LaunchFacts, Opening, learner, services};
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::selection::author;
use crate::domain::{Error, Result};

pub use leave::{OPEN_FOR, ReviewLeave, ShownTo};

/// How a tool shows what was handed in for a line item, as it says itself.
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
#[serde(try_from = "Value", into = "Value")]
pub struct SubmissionReview(Box<ags::SubmissionReview>);

json_column!(SubmissionReview);

impl TryFrom<Value> for SubmissionReview {
    type Error = ServiceError;
    fn try_from(value: Value) -> Result<Self, ServiceError> {
        ags::SubmissionReview::read(&value).map(|review| Self(Box::new(review)))
    }
}

impl From<SubmissionReview> for Value {
    fn from(review: SubmissionReview) -> Self {
        review.0.to_value()
    }
}

impl TryFrom<&ags::SubmissionReview> for SubmissionReview {
    type Error = examlink_lti::Error;
    /// Fails where its custom parameters hold what a message cannot carry.
    fn try_from(review: &ags::SubmissionReview) -> Result<Self, examlink_lti::Error> {
        CustomParameters::new(review.custom.clone()).map(|_| Self(Box::new(review.clone())))
    }
}

impl From<&SubmissionReview> for ags::SubmissionReview {
    fn from(review: &SubmissionReview) -> Self {
        (*review.0).clone()
    }
}

/// Everything that the review of a result is made from.
#[derive(Clone, Debug)]
pub struct ReviewFacts {
    /// The student in front of the link.
    pub launch: Box<LaunchFacts>,
    /// What the tool is registered with, where it speaks LTI 1.3, at the deployment of the link.
    pub registration: Option<LtiRegistration>,
    /// How far the student is, as the tool said last.
    pub progress: Option<String>,
}

impl ReviewFacts {
    /// The tool's registration, if the tool can be asked now to show the work.
    ///
    /// Fails with [`Error::Conflict`], which says what is in the way.
    pub fn reviewable(&self, allow_http: bool) -> Result<&LtiRegistration> {
        let registration = self.registration.as_ref().ok_or_else(|| Error::Conflict(NOT_1P3.into()))?;
        if !registration.settings.active {
            return Err(Error::Conflict(NOT_ACTIVE.into()));
        }
        if let Some(why) = self.review().and_then(|review| self.not_yet(review)) {
            return Err(Error::Conflict(why));
        }
        let unfit = |why: examlink_lti::Error| Error::Conflict(format!("The tool's address cannot be opened: {why}."));
        LaunchUrl::parse(self.url(), allow_http).map_err(unfit)?;
        Ok(registration)
    }

    /// Whom and what the message is about, for this reviewer.
    pub const fn about(&self, reviewer: UserId) -> About {
        About { user_id: Some(reviewer), ..self.launch.about() }
    }

    /// Where the tool shows the work.
    pub fn url(&self) -> &str {
        let own = self.review().and_then(|review| review.url.as_deref());
        own.or_else(|| self.launch.resource.launch_url(&self.launch.tool)).unwrap_or_default()
    }

    /// The message to the tool. Of the reviewer it says no more than an opaque number, and of the student what a launch
    /// does. Fails where custom data holds what a message cannot carry.
    pub fn id_token(
        &self,
        consumer: Consumer<'_>,
        reviewer: UserId,
        return_url: String,
        registration: &LtiRegistration,
    ) -> Result<IdToken> {
        let facts = &self.launch;
        let place = (consumer.url, facts.exam.id);
        let endpoint = services::endpoint(&registration.settings, place, Some(facts.resource.id));
        let review = Review { for_user: for_user(learner(&facts.session, &facts.tool)), endpoint };
        let claims = review.claims().map_err(|error| Error::Internal(error.to_string()))?;
        // A teacher looks whenever; what the student was told of times is told again.
        let times = facts.resource.times.or_of(&facts.exam, &facts.session, None);
        let opening = Opening { target: DocumentTarget::Window, return_url, relaunch: None, times };
        let mut token = IdToken {
            message_type: MessageType::SubmissionReview,
            target_link_uri: self.url().to_owned(),
            user: author(consumer.keys, reviewer),
            custom: self.custom().map_err(|error| Error::Internal(error.to_string()))?,
            ..facts.id_token(consumer, opening, registration, claims)?
        };
        token.expand(|name| facts.variable(name, consumer, &times));
        Ok(token)
    }

    fn review(&self) -> Option<&ags::SubmissionReview> {
        self.launch.resource.details.line_item_submission_review.as_ref().map(|review| &*review.0)
    }

    /// Why the tool has nothing to show of this student's work.
    fn not_yet(&self, review: &ags::SubmissionReview) -> Option<String> {
        let named = |(name, progress): (&str, _)| (self.progress.as_deref() == Some(name)).then_some(progress);
        let progress = ActivityProgress::NAMES.into_iter().find_map(named);
        if review.is_reviewable(progress) {
            return None;
        }
        let shown: Vec<&str> = review.reviewable_status.iter().map(|status| status.as_str()).collect();
        Some(match (shown.as_slice(), progress) {
            ([], _) => NEVER_SHOWN.to_owned(),
            (shown, None) => format!("The tool shows work that is {}; it has told of none yet.", shown.join(" or ")),
            (shown, Some(now)) => {
                let shown = shown.join(" or ");
                format!("The tool shows work that is {shown}; this is {}. Ask again when it is so far.", now.as_str())
            }
        })
    }

    /// The line item's own parameters, and those of the link that it does not name.
    fn custom(&self) -> Result<Vec<Param>, examlink_lti::Error> {
        let own = self.review().map(|review| review.custom.clone()).unwrap_or_default();
        let all = CustomParameters::new(own)?.over(self.launch.resource.custom_parameters(&self.launch.tool)?);
        Ok(all.written())
    }
}

const NOT_1P3: &str =
    "The tool speaks LTI 1.1, which knows no reviews; an administrator sets the tool provider's lti_version to 1.3.";
const NOT_ACTIVE: &str = "The tool is not active; an administrator sets the tool provider's active to true.";
const NEVER_SHOWN: &str = "The tool never shows what was handed in here; see the result's text, url and launch_url.";

/// Whose work it is, without what the tool provider's privacy switches hold back.
fn for_user(student: Person) -> ForUser {
    ForUser {
        user_id: student.id.unwrap_or_default(),
        name: student.full_name,
        email: student.email,
        roles: student.roles,
        ..ForUser::default()
    }
}
