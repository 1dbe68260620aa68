//! The learning management systems of an institute: their keys and secrets, and what each may reach.

use serde_json::{Value, json};

use crate::world::{World, assert_members};

const MEMBERS: &str = "id institute_id name lms launch_url consumer_key exam_id return_hosts frame_origins \
    group_parameters user_id_is_email disabled created_at updated_at";

fn consumer(world: &World) -> Value {
    world.administrator.post("/lti_consumers", json!({ "name": "Campus Moodle" })).created("lti_consumer")
}

#[test]
fn an_administrator_registers_an_lms_and_is_shown_its_secret_once() {
    let world = World::new();
    let made = consumer(&world);
    assert_members(&made, &format!("{MEMBERS} consumer_secret"));
    let (key, secret) = (made["consumer_key"].as_str().unwrap(), made["consumer_secret"].as_str().unwrap());
    assert!((20..=30).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{key}");
    assert!(secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(made["launch_url"], format!("{}/lti/1.1/launch", world.origin()));
    assert_eq!((&made["lms"], &made["exam_id"], &made["disabled"]), (&json!("other"), &json!(null), &json!(false)));
    let path = format!("/lti_consumers/{}", made["id"]);
    for person in [&world.administrator, &world.teacher, &world.auditor] {
        assert_members(&person.get(&path).ok("lti_consumer"), MEMBERS);
        assert!(!person.get("/lti_consumers").text.contains(secret));
    }
    world.proctor.get(&path).refused(403, "forbidden");
    let stored = world.database.texts("SELECT secret AS text FROM lti_consumer_secrets");
    assert!(stored.len() == 1 && !stored[0].contains(secret), "it is sealed");
}

#[test]
fn what_an_lms_may_reach_is_set_and_cleared() {
    let world = World::new();
    let (exam, made) = (world.exam(), consumer(&world));
    let path = format!("/lti_consumers/{}", made["id"]);
    let fields = json!({
        "name": "edX", "lms": "open_edx", "exam_id": exam["id"], "return_hosts": ["lms.example.edu"],
        "frame_origins": ["https://lms.example.edu", "http://127.0.0.1:8000"],
        "group_parameters": ["custom_snapplify_group_id"], "user_id_is_email": true, "disabled": true,
    });
    let changed = world.administrator.patch(&path, fields.clone()).ok("lti_consumer");
    for (name, value) in fields.as_object().unwrap() {
        assert_eq!(changed[name], *value, "{name}");
    }
    let cleared = json!({ "exam_id": null, "return_hosts": null, "frame_origins": [], "group_parameters": [] });
    let changed = world.administrator.patch(&path, cleared).ok("lti_consumer");
    assert_eq!((&changed["exam_id"], &changed["return_hosts"]), (&json!(null), &json!([])));
    assert_eq!((&changed["frame_origins"], &changed["lms"]), (&json!([]), &json!("open_edx")));
}

#[test]
fn what_is_no_host_origin_or_parameter_is_refused_by_name() {
    let world = World::new();
    let exam = world.stranger.post("/exams", json!({ "name": "Theirs", "type": "demo" })).created("exam");
    for (field, value) in [
        ("name", json!("")),
        ("lms", json!("unknown")),
        ("exam_id", exam["id"].clone()),
        ("return_hosts", json!(["https://lms.example.edu"])),
        ("return_hosts", json!(["lms.example.edu/path"])),
        ("frame_origins", json!(["https://lms.example.edu; script-src *"])),
        ("frame_origins", json!(["*"])),
        ("group_parameters", json!(["Custom Group"])),
    ] {
        let mut fields = json!({ "name": "Campus Moodle" });
        fields[field] = value;
        let reply = world.administrator.post("/lti_consumers", fields);
        assert_eq!((reply.status, &reply.json["errors"][0]["field"]), (422, &json!(field)), "{}", reply.text);
    }
    assert_eq!(world.database.rows("lti_consumers"), 0);
}
