//! How a launch is shown.

use examlink_lti::v1::oauth1::Request;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::reply::shows;
use crate::domain::id::{ExamId, InstituteId, LaunchId, LtiResourceId, StudentSessionId, ToolProviderId};
use crate::domain::launch::login_check::{CheckOutcome, LoginCheck};
use crate::domain::launch::record::{LaunchRecord, LaunchStatus};
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};

/// A student's launch into a tool.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Launch)]
pub struct LaunchView {
    pub(super) id: LaunchId,
    institute_id: InstituteId,
    exam_id: ExamId,
    student_session_id: StudentSessionId,
    /// It may be deleted since.
    lti_resource_id: LtiResourceId,
    /// It may be deleted since.
    tool_provider_id: ToolProviderId,
    status: LaunchStatus,
    /// Where the student's browser sent the form, by POST.
    #[schema(example = "https://tool.example/launch?quiz=3")]
    url: String,
    /// Why it could not be made.
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
    /// When it was signed.
    created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    /// What was signed. Lists do not show it, and a launch that could not be made has none.
    signed: Option<SignedView>,
    /// What the token of a launch by LTI 1.3 said. Lists do not show it.
    #[schema(value_type = Option<Object>)]
    claims: Option<Value>,
    /// What the tool's question for a launch by LTI 1.3 was held against, in this order. Lists do not show it.
    checks: Option<Vec<CheckView>>,
}

/// One check of a login by LTI 1.3.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LaunchCheck)]
struct CheckView {
    name: LoginCheck,
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
    /// The parameters of the form, sorted by name.
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
        let was_signed = record.status != LaunchStatus::NotMade && claims.is_none();
        let signed = was_signed.then(|| SignedView::of(&record)).transpose()?;
        let checks = checks(&record);
        Ok(Self { launch: LaunchView { signed, claims, checks, ..LaunchView::listed(record) } })
    }
}

impl LaunchView {
    /// A launch without what was signed.
    pub(super) fn listed(record: LaunchRecord) -> Self {
        Self {
            id: record.id,
            institute_id: record.institute_id,
            exam_id: record.exam_id,
            student_session_id: record.student_session_id,
            lti_resource_id: record.lti_resource_id,
            tool_provider_id: record.tool_provider_id,
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
            checks: None,
        }
    }
}

/// The checks of a launch whose tool came to ask for it.
fn checks(record: &LaunchRecord) -> Option<Vec<CheckView>> {
    let failed = record.failed_check();
    let view = |name: LoginCheck| CheckView { name, outcome: name.outcome(failed) };
    (failed.is_some() || record.claims().is_some()).then(|| LoginCheck::ALL.map(view).into())
}

impl SignedView {
    fn of(record: &LaunchRecord) -> Result<Self> {
        let broken = |error: examlink_lti::Error| Error::Internal(error.to_string());
        let request = request(record);
        let mut parameters = record.parameters.0.clone();
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
    Request { method: METHOD, url: &record.url, params: &record.parameters.0 }
}
