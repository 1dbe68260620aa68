//! E-mail to students: queued with the call, sent by a real mail server, at least once whatever happens.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use examlink::config::Settings;
use serde_json::{Value, json};

use crate::interop::python;
use crate::world::{Database, Process, World, nightly, on_postgres, superuser, until};

const FROM: &str = "Example University <exams@example.edu>";

/// A mail server that nobody here wrote, and what it has taken.
pub struct MailServer {
    url: String,
    taken: Arc<Mutex<Vec<Value>>>,
    process: Child,
}

impl MailServer {
    pub fn start() -> Self {
        let mut process = python()
            .arg("mail_server.py")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("script/test installs Python");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let address = first.strip_prefix("listening on ").expect("the mail server says where it listens");
        let (url, taken) = (format!("smtp://{address}"), Arc::new(Mutex::new(Vec::new())));
        let kept = taken.clone();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Self { url, taken, process }
    }

    fn settings(&self) -> impl FnOnce(&mut Settings) + use<> {
        let url = self.url.clone();
        move |settings| {
            settings.smtp_url = Some(url.into());
            settings.mail_from = Some(FROM.into());
        }
    }

    pub fn environment(&self) -> [(&str, &str); 2] {
        [("EXAMLINK_SMTP_URL", &self.url), ("EXAMLINK_MAIL_FROM", FROM)]
    }

    fn taken(&self) -> Vec<Value> {
        self.taken.lock().unwrap().clone()
    }

    /// What it has taken, once there is so much: it may tell of a message after the server was answered.
    #[track_caller]
    fn told(&self, count: usize) -> Vec<Value> {
        let all = until("the messages came", || Some(self.taken()).filter(|taken| taken.len() >= count));
        assert_eq!(all.len(), count, "{all:?}");
        all
    }

