//! `/lti_resources`

use actix_web::web::Data;
use actix_web::{delete, get, patch, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::api::auth::Signed;
use crate::api::params::{Accepts, Given, Patch, requires};
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Created, Deleted, Listed, Shown, list, shows};
use crate::app::App;
use crate::domain::access::{AuthorExams, ReadContent, Scope};
use crate::domain::id::{ExamId, InstituteId, LtiResourceId, ToolDeploymentId, ToolProviderId};
use crate::domain::link_times::LinkTimes;
use crate::domain::lti_resource::{LinkDetails, LtiResource, NewLtiResource, Pixels, Points};
use crate::domain::placeholder::Placeholder;
use crate::domain::text::{CustomData, Name, Prose, WebUrl};
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::{Presentation, ToolProvider, check_launch_url};
use crate::domain::{Error, Result};
use crate::store::lti_resources::WithTool;
use crate::store::{Tx, exams, lti_resources, tool_deployments, tool_providers};

/// An LTI resource as the API shows it. What it does not set itself it shows of its tool provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LtiResource)]
pub struct LtiResourceView {
    id: LtiResourceId,
    /// What the tool knows the resource by.
    #[schema(example = "8f14e45fceea167a5a36dedd4bea2543")]
    lti_resource_link_id: String,
    tool_provider_id: ToolProviderId,
    /// Through which deployment of a tool of LTI 1.3 it is launched; without one, the first.
    tool_deployment_id: Option<ToolDeploymentId>,
    lti_resource_link_name: Name,
    exam_id: ExamId,
    lti_resource_launch_url: String,
    lti_custom_data: CustomData,
    open_in_new_tab: bool,
    description: Option<Prose>,
    icon_url: Option<WebUrl>,
    display_width: Option<Pixels>,
    display_height: Option<Pixels>,
    line_item_label: Option<Name>,
    line_item_tag: Option<Name>,
    line_item_maximum: Option<Points>,
    line_item_resource_id: Option<Name>,
    available_start_time: Option<Timestamp>,
    available_end_time: Option<Timestamp>,
    submission_start_time: Option<Timestamp>,
    submission_end_time: Option<Timestamp>,
    /// Put this, in braces or bare, where the tool should stand in the exam's instructions.
    #[schema(example = "LTI_EXAM_1")]
    placeholder: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<WithTool> for LtiResourceView {
    fn from((resource, tool): WithTool) -> Self {
        let details = resource.details.clone();
        Self {
            lti_resource_launch_url: resource.launch_url(&tool).unwrap_or_default().to_owned(),
            lti_custom_data: resource.custom_data(&tool).clone(),
            placeholder: Placeholder::LtiResource(resource.id).to_string(),
            id: resource.id,
            lti_resource_link_id: resource.lti_resource_link_id,
            tool_provider_id: resource.tool_provider_id,
            tool_deployment_id: resource.tool_deployment_id,
            lti_resource_link_name: resource.lti_resource_link_name,
            exam_id: resource.exam_id,
            open_in_new_tab: resource.open_in_new_tab,
            description: details.description,
            icon_url: details.icon_url,
            display_width: details.display_width,
            display_height: details.display_height,
            line_item_label: details.line_item_label,
            line_item_tag: details.line_item_tag,
            line_item_maximum: details.line_item_maximum,
            line_item_resource_id: details.line_item_resource_id,
            available_start_time: resource.times.available_start_time,
            available_end_time: resource.times.available_end_time,
            submission_start_time: resource.times.submission_start_time,
            submission_end_time: resource.times.submission_end_time,
            created_at: resource.created_at,
            updated_at: resource.updated_at,
        }
    }
}

/// One LTI resource.
#[derive(Debug, Serialize, ToSchema)]
pub struct LtiResourceEnvelope {
    lti_resource: LtiResourceView,
}

shows!(LtiResourceEnvelope, lti_resource);

impl From<WithTool> for LtiResourceEnvelope {
    fn from(found: WithTool) -> Self {
        Self { lti_resource: found.into() }
    }
}

/// A page of LTI resources.
#[derive(Debug, Serialize, ToSchema)]
pub struct LtiResourcesEnvelope {
    lti_resources: Vec<LtiResourceView>,
}

list! {
    /// Which LTI resources are wanted.
    ListLtiResources {
        /// Only those of this exam.
        #[param(value_type = Option<i64>, example = 1)]
        exam_id: Option<ExamId>,
    }
}

/// What an author sets of an LTI resource.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "lti_resource_link_name": "Chapter 3 quiz", "exam_id": 1, "tool_provider_id": 1,
    "lti_resource_launch_url": "https://tool.example/launch?quiz=3", "lti_custom_data": "{\"chapter\":\"3\"}",
}))]
pub struct LtiResourceFields {
    lti_resource_link_name: Given<Name>,
    /// The exam it is placed in. It stays there.
    exam_id: Given<ExamId>,
    /// The platform it belongs to, of the exam's institute.
    tool_provider_id: Given<ToolProviderId>,
    /// Through which deployment of its tool provider it is launched; without it, the first. Another tool provider begins
    /// with its own first one.
    tool_deployment_id: Patch<ToolDeploymentId>,
    /// Where launches go; without it, to the tool provider's `tool_url`.
    lti_resource_launch_url: Patch<WebUrl>,
    /// Opened in a new tab, or in a frame of the exam page. Without it as the tool provider's `presentation` says.
    open_in_new_tab: Given<bool>,
    /// A JSON object as text. Its names go over the tool provider's; what it does not name is sent as there. A value
    /// that is `$` and the name of a variable, such as `$User.id`, is sent as what that stands for; `\$` keeps the sign.
    lti_custom_data: Patch<CustomData>,
    /// What it is about, for the tool to read.
    description: Patch<Prose>,
    /// A picture of it.
    icon_url: Patch<WebUrl>,
    /// How wide the tool should be shown.
    display_width: Patch<Pixels>,
    /// How high the tool should be shown.
    display_height: Patch<Pixels>,
    /// What its grade is called.
    line_item_label: Patch<Name>,
    /// What its grade is for, in the tool's words.
    line_item_tag: Patch<Name>,
    /// The most points that it brings.
    line_item_maximum: Patch<Points>,
    /// What the tool calls the resource that it is for.
    line_item_resource_id: Patch<Name>,
    /// Students do not open it before this time, even in a running exam.
    available_start_time: Patch<Timestamp>,
    /// Students do not open it from this time on. A student's extra time moves it.
    available_end_time: Patch<Timestamp>,
    /// Its tool is told that it takes work from this time on.
    submission_start_time: Patch<Timestamp>,
    /// A grade that comes later is late, and refused where the exam's `accept_late_results` is false. A student's extra
    /// time moves it.
    submission_end_time: Patch<Timestamp>,
}

