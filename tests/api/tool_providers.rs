//! Tool providers: external platforms, registered with the key and secret that their vendors gave.

use serde_json::{Value, json};

use crate::world::{World, assert_members};

const FIELDS: &str = "id tool_name tool_url oauth_consumer_key oauth_consumer_secret institute_id created_at updated_at \
    use_as_basic_link lti_custom_data oauth_signature_method share_name share_email presentation lti_version \
    send_raw_custom_names offer_relaunch registration warnings";

fn new_tool() -> Value {
    json!({
        "tool_name": "Maths tool", "oauth_consumer_key": "exam2026institute4key1",
        "oauth_consumer_secret": "s3cretOfTheToolProvider",
    })
}

fn tool_with(change: Value) -> Value {
    let mut tool = new_tool();
    tool.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    tool
}

#[test]
fn a_new_tool_provider_shows_every_field_with_its_default() {
    let world = World::new();
    let reply = world.administrator.post("/tool_providers", new_tool());
    let tool = reply.created("tool_provider");
    assert_members(&tool, FIELDS);
    assert_eq!(reply.header("location"), format!("/api/v3/tool_providers/{}", tool["id"]));
    assert_eq!((&tool["tool_url"], &tool["lti_custom_data"]), (&json!(""), &json!("{}")));
    assert_eq!((&tool["use_as_basic_link"], &tool["presentation"]), (&json!(true), &json!("frame")));
    assert_eq!((&tool["oauth_signature_method"], &tool["lti_version"]), (&json!("HMAC-SHA1"), &json!("1.1")));
    assert_eq!((&tool["share_name"], &tool["share_email"]), (&json!(false), &json!(false)));
    assert_eq!(tool["warnings"], json!([]));
}

#[test]
fn name_key_and_secret_are_required() {
    let world = World::new();
    for name in ["tool_name", "oauth_consumer_key", "oauth_consumer_secret"] {
        for empty in [json!(""), json!(null)] {
            let reply = world.administrator.post("/tool_providers", tool_with(json!({ name: empty })));
            reply.refused(422, "parameter_missing");
            assert_eq!(reply.json["error"], format!("Param is missing or the value is empty: {name}"));
        }
    }
}

#[test]
fn the_secret_is_shown_to_the_one_who_sets_it_and_to_nobody_else() {
    let world = World::new();
    let reply = world.administrator.post("/tool_providers", new_tool());
    let path = format!("/tool_providers/{}", reply.created("tool_provider")["id"]);
    assert_eq!(reply.created("tool_provider")["oauth_consumer_secret"], "s3cretOfTheToolProvider");
    let secret = |reply: &Value| reply["oauth_consumer_secret"].clone();
    assert_eq!(secret(&world.administrator.get(&path).ok("tool_provider")), "********");
    assert_eq!(secret(&world.teacher.get("/tool_providers").ok("tool_providers")[0]), "********");
    let renamed = world.administrator.patch(&path, json!({ "tool_name": "Physics tool" }));
    assert_eq!(secret(&renamed.ok("tool_provider")), "********");
    let changed = world.administrator.patch(&path, json!({ "oauth_consumer_secret": "another" }));
    assert_eq!(secret(&changed.ok("tool_provider")), "another");
}

#[test]
fn what_strict_tools_refuse_is_a_warning_and_no_error() {
    let world = World::new();
    let odd = json!({ "oauth_consumer_key": "key!", "oauth_consumer_secret": "with space" });
    let tool = world.administrator.post("/tool_providers", tool_with(odd)).created("tool_provider");
    let codes =
        |tool: &Value| tool["warnings"].as_array().unwrap().iter().map(|w| w["code"].clone()).collect::<Vec<_>>();
    assert_eq!(codes(&tool), ["consumer_key_length", "consumer_key_characters", "consumer_secret_characters"]);
    assert_eq!(tool["warnings"][0]["field"], "oauth_consumer_key");
    let path = format!("/tool_providers/{}", tool["id"]);
    assert_eq!(world.administrator.get(&path).ok("tool_provider")["warnings"], json!([]));
    // The new key is good; the secret, which is not shown, is judged again.
    let better = json!({ "oauth_consumer_key": "exam2026institute4key1" });
    let tool = world.administrator.patch(&path, better).ok("tool_provider");
    assert_eq!(codes(&tool), ["consumer_secret_characters"]);
    assert_eq!(tool["oauth_consumer_secret"], "********");
}

