//! Launches from an LMS by LTI 1.3: who comes gets to where a launch by LTI 1.1 leads, and nobody else does.

mod exam_links;
mod log;
mod login_state;
mod refused;
mod roster;
mod scores;

use examlink_lti::v1p3::claims;
use serde_json::{Value, json};

use crate::world::lms::{parameters, with};
use crate::world::platform::{Lms13, instructor, learner};
use crate::world::{World, post_form};

const ORIGIN: &str = "https://lms.example.edu";

/// The sessions of an exam, as its teacher sees them.
fn sessions(world: &World, exam: &Value) -> Vec<Value> {
    let path = format!("/exams/{}/student_sessions", exam["id"]);
    world.teacher.get(&path).ok("students").as_array().unwrap().clone()
}

#[test]
fn a_login_sends_the_browser_to_the_platform_with_what_it_must_bring_back() {
    let world = World::new();
    let (_, lms) = world.lms_1p3_of_exam(json!({}));
    let reply = lms.begins(&lms.login());
    let begun = Lms13::read(&reply);
    assert_eq!(begun.asked.as_str().split('?').next(), Some("https://lms.example.edu/auth"));
    for (name, value) in [
        ("site", "1"),
        ("scope", "openid"),
        ("response_type", "id_token"),
        ("response_mode", "form_post"),
        ("prompt", "none"),
        ("client_id", "client-1"),
        ("redirect_uri", &format!("{}/lti/1.3/launch", world.origin())),
        ("login_hint", "user-1"),
        ("lti_message_hint", "hint & more"),
    ] {
        assert_eq!(begun.asked(name), value, "{name}");
    }
    for cookie in reply.headers.get_all("set-cookie") {
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.starts_with("__Host-") && cookie.contains("; Secure; HttpOnly; SameSite=None"), "{cookie}");
    }
    let again = lms.begun();
    assert!(begun.asked("state") != again.asked("state") && begun.asked("nonce") != again.asked("nonce"));
    let form = post_form(&format!("{}/lti/1.3/login", world.origin()), &parameters(&lms.login()), "");
    assert_eq!(form.status, 303, "a form is taken as a link is");
}

#[test]
fn a_learner_takes_the_exam_by_the_link_of_the_launch_alone() {
    let world = World::new();
    let (exam, lms) = world.lms_1p3_of_exam(json!({ "frame_origins": [ORIGIN] }));
    let home = lms.sent(&learner());
    let page = world.page(&home);
    assert!(page.text.contains("Algebra") && page.text.contains("Sam Student"), "{}", page.text);
    assert!(page.header("content-security-policy").contains(&format!("frame-ancestors 'self' {ORIGIN}")));
    let [session] = &sessions(&world, &exam)[..] else { panic!("one session") };
    assert_eq!((&session["name"], &session["email"]), (&json!("Sam Student"), &json!("sam@example.edu")));
    assert_eq!(session["external_id"], "user-1");
    assert_eq!(world.press(&format!("{home}/start")).status, 303);
    // Whoever comes again resumes the session, also from another place.
    let elsewhere = with(&learner(), json!({ claims::RESOURCE_LINK: { "id": "link-2" } }));
    let again = lms.sent(&elsewhere);
    assert!(again != home && world.page(&again).text.contains("Running"));
    assert_eq!(sessions(&world, &exam).len(), 1);
}

#[test]
fn what_the_platform_says_of_a_learner_is_read_as_lti_1_1_says_it() {
    let world = World::new();
    let (exam, lms) = world.lms_1p3_of_exam(json!({ "group_parameters": ["custom_group"] }));
    let said = json!({
        "name": null, "given_name": "Kim", "family_name": "Kaas", "email": null, "sub": "user-7",
        claims::LIS: { "person_sourcedid": "2015123" }, claims::CUSTOM: { "group": "G-7" },
    });
    lms.sent(&with(&learner(), said));
    let [session] = &sessions(&world, &exam)[..] else { panic!("one session") };
    assert_eq!((&session["name"], &session["group_id"]), (&json!("Kim Kaas"), &json!("G-7")));
    assert_eq!(session["external_id"], "2015123");
    assert!(session["email"].as_str().unwrap().ends_with(".invalid"), "{session}");
}

#[test]
fn the_exam_of_a_link_is_the_one_that_its_parameter_names() {
    let world = World::new();
    let (exams, lms) = ([world.exam(), world.exam()], world.lms_1p3(json!({})));
    for exam in &exams {
        world.publish(exam);
    }
    let link = |exam: &Value| with(&learner(), json!({ claims::CUSTOM: { "exam_id": exam["id"].to_string() } }));
    lms.sent(&link(&exams[1]));
    assert_eq!((sessions(&world, &exams[0]).len(), sessions(&world, &exams[1]).len()), (0, 1));
    let theirs = world.stranger.post("/exams", json!({ "name": "Theirs", "type": "demo" })).created("exam");
    let refused = lms.launch(&link(&theirs));
    assert!(refused.status == 403 && refused.text.contains("no such exam"), "{}", refused.text);
}

#[test]
fn an_instructor_chooses_the_exam_and_sees_the_students_of_the_course() {
    let world = World::new();
    let (exam, lms) = (world.exam(), world.lms_1p3(json!({ "frame_origins": [ORIGIN] })));
    world.publish(&exam);
    let early = lms.launch(&learner());
    assert!(early.status == 403 && early.text.contains("No exam was chosen"), "{}", early.text);
    assert!(early.header("content-security-policy").contains(ORIGIN), "the LMS shows why");
    let choice = lms.sent(&instructor());
    assert!(world.page(&choice).text.contains("Mathematics: Final exam"));
    let url = format!("{}{choice}", world.origin());
    let chosen = post_form(&url, &[("exam_id".to_owned(), exam["id"].to_string())], "");
    assert_eq!(chosen.status, 303);
    lms.sent(&learner());
    let overview = world.page(&lms.sent(&instructor())).text;
    assert!(overview.contains("1 student came from this course") && overview.contains("Sam Student"), "{overview}");
}

#[test]
fn a_platform_with_one_client_needs_not_name_it() {
    let world = World::new();
    let (_, lms) = world.lms_1p3_of_exam(json!({}));
    let unnamed = with(&lms.login(), json!({ "client_id": null, "lti_deployment_id": null }));
    let begun = Lms13::read(&lms.begins(&unnamed));
    let form = Lms13::answer(&begun, &lms.claims(&begun, &learner()), 0);
    assert_eq!(lms.sends(&form, &begun.cookies[1]).status, 303, "the cookie of a frame is as good");
    world.lms_1p3(json!({ "client_id": "client-2" }));
    assert_eq!(lms.begins(&unnamed).status, 401, "which of two it is, nobody knows");
    assert_eq!(lms.begins(&lms.login()).status, 303);
}

#[test]
fn a_key_that_the_platform_changes_is_fetched() {
    let world = World::new();
    let (_, lms) = world.lms_1p3_of_exam(json!({}));
    lms.sent(&learner());
    lms.keys.publish(&[0, 1]);
    let begun = lms.begun();
    let form = Lms13::answer(&begun, &lms.claims(&begun, &learner()), 1);
    assert_eq!(lms.sends(&form, begun.cookie()).status, 303);
    assert_eq!(lms.keys.asked(), 2);
}
