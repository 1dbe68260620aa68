//! Calls that clients in use still make: they do what their successors do, and say which those are.

use serde_json::{Value, json};

use crate::world::{Reply, World};

#[track_caller]
fn points_to(reply: &Reply, successor: &str) {
    assert_eq!(reply.header("deprecation"), "@1795219200");
    let links: Vec<&str> = reply.headers.get_all("link").iter().map(|link| link.to_str().unwrap()).collect();
    let link = format!("</api/v3{successor}>; rel=\"successor-version\"");
    assert!(links.contains(&link.as_str()), "{links:?}");
}

#[test]
fn students_of_an_exam_are_added_listed_shown_and_deleted() {
    let world = World::new();
    let exam = world.exam();
    let (path, sessions) = (format!("/exams/{}", exam["id"]), format!("/exams/{}/student_sessions", exam["id"]));
    let reply =
        world.teacher.post(&format!("{path}/add_student"), json!({ "name": "Sam", "email": "sam@example.edu" }));
    let student = reply.created("student");
    points_to(&reply, &sessions);
    let one = format!("/student_sessions/{}", student["id"]);
    assert_eq!(reply.header("location"), format!("/api/v3{one}"));
    assert_eq!(world.teacher.get(&one).ok("student"), student);

    world.student_session(&exam);
    let reply = world.teacher.get(&format!("{path}/index_students?limit=1&status=registered"));
    points_to(&reply, &sessions);
    assert_eq!(reply.ok("students"), json!([student]));
    assert_eq!(reply.header("x-pagination-item-count"), "2");
    assert_eq!(
        world.teacher.get(&sessions).ok("students"),
        world.teacher.get(&format!("{path}/index_students")).ok("students")
    );

    let reply = world.teacher.get(&format!("{path}/show_student?student_session_id={}", student["id"]));
    points_to(&reply, &one);
    assert_eq!(reply.ok("student"), student);
    let reply = world.teacher.delete(&format!("{path}/delete_student?student_session_id={}", student["id"]));
    points_to(&reply, &one);
    assert_eq!((reply.status, &reply.json), (200, &json!({})));
    world.teacher.get(&one).refused(404, "not_found");
}

#[test]
fn a_student_counts_only_at_its_own_exam_and_is_named() {
    let world = World::new();
    let (exam, other) = (world.exam(), world.exam());
    let student = world.student_session(&other);
    let calls = [("GET", "show_student"), ("DELETE", "delete_student")];
    for (method, call) in calls {
        let path = format!("/exams/{}/{call}", exam["id"]);
        let with = |parameters: Value| world.teacher.call(method, &path, parameters).send();
        let reply = with(json!({ "student_session_id": student["id"] }));
        reply.refused(404, "not_found");
        assert_eq!(reply.json["error"], format!("Couldn't find student session with 'id'='{}'", student["id"]));
        let reply = with(json!({}));
        reply.refused(422, "parameter_missing");
        assert_eq!(reply.json["error"], "Param is missing or the value is empty: student_session_id");
    }
    world.teacher.get(&format!("/student_sessions/{}", student["id"])).ok("student");
    world.teacher.post(&format!("/exams/{}/add_student", exam["id"]), json!({})).refused(422, "parameter_missing");
    let delete = format!("/exams/{}/delete_student?student_session_id={}", other["id"], student["id"]);
    world.proctor.delete(&delete).refused(403, "forbidden");
}

#[test]
fn calls_that_have_no_successor_say_nothing_of_one() {
    let world = World::new();
    let reply = world.teacher.get(&format!("/exams/{}/student_sessions", world.exam()["id"]));
    assert_eq!(reply.header("deprecation"), "");
}

#[test]
fn a_tools_student_is_found_by_either_of_its_ids_in_its_newest_attempt() {
    let world = World::new();
    let (exam, other) = (world.exam(), world.exam());
    let tool = world.tool_provider();
    let (resource, elsewhere) = (world.lti_resource(&exam, &tool), world.lti_resource(&other, &tool));
    let path = format!("/exams/{}", exam["id"]);
    let register = |attempt: i64| {
        let fields = json!({ "name": "Sam", "email": "sam@example.edu", "external_id": "s1024", "attempt": attempt });
        world.teacher.post(&format!("{path}/student_sessions"), fields).created("student")
    };
    let (newest, _) = (register(2), register(1));
    let find = |student: &Value, link: &Value| {
        let parameters = json!({ "student_lms_id": student, "resource_link_id": link });
        world.teacher.call("GET", &format!("{path}/show_lti_student"), parameters).send()
    };
    let link = &resource["lti_resource_link_id"];
    for id in [&newest["student_id"], &json!("s1024")] {
        assert_eq!(find(id, link).ok("student"), newest);
    }
    let reply = find(&json!("s1025"), link);
    reply.refused(404, "not_found");
    assert!(reply.json["detail"].as_str().unwrap().contains("student_lms_id"), "{}", reply.text);
    for link in [&elsewhere["lti_resource_link_id"], &json!("unknown")] {
        let reply = find(&newest["student_id"], link);
        reply.refused(404, "not_found");
        assert!(reply.json["detail"].as_str().unwrap().contains("resource_link_id"), "{}", reply.text);
    }
    find(&json!(""), link).refused(422, "parameter_missing");
    find(&newest["student_id"], &Value::Null).refused(422, "parameter_missing");
}
