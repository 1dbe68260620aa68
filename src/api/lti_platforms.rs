//! `/lti_platforms`

pub mod invitation;

use actix_web::web::Data;
use actix_web::{delete, get, patch, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::api::auth::Signed;
use crate::api::lti_consumers::check_exam;
use crate::api::params::{Accepts, Given, Patch, requires};
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Created, Deleted, List, Listed, Shown, shows};
use crate::app::App;
use crate::config::PublicUrl;
use crate::domain::access::{ManageTools, ReadTools};
use crate::domain::id::{ExamId, InstituteId, LtiConsumerId};
use crate::domain::lti_consumer::{ConsumerCredentials, ConsumerSettings, Lms, LtiConsumer, NewLtiConsumer};
use crate::domain::lti_platform::{DeploymentIds, LtiPlatform};
use crate::domain::text::{Host, Issuer, KeyText, Name, Origin, ParameterName, ProtocolId, WebUrl};
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::{LtiVersion, check_launch_url};
use crate::domain::{Error, Result, lti_urls};
use crate::store::lti_platforms::{self, Agreed};
use crate::store::{Tx, institutes};

/// An LTI platform as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LtiPlatform)]
pub struct LtiPlatformView {
    id: LtiConsumerId,
    institute_id: InstituteId,
    name: Name,
    lms: Lms,
    issuer: Issuer,
    client_id: ProtocolId,
    deployment_ids: Vec<ProtocolId>,
    authorization_url: WebUrl,
    token_url: WebUrl,
    audience: Option<ProtocolId>,
    jwks_url: Option<WebUrl>,
    public_key: Option<KeyText>,
    /// Where the LMS begins a launch. To be set there, with the two others.
    #[schema(example = "https://exams.example.edu/lti/1.3/login")]
    login_url: String,
    /// Where the LMS launches to, and answers to: its redirect URI, target link URI and deep linking URL.
    #[schema(example = "https://exams.example.edu/lti/1.3/launch")]
    launch_url: String,
    /// The keys of this server.
    #[schema(example = "https://exams.example.edu/.well-known/jwks.json")]
    key_set_url: String,
    exam_id: Option<ExamId>,
    return_hosts: Vec<Host>,
    frame_origins: Vec<Origin>,
    group_parameters: Vec<ParameterName>,
    user_id_is_email: bool,
    disabled: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl LtiPlatformView {
    fn of((consumer, platform): Agreed, origin: &PublicUrl) -> Self {
        let LtiConsumer { id, institute_id, settings, created_at, updated_at, .. } = consumer;
        let at = |path: &str| format!("{}{path}", origin.as_str());
        Self {
            id,
            institute_id,
            name: settings.name,
            lms: settings.lms,
            issuer: platform.issuer,
            client_id: platform.client_id,
            deployment_ids: platform.deployment_ids.0,
            authorization_url: platform.authorization_url,
            token_url: platform.token_url,
            audience: platform.audience,
            jwks_url: platform.jwks_url,
            public_key: platform.public_key,
            login_url: at(lti_urls::LOGIN),
            launch_url: at(lti_urls::LAUNCH_1P3),
            key_set_url: at(lti_urls::KEY_SET),
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
}

/// One LTI platform.
#[derive(Debug, Serialize, ToSchema)]
pub struct LtiPlatformEnvelope {
    lti_platform: LtiPlatformView,
}

shows!(LtiPlatformEnvelope, lti_platform);

/// A page of LTI platforms.
#[derive(Debug, Serialize, ToSchema)]
pub struct LtiPlatformsEnvelope {
    lti_platforms: Vec<LtiPlatformView>,
}

/// What an administrator sets of an LTI platform.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "name": "Campus Moodle", "lms": "moodle", "issuer": "https://moodle.example.edu", "client_id": "Qx7hGmhTtzG0Cdq",
    "deployment_ids": ["3"], "authorization_url": "https://moodle.example.edu/mod/lti/auth.php",
    "token_url": "https://moodle.example.edu/mod/lti/token.php",
    "jwks_url": "https://moodle.example.edu/mod/lti/certs.php", "return_hosts": ["moodle.example.edu"],
    "frame_origins": ["https://moodle.example.edu"], "group_parameters": ["custom_group_id"], "disabled": false,
}))]
pub struct LtiPlatformFields {
    name: Given<Name>,
    /// `other` unless given.
    lms: Given<Lms>,
    /// What the LMS calls itself (`iss`). With `client_id` it is of one platform of this server alone.
    issuer: Given<Issuer>,
    /// What the LMS calls this server.
    client_id: Given<ProtocolId>,
    /// Where the LMS has installed this server: launches of other deployments are refused.
    deployment_ids: Patch<Vec<ProtocolId>>,
    /// The authentication request URL of the LMS.
    authorization_url: Given<WebUrl>,
    /// The access token URL of the LMS. Tokens are asked for with the scopes `lineitem` and `score` for results, and
    /// `contextmembership.readonly` for the members of a course.
    token_url: Given<WebUrl>,
    /// Whom access tokens are asked of, where the LMS names another than its `token_url`.
    audience: Patch<ProtocolId>,
    /// The key set of the LMS. Without it and `public_key` no launch can be verified.
    jwks_url: Patch<WebUrl>,
    /// The key of the LMS, where it publishes none.
    public_key: Patch<KeyText>,
    /// The one exam that this platform reaches. Without it, each place of the LMS names its exam, or a teacher who
    /// comes from there chooses it.
    exam_id: Patch<ExamId>,
    /// Where links that were chosen may be handed back: a request names the address itself, and only these hosts count.
    return_hosts: Patch<Vec<Host>>,
    /// Whose pages may show the exam in a frame.
    frame_origins: Patch<Vec<Origin>>,
    /// Parameters of the launch that hold the number of the student's group, as LTI 1.1 names them; the first that has
    /// a value counts.
    group_parameters: Patch<Vec<ParameterName>>,
    /// Whether the LMS sends an e-mail address as `sub`.
    user_id_is_email: Given<bool>,
    /// Shuts the LMS out, and everybody who came from there, or lets them in again.
    disabled: Given<bool>,
    /// The institute, for a superuser, who must name it when creating. Others may repeat their own.
    institute_id: Given<InstituteId>,
}

