//! The log of a server that logs everything: one JSON object a line, whatever clients send, and no secret in it.

use std::fs::{self, File};
use std::net::SocketAddr;

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::world::operations::{Things, operations};
use crate::world::wire::Wire;
use crate::world::{Database, MASTER_KEY, Person, Process, http, sign, superuser};

/// An attempt to begin a line of one's own, and to colour a terminal.
const FORGED: &str = "x\r\n{\"level\":\"ERROR\",\"message\":\"forged\"}\u{1b}[31m\u{2028}\0";

/// A server with people, driven through everything, and what was secret about it.
struct Drive {
    address: SocketAddr,
    administrator: Person,
    teacher: Person,
    things: Things,
    secrets: Vec<String>,
}

impl Drive {
    fn new(server: &Process, root: &Person) -> Self {
        let institute = root.post("/institutes", json!({ "name": "First", "short_name": "F" })).created("institute");
        let institute = institute["id"].as_i64().unwrap();
        let mut secrets = vec![MASTER_KEY.to_owned(), root.token.clone(), root.secret.clone()];
        let [administrator, teacher] = ["administrator", "teacher"].map(|role| {
            let email = format!("{role}@example.edu");
            let fields = json!({ "email": email, "name": "P", "password": "M4rker-Passw0rd", "role": role });
            let user = root.post(&format!("/institutes/{institute}/users"), fields).created("user");
            let [token, secret] = ["api_token", "secret_key"].map(|name| user[name].as_str().unwrap().to_owned());
            let person = root.with(&token, &secret);
            secrets.extend([token, secret]);
            person
        });
        let things = Things::made_by(&administrator, &teacher, institute);
        let token = things.session["token"].as_str().unwrap().to_owned();
        secrets.extend([token, "s3cretOfTheToolProvider".into(), "M4rker-Passw0rd".into(), "Correct-Horse-1".into()]);
        Self { address: server.address, administrator, teacher, things, secrets }
    }

    /// Every operation as it should be called, and with an evil value in every place.
    fn call_everything(&mut self) {
        for operation in operations().iter().filter(|operation| operation.method != "DELETE") {
            operation.call(&self.administrator, &self.things).send();
            operation.call(&self.teacher, &self.things).send();
            let names =
                operation.properties().into_iter().chain(["page", "limit", "status", FORGED, "nonce", "timestamp"]);
            for name in names.map(str::to_owned).collect::<Vec<_>>() {
                operation.call(&self.administrator, &self.things).with(&name, FORGED).send();
            }
            let rotated = &operation.call(&self.administrator, &self.things).send().json["user"];
            self.secrets.extend(
                ["api_token", "secret_key"].iter().filter_map(|name| rotated[name].as_str().map(str::to_owned)),
            );
        }
    }

    /// Requests that are refused at each step of their way in.
    fn knock(&mut self) {
        let call = self.teacher.call("GET", "/exams", Value::Null);
        let signature = sign(&self.teacher.secret, &call.signed());
        call.clone().send_signed(&signature).ok("exams");
        call.clone().send_signed(&signature).refused(401, "nonce_reused");
        call.clone().send_signed(&signature.replace(['0', '1'], "2")).refused(401, "invalid_signature");
        call.with("timestamp", "1").send().refused(401, "stale_timestamp");
        self.secrets.push(signature);
        let (wrong, other) = ("m4rkerOfAWrongToken", "m4rkerOfAWrongSecret");
        self.teacher.with(wrong, other).get("/exams").refused(401, "invalid_signature");
        self.secrets.extend([wrong.to_owned(), other.to_owned()]);
        self.teacher.call("GET", "/exams", Value::Null).header("X-Request-Id", "forged\tid").send();
    }

