//! Where a grade is handed back by Basic Outcomes, in the words of LTI 1.3 (`basicoutcome`): for tools that spoke LTI 1.1
//! and hand grades back as they did.

use serde_json::{Value, json};

use super::reader::{Object, URL};
use super::service_error::Result;
use crate::v1::launch::OutcomeTarget;

impl OutcomeTarget {
    /// The value of the claim [`BASIC_OUTCOME`](super::claims::BASIC_OUTCOME).
    pub fn to_claim(&self) -> Value {
        json!({ "lis_result_sourcedid": self.sourcedid, "lis_outcome_service_url": self.service_url })
    }

    pub(super) fn from_claim(claim: &Object<'_>) -> Result<Self> {
        Ok(Self {
            service_url: claim.required_text("lis_outcome_service_url", URL)?,
            sourcedid: claim.required_text("lis_result_sourcedid", URL)?,
        })
    }
}