#[test]
fn launch_urls_are_https_or_on_this_machine() {
    let world = World::new();
    let tool = world.tool_provider();
    let path = format!("/tool_providers/{}", tool["id"]);
    let set = |url: &str| world.administrator.patch(&path, json!({ "tool_url": url }));
    for good in [
        "https://tool.example/launch?quiz=3",
        "https://TOOL.example:8443/a%20b",
        "http://localhost:9000/lti",
        "http://127.0.0.1/lti",
        "http://[::1]:9000/lti",
    ] {
        assert_eq!(set(good).ok("tool_provider")["tool_url"], good);
    }
    for bad in [
        "http://tool.example/launch",
        "ftp://tool.example/",
        "javascript:alert(1)",
        "tool.example/launch",
        "https://user:secret@tool.example/",
        "https://tool.example/#part",
        "https://tool.example/?oauth_nonce=1",
    ] {
        let reply = set(bad);
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], "tool_url", "{bad}");
    }
    assert_eq!(set("").ok("tool_provider")["tool_url"], "");
}

#[test]
fn a_server_that_is_told_so_takes_http_everywhere() {
    let world = World::with(World::standing_clock(), |settings| settings.allow_http_tools = true);
    assert_eq!(world.tool_provider_at("http://tool.example/launch")["tool_url"], "http://tool.example/launch");
}

#[test]
fn custom_data_is_a_flat_json_object_as_text() {
    let world = World::new();
    let path = format!("/tool_providers/{}", world.tool_provider()["id"]);
    let set = |text: &str| world.administrator.patch(&path, json!({ "lti_custom_data": text }));
    let text = "{\"course\":\"A1\", \"group\": 2}";
    assert_eq!(set(text).ok("tool_provider")["lti_custom_data"], text);
    for bad in ["course=A1", "[]", "{\"a\":{\"b\":1}}", "{\"a\":null}"] {
        let reply = set(bad);
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], "lti_custom_data", "{bad}");
    }
    world
        .administrator
        .patch(&path, json!({ "lti_custom_data": { "course": "A1" } }))
        .refused(422, "parameter_invalid");
}

#[test]
fn put_changes_what_is_sent_and_keeps_the_rest_like_patch() {
    let world = World::new();
    let tool = world.tool_provider();
    let path = format!("/tool_providers/{}", tool["id"]);
    let change = json!({ "oauth_signature_method": "HMAC-SHA256", "share_name": "1", "use_as_basic_link": "false" });
    let changed = world.administrator.call("PUT", &path, change).send().ok("tool_provider");
    assert_eq!((&changed["tool_name"], &changed["tool_url"]), (&tool["tool_name"], &tool["tool_url"]));
    assert_eq!((&changed["oauth_signature_method"], &changed["share_name"]), (&json!("HMAC-SHA256"), &json!(true)));
    assert_eq!(changed["use_as_basic_link"], false);
    world
        .administrator
        .patch(&path, json!({ "oauth_signature_method": "PLAINTEXT" }))
        .refused(422, "parameter_invalid");
}

#[test]
fn one_that_open_exams_use_is_locked_and_the_exams_are_named() {
    let world = World::new();
    let (exam, tool) = (world.exam(), world.tool_provider());
    let (resource, path) = (world.lti_resource(&exam, &tool), format!("/tool_providers/{}", tool["id"]));
    world.publish(&exam);
    let reply = world.administrator.delete(&path);
    reply.refused(423, "locked");
    assert_eq!(reply.json["error"], json!({ "open_exam": [[{ "id": exam["id"], "name": "Algebra" }]] }));
    world.teacher.patch(&format!("/exams/{}", exam["id"]), json!({ "status": "closed" })).ok("exam");
    assert_eq!(world.administrator.delete(&path).json, json!({}));
    world.teacher.get(&format!("/lti_resources/{}", resource["id"])).refused(404, "not_found");
}

#[test]
fn administrators_manage_them_authors_read_them_and_strangers_see_nothing() {
    let world = World::new();
    let path = format!("/tool_providers/{}", world.tool_provider()["id"]);
    for reader in [&world.teacher, &world.auditor] {
        reader.get(&path).ok("tool_provider");
        reader.post("/tool_providers", new_tool()).refused(403, "forbidden");
        reader.delete(&path).refused(403, "forbidden");
    }
    world.proctor.get(&path).refused(403, "forbidden");
    world.stranger.get(&path).refused(404, "not_found");
    assert_eq!(world.stranger.get("/tool_providers").ok("tool_providers"), json!([]));
}

#[test]
fn a_superuser_names_the_institute() {
    let world = World::new();
    let reply = world.superuser.post("/tool_providers", new_tool());
    reply.refused(422, "parameter_missing");
    assert_eq!(reply.json["error"], "Param is missing or the value is empty: institute_id");
    let elsewhere = tool_with(json!({ "institute_id": world.other_institute }));
    let tool = world.superuser.post("/tool_providers", elsewhere.clone()).created("tool_provider");
    assert_eq!(tool["institute_id"], world.other_institute);
    world.administrator.post("/tool_providers", elsewhere).refused(422, "parameter_invalid");
    let path = format!("/tool_providers/{}", tool["id"]);
    world.superuser.patch(&path, json!({ "institute_id": world.institute })).refused(422, "parameter_invalid");
}
