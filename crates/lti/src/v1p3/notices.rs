//! What a platform tells a tool unasked: LTI Platform Notification Service 1.0, as the platform.

use serde_json::{Value, json};
use url::Url;

use super::claims::{self, scope};
use super::id_token::context;
use super::jwt::Claims;
use super::message::LTI_VERSION;
use super::reader::{Object, parse};
use super::service_error::{Result, ServiceError};
use super::timestamp::Timestamp;
use crate::v1::launch::Context;

/// The most notices that one request may be asked to hold.
const LARGEST_BATCH: u32 = 1000;

/// The kinds of notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoticeType {
    /// `LtiHelloWorldNotice`: tries out a new handler.
    HelloWorld,
    /// `LtiContextCopyNotice`: a context was made from others.
    ContextCopy,
}

impl NoticeType {
    /// Every value under its name on the wire.
    pub const NAMES: [(&'static str, Self); 2] =
        [("LtiHelloWorldNotice", Self::HelloWorld), ("LtiContextCopyNotice", Self::ContextCopy)];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize].0
    }
}

/// The claim [`NOTIFICATION_SERVICE`](claims::NOTIFICATION_SERVICE), which offers every [`NoticeType`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationsClaim {
    /// `platform_notification_service_url`
    pub url: String,
}

impl NotificationsClaim {
    /// Writes the claim.
    pub fn to_value(&self) -> Value {
        json!({
            "service_versions": ["1.0"],
            "platform_notification_service_url": self.url,
            "scope": [scope::NOTICE_HANDLERS],
            "notice_types_supported": NoticeType::NAMES.map(|(name, _)| name),
        })
    }
}

/// Where the notices of one type go: there is one handler for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handler {
    /// `notice_type`
    pub notice_type: NoticeType,
    /// `handler`: its URL; `None` takes it away.
    pub url: Option<String>,
    /// `max_batch_size`: how many notices to a request at most.
    pub batch: Option<u32>,
}

impl Handler {
    /// Reads the body of a PUT. The handler must be at one of the tool's `domains`, or below one; http only to this
    /// machine, or where `allow_http`.
    ///
    /// Fails with the shape variants of [`ServiceError`], and with [`ServiceError::HandlerDomain`].
    pub fn read(body: &[u8], domains: &[&str], allow_http: bool) -> Result<Self> {
        let document = parse(body)?;
        let request = Object::read(&document, String::new())?;
        request.required("handler", request.get("handler"))?;
        let notice_type = request.one_of("notice_type", &NoticeType::NAMES)?;
        let url = request.secure_url("handler", allow_http)?;
        if let Some(url) = &url {
            check_domain(url, domains)?;
        }
        Ok(Self { notice_type: request.required("notice_type", notice_type)?, url, batch: batch(&request)? })
    }

    /// Writes the answer to a PUT, and one entry of the answer to a GET.
    pub fn to_value(&self) -> Value {
        json!({ "notice_type": self.notice_type.as_str(), "handler": self.url.as_deref().unwrap_or_default() })
    }
}

/// Writes the answer to a GET.
pub fn handlers_to_value(client_id: &str, deployment_id: &str, handlers: &[Handler]) -> Value {
    let handlers: Vec<Value> = handlers.iter().map(Handler::to_value).collect();
    json!({ "client_id": client_id, "deployment_id": deployment_id, "notice_handlers": handlers })
}

/// What happened.
#[derive(Clone, Debug)]
pub struct Notice {
    /// `id`: its own name, a UUID; the same when it is sent again.
    pub id: String,
    /// `timestamp`: when it happened.
    pub timestamp: Timestamp,
    /// The rest.
    pub event: Event,
}

/// What a notice tells.
#[derive(Clone, Debug)]
pub enum Event {
    /// Nothing: it tries out the handler.
    HelloWorld,
    /// A context was made from others.
    ContextCopy {
        /// `context`: the new one.
        context: Context,
        /// `origin_contexts`: the ids of what it was made from.
        origins: Vec<String>,
    },
}

/// Whom a notice is for: one deployment of a tool.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    /// `iss`: the platform.
    pub issuer: &'a str,
    /// `aud`: the tool's name at the platform.
    pub client_id: &'a str,
    /// `deployment_id`
    pub deployment_id: &'a str,
}

impl Notice {
    /// The claims of the token to be signed, made at `now` and good for `life` seconds; `nonce` is new each time that
    /// the notice is sent. There is no `sub`: nobody launches anything.
    ///
    /// Fails with [`Error::Id`](super::Error::Id), for the id of the context.
    pub fn claims(&self, to: &Recipient<'_>, nonce: &str, now: u64, life: u64) -> super::Result<Claims> {
        let mut message = Claims::default();
        message.put(claims::ISSUER, to.issuer);
        message.put(claims::AUDIENCE, to.client_id);
        message.put(claims::AUTHORIZED_PARTY, to.client_id);
        message.put(claims::ISSUED_AT, now);
        message.put(claims::EXPIRES, now.saturating_add(life));
        message.put(claims::NONCE, nonce);
        message.put(claims::DEPLOYMENT_ID, to.deployment_id);
        message.put(claims::VERSION, LTI_VERSION);
        let notice_type = self.event.write(&mut message)?;
        let notice = json!({ "id": self.id, "timestamp": self.timestamp.to_string(), "type": notice_type.as_str() });
        message.put(claims::NOTICE, notice);
        Ok(message)
    }
}

impl Event {
    fn write(&self, message: &mut Claims) -> super::Result<NoticeType> {
        match self {
            Self::HelloWorld => Ok(NoticeType::HelloWorld),
            Self::ContextCopy { context: copy, origins } => {
                message.put(claims::CONTEXT, context(copy)?);
                message.put(claims::ORIGIN_CONTEXTS, origins.clone());
                Ok(NoticeType::ContextCopy)
            }
        }
    }
}

/// Writes the body that is posted to a handler, from signed tokens.
pub fn notices_to_value(tokens: &[String]) -> Value {
    json!({ "notices": tokens.iter().map(|token| json!({ "jwt": token })).collect::<Vec<_>>() })
}

/// Whether notices may go to a URL: it is at one of the tool's `domains`, or below one.
///
/// Fails with [`ServiceError::HandlerDomain`].
pub fn check_domain(url: &str, domains: &[&str]) -> Result<()> {
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let below = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    // Tools that are being made name their port along with their domain.
    let name = |domain: &str| domain.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let is_tools = |domain: &&str| !name(domain).is_empty() && below(&name(domain));
    if domains.iter().any(is_tools) { Ok(()) } else { Err(ServiceError::HandlerDomain(host)) }
}

fn batch(request: &Object<'_>) -> Result<Option<u32>> {
    match request.whole("max_batch_size", LARGEST_BATCH)? {
        Some(0) => {
            let range = format!("a whole number from 1 to {LARGEST_BATCH}");
            Err(ServiceError::OutOfRange { at: request.at("max_batch_size"), range })
        }
        batch => Ok(batch),
    }
}
