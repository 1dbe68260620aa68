//! `/service_calls`

use actix_web::get;
use actix_web::web::Data;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::auth::Signed;
use crate::api::problem::Problem;
use crate::api::reply::{Listed, list};
use crate::app::App;
use crate::domain::Result;
use crate::domain::access::ReadServiceCalls;
use crate::domain::id::{ExamId, LtiResourceId, ServiceCallId, StudentSessionId, ToolProviderId};
use crate::domain::service_call::{CallOutcome, ServiceCall};
use crate::domain::time::Timestamp;
use crate::store::{Tx, service_calls};

/// A call of a tool as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServiceCall)]
pub struct ServiceCallView {
    id: ServiceCallId,
    /// The tool; `null` for one that wanted to register itself and was refused.
    tool_provider_id: Option<ToolProviderId>,
    /// The exam, the link and the attempt that it was about, where the call was signed and names them.
    exam_id: Option<ExamId>,
    lti_resource_id: Option<LtiResourceId>,
    student_session_id: Option<StudentSessionId>,
    /// What it asked for; empty where nobody can tell.
    #[schema(example = "replaceResult")]
    operation: String,
    outcome: CallOutcome,
    /// The HTTP status of the answer.
    #[schema(example = 422)]
    status: i64,
    /// The stable name of what was wrong.
    #[schema(example = "bad_score")]
    code: Option<String>,
    /// What it said, without secrets; and in words what was wrong. Of a wrong signature the text that should have been
    /// signed.
    #[schema(value_type = Object, example = json!({ "message_id": "1", "score": 0.83 }))]
    request: Value,
    created_at: Timestamp,
}

impl From<ServiceCall> for ServiceCallView {
    fn from(call: ServiceCall) -> Self {
        Self {
            id: call.id,
            tool_provider_id: call.tool_provider_id,
            exam_id: call.exam_id,
            lti_resource_id: call.lti_resource_id,
            student_session_id: call.student_session_id,
            operation: call.operation,
            outcome: call.outcome,
            status: call.status,
            code: call.code,
            request: serde_json::from_str(&call.request).unwrap_or_default(),
            created_at: call.created_at,
        }
    }
}

/// A page of calls.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceCallsEnvelope {
    service_calls: Vec<ServiceCallView>,
}

list! {
    /// Which calls are wanted.
    ListServiceCalls {
        /// Only calls of this tool.
        #[param(value_type = Option<i64>, example = 1)]
        tool_provider_id: Option<ToolProviderId>,
        /// Only calls about this link.
        #[param(value_type = Option<i64>, example = 1)]
        lti_resource_id: Option<LtiResourceId>,
        /// Only calls about this attempt.
        #[param(value_type = Option<i64>, example = 1)]
        student_session_id: Option<StudentSessionId>,
        /// Only calls with this outcome.
        #[param(example = "success")]
        outcome: Option<CallOutcome>,
    }
}

/// Lists what tools called in the last 30 days, good or bad, oldest first unless `sort` says otherwise: to hand grades back,
/// to use the services of LTI 1.3, to ask who a launch was about (`userinfo`), and to register themselves (`register`).
/// Authors see the calls about their exams. Of calls that prove little, such as wrong signatures, a few of each sender are
/// kept.
#[utoipa::path(tag = "service_calls", params(ListServiceCalls), responses((status = OK, body = ServiceCallsEnvelope)))]
#[get("/service_calls")]
pub async fn list_service_calls(
    Signed { auth, params }: Signed<ReadServiceCalls, ListServiceCalls>,
    app: Data<App>,
) -> Result<Listed<ServiceCallsEnvelope>, Problem> {
    let scope = auth.scope;
    let filter = service_calls::Filter {
        tool: params.tool_provider_id,
        resource: params.lti_resource_id,
        session: params.student_session_id,
        outcome: params.outcome,
    };
    let list = move |tx: &mut Tx<'_>| {
        service_calls::page(tx, scope, filter, &params.listing(service_calls::COLUMNS)?, params.request())
    };
    let page = app.store.read(auth.nonce, list).await?;
    Ok(Listed::page(page.map(ServiceCallView::from), |service_calls| ServiceCallsEnvelope { service_calls }))
}
