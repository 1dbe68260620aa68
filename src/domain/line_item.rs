//! Line items: the columns of an exam's gradebook as tools of LTI 1.3 see them (AGS 2.0, line item service).
//!
//! Every link of a tool has one by itself, whose scores become the results of the exam. What a tool makes beside is its
//! own: it counts towards no result, and its scores are kept with it.

use std::fmt;
use std::str::FromStr;

use diesel::prelude::*;
use examlink_lti::v1p3::{Span, ags};

use crate::domain::id::{ExamId, InstituteId, LineItemId, LtiResourceId, ToolDeploymentId, ToolProviderId};
use crate::domain::line_item_score::wire;
use crate::domain::link_times::LinkTimes;
use crate::domain::lti_resource::{LtiResource, Points};
use crate::domain::lti_urls;
use crate::domain::submission_review::SubmissionReview;
use crate::domain::text::Name;
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};
use crate::schema::line_items;

/// The points of a link whose author set none.
const MAXIMUM: f64 = 100.0;

/// The end of a line item's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemName {
    /// `link-12`: the one that a link has by itself.
    Link(LtiResourceId),
    /// `12`: one that the tool made.
    Own(LineItemId),
}

impl fmt::Display for ItemName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(id) => write!(f, "link-{id}"),
            Self::Own(id) => id.fmt(f),
        }
    }
}

impl FromStr for ItemName {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let number = |text: &str| text.parse().ok().filter(|id: &i64| *id > 0 && id.to_string() == text);
        let name = match text.strip_prefix("link-") {
            Some(link) => number(link).map(|id| Self::Link(LtiResourceId(id))),
            None => number(text).map(|id| Self::Own(LineItemId(id))),
        };
        name.ok_or_else(|| Error::not_found("line item", text))
    }
}

/// What a tool says of a line item, checked. Times and the release of grades are not kept: the answer says what is. The
/// times of a link are set where the link is.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = line_items, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ItemContent {
    /// Its heading.
    pub label: Name,
    /// The points of a full score.
    pub score_maximum: Points,
    /// What the tool calls the resource that it is for.
    pub resource_id: Option<Name>,
    /// What it is for, in the tool's words.
    pub tag: Option<Name>,
    /// How it shows what was handed in.
    pub submission_review: Option<SubmissionReview>,
}

/// A line item that a tool made.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Identifiable)]
#[diesel(table_name = line_items)]
pub struct LineItem {
    /// Its number.
    pub id: LineItemId,
    /// The exam's institute.
    pub institute_id: InstituteId,
    /// The exam.
    pub exam_id: ExamId,
    /// The tool.
    pub tool_provider_id: ToolProviderId,
    /// The deployment that it was made for, where that was one alone. One that is tied to a link is where the link is.
    pub tool_deployment_id: Option<ToolDeploymentId>,
    /// The link that it is tied to, if it is to any.
    pub lti_resource_id: Option<LtiResourceId>,
    /// What the tool says of it.
    #[diesel(embed)]
    pub content: ItemContent,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A line item that is about to be created.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = line_items, treat_none_as_default_value = false)]
pub struct NewLineItem {
    /// The exam's institute.
    pub institute_id: InstituteId,
    /// The exam.
    pub exam_id: ExamId,
    /// The tool.
    pub tool_provider_id: ToolProviderId,
    /// The deployment that it was made for, where that was one alone. One that is tied to a link is where the link is.
    pub tool_deployment_id: Option<ToolDeploymentId>,
    /// The link that it is tied to, of the same tool and exam.
    pub lti_resource_id: Option<LtiResourceId>,
    /// What the tool says of it.
    #[diesel(embed)]
    pub content: ItemContent,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub updated_at: Timestamp,
}

/// A line item of either kind.
#[derive(Clone, Debug)]
pub enum Item {
    /// The one of a link.
    Link(Box<LtiResource>),
    /// One that the tool made, and what the tool knows the link by that it is tied to.
    Own(LineItem, Option<String>),
}

