//! What is kept of a launch: what was sent, and what the tool said when it sent the student back.

use diesel::prelude::*;
use examlink_lti::v1::oauth1::Param;
use serde::{Deserialize, Serialize};

use crate::domain::id::{ExamId, InstituteId, LaunchId, LtiResourceId, StudentSessionId, ToolProviderId};
use crate::domain::launch::LaunchFacts;
use crate::domain::launch::login_check::LoginCheck;
use crate::domain::time::Timestamp;
use crate::schema::launches;

/// Characters of a tool's message that are kept.
const KEPT: usize = 2_000;

names! {
    /// How a launch went on, as far as this server knows.
    LaunchStatus {
        /// It was signed and handed to the student's browser.
        Launched = "launched",
        /// The tool sent the student back.
        Returned = "returned",
        /// The tool sent the student back and reported an error.
        ReturnedWithError = "returned_with_error",
        /// It could not be made; `error` says why.
        NotMade = "not_made",
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

/// Under this name stands the check that failed of the login of a launch by LTI 1.3.
const FAILED_CHECK: &str = "failed_check";

/// A launch as it was made.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable)]
#[diesel(table_name = launches)]
pub struct LaunchRecord {
    /// Its number.
    pub id: LaunchId,
    /// The institute of the exam.
    pub institute_id: InstituteId,
    /// The exam that it was made from.
    pub exam_id: ExamId,
    /// Whose launch it was.
    pub student_session_id: StudentSessionId,
    /// What was opened; it may be deleted since.
    pub lti_resource_id: LtiResourceId,
    /// The platform that it belonged to; it may be deleted since.
    pub tool_provider_id: ToolProviderId,
    /// How it went on.
    pub status: LaunchStatus,
    /// Where the form went.
    pub url: String,
    /// What was sent.
    pub parameters: SentParameters,
    /// Why it could not be made.
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
    /// When it was signed.
    pub created_at: Timestamp,
}

impl LaunchRecord {
    /// What the token said, where the launch was by LTI 1.3.
    pub fn claims(&self) -> Option<&str> {
        self.parameters.get(CLAIMS)
    }

    /// The check of its login that failed, where one did.
    pub fn failed_check(&self) -> Option<LoginCheck> {
        self.parameters.get(FAILED_CHECK)?.parse().ok()
    }
}

/// A launch on its way into the log.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = launches)]
pub struct NewLaunchRecord {
    institute_id: InstituteId,
    exam_id: ExamId,
    /// Whose launch it is.
    pub student_session_id: StudentSessionId,
    lti_resource_id: LtiResourceId,
    tool_provider_id: ToolProviderId,
    status: LaunchStatus,
    url: String,
    nonce: String,
    parameters: SentParameters,
    error: Option<String>,
    created_at: Timestamp,
}

impl NewLaunchRecord {
    /// A launch that was signed: the form's action and fields.
    pub fn made(facts: &LaunchFacts, nonce: String, url: String, fields: Vec<Param>, now: Timestamp) -> Self {
        Self { url, nonce, parameters: SentParameters(fields), ..Self::of(facts, LaunchStatus::Launched, now) }
    }

    /// A launch by LTI 1.3: where the token went, and what it says.
    pub fn signed(facts: &LaunchFacts, nonce: String, url: String, claims: String, now: Timestamp) -> Self {
        Self::made(facts, nonce, url, vec![(CLAIMS.into(), claims)], now)
    }

    /// A launch that could not be made.
    pub fn not_made(facts: &LaunchFacts, error: String, now: Timestamp) -> Self {
        let url = facts.resource.launch_url(&facts.tool).unwrap_or_default().to_owned();
        Self { url, error: Some(error), ..Self::of(facts, LaunchStatus::NotMade, now) }
    }

    /// A launch whose login was refused.
    pub fn refused(facts: &LaunchFacts, check: LoginCheck, error: String, now: Timestamp) -> Self {
        let parameters = SentParameters(vec![(FAILED_CHECK.into(), check.to_string())]);
        Self { parameters, ..Self::not_made(facts, error, now) }
    }

    fn of(facts: &LaunchFacts, status: LaunchStatus, now: Timestamp) -> Self {
        Self {
            institute_id: facts.exam.institute_id,
            exam_id: facts.exam.id,
            student_session_id: facts.session.id,
            lti_resource_id: facts.resource.id,
            tool_provider_id: facts.tool.id,
            status,
            url: String::new(),
            nonce: String::new(),
            parameters: SentParameters::default(),
            error: None,
            created_at: now,
        }
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
