//! A server that is told to stop: it takes nothing new, and finishes what it began.

use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::world::wire::Wire;
use crate::world::{Database, PATIENCE, Person, Process, nightly, superuser};

/// Requests in flight.
fn crowd() -> usize {
    if nightly() { 1_000 } else { 100 }
}

/// A request that has begun to arrive, and the rest of it.
struct Begun {
    wire: Wire,
    rest: String,
}

impl Begun {
    fn new_exam(caller: &Person, institute: &str) -> Self {
        let fields = [("institute_id", institute), ("name", "Kept"), ("type", "demo")];
        let body = format!("institute_id={institute}&name=Kept&type=demo&{}", caller.stamp(&fields));
        let (beginning, rest) = body.split_at(20);
        let mut wire = Wire::to(caller.address);
        assert!(wire.send(format!(
            "POST /api/v3/exams HTTP/1.1\r\nHost: x\r\nAuthorization: Token token={}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{beginning}",
            caller.token,
            body.len()
        )));
        Self { wire, rest: rest.to_owned() }
    }

    /// Sends the rest.
    fn finish(&mut self) {
        self.wire.send(&self.rest);
    }

    /// The status of the reply.
    fn status(mut self) -> u16 {
        self.wire.hear_reply().status()
    }
}

fn is_refused(caller: &Person) -> bool {
    TcpStream::connect(caller.address).is_err()
}

#[test]
fn flt_10_a_server_that_is_told_to_stop_finishes_every_request_in_flight() {
    let database = Database::fresh();
    let root = superuser(&database);
    let server = Process::serve_with(&database, &[("EXAMLINK_SHUTDOWN_SECONDS", "30")]);
    let caller = server.caller(&root);
    let institute = caller.post("/institutes", json!({ "name": "University", "short_name": "U" }));
    let institute = institute.created("institute")["id"].to_string();
    let ask = "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut monitor = Wire::to(server.address);
    monitor.send(ask);
    assert!(monitor.reply().starts_with("HTTP/1.1 200"));
    let mut begun: Vec<Begun> = (0..crowd()).map(|_| Begun::new_exam(&caller, &institute)).collect();
    // Until the last of them has been taken in.
    thread::sleep(Duration::from_millis(500));

    let told = Instant::now();
    server.tell_to_stop();
    while !is_refused(&caller) {
        assert!(told.elapsed() < PATIENCE, "the server still listens");
        thread::sleep(Duration::from_millis(5));
    }
    // Whoever still has a connection learns at once that nothing new is welcome.
    let ready = if monitor.send(ask) { monitor.hear_reply().status() } else { 0 };
    assert_ne!(ready, 200, "the server says that it is ready");
    println!("refused connections {:?} after the signal; /readyz on an open one: {ready}", told.elapsed());
    begun.iter_mut().for_each(Begun::finish);
    let statuses: Vec<u16> = begun.into_iter().map(Begun::status).collect();
    let failed = statuses.iter().filter(|status| **status != 201).count();
    let finished = Instant::now();
    assert!(server.has_ended_well(), "the exit code is 0");
    println!("{failed} of {} in flight failed; ended {:?} after the last reply", statuses.len(), finished.elapsed());
    assert_eq!(failed, 0, "{statuses:?}");
    assert!(!nightly() || finished.elapsed() < Duration::from_secs(5), "{:?}", finished.elapsed());
    assert_eq!(database.rows("exams"), i64::try_from(crowd()).unwrap());
}

/// A client that never finishes keeps the server no longer than the setting says.
#[test]
fn flt_10_a_server_that_is_told_to_stop_does_not_wait_for_ever() {
    let database = Database::fresh();
    let root = superuser(&database);
    let server = Process::serve_with(&database, &[("EXAMLINK_SHUTDOWN_SECONDS", "1")]);
    let caller = server.caller(&root);
    let _begun = Begun::new_exam(&caller, "1");
    thread::sleep(Duration::from_millis(300));
    let told = Instant::now();
    server.tell_to_stop();
    assert!(server.has_ended_well(), "the exit code is 0");
    assert!(!nightly() || told.elapsed() < Duration::from_secs(4), "{:?}", told.elapsed());
}