impl Item {
    /// The end of its address.
    pub fn name(&self) -> ItemName {
        match self {
            Self::Link(resource) => ItemName::Link(resource.id),
            Self::Own(item, _) => ItemName::Own(item.id),
        }
    }

    /// The points of a full score.
    pub fn maximum(&self) -> f64 {
        match self {
            Self::Link(resource) => resource.details.line_item_maximum.map_or(MAXIMUM, Points::value),
            Self::Own(item, _) => item.content.score_maximum.value(),
        }
    }

    /// The link that it belongs to.
    pub fn resource(&self) -> Option<LtiResourceId> {
        match self {
            Self::Link(resource) => Some(resource.id),
            Self::Own(item, _) => item.lti_resource_id,
        }
    }

    /// When work is taken; a line item that the tool made has no times.
    pub fn times(&self) -> Option<&LinkTimes> {
        match self {
            Self::Link(resource) => Some(&resource.times),
            Self::Own(..) => None,
        }
    }

    /// As the tool reads it; `origin` is the public URL.
    pub fn shown(&self, origin: &str) -> ags::LineItem {
        let text = |text: &Option<Name>| text.as_ref().map(Name::to_string);
        let review = |review: &Option<SubmissionReview>| review.as_ref().map(ags::SubmissionReview::from);
        let id = |exam: ExamId| Some(lti_urls::line_item(origin, exam, self.name()));
        match self {
            Self::Link(resource) => ags::LineItem {
                id: id(resource.exam_id),
                label: resource
                    .details
                    .line_item_label
                    .as_ref()
                    .unwrap_or(&resource.lti_resource_link_name)
                    .to_string(),
                score_maximum: self.maximum(),
                resource_link_id: Some(resource.lti_resource_link_id.clone()),
                resource_id: text(&resource.details.line_item_resource_id),
                tag: text(&resource.details.line_item_tag),
                span: Span {
                    begin: resource.times.submission_start_time.map(wire),
                    end: resource.times.submission_end_time.map(wire),
                },
                submission_review: review(&resource.details.line_item_submission_review),
                ..ags::LineItem::default()
            },
            Self::Own(item, link) => ags::LineItem {
                id: id(item.exam_id),
                label: item.content.label.to_string(),
                score_maximum: self.maximum(),
                resource_link_id: link.clone(),
                resource_id: text(&item.content.resource_id),
                tag: text(&item.content.tag),
                submission_review: review(&item.content.submission_review),
                ..ags::LineItem::default()
            },
        }
    }

    /// Whether it is among those that a tool asks for.
    pub fn fits(&self, filter: &ags::LineItemFilter) -> bool {
        let shown = self.shown("");
        let fits = |wanted: &Option<String>, is: &Option<String>| wanted.is_none() || wanted == is;
        fits(&filter.resource_link_id, &shown.resource_link_id)
            && fits(&filter.resource_id, &shown.resource_id)
            && fits(&filter.tag, &shown.tag)
    }
}

impl ItemContent {
    /// Checks what a tool says of a line item.
    pub fn read(item: &ags::LineItem) -> Result<Self> {
        let name = |field: &str, text: &str| Name::try_from(text.to_owned()).map_err(|why| Error::invalid(field, why));
        let optional = |field: &str, text: &Option<String>| text.as_deref().map(|text| name(field, text)).transpose();
        let review = item.submission_review.as_ref().map(SubmissionReview::try_from).transpose();
        let maximum = Points::try_from(item.score_maximum).map_err(|why| Error::invalid("scoreMaximum", why))?;
        Ok(Self {
            label: name("label", item.label.trim())?,
            score_maximum: maximum,
            resource_id: optional("resourceId", &item.resource_id)?,
            tag: optional("tag", &item.tag)?,
            submission_review: review.map_err(|why| Error::invalid("submissionReview.custom", why.to_string()))?,
        })
    }
}
