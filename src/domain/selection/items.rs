//! What came of a selection, and how it is written into the instructions.

use serde::{Deserialize, Serialize};

use crate::domain::attachment::Attachment;
use crate::domain::chosen_item::Fragment;
use crate::domain::id::{AttachmentId, LtiResourceId};
use crate::domain::lti_resource::LtiResource;
use crate::domain::placeholder::Placeholder;

names! {
    /// What a tool gave.
    ItemKind {
        /// A link that students open: an LTI resource.
        ResourceLink = "ltiResourceLink",
        /// A piece of a page.
        Html = "html",
        /// A page of the web.
        Link = "link",
        /// An image: an attachment of the exam, which a page shows in its place.
        Image = "image",
        /// A file: an attachment of the exam.
        File = "file",
    }
}

/// One thing that came of a selection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SelectedItem {
    /// What the tool gave.
    #[serde(rename = "type")]
    pub kind: ItemKind,
    /// What the tool calls it.
    #[schema(example = "Quiz 4")]
    pub title: Option<String>,
    /// The LTI resource that it became.
    pub lti_resource_id: Option<LtiResourceId>,
    /// The attachment that it became.
    pub attachment_id: Option<AttachmentId>,
    /// What to write into the exam's instructions, where it should stand: a placeholder, or sanitised HTML.
    #[schema(example = "{LTI_EXAM_1}")]
    pub instructions: String,
}

impl SelectedItem {
    /// A link that became an LTI resource.
    pub fn of_link(resource: &LtiResource) -> Self {
        Self {
            kind: ItemKind::ResourceLink,
            title: Some(resource.lti_resource_link_name.to_string()),
            lti_resource_id: Some(resource.id),
            attachment_id: None,
            instructions: format!("{{{}}}", Placeholder::LtiResource(resource.id)),
        }
    }

    /// A file or an image that became an attachment.
    pub fn of_file(kind: ItemKind, title: Option<String>, attachment: &Attachment) -> Self {
        Self {
            kind,
            title: title.or_else(|| Some(attachment.document_file_name.as_str().to_owned())),
            lti_resource_id: None,
            attachment_id: Some(attachment.id),
            instructions: format!("{{{}}}", attachment.placeholder),
        }
    }

    /// A piece of the instructions.
    pub fn of_fragment(Fragment { kind, title, html }: Fragment) -> Self {
        Self { kind, title, lti_resource_id: None, attachment_id: None, instructions: html }
    }
}

list! {
    /// What came of a selection, in the tool's order.
    SelectedItems(SelectedItem)
}
