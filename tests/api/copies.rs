//! Copies of exams: an author reuses last year's.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::attachments::files;
use crate::world::World;

impl World {
    fn copy(&self, exam: &Value) -> Value {
        let reply = self.teacher.post(&format!("/exams/{}/copy", exam["id"]), json!({}));
        let copy = reply.created("exam");
        assert_eq!(reply.header("location"), format!("/api/v3/exams/{}", copy["id"]));
        copy
    }

    fn resources(&self, exam: &Value) -> Vec<Value> {
        let list = self.teacher.get(&format!("/lti_resources?exam_id={}", exam["id"])).ok("lti_resources");
        list.as_array().unwrap().clone()
    }

    fn attachments(&self, exam: &Value) -> Vec<Value> {
        let list = self.teacher.get(&format!("/exams/{}/attachments", exam["id"])).ok("attachments");
        list.as_array().unwrap().clone()
    }

    fn content(&self, exam: &Value) -> Value {
        self.teacher.get(&format!("/exams/{}/documents", exam["id"])).ok("document")["exam_content"].clone()
    }
}

fn placeholder(resource: &Value) -> &str {
    resource["placeholder"].as_str().unwrap()
}

fn assert_is_copied(copied: &Value, original: &Value) {
    for own in ["id", "exam_id", "lti_resource_link_id", "placeholder", "created_at", "updated_at"] {
        assert_ne!(copied[own], original[own], "{own}");
    }
    for kept in [
        "tool_provider_id",
        "tool_deployment_id",
        "lti_resource_link_name",
        "lti_resource_launch_url",
        "lti_custom_data",
        "open_in_new_tab",
        "available_start_time",
        "available_end_time",
        "submission_start_time",
        "submission_end_time",
    ] {
        assert_eq!(copied[kept], original[kept], "{kept}");
    }
}

#[test]
fn a_copy_is_a_draft_with_tools_and_instructions_of_its_own() {
    let world = World::new();
    let (exam, tool) = (world.exam(), world.tool_provider());
    let path = format!("/exams/{}", exam["id"]);
    let settings = json!({ "web_cam": true, "terms": "Be fair.", "allow_websites": true, "end_time": "2027-01-01" });
    world.teacher.patch(&path, settings).ok("exam");
    let resources = [world.lti_resource(&exam, &tool), world.lti_resource(&exam, &tool)];
    let change = json!({
        "lti_custom_data": "{\"course\":\"A1\"}", "open_in_new_tab": true,
        "available_start_time": "2026-12-01", "available_end_time": "2026-12-05",
        "submission_start_time": "2026-12-02", "submission_end_time": "2026-12-04",
    });
    let grade = json!({
        "line_item_label": "Grade", "line_item_maximum": 12.5, "line_item_tag": "final", "line_item_resource_id": "r-1",
    });
    for fields in [&change, &grade] {
        world.teacher.patch(&format!("/lti_resources/{}", resources[1]["id"]), fields.clone()).ok("lti_resource");
    }
    let [first, second] = resources.each_ref().map(placeholder);
    let instructions = |first: &str, second: &str| format!("<p>é {{{first}}}</p>\n<b>{second}.</b> {{{first}}} &amp;");
    world.document(&exam, &instructions(first, second));
    world.publish(&exam);
    world.student_session(&exam);
    let exam = world.teacher.get(&path).ok("exam");

    world.wait(60_000);
    let copy = world.copy(&exam);
    for own in ["id", "token", "created_at", "updated_at", "status", "published"] {
        assert_ne!(copy[own], exam[own], "{own}");
    }
    assert_eq!((&copy["status"], &copy["published"]), (&json!("draft"), &json!(false)));
    let mut same = copy.clone();
    for own in ["id", "token", "created_at", "updated_at", "status", "published"] {
        same[own] = exam[own].clone();
    }
    assert_eq!(same, exam);

    let copies = world.resources(&copy);
    assert_eq!(copies.len(), 2);
    for (copied, original) in copies.iter().zip(world.resources(&exam)) {
        assert_is_copied(copied, &original);
    }
    for (name, value) in grade.as_object().unwrap() {
        assert_eq!(copies[1][name], *value, "{name}");
    }
    assert_eq!(world.content(&copy), instructions(placeholder(&copies[0]), placeholder(&copies[1])));
    assert_eq!(world.content(&exam), instructions(first, second));
    let students = world.teacher.get(&format!("/exams/{}/student_sessions", copy["id"])).ok("students");
    assert_eq!(students, json!([]));
    world.publish(&copy);
}