impl Accepts for LtiResourceFields {}

requires! {
    /// A new LTI resource.
    NewLtiResourceFields(LtiResourceFields): "lti_resource_link_name", "exam_id", "tool_provider_id"
}

/// Lists LTI resources, oldest first unless `sort` says otherwise.
#[utoipa::path(tag = "lti_resources", params(ListLtiResources), responses((status = OK, body = LtiResourcesEnvelope)))]
#[get("/lti_resources")]
pub async fn list_lti_resources(
    Signed { auth, params }: Signed<ReadContent, ListLtiResources>,
    app: Data<App>,
) -> Result<Listed<LtiResourcesEnvelope>, Problem> {
    let scope = auth.scope;
    let list = move |tx: &mut Tx<'_>| {
        lti_resources::page(tx, scope, params.exam_id, &params.listing(lti_resources::COLUMNS)?, params.request())
    };
    let page = app.store.read(auth.nonce, list).await?;
    Ok(Listed::page(page.map(LtiResourceView::from), |lti_resources| LtiResourcesEnvelope { lti_resources }))
}

/// Shows an LTI resource.
#[utoipa::path(tag = "lti_resources", responses((status = OK, body = LtiResourceEnvelope)))]
#[get("/lti_resources/{id}")]
pub async fn show_lti_resource(Signed { auth, .. }: Signed<ReadContent>, app: Data<App>) -> Result<Answer, Problem> {
    let (scope, id) = (auth.scope, LtiResourceId(auth.path("id")));
    Shown::<LtiResourceEnvelope>::read(&app.store, auth.nonce, move |tx| lti_resources::get(tx, scope, id)).await
}

