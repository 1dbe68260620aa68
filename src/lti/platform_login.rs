//! `/lti/1.3/login`: a platform asks this server, as its tool, to ask who somebody is (LTI Security Framework 1.0,
//! section 5.1.1.1). The browser is sent to the platform with a `state` that only it can bring back.
//!
//! Nothing is stored: the state says what it is about, with a ticket of the master key, the nonce is made of the state,
//! and the browser is known again by a cookie of this one login, or by what the platform's page [keeps](login_state).

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, get, post};
use examlink_lti::v1::oauth1::Param;
use examlink_lti::v1p3::form_pairs;
use examlink_lti::v1p3::login::{AuthenticationStart, ReceivedLogin};
use url::Url;

use crate::app::App;
use crate::domain::id::LtiConsumerId;
use crate::domain::lti_urls::LAUNCH_1P3;
use crate::domain::time::{Span, Timestamp};
use crate::domain::{Error, Result};
use crate::lti::login_state;
use crate::lti::refusal::Refusal;
use crate::mark::Mark;
use crate::page::see_other;
use crate::store::lti_platforms;

/// How long somebody may take to log in at the platform.
const OPEN_FOR: Span = Span::minutes(10);
/// The longest name of a frame that is handed back in a state, in bytes.
const LONGEST_FRAME: usize = 100;
const STATE: &str = "state of a login at a platform";
const NONCE: &str = "nonce of a login at a platform";
const BROWSER: &str = "browser of a login at a platform";

/// Begins a login that comes as a link.
#[get("/lti/1.3/login")]
pub async fn begin_login(request: HttpRequest, app: Data<App>) -> HttpResponse {
    let pairs = form_pairs(request.query_string().as_bytes());
    answer(&request, &app, pairs).await
}

/// The same as a form.
#[post("/lti/1.3/login")]
pub async fn begin_login_by_form(request: HttpRequest, body: Bytes, app: Data<App>) -> HttpResponse {
    match form(&request, &body) {
        Ok(pairs) => answer(&request, &app, pairs).await,
        Err(refusal) => refusal.page(&request, Vec::new()),
    }
}

/// The fields of a form.
pub fn form(request: &HttpRequest, body: &[u8]) -> Result<Vec<Param>, Refusal> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(Refusal::Malformed("the request is no form".into()));
    }
    Ok(form_pairs(body))
}

async fn answer(request: &HttpRequest, app: &App, pairs: Vec<Param>) -> HttpResponse {
    begin(app, pairs).await.unwrap_or_else(|refusal| refusal.page(request, Vec::new()))
}

async fn begin(app: &App, pairs: Vec<Param>) -> Result<HttpResponse, Refusal> {
    let asked = ReceivedLogin::read(pairs).map_err(|error| Refusal::Malformed(error.to_string()))?;
    check_target(app, &asked.target_link_uri)?;
    let (issuer, client_id) = (asked.issuer.clone(), asked.client_id.clone());
    let found = app.store.query(move |tx| lti_platforms::by_issuer(tx, &issuer, client_id.as_deref())).await?;
    let unknown = || Refusal::Unverified("iss and client_id are those of no platform that is registered here".into());
    let agreed = found.ok_or_else(unknown)?;
    let (consumer, platform) = &agreed;
    if consumer.settings.disabled {
        return Err(Refusal::ShutOut);
    }
    if let Some(id) = asked.deployment_id.as_ref().filter(|id| !platform.has_deployment(id)) {
        return Err(Refusal::Deployment(id.clone()));
    }
    let started = StartedLogin::new(app, consumer.id, asked.storage_target.clone())?;
    let start = AuthenticationStart {
        endpoint: platform.authorization_url.as_str(),
        client_id: platform.client_id.as_str(),
        redirect_uri: &format!("{}{LAUNCH_1P3}", app.public_url.as_str()),
        state: &started.state(app),
        nonce: &started.nonce(app),
    };
    let url = asked.authentication_url(&start).map_err(|error| Error::Internal(error.to_string()))?;
    let mut reply = match &started.frame {
        Some(frame) => login_state::keep(app, &started, frame, &agreed, &url),
        None => see_other(&url),
    };
    started.mark(app).leave(&mut reply, OPEN_FOR);
    Ok(reply)
}

/// What a message leads to must be here. Nobody is redirected there all the same.
pub fn check_target(app: &App, target: &str) -> Result<(), Refusal> {
    let origin = |url: &str| Url::parse(url).ok().map(|url| url.origin()).filter(url::Origin::is_tuple);
    match (origin(target), origin(app.public_url.as_str())) {
        (Some(target), Some(here)) if target == here => Ok(()),
        _ => Err(Refusal::Malformed("target_link_uri is no address of this exam platform".into())),
    }
}

/// A login that has begun and that the platform will answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartedLogin {
    /// Which platform was asked.
    pub platform: LtiConsumerId,
    /// When.
    pub at: Timestamp,
    random: String,
    /// The frame of the platform's page that keeps the state of tools, where it has one.
    pub frame: Option<String>,
}

impl StartedLogin {
    fn new(app: &App, platform: LtiConsumerId, frame: Option<String>) -> Result<Self> {
        let frame = frame.filter(|name| name.len() <= LONGEST_FRAME);
        Ok(Self { platform, at: app.clock.now(), random: app.random.hex::<16>()?, frame })
    }

    fn words(&self) -> String {
        let words = format!("{}-{}-{}", self.platform, self.at.micros(), self.random);
        match &self.frame {
            Some(frame) => format!("{words}-{}", hex::encode(frame)),
            None => words,
        }
    }

    /// What the platform's page keeps the state of this login by.
    pub fn key(&self) -> String {
        format!("examlink-login-{}", self.random)
    }

    /// The login in the words that the platform hands back.
    fn state(&self, app: &App) -> String {
        let words = self.words();
        format!("{words}-{}", app.keys.ticket(STATE, &words))
    }

    /// The login that a platform hands back, if these are words of ours.
    ///
    /// Fails with [`Refusal::Unverified`], and with [`Refusal::Stale`] where it took too long.
    pub fn read(app: &App, state: &str, now: Timestamp) -> Result<Self, Refusal> {
        let started = Self::parse(app, state).ok_or_else(|| Refusal::Unverified("state is not ours".into()))?;
        if now < started.at + OPEN_FOR { Ok(started) } else { Err(Refusal::Stale) }
    }

    fn parse(app: &App, state: &str) -> Option<Self> {
        let (words, ticket) = state.rsplit_once('-')?;
        if !app.keys.is_ticket(ticket, STATE, words) {
            return None;
        }
        let (platform, micros, random, frame) = match words.split('-').collect::<Vec<_>>()[..] {
            [platform, micros, random] => (platform, micros, random, None),
            [platform, micros, random, frame] => (platform, micros, random, Some(frame)),
            _ => return None,
        };
        let at = Timestamp::from_micros(micros.parse().ok()?);
        let frame = frame.map(|frame| String::from_utf8(hex::decode(frame).ok()?).ok());
        let platform = LtiConsumerId(platform.parse().ok()?);
        Some(Self { platform, at, random: random.to_owned(), frame: frame.flatten() })
    }

    /// What the platform's token must repeat. It serves once.
    pub fn nonce(&self, app: &App) -> String {
        app.keys.ticket(NONCE, &self.words())
    }

    /// What the browser is known again by.
    pub fn mark(&self, app: &App) -> Mark {
        Mark::new("login", "framed-login", &self.random, app.keys.ticket(BROWSER, &self.words()))
    }
}
