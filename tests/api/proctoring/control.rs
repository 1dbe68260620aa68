//! What a proctoring tool does to an exam that runs (Assessment Control 1.0).

use std::thread;

use examlink::domain::time::Span;
use examlink_lti::v1p3::claims::scope;
use examlink_lti::v1p3::proctoring::CONTROL;
use serde_json::{Value, json};

use super::{MINUTES, Room, exam_of, home_of, with};
use crate::world::advantage::{Tool13, call_with_token};
use crate::world::launched::{last_call, logged_call};
use crate::world::{Reply, World};

const FLAGS: &str = "assessment_controls";

/// A student who takes an exam, and the tool that proctors it.
struct Watched {
    room: Room,
}

fn token_of(tool: &Tool13) -> String {
    tool.token(&[scope::ASSESSMENT_CONTROL])
}

impl Watched {
    fn new() -> Self {
        let watched = Self::waiting(World::new());
        watched.room.begin();
        watched
    }

    /// The same before the student begins.
    fn waiting(world: World) -> Self {
        Self { room: Room::in_world(world) }
    }

    /// What the tool asks for, of an incident now.
    fn asks(&self, action: &str) -> Value {
        json!({
            "user": { "iss": self.room.world.origin(), "sub": self.room.session["student_id"] },
            "resource_link": { "id": format!("proctoring-{}", self.room.exam["token"].as_str().unwrap()) },
            "attempt_number": 1, "action": action, "incident_time": self.room.world.clock.now().to_string(),
        })
    }

    fn sends_as(&self, token: &str, request: &Value) -> Reply {
        let url = format!("{}/lti/1.3/assessment_control", self.room.world.origin());
        let media_type = format!("{CONTROL}; charset=UTF-8");
        call_with_token(token, ("POST", &url), (&media_type, &request.to_string()))
    }

    fn sends(&self, request: &Value) -> Reply {
        self.sends_as(&token_of(&self.room.tool), request)
    }

    /// Does it, and gives the status and the time that was added in all.
    #[track_caller]
    fn done(&self, request: &Value) -> (String, u64) {
        let reply = self.sends(request);
        assert_eq!((reply.status, reply.header("content-type")), (200, CONTROL), "{}", reply.text);
        (reply.json["status"].as_str().unwrap().to_owned(), reply.json["extra_time"].as_u64().unwrap())
    }

    #[track_caller]
    fn does(&self, action: &str) -> (String, u64) {
        self.done(&self.asks(action))
    }

    #[track_caller]
    fn refused(&self, request: &Value, status: u16, code: &str) {
        let reply = self.sends(request);
        assert_eq!((reply.status, reply.json["code"].as_str()), (status, Some(code)), "{request}: {}", reply.text);
    }

    fn page(&self) -> String {
        self.room.world.page(&self.room.home).text
    }

    fn listed(&self) -> Vec<Value> {
        let path = format!("{}/{FLAGS}", self.room.path());
        self.room.world.proctor.get(&path).ok(FLAGS).as_array().unwrap().clone()
    }
}

fn stands(status: &str, extra_time: u64) -> (String, u64) {
    (status.to_owned(), extra_time)
}

#[test]
fn a_pause_stops_the_clock_shuts_the_tools_and_gives_the_time_back() {
    let room = Room::new();
    let resource = room.world.lti_resource(&room.exam, &room.world.tool_provider());
    let document = format!("<p>Count.</p>{{{}}}", resource["placeholder"].as_str().unwrap());
    room.world.document(&room.exam, &document);
    let watched = Watched { room };
    watched.room.begin();
    let (world, home) = (&watched.room.world, &watched.room.home);
    let launch = format!("{home}/launch/{}", resource["id"]);
    assert_eq!(world.page(&launch).status, 200);
    world.wait(10 * MINUTES);
    assert_eq!(watched.does("pause"), stands("paused", 0));
    let paused_at = watched.room.now()["paused_at"].clone();
    assert_eq!(paused_at, "2026-11-26T07:29:53.143Z");
    let page = watched.page();
    assert!(page.contains("Paused.") && page.contains("Paused by Watchful."), "{page}");
    assert!(!page.contains("Count.") && !page.contains("/finish"), "{page}");
    let shut = world.page(&launch);
    assert!(shut.status == 403 && shut.text.contains("Your exam is paused"), "{}", shut.text);
    world.press(&format!("{home}/finish"));
    assert_eq!(watched.room.now()["status"], "exam_started", "it is the tool's to say how it goes on");

    world.wait(90 * MINUTES);
    assert!(watched.page().contains("Paused."), "an hour and more has passed, but not for this student");
    assert_eq!(watched.does("pause"), stands("paused", 0));
    assert_eq!(watched.room.now()["paused_at"], paused_at, "since when it was");
    assert_eq!(watched.does("resume"), stands("running", 0));
    assert_eq!(watched.room.now()["paused_at"], Value::Null);
    let page = watched.page();
    assert!(page.contains("Count.") && page.contains("26 November 2026, 09:49"), "{page}");
    assert_eq!(watched.does("resume"), stands("running", 0));
    world.wait(50 * MINUTES - 1);
    assert_eq!(world.page(&launch).status, 200);
    world.wait(1);
    assert!(watched.page().contains("Over."));
}

