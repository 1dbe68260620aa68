//! Results as those see and give them who teach and review.

use serde_json::{Value, json};

use crate::world::launched::{Launched, scored};
use crate::world::operations::Things;
use crate::world::{World, assert_members};

const MEMBERS: &str = "id student_session_id name external_id attempt exam_id lti_resource_id lti_resource_link_name \
    score total_score text url launch_url submitted_at needs_review comment late graded_by user_id history created_at \
    updated_at";

fn grade(world: &World, tool: &Launched, fields: Value) -> crate::world::Reply {
    let path = format!("/student_sessions/{}/results", tool.session["id"]);
    let mut fields = fields;
    fields["lti_resource_id"] = tool.resource["id"].clone();
    world.reviewer.post(&path, fields)
}

#[test]
fn a_reviewer_grades_a_student_before_any_tool_does() {
    let world = World::new();
    let tool = world.launched();
    let result =
        grade(&world, &tool, json!({ "score": 0.7, "comment": "Fine", "total_score": "14" })).created("result");
    assert_members(&result, MEMBERS);
    for (name, value) in [
        ("score", json!(0.7)),
        ("total_score", json!(14.0)),
        ("comment", json!("Fine")),
        ("graded_by", json!("person")),
        ("user_id", json!(world.reviewer.id)),
    ] {
        assert_eq!(result[name], value, "{name}");
    }
    assert_eq!(tool.score(&world), "0.7", "the tool reads it");
    let again = grade(&world, &tool, json!({ "score": 0.8 })).created("result");
    assert_eq!((&again["id"], &again["score"], &again["comment"]), (&result["id"], &json!(0.8), &json!("Fine")));
    assert_eq!(again["history"].as_array().unwrap().len(), 2);
}

#[test]
fn a_result_is_changed_field_by_field_and_nothing_sent_is_nothing_changed() {
    let world = World::new();
    let tool = world.launched();
    assert_eq!(tool.send(&world, scored(0.4)).status, 200);
    let path = format!("/results/{}", tool.result(&world).unwrap()["id"]);
    let same = world.teacher.patch(&path, json!({})).ok("result");
    assert_eq!((&same["graded_by"], same["history"].as_array().unwrap().len()), (&json!("tool"), 1));
    let noted = world.teacher.patch(&path, json!({ "comment": "Look at 3b", "needs_review": true })).ok("result");
    assert_eq!(
        (&noted["graded_by"], &noted["score"], &noted["needs_review"]),
        (&json!("tool"), &json!(0.4), &json!(true))
    );
    let graded = world.teacher.patch(&path, json!({ "score": 1, "needs_review": false })).ok("result");
    assert_eq!((&graded["graded_by"], &graded["user_id"]), (&json!("person"), &json!(world.teacher.id)));
    let cleared = world.teacher.call("PUT", &path, json!({ "score": null })).send().ok("result");
    assert_eq!((&cleared["score"], &cleared["graded_by"]), (&Value::Null, &Value::Null));
    let operations: Vec<&Value> =
        cleared["history"].as_array().unwrap().iter().map(|change| &change["operation"]).collect();
    assert_eq!(operations, ["delete", "replace", "replace", "replace"]);
    assert_eq!(world.teacher.get(&path).ok("result"), cleared);
}

#[test]
fn grades_are_decimal_numbers_and_links_are_of_the_exam() {
    let world = World::new();
    let tool = world.launched();
    for score in [json!("-0.1"), json!(1.1), json!("NaN"), json!("inf"), json!("0,5"), json!("1 "), json!("0x1")] {
        let reply = grade(&world, &tool, json!({ "score": score }));
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], "score", "{score}");
    }
    grade(&world, &tool, json!({ "total_score": -1 })).refused(422, "parameter_invalid");
    let path = format!("/student_sessions/{}/results", tool.session["id"]);
    let elsewhere = world.lti_resource(&world.exam(), &tool.tool);
    let theirs = Things::theirs(&world).resource;
    for link in [&elsewhere["id"], &theirs["id"], &json!(999_999)] {
        let reply = world.reviewer.post(&path, json!({ "lti_resource_id": link, "score": 1 }));
        assert_eq!(reply.refused(422, "parameter_invalid").json["errors"][0]["field"], "lti_resource_id");
    }
    let id = grade(&world, &tool, json!({ "score": 1 })).created("result")["id"].clone();
    let moved = world.teacher.patch(&format!("/results/{id}"), json!({ "lti_resource_id": elsewhere["id"] }));
    moved.refused(422, "parameter_invalid");
}

