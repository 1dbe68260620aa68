//! Launches by LTI 1.3 that lead nowhere, each with the reason on its page; nothing is written for them.

use examlink_lti::v1p3::claims;
use serde_json::{Value, json};

use super::sessions;
use crate::world::lms::with;
use crate::world::platform::{Begun, Lms13, entered, instructor, learner};
use crate::world::{Reply, World};

#[track_caller]
fn refused(reply: &Reply, status: u16, why: &str) {
    let text = reply.text.replace("&#34;", "\"");
    assert!(reply.status == status && text.contains(why), "{why}: {} {text}", reply.status);
}

/// A launch whose token says something else, signed by the first key pair.
fn saying(lms: &Lms13, change: Value) -> Reply {
    let begun = lms.begun();
    let claims = with(&lms.claims(&begun, &learner()), change);
    lms.sends(&Lms13::answer(&begun, &claims, 0), begun.cookie())
}

#[test]
fn a_token_that_is_not_for_us_not_now_or_not_whole_opens_nothing() {
    let world = World::new();
    let (exam, lms) = world.lms_1p3_of_exam(json!({}));
    let now = lms.now();
    for (change, status, why) in [
        (json!({ "iss": "https://evil.example" }), 401, "iss is not the one"),
        (json!({ "aud": "client-2" }), 401, "aud does not name"),
        (json!({ "aud": ["client-1", "evil"] }), 401, "aud names others"),
        (json!({ "azp": "client-2" }), 401, "azp is not the client id"),
        (json!({ "exp": now - 120, "iat": now - 300 }), 401, "the token ended"),
        (json!({ "exp": (now + 300).to_string() }), 401, "exp must be a number"),
        (json!({ "exp": null }), 401, "exp is missing"),
        (json!({ "exp": now + 100_000 }), 401, "the token lives"),
        (json!({ "iat": now + 120 }), 401, "iat"),
        (json!({ "nonce": "another" }), 401, "nonce is not the one"),
        (json!({ "nonce": null }), 401, "nonce is missing"),
        (json!({ claims::VERSION: "1.1" }), 401, "version is \"1.1\""),
        (json!({ claims::MESSAGE_TYPE: "LtiDeepLinkingResponse" }), 401, "which does not belong here"),
        (json!({ claims::RESOURCE_LINK: null }), 401, "resource_link is missing"),
        (json!({ claims::ROLES: null }), 401, "roles is missing"),
        (json!({ claims::DEPLOYMENT_ID: "d-2" }), 403, "does not know the deployment d-2"),
        (json!({ claims::TARGET_LINK_URI: "https://evil.example/" }), 400, "target_link_uri is no address"),
        (json!({ claims::ROLES: [] }), 403, "does not say that you take or teach"),
        (json!({ "sub": null }), 400, "user_id that is missing"),
        (json!({ claims::CUSTOM: { "exam_id": "nine" } }), 400, "custom_exam_id that is not the number"),
        (
            json!({
                claims::MESSAGE_TYPE: "LtiSubmissionReviewRequest", claims::FOR_USER: { "user_id": "u" },
                claims::AGS_ENDPOINT: { "scope": [], "lineitem": "https://lms.example.edu/1" },
            }),
            400,
            "which is not taken here",
        ),
    ] {
        refused(&saying(&lms, change), status, why);
    }
    assert_eq!(sessions(&world, &exam).len(), 0);
    assert_eq!(world.database.rows("lti_placements"), 0);
}

#[test]
fn a_token_with_another_signature_opens_nothing() {
    let world = World::new();
    let (_, lms) = world.lms_1p3_of_exam(json!({}));
    let begun = lms.begun();
    let form = Lms13::answer(&begun, &lms.claims(&begun, &learner()), 0);
    let token = form[0].1.clone();
    let sends = |token: &str| {
        let form = [("id_token".to_owned(), token.to_owned()), form[1].clone()];
        lms.sends(&form, begun.cookie())
    };
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let none = "eyJhbGciOiJub25lIiwia2lkIjoiYSJ9";
    let secret = "eyJhbGciOiJIUzI1NiIsImtpZCI6ImEifQ";
    refused(&sends(&format!("{none}.{payload}.")), 401, "signed by \"none\"");
    refused(&sends(&format!("{secret}.{payload}.{signature}")), 401, "signed by \"HS256\"");
    refused(&sends(&format!("{header}.{payload}.{}A", &signature[..signature.len() - 2])), 401, "does not match");
    refused(&sends("token"), 401, "three parts");
    let strange = Lms13::answer(&begun, &lms.claims(&begun, &learner()), 1);
    refused(&lms.sends(&strange, begun.cookie()), 401, "no key with the kid");
    assert_eq!(sends(&token).status, 303, "what was refused spent nothing");
    refused(&sends(&token), 401, "was used before");
}

