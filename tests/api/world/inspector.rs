//! What the log of launches says of other messages.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::until;
use super::{Person, World};

impl World {
    /// The messages of a type as an administrator sees them, oldest first, once there are so many.
    #[track_caller]
    pub fn logged(&self, message_type: &str, count: usize) -> Vec<Value> {
        self.administrator.logged(message_type, count)
    }
}

impl Person {
    /// The messages of a type that they may see, oldest first, once there are so many.
    #[track_caller]
    pub fn logged(&self, message_type: &str, count: usize) -> Vec<Value> {
        let asked = json!({ "message_type": message_type, "sort": json!([{ "id": "asc" }]).to_string(), "limit": 300 });
        let listed = || self.call("GET", "/launches", asked.clone()).send().ok("launches").as_array().unwrap().clone();
        let all = until("the messages are in the log", || Some(listed()).filter(|all| all.len() >= count));
        assert_eq!(all.len(), count, "{all:?}");
        all.iter().map(|launch| self.get(&format!("/launches/{}", launch["id"])).ok("launch")).collect()
    }
}

/// How the checks of a message came out: the one that failed, and how many passed and were not made.
pub fn checks(message: &Value) -> (Option<String>, usize, usize) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut failed = None;
    for check in message["checks"].as_array().into_iter().flatten() {
        *counts.entry(check["outcome"].as_str().unwrap()).or_default() += 1;
        if check["outcome"] == "failed" {
            failed = check["name"].as_str().map(ToOwned::to_owned);
        }
    }
    let count = |outcome| counts.get(outcome).copied().unwrap_or_default();
    assert_eq!(count("failed"), usize::from(failed.is_some()), "{message}");
    (failed, count("passed"), count("not_made"))
}

/// Asserts that a message was refused at this check, and for this reason.
#[track_caller]
pub fn assert_failed(message: &Value, check: &str, why: &str) {
    assert_eq!(checks(message).0.as_deref(), Some(check), "{message}");
    assert!(message["error"].as_str().unwrap().contains(why), "{why}: {message}");
}

/// Asserts that a message was good in every respect.
#[track_caller]
pub fn assert_good(message: &Value, direction: &str, status: &str) {
    let (failed, passed, rest) = checks(message);
    assert!(failed.is_none() && passed > 0 && rest == 0, "{message}");
    assert_eq!((&message["direction"], &message["status"]), (&json!(direction), &json!(status)), "{message}");
    assert_eq!(message["error"], Value::Null, "{message}");
}
