//! What the tests of several modules share.

use examlink_lti::Error;
use examlink_lti::v1p3::jwt::Claims;
use examlink_lti::v1p3::tool_message::ToolMessage;
use examlink_lti::v1p3::{ServiceError, Timestamp};
use serde_json::Value;

pub fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// The claims that a document holds, as they are when a token was verified.
pub fn claims_of(document: &Value) -> Claims {
    serde_json::from_value(document.clone()).unwrap()
}

/// The message of a tool that says this.
pub fn message_of(document: &Value) -> ToolMessage {
    ToolMessage { claims: claims_of(document), nonce: "n-1".into(), ends: 0 }
}

/// The document that claims are.
pub fn document(claims: &Claims) -> Value {
    serde_json::to_value(claims).unwrap()
}

/// The document that claims beside those of a launch make.
pub fn beside(claims: Vec<(&'static str, Value)>) -> Value {
    claims.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<serde_json::Map<_, _>>().into()
}

pub fn pairs(query: &[(&str, &str)]) -> Vec<(String, String)> {
    query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The document with one member, named by its path as in `items|0|url`, set to something else; `null` is as good as none.
pub fn with(document: &Value, path: &str, value: Value) -> Value {
    let mut changed = document.clone();
    let (parent, name) = path.rsplit_once('|').unwrap_or(("", path));
    let parent = parent.split('|').filter(|step| !step.is_empty()).fold(&mut changed, |at, step| match at {
        Value::Array(list) => &mut list[step.parse::<usize>().unwrap()],
        at => &mut at[step],
    });
    parent[name] = value;
    changed
}

pub fn missing(at: &str) -> ServiceError {
    ServiceError::Missing(at.into())
}

pub fn wrong_type(at: &str, expected: &'static str) -> ServiceError {
    ServiceError::WrongType { at: at.into(), expected }
}

pub fn too_long(at: &str, most: usize) -> ServiceError {
    ServiceError::TooLong { at: at.into(), most }
}

pub fn too_many(at: &str, most: usize) -> ServiceError {
    ServiceError::TooMany { at: at.into(), most }
}

pub fn url(at: &str, reason: Error) -> ServiceError {
    ServiceError::Url { at: at.into(), reason }
}

pub fn scheme(at: &str, scheme: &str) -> ServiceError {
    url(at, Error::UrlScheme(scheme.into()))
}

pub fn not_a_time(at: &str, said: &str) -> ServiceError {
    ServiceError::Timestamp { at: at.into(), said: said.into() }
}

/// Whether it was refused as being out of the range of this member.
pub fn is_out_of_range<T>(result: &Result<T, ServiceError>, member: &str) -> bool {
    matches!(result, Err(ServiceError::OutOfRange { at, .. }) if at == member)
}

/// Whether it was refused as being none of the words that this member may hold.
pub fn is_unknown<T>(result: &Result<T, ServiceError>, member: &str) -> bool {
    matches!(result, Err(ServiceError::UnknownValue { at, .. }) if at == member)
}

/// More than 60 s ahead of the time here.
pub fn in_the_future(at: &str) -> ServiceError {
    ServiceError::InTheFuture { at: at.into(), seconds: 60 }
}
