//! Documents: an exam's instructions, kept to the byte and checked for placeholders that no student could use.

use serde_json::{Value, json};

use crate::world::{Reply, World, assert_members};

const FIELDS: &str = "id exam_content created_at updated_at exam_id file_file_name file_content_type file_file_size \
    file_updated_at file_processing";

fn documents(exam: &Value) -> String {
    format!("/exams/{}/documents", exam["id"])
}

impl World {
    fn write(&self, exam: &Value, content: &str) -> Reply {
        self.teacher.post(&documents(exam), json!({ "exam_content": content }))
    }
}

#[test]
fn instructions_are_written_read_changed_and_deleted() {
    let world = World::new();
    let exam = world.exam();
    let reply = world.write(&exam, "<p>Read first.</p>");
    let document = reply.created("document");
    assert_members(&document, FIELDS);
    let path = format!("{}/{}", documents(&exam), document["id"]);
    assert_eq!(reply.header("location"), format!("/api/v3{path}"));
    assert_eq!(world.teacher.get(&documents(&exam)).ok("document"), document);
    assert_eq!(world.teacher.get(&path).ok("document"), document);
    for method in ["PUT", "PATCH"] {
        let change = json!({ "exam_content": method });
        assert_eq!(world.teacher.call(method, &path, change).send().ok("document")["exam_content"], method);
    }
    assert_eq!(world.teacher.delete(&path).json, json!({}));
    world.teacher.get(&documents(&exam)).refused(404, "not_found");
    world.teacher.get(&path).refused(404, "not_found");
}

#[test]
fn instructions_are_stored_to_the_byte() {
    let world = World::new();
    let exam = world.exam();
    let long = "x".repeat(100_000);
    for content in [
        "<p>Élève: 100% prêt? a=b & c</p>\n",
        "e\u{301} is not composed, \r\n\ttabs and 🦀 stay",
        "<script>alert(1)</script><b onclick=x>bold",
        "  spaces around  ",
        long.as_str(),
    ] {
        assert_eq!(world.write(&exam, content).created("document")["exam_content"], content);
        assert_eq!(world.teacher.get(&documents(&exam)).ok("document")["exam_content"], content);
    }
    let form = world.teacher.call("POST", &documents(&exam), json!({ "exam_content": "a+b %20 \u{e9}" })).as_form();
    assert_eq!(form.send().created("document")["exam_content"], "a+b %20 \u{e9}");
}

#[test]
fn a_second_post_replaces_what_the_first_wrote() {
    let world = World::new();
    let exam = world.exam();
    let first = world.write(&exam, "first").created("document");
    world.wait(1_000);
    let second = world.write(&exam, "second").created("document");
    assert_eq!((&second["id"], &second["created_at"]), (&first["id"], &first["created_at"]));
    assert_eq!(
        (&second["exam_content"], &second["updated_at"]),
        (&json!("second"), &json!("2026-11-26T07:19:54.143Z"))
    );
}

#[test]
fn content_is_required_and_has_an_end() {
    let world = World::new();
    let exam = world.exam();
    for empty in [json!({}), json!({ "exam_content": "" }), json!({ "exam_content": null })] {
        let reply = world.teacher.post(&documents(&exam), empty);
        reply.refused(422, "parameter_missing");
        assert_eq!(reply.json["error"], "Param is missing or the value is empty: exam_content");
    }
    let reply = world.write(&exam, &"x".repeat(500_001));
    reply.refused(422, "parameter_invalid");
    assert_eq!(reply.json["error"], json!({ "exam_content": ["is longer than 500000 characters"] }));
}

#[test]
fn a_placeholder_that_no_student_could_use_is_refused_with_its_position() {
    let world = World::new();
    let (exam, other, tool) = (world.exam(), world.exam(), world.tool_provider());
    let (own, foreign) =
        (world.lti_resource(&exam, &tool)["id"].clone(), world.lti_resource(&other, &tool)["id"].clone());
    let cases = [
        (format!("<p>Élan</p>\n{{LTI_EXAM_{foreign}}}"), "placeholder_unknown", "line 2, column 1 (character 12)"),
        ("See LTI_EXAM_999.".into(), "placeholder_unknown", "line 1, column 5 (character 4)"),
        (format!("LTI_<b>EXAM_{own}</b>"), "placeholder_split", "line 1, column 1 (character 0)"),
        (format!("<p>lti_exam_{own}</p>"), "placeholder_malformed", "line 1, column 4 (character 3)"),
        (format!("<!-- LTI_EXAM_{own} -->"), "placeholder_hidden", "line 1, column 6 (character 5)"),
    ];
    for (content, code, position) in cases {
        let reply = world.write(&exam, &content);
        reply.refused(422, "parameter_invalid");
        let error = &reply.json["errors"][0];
        assert_eq!((error["field"].as_str(), error["code"].as_str()), (Some("exam_content"), Some(code)), "{content}");
        assert!(error["detail"].as_str().unwrap().ends_with(&format!("At {position}.")), "{}", reply.text);
    }
    world.teacher.get(&documents(&exam)).refused(404, "not_found");
    let good = format!("<p>LTI_EXAM_{own} and again {{LTI_EXAM_{own}}}</p>");
    let document = world.write(&exam, &good).created("document");
    let path = format!("{}/{}", documents(&exam), document["id"]);
    world.teacher.patch(&path, json!({ "exam_content": "LTI_EXAM_999" })).refused(422, "parameter_invalid");
    assert_eq!(world.teacher.get(&path).ok("document")["exam_content"], good);
}

#[test]
fn instructions_are_read_by_those_who_see_inside_the_exam() {
    let world = World::new();
    let exam = world.exam();
    let document = world.document(&exam, "secret questions");
    for reader in [&world.administrator, &world.auditor, &world.superuser] {
        reader.get(&documents(&exam)).ok("document");
    }
    for other in [&world.proctor, &world.reviewer] {
        other.get(&documents(&exam)).refused(403, "forbidden");
    }
    for outsider in [&world.colleague, &world.stranger] {
        outsider.get(&documents(&exam)).refused(404, "not_found");
        outsider.post(&documents(&exam), json!({ "exam_content": "mine" })).refused(404, "not_found");
    }
    let elsewhere = format!("{}/{}", documents(&world.exam()), document["id"]);
    world.teacher.get(&elsewhere).refused(404, "not_found");
    world.auditor.post(&documents(&exam), json!({ "exam_content": "x" })).refused(403, "forbidden");
}
