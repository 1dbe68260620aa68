//! A server of its own for each test, with people who call it.

pub mod advantage;
mod browser;
mod client;
pub mod course;
mod database;
mod document;
pub mod gradebook;
pub mod inbox;
pub mod inspector;
pub mod launched;
pub mod lms;
pub mod login;
pub mod operations;
mod page;
mod patience;
pub mod platform;
mod process;
mod raw;
pub mod refusals;
pub mod timing;
mod tool;
pub mod wire;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use examlink::clock::{Clock, Random};
use examlink::config::{Config, Settings};
use examlink::domain::access::Role;
use examlink::domain::id::{InstituteId, UserId};
use examlink::domain::institute::NewInstitute;
use examlink::domain::text::{Email, Name};
use examlink::domain::time::Timestamp;
use examlink::domain::user::{Credentials, NewUser};
use examlink::server::{Parts, Server, listen};
use examlink::store::{Store, institutes, users};
use serde_json::{Value, json};

pub use browser::{with_browser, with_browser_that};
pub use client::{Call, Person, Reply, http, sign};
pub use database::{Database, on_postgres};
pub use document::{check, document, resolved, route, validator_of};
pub use page::{Form, post_form, shown_scripts};
pub use patience::{PATIENCE, until};
pub use process::{Process, program, superuser};

/// Whether there is time for long runs, as `script/test nightly` has it.
pub fn nightly() -> bool {
    std::env::var_os("EXAMLINK_TEST_NIGHTLY").is_some()
}

/// The time at which fixed clocks stand: 2026-11-26T07:19:53.143Z.
pub const NOW: i64 = 1_795_677_593_143;

/// The master key of every test server.
pub const MASTER_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// Asserts that an object has these members and no other; `names` are set apart by spaces.
#[track_caller]
pub fn assert_members(object: &Value, names: &str) {
    let found: BTreeSet<&str> = object.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(found, names.split_whitespace().collect());
}

/// A running server with two institutes. Whoever is not named otherwise belongs to the first.
pub struct World {
    pub address: SocketAddr,
    pub clock: Clock,
    pub store: Store,
    pub institute: i64,
    pub other_institute: i64,
    pub superuser: Person,
    pub administrator: Person,
    pub teacher: Person,
    /// Another author of the same institute.
    pub colleague: Person,
    pub proctor: Person,
    pub reviewer: Person,
    pub auditor: Person,
    /// The administrator of the other institute.
    pub stranger: Person,
    pub database: Database,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl World {
    /// A server whose clock stands at [`NOW`].
    pub fn new() -> Self {
        Self::with(Self::standing_clock(), |_| {})
    }

    /// A clock that stands at [`NOW`].
    pub fn standing_clock() -> Clock {
        Clock::fixed(Timestamp::from_millis(NOW).unwrap())
    }

    /// A server in real time, for tools and browsers.
    pub fn in_real_time() -> Self {
        Self::with(Clock::system(), |_| {})
    }

    /// A server with other settings.
    pub fn with(clock: Clock, change: impl FnOnce(&mut Settings)) -> Self {
        Self::on(Database::fresh(), clock, change)
    }

    /// A server on a database that holds no users yet.
    pub fn on(database: Database, clock: Clock, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            database_url: database.url().to_owned().into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            master_key: Some(MASTER_KEY.to_owned().into()),
            workers: 1,
            database_readers: 2,
            shutdown_seconds: 1,
            // Nobody listens there; what would be sent waits in the queue.
            smtp_url: Some("smtp://127.0.0.1:1".to_owned().into()),
            mail_from: Some("exams@example.edu".into()),
            // The servers that tests call are on this machine.
            outgoing_allow: "loopback".into(),
            outgoing_ports: "any".into(),
            // Tests call faster than people; those of the limits set them.
            requests_per_second: 0,
            failures_per_second: 0,
            attachments: on_postgres().then(|| database.attachments()),
            ..Settings::default()
        };
        change(&mut settings);
        Self::start(database, clock, settings.check(Random).unwrap())
    }

