//! A spent nonce stays spent when the server goes away and comes back.

use serde_json::Value;

use crate::world::{Call, Database, Person, Process, superuser};

/// Calls that were answered before the server went away.
fn accepted(caller: &Person, count: usize) -> Vec<Call> {
    let calls: Vec<Call> = (0..count).map(|_| caller.call("GET", "/institutes", Value::Null)).collect();
    for call in &calls {
        call.clone().send().ok("institutes");
    }
    calls
}

/// Each of these calls, sent again to a server, is refused.
fn refused(calls: &[Call], server: &Process) {
    for call in calls {
        call.clone().to(server.address).send().refused(401, "nonce_reused");
    }
}

#[test]
fn sig_06_a_nonce_stays_spent_after_kill_9() {
    let database = Database::fresh();
    let superuser = superuser(&database);
    let first = Process::serve(&database);
    let calls = accepted(&first.caller(&superuser), 50);
    first.kill();
    refused(&calls, &Process::serve(&database));
}

#[test]
fn sig_06_a_nonce_stays_spent_after_a_restart() {
    let database = Database::fresh();
    let superuser = superuser(&database);
    let first = Process::serve(&database);
    let calls = accepted(&first.caller(&superuser), 50);
    first.stop();
    let second = Process::serve(&database);
    refused(&calls, &second);
    second.stop();
    refused(&calls, &Process::serve(&database));
}
