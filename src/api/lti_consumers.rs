//! `/lti_consumers`

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
use crate::config::PublicUrl;
use crate::domain::access::{ManageTools, ReadTools};
use crate::domain::id::{ExamId, InstituteId, LtiConsumerId};
use crate::domain::lti_consumer::{ConsumerCredentials, ConsumerSettings, Lms, LtiConsumer, NewLtiConsumer};
use crate::domain::secret::Secret;
use crate::domain::text::{Host, Name, Origin, ParameterName};
use crate::domain::time::{Hours, Timestamp};
use crate::domain::tool_provider::LtiVersion;
use crate::domain::{Error, Result, lti_urls};
use crate::store::{Tx, exams, institutes, lti_consumers};

/// An LTI consumer as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LtiConsumer)]
pub struct LtiConsumerView {
    id: LtiConsumerId,
    institute_id: InstituteId,
    name: Name,
    lms: Lms,
    /// Where the LMS launches to. To be set there, with key and secret.
    #[schema(example = "https://exams.example.edu/lti/1.1/launch")]
    launch_url: String,
    /// Names this consumer in every launch. Made by this server.
    #[schema(example = "c8b1a2d3e4f5061728394a5b")]
    consumer_key: String,
    /// Signs every launch. Only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "5f2c9e0b7a1d4c3e8f6b2a9d0c7e1f3a5f2c9e0b7a1d4c3e8f6b2a9d0c7e1f3a")]
    consumer_secret: Option<String>,
    exam_id: Option<ExamId>,
    return_hosts: Vec<Host>,
    frame_origins: Vec<Origin>,
    group_parameters: Vec<ParameterName>,
    user_id_is_email: bool,
    disabled: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl LtiConsumerView {
    fn of(consumer: LtiConsumer, origin: &PublicUrl) -> Self {
        let LtiConsumer { id, institute_id, consumer_key, settings, created_at, updated_at, .. } = consumer;
        Self {
            id,
            institute_id,
            name: settings.name,
            lms: settings.lms,
            launch_url: format!("{}{}", origin.as_str(), lti_urls::LAUNCH),
            consumer_key,
            consumer_secret: None,
            exam_id: settings.exam_id,
            return_hosts: settings.return_hosts.0,
            frame_origins: settings.frame_origins.0,
            group_parameters: settings.group_parameters.0,
            user_id_is_email: settings.user_id_is_email,
            disabled: settings.disabled,
            created_at,
            updated_at,
        }
    }

    /// The one answer that shows a new secret.
    fn with(self, secret: &Secret) -> Self {
        Self { consumer_secret: Some(secret.reveal().to_owned()), ..self }
    }
}

/// One LTI consumer.
#[derive(Debug, Serialize, ToSchema)]
pub struct LtiConsumerEnvelope {
    lti_consumer: LtiConsumerView,
}

shows!(LtiConsumerEnvelope, lti_consumer);

/// A page of LTI consumers.
#[derive(Debug, Serialize, ToSchema)]
pub struct LtiConsumersEnvelope {
    lti_consumers: Vec<LtiConsumerView>,
}

/// What an administrator sets of an LTI consumer.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "name": "Campus Moodle", "lms": "moodle", "return_hosts": ["moodle.example.edu"],
    "frame_origins": ["https://moodle.example.edu"], "group_parameters": ["custom_group_id"],
    "user_id_is_email": false,
}))]
pub struct LtiConsumerFields {
    name: Given<Name>,
    /// `other` unless given.
    lms: Given<Lms>,
    /// The one exam that this consumer reaches. Without it, each place of the LMS names its exam, or a teacher who comes
    /// from there chooses it.
    exam_id: Patch<ExamId>,
    /// Where people may be sent back to: a launch names the address itself, and only these hosts count.
    return_hosts: Patch<Vec<Host>>,
    /// Whose pages may show the exam in a frame.
    frame_origins: Patch<Vec<Origin>>,
    /// Parameters of the launch that hold the number of the student's group; the first that has a value counts.
    group_parameters: Patch<Vec<ParameterName>>,
    /// Whether the LMS sends an e-mail address as `user_id`, as Engage does.
    user_id_is_email: Given<bool>,
    /// Shuts the LMS out, and everybody who came from there, or lets them in again.
    disabled: Given<bool>,
    /// The institute, for a superuser, who must name it when creating. Others may repeat their own.
    institute_id: Given<InstituteId>,
}

