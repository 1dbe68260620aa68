//! What the log shows of a token: what it says, and how it is signed.

use examlink_lti::v1p3::claims::{
    ATTEMPT_NUMBER, DEEP_LINKING_DATA, DEEP_LINKING_SETTINGS, LAUNCH_PRESENTATION, SESSION_DATA,
};
use examlink_lti::v1p3::jwt::{self, Claims};
use serde_json::{Map, Value};

/// The longest claim that is kept, in bytes of JSON.
const LONGEST_CLAIM: usize = 16_384;

/// What stands in place of a secret.
pub(super) const MASKED: &str = "***";

/// The header of a token as it is kept, as JSON.
pub fn header(token: &str) -> Option<String> {
    jwt::header_of(token).map(|header| Value::Object(header).to_string())
}

/// The claims of a message as people may see them, as JSON: what serves as a secret is masked, and what is very long is
/// left out.
pub fn claims(claims: &Claims) -> String {
    let proctored = claims.value(ATTEMPT_NUMBER).is_some();
    let mut shown: Map<String, Value> = claims.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut mask = |claim: &str, member: Option<&str>| {
        let place = match (shown.get_mut(claim), member) {
            (Some(value), Some(member)) => value.get_mut(member),
            (value, _) => value,
        };
        if let Some(value) = place {
            *value = MASKED.into();
        }
    };
    mask(DEEP_LINKING_DATA, None);
    mask(DEEP_LINKING_SETTINGS, Some("data"));
    mask(SESSION_DATA, None);
    if proctored {
        // It holds the way back to the student's page.
        mask(LAUNCH_PRESENTATION, Some("return_url"));
    }
    for value in shown.values_mut() {
        let length = value.to_string().len();
        if length > LONGEST_CLAIM {
            *value = format!("{length} bytes, left out").into();
        }
    }
    Value::Object(shown).to_string()
}
