//! Exams that a tool proctors (LTI Proctoring Services 1.0): the student goes to the tool, is let in by it, takes the exam,
//! and is sent back to it at the end.

mod browser;
mod control;
mod deployments;
mod log;

use std::thread;

use examlink_lti::v1p3::claims;
use examlink_lti::v1p3::id_token::VerifiedMessage;
use examlink_lti::v1p3::jwt::{Claims, sign};
use examlink_lti::v1p3::message::MessageType;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::world::advantage::{Tool13, key};
use crate::world::login::Login;
use crate::world::refusals::Refusals;
use crate::world::{Form, Reply, World, http, shown_scripts};

const LAUNCH: &str = "https://tool.example/launch";
const MINUTES: i64 = 60_000;

/// A student in front of an exam of an hour that a tool proctors.
pub struct Room {
    pub world: World,
    pub tool: Tool13,
    pub exam: Value,
    pub session: Value,
    /// The path of the exam page.
    pub home: String,
}

/// The student's browser at the tool.
struct AtTool {
    cookie: String,
    message: VerifiedMessage,
}

impl Room {
    pub fn new() -> Self {
        Self::in_world(World::new())
    }

    pub fn in_world(world: World) -> Self {
        let tool = world.tool_1p3_with(json!({ "tool_name": "Watchful" }));
        let exam = exam_of(&world, &tool, json!({}));
        let session = world.student_session(&exam);
        let home = home_of(&session);
        Self { world, tool, exam, session, home }
    }

    pub fn path(&self) -> String {
        format!("/student_sessions/{}", self.session["id"])
    }

    /// The session as the teacher sees it.
    pub fn now(&self) -> Value {
        self.world.teacher.get(&self.path()).ok("student")
    }

    pub fn set(&self, fields: Value) {
        self.world.teacher.patch(&format!("/exams/{}", self.exam["id"]), fields).ok("exam");
    }

    fn presses_start(&self) -> Reply {
        self.world.press(&format!("{}/start", self.home))
    }

    /// The browser brings the tool's question about a student who came from a page, with `change` made to it.
    fn asks(&self, login: &Login, change: (&str, &str)) -> Reply {
        self.world.authorize(&login.asked_with(LAUNCH, change), &login.cookie)
    }

    /// The message that the tool gets after a page has sent the browser to its login, verified as a tool does.
    #[track_caller]
    fn reaches_tool(&self, page: &Reply) -> AtTool {
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(shown_scripts(&page.text).is_empty(), "{}", page.text);
        let login = Login::at(page);
        let said = (login.form.action.as_str(), login.form.get("target_link_uri"));
        assert_eq!(said, ("https://tool.example/login", Some(LAUNCH)));
        let page = self.asks(&login, ("", ""));
        assert_eq!(page.status, 200, "{}", page.text);
        let message = self.world.verified(&Form::read(&page.text), &self.tool.client_id);
        AtTool { cookie: login.cookie, message }
    }

    #[track_caller]
    fn goes_to_tool(&self) -> AtTool {
        self.reaches_tool(&self.presses_start())
    }

    /// What the tool says when it lets the student begin.
    fn leave(&self, at: &AtTool) -> Value {
        let (now, claim) = (self.tool.now(), |name: &str| at.message.claims().value(name).cloned().unwrap());
        json!({
            "iss": self.tool.client_id, "aud": self.world.origin(), "iat": now, "exp": now + 300,
            "nonce": examlink::clock::Random.hex::<8>().unwrap(),
            claims::MESSAGE_TYPE: "LtiStartAssessment", claims::VERSION: "1.3.0",
            claims::DEPLOYMENT_ID: self.tool.provider["registration"]["deployment_id"],
            claims::SESSION_DATA: claim(claims::SESSION_DATA),
            claims::RESOURCE_LINK: { "id": claim(claims::RESOURCE_LINK)["id"] },
            claims::ATTEMPT_NUMBER: claim(claims::ATTEMPT_NUMBER),
            claims::VERIFIED_USER: { "given_name": "Sam", "picture": "https://tool.example/seen.png" },
            claims::END_ASSESSMENT_RETURN: true,
        })
    }

    /// The browser brings the tool's message.
    fn brings(&self, token: &str, cookie: &str) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new()).append_pair("JWT", token).finish();
        let request = http().post(format!("{}/lti/1.3/start_assessment", self.world.origin()));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded").header("Cookie", cookie);
        request.body(body).send().unwrap().into()
    }

    fn says(&self, said: Value, at: &AtTool) -> Reply {
        self.brings(&signed(said, 0), &at.cookie)
    }

    /// The student is let in.
    #[track_caller]
    pub fn begin(&self) {
        let at = self.goes_to_tool();
        let reply = self.says(self.leave(&at), &at);
        assert_eq!((reply.status, reply.header("location")), (303, self.home.as_str()), "{}", reply.text);
    }
}

