//! Which score counts when several come (AGS 2.0, score service, `timestamp`). A platform never takes a score that is
//! older than the last one. What it does with an equal timestamp is left open, so a repeated message is taken for what
//! it is.

use std::cmp::Ordering;

use sha2::{Digest, Sha256};

use crate::v1p3::timestamp::Timestamp;

/// The timestamp and the body of a score. A platform keeps those of the last score that it applied for each person of a
/// line item; what a teacher overrides does not change them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// `timestamp` of the score.
    pub timestamp: Timestamp,
    /// [`body_digest`] of the body as it came.
    pub digest: [u8; 32],
}

/// What is to be done with a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Newer than the last one, or the first: store it.
    Apply,
    /// The last one once more: answer as the first time.
    AlreadyApplied,
    /// Older than the last one: refuse it (409).
    Older,
    /// Another score of the same microsecond: refuse it (409).
    Conflict,
}

/// What is to be done with `new` when `stored` was applied before.
pub fn order(stored: Option<&Applied>, new: &Applied) -> Order {
    let Some(stored) = stored else { return Order::Apply };
    match new.timestamp.cmp(&stored.timestamp) {
        Ordering::Greater => Order::Apply,
        Ordering::Less => Order::Older,
        Ordering::Equal if new.digest == stored.digest => Order::AlreadyApplied,
        Ordering::Equal => Order::Conflict,
    }
}

/// The SHA-256 digest of a body.
pub fn body_digest(body: &[u8]) -> [u8; 32] {
    Sha256::digest(body).into()
}
