//! Error replies: each is `application/problem+json` of one form, whoever refused the request.

use serde_json::json;

use crate::retries::while_nothing_is_committed;
use crate::world::wire::Wire;
use crate::world::{Reply, World, assert_members, document, http};

/// Asserts the form that every error has.
#[track_caller]
fn problem(world: &World, reply: &Reply, status: u16, code: &str) {
    reply.refused(status, code);
    assert!(reply.header("content-type").starts_with("application/problem+json"), "{}", reply.header("content-type"));
    let errors = if reply.json.get("errors").is_some() { "errors" } else { "" };
    assert_members(&reply.json, &format!("type title status detail code request_id error {errors}"));
    assert_eq!(reply.json["status"], status);
    assert_eq!(reply.json["request_id"], reply.header("x-request-id"));
    assert_eq!(reply.json["type"], format!("/docs/errors#{code}"));
    assert!(world.page("/docs/errors").text.contains(&format!("id=\"{code}\"")), "{code} is explained");
    for name in ["title", "detail"] {
        assert!(reply.json[name].as_str().is_some_and(|text| !text.is_empty()), "{name}");
    }
}

fn send(world: &World, method: &str, path: &str) -> Reply {
    http().request(method.parse().unwrap(), format!("{}{path}", world.origin())).send().unwrap().into()
}

#[test]
fn an_unknown_path_is_not_found() {
    let world = World::new();
    for path in ["/api/v3/nothing", "/api/v3/exams/1/nothing", "/api/v4/exams", "/nothing"] {
        let reply = send(&world, "GET", path);
        problem(&world, &reply, 404, "not_found");
        assert_eq!(reply.json["error"], reply.json["detail"]);
    }
}

#[test]
fn a_person_who_mistypes_an_address_gets_a_page_and_a_client_of_the_api_a_problem() {
    let world = World::new();
    let get = |path: &str, accept: &str| -> Reply {
        http().get(format!("{}{path}", world.origin())).header("Accept", accept).send().unwrap().into()
    };
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let page = get("/session/abc", browser);
    assert_eq!((page.status, page.header("content-type")), (404, "text/html; charset=utf-8"));
    assert!(
        page.text.contains("This link does not open") && page.text.contains(page.header("x-request-id")),
        "{}",
        page.text
    );
    problem(&world, &get("/api/v3/nothing", browser), 404, "not_found");
    problem(&world, &get("/session/abc", "application/json"), 404, "not_found");
}

#[test]
fn a_method_that_a_path_does_not_take_is_refused_with_those_that_it_takes() {
    let world = World::new();
    for (path, item) in document()["paths"].as_object().unwrap() {
        let path =
            path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect::<Vec<_>>().join("/");
        let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
        let takes = |method: &&&str| item.get(method.to_lowercase()).is_some();
        let allowed: Vec<&str> = methods.iter().filter(takes).copied().collect();
        for method in methods.iter().filter(|method| !takes(method)) {
            let reply = send(&world, method, &path);
            problem(&world, &reply, 405, "method_not_allowed");
            assert_eq!(reply.header("allow"), allowed.join(", "), "{method} {path}");
        }
    }
}

#[test]
fn missing_credentials_are_asked_for() {
    let world = World::new();
    let reply = send(&world, "GET", "/api/v3/exams");
    problem(&world, &reply, 401, "invalid_signature");
    assert_eq!(reply.header("www-authenticate"), "Token");
    assert_eq!(reply.json["detail"], "Send the header 'Authorization: Token token=<api_token>'.");
}

#[test]
fn each_refusal_has_the_form_and_its_own_code() {
    let world = World::new();
    let (exam, tool) = (world.exam(), world.tool_provider());
    world.lti_resource(&exam, &tool);
    world.publish(&exam);
    let get = || world.teacher.call("GET", "/exams", json!({}));
    let stale = get().with("timestamp", "1764147593").send();
    problem(&world, &stale, 401, "stale_timestamp");
    problem(&world, &get().header("Accept", "text/html").send(), 406, "not_acceptable");
    problem(&world, &get().with("nonce", "x").send(), 400, "malformed_request");
    problem(&world, &world.proctor.get("/tool_providers"), 403, "forbidden");
    problem(&world, &world.teacher.get("/exams/999"), 404, "not_found");
    problem(&world, &world.teacher.post("/exams", json!({})), 422, "parameter_missing");
    problem(&world, &world.teacher.get("/exams?page=0"), 422, "parameter_invalid");
    let locked = world.administrator.delete(&format!("/tool_providers/{}", tool["id"]));
    problem(&world, &locked, 423, "locked");
    let own = format!("/institutes/{}/users/{}", world.institute, world.administrator.id);
    problem(&world, &world.administrator.delete(&own), 409, "conflict");
}