#[test]
fn the_tool_ends_the_exam_and_what_has_ended_is_the_staffs_to_reopen() {
    let watched = Watched::new();
    watched.does("pause");
    let ends = watched.asks("terminate");
    assert_eq!(watched.done(&ends), stands("terminated", 0));
    let now = watched.room.now();
    assert_eq!((&now["status"], &now["paused_at"]), (&json!("exam_finished"), &Value::Null));
    assert!(watched.page().contains("Finished."));
    for action in ["resume", "pause", "update"] {
        let request = with(watched.asks(action), "extra_time", json!(5));
        watched.refused(&request, 409, "attempt_state");
    }
    assert_eq!(watched.does("flag"), stands("terminated", 0), "an incident may still be noted");
    let reopen = format!("{}/reopen", watched.room.path());
    watched.room.world.proctor.post(&reopen, json!({})).ok("student");
    assert_eq!(watched.done(&ends), stands("running", 0), "the same message once more does nothing");
    watched.room.world.wait(1);
    watched.room.world.press(&format!("{}/finish", watched.room.home));
    assert_eq!(watched.does("flag"), stands("complete", 0), "this time the student has ended it");
    watched.refused(&watched.asks("terminate"), 409, "attempt_state");
    assert_eq!(watched.room.now()["extra_time_minutes"], 0);
}

#[test]
fn the_tool_gives_more_time_once_for_each_message() {
    let watched = Watched::waiting(World::new());
    let path = watched.room.path();
    watched.room.world.teacher.patch(&path, json!({ "extra_time_minutes": 15 })).ok("student");
    let early = with(watched.asks("update"), "extra_time", json!(5));
    assert_eq!(watched.done(&early), stands("none", 5), "what staff gave is not the tool's to know");
    watched.refused(&watched.asks("pause"), 409, "attempt_state");
    watched.room.begin();
    assert_eq!(watched.done(&early), stands("running", 5), "the same message once more");
    let more = with(with(watched.asks("update"), "extra_time", json!(10)), "reason_msg", json!("Network"));
    assert_eq!(watched.done(&more), stands("running", 15));
    assert_eq!(watched.done(&more), stands("running", 15));
    assert_eq!(watched.room.now()["extra_time_minutes"], 30);
    let page = watched.page();
    assert!(page.contains("26 November 2026, 08:49") && page.contains("30 minutes, included"), "{page}");
    watched.room.world.wait(90 * MINUTES);
    assert!(watched.page().contains("Over."));
    watched.refused(&with(watched.asks("update"), "extra_time", json!(5)), 409, "attempt_state");
    let most = json!({ "extra_time_minutes": 99_995, "status": "exam_finished" });
    watched.room.world.teacher.patch(&path, most).ok("student");
    watched.room.world.teacher.post(&format!("{path}/reopen"), json!({})).ok("student");
    watched.refused(&with(watched.asks("update"), "extra_time", json!(6)), 400, "invalid");
    assert_eq!(watched.room.now()["extra_time_minutes"], 99_995);
}

