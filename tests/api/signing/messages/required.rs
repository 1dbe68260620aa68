//! A user may be bound to message signatures: then a signature over the parameters, right as it is, opens nothing.

use serde_json::{Value, json};

use super::message;
use crate::world::{Person, World};

fn require(world: &World, person: &Person, required: bool) {
    let path = format!("/institutes/{}/users/{}", world.institute, person.id);
    let user = world.administrator.patch(&path, json!({ "require_message_signature": required })).ok("user");
    assert_eq!(user["require_message_signature"], required);
    assert_eq!(world.administrator.get(&path).ok("user")["require_message_signature"], required);
}

#[test]
fn a_user_who_must_sign_messages_is_let_in_no_other_way() {
    let world = World::new();
    world.teacher.get("/exams").ok("exams");
    require(&world, &world.teacher, true);
    let refused = world.teacher.get("/exams");
    refused.refused(401, "message_signature_required");
    assert!(refused.json["detail"].as_str().unwrap().contains("RFC 9421"), "{}", refused.text);
    message(&world, &world.teacher, "GET", "/exams", Value::Null).send().ok("exams");
    world.colleague.get("/exams").ok("exams");
    require(&world, &world.teacher, false);
    world.teacher.get("/exams").ok("exams");
    message(&world, &world.teacher, "GET", "/exams", Value::Null).send().ok("exams");
}

#[test]
fn only_a_right_signature_learns_that_another_is_required() {
    let world = World::new();
    require(&world, &world.teacher, true);
    let call = world.teacher.call("GET", "/exams", Value::Null);
    call.clone().send_signed(&"0".repeat(64)).refused(401, "invalid_signature");
    world.teacher.with(&world.teacher.token, "another secret").get("/exams").refused(401, "invalid_signature");
    call.clone().send().refused(401, "message_signature_required");
    // Its nonce is not spent: nothing was carried out.
    let nonce = format!("\"{}\"", call.parameters["nonce"].as_str().unwrap());
    message(&world, &world.teacher, "GET", "/exams", Value::Null).with("nonce", &nonce).send().ok("exams");
}

#[test]
fn a_new_user_may_be_bound_from_the_start() {
    let world = World::new();
    let users = format!("/institutes/{}/users", world.institute);
    let user = json!({
        "email": "new@example.edu", "name": "New", "password": "Correct-Horse-1", "require_message_signature": true,
    });
    let made = world.administrator.post(&users, user).created("user");
    assert_eq!(made["require_message_signature"], true);
    let person = world.teacher.with(made["api_token"].as_str().unwrap(), made["secret_key"].as_str().unwrap());
    person.get("/exams").refused(401, "message_signature_required");
    message(&world, &person, "GET", "/exams", Value::Null).send().ok("exams");
    let path = format!("{users}/{}", made["id"]);
    let reply = world.administrator.patch(&path, json!({ "require_message_signature": null }));
    assert_eq!(reply.status, 422, "{}", reply.text);
}

/// A request that is signed over its parameters names neither method nor path: whoever reads it before it arrives sends
/// another with the same signature. Of somebody who must sign messages there is no such request.
#[test]
fn sig_07_a_call_that_is_caught_before_it_arrives_opens_nothing_where_messages_are_required() {
    let world = World::new();
    let path = format!("/exams/{}", world.exam()["id"]);
    let caught = |world: &World| {
        let mut delete = world.teacher.call("GET", &path, Value::Null);
        delete.method = "DELETE".into();
        delete
    };
    require(&world, &world.teacher, true);
    caught(&world).send().refused(401, "message_signature_required");
    let read = message(&world, &world.teacher, "GET", &path, Value::Null).signed();
    let delete = read.clone().tampered(|request| request.method = "DELETE".into());
    delete.send().refused(401, "invalid_signature");
    read.send().ok("exam");
    require(&world, &world.teacher, false);
    assert_eq!(caught(&world).send().status, 200, "and this is why it should be required");
}