    /// How often each address was written to.
    pub fn letters(&self) -> BTreeMap<String, usize> {
        let mut letters = BTreeMap::new();
        for letter in self.taken() {
            *letters.entry(letter["to"][0].as_str().unwrap().to_owned()).or_insert(0) += 1;
        }
        letters
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[track_caller]
fn eventually(what: &str, holds: impl Fn() -> bool) {
    until(what, || holds().then_some(()));
}

fn invite(world: &World, exam: &Value, email: &str) -> Value {
    let path = format!("/exams/{}/student_sessions", exam["id"]);
    world.teacher.post(&path, json!({ "name": "Zoë {exam} Student", "email": email })).created("student")
}

fn send(world: &World, exam: &Value) -> Value {
    world.teacher.post(&format!("/exams/{}/send_emails", exam["id"]), json!({})).ok("students")
}

fn status(world: &World, session: &Value) -> Value {
    world.teacher.get(&format!("/student_sessions/{}", session["id"])).ok("student")["status"].clone()
}

#[test]
fn interop_a_student_gets_the_link_in_the_language_of_the_exam() {
    let mail = MailServer::start();
    let world = World::with(World::standing_clock(), mail.settings());
    let letters = [
        ("en", "Your exam: Algebra"),
        ("fr", "Votre examen : Algebra"),
        ("nl-BE", "Je examen: Algebra"),
        ("de", "Ihre Prüfung: Algebra"),
        ("es", "Su examen: Algebra"),
        ("nb", "Eksamenen din: Algebra"),
        ("ja", "Your exam: Algebra"),
    ];
    for (number, (language, subject)) in letters.into_iter().enumerate() {
        let exam = world.exam();
        let fields = json!({
            "exam_language": language, "start_time": "2026-11-27T08:00:00Z", "timezone": "Europe/Amsterdam",
        });
        world.teacher.patch(&format!("/exams/{}", exam["id"]), fields).ok("exam");
        let session = invite(&world, &exam, "zoe@example.org");
        assert_eq!(send(&world, &exam), json!([{ "id": session["id"], "status": "before_check_req_mail" }]));
        eventually("the e-mail left", || status(&world, &session) == "email_sent");
        let letter = mail.told(number + 1).pop().unwrap();
        assert_eq!((&letter["subject"], &letter["from"]), (&json!(subject), &json!("exams@example.edu")));
        let text = letter["text"].as_str().unwrap();
        assert!(text.contains(session["exam_url"].as_str().unwrap()), "{text}");
        assert!(text.contains("Zoë {exam} Student") && text.contains("2026-11-27 09:00 (Europe/Amsterdam)"), "{text}");
        assert_eq!(send(&world, &exam), json!([]), "nobody is written to twice");
    }
}

#[test]
fn interop_an_address_that_is_refused_bounces_and_can_be_tried_again() {
    let mail = MailServer::start();
    let world = World::with(World::standing_clock(), mail.settings());
    let exam = world.exam();
    let session = invite(&world, &exam, "bounced@example.org");
    send(&world, &exam);
    eventually("the e-mail bounced", || status(&world, &session) == "email_bounced");
    world.teacher.patch(&format!("/student_sessions/{}", session["id"]), json!({ "email": "zoe@example.org" }));
    assert_eq!(send(&world, &exam)[0]["id"], session["id"]);
    eventually("the e-mail left", || status(&world, &session) == "email_sent");
}

#[test]
fn interop_a_mail_server_that_is_busy_is_asked_again_with_the_same_message_id() {
    let mail = MailServer::start();
    let world = World::with(World::standing_clock(), mail.settings());
    let exam = world.exam();
    let session = invite(&world, &exam, "later@example.org");
    send(&world, &exam);
    world.put_off();
    assert_eq!(status(&world, &session), "before_check_req_mail");
    world.wait(7_000);
    eventually("the e-mail left", || status(&world, &session) == "email_sent");
    let letters = mail.told(1);
    assert!(letters[0]["id"].as_str().unwrap().ends_with("@example.edu>"));
}

#[test]
fn interop_a_student_who_went_on_or_an_exam_that_closed_needs_no_link() {
    let mail = MailServer::start();
    let world = World::with(World::standing_clock(), mail.settings());
    let exam = world.exam();
    let session = invite(&world, &exam, "later@example.org");
    send(&world, &exam);
    world.put_off();
    world.publish(&exam);
    world.teacher.patch(&format!("/exams/{}", exam["id"]), json!({ "status": "closed" })).ok("exam");
    world.wait(7_000);
    world.all_done();
    assert_eq!((mail.taken().len(), status(&world, &session)), (0, json!("before_check_req_mail")));
}

#[test]
fn email_needs_a_mail_server_and_the_institutes_consent() {
    let world = World::with(World::standing_clock(), |settings| settings.smtp_url = None);
    let path = format!("/exams/{}/send_emails", world.exam()["id"]);
    let refused = world.teacher.post(&path, json!({}));
    assert!(refused.refused(409, "conflict").json["detail"].as_str().unwrap().contains("EXAMLINK_SMTP_URL"));
    let world = World::new();
    let path = format!("/exams/{}/send_emails", world.exam()["id"]);
    let institute = format!("/institutes/{}", world.institute);
    world.administrator.patch(&institute, json!({ "exam_link_emails_enabled": false })).ok("institute");
    let refused = world.teacher.post(&path, json!({}));
    assert!(refused.refused(409, "conflict").json["detail"].as_str().unwrap().contains("exam_link_emails_enabled"));
}

/// Students of the exam in the long run and in the short one.
fn crowd() -> usize {
    if nightly() { 1_000 } else { 60 }
}

/// An exam with a crowd whose e-mails were just queued by a server of its own.
fn queue(database: &Database, mail: &MailServer) -> Process {
    let superuser = superuser(database);
    let server = Process::serve_with(database, &mail.environment());
    let caller = server.caller(&superuser);
    let institute = caller.post("/institutes", json!({ "name": "University", "short_name": "U" })).created("institute");
    let fields = json!({ "institute_id": institute["id"], "name": "Algebra", "type": "demo" });
    let exam = caller.post("/exams", fields).created("exam");
    for number in 0..crowd() {
        let fields = json!({ "name": "Sam", "email": format!("s{number}@example.org") });
        caller.post(&format!("/exams/{}/student_sessions", exam["id"]), fields).created("student");
    }
    let queued = caller.post(&format!("/exams/{}/send_emails", exam["id"]), json!({})).ok("students");
    assert_eq!(queued.as_array().unwrap().len(), crowd());
    server
}

#[test]
fn interop_kill_9_among_queued_emails_loses_none() {
    let (database, mail) = (Database::fresh(), MailServer::start());
    let server = queue(&database, &mail);
    eventually("some have left", || mail.taken().len() > crowd() / 10);
    server.kill();
    let before = mail.taken().len();
    assert!(before < crowd(), "the server was killed too late");
    let _server = Process::serve_with(&database, &mail.environment());
    eventually("all have left", || mail.letters().len() == crowd());
    let twice = mail.letters().values().filter(|times| **times > 1).count();
    println!("{} e-mails, killed after {before}: {twice} arrived twice", crowd());
    assert!(twice <= 4, "no more than were on their way");
}

#[test]
fn interop_a_server_that_is_told_to_stop_finishes_the_emails_that_it_began_and_no_more() {
    let (database, mail) = (Database::fresh(), MailServer::start());
    let server = queue(&database, &mail);
    eventually("some have left", || mail.taken().len() > crowd() / 10);
    server.stop();
    let before = mail.taken().len();
    assert!(before < crowd(), "the server was told too late");
    let _server = Process::serve_with(&database, &mail.environment());
    eventually("all have left", || mail.letters().len() == crowd());
    println!("{} e-mails, told to stop after {before}", crowd());
    assert!(mail.letters().values().all(|times| *times == 1), "none is sent twice");
}

#[test]
fn interop_two_servers_send_no_email_twice() {
    if !on_postgres() {
        return;
    }
    let (database, mail) = (Database::fresh(), MailServer::start());
    let _second = Process::serve_with(&database, &mail.environment());
    let _first = queue(&database, &mail);
    eventually("all have left", || mail.letters().len() == crowd());
    assert!(mail.letters().values().all(|times| *times == 1));
}
