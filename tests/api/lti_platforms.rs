//! The platforms of an institute: what both sides know of each other, and what each may reach.

use serde_json::{Value, json};

use crate::world::platform::entered;
use crate::world::{World, assert_members};

const MEMBERS: &str = "id institute_id name lms issuer client_id deployment_ids authorization_url token_url audience \
    jwks_url public_key login_url launch_url key_set_url exam_id return_hosts frame_origins group_parameters \
    user_id_is_email disabled created_at updated_at";

fn platform(world: &World, change: Value) -> Value {
    world.administrator.post("/lti_platforms", entered(change)).created("lti_platform")
}

#[test]
fn an_administrator_registers_a_platform_and_is_told_what_to_enter_there() {
    let world = World::new();
    let made = platform(&world, json!({}));
    assert_members(&made, MEMBERS);
    assert_eq!((&made["lms"], &made["exam_id"], &made["disabled"]), (&json!("other"), &json!(null), &json!(false)));
    for (name, path) in
        [("login_url", "/lti/1.3/login"), ("launch_url", "/lti/1.3/launch"), ("key_set_url", "/.well-known/jwks.json")]
    {
        assert_eq!(made[name], format!("{}{path}", world.origin()));
    }
    let path = format!("/lti_platforms/{}", made["id"]);
    for person in [&world.administrator, &world.teacher, &world.auditor] {
        assert_eq!(person.get(&path).ok("lti_platform"), made);
    }
    world.proctor.get(&path).refused(403, "forbidden");
    world.stranger.get(&path).refused(404, "not_found");
    world.administrator.delete(&path).ok("");
    world.administrator.get(&path).refused(404, "not_found");
    assert_eq!(world.database.rows("lti_platforms"), 0);
}

#[test]
fn what_is_agreed_on_is_set_and_cleared() {
    let world = World::new();
    let (exam, made) = (world.exam(), platform(&world, json!({})));
    let path = format!("/lti_platforms/{}", made["id"]);
    let fields = json!({
        "name": "Canvas", "lms": "canvas", "issuer": "https://canvas.example.com", "client_id": "10000000000003",
        "deployment_ids": ["1:a", "2:b"], "authorization_url": "https://sso.example.com/auth",
        "token_url": "https://sso.example.com/token", "audience": "https://sso.example.com",
        "jwks_url": "https://sso.example.com/jwks", "exam_id": exam["id"], "return_hosts": ["canvas.example.com"],
        "frame_origins": ["https://canvas.example.com"], "group_parameters": ["custom_group"],
        "user_id_is_email": true, "disabled": true,
    });
    let changed = world.administrator.patch(&path, fields.clone()).ok("lti_platform");
    for (name, value) in fields.as_object().unwrap() {
        assert_eq!(changed[name], *value, "{name}");
    }
    let cleared = json!({ "exam_id": null, "audience": null, "jwks_url": null, "deployment_ids": [] });
    let changed = world.administrator.patch(&path, cleared).ok("lti_platform");
    assert_eq!((&changed["exam_id"], &changed["audience"]), (&json!(null), &json!(null)));
    assert_eq!((&changed["jwks_url"], &changed["deployment_ids"]), (&json!(null), &json!([])));
    assert_eq!((&changed["issuer"], &changed["lms"]), (&fields["issuer"], &fields["lms"]));
}

#[test]
fn what_no_platform_can_have_is_refused_by_name() {
    let world = World::new();
    let exam = world.stranger.post("/exams", json!({ "name": "Theirs", "type": "demo" })).created("exam");
    for (field, value) in [
        ("name", json!("")),
        ("lms", json!("unknown")),
        ("issuer", json!("lms.example.edu")),
        ("issuer", json!("https://lms.example.edu?site=1")),
        ("client_id", json!("")),
        ("client_id", json!("ü")),
        ("deployment_ids", json!([""])),
        ("deployment_ids", json!(vec!["d"; 101])),
        ("authorization_url", json!("http://lms.example.edu/auth")),
        ("token_url", json!("http://lms.example.edu/token")),
        ("jwks_url", json!("http://lms.example.edu/jwks")),
        ("public_key", json!("-----BEGIN PUBLIC KEY-----")),
        ("exam_id", exam["id"].clone()),
        ("frame_origins", json!(["*"])),
        ("return_hosts", json!(["https://lms.example.edu"])),
    ] {
        let mut fields = entered(json!({}));
        fields[field] = value;
        let reply = world.administrator.post("/lti_platforms", fields);
        let named = reply.json["errors"][0]["field"].as_str().unwrap_or_default().to_owned();
        assert!(reply.status == 422 && named.starts_with(field), "{field}: {}", reply.text);
    }
    assert_eq!((world.database.rows("lti_consumers"), world.database.rows("lti_platforms")), (0, 0));
}

#[test]
fn platforms_are_listed_by_name_and_filtered() {
    let world = World::new();
    for (name, client) in [("Moodle", "1"), ("Canvas", "2"), ("Sakai", "3")] {
        platform(&world, json!({ "name": name, "client_id": client, "lms": name.to_lowercase() }));
    }
    world.administrator.post("/lti_consumers", json!({ "name": "By LTI 1.1" })).created("lti_consumer");
    let list = |parameters: Value| {
        let reply = world.administrator.call("GET", "/lti_platforms", parameters).send().ok("lti_platforms");
        let names = reply.as_array().unwrap().iter().map(|platform| platform["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(list(json!({ "sort": json!([{ "name": "asc" }]).to_string() })), ["Canvas", "Moodle", "Sakai"]);
    assert_eq!(list(json!({ "filter": json!({ "lms": { "eq": "sakai" } }).to_string() })), ["Sakai"]);
}