/// An open exam of an hour that the tool proctors.
fn exam_of(world: &World, tool: &Tool13, change: Value) -> Value {
    let mut fields = json!({
        "name": "Algebra", "type": "live_proctoring", "status": "open", "use_duration": true, "duration_minutes": 60,
        "screen_share": true, "restrictions": "No phones.", "proctoring_tool_provider_id": tool.provider["id"],
    });
    fields.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    world.teacher.post("/exams", fields).created("exam")
}

fn home_of(session: &Value) -> String {
    format!("/sessions/{}", session["token"].as_str().unwrap())
}

fn signed(said: Value, number: usize) -> String {
    let said: Claims = serde_json::from_value(said).unwrap();
    sign(&said, key(number)).unwrap()
}

fn with(mut said: Value, name: &str, value: Value) -> Value {
    match value {
        Value::Null => said.as_object_mut().unwrap().remove(name),
        value => said.as_object_mut().unwrap().insert(name.to_owned(), value),
    };
    said
}

#[test]
fn a_student_goes_to_the_tool_is_let_in_and_goes_back_to_it_at_the_end() {
    let room = Room::new();
    let page = room.world.page(&room.home).text;
    assert!(page.contains("Watchful watches this exam") && page.contains("<strong>Watchful</strong>"), "{page}");
    let at = room.goes_to_tool();
    assert_eq!(room.now()["status"], "registered", "the button alone begins nothing");
    assert_eq!(at.message.message_type(), MessageType::StartProctoring);
    let said = |name: &str| at.message.claims().value(name).cloned().unwrap_or_default();
    let link = format!("proctoring-{}", room.exam["token"].as_str().unwrap());
    assert_eq!(said(claims::RESOURCE_LINK), json!({ "id": link, "title": "Algebra" }));
    assert_eq!(said(claims::ATTEMPT_NUMBER), 1);
    assert_eq!(said(claims::START_ASSESSMENT_URL), format!("{}/lti/1.3/start_assessment", room.world.origin()));
    let control = json!({
        "assessment_control_url": format!("{}/lti/1.3/assessment_control", room.world.origin()),
        "actions": ["pause", "resume", "terminate", "update", "flag"],
    });
    assert_eq!(said(claims::ASSESSMENT_CONTROL), control);
    let settings: Value = serde_json::from_str(said(claims::PROCTORING_SETTINGS)["data"].as_str().unwrap()).unwrap();
    assert_eq!((&settings["screen_share"], &settings["restrictions"]), (&json!(true), &json!("No phones.")));
    assert_eq!(at.message.user_id(), room.session["student_id"].as_str());
    assert_eq!((said(claims::NAME), said(claims::EMAIL)), (Value::Null, Value::Null), "nobody has allowed that");
    let whole = at.message.claims().value(claims::SESSION_DATA).unwrap().to_string() + at.message.return_url().unwrap();
    assert!(
        !whole.contains(room.session["token"].as_str().unwrap()),
        "the tool must not be able to act as the student"
    );

    room.world.wait(20 * MINUTES);
    let reply = room.says(room.leave(&at), &at);
    assert_eq!((reply.status, reply.header("location")), (303, room.home.as_str()), "{}", reply.text);
    let now = room.now();
    assert_eq!((&now["status"], &now["start_time"]), (&json!("exam_started"), &json!("2026-11-26T07:39:53.143Z")));
    let page = room.world.page(&room.home).text;
    assert!(page.contains("Running.") && page.contains("26 November 2026, 08:39"), "{page}");
    assert_eq!(room.world.page(&format!("{}/proctoring/end", room.home)).status, 303, "not yet");

    let finished = room.world.press(&format!("{}/finish", room.home));
    let end = format!("{}/proctoring/end", room.home);
    assert_eq!((finished.status, finished.header("location")), (303, end.as_str()));
    assert!(room.world.page(&room.home).text.contains("Tell Watchful that you have finished"));
    let at = room.reaches_tool(&room.world.page(&end));
    assert_eq!(at.message.message_type(), MessageType::EndAssessment);
    let said = |name: &str| at.message.claims().value(name).cloned().unwrap_or_default();
    assert_eq!((said(claims::ATTEMPT_NUMBER), said(claims::SESSION_DATA)), (json!(1), Value::Null));
    assert_eq!(said(claims::RESOURCE_LINK)["id"], link, "the same one");
}

