//! Five shapes of client are in use. All sign the same message, and all are let in.

use serde_json::json;

use super::somebody_with;
use crate::world::{Person, Reply, World, sign};

const FORM: [(&str, &str); 1] = [("Content-Type", "application/x-www-form-urlencoded")];
const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];

/// What a client sends: method, path, query or body.
struct Request {
    line: String,
    headers: &'static [(&'static str, &'static str)],
    body: String,
}

/// A request of each shape, with the same parameters: what stands in `query` is also what is signed.
fn shapes(method: &str, path: &str, id: (&str, &str), parameters: &[(&str, &str)]) -> [Request; 5] {
    let escaped = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    let pairs: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let object: serde_json::Map<String, serde_json::Value> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let mut repeating = object.clone();
    repeating.insert(id.0.to_owned(), json!(id.1.parse::<i64>().unwrap()));
    let request =
        |query: &str, headers, body: String| Request { line: format!("{method} {path}{query}"), headers, body };
    [
        request(&format!("?{escaped}"), &[], String::new()),
        request("", &JSON, json!(object).to_string()),
        request(&format!("?{}", pairs.join("&")), &[], String::new()),
        request("", &FORM, escaped.clone()),
        request("", &JSON, json!(repeating).to_string()),
    ]
}

/// Sends each shape for another client with the same secret: one nonce, one time, one signature.
fn sent(world: &World, method: &str, path: &str, id: (&str, &str), parameters: &[(&str, &str)]) -> Vec<Reply> {
    let secret = world.teacher.secret.as_str();
    let (nonce, timestamp) = ("4711", world.clock.now().millis().to_string());
    let mut parameters = [parameters, &[("nonce", nonce), ("timestamp", &timestamp)]].concat();
    let signed = parameters.iter().chain([&id]).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let signature = sign(secret, &signed.collect());
    parameters.push(("signature", &signature));
    let send = |request: Request| {
        let client: Person = somebody_with(world, secret);
        client.wire(&request.line, request.headers, request.body)
    };
    shapes(method, path, id, &parameters).into_iter().map(send).collect()
}

#[test]
fn sig_01_five_clients_read_with_one_signature() {
    let world = World::new();
    let exam = world.exam();
    let session = world.student_session(&exam);
    let (id, path) = (exam["id"].to_string(), format!("/exams/{}/student_sessions", exam["id"]));
    for reply in sent(&world, "GET", &path, ("exam_id", &id), &[("limit", "5"), ("status", "registered")]) {
        let students = reply.ok("students");
        assert_eq!(students[0]["id"], session["id"], "{students}");
    }
}

#[test]
fn sig_01_five_clients_write_with_one_signature() {
    let world = World::new();
    let exam = world.exam();
    let (id, path) = (exam["id"].to_string(), format!("/exams/{}", exam["id"]));
    let name = "Is_it_ok?_{a:1}/b,c;d=e|[f]'*!";
    for reply in sent(&world, "PATCH", &path, ("id", &id), &[("name", name), ("web_cam", "true")]) {
        assert_eq!(reply.ok("exam")["name"], name);
    }
}
