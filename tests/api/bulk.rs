//! Many registrations in one call: a whole course at once, or nobody.

use serde_json::{Value, json};

use crate::world::{Reply, World};

impl World {
    fn register_all(&self, exam: &Value, students: &str) -> Reply {
        self.teacher.post(&bulk(exam), json!({ "students": students }))
    }

    fn registered(&self, exam: &Value) -> usize {
        let students = self.teacher.get(&format!("/exams/{}/student_sessions", exam["id"]));
        students.header("x-pagination-item-count").parse().unwrap()
    }
}

fn bulk(exam: &Value) -> String {
    format!("/exams/{}/student_sessions/bulk", exam["id"])
}

fn course(size: usize) -> Value {
    (0..size).map(|n| json!({ "name": "Sam", "email": format!("sam{n}@example.edu") })).collect()
}

#[test]
fn a_thousand_students_are_registered_at_once_and_one_more_is_too_many() {
    let world = World::new();
    let exam = world.exam();
    let reply = world.register_all(&exam, &course(1_001).to_string());
    reply.refused(422, "parameter_invalid");
    assert_eq!(reply.json["error"], json!({ "students": ["must hold 1 to 1000 objects, and holds 1001"] }));
    let reply = world.register_all(&exam, &course(1_000).to_string());
    assert_eq!(reply.header("location"), format!("/api/v3/exams/{}/student_sessions", exam["id"]));
    let students = reply.created("students");
    assert_eq!((students.as_array().unwrap().len(), world.registered(&exam)), (1_000, 1_000));
    assert_eq!(students[7]["email"], "sam7@example.edu");
    let shown = world.teacher.get(&format!("/student_sessions/{}", students[999]["id"])).ok("student");
    assert_eq!(shown, students[999]);
    world.publish(&exam);
    let link = format!("/sessions/{}", students[500]["token"].as_str().unwrap());
    assert_eq!(world.page(&link).status, 200);
}

#[test]
fn each_student_has_the_fields_of_a_single_registration() {
    let world = World::new();
    let exam = world.exam();
    let text = r#"[
        {"name": "Sam? name=x", "email": "sam@example.edu", "external_id": "s1", "extra_time_minutes": "15"},
        {"name": "Élise", "email": "elise@example.edu", "skip_requirements": true, "open_time": 1795700000, "attempt": 3},
        {"name": "Sam", "email": "sam@example.edu"}
    ]"#;
    // The text is one parameter, signed as it is, be it in a JSON body or a form.
    let other = world.exam();
    world.teacher.call("POST", &bulk(&other), json!({ "students": text })).as_form().send().created("students");
    let students = world.register_all(&exam, text).created("students");
    assert_eq!((&students[0]["name"], &students[0]["extra_time_minutes"]), (&json!("Sam? name=x"), &json!(15)));
    assert_eq!((&students[1]["open_time"], &students[1]["attempt"]), (&json!("2026-11-26T13:33:20.000Z"), &json!(3)));
    assert_eq!((&students[2]["attempt"], &students[2]["student_id"]), (&json!(2), &students[0]["student_id"]));
}

#[test]
fn an_error_names_the_place_and_the_field_and_nobody_is_registered() {
    let world = World::new();
    let exam = world.exam();
    world.student_session(&exam);
    let good = r#"{"name":"Kim","email":"kim@example.edu"}"#;
    for (bad, field, code) in [
        (r#"{"name":"Sam","email":"sam"}"#, "students[2].email", "parameter_invalid"),
        (r#"{"name":"Sam"}"#, "students[2].email", "parameter_missing"),
        (r#"{"name":"Sam","email":null}"#, "students[2].email", "parameter_missing"),
        (r#"{"name":"Sam","email":"sam@example.edu","attempt":1}"#, "students[2].email", "taken"),
        (r#"{"name":"Sam","email":"s@example.edu","role":"x"}"#, "students[2].role", "parameter_invalid"),
        (r#"{"name":"Sam","email":"s@example.edu","nonce":"1"}"#, "students[2].nonce", "parameter_invalid"),
        (r#"{"name":"Sam","email":"s@example.edu","status":"in_setup"}"#, "students[2].status", "parameter_invalid"),
        (r#"{"name":"Sam","name":"Kim","email":"s@example.edu"}"#, "students[2].name", "parameter_invalid"),
        (r#"{"name":{"first":"Sam"},"email":"s@example.edu"}"#, "students[2].name", "parameter_invalid"),
        (
            r#"{"name":"Sam","email":"s@example.edu","extra_time_minutes":-1}"#,
            "students[2].extra_time_minutes",
            "parameter_invalid",
        ),
        ("\"Sam\"", "students[2]", "parameter_invalid"),
    ] {
        let reply = world.register_all(&exam, &format!("[{good},{good},{bad},{good}]"));
        reply.refused(422, code);
        assert_eq!(reply.json["errors"][0]["field"], field, "{bad}: {}", reply.text);
        assert_eq!(world.registered(&exam), 1, "{bad}");
    }
}

#[test]
fn several_errors_are_told_at_once_and_twenty_at_most() {
    let world = World::new();
    let exam = world.exam();
    let reply = world.register_all(&exam, r#"[{"name":"Sam"},{"email":"kim@example.edu"},{}]"#);
    reply.refused(422, "parameter_missing");
    let fields: Vec<&Value> = reply.json["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["students[0].email", "students[1].name", "students[2].name", "students[2].email"]);
    let empty = format!("[{}]", vec!["{}"; 1_000].join(","));
    assert_eq!(world.register_all(&exam, &empty).json["errors"].as_array().unwrap().len(), 20);
}

#[test]
fn what_is_no_list_is_refused() {
    let world = World::new();
    let exam = world.exam();
    for text in ["[]", "{}", "Sam", "[{]", "null", "[[]]", "[1]"] {
        let reply = world.register_all(&exam, text);
        reply.refused(422, "parameter_invalid");
        let field = reply.json["errors"][0]["field"].as_str().unwrap();
        assert!(field.starts_with("students"), "{text}: {field}");
    }
    world.register_all(&exam, " ").refused(422, "parameter_missing");
    world.teacher.post(&bulk(&exam), json!({ "students": course(1) })).refused(422, "parameter_invalid");
    world.register_all(&json!({ "id": 999 }), &course(1).to_string()).refused(404, "not_found");
    world.proctor.post(&bulk(&exam), json!({ "students": course(1).to_string() })).refused(403, "forbidden");
    let long = json!({ "students": format!("[{}]", " ".repeat(1 << 20)) });
    world.teacher.post(&bulk(&exam), long).refused(413, "too_large");
    assert_eq!(world.registered(&exam), 0);
}
