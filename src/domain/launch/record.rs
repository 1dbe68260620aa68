//! What is kept of a launch, and of each other message by which a browser is sent to a tool or comes here: what was said,
//! which check failed, and what the tool said when it sent the student back.

use diesel::prelude::*;
use examlink_lti::v1::oauth1::Param;
use serde::{Deserialize, Serialize};

use crate::domain::id::{
    ExamId, InstituteId, LaunchId, LtiConsumerId, LtiResourceId, StudentSessionId, ToolProviderId, UserId,
};
use crate::domain::launch::LaunchFacts;
use crate::domain::launch::check::MessageCheck;
use crate::domain::launch::shown::MASKED;
use crate::domain::lti_consumer::LtiConsumer;
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::LtiVersion;
use crate::schema::launches;

/// Characters of a tool's message that are kept.
const KEPT: usize = 2_000;

names! {
    /// What a message is, by its name in the protocol.
    MessageKind {
        /// A launch by LTI 1.1.
        Launch = "basic-lti-launch-request",
        /// The wish to choose content, by LTI 1.1.
        ContentRequest = "ContentItemSelectionRequest",
        /// What was chosen, by LTI 1.1.
        ContentItems = "ContentItemSelection",
        /// A launch by LTI 1.3.
        ResourceLink = "LtiResourceLinkRequest",
        /// The wish to choose content, by LTI 1.3.
        DeepLinking = "LtiDeepLinkingRequest",
        /// What was chosen, by LTI 1.3.
        DeepLinks = "LtiDeepLinkingResponse",
        /// A student wants to begin a proctored exam.
        StartProctoring = "LtiStartProctoring",
        /// The proctoring tool lets the student begin.
        StartAssessment = "LtiStartAssessment",
        /// A student has ended a proctored exam.
        EndAssessment = "LtiEndAssessment",
        /// Somebody looks at a student's work.
        SubmissionReview = "LtiSubmissionReviewRequest",
        /// It was refused before it was known, or is none that is taken here.
        Unknown = "unknown",
    }
}

names! {
    /// Which way a message goes.
    Direction {
        /// From this server to a tool.
        ToTool = "to_tool",
        /// From a tool to this server.
        FromTool = "from_tool",
        /// From a learning platform to this server.
        FromPlatform = "from_platform",
        /// From this server to a learning platform.
        ToPlatform = "to_platform",
    }
}

names! {
    /// How a message went on, as far as this server knows.
    LaunchStatus {
        /// It was signed and handed to the browser that brings it.
        Launched = "launched",
        /// The tool sent the student back.
        Returned = "returned",
        /// The tool sent the student back and reported an error.
        ReturnedWithError = "returned_with_error",
        /// It could not be made; `error` says why.
        NotMade = "not_made",
        /// It came from a tool or a learning platform, and was taken.
        Received = "received",
        /// It came from one, and was not taken; `error` says why.
        Refused = "refused",
    }
}

/// The parameters of a form in the order they were sent, the signature among them.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[serde(transparent)]
pub struct SentParameters(pub Vec<Param>);

json_column!(SentParameters);

impl SentParameters {
    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}

/// Under this name stands what the token of a launch by LTI 1.3 says, as JSON. The token itself is not kept.
pub const CLAIMS: &str = "claims";

/// Under this name stands the check that failed.
const FAILED_CHECK: &str = "failed_check";

/// Whom and what a message is about, as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = launches, treat_none_as_default_value = false)]
pub struct About {
    /// The institute that it belongs to.
    pub institute_id: InstituteId,
    /// The exam.
    pub exam_id: Option<ExamId>,
    /// The student's session.
    pub student_session_id: Option<StudentSessionId>,
    /// What is opened; it may be deleted since.
    pub lti_resource_id: Option<LtiResourceId>,
    /// The tool; it may be deleted since.
    pub tool_provider_id: Option<ToolProviderId>,
    /// The learning platform, of either version; it may be deleted since.
    pub lti_consumer_id: Option<LtiConsumerId>,
    /// The author or the grader; may be deleted since.
    pub user_id: Option<UserId>,
}

