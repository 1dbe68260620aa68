//! Two people edit one object: what one wrote is never overwritten by somebody who has not read it.

use std::sync::Barrier;
use std::thread;

use serde_json::{Value, json};

use crate::world::operations::{Operation, Things, operations};
use crate::world::{Person, World};

/// The entity tag of what is at a path.
#[track_caller]
fn tag(person: &Person, path: &str) -> String {
    let reply = person.get(path);
    assert_eq!(reply.status, 200, "{}", reply.text);
    let tag = reply.header("etag").to_owned();
    assert!(tag.len() > 4 && tag.starts_with('"') && tag.ends_with('"'), "{path}: {tag}");
    tag
}

fn of_method(method: &str) -> Vec<Operation> {
    operations().into_iter().filter(|operation| operation.method == method).collect()
}

/// The path of the object that an operation changes: its own, without a verb at the end.
fn object_of(operation: &Operation, things: &Things) -> String {
    if operation.id == "delete_student" {
        return format!("/student_sessions/{}", things.session["id"]);
    }
    let path = operation.path_of(things);
    let end = path.rfind(|letter: char| letter.is_ascii_digit()).unwrap();
    path[..=end].to_owned()
}

#[test]
fn who_has_an_object_already_is_told_so_without_a_body() {
    let world = World::new();
    let things = Things::ours(&world);
    let objects: Vec<_> = of_method("GET").into_iter().filter(Operation::has_id).collect();
    let mut seen = 0;
    for get in objects.iter().filter(|get| get.id.starts_with("show_")) {
        let path = get.path_of(&things);
        let tag = get.call(&world.superuser, &things).send().header("etag").to_owned();
        assert!(tag.len() > 4, "{path}: {tag}");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            let reply = get.call(&world.superuser, &things).header("If-None-Match", &known).send();
            assert_eq!((reply.status, reply.text.as_str(), reply.header("etag")), (304, "", tag.as_str()), "{path}");
        }
        let reply = get.call(&world.superuser, &things).header("If-None-Match", "\"2a-0.0\"").send();
        assert_eq!((reply.status, reply.header("etag")), (200, tag.as_str()), "{path}");
        seen += 1;
    }
    assert!(seen >= 8);
    assert_eq!(world.teacher.get("/exams").header("etag"), "", "a list has no entity tag");
}

#[test]
fn what_is_shown_has_another_tag_when_it_is_shown_otherwise() {
    let world = World::new();
    let (exam, tool) = (world.exam(), world.tool_provider());
    let resource = format!("/lti_resources/{}", world.lti_resource(&exam, &tool)["id"]);
    let before = tag(&world.teacher, &resource);
    let change = json!({ "tool_url": "https://other.example/launch" });
    world.administrator.patch(&format!("/tool_providers/{}", tool["id"]), change).ok("tool_provider");
    let after = tag(&world.teacher, &resource);
    assert_ne!(before, after, "the resource shows its tool's URL");
    // The resource itself is as it was, so an edit on the old tag goes through.
    let edit = world.teacher.call("PATCH", &resource, json!({ "lti_resource_link_name": "Test" }));
    edit.header("If-Match", &before).send().ok("lti_resource");
}

#[test]
fn every_change_and_deletion_can_be_held_to_what_was_read() {
    let world = World::new();
    let mut seen = 0;
    for operation in ["PATCH", "PUT", "DELETE"].into_iter().flat_map(of_method) {
        let things = Things::ours(&world);
        let things = if operation.id == "delete_institute" { things.in_new_institute(&world) } else { things };
        let path = object_of(&operation, &things);
        let tag = tag(&world.superuser, &path);
        for stale in ["\"2a-6617c1f3b2a00.9c56cc51b374c3ba\"", "stale", &format!("W/{tag}"), ""] {
            let call = operation.call(&world.superuser, &things).header("If-Match", stale);
            call.send().refused(412, "precondition_failed");
        }
        assert_eq!(self::tag(&world.superuser, &path), tag, "{}: a refused change changes nothing", operation.id);
        let call = operation.call(&world.superuser, &things).header("If-Match", &format!("\"x\", {tag}"));
        let reply = call.send();
        assert_eq!(reply.status, operation.success, "{}: {}", operation.id, reply.text);
        seen += 1;
    }
    assert!(seen >= 21);
}

#[test]
fn the_second_of_two_editors_is_told_to_read_again() {
    let world = World::new();
    let path = format!("/exams/{}", world.exam()["id"]);
    let read = tag(&world.teacher, &path);
    let edit = |person: &Person, name: &str, tag: &str| {
        person.call("PATCH", &path, json!({ "name": name })).header("If-Match", tag).send()
    };
    world.wait(1);
    let first = edit(&world.teacher, "Geometry", &read);
    first.ok("exam");
    edit(&world.administrator, "Analysis", &read).refused(412, "precondition_failed");
    assert_eq!(world.teacher.get(&path).ok("exam")["name"], "Geometry");
    world.wait(1);
    assert_eq!(edit(&world.administrator, "Analysis", first.header("etag")).ok("exam")["name"], "Analysis");
    assert_eq!(edit(&world.teacher, "Topology", "*").ok("exam")["name"], "Topology");
    world.teacher.patch(&path, json!({ "name": "Logic" })).ok("exam");
}

#[test]
fn of_many_editors_at_once_one_wins() {
    const EDITORS: usize = 8;
    let world = World::in_real_time();
    let path = format!("/exams/{}", world.exam()["id"]);
    for round in 0..10 {
        let (tag, start) = (tag(&world.teacher, &path), Barrier::new(EDITORS));
        let edit = |editor: usize| {
            let name = format!("Round {round}, editor {editor}");
            let call = world.teacher.call("PATCH", &path, json!({ "name": name })).header("If-Match", &tag);
            start.wait();
            (name, call.send().status)
        };
        let done: Vec<(String, u16)> = thread::scope(|scope| {
            let edit = &edit;
            let threads: Vec<_> = (0..EDITORS).map(|editor| scope.spawn(move || edit(editor))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let winners: Vec<&String> = done.iter().filter(|(_, status)| *status == 200).map(|(name, _)| name).collect();
        assert_eq!(winners.len(), 1, "{done:?}");
        assert!(done.iter().all(|(_, status)| [200, 412].contains(status)), "{done:?}");
        assert_eq!(&world.teacher.get(&path).ok("exam")["name"], winners[0]);
    }
}

#[test]
fn a_tag_tells_nothing_of_what_one_may_not_see() {
    let world = World::new();
    let path = format!("/exams/{}", world.exam()["id"]);
    let tag = tag(&world.teacher, &path);
    let body = |reply: crate::world::Reply| [reply.json["code"].clone(), reply.json["title"].clone()];
    for known in [tag.as_str(), "\"2a-0.0\"", "*"] {
        for method in ["PATCH", "DELETE"] {
            let of_others = world.stranger.call(method, &path, Value::Null).header("If-Match", known).send();
            of_others.refused(404, "not_found");
            let absent = world.stranger.call(method, "/exams/999999", Value::Null).header("If-Match", known).send();
            assert_eq!(body(of_others), body(absent));
        }
    }
}