#[test]
fn the_tool_is_told_of_a_student_what_its_privacy_switches_allow_and_of_the_end_where_it_wants_that() {
    let room = Room::new();
    let path = format!("/tool_providers/{}", room.tool.provider["id"]);
    let fields = json!({ "share_name": true, "share_email": true, "scopes": [] });
    room.world.administrator.patch(&path, fields).ok("tool_provider");
    let at = room.goes_to_tool();
    let said = |name: &str| at.message.claims().value(name).cloned().unwrap_or_default();
    assert_eq!((said(claims::NAME), said(claims::EMAIL)), (json!("Sam Student"), json!("sam@example.edu")));
    assert_eq!(said(claims::ASSESSMENT_CONTROL), Value::Null, "what is not granted is not offered");
    let leave = with(room.leave(&at), claims::END_ASSESSMENT_RETURN, Value::Null);
    assert_eq!(room.says(leave, &at).status, 303);
    let finished = room.world.press(&format!("{}/finish", room.home));
    assert_eq!(finished.header("location"), room.home);
    assert_eq!(room.world.page(&format!("{}/proctoring/end", room.home)).status, 404);
    assert!(!room.world.page(&room.home).text.contains("Tell Watchful"));
}

#[test]
fn an_exam_is_proctored_by_an_active_tool_of_lti_13_of_its_institute() {
    let world = World::new();
    let tool = world.tool_1p3();
    let exam = world.exam();
    let (path, tool_path) = (format!("/exams/{}", exam["id"]), format!("/tool_providers/{}", tool.provider["id"]));
    let set = |id: &Value| world.teacher.patch(&path, json!({ "proctoring_tool_provider_id": id }));
    let change = |fields: Value| world.administrator.patch(&tool_path, fields).ok("tool_provider");
    let refused = |id: &Value, why: &str| {
        let reply = set(id);
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], "proctoring_tool_provider_id", "{}", reply.text);
        assert!(reply.text.contains(why), "{}", reply.text);
    };
    let foreign = json!({
        "tool_name": "Theirs", "tool_url": LAUNCH, "lti_version": "1.3", "login_url": "https://tool.example/login",
        "redirect_uris": [LAUNCH], "jwks_url": "https://tool.example/jwks",
    });
    let foreign = world.stranger.post("/tool_providers", foreign).created("tool_provider");
    refused(&foreign["id"], "is not a tool provider of the exam's institute");
    refused(&world.tool_provider()["id"], "does not speak LTI 1.3");
    change(json!({ "active": false }));
    refused(&tool.provider["id"], "is not active");
    change(json!({ "active": true, "tool_url": "" }));
    refused(&tool.provider["id"], "has no tool_url");
    let new = json!({ "name": "New", "type": "demo", "proctoring_tool_provider_id": foreign["id"] });
    world.teacher.post("/exams", new).refused(422, "parameter_invalid");
    assert_eq!(world.teacher.get(&path).ok("exam")["proctoring_tool_provider_id"], Value::Null);

    change(json!({ "tool_url": LAUNCH }));
    assert_eq!(set(&tool.provider["id"]).ok("exam")["proctoring_tool_provider_id"], tool.provider["id"]);
    let copy = world.teacher.post(&format!("{path}/copy"), json!({})).created("exam");
    assert_eq!(copy["proctoring_tool_provider_id"], tool.provider["id"]);
    world.administrator.delete(&tool_path).refused(409, "conflict");
    world.publish(&exam);
    let session = world.student_session(&exam);
    world.started(&session);
    let path = format!("/student_sessions/{}", session["id"]);
    assert_eq!(world.teacher.get(&path).ok("student")["status"], "exam_started", "nobody watches it live");
    for exam in [&exam, &copy] {
        let fields = json!({ "proctoring_tool_provider_id": null });
        world.teacher.patch(&format!("/exams/{}", exam["id"]), fields).ok("exam");
    }
    world.administrator.delete(&tool_path).ok("");
}