    fn start(database: Database, clock: Clock, config: Config) -> Self {
        let (readers, kept) = (config.database_readers, config.launch_log_kept);
        let store = Store::open(&config.database, &config.keys, &clock, readers, kept).unwrap();
        let (sender, started) = mpsc::channel();
        let (parts, copy) = (Parts { clock: clock.clone(), random: Random, test_tool: None }, store.clone());
        let thread = thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let people = populate(&copy, &parts.clock).await;
                let server = Server::build(&config, listen(config.listen).unwrap(), copy, parts).unwrap();
                sender.send((server.address, server.handle(), people)).unwrap();
                server.run().await.unwrap();
            });
        });
        let (address, handle, (ids, people)) = started.recv().expect("the server starts");
        let [superuser, administrator, teacher, colleague, proctor, reviewer, auditor, stranger] =
            people.map(|(id, credentials)| Person::new(address, clock.clone(), id.0, &credentials));
        Self {
            address,
            clock,
            store,
            institute: ids[0].0,
            other_institute: ids[1].0,
            superuser,
            administrator,
            teacher,
            colleague,
            proctor,
            reviewer,
            auditor,
            stranger,
            database,
            handle,
            thread: Some(thread),
        }
    }

    /// `http://127.0.0.1:PORT`
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Somebody with a token that opens nothing.
    pub fn nobody(&self) -> Person {
        Person::new(self.address, self.clock.clone(), 0, &Credentials::random(Random).unwrap())
    }

    /// An administrator of the first institute who was shut out.
    pub fn disabled_administrator(&self) -> Person {
        let fields = json!({
            "email": "gone@example.edu", "name": "Gone", "password": "Correct-Horse-1", "role": "administrator",
        });
        let path = format!("/institutes/{}/users", self.institute);
        let user = self.administrator.post(&path, fields).created("user");
        self.administrator.patch(&format!("{path}/{}", user["id"]), json!({ "disabled": true })).ok("user");
        self.administrator.with(user["api_token"].as_str().unwrap(), user["secret_key"].as_str().unwrap())
    }

    /// Moves the clock by so many milliseconds.
    pub fn wait(&self, millis: i64) {
        let now = self.clock.now().micros();
        self.clock.set(Timestamp::from_micros(now + millis * 1_000));
    }

    /// Waits until a job has been tried and put off, by less than its lease.
    #[track_caller]
    pub fn put_off(&self) {
        let now = self.clock.now().micros();
        let soon = now + 10_000_000;
        let put_off = format!("SELECT uid AS text FROM jobs WHERE due_at > {now} AND due_at < {soon}");
        until("it is put off", || self.database.texts(&put_off).pop());
    }

    /// Waits until no job is to be done any more.
    #[track_caller]
    pub fn all_done(&self) {
        until("the queue is empty", || (self.database.rows("jobs") == 0).then_some(()));
    }

    /// One more user of the first institute.
    pub fn newcomer(&self, role: &str) -> Person {
        let email = format!("{role}2@example.edu");
        let fields = json!({ "email": email, "name": "Uma", "password": "Correct-Horse-1", "role": role });
        let user = self.superuser.post(&format!("/institutes/{}/users", self.institute), fields).created("user");
        let text = |name: &str| user[name].as_str().unwrap().to_owned();
        let mut person = self.teacher.with(&text("api_token"), &text("secret_key"));
        person.id = user["id"].as_i64().unwrap();
        person
    }

    /// A new exam of the teacher.
    pub fn exam(&self) -> Value {
        self.teacher.post("/exams", json!({ "name": "Algebra", "type": "demo" })).created("exam")
    }

    /// A new tool provider of the institute.
    pub fn tool_provider(&self) -> Value {
        self.tool_provider_at("https://tool.example/launch")
    }

    /// A new tool provider with this `tool_url`.
    pub fn tool_provider_at(&self, url: &str) -> Value {
        let fields = json!({
            "tool_name": "Maths tool", "oauth_consumer_key": "exam2026institute4key1",
            "oauth_consumer_secret": "s3cretOfTheToolProvider", "tool_url": url,
        });
        self.administrator.post("/tool_providers", fields).created("tool_provider")
    }

    /// A new LTI resource of a tool provider in an exam.
    pub fn lti_resource(&self, exam: &Value, tool: &Value) -> Value {
        let fields = json!({ "lti_resource_link_name": "Quiz", "exam_id": exam["id"], "tool_provider_id": tool["id"] });
        self.teacher.post("/lti_resources", fields).created("lti_resource")
    }

    /// Instructions of an exam.
    pub fn document(&self, exam: &Value, content: &str) -> Value {
        let path = format!("/exams/{}/documents", exam["id"]);
        self.teacher.post(&path, json!({ "exam_content": content })).created("document")
    }

    /// A new file of an exam.
    pub fn attachment(&self, exam: &Value, name: &str, media_type: &str, content: impl Into<Vec<u8>>) -> Value {
        self.attach(exam, name, media_type, content).created("attachment")
    }

    /// What comes of giving a file to an exam.
    pub fn attach(&self, exam: &Value, name: &str, media_type: &str, content: impl Into<Vec<u8>>) -> Reply {
        let path = format!("/exams/{}/attachments", exam["id"]);
        self.teacher.call("POST", &path, Value::Null).with_file("document", name, media_type, content).send()
    }

    /// A new student session of an exam.
    pub fn student_session(&self, exam: &Value) -> Value {
        self.student_session_named(exam, "sam@example.edu")
    }

    /// A new student session of an exam for this e-mail address.
    pub fn student_session_named(&self, exam: &Value, email: &str) -> Value {
        let path = format!("/exams/{}/student_sessions", exam["id"]);
        self.teacher.post(&path, json!({ "name": "Sam Student", "email": email })).created("student")
    }

    /// The number of a new identity provider of an institute, which the operator registers.
    pub fn identity_provider(&self, institute: i64) -> Value {
        self.database.run(&format!(
            "INSERT INTO identity_providers (institute_id, name, idp_sso_target_url, issuer, created_at, updated_at) \
             VALUES ({institute}, 'Campus login', 'https://login.example.edu/sso', 'https://login.example.edu', 1, 1)"
        ));
        self.database.texts("SELECT CAST(MAX(id) AS TEXT) AS text FROM identity_providers")[0]
            .parse::<i64>()
            .unwrap()
            .into()
    }

    /// Opens an exam to students.
    pub fn publish(&self, exam: &Value) {
        self.teacher.patch(&format!("/exams/{}", exam["id"]), json!({ "status": "open" })).ok("exam");
    }
}

