//! The life of a student session: who moves it along, and where it does not go.

use serde_json::{Value, json};

use crate::world::{Person, Reply, World};

fn path(session: &Value) -> String {
    format!("/student_sessions/{}", session["id"])
}

/// A user of the first institute with this role, with its credentials.
impl World {
    fn open_exam(&self) -> Value {
        let exam = self.exam();
        self.publish(&exam);
        exam
    }

    fn set(&self, session: &Value, status: &str) -> Reply {
        self.teacher.patch(&path(session), json!({ "status": status }))
    }
}

/// Sends one of the calls that move a session along.
fn take(person: &Person, session: &Value, step: &str) -> Reply {
    person.post(&format!("{}/{step}", path(session)), json!({}))
}

#[test]
fn a_started_session_is_ended_by_a_proctor_and_reopened_by_a_reviewer() {
    let world = World::new();
    let session = world.student_session(&world.open_exam());
    let home = world.started(&session);
    world.wait(60_000);
    let ended = take(&world.proctor, &session, "terminate").ok("student");
    assert_eq!(
        (&ended["status"], &ended["end_time"]),
        (&json!("exam_finished"), &json!("2026-11-26T07:20:53.143Z")),
        "and the link stays out of the proctor's sight: {}",
        ended["token"]
    );
    assert_eq!(ended["token"], Value::Null);
    assert!(!world.page(&home).text.contains(&format!("{home}/finish")));
    world.wait(60_000);
    assert_eq!(take(&world.proctor, &session, "terminate").ok("student")["end_time"], ended["end_time"]);
    let reopened = take(&world.reviewer, &session, "reopen").ok("student");
    assert_eq!((&reopened["status"], &reopened["end_time"]), (&json!("exam_started"), &Value::Null));
    assert_eq!(reopened["start_time"], "2026-11-26T07:19:53.143Z");
    assert!(world.page(&home).text.contains(&format!("{home}/finish")), "the student goes on");
    world.press(&format!("{home}/finish"));
    assert_eq!(world.teacher.get(&path(&session)).ok("student")["status"], "exam_finished");
}

#[test]
fn a_session_that_never_began_is_ended_and_goes_back_to_not_started() {
    let world = World::new();
    let session = world.student_session(&world.open_exam());
    let reply = take(&world.teacher, &session, "reopen");
    reply.refused(409, "conflict");
    let told = reply.json["detail"].as_str().unwrap();
    assert!(told.starts_with("A session cannot go from registered to exam_not_started"), "{told}");
    assert_eq!(take(&world.teacher, &session, "terminate").ok("student")["status"], "exam_finished");
    let home = world.started(&session);
    assert_eq!(world.teacher.get(&path(&session)).ok("student")["start_time"], Value::Null, "the door is shut");
    assert_eq!(take(&world.teacher, &session, "reopen").ok("student")["status"], "exam_not_started");
    world.press(&format!("{home}/start"));
    assert_eq!(world.teacher.get(&path(&session)).ok("student")["status"], "exam_started");
}

#[test]
fn the_status_is_set_along_the_table_and_a_refusal_says_from_to_and_the_way() {
    let world = World::new();
    let session = world.student_session(&world.open_exam());
    let waiting = [
        "before_check_req_mail",
        "email_bounced",
        "email_sent",
        "after_check_req_mail",
        "before_check_req",
        "after_check_req",
        "in_setup",
        "exam_not_started",
        "registered",
    ];
    for status in waiting {
        assert_eq!(world.set(&session, status).ok("student")["status"], status);
    }
    let reply = world.set(&session, "exam_started");
    reply.refused(409, "conflict");
    assert!(reply.json["detail"].as_str().unwrap().contains("only the student starts an exam"), "{}", reply.text);
    world.started(&session);
    for status in waiting {
        let reply = world.set(&session, status);
        reply.refused(409, "conflict");
        let told =
            format!("A session cannot go from exam_started to {status}. From exam_started it goes to: exam_finished.");
        assert_eq!(reply.json["detail"], told);
    }
    assert_eq!(world.set(&session, "exam_started").ok("student")["status"], "exam_started");
    assert_eq!(world.set(&session, "exam_finished").ok("student")["status"], "exam_finished");
    world.set(&session, "exam_not_started").refused(409, "conflict");
    assert_eq!(world.set(&session, "exam_started").ok("student")["end_time"], Value::Null);
    world.set(&session, "asleep").refused(422, "parameter_invalid");
}

