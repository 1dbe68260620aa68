//! `/exams`

pub mod comanagers;
pub mod copy;
pub mod emails;
pub mod life;
mod proctoring;
pub mod students;

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
use crate::domain::access::{AuthorExams, ReadExams};
use crate::domain::exam::{Exam, ExamSettings, ExamStatus, ExamType, NewExam, new_token};
use crate::domain::id::{ExamId, InstituteId, ToolDeploymentId, ToolProviderId, UserId};
use crate::domain::text::{Label, Language, Name, Prose, TimeZone};
use crate::domain::time::{Minutes, Timestamp};
use crate::domain::{Error, Result};
use crate::store::{Tx, documents, exams, institutes};

/// An exam as the API shows it.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Exam)]
pub struct ExamView {
    id: ExamId,
    institute_id: InstituteId,
    user_id: UserId,
    name: Name,
    r#type: ExamType,
    status: ExamStatus,
    /// Whether students may take it.
    published: bool,
    /// An identifier of 32 hex digits. It opens nothing.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015")]
    token: String,
    terms: Option<Prose>,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    use_duration: bool,
    duration_minutes: Option<Minutes>,
    timezone: TimeZone,
    exam_language: Language,
    /// Eight characters: index 1 `web_cam`, 2 `mobile_cam`, 3 `screen_share`, 4 `live_proctoring`.
    #[schema(example = "01000000")]
    mode: String,
    web_cam: bool,
    mobile_cam: bool,
    screen_share: bool,
    live_proctoring: bool,
    #[schema(example = true)]
    for_reviewing: bool,
    global_proctoring: bool,
    global_reviewing: bool,
    upload_answers: bool,
    restrictions: Option<Prose>,
    allow_websites: bool,
    allow_external_applications: bool,
    allow_textbooks: bool,
    allow_calculator: bool,
    allow_pen_paper: bool,
    allow_additional: bool,
    allowed_websites: Option<Prose>,
    allowed_external_applications: Option<Prose>,
    allowed_textbooks: Option<Prose>,
    allowed_calculator_type: Option<Label>,
    allowed_additional: Option<Prose>,
    student_experience: Option<Label>,
    accept_late_results: bool,
    /// The tool that students go through before they begin, where `live_proctoring` is set.
    proctoring_tool_provider_id: Option<ToolProviderId>,
    /// Through which deployment of it; without one, the first.
    proctoring_tool_deployment_id: Option<ToolDeploymentId>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Exam> for ExamView {
    fn from(exam: Exam) -> Self {
        let mode = exam.settings.mode();
        let settings = exam.settings;
        let allowed = settings.materials;
        Self {
            id: exam.id,
            institute_id: exam.institute_id,
            user_id: exam.user_id,
            name: settings.name,
            r#type: settings.kind,
            status: exam.status,
            published: exam.status != ExamStatus::Draft,
            token: exam.token,
            terms: settings.terms,
            start_time: settings.start_time,
            end_time: settings.end_time,
            use_duration: settings.use_duration,
            duration_minutes: settings.duration_minutes,
            timezone: settings.timezone,
            exam_language: settings.exam_language,
            mode,
            web_cam: settings.web_cam,
            mobile_cam: settings.mobile_cam,
            screen_share: settings.screen_share,
            live_proctoring: settings.live_proctoring,
            for_reviewing: settings.for_reviewing,
            global_proctoring: settings.global_proctoring,
            global_reviewing: settings.global_reviewing,
            upload_answers: settings.upload_answers,
            restrictions: settings.restrictions,
            allow_websites: allowed.allow_websites,
            allow_external_applications: allowed.allow_external_applications,
            allow_textbooks: allowed.allow_textbooks,
            allow_calculator: allowed.allow_calculator,
            allow_pen_paper: allowed.allow_pen_paper,
            allow_additional: allowed.allow_additional,
            allowed_websites: allowed.allowed_websites,
            allowed_external_applications: allowed.allowed_external_applications,
            allowed_textbooks: allowed.allowed_textbooks,
            allowed_calculator_type: allowed.allowed_calculator_type,
            allowed_additional: allowed.allowed_additional,
            student_experience: settings.student_experience,
            accept_late_results: settings.accept_late_results,
            proctoring_tool_provider_id: settings.proctoring_tool_provider_id,
            proctoring_tool_deployment_id: settings.proctoring_tool_deployment_id,
            created_at: exam.created_at,
            updated_at: exam.updated_at,
        }
    }
}

/// One exam.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExamEnvelope {
    exam: ExamView,
}

