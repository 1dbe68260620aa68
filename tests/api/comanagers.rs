//! Comanagers: teachers who author an exam together.

use serde_json::{Value, json};

use crate::world::{Reply, World, assert_members};

const FIELDS: &str = "id email name role disabled institute_id institute_name created_at updated_at omniauth_config_id \
    receives_reports report_frequency last_used_at require_message_signature";

impl World {
    fn add_comanager(&self, exam: &Value, id: impl Into<Value>) -> Reply {
        let path = format!("/exams/{}/add_comanager", exam["id"]);
        self.teacher.call("PUT", &path, json!({ "comanager_id": id.into() })).send()
    }

    fn remove_comanager(&self, exam: &Value, id: impl Into<Value>) -> Reply {
        let path = format!("/exams/{}/remove_comanager", exam["id"]);
        self.teacher.call("DELETE", &path, json!({ "comanager_id": id.into() })).send()
    }
}

#[test]
fn a_comanager_sees_and_changes_an_exam_and_all_that_hangs_on_it_until_removed() {
    let world = World::new();
    let (exam, tool) = (world.exam(), world.tool_provider());
    let resource = world.lti_resource(&exam, &tool);
    let document = world.document(&exam, "<p>Read.</p>");
    let session = world.student_session(&exam);
    let path = format!("/exams/{}", exam["id"]);
    let reach = [
        path.clone(),
        format!("{path}/documents/{}", document["id"]),
        format!("{path}/student_sessions"),
        format!("/lti_resources/{}", resource["id"]),
        format!("/student_sessions/{}", session["id"]),
    ];
    let lists = ["exams", "lti_resources", "student_sessions"];
    let seen = |list: &str| {
        let reply = world.colleague.get(&format!("/{list}"));
        (reply.header("x-pagination-item-count").to_owned(), reply.status)
    };
    let sees = |status: u16, rows: &str| {
        for path in &reach {
            assert_eq!(world.colleague.get(path).status, status, "{path}");
        }
        for list in lists {
            assert_eq!(seen(list), (rows.to_owned(), 200), "{list}");
        }
    };
    sees(404, "0");
    let comanager = world.add_comanager(&exam, world.colleague.id).ok("comanager");
    assert_members(&comanager, FIELDS);
    assert_eq!((&comanager["id"], &comanager["name"]), (&json!(world.colleague.id), &json!("colleague")));
    sees(200, "1");
    let changed = world.colleague.patch(&path, json!({ "name": "Geometry" })).ok("exam");
    assert_eq!((&changed["name"], &changed["user_id"]), (&json!("Geometry"), &json!(world.teacher.id)));
    let content = json!({ "exam_content": format!("{{{}}}", resource["placeholder"].as_str().unwrap()) });
    world.colleague.post(&format!("{path}/documents"), content).created("document");
    world.colleague.post(&format!("{path}/publish"), json!({})).ok("exam");
    let new = json!({ "lti_resource_link_name": "Quiz", "exam_id": exam["id"], "tool_provider_id": tool["id"] });
    let added = world.colleague.post("/lti_resources", new).created("lti_resource");
    world.colleague.delete(&format!("/lti_resources/{}", added["id"])).ok("");
    assert_eq!(world.remove_comanager(&exam, world.colleague.id).ok("comanager")["id"], world.colleague.id);
    sees(404, "0");
    world.teacher.get(&path).ok("exam");
}

#[test]
fn a_list_shows_own_and_comanaged_exams_once_and_in_their_order() {
    let world = World::new();
    let own = |person: &crate::world::Person| {
        person.post("/exams", json!({ "name": "Algebra", "type": "demo" })).created("exam")
    };
    let exams = [own(&world.colleague), own(&world.teacher), own(&world.colleague), own(&world.teacher)];
    for exam in [&exams[1], &exams[3]] {
        world.add_comanager(exam, world.colleague.id).ok("comanager");
    }
    world.add_comanager(&exams[1], world.colleague.id).ok("comanager");
    let ids = |path: &str| {
        let list = world.colleague.get(path).ok("exams");
        list.as_array().unwrap().iter().map(|exam| exam["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let all: Vec<i64> = exams.iter().map(|exam| exam["id"].as_i64().unwrap()).collect();
    assert_eq!(ids("/exams"), all);
    assert_eq!(ids("/exams?limit=2&page=2"), all[2..]);
    assert_eq!(world.colleague.get("/exams").header("x-pagination-item-count"), "4");
    world.publish(&exams[3]);
    assert_eq!(ids("/exams?status=open"), all[3..]);
    assert_eq!(world.teacher.get("/exams").header("x-pagination-item-count"), "2");
}

#[test]
fn only_an_author_of_the_institute_becomes_a_comanager() {
    let world = World::new();
    let exam = world.exam();
    for id in [world.proctor.id, world.auditor.id, world.stranger.id, world.superuser.id, world.teacher.id, 999_999] {
        let reply = world.add_comanager(&exam, id);
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], "comanager_id", "{id}");
    }
    world.add_comanager(&exam, world.administrator.id).ok("comanager");
    for (wrong, code) in [(json!("somebody"), "parameter_invalid"), (json!(""), "parameter_missing")] {
        world.add_comanager(&exam, wrong.clone()).refused(422, code);
        world.remove_comanager(&exam, wrong).refused(422, code);
    }
    let reply = world.remove_comanager(&exam, world.colleague.id);
    reply.refused(422, "parameter_invalid");
    assert_eq!(reply.json["error"], json!({ "comanager_id": ["is not a comanager of this exam"] }));
    world.remove_comanager(&json!({ "id": 999 }), world.colleague.id).refused(404, "not_found");
}

#[test]
fn a_comanager_who_becomes_a_proctor_is_no_author_any_more() {
    let world = World::new();
    let exam = world.exam();
    world.add_comanager(&exam, world.colleague.id).ok("comanager");
    let user = format!("/institutes/{}/users/{}", world.institute, world.colleague.id);
    world.administrator.patch(&user, json!({ "role": "proctor" })).ok("user");
    let path = format!("/exams/{}", exam["id"]);
    world.colleague.get(&path).ok("exam");
    world.colleague.patch(&path, json!({ "name": "X" })).refused(403, "forbidden");
    // A comanager is deleted like anybody who created no exam.
    world.administrator.delete(&user).ok("");
    world.teacher.get(&path).ok("exam");
}
