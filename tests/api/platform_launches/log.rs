//! What the log of launches says of what a platform sends.

use examlink_lti::v1p3::claims;
use serde_json::{Value, json};

use super::sessions;
use crate::world::World;
use crate::world::inspector::{assert_failed, assert_good};
use crate::world::lms::with;
use crate::world::platform::{INSTRUCTOR, Lms13, instructor, learner};

#[test]
fn what_a_platform_sends_is_in_the_log_with_where_it_led() {
    let world = World::new();
    let (exam, lms) = world.lms_1p3_of_exam(json!({}));
    lms.sent(&learner());
    lms.sent(&instructor());
    let [student, teacher] = &world.logged("LtiResourceLinkRequest", 2)[..] else { panic!() };
    for shown in [student, teacher] {
        assert_good(shown, "from_platform", "received");
        assert_eq!((&shown["lti_consumer_id"], &shown["tool_provider_id"]), (&lms.platform["id"], &Value::Null));
        assert_eq!((&shown["exam_id"], &shown["header"]["alg"]), (&exam["id"], &json!("RS256")));
        assert_eq!((&shown["url"], &shown["signed"]), (&lms.platform["launch_url"], &Value::Null));
    }
    assert_eq!(student["student_session_id"], sessions(&world, &exam)[0]["id"]);
    assert_eq!((&student["claims"]["sub"], &student["claims"]["name"]), (&json!("user-1"), &json!("Sam Student")));
    assert_eq!(teacher["student_session_id"], Value::Null);
    assert_eq!(teacher["claims"][claims::ROLES], json!([INSTRUCTOR]));

    let settings = json!({
        "deep_link_return_url": "https://lms.example.edu/back", "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["window"], "data": "what-the-lms-wants-back",
    });
    let wish = with(
        &instructor(),
        json!({
            claims::MESSAGE_TYPE: "LtiDeepLinkingRequest", claims::DEEP_LINKING_SETTINGS: settings, claims::RESOURCE_LINK: null,
        }),
    );
    let hosts = json!({ "return_hosts": ["lms.example.edu"] });
    world.administrator.patch(&lms.path(), hosts).ok("lti_platform");
    assert_eq!(lms.launch(&wish).status, 200);
    let shown = world.logged("LtiDeepLinkingRequest", 1).remove(0);
    assert_good(&shown, "from_platform", "received");
    assert_eq!(shown["claims"][claims::DEEP_LINKING_SETTINGS]["data"], "***");
    assert!(!shown.to_string().contains("what-the-lms-wants-back"), "{shown}");
    // An author sees what led to one's own exam.
    assert_eq!(world.teacher.logged("LtiResourceLinkRequest", 2).len(), 2);
    for stranger in [&world.teacher, &world.stranger] {
        stranger.logged("LtiDeepLinkingRequest", 0);
    }
    world.stranger.logged("LtiResourceLinkRequest", 0);
}

#[test]
fn what_a_platform_sends_and_is_refused_is_in_the_log_with_the_check_that_failed() {
    let world = World::new();
    let (_, lms) = world.lms_1p3_of_exam(json!({}));
    let saying = |change: Value| {
        let begun = lms.begun();
        let claims = with(&lms.claims(&begun, &learner()), change);
        lms.sends(&Lms13::answer(&begun, &claims, 0), begun.cookie())
    };
    let mut count = 0;
    let mut refused = |change: Value, check: &str, why: &str| {
        assert!(saying(change).status >= 400, "{check}");
        count += 1;
        let shown = world.logged("LtiResourceLinkRequest", count).pop().unwrap();
        assert_failed(&shown, check, why);
        assert_eq!((&shown["status"], &shown["lti_consumer_id"]), (&json!("refused"), &lms.platform["id"]));
        assert_eq!(shown["claims"]["sub"], "user-1", "it is the platform's: {shown}");
    };
    refused(json!({ "exp": lms.now() - 120, "iat": lms.now() - 300 }), "claims", "the token ended");
    refused(json!({ "nonce": "another" }), "claims", "nonce is not the one");
    refused(json!({ claims::DEPLOYMENT_ID: "d-2" }), "deployment_id", "d-2");
    refused(json!({ claims::TARGET_LINK_URI: "https://evil.example/" }), "target_link_uri", "no address");
    refused(json!({ claims::ROLES: [] }), "entry", "take or teach");
    let begun = lms.begun();
    let form = Lms13::answer(&begun, &lms.claims(&begun, &learner()), 0);
    assert_eq!(lms.sends(&form, begun.cookie()).status, 303);
    assert_eq!(lms.sends(&form, begun.cookie()).status, 401);
    assert_failed(&world.logged("LtiResourceLinkRequest", 7)[6], "once", "used before");

    // Of these nobody knows that the platform sent them.
    let begun = lms.begun();
    let form = Lms13::answer(&begun, &lms.claims(&begun, &learner()), 0);
    assert_eq!(lms.sends(&form, "a=b").status, 401);
    let begun = lms.begun();
    assert_eq!(lms.sends(&Lms13::answer(&begun, &lms.claims(&begun, &learner()), 1), begun.cookie()).status, 401);
    let begun = lms.begun();
    let error = [("error", "login_required".to_owned()), ("state", begun.asked("state"))];
    assert_eq!(lms.sends(&error.map(|(name, value)| (name.to_owned(), value)), begun.cookie()).status, 403);
    world.administrator.patch(&lms.path(), json!({ "disabled": true })).ok("lti_platform");
    assert_eq!(lms.sends(&form, begun.cookie()).status, 401);
    let unknown = world.logged("unknown", 4);
    let failed: Vec<String> = unknown.iter().map(|shown| crate::world::inspector::checks(shown).0.unwrap()).collect();
    assert_eq!(failed[0], "browser");
    assert!(["kid", "signature"].contains(&&*failed[1]), "{failed:?}");
    assert_eq!((&*failed[2], &*failed[3]), ("id_token", "browser"));
    assert!(unknown.iter().all(|shown| shown["claims"] == Value::Null), "{unknown:?}");
    lms.sends(&[("id_token".to_owned(), "x.y.z".to_owned()), ("state".to_owned(), "1-2-3-4".to_owned())], "a=b");
    for _ in 0..40 {
        lms.sends(&form, "a=b");
    }
    std::thread::sleep(std::time::Duration::from_millis(600));
    let kept = world.administrator.get("/launches?limit=300&message_type=unknown").ok("launches");
    let kept = kept.as_array().unwrap().len();
    assert!((4..=21).contains(&kept), "{kept}: a stranger does not fill the log");
}