impl World {
    /// Stops the server and gives its database.
    pub fn into_database(mut self) -> Database {
        self.stop(true);
        let database = std::mem::replace(&mut self.database, Database::empty());
        drop(self);
        // The threads of the store end a moment after it, and let go of the file then.
        thread::sleep(Duration::from_millis(300));
        database
    }

    fn stop(&mut self, graceful: bool) {
        drop(self.handle.stop(graceful));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop(false);
    }
}

type People = ([InstituteId; 2], [(UserId, Credentials); 8]);

async fn populate(store: &Store, clock: &Clock) -> People {
    let now = clock.now();
    let plant = move |tx: &mut examlink::store::Tx<'_>| {
        let name = |text: &str| Name::try_from(text.to_owned()).unwrap();
        let mut ids = Vec::new();
        for institute in ["First University", "Second University"] {
            ids.push(institutes::insert(tx, &NewInstitute::named(name(institute), name("U"), now))?.id);
        }
        let mut people = Vec::new();
        for (who, role, institute) in [
            ("superuser", Role::Superuser, None),
            ("administrator", Role::Administrator, Some(ids[0])),
            ("teacher", Role::Teacher, Some(ids[0])),
            ("colleague", Role::Teacher, Some(ids[0])),
            ("proctor", Role::Proctor, Some(ids[0])),
            ("reviewer", Role::Reviewer, Some(ids[0])),
            ("auditor", Role::Auditor, Some(ids[0])),
            ("stranger", Role::Administrator, Some(ids[1])),
        ] {
            let email = Email::try_from(format!("{who}@example.edu")).unwrap();
            let credentials = Credentials::random(Random)?;
            let user = users::insert(tx, &NewUser::named(institute, email, name(who), role, now), &credentials)?;
            people.push((user.id, credentials));
        }
        Ok((ids, people))
    };
    let (ids, people) = store.apply(plant).await.unwrap();
    (ids.try_into().unwrap(), people.try_into().ok().unwrap())
}
