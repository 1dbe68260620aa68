//! The examples of the OpenAPI document, sent to a server as they stand there: they do what the document says.

use serde_json::{Map, Value, json};

use crate::world::operations::{Operation, Things, operations};
use crate::world::{Call, Person, World, document, resolved, validator_of};

/// An operation as the document has it.
fn described(operation: &Operation) -> &'static Value {
    &document()["paths"][format!("/api/v3{}", operation.path)][operation.method.to_lowercase()]
}

/// The parameters of an operation in one place, with their examples.
fn parameters(operation: &Operation, place: &str) -> Vec<(&'static str, &'static Value)> {
    let all = described(operation)["parameters"].as_array().unwrap().iter().map(resolved);
    let here = all.filter(|parameter| parameter["in"] == place);
    here.map(|parameter| (parameter["name"].as_str().unwrap(), &parameter["example"])).collect()
}

/// What an example says of this name, about objects that are there.
fn about(things: &Things, name: &str, example: &Value) -> Value {
    match name {
        "exam_id" => things.exam["id"].clone(),
        "tool_provider_id" => things.tool["id"].clone(),
        "lti_resource_id" => things.result["lti_resource_id"].clone(),
        "student_session_id" => things.session["id"].clone(),
        "student_lms_id" => things.session["student_id"].clone(),
        "resource_link_id" => things.resource["lti_resource_link_id"].clone(),
        "comanager_id" | "proctor_id" => things.user["id"].clone(),
        "exam_content" => {
            example.as_str().unwrap().replace("LTI_EXAM_1", things.resource["placeholder"].as_str().unwrap()).into()
        }
        _ => example.clone(),
    }
}

/// Who may call it.
fn caller<'w>(world: &'w World, operation: &Operation) -> &'w Person {
    if operation.tag == "institutes" { &world.superuser } else { &world.administrator }
}

/// A call with the example of the body in a media type, and nothing else.
fn with_example(operation: &Operation, media_type: &str, person: &Person, things: &Things) -> Call {
    let example = described(operation)["requestBody"]["content"][media_type]["example"].as_object().unwrap();
    let body: Map<String, Value> =
        example.iter().map(|(name, value)| (name.clone(), about(things, name, value))).collect();
    let call = |body| person.call(&operation.method, &operation.path_of(things), body);
    match media_type {
        "application/json" => call(Value::Object(body)).as_json(),
        "application/x-www-form-urlencoded" => call(Value::Object(body)).as_form(),
        "multipart/form-data" => {
            let (field, content) = body.into_iter().next().unwrap();
            call(Value::Null).with_file(&field, "notes.txt", "text/plain", content.as_str().unwrap())
        }
        other => panic!("no call is known for a body of {other}"),
    }
}

#[test]
fn dx_01_every_body_that_the_document_shows_is_taken_in_every_type() {
    let world = World::new();
    let mut sent = 0;
    for operation in operations().iter().filter(|operation| described(operation)["requestBody"].is_object()) {
        let person = caller(&world, operation);
        for media_type in described(operation)["requestBody"]["content"].as_object().unwrap().keys() {
            let things = Things::ours(&world);
            if operation.id == "create_document" {
                // An exam has one.
                let path = format!("/exams/{}/documents/{}", things.exam["id"], things.document["id"]);
                person.delete(&path).ok("");
            }
            let reply = with_example(operation, media_type, person, &things).send();
            assert_eq!(reply.status, operation.success, "{} as {media_type}: {}", operation.id, reply.text);
            sent += 1;
            let [user, institute, platform] = ["user", "institute", "lti_platform"].map(|name| &reply.json[name]["id"]);
            // No two users have one e-mail address, no two institutes one name, and no two platforms one issuer and
            // client: the next may have it.
            if platform.is_number() {
                person.delete(&format!("/lti_platforms/{platform}")).ok("");
            } else if operation.tag == "users" {
                person.delete(&format!("/institutes/{}/users/{user}", things.institute)).ok("");
            } else if institute.is_number() {
                person.patch(&format!("/institutes/{institute}"), json!({ "name": format!("Nr. {sent}") })).ok("");
            }
        }
    }
    assert!(sent > 50, "{sent}");
}

#[test]
fn dx_01_every_query_that_the_document_shows_is_taken() {
    let world = World::new();
    let mut sent = 0;
    for operation in &operations() {
        let examples = parameters(operation, "query");
        let examples = examples.iter().filter(|(name, _)| !["nonce", "timestamp", "signature"].contains(name));
        if examples.clone().next().is_none() {
            continue;
        }
        let things = Things::ours(&world);
        let add = |call: Call, (name, example): &(&str, &Value)| call.with(name, about(&things, name, example));
        let reply = examples.fold(operation.call(caller(&world, operation), &things), add).send();
        assert_eq!(reply.status, operation.success, "{}: {}", operation.id, reply.text);
        sent += 1;
    }
    assert!(sent > 12, "{sent}");
}

#[test]
fn dx_01_the_conditions_that_the_document_shows_are_understood() {
    let world = World::new();
    let (all, things) = (operations(), Things::ours(&world));
    let with = |id: &str, header: &str| {
        let operation = all.iter().find(|operation| operation.id == id).unwrap();
        let example = parameters(operation, "header").into_iter().find(|(name, _)| *name == header).unwrap().1;
        operation.call(&world.teacher, &things).header(header, example.as_str().unwrap())
    };
    with("update_exam", "If-Match").send().refused(412, "precondition_failed");
    with("show_exam", "If-None-Match").send().ok("exam");
    let copy = || with("copy_exam", "Idempotency-Key").send();
    let first = copy().created("exam");
    let again = copy();
    assert_eq!((again.created("exam"), again.header("idempotent-replayed")), (first, "true"));
}

#[test]
fn dx_01_every_parameter_has_an_example_that_fits_its_schema() {
    for operation in &operations() {
        for parameter in described(operation)["parameters"].as_array().unwrap().iter().map(resolved) {
            let place = format!("{} of {}", parameter["name"], operation.id);
            assert!(parameter.get("example").is_some(), "{place} has no example");
            assert!(
                validator_of(&parameter["schema"]).is_valid(&parameter["example"]),
                "{place}: {}",
                parameter["example"]
            );
        }
    }
}
