//! Who calls, and whether the request is whole: token, signature, timestamp, nonce, role, in this order.
//!
//! [`Signed`] is the only way into a handler of the API. What it holds has been verified, and its nonce must be spent:
//! the store takes it with every read and every write.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};

use actix_web::dev::Payload;
use actix_web::http::header::ACCEPT;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};

use crate::api::conditions;
use crate::api::limits::Limits;
use crate::api::openapi;
use crate::api::params::{Accepts, Nothing, Parameters};
use crate::api::problem::{Kind, Problem};
use crate::api::signature::{self, Claim, Credential, PreparedKey, Scheme, Vocabulary};
use crate::app::{App, RequestId};
use crate::domain::access::{Permit, Scope};
use crate::domain::error::Unauthenticated;
use crate::domain::id::CredentialId;
use crate::domain::secret::{Secret, TokenHash};
use crate::domain::time::{Span, Timestamp};
use crate::domain::user::User;
use crate::domain::{Error, Result};
use crate::store::users::{self, Caller};
use crate::store::{Conditions, Nonce, Sender, Store};

/// A verified request of somebody who has the permission `P`, with its parameters read into `T`.
#[derive(Debug)]
pub struct Signed<P, T = Nothing> {
    /// Who calls, and the nonce.
    pub auth: Auth<P>,
    /// The parameters beside the ids of the path.
    pub params: T,
}

/// Who calls.
#[derive(Debug)]
pub struct Auth<P> {
    /// The user.
    pub user: Arc<User>,
    /// The part of the data that the user sees: the only source of an institute for a query.
    pub scope: Scope,
    /// The server's time when the request was verified.
    pub at: Timestamp,
    /// To be spent with the answer. It carries the conditions of the request.
    pub nonce: Nonce,
    captures: BTreeMap<&'static str, String>,
    permission: PhantomData<P>,
}

impl<P> Auth<P> {
    /// An id that stands in the path. What is no number is the id of nothing: 0, which no row has.
    pub fn path(&self, name: &str) -> i64 {
        let text = self.captures.get(name).map_or("", String::as_str);
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { text.parse().unwrap_or(0) } else { 0 }
    }
}

/// Callers that signed a request lately, so that their keys need not be opened again for every request. An entry lives
/// for half a second: that is how long a change on another server may take to be seen. A change on this server is seen
/// at once.
#[derive(Debug, Default)]
pub struct Callers(RwLock<HashMap<TokenHash, Arc<Known>>>);

/// How long an entry is good for.
const FRESH_MILLIS: i64 = 500;
/// Entries at most; a flood of tokens empties the table instead of growing it.
const MOST: usize = 10_000;

#[derive(Debug)]
struct Known {
    user: Arc<User>,
    credential: CredentialId,
    key: PreparedKey,
    expires_at: Option<Timestamp>,
    version: u64,
    read_at: Timestamp,
}

impl Known {
    fn from(caller: Caller, version: u64, read_at: Timestamp) -> Self {
        Self {
            user: Arc::new(caller.user),
            credential: caller.credential,
            key: signature::prepare(caller.secret.reveal()),
            expires_at: caller.expires_at,
            version,
            read_at,
        }
    }

    /// The first of the messages that carries the signature. All are tried, so the time tells nothing.
    fn signed(&self, claim: &Claim, now: Timestamp) -> Option<usize> {
        let right = signed_by(&self.key, claim);
        right.filter(|_| self.expires_at.is_none_or(|until| now < until) && !self.user.disabled)
    }

    /// Why it was refused, for the log alone: callers are all told the same.
    fn refusal(&self, now: Timestamp) -> &'static str {
        if self.user.disabled {
            "disabled user"
        } else if self.expires_at.is_some_and(|until| until <= now) {
            "ended token"
        } else {
            "wrong signature"
        }
    }
}

fn signed_by(key: &PreparedKey, claim: &Claim) -> Option<usize> {
    claim.messages.iter().enumerate().fold(None, |found, (index, message)| {
        let right = signature::verify(key, message, claim.signature);
        found.or(right.then_some(index))
    })
}

/// Verifies for somebody who may not exist: refusing an unknown token costs what refusing a signature costs.
fn signed(known: Option<&Known>, claim: &Claim, now: Timestamp) -> Option<usize> {
    if let Some(known) = known {
        return known.signed(claim, now);
    }
    let _ = signed_by(&signature::prepare("nobody's key"), claim);
    None
}