shows!(ExamEnvelope, exam);

impl From<Exam> for ExamEnvelope {
    fn from(exam: Exam) -> Self {
        Self { exam: exam.into() }
    }
}

/// A page of exams.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExamsEnvelope {
    exams: Vec<ExamView>,
}

list! {
    /// Which exams are wanted.
    ListExams {
        /// Only exams with this status. Without it all but the deleted ones.
        #[param(example = "draft")]
        status: Option<ExamStatus>,
    }
}

/// What an author sets of an exam.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "name": "Algebra, final", "type": "record_review", "start_time": "2026-11-26T09:00:00.000Z",
    "end_time": "2026-11-26T12:00:00.000Z", "use_duration": true, "duration_minutes": 90,
    "timezone": "Europe/Amsterdam", "web_cam": true,
}))]
pub struct ExamFields {
    name: Given<Name>,
    r#type: Given<ExamType>,
    /// `open` publishes a draft or reopens a closed exam, `closed` ends it.
    status: Given<ExamStatus>,
    start_time: Patch<Timestamp>,
    end_time: Patch<Timestamp>,
    /// Whether each student has `duration_minutes` from the start.
    use_duration: Given<bool>,
    duration_minutes: Patch<Minutes>,
    timezone: Given<TimeZone>,
    exam_language: Given<Language>,
    web_cam: Given<bool>,
    mobile_cam: Given<bool>,
    screen_share: Given<bool>,
    live_proctoring: Given<bool>,
    for_reviewing: Given<bool>,
    global_proctoring: Given<bool>,
    global_reviewing: Given<bool>,
    upload_answers: Given<bool>,
    restrictions: Patch<Prose>,
    terms: Patch<Prose>,
    allow_websites: Given<bool>,
    allow_external_applications: Given<bool>,
    allow_textbooks: Given<bool>,
    allow_calculator: Given<bool>,
    allow_pen_paper: Given<bool>,
    allow_additional: Given<bool>,
    allowed_websites: Patch<Prose>,
    allowed_external_applications: Patch<Prose>,
    allowed_textbooks: Patch<Prose>,
    allowed_calculator_type: Patch<Label>,
    allowed_additional: Patch<Prose>,
    student_experience: Patch<Label>,
    /// Whether a grade is kept, and marked late, that a tool hands back after the exam was closed or its end. Otherwise
    /// the tool is told why not.
    accept_late_results: Given<bool>,
    /// An active tool provider of the institute that speaks LTI 1.3 and has a `tool_url`. Where `live_proctoring` is set,
    /// students go through it before they begin (LTI Proctoring Services 1.0), and it may pause, extend and end their
    /// exams and flag incidents.
    proctoring_tool_provider_id: Patch<ToolProviderId>,
    /// Through which deployment of that tool students go; without it, the first. Another tool begins with its own first
    /// one.
    proctoring_tool_deployment_id: Patch<ToolDeploymentId>,
    /// The institute, for a superuser, who must name it when creating. Others may repeat their own.
    institute_id: Given<InstituteId>,
}

impl Accepts for ExamFields {}

requires! {
    /// A new exam.
    NewExamFields(ExamFields): "name", "type"
}

