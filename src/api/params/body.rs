//! The query and the body: forms, JSON objects and multipart, each name once.

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use actix_http::BoxedPayloadStream;
use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use futures_util::{StreamExt, TryStreamExt, stream};
use percent_encoding::percent_decode;
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, timeout_at};

use crate::api::params::{Item, Upload, Value};
use crate::api::problem::{Kind, Problem};

/// The largest body, in bytes.
pub const MAX_BODY: usize = 1 << 20;
/// The time for a whole body.
const TIME: Duration = Duration::from_secs(10);
/// The time in which a body must begin. From then on each kilobyte buys a second.
const PATIENCE: Duration = Duration::from_secs(5);

/// Parameters in the order of the body.
pub type Pairs = Vec<(String, Value)>;

/// A body that was read.
#[derive(Debug, Default)]
pub struct Body {
    /// Its parameters.
    pub pairs: Pairs,
    /// Its file, where the call takes one.
    pub file: Option<Upload>,
    /// The SHA-256 of all its bytes; `None` where there are none.
    pub digest: Option<[u8; 32]>,
}

/// Reads the body of a request: as it came, and by its type. No body is no parameters, whatever the type says.
pub async fn read(request: &HttpRequest, payload: Payload) -> Result<Body, Problem> {
    let announced = request.headers().get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.unwrap_or(0) > MAX_BODY {
        return Err(too_large());
    }
    let bytes = collect(payload).await?;
    if bytes.is_empty() {
        return Ok(Body::default());
    }
    if request.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Problem::new(Kind::MEDIA_TYPE, "A compressed body is not read."));
    }
    let pairs = match media_type(request.headers())?.as_str() {
        "application/json" => json(&bytes),
        "application/x-www-form-urlencoded" => form(&bytes),
        "multipart/form-data" => multipart(request, bytes.clone()).await,
        other => Err(Problem::new(Kind::MEDIA_TYPE, format!("A body of type {other:?} is not read."))),
    };
    Ok(Body { pairs: pairs?, file: None, digest: Some(Sha256::digest(&bytes).into()) })
}

/// Takes a body as it comes, and not a byte more than [`MAX_BODY`], nor slower than a kilobyte a second.
async fn collect(mut payload: Payload) -> Result<Bytes, Problem> {
    let (mut body, started) = (BytesMut::new(), Instant::now());
    while let Some(chunk) = timeout_at(deadline(started, body.len()), payload.next()).await.map_err(|_| slow())? {
        let chunk =
            chunk.map_err(|error| Problem::new(Kind::MALFORMED, format!("The body cannot be read: {error}")))?;
        if body.len() + chunk.len() > MAX_BODY {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Until when the next bytes must come, after `received` of them.
fn deadline(started: Instant, received: usize) -> Instant {
    let bought = Duration::from_millis(u64::try_from(received).unwrap_or(u64::MAX));
    started + PATIENCE.saturating_add(bought).min(TIME)
}

/// A body that is larger than any other than a file's may be.
pub fn too_large() -> Problem {
    Problem::new(Kind::TOO_LARGE, format!("The body is larger than {MAX_BODY} bytes."))
}

/// A body that does not arrive in time.
pub fn slow() -> Problem {
    Problem::new(Kind::SLOW, "The body did not arrive in time.")
}

/// The type without its parameters. Only UTF-8 is read.
pub fn media_type(headers: &HeaderMap) -> Result<String, Problem> {
    let header =
        headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    let mut parts = header.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default().to_owned();
    let charset =
        parts.find_map(|part| part.strip_prefix("charset=")).map(|charset| charset.trim_matches('"').to_owned());
    match charset.as_deref() {
        None | Some("utf-8" | "utf8") => Ok(media_type),
        Some(other) => Err(Problem::new(Kind::MEDIA_TYPE, format!("The charset {other} is not read; send UTF-8."))),
    }
}

/// Reads `name=value&…`, percent-decoded once, with `+` for a space.
pub fn form(bytes: &[u8]) -> Result<Pairs, Problem> {
    let mut pairs = Unique::default();
    for part in bytes.split(|byte| *byte == b'&').filter(|part| !part.is_empty()) {
        let (name, value) =
            part.iter().position(|byte| *byte == b'=').map_or((part, &[][..]), |at| (&part[..at], &part[at + 1..]));
        pairs.add(decode(name)?, Value::Text(decode(value)?))?;
    }
    Ok(pairs.pairs)
}

fn decode(bytes: &[u8]) -> Result<String, Problem> {
    let spaced: Vec<u8> = bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let text = percent_decode(&spaced)
        .decode_utf8()
        .map_err(|_| Problem::new(Kind::MALFORMED, "The parameters are not UTF-8."))?;
    Ok(text.into_owned())
}

/// Reads a JSON object, each name once.
pub fn json(bytes: &[u8]) -> Result<Pairs, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| Problem::new(Kind::MALFORMED, "The body is not UTF-8."))?;
    let Object(entries) = serde_json::from_str(text)
        .map_err(|error| Problem::new(Kind::MALFORMED, format!("The body is not a JSON object: {error}")))?;
    let mut pairs = Unique::default();
    for (name, raw) in entries {
        let value = scalar_or_list(&name, raw.get())?;
        pairs.add(name, value)?;
    }
    Ok(pairs.pairs)
}

/// The members of a JSON object, doubles included, each value as its text.
struct Object<'j>(Vec<(String, &'j RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

fn scalar_or_list(name: &str, raw: &str) -> Result<Value, Problem> {
    match raw.as_bytes().first() {
        Some(b'{') => Err(nested(name)),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(raw).map_err(|_| nested(name))?;
            items.iter().map(|item| list_item(name, item.get())).collect::<Result<_, _>>().map(Value::List)
        }
        Some(b'"') => Ok(Value::Text(text(name, raw)?)),
        _ if raw == "null" => Ok(Value::Null),
        _ => Ok(Value::Text(raw.to_owned())),
    }
}

