//! When a grade may come: the rules of the exam hold for tools too (AUT-08, AUT-09).

use examlink_lti::v1::outcomes::{Action, Replacement, Score};
use serde_json::{Value, json};

use crate::world::World;
use crate::world::launched::{assert_refused, last_call, scored};

const MINUTE: i64 = 60_000;

#[test]
fn a_grade_after_the_exam_is_late_or_refused_as_the_author_says() {
    let world = World::new();
    let tool = world.launched();
    assert_eq!(tool.send(&world, scored(0.4)).status, 200);
    tool.set(&world, json!({ "status": "closed" }));
    assert_eq!(tool.send(&world, scored(0.5)).status, 200);
    let result = tool.result(&world).unwrap();
    assert_eq!(
        (&result["score"], &result["late"], &result["history"][1]["late"]),
        (&json!(0.5), &json!(true), &json!(false))
    );
    tool.set(&world, json!({ "accept_late_results": false }));
    for action in [scored(0.6), Action::Delete] {
        assert_refused(&tool.send(&world, action), 422, "takes no late results");
        assert_eq!(last_call(&world)["code"], "exam_over");
    }
    assert_eq!(tool.score(&world), "0.5", "reading is no change");
    tool.set(&world, json!({ "status": "open" }));
    assert_eq!(tool.send(&world, scored(0.7)).status, 200);
    assert_eq!(tool.result(&world).unwrap()["late"], false);
}

#[test]
fn the_end_of_the_exam_counts_with_the_students_extra_time() {
    let world = World::new();
    let tool = world.launched();
    let now = world.clock.now().seconds();
    tool.set(&world, json!({ "end_time": (now + 600).to_string(), "accept_late_results": false }));
    let session = format!("/student_sessions/{}", tool.session["id"]);
    world.teacher.patch(&session, json!({ "extra_time_minutes": 5 })).ok("student");
    world.wait(14 * MINUTE);
    assert_eq!(tool.send(&world, scored(0.5)).status, 200);
    world.wait(2 * MINUTE);
    assert_refused(&tool.send(&world, scored(0.6)), 422, "takes no late results");
    tool.set(&world, json!({ "accept_late_results": true }));
    assert_eq!(tool.send(&world, scored(0.6)).status, 200);
    assert_eq!(tool.result(&world).unwrap()["late"], true);
}

#[test]
fn the_end_of_a_link_counts_like_that_of_the_exam() {
    let world = World::new();
    let tool = world.launched();
    let ends = (world.clock.now() + examlink::domain::time::Span::minutes(10)).to_string();
    let path = format!("/lti_resources/{}", tool.resource["id"]);
    world.teacher.patch(&path, json!({ "submission_end_time": ends })).ok("lti_resource");
    world.wait(10 * MINUTE - 1);
    tool.set(&world, json!({ "accept_late_results": false }));
    assert_eq!(tool.send(&world, scored(0.5)).status, 200);
    world.wait(1);
    for action in [scored(0.6), Action::Delete] {
        assert_refused(&tool.send(&world, action), 422, "The link takes no more work");
        assert_eq!(last_call(&world)["code"], "submission_over");
    }
    let json = tool.send_json(&world, "DELETE", "");
    assert!(json.status >= 400 && tool.score(&world) == "0.5", "{}", json.text);
    tool.set(&world, json!({ "accept_late_results": true }));
    assert_eq!(tool.send(&world, scored(0.6)).status, 200);
    assert_eq!(tool.result(&world).unwrap()["late"], true);
}

#[test]
fn aut_08_and_09_nothing_comes_in_for_a_student_or_an_exam_that_is_put_away() {
    let world = World::new();
    let tool = world.launched();
    assert_eq!(tool.send(&world, scored(0.4)).status, 200);
    let session = format!("/student_sessions/{}", tool.session["id"]);
    world.teacher.patch(&session, json!({ "archived": true })).ok("student");
    assert_refused(&tool.send(&world, scored(0.5)), 422, "put away");
    assert_eq!(tool.score(&world), "0.4");
    world.teacher.patch(&session, json!({ "archived": false })).ok("student");
    assert_eq!(tool.send(&world, scored(0.5)).status, 200);
    tool.set(&world, json!({ "status": "closed" }));
    assert_eq!(world.teacher.delete(&format!("/exams/{}", tool.exam["id"])).status, 200);
    for action in [scored(0.6), Action::Read, Action::Delete] {
        assert_refused(&tool.send(&world, action), 422, "was deleted");
    }
}

#[test]
fn aut_09_a_student_who_has_not_begun_has_no_grade() {
    let world = World::new();
    let mut tool = world.launched();
    let waiting = world.student_session_named(&tool.exam, "kim@example.edu");
    let id = examlink::domain::id::StudentSessionId(waiting["id"].as_i64().unwrap());
    let keys = examlink::domain::secret::Keyring::parse(crate::world::MASTER_KEY, examlink::clock::Random).unwrap();
    let text =
        format!("{}-{}-{}-{}", tool.tool["id"], tool.resource["id"], id, waiting["student_id"].as_str().unwrap());
    tool.sourcedid = format!("{id}-{}-{}", tool.resource["id"], keys.ticket("lti result", &text));
    assert_refused(&tool.send(&world, scored(0.5)), 422, "has not begun");
    assert_eq!(tool.score(&world), "");
}

#[test]
fn aut_08_what_is_deleted_takes_no_grade() {
    let world = World::new();
    let tool = world.launched();
    assert_eq!(world.teacher.delete(&format!("/student_sessions/{}", tool.session["id"])).status, 200);
    assert_refused(&tool.send(&world, scored(0.5)), 422, "is not one that a launch");
    tool.set(&world, json!({ "status": "closed" }));
    assert_eq!(world.administrator.delete(&format!("/tool_providers/{}", tool.tool["id"])).status, 200);
    assert_refused(&tool.send(&world, scored(0.5)), 401, "oauth_signature");
}

#[test]
fn students_do_not_hand_in_in_the_future() {
    let world = World::new();
    let tool = world.launched();
    let now = world.clock.now();
    let at = |seconds: i64| {
        let at = examlink::domain::time::Timestamp::from_micros(now.micros() + seconds * 1_000_000);
        let submitted_at = Some(at.to_string());
        Action::Replace(Replacement { score: Score::new(0.5), submitted_at, ..Replacement::default() })
    };
    for (seconds, status) in [(-86_400, 200), (59, 200), (61, 422)] {
        assert_eq!(tool.send(&world, at(seconds)).status, status, "{seconds}");
    }
    assert_eq!(last_call(&world)["code"], "timestamp_in_future");
    let soon = Replacement { score: Score::new(0.5), submitted_at: Some("soon".into()), ..Replacement::default() };
    assert_refused(&tool.send(&world, Action::Replace(soon)), 422, "ISO 8601");
}

#[test]
fn a_replacement_says_something_and_what_it_says_is_valid() {
    let world = World::new();
    let tool = world.launched();
    assert_refused(&tool.send(&world, Action::Replace(Replacement::default())), 422, "neither a score nor data");
    assert_eq!(last_call(&world)["code"], "no_score");
    for url in ["javascript:alert(1)", "data:text/html,x", "/relative", "https://user@tool.example/"] {
        let replacement = Replacement { url: Some(url.into()), ..Replacement::default() };
        assert_refused(&tool.send(&world, Action::Replace(replacement)), 422, "url");
        assert_eq!(last_call(&world)["code"], "bad_data");
    }
    assert_eq!(tool.result(&world), None::<Value>);
}
