//! Users: who may call the API, with which role and credentials.

use serde_json::{Value, json};

use crate::world::{Person, Reply, World, assert_members};

const FIELDS: &str = "id email name role disabled require_message_signature institute_id institute_name created_at \
    updated_at omniauth_config_id receives_reports report_frequency last_used_at";

impl World {
    fn users(&self) -> String {
        format!("/institutes/{}/users", self.institute)
    }

    fn user(&self, id: i64) -> String {
        format!("{}/{id}", self.users())
    }
}

fn new_user() -> Value {
    json!({ "email": "tess@example.edu", "name": "Tess Teacher", "password": "Correct-Horse-1" })
}

/// Whose credentials an answer shows.
fn person(world: &World, reply: &Value) -> Person {
    world.teacher.with(reply["api_token"].as_str().unwrap(), reply["secret_key"].as_str().unwrap())
}

#[test]
fn an_administrator_creates_a_user_whose_credentials_are_shown_once() {
    let world = World::new();
    let reply = world.administrator.post(&world.users(), new_user());
    let user = reply.created("user");
    assert_members(&user, &format!("{FIELDS} api_token secret_key"));
    assert_eq!(reply.header("location"), format!("/api/v3{}/{}", world.users(), user["id"]));
    assert_eq!((&user["role"], &user["institute_name"]), (&json!("teacher"), &json!("First University")));
    let path = world.user(user["id"].as_i64().unwrap());
    let shown = world.administrator.get(&path).ok("user");
    assert_members(&shown, FIELDS);
    for other in world.administrator.get(&world.users()).ok("users").as_array().unwrap() {
        assert_members(other, FIELDS);
    }
    person(&world, &user).post("/exams", json!({ "name": "Algebra", "type": "demo" })).created("exam");
}

#[test]
fn changing_a_user_changes_what_it_may_do_at_once() {
    let world = World::new();
    let user = world.administrator.post(&world.users(), new_user()).created("user");
    let (path, tess) = (world.user(user["id"].as_i64().unwrap()), person(&world, &user));
    tess.get("/exams").ok("exams");
    let changed = world.administrator.call("PUT", &path, json!({ "role": "auditor", "report_frequency": "week" }));
    let changed = changed.send().ok("user");
    assert_eq!((&changed["role"], &changed["report_frequency"]), (&json!("auditor"), &json!("week")));
    assert_members(&changed, FIELDS);
    tess.post("/exams", json!({ "name": "Algebra", "type": "demo" })).refused(403, "forbidden");
    world.administrator.patch(&path, json!({ "disabled": true })).ok("user");
    tess.get("/exams").refused(401, "invalid_signature");
    world.administrator.delete(&path).ok("");
    world.administrator.get(&path).refused(404, "not_found");
}

#[test]
fn addresses_are_required_real_and_unique() {
    let world = World::new();
    let with = |change: Value| {
        let mut user = new_user();
        user.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        world.administrator.post(&world.users(), user)
    };
    let reply = with(json!({ "email": "teacher@example.edu" }));
    reply.refused(422, "taken");
    assert_eq!(reply.json["error"], json!({ "email": ["has already been taken"] }));
    assert_eq!(
        reply.json["errors"],
        json!([{ "field": "email", "code": "taken", "detail": "has already been taken" }])
    );
    with(json!({ "email": "nobody" })).refused(422, "parameter_invalid");
    let reply = with(json!({ "email": null }));
    reply.refused(422, "parameter_missing");
    assert_eq!(reply.json["error"], "Param is missing or the value is empty: email");
    let path = world.user(world.colleague.id);
    world.administrator.patch(&path, json!({ "email": "teacher@example.edu" })).refused(422, "taken");
}

