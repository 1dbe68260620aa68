//! A tool that hands grades back: what a launch gave it, and its key and secret.

use std::sync::atomic::{AtomicU32, Ordering};

use examlink_lti::Secret;
use examlink_lti::v1::credentials::{Credentials, Stamp};
use examlink_lti::v1::oauth1::SignatureMethod;
use examlink_lti::v1::outcomes::{Action, OutcomeRequest, OutcomeResponse, Replacement, Score};
use serde_json::{Value, json};

use super::client::http;
use super::{Form, Reply, World};

/// A student who is taking an exam with one tool in it, and that tool.
#[derive(Clone)]
pub struct Launched {
    pub exam: Value,
    pub tool: Value,
    pub resource: Value,
    pub session: Value,
    /// The form that the tool got.
    pub form: Form,
    pub credentials: Credentials,
    /// Where the tool sends its messages, and what it signs.
    pub url: String,
    pub sourcedid: String,
    /// Seconds that the tool's clock is ahead.
    pub ahead: i64,
}

static NONCE: AtomicU32 = AtomicU32::new(1);

impl World {
    /// A student who has just been launched into a tool.
    pub fn launched(&self) -> Launched {
        let (exam, tool) = (self.exam(), self.tool_provider());
        let resource = self.lti_resource(&exam, &tool);
        self.document(&exam, &format!("{{{}}}", resource["placeholder"].as_str().unwrap()));
        self.publish(&exam);
        let session = self.student_session(&exam);
        self.launched_into(exam, tool, resource, session)
    }

    /// A student who starts an exam that is open, and opens a tool in it.
    pub fn launched_into(&self, exam: Value, tool: Value, resource: Value, session: Value) -> Launched {
        let home = self.started(&session);
        let form = self.launch_form(&home, &resource);
        let credentials = Credentials {
            consumer_key: tool["oauth_consumer_key"].as_str().unwrap().to_owned(),
            secret: Secret::new("s3cretOfTheToolProvider"),
            method: SignatureMethod::HmacSha1,
        };
        let said = |name| form.get(name).expect(name).to_owned();
        let (url, sourcedid) = (said("lis_outcome_service_url"), said("lis_result_sourcedid"));
        Launched { exam, tool, resource, session, form, credentials, url, sourcedid, ahead: 0 }
    }
}

/// The score alone.
pub fn scored(score: f64) -> Action {
    Action::Replace(Replacement { score: Score::new(score), ..Replacement::default() })
}

impl Launched {
    /// The body of a request.
    pub fn xml(&self, action: Action) -> String {
        OutcomeRequest { message_id: "m1".into(), sourcedid: self.sourcedid.clone(), action }.to_xml()
    }

    /// The signature of a message, with a fresh nonce and the time now.
    pub fn header(&self, world: &World, method: &str, url: &str, body: &str) -> String {
        let nonce = format!("{:020}", NONCE.fetch_add(1, Ordering::Relaxed));
        let now = u64::try_from(world.clock.now().seconds() + self.ahead).unwrap();
        self.credentials.authorize(&Stamp::new(nonce, now).unwrap(), method, url, body.as_bytes()).unwrap()
    }

    /// Hands a grade back, reads it or takes it away, as a tool does.
    pub fn send(&self, world: &World, action: Action) -> Reply {
        self.send_xml(world, &self.xml(action))
    }

    pub fn send_xml(&self, world: &World, xml: &str) -> Reply {
        send_signed(world, &self.header(world, "POST", &self.url, xml), xml)
    }

    /// Sends a request about a result to its own address.
    pub fn send_json(&self, world: &World, method: &str, body: &str) -> Reply {
        let path = format!("/lti/1.1/results/{}", self.sourcedid);
        let header = self.header(world, method, &format!("{}{path}", world.origin()), body);
        let request = http().request(method.parse().unwrap(), format!("{}{path}", world.origin()));
        let request = request.header("Content-Type", "application/vnd.ims.lis.v2.result+json");
        request.header("Authorization", header).body(body.to_owned()).send().unwrap().into()
    }

