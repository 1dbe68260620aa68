//! Exams: what their authors do with them.

use serde_json::{Value, json};

use crate::world::{World, assert_members};

const FIELDS: &str = "id institute_id name type terms created_at updated_at duration_minutes use_duration start_time \
    end_time mode upload_answers token user_id restrictions published status for_reviewing timezone global_proctoring \
    global_reviewing exam_language web_cam mobile_cam screen_share live_proctoring student_experience accept_late_results \
    proctoring_tool_provider_id proctoring_tool_deployment_id allow_websites \
    allow_external_applications allow_textbooks allow_calculator allow_pen_paper allow_additional allowed_websites \
    allowed_external_applications allowed_textbooks allowed_calculator_type allowed_additional";

#[test]
fn an_author_creates_reads_changes_and_puts_away_an_exam() {
    let world = World::new();
    let exam = world.exam();
    let path = format!("/exams/{}", exam["id"]);
    assert_eq!((exam["name"].as_str(), exam["status"].as_str()), (Some("Algebra"), Some("draft")));
    assert_eq!(exam["created_at"], "2026-11-26T07:19:53.143Z");
    let changed = world.teacher.patch(&path, json!({ "name": "Geometry", "web_cam": true })).ok("exam");
    assert_eq!((changed["name"].as_str(), changed["mode"].as_str()), (Some("Geometry"), Some("01000000")));
    assert_eq!(world.teacher.get(&path).ok("exam"), changed);
    assert_eq!(world.teacher.get("/exams").ok("exams"), json!([changed]));
    assert_eq!(world.teacher.delete(&path).json, json!({}));
    world.teacher.get(&path).refused(404, "not_found");
    assert_eq!(world.teacher.get("/exams?status=deleted").ok("exams").as_array().unwrap().len(), 1);
}

#[test]
fn a_new_exam_shows_every_field_with_its_default() {
    let world = World::new();
    let reply = world.teacher.post("/exams", json!({ "name": "Algebra", "type": "record_review" }));
    let exam = reply.created("exam");
    assert_members(&exam, FIELDS);
    assert_members(&reply.json, "exam");
    assert_eq!(reply.header("location"), format!("/api/v3/exams/{}", exam["id"]));
    assert_eq!((&exam["user_id"], &exam["institute_id"]), (&json!(world.teacher.id), &json!(world.institute)));
    assert_eq!((&exam["timezone"], &exam["exam_language"]), (&json!("UTC"), &json!("en")));
    assert_eq!((&exam["for_reviewing"], &exam["live_proctoring"]), (&json!(true), &json!(false)));
    assert_eq!((&exam["mode"], &exam["published"]), (&json!("00000000"), &json!(false)));
    let token = exam["token"].as_str().unwrap();
    assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
}

