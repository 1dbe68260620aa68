//! The tests of the whole server, in one binary: over HTTP, on a real database, as its users see it.
//!
//! `EXAMLINK_TEST_DATABASE` is `sqlite` (the default) or `postgres`; the latter needs `EXAMLINK_TEST_POSTGRES`, the URL
//! of a server on which databases may be created. `script/test` sets both.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]
// Matters of taste in code that runs once and is read as a story.
#![allow(clippy::format_push_string, clippy::needless_pass_by_value, clippy::similar_names)]
#![allow(clippy::trivially_copy_pass_by_ref, clippy::wrong_self_convention)]

mod world;

mod access_tokens;
mod architecture;
mod attachments;
mod browser;
mod bulk;
mod clients;
mod comanagers;
mod commands;
mod content_items;
mod copies;
mod cors;
mod crash;
mod deep_linking;
mod deployments;
mod deprecated;
mod documents;
mod dynamic_registration;
mod edits;
mod emails;
mod examples;
mod exams;
mod four_steps;
mod fuzz;
mod grade_returns;
mod groups;
mod identity_providers;
mod inbound_launches;
mod indexes;
mod institutes;
mod interop;
mod interop_1p3;
mod interop_platforms;
mod isolation;
mod launches;
mod limits;
mod line_items;
mod lists;
mod load;
mod locked_file;
mod logins;
mod logs;
mod lti_certification;
mod lti_consumers;
mod lti_platforms;
mod lti_resources;
mod markers;
mod mass_assignment;
mod members;
mod migrations;
mod notices;
mod oauth1;
mod openapi;
mod outcomes;
mod outgoing;
mod pages;
mod panics;
mod platform_launches;
mod platform_registration;
mod platform_storage;
mod problems;
mod proctoring;
mod published_api;
mod rate_limits;
mod registration_management;
mod relaunch;
mod results;
mod retries;
mod secrets;
mod service_calls;
mod session_life;
mod settings;
mod shutdown;
mod signing;
mod smuggling;
mod strange_requests;
mod student_sessions;
mod submission_reviews;
mod tls;
mod tool_keys;
mod tool_providers;
mod tool_registrations;
mod tool_settings;
mod transport;
mod users;
mod variables;
