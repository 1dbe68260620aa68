//! `/institutes`

use actix_web::web::Data;
use actix_web::{delete, get, patch, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::api::auth::Signed;
use crate::api::params::{Accepts, Given, Patch, requires};
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Created, Deleted, List, Listed, Shown, shows};
use crate::app::App;
use crate::domain::Result;
use crate::domain::access::{EditInstitute, ManageInstitutes, ReadInstitute};
use crate::domain::id::InstituteId;
use crate::domain::institute::{Institute, NewInstitute, Switches};
use crate::domain::text::{Language, Name, WebUrl};
use crate::domain::time::{Days, Timestamp};
use crate::store::{Tx, institutes};

/// An institute as the API shows it. The `logo_image_…` fields are empty: no logo has been given.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Institute)]
pub struct InstituteView {
    id: InstituteId,
    name: Name,
    short_name: Name,
    callback_url: Option<WebUrl>,
    #[schema(example = true)]
    check_requirements_emails_enabled: bool,
    #[schema(example = true)]
    reminder_emails_enabled: bool,
    #[schema(example = true)]
    exam_link_emails_enabled: bool,
    #[schema(example = true)]
    exam_changed_emails_enabled: bool,
    #[schema(example = true)]
    exam_finalized_emails_enabled: bool,
    global_proctor: bool,
    global_reviewer: bool,
    default_language: Language,
    custom_languages: Vec<Language>,
    /// Days that student sessions are kept; without it they stay.
    session_retention_period: Option<Days>,
    logo_image_file_name: Option<String>,
    logo_image_content_type: Option<String>,
    logo_image_file_size: Option<i64>,
    logo_image_updated_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Institute> for InstituteView {
    fn from(institute: Institute) -> Self {
        let switches = institute.switches;
        Self {
            id: institute.id,
            name: institute.name,
            short_name: institute.short_name,
            callback_url: institute.callback_url,
            check_requirements_emails_enabled: switches.check_requirements_emails_enabled,
            reminder_emails_enabled: switches.reminder_emails_enabled,
            exam_link_emails_enabled: switches.exam_link_emails_enabled,
            exam_changed_emails_enabled: switches.exam_changed_emails_enabled,
            exam_finalized_emails_enabled: switches.exam_finalized_emails_enabled,
            global_proctor: switches.global_proctor,
            global_reviewer: switches.global_reviewer,
            default_language: institute.default_language,
            custom_languages: institute.custom_languages.0,
            session_retention_period: institute.session_retention_period,
            logo_image_file_name: None,
            logo_image_content_type: None,
            logo_image_file_size: None,
            logo_image_updated_at: None,
            created_at: institute.created_at,
            updated_at: institute.updated_at,
        }
    }
}

/// One institute.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstituteEnvelope {
    institute: InstituteView,
}

shows!(InstituteEnvelope, institute);

impl From<Institute> for InstituteEnvelope {
    fn from(institute: Institute) -> Self {
        Self { institute: institute.into() }
    }
}

/// A page of institutes.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstitutesEnvelope {
    institutes: Vec<InstituteView>,
}

/// What can be set of an institute.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "name": "Example University", "short_name": "EXU", "callback_url": "https://sis.example.edu/events",
    "default_language": "en", "custom_languages": ["en-GB", "no-NO"],
}))]
pub struct InstituteFields {
    name: Given<Name>,
    short_name: Given<Name>,
    callback_url: Patch<WebUrl>,
    check_requirements_emails_enabled: Given<bool>,
    reminder_emails_enabled: Given<bool>,
    exam_link_emails_enabled: Given<bool>,
    exam_changed_emails_enabled: Given<bool>,
    exam_finalized_emails_enabled: Given<bool>,
    global_proctor: Given<bool>,
    global_reviewer: Given<bool>,
    default_language: Given<Language>,
    /// Further languages that the institute offers.
    custom_languages: Patch<Vec<Language>>,
    session_retention_period: Patch<Days>,
}

impl Accepts for InstituteFields {}

requires! {
    /// A new institute.
    NewInstituteFields(InstituteFields): "name", "short_name"
}

/// Lists all institutes, oldest first unless `sort` says otherwise.
#[utoipa::path(tag = "institutes", params(List), responses((status = OK, body = InstitutesEnvelope)))]
#[get("/institutes")]
pub async fn list_institutes(
    Signed { auth, params }: Signed<ManageInstitutes, List>,
    app: Data<App>,
) -> Result<Listed<InstitutesEnvelope>, Problem> {
    let list = move |tx: &mut Tx<'_>| institutes::page(tx, &params.listing(institutes::COLUMNS)?, params.request());
    let page = app.store.read(auth.nonce, list).await?;
    Ok(Listed::page(page.map(InstituteView::from), |institutes| InstitutesEnvelope { institutes }))
}