    /// The score that the tool reads: empty where there is none.
    #[track_caller]
    pub fn score(&self, world: &World) -> String {
        let reply = self.send(world, Action::Read);
        assert_eq!(reply.status, 200, "{}", reply.text);
        answer(&reply).score.expect("a read gives a score")
    }

    /// The result as the teacher sees it, where there is one.
    pub fn result(&self, world: &World) -> Option<Value> {
        let path = format!("/student_sessions/{}/results", self.session["id"]);
        let results = world.administrator.get(&path).ok("results");
        results.as_array().unwrap().first().cloned()
    }

    /// Changes the exam.
    pub fn set(&self, world: &World, fields: Value) {
        world.teacher.patch(&format!("/exams/{}", self.exam["id"]), fields).ok("exam");
    }
}

/// Sends a body with this header, right or wrong.
pub fn send_signed(world: &World, header: &str, xml: &str) -> Reply {
    let request = http().post(format!("{}/lti/1.1/outcomes", world.origin()));
    let request = request.header("Content-Type", "application/xml").header("Authorization", header);
    request.body(xml.to_owned()).send().unwrap().into()
}

/// The newest call in the log.
pub fn last_call(world: &World) -> Value {
    let sort = json!([{ "id": "desc" }]).to_string();
    let calls = world.administrator.call("GET", "/service_calls", json!({ "sort": sort })).send();
    calls.ok("service_calls")[0].clone()
}

/// The newest call in the log, once it is one of this operation: some are written after their answer.
#[track_caller]
pub fn logged_call(world: &World, operation: &str) -> Value {
    super::until("the call is logged", || Some(last_call(world)).filter(|call| call["operation"] == operation))
}

/// What a reply says in XML.
#[track_caller]
pub fn answer(reply: &Reply) -> OutcomeResponse {
    assert!(reply.text.starts_with("<?xml"), "{}", reply.text);
    OutcomeResponse::parse(reply.text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {}", reply.text))
}

/// Asserts that a call was refused, for this reason.
#[track_caller]
pub fn assert_refused(reply: &Reply, status: u16, why: &str) {
    assert_eq!(reply.status, status, "{}", reply.text);
    let description = answer(reply).description;
    assert!(description.contains(why), "{description}");
}

/// What a tool keeps of one launch, where the server runs in a process of its own.
pub struct ToolAlone {
    /// The student's attempt.
    pub session: i64,
    launch: Form,
}

impl ToolAlone {
    /// Keeps the launch of a page.
    pub fn launched(page: &str, session: i64) -> Self {
        Self { session, launch: Form::read(page) }
    }

    /// Sends a request in real time to where the server is now; `None` where no whole answer came.
    pub fn try_send(&self, url: &str, action: Action) -> Option<u16> {
        let said = |name| self.launch.get(name).unwrap().to_owned();
        let credentials = Credentials {
            consumer_key: said("oauth_consumer_key"),
            secret: Secret::new("s3cretOfTheToolProvider"),
            method: SignatureMethod::HmacSha1,
        };
        let sourcedid = said("lis_result_sourcedid");
        let body = OutcomeRequest { message_id: "m".into(), sourcedid, action }.to_xml();
        let nonce = format!("{:020}", NONCE.fetch_add(1, Ordering::Relaxed));
        let now = u64::try_from(examlink::clock::Clock::system().now().seconds()).unwrap();
        let stamp = Stamp::new(nonce, now).unwrap();
        let header = credentials.authorize(&stamp, "POST", &said("lis_outcome_service_url"), body.as_bytes()).unwrap();
        let request = http().post(url).header("Content-Type", "application/xml").header("Authorization", header);
        let reply = request.body(body).send().ok()?;
        let status = reply.status().as_u16();
        reply.bytes().ok().map(|_| status)
    }
}
