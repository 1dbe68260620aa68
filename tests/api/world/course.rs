//! A platform of LTI 1.3 in a process of its own, registered by an institute, with an open exam for its course.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use super::platform::Lms13;
use super::until;
use super::{Form, Reply, World, http, post_form};

/// A platform that runs.
pub struct Platform {
    pub origin: String,
    process: Child,
}

impl Platform {
    /// Starts a program of `tests/interop`, and tells it where its tool is.
    pub fn start(program: &str, world: &World) -> Self {
        let arguments = [program, "--tool", &world.origin()];
        let mut process = crate::interop::python().args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let origin = line.trim().strip_prefix("listening on ").expect("the platform says where it listens").to_owned();
        Self { origin, process }
    }

    /// What an administrator enters of it.
    pub fn entered(&self, change: Value) -> Value {
        let at = |path: &str| format!("{}{path}", self.origin);
        let host = self.origin.strip_prefix("http://").unwrap();
        let fields = json!({
            "name": "Campus LMS", "issuer": self.origin, "client_id": "client-1", "deployment_ids": ["d-1"],
            "authorization_url": at("/auth"), "token_url": at("/token"), "jwks_url": at("/jwks"),
            "return_hosts": [host], "frame_origins": [self.origin],
        });
        super::lms::with(&fields, change)
    }

    /// Launches as a browser does, and gives what the tool answers.
    pub fn launch(&self, parameters: &[(&str, &str)]) -> Reply {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        let page: Reply = http().get(format!("{}/launch?{query}", self.origin)).send().unwrap().into();
        let begun = http().get(page.header("location")).send().unwrap().into();
        let begun = Lms13::read(&begun);
        let answer: Reply = http().get(begun.asked.clone()).send().unwrap().into();
        assert_eq!(answer.status, 200, "{}", answer.text);
        let form = Form::read(&answer.text);
        post_form(&form.action, &form.fields, begun.cookie())
    }

    /// What it got.
    pub fn seen(&self) -> Value {
        Reply::from(http().get(format!("{}/seen", self.origin)).send().unwrap()).json
    }

    /// Ends every access token that it gave.
    pub fn revoke(&self) {
        assert_eq!(http().post(format!("{}/revoke", self.origin)).send().unwrap().status(), 200);
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An open exam with a tool in it, and the platform whose course has it.
pub struct Course {
    pub world: World,
    pub platform: Platform,
    pub exam: Value,
    /// As the API shows the platform.
    pub registered: Value,
    resource: Value,
}

impl Course {
    pub fn new(program: &str, change: Value) -> Self {
        Self::of(World::in_real_time(), program, change)
    }

    /// The same on a server whose clock or settings are others.
    pub fn of(world: World, program: &str, change: Value) -> Self {
        let exam = world.exam();
        let resource = world.lti_resource(&exam, &world.tool_provider());
        world.publish(&exam);
        let platform = Platform::start(program, &world);
        let fields = super::lms::with(&platform.entered(json!({ "exam_id": exam["id"] })), change);
        let registered = world.administrator.post("/lti_platforms", fields).created("lti_platform");
        Self { world, platform, exam, registered, resource }
    }

    /// Sends a learner into the exam, starts it, and gives the session.
    pub fn enter(&self, user: &str, manner: &str) -> Value {
        let reply = self.platform.launch(&[("user", user), ("name", user), ("manner", manner)]);
        assert_eq!(reply.status, 303, "{}", reply.text);
        self.world.press(&format!("{}/start", reply.header("location")));
        let path = format!("/exams/{}/student_sessions", self.exam["id"]);
        let sessions = self.world.teacher.get(&path).ok("students");
        let of_user = |session: &&Value| session["external_id"] == user;
        sessions.as_array().unwrap().iter().find(of_user).expect("the learner has a session").clone()
    }

    /// The teacher says what a student reached, or takes it back.
    pub fn grade(&self, session: &Value, score: Option<f64>) {
        let path = format!("/student_sessions/{}/results", session["id"]);
        let known = self.world.teacher.get(&path).ok("results");
        if let Some(result) = known.get(0) {
            let path = format!("/results/{}", result["id"]);
            self.world.teacher.patch(&path, json!({ "score": score })).ok("result");
        } else {
            let fields = json!({ "lti_resource_id": self.resource["id"], "score": score });
            self.world.teacher.post(&path, fields).created("result");
        }
    }

    /// The grade returns of a session, as the teacher sees them.
    pub fn returns(&self, session: &Value) -> Vec<Value> {
        let path = format!("/student_sessions/{}/grade_returns", session["id"]);
        self.world.teacher.get(&path).ok("grade_returns").as_array().unwrap().clone()
    }

    /// Waits until the grade return of a session has a status.
    #[track_caller]
    pub fn becomes(&self, session: &Value, status: &str, score: Option<f64>) -> Value {
        let is = |grade: &Value| grade["status"] == status && grade["score"] == json!(score);
        let found = || self.returns(session).into_iter().find(is);
        until(&format!("{status} {score:?}: {:?}", self.returns(session)), found)
    }
}