#[test]
fn a_student_whom_the_tool_refuses_learns_why_and_finds_the_way_back() {
    let room = Room::new();
    let at = room.goes_to_tool();
    let said = with(room.leave(&at), claims::PROCTORING_ERROR_MESSAGE, json!("Show <b>your</b> face"));
    let reply = room.says(said.clone(), &at);
    assert_eq!(reply.status, 303, "{}", reply.text);
    let visit = |path: &str, cookie: &str| -> Reply {
        http().get(format!("{}{path}", room.world.origin())).header("Cookie", cookie).send().unwrap().into()
    };
    let page = visit(reply.header("location"), &at.cookie);
    assert!(page.text.contains("Show &#60;b&#62;your") && page.text.contains(&format!("href=\"{}\"", room.home)));
    assert_eq!(room.now()["status"], "registered");
    assert_eq!(room.says(said, &at).status, 409, "it was said once");

    let back = at.message.return_url().unwrap().strip_prefix(&room.world.origin()).unwrap().to_owned();
    let home = visit(&back, &at.cookie);
    assert_eq!((home.status, home.header("location")), (303, room.home.as_str()));
    let page = visit(&format!("{back}?lti_errormsg=No+camera"), &at.cookie);
    assert!(page.text.contains("No camera") && page.text.contains(&room.home), "{}", page.text);
    let elsewhere = visit(&format!("{back}?lti_msg=Bye"), "a=b");
    assert!(elsewhere.text.contains("Bye") && !elsewhere.text.contains("/sessions/"), "{}", elsewhere.text);
    assert!(!visit(&back, "a=b").text.contains("/sessions/"));
    for wrong in ["/proctoring/1", "/proctoring/1-00", &format!("{}0", back.replace("/proctoring/", "/proctoring/9"))] {
        assert_eq!(visit(wrong, &at.cookie).status, 404, "{wrong}");
    }
    room.begin();
}

#[test]
fn lti_10_nobody_is_let_in_by_anything_but_the_tools_own_unaltered_message() {
    let (room, refusals) = (Room::new(), Refusals::heard());
    let other = room.world.tool_1p3_with(json!({ "tool_name": "Other" }));
    let kim = room.world.student_session_named(&room.exam, "kim@example.edu");
    let kims = room.reaches_tool(&room.world.press(&format!("{}/start", home_of(&kim))));
    let at = room.goes_to_tool();
    let said = room.leave(&at);
    let data = said[claims::SESSION_DATA].as_str().unwrap().to_owned();
    let changed = data.replace(&data[data.len() - 4..], if data.ends_with("0000") { "1111" } else { "0000" });
    let refused = |token: &str, why: &str| {
        let reply = room.brings(token, &at.cookie);
        let reason = refusals.why(&reply);
        assert!(reply.status == 401 && reason.contains(why), "{why}: {} {reason}", reply.status);
    };
    for (name, value, why) in [
        // Forged, moved to another student, left out, and made up.
        (claims::SESSION_DATA, json!(changed), "session_data is that of no student"),
        (claims::SESSION_DATA, json!(data.replacen("1-", "2-", 1)), "session_data is that of no student"),
        (claims::SESSION_DATA, Value::Null, "session_data is missing"),
        (claims::SESSION_DATA, json!("x"), "session_data is that of no student"),
        (claims::ATTEMPT_NUMBER, json!(2), "attempt_number is 2"),
        (claims::ATTEMPT_NUMBER, Value::Null, "attempt_number is missing"),
        (claims::RESOURCE_LINK, json!({ "id": "proctoring-0" }), "resource_link.id is not"),
        (claims::MESSAGE_TYPE, json!("LtiDeepLinkingResponse"), "message_type is \"LtiDeepLinkingResponse\""),
        // A message of ours.
        (claims::MESSAGE_TYPE, json!("LtiStartProctoring"), "message_type is \"LtiStartProctoring\""),
        ("aud", json!("https://other.example"), "aud does not name"),
        ("exp", json!(room.tool.now() - 61), "ended at exp"),
    ] {
        refused(&signed(with(said.clone(), name, value), 0), why);
    }
    let theirs = with(said.clone(), "iss", json!(other.client_id));
    let deployment = other.provider["registration"]["deployment_id"].clone();
    refused(&signed(with(theirs, claims::DEPLOYMENT_ID, deployment), 0), "of no student of this tool");
    refused(&signed(said.clone(), 1), "no key with the kid");
    // The tool hands back what it was told of Kim, and Sam's browser brings it.
    let elsewhere = [room.says(room.leave(&kims), &at), room.brings(&signed(said.clone(), 0), "")];
    for reply in elsewhere {
        assert!(reply.status == 403 && reply.text.contains("not started in this browser"), "{}", reply.text);
    }
    room.world.teacher.patch(&room.path(), json!({ "attempt": 2 })).ok("student");
    refused(&signed(said.clone(), 0), "attempt_number is 1");
    room.world.teacher.patch(&room.path(), json!({ "attempt": 1 })).ok("student");
    for session in [&room.session, &kim] {
        let now = room.world.teacher.get(&format!("/student_sessions/{}", session["id"])).ok("student");
        assert_eq!((&now["status"], &now["start_time"]), (&json!("registered"), &Value::Null));
    }
    assert_eq!(room.says(said, &at).status, 303);
}

