//! How a launch is shown.

use examlink_lti::v1::oauth1::Request;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::reply::shows;
use crate::domain::id::{
    ExamId, InstituteId, LaunchId, LtiConsumerId, LtiResourceId, StudentSessionId, ToolProviderId, UserId,
};
use crate::domain::launch::check::{CheckOutcome, MessageCheck};
use crate::domain::launch::record::{Direction, LaunchRecord, LaunchStatus, MessageKind};
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};

/// A student's launch into a tool, or another message by which a browser was sent to a tool or came here.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Launch)]
pub struct LaunchView {
    pub(super) id: LaunchId,
    institute_id: InstituteId,
    message_type: MessageKind,
    direction: Direction,
    /// The exam, where the message is about one.
    exam_id: Option<ExamId>,
    /// The student's session, where the message is about one: of a review, whose work it is.
    student_session_id: Option<StudentSessionId>,
    /// What was opened. It may be deleted since.
    lti_resource_id: Option<LtiResourceId>,
    /// The tool. It may be deleted since.
    tool_provider_id: Option<ToolProviderId>,
    /// The learning platform: one of `/lti_consumers`, or by LTI 1.3 of `/lti_platforms`. It may be deleted since.
    lti_consumer_id: Option<LtiConsumerId>,
    /// The author who chooses content, or who looks at a student's work. May be deleted since.
    user_id: Option<UserId>,
    status: LaunchStatus,
    /// Where the browser sent the form, by POST.
    #[schema(example = "https://tool.example/launch?quiz=3")]
    url: String,
    /// Why it could not be made, or was refused.
    error: Option<String>,
    /// When the tool first sent the student back.
    returned_at: Option<Timestamp>,
    /// What the tool told the student then.
    lti_msg: Option<String>,
    /// What the tool told the student of an error.
    lti_errormsg: Option<String>,
    /// What the tool told this platform.
    lti_log: Option<String>,
    /// What the tool told this platform of an error.
    lti_errorlog: Option<String>,
    /// When it was signed, or came.
    created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    /// What was signed by LTI 1.1. Lists do not show it, and a launch that could not be made has none.
    signed: Option<SignedView>,
    /// What the token of LTI 1.3 said, where it is the sender's; secrets are `***`. Lists do not show it.
    #[schema(value_type = Option<Object>)]
    claims: Option<Value>,
    /// The header of that token: by which key it says that it is signed. Lists do not show it.
    #[schema(value_type = Option<Object>, example = json!({ "typ": "JWT", "alg": "RS256", "kid": "2026-11" }))]
    header: Option<Value>,
    /// What the message was held against, or the tool's question for it, in this order. Lists do not show it.
    checks: Option<Vec<CheckView>>,
}

/// One check of a message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LaunchCheck)]
struct CheckView {
    name: MessageCheck,
    outcome: CheckOutcome,
}

/// What a launch was signed over (RFC 5849 section 3.4.1).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignedLaunch)]
struct SignedView {
    /// The HTTP method.
    #[schema(example = "POST")]
    method: &'static str,
    /// The URL without its query, as it is signed.
    #[schema(example = "https://tool.example/launch")]
    base_string_uri: String,
    /// The parameters of the form, sorted by name. A secret among them is `***`, here and in the base string.
    parameters: Vec<ParameterView>,
    /// What the signature is made of.
    base_string: String,
    /// The signature, in base64. The secret is never shown.
    #[schema(example = "8+YbF4hSCAGeHBbmVcUJL7gEsJM=")]
    signature: String,
}

/// One parameter, decoded.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LaunchParameter)]
struct ParameterView {
    #[schema(example = "resource_link_title")]
    name: String,
    #[schema(example = "Chapter 3 quiz")]
    value: String,
}

/// One launch.
#[derive(Debug, Serialize, ToSchema)]
pub struct LaunchEnvelope {
    launch: LaunchView,
}

shows!(LaunchEnvelope, launch);

impl LaunchEnvelope {
    /// A launch with what was signed.
    pub(super) fn of(record: LaunchRecord) -> Result<Self> {
        let claims = record.claims().map(|claims| serde_json::from_str(claims).unwrap_or_default());
        let header = record.header.as_deref().map(|header| serde_json::from_str(header).unwrap_or_default());
        let signed = record.is_form().then(|| SignedView::of(&record)).transpose()?;
        let checks = checks(&record);
        Ok(Self { launch: LaunchView { signed, claims, header, checks, ..LaunchView::listed(record) } })
    }
}

impl LaunchView {
    /// A launch without what was signed.
    pub(super) fn listed(record: LaunchRecord) -> Self {
        Self {
            id: record.id,
            institute_id: record.about.institute_id,
            message_type: record.message_type,
            direction: record.direction,
            exam_id: record.about.exam_id,
            student_session_id: record.about.student_session_id,
            lti_resource_id: record.about.lti_resource_id,
            tool_provider_id: record.about.tool_provider_id,
            lti_consumer_id: record.about.lti_consumer_id,
            user_id: record.about.user_id,
            status: record.status,
            url: record.url,
            error: record.error,
            returned_at: record.returned_at,
            lti_msg: record.lti_msg,
            lti_errormsg: record.lti_errormsg,
            lti_log: record.lti_log,
            lti_errorlog: record.lti_errorlog,
            created_at: record.created_at,
            updated_at: record.returned_at.unwrap_or(record.created_at),
            signed: None,
            claims: None,
            header: None,
            checks: None,
        }
    }
}

/// The checks of a message that came to some: none did of a launch whose tool never asked for it.
fn checks(record: &LaunchRecord) -> Option<Vec<CheckView>> {
    let failed = record.failed_check();
    let all = MessageCheck::all(record.message_type, record.direction);
    let made = failed.is_some() || record.claims().is_some() || record.direction != Direction::ToTool;
    let view = |(name, outcome)| CheckView { name, outcome };
    (made && !all.is_empty()).then(|| CheckOutcome::of_all(all, failed).into_iter().map(view).collect())
}

impl SignedView {
    fn of(record: &LaunchRecord) -> Result<Self> {
        let broken = |error: examlink_lti::Error| Error::Internal(error.to_string());
        let request = request(record);
        let mut parameters = record.form().to_vec();
        parameters.sort();
        Ok(Self {
            method: METHOD,
            base_string_uri: request.base_string_uri().map_err(broken)?,
            base_string: request.base_string().map_err(broken)?,
            signature: record.parameters.get("oauth_signature").unwrap_or_default().to_owned(),
            parameters: parameters
                .into_iter()
                .map(|(name, value)| ParameterView { name: name.into_owned(), value })
                .collect(),
        })
    }
}

/// A launch is a POST (LTI 1.1 guide, Basic Launch Data).
const METHOD: &str = "POST";

/// A launch as it was signed.
pub(super) fn request(record: &LaunchRecord) -> Request<'_> {
    Request { method: METHOD, url: &record.url, params: record.form() }
}