impl Accepts for LtiConsumerFields {}

requires! {
    /// A new LTI consumer.
    NewLtiConsumerFields(LtiConsumerFields): "name"
}

/// For how long an old secret goes on.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "grace_hours": 24 }))]
pub struct RotateSecretFields {
    /// Hours during which launches signed by the old secret are still taken; 0 ends it at once.
    grace_hours: Given<Hours>,
}

impl Accepts for RotateSecretFields {}

/// Lists the institute's LTI consumers, oldest first unless `sort` says otherwise.
#[utoipa::path(tag = "lti_consumers", params(List), responses((status = OK, body = LtiConsumersEnvelope)))]
#[get("/lti_consumers")]
pub async fn list_lti_consumers(
    Signed { auth, params }: Signed<ReadTools, List>,
    app: Data<App>,
) -> Result<Listed<LtiConsumersEnvelope>, Problem> {
    let only = auth.scope.institute;
    let list = move |tx: &mut Tx<'_>| {
        lti_consumers::page(tx, only, &params.listing(lti_consumers::COLUMNS)?, params.request())
    };
    let page = app.store.read(auth.nonce, list).await?;
    let view = |consumer| LtiConsumerView::of(consumer, &app.public_url);
    Ok(Listed::page(page.map(view), |lti_consumers| LtiConsumersEnvelope { lti_consumers }))
}

/// Shows an LTI consumer.
#[utoipa::path(tag = "lti_consumers", responses((status = OK, body = LtiConsumerEnvelope)))]
#[get("/lti_consumers/{id}")]
pub async fn show_lti_consumer(
    Signed { auth, .. }: Signed<ReadTools>,
    app: Data<App>,
) -> Result<Shown<LtiConsumerEnvelope>, Problem> {
    let (only, id) = (auth.scope.institute, LtiConsumerId(auth.path("id")));
    let consumer = app.store.read(auth.nonce, move |tx| lti_consumers::get(tx, only, id)).await?;
    Ok(Shown(LtiConsumerEnvelope { lti_consumer: LtiConsumerView::of(consumer, &app.public_url) }))
}

/// Registers a learning management system that launches into exams. The answer shows its secret, once.
#[utoipa::path(tag = "lti_consumers", request_body = NewLtiConsumerFields, responses((status = CREATED, body = LtiConsumerEnvelope)))]
#[post("/lti_consumers")]
pub async fn create_lti_consumer(
    Signed { auth, params: NewLtiConsumerFields(fields) }: Signed<ManageTools, NewLtiConsumerFields>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (scope, now, origin) = (auth.scope, auth.at, app.public_url.clone());
    let ConsumerCredentials { key, secret } = ConsumerCredentials::random(app.random)?;
    let create = move |tx: &mut Tx<'_>| {
        let institute_id = institutes::for_new(tx, scope, fields.institute_id.get().copied())?;
        let mut settings = ConsumerSettings::named(fields.name.clone().required("name")?);
        fields.clone().set(&mut settings);
        check_exam(tx, &settings, institute_id)?;
        let new = NewLtiConsumer {
            institute_id,
            consumer_key: key.clone(),
            settings,
            created_at: now,
            updated_at: now,
            lti_version: LtiVersion::V1p1,
        };
        let consumer = lti_consumers::insert(tx, &new, &secret)?;
        let lti_consumer = LtiConsumerView::of(consumer, &origin).with(&secret);
        let path = format!("/api/v3/lti_consumers/{}", lti_consumer.id);
        Ok(Created::at(path, LtiConsumerEnvelope { lti_consumer }))
    };
    Answer::once(&app.store, auth.nonce, create).await
}

/// Changes an LTI consumer.
#[utoipa::path(tag = "lti_consumers", request_body = LtiConsumerFields, responses((status = OK, body = LtiConsumerEnvelope)))]
#[patch("/lti_consumers/{id}")]
pub async fn update_lti_consumer(
    signed: Signed<ManageTools, LtiConsumerFields>,
    app: Data<App>,
) -> Result<Shown<LtiConsumerEnvelope>, Problem> {
    update(signed, &app).await
}

