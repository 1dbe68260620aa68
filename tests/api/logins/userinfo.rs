//! Who a launch was about: the claim of ours, and where it is asked for.

use serde_json::json;

use super::Seat;
use crate::world::gradebook::until;
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
    let launches = until("the launch is in the log", 10, || Some(listed()).filter(|all| !all[0].is_null()));
    let shown = seat.world.teacher.get(&format!("/launches/{}", launches[0]["id"])).ok("launch");
    assert!(shown.to_string().contains("/user") && !shown.to_string().contains(token), "{shown}");
}
