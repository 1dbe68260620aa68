//! Launches that are refused, and why: keys, signatures, times, nonces, exams, ways back.

use std::thread;

use serde_json::json;

use super::sessions;
use crate::world::lms::{Lms, instructor, learner, parameters, with};
use crate::world::{Reply, World, http, nightly};

/// Asserts that a reply is a page that says why nobody gets in, and leads nowhere.
#[track_caller]
fn says(reply: &Reply, status: u16, why: &str) {
    assert_eq!(reply.status, status, "{}", reply.text);
    assert!(reply.text.contains("Access is not possible") && reply.text.contains(why), "{}", reply.text);
    assert!(reply.header("content-type").starts_with("text/html") && reply.headers.get("location").is_none());
}

const TABLES: [&str; 5] = ["lti_placements", "lti_learners", "lti_visits", "student_sessions", "grade_returns"];

fn rows(world: &World) -> Vec<i64> {
    let nonces = if crate::world::on_postgres() { "nonces" } else { "nonce_log" };
    TABLES.iter().chain([&nonces]).map(|table| world.database.rows(table)).collect()
}

#[test]
fn a_wrong_key_and_a_wrong_signature_look_alike_and_lead_nowhere() {
    let world = World::new();
    let (_, lms) = world.lms_of_exam(json!({ "return_hosts": ["lms.example.edu"] }));
    let message = with(&learner(), json!({ "launch_presentation_return_url": "https://lms.example.edu/back" }));
    let before = rows(&world);
    let unknown = Lms { key: "a1b2c3d4e5f6a1b2c3d4e5f6".into(), ..lms.clone() };
    let mut pages = Vec::new();
    for wrong in [lms.with_secret("x"), unknown] {
        let reply = world.launch(&wrong, &message);
        says(&reply, 401, "The key or the signature");
        pages.push(reply.text.replace(reply.header("x-request-id"), ""));
    }
    assert_eq!(pages[0], pages[1]);
    let mut changed = lms.sign(parameters(&message), world.clock.now().seconds());
    changed.iter_mut().find(|(name, _)| name == "user_id").unwrap().1 = "user-2".into();
    says(&world.post_form(&changed), 401, "The key or the signature");
    assert_eq!(rows(&world), before);
}

#[test]
fn lti_03_only_the_configured_address_is_signed_for() {
    let world = World::with(World::standing_clock(), |settings| {
        settings.public_url = Some("https://exams.example.edu".into());
    });
    let (_, lms) = world.lms_of_exam(json!({}));
    assert_eq!(lms.url, "https://exams.example.edu/lti/1.1/launch");
    world.page_of_launch(&lms, &learner());
    let inside = Lms { url: format!("{}/lti/1.1/launch", world.origin()), ..lms.clone() };
    says(&world.launch(&inside, &learner()), 401, "The key or the signature");
    let evil = Lms { url: "https://evil.example/lti/1.1/launch".into(), ..lms.clone() };
    let form = evil.sign(parameters(&learner()), world.clock.now().seconds());
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = http().post(format!("{}/lti/1.1/launch", world.origin())).header("Host", "evil.example");
    let request = request.header("X-Forwarded-Host", "evil.example").header("X-Forwarded-Proto", "https");
    let request = request.header("Content-Type", "application/x-www-form-urlencoded").body(body);
    assert_eq!(request.send().unwrap().status(), 401);
    let upper = Lms { url: "https://EXAMS.example.edu:443/lti/1.1/launch".into(), ..lms };
    world.page_of_launch(&upper, &learner());
}

#[test]
fn a_launch_counts_once_and_for_five_minutes() {
    let world = World::new();
    let (exam, lms) = world.lms_of_exam(json!({}));
    let now = world.clock.now().seconds();
    let form = lms.sign(parameters(&learner()), now);
    assert_eq!(world.post_form(&form).status, 303);
    says(&world.post_form(&form), 401, "used before");
    for (offset, status) in [(-300, 303), (300, 303), (-301, 401), (301, 401)] {
        let reply = world.post_form(&lms.sign(parameters(&learner()), now + offset));
        assert_eq!(reply.status, status, "{offset}: {}", reply.text);
    }
    // The same nonce counts again with another second, and for another LMS.
    let other = world.lms(json!({ "exam_id": exam["id"] }));
    for (lms, seconds) in [(&lms, now), (&lms, now + 1), (&other, now)] {
        let form = lms.sign_with(parameters(&learner()), seconds, "57b3f1");
        assert_eq!(world.post_form(&form).status, 303);
        says(&world.post_form(&form), 401, "used before");
    }
    let refused = lms.sign(parameters(&with(&learner(), json!({ "roles": "Guest" }))), now);
    says(&world.post_form(&refused), 403, "take or teach");
    says(&world.post_form(&refused), 401, "used before");
}

