//! How tools of LTI 1.3 get access tokens, and what those open.

use std::thread;

use examlink_lti::v1p3::claims::{DEPLOYMENT_ID, scope};
use examlink_lti::v1p3::jwt::{Claims, sign};
use examlink_lti::v1p3::token::request_form;
use serde_json::{Value, json};

use crate::world::advantage::{Tool13, call_with_token, key, key_set};
use crate::world::launched::logged_call;
use crate::world::{Reply, World, http};

const ALL: [&str; 2] = [scope::LINE_ITEM, scope::SCORE];

/// `claims` with one of them changed, or taken away by `null`.
fn with(mut claims: Value, name: &str, value: Value) -> Value {
    let members = claims.as_object_mut().unwrap();
    if value.is_null() {
        members.remove(name)
    } else {
        members.insert(name.into(), value)
    };
    claims
}

#[track_caller]
fn assert_refused(reply: &Reply, error: &str, why: &str) {
    assert_eq!((reply.status, &reply.json["error"]), (400, &json!(error)), "{}", reply.text);
    assert!(reply.json["error_description"].as_str().unwrap().contains(why), "{}", reply.text);
    assert_eq!((reply.header("cache-control"), reply.header("pragma")), ("no-store", "no-cache"));
}

#[test]
fn a_tool_gets_a_token_for_an_hour_for_what_is_offered_to_it() {
    let world = World::new();
    let tool = world.tool_1p3();
    let reply =
        tool.asks(tool.claims(), 0, &[scope::SCORE, "https://purl.imsglobal.org/spec/lti-ts/scope/toolsetting"]);
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!((&reply.json["token_type"], &reply.json["expires_in"]), (&json!("bearer"), &json!(3600)));
    assert_eq!(reply.json["scope"], scope::SCORE, "the part that is offered");
    assert_eq!((reply.header("cache-control"), reply.header("pragma")), ("no-store", "no-cache"));
    let token = reply.json["access_token"].as_str().unwrap();
    assert!(token.len() >= 32 && token.is_ascii() && !token.contains('.'), "no JWT");
    let call = logged_call(&world, "token");
    assert_eq!(call["outcome"], "success");
    assert!(!call.to_string().contains(token));
    let in_list = with(tool.claims(), "aud", json!([tool.token_url()]));
    assert_eq!(tool.asks(in_list, 0, &ALL).status, 200);
    let named = tool.provider["registration"]["deployment_id"].clone();
    assert_eq!(tool.asks(with(tool.claims(), DEPLOYMENT_ID, named), 0, &ALL).status, 200);
}

#[test]
fn a_token_is_good_for_what_the_registration_grants_and_no_longer_than_it_does() {
    let world = World::new();
    let tool = world.tool_1p3();
    let everything = [scope::LINE_ITEM, scope::LINE_ITEM_READ, scope::SCORE, scope::MEMBERSHIP_READ];
    let token = tool.token(&everything);
    assert_eq!(open(&world, &tool, &token).status, 200);
    let provider = format!("/tool_providers/{}", tool.provider["id"]);
    let grant = |scopes: &[&str]| world.administrator.patch(&provider, json!({ "scopes": scopes })).ok("tool_provider");
    grant(&[scope::LINE_ITEM]);
    let reply = tool.asks(tool.claims(), 0, &everything);
    let granted = format!("{} {}", scope::LINE_ITEM, scope::LINE_ITEM_READ);
    assert_eq!((reply.status, reply.json["scope"].as_str()), (200, Some(granted.as_str())), "writers may read");
    assert_refused(&tool.asks(tool.claims(), 0, &[scope::SCORE]), "invalid_scope", "allowed");
    assert_eq!(open(&world, &tool, &token).status, 200, "what is still granted");
    grant(&[scope::SCORE]);
    assert_eq!(open(&world, &tool, &token).status, 403, "what an older token named is granted no more");
    world.administrator.patch(&provider, json!({ "active": false })).ok("tool_provider");
    assert_refused(&tool.asks(tool.claims(), 0, &everything), "invalid_client", "client_id");
    assert_eq!(open(&world, &tool, &token).status, 401, "nor does a tool that is not active call anything");
}

#[test]
fn lti_11_an_assertion_that_says_something_else_proves_nothing() {
    let world = World::new();
    let (tool, other) = (world.tool_1p3(), world.tool_1p3());
    let now = tool.now();
    for (name, value, why) in [
        ("aud", json!("https://elsewhere.example/token"), "aud"),
        ("aud", json!([tool.token_url(), "https://evil.example"]), "aud"),
        ("aud", json!(world.origin()), "aud"),
        ("aud", Value::Null, "aud"),
        ("sub", json!(other.client_id), "sub"),
        ("sub", Value::Null, "sub"),
        ("iss", json!("nobody"), "client_id"),
        ("iss", json!(other.client_id), "sub"),
        ("exp", json!(now - 61), "exp"),
        ("exp", json!(now + 315_360_000), "lives"),
        ("exp", json!((now + 60).to_string()), "exp"),
        ("exp", Value::Null, "exp"),
        ("iat", json!(now + 61), "iat"),
        ("iat", Value::Null, "iat"),
        ("nbf", json!(now + 61), "nbf"),
        ("jti", Value::Null, "jti"),
        ("jti", json!(""), "jti"),
        (DEPLOYMENT_ID, other.provider["registration"]["deployment_id"].clone(), "deployment"),
    ] {
        assert_refused(&tool.asks(with(tool.claims(), name, value.clone()), 0, &ALL), "invalid_client", why);
    }
    assert_refused(&tool.asks(tool.claims(), 1, &ALL), "invalid_client", "kid");
    assert_refused(&tool.asks(tool.claims(), 0, &["openid"]), "invalid_scope", "scopes");
    assert_eq!(logged_call(&world, "token")["outcome"], "unauthorized");
}

