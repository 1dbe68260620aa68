//! Which tool calls: its key, its signature, the time and the nonce of its message, in this order.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Bytes, Payload};
use examlink_lti::v1::oauth1::{TimeWindow, UnverifiedMessage, UnverifiedRequest, VerifiedMessage, VerifiedRequest};
use examlink_lti::v1::outcomes::LONGEST_BODY;
use tokio::time::timeout;

use crate::app::App;
use crate::domain::error::Unauthenticated;
use crate::domain::secret::Secret;
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::ToolProvider;
use crate::domain::{Error, Result};
use crate::store::{Nonce, Sender, tool_providers};

/// The time for a body.
const BODY_WITHIN: Duration = Duration::from_secs(10);

/// A verified message, and the tools whose secret signed it. [`verify`] alone makes one, and the nonce in it must be
/// spent: what writes takes it.
#[derive(Debug)]
pub struct Signed<M> {
    /// What was signed.
    pub message: M,
    /// One tool, or several where institutes got the same key with the same secret.
    pub tools: Vec<ToolProvider>,
    /// To be spent with the answer.
    pub nonce: Nonce,
    /// The server's time when the message was verified.
    pub at: Timestamp,
}

impl<M> Signed<M> {
    /// The caller alone, once the message is read.
    pub fn without_message(self) -> Signed<()> {
        Signed { message: (), tools: self.tools, nonce: self.nonce, at: self.at }
    }
}

/// A message that proves nothing.
#[derive(Debug)]
pub struct Unsigned {
    /// A stable name of what is wrong.
    pub code: &'static str,
    /// What is wrong, and the way out.
    pub detail: String,
    /// The tools with the key that it names.
    pub tools: Vec<ToolProvider>,
    /// What should have been signed, where that is the question.
    pub base_string: Option<String>,
}

/// A message of either form that nobody has checked.
pub trait Unverified: Sized {
    /// What it becomes.
    type Verified: Verified;
    /// The key that it names.
    fn consumer_key(&self) -> &str;
    /// What is signed.
    fn base_string(&self) -> examlink_lti::Result<String>;
    /// Finds the signers among the holders of secrets.
    fn verify_by<H>(
        self,
        holders: Vec<(H, &Secret)>,
        window: TimeWindow,
    ) -> examlink_lti::Result<(Self::Verified, Vec<H>)>;
}

/// What makes a verified message different from all others.
pub trait Verified {
    /// Its nonce.
    fn nonce(&self) -> &str;
    /// When it was signed, in seconds since 1970.
    fn timestamp(&self) -> u64;
}

macro_rules! message {
    ($unverified:ty, $verified:ty $(, $life:lifetime)?) => {
        impl$(<$life>)? Unverified for $unverified {
            type Verified = $verified;
            fn consumer_key(&self) -> &str {
                <$unverified>::consumer_key(self)
            }
            fn base_string(&self) -> examlink_lti::Result<String> {
                <$unverified>::base_string(self)
            }
            fn verify_by<H>(
                self,
                holders: Vec<(H, &Secret)>,
                window: TimeWindow,
            ) -> examlink_lti::Result<($verified, Vec<H>)> {
                <$unverified>::verify_by(self, holders, window)
            }
        }

        impl$(<$life>)? Verified for $verified {
            fn nonce(&self) -> &str {
                <$verified>::nonce(self)
            }
            fn timestamp(&self) -> u64 {
                <$verified>::timestamp(self)
            }
        }
    };
}

message!(UnverifiedMessage<'a>, VerifiedMessage<'a>, 'a);
message!(UnverifiedRequest, VerifiedRequest);

impl Unsigned {
    /// A message whose form already is wrong, or a signature that is.
    pub fn refused(error: &examlink_lti::Error) -> Self {
        use examlink_lti::Error as Broken;
        let code = match error {
            Broken::OauthSignature | Broken::OauthSignatureEncoding => "signature_invalid",
            Broken::OauthBodyHash => "body_hash_invalid",
            Broken::OauthTimestampWindow { .. } => "timestamp_out_of_window",
            _ => "oauth_malformed",
        };
        Self { code, detail: error.to_string(), tools: Vec::new(), base_string: None }
    }

    /// A message whose nonce was used before.
    pub fn replayed(tools: Vec<ToolProvider>) -> Self {
        let detail = "oauth_nonce was used with this key and oauth_timestamp before; make a new one for every message";
        Self { code: "nonce_reused", detail: detail.into(), tools, base_string: None }
    }
}

/// Finds out who signed a message. A key that nobody has takes as long as a wrong signature.
pub async fn verify<U: Unverified>(app: &App, message: U) -> Result<Result<Signed<U::Verified>, Unsigned>> {
    let key = message.consumer_key().to_owned();
    let nobody = Secret::new(app.keys.ticket("lti nobody", &key));
    let known = app.store.query(move |tx| tool_providers::by_consumer_key(tx, &key)).await?;
    let tools = || known.iter().map(|(tool, _)| tool.clone()).collect::<Vec<_>>();
    let mut holders: Vec<(Option<&ToolProvider>, &Secret)> =
        known.iter().map(|(tool, secret)| (Some(tool), secret)).collect();
    if holders.is_empty() {
        holders.push((None, &nobody));
    }
    let at = app.clock.now();
    let window = app.lti_window(at);
    let base_string = message.base_string().ok();
    let (message, signers) = match message.verify_by(holders, window) {
        Ok(verified) => verified,
        Err(error) => return Ok(Err(Unsigned { tools: tools(), base_string, ..Unsigned::refused(&error) })),
    };
    let signers: Vec<ToolProvider> = signers.into_iter().flatten().cloned().collect();
    let Some(first) = signers.first().map(|tool| tool.id) else {
        return Ok(Err(Unsigned::refused(&examlink_lti::Error::OauthSignature)));
    };
    match app.admit(Sender::Tool(first), message.timestamp(), message.nonce()) {
        Ok(nonce) => Ok(Ok(Signed { message, tools: signers, nonce, at })),
        Err(Unauthenticated::NonceReused) => Ok(Err(Unsigned::replayed(signers))),
        Err(_) => {
            let (timestamp, TimeWindow { now, seconds }) = (message.timestamp(), window);
            let error = examlink_lti::Error::OauthTimestampWindow { timestamp, now, seconds };
            Ok(Err(Unsigned { tools: tools(), ..Unsigned::refused(&error) }))
        }
    }
}

/// What a message becomes whose nonce another server spent first; other failures stay failures.
pub fn spent_elsewhere<T>(done: Result<T>, tools: &[ToolProvider]) -> Result<Result<T, Unsigned>> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(Error::Unauthenticated(Unauthenticated::NonceReused)) => Ok(Err(Unsigned::replayed(tools.to_vec()))),
        Err(error) => Err(error),
    }
}

/// The body of a message, where it is not too long and comes in time.
pub async fn body(payload: Payload) -> Option<Bytes> {
    let read = timeout(BODY_WITHIN, payload.to_bytes_limited(LONGEST_BODY)).await;
    read.ok().and_then(std::result::Result::ok).and_then(std::result::Result::ok)
}

/// The header that carries the signature; empty where there is none or it is no text.
pub fn authorization(request: &HttpRequest) -> &str {
    let mut all = request.headers().get_all(AUTHORIZATION);
    match (all.next(), all.next()) {
        (Some(one), None) => one.to_str().unwrap_or_default(),
        _ => "",
    }
}

/// The address that the sender called, by the configured public URL: whatever a proxy or the sender made of the host.
pub fn called(app: &App, request: &HttpRequest) -> String {
    let target = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    format!("{}{target}", app.public_url.as_str())
}