/// Shows an institute.
#[utoipa::path(tag = "institutes", responses((status = OK, body = InstituteEnvelope)))]
#[get("/institutes/{id}")]
pub async fn show_institute(Signed { auth, .. }: Signed<ReadInstitute>, app: Data<App>) -> Result<Answer, Problem> {
    let (only, id) = (auth.scope.institute, InstituteId(auth.path("id")));
    Shown::<InstituteEnvelope>::read(&app.store, auth.nonce, move |tx| institutes::get(tx, only, id)).await
}

/// Creates an institute.
#[utoipa::path(tag = "institutes", request_body = NewInstituteFields, responses((status = CREATED, body = InstituteEnvelope)))]
#[post("/institutes")]
pub async fn create_institute(
    Signed { auth, params: NewInstituteFields(fields) }: Signed<ManageInstitutes, NewInstituteFields>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let now = auth.at;
    let create = move |tx: &mut Tx<'_>| {
        let institute = institutes::insert(tx, &fields.clone().build(now)?)?;
        Ok(Created::at(format!("/api/v3/institutes/{}", institute.id), InstituteEnvelope::from(institute)))
    };
    Answer::once(&app.store, auth.nonce, create).await
}

/// Changes an institute.
#[utoipa::path(tag = "institutes", request_body = InstituteFields, responses((status = OK, body = InstituteEnvelope)))]
#[patch("/institutes/{id}")]
pub async fn update_institute(
    signed: Signed<EditInstitute, InstituteFields>,
    app: Data<App>,
) -> Result<Shown<InstituteEnvelope>, Problem> {
    update(signed, &app).await
}

/// Changes an institute, as PATCH does: what is not sent stays.
#[utoipa::path(tag = "institutes", request_body = InstituteFields, responses((status = OK, body = InstituteEnvelope)))]
#[put("/institutes/{id}")]
pub async fn replace_institute(
    signed: Signed<EditInstitute, InstituteFields>,
    app: Data<App>,
) -> Result<Shown<InstituteEnvelope>, Problem> {
    update(signed, &app).await
}

async fn update(
    Signed { auth, params: fields }: Signed<EditInstitute, InstituteFields>,
    app: &App,
) -> Result<Shown<InstituteEnvelope>, Problem> {
    let (only, id, now) = (auth.scope.institute, InstituteId(auth.path("id")), auth.at);
    let change = move |tx: &mut Tx<'_>| {
        institutes::update(tx, only, id, |institute| {
            fields.clone().change(institute, now);
            Ok(())
        })
    };
    Ok(Shown(app.store.write(auth.nonce, change).await?.into()))
}

/// Deletes an institute with its users and tool providers. One that still has exams stays (409).
#[utoipa::path(tag = "institutes", responses((status = OK, body = Deleted)))]
#[delete("/institutes/{id}")]
pub async fn delete_institute(
    Signed { auth, .. }: Signed<ManageInstitutes>,
    app: Data<App>,
) -> Result<Shown<Deleted>, Problem> {
    let id = InstituteId(auth.path("id"));
    app.store.write(auth.nonce, move |tx| institutes::remove(tx, id)).await?;
    Ok(Shown(Deleted {}))
}

impl InstituteFields {
    fn build(self, now: Timestamp) -> Result<NewInstitute> {
        let name = self.name.clone().required("name")?;
        let mut new = NewInstitute::named(name, self.short_name.clone().required("short_name")?, now);
        self.callback_url.clone().apply(&mut new.callback_url);
        self.session_retention_period.clone().apply(&mut new.session_retention_period);
        self.default_language.clone().replace(&mut new.default_language);
        self.custom_languages.clone().fill(&mut new.custom_languages.0);
        self.switch(&mut new.switches);
        Ok(new)
    }

    fn change(self, institute: &mut Institute, now: Timestamp) {
        self.name.clone().replace(&mut institute.name);
        self.short_name.clone().replace(&mut institute.short_name);
        self.callback_url.clone().apply(&mut institute.callback_url);
        self.session_retention_period.clone().apply(&mut institute.session_retention_period);
        self.default_language.clone().replace(&mut institute.default_language);
        self.custom_languages.clone().fill(&mut institute.custom_languages.0);
        self.switch(&mut institute.switches);
        institute.updated_at = now;
    }

    fn switch(self, switches: &mut Switches) {
        self.check_requirements_emails_enabled.replace(&mut switches.check_requirements_emails_enabled);
        self.reminder_emails_enabled.replace(&mut switches.reminder_emails_enabled);
        self.exam_link_emails_enabled.replace(&mut switches.exam_link_emails_enabled);
        self.exam_changed_emails_enabled.replace(&mut switches.exam_changed_emails_enabled);
        self.exam_finalized_emails_enabled.replace(&mut switches.exam_finalized_emails_enabled);
        self.global_proctor.replace(&mut switches.global_proctor);
        self.global_reviewer.replace(&mut switches.global_reviewer);
    }
}
