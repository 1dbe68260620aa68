//! A server that is killed while it writes: what it answered is there, and no answered nonce opens anything again.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::world::{Database, Process, nightly, superuser};

/// Writes a second, over all writers.
const RATE: u32 = 200;
const WRITERS: u32 = 8;

fn rounds() -> u32 {
    if nightly() { 20 } else { 2 }
}

#[test]
fn kill_9_under_load_loses_no_answered_write_and_reopens_no_answered_nonce() {
    let database = Database::fresh();
    let superuser = superuser(&database);
    let first = Process::serve(&database);
    let institute = first.caller(&superuser).post("/institutes", json!({ "name": "University", "short_name": "U" }));
    let institute = institute.created("institute")["id"].clone();
    first.kill();
    for round in 0..rounds() {
        let server = Process::serve(&database);
        let caller = server.caller(&superuser);
        let (answered, stop) = (Mutex::new(Vec::<(Value, Value)>::new()), AtomicBool::new(false));
        thread::scope(|scope| {
            for _ in 0..WRITERS {
                scope.spawn(|| {
                    let mut next = Instant::now();
                    while !stop.load(Ordering::Relaxed) {
                        let fields = json!({ "institute_id": institute, "name": "Kept", "type": "demo" });
                        let call = caller.call("POST", "/exams", fields);
                        let sent = json!(call.parameters);
                        // A call that the kill cuts off was not answered: nothing is promised about it.
                        let Some(reply) = call.try_send() else { return };
                        answered.lock().unwrap().push((reply.created("exam")["id"].clone(), sent));
                        next += Duration::from_secs(1) * WRITERS / RATE;
                        thread::sleep(next.saturating_duration_since(Instant::now()));
                    }
                });
            }
            // Not at the same moment in each round, and on a busy machine not before there is something to lose.
            let (enough, patience) = (140 + 8 * round as usize, Instant::now() + Duration::from_mins(1));
            while answered.lock().unwrap().len() < enough && Instant::now() < patience {
                thread::sleep(Duration::from_millis(1));
            }
            server.kill();
            stop.store(true, Ordering::Relaxed);
        });
        let answered = answered.into_inner().unwrap();
        let started = Instant::now();
        let server = Process::serve(&database);
        println!("round {round}: {} answered, started again in {:?}", answered.len(), started.elapsed());
        assert!(answered.len() > 100, "the load was {} writes", answered.len());
        let caller = server.caller(&superuser);
        for (id, sent) in &answered {
            assert_eq!(caller.get(&format!("/exams/{id}")).status, 200, "exam {id} was answered and is lost");
            caller.post("/exams", sent.clone()).refused(401, "nonce_reused");
        }
    }
}
