//! Institutes: the tenants, and who may look after them.

use serde_json::json;

use crate::world::{World, assert_members};

const FIELDS: &str = "id name short_name created_at updated_at callback_url check_requirements_emails_enabled \
    reminder_emails_enabled exam_link_emails_enabled exam_changed_emails_enabled exam_finalized_emails_enabled \
    global_proctor global_reviewer default_language custom_languages session_retention_period logo_image_file_name \
    logo_image_content_type logo_image_file_size logo_image_updated_at";

#[test]
fn a_superuser_creates_lists_changes_and_deletes_institutes() {
    let world = World::new();
    let new = json!({ "name": "Third University", "short_name": "TU", "custom_languages": ["en-GB", "no-NO"] });
    let reply = world.superuser.post("/institutes", new);
    let institute = reply.created("institute");
    let path = format!("/institutes/{}", institute["id"]);
    assert_members(&institute, FIELDS);
    assert_eq!(reply.header("location"), format!("/api/v3{path}"));
    assert_eq!(institute["custom_languages"], json!(["en-GB", "no-NO"]));
    assert_eq!((&institute["reminder_emails_enabled"], &institute["global_proctor"]), (&json!(true), &json!(false)));
    assert_eq!(world.superuser.get("/institutes").ok("institutes").as_array().unwrap().len(), 3);
    let changes = json!({ "session_retention_period": 30, "callback_url": "https://sis.example.edu/events" });
    let changed = world.superuser.call("PUT", &path, changes).send().ok("institute");
    assert_eq!((&changed["session_retention_period"], &changed["name"]), (&json!(30), &institute["name"]));
    assert_eq!(world.superuser.get(&path).ok("institute"), changed);
    assert_eq!(world.superuser.delete(&path).json, json!({}));
    world.superuser.get(&path).refused(404, "not_found");
}

#[test]
fn names_are_required_and_unique() {
    let world = World::new();
    let reply = world.superuser.post("/institutes", json!({ "name": "Third University" }));
    reply.refused(422, "parameter_missing");
    assert_eq!(reply.json["error"], "Param is missing or the value is empty: short_name");
    let reply = world.superuser.post("/institutes", json!({ "name": "First University", "short_name": "FU" }));
    reply.refused(422, "taken");
    assert_eq!(reply.json["error"], json!({ "name": ["has already been taken"] }));
    let path = format!("/institutes/{}", world.other_institute);
    world.superuser.patch(&path, json!({ "name": "First University" })).refused(422, "taken");
}

#[test]
fn an_administrator_changes_its_own_institute_only() {
    let world = World::new();
    let (own, other) = (format!("/institutes/{}", world.institute), format!("/institutes/{}", world.other_institute));
    let changed = world.administrator.patch(&own, json!({ "default_language": "nl" })).ok("institute");
    assert_eq!(changed["default_language"], "nl");
    world.administrator.patch(&other, json!({ "default_language": "nl" })).refused(404, "not_found");
    world.administrator.get(&other).refused(404, "not_found");
    world.administrator.get("/institutes").refused(403, "forbidden");
    world.administrator.post("/institutes", json!({ "name": "X", "short_name": "X" })).refused(403, "forbidden");
    world.administrator.delete(&own).refused(403, "forbidden");
    for reader in [&world.teacher, &world.proctor, &world.reviewer, &world.auditor] {
        reader.get(&own).ok("institute");
        reader.patch(&own, json!({ "default_language": "en" })).refused(403, "forbidden");
    }
}

#[test]
fn lists_of_languages_come_as_json_or_as_text_and_are_cleared() {
    let world = World::new();
    let path = format!("/institutes/{}", world.institute);
    let set = |languages| world.administrator.patch(&path, json!({ "custom_languages": languages }));
    assert_eq!(set(json!("[\"en\", \"nl\"]")).ok("institute")["custom_languages"], json!(["en", "nl"]));
    assert_eq!(set(json!(null)).ok("institute")["custom_languages"], json!([]));
    for wrong in [json!(["klingonese!"]), json!("en")] {
        let reply = set(wrong);
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], "custom_languages");
    }
    for wrong in ["javascript:alert(1)", "https://user:secret@sis.example.edu/"] {
        world.administrator.patch(&path, json!({ "callback_url": wrong })).refused(422, "parameter_invalid");
    }
}

#[test]
fn an_institute_with_exams_stays_until_they_are_put_away() {
    let world = World::new();
    let (path, exam) = (format!("/institutes/{}", world.institute), world.exam());
    let reply = world.superuser.delete(&path);
    reply.refused(409, "conflict");
    assert_eq!(reply.json["detail"], "First University still has 1 exams; delete them first");
    world.teacher.delete(&format!("/exams/{}", exam["id"])).ok("");
    world.superuser.delete(&path).ok("");
    world.teacher.get("/exams").refused(401, "invalid_signature");
}
