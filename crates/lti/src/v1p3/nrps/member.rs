//! One member (NRPS 2.0, membership container media type).

use serde_json::{Value, json};

use crate::json::{object, text};
use crate::v1::launch::OutcomeTarget;
use crate::v1::roles::{Role, uris};
use crate::v1p3::claims;
use crate::v1p3::reader::{Custom, ID, LINE, Object, URL};
use crate::v1p3::service_error::Result;

/// The message of [`LinkMessage`].
const LAUNCH_TYPE: &str = "LtiResourceLinkRequest";

/// The most roles, and the most groups, of one member that is read.
const LISTED: usize = 200;

/// A member. Names, address and picture are personal data: set them only where the tool may know them.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// `user_id`: the `sub` of the launches.
    pub user_id: String,
    /// `roles`
    pub roles: Vec<Role>,
    /// `status`: always written, because some tools need it.
    pub status: Status,
    /// `name`; some tools need it.
    pub name: Option<String>,
    /// `given_name`
    pub given_name: Option<String>,
    /// `family_name`
    pub family_name: Option<String>,
    /// `middle_name`
    pub middle_name: Option<String>,
    /// `email`
    pub email: Option<String>,
    /// `picture`
    pub picture: Option<String>,
    /// `lis_person_sourcedid`
    pub person_sourcedid: Option<String>,
    /// `lti11_legacy_user_id`: the `user_id` of LTI 1.1, where it is another one.
    pub legacy_user_id: Option<String>,
    /// `group_enrollments`: ids of groups (Course Groups 1.0).
    pub groups: Vec<String>,
    /// `message`: what the link that was asked for would say of this member.
    pub message: Option<LinkMessage>,
}

/// How a member stands to the context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Takes part.
    #[default]
    Active,
    /// Is listed, but may not take part.
    Inactive,
    /// Is gone; only among differences.
    Deleted,
}

impl Status {
    /// Every value under its name on the wire.
    pub const NAMES: [(&'static str, Self); 3] =
        [("Active", Self::Active), ("Inactive", Self::Inactive), ("Deleted", Self::Deleted)];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize].0
    }
}

/// What the launch of a link would say of a member.
#[derive(Clone, Debug, Default)]
pub struct LinkMessage {
    /// `custom`: the parameters of the link, with the variables of this member filled in.
    pub custom: Custom,
    /// `basicoutcome`
    pub outcome: Option<OutcomeTarget>,
}

impl Member {
    pub(super) fn to_value(&self) -> Value {
        let roles = uris(&self.roles);
        let groups = || self.groups.iter().map(|id| json!({ "group_id": id })).collect::<Vec<_>>();
        object([
            ("user_id", Some(json!(self.user_id))),
            ("roles", Some(json!(roles))),
            ("status", Some(json!(self.status.as_str()))),
            ("name", text(self.name.as_ref())),
            ("given_name", text(self.given_name.as_ref())),
            ("family_name", text(self.family_name.as_ref())),
            ("middle_name", text(self.middle_name.as_ref())),
            ("email", text(self.email.as_ref())),
            ("picture", text(self.picture.as_ref())),
            ("lis_person_sourcedid", text(self.person_sourcedid.as_ref())),
            ("lti11_legacy_user_id", text(self.legacy_user_id.as_ref())),
            ("group_enrollments", (!self.groups.is_empty()).then(|| json!(groups()))),
            ("message", self.message.as_ref().map(|message| json!([message.to_value()]))),
        ])
    }

    /// Roles that the vocabulary does not know are passed over.
    pub(super) fn read(member: &Object<'_>) -> Result<Self> {
        let status = member.one_of("status", &Status::NAMES)?;
        Ok(Self {
            user_id: member.required_text("user_id", ID)?,
            roles: member.texts("roles", LISTED, LINE)?.iter().filter_map(|role| Role::parse(role)).collect(),
            status: status.unwrap_or_default(),
            name: member.text("name", LINE)?,
            given_name: member.text("given_name", LINE)?,
            family_name: member.text("family_name", LINE)?,
            middle_name: member.text("middle_name", LINE)?,
            email: member.text("email", LINE)?,
            picture: member.text("picture", URL)?,
            person_sourcedid: member.text("lis_person_sourcedid", LINE)?,
            legacy_user_id: member.text("lti11_legacy_user_id", LINE)?,
            groups: groups(member)?,
            message: message(member)?,
        })
    }
}

impl LinkMessage {
    fn to_value(&self) -> Value {
        object([
            (claims::MESSAGE_TYPE, Some(json!(LAUNCH_TYPE))),
            (claims::CUSTOM, (!self.custom.is_empty()).then(|| json!(self.custom))),
            (claims::BASIC_OUTCOME, self.outcome.as_ref().map(OutcomeTarget::to_claim)),
        ])
    }
}

fn groups(member: &Object<'_>) -> Result<Vec<String>> {
    let enrollments = member.objects("group_enrollments", LISTED)?;
    enrollments.iter().map(|enrollment| enrollment.required_text("group_id", ID)).collect()
}

fn message(member: &Object<'_>) -> Result<Option<LinkMessage>> {
    for message in member.objects("message", 10)? {
        if message.text(claims::MESSAGE_TYPE, ID)?.as_deref() == Some(LAUNCH_TYPE) {
            let outcome = message.object(claims::BASIC_OUTCOME)?;
            let outcome = outcome.as_ref().map(OutcomeTarget::from_claim).transpose()?;
            return Ok(Some(LinkMessage { custom: message.custom(claims::CUSTOM)?, outcome }));
        }
    }
    Ok(None)
}
