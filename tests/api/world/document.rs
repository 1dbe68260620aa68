//! The OpenAPI document as the tests use it: every reply of the API is held against it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::Reply;

/// The document of the program under test.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::to_value(examlink::api::openapi::document()).unwrap())
}

/// The ids in a path with the names of its route; none where no route fits.
pub fn path_ids(method: &str, path: &str) -> Vec<(String, String)> {
    let Some(template) = route(method, path) else { return Vec::new() };
    let parts = template.split('/').zip(path.trim_end_matches('/').split('/'));
    let ids = parts.filter_map(|(part, id)| Some((part.strip_prefix('{')?.strip_suffix('}')?, id)));
    ids.map(|(name, id)| (name.to_owned(), percent_decode(id))).collect()
}

fn percent_decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The route's path in the document.
pub fn route(method: &str, path: &str) -> Option<&'static str> {
    let given: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let paths = document()["paths"].as_object().unwrap();
    let fits = |template: &str| {
        let parts: Vec<&str> = template.split('/').collect();
        parts.len() == given.len() && parts.iter().zip(&given).all(|(part, text)| part == text || part.starts_with('{'))
    };
    let found = paths.iter().find(|(template, item)| fits(template) && item.get(method.to_lowercase()).is_some());
    found.map(|(template, _)| template.as_str())
}

/// Asserts that the document knows this reply: its status, its type and the shape of its body.
#[track_caller]
pub fn check(method: &str, path: &str, reply: &Reply) {
    let Some(template) = route(method, path) else { return };
    let status = reply.status.to_string();
    let operation = &document()["paths"][template][method.to_lowercase()];
    let response = resolved(&operation["responses"][&status]);
    assert!(response.is_object(), "{method} {template} answers {status}, which is not documented: {}", reply.text);
    for name in response["headers"].as_object().into_iter().flat_map(|headers| headers.keys()) {
        let always = ["Location", "WWW-Authenticate", "X-Request-Id"].contains(&name.as_str());
        // A list as a file is whole.
        let always = always || (name == "X-Pagination-Page" && reply.header("content-type").ends_with("json"));
        assert!(!always || !reply.header(name).is_empty(), "{method} {template} answers {status} without {name}");
    }
    let Some(contents) = response["content"].as_object() else {
        return assert_eq!(reply.text, "", "{method} {template} {status} has no body");
    };
    let sent = reply.header("content-type");
    let described = contents.iter().find(|(media_type, _)| sent.starts_with(media_type.as_str()));
    let (media_type, content) = described.unwrap_or_else(|| panic!("{method} {template} {status}: type {sent:?}"));
    if !media_type.ends_with("json") {
        return;
    }
    let validator = validator(&format!("{method} {template} {status}"), &content["schema"]);
    let errors: Vec<String> =
        validator.iter_errors(&reply.json).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{method} {template} {status}: {errors:?}\n{}", reply.text);
}

/// What a reference points to, or the value itself.
pub fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(reference) => document().pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

/// Holds values against a schema of the document.
pub fn validator_of(schema: &Value) -> Validator {
    let whole = json!({ "allOf": [schema], "components": document()["components"] });
    jsonschema::validator_for(&whole).unwrap()
}

fn validator(key: &str, schema: &Value) -> Arc<Validator> {
    static KNOWN: OnceLock<Mutex<HashMap<String, Arc<Validator>>>> = OnceLock::new();
    let mut known = KNOWN.get_or_init(Mutex::default).lock().unwrap();
    known.entry(key.to_owned()).or_insert_with(|| Arc::new(validator_of(schema))).clone()
}
