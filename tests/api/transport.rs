//! What clients of every kind send: versions, slashes, bodies, and the same id in several places.

use serde_json::json;

use crate::world::{World, http, sign};

#[test]
fn version_three_goes_by_several_names_and_no_other_version_is_served() {
    let world = World::new();
    let accepting = |accept: &str| world.teacher.call("GET", "/exams", json!({})).header("Accept", accept).send();
    for accept in [
        "application/vnd.procwise.v3",
        "application/json",
        "*/*",
        "text/html, application/json;q=0.9",
        "application/vnd.procwise.v3, */*",
    ] {
        accepting(accept).ok("exams");
    }
    for accept in ["application/vnd.procwise.v2", "text/html", "application/vnd.procwise.v4, application/xml"] {
        accepting(accept).refused(406, "not_acceptable");
    }
}

#[test]
fn a_slash_at_the_end_changes_nothing() {
    let world = World::new();
    let exam = world.exam();
    assert_eq!(world.teacher.get("/exams/").ok("exams"), json!([exam]));
    assert_eq!(world.teacher.get(&format!("/exams/{}/?page=1", exam["id"])).status, 422);
    assert_eq!(world.teacher.get(&format!("/exams/{}/", exam["id"])).ok("exam"), exam);
    world.teacher.post("/exams/", json!({ "name": "Algebra", "type": "demo" })).created("exam");
}

#[test]
fn parameters_stand_in_the_query_or_in_the_body_on_every_method() {
    let world = World::new();
    let path = format!("/exams/{}", world.exam()["id"]);
    let list = || world.teacher.call("GET", "/exams", json!({ "limit": 1 }));
    for call in [list().in_query(), list().as_json(), list().as_form()] {
        assert_eq!(call.send().header("x-pagination-limit"), "1");
    }
    let rename = || world.teacher.call("PATCH", &path, json!({ "name": "Élève & 100% + \"1\"" }));
    for call in [rename().in_query(), rename().as_json(), rename().as_form()] {
        assert_eq!(call.send().ok("exam")["name"], "Élève & 100% + \"1\"");
    }
    let replace = |name: &str| world.teacher.call("PUT", &path, json!({ "name": name, "type": "demo" }));
    for (name, call) in [("A", replace("A").in_query()), ("B", replace("B").as_json()), ("C", replace("C").as_form())] {
        assert_eq!(call.send().ok("exam")["name"], name);
    }
    world.teacher.call("DELETE", &path, json!({})).as_json().send().ok("");
}

#[test]
fn a_json_content_type_without_a_body_is_fine() {
    let world = World::new();
    world
        .teacher
        .call("GET", "/exams", json!({}))
        .in_query()
        .header("Content-Type", "application/json")
        .send()
        .ok("exams");
}

#[test]
fn a_multipart_body_is_read_like_a_form() {
    let world = World::new();
    let exam = format!("/exams/{}", world.exam()["id"]);
    for (method, path, status) in [("POST", "/exams", 201), ("PATCH", &exam, 200), ("PUT", &exam, 200)] {
        let call = world.teacher.call(method, path, json!({ "name": "Algebra", "type": "demo" }));
        let mut body = String::new();
        let signature = sign(&world.teacher.secret, &call.signed());
        for (name, value) in call.signed().iter().chain([(&"signature".to_owned(), &signature)]) {
            body += &format!("--part\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        }
        let reply = http()
            .request(method.parse().unwrap(), format!("{}/api/v3{path}", world.origin()))
            .header("Authorization", format!("Token token=\"{}\"", world.teacher.token))
            .header("Content-Type", "multipart/form-data; boundary=part")
            .body(body + "--part--\r\n")
            .send()
            .unwrap();
        assert_eq!(reply.status().as_u16(), status, "{method}: {}", reply.text().unwrap());
    }
}

#[test]
fn an_id_may_stand_in_the_path_and_in_the_body_as_long_as_it_is_one() {
    let world = World::new();
    let exam = world.exam();
    let path = format!("/exams/{}", exam["id"]);
    world.teacher.patch(&path, json!({ "id": exam["id"], "name": "Geometry" })).ok("exam");
    let reply = world.teacher.patch(&path, json!({ "id": 999, "name": "Geometry" }));
    reply.refused(400, "parameter_conflict");
    assert_eq!(reply.json["errors"][0]["field"], "id");
}

#[test]
fn an_unknown_parameter_is_named_with_the_known_ones() {
    let world = World::new();
    let reply = world.teacher.get("/exams?pages=2");
    reply.refused(422, "parameter_invalid");
    let detail = "pages is not a parameter of this call; it takes: status, page, limit, filter, sort";
    assert_eq!(reply.json["detail"], detail);
    let path = format!("/exams/{}", world.exam()["id"]);
    world.teacher.get(&format!("{path}?page=1")).refused(422, "parameter_invalid");
}

#[test]
fn answers_are_not_kept_by_any_cache() {
    let world = World::new();
    for reply in [world.teacher.get("/exams"), world.teacher.get("/exams/999")] {
        assert_eq!(reply.header("cache-control"), "no-store");
    }
}
