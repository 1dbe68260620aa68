//! Lists: callers ask for the rows they want, in the order they want.

use serde_json::{Value, json};

use crate::world::launched::scored;
use crate::world::operations::{Things, operations};
use crate::world::{Person, Reply, World};

fn list(person: &Person, path: &str, filter: &Value, sort: &Value) -> Reply {
    let text = |value: &Value| (!value.is_null()).then(|| value.to_string());
    let mut call = person.call("GET", path, Value::Null);
    for (name, value) in [("filter", text(filter)), ("sort", text(sort))] {
        call = match value {
            Some(value) => call.with(name, value),
            None => call,
        };
    }
    call.send()
}

/// The names of the exams that a filter and an order give, the same to their author and to the institute.
fn names(world: &World, filter: Value, sort: Value) -> Vec<String> {
    let exams = list(&world.teacher, "/exams", &filter, &sort).ok("exams");
    assert_eq!(exams, list(&world.administrator, "/exams", &filter, &sort).ok("exams"), "{filter} {sort}");
    exams.as_array().unwrap().iter().map(|exam| exam["name"].as_str().unwrap().to_owned()).collect()
}

/// Exams that differ in name, start, duration and camera.
fn world() -> World {
    let world = World::new();
    for (name, start, minutes, web_cam) in [
        ("Algebra", json!("2025-01-31"), json!(60), true),
        ("Biology", json!("2025-02-01"), json!(90), false),
        ("Chemistry", json!("2025-02-02"), json!(null), true),
        ("algebra 2", json!(null), json!(120), false),
    ] {
        let fields = json!({
            "name": name, "type": "demo", "start_time": start, "duration_minutes": minutes, "web_cam": web_cam,
        });
        world.teacher.post("/exams", fields).created("exam");
        world.wait(1_000);
    }
    world
}

#[test]
fn a_list_is_filtered_by_every_operator() {
    let world = world();
    for (filter, expected) in [
        (json!({ "start_time": { "gte": "2025-02-01" } }), vec!["Biology", "Chemistry"]),
        (json!({ "start_time": { "gt": "2025-02-01T00:00:00Z" } }), vec!["Chemistry"]),
        (json!({ "start_time": { "lt": 1_738_368_000 } }), vec!["Algebra"]),
        (json!({ "start_time": { "lte": "1738368000" } }), vec!["Algebra", "Biology"]),
        (json!({ "start_time": { "eq": null } }), vec!["algebra 2"]),
        (json!({ "start_time": { "ne": null } }), vec!["Algebra", "Biology", "Chemistry"]),
        (json!({ "name": { "eq": "Biology" } }), vec!["Biology"]),
        (json!({ "name": { "ne": "Biology" } }), vec!["Algebra", "Chemistry", "algebra 2"]),
        (json!({ "name": { "in": ["Biology", "Algebra", "None"] } }), vec!["Algebra", "Biology"]),
        (json!({ "name": { "like": "algebra%" } }), vec!["Algebra", "algebra 2"]),
        (json!({ "name": { "like": "_iology" } }), vec!["Biology"]),
        (json!({ "name": { "like": "\\%" } }), vec![]),
        (json!({ "web_cam": { "eq": true } }), vec!["Algebra", "Chemistry"]),
        (json!({ "web_cam": { "ne": "1" } }), vec!["Biology", "algebra 2"]),
        (json!({ "duration_minutes": { "gte": "90", "lt": 120 } }), vec!["Biology"]),
        (json!({ "duration_minutes": { "in": [60, 120] }, "web_cam": { "eq": false } }), vec!["algebra 2"]),
        (json!({ "type": { "eq": "demo" }, "status": { "in": ["open", "closed"] } }), vec![]),
        (json!({}), vec!["Algebra", "Biology", "Chemistry", "algebra 2"]),
    ] {
        assert_eq!(names(&world, filter.clone(), Value::Null), expected, "{filter}");
    }
}

