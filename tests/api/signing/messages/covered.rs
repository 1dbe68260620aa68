//! What a message signature binds: a request that was read on its way can neither be sent again nor be changed.

use serde_json::{Value, json};

use super::{digest, message};
use crate::world::World;

#[test]
fn a_client_creates_and_reads_with_message_signatures_alone() {
    let world = World::new();
    let fields = json!({ "name": "Où? a=b & c?type=x", "type": "demo" });
    let exam = message(&world, &world.teacher, "POST", "/exams", fields.clone()).send().created("exam");
    assert_eq!(exam["name"], fields["name"], "nothing is ambiguous where bytes are signed");
    let path = format!("/exams/{}", exam["id"]);
    assert_eq!(message(&world, &world.teacher, "GET", &path, Value::Null).send().ok("exam"), exam);
    let changed = message(&world, &world.teacher, "PATCH", &path, json!({ "name": "Algebra" })).send();
    assert_eq!(changed.ok("exam")["name"], "Algebra");
    message(&world, &world.proctor, "DELETE", &path, Value::Null).send().refused(403, "forbidden");
    assert_eq!(message(&world, &world.teacher, "DELETE", &path, Value::Null).send().json, json!({}));
}

#[test]
fn sig_04_a_replayed_message_is_refused_every_time_whatever_scheme_its_nonce_came_with() {
    let world = World::new();
    let signed = message(&world, &world.teacher, "POST", "/exams", json!({ "name": "A", "type": "demo" })).signed();
    signed.send().created("exam");
    for _ in 0..1_000 {
        signed.send().refused(401, "nonce_reused");
    }
    assert_eq!(world.teacher.get("/exams").ok("exams").as_array().unwrap().len(), 1);
    let call = world.teacher.call("GET", "/exams", Value::Null);
    call.clone().send().ok("exams");
    let nonce = format!("\"{}\"", call.parameters["nonce"].as_str().unwrap());
    let again = message(&world, &world.teacher, "GET", "/exams", Value::Null).with("nonce", &nonce);
    again.send().refused(401, "nonce_reused");
}

#[test]
fn sig_07_a_message_that_fails_spends_its_nonce() {
    let world = World::new();
    let fields = json!({ "name": "A", "type": "demo" });
    let failing = [
        (message(&world, &world.teacher, "POST", "/exams", json!({ "name": "A" })), 422),
        (message(&world, &world.teacher, "GET", "/exams/4711", Value::Null), 404),
        (message(&world, &world.proctor, "POST", "/exams", fields), 403),
    ];
    for (message, status) in failing {
        let signed = message.signed();
        assert_eq!(signed.send().status, status);
        signed.send().refused(401, "nonce_reused");
    }
}

#[test]
fn sig_07_a_message_that_is_caught_before_it_arrives_cannot_be_turned_into_another() {
    let world = World::new();
    let (exam, other) = (world.exam(), world.exam());
    let path = format!("/exams/{}", exam["id"]);
    let read = message(&world, &world.teacher, "GET", &path, Value::Null).signed();
    read.clone().tampered(|request| request.method = "DELETE".into()).send().refused(401, "invalid_signature");
    let elsewhere = format!("/exams/{}", other["id"]);
    for target in [&elsewhere, &format!("{path}?page=1"), &format!("{path}/"), &format!("{path}?")] {
        let tampered = read.clone().tampered(|request| request.target.clone_from(target));
        tampered.send().refused(401, "invalid_signature");
    }
    read.send().ok("exam");
    assert_eq!(world.teacher.get("/exams").ok("exams").as_array().unwrap().len(), 2);
}

#[test]
fn sig_09_no_byte_of_a_message_can_be_changed() {
    let world = World::new();
    let body = json!({ "name": "Algebra", "type": "demo" });
    let signed = message(&world, &world.teacher, "POST", "/exams", body).signed();
    let text = signed.message.body.clone();
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(changed) = String::from_utf8(bytes) else { continue };
        let kept = signed.clone().tampered(|request| request.body.clone_from(&changed)).send();
        assert_eq!(kept.status, 400, "{changed}: it cannot be read, or does not fit its digest");
        let covered = signed.clone().tampered(|request| {
            request.body.clone_from(&changed);
            request.headers[1].1 = digest(&changed);
        });
        let status = covered.send().status;
        assert!([400, 401].contains(&status), "{changed}: {status}");
    }
    signed.clone().tampered(|request| request.body.clear()).send().refused(400, "malformed_request");
    let input = signed.input.clone().unwrap();
    for at in 0..input.len() {
        let mut bytes = input.clone().into_bytes();
        bytes[at] ^= 1;
        let mut tampered = signed.clone();
        tampered.input = Some(String::from_utf8(bytes).unwrap());
        let status = tampered.send().status;
        assert!([400, 401].contains(&status), "{:?}: {status}", tampered.input);
    }
    signed.send().created("exam");
}

#[test]
fn sig_09_no_bit_of_a_message_signature_can_be_changed() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let world = World::new();
    let signed = message(&world, &world.teacher, "GET", "/exams", Value::Null).signed();
    let right = signed.signature.clone().unwrap();
    let right = STANDARD.decode(right.trim_start_matches("sig1=:").trim_end_matches(':')).unwrap();
    let send = |signature: &[u8]| {
        let mut tampered = signed.clone();
        tampered.signature = Some(format!("sig1=:{}:", STANDARD.encode(signature)));
        tampered.send()
    };
    for bit in 0..256 {
        let mut wrong = right.clone();
        wrong[bit / 8] ^= 1 << (bit % 8);
        send(&wrong).refused(401, "invalid_signature");
    }
    for other in [&right[..31], &[&right[..], &[0]].concat(), &[]] {
        send(other).refused(401, "invalid_signature");
    }
    signed.send().ok("exams");
}

#[test]
fn further_header_fields_may_be_covered() {
    let world = World::new();
    let covering = |name: &str| {
        let message = message(&world, &world.teacher, "GET", "/exams", Value::Null);
        message.header("X-Trace", " a b ").header("X-Trace", "c").header("Accept", "*/*").covering(name)
    };
    covering("x-trace").covering("accept").send().ok("exams");
    let tampered = covering("x-trace").signed().tampered(|request| request.headers[0].1 = "a".into());
    tampered.send().refused(401, "invalid_signature");
    covering("x-missing").send().refused(400, "malformed_request");
}

#[test]
fn the_address_is_the_public_one_with_its_query_as_it_was_sent() {
    let world = World::with(World::standing_clock(), |set| set.public_url = Some("https://Exams.example.edu".into()));
    let get = |target: &str| message(&world, &world.teacher, "GET", target, Value::Null);
    let public = |target: &str| super::Message { public_url: "https://exams.example.edu".into(), ..get(target) };
    for target in ["/exams", "/exams/", "/exams?page=1&limit=5", "/exams/?page=1", "/exams?status=%6Fpen", "/exams?"] {
        public(target).send().ok("exams");
    }
    get("/exams").send().refused(401, "invalid_signature");
    public("/exams").header("Host", "evil.example").send().ok("exams");
    public("/exams").header("X-Forwarded-Host", "evil.example").send().ok("exams");
}
