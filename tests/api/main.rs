//! The tests of the whole server, in one binary: over HTTP, on a real database, as its users see it.
//!
//! `EXAMLINK_TEST_DATABASE` is `sqlite` (the default) or `postgres`; the latter needs `EXAMLINK_TEST_POSTGRES`, the URL
//! of a server on which databases may be created. `script/test` sets both.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::wrong_self_convention, missing_docs)]

mod world;

mod architecture;
mod browser;
mod commands;
mod crash;
mod documents;
mod exams;
mod four_steps;
mod indexes;
mod institutes;
mod interop;
mod isolation;
mod limits;
mod logs;
mod lti_resources;
mod mass_assignment;
mod migrations;
mod openapi;
mod pages;
mod problems;
mod secrets;
mod settings;
mod signing;
mod smuggling;
mod student_sessions;
mod tls;
mod tool_providers;
mod transport;
mod users;
