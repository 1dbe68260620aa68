//! Which services a launch by LTI 1.3 offers to its tool.

use serde_json::Value;

use crate::domain::launch::LaunchFacts;

/// The claims of the services that the tool may use for this launch; `origin` is this server's public URL.
pub fn of(_facts: &LaunchFacts, _origin: &str) -> Vec<(&'static str, Value)> {
    Vec::new()
}
