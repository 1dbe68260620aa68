//! The messages and services of LTI Advantage: each rule kept and broken.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod deep_linking;
mod line_items;
mod link_header;
mod proctoring;
mod scores;
mod support;
mod timestamps;