#[test]
fn a_copy_belongs_to_who_made_it_and_not_to_comanagers() {
    let world = World::new();
    let exam = world.exam();
    let path = format!("/exams/{}/copy", exam["id"]);
    world.colleague.post(&path, json!({})).refused(404, "not_found");
    world.proctor.post(&path, json!({})).refused(403, "forbidden");
    let comanager = json!({ "comanager_id": world.colleague.id });
    world.teacher.call("PUT", &format!("/exams/{}/add_comanager", exam["id"]), comanager).send().ok("comanager");
    let copy = world.colleague.post(&path, json!({})).created("exam");
    assert_eq!(copy["user_id"], world.colleague.id);
    world.teacher.get(&format!("/exams/{}", copy["id"])).refused(404, "not_found");
    world.teacher.post(&path, json!({ "name": "Again" })).refused(422, "parameter_invalid");
    let copy = world.superuser.post(&path, json!({})).created("exam");
    assert_eq!((&copy["institute_id"], &copy["user_id"]), (&json!(world.institute), &json!(world.superuser.id)));
}

#[test]
fn a_placeholder_of_nothing_stays_one_in_the_copy_which_is_not_published_so() {
    let world = World::new();
    let (exam, tool) = (world.exam(), world.tool_provider());
    let (lost, kept) = (world.lti_resource(&exam, &tool), world.lti_resource(&exam, &tool));
    world.document(&exam, &format!("<p>{} {}</p>", placeholder(&lost), placeholder(&kept)));
    world.teacher.delete(&format!("/lti_resources/{}", lost["id"])).ok("");
    let copy = world.copy(&exam);
    let copied = world.resources(&copy);
    assert_eq!(world.content(&copy), format!("<p>{} {}</p>", placeholder(&lost), placeholder(&copied[0])));
    let reply = world.teacher.post(&format!("/exams/{}/publish", copy["id"]), json!({}));
    reply.refused(422, "parameter_invalid");
    assert_eq!(reply.json["errors"][0]["code"], "placeholder_unknown");
}

#[test]
fn an_exam_without_instructions_is_copied_without() {
    let world = World::new();
    let copy = world.copy(&world.exam());
    world.teacher.get(&format!("/exams/{}/documents", copy["id"])).refused(404, "not_found");
    assert_eq!(world.resources(&copy), Vec::<Value>::new());
}

/// The contents of the files on the disk, each with how often it is there.
fn contents(world: &World) -> Vec<Vec<u8>> {
    let mut contents: Vec<Vec<u8>> = files(&world.database).into_iter().map(|(_, content)| content).collect();
    contents.sort();
    contents
}

