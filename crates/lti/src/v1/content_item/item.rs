//! What a tool gives: Content-Item Message 1.0, section 3.

use super::LTI_LINK;
use crate::v1::launch::DocumentTarget;
use crate::v1::oauth1::Param;

/// One thing that was chosen in the tool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContentItem {
    /// `@type`.
    pub kind: ItemType,
    /// `@id`: the tool's own name of it.
    pub id: Option<String>,
    /// `url`. A link without one is launched at the tool's own launch URL.
    pub url: Option<String>,
    /// `title`.
    pub title: Option<String>,
    /// `text`: a description of a line or more, possibly HTML.
    pub text: Option<String>,
    /// `mediaType`.
    pub media_type: Option<String>,
    /// `icon`.
    pub icon: Option<Image>,
    /// `thumbnail`.
    pub thumbnail: Option<Image>,
    /// `placementAdvice`.
    pub placement: Placement,
    /// `custom`: parameters of every launch of this link.
    pub custom: Vec<Param>,
    /// `lineItem`: the grade that the link brings.
    pub line_item: Option<LineItem>,
    /// `copyAdvice` of a file: whether to make a copy.
    pub copy_advice: Option<bool>,
    /// `expiresAt` of a file, as it was written.
    pub expires_at: Option<String>,
}

impl ContentItem {
    /// Whether it is launched, as opposed to shown, downloaded or imported.
    pub fn is_launched(&self) -> bool {
        match self.kind {
            ItemType::LtiLink | ItemType::LtiAssignment => true,
            ItemType::Generic => self.media_type.as_deref() == Some(LTI_LINK),
            ItemType::File | ItemType::Import | ItemType::Other(_) => false,
        }
    }
}

/// What kind of thing an item is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ItemType {
    /// `LtiLinkItem`: a link that is launched.
    #[default]
    LtiLink,
    /// `LtiAssignmentItem`, also written `AssignmentLink`: a link that is launched and graded.
    LtiAssignment,
    /// `ContentItem`: a page, an image, whatever its media type says.
    Generic,
    /// `FileItem`: a file to keep.
    File,
    /// `ImportItem`: a package to import, such as a Common Cartridge.
    Import,
    /// A type that the specification does not know.
    Other(String),
}

impl ItemType {
    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::LtiLink => "LtiLinkItem",
            Self::LtiAssignment => "LtiAssignmentItem",
            Self::Generic => "ContentItem",
            Self::File => "FileItem",
            Self::Import => "ImportItem",
            Self::Other(name) => name,
        }
    }

    /// The type that a name stands for. Drafts have shorter names, and some tools write a prefix or the whole URI.
    pub(super) fn parse(name: &str) -> Self {
        match name.rsplit([':', '#', '/']).next().unwrap_or_default() {
            "LtiLinkItem" | "LtiLink" => Self::LtiLink,
            "LtiAssignmentItem" | "LtiAssignment" | "AssignmentLink" => Self::LtiAssignment,
            "ContentItem" => Self::Generic,
            "FileItem" => Self::File,
            "ImportItem" => Self::Import,
            _ => Self::Other(name.to_owned()),
        }
    }
}

/// A picture of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// `@id`: where the picture is.
    pub url: String,
    /// `width` in pixels.
    pub width: Option<u32>,
    /// `height` in pixels.
    pub height: Option<u32>,
}

/// Where and how large the tool would like an item to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// `presentationDocumentTarget`.
    pub target: Option<DocumentTarget>,
    /// `displayWidth` in pixels.
    pub width: Option<u32>,
    /// `displayHeight` in pixels.
    pub height: Option<u32>,
    /// `windowTarget`: the name of the window.
    pub window: Option<String>,
}

/// The grade that a link brings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineItem {
    /// `label`.
    pub label: Option<String>,
    /// `tag`: what the grade is for, in the tool's words.
    pub tag: Option<String>,
    /// `reportingMethod`, such as `…#totalScore`.
    pub reporting_method: Option<String>,
    /// `assignedActivity.activityId`: the tool's own name of the activity.
    pub activity_id: Option<String>,
    /// `scoreConstraints.normalMaximum`.
    pub normal_maximum: Option<f64>,
    /// `scoreConstraints.extraCreditMaximum`.
    pub extra_credit_maximum: Option<f64>,
    /// `scoreConstraints.totalMaximum`.
    pub total_maximum: Option<f64>,
}

impl LineItem {
    /// The most points that the activity brings without extra credit, where it says so.
    pub fn maximum(&self) -> Option<f64> {
        self.normal_maximum.or(self.total_maximum)
    }
}
