//! What the log of launches says of logins, and of the checks in them.

use serde_json::{Value, json};

use super::{LAUNCH, Seat};
use crate::world::until;

#[test]
fn the_log_of_launches_tells_what_the_token_said_and_not_the_token() {
    let seat = Seat::new();
    let form = seat.launches();
    let listed = || seat.world.teacher.get(&format!("/launches?exam_id={}", seat.exam["id"])).ok("launches");
    let launches = until("the launch is in the log", || Some(listed()).filter(|all| !all[0].is_null()));
    let shown = seat.world.teacher.get(&format!("/launches/{}", launches[0]["id"])).ok("launch");
    assert_eq!((&shown["url"], &shown["signed"]), (&json!(LAUNCH), &Value::Null));
    assert_eq!(shown["claims"]["aud"], json!(seat.client_id()));
    assert_eq!((&shown["message_type"], &shown["direction"]), (&json!("LtiResourceLinkRequest"), &json!("to_tool")));
    assert_eq!((&shown["header"]["alg"], &shown["header"]["typ"]), (&json!("RS256"), &json!("JWT")));
    assert!(shown["header"]["kid"].is_string(), "{shown}");
    let signature = form.get("id_token").unwrap().rsplit('.').next().unwrap();
    assert!(!shown.to_string().contains(signature));
}

/// The newest launch in the log, once there are so many, with its checks: the one that failed, and how many came out so.
pub(super) fn logged(seat: &Seat, count: usize) -> (Value, Value, [usize; 3]) {
    let listed = || seat.world.teacher.get(&format!("/launches?exam_id={}", seat.exam["id"])).ok("launches");
    let all = until("the launch is in the log", || Some(listed()).filter(|all| !all[count - 1].is_null()));
    assert_eq!((all.as_array().unwrap().len(), &all[0]["checks"]), (count, &Value::Null), "lists are short");
    let shown = seat.world.teacher.get(&format!("/launches/{}", all[0]["id"])).ok("launch");
    let checks = shown["checks"].as_array().unwrap().clone();
    let failed = checks.iter().find(|check| check["outcome"] == "failed");
    let failed = failed.map_or(Value::Null, |check| check["name"].clone());
    let count = |outcome: &str| checks.iter().filter(|check| check["outcome"] == outcome).count();
    (shown, failed, ["passed", "failed", "not_made"].map(count))
}

#[test]
fn a_launch_says_how_each_check_of_its_login_came_out() {
    let seat = Seat::new();
    seat.launches();
    let (shown, failed, counts) = logged(&seat, 1);
    assert_eq!((&shown["status"], failed, counts), (&json!("launched"), Value::Null, [18, 0, 0]));
    let names: Vec<&str> =
        shown["checks"].as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names[..3], ["parameters", "client_id", "redirect_uri"]);
    assert_eq!(names[12..], ["lti_message_hint", "login_hint", "browser", "tool", "exam", "once"]);
}

#[test]
fn a_launch_that_is_refused_at_the_login_names_the_check_that_failed() {
    let seat = Seat::new();
    let mut count = 0;
    let mut refused = |wrong: &[(usize, &str)], cookie: Option<&str>, name: &str, why: &str| {
        let login = seat.opens();
        let mut asked = Seat::asks(&login);
        for (field, value) in wrong {
            asked[*field].1 = (*value).into();
        }
        count += 1;
        for _ in 0..3 {
            seat.brings(&asked, cookie.unwrap_or(&login.cookie));
        }
        let (shown, failed, [passed, one, rest]) = logged(&seat, count);
        assert_eq!((&shown["status"], &failed, one), (&json!("not_made"), &json!(name), 1), "{shown}");
        assert!(shown["error"].as_str().unwrap().contains(why), "{shown}");
        assert_eq!((passed + one + rest, &shown["signed"], &shown["claims"]), (18, &Value::Null, &Value::Null));
        for secret in [login.form.get("lti_message_hint").unwrap(), login.form.get("login_hint").unwrap()] {
            assert!(!shown.to_string().contains(secret), "{shown}");
        }
        // The student clicks again later.
        seat.world.wait(1_000);
    };
    refused(&[(4, "nobody")], None, "client_id", "no tool has");
    refused(&[(4, "")], None, "client_id", "client_id is missing");
    refused(&[(5, "https://tool.example/launch/")], None, "redirect_uri", "redirect_uri");
    refused(&[(1, "code")], None, "response_type", "must be id_token");
    refused(&[(0, "profile")], None, "scope", "must be openid");
    refused(&[(2, "query"), (7, "")], None, "response_mode", "must be form_post");
    refused(&[(3, "login")], None, "prompt", "must be none");
    refused(&[(7, "")], None, "nonce", "nonce is missing");
    refused(&[(8, "")], None, "login_hint", "login_hint is missing");
    refused(&[(8, "somebody-else")], None, "login_hint", "somebody else");
    refused(&[], Some("a=b"), "browser", "this browser did not start the launch");
    let other = seat.world.tool_1p3_with(json!({ "tool_name": "Other tool" }));
    refused(&[(4, &other.client_id)], None, "tool", "another tool");
}

#[test]
fn a_launch_that_comes_too_late_or_twice_says_so_in_the_log() {
    let seat = Seat::new();
    let late = seat.opens();
    seat.world.wait(601_000);
    assert_eq!(seat.brings(&Seat::asks(&late), &late.cookie).status, 403);
    let (shown, failed, counts) = logged(&seat, 1);
    assert_eq!((&shown["status"], failed, counts), (&json!("not_made"), json!("lti_message_hint"), [12, 1, 5]));
    let mut made_up = Seat::asks(&late);
    made_up[9].1.insert(0, '1');
    seat.brings(&made_up, &late.cookie);
    let login = seat.opens();
    assert_eq!(seat.brings(&Seat::asks(&login), &login.cookie).status, 200);
    assert_eq!(logged(&seat, 2).0["status"], "launched", "a hint that is not ours leaves nothing");
    assert_eq!(seat.brings(&Seat::asks(&login), &login.cookie).status, 403);
    let (_, failed, counts) = logged(&seat, 3);
    assert_eq!((failed, counts), (json!("once"), [17, 1, 0]));
    let login = seat.opens();
    seat.world.teacher.patch(&format!("/exams/{}", seat.exam["id"]), json!({ "status": "closed" })).ok("exam");
    seat.brings(&Seat::asks(&login), &login.cookie);
    assert_eq!(logged(&seat, 4).1, "exam");
}