/// Changes an LTI consumer, as PATCH does: what is not sent stays.
#[utoipa::path(tag = "lti_consumers", request_body = LtiConsumerFields, responses((status = OK, body = LtiConsumerEnvelope)))]
#[put("/lti_consumers/{id}")]
pub async fn replace_lti_consumer(
    signed: Signed<ManageTools, LtiConsumerFields>,
    app: Data<App>,
) -> Result<Shown<LtiConsumerEnvelope>, Problem> {
    update(signed, &app).await
}

async fn update(
    Signed { auth, params: fields }: Signed<ManageTools, LtiConsumerFields>,
    app: &App,
) -> Result<Shown<LtiConsumerEnvelope>, Problem> {
    let (only, id, now) = (auth.scope.institute, LtiConsumerId(auth.path("id")), auth.at);
    let change = move |tx: &mut Tx<'_>| {
        lti_consumers::update(tx, only, id, |tx, consumer| {
            if fields.institute_id.get().is_some_and(|given| *given != consumer.institute_id) {
                return Err(Error::invalid("institute_id", "cannot change: an LTI consumer stays in its institute"));
            }
            fields.clone().set(&mut consumer.settings);
            consumer.updated_at = now;
            check_exam(tx, &consumer.settings, consumer.institute_id)
        })
    };
    let consumer = app.store.write(auth.nonce, change).await?;
    Ok(Shown(LtiConsumerEnvelope { lti_consumer: LtiConsumerView::of(consumer, &app.public_url) }))
}

/// Deletes an LTI consumer. Whoever came from there is out at once; their sessions stay.
#[utoipa::path(tag = "lti_consumers", responses((status = OK, body = Deleted)))]
#[delete("/lti_consumers/{id}")]
pub async fn delete_lti_consumer(
    Signed { auth, .. }: Signed<ManageTools>,
    app: Data<App>,
) -> Result<Shown<Deleted>, Problem> {
    let (only, id) = (auth.scope.institute, LtiConsumerId(auth.path("id")));
    app.store.write(auth.nonce, move |tx| lti_consumers::remove(tx, only, id)).await?;
    Ok(Shown(Deleted {}))
}

/// Gives an LTI consumer a new secret. The answer shows it, once; the old one goes on until the grace ends.
#[utoipa::path(tag = "lti_consumers", request_body = RotateSecretFields, responses((status = OK, body = LtiConsumerEnvelope)))]
#[post("/lti_consumers/{id}/rotate_secret")]
pub async fn rotate_lti_consumer_secret(
    Signed { auth, params }: Signed<ManageTools, RotateSecretFields>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (only, id, now) = (auth.scope.institute, LtiConsumerId(auth.path("id")), auth.at);
    let grace_ends = now + params.grace_hours.get().copied().unwrap_or_default().span();
    let ConsumerCredentials { secret, .. } = ConsumerCredentials::random(app.random)?;
    let origin = app.public_url.clone();
    let rotate = move |tx: &mut Tx<'_>| {
        let consumer = lti_consumers::update(tx, only, id, |tx, consumer| {
            consumer.updated_at = now;
            lti_consumers::rotate(tx, consumer, &secret, now, grace_ends)
        })?;
        Ok(Shown(LtiConsumerEnvelope { lti_consumer: LtiConsumerView::of(consumer, &origin).with(&secret) }))
    };
    Answer::once(&app.store, auth.nonce, rotate).await
}

impl LtiConsumerFields {
    fn set(self, settings: &mut ConsumerSettings) {
        self.name.replace(&mut settings.name);
        self.lms.replace(&mut settings.lms);
        self.exam_id.apply(&mut settings.exam_id);
        self.return_hosts.fill(&mut settings.return_hosts.0);
        self.frame_origins.fill(&mut settings.frame_origins.0);
        self.group_parameters.fill(&mut settings.group_parameters.0);
        self.user_id_is_email.replace(&mut settings.user_id_is_email);
        self.disabled.replace(&mut settings.disabled);
    }
}

/// A consumer reaches exams of its own institute only.
pub(super) fn check_exam(tx: &mut Tx<'_>, settings: &ConsumerSettings, institute: InstituteId) -> Result<()> {
    match settings.exam_id {
        Some(id) if exams::of_institute(tx, institute, id)?.is_none() => {
            Err(Error::invalid("exam_id", "is not an exam of the consumer's institute"))
        }
        _ => Ok(()),
    }
}
