//! Results on their way to the gradebook of a platform (Assignment and Grade Services 2.0): one that nobody here wrote
//! for the plain way, and a strict one for everything else.

use examlink_lti::v1p3::ags::SCORE;
use examlink_lti::v1p3::claims::scope;
use serde_json::{Value, json};

use crate::world::advantage::call_with_token;
use crate::world::course::Course;
use crate::world::until;

const STRICT: &str = "platform_pyjwt.py";

fn calls(course: &Course) -> Vec<Value> {
    course.platform.seen()["calls"].as_array().unwrap().clone()
}

#[test]
fn interop_a_score_reaches_the_gradebook_changes_there_and_is_taken_back() {
    let course = Course::new(STRICT, json!({}));
    let session = course.enter("249", "ok");
    let waiting = course.becomes(&session, "waiting", None);
    assert_eq!((&waiting["service"], &waiting["lti_consumer_id"]), (&json!("line_item"), &course.registered["id"]));
    assert_eq!(waiting["lis_outcome_service_url"], format!("{}/lineitems/ok?course=1", course.platform.origin));
    course.grade(&session, Some(0.83));
    let sent = course.becomes(&session, "sent", Some(0.83));
    assert_eq!((&sent["sent_score"], &sent["reason"], &sent["attempts"]), (&json!(0.83), &json!(null), &json!(1)));
    course.grade(&session, Some(0.5));
    course.becomes(&session, "sent", Some(0.5));
    assert_eq!(course.platform.seen()["scores"]["ok"]["249"], 0.5);
    course.grade(&session, None);
    course.becomes(&session, "waiting", None);
    let seen = course.platform.seen();
    assert_eq!((&seen["scores"]["ok"]["249"], &seen["tokens"]), (&json!(null), &json!(1)), "one token serves for all");
    let calls = calls(&course);
    assert_eq!(calls.len(), 3);
    for (call, progress) in calls.iter().zip(["FullyGraded", "FullyGraded", "NotReady"]) {
        assert_eq!((&call["gradingProgress"], &call["query"]), (&json!(progress), &json!("course=1")), "{call}");
    }
    let times: Vec<&str> = calls.iter().map(|call| call["timestamp"].as_str().unwrap()).collect();
    assert!(times[0] < times[1] && times[1] < times[2], "{times:?}");
}

#[test]
fn interop_where_the_launch_names_no_line_item_the_one_of_the_exam_is_made_once() {
    let course = Course::new(STRICT, json!({}));
    let sessions = ["1", "2", "3"].map(|user| course.enter(user, "items"));
    for session in &sessions {
        course.grade(session, Some(0.5));
    }
    for session in &sessions {
        assert_eq!(course.becomes(session, "sent", Some(0.5))["service"], "line_items");
    }
    let seen = course.platform.seen();
    let [item] = &seen["items"].as_array().unwrap()[..] else { panic!("one line item: {seen}") };
    assert_eq!((&item["label"], &item["scoreMaximum"]), (&json!("Algebra"), &json!(100.0)));
    assert_eq!(seen["scores"]["made-0"], json!({ "1": 0.5, "2": 0.5, "3": 0.5 }));
}

#[test]
fn interop_the_line_item_of_the_exam_is_found_on_a_later_page() {
    let course = Course::new(STRICT, json!({}));
    for user in ["1", "2"] {
        let session = course.enter(user, "pages");
        course.grade(&session, Some(0.5));
        course.becomes(&session, "sent", Some(0.5));
    }
    let seen = course.platform.seen();
    assert_eq!(seen["items"].as_array().unwrap().len(), 1, "two of other exams are listed before it: {seen}");
    assert_eq!(seen["scores"]["made-0"], json!({ "1": 0.5, "2": 0.5 }));
}

