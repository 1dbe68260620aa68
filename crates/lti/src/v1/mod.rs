//! LTI 1.0, 1.1 and 1.2, which share one wire format: forms signed by OAuth 1.0 with a shared secret.

pub mod content_item;
pub mod credentials;
pub mod launch;
mod message;
pub mod oauth1;
pub mod outcomes;
pub mod profile;
pub mod relaunch;
pub mod roles;
pub mod tool_settings;
pub mod variables;