#[test]
fn a_refused_status_changes_nothing_else_either() {
    let world = World::new();
    let session = world.student_session(&world.exam());
    let both = json!({ "name": "Samuel", "status": "exam_started" });
    world.teacher.patch(&path(&session), both).refused(409, "conflict");
    assert_eq!(world.teacher.get(&path(&session)).ok("student"), session);
    let new = json!({ "name": "Kim", "email": "kim@example.edu", "status": "in_setup" });
    let reply = world.teacher.post(&format!("/exams/{}/student_sessions", session["exam_id"]), new);
    reply.refused(422, "parameter_invalid");
    assert_eq!(reply.json["errors"][0]["field"], "status");
}

#[test]
fn proctors_and_reviewers_set_the_status_and_nothing_else() {
    let world = World::new();
    let session = world.student_session(&world.exam());
    for person in [&world.proctor, &world.reviewer] {
        let set = |fields: Value| person.patch(&path(&session), fields);
        assert_eq!(set(json!({ "status": "in_setup" })).ok("student")["status"], "in_setup");
        for more in [json!({ "status": "in_setup", "archived": true }), json!({ "open_time": null }), json!({})] {
            set(more).refused(403, "forbidden");
        }
    }
    world.auditor.patch(&path(&session), json!({ "status": "in_setup" })).refused(403, "forbidden");
    for step in ["terminate", "reopen"] {
        take(&world.auditor, &session, step).refused(403, "forbidden");
        take(&world.colleague, &session, step).refused(404, "not_found");
        take(&world.stranger, &session, step).refused(404, "not_found");
    }
}

#[test]
fn a_global_proctor_moves_only_sessions_of_exams_that_ask_for_one() {
    let world = World::new();
    let exam = world.exam();
    let session = world.student_session(&exam);
    let proctor = world.newcomer("global_proctor");
    let id = proctor.id;
    let assign = || {
        let fields = json!({ "proctor_id": id });
        world.teacher.call("PUT", &format!("{}/assign_proctor", path(&session)), fields).send()
    };
    take(&proctor, &session, "terminate").refused(404, "not_found");
    assign().refused(422, "parameter_invalid");
    world.teacher.patch(&format!("/exams/{}", exam["id"]), json!({ "global_proctoring": true })).ok("exam");
    take(&proctor, &session, "terminate").ok("student");
    assert_eq!(assign().ok("student")["proctor_id"], id);
}

#[test]
fn a_proctor_of_the_exams_institute_is_assigned() {
    let world = World::new();
    let session = world.student_session(&world.exam());
    let by = |person: &Person, id: Value| {
        person.call("PUT", &format!("{}/assign_proctor", path(&session)), json!({ "proctor_id": id })).send()
    };
    for watcher in [&world.proctor, &world.administrator, &world.colleague] {
        assert_eq!(by(&world.teacher, json!(watcher.id)).ok("student")["proctor_id"], watcher.id);
    }
    let disabled = world.newcomer("proctor").id;
    let account = format!("/institutes/{}/users/{disabled}", world.institute);
    world.administrator.patch(&account, json!({ "disabled": true })).ok("user");
    for id in [world.reviewer.id, world.auditor.id, world.superuser.id, world.stranger.id, disabled, 999_999] {
        let reply = by(&world.teacher, json!(id));
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], "proctor_id", "{id}");
    }
    by(&world.teacher, Value::Null).refused(422, "parameter_missing");
    by(&world.proctor, json!(world.proctor.id)).refused(403, "forbidden");
    by(&world.colleague, json!(world.proctor.id)).refused(404, "not_found");
    assert_eq!(world.teacher.get(&path(&session)).ok("student")["proctor_id"], world.colleague.id);
}
