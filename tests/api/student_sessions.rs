//! Student sessions: students registered for an exam, and the links that open it.

use serde_json::{Value, json};

use crate::world::{Reply, World, assert_members};

const FIELDS: &str = "id session_id student_id external_id proctor_id created_at updated_at email name status token \
    exam_url exam_id start_time end_time expires_at open_time attempt individual_info is_individual_info_html \
    skip_requirements extra_time_minutes archived group_id paused_at webcam_check mobile_check screen_check upload_check";

fn sessions(exam: &Value) -> String {
    format!("/exams/{}/student_sessions", exam["id"])
}

impl World {
    fn register(&self, exam: &Value, change: Value) -> Reply {
        let mut new = json!({ "name": "Sam Student", "email": "sam@example.edu" });
        new.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        self.teacher.post(&sessions(exam), new)
    }
}

#[test]
fn a_registered_student_has_a_link_that_opens_the_exam() {
    let world = World::new();
    let exam = world.exam();
    let reply = world.register(&exam, json!({ "external_id": "s1024", "skip_requirements": "1" }));
    let student = reply.created("student");
    assert_members(&student, FIELDS);
    assert_eq!(reply.header("location"), format!("/api/v3/student_sessions/{}", student["id"]));
    assert_eq!((&student["session_id"], &student["exam_id"]), (&student["id"], &exam["id"]));
    assert_eq!((&student["status"], &student["attempt"]), (&json!("registered"), &json!(1)));
    assert_eq!((&student["webcam_check"], &student["skip_requirements"]), (&json!("not_started"), &json!(true)));
    let token = student["token"].as_str().unwrap();
    assert_eq!(student["exam_url"], format!("{}/sessions/{token}", world.origin()));
    world.publish(&exam);
    assert_eq!(world.page(&format!("/sessions/{token}")).status, 200);
    let path = format!("/student_sessions/{}", student["id"]);
    assert_eq!(world.teacher.get(&path).ok("student"), student);
    assert_eq!(world.teacher.delete(&path).json, json!({}));
    assert_eq!(world.page(&format!("/sessions/{token}")).status, 404);
}

#[test]
fn name_and_address_are_required() {
    let world = World::new();
    let exam = world.exam();
    for name in ["name", "email"] {
        let reply = world.register(&exam, json!({ name: "" }));
        reply.refused(422, "parameter_missing");
        assert_eq!(reply.json["error"], format!("Param is missing or the value is empty: {name}"));
    }
    world.register(&exam, json!({ "email": "sam" })).refused(422, "parameter_invalid");
    world.register(&json!({ "id": 999 }), json!({})).refused(404, "not_found");
}

#[test]
fn attempts_count_up_and_are_unique_for_an_address_at_an_exam() {
    let world = World::new();
    let exam = world.exam();
    let first = world.register(&exam, json!({})).created("student");
    let reply = world.register(&exam, json!({ "attempt": 1 }));
    reply.refused(422, "taken");
    assert_eq!(reply.json["error"], json!({ "email": ["has already been taken"] }));
    let fifth = world.register(&exam, json!({ "attempt": "5" })).created("student");
    let next = world.register(&exam, json!({})).created("student");
    assert_eq!([&first["attempt"], &fifth["attempt"], &next["attempt"]], [1, 5, 6]);
    let path = format!("/student_sessions/{}", next["id"]);
    world.teacher.patch(&path, json!({ "attempt": 5 })).refused(422, "taken");
    world.register(&exam, json!({ "attempt": 0 })).refused(422, "parameter_invalid");
    assert_eq!(world.register(&exam, json!({ "email": "kim@example.edu" })).created("student")["attempt"], 1);
}

#[test]
fn tools_know_a_student_by_one_id_in_all_attempts_and_exams_of_the_institute() {
    let world = World::new();
    let (exam, other) = (world.exam(), world.exam());
    let id = |reply: Reply| reply.created("student")["student_id"].clone();
    let sam = id(world.register(&exam, json!({})));
    assert_eq!(id(world.register(&exam, json!({}))), sam);
    assert_eq!(id(world.register(&other, json!({ "name": "Samuel" }))), sam);
    assert_ne!(id(world.register(&exam, json!({ "email": "kim@example.edu" }))), sam);
}