#[test]
fn of_one_launch_sent_many_times_at_once_one_counts() {
    let world = World::new();
    let (exam, lms) = world.lms_of_exam(json!({}));
    for _ in 0..if nightly() { 100 } else { 5 } {
        let form = lms.sign(parameters(&learner()), world.clock.now().seconds());
        let statuses: Vec<u16> = thread::scope(|scope| {
            let sent: Vec<_> = (0..16).map(|_| scope.spawn(|| world.post_form(&form).status)).collect();
            sent.into_iter().map(|sent| sent.join().unwrap()).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    }
    assert_eq!(sessions(&world, &exam).len(), 1);
}

#[test]
fn somebody_who_clicks_many_times_at_once_has_one_session() {
    let world = World::new();
    let (exam, lms) = world.lms_of_exam(json!({}));
    let statuses: Vec<u16> = thread::scope(|scope| {
        let sent: Vec<_> = (0..16).map(|_| scope.spawn(|| world.launch(&lms, &learner()).status)).collect();
        sent.into_iter().map(|sent| sent.join().unwrap()).collect()
    });
    assert_eq!(statuses, [303; 16]);
    assert_eq!(sessions(&world, &exam).len(), 1);
}

#[test]
fn sig_17_a_flood_of_wrong_signatures_writes_nothing() {
    let world = World::new();
    let (_, lms) = world.lms_of_exam(json!({}));
    let (before, wrong) = (rows(&world), lms.with_secret("wrong"));
    let held = world.store.nonces().len();
    for _ in 0..if nightly() { 20_000 } else { 500 } {
        assert_eq!(world.launch(&wrong, &learner()).status, 401);
    }
    assert_eq!((rows(&world), world.store.nonces().len()), (before, held));
}

#[test]
fn sig_18_two_secrets_count_while_one_takes_over_from_the_other() {
    let world = World::new();
    let (_, lms) = world.lms_of_exam(json!({}));
    let rotate = |hours: i64| {
        let path = format!("{}/rotate_secret", lms.path());
        let reply = world.administrator.post(&path, json!({ "grace_hours": hours })).ok("lti_consumer");
        lms.with_secret(reply["consumer_secret"].as_str().unwrap())
    };
    let second = rotate(1);
    assert!(world.launch(&lms, &learner()).status == 303 && world.launch(&second, &learner()).status == 303);
    world.wait(3_600_000);
    assert!(world.launch(&lms, &learner()).status == 401 && world.launch(&second, &learner()).status == 303);
    let third = rotate(0);
    assert!(world.launch(&second, &learner()).status == 401 && world.launch(&third, &learner()).status == 303);
}

#[test]
fn aut_08_who_came_from_an_lms_that_is_shut_out_is_out_at_once() {
    let world = World::new();
    let (exam, lms) = world.lms_of_exam(json!({}));
    let (home, overview) = (world.sent_by_lms(&lms, &learner()), world.sent_by_lms(&lms, &instructor()));
    let set =
        |disabled: bool| world.administrator.patch(&lms.path(), json!({ "disabled": disabled })).ok("lti_consumer");
    let form = lms.sign(parameters(&learner()), world.clock.now().seconds());
    set(true);
    says(&world.post_form(&form), 403, "has closed the way in");
    assert_eq!((world.page(&home).status, world.page(&overview).status), (404, 403));
    assert_eq!(world.press(&format!("{home}/start")).status, 404);
    set(false);
    assert_eq!((world.page(&home).status, world.page(&overview).status), (200, 200));
    world.administrator.delete(&lms.path()).ok("lti_consumer");
    says(&world.launch(&lms, &learner()), 401, "The key or the signature");
    assert_eq!((world.page(&home).status, world.page(&overview).status), (404, 403));
    let kept = &sessions(&world, &exam)[0];
    assert_eq!(world.page(&format!("/sessions/{}", kept["token"].as_str().unwrap())).status, 200);
    assert_eq!(world.database.rows("lti_visits") + world.database.rows("lti_learners"), 0);
}

#[test]
fn aut_09_the_exam_decides_at_every_step() {
    let world = World::new();
    let exam = world.exam();
    let lms = world.lms(json!({ "exam_id": exam["id"] }));
    says(&world.launch(&lms, &learner()), 403, "not open yet");
    assert_eq!(rows(&world)[..5], [0; 5]);
    world.publish(&exam);
    let home = world.sent_by_lms(&lms, &learner());
    world.press(&format!("{home}/start"));
    world.teacher.post(&format!("/exams/{}/close", exam["id"]), json!({})).ok("exam");
    says(&world.launch(&lms, &learner()), 403, "The exam is closed");
    assert_eq!(world.page(&home).status, 403);
    world.teacher.post(&format!("/exams/{}/reopen", exam["id"]), json!({})).ok("exam");
    assert_eq!(world.page(&home).status, 200);
    let other = world.exam();
    world.administrator.patch(&lms.path(), json!({ "exam_id": other["id"] })).ok("lti_consumer");
    assert_eq!(world.page(&home).status, 404, "the LMS no longer reaches that exam");
}

#[test]
fn aut_09_an_lms_reaches_exams_of_its_institute_alone_and_only_one_where_it_is_bound() {
    let world = World::new();
    let (exam, bound) = world.lms_of_exam(json!({}));
    let (free, other) = (world.lms(json!({})), world.exam());
    world.publish(&other);
    let theirs = world.stranger.post("/exams", json!({ "name": "Theirs", "type": "demo" })).created("exam");
    let named =
        |lms: &Lms, name: &str, value: &serde_json::Value| world.launch(lms, &with(&learner(), json!({ name: value })));
    for lms in [&bound, &free] {
        for (name, value) in [
            ("custom_exam_id", &theirs["id"]),
            ("custom_exam_token", &theirs["token"]),
            ("custom_exam_id", &json!(999_999)),
            ("custom_exam_token", &json!("x")),
        ] {
            says(&named(lms, name, value), 403, "There is no such exam");
        }
    }
    says(&named(&bound, "custom_exam_id", &other["id"]), 403, "There is no such exam");
    for (lms, exam) in [(&bound, &exam), (&free, &exam), (&free, &other)] {
        assert_eq!(named(lms, "custom_exam_id", &exam["id"]).status, 303);
        assert_eq!(named(lms, "custom_exam_token", &exam["token"]).status, 303);
    }
    says(&named(&free, "custom_exam_id", &json!("$Exam.id")), 400, "custom_exam_id");
}

#[test]
fn web_04_a_mistake_is_told_to_the_lms_at_its_own_hosts_only() {
    let world = World::new();
    let (_, lms) = world.lms_of_exam(json!({ "return_hosts": ["lms.example.edu"] }));
    let broken = with(&learner(), json!({ "resource_link_id": null }));
    let back = |url: &str| world.launch(&lms, &with(&broken, json!({ "launch_presentation_return_url": url })));
    let reply = back("https://lms.example.edu/back?course=115&x=a%26b");
    assert_eq!(reply.status, 303, "{}", reply.text);
    let location = url::Url::parse(reply.header("location")).unwrap();
    assert!(location.as_str().starts_with("https://lms.example.edu/back?course=115&x=a%26b&lti_errormsg="));
    let said: Vec<(String, String)> = location.query_pairs().into_owned().collect();
    assert!(said.iter().any(|(name, text)| name == "lti_errormsg" && text.contains("resource_link_id")), "{said:?}");
    assert!(said.iter().any(|(name, text)| name == "lti_errorlog" && text.contains(reply.header("x-request-id"))));
    for evil in [
        "//evil.example/",
        "\\\\evil.example/",
        "https:evil.example",
        "https://evil.example/",
        "https://lms.example.edu@evil.example/",
        "https://lms.example.edu:8443/",
        "https://lms.example.edu\\@evil.example/",
        "https://lms.example.edu/\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "",
    ] {
        says(&back(evil), 400, "resource_link_id is missing");
    }
    world.administrator.patch(&lms.path(), json!({ "return_hosts": [] })).ok("lti_consumer");
    says(&back("https://lms.example.edu/back"), 400, "resource_link_id is missing");
}

#[test]
fn lti_08_what_is_said_twice_or_cannot_be_read_is_refused() {
    let world = World::new();
    let (_, lms) = world.lms_of_exam(json!({ "return_hosts": ["lms.example.edu"] }));
    let now = world.clock.now().seconds();
    for (name, value) in [
        ("user_id", "user-2"),
        ("roles", "Instructor"),
        ("launch_presentation_return_url", "https://lms.example.edu/back"),
        ("lti_message_type", "ContentItemSelectionRequest"),
    ] {
        let mut message = parameters(&with(&learner(), json!({ name: value })));
        message.push((name.into(), value.into()));
        says(&world.post_form(&lms.sign(message, now)), 400, &format!("{name} is given more than once"));
    }
    let mut twice = lms.sign(parameters(&learner()), now);
    twice.push(("oauth_nonce".into(), "1".into()));
    says(&world.post_form(&twice), 400, "oauth_nonce is given more than once");
    says(&world.post_form(&parameters(&learner())), 400, "oauth_consumer_key is missing");
    let long = with(&learner(), json!({ "custom_text": "x".repeat(70_000) }));
    says(&world.launch(&lms, &long), 400, "longer than 64 KiB");
    let nobody = with(&learner(), json!({ "user_id": null }));
    says(&world.launch(&lms, &nobody), 400, "user_id that is missing");
    let hidden = with(&learner(), json!({ "context_id": "a\u{200b}b" }));
    says(&world.launch(&lms, &hidden), 400, "context_id");
    let get = world.page("/lti/1.1/launch");
    assert_eq!(get.status, 404);
}