#[test]
fn passwords_are_strong_confirmed_and_never_shown() {
    let world = World::new();
    let change = |fields: Value| world.administrator.patch(&world.user(world.colleague.id), fields);
    let refused = |reply: &Reply, field: &str| {
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], field);
    };
    for weak in ["Short-1", "no-capital-1", "NO-SMALL-1", "No-Digit-x", "NoSpecial11"] {
        refused(&change(json!({ "password": weak })), "password");
    }
    let differs = json!({ "password": "Correct-Horse-1", "password_confirmation": "Correct-Horse-2" });
    refused(&change(differs), "password_confirmation");
    let same = change(json!({ "password": "Correct-Horse-1", "password_confirmation": "Correct-Horse-1" }));
    assert_members(&same.ok("user"), FIELDS);
    assert!(!same.text.contains("Correct-Horse"), "{}", same.text);
}

#[test]
fn no_superuser_is_made_over_the_api_and_only_a_superuser_gives_roles_across_institutes() {
    let world = World::new();
    let path = world.user(world.colleague.id);
    for who in [&world.administrator, &world.superuser] {
        let reply = who.patch(&path, json!({ "role": "superuser" }));
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], "role");
    }
    for role in ["global_proctor", "global_reviewer"] {
        world.administrator.patch(&path, json!({ "role": role })).refused(422, "parameter_invalid");
        assert_eq!(world.superuser.patch(&path, json!({ "role": role })).ok("user")["role"], role);
    }
    world.administrator.patch(&path, json!({ "role": "janitor" })).refused(422, "parameter_invalid");
}

#[test]
fn an_administrator_does_not_lock_itself_out() {
    let world = World::new();
    let path = world.user(world.administrator.id);
    world.administrator.patch(&path, json!({ "role": "teacher" })).refused(409, "conflict");
    world.administrator.patch(&path, json!({ "disabled": true })).refused(409, "conflict");
    world.administrator.delete(&path).refused(409, "conflict");
    let kept = world.administrator.patch(&path, json!({ "role": "administrator", "name": "Ada" })).ok("user");
    assert_eq!(kept["name"], "Ada");
}

#[test]
fn the_author_of_exams_is_disabled_and_not_deleted() {
    let world = World::new();
    world.exam();
    world.administrator.delete(&world.user(world.teacher.id)).refused(409, "conflict");
    world.administrator.patch(&world.user(world.teacher.id), json!({ "disabled": "1" })).ok("user");
    world.teacher.get("/exams").refused(401, "invalid_signature");
}

#[test]
fn rotated_credentials_replace_the_old_ones_when_the_grace_ends() {
    let world = World::new();
    let path = format!("{}/rotate_credentials", world.user(world.colleague.id));
    let rotated = world.administrator.post(&path, json!({ "grace_hours": 2 })).ok("user");
    let colleague = person(&world, &rotated);
    for both in [&world.colleague, &colleague] {
        both.get("/exams").ok("exams");
    }
    // A token goes with its own secret only.
    world.colleague.with(&world.colleague.token, &colleague.secret).get("/exams").refused(401, "invalid_signature");
    world.wait(2 * 3_600_000);
    world.colleague.get("/exams").refused(401, "invalid_signature");
    colleague.with(&colleague.token, &world.colleague.secret).get("/exams").refused(401, "invalid_signature");
    colleague.get("/exams").ok("exams");
    let again = world.administrator.post(&path, json!({})).ok("user");
    colleague.get("/exams").refused(401, "invalid_signature");
    person(&world, &again).get("/exams").ok("exams");
    world.administrator.post(&path, json!({ "grace_hours": 721 })).refused(422, "parameter_invalid");
}

#[test]
fn users_are_seen_by_those_who_look_after_their_institute() {
    let world = World::new();
    world.auditor.get(&world.users()).ok("users");
    world.auditor.post(&world.users(), new_user()).refused(403, "forbidden");
    for other in [&world.teacher, &world.proctor, &world.reviewer] {
        other.get(&world.users()).refused(403, "forbidden");
    }
    world.stranger.get(&world.users()).refused(404, "not_found");
    let elsewhere = format!("/institutes/{}/users/{}", world.other_institute, world.teacher.id);
    world.superuser.get(&elsewhere).refused(404, "not_found");
    let page = world.superuser.get(&format!("{}?limit=2", world.users()));
    assert_eq!((page.ok("users").as_array().unwrap().len(), page.header("x-pagination-item-count")), (2, "6"));
}

