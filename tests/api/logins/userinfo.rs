//! Who a launch was about: the claim of ours, and where it is asked for.

use serde_json::{Value, json};

use super::Seat;
use crate::world::until;
use crate::world::{Reply, http};

/// Asks at an address with the token of a launch.
fn ask_who(url: &str, token: Option<&str>) -> Reply {
    let request = http().get(url);
    let authorization = token.map(|token| format!("Bearer {token}"));
    authorization.iter().fold(request, |request, value| request.header("Authorization", value)).send().unwrap().into()
}

#[test]
fn a_tool_asks_who_its_launch_was_about_and_learns_what_its_switches_allow() {
    let seat = Seat::new();
    seat.set(json!({ "share_name": true }));
    let message = seat.verified(&seat.launches());
    let user = message.claims().value(&format!("{}/user", seat.world.origin())).expect("a claim of ours").clone();
    let id = message.user_id().unwrap();
    assert_eq!((&user["id"], &user["name"], user.get("email")), (&json!(id), &json!("Sam Student"), None));
    let (url, token) = (user["userinfo"]["url"].as_str().unwrap(), user["userinfo"]["token"].as_str().unwrap());
    let reply = ask_who(url, Some(token));
    assert_eq!((reply.status, reply.header("cache-control")), (200, "no-store"), "{}", reply.text);
    assert_eq!(reply.json, json!({ "sub": id, "name": "Sam Student" }));
    seat.set(json!({ "share_name": false, "share_email": true }));
    assert_eq!(ask_who(url, Some(token)).json, json!({ "sub": id, "email": "sam@example.edu" }));
    let told = seat.verified(&seat.launches());
    let told = told.claims().value(&format!("{}/user", seat.world.origin())).unwrap();
    assert_eq!((&told["username"], user.get("username")), (&json!("sam@example.edu"), None));

    // Who has no token, a made up one, or asks elsewhere, is told so in JSON.
    let forged = format!("{}{}", if token.starts_with('9') { '8' } else { '9' }, &token[1..]);
    let id_token = seat.launches().get("id_token").unwrap().to_owned();
    for (url, token, error) in [
        (url, None, "unauthorized"),
        (url, Some(forged.as_str()), "invalid_token"),
        (url, Some(id_token.as_str()), "invalid_token"),
        (&format!("{}/userinfo", seat.world.origin()), Some(token), "unauthorized"),
        (&format!("{}/lti/userinfo", seat.world.origin()), Some(token), "unauthorized"),
    ] {
        let reply = ask_who(url, token);
        assert_eq!((reply.status, &reply.json["error"]), (401, &json!(error)), "{url} {}", reply.text);
        assert!(reply.json["error_description"].is_string() && reply.header("www-authenticate").starts_with("Bearer"));
    }
    seat.set(json!({ "active": false }));
    let reply = ask_who(url, Some(token));
    assert_eq!((reply.status, &reply.json["error"]), (403, &json!("access_denied")));
    seat.set(json!({ "active": true }));
    seat.world.wait(3_600_000);
    assert_eq!(ask_who(url, Some(token)).status, 401, "an hour later");

    let listed = || seat.world.teacher.get(&format!("/launches?exam_id={}", seat.exam["id"])).ok("launches");
    let launches = until("the launch is in the log", || Some(listed()).filter(|all| !all[0].is_null()));
    let shown = seat.world.teacher.get(&format!("/launches/{}", launches[0]["id"])).ok("launch");
    assert!(shown.to_string().contains("/user") && !shown.to_string().contains(token), "{shown}");
}

/// What the log of calls says of userinfo, once it holds so many.
fn calls(seat: &Seat, count: usize) -> Vec<Value> {
    let sort = json!([{ "id": "asc" }]).to_string();
    let listed = || {
        let all = seat.world.administrator.call("GET", "/service_calls", json!({ "sort": sort })).send();
        let all = all.ok("service_calls").as_array().unwrap().clone();
        all.into_iter().filter(|call| call["operation"] == "userinfo").collect::<Vec<_>>()
    };
    until("the calls are in the log", || Some(listed()).filter(|calls| calls.len() == count))
}

#[test]
fn the_log_of_calls_says_who_asked_for_a_student_and_what_was_told() {
    let seat = Seat::new();
    seat.set(json!({ "share_name": true }));
    let message = seat.verified(&seat.launches());
    let user = message.claims().value(&format!("{}/user", seat.world.origin())).unwrap();
    let (url, token) = (user["userinfo"]["url"].as_str().unwrap(), user["userinfo"]["token"].as_str().unwrap());
    let outcome = |call: &Value| (call["outcome"].clone(), call["status"].clone(), call["code"].clone());
    assert_eq!(ask_who(url, Some(token)).status, 200);
    let call = calls(&seat, 1).remove(0);
    assert_eq!(outcome(&call), (json!("success"), json!(200), Value::Null));
    assert_eq!(call["request"], json!({ "token": "***", "told": ["name", "sub"] }), "{call}");
    assert_eq!((&call["tool_provider_id"], &call["exam_id"]), (&seat.tool["id"], &seat.exam["id"]));
    assert_eq!(call["lti_resource_id"], seat.resource["id"]);
    let (words, ticket) = token.rsplit_once('-').unwrap();
    let forged = format!("{words}-{}", "0".repeat(ticket.len()));
    assert_eq!(ask_who(url, Some(&forged)).status, 401);
    seat.set(json!({ "active": false }));
    assert_eq!(ask_who(url, Some(token)).status, 403);
    assert_eq!(outcome(&calls(&seat, 2)[1]), (json!("failure"), json!(403), json!("access_denied")));
    seat.world.wait(3_600_000);
    assert_eq!(ask_who(url, Some(token)).status, 401);
    let all = calls(&seat, 3);
    assert_eq!(outcome(&all[2]), (json!("unauthorized"), json!(401), json!("invalid_token")));
    assert!(!json!(all).to_string().contains(ticket), "{all:?}");
    // Whoever holds the token can ask as often as they like.
    for _ in 0..40 {
        ask_who(url, Some(token));
    }
    until("some are kept", || (calls_now(&seat) >= 20).then_some(()));
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!((20..=22).contains(&calls_now(&seat)), "{} calls", calls_now(&seat));
}

fn calls_now(seat: &Seat) -> usize {
    let all = seat.world.administrator.get("/service_calls?limit=300").ok("service_calls").as_array().unwrap().clone();
    all.iter().filter(|call| call["operation"] == "userinfo").count()
}

#[test]
fn a_fault_is_told_in_the_words_that_a_tool_reads() {
    let seat = Seat::new();
    let message = seat.verified(&seat.launches());
    let user = message.claims().value(&format!("{}/user", seat.world.origin())).unwrap();
    let (url, token) = (user["userinfo"]["url"].as_str().unwrap(), user["userinfo"]["token"].as_str().unwrap());
    seat.world.database.execute("ALTER TABLE lti_resources RENAME TO put_away");
    let reply = ask_who(url, Some(token));
    assert_eq!((reply.status, &reply.json["error"]), (500, &json!("server_error")), "{}", reply.text);
    assert_eq!((reply.header("content-type"), reply.header("cache-control")), ("application/json", "no-store"));
    let said = reply.json["error_description"].as_str().unwrap();
    assert!(said.contains("fault of the server") && !said.contains("lti_resources"), "{said}");
    seat.world.database.execute("ALTER TABLE put_away RENAME TO lti_resources");
    assert_eq!(ask_who(url, Some(token)).status, 200);
}
