//! Who is not the tool gets nothing in, and what breaks a rule changes nothing.

use std::time::Instant;

use examlink_lti::Secret;
use examlink_lti::v1::oauth1::{SignatureMethod, body_hash, percent_encode};
use examlink_lti::v1::outcomes::Action;
use serde_json::json;

use super::rows;
use crate::world::launched::{Launched, answer, assert_refused, last_call, scored, send_signed};
use crate::world::{World, http, on_postgres};

/// Everything that an outcome could have changed, and the nonces.
fn written(world: &World) -> (usize, usize, usize) {
    let nonces = if on_postgres() { rows(world, "nonces") } else { world.store.nonces().len() };
    (rows(world, "results"), rows(world, "result_changes"), nonces)
}

/// Asserts that sending changes nothing and is no proof of who sends.
#[track_caller]
fn assert_unauthorized(world: &World, why: &str, send: impl FnOnce() -> crate::world::Reply) {
    let before = written(world);
    assert_refused(&send(), 401, why);
    assert_eq!(written(world), before, "{why}");
}

#[test]
fn lti_02_only_the_body_that_was_signed_is_taken() {
    let world = World::new();
    let tool = world.launched();
    let (body, other) = (tool.xml(scored(0.5)), tool.xml(scored(1.0)));
    let header = |body: &str| tool.header(&world, "POST", &tool.url, body);
    let hash = |body: &str, method| percent_encode(&body_hash(body.as_bytes(), method)).into_owned();
    let sha1 = hash(&body, SignatureMethod::HmacSha1);
    let whole = format!("oauth_body_hash=\"{sha1}\", ");
    let swapped = |with: &str| header(&body).replace(&sha1, with);
    let changed = [
        ("body changed, hash kept", header(&body), "oauth_body_hash is not"),
        ("hash changed to fit", swapped(&hash(&other, SignatureMethod::HmacSha1)), "oauth_signature does not match"),
        ("hash missing", header(&body).replace(&whole, ""), "oauth_signature does not match"),
        ("hash twice", header(&body).replace(&whole, &format!("{whole}{whole}")), "more than once"),
        (
            "SHA-256 with HMAC-SHA1",
            swapped(&hash(&other, SignatureMethod::HmacSha256)),
            "oauth_signature does not match",
        ),
        ("hash of a body written anew", header(&body.replace('\n', "\r\n")), "oauth_body_hash is not"),
        ("no header", String::new(), "Authorization"),
        ("another scheme", "Bearer x".into(), "Authorization"),
    ];
    for (name, header, why) in changed {
        println!("{name}");
        assert_unauthorized(&world, why, || send_signed(&world, &header, &other));
    }
    assert_eq!(send_signed(&world, &header(&body), &body).status, 200);
}

#[test]
fn lti_01_nothing_is_parsed_before_the_signature_is_right() {
    let world = World::new();
    let tool = world.launched();
    for body in ["", "<", "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><a>&a;</a>", "no XML"] {
        let header = tool.header(&world, "POST", &tool.url, "another body");
        assert_unauthorized(&world, "oauth_body_hash", || send_signed(&world, &header, body));
    }
    assert_refused(&tool.send_xml(&world, "no XML"), 422, "not well-formed");
}

#[test]
fn lti_03_the_configured_public_url_is_signed_whatever_the_request_says() {
    let world = World::with(World::standing_clock(), |settings| {
        settings.public_url = Some("https://exams.example.edu".into());
    });
    let tool = world.launched();
    assert_eq!(tool.url, "https://exams.example.edu/lti/1.1/outcomes");
    let body = tool.xml(scored(0.5));
    let send = |url: &str, query: &str, host: &str| {
        let header = tool.header(&world, "POST", url, &body);
        let request = http().post(format!("{}/lti/1.1/outcomes{query}", world.origin()));
        let request = request.header("Host", host).header("X-Forwarded-Host", host).header("X-Forwarded-Proto", "http");
        let request = request.header("Content-Type", "text/xml;charset=UTF-8").header("Authorization", header);
        request.body(body.clone()).send().unwrap().status().as_u16()
    };
    for (url, query, host, status) in [
        ("https://exams.example.edu/lti/1.1/outcomes", "", "evil.example", 200),
        ("https://EXAMS.example.edu:443/lti/1.1/outcomes", "", "exams.example.edu", 200),
        ("https://exams.example.edu/lti/1.1/outcomes?a=1&b=%20", "?a=1&b=%20", "exams.example.edu", 200),
        ("https://exams.example.edu/lti/1.1/outcomes", "?a=1", "exams.example.edu", 401),
        ("https://evil.example/lti/1.1/outcomes", "", "evil.example", 401),
        ("http://exams.example.edu/lti/1.1/outcomes", "", "exams.example.edu", 401),
        ("https://exams.example.edu:8443/lti/1.1/outcomes", "", "exams.example.edu:8443", 401),
    ] {
        assert_eq!(send(url, query, host), status, "{url} at {host}");
    }
}

