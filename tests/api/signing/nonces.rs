//! How long a nonce stays spent: 24 hours from its timestamp, whatever the clock does and whatever is purged.

use std::fs::File;

use examlink::clock::{Clock, Random};
use examlink::domain::error::Unauthenticated;
use examlink::domain::id::CredentialId;
use examlink::domain::secret::Keyring;
use examlink::domain::time::Timestamp;
use examlink::domain::{Error, Result};
use examlink::store::{DatabaseUrl, Signer, Store};

use crate::world::{Database, MASTER_KEY, NOW, World, on_postgres};

const HOUR: i64 = 3_600_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

fn try_open(database: &Database, clock: &Clock) -> Result<Store> {
    let url: DatabaseUrl = database.url().parse().unwrap();
    Store::open(&url, &Keyring::parse(MASTER_KEY, Random).unwrap(), clock, 1)
}

/// Opens the database at a time, with what was old by then purged.
fn open(database: &Database, now: i64) -> Store {
    try_open(database, &Clock::fixed(at(now))).unwrap()
}

/// Closes a store and waits until its thread has let go of the file.
fn close(store: Store, database: &Database) {
    drop(store);
    if let Some(path) = database.url().strip_prefix("sqlite://") {
        File::open(format!("{path}.lock")).unwrap().lock().unwrap();
    }
}

/// Whether a request with this nonce and timestamp is carried out.
fn spend(store: &Store, nonce: &str, timestamp: i64) -> bool {
    let outcome = match store.nonces().admit(Signer::Credential(CredentialId(1)), nonce, at(timestamp)) {
        Ok(nonce) => actix_web::rt::System::new().block_on(store.spend(nonce)),
        Err(reused) => Err(Error::Unauthenticated(reused)),
    };
    match outcome {
        Ok(()) => true,
        Err(Error::Unauthenticated(Unauthenticated::NonceReused)) => false,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_nonce_stays_spent_for_24_hours_after_its_timestamp_across_the_purge() {
    let database = Database::fresh();
    // Where the window is a day, a timestamp may be a day ahead.
    let stamped = NOW + 24 * HOUR;
    let first = open(&database, NOW);
    assert!(spend(&first, "7", stamped));
    close(first, &database);
    for now in [NOW + HOUR, NOW + 24 * HOUR, NOW + 47 * HOUR, NOW + 48 * HOUR - 1] {
        let store = open(&database, now);
        assert!(!spend(&store, "7", stamped), "{now}");
        assert!(!spend(&store, "7", now), "a later timestamp does not help at {now}");
        close(store, &database);
    }
    let store = open(&database, NOW + 73 * HOUR);
    assert!(store.nonces().forgot(at(stamped)), "the old timestamp is refused from now on");
    assert!(spend(&store, "7", NOW + 73 * HOUR), "the nonce may be used again");
}

#[test]
fn a_purge_deletes_what_is_old_and_nothing_else() {
    let database = Database::fresh();
    let first = open(&database, NOW);
    for nonce in 0..100 {
        assert!(spend(&first, &nonce.to_string(), NOW + nonce % 2 * 48 * HOUR));
    }
    close(first, &database);
    let store = open(&database, NOW + 50 * HOUR);
    let kept = 50;
    if on_postgres() {
        assert_eq!(database.rows("nonces"), kept);
    } else {
        assert_eq!(i64::try_from(store.nonces().len()).unwrap(), kept);
    }
    for nonce in 0..100 {
        assert_eq!(spend(&store, &nonce.to_string(), NOW + 50 * HOUR), nonce % 2 == 0, "{nonce}");
    }
}

#[test]
fn a_clock_that_is_set_back_opens_no_window_again() {
    let database = Database::fresh();
    let first = open(&database, NOW);
    assert!(spend(&first, "7", NOW));
    close(first, &database);
    let second = open(&database, NOW + 72 * HOUR);
    assert!(second.nonces().forgot(at(NOW)));
    close(second, &database);
    let world = World::on(database, Clock::fixed(at(NOW)), |_| {});
    assert!(world.store.nonces().forgot(at(NOW)), "the floor outlives the process");
    world.teacher.get("/exams").refused(401, "stale_timestamp");
    world.wait(71 * HOUR);
    world.teacher.get("/exams").ok("exams");
}

#[test]
fn a_second_server_with_a_fast_clock_opens_no_window_of_the_first() {
    let database = Database::fresh();
    let first = open(&database, NOW);
    assert!(spend(&first, "7", NOW));
    if on_postgres() {
        close(open(&database, NOW + 72 * HOUR), &database);
        assert!(!spend(&first, "7", NOW), "the other server has deleted it");
    } else {
        let second = try_open(&database, &Clock::fixed(at(NOW + 72 * HOUR)));
        assert!(matches!(second, Err(Error::Conflict(_))), "on SQLite there is no second server");
    }
}