/// From the LMS into the exam, from the exam into a tool, and the whole way back.
#[test]
fn interop_a_score_that_a_tool_gives_goes_on_to_the_platform_that_the_student_came_from() {
    let course = Course::new(STRICT, json!({}));
    let tool = course.world.tool_1p3();
    let link = course.world.lti_resource(&course.exam, &tool.provider);
    let session = course.enter("249", "ok");
    let token = tool.token(&[scope::SCORE]);
    let (origin, exam) = (course.world.origin(), &course.exam["id"]);
    let scores = format!("{origin}/lti/1.3/exams/{exam}/line_items/link-{}/scores", link["id"]);
    for (points, score) in [(45.0, 0.9), (20.0, 0.4)] {
        let given = json!({
            "userId": session["student_id"], "timestamp": course.world.clock.now().to_string(),
            "activityProgress": "Completed", "gradingProgress": "FullyGraded", "scoreGiven": points,
            "scoreMaximum": 50.0,
        });
        let reply = call_with_token(&token, ("POST", &scores), (SCORE, &given.to_string()));
        assert_eq!(reply.status, 200, "{}", reply.text);
        course.becomes(&session, "sent", Some(score));
        assert_eq!(course.platform.seen()["scores"]["ok"]["249"], score);
    }
}

#[test]
fn interop_a_token_that_the_platform_ended_is_renewed() {
    let course = Course::new(STRICT, json!({}));
    let session = course.enter("249", "ok");
    course.grade(&session, Some(0.1));
    course.becomes(&session, "sent", Some(0.1));
    course.platform.revoke();
    course.grade(&session, Some(0.2));
    let sent = course.becomes(&session, "sent", Some(0.2));
    assert_eq!((&sent["attempts"], &course.platform.seen()["tokens"]), (&json!(1), &json!(2)));
    let known: Vec<bool> = calls(&course).iter().map(|call| call["known_token"].as_bool().unwrap()).collect();
    assert_eq!(known, [true, false, true]);
}

#[test]
fn interop_a_gradebook_that_is_busy_gets_the_score_later() {
    let course = Course::new(STRICT, json!({}));
    let session = course.enter("249", "later");
    course.grade(&session, Some(0.83));
    let tried = || course.returns(&session).into_iter().find(|grade| grade["reason"].as_str().is_some());
    let waits = until("it is tried", tried);
    assert_eq!((&waits["status"], &waits["attempts"]), (&json!("pending"), &json!(1)));
    assert!(waits["reason"].as_str().unwrap().contains("503: come again"), "{waits}");
    let sent = course.becomes(&session, "sent", Some(0.83));
    assert_eq!((&sent["attempts"], &sent["reason"]), (&json!(2), &json!(null)));
}

#[test]
fn interop_what_the_platform_refuses_is_told() {
    let course = Course::new(STRICT, json!({}));
    let session = course.enter("249", "refuses");
    course.grade(&session, Some(0.83));
    let failed = course.becomes(&session, "failed", Some(0.83));
    assert_eq!(failed["reason"], "the LMS answered 403: nobody <here> is called so");
    course.enter("249", "ok");
    course.becomes(&session, "sent", Some(0.83));
}

#[test]
fn interop_a_platform_that_takes_our_word_from_nobody_else_gets_no_score() {
    let course = Course::new(STRICT, json!({ "audience": "https://elsewhere.example/token" }));
    let session = course.enter("249", "ok");
    course.grade(&session, Some(0.83));
    let failed = course.becomes(&session, "failed", Some(0.83));
    assert!(failed["reason"].as_str().unwrap().contains("no access token: "), "{failed}");
    assert!(calls(&course).is_empty());
}

#[test]
fn interop_aut_08_a_platform_that_is_shut_out_gets_no_score() {
    let course = Course::new(STRICT, json!({}));
    let session = course.enter("249", "ok");
    let path = format!("/lti_platforms/{}", course.registered["id"]);
    course.world.administrator.patch(&path, json!({ "disabled": true })).ok("lti_platform");
    course.grade(&session, Some(0.9));
    assert_eq!(course.becomes(&session, "failed", Some(0.9))["reason"], "the LMS is disabled here");
    assert!(calls(&course).is_empty());
}

#[test]
fn interop_lti1p3platform_gets_a_score() {
    let course = Course::new("platform_lti1p3.py", json!({ "client_id": "client-2", "deployment_ids": ["d-2"] }));
    let session = course.enter("249", "ok");
    course.grade(&session, Some(0.75));
    course.becomes(&session, "sent", Some(0.75));
    assert_eq!(course.platform.seen()["scores"]["249"], 0.75);
}
