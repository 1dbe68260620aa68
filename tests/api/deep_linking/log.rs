//! What the log of launches says of an author's way to a tool and back.

use examlink_lti::v1p3::claims;
use serde_json::{Value, json};

use super::{CHOOSE, Choice, MINUTES, signed};
use crate::world::inspector::{assert_failed, assert_good};
use crate::world::login::Login;

#[test]
fn an_authors_way_is_in_the_log_and_what_proves_it_is_not() {
    let choice = Choice::new();
    let selection = choice.begin();
    let request = choice.request(&selection);
    let [sent] = &choice.world.logged("LtiDeepLinkingRequest", 1)[..] else { panic!() };
    assert_good(sent, "to_tool", "launched");
    assert_eq!((&sent["exam_id"], &sent["tool_provider_id"]), (&choice.exam["id"], &choice.tool.provider["id"]));
    assert_eq!((&sent["user_id"], &sent["student_session_id"]), (&selection["user_id"], &Value::Null));
    assert_eq!((&sent["url"], &sent["signed"]), (&json!(CHOOSE), &Value::Null));
    assert_eq!(sent["claims"][claims::MESSAGE_TYPE], "LtiDeepLinkingRequest");
    assert_eq!((&sent["header"]["alg"], &sent["header"]["typ"]), (&json!("RS256"), &json!("JWT")));
    assert!(sent["header"]["kid"].is_string(), "{sent}");
    let data = request.claims().value(claims::DEEP_LINKING_SETTINGS).unwrap()["data"].as_str().unwrap().to_owned();
    assert_eq!(sent["claims"][claims::DEEP_LINKING_SETTINGS]["data"], "***");

    let mut said = choice.said(&request, json!([{ "type": "ltiResourceLink", "title": "Quiz" }]));
    said["nonce"] = json!("n-1");
    assert_eq!(choice.answers(said.clone()).status, 303);
    let [answer] = &choice.world.logged("LtiDeepLinkingResponse", 1)[..] else { panic!() };
    assert_good(answer, "from_tool", "received");
    assert_eq!((&answer["exam_id"], &answer["user_id"]), (&choice.exam["id"], &selection["user_id"]));
    assert_eq!(answer["url"], format!("{}/lti/1.3/deep_links", choice.world.origin()));
    assert_eq!(answer["claims"][claims::CONTENT_ITEMS][0]["title"], "Quiz");
    assert_eq!(
        (&answer["claims"][claims::DEEP_LINKING_DATA], &answer["header"]["alg"]),
        (&json!("***"), &json!("RS256"))
    );
    for shown in [sent, answer] {
        assert!(!shown.to_string().contains(&data), "{shown}");
    }
    // Whose exam it is sees it, and nobody of another institute.
    assert_eq!(choice.world.teacher.logged("LtiDeepLinkingResponse", 1)[0]["id"], answer["id"]);
    assert!(choice.world.colleague.logged("LtiDeepLinkingResponse", 0).is_empty());
    assert!(choice.world.stranger.logged("LtiDeepLinkingResponse", 0).is_empty());
    choice.world.stranger.get(&format!("/launches/{}", answer["id"])).refused(404, "not_found");

    assert_eq!(choice.answers(said).status, 401, "once more");
    assert_failed(&choice.world.logged("LtiDeepLinkingResponse", 2)[1], "once", "");
}

#[test]
fn a_tool_whose_question_for_an_author_is_refused_leaves_the_check_that_failed() {
    let choice = Choice::new();
    let selection = choice.begin();
    let login = choice.opens(&selection);
    let elsewhere = Login { form: login.form.clone(), cookie: "a=b".into() };
    for _ in 0..3 {
        choice.asks(&elsewhere, ("", ""));
    }
    let refused = choice.world.logged("LtiDeepLinkingRequest", 1);
    assert_failed(&refused[0], "browser", "did not start the selection");
    assert_eq!((&refused[0]["status"], &refused[0]["url"]), (&json!("not_made"), &json!(CHOOSE)));
    assert_eq!(refused[0]["user_id"], selection["user_id"]);
    choice.asks(&choice.opens(&selection), ("login_hint", "x"));
    assert_failed(&choice.world.logged("LtiDeepLinkingRequest", 2)[1], "login_hint", "somebody else");
    choice.asks(&choice.opens(&selection), ("nonce", ""));
    assert_failed(&choice.world.logged("LtiDeepLinkingRequest", 3)[2], "nonce", "nonce is missing");
    let late = choice.opens(&selection);
    choice.world.wait(10 * MINUTES);
    choice.asks(&late, ("", ""));
    assert_failed(&choice.world.logged("LtiDeepLinkingRequest", 4)[3], "lti_message_hint", "too old");
    choice.asks(&choice.opens(&selection), ("lti_message_hint", "1-2-3-4"));
    choice.world.logged("LtiDeepLinkingRequest", 4);
}

#[test]
fn an_answer_that_is_refused_is_kept_with_what_is_known_to_be_the_tools() {
    let choice = Choice::new();
    let request = choice.request(&choice.begin());
    let said = choice.said(&request, json!([]));
    let with = |name: &str, value: Value| {
        let mut said = said.clone();
        said[name] = value;
        said
    };
    assert_eq!(choice.sends(&signed(said.clone(), 1)).status, 401);
    let forged = choice.world.logged("LtiDeepLinkingResponse", 1).remove(0);
    assert_eq!((&forged["direction"], &forged["status"]), (&json!("from_tool"), &json!("refused")));
    assert_eq!((&forged["claims"], &forged["tool_provider_id"]), (&Value::Null, &choice.tool.provider["id"]));
    assert_eq!((&forged["exam_id"], &forged["user_id"]), (&Value::Null, &Value::Null), "anybody may have sent it");
    choice.answers(with("aud", json!("https://elsewhere.example")));
    let other = choice.world.logged("LtiDeepLinkingResponse", 2).remove(1);
    assert_failed(&other, "claims", "aud");
    assert_eq!(other["claims"]["aud"], "https://elsewhere.example");
    choice.answers(with(claims::DEEP_LINKING_DATA, json!("9-0")));
    assert_failed(&choice.world.logged("LtiDeepLinkingResponse", 3)[2], "data", "no selection");
    let stranger = with("iss", json!("nobody"));
    choice.answers(stranger);
    choice.sends("x.y.z");
    let long = json!([{ "type": "html", "html": "x".repeat(20_000) }]);
    choice.answers(with(claims::CONTENT_ITEMS, long));
    let all = choice.world.logged("LtiDeepLinkingResponse", 4);
    assert!(all[3]["claims"][claims::CONTENT_ITEMS].as_str().unwrap().contains("left out"), "{}", all[3]);
    // Whoever knows a tool's name can send as many as they like.
    for _ in 0..40 {
        choice.sends(&signed(said.clone(), 1));
    }
    choice.world.wait(1_000);
    std::thread::sleep(std::time::Duration::from_millis(600));
    let path = "/launches?limit=300&message_type=LtiDeepLinkingResponse";
    let kept = choice.world.administrator.get(path).ok("launches").as_array().unwrap().len();
    assert!((20..=25).contains(&kept), "{kept} messages of one tool");
}
