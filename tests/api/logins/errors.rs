//! What a tool is told that may not ask, or whose question this server cannot answer.

use serde_json::{Value, json};

use super::log::logged;
use super::{LAUNCH, Seat, told};
use crate::world::login::Login;
use crate::world::{Form, Reply};

/// What the tool is told in words.
fn description(page: &Reply) -> String {
    Form::read(&page.text).get("error_description").unwrap_or_default().to_owned()
}

#[test]
fn a_tool_that_is_not_active_or_went_back_to_1_1_is_told_that_it_may_not_ask() {
    let cases = [
        (json!({ "active": false }), json!({ "active": true })),
        (json!({ "lti_version": "1.1" }), json!({ "lti_version": "1.3" })),
    ];
    for (out, back) in cases {
        let seat = Seat::new();
        let (login, other) = (seat.opens(), seat.opens());
        seat.set(out);
        let asked = login.asked_with(LAUNCH, ("nonce", ""));
        let page = seat.brings(&asked, &login.cookie);
        told(&page, "unauthorized_client");
        assert!(description(&page).contains("not active"), "{}", page.text);
        let (shown, failed, counts) = logged(&seat, 1);
        assert_eq!((&shown["status"], failed, counts), (&json!("not_made"), json!("active"), [4, 1, 13]));
        let elsewhere = other.asked_with(LAUNCH, ("redirect_uri", "https://tool.example/launch/"));
        let page = seat.brings(&elsewhere, &other.cookie);
        assert!(page.status == 400 && !page.text.contains("<form"), "{}", page.text);
        assert_eq!(logged(&seat, 2).1, "redirect_uri");
        seat.set(back);
        assert!(Form::read(&seat.brings(&Seat::asks(&login), &login.cookie).text).get("id_token").is_some());
    }
}

/// The tool is told of a failure, and of nothing behind it.
fn told_of_fault(page: &Reply, error: &str) {
    assert_eq!(page.status, 200, "{}", page.text);
    told(page, error);
    let said = description(page);
    assert!(said.contains("fault of the platform"), "{said}");
    for inside in ["database", "lti_resources", "locked", "lock", "SQL"] {
        assert!(!said.contains(inside), "{inside}: {said}");
    }
}

#[test]
fn flt_04_a_tool_is_told_to_come_again_while_nothing_can_be_written() {
    let seat = Seat::new();
    let login = seat.opens();
    let asks = || seat.brings(&Seat::asks(&login), &login.cookie);
    told_of_fault(&seat.world.database.while_unwritable("nonces", asks), "temporarily_unavailable");
    assert!(Form::read(&asks().text).get("id_token").is_some(), "the hint was not spent");
}

#[test]
fn a_tool_is_told_of_a_fault_once_its_question_was_checked_and_the_student_before() {
    let seat = Seat::new();
    let ask = |login: &Login| seat.brings(&Seat::asks(login), &login.cookie);
    let login = seat.opens();
    seat.world.database.execute("ALTER TABLE lti_resources RENAME TO put_away");
    told_of_fault(&ask(&login), "server_error");
    seat.world.database.execute("ALTER TABLE put_away RENAME TO lti_resources");
    assert!(Form::read(&ask(&login).text).get("id_token").is_some(), "the hint was not spent");
    let login = seat.opens();
    seat.world.database.execute("ALTER TABLE lti_registrations RENAME TO put_away");
    let page = ask(&login);
    assert_eq!((page.status, page.text.contains("<form")), (503, false), "{}", page.text);
    seat.world.database.execute("ALTER TABLE put_away RENAME TO lti_registrations");
    let listed = || seat.world.teacher.get(&format!("/launches?exam_id={}", seat.exam["id"])).ok("launches");
    crate::world::until("the launch is in the log", || Some(listed()).filter(|all| all[0] != Value::Null));
    assert_eq!(listed().as_array().unwrap().len(), 1, "no check has failed");
}