/// Creates an LTI resource: a link of an external platform, placed in an exam. The answer carries the placeholder.
#[utoipa::path(tag = "lti_resources", request_body = NewLtiResourceFields, responses((status = CREATED, body = LtiResourceEnvelope)))]
#[post("/lti_resources")]
pub async fn create_lti_resource(
    Signed { auth, params: NewLtiResourceFields(fields) }: Signed<AuthorExams, NewLtiResourceFields>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (scope, now, allow_http) = (auth.scope, auth.at, app.allow_http_tools);
    let link_id = app.random.hex::<16>().map_err(Error::from)?;
    let create = move |tx: &mut Tx<'_>| {
        let (institute_id, exam_id) = fields.exam(tx, scope)?;
        let tool = fields.tool(tx, institute_id)?;
        fields.check_deployment(tx, tool.id)?;
        let place = Place { institute_id, exam_id, link_id: link_id.clone(), now };
        let resource = lti_resources::insert(tx, &fields.clone().build(place, &tool, allow_http)?)?;
        let path = format!("/api/v3/lti_resources/{}", resource.id);
        Ok(Created::at(path, LtiResourceEnvelope::from((resource, tool))))
    };
    Answer::once(&app.store, auth.nonce, create).await
}

/// Changes an LTI resource.
#[utoipa::path(tag = "lti_resources", request_body = LtiResourceFields, responses((status = OK, body = LtiResourceEnvelope)))]
#[patch("/lti_resources/{id}")]
pub async fn update_lti_resource(
    signed: Signed<AuthorExams, LtiResourceFields>,
    app: Data<App>,
) -> Result<Shown<LtiResourceEnvelope>, Problem> {
    update(signed, &app).await
}

/// Changes an LTI resource, as PATCH does: what is not sent stays.
#[utoipa::path(tag = "lti_resources", request_body = LtiResourceFields, responses((status = OK, body = LtiResourceEnvelope)))]
#[put("/lti_resources/{id}")]
pub async fn replace_lti_resource(
    signed: Signed<AuthorExams, LtiResourceFields>,
    app: Data<App>,
) -> Result<Shown<LtiResourceEnvelope>, Problem> {
    update(signed, &app).await
}

async fn update(
    Signed { auth, params: fields }: Signed<AuthorExams, LtiResourceFields>,
    app: &App,
) -> Result<Shown<LtiResourceEnvelope>, Problem> {
    let (id, scope, now, allow_http) = (LtiResourceId(auth.path("id")), auth.scope, auth.at, app.allow_http_tools);
    let change = move |tx: &mut Tx<'_>| {
        let change = |tx: &mut Tx<'_>, resource: &mut LtiResource| fields.clone().change(tx, resource, allow_http, now);
        lti_resources::update(tx, scope, id, change)?;
        lti_resources::get(tx, scope, id)
    };
    Ok(Shown(app.store.write(auth.nonce, change).await?.into()))
}

/// Deletes an LTI resource. One that an open exam shows stays, and the exam is named (423).
#[utoipa::path(tag = "lti_resources", responses((status = OK, body = Deleted)))]
#[delete("/lti_resources/{id}")]
pub async fn delete_lti_resource(
    Signed { auth, .. }: Signed<AuthorExams>,
    app: Data<App>,
) -> Result<Shown<Deleted>, Problem> {
    let (scope, id) = (auth.scope, LtiResourceId(auth.path("id")));
    app.store.write(auth.nonce, move |tx| lti_resources::remove(tx, scope, id)).await?;
    Ok(Shown(Deleted {}))
}

/// What a new resource gets beside its author's fields.
struct Place {
    institute_id: InstituteId,
    exam_id: ExamId,
    link_id: String,
    now: Timestamp,
}

impl LtiResourceFields {
    /// The exam that the fields name, and its institute. One that the caller does not see is no exam.
    fn exam(&self, tx: &mut Tx<'_>, scope: Scope) -> Result<(InstituteId, ExamId)> {
        let id = self.exam_id.clone().required("exam_id")?;
        match exams::get(tx, scope, id) {
            Ok(exam) => Ok((exam.institute_id, exam.id)),
            Err(Error::NotFound { .. }) => Err(Error::invalid("exam_id", "is not an exam of yours")),
            Err(other) => Err(other),
        }
    }

    /// The tool provider that the fields name, of the exam's institute.
    fn tool(&self, tx: &mut Tx<'_>, institute: InstituteId) -> Result<ToolProvider> {
        let id = self.tool_provider_id.clone().required("tool_provider_id")?;
        let found = tool_providers::find(tx, Some(institute), id)?;
        found.ok_or_else(|| Error::invalid("tool_provider_id", "is not a tool provider of the exam's institute"))
    }