#[test]
fn a_database_that_stays_busy_is_told_with_the_time_to_come_again() {
    let world = World::new();
    let create = || world.teacher.post("/exams", json!({ "name": "Algebra", "type": "demo" }));
    let busy = while_nothing_is_committed(&world, create);
    problem(&world, &busy, 503, "unavailable");
    assert_eq!(busy.header("retry-after"), "1");
    create().created("exam");
    assert_eq!(world.teacher.get("/exams").ok("exams").as_array().unwrap().len(), 1, "nothing was half done");
}

#[test]
fn a_field_at_fault_is_in_the_list_and_in_the_map_that_older_clients_read() {
    let world = World::new();
    let reply = world.teacher.post("/exams", json!({ "name": "Algebra", "type": "demo", "page": 1, "web": 1 }));
    problem(&world, &reply, 422, "parameter_invalid");
    for (index, field) in ["page", "web"].into_iter().enumerate() {
        let error = &reply.json["errors"][index];
        assert_members(error, "field code detail");
        assert_eq!((&error["field"], &error["code"]), (&json!(field), &json!("parameter_invalid")));
        assert_eq!(reply.json["error"][field], json!([error["detail"]]));
    }
}

#[test]
fn a_body_of_another_type_is_refused() {
    let world = World::new();
    let post = |media_type: &str| {
        let request = http().post(format!("{}/api/v3/exams", world.origin())).body("<exam/>");
        let token = format!("Token token={}", world.teacher.token);
        Reply::from(request.header("Authorization", token).header("Content-Type", media_type).send().unwrap())
    };
    for media_type in ["text/xml", "application/json; charset=latin1", ""] {
        problem(&world, &post(media_type), 415, "unsupported_media_type");
    }
    problem(&world, &post("application/json"), 400, "malformed_request");
}

/// Announces a body of so many bytes and sends none.
fn begin_a_body(world: &World, length: usize) -> Reply {
    let mut wire = Wire::to(world.address);
    wire.send(format!(
        "POST /api/v3/exams HTTP/1.1\r\nHost: examlink\r\nConnection: close\r\nAuthorization: Token token={}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n",
        world.teacher.token
    ));
    Reply::written(&wire.hear().text)
}

#[test]
fn a_body_that_does_not_come_is_given_up() {
    let world = World::new();
    let reply = begin_a_body(&world, 100);
    problem(&world, &reply, 408, "request_timeout");
}

#[test]
fn a_body_that_is_too_large_is_refused_before_it_is_sent() {
    let world = World::new();
    let reply = begin_a_body(&world, 2_000_000);
    problem(&world, &reply, 413, "too_large");
}

#[test]
fn a_fault_of_the_server_tells_its_id_and_nothing_of_its_cause() {
    let world = World::new();
    world.database.execute("ALTER TABLE tool_providers RENAME TO mislaid");
    let reply = world.administrator.get("/tool_providers");
    problem(&world, &reply, 500, "internal_error");
    assert!(!reply.text.contains("tool_providers") && !reply.text.contains("mislaid"), "{}", reply.text);
    world.administrator.get("/exams").ok("exams");
}

#[test]
fn a_sane_request_id_is_kept_and_another_is_replaced() {
    let world = World::new();
    let with = |id: &str| world.teacher.call("GET", "/exams/999", json!({})).header("X-Request-Id", id).send();
    assert_eq!(with("client-id_0001").json["request_id"], "client-id_0001");
    for odd in ["short", "has space 12345", "semi;colon;123", &"x".repeat(65)] {
        let reply = with(odd);
        let id = reply.json["request_id"].as_str().unwrap();
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{odd}: {id}");
    }
    assert_eq!(
        world
            .teacher
            .call("GET", "/exams", json!({}))
            .header("X-Request-Id", "client-id_0002")
            .send()
            .header("x-request-id"),
        "client-id_0002"
    );
}
