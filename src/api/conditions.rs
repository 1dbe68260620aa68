//! The headers by which a client keeps its own requests from colliding: `Idempotency-Key` with requests of its own that
//! it sends again, `If-Match` with those of others.

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, IF_MATCH, IF_NONE_MATCH};
use sha2::{Digest, Sha256};

use crate::api::params::{COMMON, Parameters};
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::version::Version;
use crate::domain::{Error, Result};
use crate::store::idempotency::InFlight;
use crate::store::{Conditions, IfMatch};

/// The header that makes a POST safe to send again.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// The longest key, in characters.
pub const LONGEST_KEY: usize = 255;

/// What a verified request asks of its own commit. A key counts with POST, `If-Match` with PATCH, PUT and DELETE. Fails
/// where a request with the same key is `in_flight`.
pub fn of(
    request: &HttpRequest,
    parameters: &Parameters,
    user: &User,
    at: Timestamp,
    in_flight: &InFlight,
) -> Result<Conditions> {
    let (post, get) = (request.method() == Method::POST, request.method() == Method::GET);
    let key = if post { key(request.headers())? } else { None };
    let claim = |key| in_flight.claim(user, key, fingerprint(request, parameters), at);
    Ok(Conditions {
        if_match: if post || get { None } else { if_match(request.headers()) },
        once: key.map(claim).transpose()?,
        locks: None,
    })
}

/// The entity tag of an object (RFC 9110, section 8.8.3): which version of it was shown, and how it was shown. `If-Match`
/// asks for the first, `If-None-Match` for both: what is shown may change with the caller, and with other objects.
pub fn entity_tag(version: Version, body: &str) -> String {
    format!("\"{version}.{}\"", hex::encode(&Sha256::digest(body)[..8]))
}

/// Whether the caller has what this tag stands for already.
pub fn has_already(request: &HttpRequest, tag: &str) -> bool {
    let known = |given: &str| given == "*" || given.strip_prefix("W/").unwrap_or(given) == tag;
    request.method() == Method::GET && tags(request.headers(), &IF_NONE_MATCH).any(known)
}

/// Weak tags and tags of others match no version.
fn if_match(headers: &HeaderMap) -> Option<IfMatch> {
    headers.contains_key(IF_MATCH).then(|| {
        if tags(headers, &IF_MATCH).any(|tag| tag == "*") {
            return IfMatch::Any;
        }
        let version = |tag: &str| Some(tag.strip_prefix('"')?.strip_suffix('"')?.split_once('.')?.0.to_owned());
        IfMatch::Versions(tags(headers, &IF_MATCH).filter_map(version).collect())
    })
}

/// The members of a list of entity tags. Our own hold no comma, so it is cut at each.
fn tags<'h>(headers: &'h HeaderMap, name: &'h actix_web::http::header::HeaderName) -> impl Iterator<Item = &'h str> {
    headers.get_all(name).filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(',')).map(str::trim)
}

fn key(headers: &HeaderMap) -> Result<Option<&str>> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY);
    let Some(first) = given.next() else { return Ok(None) };
    let key = first.as_bytes();
    let visible = (1..=LONGEST_KEY).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
    match first.to_str() {
        Ok(key) if visible && given.next().is_none() => Ok(Some(key)),
        _ => Err(Error::invalid(
            IDEMPOTENCY_KEY,
            format!("must be given once, with 1 to {LONGEST_KEY} visible ASCII characters and no space"),
        )),
    }
}

/// The SHA-256 of what makes a request this one: method, path and parameters, without those that are new each time it is
/// sent. Lengths keep one part from running into the next.
fn fingerprint(request: &HttpRequest, parameters: &Parameters) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    };
    add(request.method().as_str());
    add(request.path());
    for (name, value) in parameters.all.iter().filter(|(name, _)| !COMMON.contains(&name.as_str())) {
        let mut text = String::new();
        value.write_signed(&mut text, true);
        add(name);
        add(&text);
    }
    if let Some(file) = &parameters.file {
        add(&file.name);
        add(&file.draft.digest());
    }
    hex::encode(hash.finalize())
}