#[test]
fn only_those_who_may_invite_see_the_link() {
    let world = World::new();
    let exam = world.exam();
    let student = world.student_session(&exam);
    let path = format!("/student_sessions/{}", student["id"]);
    for inviter in [&world.administrator, &world.superuser] {
        assert_eq!(inviter.get(&path).ok("student"), student);
    }
    for reader in [&world.proctor, &world.reviewer, &world.auditor] {
        let shown = reader.get(&path).ok("student");
        assert_members(&shown, FIELDS);
        assert_eq!((&shown["token"], &shown["exam_url"]), (&Value::Null, &Value::Null));
        let list = reader.get(&sessions(&exam));
        assert_eq!(list.ok("students"), json!([shown]));
        assert!(!list.text.contains(student["token"].as_str().unwrap()));
        reader.patch(&path, json!({ "name": "X" })).refused(403, "forbidden");
        reader.post(&sessions(&exam), json!({ "name": "X", "email": "x@example.edu" })).refused(403, "forbidden");
    }
    for outsider in [&world.colleague, &world.stranger] {
        outsider.get(&path).refused(404, "not_found");
        outsider.get(&sessions(&exam)).refused(404, "not_found");
        assert_eq!(outsider.get("/student_sessions").ok("students"), json!([]));
    }
}

#[test]
fn put_changes_what_is_sent_and_keeps_the_rest_like_patch() {
    let world = World::new();
    let exam = world.exam();
    let given =
        json!({ "open_time": 1_795_700_000, "expires_at": "2026-12-01T00:00:00+01:00", "individual_info": "Room 4" });
    let student = world.register(&exam, given).created("student");
    assert_eq!(student["open_time"], "2026-11-26T13:33:20.000Z");
    assert_eq!(student["expires_at"], "2026-11-30T23:00:00.000Z");
    let path = format!("/student_sessions/{}", student["id"]);
    let changed = world.teacher.call("PUT", &path, json!({ "extra_time_minutes": "30" })).send().ok("student");
    assert_eq!((&changed["extra_time_minutes"], &changed["name"]), (&json!(30), &student["name"]));
    assert_eq!((&changed["open_time"], &changed["token"]), (&student["open_time"], &student["token"]));
    let cleared = json!({ "open_time": null, "expires_at": "", "individual_info": null });
    let cleared = world.teacher.patch(&path, cleared).ok("student");
    for name in ["open_time", "expires_at", "individual_info"] {
        assert_eq!(cleared[name], Value::Null, "{name}");
    }
    world.teacher.patch(&path, json!({ "name": "" })).refused(422, "parameter_missing");
    for minutes in ["-1", "100001", "ten"] {
        let reply = world.teacher.patch(&path, json!({ "extra_time_minutes": minutes }));
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], "extra_time_minutes");
    }
}

#[test]
fn extra_time_moves_the_end_of_the_exam_for_one_student() {
    let world = World::new();
    let exam = world.exam();
    let timed = json!({ "use_duration": true, "duration_minutes": 60, "status": "open" });
    world.teacher.patch(&format!("/exams/{}", exam["id"]), timed).ok("exam");
    let usual = world.started(&world.register(&exam, json!({})).created("student"));
    let longer = json!({ "email": "kim@example.edu", "extra_time_minutes": 30 });
    let longer = world.started(&world.register(&exam, longer).created("student"));
    let over = |home: &str| !world.page(home).text.contains(&format!("{home}/finish"));
    for (minutes, usual_over, longer_over) in [(59, false, false), (1, true, false), (29, true, false), (1, true, true)]
    {
        world.wait(minutes * 60_000);
        assert_eq!((over(&usual), over(&longer)), (usual_over, longer_over), "after {minutes} minutes more");
    }
}

#[test]
fn the_status_follows_the_student_and_filters_lists() {
    let world = World::new();
    let (exam, other) = (world.exam(), world.exam());
    world.publish(&exam);
    let first = world.register(&exam, json!({})).created("student");
    world.register(&exam, json!({})).created("student");
    world.register(&other, json!({})).created("student");
    let home = world.started(&first);
    let count = |path: &str| world.teacher.get(path).ok("students").as_array().unwrap().len();
    assert_eq!((count("/student_sessions"), count(&sessions(&exam))), (3, 2));
    assert_eq!(count("/student_sessions?status=exam_started"), 1);
    assert_eq!(count(&format!("{}?status=registered", sessions(&exam))), 1);
    let path = format!("/student_sessions/{}", first["id"]);
    let started = world.teacher.get(&path).ok("student");
    assert_eq!(
        (&started["status"], &started["start_time"]),
        (&json!("exam_started"), &json!("2026-11-26T07:19:53.143Z"))
    );
    world.wait(1_000);
    world.press(&format!("{home}/finish"));
    let finished = world.teacher.get(&path).ok("student");
    assert_eq!(
        (&finished["status"], &finished["end_time"]),
        (&json!("exam_finished"), &json!("2026-11-26T07:19:54.143Z"))
    );
    world.teacher.get("/student_sessions?status=asleep").refused(422, "parameter_invalid");
    let page = world.teacher.get(&format!("{}?limit=1&page=2", sessions(&exam)));
    assert_eq!((page.ok("students").as_array().unwrap().len(), page.header("x-pagination-page-count")), (1, "2"));
}
