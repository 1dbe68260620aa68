//! The core of LTI 1.3: each rule by a message that keeps it and one that breaks it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod id_token;
mod id_token_as_tool;
mod jwk;
mod jwt;
mod login;
mod login_as_tool;
mod migration;
mod properties;
mod support;
mod token;
mod tool_message;
mod variables;