impl Callers {
    fn recent(&self, token: &TokenHash, version: u64, now: Timestamp) -> Option<Arc<Known>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(token).cloned()?;
        let age = now.millis() - known.read_at.millis();
        (known.version == version && (0..FRESH_MILLIS).contains(&age)).then_some(known)
    }

    fn keep(&self, token: TokenHash, known: &Arc<Known>) {
        let mut table = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if table.len() >= MOST {
            table.clear();
        }
        table.insert(token, known.clone());
    }

    /// Refuses a token that opens nothing. A file is written to the disk before its signature can be verified, so those
    /// who have no token are refused before. Whoever guesses 256 random bits learns that they are somebody's, no more.
    async fn expect(&self, app: &App, token: &Secret) -> Result<()> {
        let (hash, now) = (TokenHash::of(token), app.clock.now());
        if self.recent(&hash, app.store.callers_version(), now).is_some() {
            return Ok(());
        }
        let caller = app.store.query(move |tx| users::find_caller(tx, hash)).await?;
        let opens = |caller: &Caller| !caller.user.disabled && caller.expires_at.is_none_or(|until| now < until);
        caller.filter(opens).map(|_| ()).ok_or(Error::Unauthenticated(Unauthenticated::BadSignature))
    }

    /// Who signed, and which of the messages. A signature that the remembered key refuses is tried once more with the
    /// key in the database: another server may have changed it, and a wrong signature then takes as long as an
    /// unknown token.
    async fn find(&self, request: &HttpRequest, app: &App, claim: &Claim) -> Result<(Arc<Known>, usize)> {
        let (hash, now, version) = (TokenHash::of(&claim.token), app.clock.now(), app.store.callers_version());
        let recent = self.recent(&hash, version, now);
        if let (Some(message), Some(known)) = (signed(recent.as_deref(), claim, now), recent) {
            return Ok((known, message));
        }
        let caller = app.store.query(move |tx| users::find_caller(tx, hash)).await?;
        let known = caller.map(|caller| Arc::new(Known::from(caller, version, now)));
        let message = signed(known.as_deref(), claim, now);
        let (Some(message), Some(known)) = (message, known.clone()) else {
            let (user, why) = match known {
                Some(known) => (Some(known.user.id.0), known.refusal(now)),
                None => (None, "unknown token"),
            };
            let request_id = request.extensions().get::<RequestId>().map(ToString::to_string);
            tracing::info!(request_id, user, why, "a caller was refused");
            return Err(Error::Unauthenticated(Unauthenticated::BadSignature));
        };
        self.keep(hash, &known);
        note_use(&app.store, &known.user, now);
        Ok((known, message))
    }
}

/// Notes the use of an account, at most once a minute and without keeping the request waiting.
fn note_use(store: &Store, user: &User, now: Timestamp) {
    if user.last_used_at.is_none_or(|last| last + Span::minutes(1) <= now) {
        let (store, id) = (store.clone(), user.id);
        actix_web::rt::spawn(async move {
            let noted = store.apply(move |tx| users::touch(tx, id, now)).await;
            noted.unwrap_or_else(|error| tracing::debug!(%error, "the use of an account was not noted"));
        });
    }
}

impl<P: Permit, T: Accepts> FromRequest for Signed<P, T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = std::result::Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(
            async move { admit(&request, payload).await.map_err(|problem| Limits::count_failure(&request, problem)) },
        )
    }
}

async fn admit<P: Permit, T: Accepts>(
    request: &HttpRequest,
    payload: Payload,
) -> std::result::Result<Signed<P, T>, Problem> {
    check_version(request)?;
    let credential = Credential::of(request)?;
    let app: &App = part::<App>(request)?;
    if T::FILE.is_some() {
        part::<Callers>(request)?.expect(app, credential.token()).await?;
    }
    let parameters = Parameters::read(request, payload, T::FILE, app).await?;
    let claim = credential.claim(request, &parameters, &app.public_url)?;
    let auth = verify::<P>(request, app, &claim, &parameters).await?;
    match read::<P, T>(request, app, &auth, parameters) {
        Ok((params, conditions)) => Ok(Signed { auth: Auth { nonce: auth.nonce.under(conditions), ..auth }, params }),
        Err(error) => {
            app.store.spend(auth.nonce).await?;
            Err(error.into())
        }
    }
}