#[test]
fn lti_11_a_token_that_anybody_can_make_proves_nothing() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let world = World::new();
    let tool = world.tool_1p3();
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let kid = serde_json::from_str::<Value>(&key_set(&[0])).unwrap()["keys"][0]["kid"].clone();
    let payload = part(tool.claims());
    for (header, why) in [
        (json!({ "alg": "none", "kid": kid }), "signed by 'none'"),
        (json!({ "alg": "HS256", "kid": kid }), "signed by 'HS256'"),
        (json!({ "alg": "RS256", "kid": kid, "crit": ["b64"] }), "'crit'"),
        (json!({ "alg": "RS256", "kid": "../../keys/1" }), "no key with the kid"),
        (json!({ "alg": "RS256" }), "no kid"),
        (json!({ "alg": "ES256", "kid": kid }), "another algorithm than its key"),
        (json!({ "alg": "RS256", "kid": kid, "jku": "https://evil.example/jwks" }), "signature of the token"),
    ] {
        for signature in ["", "c2lnbmF0dXJl"] {
            let token = format!("{}.{payload}.{signature}", part(header.clone()));
            assert_refused(&tool.sends(&request_form(&token, &ALL)), "invalid_client", why);
        }
    }
}

#[test]
fn lti_11_assertions_that_prove_nothing_use_up_no_jti() {
    let world = World::new();
    let tool = world.tool_1p3();
    let claims = with(tool.claims(), "jti", json!("wanted"));
    let signed = |claims: &Value| sign(&serde_json::from_value::<Claims>(claims.clone()).unwrap(), key(0)).unwrap();
    let good = signed(&claims);
    let (unsigned, _) = good.rsplit_once('.').unwrap();
    for _ in 0..30 {
        // Somebody who knows the jti puts the signature of another token to it.
        let other = signed(&tool.claims());
        let forged = format!("{unsigned}.{}", other.rsplit('.').next().unwrap());
        assert_refused(&tool.sends(&request_form(&forged, &ALL)), "invalid_client", "signature of the token");
    }
    let elsewhere = with(claims.clone(), "aud", json!("https://elsewhere.example/token"));
    assert_refused(&tool.asks(elsewhere, 0, &ALL), "invalid_client", "aud");
    assert_eq!(tool.sends(&request_form(&good, &ALL)).status, 200);
    assert_refused(&tool.sends(&request_form(&good, &ALL)), "invalid_client", "jti");
}

#[test]
fn what_is_no_request_for_a_token_is_refused_by_the_codes_of_oauth() {
    let world = World::new();
    let tool = world.tool_1p3();
    let form = |name: &str, value: Option<&str>| {
        let assertion = "a.b.c";
        let mut form = request_form(assertion, &ALL);
        form.retain(|(given, _)| given != name);
        form.extend(value.map(|value| (name.to_owned().into(), value.to_owned())));
        tool.sends(&form)
    };
    assert_refused(&form("grant_type", Some("password")), "unsupported_grant_type", "client_credentials");
    for missing in ["grant_type", "client_assertion_type", "client_assertion", "scope"] {
        assert_refused(&form(missing, None), "invalid_request", missing);
    }
    let mut twice = request_form("a.b.c", &ALL);
    twice.push(("scope".into(), "openid".into()));
    assert_refused(&tool.sends(&twice), "invalid_request", "scope");
    let url = tool.token_url();
    let json: Reply = http().post(&url).header("Content-Type", "application/json").body("{}").send().unwrap().into();
    assert_refused(&json, "invalid_request", "x-www-form-urlencoded");
    let long: Reply = http()
        .post(&url)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body("a".repeat(100_000))
        .send()
        .unwrap()
        .into();
    assert_refused(&long, "invalid_request", "65536");
}

#[test]
fn lti_11_a_tool_without_a_key_and_one_that_speaks_1_1_get_none() {
    let world = World::new();
    let keyless = world.tool_1p3_with(json!({ "jwks_url": "" }));
    assert_refused(&keyless.asks(keyless.claims(), 0, &ALL), "invalid_client", "without a key");
    let tool = world.tool_1p3();
    let token = tool.token(&[scope::LINE_ITEM]);
    let path = format!("/tool_providers/{}", tool.provider["id"]);
    world.administrator.patch(&path, json!({ "lti_version": "1.1" })).ok("tool_provider");
    assert_refused(&tool.asks(tool.claims(), 0, &ALL), "invalid_client", "client_id");
    assert_eq!(open(&world, &tool, &token).status, 401, "nor does the token that it has open anything");
}

