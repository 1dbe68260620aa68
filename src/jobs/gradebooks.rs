//! What workers keep of the gradebooks of platforms by LTI 1.3: who looks for a line item just now.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::id::LtiConsumerId;
use crate::domain::lti_platform::LtiPlatform;

/// Gradebooks that are kept; beyond, all are forgotten.
const MOST: usize = 1_000;

/// Held by who looks for a line item.
type Looking = Arc<tokio::sync::Mutex<()>>;

/// Cheap to clone; every clone keeps the same.
#[derive(Clone, Default)]
pub struct Gradebooks(Arc<Mutex<HashMap<LtiConsumerId, Looking>>>);

impl fmt::Debug for Gradebooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gradebooks")
    }
}

impl Gradebooks {
    /// Held by whoever looks for a line item of this platform.
    pub(super) fn of(&self, platform: &LtiPlatform) -> Looking {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() > MOST {
            known.clear();
        }
        known.entry(platform.lti_consumer_id).or_default().clone()
    }
}