impl About {
    /// Nothing but an institute.
    pub const fn institute(institute_id: InstituteId) -> Self {
        Self {
            institute_id,
            exam_id: None,
            student_session_id: None,
            lti_resource_id: None,
            tool_provider_id: None,
            lti_consumer_id: None,
            user_id: None,
        }
    }
}

impl LtiConsumer {
    /// Whom a message from it or to it is about.
    pub const fn about(&self) -> About {
        About { lti_consumer_id: Some(self.id), ..About::institute(self.institute_id) }
    }
}

impl LaunchFacts {
    /// Whom and what the launch is about.
    pub const fn about(&self) -> About {
        About {
            exam_id: Some(self.exam.id),
            student_session_id: Some(self.session.id),
            lti_resource_id: Some(self.resource.id),
            tool_provider_id: Some(self.tool.id),
            ..About::institute(self.exam.institute_id)
        }
    }
}

/// A launch as it was made, or another message.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable)]
#[diesel(table_name = launches)]
pub struct LaunchRecord {
    /// Its number.
    pub id: LaunchId,
    /// Whom and what it is about.
    #[diesel(embed)]
    pub about: About,
    /// What it is.
    pub message_type: MessageKind,
    /// Which way it went.
    pub direction: Direction,
    /// How it went on.
    pub status: LaunchStatus,
    /// Where the form went.
    pub url: String,
    /// What was said.
    pub parameters: SentParameters,
    /// What the token says of its signature, as JSON.
    pub header: Option<String>,
    /// Why it could not be made, or was refused.
    pub error: Option<String>,
    /// When the tool sent the student back for the first time.
    pub returned_at: Option<Timestamp>,
    /// What it told the student.
    pub lti_msg: Option<String>,
    /// What it told the student of an error.
    pub lti_errormsg: Option<String>,
    /// What it told the platform.
    pub lti_log: Option<String>,
    /// What it told the platform of an error.
    pub lti_errorlog: Option<String>,
    /// When it was signed, or came.
    pub created_at: Timestamp,
}

impl LaunchRecord {
    /// What the token said, where the message is one of LTI 1.3.
    pub fn claims(&self) -> Option<&str> {
        if self.is_form() { None } else { self.parameters.get(CLAIMS) }
    }

    /// The check that failed, where one did.
    pub fn failed_check(&self) -> Option<MessageCheck> {
        self.split().1?.parse().ok()
    }

    /// Whether it is a form that was signed by OAuth 1.0, as LTI 1.1 has it.
    pub fn is_form(&self) -> bool {
        self.parameters.get("oauth_signature").is_some()
    }

    /// The fields of that form.
    pub fn form(&self) -> &[Param] {
        self.split().0
    }

    /// What was said, and the name of the check that failed: this server notes it last, after whatever a sender may say.
    fn split(&self) -> (&[Param], Option<&str>) {
        let all = self.parameters.0.as_slice();
        let noted = matches!(self.status, LaunchStatus::NotMade | LaunchStatus::Refused);
        match all.split_last().filter(|((name, _), _)| noted && name == FAILED_CHECK) {
            Some(((_, check), said)) => (said, Some(check)),
            None => (all, None),
        }
    }
}

/// A message on its way into the log.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = launches, treat_none_as_default_value = false)]
pub struct NewLaunchRecord {
    #[diesel(embed)]
    about: About,
    message_type: MessageKind,
    direction: Direction,
    status: LaunchStatus,
    url: String,
    nonce: String,
    parameters: SentParameters,
    header: Option<String>,
    error: Option<String>,
    created_at: Timestamp,
}

impl NewLaunchRecord {
    /// A launch that was signed: the form's action and fields.
    pub fn made(facts: &LaunchFacts, nonce: String, url: String, fields: Vec<Param>, now: Timestamp) -> Self {
        let parameters = SentParameters(fields);
        Self { nonce, parameters, ..Self::new(facts.about(), Direction::ToTool, MessageKind::Launch, url, now) }
    }

