//! `/tool_providers/:tool_provider_id/deployments`: the places where a tool of LTI 1.3 is deployed.

use actix_web::web::Data;
use actix_web::{delete, get, patch, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::api::auth::{Auth, Signed};
use crate::api::params::{Accepts, Given, requires};
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Created, Deleted, List, Listed, Shown, shows};
use crate::app::App;
use crate::domain::access::{ManageTools, ReadTools};
use crate::domain::id::{ToolDeploymentId, ToolProviderId};
use crate::domain::text::Name;
use crate::domain::time::Timestamp;
use crate::domain::tool_deployment::ToolDeployment;
use crate::store::{Tx, tool_deployments, tool_providers};

/// A deployment as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ToolDeployment)]
pub struct ToolDeploymentView {
    /// What LTI resources, selections and exams name it by here.
    id: ToolDeploymentId,
    tool_provider_id: ToolProviderId,
    /// What the tool knows it by. It never changes.
    #[schema(example = "8c49a5fa955f9362")]
    deployment_id: String,
    name: Name,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<ToolDeployment> for ToolDeploymentView {
    fn from(deployment: ToolDeployment) -> Self {
        let ToolDeployment { id, tool_provider_id, deployment_id, name, created_at, updated_at } = deployment;
        Self { id, tool_provider_id, deployment_id, name, created_at, updated_at }
    }
}

/// One deployment.
#[derive(Debug, Serialize, ToSchema)]
pub struct ToolDeploymentEnvelope {
    tool_deployment: ToolDeploymentView,
}

impl From<ToolDeployment> for ToolDeploymentEnvelope {
    fn from(deployment: ToolDeployment) -> Self {
        Self { tool_deployment: deployment.into() }
    }
}

shows!(ToolDeploymentEnvelope, tool_deployment);

/// A page of deployments.
#[derive(Debug, Serialize, ToSchema)]
pub struct ToolDeploymentsEnvelope {
    tool_deployments: Vec<ToolDeploymentView>,
}

/// What an administrator sets of a deployment.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "name": "Faculty of Law" }))]
pub struct ToolDeploymentFields {
    /// What people call it. Tools are not told.
    name: Given<Name>,
}

impl Accepts for ToolDeploymentFields {}

requires! {
    /// A new deployment.
    NewToolDeploymentFields(ToolDeploymentFields): "name"
}

/// Lists where a tool is deployed, oldest first unless `sort` says otherwise: the first one is where everything is that
/// names no other.
#[utoipa::path(tag = "tool_deployments", params(List), responses((status = OK, body = ToolDeploymentsEnvelope)))]
#[get("/tool_providers/{tool_provider_id}/deployments")]
pub async fn list_tool_deployments(
    Signed { auth, params }: Signed<ReadTools, List>,
    app: Data<App>,
) -> Result<Listed<ToolDeploymentsEnvelope>, Problem> {
    let (only, tool) = (auth.scope.institute, tool_of(&auth));
    let list = move |tx: &mut Tx<'_>| {
        let tool = tool_providers::get(tx, only, tool)?.id;
        tool_deployments::page(tx, tool, &params.listing(tool_deployments::COLUMNS)?, params.request())
    };
    let page = app.store.read(auth.nonce, list).await?;
    let page = page.map(ToolDeploymentView::from);
    Ok(Listed::page(page, |tool_deployments| ToolDeploymentsEnvelope { tool_deployments }))
}

/// Shows a deployment.
#[utoipa::path(tag = "tool_deployments", responses((status = OK, body = ToolDeploymentEnvelope)))]
#[get("/tool_providers/{tool_provider_id}/deployments/{id}")]
pub async fn show_tool_deployment(Signed { auth, .. }: Signed<ReadTools>, app: Data<App>) -> Result<Answer, Problem> {
    let (only, tool, id) = (auth.scope.institute, tool_of(&auth), ToolDeploymentId(auth.path("id")));
    let get = move |tx: &mut Tx<'_>| {
        let tool = tool_providers::get(tx, only, tool)?.id;
        tool_deployments::get(tx, tool, id)
    };
    Shown::<ToolDeploymentEnvelope>::read(&app.store, auth.nonce, get).await
}

