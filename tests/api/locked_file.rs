//! Another process holds the write lock of the SQLite file: a backup, or somebody with a shell.

use std::fs::{self, File};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::{Call, Database, Person, Process, nightly, on_postgres, superuser};

/// A server on a file, with an institute, and where it logs.
struct Site {
    database: Database,
    server: Process,
    caller: Person,
    institute: Value,
    folder: TempDir,
}

impl Site {
    fn open() -> Self {
        let (database, folder) = (Database::fresh(), TempDir::new().unwrap());
        let root = superuser(&database);
        let server = Process::serve_logging(&database, File::create(folder.path().join("log")).unwrap());
        let caller = server.caller(&root);
        let institute = caller.post("/institutes", json!({ "name": "University", "short_name": "U" }));
        Self { institute: institute.created("institute")["id"].clone(), database, server, caller, folder }
    }

    fn new_exam(&self) -> Call {
        self.caller.call("POST", "/exams", json!({ "institute_id": self.institute, "name": "Algebra", "type": "demo" }))
    }

    /// Runs `story` while the lock is held, for as long as this.
    fn locked(&self, time: Duration, story: impl FnOnce(Instant)) {
        let (sender, held) = mpsc::channel();
        let mut other = self.database.open_file();
        thread::scope(|scope| {
            scope.spawn(move || {
                other.batch_execute("BEGIN IMMEDIATE").unwrap();
                sender.send(()).unwrap();
                thread::sleep(time);
                other.batch_execute("ROLLBACK").unwrap();
            });
            held.recv().unwrap();
            story(Instant::now());
        });
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

#[test]
fn flt_04_requests_wait_while_the_file_is_locked_for_three_seconds() {
    if on_postgres() {
        return;
    }
    let site = Site::open();
    site.locked(Duration::from_secs(3), |since| {
        thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| site.new_exam().send().created("exam"));
                scope.spawn(|| site.caller.get("/exams").ok("exams"));
            }
        });
        let waited = since.elapsed();
        println!("32 requests were answered {waited:?} after the file was locked for 3 s");
        assert!(waited.as_millis() >= 2_500, "{waited:?}");
    });
    assert_eq!(site.database.rows("exams"), 16);
    assert!(!site.log().contains("database is locked"), "{}", site.log());
    site.server.stop();
}

#[test]
fn flt_04_requests_are_told_to_come_again_while_the_file_is_locked_for_longer() {
    if on_postgres() {
        return;
    }
    let time = Duration::from_secs(if nightly() { 30 } else { 8 });
    let site = Site::open();
    site.locked(time, |since| {
        let waits = |call: Call| {
            let (begun, reply) = (Instant::now(), call.send());
            reply.refused(503, "unavailable");
            assert_eq!(reply.header("retry-after"), "1");
            begun.elapsed()
        };
        let first = waits(site.new_exam().header("Idempotency-Key", "first"));
        println!("the first request was refused after {first:?}");
        assert!(first.as_secs() >= 4, "{first:?}");
        assert!(!nightly() || first.as_secs() < 8, "{first:?}");
        while since.elapsed() + Duration::from_secs(8) < time {
            waits(site.caller.call("GET", "/exams", Value::Null));
        }
    });
    site.new_exam().header("Idempotency-Key", "first").send().created("exam");
    assert_eq!(site.caller.get("/exams").ok("exams").as_array().unwrap().len(), 1);
    site.server.stop();
}
