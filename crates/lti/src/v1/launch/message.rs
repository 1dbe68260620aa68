//! What a platform knows of a launch (LTI 1.1 guide, Basic Launch Data).

use super::CustomParameters;
use crate::v1::oauth1::Param;
use crate::v1::relaunch::Relaunch;
use crate::v1::roles::Role;

/// A launch. Only [`ResourceLink::id`] is required; what is `None` or empty is not sent.
#[derive(Clone, Debug, Default)]
pub struct Launch {
    /// The place that is launched from.
    pub resource_link: ResourceLink,
    /// The person who is sent.
    pub user: User,
    /// What the place belongs to, such as an exam.
    pub context: Context,
    /// How the tool will be shown.
    pub presentation: Presentation,
    /// The platform itself.
    pub consumer: ToolConsumer,
    /// Where the grade of this launch is handed back; `None` where none is wanted.
    pub outcome: Option<OutcomeTarget>,
    /// What the author lets the tool know.
    pub custom: CustomParameters,
    /// The second launch of the security update, for tools that know it.
    pub relaunch: Option<Relaunch>,
    /// Parameters of the platform's own, each named `ext_` and then `a-z`, `0-9` or `_`.
    pub extensions: Vec<Param>,
}

/// The place that is launched from: one per placement, another one in a copy.
#[derive(Clone, Debug, Default)]
pub struct ResourceLink {
    /// `resource_link_id`, required.
    pub id: String,
    /// `resource_link_title`.
    pub title: Option<String>,
    /// `resource_link_description`.
    pub description: Option<String>,
}

/// The person who is sent. Names and address are personal data: set them only where the tool may know them.
#[derive(Clone, Debug, Default)]
pub struct User {
    /// `user_id`: opaque, the same for ever.
    pub id: Option<String>,
    /// `roles`.
    pub roles: Vec<Role>,
    /// `lis_person_name_full`.
    pub full_name: Option<String>,
    /// `lis_person_name_given`.
    pub given_name: Option<String>,
    /// `lis_person_name_family`.
    pub family_name: Option<String>,
    /// `lis_person_contact_email_primary`.
    pub email: Option<String>,
}

/// What the place belongs to.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// `context_id`.
    pub id: Option<String>,
    /// `context_type`.
    pub kind: Option<ContextType>,
    /// `context_title`.
    pub title: Option<String>,
    /// `context_label`.
    pub label: Option<String>,
}

/// How the tool will be shown.
#[derive(Clone, Debug, Default)]
pub struct Presentation {
    /// `launch_presentation_locale`, a BCP 47 tag.
    pub locale: Option<String>,
    /// `launch_presentation_document_target`.
    pub document_target: Option<DocumentTarget>,
    /// `launch_presentation_width` in pixels.
    pub width: Option<u32>,
    /// `launch_presentation_height` in pixels.
    pub height: Option<u32>,
    /// `launch_presentation_return_url`: where the tool sends the person back to.
    pub return_url: Option<String>,
    /// `launch_presentation_css_url`.
    pub css_url: Option<String>,
}

/// The platform itself.
#[derive(Clone, Debug, Default)]
pub struct ToolConsumer {
    /// `tool_consumer_info_product_family_code`.
    pub product_family_code: Option<String>,
    /// `tool_consumer_info_version`.
    pub version: Option<String>,
    /// `tool_consumer_instance_guid`: one per institute, the same for ever.
    pub instance_guid: Option<String>,
    /// `tool_consumer_instance_name`.
    pub instance_name: Option<String>,
    /// `tool_consumer_instance_description`.
    pub instance_description: Option<String>,
    /// `tool_consumer_instance_url`.
    pub instance_url: Option<String>,
    /// `tool_consumer_instance_contact_email`.
    pub instance_contact_email: Option<String>,
}

/// Where the grade of a launch is handed back (Basic Outcomes).
#[derive(Clone, Debug, Default)]
pub struct OutcomeTarget {
    /// `lis_outcome_service_url`: without query and default port, because some tools do not sign these as they must.
    pub service_url: String,
    /// `lis_result_sourcedid`: the same in every launch of the same place by the same person.
    pub sourcedid: String,
}

/// The kinds of context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContextType {
    /// `CourseTemplate`.
    CourseTemplate,
    /// `CourseOffering`.
    CourseOffering,
    /// `CourseSection`.
    CourseSection,
    /// `Group`.
    Group,
}

impl ContextType {
    /// Every one of them.
    pub const ALL: [Self; 4] = [Self::CourseTemplate, Self::CourseOffering, Self::CourseSection, Self::Group];

    /// The kind that a name or a URI of LTI 1.3 (core, appendix A.1) stands for.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let name = text.strip_prefix(Self::VOCABULARY).unwrap_or(text);
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The URI of LTI 1.3.
    pub fn uri(self) -> String {
        format!("{}{}", Self::VOCABULARY, self.as_str())
    }

    const VOCABULARY: &str = "http://purl.imsglobal.org/vocab/lis/v2/course#";

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CourseTemplate => "CourseTemplate",
            Self::CourseOffering => "CourseOffering",
            Self::CourseSection => "CourseSection",
            Self::Group => "Group",
        }
    }
}

/// The kinds of window that a tool is shown in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentTarget {
    /// `frame`.
    Frame,
    /// `iframe`.
    Iframe,
    /// `window`.
    Window,
    /// `popup`.
    Popup,
    /// `overlay`.
    Overlay,
    /// `embed`.
    Embed,
}

impl DocumentTarget {
    /// Every one of them, the most common first.
    pub const ALL: [Self; 6] = [Self::Iframe, Self::Window, Self::Frame, Self::Popup, Self::Overlay, Self::Embed];

    /// The window that a name stands for, where it stands for one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.as_str().eq_ignore_ascii_case(name.trim()))
    }

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Frame => "frame",
            Self::Iframe => "iframe",
            Self::Window => "window",
            Self::Popup => "popup",
            Self::Overlay => "overlay",
            Self::Embed => "embed",
        }
    }
}
