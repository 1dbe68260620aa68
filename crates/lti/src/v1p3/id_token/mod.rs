//! The token that brings a person from the platform to a tool (LTI 1.3 core, section 5).
//!
//! Platform: fill an [`IdToken`], [`expand`](IdToken::expand) its variables, take its [`claims`](IdToken::claims) when the
//! authentication request is answered, and [`sign`](crate::v1p3::jwt::sign) them.
//!
//! Tool: [`UnverifiedIdToken::parse`], look up the registration and its key, [`UnverifiedIdToken::verify`].

mod read;
mod write;

use serde_json::Value;

pub use read::{ExpectMessage, UnverifiedIdToken, VerifiedMessage};
pub(super) use write::context;

use super::message::MessageType;
use crate::v1::launch::{Context, Presentation, ResourceLink, ToolConsumer, User};
use crate::v1::oauth1::Param;

/// A message to a tool. What is `None` or empty is not sent.
#[derive(Clone, Debug)]
pub struct IdToken {
    /// `iss`: the platform.
    pub issuer: String,
    /// `aud`: the tool's name at the platform.
    pub client_id: String,
    /// `deployment_id`.
    pub deployment_id: String,
    /// `target_link_uri`: the one that the login was initiated with.
    pub target_link_uri: String,
    /// `message_type`.
    pub message_type: MessageType,
    /// `resource_link`; a deep linking request has none.
    pub resource_link: Option<ResourceLink>,
    /// The person, as far as the tool may know them; without an id the message is anonymous, and nothing else of the
    /// person is sent but roles.
    pub user: User,
    /// What LTI 1.1 cannot say of the person.
    pub profile: Profile,
    /// Whether a member of staff tries out what learners see.
    pub test_user: bool,
    /// `role_scope_mentor`: whom a mentor looks after; sent with the role of a mentor alone.
    pub mentor_of: Vec<String>,
    /// `context`: what the link belongs to.
    pub context: Context,
    /// `tool_platform`: the platform itself.
    pub platform: ToolConsumer,
    /// `launch_presentation`: how the tool will be shown.
    pub presentation: Presentation,
    /// `lis`: ids of the student information system.
    pub lis: Lis,
    /// `custom`: what the author lets the tool know, by the names that the author wrote.
    pub custom: Vec<Param>,
    /// Claims of services and of the message's own type, by their names in [`claims`](crate::v1p3::claims).
    pub services: Vec<(&'static str, Value)>,
    /// Claims of our own, each named by a URL of ours.
    pub vendor: Vec<(String, Value)>,
}

/// What OpenID Connect can say of a person beside name and address.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// `middle_name`.
    pub middle_name: Option<String>,
    /// `picture`, a URL.
    pub picture: Option<String>,
    /// `locale`, a BCP 47 tag.
    pub locale: Option<String>,
    /// `zoneinfo`, a name of the IANA database.
    pub zoneinfo: Option<String>,
    /// `phone_number`.
    pub phone_number: Option<String>,
    /// `gender`.
    pub gender: Option<String>,
}

/// Ids of the student information system.
#[derive(Clone, Debug, Default)]
pub struct Lis {
    /// `person_sourcedid`.
    pub person: Option<String>,
    /// `course_offering_sourcedid`.
    pub course_offering: Option<String>,
    /// `course_section_sourcedid`.
    pub course_section: Option<String>,
}