/// Deploys a tool of LTI 1.3 once more: for a faculty, say, that the tool is to keep apart from the others. Enter the
/// `deployment_id` of the answer in the tool, and name the `id` in LTI resources, selections and exams.
#[utoipa::path(tag = "tool_deployments", request_body = NewToolDeploymentFields, responses((status = CREATED, body = ToolDeploymentEnvelope)))]
#[post("/tool_providers/{tool_provider_id}/deployments")]
pub async fn create_tool_deployment(
    Signed { auth, params: NewToolDeploymentFields(fields) }: Signed<ManageTools, NewToolDeploymentFields>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (only, tool, now, random) = (auth.scope.institute, tool_of(&auth), auth.at, app.random);
    let create = move |tx: &mut Tx<'_>| {
        let tool = tool_providers::get(tx, only, tool)?.id;
        let name = fields.name.clone().required("name")?;
        let created = tool_deployments::insert(tx, tool, &name, random, now)?;
        let path = format!("/api/v3/tool_providers/{tool}/deployments/{}", created.id);
        Ok(Created::at(path, ToolDeploymentEnvelope::from(created)))
    };
    Answer::once(&app.store, auth.nonce, create).await
}

/// Changes what people call a deployment.
#[utoipa::path(tag = "tool_deployments", request_body = ToolDeploymentFields, responses((status = OK, body = ToolDeploymentEnvelope)))]
#[patch("/tool_providers/{tool_provider_id}/deployments/{id}")]
pub async fn update_tool_deployment(
    signed: Signed<ManageTools, ToolDeploymentFields>,
    app: Data<App>,
) -> Result<Shown<ToolDeploymentEnvelope>, Problem> {
    update(signed, &app).await
}

/// Changes what people call a deployment, as PATCH does: what is not sent stays.
#[utoipa::path(tag = "tool_deployments", request_body = ToolDeploymentFields, responses((status = OK, body = ToolDeploymentEnvelope)))]
#[put("/tool_providers/{tool_provider_id}/deployments/{id}")]
pub async fn replace_tool_deployment(
    signed: Signed<ManageTools, ToolDeploymentFields>,
    app: Data<App>,
) -> Result<Shown<ToolDeploymentEnvelope>, Problem> {
    update(signed, &app).await
}

async fn update(
    Signed { auth, params: fields }: Signed<ManageTools, ToolDeploymentFields>,
    app: &App,
) -> Result<Shown<ToolDeploymentEnvelope>, Problem> {
    let (only, tool, id) = (auth.scope.institute, tool_of(&auth), ToolDeploymentId(auth.path("id")));
    let now = auth.at;
    let change = move |tx: &mut Tx<'_>| {
        let tool = tool_providers::get(tx, only, tool)?.id;
        tool_deployments::update(tx, tool, id, |deployment| {
            fields.name.clone().replace(&mut deployment.name);
            deployment.updated_at = now;
        })
    };
    Ok(Shown(app.store.write(auth.nonce, change).await?.into()))
}

/// Deletes a deployment. The first one stays, and so does one that LTI resources or exams name (409).
#[utoipa::path(tag = "tool_deployments", responses((status = OK, body = Deleted)))]
#[delete("/tool_providers/{tool_provider_id}/deployments/{id}")]
pub async fn delete_tool_deployment(
    Signed { auth, .. }: Signed<ManageTools>,
    app: Data<App>,
) -> Result<Shown<Deleted>, Problem> {
    let (only, tool, id) = (auth.scope.institute, tool_of(&auth), ToolDeploymentId(auth.path("id")));
    let remove = move |tx: &mut Tx<'_>| {
        let tool = tool_providers::get(tx, only, tool)?.id;
        tool_deployments::remove(tx, tool, id)
    };
    app.store.write(auth.nonce, remove).await?;
    Ok(Shown(Deleted {}))
}

fn tool_of<P>(auth: &Auth<P>) -> ToolProviderId {
    ToolProviderId(auth.path("tool_provider_id"))
}
