//! Requests that nobody signed leave nothing behind.

use std::thread;

use super::forged::badly_signed;
use super::rounds;
use crate::world::timing::Line;
use crate::world::{Database, Person, Process, on_postgres, superuser};

const LINES: usize = 4;
/// The most that the server's memory may grow, in bytes.
const GROWTH: usize = 5_000_000;

/// Sends so many requests with new nonces and wrong signatures, each second one with a token that nobody has.
fn flood(server: &Process, caller: &Person, first: usize, count: usize) {
    let send = |line: usize| {
        let mut connection = Line::to(server.address);
        for nonce in (first + line..first + count).step_by(LINES) {
            let unknown = format!("{nonce:064x}");
            let token = if (nonce / LINES).is_multiple_of(2) { &caller.token } else { &unknown };
            assert_eq!(connection.ask(&badly_signed(token, nonce)), 401);
        }
    };
    thread::scope(|scope| (0..LINES).for_each(|line| drop(scope.spawn(move || send(line)))));
}

#[test]
fn sig_17_a_flood_of_wrong_signatures_writes_nothing_and_takes_no_memory() {
    let database = Database::fresh();
    let superuser = superuser(&database);
    let server = Process::serve(&database);
    let caller = server.caller(&superuser);
    flood(&server, &caller, 1, 1_000);
    let before = server.memory();
    let count = rounds(2_000, 1_000_000);
    flood(&server, &caller, 10_000, count);
    let after = server.memory();
    println!("{count} requests: {before} bytes before, {after} after");
    assert!(after < before + GROWTH, "{before} bytes before, {after} after");
    assert_eq!(database.rows(if on_postgres() { "nonces" } else { "nonce_log" }), 0);
    server.stop();
}