#[test]
fn a_launch_ends_in_the_browser_that_began_it_and_in_time() {
    let world = World::new();
    let (_, lms) = world.lms_1p3_of_exam(json!({}));
    let (begun, other) = (lms.begun(), lms.begun());
    let form = Lms13::answer(&begun, &lms.claims(&begun, &learner()), 0);
    for cookie in ["", other.cookie(), &format!("{}0", begun.cookie())] {
        refused(&lms.sends(&form, cookie), 401, "This browser did not begin");
    }
    let state = begun.asked("state");
    let (words, ticket) = state.rsplit_once('-').unwrap();
    let another = if words.ends_with('1') { '2' } else { '1' };
    let guess = format!("{}{another}-{ticket}", &words[..words.len() - 1]);
    for state in ["s", "", &guess, &other.asked("state")] {
        let form = [form[0].clone(), ("state".into(), state.to_owned())];
        assert!([400, 401].contains(&lms.sends(&form, begun.cookie()).status), "{state}");
    }
    // The token of one login does not answer another of the same browser.
    let both = format!("{}; {}", begun.cookie(), other.cookie());
    refused(&lms.sends(&[form[0].clone(), ("state".into(), other.asked("state"))], &both), 401, "nonce is not the one");
    world.wait(10 * 60_000);
    refused(&lms.sends(&form, begun.cookie()), 401, "too long ago");
}

#[test]
fn one_platform_does_not_speak_for_another() {
    let world = World::new();
    let (_, lms) = world.lms_1p3_of_exam(json!({}));
    let (_, other) = world.lms_1p3_of_exam(json!({ "issuer": "https://other.example", "client_id": "client-9" }));
    other.keys.publish(&[1]);
    let begun = lms.begun();
    // Its own key signs what the first platform says, and what it says itself.
    let claims = lms.claims(&begun, &learner());
    refused(&lms.sends(&Lms13::answer(&begun, &claims, 1), begun.cookie()), 401, "no key with the kid");
    let own = with(&claims, json!({ "iss": "https://other.example", "aud": "client-9" }));
    refused(&lms.sends(&Lms13::answer(&begun, &own, 0), begun.cookie()), 401, "iss is not the one");
}

#[test]
fn who_is_not_registered_begins_nothing() {
    let world = World::new();
    let (_, lms) = world.lms_1p3_of_exam(json!({}));
    for (change, status, why) in [
        (json!({ "iss": "https://evil.example" }), 401, "no platform that is registered"),
        (json!({ "client_id": "client-2" }), 401, "no platform that is registered"),
        (json!({ "lti_deployment_id": "d-2" }), 403, "does not know the deployment d-2"),
        (json!({ "iss": null }), 400, "iss is missing"),
        (json!({ "login_hint": "" }), 400, "login_hint is missing"),
        (json!({ "target_link_uri": "https://evil.example/lti/1.3/launch" }), 400, "target_link_uri is no address"),
        (json!({ "target_link_uri": "javascript:alert(1)" }), 400, "target_link_uri is no address"),
    ] {
        let reply = lms.begins(&with(&lms.login(), change));
        refused(&reply, status, why);
        assert!(reply.headers.get("set-cookie").is_none() && reply.headers.get("location").is_none());
    }
    let escaped = lms.begins(&with(&lms.login(), json!({ "lti_deployment_id": "<script>alert(1)</script>" })));
    assert!(!escaped.text.contains("<script>alert"), "{}", escaped.text);
}