/// What a verified request asks for, where the caller's role may ask for it.
fn read<P: Permit, T: Accepts>(
    request: &HttpRequest,
    app: &App,
    auth: &Auth<P>,
    parameters: Parameters,
) -> Result<(T, Conditions)> {
    if !auth.user.role.may(P::PERMISSION) {
        return Err(Error::Forbidden);
    }
    let conditions = conditions::of(request, &parameters, &auth.user, auth.at, app.store.in_flight())?;
    Ok((parameters.into()?, conditions))
}

/// A part of the server that its requests share.
fn part<T: 'static>(request: &HttpRequest) -> Result<&T> {
    let part = request.app_data::<Data<T>>().map(|part| &***part);
    part.ok_or_else(|| Error::Internal("the server was built without its parts".into()))
}

async fn verify<P>(
    request: &HttpRequest,
    app: &App,
    claim: &Claim,
    parameters: &Parameters,
) -> std::result::Result<Auth<P>, Problem> {
    let (known, message) = part::<Callers>(request)?.find(request, app, claim).await?;
    part::<Limits>(request)?.count(request, known.credential)?;
    if claim.scheme == Scheme::Parameters {
        if known.user.require_message_signature {
            return Err(Error::Unauthenticated(Unauthenticated::MessageSignatureRequired).into());
        }
        check_reading(&claim.messages[message], message == 1, parameters, openapi::vocabulary())?;
    }
    let at = app.clock.now();
    let timestamp = in_window(app, claim, at)?;
    let sender = Sender::Credential(known.credential);
    let nonce = app.store.nonces().admit(sender, &claim.nonce, timestamp).map_err(Error::Unauthenticated)?;
    let captures =
        parameters.captured.iter().filter_map(|name| Some((*name, parameters.text(name)?.to_owned()))).collect();
    Ok(Auth { scope: known.user.scope(), user: known.user.clone(), at, nonce, captures, permission: PhantomData })
}

/// Refuses parameters whose message could be read in another way. Unknown names are left to the handler's type, which
/// names them.
fn check_reading(
    message: &str,
    compact: bool,
    parameters: &Parameters,
    vocabulary: &Vocabulary,
) -> std::result::Result<(), Problem> {
    let known = parameters.all.keys().all(|name| name == "signature" || vocabulary.knows(name));
    match known.then(|| signature::ambiguous(&parameters.all, message, compact, vocabulary)).flatten() {
        None => Ok(()),
        Some(name) => Err(Problem::at(
            Kind::AMBIGUOUS,
            name,
            "holds a question mark, a parameter's name and '='; put another query parameter first",
        )),
    }
}

fn in_window(app: &App, claim: &Claim, now: Timestamp) -> Result<Timestamp> {
    let skew = now.millis().saturating_sub(claim.timestamp);
    let window = i64::from(app.signature_window_seconds) * 1_000;
    let at = Timestamp::from_millis(claim.timestamp);
    let Some(at) = at.filter(|at| skew.abs() <= window && !app.store.nonces().forgot(*at)) else {
        // Seconds of this century, read as milliseconds, are a day in 1970.
        let seconds = claim.timestamp < 100_000_000_000;
        return Err(Error::Unauthenticated(Unauthenticated::Stale { server: now.millis(), skew, seconds }));
    };
    match claim.expires {
        Some(expires) if expires < now.millis() => {
            Err(Error::Unauthenticated(Unauthenticated::Expired { server: now.millis(), expires }))
        }
        _ => Ok(at),
    }
}

/// `application/vnd.procwise.v3`, JSON and `*/*` all mean version 3.
fn check_version(request: &HttpRequest) -> std::result::Result<(), Problem> {
    const SERVED: [&str; 5] =
        ["application/vnd.procwise.v3", "application/vnd.procwise.v3+json", "application/json", "application/*", "*/*"];
    let Some(accept) = request.headers().get(ACCEPT) else { return Ok(()) };
    let mut ranges =
        accept.to_str().unwrap_or_default().split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
    if ranges.any(|range| SERVED.contains(&range)) {
        Ok(())
    } else {
        Err(Problem::new(
            Kind::NOT_ACCEPTABLE,
            "Version 3 is served: accept application/vnd.procwise.v3 or application/json.",
        ))
    }
}