#[test]
fn flags_are_kept_and_staff_read_them_with_the_session() {
    let watched = Watched::new();
    assert!(watched.listed().is_empty());
    let mut flag = watched.asks("flag");
    for (name, value) in [
        ("incident_time", json!("2026-11-26T08:18:53.5+01:00")),
        ("incident_severity", json!(0.4)),
        ("reason_code", json!("face-lost")),
        ("reason_msg", json!("Nobody <b>there</b>")),
        ("extra_time", json!(7)),
    ] {
        flag = with(flag, name, value);
    }
    assert_eq!(watched.done(&flag), stands("running", 0), "a flag adds no time");
    watched.done(&flag);
    watched.does("pause");
    let [first, second] = watched.listed().try_into().unwrap();
    for (name, value) in [
        ("action", json!("flag")),
        ("incident_time", json!("2026-11-26T07:18:53.500Z")),
        ("incident_severity", json!(0.4)),
        ("reason_code", json!("face-lost")),
        ("reason_msg", json!("Nobody <b>there</b>")),
        ("extra_time_minutes", Value::Null),
        ("tool_provider_id", watched.room.tool.provider["id"].clone()),
        ("student_session_id", watched.room.session["id"].clone()),
    ] {
        assert_eq!(first[name], value, "{name}");
    }
    assert_eq!(second["action"], "pause");
    let path = format!("{}/{FLAGS}", watched.room.path());
    let filter = json!({ "action": { "eq": "flag" } }).to_string();
    let flags = watched.room.world.teacher.call("GET", &path, json!({ "filter": filter })).send().ok(FLAGS);
    assert_eq!(flags, json!([first]));
    watched.room.world.colleague.get(&path).refused(404, "not_found");
}

#[test]
fn lti_12_and_15_a_tool_reaches_the_attempts_that_it_proctors_and_no_others() {
    let watched = Watched::new();
    let world = &watched.room.world;
    let other = world.tool_1p3_with(json!({ "tool_name": "Other" }));
    let others = exam_of(world, &other, json!({ "name": "Theirs" }));
    let session = world.student_session(&others);
    assert_eq!(session["student_id"], watched.room.session["student_id"], "the same student");
    let link = |exam: &Value| json!({ "id": format!("proctoring-{}", exam["token"].as_str().unwrap()) });
    let stranger = world.student_session_named(&others, "kim@example.edu");
    let ours = watched.asks("terminate");
    let (our_token, other_token) = (token_of(&watched.room.tool), token_of(&other));
    for (what, token, request) in [
        ("our exam, by another tool", &other_token, ours.clone()),
        ("another tool's exam", &our_token, with(ours.clone(), "resource_link", link(&others))),
        ("another attempt", &our_token, with(ours.clone(), "attempt_number", json!(2))),
        ("no exam", &our_token, with(ours.clone(), "resource_link", json!({ "id": "proctoring-" }))),
        ("a link", &our_token, with(ours.clone(), "resource_link", json!({ "id": "x" }))),
        (
            "somebody who does not take it",
            &our_token,
            with(ours.clone(), "user", json!({ "iss": world.origin(), "sub": stranger["student_id"] })),
        ),
    ] {
        let reply = watched.sends_as(token, &request);
        assert_eq!((reply.status, &reply.json["code"]), (404, &json!("unknown_attempt")), "{what}: {}", reply.text);
    }
    let foreign = with(ours.clone(), "user", json!({ "iss": "https://other.example", "sub": "1" }));
    watched.refused(&foreign, 400, "invalid");
    for session in [&watched.room.session, &session, &stranger] {
        let now = world.teacher.get(&format!("/student_sessions/{}", session["id"])).ok("student");
        assert_ne!(now["status"], "exam_finished");
    }
    // Whoever let the student begin goes on to proctor.
    watched.room.set(json!({ "proctoring_tool_provider_id": other.provider["id"] }));
    assert_eq!(watched.sends_as(&other_token, &ours).status, 404);
    assert_eq!(watched.does("flag"), stands("running", 0));
    world.teacher.delete(&format!("/exams/{}", watched.room.exam["id"])).refused(409, "conflict");
    watched.room.set(json!({ "status": "closed" }));
    assert_eq!(watched.does("flag"), stands("complete", 0));
    world.teacher.delete(&format!("/exams/{}", watched.room.exam["id"])).ok("");
    watched.refused(&watched.asks("flag"), 404, "unknown_attempt");
}

