//! Web pages of other origins (CORS): none may call the API from a browser, unless the operator lists it.

use reqwest::Method;
use serde_json::json;

use crate::world::{Reply, World, http};

const APP: &str = "https://app.example.edu";
const READ: [&str; 15] = [
    "allow",
    "deprecation",
    "etag",
    "idempotent-replayed",
    "link",
    "location",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "www-authenticate",
    "x-pagination-item-count",
    "x-pagination-limit",
    "x-pagination-page",
    "x-pagination-page-count",
    "x-request-id",
];

fn listed() -> World {
    let origins = format!("{APP}, https://other.example");
    World::with(World::standing_clock(), |settings| settings.cors_origins = origins)
}

/// What a browser asks before a page of `origin` may send what is no plain form.
fn preflight(world: &World, origin: &str, path: &str, method: &str, headers: &str) -> Reply {
    let request = http().request(Method::OPTIONS, format!("{}{path}", world.origin())).header("Origin", origin);
    let request = request.header("Access-Control-Request-Method", method);
    request.header("Access-Control-Request-Headers", headers).send().unwrap().into()
}

#[track_caller]
fn tells_nothing(reply: &Reply) {
    let told: Vec<_> = reply.headers.keys().filter(|name| name.as_str().starts_with("access-control-")).collect();
    assert!(told.is_empty(), "{told:?}");
}

/// The members of a header that is a list, in order.
fn members(reply: &Reply, name: &str) -> Vec<String> {
    let mut members: Vec<_> = reply.header(name).split(',').map(|member| member.trim().to_lowercase()).collect();
    members.sort();
    members
}

#[test]
fn by_default_no_page_of_another_origin_may_call() {
    let world = World::new();
    for origin in [APP, "null", &world.origin()] {
        let reply = world.teacher.call("GET", "/exams", json!({})).header("Origin", origin).send();
        reply.ok("exams");
        tells_nothing(&reply);
        let asked = preflight(&world, origin, "/api/v3/exams", "POST", "authorization");
        asked.refused(405, "method_not_allowed");
        tells_nothing(&asked);
    }
}

#[test]
fn a_listed_origin_may_call_and_read_what_a_client_needs() {
    let world = listed();
    for (path, method) in [("/api/v3/exams", "POST"), ("/api/v3/exams/1", "PATCH"), ("/api/v3/exams/1", "DELETE")] {
        let sent = "authorization, content-type, idempotency-key, if-match, signature-input";
        let asked = preflight(&world, APP, path, method, sent);
        assert_eq!((asked.status, asked.header("access-control-allow-origin")), (200, APP), "{}", asked.text);
        assert_eq!(members(&asked, "access-control-allow-methods"), ["delete", "get", "patch", "post", "put"]);
        assert!(sent.split(", ").all(|name| members(&asked, "access-control-allow-headers").contains(&name.into())));
        assert_eq!(asked.header("access-control-max-age"), "3600");
    }
    let from_app = |call: crate::world::Call| call.header("Origin", APP).send();
    let exam = from_app(world.teacher.call("POST", "/exams", json!({ "name": "Algebra", "type": "demo" })));
    let list = from_app(world.teacher.call("GET", "/exams", json!({ "limit": 1 })));
    exam.created("exam");
    list.ok("exams");
    // Refusals can be read too.
    let refused = from_app(world.teacher.call("GET", "/exams/999", json!({})));
    refused.refused(404, "not_found");
    let unsigned: Reply =
        http().get(format!("{}/api/v3/exams", world.origin())).header("Origin", APP).send().unwrap().into();
    unsigned.refused(401, "invalid_signature");
    for reply in [&exam, &list, &refused, &unsigned] {
        assert_eq!(reply.header("access-control-allow-origin"), APP);
        assert!(members(reply, "vary").contains(&"origin".into()), "a cache must not give it to another origin");
        assert_eq!(members(reply, "access-control-expose-headers"), READ);
        assert_eq!(reply.header("access-control-allow-credentials"), "", "the API takes no cookies");
    }
}

#[test]
fn nobody_else_may_call_and_nothing_else_is_opened() {
    let world = listed();
    for origin in ["https://evil.example", "http://app.example.edu", "https://app.example.edu.evil.example", "null"] {
        let reply = world.teacher.call("GET", "/exams", json!({})).header("Origin", origin).send();
        let asked = preflight(&world, origin, "/api/v3/exams", "POST", "authorization");
        for reply in [reply, asked] {
            assert_eq!(reply.header("access-control-allow-origin"), "", "{origin}");
        }
    }
    let (exam, path) = (world.exam(), "/docs/errors");
    let home = format!("/sessions/{}", world.student_session(&exam)["token"].as_str().unwrap());
    for path in [path, &home, "/livez", "/metrics", "/api/v3x"] {
        let reply: Reply = http().get(format!("{}{path}", world.origin())).header("Origin", APP).send().unwrap().into();
        assert_eq!(reply.header("access-control-allow-origin"), "", "{path}");
        assert_eq!(preflight(&world, APP, path, "POST", "authorization").header("access-control-allow-origin"), "");
    }
    let unknown = preflight(&world, APP, "/api/v3/exams", "POST", "x-surprise");
    assert_eq!(unknown.header("access-control-allow-origin"), "", "a header that no client needs");
}