impl Accepts for LtiPlatformFields {}

requires! {
    /// A new LTI platform.
    NewLtiPlatformFields(LtiPlatformFields): "name", "issuer", "client_id", "authorization_url", "token_url"
}

/// Lists the institute's LTI platforms, oldest first unless `sort` says otherwise.
#[utoipa::path(tag = "lti_platforms", params(List), responses((status = OK, body = LtiPlatformsEnvelope)))]
#[get("/lti_platforms")]
pub async fn list_lti_platforms(
    Signed { auth, params }: Signed<ReadTools, List>,
    app: Data<App>,
) -> Result<Listed<LtiPlatformsEnvelope>, Problem> {
    let only = auth.scope.institute;
    let list = move |tx: &mut Tx<'_>| {
        lti_platforms::page(tx, only, &params.listing(lti_platforms::COLUMNS)?, params.request())
    };
    let page = app.store.read(auth.nonce, list).await?;
    let view = |agreed| LtiPlatformView::of(agreed, &app.public_url);
    Ok(Listed::page(page.map(view), |lti_platforms| LtiPlatformsEnvelope { lti_platforms }))
}

/// Shows an LTI platform.
#[utoipa::path(tag = "lti_platforms", responses((status = OK, body = LtiPlatformEnvelope)))]
#[get("/lti_platforms/{id}")]
pub async fn show_lti_platform(
    Signed { auth, .. }: Signed<ReadTools>,
    app: Data<App>,
) -> Result<Shown<LtiPlatformEnvelope>, Problem> {
    let (only, id) = (auth.scope.institute, LtiConsumerId(auth.path("id")));
    let agreed = app.store.read(auth.nonce, move |tx| lti_platforms::get(tx, only, id)).await?;
    Ok(Shown(LtiPlatformEnvelope { lti_platform: LtiPlatformView::of(agreed, &app.public_url) }))
}

/// Registers a learning management system that launches into exams by LTI 1.3. An LMS that offers Dynamic Registration
/// is invited by `POST /lti_platform_invitations` instead.
#[utoipa::path(tag = "lti_platforms", request_body = NewLtiPlatformFields, responses((status = CREATED, body = LtiPlatformEnvelope)))]
#[post("/lti_platforms")]
pub async fn create_lti_platform(
    Signed { auth, params: NewLtiPlatformFields(fields) }: Signed<ManageTools, NewLtiPlatformFields>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (scope, now, origin, allow_http) = (auth.scope, auth.at, app.public_url.clone(), app.allow_http_tools);
    let ConsumerCredentials { key, .. } = ConsumerCredentials::random(app.random)?;
    let create = move |tx: &mut Tx<'_>| {
        let institute_id = institutes::for_new(tx, scope, fields.institute_id.get().copied())?;
        let (settings, platform) = fields.clone().new_agreement(allow_http)?;
        check_exam(tx, &settings, institute_id)?;
        let new = NewLtiConsumer {
            institute_id,
            consumer_key: key.clone(),
            settings,
            created_at: now,
            updated_at: now,
            lti_version: LtiVersion::V1p3,
        };
        let lti_platform = LtiPlatformView::of(lti_platforms::insert(tx, &new, platform)?, &origin);
        let path = format!("/api/v3/lti_platforms/{}", lti_platform.id);
        Ok(Created::at(path, LtiPlatformEnvelope { lti_platform }))
    };
    Answer::once(&app.store, auth.nonce, create).await
}

