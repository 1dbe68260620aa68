//! A signed request is carried out once.

use serde_json::{Value, json};

use crate::world::World;

#[test]
fn sig_04_a_replayed_request_is_refused_every_time() {
    let world = World::new();
    let call = world.teacher.call("POST", "/exams", json!({ "name": "Algebra", "type": "demo" }));
    call.clone().send().created("exam");
    for _ in 0..1_000 {
        call.clone().send().refused(401, "nonce_reused");
    }
    assert_eq!(world.teacher.get("/exams").ok("exams").as_array().unwrap().len(), 1);
}

#[test]
fn sig_04_a_nonce_is_refused_with_other_parameters_and_a_later_time_too() {
    let world = World::new();
    let call = world.teacher.call("GET", "/exams", Value::Null);
    call.clone().send().ok("exams");
    let reused = call.clone().with("page", 2).send();
    let detail = reused.refused(401, "nonce_reused").json["detail"].as_str().unwrap();
    assert!(detail.contains("with this token within 24 hours") && detail.contains("seconds since 1970"), "{detail}");
    world.wait(60_000);
    let later = world.clock.now().millis().to_string();
    call.with("timestamp", later).send().refused(401, "nonce_reused");
}

#[test]
fn sig_07_a_request_that_was_read_cannot_be_turned_into_a_deletion() {
    let world = World::new();
    let path = format!("/exams/{}", world.exam()["id"]);
    let read = world.teacher.call("GET", &path, Value::Null);
    let mut delete = read.clone();
    delete.method = "DELETE".into();
    assert_eq!(read.signed(), delete.signed());
    read.send().ok("exam");
    delete.send().refused(401, "nonce_reused");
    world.teacher.get(&path).ok("exam");
}

#[test]
fn sig_07_a_request_that_fails_spends_its_nonce() {
    let world = World::new();
    let failing = [
        (world.teacher.call("POST", "/exams", json!({ "name": "Algebra" })), 422),
        (world.teacher.call("POST", "/exams", json!({ "name": "A", "type": "demo", "colour": "red" })), 422),
        (world.teacher.call("GET", "/exams/4711", Value::Null), 404),
        (world.proctor.call("POST", "/exams", json!({ "name": "Algebra", "type": "demo" })), 403),
    ];
    for (call, status) in failing {
        assert_eq!(call.clone().send().status, status);
        call.send().refused(401, "nonce_reused");
    }
}

#[test]
fn a_wrong_signature_spends_no_nonce_and_another_token_may_use_the_same() {
    let world = World::new();
    let call = world.teacher.call("GET", "/exams", Value::Null);
    call.clone().send_signed(&"0".repeat(64)).refused(401, "invalid_signature");
    let colleague = world.colleague.call("GET", "/exams", Value::Null).with("nonce", call.parameters["nonce"].clone());
    call.send().ok("exams");
    colleague.send().ok("exams");
}
