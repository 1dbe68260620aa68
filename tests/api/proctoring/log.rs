//! What the log of launches says of a student's way to the proctoring tool and back.

use examlink_lti::v1p3::claims;
use serde_json::{Value, json};

use super::{LAUNCH, Room, signed};
use crate::world::inspector::{assert_failed, assert_good};
use crate::world::login::Login;

#[test]
fn each_message_of_a_proctored_exam_is_in_the_log_and_what_the_tool_hands_back_is_not() {
    let room = Room::new();
    let at = room.goes_to_tool();
    let sent = room.world.logged("LtiStartProctoring", 1).remove(0);
    assert_good(&sent, "to_tool", "launched");
    assert_eq!((&sent["student_session_id"], &sent["exam_id"]), (&room.session["id"], &room.exam["id"]));
    assert_eq!((&sent["tool_provider_id"], &sent["lti_resource_id"]), (&room.tool.provider["id"], &Value::Null));
    assert_eq!((&sent["url"], &sent["header"]["alg"]), (&json!(LAUNCH), &json!("RS256")));
    assert_eq!(sent["claims"][claims::SESSION_DATA], "***");
    assert_eq!(sent["claims"][claims::LAUNCH_PRESENTATION]["return_url"], "***");

    let said = room.leave(&at);
    assert_eq!(room.says(said.clone(), &at).status, 303);
    let begun = room.world.logged("LtiStartAssessment", 1).remove(0);
    assert_good(&begun, "from_tool", "received");
    assert_eq!((&begun["student_session_id"], &begun["exam_id"]), (&room.session["id"], &room.exam["id"]));
    assert_eq!((&begun["claims"][claims::SESSION_DATA], &begun["claims"]["nonce"]), (&json!("***"), &said["nonce"]));
    assert_eq!(room.says(said.clone(), &at).status, 409);
    assert_failed(&room.world.logged("LtiStartAssessment", 2)[1], "once", "");

    room.world.press(&format!("{}/finish", room.home));
    room.reaches_tool(&room.world.page(&format!("{}/proctoring/end", room.home)));
    let ended = room.world.logged("LtiEndAssessment", 1).remove(0);
    assert_good(&ended, "to_tool", "launched");
    assert_eq!(ended["student_session_id"], room.session["id"]);
    assert_eq!(ended["claims"][claims::LAUNCH_PRESENTATION]["return_url"], "***");
    let data = said[claims::SESSION_DATA].as_str().unwrap();
    let token = room.home.strip_prefix("/sessions/").unwrap();
    for shown in [sent, begun, ended] {
        assert!(!shown.to_string().contains(data) && !shown.to_string().contains(token), "{shown}");
    }
    let path = format!("/launches?student_session_id={}", room.session["id"]);
    assert_eq!(room.world.teacher.get(&path).ok("launches").as_array().unwrap().len(), 4);
    assert!(room.world.stranger.logged("LtiStartProctoring", 0).is_empty());
}

#[test]
fn what_a_proctoring_tool_says_when_it_sends_a_student_back_is_in_the_log() {
    let room = Room::new();
    let at = room.goes_to_tool();
    let back = at.message.return_url().unwrap().strip_prefix(&room.world.origin()).unwrap();
    for said in ["?lti_errormsg=No+camera&lti_errorlog=E7", "", "?lti_msg=anybody"] {
        assert_eq!(room.world.page(&format!("{back}{said}")).status, 200, "{said}");
    }
    room.goes_to_tool();
    let [first, second] = room.world.logged("LtiStartProctoring", 2).try_into().unwrap();
    assert_good(&first, "to_tool", "returned_with_error");
    assert_eq!((&first["lti_errormsg"], &first["lti_errorlog"]), (&json!("No camera"), &json!("E7")));
    assert_eq!((&first["lti_msg"], &first["returned_at"]), (&Value::Null, &json!(room.world.clock.now().to_string())));
    assert_good(&second, "to_tool", "launched");
}

#[test]
fn a_message_of_proctoring_that_is_refused_leaves_the_check_that_failed() {
    let room = Room::new();
    let login = Login::at(&room.presses_start());
    room.asks(&Login { form: login.form.clone(), cookie: "a=b".into() }, ("", ""));
    let refused = room.world.logged("LtiStartProctoring", 1).remove(0);
    assert_failed(&refused, "browser", "this browser did not start");
    assert_eq!((&refused["status"], &refused["student_session_id"]), (&json!("not_made"), &room.session["id"]));
    let at = room.goes_to_tool();
    room.set(json!({ "status": "closed" }));
    assert_eq!(room.says(room.leave(&at), &at).status, 409);
    assert_failed(&room.world.logged("LtiStartAssessment", 1)[0], "exam", "");
    room.set(json!({ "status": "open" }));
    assert_eq!(room.brings(&signed(room.leave(&at), 0), "a=b").status, 403);
    let elsewhere = room.world.logged("LtiStartAssessment", 2).remove(1);
    assert_failed(&elsewhere, "browser", "not started in this browser");
    assert_eq!(elsewhere["student_session_id"], room.session["id"]);
    let mut other = room.leave(&at);
    other[claims::SESSION_DATA] = json!("1-00");
    room.says(other, &at);
    assert_failed(&room.world.logged("LtiStartAssessment", 3)[2], "data", "session_data");
    room.brings(&signed(room.leave(&at), 1), &at.cookie);
    let forged = room.world.logged("LtiStartAssessment", 4).remove(3);
    assert_eq!((&forged["claims"], &forged["student_session_id"]), (&Value::Null, &Value::Null), "{forged}");
}
