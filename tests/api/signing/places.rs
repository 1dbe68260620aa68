//! A parameter may stand in the path, in the query and in the body, but it has one value.

use serde_json::json;

use crate::world::World;

const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];
const FORM: [(&str, &str); 1] = [("Content-Type", "application/x-www-form-urlencoded")];

#[test]
fn sig_11_an_id_that_differs_between_path_query_and_body_is_refused() {
    let world = World::new();
    let (a, b) = (world.exam()["id"].to_string(), world.exam()["id"].to_string());
    for [path, query, body] in [[&a, &a, &b], [&a, &b, &a], [&a, &b, &b], [&b, &a, &a], [&b, &a, &b], [&b, &b, &a]] {
        for signed in [&a, &b] {
            let stamp = world.teacher.stamp(&[("id", signed), ("name", "Algebra II")]);
            let line = format!("PATCH /exams/{path}?id={query}&{stamp}");
            let reply = world.teacher.wire(&line, &JSON, json!({ "id": body, "name": "Algebra II" }).to_string());
            assert_eq!(reply.refused(400, "parameter_conflict").json["errors"][0]["field"], "id");
        }
    }
    assert_eq!(world.teacher.get(&format!("/exams/{a}")).ok("exam")["name"], "Algebra");
}

#[test]
fn sig_11_an_id_that_is_equal_in_all_places_passes() {
    let world = World::new();
    let id = world.exam()["id"].to_string();
    for body in [format!("{{ \"id\": {id} }}"), format!("{{ \"id\": \"{id}\" }}")] {
        let stamp = world.teacher.stamp(&[("id", &id)]);
        world.teacher.wire(&format!("PATCH /exams/{id}?id={id}&{stamp}"), &JSON, body).ok("exam");
    }
}

#[test]
fn sig_12_a_parameter_that_is_given_twice_is_refused() {
    let world = World::new();
    let id = world.exam()["id"].to_string();
    let teacher = &world.teacher;
    let stamp = || teacher.stamp(&[("id", &id), ("name", "a")]);
    let path = format!("/exams/{id}");
    for query in ["id=1&id=2", "id=1&id=1", "name=a&n%61me=a", "id[]=1", "id%5B%5D=1", "id[0]=1"] {
        let reply = teacher.wire(&format!("GET {path}?{query}&{}", stamp()), &[], "");
        assert_eq!(reply.status, 400, "{query}: {}", reply.text);
    }
    for body in [r#"{"name":"a","name":"b"}"#, r#"{"name":"a","name":"a"}"#, r#"{"name":"a","n\u0061me":"a"}"#] {
        teacher.wire(&format!("PATCH {path}?{}", stamp()), &JSON, body).refused(400, "duplicate_parameter");
    }
    for body in ["name=a&name=b", "name=a&name=a", "name=a&%6Eame=a"] {
        teacher.wire(&format!("PATCH {path}?{}", stamp()), &FORM, body).refused(400, "duplicate_parameter");
    }
    let twice = format!("{}&signature={}", stamp(), "0".repeat(64));
    teacher.wire(&format!("GET {path}?{twice}"), &[], "").refused(400, "duplicate_parameter");
    assert_eq!(teacher.get(&path).ok("exam")["name"], "Algebra");
}

#[test]
fn an_id_that_the_router_could_read_differently_is_refused() {
    let world = World::new();
    let id = world.exam()["id"].to_string();
    for odd in ["%2F", "%3F", "%00", "%FF", "1%2f2", "1%3F2", "%C3%28"] {
        let stamp = world.teacher.stamp(&[("id", &id)]);
        let reply = world.teacher.wire(&format!("GET /exams/{odd}?{stamp}"), &[], "");
        reply.refused(400, "malformed_request");
    }
    for twice in ["%2531", "%25"] {
        let decoded = twice.replace("%25", "%");
        let stamp = world.teacher.stamp(&[("id", &decoded)]);
        world.teacher.wire(&format!("GET /exams/{twice}?{stamp}"), &[], "").refused(404, "not_found");
    }
}
