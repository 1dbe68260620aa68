//! What every message that arrives must say (LTI 1.1 guide, Basic Launch Data).

use super::launch::LTI_VERSION;
use super::oauth1::{VerifiedRequest, repeated};
use crate::{Error, Result};

impl VerifiedRequest {
    /// Checks that each parameter has one value, and that the message is of one of these types and of version 1.
    ///
    /// Fails with [`Error::Repeated`], [`Error::Missing`], [`Error::MessageType`] and [`Error::LtiVersion`].
    pub(in crate::v1) fn check_message(&self, types: &[&'static str]) -> Result<()> {
        self.refuse_repeated()?;
        match self.required("lti_message_type")? {
            known if types.contains(&known) => {}
            other => {
                return Err(Error::MessageType {
                    expected: types.first().copied().unwrap_or_default(),
                    said: other.to_owned(),
                });
            }
        }
        match self.required("lti_version")? {
            LTI_VERSION => Ok(()),
            other => Err(Error::LtiVersion(other.to_owned())),
        }
    }

    /// Checks that each parameter has one value. Fails with [`Error::Repeated`].
    pub(in crate::v1) fn refuse_repeated(&self) -> Result<()> {
        match repeated(self.params().iter().map(|(name, _)| name.as_ref())) {
            Some(name) => Err(Error::Repeated(name.to_owned())),
            None => Ok(()),
        }
    }

    /// The value of a parameter; an empty one is as good as none.
    pub(in crate::v1) fn said(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// The value of a parameter that the message must have.
    pub(in crate::v1) fn required(&self, name: &'static str) -> Result<&str> {
        self.said(name).ok_or(Error::Missing(name))
    }
}