#[test]
fn a_copy_has_files_of_its_own_and_its_instructions_show_those() {
    let world = World::new();
    let exam = world.exam();
    let first = world.attachment(&exam, "plan.txt", "text/plain", "first");
    world.wait(1_000);
    let second = world.attachment(&exam, "plan.txt", "text/plain", "second");
    let instructions = |first: &str, second: &str| format!("<p>{{{first}}} &amp; {{{second}}} {{1_none.txt}}</p>");
    world.document(&exam, &instructions(placeholder(&first), placeholder(&second)));

    world.wait(60_000);
    let copy = world.copy(&exam);
    let copies = world.attachments(&copy);
    assert_eq!(copies.len(), 2);
    for (copied, original) in copies.iter().zip(world.attachments(&exam)) {
        for own in ["id", "exam_id", "placeholder", "created_at", "updated_at", "document_updated_at"] {
            assert_ne!(copied[own], original[own], "{own}");
        }
        for kept in ["document_file_name", "document_content_type", "document_file_size"] {
            assert_eq!(copied[kept], original[kept], "{kept}");
        }
    }
    let [one, other] = [0, 1].map(|at| placeholder(&copies[at]));
    assert_eq!((one, other), ("1795677654_plan.txt", "1795677655_plan.txt"), "of one name, but not of one placeholder");
    assert_eq!(world.content(&copy), instructions(one, other));
    assert_eq!(world.content(&exam), instructions(placeholder(&first), placeholder(&second)));
    assert_eq!(contents(&world), [b"first".as_slice(), b"first", b"second", b"second"]);

    for original in [&first, &second] {
        let path = format!("/exams/{}/attachments/{}", exam["id"], original["id"]);
        world.teacher.delete(&path).ok("");
    }
    assert_eq!(contents(&world), [b"first".as_slice(), b"second"]);
    world.publish(&copy);
    let home = world.started(&world.student_session(&copy));
    for (copied, text) in copies.iter().zip(["first", "second"]) {
        let link = format!("{home}/attachments/{}", copied["id"]);
        assert!(world.page(&home).text.contains(&link));
        assert_eq!(world.page(&link).text, text);
    }
}

#[test]
fn a_copy_whose_files_find_no_room_is_not_made() {
    let world = World::with(World::standing_clock(), |settings| settings.attachment_quota_megabytes = 1);
    let exam = world.exam();
    world.attachment(&exam, "a.txt", "text/plain", vec![b'a'; 300_000]);
    world.attachment(&exam, "b.txt", "text/plain", vec![b'b'; 300_000]);
    let exams = world.database.rows("exams");
    let call = || world.teacher.call("POST", &format!("/exams/{}/copy", exam["id"]), json!({}));
    let reply = call().send();
    reply.refused(422, "parameter_invalid");
    assert_eq!(reply.json["errors"][0]["code"], "quota_exceeded");
    assert!(reply.json["detail"].as_str().unwrap().contains("448576 of 1048576 bytes"), "{}", reply.text);
    assert_eq!((world.database.rows("exams"), world.database.rows("attachments")), (exams, 2));
    assert_eq!(files(&world.database).len(), 2);
}

#[test]
fn a_copy_asked_for_again_copies_no_file_again() {
    let world = World::new();
    let exam = world.exam();
    world.attachment(&exam, "a.txt", "text/plain", "a");
    let ask =
        || world.teacher.call("POST", &format!("/exams/{}/copy", exam["id"]), json!({})).header("Idempotency-Key", "k");
    let first = ask().send().created("exam");
    assert_eq!(ask().send().created("exam"), first);
    world.colleague.post(&format!("/exams/{}/copy", exam["id"]), json!({})).refused(404, "not_found");
    assert_eq!((world.database.rows("attachments"), files(&world.database).len()), (2, 2));
}

/// Files come and go while their exam is copied: whatever is answered, each row has its file and each file its row.
#[test]
fn copies_of_an_exam_whose_files_change_meanwhile_are_whole_or_none() {
    let world = World::new();
    let exam = world.exam();
    world.attachment(&exam, "first.txt", "text/plain", "first");
    let made = std::thread::scope(|scope| {
        let copying = scope.spawn(|| {
            let path = format!("/exams/{}/copy", exam["id"]);
            let replies = (0..40).map(|_| world.teacher.post(&path, json!({})));
            replies.filter(|reply| reply.status == 201 || reply.refused(409, "conflict").status == 201).count()
        });
        let mut number = 0;
        while !copying.is_finished() {
            number += 1;
            let added = world.attachment(&exam, &format!("{number}.txt"), "text/plain", "more");
            world.teacher.delete(&format!("/exams/{}/attachments/{}", exam["id"], added["id"])).ok("");
        }
        copying.join().unwrap()
    });
    println!("{made} of 40 copies were made");
    let named = world.database.texts("SELECT stored_name AS text FROM attachments");
    let on_disk: BTreeSet<String> = files(&world.database).into_iter().map(|(name, _)| name).collect();
    assert_eq!(named.into_iter().collect::<BTreeSet<_>>(), on_disk);
    assert_eq!(world.database.rows("exams"), i64::try_from(made).unwrap() + 1);
}
