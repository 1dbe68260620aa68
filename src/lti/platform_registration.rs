//! Dynamic Registration 1.0, the tool's side: an administrator's invitation is opened in an LMS, which registers this
//! server, and becomes a platform that waits to be let in.
//!
//! Somebody waits for the two calls to the LMS. Only who was invited can cause them, and once.

use std::fmt::Display;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use examlink_lti::v1p3::claims::{EMAIL, FAMILY_NAME, GIVEN_NAME, ISSUER, NAME, SUBJECT, scope};
use examlink_lti::v1p3::message::MessageType;
use examlink_lti::v1p3::registration::{
    Initiation, PlatformConfiguration, Refusal as Refused, Registered, Registration, ToolConfiguration, ToolMessage,
};
use url::{Url, form_urlencoded};

use crate::app::{App, seconds};
use crate::domain::lti_consumer::{ConsumerCredentials, NewLtiConsumer};
use crate::domain::lti_platform::RegisteredPlatform;
use crate::domain::lti_urls::{KEY_SET, LAUNCH_1P3, LOGIN};
use crate::domain::text::Host;
use crate::domain::tool_provider::LtiVersion;
use crate::domain::tool_registration::{Leave, Registrant};
use crate::domain::{Error, Result};
use crate::lti::fetch::{AUTHORIZATION, Fetcher, Request};
use crate::lti::refusal::Refusal;
use crate::lti::views::RegisteredPage;
use crate::page::{Policy, html};
use crate::store::{Sender, Tx, lti_platforms, users};

/// Messages that are taken here.
const MESSAGES: [MessageType; 2] = [MessageType::ResourceLink, MessageType::DeepLinking];
/// What our access tokens are to be good for.
const SCOPES: [&str; 3] = [scope::LINE_ITEM, scope::SCORE, scope::MEMBERSHIP_READ];
/// What is read of people.
const CLAIMS: [&str; 6] = [ISSUER, SUBJECT, NAME, GIVEN_NAME, FAMILY_NAME, EMAIL];

/// Calls the LMSs that this server is registered at.
pub struct Registrar(Fetcher);

/// Registers this server at the LMS that opens an invitation. The page may stand in a frame of any LMS: nothing on it
/// can be pressed.
#[get("/lti/1.3/platform_registrations/{token}")]
pub async fn register_at_platform(
    request: HttpRequest,
    token: Path<String>,
    app: Data<App>,
    registrar: Data<Registrar>,
) -> HttpResponse {
    let ancestors = ["https:", "http:"].map(str::to_owned).to_vec();
    match registrar.register(&app, &token, request.query_string()).await {
        Ok(name) => {
            let policy = Policy { ancestors, ..Policy::default() };
            html(StatusCode::OK, &policy, &RegisteredPage { name: &name })
        }
        Err(refusal) => refusal.page(&request, ancestors),
    }
}

impl Registrar {
    /// Calls them so.
    pub const fn new(fetcher: Fetcher) -> Self {
        Self(fetcher)
    }

    /// Registers this server, and gives the name of the new platform.
    async fn register(&self, app: &App, token: &str, query: &str) -> Result<String, Refusal> {
        let leave = Leave::open(&app.keys, Registrant::Platform, token, app.clock.now()).ok_or(Refusal::Expired)?;
        let query: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let begun =
            Initiation::parse(&query, app.allow_http_tools).map_err(|error| Refusal::Malformed(error.to_string()))?;
        spend(app, &leave).await?;
        let configuration = self.configuration(app, &begun).await?;
        let registered = self.registered(app, &begun, &configuration).await?;
        store(app, leave, &configuration, registered).await
    }

    async fn configuration(&self, app: &App, begun: &Initiation) -> Result<PlatformConfiguration, Refusal> {
        let url = begun.configuration_url.as_str();
        let reply = self.0.send(Request::get(url)).await.map_err(|error| failed("its configuration", &error))?;
        if reply.status != 200 {
            return Err(failed("its configuration", &format!("the LMS answered {}", reply.status)));
        }
        PlatformConfiguration::read(&reply.body, url, app.allow_http_tools)
            .map_err(|error| failed("its configuration", &error))
    }

