//! LTI resources: links of an external platform, each placed in one exam.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double};
use examlink_lti::Error;
use examlink_lti::v1::launch::CustomParameters;

use crate::domain::id::{ExamId, InstituteId, LtiResourceId, ToolDeploymentId, ToolProviderId};
use crate::domain::link_times::LinkTimes;
use crate::domain::submission_review::SubmissionReview;
use crate::domain::text::{CustomData, Name, Prose, WebUrl};
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::ToolProvider;
use crate::schema::lti_resources;

/// One link of an external platform, placed in one exam.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Identifiable, AsChangeset)]
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
    /// Through which deployment of it; `None` is the first one.
    pub tool_deployment_id: Option<ToolDeploymentId>,
    /// What the tool knows it by: opaque, unique, never used again (LTI 1.1 `resource_link_id`).
    pub lti_resource_link_id: String,
    /// What people call it.
    pub lti_resource_link_name: Name,
    /// Where its launches go; `None` follows the tool provider.
    pub lti_resource_launch_url: Option<String>,
    /// Its custom data, which goes over the tool provider's name by name.
    pub lti_custom_data: Option<CustomData>,
    /// Opened in a new tab (true) or in a frame of the exam page (false).
    pub open_in_new_tab: bool,
    /// What else is known of it.
    #[diesel(embed)]
    pub details: LinkDetails,
    /// When it may be used.
    #[diesel(embed)]
    pub times: LinkTimes,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// An LTI resource that is about to be created.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = lti_resources, treat_none_as_default_value = false)]
pub struct NewLtiResource {
    /// The exam's institute.
    pub institute_id: InstituteId,
    /// The exam it is placed in.
    pub exam_id: ExamId,
    /// The platform it belongs to, of the same institute.
    pub tool_provider_id: ToolProviderId,
    /// Through which deployment of it.
    pub tool_deployment_id: Option<ToolDeploymentId>,
    /// A new random identifier.
    pub lti_resource_link_id: String,
    /// What people call it.
    pub lti_resource_link_name: Name,
    /// Where its launches go, where that differs from the tool provider's.
    pub lti_resource_launch_url: Option<String>,
    /// Its own custom data.
    pub lti_custom_data: Option<CustomData>,
    /// Opened in a new tab or in a frame.
    pub open_in_new_tab: bool,
    /// What else is known of it.
    #[diesel(embed)]
    pub details: LinkDetails,
    /// When it may be used.
    #[diesel(embed)]
    pub times: LinkTimes,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub updated_at: Timestamp,
}

/// What a tool or an author says of a link beside its name and its place: all of it may be unknown.
#[derive(Clone, Debug, Default, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = lti_resources, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct LinkDetails {
    /// What it is about, for the tool to read.
    pub description: Option<Prose>,
    /// A picture of it.
    pub icon_url: Option<WebUrl>,
    /// How wide it wants to be shown.
    pub display_width: Option<Pixels>,
    /// How high it wants to be shown.
    pub display_height: Option<Pixels>,
    /// What its grade is called.
    pub line_item_label: Option<Name>,
    /// What its grade is for, in the tool's words.
    pub line_item_tag: Option<Name>,
    /// The most points that it brings.
    pub line_item_maximum: Option<Points>,
    /// What the tool calls the resource that it is for.
    pub line_item_resource_id: Option<Name>,
    /// How the tool shows what was handed in.
    pub line_item_submission_review: Option<SubmissionReview>,
}

/// A number of pixels, 1 to 10,000.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema, AsExpression, FromSqlRow,
)]
#[diesel(sql_type = BigInt)]
#[serde(try_from = "i64")]
#[schema(value_type = i64, minimum = 1, maximum = 10_000, example = 800)]
pub struct Pixels(i64);

impl Pixels {
    /// How many.
    pub fn count(self) -> u32 {
        u32::try_from(self.0).unwrap_or_default()
    }
}

impl TryFrom<i64> for Pixels {
    type Error = &'static str;
    fn try_from(pixels: i64) -> Result<Self, &'static str> {
        if (1..=10_000).contains(&pixels) { Ok(Self(pixels)) } else { Err("must be from 1 to 10000 pixels") }
    }
}

column!(Pixels, BigInt, i64, |pixels| Ok(Self(pixels)), |pixels| &pixels.0);

/// A number of points, more than 0 and at most a million; decimals are kept.
#[derive(
    Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema, AsExpression, FromSqlRow,
)]
#[diesel(sql_type = Double)]
#[serde(try_from = "String")]
#[schema(value_type = f64, minimum = 0, maximum = 1_000_000, example = 100.0)]
pub struct Points(f64);

impl TryFrom<f64> for Points {
    type Error = &'static str;
    fn try_from(points: f64) -> Result<Self, &'static str> {
        let fits = points > 0.0 && points <= 1_000_000.0;
        if fits { Ok(Self(points)) } else { Err("must be a number of points, more than 0 and at most 1000000") }
    }
}

impl Points {
    /// How many.
    pub const fn value(self) -> f64 {
        self.0
    }
}

impl TryFrom<String> for Points {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, &'static str> {
        Self::try_from(text.parse().unwrap_or(f64::NAN))
    }
}

column!(Points, Double, f64, |points| Ok(Self(points)), |points| &points.0);

impl LtiResource {
    /// The same link in another exam of the institute. Tools know it by an id of its own.
    pub fn copied_to(&self, exam: ExamId, link_id: String, now: Timestamp) -> NewLtiResource {
        NewLtiResource {
            institute_id: self.institute_id,
            exam_id: exam,
            tool_provider_id: self.tool_provider_id,
            tool_deployment_id: self.tool_deployment_id,
            lti_resource_link_id: link_id,
            lti_resource_link_name: self.lti_resource_link_name.clone(),
            lti_resource_launch_url: self.lti_resource_launch_url.clone(),
            lti_custom_data: self.lti_custom_data.clone(),
            open_in_new_tab: self.open_in_new_tab,
            details: self.details.clone(),
            times: self.times,
            created_at: now,
            updated_at: now,
        }
    }

    /// Where a launch goes: its own URL, or the tool provider's; `None` when neither names one.
    pub fn launch_url<'a>(&'a self, tool: &'a ToolProvider) -> Option<&'a str> {
        let url = self.lti_resource_launch_url.as_deref().unwrap_or(&tool.tool_url);
        (!url.is_empty()).then_some(url)
    }

    /// The custom data that is shown: its own, or the tool provider's.
    pub fn custom_data<'a>(&'a self, tool: &'a ToolProvider) -> &'a CustomData {
        self.lti_custom_data.as_ref().unwrap_or(&tool.lti_custom_data)
    }

    /// The custom parameters of a launch: its own, and the tool provider's that it does not name itself. Variables are
    /// still in them. Fails where custom data holds what a launch cannot carry.
    pub fn custom_parameters(&self, tool: &ToolProvider) -> Result<CustomParameters, Error> {
        let own = self.lti_custom_data.as_ref().map(CustomData::pairs).unwrap_or_default();
        Ok(CustomParameters::new(own)?.over(tool.custom_parameters()?))
    }
}
