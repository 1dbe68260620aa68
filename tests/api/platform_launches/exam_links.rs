//! Instructors from a platform who choose exams to link to (Deep Linking 2.0), and what the platform gets.

use examlink_lti::v1p3::claims;
use examlink_lti::v1p3::deep_linking::RESPONSE_TYPE;
use examlink_lti::v1p3::jwk::KeySet;
use examlink_lti::v1p3::tool_message::{ExpectToolMessage, ToolMessage, UnverifiedToolMessage};
use serde_json::{Value, json};

use super::ORIGIN;
use crate::world::lms::with;
use crate::world::platform::{CLIENT, ISSUER, Lms13, instructor, learner};
use crate::world::{Form, Reply, World, post_form};

/// The wish of a platform for links to exams.
pub fn wish(settings: Value) -> Value {
    let asked = json!({
        "deep_link_return_url": "https://lms.example.edu/return?course=1", "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe"], "accept_multiple": true, "accept_lineitem": true,
        "data": "Some opaque <data>&\"",
    });
    let said = json!({
        claims::MESSAGE_TYPE: "LtiDeepLinkingRequest", claims::RESOURCE_LINK: null,
        claims::DEEP_LINKING_SETTINGS: with(&asked, settings),
    });
    with(&instructor(), said)
}

fn sends(world: &World, page: &str, chosen: &[(String, String)]) -> Reply {
    let form = Form::read(page);
    let fields: Vec<_> = form.fields.iter().chain(chosen).cloned().collect();
    post_form(&format!("{}{}", world.origin(), form.action), &fields, "")
}

/// What the platform gets, verified as a platform does.
fn answer(world: &World, lms: &Lms13, sent: &Reply) -> ToolMessage {
    assert_eq!(sent.status, 200, "{}", sent.text);
    assert!(sent.header("content-security-policy").contains("form-action 'self' https://lms.example.edu;"));
    let form = Form::read(&sent.text);
    assert_eq!(form.action, "https://lms.example.edu/return?course=1");
    let message = UnverifiedToolMessage::parse(form.get("JWT").unwrap()).unwrap();
    let keys = KeySet::from_json(world.page("/.well-known/jwks.json").text.as_bytes()).unwrap();
    let key = keys.find(message.kid()).unwrap();
    let expect = ExpectToolMessage {
        message_type: RESPONSE_TYPE,
        client_id: CLIENT,
        deployment_id: "d-1",
        issuer: ISSUER,
        now: lms.now(),
        leeway: 0,
    };
    message.verify(key, &expect).unwrap()
}

fn exam(name: &str, id: &Value) -> (String, String) {
    (name.to_owned(), id.to_string())
}

#[test]
fn an_instructor_picks_exams_for_the_course_and_their_links_open_them() {
    let world = World::new();
    let lms = world.lms_1p3(json!({ "return_hosts": ["lms.example.edu"], "frame_origins": [ORIGIN] }));
    let exams = ["Algebra", "Biology", "Chemistry"]
        .map(|name| world.teacher.post("/exams", json!({ "name": name, "type": "demo" })).created("exam"));
    for exam in &exams {
        world.publish(exam);
    }
    let page = lms.launch(&wish(json!({})));
    assert!(page.text.contains("type=\"checkbox\"") && page.header("content-security-policy").contains(ORIGIN));
    let chosen = [exam("exam_id", &exams[0]["id"]), exam("exam_id", &exams[2]["id"])];
    let message = answer(&world, &lms, &sends(&world, &page.text, &chosen));
    assert_eq!(message.claims.text(claims::DEEP_LINKING_DATA), Some("Some opaque <data>&\""));
    let items = message.claims.value(claims::CONTENT_ITEMS).unwrap().as_array().unwrap();
    assert_eq!(items.iter().map(|item| &item["title"]).collect::<Vec<_>>(), ["Algebra", "Chemistry"]);
    let last = &items[1];
    assert_eq!((&last["type"], &last["url"]), (&json!("ltiResourceLink"), &lms.platform["launch_url"]));
    assert_eq!((&last["lineItem"]["scoreMaximum"], &last["lineItem"]["label"]), (&json!(100.0), &json!("Chemistry")));
    let launched = lms.sent(&with(&learner(), json!({ claims::CUSTOM: last["custom"] })));
    assert!(world.page(&launched).text.contains("Chemistry"));
    let shown = world.logged(RESPONSE_TYPE, 1).remove(0);
    assert_eq!((&shown["direction"], &shown["status"]), (&json!("to_platform"), &json!("launched")), "{shown}");
    assert_eq!((&shown["lti_consumer_id"], &shown["header"]["alg"]), (&lms.platform["id"], &json!("RS256")));
    assert_eq!((&shown["url"], &shown["checks"]), (&json!("https://lms.example.edu/return?course=1"), &Value::Null));
    assert_eq!(shown["claims"][claims::CONTENT_ITEMS], json!(items));
    assert_eq!(shown["claims"][claims::DEEP_LINKING_DATA], "***", "what goes back unread is a secret");
    world.stranger.logged(RESPONSE_TYPE, 0);
}

#[test]
fn an_instructor_may_pick_nothing_and_one_only_where_one_is_wanted() {
    let world = World::new();
    let lms = world.lms_1p3(json!({ "return_hosts": ["lms.example.edu"] }));
    let exams = [world.exam(), world.exam()];
    let page = lms.launch(&wish(json!({ "accept_multiple": false, "accept_lineitem": false, "data": null }))).text;
    assert!(page.contains("type=\"radio\""), "{page}");
    let cancelled = [exam("exam_id", &exams[0]["id"]), ("cancel".to_owned(), "true".to_owned())];
    let message = answer(&world, &lms, &sends(&world, &page, &cancelled));
    assert_eq!(message.claims.value(claims::CONTENT_ITEMS), Some(&json!([])));
    assert_eq!(message.claims.value(claims::DEEP_LINKING_DATA), None);
    let both = [exam("exam_id", &exams[0]["id"]), exam("exam_id", &exams[1]["id"])];
    let message = answer(&world, &lms, &sends(&world, &page, &both));
    let items = message.claims.value(claims::CONTENT_ITEMS).unwrap().as_array().unwrap();
    assert!(items.len() == 1 && items[0].get("lineItem").is_none(), "{items:?}");
    let theirs = world.stranger.post("/exams", json!({ "name": "Theirs", "type": "demo" })).created("exam");
    let message = answer(&world, &lms, &sends(&world, &page, &[exam("exam_id", &theirs["id"])]));
    assert_eq!(message.claims.value(claims::CONTENT_ITEMS), Some(&json!([])), "theirs are out of reach");
}

#[test]
fn links_go_to_hosts_of_the_platform_and_wishes_are_not_made_up() {
    let world = World::new();
    let lms = world.lms_1p3(json!({ "return_hosts": ["lms.example.edu"] }));
    for (settings, why) in [
        (json!({ "deep_link_return_url": "https://evil.example/return" }), "not among the return_hosts"),
        (json!({ "deep_link_return_url": "javascript:alert(1)" }), "deep_link_return_url"),
        (json!({ "accept_types": ["html"] }), "does not name ltiResourceLink"),
    ] {
        let reply = lms.launch(&wish(settings));
        assert!(reply.status == 400 && reply.text.contains(why), "{why}: {}", reply.text);
    }
    let page = lms.launch(&wish(json!({}))).text;
    let changed = page.replace("lms.example.edu", "evil.example");
    assert_eq!(sends(&world, &changed, &[]).status, 403);
    world.wait(60 * 60_000);
    assert_eq!(sends(&world, &page, &[]).status, 403, "an hour is enough to choose");
}
