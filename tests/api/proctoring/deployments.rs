//! An exam that one deployment of a tool proctors: that one is told, lets students begin, and controls them.

use examlink_lti::v1p3::claims::{self, scope};
use examlink_lti::v1p3::proctoring::CONTROL;
use serde_json::{Value, json};

use super::{Room, with};
use crate::world::advantage::call_with_token;
use crate::world::refusals::Refusals;

impl Room {
    /// A student in front of an exam that the second deployment of the tool proctors.
    fn at_second() -> (Self, Value) {
        let room = Self::new();
        let law = room.world.deployment(&room.tool, "Faculty of Law");
        room.set(json!({ "proctoring_tool_deployment_id": law["id"] }));
        (room, law)
    }

    /// What the tool is answered that asks how the attempt stands, or changes it, with this token.
    fn controlled(&self, token: &str, action: &str) -> u16 {
        let request = json!({
            "user": { "iss": self.world.origin(), "sub": self.session["student_id"] },
            "resource_link": { "id": format!("proctoring-{}", self.exam["token"].as_str().unwrap()) },
            "attempt_number": 1, "action": action, "incident_time": self.world.clock.now().to_string(),
        });
        let url = format!("{}/lti/1.3/assessment_control", self.world.origin());
        call_with_token(token, ("POST", &url), (CONTROL, &request.to_string())).status
    }
}

#[test]
fn lti_08_a_student_begins_through_the_deployment_that_was_asked() {
    let ((room, law), refusals) = (Room::at_second(), Refusals::heard());
    let at = room.goes_to_tool();
    assert_eq!(Some(at.message.deployment_id()), law["deployment_id"].as_str());
    let leave = room.leave(&at);
    assert_eq!(leave[claims::DEPLOYMENT_ID], room.tool.deployment_id());
    let reply = room.says(leave.clone(), &at);
    let why = refusals.why(&reply);
    assert!(reply.status == 401 && why.contains("deployment_id is not"), "{} {why}", reply.status);
    assert_eq!(room.now()["status"], "registered");
    let reply = room.says(with(leave, claims::DEPLOYMENT_ID, law["deployment_id"].clone()), &at);
    assert_eq!((reply.status, room.now()["status"].as_str()), (303, Some("exam_started")), "{}", reply.text);
    // The end is told to whom the beginning was, whatever the author has changed since.
    room.set(json!({ "proctoring_tool_deployment_id": null }));
    room.world.press(&format!("{}/finish", room.home));
    let end = room.reaches_tool(&room.world.page(&format!("{}/proctoring/end", room.home)));
    assert_eq!(Some(end.message.deployment_id()), law["deployment_id"].as_str());
}

#[test]
fn lti_12_attempts_are_controlled_by_the_deployment_that_proctors_them() {
    let (room, law) = Room::at_second();
    let control = [scope::ASSESSMENT_CONTROL];
    let [first, second] =
        [room.tool.deployment_id(), law["deployment_id"].as_str().unwrap()].map(|id| room.tool.token_at(id, &control));
    let all = room.tool.token(&control);
    assert_eq!([&first, &second].map(|token| room.controlled(token, "flag")), [404, 200], "before it begins");
    let at = room.goes_to_tool();
    let leave = with(room.leave(&at), claims::DEPLOYMENT_ID, law["deployment_id"].clone());
    assert_eq!(room.says(leave, &at).status, 303);
    assert_eq!([&first, &second].map(|token| room.controlled(token, "pause")), [404, 200]);
    room.set(json!({ "proctoring_tool_deployment_id": null }));
    assert_eq!([&first, &second].map(|token| room.controlled(token, "resume")), [404, 200], "as it was begun");
    assert_eq!(room.controlled(&all, "terminate"), 200);
}

#[test]
fn an_exam_names_a_deployment_of_its_proctoring_tool() {
    let (room, law) = Room::at_second();
    let path = format!("/exams/{}", room.exam["id"]);
    let other = room.world.tool_1p3();
    let elsewhere = room.world.deployment(&other, "Elsewhere");
    for fields in [
        json!({ "proctoring_tool_deployment_id": elsewhere["id"] }),
        json!({ "proctoring_tool_provider_id": null, "proctoring_tool_deployment_id": law["id"] }),
    ] {
        let reply = room.world.teacher.patch(&path, fields);
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], "proctoring_tool_deployment_id");
    }
    let copy = room.world.teacher.post(&format!("{path}/copy"), json!({})).created("exam");
    assert_eq!(copy["proctoring_tool_deployment_id"], law["id"]);
    let moved = json!({ "proctoring_tool_provider_id": other.provider["id"] });
    let moved = room.world.teacher.patch(&path, moved).ok("exam");
    assert_eq!(moved["proctoring_tool_deployment_id"], Value::Null, "another tool begins with its first deployment");
}
