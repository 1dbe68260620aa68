//! Looking at what somebody handed in, from the gradebook: LTI Submission Review 1.0, both sides. The message
//! `LtiSubmissionReviewRequest` goes to the URL of the line item's [`SubmissionReview`](super::ags::SubmissionReview),
//! or to the tool's usual place, with its custom parameters over those of the link.

use serde_json::{Value, json};

use super::ags::Endpoint;
use super::claims;
use super::jwt::Claims;
use super::reader::{ID, LINE, Object};
use super::service_error::{Result, ServiceError};
use crate::json::{object, text};
use crate::v1::roles::{Role, uris};

/// What the message says beside a launch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Whose work it is.
    pub for_user: ForUser,
    /// The service of grades; its line item is the one that is looked at.
    pub endpoint: Endpoint,
}

/// Whose work is looked at: the claim `for_user`. Names and address are personal data: set them only where the tool may
/// know them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForUser {
    /// `user_id`: the `sub` of this person's launches.
    pub user_id: String,
    /// `person_sourcedid`
    pub person_sourcedid: Option<String>,
    /// `name`
    pub name: Option<String>,
    /// `given_name`
    pub given_name: Option<String>,
    /// `family_name`
    pub family_name: Option<String>,
    /// `email`
    pub email: Option<String>,
    /// `roles`
    pub roles: Vec<Role>,
}

impl Review {
    /// The claims beside those of a launch. Fails with [`ServiceError::NoLineItem`].
    pub fn claims(&self) -> Result<Vec<(&'static str, Value)>> {
        let endpoint = self.checked()?.endpoint.to_value();
        Ok(vec![(claims::FOR_USER, self.for_user.to_value()), (claims::AGS_ENDPOINT, endpoint)])
    }

    /// Reads the claims of a verified message, as a tool; http only to this machine, or where `allow_http`.
    ///
    /// Fails with the shape variants of [`ServiceError`] and with [`ServiceError::NoLineItem`].
    pub fn read(claims: &Claims, allow_http: bool) -> Result<Self> {
        let message = Object::of(claims);
        let user = message.required(claims::FOR_USER, message.object(claims::FOR_USER)?)?;
        let endpoint = message.get(claims::AGS_ENDPOINT).ok_or(ServiceError::NoLineItem)?;
        let review = Self { for_user: ForUser::read(&user)?, endpoint: Endpoint::read(endpoint, allow_http)? };
        review.checked()?;
        Ok(review)
    }

    fn checked(&self) -> Result<&Self> {
        if self.endpoint.line_item.is_some() { Ok(self) } else { Err(ServiceError::NoLineItem) }
    }
}

impl ForUser {
    fn to_value(&self) -> Value {
        let roles = uris(&self.roles);
        object([
            ("user_id", Some(json!(self.user_id))),
            ("person_sourcedid", text(self.person_sourcedid.as_ref())),
            ("name", text(self.name.as_ref())),
            ("given_name", text(self.given_name.as_ref())),
            ("family_name", text(self.family_name.as_ref())),
            ("email", text(self.email.as_ref())),
            ("roles", (!roles.is_empty()).then(|| json!(roles))),
        ])
    }

    fn read(user: &Object<'_>) -> Result<Self> {
        Ok(Self {
            user_id: user.required_text("user_id", ID)?,
            person_sourcedid: user.text("person_sourcedid", LINE)?,
            name: user.text("name", LINE)?,
            given_name: user.text("given_name", LINE)?,
            family_name: user.text("family_name", LINE)?,
            email: user.text("email", LINE)?,
            roles: user.texts("roles", 200, LINE)?.iter().filter_map(|role| Role::parse(role)).collect(),
        })
    }
}