    async fn registered(
        &self,
        app: &App,
        begun: &Initiation,
        configuration: &PlatformConfiguration,
    ) -> Result<Registered, Refusal> {
        let step = "its answer to the registration";
        let url = configuration.registration_endpoint.as_deref().unwrap_or_default();
        let body = registration(app, configuration).to_value().to_string();
        let request = Request::post(url, "application/json", body);
        let request = match &begun.token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {}", token.reveal())),
            None => request,
        };
        let reply = self.0.send(request).await.map_err(|error| failed(step, &error))?;
        if !matches!(reply.status, 200 | 201) {
            let said = Refused::read(&reply.body).map(|refused| refused.description.unwrap_or(refused.code));
            let said = said.unwrap_or_else(|_| reply.shown());
            return Err(failed(step, &format!("the LMS answered {}: {said}", reply.status)));
        }
        Registered::read(&reply.body, app.allow_http_tools).map_err(|error| failed(step, &error))
    }
}

fn failed(step: &str, why: &dyn Display) -> Refusal {
    Refusal::NotRegistered(format!("{step}: {why}"))
}

/// Uses up the invitation, whatever comes of it.
async fn spend(app: &App, leave: &Leave) -> Result<(), Refusal> {
    let (institute, administrator) = (leave.institute, leave.administrator);
    let find = move |tx: &mut Tx<'_>| users::find_registrar(tx, institute, administrator);
    app.store.query(find).await?.ok_or(Refusal::Expired)?;
    let nonce = app.admit(Sender::Registrar(administrator), seconds(leave.given_at), &leave.nonce);
    Ok(app.store.spend(nonce.map_err(Error::Unauthenticated)?).await?)
}

/// How this server asks to be registered.
fn registration(app: &App, configuration: &PlatformConfiguration) -> Registration {
    let at = |path: &str| format!("{}{path}", app.public_url.as_str());
    let message = |kind: MessageType| ToolMessage {
        message_type: kind.as_str().to_owned(),
        target_link_uri: Some(at(LAUNCH_1P3)),
        label: Some(app.instance_name.clone()),
        ..ToolMessage::default()
    };
    let offered = |scope: &str| configuration.scopes.iter().any(|offered| offered == scope);
    Registration {
        client_name: app.instance_name.clone(),
        initiate_login_uri: at(LOGIN),
        redirect_uris: vec![at(LAUNCH_1P3)],
        jwks_uri: at(KEY_SET),
        client_uri: Some(at("")),
        contacts: app.contact_email.iter().cloned().collect(),
        scopes: SCOPES.into_iter().filter(|scope| offered(scope)).map(str::to_owned).collect(),
        tool: ToolConfiguration {
            domain: domain(app),
            target_link_uri: Some(at(LAUNCH_1P3)),
            messages: MESSAGES.map(message).to_vec(),
            claims: CLAIMS.map(str::to_owned).to_vec(),
            ..ToolConfiguration::default()
        },
        ..Registration::default()
    }
}

/// The host with its port, where that is not the usual one.
fn domain(app: &App) -> String {
    let url = Url::parse(app.public_url.as_str()).ok();
    let host = url.as_ref().and_then(Host::of);
    host.map_or_else(|| app.public_url.host().to_owned(), |host| host.to_string())
}

/// Stores the platform, shut out until an administrator lets it in.
async fn store(
    app: &App,
    leave: Leave,
    configuration: &PlatformConfiguration,
    registered: Registered,
) -> Result<String, Refusal> {
    let unfit = |why: &dyn Display| failed("what it says of itself", why);
    let described = RegisteredPlatform::read(configuration, &registered).map_err(|why| unfit(&why))?;
    let (now, key) = (app.clock.now(), ConsumerCredentials::random(app.random)?.key);
    let insert = move |tx: &mut Tx<'_>| {
        let new = NewLtiConsumer {
            institute_id: leave.institute,
            consumer_key: key.clone(),
            settings: described.settings.clone(),
            created_at: now,
            updated_at: now,
            lti_version: LtiVersion::V1p3,
        };
        let (consumer, _) = lti_platforms::insert(tx, &new, described.platform.clone())?;
        tracing::info!(lms = %consumer.id, administrator = %leave.administrator, "registered at an LMS");
        Ok(consumer.settings.name.to_string())
    };
    app.store.apply(insert).await.map_err(|error| match error {
        Error::Invalid(_) => unfit(&"it gave a client_id that it gave before"),
        other => other.into(),
    })
}
