//! Letters that can be written in two ways: signed as they came, kept in one form.

use serde_json::json;

use crate::world::{World, sign};

const COMPOSED: &str = "\u{e9}lan";
const DECOMPOSED: &str = "e\u{301}lan";

#[test]
fn sig_14_both_forms_of_a_letter_are_signed_as_they_are_and_kept_composed() {
    let world = World::new();
    for name in [COMPOSED, DECOMPOSED] {
        let call = world.teacher.call("POST", "/exams", json!({ "name": name, "type": "demo" }));
        let other = if name == COMPOSED { DECOMPOSED } else { COMPOSED };
        let mistaken = sign(&world.teacher.secret, &call.clone().with("name", other).signed());
        call.clone().send_signed(&mistaken).refused(401, "invalid_signature");
        assert_eq!(call.send().created("exam")["name"], COMPOSED);
    }
}

#[test]
fn sig_14_two_forms_of_one_address_are_taken_for_the_same() {
    let world = World::new();
    let path = format!("/institutes/{}/users", world.institute);
    let create = |domain: &str| {
        let user = json!({ "email": format!("a@{domain}.example"), "name": "A", "password": "Correct-Horse-1" });
        world.administrator.post(&path, user)
    };
    create(COMPOSED).created("user");
    create(DECOMPOSED).refused(422, "taken");
}

#[test]
fn sig_14_invisible_characters_are_refused_in_names_and_keys() {
    let world = World::new();
    let tool = json!({
        "tool_name": "Quiz", "oauth_consumer_key": "key", "oauth_consumer_secret": "secret",
        "tool_url": "https://tool.example/",
    });
    for mark in ["\u{200B}", "\u{200D}", "\u{202E}", "\u{2066}", "\u{FEFF}", "\u{00AD}", "\u{0007}", "\n"] {
        for field in ["tool_name", "oauth_consumer_key"] {
            let mut tool = tool.clone();
            tool[field] = json!(format!("a{mark}b"));
            let reply = world.administrator.post("/tool_providers", tool);
            assert_eq!(reply.refused(422, "parameter_invalid").json["errors"][0]["field"], field, "{mark:?}");
        }
        let name = format!("na{mark}me");
        world.teacher.call("GET", "/exams", json!({})).with(&name, "a").send().refused(422, "parameter_invalid");
    }
}
