//! LTI resources: links of an external platform, each placed in one exam.

use diesel::prelude::*;

use crate::domain::id::{ExamId, InstituteId, LtiResourceId, ToolProviderId};
use crate::domain::text::{CustomData, Name};
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::ToolProvider;
use crate::schema::lti_resources;

/// One link of an external platform, placed in one exam.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable, AsChangeset)]
#[diesel(table_name = lti_resources, treat_none_as_null = true)]
pub struct LtiResource {
    /// Its number.
    pub id: LtiResourceId,
    /// Whose it is.
    pub institute_id: InstituteId,
    /// The exam it is placed in.
    pub exam_id: ExamId,
    /// The platform it belongs to.
    pub tool_provider_id: ToolProviderId,
    /// What the tool knows it by: opaque, unique, never used again (LTI 1.1 `resource_link_id`).
    pub lti_resource_link_id: String,
    /// What people call it.
    pub lti_resource_link_name: Name,
    /// Where its launches go; `None` follows the tool provider.
    pub lti_resource_launch_url: Option<String>,
    /// Its custom data; `None` follows the tool provider.
    pub lti_custom_data: Option<CustomData>,
    /// Opened in a new tab (true) or in a frame of the exam page (false).
    pub open_in_new_tab: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// An LTI resource that is about to be created.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = lti_resources)]
pub struct NewLtiResource {
    /// The exam's institute.
    pub institute_id: InstituteId,
    /// The exam it is placed in.
    pub exam_id: ExamId,
    /// The platform it belongs to, of the same institute.
    pub tool_provider_id: ToolProviderId,
    /// A new random identifier.
    pub lti_resource_link_id: String,
    /// What people call it.
    pub lti_resource_link_name: Name,
    /// Where its launches go, where that differs from the tool provider's.
    pub lti_resource_launch_url: Option<String>,
    /// Its custom data, where that differs from the tool provider's.
    pub lti_custom_data: Option<CustomData>,
    /// Opened in a new tab or in a frame.
    pub open_in_new_tab: bool,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub updated_at: Timestamp,
}

impl LtiResource {
    /// The same link in another exam of the institute. Tools know it by an id of its own.
    pub fn copied_to(&self, exam: ExamId, link_id: String, now: Timestamp) -> NewLtiResource {
        NewLtiResource {
            institute_id: self.institute_id,
            exam_id: exam,
            tool_provider_id: self.tool_provider_id,
            lti_resource_link_id: link_id,
            lti_resource_link_name: self.lti_resource_link_name.clone(),
            lti_resource_launch_url: self.lti_resource_launch_url.clone(),
            lti_custom_data: self.lti_custom_data.clone(),
            open_in_new_tab: self.open_in_new_tab,
            created_at: now,
            updated_at: now,
        }
    }

    /// Where a launch goes: its own URL, or the tool provider's; `None` when neither names one.
    pub fn launch_url<'a>(&'a self, tool: &'a ToolProvider) -> Option<&'a str> {
        let url = self.lti_resource_launch_url.as_deref().unwrap_or(&tool.tool_url);
        (!url.is_empty()).then_some(url)
    }

    /// The custom data a launch carries: its own, or the tool provider's.
    pub fn custom_data<'a>(&'a self, tool: &'a ToolProvider) -> &'a CustomData {
        self.lti_custom_data.as_ref().unwrap_or(&tool.lti_custom_data)
    }
}
