//! The messages and services of LTI Advantage: each rule kept and broken.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod deep_linking;
mod groups;
mod line_items;
mod link_header;
mod members;
mod notices;
mod proctoring;
mod properties;
mod registration;
mod scores;
mod signed;
mod submission_review;
mod support;
mod timestamps;