    /// What is launched through a deployment is launched through one of its own tool's.
    fn check_deployment(&self, tx: &mut Tx<'_>, tool: ToolProviderId) -> Result<()> {
        tool_deployments::check(tx, tool, (DEPLOYMENT, self.tool_deployment_id.get().copied()))
    }

    fn build(self, place: Place, tool: &ToolProvider, allow_http: bool) -> Result<NewLtiResource> {
        let url = self.lti_resource_launch_url.get();
        let url = url.map(|url| check_launch_url(url, URL, allow_http)).transpose()?;
        if url.is_none() && tool.tool_url.is_empty() {
            return Err(Error::invalid(URL, NO_URL));
        }
        let mut details = LinkDetails::default();
        self.describe(&mut details);
        let mut times = LinkTimes::default();
        self.date(&mut times)?;
        let mut open_in_new_tab = tool.presentation == Presentation::Window;
        self.open_in_new_tab.replace(&mut open_in_new_tab);
        Ok(NewLtiResource {
            institute_id: place.institute_id,
            exam_id: place.exam_id,
            tool_provider_id: tool.id,
            tool_deployment_id: self.tool_deployment_id.get().copied(),
            lti_resource_link_id: place.link_id,
            lti_resource_link_name: self.lti_resource_link_name.required("lti_resource_link_name")?,
            lti_resource_launch_url: url,
            lti_custom_data: self.lti_custom_data.get().cloned(),
            open_in_new_tab,
            details,
            times,
            created_at: place.now,
            updated_at: place.now,
        })
    }

    fn change(self, tx: &mut Tx<'_>, resource: &mut LtiResource, allow_http: bool, now: Timestamp) -> Result<()> {
        if self.exam_id.get().is_some_and(|given| *given != resource.exam_id) {
            return Err(Error::invalid(
                "exam_id",
                "cannot change: its placeholder belongs to the exam; create another resource",
            ));
        }
        if self.tool_provider_id.get().is_some_and(|given| *given != resource.tool_provider_id) {
            resource.tool_provider_id = self.tool(tx, resource.institute_id)?.id;
            resource.tool_deployment_id = None;
        }
        self.check_deployment(tx, resource.tool_provider_id)?;
        self.tool_deployment_id.clone().apply(&mut resource.tool_deployment_id);
        self.describe(&mut resource.details);
        self.date(&mut resource.times)?;
        match self.lti_resource_launch_url {
            Patch::Keep => {}
            Patch::Clear => resource.lti_resource_launch_url = None,
            Patch::Set(url) => resource.lti_resource_launch_url = Some(check_launch_url(&url, URL, allow_http)?),
        }
        let tool = tool_providers::get(tx, Some(resource.institute_id), resource.tool_provider_id)?;
        if resource.launch_url(&tool).is_none() {
            return Err(Error::invalid(URL, NO_URL));
        }
        self.lti_resource_link_name.replace(&mut resource.lti_resource_link_name);
        self.open_in_new_tab.replace(&mut resource.open_in_new_tab);
        self.lti_custom_data.apply(&mut resource.lti_custom_data);
        resource.updated_at = now;
        Ok(())
    }

    fn describe(&self, details: &mut LinkDetails) {
        self.description.clone().apply(&mut details.description);
        self.icon_url.clone().apply(&mut details.icon_url);
        self.display_width.clone().apply(&mut details.display_width);
        self.display_height.clone().apply(&mut details.display_height);
        self.line_item_label.clone().apply(&mut details.line_item_label);
        self.line_item_tag.clone().apply(&mut details.line_item_tag);
        self.line_item_maximum.clone().apply(&mut details.line_item_maximum);
        self.line_item_resource_id.clone().apply(&mut details.line_item_resource_id);
    }

    fn date(&self, times: &mut LinkTimes) -> Result<()> {
        self.available_start_time.clone().apply(&mut times.available_start_time);
        self.available_end_time.clone().apply(&mut times.available_end_time);
        self.submission_start_time.clone().apply(&mut times.submission_start_time);
        self.submission_end_time.clone().apply(&mut times.submission_end_time);
        times.check()
    }
}

const DEPLOYMENT: &str = "tool_deployment_id";
const URL: &str = "lti_resource_launch_url";
const NO_URL: &str = "must be given, because the tool provider has no tool_url";
