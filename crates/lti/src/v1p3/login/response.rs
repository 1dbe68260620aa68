//! The third step, as the tool receives it.

use crate::v1::oauth1::Param;
use crate::v1p3::form::Form;
use crate::v1p3::{Error, Result};

/// The answer to an authentication request, for the tool. Its state must be the one that the browser keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthenticationResponse {
    /// A message.
    Token {
        /// The token, unverified.
        id_token: String,
        /// What the request said.
        state: String,
        /// The frame that keeps the state where no cookie could be set.
        storage_target: Option<String>,
    },
    /// No message.
    Refused {
        /// The code, such as `login_required`.
        code: String,
        /// What the platform says of it.
        description: Option<String>,
        /// What the request said.
        state: Option<String>,
    },
}

impl AuthenticationResponse {
    /// Reads the form of a POST.
    ///
    /// Fails with [`Error::Missing`], [`Error::Repeated`] and [`Error::TooLong`].
    pub fn read(pairs: Vec<Param>) -> Result<Self> {
        let form = Form::read(pairs)?;
        let state = form.short("state")?;
        if let Some(code) = form.short("error")? {
            return Ok(Self::Refused { code, description: form.short("error_description")?, state });
        }
        Ok(Self::Token {
            id_token: form.required("id_token")?.to_owned(),
            state: state.ok_or(Error::Missing("state"))?,
            storage_target: form.short("lti_storage_target")?,
        })
    }
}