    /// A launch that could not be made.
    pub fn not_made(facts: &LaunchFacts, error: String, now: Timestamp) -> Self {
        let url = facts.resource.launch_url(&facts.tool).unwrap_or_default().to_owned();
        let kind = match facts.tool.lti_version {
            LtiVersion::V1p1 => MessageKind::Launch,
            LtiVersion::V1p3 => MessageKind::ResourceLink,
        };
        let status = LaunchStatus::NotMade;
        Self { status, error: Some(error), ..Self::new(facts.about(), Direction::ToTool, kind, url, now) }
    }

    /// A message that was sent, or came and was taken. `url` is where the browser posted it.
    pub fn new(about: About, direction: Direction, message_type: MessageKind, url: String, now: Timestamp) -> Self {
        let status = match direction {
            Direction::ToTool | Direction::ToPlatform => LaunchStatus::Launched,
            Direction::FromTool | Direction::FromPlatform => LaunchStatus::Received,
        };
        Self {
            about,
            message_type,
            direction,
            status,
            url,
            nonce: String::new(),
            parameters: SentParameters::default(),
            header: None,
            error: None,
            created_at: now,
        }
    }

    /// The same with what its token says: the claims as [`claims`](crate::domain::launch::shown::claims) shows them, and the header.
    #[must_use]
    pub fn saying(mut self, claims: String, header: Option<String>) -> Self {
        self.parameters.0.push((CLAIMS.into(), claims));
        Self { header, ..self }
    }

    /// The same with the header of a token whose claims nobody knows to be the sender's.
    #[must_use]
    pub fn headed(self, header: Option<String>) -> Self {
        Self { header, ..self }
    }

    /// The same with the fields of its form, by LTI 1.1. What goes back and forth unread is a secret.
    #[must_use]
    pub fn with_form(mut self, fields: &[Param]) -> Self {
        let masked = |(name, value): &Param| {
            let value = if name == "data" { MASKED.to_owned() } else { value.clone() };
            (name.clone(), value)
        };
        self.parameters.0.extend(fields.iter().map(masked));
        self
    }

    /// The same under this nonce, by which a tool sends the student back.
    #[must_use]
    pub fn under(self, nonce: String) -> Self {
        Self { nonce, ..self }
    }

    /// The same, refused for this reason.
    #[must_use]
    pub fn refused(mut self, check: MessageCheck, error: String) -> Self {
        self.parameters.0.push((FAILED_CHECK.into(), check.to_string()));
        let status = match self.direction {
            Direction::ToTool | Direction::ToPlatform => LaunchStatus::NotMade,
            Direction::FromTool | Direction::FromPlatform => LaunchStatus::Refused,
        };
        Self { status, error: Some(error), ..self }
    }

    /// The student's session that goes with the record, where it is about one.
    pub const fn session(&self) -> Option<StudentSessionId> {
        self.about.student_session_id
    }
}

/// What a tool says when it sends a student back (LTI 1.1 guide, `launch_presentation_return_url`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ToolReturn {
    /// To the student.
    pub lti_msg: Option<String>,
    /// To the student, of an error.
    pub lti_errormsg: Option<String>,
    /// To the platform.
    pub lti_log: Option<String>,
    /// To the platform, of an error.
    pub lti_errorlog: Option<String>,
}

impl ToolReturn {
    /// What is kept of it: nobody signed it, so nobody may fill the log with it.
    #[must_use]
    pub fn cut(self) -> Self {
        let cut = |text: Option<String>| text.map(|text| text.chars().take(KEPT).collect());
        Self {
            lti_msg: cut(self.lti_msg),
            lti_errormsg: cut(self.lti_errormsg),
            lti_log: cut(self.lti_log),
            lti_errorlog: cut(self.lti_errorlog),
        }
    }

    /// How the launch went on, then.
    pub const fn status(&self) -> LaunchStatus {
        if self.lti_errormsg.is_some() || self.lti_errorlog.is_some() {
            LaunchStatus::ReturnedWithError
        } else {
            LaunchStatus::Returned
        }
    }
}
