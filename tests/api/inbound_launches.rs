//! Launches from an LMS: who comes gets to their exam, and nobody else does.

mod choices;
mod log;
mod messages;
mod refused;

use serde_json::{Value, json};

use crate::world::World;
use crate::world::lms::{instructor, learner, with};

const ORIGIN: &str = "https://lms.example.edu";

/// The sessions of an exam, as its teacher sees them.
fn sessions(world: &World, exam: &Value) -> Vec<Value> {
    let path = format!("/exams/{}/student_sessions", exam["id"]);
    world.teacher.get(&path).ok("students").as_array().unwrap().clone()
}

#[test]
fn a_learner_takes_the_exam_by_the_link_of_the_launch_alone() {
    let world = World::new();
    let (exam, lms) = world.lms_of_exam(json!({ "frame_origins": [ORIGIN] }));
    let home = world.sent_by_lms(&lms, &learner());
    let page = world.page(&home);
    assert!(page.text.contains("Algebra") && page.text.contains("Sam Student"), "{}", page.text);
    assert!(page.headers.get("set-cookie").is_none() && page.header("referrer-policy") == "no-referrer");
    assert!(page.header("content-security-policy").contains(&format!("frame-ancestors 'self' {ORIGIN}")));
    let [session] = &sessions(&world, &exam)[..] else { panic!("one session") };
    assert_eq!((&session["name"], &session["email"]), (&json!("Sam Student"), &json!("sam@example.edu")));
    assert_eq!((&session["external_id"], &session["status"]), (&json!("user-1"), &json!("exam_not_started")));
    assert!(!home.contains(session["token"].as_str().unwrap()), "the student's own link stays with the institute");
    assert_eq!(world.press(&format!("{home}/start")).header("location"), format!("{home}"));
    assert!(world.page(&home).text.contains("Running"));
    assert_eq!(world.press(&format!("{home}/finish")).status, 303);
    assert_eq!(sessions(&world, &exam)[0]["status"], "exam_finished");
    let stored = world.database.texts("SELECT token_hash AS text FROM lti_visits");
    assert!(!home.contains(&stored[0]), "only the hash of the link is kept");
}

#[test]
fn web_01_pages_that_come_from_no_lms_are_framed_by_nobody() {
    let world = World::new();
    let (exam, lms) = world.lms_of_exam(json!({}));
    world.sent_by_lms(&lms, &learner());
    let other = world.lms(json!({ "exam_id": exam["id"], "frame_origins": [ORIGIN] }));
    for (path, ancestors) in [
        (world.sent_by_lms(&lms, &learner()), "'none'"),
        (world.sent_by_lms(&lms, &instructor()), "'none'"),
        (world.sent_by_lms(&other, &instructor()), "'self' https://lms.example.edu"),
    ] {
        let page = world.page(&path);
        let policy = page.header("content-security-policy");
        assert!(policy.ends_with(&format!("frame-ancestors {ancestors}")), "{path}: {policy}");
    }
}

#[test]
fn the_tool_inside_an_exam_inside_an_lms_is_framed_by_both() {
    let world = World::new();
    let exam = world.exam();
    let resource = world.lti_resource(&exam, &world.tool_provider());
    world.publish(&exam);
    let lms = world.lms(json!({ "exam_id": exam["id"], "frame_origins": [ORIGIN] }));
    let home = world.sent_by_lms(&lms, &learner());
    let launch = format!("{home}/launch/{}", resource["id"]);
    let refused = world.page(&launch);
    assert_eq!(refused.status, 403);
    world.press(&format!("{home}/start"));
    let launched = world.page(&launch);
    assert_eq!(launched.status, 200);
    for page in [refused, launched] {
        assert!(page.header("content-security-policy").ends_with(&format!("frame-ancestors 'self' {ORIGIN}")));
    }
}

