//! JSON objects as both versions write them.

use serde_json::{Map, Value, json};

/// An object of the members that are there: what is absent is not written.
pub(crate) fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    Value::Object(present(members))
}

/// The members that are there, where more are to be added.
pub(crate) fn present<const N: usize>(members: [(&str, Option<Value>); N]) -> Map<String, Value> {
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// A text that may be absent.
pub(crate) fn text(value: Option<&String>) -> Option<Value> {
    value.map(|text| json!(text))
}