/// Another user of the institute, as its creator is shown it.
fn user_with_role(world: &World, role: &str) -> Value {
    let global = role.starts_with("global_");
    let fields = json!({
        "email": format!("{role}2@example.edu"), "name": "Uma", "password": "Correct-Horse-1", "role": role,
    });
    let maker = if global { &world.superuser } else { &world.administrator };
    maker.post(&world.users(), fields).created("user")
}

#[test]
fn aut_06_an_administrator_does_not_become_another_one_nor_somebody_above() {
    let world = World::new();
    for role in ["administrator", "global_proctor", "global_reviewer"] {
        let other = user_with_role(&world, role);
        let path = world.user(other["id"].as_i64().unwrap());
        for change in [
            json!({ "password": "Another-Horse-1" }),
            json!({ "email": "mine@example.edu" }),
            json!({ "role": "teacher" }),
            json!({ "omniauth_config_id": world.identity_provider(world.institute) }),
        ] {
            let reply = world.administrator.patch(&path, change.clone());
            reply.refused(403, "forbidden");
            world.administrator.call("PUT", &path, change).send().refused(403, "forbidden");
        }
        let rotate = format!("{path}/rotate_credentials");
        world.administrator.post(&rotate, json!({ "grace_hours": 1 })).refused(403, "forbidden");
        let own = person(&world, &other);
        own.get("/exams").ok("exams");
        // What gives no power is allowed, and so is shutting the other one out.
        let same = json!({ "name": "Ursula", "email": other["email"] });
        assert_eq!(world.administrator.patch(&path, same).ok("user")["name"], "Ursula");
        world.administrator.patch(&path, json!({ "disabled": true })).ok("user");
        own.get("/exams").refused(401, "invalid_signature");
        world.superuser.patch(&path, json!({ "disabled": false, "password": "Another-Horse-1" })).ok("user");
        person(&world, &world.superuser.post(&rotate, json!({})).ok("user")).get("/exams").ok("exams");
        world.administrator.delete(&path).ok("");
    }
}

#[test]
fn aut_06_an_administrator_rotates_its_own_credentials_and_those_below() {
    let world = World::new();
    for role in ["teacher", "proctor", "reviewer", "auditor"] {
        let path = world.user(user_with_role(&world, role)["id"].as_i64().unwrap());
        world.administrator.post(&format!("{path}/rotate_credentials"), json!({})).ok("user");
        world.administrator.patch(&path, json!({ "password": "Another-Horse-1", "role": "teacher" })).ok("user");
    }
    let own = format!("{}/rotate_credentials", world.user(world.administrator.id));
    person(&world, &world.administrator.post(&own, json!({})).ok("user")).get("/exams").ok("exams");
}

#[test]
fn aut_06_no_superuser_is_within_reach_of_the_api_so_the_last_one_stays() {
    let world = World::new();
    for institute in [world.institute, world.other_institute] {
        let path = format!("/institutes/{institute}/users/{}", world.superuser.id);
        for person in [&world.superuser, &world.administrator] {
            person.get(&path).refused(404, "not_found");
            person.delete(&path).refused(404, "not_found");
            for change in
                [json!({ "disabled": true }), json!({ "role": "teacher" }), json!({ "email": "x@example.edu" })]
            {
                person.patch(&path, change).refused(404, "not_found");
            }
            person.post(&format!("{path}/rotate_credentials"), json!({})).refused(404, "not_found");
        }
    }
    world.superuser.get("/institutes").ok("institutes");
}