    /// The student's way through the exam, and a tool that says evil things.
    fn take_the_exam(&mut self) {
        self.teacher.patch(&format!("/exams/{}", self.things.exam["id"]), json!({ "status": "open" })).ok("exam");
        let session = format!("/student_sessions/{}", self.things.session["id"]);
        self.teacher.post(&format!("{session}/reopen"), json!({})).ok("student");
        let link = self.things.session["exam_url"].as_str().unwrap();
        for path in ["", "/start", "/start", "/finish?x=1"] {
            http().post(format!("{link}{path}")).send().unwrap();
            http().get(link).send().unwrap();
            let launch =
                http().get(format!("{link}/launch/{}", self.things.resource["id"])).send().unwrap().text().unwrap();
            let fields = launch.split("value=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
            let fields: Vec<String> = fields.collect();
            let said = [("lti_log", FORGED), ("lti_errorlog", FORGED), ("lti_msg", FORGED), ("lti_errormsg", FORGED)];
            let said = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(said).finish();
            if let Some(back) = fields.iter().find(|value| value.contains("/return/")) {
                assert_eq!(http().get(format!("{back}?{said}")).send().unwrap().status(), 200);
                self.secrets.extend(back.rsplit('-').next().map(str::to_owned));
            }
            self.secrets.extend(fields.into_iter().filter(|value| value.len() == 28 && value.ends_with('=')));
        }
    }

    /// What no HTTP client would send, with a token and a student's link in every place.
    fn babble(&self) {
        let (token, link) = (&self.teacher.token, self.things.session["token"].as_str().unwrap());
        for request in [
            format!("GET /sessions/{link} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
            format!(
                "GET /sessions/{link}/{link}?{link} HTTP/1.1\r\nHost: {link}\r\nReferer: {link}\r\nConnection: close\r\n\r\n"
            ),
            format!("{token} /{link} HTTP/1.1\r\nHost: x\r\nUser-Agent: {token}\r\nConnection: close\r\n\r\n"),
            format!(
                "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Token token={token}\r\nAuthorization: {token}\r\n folded\r\n\r\n"
            ),
            format!("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: {token}\r\n\r\n"),
            format!("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: {token}\r\n\r\n"),
            format!("GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: \u{1b}[31m{token}\r\n\r\n"),
            format!("\u{1b}[31m{token}\n\n{{\"level\":\"ERROR\"}}\r\n\r\n"),
            format!(
                "POST /api/v3/exams HTTP/1.1\r\nHost: x\r\nAuthorization: Token token={token}\r\nContent-Type: {token}\r\nContent-Length: 64\r\n\r\n{token}"
            ),
            format!("POST /api/v3/exams HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{token}\r\n"),
            format!(
                "GET /api/v3/exams HTTP/1.1\r\nHost: x\r\nExpect: {token}\r\nUpgrade: {token}\r\nConnection: upgrade\r\n\r\n"
            ),
        ] {
            let mut wire = Wire::to(self.address);
            wire.send(request);
            wire.hear_reply();
        }
    }
}

fn log_of_a_drive() -> (Vec<String>, String) {
    let (database, folder) = (Database::fresh(), TempDir::new().unwrap());
    let root = superuser(&database);
    let path = folder.path().join("log");
    let server = Process::serve_logging(&database, File::create(&path).unwrap());
    let root = server.caller(&root);
    let mut drive = Drive::new(&server, &root);
    drive.call_everything();
    drive.knock();
    drive.take_the_exam();
    drive.babble();
    server.stop();
    let password = url::Url::parse(database.url()).unwrap().password().map(str::to_owned);
    drive.secrets.extend(password);
    (drive.secrets, fs::read_to_string(path).unwrap())
}

#[test]
fn log_01_and_02_every_line_is_one_object_and_no_secret_is_in_it() {
    let (secrets, log) = log_of_a_drive();
    assert!(log.ends_with('\n') && log.lines().count() > 500, "{} lines", log.lines().count());
    let mut tools = 0;
    for line in log.lines() {
        let entry: Map<String, Value> = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(["timestamp", "level", "target"].iter().all(|name| entry.contains_key(*name)), "{line}");
        assert!(!line.contains('\u{1b}') && entry.get("message") != Some(&json!("forged")), "{line}");
        tools += usize::from(entry.contains_key("lti_errorlog"));
    }
    assert!(tools > 0, "what tools say is logged");
    assert!(secrets.len() > 20, "{}", secrets.len());
    for secret in secrets.iter().map(String::as_str).chain(["Token token=", "oauth_", "postgres://", "/sessions/"]) {
        let line = log.lines().find(|line| line.contains(secret) && !is_a_route(line, secret));
        assert!(line.is_none(), "{secret} is in {line:?}");
    }
    // Tokens, secret keys, signatures and links are 64 hexadecimal digits.
    let words = log.split(|letter: char| !letter.is_ascii_hexdigit());
    assert_eq!(words.filter(|word| word.len() >= 64).collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn dx_08_one_id_is_in_the_reply_the_problem_and_the_log() {
    let (database, folder) = (Database::fresh(), TempDir::new().unwrap());
    let root = superuser(&database);
    let path = folder.path().join("log");
    let server = Process::serve_logging(&database, File::create(&path).unwrap());
    let root = server.caller(&root);
    let read = || root.call("GET", "/exams/999", json!({}));
    let (given, made) = (read().header("X-Request-Id", "client-id_0003").send(), read().send());
    server.stop();
    let log = fs::read_to_string(path).unwrap();
    for (reply, id) in [(&given, "client-id_0003"), (&made, made.header("x-request-id"))] {
        assert_eq!((reply.header("x-request-id"), &reply.json["request_id"]), (id, &json!(id)));
        let entries = entries_of(&log, id);
        assert!(entries.iter().any(|entry| entry["target"] == "access" && entry["status"] == 404), "{id}: {entries:?}");
    }
}

#[test]
fn the_log_tells_why_a_caller_was_refused_and_the_answer_does_not() {
    let (database, folder) = (Database::fresh(), TempDir::new().unwrap());
    let root = superuser(&database);
    let path = folder.path().join("log");
    let server = Process::serve_logging(&database, File::create(&path).unwrap());
    let root = server.caller(&root);
    let wrong = root.with(&root.token, "another secret").get("/exams");
    let unknown = root.with("another token", &root.secret).get("/exams");
    server.stop();
    let log = fs::read_to_string(path).unwrap();
    for (reply, why, known) in [(&wrong, "wrong signature", true), (&unknown, "unknown token", false)] {
        reply.refused(401, "invalid_signature");
        assert_eq!(reply.json["detail"], wrong.json["detail"]);
        let entries = entries_of(&log, reply.header("x-request-id"));
        let entry = entries.iter().find(|entry| entry["message"] == "a caller was refused").expect(why);
        assert_eq!((&entry["why"], entry["user"].is_number()), (&json!(why), known), "{entry}");
    }
}

/// What the log says of the request with this id.
fn entries_of(log: &str, id: &str) -> Vec<Value> {
    let entries = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    entries.filter(|entry| entry["request_id"] == id).collect()
}

/// The access log names routes, with `{token}` for every link.
fn is_a_route(line: &str, text: &str) -> bool {
    line.replace("/sessions/{token}", "").find(text).is_none()
}
