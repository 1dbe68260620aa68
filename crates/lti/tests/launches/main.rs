//! Launches, sent and received: each rule by a message that keeps it and one that breaks it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod credentials;
mod custom;
mod inbound;
mod outbound;
mod properties;
mod relaunch;
mod roles;
mod support;
mod urls;
mod variables;