#[test]
fn name_and_type_are_required() {
    let world = World::new();
    let reply = world.teacher.post("/exams", json!({ "name": " ", "type": "demo" }));
    reply.refused(422, "parameter_missing");
    assert_eq!(reply.json["error"], "Param is missing or the value is empty: name");
    assert_eq!(reply.json["errors"][0]["field"], "name");
    let reply = world.teacher.post("/exams", json!({}));
    let missing: Vec<&Value> = reply.json["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(missing, ["name", "type"]);
    let reply = world.teacher.post("/exams", json!({ "name": "Algebra", "type": "oral" }));
    reply.refused(422, "parameter_invalid");
    let error = json!({ "type": ["must be one of: record_review, live_proctoring, classroom, demo"] });
    assert_eq!(reply.json["error"], error);
}

#[test]
fn times_come_as_iso_or_epoch_seconds_and_go_out_in_utc_with_milliseconds() {
    let world = World::new();
    let path = format!("/exams/{}", world.exam()["id"]);
    for (given, shown) in [
        (json!(1_764_147_593), "2025-11-26T08:59:53.000Z"),
        (json!("1764147593"), "2025-11-26T08:59:53.000Z"),
        (json!("2026-11-26T08:19:53.143+01:00"), "2026-11-26T07:19:53.143Z"),
        (json!("2026-11-26T07:19:53"), "2026-11-26T07:19:53.000Z"),
        (json!("2025-02-01"), "2025-02-01T00:00:00.000Z"),
    ] {
        let exam = world.teacher.patch(&path, json!({ "start_time": given })).ok("exam");
        assert_eq!(exam["start_time"], shown, "{given}");
    }
    world.teacher.patch(&path, json!({ "start_time": "soon" })).refused(422, "parameter_invalid");
    let reply = world.teacher.patch(&path, json!({ "end_time": "2025-02-01" }));
    reply.refused(422, "parameter_invalid");
    assert_eq!(reply.json["error"], json!({ "end_time": ["must be after start_time"] }));
}

#[test]
fn booleans_and_numbers_come_as_json_or_as_text() {
    let world = World::new();
    let path = format!("/exams/{}", world.exam()["id"]);
    for (given, shown) in [
        (json!(true), true),
        (json!("false"), false),
        (json!("1"), true),
        (json!(0), false),
        (json!("true"), true),
        (json!(false), false),
        (json!(1), true),
        (json!("0"), false),
    ] {
        assert_eq!(world.teacher.patch(&path, json!({ "web_cam": given })).ok("exam")["web_cam"], shown, "{given}");
    }
    for wrong in ["True", "yes", "2"] {
        world.teacher.patch(&path, json!({ "web_cam": wrong })).refused(422, "parameter_invalid");
    }
    let timed = json!({ "use_duration": "1", "duration_minutes": "90" });
    assert_eq!(world.teacher.call("PATCH", &path, timed).as_form().send().ok("exam")["duration_minutes"], 90);
    world.teacher.patch(&path, json!({ "duration_minutes": 1.5 })).refused(422, "parameter_invalid");
}

#[test]
fn null_and_the_empty_text_clear_what_may_be_empty_and_are_refused_elsewhere() {
    let world = World::new();
    let path = format!("/exams/{}", world.exam()["id"]);
    for empty in [json!(null), json!("")] {
        world.teacher.patch(&path, json!({ "end_time": "2027-01-01", "terms": "Be fair." })).ok("exam");
        let exam = world.teacher.patch(&path, json!({ "end_time": empty, "terms": empty })).ok("exam");
        assert_eq!((&exam["end_time"], &exam["terms"]), (&Value::Null, &Value::Null));
        let reply = world.teacher.patch(&path, json!({ "name": empty }));
        reply.refused(422, "parameter_missing");
        assert_eq!(reply.json["detail"], "Param is missing or the value is empty: name");
    }
    let kept = world.teacher.patch(&path, json!({ "end_time": null })).ok("exam");
    assert_eq!(kept["name"], "Algebra");
}

#[test]
fn a_duration_has_minutes() {
    let world = World::new();
    let reply = world.teacher.post("/exams", json!({ "name": "Algebra", "type": "demo", "use_duration": true }));
    reply.refused(422, "parameter_invalid");
    assert_eq!(reply.json["errors"][0]["field"], "duration_minutes");
}

#[test]
fn put_changes_what_is_sent_and_keeps_the_rest_like_patch() {
    let world = World::new();
    let exam = world.exam();
    let path = format!("/exams/{}", exam["id"]);
    world.wait(1_000);
    let changed = world.teacher.call("PUT", &path, json!({ "screen_share": true })).send().ok("exam");
    assert_eq!((&changed["name"], &changed["mode"]), (&exam["name"], &json!("00010000")));
    assert_eq!(
        (&changed["created_at"], &changed["updated_at"]),
        (&exam["created_at"], &json!("2026-11-26T07:19:54.143Z"))
    );
}

#[test]
fn an_exam_goes_from_draft_to_open_to_closed_and_may_be_reopened() {
    let world = World::new();
    let path = format!("/exams/{}", world.exam()["id"]);
    let enter = |status: &str| world.teacher.patch(&path, json!({ "status": status }));
    enter("closed").refused(422, "parameter_invalid");
    for (status, published) in [("open", true), ("closed", true), ("open", true)] {
        let exam = enter(status).ok("exam");
        assert_eq!((exam["status"].as_str(), exam["published"].as_bool()), (Some(status), Some(published)));
    }
    let reply = enter("draft");
    reply.refused(422, "parameter_invalid");
    assert!(reply.json["detail"].as_str().unwrap().contains("from open to draft"), "{}", reply.text);
    enter("deleted").refused(422, "parameter_invalid");
}

#[test]
fn an_exam_is_published_closed_and_reopened_by_calls_of_their_own() {
    let world = World::new();
    let path = format!("/exams/{}", world.exam()["id"]);
    let step = |name: &str| world.teacher.post(&format!("{path}/{name}"), json!({}));
    let reply = step("close");
    reply.refused(422, "parameter_invalid");
    assert!(reply.json["detail"].as_str().unwrap().contains("from draft to closed"), "{}", reply.text);
    // Each may be sent again: an answer that was lost does no harm.
    for (name, status) in
        [("publish", "open"), ("publish", "open"), ("close", "closed"), ("close", "closed"), ("reopen", "open")]
    {
        assert_eq!(step(name).ok("exam")["status"], status, "{name}");
    }
    for name in ["publish", "close", "reopen"] {
        let reply = world.teacher.post(&format!("{path}/{name}"), json!({ "status": "draft" }));
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], "status");
        world.proctor.post(&format!("{path}/{name}"), json!({})).refused(403, "forbidden");
        world.colleague.post(&format!("{path}/{name}"), json!({})).refused(404, "not_found");
    }
    assert_eq!(world.teacher.get(&path).ok("exam")["status"], "open");
}

#[test]
fn publishing_checks_the_placeholders_again() {
    let world = World::new();
    let (exam, tool) = (world.exam(), world.tool_provider());
    let resource = world.lti_resource(&exam, &tool);
    world.document(&exam, &format!("<p>{}</p>", resource["placeholder"].as_str().unwrap()));
    world.teacher.delete(&format!("/lti_resources/{}", resource["id"])).ok("");
    let path = format!("/exams/{}", exam["id"]);
    for reply in [
        world.teacher.patch(&path, json!({ "status": "open" })),
        world.teacher.post(&format!("{path}/publish"), json!({})),
    ] {
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["code"], "placeholder_unknown");
    }
    assert_eq!(world.teacher.get(&path).ok("exam")["status"], "draft");
}