#[test]
fn lti_10_the_message_serves_once_and_in_time() {
    let room = Room::new();
    let late = room.goes_to_tool();
    room.world.wait(121 * MINUTES);
    assert_eq!(room.says(room.leave(&late), &late).status, 401, "session_data has ended");
    let at = room.goes_to_tool();
    let token = signed(room.leave(&at), 0);
    assert_eq!(room.brings(&token, &at.cookie).status, 303);
    let began = room.now();
    room.world.wait(MINUTES);
    assert_eq!(room.brings(&token, &at.cookie).status, 409, "replayed");
    let again = with(room.leave(&at), claims::END_ASSESSMENT_RETURN, json!(false));
    assert_eq!(room.says(again, &at).status, 409, "a second start while it runs");
    assert_eq!(room.now(), began, "nothing was changed");
    assert_eq!(room.presses_start().header("location"), room.home);
    let finished = room.world.press(&format!("{}/finish", room.home));
    assert!(finished.header("location").ends_with("/proctoring/end"), "the tool still wants to be told");
    assert_eq!(room.says(room.leave(&at), &at).status, 409, "after the end");
}

#[test]
fn lti_10_nobody_begins_an_exam_that_is_closed_or_that_another_tool_proctors_now() {
    let room = Room::new();
    let at = room.goes_to_tool();
    room.set(json!({ "status": "closed" }));
    assert_eq!(room.says(room.leave(&at), &at).status, 409);
    room.set(json!({ "status": "open" }));
    let other = room.world.tool_1p3_with(json!({ "tool_name": "Other" }));
    room.set(json!({ "proctoring_tool_provider_id": other.provider["id"] }));
    assert_eq!(room.says(room.leave(&at), &at).status, 409);
    room.set(json!({ "proctoring_tool_provider_id": room.tool.provider["id"] }));
    let path = format!("/tool_providers/{}", room.tool.provider["id"]);
    room.world.administrator.patch(&path, json!({ "active": false })).ok("tool_provider");
    assert_eq!(room.says(room.leave(&at), &at).status, 401);
    assert_eq!(room.presses_start().status, 404, "and the button begins nothing without the tool");
    assert_eq!(room.now()["start_time"], Value::Null);
    room.world.administrator.patch(&path, json!({ "active": true })).ok("tool_provider");
    assert_eq!(room.says(room.leave(&at), &at).status, 303);
}

#[test]
fn lti_10_of_several_messages_at_once_one_begins_the_exam() {
    let room = Room::in_world(World::in_real_time());
    let at = room.goes_to_tool();
    let statuses: Vec<u16> = thread::scope(|scope| {
        let starts: Vec<_> = (0..8).map(|_| scope.spawn(|| room.says(room.leave(&at), &at).status)).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    let count = |status| statuses.iter().filter(|given| **given == status).count();
    assert_eq!((count(303), count(409)), (1, 7), "{statuses:?}");
    assert_eq!((room.world.database.rows("proctorings"), &room.now()["status"]), (1, &json!("exam_started")));
}

#[test]
fn the_login_is_the_students_own_and_serves_once() {
    let room = Room::new();
    let other = room.world.tool_1p3_with(json!({ "tool_name": "Other" }));
    let login = Login::at(&room.presses_start());
    let error = |page: &Reply| Form::read(&page.text).get("error").map(ToOwned::to_owned);
    assert_eq!(error(&room.asks(&login, ("login_hint", "x"))).as_deref(), Some("access_denied"));
    let elsewhere = Login { form: login.form.clone(), cookie: "a=b".into() };
    assert_eq!(error(&room.asks(&elsewhere, ("", ""))).as_deref(), Some("login_required"));
    let theirs = room.asks(&login, ("client_id", &other.client_id));
    assert_eq!(error(&theirs).as_deref(), Some("access_denied"));
    let hint = login.form.get("lti_message_hint").unwrap();
    assert_eq!(room.asks(&login, ("lti_message_hint", &hint[..hint.len() - 2])).status, 403);
    assert!(room.asks(&login, ("", "")).text.contains("id_token"));
    assert_eq!(room.asks(&login, ("", "")).status, 403, "used");
    let login = Login::at(&room.presses_start());
    room.world.wait(11 * MINUTES);
    assert_eq!(room.asks(&login, ("", "")).status, 403, "too late");
    let login = Login::at(&room.presses_start());
    room.set(json!({ "status": "closed" }));
    assert_eq!(room.asks(&login, ("", "")).status, 403, "closed");
}
