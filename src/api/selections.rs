//! `/exams/:exam_id/selections`: choosing content in a tool (deep linking).

use actix_web::web::Data;
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::api::auth::Signed;
use crate::api::params::Accepts;
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Created, Shown, shows};
use crate::app::App;
use crate::domain::access::{AuthorExams, ReadContent};
use crate::domain::id::{ExamId, InstituteId, LtiResourceId, SelectionId, ToolDeploymentId, ToolProviderId, UserId};
use crate::domain::placeholder::Placeholder;
use crate::domain::secret::{TokenHash, random_secret};
use crate::domain::selection::{NewSelection, OPEN_FOR, SelectedItem, SelectedItems, Selection, SelectionState};
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};
use crate::store::{Tx, exams, lti_registrations, selections, tool_deployments, tool_providers};

/// An author's way through a tool, as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Selection)]
pub struct SelectionView {
    id: SelectionId,
    exam_id: ExamId,
    tool_provider_id: ToolProviderId,
    tool_deployment_id: Option<ToolDeploymentId>,
    /// Who chooses.
    user_id: UserId,
    state: SelectionState,
    /// Opens the tool in a browser. Only in the answer that makes it; whoever has it can choose in the author's name
    /// until `expires_at`.
    #[schema(example = "https://exams.example.edu/selections/3f0c…")]
    selection_url: Option<String>,
    /// What came of it, in the tool's order, and how each is written into the exam's instructions.
    items: Vec<SelectedItem>,
    /// The LTI resources among that.
    #[schema(example = json!([1]))]
    lti_resource_ids: Vec<LtiResourceId>,
    /// Their placeholders, for the exam's instructions.
    #[schema(example = json!(["LTI_EXAM_1"]))]
    placeholders: Vec<String>,
    /// What the tool said to the author.
    #[schema(example = "Your quiz was added.")]
    message: Option<String>,
    /// Why nothing came of it: what the tool reported, or which item of the tool's could not be taken.
    error: Option<String>,
    /// The author must be back before this time.
    expires_at: Timestamp,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl SelectionView {
    fn at(now: Timestamp, selection: Selection) -> Self {
        let SelectedItems(items) = &selection.items;
        let lti_resource_ids: Vec<LtiResourceId> = items.iter().filter_map(|item| item.lti_resource_id).collect();
        let placeholder = |id: &LtiResourceId| Placeholder::LtiResource(*id).to_string();
        Self {
            id: selection.id,
            exam_id: selection.exam_id,
            tool_provider_id: selection.tool_provider_id,
            tool_deployment_id: selection.tool_deployment_id,
            user_id: selection.user_id,
            state: selection.state_at(now),
            selection_url: None,
            placeholders: lti_resource_ids.iter().map(placeholder).collect(),
            lti_resource_ids,
            items: items.clone(),
            message: selection.message,
            error: selection.error,
            expires_at: selection.expires_at,
            created_at: selection.created_at,
            updated_at: selection.updated_at,
        }
    }
}

/// One selection.
#[derive(Debug, Serialize, ToSchema)]
pub struct SelectionEnvelope {
    selection: SelectionView,
}

shows!(SelectionEnvelope, selection);

/// In which tool.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "tool_provider_id": 1 }))]
pub struct NewSelectionFields {
    /// A tool provider of the exam's institute, with `use_as_basic_link` false and a `tool_url`, or by
    /// LTI 1.3 a `deep_linking_url`.
    tool_provider_id: ToolProviderId,
    /// Through which deployment of it content is chosen, and launched then; without it, the first.
    #[serde(default)]
    tool_deployment_id: Option<ToolDeploymentId>,
}

impl Accepts for NewSelectionFields {
    const REQUIRED: &'static [&'static str] = &["tool_provider_id"];
}

/// Begins a selection: open `selection_url` in the author's browser, and choose. Links that are launched become
/// LTI resources of the exam, files and images its attachments, and pages and HTML are pieces for its instructions: all
/// of it or nothing. Show the selection for what to write into the instructions.
#[utoipa::path(tag = "selections", request_body = NewSelectionFields, responses((status = CREATED, body = SelectionEnvelope)))]
#[post("/exams/{exam_id}/selections")]
pub async fn create_selection(
    Signed { auth, params }: Signed<AuthorExams, NewSelectionFields>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (scope, exam, user_id, now) = (auth.scope, ExamId(auth.path("exam_id")), auth.user.id, auth.at);
    let token = random_secret(app.random)?;
    let selection_url = format!("{}/selections/{}", app.public_url.as_str(), token.reveal());
    let begin = move |tx: &mut Tx<'_>| {
        let exam = exams::get(tx, scope, exam)?;
        check_tool(tx, exam.institute_id, params.tool_provider_id)?;
        let deployment = ("tool_deployment_id", params.tool_deployment_id);
        tool_deployments::check(tx, params.tool_provider_id, deployment)?;
        let new = NewSelection {
            institute_id: exam.institute_id,
            exam_id: exam.id,
            tool_provider_id: params.tool_provider_id,
            tool_deployment_id: params.tool_deployment_id,
            user_id,
            token_hash: TokenHash::of(&token).to_hex(),
            state: SelectionState::Waiting,
            items: SelectedItems::default(),
            expires_at: now + OPEN_FOR,
            created_at: now,
            updated_at: now,
        };
        let selection = SelectionView::at(now, selections::insert(tx, &new)?);
        let path = format!("/api/v3/exams/{}/selections/{}", exam.id, selection.id);
        let selection = SelectionView { selection_url: Some(selection_url.clone()), ..selection };
        Ok(Created::at(path, SelectionEnvelope { selection }))
    };
    Answer::once(&app.store, auth.nonce, begin).await
}

/// Shows what came of a selection.
#[utoipa::path(tag = "selections", responses((status = OK, body = SelectionEnvelope)))]
#[get("/exams/{exam_id}/selections/{id}")]
pub async fn show_selection(
    Signed { auth, .. }: Signed<ReadContent>,
    app: Data<App>,
) -> Result<Shown<SelectionEnvelope>, Problem> {
    let (scope, exam, id) = (auth.scope, ExamId(auth.path("exam_id")), SelectionId(auth.path("id")));
    let get = move |tx: &mut Tx<'_>| {
        exams::get(tx, scope, exam)?;
        selections::get(tx, scope, exam, id)
    };
    let selection = app.store.read(auth.nonce, get).await?;
    Ok(Shown(SelectionEnvelope { selection: SelectionView::at(auth.at, selection) }))
}

fn check_tool(tx: &mut Tx<'_>, institute: InstituteId, id: ToolProviderId) -> Result<()> {
    let refused = |why: &str| Err(Error::invalid("tool_provider_id", why));
    let Some(tool) = tool_providers::find(tx, Some(institute), id)? else {
        return refused("is not a tool provider of the exam's institute");
    };
    if tool.use_as_basic_link {
        return refused(
            "is launched directly; set its use_as_basic_link to false to choose content in it, or create an LTI resource",
        );
    }
    match lti_registrations::of(tx, &tool)? {
        Some(registration) if !registration.settings.active => {
            refused("is not active; an administrator sets its active to true")
        }
        Some(registration) if registration.chooser(&tool).is_empty() => {
            refused("has no deep_linking_url and no tool_url, and that is where content is chosen")
        }
        None if tool.tool_url.is_empty() => refused("has no tool_url, and that is where content is chosen"),
        _ => Ok(()),
    }
}
