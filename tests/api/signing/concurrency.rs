//! Of requests that bring the same nonce at the same moment, one is carried out.

use std::sync::Barrier;
use std::thread;

use serde_json::{Value, json};

use super::rounds;
use crate::world::{Call, Database, Process, on_postgres, superuser};

const AT_ONCE: usize = 64;

/// Sends a call from many threads at once, to each server in turn, and tells how many were carried out.
fn race(call: &Call, servers: &[Process]) -> usize {
    let start = Barrier::new(AT_ONCE);
    let send = |server: &Process| {
        let call = call.clone().to(server.address);
        start.wait();
        let reply = call.send();
        if reply.status != 401 {
            return usize::from(reply.status < 300);
        }
        reply.refused(401, "nonce_reused");
        0
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE).map(|at| scope.spawn(move || send(&servers[at % servers.len()]))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

#[test]
fn sig_05_of_64_requests_with_one_nonce_at_once_one_is_carried_out() {
    let database = Database::fresh();
    let superuser = superuser(&database);
    let servers: Vec<Process> = (0..if on_postgres() { 2 } else { 1 }).map(|_| Process::serve(&database)).collect();
    let caller = servers[0].caller(&superuser);
    let rounds = rounds(20, 200);
    for round in 0..rounds {
        let new = json!({ "name": format!("Institute {round}"), "short_name": format!("I{round}") });
        let write = caller.call("POST", "/institutes", new);
        assert_eq!(race(&write, &servers), 1, "round {round}");
        assert_eq!(race(&caller.call("GET", "/institutes", Value::Null), &servers), 1, "round {round}");
    }
    assert_eq!(database.rows("institutes"), i64::try_from(rounds).unwrap());
}