#[test]
fn a_platform_that_is_shut_out_lets_nobody_in_and_who_is_in_goes_out() {
    let world = World::new();
    let (_, lms) = world.lms_1p3_of_exam(json!({}));
    let home = lms.sent(&learner());
    let begun = lms.begun();
    world.administrator.patch(&lms.path(), json!({ "disabled": true })).ok("lti_platform");
    assert_eq!(world.page(&home).status, 404);
    refused(&lms.begins(&lms.login()), 403, "has closed the way in");
    let form = Lms13::answer(&begun, &lms.claims(&begun, &learner()), 0);
    refused(&lms.sends(&form, begun.cookie()), 403, "has closed the way in");
    world.administrator.patch(&lms.path(), json!({ "disabled": false })).ok("lti_platform");
    assert_eq!(lms.sends(&form, begun.cookie()).status, 303);
    assert_eq!(world.page(&home).status, 200);
}

#[test]
fn what_a_platform_says_instead_of_a_token_is_shown() {
    let world = World::new();
    let (_, lms) = world.lms_1p3_of_exam(json!({}));
    let Begun { asked, .. } = lms.begun();
    let state = asked.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let form = |fields: &[(&str, &str)]| {
        let fields: Vec<_> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        lms.sends(&fields, "")
    };
    refused(&form(&[("error", "login_required"), ("state", &state)]), 403, "did not send you on: login_required");
    let described = form(&[("error", "access_denied"), ("error_description", "<b>not you</b>"), ("state", &state)]);
    refused(&described, 403, "did not send you on");
    assert!(!described.text.contains("<b>not you"), "{}", described.text);
    refused(&form(&[]), 400, "id_token is missing");
    refused(&form(&[("id_token", "a"), ("id_token", "b"), ("state", &state)]), 400, "more than once");
}

#[test]
fn a_key_of_lti_1_1_and_a_platform_open_nothing_for_each_other() {
    let world = World::new();
    let (_, lms) = world.lms_1p3_of_exam(json!({}));
    let key = world.database.texts("SELECT consumer_key AS text FROM lti_consumers").remove(0);
    let (_, other) = world.lms_of_exam(json!({}));
    let impostor = crate::world::lms::Lms { key, ..other.clone() };
    assert_eq!(world.launch(&impostor, &crate::world::lms::learner()).status, 401);
    for (path, id) in [("lti_consumers", &lms.platform["id"]), ("lti_platforms", &other.consumer["id"])] {
        world.administrator.get(&format!("/{path}/{id}")).refused(404, "not_found");
        world.administrator.patch(&format!("/{path}/{id}"), json!({ "name": "Mine" })).refused(404, "not_found");
        world.administrator.delete(&format!("/{path}/{id}")).refused(404, "not_found");
        assert_eq!(world.administrator.get(&format!("/{path}")).ok(path).as_array().unwrap().len(), 1);
    }
}

#[test]
fn one_issuer_and_client_is_one_platform_of_this_server() {
    let world = World::new();
    let lms = world.lms_1p3(json!({}));
    let reply = world.stranger.post("/lti_platforms", entered(json!({})));
    assert_eq!((reply.status, &reply.json["errors"][0]["field"]), (422, &json!("client_id")), "{}", reply.text);
    let other =
        world.stranger.post("/lti_platforms", entered(json!({ "client_id": "client-2" }))).created("lti_platform");
    let path = format!("/lti_platforms/{}", other["id"]);
    assert_eq!(world.stranger.patch(&path, json!({ "client_id": "client-1" })).status, 422);
    assert_eq!(world.stranger.get(&path).ok("lti_platform")["client_id"], "client-2");
    world.administrator.delete(&lms.path()).ok("");
    world.stranger.patch(&path, json!({ "client_id": "client-1" })).ok("lti_platform");
}

#[test]
fn a_student_gets_no_choice_of_exams() {
    let world = World::new();
    let lms = world.lms_1p3(json!({ "return_hosts": ["lms.example.edu"] }));
    let wish = super::exam_links::wish(json!({}));
    assert_eq!(lms.launch(&with(&wish, json!({ claims::ROLES: learner()[claims::ROLES] }))).status, 403);
    assert_eq!(lms.launch(&with(&wish, json!({ claims::ROLES: instructor()[claims::ROLES] }))).status, 200);
}