fn list_item(name: &str, raw: &str) -> Result<Item, Problem> {
    match raw.as_bytes().first() {
        Some(b'{' | b'[') => Err(nested(name)),
        Some(b'"') => Ok(Item::Text(text(name, raw)?)),
        _ => Ok(Item::Token(raw.to_owned())),
    }
}

fn text(name: &str, raw: &str) -> Result<String, Problem> {
    serde_json::from_str(raw)
        .map_err(|error| Problem::at(Kind::MALFORMED, name, format!("is not a JSON text: {error}")))
}

fn nested(name: &str) -> Problem {
    Problem::at(
        Kind::INVALID,
        name,
        "holds an object or a nested list; send a text, a number, true, false, null or a flat list",
    )
}

/// A multipart body that is none.
pub fn unreadable(error: &dyn fmt::Display) -> Problem {
    Problem::new(Kind::MALFORMED, format!("The multipart body cannot be read: {error}"))
}

async fn multipart(request: &HttpRequest, bytes: Bytes) -> Result<Pairs, Problem> {
    let stream: BoxedPayloadStream = Box::pin(stream::once(async move { Ok(bytes) }));
    let mut payload = Payload::Stream { payload: stream };
    let mut parts = Multipart::from_request(request, &mut payload).await.map_err(|error| unreadable(&error))?;
    let mut pairs = Unique::default();
    while let Some(mut part) = parts.try_next().await.map_err(|error| unreadable(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        let mut value = Vec::new();
        while let Some(chunk) = part.try_next().await.map_err(|error| unreadable(&error))? {
            value.extend_from_slice(&chunk);
        }
        let value = String::from_utf8(value).map_err(|_| Problem::at(Kind::MALFORMED, &name, "is not UTF-8"))?;
        pairs.add(name, Value::Text(value))?;
    }
    Ok(pairs.pairs)
}

/// Pairs in their order, each name once.
#[derive(Default)]
pub struct Unique {
    /// The pairs.
    pub pairs: Pairs,
    names: HashSet<String>,
}

impl Unique {
    /// Adds a pair; a name that came before, or that no parameter has, is an error.
    pub fn add(&mut self, name: String, value: Value) -> Result<(), Problem> {
        let items = match &value {
            Value::List(items) => items.as_slice(),
            _ => &[],
        };
        let nul = matches!(&value, Value::Text(text) if text.contains('\0'))
            || items.iter().any(|item| matches!(item, Item::Text(text) if text.contains('\0')));
        if nul || name.contains('\0') {
            return Err(Problem::at(Kind::MALFORMED, &name.replace('\0', ""), "holds a NUL character"));
        }
        if name.ends_with(']') {
            return Err(Problem::at(Kind::MALFORMED, &name, "is not a parameter; send a list as one JSON array"));
        }
        if !self.names.insert(name.clone()) {
            return Err(Problem::at(Kind::DUPLICATE, &name, "is given twice"));
        }
        self.pairs.push((name, value));
        Ok(())
    }
}
