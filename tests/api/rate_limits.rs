//! A client that asks for too much is told when to come again, and takes nothing from the others.

use examlink::config::Settings;
use serde_json::{Value, json};

use crate::world::{Call, Person, World};

/// A server that lets each token send `burst` requests at once and one more every second, and tells as many failures
/// to each address.
fn world_with(burst: u32, change: impl FnOnce(&mut Settings)) -> World {
    World::with(World::standing_clock(), |settings| {
        (settings.requests_per_second, settings.requests_burst) = (1, burst);
        (settings.failures_per_second, settings.failures_burst) = (1, burst);
        change(settings);
    })
}

fn list(person: &Person) -> Call {
    person.call("GET", "/exams", Value::Null)
}

#[test]
fn dos_03_a_token_that_sends_too_much_waits_and_others_do_not() {
    let world = world_with(3, |_| {});
    for left in ["2", "1", "0"] {
        let reply = list(&world.teacher).send();
        reply.ok("exams");
        assert_eq!(reply.header("ratelimit-policy"), "\"requests\";q=3;w=3");
        assert!(
            reply.header("ratelimit").starts_with(&format!("\"requests\";r={left};t=")),
            "{}",
            reply.header("ratelimit")
        );
    }
    let call = list(&world.teacher);
    let reply = call.clone().send();
    reply.refused(429, "rate_limited");
    assert_eq!((reply.header("retry-after"), reply.header("ratelimit")), ("1", "\"requests\";r=0;t=3"));
    list(&world.colleague).send().ok("exams");
    // What was not carried out spent no nonce.
    world.wait(1_100);
    call.send().ok("exams");
}

#[test]
fn dx_11_what_is_left_stands_on_refusals_too() {
    let world = world_with(5, |_| {});
    let missing = world.teacher.get("/exams/999");
    missing.refused(404, "not_found");
    assert!(missing.header("ratelimit").starts_with("\"requests\";r=4"), "{}", missing.header("ratelimit"));
    let unlimited = World::new();
    assert_eq!(list(&unlimited.teacher).send().header("ratelimit"), "");
}

#[test]
fn dos_03_an_address_that_fails_too_often_waits_and_a_right_signature_from_it_does_not() {
    let world = world_with(3, |_| {});
    let nobody = world.nobody();
    for _ in 0..3 {
        let reply = list(&nobody).send();
        reply.refused(401, "invalid_signature");
        assert_eq!(reply.header("ratelimit-policy"), "\"failures\";q=3;w=3");
    }
    for call in [list(&nobody), list(&world.teacher.with(&world.teacher.token, "wrong")), list(&nobody)] {
        let reply = call.send();
        reply.refused(429, "rate_limited");
        assert_eq!(reply.header("retry-after"), "1");
    }
    list(&world.teacher).send().ok("exams");
    world.wait(1_100);
    list(&nobody).send().refused(401, "invalid_signature");
}

#[test]
fn dos_03_a_students_link_that_is_opened_too_often_waits_and_others_do_not() {
    let world = World::with(World::standing_clock(), |settings| {
        (settings.requests_per_second, settings.requests_burst) = (1, 50);
    });
    let exam = world.exam();
    world.publish(&exam);
    let path = format!("/exams/{}/student_sessions", exam["id"]);
    let [one, other] = ["sam", "kim"].map(|name| {
        let fields = json!({ "name": name, "email": format!("{name}@example.edu") });
        let session = world.teacher.post(&path, fields).created("student");
        format!("/sessions/{}", session["token"].as_str().unwrap())
    });
    // Its first letter written in another way makes no other link.
    let disguised = one.replacen("/sessions/", "/sessions/%", 1);
    let disguised = format!("/sessions/%{:x}{}", one.as_bytes()[10], &disguised[12..]);
    for number in 0..50 {
        let path = [one.clone(), disguised.clone(), format!("{one}/launch/1")][number % 3].clone();
        assert_ne!(world.page(&path).status, 429, "{number}");
    }
    for refused in [world.page(&one), world.page(&disguised), world.press(&format!("{one}/start"))] {
        assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
        assert!(refused.text.contains("Wait a minute") && refused.text.contains(refused.header("x-request-id")));
    }
    assert_eq!(world.page(&other).status, 200);
    world.wait(1_100);
    assert_eq!(world.page(&one).status, 200);
}

#[test]
fn dos_06_a_forged_address_is_not_believed() {
    let world = world_with(3, |_| {});
    let fail = |forwarded: &str| list(&world.nobody()).header("X-Forwarded-For", forwarded).send();
    for host in 0..3 {
        fail(&format!("198.51.100.{host}")).refused(401, "invalid_signature");
    }
    fail("198.51.100.9").refused(429, "rate_limited");
}

#[test]
fn dos_06_a_trusted_proxy_says_who_failed() {
    let world = world_with(3, |settings| settings.trusted_proxies = "127.0.0.0/8, 192.0.2.7".into());
    let fail = |forwarded: &str| list(&world.nobody()).header("X-Forwarded-For", forwarded).send();
    for forged in ["203.0.113.1", "203.0.113.2", "203.0.113.3"] {
        fail(&format!("{forged}, 198.51.100.1, 192.0.2.7")).refused(401, "invalid_signature");
    }
    fail("203.0.113.4, 198.51.100.1").refused(429, "rate_limited");
    fail("198.51.100.1, 198.51.100.2").refused(401, "invalid_signature");
}
