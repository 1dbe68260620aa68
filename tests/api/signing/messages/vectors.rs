//! Vectors that another program wrote (`tests/interop/message_signatures.py`), and that program as a client.

use std::collections::BTreeMap;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use examlink::api::signature;
use examlink::clock::Clock;
use examlink::domain::secret::Secret;
use examlink::domain::time::Timestamp;
use examlink::domain::user::Credentials;
use serde::Deserialize;
use serde_json::Value;

use super::{Signed, message};
use crate::signing::somebody;
use crate::world::World;

#[derive(Deserialize)]
struct Published {
    token: String,
    secret_key: String,
    server: String,
    created: i64,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    id: String,
    method: String,
    target: String,
    headers: BTreeMap<String, String>,
    body: String,
    base: String,
}

const FILE: &str = include_str!("../../data/message-signatures.json");

fn python() -> Command {
    let installed = concat!(env!("CARGO_MANIFEST_DIR"), "/target/venv/bin/python");
    let python = std::env::var("EXAMLINK_TEST_PYTHON").unwrap_or_else(|_| installed.into());
    let mut command = Command::new(python);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/message_signatures.py"));
    command
}

#[test]
fn sig_01_the_server_takes_every_message_vector_and_no_other_signature() {
    let Published { token, secret_key, server, created, vectors } = serde_json::from_str(FILE).unwrap();
    let clock = Clock::fixed(Timestamp::from_millis(created * 1_000).unwrap());
    let world = World::with(clock, |set| set.public_url = Some(server));
    let credentials = Credentials { api_token: Secret::new(token), secret_key: Secret::new(secret_key.as_str()) };
    let client = somebody(&world, credentials);
    let expected = [200, 200, 201, 201, 404, 201, 200];
    assert_eq!(vectors.len(), expected.len());
    for (vector, status) in vectors.into_iter().zip(expected) {
        let Vector { id, method, target, mut headers, body, base } = vector;
        let (input, signature) = (headers.remove("Signature-Input").unwrap(), headers.remove("Signature").unwrap());
        let label = input.split('=').next().unwrap().to_owned();
        let right = STANDARD.encode(signature::sign(&signature::prepare(&secret_key), &base));
        assert_eq!(signature, format!("{label}=:{right}:"), "{id}");
        let mut request = message(&world, &client, &method, &target, Value::Null);
        request.body = body;
        request.headers = headers.into_iter().collect();
        let mut signed = Signed { message: request, input: Some(input), signature: Some(signature) };
        let wrong = STANDARD.encode(signature::sign(&signature::prepare("another secret"), &base));
        let other = Signed { signature: Some(format!("{label}=:{wrong}:")), ..signed.clone() };
        other.send().refused(401, "invalid_signature");
        let reply = signed.send();
        assert_eq!(reply.status, status, "{id}: {}", reply.text);
        signed.message.headers.retain(|(name, _)| name != "Content-Digest");
        assert_ne!(signed.send().status, status, "{id} once more");
    }
}

#[test]
fn sig_01_what_this_program_signs_is_what_others_sign() {
    use examlink::api::signature::rfc9421::Outgoing;
    let Published { token, secret_key, server, created, vectors } = serde_json::from_str(FILE).unwrap();
    let (token, key) = (Secret::new(token), signature::prepare(&secret_key));
    for Vector { id, method, target, body, base, .. } in vectors {
        let url = format!("{server}/api/v3{target}");
        let created = u32::try_from(created).unwrap();
        let outgoing =
            Outgoing { method: &method, target_uri: &url, body: body.as_bytes(), token: &token, created, nonce: "1" };
        let signed = outgoing.sign(&key).unwrap();
        // The order of the parameters is the signer's; the components are the same lines.
        let lines = |base: &str| base.lines().filter(|line| !line.contains("@signature-params")).count();
        let own: Vec<&str> = signed.base.lines().take(lines(&signed.base)).collect();
        assert!(own.iter().all(|line| base.lines().any(|other| other == *line)), "{id}: {own:#?}\n{base}");
    }
}

#[test]
fn interop_the_vectors_are_what_the_python_library_writes() {
    let output = python().arg("vectors").output().expect("script/test installs Python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), FILE);
}

#[test]
fn interop_the_python_library_creates_and_reads_with_message_signatures() {
    let world = World::in_real_time();
    let call = |method: &str, target: &str, body: &[&str]| {
        let mut command = python();
        command.args(["call", method, &format!("{}/api/v3{target}", world.origin())]).args(body);
        command.env("EXAMLINK_TOKEN", &world.teacher.token).env("EXAMLINK_SECRET", &world.teacher.secret);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let made = call("POST", "/exams", &["{\"name\": \"Où? a=b & c\", \"type\": \"demo\"}"]);
    assert!(made.starts_with("201 ") && made.contains("Où? a=b & c"), "{made}");
    let exam = &world.teacher.get("/exams").ok("exams")[0]["id"];
    assert!(call("GET", &format!("/exams/{exam}"), &[]).starts_with("200 "));
    assert!(call("GET", "/exams?page=1&limit=2", &[]).starts_with("200 "));
    assert!(call("DELETE", &format!("/exams/{exam}"), &[]).starts_with("200 "));
}