impl ExamFields {
    /// Writes what was given over `settings`.
    fn apply(self, settings: &mut ExamSettings) -> Result<()> {
        self.name.replace(&mut settings.name);
        self.r#type.replace(&mut settings.kind);
        self.start_time.apply(&mut settings.start_time);
        self.end_time.apply(&mut settings.end_time);
        self.use_duration.replace(&mut settings.use_duration);
        self.duration_minutes.apply(&mut settings.duration_minutes);
        self.timezone.replace(&mut settings.timezone);
        self.exam_language.replace(&mut settings.exam_language);
        self.web_cam.replace(&mut settings.web_cam);
        self.mobile_cam.replace(&mut settings.mobile_cam);
        self.screen_share.replace(&mut settings.screen_share);
        self.live_proctoring.replace(&mut settings.live_proctoring);
        self.for_reviewing.replace(&mut settings.for_reviewing);
        self.global_proctoring.replace(&mut settings.global_proctoring);
        self.global_reviewing.replace(&mut settings.global_reviewing);
        self.upload_answers.replace(&mut settings.upload_answers);
        self.restrictions.apply(&mut settings.restrictions);
        self.terms.apply(&mut settings.terms);
        self.student_experience.apply(&mut settings.student_experience);
        self.accept_late_results.replace(&mut settings.accept_late_results);
        let tool = settings.proctoring_tool_provider_id;
        self.proctoring_tool_provider_id.apply(&mut settings.proctoring_tool_provider_id);
        if settings.proctoring_tool_provider_id != tool {
            settings.proctoring_tool_deployment_id = None;
        }
        self.proctoring_tool_deployment_id.apply(&mut settings.proctoring_tool_deployment_id);
        let materials = &mut settings.materials;
        self.allow_websites.replace(&mut materials.allow_websites);
        self.allow_external_applications.replace(&mut materials.allow_external_applications);
        self.allow_textbooks.replace(&mut materials.allow_textbooks);
        self.allow_calculator.replace(&mut materials.allow_calculator);
        self.allow_pen_paper.replace(&mut materials.allow_pen_paper);
        self.allow_additional.replace(&mut materials.allow_additional);
        self.allowed_websites.apply(&mut materials.allowed_websites);
        self.allowed_external_applications.apply(&mut materials.allowed_external_applications);
        self.allowed_textbooks.apply(&mut materials.allowed_textbooks);
        self.allowed_calculator_type.apply(&mut materials.allowed_calculator_type);
        self.allowed_additional.apply(&mut materials.allowed_additional);
        settings.check()
    }
}

/// Lists the exams that the caller sees, oldest first unless `sort` says otherwise.
#[utoipa::path(tag = "exams", params(ListExams), responses((status = OK, body = ExamsEnvelope)))]
#[get("/exams")]
pub async fn list_exams(
    Signed { auth, params }: Signed<ReadExams, ListExams>,
    app: Data<App>,
) -> Result<Listed<ExamsEnvelope>, Problem> {
    let list = move |tx: &mut Tx<'_>| {
        exams::page(tx, auth.scope, params.status, &params.listing(exams::COLUMNS)?, params.request())
    };
    let page = app.store.read(auth.nonce, list).await?;
    Ok(Listed::page(page.map(ExamView::from), |exams| ExamsEnvelope { exams }))
}

/// Shows an exam.
#[utoipa::path(tag = "exams", responses((status = OK, body = ExamEnvelope)))]
#[get("/exams/{id}")]
pub async fn show_exam(Signed { auth, .. }: Signed<ReadExams>, app: Data<App>) -> Result<Answer, Problem> {
    let (scope, id) = (auth.scope, ExamId(auth.path("id")));
    Shown::<ExamEnvelope>::read(&app.store, auth.nonce, move |tx| exams::get(tx, scope, id)).await
}

/// Creates an exam: a draft, unless `status` says otherwise. Its author is the caller.
#[utoipa::path(tag = "exams", request_body = NewExamFields, responses((status = CREATED, body = ExamEnvelope)))]
#[post("/exams")]
pub async fn create_exam(
    Signed { auth, params: NewExamFields(fields) }: Signed<AuthorExams, NewExamFields>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (scope, author, now) = (auth.scope, auth.user.id, auth.at);
    let token = new_token(app.random, now)?;
    let create = move |tx: &mut Tx<'_>| {
        let institute_id = institutes::for_new(tx, scope, fields.institute_id.get().copied())?;
        proctoring::check_tool(tx, institute_id, &fields.proctoring_tool_provider_id)?;
        let new = fields.clone().build(institute_id, author, token.clone(), now)?;
        proctoring::check_deployment(tx, &new.settings)?;
        let exam = exams::insert(tx, new)?;
        Ok(Created::at(format!("/api/v3/exams/{}", exam.id), ExamEnvelope::from(exam)))
    };
    Answer::once(&app.store, auth.nonce, create).await
}

