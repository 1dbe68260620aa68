//! What a caller may not set stays as it is, whatever a body says.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::world::operations::{Operation, Things, operations};
use crate::world::{World, document};

/// Names that somebody who wants more than is due would try first.
const WANTED: [&str; 12] = [
    "id",
    "institute_id",
    "user_id",
    "role",
    "secret_key",
    "api_token",
    "token",
    "token_hash",
    "password_hash",
    "created_at",
    "updated_at",
    "student_id",
];

/// Everything that an answer shows, and what else is in the tables.
fn tempting(operation: &Operation) -> BTreeSet<String> {
    let schemas = document()["components"]["schemas"].as_object().unwrap();
    let shown = [
        "Institute",
        "User",
        "Exam",
        "ToolProvider",
        "ToolDeployment",
        "LtiConsumer",
        "LtiPlatform",
        "LtiResource",
        "Selection",
        "Document",
        "Attachment",
        "StudentSession",
        "Launch",
        "IdentityProvider",
        "Result",
    ];
    let shown = shown.iter().flat_map(|name| schemas[*name]["properties"].as_object().unwrap().keys().cloned());
    let known = operation.properties();
    shown.chain(WANTED.map(str::to_owned)).filter(|name| !known.contains(&name.as_str())).collect()
}

/// Everything that the institute has, as its administrator sees it.
fn everything(world: &World) -> Vec<Value> {
    let users = format!("/institutes/{}/users", world.institute);
    let institute = format!("/institutes/{}", world.institute);
    [
        "/exams",
        "/tool_providers",
        "/lti_consumers",
        "/lti_platforms",
        "/lti_resources",
        "/student_sessions",
        &users,
        &institute,
    ]
    .map(|path| world.administrator.get(path).json)
    .to_vec()
}

#[test]
fn aut_03_no_body_sets_what_is_not_its_to_set() {
    let world = World::new();
    let things = Things::ours(&world);
    things.launch();
    let before = everything(&world);
    let mut tried = 0;
    for operation in operations().iter().filter(|operation| !operation.properties().is_empty()) {
        let person = if operation.id == "create_institute" { &world.superuser } else { &world.administrator };
        let path = operation.path_of(&things);
        for name in tempting(operation) {
            let reply = operation.call(person, &things).with(&name, json!(7_777_777)).send();
            let in_path = operation.path.contains(&format!("{{{name}}}"));
            let expected = if in_path { (400, "parameter_conflict") } else { (422, "parameter_invalid") };
            reply.refused(expected.0, expected.1);
            assert_eq!(reply.json["errors"][0]["field"], name, "{path}");
            tried += 1;
        }
    }
    assert!(tried > 1_000, "{tried}");
    assert_eq!(everything(&world), before);
}

#[test]
fn aut_03_a_role_that_is_not_to_be_had_is_not_given() {
    let world = World::new();
    let things = Things::ours(&world);
    let before = everything(&world);
    let path = format!("/institutes/{}/users", world.institute);
    let user = format!("{path}/{}", things.user["id"]);
    for role in ["superuser", "global_proctor", "global_reviewer", "owner", "SUPERUSER", ""] {
        let new = json!({ "email": "new@example.edu", "name": "New", "password": "Correct-Horse-1", "role": role });
        for reply in [
            world.administrator.post(&path, new),
            world.administrator.patch(&user, json!({ "role": role })),
            world.administrator.call("PUT", &user, json!({ "role": role })).send(),
        ] {
            assert_eq!(
                (reply.status, &reply.json["errors"][0]["field"]),
                (422, &json!("role")),
                "{role}: {}",
                reply.text
            );
        }
    }
    let own = format!("{path}/{}", world.administrator.id);
    world.administrator.patch(&own, json!({ "role": "teacher" })).refused(409, "conflict");
    assert_eq!(everything(&world), before);
}

#[test]
fn aut_03_a_teacher_cannot_give_an_exam_to_somebody_else() {
    let world = World::new();
    let exam = world.exam();
    let path = format!("/exams/{}", exam["id"]);
    for (name, value) in [("user_id", world.colleague.id), ("id", 4_711), ("institute_id", world.other_institute)] {
        let reply = world.teacher.patch(&path, json!({ name: value }));
        assert!([400, 422].contains(&reply.status), "{name}: {}", reply.text);
    }
    assert_eq!(world.teacher.get(&path).ok("exam"), exam);
}
