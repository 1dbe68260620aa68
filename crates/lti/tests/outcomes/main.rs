//! Grades on their way back: signed messages with a body, and what stands in them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::format_collect, missing_docs)]

mod attacks;
mod forms;
mod json;
mod messages;
mod requests;
mod responses;
mod scores;
mod support;