#[test]
fn an_exam_that_students_are_taking_is_not_put_away() {
    let world = World::new();
    let exam = world.exam();
    let path = format!("/exams/{}", exam["id"]);
    world.publish(&exam);
    world.started(&world.student_session(&exam));
    let reply = world.teacher.delete(&path);
    reply.refused(409, "conflict");
    assert_eq!(reply.json["error"], "students are taking the exam (1 now); close it first");
    world.teacher.patch(&path, json!({ "status": "closed" })).ok("exam");
    world.teacher.delete(&path).ok("");
}

#[test]
fn lists_are_filtered_by_status_and_come_in_pages_with_links() {
    let world = World::new();
    let exams: Vec<Value> = (0..5).map(|_| world.exam()).collect();
    world.publish(&exams[1]);
    let ids = |reply: &Value| reply.as_array().unwrap().iter().map(|exam| exam["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&world.teacher.get("/exams?status=open").ok("exams")), [exams[1]["id"].clone()]);
    assert_eq!(world.teacher.get("/exams?status=draft").ok("exams").as_array().unwrap().len(), 4);
    world.teacher.get("/exams?status=lost").refused(422, "parameter_invalid");

    let reply = world.teacher.get("/exams?page=2&limit=2");
    assert_eq!(ids(&reply.ok("exams")), [exams[2]["id"].clone(), exams[3]["id"].clone()]);
    let numbers =
        ["Item-Count", "Page-Count", "Page", "Limit"].map(|name| reply.header(&format!("x-pagination-{name}")));
    assert_eq!(numbers, ["5", "3", "2", "2"]);
    assert_eq!(
        reply.header("link"),
        "</api/v3/exams?page=1&limit=2>; rel=\"first\", </api/v3/exams?page=1&limit=2>; rel=\"prev\", \
         </api/v3/exams?page=3&limit=2>; rel=\"next\", </api/v3/exams?page=3&limit=2>; rel=\"last\""
    );
    let all = world.teacher.get("/exams");
    assert_eq!((all.header("x-pagination-limit"), all.header("link")), ("300", ""));
    assert_eq!(world.teacher.get("/exams?page=9&limit=2").ok("exams"), json!([]));
    for wrong in ["page=0", "limit=0", "limit=301", "page=first"] {
        world.teacher.get(&format!("/exams?{wrong}")).refused(422, "parameter_invalid");
    }
}

#[test]
fn links_keep_the_filter_of_the_list() {
    let world = World::new();
    world.exam();
    world.exam();
    let reply = world.teacher.get("/exams?status=draft&limit=1");
    assert!(
        reply.header("link").contains("</api/v3/exams?status=draft&page=2&limit=1>; rel=\"next\""),
        "{}",
        reply.header("link")
    );
}

#[test]
fn each_role_does_what_it_may_and_no_more() {
    let world = World::new();
    let path = format!("/exams/{}", world.exam()["id"]);
    let new = json!({ "name": "Algebra", "type": "demo" });
    for reader in [&world.administrator, &world.proctor, &world.reviewer, &world.auditor, &world.superuser] {
        reader.get(&path).ok("exam");
    }
    for reader in [&world.proctor, &world.reviewer, &world.auditor] {
        let reply = reader.post("/exams", new.clone());
        reply.refused(403, "forbidden");
        assert_eq!(reply.json["detail"], "You are not authorized to access this page.");
        reader.delete(&path).refused(403, "forbidden");
    }
    for outsider in [&world.colleague, &world.stranger] {
        let reply = outsider.get(&path);
        reply.refused(404, "not_found");
        assert_eq!(reply.json["detail"], format!("Couldn't find exam with 'id'='{}'", &path["/exams/".len()..]));
    }
    world.administrator.patch(&path, json!({ "name": "Geometry" })).ok("exam");
}

#[test]
fn a_superuser_names_the_institute_and_others_may_only_repeat_their_own() {
    let world = World::new();
    let exam = |institute: Value| json!({ "name": "Algebra", "type": "demo", "institute_id": institute });
    let reply = world.superuser.post("/exams", json!({ "name": "Algebra", "type": "demo" }));
    reply.refused(422, "parameter_missing");
    assert_eq!(reply.json["errors"][0]["field"], "institute_id");
    world.superuser.post("/exams", exam(json!(999))).refused(422, "parameter_invalid");
    let made = world.superuser.post("/exams", exam(json!(world.other_institute))).created("exam");
    assert_eq!(made["institute_id"], world.other_institute);
    world.teacher.post("/exams", exam(json!(world.institute))).created("exam");
    world.teacher.post("/exams", exam(json!(world.other_institute))).refused(422, "parameter_invalid");
    let path = format!("/exams/{}", made["id"]);
    world.superuser.patch(&path, json!({ "institute_id": world.institute })).refused(422, "parameter_invalid");
}