/// Changes an exam.
#[utoipa::path(tag = "exams", request_body = ExamFields, responses((status = OK, body = ExamEnvelope)))]
#[patch("/exams/{id}")]
pub async fn update_exam(
    signed: Signed<AuthorExams, ExamFields>,
    app: Data<App>,
) -> Result<Shown<ExamEnvelope>, Problem> {
    update(signed, &app).await
}

/// Changes an exam, as PATCH does: what is not sent stays.
#[utoipa::path(tag = "exams", request_body = ExamFields, responses((status = OK, body = ExamEnvelope)))]
#[put("/exams/{id}")]
pub async fn replace_exam(
    signed: Signed<AuthorExams, ExamFields>,
    app: Data<App>,
) -> Result<Shown<ExamEnvelope>, Problem> {
    update(signed, &app).await
}

async fn update(
    Signed { auth, params: fields }: Signed<AuthorExams, ExamFields>,
    app: &App,
) -> Result<Shown<ExamEnvelope>, Problem> {
    let (id, scope, now) = (ExamId(auth.path("id")), auth.scope, auth.at);
    let change = move |tx: &mut Tx<'_>| exams::update(tx, scope, id, |tx, exam| fields.clone().change(tx, exam, now));
    Ok(Shown(app.store.write(auth.nonce, change).await?.into()))
}

/// Puts an exam away: it is found only by asking for deleted exams. One that students are taking stays.
#[utoipa::path(tag = "exams", responses((status = OK, body = Deleted)))]
#[delete("/exams/{id}")]
pub async fn delete_exam(Signed { auth, .. }: Signed<AuthorExams>, app: Data<App>) -> Result<Shown<Deleted>, Problem> {
    let (id, scope) = (ExamId(auth.path("id")), auth.scope);
    app.store.write(auth.nonce, move |tx| exams::remove(tx, scope, id)).await?;
    Ok(Shown(Deleted {}))
}

impl ExamFields {
    fn build(self, institute_id: InstituteId, user_id: UserId, token: String, now: Timestamp) -> Result<NewExam> {
        let name = self.name.clone().required("name")?;
        let mut settings = ExamSettings::named(name, self.r#type.clone().required("type")?);
        let status = self.status.get().copied().unwrap_or(ExamStatus::Draft);
        if !matches!(status, ExamStatus::Draft | ExamStatus::Open) {
            return Err(Error::invalid("status", "must be draft or open for a new exam"));
        }
        self.apply(&mut settings)?;
        Ok(NewExam { institute_id, user_id, settings, status, token, created_at: now, updated_at: now })
    }

    fn change(self, tx: &mut Tx<'_>, exam: &mut Exam, now: Timestamp) -> Result<()> {
        if self.institute_id.get().is_some_and(|given| *given != exam.institute_id) {
            return Err(Error::invalid("institute_id", "cannot change: an exam stays in its institute"));
        }
        proctoring::check_tool(tx, exam.institute_id, &self.proctoring_tool_provider_id)?;
        let status = self.status.get().copied().unwrap_or(exam.status);
        self.apply(&mut exam.settings)?;
        proctoring::check_deployment(tx, &exam.settings)?;
        enter(tx, exam, status, now)
    }
}

/// Changes an exam into `status`, or keeps it there. Students of an open one must see what its instructions name.
fn enter(tx: &mut Tx<'_>, exam: &mut Exam, status: ExamStatus, now: Timestamp) -> Result<()> {
    exam.enter(status)?;
    exam.updated_at = now;
    if exam.status == ExamStatus::Open { documents::check_shown(tx, exam.id) } else { Ok(()) }
}
