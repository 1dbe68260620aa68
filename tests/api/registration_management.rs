//! A tool of LTI 1.3 manages its own registration (RFC 7592): it reads it, and what it proposes counts once an
//! administrator has taken it.

use examlink_lti::v1p3::claims::{TOOL_CONFIGURATION, scope};
use serde_json::{Value, json};

use crate::world::advantage::{Tool13, call_with_token};
use crate::world::launched::logged_call;
use crate::world::{Reply, World};

const JSON: &str = "application/json";

fn uri(world: &World, client_id: &str) -> String {
    format!("{}/lti/1.3/registrations/{client_id}", world.origin())
}

fn read(world: &World, tool: &Tool13, scopes: &[&str]) -> Reply {
    call_with_token(&tool.token(scopes), ("GET", &uri(world, &tool.client_id)), ("", ""))
}

fn propose(world: &World, tool: &Tool13, said: &Value) -> Reply {
    let token = tool.token(&[scope::REGISTRATION]);
    call_with_token(&token, ("PUT", &uri(world, &tool.client_id)), (JSON, &said.to_string()))
}

/// The tool has moved to another host, and wants content to be chosen in it.
fn moved(tool: &Tool13) -> Value {
    json!({
        "client_id": tool.client_id, "client_name": "Moved tool", "initiate_login_uri": "https://moved.example/login",
        "redirect_uris": ["https://moved.example/launch"], "jwks_uri": "https://moved.example/keys",
        "scope": format!("{} openid", scope::SCORE),
        TOOL_CONFIGURATION: {
            "domain": "moved.example", "target_link_uri": "https://moved.example/launch", "claims": [],
            "messages": [{ "type": "LtiResourceLinkRequest" }, { "type": "LtiDeepLinkingRequest" }],
        },
    })
}

fn shown(world: &World, tool: &Tool13) -> Value {
    world.administrator.get(&path(tool)).ok("tool_provider")
}

fn path(tool: &Tool13) -> String {
    format!("/tool_providers/{}", tool.provider["id"])
}

#[test]
fn a_tool_reads_what_it_is_registered_with() {
    let world = World::new();
    let data = json!({ "course": "A1" }).to_string();
    let tool = world.tool_1p3_with(json!({ "lti_custom_data": data, "use_as_basic_link": false }));
    for scopes in [[scope::REGISTRATION_READ], [scope::REGISTRATION]] {
        let reply = read(&world, &tool, &scopes);
        assert_eq!((reply.status, reply.header("cache-control")), (200, "no-store"), "{}", reply.text);
        assert_eq!(reply.json["client_id"], tool.client_id);
        assert_eq!(reply.json["client_name"], "Advantage tool");
        assert_eq!(reply.json["initiate_login_uri"], "https://tool.example/login");
        assert_eq!(reply.json["redirect_uris"], json!(["https://tool.example/launch"]));
        assert_eq!(reply.json["jwks_uri"], tool.keys.url());
        assert_eq!(reply.json["registration_client_uri"], uri(&world, &tool.client_id));
        assert!(reply.json["scope"].as_str().unwrap().contains(scope::SCORE));
        let said = &reply.json[TOOL_CONFIGURATION];
        assert_eq!((&said["domain"], &said["deployment_id"]), (&json!("tool.example"), &json!(tool.deployment_id())));
        assert_eq!(said["custom_parameters"], json!({ "course": "A1" }));
        let types: Vec<&Value> = said["messages"].as_array().unwrap().iter().map(|message| &message["type"]).collect();
        assert_eq!(types, ["LtiResourceLinkRequest", "LtiDeepLinkingRequest"]);
    }
    assert_eq!(logged_call(&world, "readRegistration")["tool_provider_id"], tool.provider["id"]);
}

#[test]
fn d17_what_a_tool_proposes_counts_once_an_administrator_has_taken_it() {
    let world = World::new();
    let tool = world.tool_1p3();
    let before = shown(&world, &tool);
    let reply = propose(&world, &tool, &moved(&tool));
    assert_eq!(reply.status, 202, "{}", reply.text);
    assert_eq!(reply.json["initiate_login_uri"], "https://tool.example/login", "what counts until then");
    let mut held = shown(&world, &tool);
    let proposal = held["registration"]["proposal"].take();
    assert_eq!(held, before, "nothing else has changed");
    let said: Value = serde_json::from_str(proposal.as_str().unwrap()).unwrap();
    assert_eq!(said["redirect_uris"], json!(["https://moved.example/launch"]));
    assert_eq!(said["scope"], scope::SCORE);
    assert_eq!(logged_call(&world, "proposeRegistration")["outcome"], "success");

    let fields = json!({ "tool_configuration": proposal });
    world.teacher.patch(&path(&tool), fields.clone()).refused(403, "forbidden");
    let taken = world.administrator.patch(&path(&tool), fields).ok("tool_provider");
    let registration = &taken["registration"];
    assert_eq!(registration["proposal"], Value::Null);
    assert_eq!(registration["login_url"], "https://moved.example/login");
    assert_eq!(registration["redirect_uris"], json!(["https://moved.example/launch"]));
    assert_eq!(registration["jwks_url"], "https://moved.example/keys");
    assert_eq!(registration["scopes"], json!([scope::SCORE]));
    assert_eq!((&registration["client_id"], &registration["active"]), (&json!(tool.client_id), &json!(true)));
    assert_eq!(registration["deployment_id"], tool.deployment_id());
    assert_eq!(
        (&taken["tool_url"], &taken["use_as_basic_link"]),
        (&json!("https://moved.example/launch"), &json!(false))
    );
    assert_eq!(taken["tool_name"], "Advantage tool", "the name is the administrator's");
}

