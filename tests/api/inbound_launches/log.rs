//! What the log of launches says of what an LMS sends by LTI 1.1.

use serde_json::{Value, json};

use super::sessions;
use crate::world::World;
use crate::world::inspector::{assert_failed, assert_good};
use crate::world::lms::{learner, parameters, with};

#[test]
fn what_an_lms_sends_is_in_the_log_with_all_that_was_signed() {
    let world = World::new();
    let (exam, lms) = world.lms_of_exam(json!({}));
    world.sent_by_lms(&lms, &learner());
    let shown = world.logged("basic-lti-launch-request", 1).remove(0);
    assert_good(&shown, "from_platform", "received");
    assert_eq!((&shown["lti_consumer_id"], &shown["exam_id"]), (&lms.consumer["id"], &exam["id"]));
    assert_eq!(shown["student_session_id"], sessions(&world, &exam)[0]["id"]);
    assert_eq!((&shown["url"], &shown["claims"]), (&json!(lms.url), &Value::Null));
    let said = shown["signed"]["parameters"].as_array().unwrap();
    assert!(said.contains(&json!({ "name": "user_id", "value": "user-1" })), "{shown}");
    assert!(shown["signed"]["base_string"].as_str().unwrap().starts_with("POST&http%3A%2F%2F"), "{shown}");
    assert!(!shown.to_string().contains(&lms.secret), "{shown}");
    let compare =
        world.administrator.post(&format!("/launches/{}/compare", shown["id"]), json!({ "base_string": "x" }));
    compare.refused(409, "conflict");
    world.stranger.logged("basic-lti-launch-request", 0);
}

#[test]
fn what_an_lms_sends_and_is_refused_is_in_the_log_with_the_check_that_failed() {
    let world = World::new();
    let (_, lms) = world.lms_of_exam(json!({}));
    let now = world.clock.now().seconds();
    let mut count = 0;
    let mut refused = |form: &[(String, String)], status: u16, check: &str| {
        assert_eq!(world.post_form(form).status, status, "{check}");
        count += 1;
        let shown = world.logged("basic-lti-launch-request", count).pop().unwrap();
        assert_failed(&shown, check, "");
        assert_eq!((&shown["status"], &shown["lti_consumer_id"]), (&json!("refused"), &lms.consumer["id"]));
    };
    let good = lms.sign(parameters(&learner()), now);
    let mut forged = good.clone();
    forged.iter_mut().filter(|(name, _)| name == "roles").for_each(|(_, value)| *value = "Instructor".into());
    refused(&forged, 401, "signature");
    refused(&lms.sign(parameters(&learner()), now - 3_600), 401, "oauth_timestamp");
    refused(&lms.sign(parameters(&with(&learner(), json!({ "roles": "Observer" }))), now), 403, "entry");
    refused(&lms.sign(parameters(&with(&learner(), json!({ "lti_version": "LTI-9" }))), now), 400, "message");
    let path = format!("/lti_consumers/{}", lms.consumer["id"]);
    world.administrator.patch(&path, json!({ "disabled": true })).ok("lti_consumer");
    refused(&lms.sign(parameters(&learner()), now), 403, "active");
    world.administrator.patch(&path, json!({ "disabled": false })).ok("lti_consumer");
    assert_eq!(world.post_form(&good).status, 303);
    assert_eq!(world.post_form(&good).status, 401);
    assert_failed(&world.logged("basic-lti-launch-request", 7)[6], "once", "used before");
    let mut nobody = good.clone();
    nobody.iter_mut().filter(|(name, _)| name == "oauth_consumer_key").for_each(|(_, value)| *value = "nobody".into());
    assert_eq!(world.post_form(&nobody).status, 401);
    world.logged("basic-lti-launch-request", 7);
    for _ in 0..40 {
        world.post_form(&forged);
    }
    std::thread::sleep(std::time::Duration::from_millis(600));
    let kept = world.administrator.get("/launches?limit=300&message_type=basic-lti-launch-request").ok("launches");
    let kept = kept.as_array().unwrap().len();
    assert!((7..=26).contains(&kept), "{kept}: a stranger does not fill the log");
}
