//! `POST /launches/:id/compare`: why a tool finds another signature.

use actix_web::post;
use actix_web::web::Data;
use examlink_lti::v1::oauth1::SignatureMethod;
use examlink_lti::v1::oauth1::compare::{Cause, Difference, explain};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::view::request;
use crate::api::auth::Signed;
use crate::api::params::{Accepts, Given, requires};
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Shown, shows};
use crate::app::App;
use crate::domain::access::{ReadContent, Scope};
use crate::domain::id::LaunchId;
use crate::domain::launch::record::{Direction, LaunchRecord, LaunchStatus};
use crate::domain::tool_provider::secret_place;
use crate::domain::{Error, Result};
use crate::store::launches::log;
use crate::store::{Tx, tool_providers};

/// What a tool made of a launch.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "base_string": "POST&http%3A%2F%2Ftool.example%2Flaunch&oauth_nonce%3D…", "oauth_signature": "8+YbF4hSCAGeHBbmVcUJL7gEsJM=",
}))]
pub struct CompareLaunchFields {
    /// The base string that the tool made, as its log shows it.
    base_string: Given<String>,
    /// The signature that the tool expected. It tells whether the tool has the same secret.
    oauth_signature: Given<String>,
}

impl Accepts for CompareLaunchFields {}

requires! {
    /// What a tool made of a launch, the base string at least.
    NewCompareLaunchFields(CompareLaunchFields): "base_string"
}

/// What is wrong between a tool and this server.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparisonEnvelope {
    comparison: ComparisonView,
}

shows!(ComparisonEnvelope);

/// Where two base strings differ first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LaunchComparison)]
struct ComparisonView {
    /// Whether the two base strings are the same.
    same: bool,
    /// The stable name of the likely cause.
    #[schema(example = "scheme")]
    cause: Option<&'static str>,
    /// The parameter that the difference is in.
    parameter: Option<String>,
    /// What stands in the base string of this server, decoded.
    ours: Option<String>,
    /// What stands in the tool's, decoded.
    theirs: Option<String>,
    /// What happened and the way out.
    advice: Option<&'static str>,
    /// What the tool's signature over its own base string tells of its secret.
    signature: Option<SignatureView>,
}

/// What a tool's signature tells. The secret is not shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignatureComparison)]
struct SignatureView {
    /// The stable name of the likely cause; `same` where secret and signature are right.
    #[schema(example = "secret_white_space")]
    cause: &'static str,
    /// What happened and the way out.
    advice: String,
}

/// Compares what a tool signed with what was sent to it, and names the first difference and its likely cause.
#[utoipa::path(tag = "launches", request_body = NewCompareLaunchFields, responses((status = OK, body = ComparisonEnvelope)))]
#[post("/launches/{id}/compare")]
pub async fn compare_launch(
    Signed { auth, params: NewCompareLaunchFields(fields) }: Signed<ReadContent, NewCompareLaunchFields>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (scope, id) = (auth.scope, LaunchId(auth.path("id")));
    let compare = move |tx: &mut Tx<'_>| {
        let record = log::get(tx, scope, id)?;
        if record.status == LaunchStatus::NotMade {
            return Err(Error::Conflict("This launch could not be made, so there is nothing to compare.".into()));
        }
        if record.claims().is_some() {
            let why = "This launch was made by LTI 1.3, which has no base string; `claims` tells what the token said.";
            return Err(Error::Conflict(why.into()));
        }
        if record.direction != Direction::ToTool {
            let why = "This message was not sent to a tool. Compare one that was.";
            return Err(Error::Conflict(why.into()));
        }
        Ok(Shown(ComparisonEnvelope { comparison: fields.clone().compare(tx, scope, &record)? }))
    };
    Answer::once(&app.store, auth.nonce, compare).await
}

impl CompareLaunchFields {
    fn compare(self, tx: &mut Tx<'_>, scope: Scope, record: &LaunchRecord) -> Result<ComparisonView> {
        let theirs = self.base_string.required("base_string")?;
        let difference = request(record).compare(&theirs).map_err(|error| Error::Internal(error.to_string()))?;
        let signature = self.oauth_signature.get().map(|signature| explained(tx, scope, record, (&theirs, signature)));
        Ok(ComparisonView { signature: signature.transpose()?, ..ComparisonView::of(difference) })
    }
}

impl ComparisonView {
    fn of(difference: Option<Difference>) -> Self {
        let cause = difference.as_ref().map(|found| found.cause);
        let (ours, theirs, parameter) =
            difference.map_or((None, None, None), |found| (Some(found.ours), Some(found.theirs), found.parameter));
        Self {
            same: cause.is_none(),
            cause: cause.map(Cause::name),
            advice: cause.map(Cause::advice),
            parameter,
            ours,
            theirs,
            signature: None,
        }
    }
}

/// What the tool's signature over its own base string says of its secret.
fn explained(
    tx: &mut Tx<'_>,
    scope: Scope,
    record: &LaunchRecord,
    (theirs, signature): (&str, &str),
) -> Result<SignatureView> {
    let gone = || Error::invalid("oauth_signature", "cannot be checked: the tool provider was deleted");
    let tool = record.about.tool_provider_id.ok_or_else(gone)?;
    let tool = tool_providers::find(tx, scope.institute, tool)?.ok_or_else(gone)?;
    let secret = tx.keys().open(&tool.oauth_consumer_secret, secret_place(tool.id, tool.institute_id))?;
    let method = record.parameters.get("oauth_signature_method").and_then(|name| name.parse().ok());
    let method = method.unwrap_or(SignatureMethod::HmacSha1);
    let cause = explain(theirs.trim(), signature.trim(), method, &secret);
    Ok(SignatureView { cause: cause.name(), advice: cause.advice() })
}