#[test]
fn a_list_is_sorted_and_equal_rows_stand_by_id() {
    let world = world();
    for (sort, expected) in [
        (json!([{ "start_time": "asc" }]), vec!["algebra 2", "Algebra", "Biology", "Chemistry"]),
        (json!([{ "start_time": "desc" }]), vec!["Chemistry", "Biology", "Algebra", "algebra 2"]),
        (json!([{ "created_at": "desc" }]), vec!["algebra 2", "Chemistry", "Biology", "Algebra"]),
        (json!([{ "id": "desc" }]), vec!["algebra 2", "Chemistry", "Biology", "Algebra"]),
        (json!([]), vec!["Algebra", "Biology", "Chemistry", "algebra 2"]),
    ] {
        assert_eq!(names(&world, Value::Null, sort.clone()), expected, "{sort}");
    }
    let twin = world.teacher.post("/exams", json!({ "name": "Biology", "type": "demo" })).created("exam");
    let ids = |sort: Value| {
        let exams = list(&world.teacher, "/exams", &json!({ "name": { "eq": "Biology" } }), &sort).ok("exams");
        exams.as_array().unwrap().iter().map(|exam| exam["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(json!([{ "name": "asc" }])).last(), Some(&twin["id"]));
    assert_eq!(ids(json!([{ "name": "desc" }])).first(), Some(&twin["id"]));
    assert_eq!(ids(json!([{ "name": "asc" }, { "start_time": "desc" }])).len(), 2);
}

#[test]
fn a_filtered_list_is_sorted_as_the_whole_one() {
    let world = world();
    for (filter, sort, expected) in [
        (json!({ "web_cam": { "eq": true } }), json!([{ "start_time": "desc" }]), vec!["Chemistry", "Algebra"]),
        (
            json!({ "duration_minutes": { "gt": 1 } }),
            json!([{ "start_time": "asc" }]),
            vec!["algebra 2", "Algebra", "Biology"],
        ),
        (
            json!({ "start_time": { "lte": "2025-02-01" }, "web_cam": { "in": [true, false] }, "id": { "gt": 0 } }),
            json!([{ "name": "desc" }, { "id": "asc" }]),
            vec!["Biology", "Algebra"],
        ),
        (
            json!({ "start_time": { "eq": null }, "type": { "eq": "demo" } }),
            json!([{ "id": "desc" }]),
            vec!["algebra 2"],
        ),
    ] {
        assert_eq!(names(&world, filter.clone(), sort.clone()), expected, "{filter} {sort}");
    }
}

#[test]
fn pages_of_a_filtered_list_are_counted_and_linked_with_their_filter() {
    let world = world();
    let path = "/exams?limit=1&page=2";
    let reply = list(&world.teacher, path, &json!({ "web_cam": { "eq": true } }), &json!([{ "name": "desc" }]));
    assert_eq!(reply.ok("exams")[0]["name"], "Algebra");
    assert_eq!(reply.header("x-pagination-item-count"), "2");
    let link = reply.header("link");
    let query = "filter=%7B%22web_cam%22%3A%7B%22eq%22%3Atrue%7D%7D";
    assert!(link.contains(query) && link.contains("sort=%5B%7B%22name%22%3A%22desc%22%7D%5D"), "{link}");
}

/// The target of a relation in `Link`, as a path of the API.
fn linked(reply: &Reply, relation: &str) -> Option<String> {
    let relation = format!("; rel=\"{relation}\"");
    let link = reply.header("link").split(", ").find_map(|link| link.strip_suffix(&relation))?;
    Some(link.trim_matches(['<', '>']).trim_start_matches("/api/v3").to_owned())
}

fn ids(rows: &Value) -> Vec<i64> {
    rows.as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

/// The ids that a walk along `next` meets; it ends after 60 pages where rows come faster than it goes.
fn walked(person: &Person, first: &str, list: &str) -> Vec<i64> {
    let mut walked = Vec::new();
    let mut page = Some(first.to_owned());
    for _ in 0..60 {
        let Some(path) = page else { break };
        let reply = person.get(&path);
        walked.extend(ids(&reply.ok(list)));
        page = linked(&reply, "next");
    }
    walked
}

/// In the order of ids, which only grow, what is added comes last: whoever walks the pages by their links meets each row
/// that was there once.
#[test]
fn dx_09_pages_walked_while_rows_are_added_miss_none_and_repeat_none() {
    let world = World::new();
    let exam = world.exam();
    let sessions = format!("/exams/{}/student_sessions", exam["id"]);
    let add = |list: &str, name: &str| match list {
        "exams" => world.teacher.post("/exams", json!({ "name": name, "type": "demo" })).status,
        "students" => {
            world.teacher.post(&sessions, json!({ "name": name, "email": format!("{name}@example.org") })).status
        }
        _ => world.attach(&exam, &format!("{name}.txt"), "text/plain", "text").status,
    };
    let attachments = format!("/exams/{}/attachments", exam["id"]);
    for (list, path) in [("exams", "/exams"), ("students", &sessions), ("attachments", &attachments)] {
        (0..25).for_each(|number| assert_eq!(add(list, &format!("before-{number}")), 201));
        let before = ids(&world.teacher.get(path).ok(list));
        let walked = std::thread::scope(|scope| {
            let walking = scope.spawn(|| walked(&world.teacher, &format!("{path}?limit=4"), list));
            let adding = (0..).take_while(|_| !walking.is_finished());
            adding.for_each(|number| assert_eq!(add(list, &format!("meanwhile-{number}")), 201));
            walking.join().unwrap()
        });
        assert!(walked.len() > before.len(), "{list}: the walk met rows that were added");
        assert_eq!(walked[..before.len()], before, "{list}: each once, in the same order");
    }
}

#[test]
fn what_is_not_known_is_named_with_what_is() {
    let world = World::new();
    for (filter, sort, field, says) in [
        (
            json!({ "colour": { "eq": 1 } }),
            json!(null),
            "filter",
            "knows no \"colour\"; it knows: id, name, start_time",
        ),
        (json!({ "token": { "eq": "x" } }), json!(null), "filter", "knows no \"token\""),
        (json!({ "name": { "regex": "x" } }), json!(null), "filter", "eq, ne, gt, gte, lt, lte, in, like"),
        (json!({ "name": "Algebra" }), json!(null), "filter", "must give name an operator"),
        (json!({ "name": { "eq": 5 } }), json!(null), "filter", "must compare name with a text"),
        (json!({ "name": { "eq": null } }), json!(null), "filter", "must compare name with a text"),
        (json!({ "start_time": { "gte": "soon" } }), json!(null), "filter", "an ISO 8601 time"),
        (json!({ "duration_minutes": { "eq": "1.5" } }), json!(null), "filter", "a whole number"),
        (
            json!({ "duration_minutes": { "like": "1%" } }),
            json!(null),
            "filter",
            "cannot ask duration_minutes with like",
        ),
        (json!({ "web_cam": { "gt": true } }), json!(null), "filter", "cannot ask web_cam with gt"),
        (json!({ "id": { "in": [] } }), json!(null), "filter", "a list of 1 to 100 values"),
        (json!({ "id": { "in": vec![1; 101] } }), json!(null), "filter", "a list of 1 to 100 values"),
        (json!([]), json!(null), "filter", "must be a JSON object"),
        (json!(null), json!([{ "restrictions": "asc" }]), "sort", "it knows: id, name, start_time, created_at"),
        (json!(null), json!([{ "name": "up" }]), "sort", "must have asc or desc for name"),
        (json!(null), json!([{ "name": "asc" }, { "name": "desc" }]), "sort", "names name twice"),
        (json!(null), json!([{ "name": "asc", "id": "asc" }]), "sort", "must be a JSON list"),
        (json!(null), json!({ "name": "asc" }), "sort", "must be a JSON list"),
    ] {
        let reply = list(&world.teacher, "/exams", &filter, &sort);
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], field, "{filter} {sort}");
        let detail = reply.json["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains(says), "{filter} {sort}: {detail}");
    }
    world.teacher.get("/exams?filter=nonsense").refused(422, "parameter_invalid");
}

#[test]
fn sql_01_values_are_bound_and_never_run() {
    let world = world();
    for evil in ["'; DROP TABLE exams; --", "\" OR 1=1 --", "%' OR '1'='1", "\\", "1) OR (1=1"] {
        for operator in ["eq", "like", "gt"] {
            let names = names(&world, json!({ "name": { operator: evil } }), Value::Null);
            assert!(operator == "gt" || names.is_empty(), "{operator} {evil}: {names:?}");
        }
        let column = list(&world.teacher, "/exams", &json!({ evil: { "eq": 1 } }), &json!([{ evil: "asc" }]));
        column.refused(422, "parameter_invalid");
    }
    list(&world.teacher, "/exams", &json!({ "name": { "eq": "a\0b" } }), &Value::Null)
        .refused(422, "parameter_invalid");
    assert_eq!(names(&world, json!({}), Value::Null).len(), 4);
}

#[test]
fn every_list_takes_a_filter_and_an_order() {
    let world = World::new();
    let things = Things::ours(&world);
    world.identity_provider(world.institute);
    world.grade_return(&things.consumer, &things.session);
    world.flag(&things.tool, &things.session);
    assert_eq!(world.launched().send(&world, scored(0.5)).status, 200);
    // Waits until it is in the log, and launches are written in their order: none comes while lists are compared.
    things.launch();
    let lists = operations().into_iter().filter(|operation| operation.id.starts_with("list_"));
    let mut called = 0;
    for operation in lists {
        let path = operation.path_of(&things);
        let all = list(&world.superuser, &path, &Value::Null, &json!([{ "id": "asc" }]));
        // What is listed stands under its own name; beside results stands what tools scored in line items of their own.
        let named = |reply: &Reply| reply.json.get(path.rsplit('/').next().unwrap()).cloned();
        let first = |reply: &Reply| reply.json.as_object().unwrap().values().next().unwrap().clone();
        let rows = |reply: &Reply| named(reply).unwrap_or_else(|| first(reply)).as_array().unwrap().clone();
        let mut backwards = rows(&all);
        backwards.reverse();
        let sorted = list(&world.superuser, &path, &Value::Null, &json!([{ "id": "desc" }]));
        assert_eq!(rows(&sorted), backwards, "{}", operation.id);
        // Launches are looked for when they have just gone wrong.
        let newest_first = operation.id == "list_launches";
        let unsorted = list(&world.superuser, &path, &Value::Null, &Value::Null);
        assert_eq!(rows(&unsorted), if newest_first { backwards } else { rows(&all) }, "{}", operation.id);
        let first = list(&world.superuser, &path, &json!({ "id": { "eq": rows(&all)[0]["id"] } }), &Value::Null);
        assert_eq!(rows(&first), rows(&all)[..1], "{}", operation.id);
        list(&world.superuser, &path, &json!({ "nothing": { "eq": 1 } }), &Value::Null)
            .refused(422, "parameter_invalid");
        called += 1;
    }
    assert!(called >= 9, "{called}");
}

#[test]
fn aut_05_a_filter_never_reaches_beyond_what_the_caller_sees() {
    let world = World::new();
    let (_, theirs) = (Things::ours(&world), Things::theirs(&world));
    for (path, id) in [
        ("/exams", &theirs.exam["id"]),
        ("/tool_providers", &theirs.tool["id"]),
        ("/lti_consumers", &theirs.consumer["id"]),
        ("/lti_platforms", &theirs.platform["id"]),
        ("/lti_resources", &theirs.resource["id"]),
        ("/student_sessions", &theirs.session["id"]),
    ] {
        let reply = list(&world.administrator, path, &json!({ "id": { "in": [id] } }), &json!([{ "id": "desc" }]));
        assert_eq!((reply.status, reply.header("x-pagination-item-count")), (200, "0"), "{path}: {}", reply.text);
    }
}