#[test]
fn d17_an_administrator_takes_what_was_looked_at_or_refuses_it() {
    let world = World::new();
    let tool = world.tool_1p3();
    propose(&world, &tool, &moved(&tool));
    let looked_at = shown(&world, &tool)["registration"]["proposal"].clone();
    let mut worse = moved(&tool);
    worse["redirect_uris"] = json!(["https://elsewhere.example/launch"]);
    assert_eq!(propose(&world, &tool, &worse).status, 202);
    let latest = &shown(&world, &tool)["registration"]["proposal"];
    assert!(latest.as_str().unwrap().contains("elsewhere.example"), "the later one: {latest}");

    let reply = world.administrator.patch(&path(&tool), json!({ "proposal": latest }));
    reply.refused(422, "parameter_invalid");
    assert!(reply.text.contains("tool_configuration"), "{}", reply.text);
    world.administrator.patch(&path(&tool), json!({ "share_name": true })).ok("tool_provider");
    assert_eq!(&shown(&world, &tool)["registration"]["proposal"], latest, "another change leaves it");
    let refused = world.administrator.patch(&path(&tool), json!({ "proposal": "" })).ok("tool_provider");
    assert_eq!(refused["registration"]["proposal"], Value::Null);
    assert_eq!(refused["registration"]["login_url"], "https://tool.example/login");

    propose(&world, &tool, &worse);
    let fields = json!({ "tool_configuration": looked_at });
    let taken = world.administrator.patch(&path(&tool), fields).ok("tool_provider");
    assert_eq!(taken["registration"]["redirect_uris"], json!(["https://moved.example/launch"]));
}

#[test]
fn d17_nobody_else_touches_a_registration() {
    let world = World::new();
    let (tool, other) = (world.tool_1p3(), world.tool_1p3());
    let narrow = world.tool_1p3_with(json!({ "scopes": [scope::SCORE, scope::REGISTRATION_READ] }));
    let said = moved(&tool);
    let foreign = uri(&world, &other.client_id);
    let token = tool.token(&[scope::REGISTRATION]);
    for call in [("GET", &*foreign), ("PUT", &foreign)] {
        let reply = call_with_token(&token, call, (JSON, &said.to_string()));
        assert_eq!((reply.status, &reply.json["code"]), (404, &json!("not_found")), "{}", reply.text);
    }
    let reads = narrow.token(&[scope::REGISTRATION_READ]);
    let own = uri(&world, &narrow.client_id);
    assert_eq!(call_with_token(&reads, ("GET", &own), ("", "")).status, 200);
    for token in [reads, narrow.token(&[scope::SCORE])] {
        let reply = call_with_token(&token, ("PUT", &own), (JSON, &moved(&narrow).to_string()));
        assert_eq!((reply.status, &reply.json["code"]), (403, &json!("insufficient_scope")));
    }
    assert_eq!(call_with_token("none", ("GET", &own), ("", "")).status, 401);
    for tool in [&tool, &other, &narrow] {
        assert_eq!(shown(&world, tool)["registration"]["proposal"], Value::Null);
    }
}

#[test]
fn d16_d17_a_proposal_that_breaks_a_rule_is_refused_with_the_member_at_fault() {
    let world = World::new();
    let tool = world.tool_1p3();
    let with = |name: &str, value: Value| {
        let mut said = moved(&tool);
        said[name] = value;
        said
    };
    for (said, code, named) in [
        (with("redirect_uris", json!(["javascript:alert(1)"])), "invalid_redirect_uri", "redirect_uris[0]"),
        (
            with("initiate_login_uri", json!("http://moved.example/login")),
            "invalid_client_metadata",
            "initiate_login_uri",
        ),
        (with("jwks_uri", Value::Null), "invalid_client_metadata", "jwks_uri"),
        (with("client_id", json!("another")), "invalid_client_metadata", "client"),
    ] {
        let reply = propose(&world, &tool, &said);
        assert_eq!((reply.status, &reply.json["error"]), (400, &json!(code)), "{}", reply.text);
        assert!(reply.json["error_description"].as_str().unwrap().contains(named), "{named}: {}", reply.text);
    }
    assert_eq!(logged_call(&world, "proposeRegistration")["outcome"], "failure");
    let token = tool.token(&[scope::REGISTRATION]);
    let own = uri(&world, &tool.client_id);
    assert_eq!(call_with_token(&token, ("PUT", &own), ("text/plain", "{}")).status, 415);
    assert_eq!(call_with_token(&token, ("PUT", &own), (JSON, &"x".repeat(65_537))).status, 413);
    assert_eq!(shown(&world, &tool)["registration"]["proposal"], Value::Null);
}
