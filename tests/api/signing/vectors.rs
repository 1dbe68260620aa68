//! The published vectors: what a client signs, byte for byte.

use std::collections::BTreeMap;

use examlink::api::params::{Item, Value as Parameter};
use examlink::api::signature;
use examlink::clock::Clock;
use examlink::domain::time::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::somebody_with;
use crate::world::{World, route};

#[derive(Deserialize)]
pub struct Vectors {
    pub secret_key: String,
    pub vectors: Vec<Vector>,
}

#[derive(Deserialize)]
pub struct Vector {
    pub id: String,
    pub method: String,
    pub path: String,
    pub path_parameters: BTreeMap<String, String>,
    pub parameters: BTreeMap<String, String>,
    pub message: String,
    pub signature: String,
}

pub fn published() -> Vectors {
    serde_json::from_str(include_str!("../data/request-signing.json")).unwrap()
}

/// The vectors show what is signed; a list is one in the request.
fn sent(text: &str) -> Value {
    if text.starts_with('[') { serde_json::from_str(text).unwrap() } else { text.into() }
}

fn parameter(text: &str) -> Parameter {
    match sent(text) {
        Value::Array(items) => {
            Parameter::List(items.iter().map(|item| Item::Text(item.as_str().unwrap().into())).collect())
        }
        _ => Parameter::Text(text.into()),
    }
}

#[test]
fn sig_01_every_vector_has_its_message_and_its_signature() {
    let Vectors { secret_key, vectors } = published();
    let key = signature::prepare(&secret_key);
    assert_eq!(vectors.len(), 11);
    for Vector { id, path_parameters, parameters, message, signature, .. } in vectors {
        let all = path_parameters.iter().chain(&parameters).map(|(name, text)| (name.clone(), parameter(text)));
        assert_eq!(signature::message(&all.collect(), id == "V10c"), message, "{id}");
        assert_eq!(hex::encode(signature::sign(&key, &message)), signature, "{id}");
    }
}

#[test]
fn sig_01_the_server_takes_every_vector_and_no_other_signature() {
    let Vectors { secret_key, vectors } = published();
    let world = World::with(Clock::fixed(Timestamp::from_millis(1_527_500_365_052).unwrap()), |_| {});
    let expected = [200, 404, 200, 201, 404, 200, 404, 422, 200, 200, 200];
    for (vector, status) in vectors.iter().zip(expected) {
        // Somebody new each time: two vectors share a nonce.
        let client = somebody_with(&world, &secret_key);
        let parameters: serde_json::Map<String, Value> =
            vector.parameters.iter().map(|(name, text)| (name.clone(), sent(text))).collect();
        let call = client.call(&vector.method, &vector.path, Value::Object(parameters));
        let call =
            if vector.id == "V7" { call.with_file("document", "a.txt", "text/plain", "not signed") } else { call };
        if route(&call.method, &call.path).is_some() {
            let wrong = format!("{}{}", &vector.signature[1..], &vector.signature[..1]);
            call.clone().send_signed(&wrong).refused(401, "invalid_signature");
        }
        let reply = call.send_signed(&vector.signature);
        assert_eq!(reply.status, status, "{}: {}", vector.id, reply.text);
    }
}

#[test]
fn null_is_signed_as_nothing_and_a_number_by_its_token() {
    let world = World::new();
    let path = format!("/exams/{}", world.exam()["id"]);
    let changes = r#"{ "end_time": null, "duration_minutes": 90 }"#;
    let id = &path["/exams/".len()..];
    let stamp = world.teacher.stamp(&[("end_time", ""), ("duration_minutes", "90"), ("id", id)]);
    let json = [("Content-Type", "application/json")];
    let exam = world.teacher.wire(&format!("PATCH {path}?{stamp}"), &json, changes).ok("exam");
    assert_eq!((&exam["end_time"], &exam["duration_minutes"]), (&json!(null), &json!(90)));
}