/// The verifier says no to everything, because the secret is another one by now; nothing is written (LTI-04, AUT-08).
#[test]
fn lti_04_when_no_signature_is_right_nothing_is_written() {
    let world = World::new();
    let tool = world.launched();
    assert_eq!(tool.send(&world, scored(0.5)).status, 200);
    let path = format!("/tool_providers/{}", tool.tool["id"]);
    world.administrator.patch(&path, json!({ "oauth_consumer_secret": "another-secret-by-now" })).ok("tool_provider");
    let before = written(&world);
    for action in [scored(1.0), Action::Read, Action::Delete] {
        assert_refused(&tool.send(&world, action), 401, "oauth_signature does not match");
    }
    for (method, body) in [("GET", ""), ("PUT", "{\"@type\":\"Result\",\"resultScore\":1}"), ("DELETE", "")] {
        assert_eq!(tool.send_json(&world, method, body).json["code"], "signature_invalid");
    }
    assert_eq!(written(&world).0, before.0);
    assert_eq!(written(&world).1, before.1);
    assert_eq!(tool.result(&world).unwrap()["score"], 0.5);
}

#[test]
fn lti_05_another_tool_does_not_write_with_a_right_sourcedid() {
    let world = World::new();
    let tool = world.launched();
    let other = world.tool_provider();
    let fields = json!({ "oauth_consumer_key": "another00000000000key", "oauth_consumer_secret": "anothersecret" });
    world.administrator.patch(&format!("/tool_providers/{}", other["id"]), fields).ok("tool_provider");
    let mut thief = tool.clone();
    thief.credentials.consumer_key = "another00000000000key".into();
    thief.credentials.secret = Secret::new("anothersecret");
    for action in [scored(1.0), Action::Read, Action::Delete] {
        assert_refused(&thief.send(&world, action), 422, "another tool");
    }
    let call = last_call(&world);
    assert_eq!((&call["code"], &call["tool_provider_id"]), (&json!("tool_mismatch"), &other["id"]));
    assert_eq!(call["student_session_id"], json!(null), "the log of one tool does not tell of another's students");
    assert_eq!(rows(&world, "results"), 0);
}

#[test]
fn lti_05_a_sourcedid_is_bound_to_tool_link_attempt_and_student() {
    let world = World::new();
    let tool = world.launched();
    let second = world.student_session_named(&tool.exam, "kim@example.edu");
    let others = world.launched_into(tool.exam.clone(), tool.tool.clone(), tool.resource.clone(), second);
    assert_ne!(tool.sourcedid, others.sourcedid);
    let parts = |tool: &Launched| tool.sourcedid.split('-').map(ToOwned::to_owned).collect::<Vec<_>>();
    let (mine, theirs) = (parts(&tool), parts(&others));
    for forged in [
        format!("{}-{}-{}", theirs[0], mine[1], mine[2]),
        format!("{}-{}-{}", mine[0], "999999", mine[2]),
        format!("{}-{}-{}", mine[0], mine[1], "0".repeat(32)),
        format!("{}-{}-", mine[0], mine[1]),
        format!("0{}-{}-{}", mine[0], mine[1], theirs[2]),
        format!("{}-{}-{}x", mine[0], mine[1], mine[2]),
        "1".into(),
        "'; DROP TABLE results; --".into(),
        "9".repeat(300),
    ] {
        let forger = Launched { sourcedid: forged, ..tool.clone() };
        assert_refused(&forger.send(&world, scored(1.0)), 422, "is not one that a launch");
    }
    // A link that is another tool's by now is no longer the first tool's to grade.
    let other = world.tool_provider();
    let fields = json!({ "tool_provider_id": other["id"] });
    world.teacher.patch(&format!("/lti_resources/{}", tool.resource["id"]), fields).ok("lti_resource");
    assert_refused(&tool.send(&world, scored(1.0)), 422, "is not one that a launch");
    assert_eq!(rows(&world, "results"), 0);
}

