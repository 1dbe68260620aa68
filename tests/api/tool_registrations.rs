//! Tool providers that speak LTI 1.3: what they are registered with.

use serde_json::{Value, json};

use crate::world::{World, assert_members};

fn registration() -> Value {
    json!({
        "tool_name": "Maths tool", "lti_version": "1.3", "tool_url": "https://tool.example/launch",
        "login_url": "https://tool.example/login", "redirect_uris": json!(["https://tool.example/launch"]).to_string(),
    })
}

fn registration_with(change: Value) -> Value {
    let mut tool = registration();
    tool.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    tool
}

#[test]
fn a_tool_of_lti_1_3_needs_no_secret_and_gets_a_client_and_a_deployment() {
    let world = World::new();
    let reply = world.administrator.post("/tool_providers", registration());
    let tool = reply.created("tool_provider");
    let members = "client_id deployment_id deployments login_url redirect_uris jwks_url public_key deep_linking_url \
                   scopes active proposal";
    assert_members(&tool["registration"], members);
    assert_eq!(tool["registration"]["active"], true, "whoever registers it by hand has looked at it");
    assert_eq!(tool["lti_version"], "1.3");
    assert_eq!(tool["oauth_consumer_secret"], "********", "nobody knows the one that it was given");
    assert_eq!(tool["registration"]["redirect_uris"], json!(["https://tool.example/launch"]));
    let second = world.administrator.post("/tool_providers", registration()).created("tool_provider");
    for own in ["client_id", "deployment_id"] {
        assert_ne!(tool["registration"][own], second["registration"][own], "{own}");
    }
    let listed = world.teacher.get("/tool_providers").ok("tool_providers");
    assert_eq!(listed[0]["registration"], tool["registration"]);
}

#[test]
fn where_a_launch_begins_and_ends_must_be_said() {
    let world = World::new();
    for name in ["login_url", "redirect_uris"] {
        let reply = world.administrator.post("/tool_providers", registration_with(json!({ name: null })));
        reply.refused(422, "parameter_missing");
        assert_eq!(reply.json["error"], format!("Param is missing or the value is empty: {name}"));
    }
    let bad = [
        json!({ "redirect_uris": "[]" }),
        json!({ "redirect_uris": json!(["http://tool.example/launch"]).to_string() }),
        json!({ "redirect_uris": json!(["javascript:alert(1)"]).to_string() }),
        json!({ "login_url": "http://tool.example/login" }),
        json!({ "jwks_url": "http://tool.example/jwks" }),
        json!({ "public_key": "nonsense" }),
    ];
    for wrong in bad {
        world.administrator.post("/tool_providers", registration_with(wrong)).refused(422, "parameter_invalid");
    }
    assert_eq!(world.administrator.get("/tool_providers").ok("tool_providers"), json!([]));
}

#[test]
fn what_is_for_lti_1_3_is_refused_without_it() {
    let world = World::new();
    let tool = world.tool_provider();
    assert_eq!(tool["registration"], Value::Null);
    let path = format!("/tool_providers/{}", tool["id"]);
    let reply = world.administrator.patch(&path, json!({ "login_url": "https://tool.example/login" }));
    reply.refused(422, "parameter_invalid");
    assert!(reply.text.contains("lti_version=1.3"), "{}", reply.json);
}

#[test]
fn a_tool_moves_from_1_1_to_1_3_and_back_with_its_links() {
    let world = World::new();
    let (exam, tool) = (world.exam(), world.tool_provider());
    let resource = world.lti_resource(&exam, &tool);
    let path = format!("/tool_providers/{}", tool["id"]);
    let moved = json!({
        "lti_version": "1.3", "login_url": "https://tool.example/login",
        "redirect_uris": json!(["https://tool.example/launch"]).to_string(),
    });
    let moved = world.administrator.patch(&path, moved).ok("tool_provider");
    assert_eq!((&moved["id"], &moved["oauth_consumer_key"]), (&tool["id"], &tool["oauth_consumer_key"]));
    let shown = world.teacher.get(&format!("/lti_resources/{}", resource["id"])).ok("lti_resource");
    assert_eq!(shown["placeholder"], resource["placeholder"]);
    let back = world.administrator.patch(&path, json!({ "lti_version": "1.1" })).ok("tool_provider");
    assert_eq!(back["registration"], moved["registration"], "it is kept for the next time");
    let again = world.administrator.patch(&path, json!({ "lti_version": "1.3" })).ok("tool_provider");
    assert_eq!(again["registration"]["client_id"], moved["registration"]["client_id"]);
}
