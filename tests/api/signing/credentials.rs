//! Which token and secret open the API, and what one learns without them.

use serde_json::{Value, json};

use crate::world::{Person, Reply, World};

/// What a reply tells, without what differs in every reply.
fn told(reply: &Reply) -> (u16, Vec<String>, Value) {
    let mut body = reply.json.clone();
    body["request_id"] = Value::Null;
    let mut headers: Vec<String> = reply.headers.keys().map(ToString::to_string).collect();
    headers.sort();
    (reply.status, headers, body)
}

#[test]
fn sig_16_whoever_is_refused_learns_nothing_about_tokens_and_users() {
    let world = World::new();
    let users = format!("/institutes/{}/users", world.institute);
    let disabled = world.colleague.clone();
    world.administrator.patch(&format!("{users}/{}", disabled.id), json!({ "disabled": true })).ok("user");
    assert_eq!(world.administrator.delete(&format!("{users}/{}", world.auditor.id)).status, 200);
    let teacher = &world.teacher;
    let other_digit = if teacher.token.ends_with('0') { '1' } else { '0' };
    let mistyped = format!("{}{other_digit}", &teacher.token[..63]);
    let strangers = [
        teacher.with(&teacher.token, &world.proctor.secret),
        teacher.with(&mistyped, &teacher.secret),
        teacher.with("x", &teacher.secret),
        world.nobody(),
        world.auditor.clone(),
        disabled,
    ];
    let refused: Vec<_> = strangers.iter().map(|stranger| told(&stranger.get("/exams"))).collect();
    assert_eq!((refused[0].0, &refused[0].2["code"]), (401, &json!("invalid_signature")));
    assert!(refused.iter().all(|reply| *reply == refused[0]), "{refused:#?}");
}

fn rotated(world: &World, user: &Person, grace_hours: i64) -> Person {
    let path = format!("/institutes/{}/users/{}/rotate_credentials", world.institute, user.id);
    let made = world.administrator.post(&path, json!({ "grace_hours": grace_hours })).ok("user");
    user.with(made["api_token"].as_str().unwrap(), made["secret_key"].as_str().unwrap())
}

#[test]
fn sig_18_old_and_new_credentials_open_until_the_grace_ends() {
    let world = World::new();
    let old = world.teacher.clone();
    let new = rotated(&world, &old, 1);
    old.get("/exams").ok("exams");
    new.get("/exams").ok("exams");
    world.wait(3_600_000 - 1);
    old.get("/exams").ok("exams");
    world.wait(1);
    old.get("/exams").refused(401, "invalid_signature");
    new.get("/exams").ok("exams");
}

#[test]
fn sig_18_without_grace_the_old_credentials_end_at_once() {
    let world = World::new();
    let old = world.teacher.clone();
    old.get("/exams").ok("exams");
    let new = rotated(&world, &old, 0);
    old.get("/exams").refused(401, "invalid_signature");
    new.get("/exams").ok("exams");
}

#[test]
fn sig_18_a_token_goes_with_its_own_secret_so_nothing_is_replayed_across_a_rotation() {
    let world = World::new();
    let old = world.teacher.clone();
    let call = old.call("POST", "/exams", json!({ "name": "Algebra", "type": "demo" }));
    let signature = crate::world::sign(&old.secret, &call.signed());
    call.clone().send_signed(&signature).created("exam");
    let new = rotated(&world, &old, 1);
    call.by(&new).send_signed(&signature).refused(401, "invalid_signature");
    old.with(&old.token, &new.secret).get("/exams").refused(401, "invalid_signature");
}

#[test]
fn sig_18_credentials_are_shown_once() {
    let world = World::new();
    let new = rotated(&world, &world.teacher, 0);
    let users = format!("/institutes/{}/users", world.institute);
    for path in [&users, &format!("{users}/{}", new.id)] {
        let text = world.administrator.get(path).text;
        for secret in [&new.token, &new.secret] {
            assert!(!text.contains(secret.as_str()));
        }
        assert!(!text.contains("api_token") && !text.contains("secret_key"), "{text}");
    }
}