#[test]
fn an_exams_results_are_a_list_with_pages_filters_and_orders() {
    let world = World::new();
    let tool = world.launched();
    for (number, score) in [(1, 0.2), (2, 0.9), (3, 0.5)] {
        let session = world.student_session_named(&tool.exam, &format!("s{number}@example.edu"));
        let other = world.launched_into(tool.exam.clone(), tool.tool.clone(), tool.resource.clone(), session);
        world.wait(1_000);
        assert_eq!(other.send(&world, scored(score)).status, 200);
    }
    let path = format!("/exams/{}/results", tool.exam["id"]);
    let scores = |fields: Value| {
        let reply = world.teacher.call("GET", &path, fields).send();
        let results = reply.ok("results");
        results.as_array().unwrap().iter().map(|result| result["score"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(scores(json!({})), [json!(0.2), json!(0.9), json!(0.5)]);
    assert_eq!(scores(json!({ "sort": "[{\"updated_at\":\"desc\"}]", "limit": 2 })), [json!(0.5), json!(0.9)]);
    assert!(scores(json!({ "filter": "{\"graded_by\":{\"eq\":\"person\"}}" })).is_empty());
    world.colleague.get(&path).refused(404, "not_found");
    world.proctor.get(&path).refused(403, "forbidden");
}

#[test]
fn a_file_for_spreadsheets_holds_all_results_and_no_formula() {
    let world = World::new();
    let tool = world.launched();
    let formula = "=HYPERLINK(\"http://evil.example\",\"click\")";
    grade(&world, &tool, json!({ "score": 0.83, "comment": formula })).created("result");
    let session = format!("/student_sessions/{}", tool.session["id"]);
    world.teacher.patch(&session, json!({ "name": "@Sam, \"S\"", "external_id": "+1" })).ok("student");
    let path = format!("/exams/{}/results", tool.exam["id"]);
    let reply = world.teacher.call("GET", &path, json!({ "format": "csv" })).send();
    assert_eq!((reply.status, reply.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert!(reply.header("content-disposition").starts_with("attachment; filename=\"exam-"));
    let mut file = csv::Reader::from_reader(reply.text.as_bytes());
    let headers = file.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = file.records().map(Result::unwrap).collect();
    let cell = |name: &str| rows[0][headers.iter().position(|header| header == name).unwrap()].to_owned();
    assert_eq!(rows.len(), 1);
    for (name, value) in [
        ("name", "'@Sam, \"S\""),
        ("external_id", "'+1"),
        ("comment", &format!("'{formula}")),
        ("score", "0.83"),
        ("email", "sam@example.edu"),
        ("graded_by", "person"),
        ("late", "false"),
    ] {
        assert_eq!(cell(name), value);
    }
    world.teacher.call("GET", &path, json!({ "format": "xls" })).send().refused(422, "parameter_invalid");
}

#[test]
fn what_has_results_is_not_deleted_with_them() {
    let world = World::new();
    let tool = world.launched();
    assert_eq!(tool.send(&world, scored(0.4)).status, 200);
    tool.set(&world, json!({ "status": "closed" }));
    let (link, provider) =
        (format!("/lti_resources/{}", tool.resource["id"]), format!("/tool_providers/{}", tool.tool["id"]));
    world.teacher.delete(&link).refused(409, "conflict");
    world.administrator.delete(&provider).refused(409, "conflict");
    assert_eq!(tool.score(&world), "0.4");
    assert_eq!(world.teacher.delete(&format!("/student_sessions/{}", tool.session["id"])).status, 200);
    assert_eq!(world.database.texts("SELECT CAST(COUNT(*) AS TEXT) AS text FROM result_changes"), ["0"]);
    assert_eq!(world.teacher.delete(&link).status, 200);
    assert_eq!(world.administrator.delete(&provider).status, 200);
}

#[test]
fn a_copy_of_an_exam_takes_late_results_as_the_exam_does() {
    let world = World::new();
    let exam = world.exam();
    assert_eq!(exam["accept_late_results"], true);
    let path = format!("/exams/{}", exam["id"]);
    world.teacher.patch(&path, json!({ "accept_late_results": false })).ok("exam");
    let copy = world.teacher.post(&format!("{path}/copy"), json!({})).created("exam");
    assert_eq!(copy["accept_late_results"], false);
}