/// Changes an LTI platform.
#[utoipa::path(tag = "lti_platforms", request_body = LtiPlatformFields, responses((status = OK, body = LtiPlatformEnvelope)))]
#[patch("/lti_platforms/{id}")]
pub async fn update_lti_platform(
    signed: Signed<ManageTools, LtiPlatformFields>,
    app: Data<App>,
) -> Result<Shown<LtiPlatformEnvelope>, Problem> {
    update(signed, &app).await
}

/// Changes an LTI platform, as PATCH does: what is not sent stays.
#[utoipa::path(tag = "lti_platforms", request_body = LtiPlatformFields, responses((status = OK, body = LtiPlatformEnvelope)))]
#[put("/lti_platforms/{id}")]
pub async fn replace_lti_platform(
    signed: Signed<ManageTools, LtiPlatformFields>,
    app: Data<App>,
) -> Result<Shown<LtiPlatformEnvelope>, Problem> {
    update(signed, &app).await
}

async fn update(
    Signed { auth, params: fields }: Signed<ManageTools, LtiPlatformFields>,
    app: &App,
) -> Result<Shown<LtiPlatformEnvelope>, Problem> {
    let (only, id, now, allow_http) =
        (auth.scope.institute, LtiConsumerId(auth.path("id")), auth.at, app.allow_http_tools);
    let change = move |tx: &mut Tx<'_>| {
        lti_platforms::update(tx, only, id, |tx, (consumer, platform)| {
            if fields.institute_id.get().is_some_and(|given| *given != consumer.institute_id) {
                return Err(Error::invalid("institute_id", "cannot change: an LTI platform stays in its institute"));
            }
            fields.clone().set(&mut consumer.settings, platform, allow_http)?;
            consumer.updated_at = now;
            check_exam(tx, &consumer.settings, consumer.institute_id)
        })
    };
    let agreed = app.store.write(auth.nonce, change).await?;
    Ok(Shown(LtiPlatformEnvelope { lti_platform: LtiPlatformView::of(agreed, &app.public_url) }))
}

/// Deletes an LTI platform. Whoever came from there is out at once; their sessions stay.
#[utoipa::path(tag = "lti_platforms", responses((status = OK, body = Deleted)))]
#[delete("/lti_platforms/{id}")]
pub async fn delete_lti_platform(
    Signed { auth, .. }: Signed<ManageTools>,
    app: Data<App>,
) -> Result<Shown<Deleted>, Problem> {
    let (only, id) = (auth.scope.institute, LtiConsumerId(auth.path("id")));
    app.store.write(auth.nonce, move |tx| lti_platforms::remove(tx, only, id)).await?;
    Ok(Shown(Deleted {}))
}

impl LtiPlatformFields {
    fn new_agreement(self, allow_http: bool) -> Result<(ConsumerSettings, LtiPlatform)> {
        let mut settings = ConsumerSettings::named(self.name.clone().required("name")?);
        let mut platform = LtiPlatform {
            lti_consumer_id: LtiConsumerId(0),
            issuer: self.issuer.clone().required("issuer")?,
            client_id: self.client_id.clone().required("client_id")?,
            deployment_ids: DeploymentIds::default(),
            authorization_url: self.authorization_url.clone().required("authorization_url")?,
            token_url: self.token_url.clone().required("token_url")?,
            audience: None,
            jwks_url: None,
            public_key: None,
        };
        self.set(&mut settings, &mut platform, allow_http)?;
        Ok((settings, platform))
    }

    fn set(self, settings: &mut ConsumerSettings, platform: &mut LtiPlatform, allow_http: bool) -> Result<()> {
        self.check_urls(allow_http)?;
        self.name.replace(&mut settings.name);
        self.lms.replace(&mut settings.lms);
        self.exam_id.apply(&mut settings.exam_id);
        self.return_hosts.fill(&mut settings.return_hosts.0);
        self.frame_origins.fill(&mut settings.frame_origins.0);
        self.group_parameters.fill(&mut settings.group_parameters.0);
        self.user_id_is_email.replace(&mut settings.user_id_is_email);
        self.disabled.replace(&mut settings.disabled);
        self.issuer.replace(&mut platform.issuer);
        self.client_id.replace(&mut platform.client_id);
        self.deployment_ids.fill(&mut platform.deployment_ids.0);
        self.authorization_url.replace(&mut platform.authorization_url);
        self.token_url.replace(&mut platform.token_url);
        self.audience.apply(&mut platform.audience);
        self.jwks_url.apply(&mut platform.jwks_url);
        self.public_key.apply(&mut platform.public_key);
        platform.check()
    }

    /// What is sent to the LMS, and what is fetched from it, goes over TLS.
    fn check_urls(&self, allow_http: bool) -> Result<()> {
        let urls = [
            ("authorization_url", self.authorization_url.get()),
            ("token_url", self.token_url.get()),
            ("jwks_url", self.jwks_url.get()),
        ];
        let mut given = urls.into_iter().filter_map(|(name, url)| Some((name, url?)));
        given.try_for_each(|(name, url)| check_launch_url(url, name, allow_http).map(|_| ()))
    }
}