#[test]
fn lti_06_what_is_no_score_changes_nothing() {
    let world = World::new();
    let tool = world.launched();
    assert_eq!(tool.send(&world, scored(0.5)).status, 200);
    let thousand = "0.".to_owned() + &"1".repeat(1_000);
    for score in ["-0.1", "1.1", "NaN", "inf", "1e400", "0x1", "", "0,5", "1 ", "٠٫٥", &thousand] {
        let xml = tool.xml(scored(0.25)).replace("0.25", score);
        assert_refused(&tool.send_xml(&world, &xml), 422, "score");
        assert_eq!(last_call(&world)["code"], "bad_score", "{score}");
    }
    assert_eq!(tool.score(&world), "0.5");
}

#[test]
fn lti_07_and_08_attacks_by_xml_are_refused_at_once_and_echo_nothing() {
    let world = World::new();
    let tool = world.launched();
    let body = tool.xml(scored(0.5));
    let attributes: String = (0..10_000).map(|n| format!(" a{n}=\"\"")).take(5_500).collect();
    let deep = "<a>".repeat(9_000);
    for (name, xml) in [
        (
            "external entity",
            body.replace("?>", "?><!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>").replace("m1", "&f;"),
        ),
        ("document type", body.replace("?>", "?><!DOCTYPE x>")),
        ("attributes", body.replace("<imsx_POXBody>", &format!("<imsx_POXBody{attributes}>"))),
        ("depth", body.replace("<language>", &format!("{deep}<language>"))),
        ("two names", body.replace("<sourcedId>", "<sourcedId>1</sourcedId><sourcedId>")),
        ("a name in the header", body.replace("<imsx_version>", "<sourcedId>1</sourcedId><imsx_version>")),
    ] {
        let header = tool.header(&world, "POST", &tool.url, &xml);
        let started = Instant::now();
        let reply = send_signed(&world, &header, &xml);
        println!("{name}: {} bytes, {:?} with the way there and back", xml.len(), started.elapsed());
        assert_eq!(reply.status, 422, "{name}: {}", reply.text);
        assert!(!reply.text.contains("root:"), "{name}");
    }
    let reply = tool.send_xml(&world, &body.replace(">m1<", ">&lt;x&gt;&amp;\"<"));
    assert!(!reply.text.contains("<x>") && answer(&reply).message_ref == "<x>&\"", "{}", reply.text);
    let reply = tool.send_xml(&world, &body.replace(&tool.sourcedid, "&lt;script&gt;"));
    assert!(!reply.text.contains("script&gt;") && !reply.text.contains("<script"), "{}", reply.text);
    let long = "x".repeat(70_000);
    assert_refused(&tool.send_xml(&world, &body.replace("m1", &long)), 413, "65536");
}

#[test]
fn a_message_is_taken_once_and_in_time() {
    let world = World::new();
    let mut tool = world.launched();
    let body = tool.xml(scored(0.5));
    let header = tool.header(&world, "POST", &tool.url, &body);
    assert_eq!(send_signed(&world, &header, &body).status, 200);
    for _ in 0..3 {
        assert_unauthorized(&world, "oauth_nonce was used", || send_signed(&world, &header, &body));
    }
    for (ahead, status) in [(-301, 401), (-300, 200), (300, 200), (301, 401)] {
        tool.ahead = ahead;
        assert_eq!(tool.send(&world, scored(0.6)).status, status, "{ahead}");
    }
    // The nonce of a message that breaks a rule is spent all the same.
    tool.ahead = 0;
    let broken = tool.xml(scored(0.5)).replace("0.5", "5");
    let header = tool.header(&world, "POST", &tool.url, &broken);
    assert_eq!(send_signed(&world, &header, &broken).status, 422);
    assert_refused(&send_signed(&world, &header, &broken), 401, "oauth_nonce was used");
}

#[test]
fn an_unknown_key_gets_the_answer_of_a_wrong_signature_and_no_row() {
    let world = World::new();
    let tool = world.launched();
    let mut nobody = tool.clone();
    nobody.credentials.consumer_key = "nobody00000000000000".into();
    let before = written(&world);
    let mut texts = Vec::new();
    for _ in 0..100 {
        let reply = nobody.send(&world, scored(0.5));
        assert_eq!(reply.status, 401);
        texts.push(answer(&reply).description);
    }
    let mut wrong = tool.clone();
    wrong.credentials.secret = Secret::new("wrong");
    assert!(texts.iter().all(|text| *text == answer(&wrong.send(&world, scored(0.5))).description));
    assert_eq!(written(&world), before);
}