#[test]
fn who_comes_again_comes_back_to_the_same_session() {
    let world = World::new();
    let (exam, lms) = world.lms_of_exam(json!({}));
    let first = world.sent_by_lms(&lms, &learner());
    world.press(&format!("{first}/start"));
    let renamed = json!({ "lis_person_contact_email_primary": "s.student@example.edu", "resource_link_id": "link-2" });
    let second = world.sent_by_lms(&lms, &with(&learner(), renamed));
    assert_ne!(first, second);
    assert!(world.page(&second).text.contains("Running"));
    assert_eq!(sessions(&world, &exam).len(), 1);
    let other = json!({ "user_id": "user-2", "lis_person_contact_email_primary": "kim@example.edu" });
    assert!(world.page_of_launch(&lms, &with(&learner(), other)).text.contains("Ready to start"));
    assert_eq!(sessions(&world, &exam).len(), 2);
}

#[test]
fn the_link_of_a_launch_opens_for_twelve_hours() {
    let world = World::new();
    let (_, lms) = world.lms_of_exam(json!({}));
    let home = world.sent_by_lms(&lms, &learner());
    world.wait(12 * 3_600_000 - 1_000);
    assert_eq!(world.page(&home).status, 200);
    world.wait(1_000);
    assert_eq!(world.page(&home).status, 404);
    assert_eq!(world.press(&format!("{home}/start")).status, 404);
    let again = world.sent_by_lms(&lms, &learner());
    assert_eq!(world.page(&again).status, 200);
    assert_eq!(world.database.rows("lti_visits"), 1, "what is over is forgotten");
}

#[test]
fn a_student_whom_the_institute_registered_is_known_by_the_address() {
    let world = World::new();
    let (exam, lms) = world.lms_of_exam(json!({}));
    let registered = world.student_session(&exam);
    world.sent_by_lms(&lms, &learner());
    let [session] = &sessions(&world, &exam)[..] else { panic!("one session") };
    assert_eq!(session["id"], registered["id"]);
    // Somebody else of the same LMS with the same address is somebody else, to tools too.
    world.sent_by_lms(&lms, &with(&learner(), json!({ "user_id": "user-2" })));
    let both = sessions(&world, &exam);
    assert_eq!((both.len(), &both[1]["attempt"]), (2, &json!(2)));
    assert_ne!(both[0]["student_id"], both[1]["student_id"]);
}

#[test]
fn the_next_launch_opens_the_attempt_that_staff_gave() {
    let world = World::new();
    let (exam, lms) = world.lms_of_exam(json!({}));
    let home = world.sent_by_lms(&lms, &learner());
    world.press(&format!("{home}/start"));
    world.press(&format!("{home}/finish"));
    assert!(world.page_of_launch(&lms, &learner()).text.contains("Finished"));
    world.student_session(&exam);
    assert!(world.page_of_launch(&lms, &learner()).text.contains("Ready to start"));
    assert_eq!(sessions(&world, &exam).len(), 2);
}

#[test]
fn an_lms_student_is_found_by_what_the_lms_knows() {
    let world = World::new();
    let (exam, lms) = world.lms_of_exam(json!({}));
    world.sent_by_lms(&lms, &with(&learner(), json!({ "lis_person_sourcedid": "2015123" })));
    let find = |student: &str, link: &str| {
        let path = format!("/exams/{}/show_lti_student?student_lms_id={student}&resource_link_id={link}", exam["id"]);
        world.teacher.get(&path)
    };
    let session = sessions(&world, &exam)[0].clone();
    for student in ["user-1", "2015123", session["student_id"].as_str().unwrap()] {
        assert_eq!(find(student, "link-1").ok("student"), session, "{student}");
    }
    find("user-2", "link-1").refused(404, "not_found");
    find("user-1", "link-2").refused(404, "not_found");
}

#[test]
fn a_learner_waits_at_the_door_of_an_exam_that_has_not_begun() {
    let world = World::new();
    let (exam, lms) = world.lms_of_exam(json!({}));
    let path = format!("/exams/{}", exam["id"]);
    world.teacher.patch(&path, json!({ "start_time": "2099-01-01T09:00:00Z" })).ok("exam");
    assert!(world.page_of_launch(&lms, &learner()).text.contains("Not open yet"));
}
