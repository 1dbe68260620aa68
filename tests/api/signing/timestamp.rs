//! A request is good for a few minutes around the time it was signed for.

use examlink::clock::Clock;
use examlink::domain::time::Timestamp;
use serde_json::Value;

use crate::world::{NOW, Reply, World};

/// A call that was signed for another time, in milliseconds from now.
fn signed_for(world: &World, offset: i64) -> Reply {
    world.teacher.call("GET", "/exams", Value::Null).with("timestamp", (NOW + offset).to_string()).send()
}

#[test]
fn sig_08_a_timestamp_is_good_for_five_minutes_either_way() {
    let world = World::new();
    for offset in [-300_000, 0, 300_000] {
        signed_for(&world, offset).ok("exams");
    }
    for offset in [-301_000, -300_001, 300_001, 301_000] {
        signed_for(&world, offset).refused(401, "stale_timestamp");
    }
}

#[test]
fn sig_08_the_window_can_be_widened_to_a_day() {
    let world =
        World::with(Clock::fixed(Timestamp::from_millis(NOW).unwrap()), |set| set.signature_window_seconds = 86_400);
    for offset in [-86_400_000, 86_400_000] {
        signed_for(&world, offset).ok("exams");
    }
    for offset in [-86_401_000, 86_401_000] {
        signed_for(&world, offset).refused(401, "stale_timestamp");
    }
}

#[test]
fn sig_08_a_stale_request_learns_how_far_off_it_is() {
    let world = World::new();
    let late = signed_for(&world, -301_000);
    assert_eq!(
        late.json["detail"],
        format!("The timestamp is 301000 ms behind the server's time, which is {NOW}. Set the clock, or sign again.")
    );
    let early = signed_for(&world, 301_000);
    assert!(early.json["detail"].as_str().unwrap().contains("301000 ms ahead of"), "{}", early.text);
    let seconds = signed_for(&world, NOW / 1_000 - NOW);
    assert!(seconds.json["detail"].as_str().unwrap().contains("milliseconds expected"), "{}", seconds.text);
    seconds.refused(401, "stale_timestamp");
}

#[test]
fn a_stale_request_spends_no_nonce_and_only_a_right_signature_learns_the_time() {
    let world = World::new();
    let stale = world.teacher.call("GET", "/exams", Value::Null).with("timestamp", (NOW - 600_000).to_string());
    stale.clone().send().refused(401, "stale_timestamp");
    stale.clone().send_signed(&"0".repeat(64)).refused(401, "invalid_signature");
    stale.with("timestamp", NOW.to_string()).send().ok("exams");
}
