//! Examlink: a self-hosted exam platform that links exams to external learning tools over LTI.
//!
//! `ARCHITECTURE.md` is the way in. The direction of imports: `domain` ← `store` ← `api`, `jobs`, `lti`, `web` ← `server`.

pub mod api;
pub mod app;
pub mod browser;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod jobs;
pub mod lti;
pub mod mark;
pub mod page;
pub mod platform;
pub mod schema;
pub mod server;
pub mod store;
pub mod telemetry;
pub mod web;