#[test]
fn lti_15_what_is_no_control_is_refused_with_the_reason() {
    let watched = Watched::new();
    let good = watched.asks("update");
    let good = with(good, "extra_time", json!(5));
    let future = (watched.room.world.clock.now() + Span::seconds(61)).to_string();
    for (name, value) in [
        ("extra_time", json!(-5)),
        ("extra_time", json!(1_441)),
        ("extra_time", json!(1e300)),
        ("extra_time", json!(0.5)),
        ("extra_time", json!("5")),
        ("extra_time", Value::Null),
        ("incident_severity", json!(1.01)),
        ("incident_severity", json!(-0.1)),
        ("incident_severity", json!("0.5")),
        ("incident_time", json!(future)),
        ("incident_time", json!("2026-11-26T07:19:53")),
        ("incident_time", Value::Null),
        ("attempt_number", json!(0)),
        ("attempt_number", Value::Null),
        ("action", json!("explode")),
        ("action", Value::Null),
        ("user", Value::Null),
        ("resource_link", Value::Null),
        ("reason_code", json!("a\u{0}b")),
        ("reason_msg", json!("a\u{0}b")),
    ] {
        let reply = watched.sends(&with(good.clone(), name, value.clone()));
        assert_eq!((reply.status, &reply.json["code"]), (400, &json!("invalid")), "{name} {value}: {}", reply.text);
        assert!(reply.json["detail"].as_str().unwrap().contains(name), "{name} {value}: {}", reply.text);
    }
    let url = format!("{}/lti/1.3/assessment_control", watched.room.world.origin());
    let token = token_of(&watched.room.tool);
    let sent = |media_type: &str, body: &str| call_with_token(&token, ("POST", &url), (media_type, body)).status;
    assert_eq!((sent(CONTROL, "[]"), sent(CONTROL, "{\"extra_time\": NaN}")), (400, 400));
    assert_eq!((sent("text/plain", "x"), sent(CONTROL, &"x".repeat(70_000))), (415, 413));
    assert_eq!(watched.room.now()["extra_time_minutes"], 0);
    assert_eq!(watched.room.world.database.rows(FLAGS), 0);
    assert_eq!(watched.done(&good), stands("running", 5));
}

#[test]
fn a_control_needs_a_token_that_is_good_for_it_and_is_kept_in_the_log() {
    let watched = Watched::new();
    let request = watched.asks("pause");
    watched.done(&request);
    let call = last_call(&watched.room.world);
    for (name, value) in [
        ("operation", json!("controlAssessment")),
        ("outcome", json!("success")),
        ("exam_id", watched.room.exam["id"].clone()),
        ("student_session_id", watched.room.session["id"].clone()),
        ("status", json!(200)),
    ] {
        assert_eq!(call[name], value, "{name}");
    }
    assert_eq!((&call["request"]["action"], &call["request"]["attempt_number"]), (&json!("pause"), &json!(1)));
    watched.room.world.press(&format!("{}/finish", home_of(&watched.room.session)));
    watched.does("terminate");
    watched.refused(&watched.asks("resume"), 409, "attempt_state");
    let call = last_call(&watched.room.world);
    assert_eq!((&call["outcome"], &call["code"]), (&json!("failure"), &json!("attempt_state")));
    assert!(call["request"]["detail"].as_str().unwrap().contains("resume cannot be done"), "{call}");
    watched.refused(&with(watched.asks("flag"), "incident_severity", json!(2)), 400, "invalid");
    let refused = || logged_call(&watched.room.world, "controlAssessment");
    crate::world::until("it is logged", || Some(refused()).filter(|call| call["code"] == "invalid"));
    assert_eq!(watched.sends_as("1-32-9999999999-0", &request).status, 401);
    let reply = watched.sends_as(&watched.room.tool.token(&[scope::SCORE]), &request);
    assert_eq!((reply.status, &reply.json["code"]), (403, &json!("insufficient_scope")));
    assert!(reply.header("www-authenticate").contains(scope::ASSESSMENT_CONTROL));
    let token = token_of(&watched.room.tool);
    let path = format!("/tool_providers/{}", watched.room.tool.provider["id"]);
    watched.room.world.administrator.patch(&path, json!({ "active": false })).ok("tool_provider");
    let shut_out = watched.sends_as(&token, &watched.asks("flag"));
    assert_eq!(shut_out.json["code"], "invalid_token", "{}", shut_out.text);
}

#[test]
fn lti_15_the_same_message_many_times_at_once_counts_once() {
    let watched = Watched::waiting(World::in_real_time());
    watched.room.begin();
    let more = with(watched.asks("update"), "extra_time", json!(10));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(watched.done(&more), stands("running", 10)));
        }
    });
    assert_eq!(watched.room.now()["extra_time_minutes"], 10);
    assert_eq!(watched.listed().len(), 1);
}