#[test]
fn lti_11_a_jti_serves_once_whenever_it_comes_and_for_each_tool() {
    let world = World::new();
    let (tool, other) = (world.tool_1p3(), world.tool_1p3());
    let claims = with(tool.claims(), "jti", json!("one"));
    assert_eq!(tool.asks(claims.clone(), 0, &ALL).status, 200);
    assert_refused(&tool.asks(claims.clone(), 0, &ALL), "invalid_client", "jti");
    world.wait(120_000);
    let later = with(with(claims, "iat", json!(tool.now())), "exp", json!(tool.now() + 60));
    assert_refused(&tool.asks(later, 0, &ALL), "invalid_client", "jti");
    assert_eq!(other.asks(with(other.claims(), "jti", json!("one")), 0, &ALL).status, 200, "another tool's is its own");
    let world = World::in_real_time();
    let tool = world.tool_1p3();
    tool.token(&ALL);
    let claims = tool.claims();
    let given: usize = thread::scope(|scope| {
        let ask = || usize::from(tool.asks(claims.clone(), 0, &ALL).status == 200);
        let asking: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().map(|one| one.join().unwrap()).sum()
    });
    assert_eq!(given, 1, "of eight at once");
}

#[test]
fn lti_12_a_tool_that_changes_its_key_goes_on_at_once() {
    let world = World::new();
    let tool = world.tool_1p3();
    tool.token(&ALL);
    tool.keys.publish(&[1]);
    assert_eq!(tool.asks(tool.claims(), 1, &ALL).status, 200);
    assert_refused(&tool.asks(tool.claims(), 0, &ALL), "invalid_client", "kid");
}

/// Opens the line items of an exam that the tool has a link in.
fn open(world: &World, tool: &Tool13, token: &str) -> Reply {
    let exam = world.exam();
    world.lti_resource(&exam, &tool.provider);
    let url = format!("{}/lti/1.3/exams/{}/line_items", world.origin(), exam["id"]);
    call_with_token(token, ("GET", &url), ("", ""))
}

#[test]
fn the_name_of_the_scheme_before_a_token_has_no_case() {
    let world = World::new();
    let (tool, exam) = (world.tool_1p3(), world.exam());
    world.lti_resource(&exam, &tool.provider);
    let token = tool.token(&[scope::LINE_ITEM_READ]);
    let url = format!("{}/lti/1.3/exams/{}/line_items", world.origin(), exam["id"]);
    for scheme in ["bearer", "BEARER", "Bearer"] {
        let request = http().get(&url).header("Authorization", format!("{scheme} {token}"));
        let reply: Reply = request.send().unwrap().into();
        assert_eq!(reply.status, 200, "{scheme}: {}", reply.text);
    }
}

#[test]
fn a_token_opens_what_it_is_for_and_nothing_after_an_hour() {
    let world = World::new();
    let (tool, other) = (world.tool_1p3(), world.tool_1p3());
    let token = tool.token(&[scope::LINE_ITEM_READ]);
    assert_eq!(open(&world, &tool, &token).status, 200);
    let weak = tool.token(&[scope::SCORE]);
    let reply = open(&world, &tool, &weak);
    assert_eq!((reply.status, &reply.json["code"]), (403, &json!("insufficient_scope")));
    assert!(reply.header("www-authenticate").starts_with("Bearer error=\"insufficient_scope\""));
    assert_eq!(logged_call(&world, "readLineItems")["code"], "insufficient_scope");
    // Every part of a token is held by its end: other scopes, another time, another tool.
    let parts: Vec<&str> = weak.split('-').collect();
    let theirs = other.provider["id"].to_string();
    for (place, forged) in [(0, theirs.as_str()), (1, "31"), (2, "9999999999"), (3, "00000000000000000000000000000000")]
    {
        let mut parts = parts.clone();
        parts[place] = forged;
        let reply = open(&world, &tool, &parts.join("-"));
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, "Bearer error=\"invalid_token\""));
    }
    world.wait(3_600_000);
    assert_eq!(open(&world, &tool, &token).status, 401);
    let exam = world.exam();
    let url = format!("{}/lti/1.3/exams/{}/line_items", world.origin(), exam["id"]);
    for header in [None, Some("Basic abc"), Some("Bearer"), Some("Bearer x"), Some("bearer a.b.c")] {
        let request = http().get(&url);
        let request = header.into_iter().fold(request, |request, header| request.header("Authorization", header));
        let reply: Reply = request.send().unwrap().into();
        assert_eq!(reply.status, 401, "{header:?}");
        assert!(reply.header("www-authenticate").starts_with("Bearer") && reply.json["detail"].is_string());
    }
}
