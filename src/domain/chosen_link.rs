//! What a tool gave becomes an LTI resource, or a reason why it does not.

use examlink_lti::v1::content_item::{ContentItem, ItemType, LineItem, Placement};
use examlink_lti::v1::launch::DocumentTarget;
use examlink_lti::v1p3::Timestamp as WireTime;
use examlink_lti::v1p3::deep_linking::{self, ResourceLink};
use serde_json::{Map, Value};

use crate::domain::chosen_item::cannot_be_taken;
use crate::domain::link_times::LinkTimes;
use crate::domain::lti_resource::{LinkDetails, NewLtiResource, Pixels, Points};
use crate::domain::selection::Selection;
use crate::domain::submission_review::SubmissionReview;
use crate::domain::text::{CustomData, Name, Prose, WebUrl};
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::{Presentation, ToolProvider, check_launch_url};
use crate::domain::{Error, Result};

/// Items that one selection may bring.
pub const MOST: usize = 50;

/// A link that can be launched, checked.
#[derive(Clone, Debug)]
pub struct ChosenLink {
    name: Name,
    url: Option<String>,
    custom_data: Option<CustomData>,
    open_in_new_tab: bool,
    details: LinkDetails,
    times: LinkTimes,
}

impl ChosenLink {
    /// Reads what a tool of LTI 1.1 gave, all or nothing. Only what is launched is asked for there; an icon, a size or a
    /// number of points that makes no sense is left out, because the link works without.
    ///
    /// Fails with the reason, which names the item.
    pub fn read_all(items: &[ContentItem], tool: &ToolProvider, allow_http: bool) -> Result<Vec<Self>, String> {
        if items.len() > MOST {
            return Err(format!("The tool gave {} items; at most {MOST} are taken at once.", items.len()));
        }
        let read = |item: &ContentItem| {
            let named = item.title.as_deref().or(item.url.as_deref()).unwrap_or(item.kind.as_str());
            Self::read(item, tool, allow_http).map_err(|why| cannot_be_taken(named, &why))
        };
        items.iter().map(read).collect()
    }

    /// Reads one link that a tool gave by LTI 1.3, by the same rules.
    pub fn read_1p3(
        item: &deep_linking::ContentItem,
        link: &ResourceLink,
        tool: &ToolProvider,
        allow_http: bool,
    ) -> Result<Self, String> {
        let mut read = Self::read(&in_words_of_1p1(item, link), tool, allow_http)?;
        read.details.line_item_submission_review = submission_review(link);
        Ok(Self { times: times(link)?, ..read })
    }

    fn read(item: &ContentItem, tool: &ToolProvider, allow_http: bool) -> Result<Self, String> {
        if !item.is_launched() {
            return Err(unsupported(&item.kind));
        }
        let name = item.title.as_deref().and_then(name_of).unwrap_or_else(|| tool.tool_name.clone());
        let url = item.url.clone().map(|url| launch_url(url, allow_http)).transpose()?;
        Ok(Self {
            name,
            url,
            custom_data: custom_data(item)?,
            open_in_new_tab: opens_in_new_tab(&item.placement, tool),
            details: details(item)?,
            times: LinkTimes::default(),
        })
    }

    /// The resource that it becomes in the selection's exam.
    pub fn placed(self, selection: &Selection, link_id: String, now: Timestamp) -> NewLtiResource {
        NewLtiResource {
            institute_id: selection.institute_id,
            exam_id: selection.exam_id,
            tool_provider_id: selection.tool_provider_id,
            tool_deployment_id: selection.tool_deployment_id,
            lti_resource_link_id: link_id,
            lti_resource_link_name: self.name,
            lti_resource_launch_url: self.url,
            lti_custom_data: self.custom_data,
            open_in_new_tab: self.open_in_new_tab,
            details: self.details,
            times: self.times,
            created_at: now,
            updated_at: now,
        }
    }
}

/// A link of Deep Linking 2.0 in the words of the Content-Item Message.
fn in_words_of_1p1(item: &deep_linking::ContentItem, link: &ResourceLink) -> ContentItem {
    ContentItem {
        kind: ItemType::LtiLink,
        title: item.title.clone(),
        text: item.text.clone(),
        icon: item.icon.clone(),
        thumbnail: item.thumbnail.clone(),
        url: link.url.clone(),
        placement: placement(link),
        custom: link.custom.clone().into_iter().map(|(name, value)| (name.into(), value)).collect(),
        line_item: link.line_item.as_ref().map(|line| LineItem {
            label: Some(line.label.clone()),
            tag: line.tag.clone(),
            activity_id: line.resource_id.clone(),
            normal_maximum: Some(line.score_maximum),
            ..LineItem::default()
        }),
        ..ContentItem::default()
    }
}

/// What LTI 1.1 has no words for.
fn times(link: &ResourceLink) -> Result<LinkTimes, String> {
    let stored = |at: Option<WireTime>| at.map(|at| Timestamp::from_micros(at.micros()));
    let times = LinkTimes {
        available_start_time: stored(link.available.begin),
        available_end_time: stored(link.available.end),
        submission_start_time: stored(link.submission.begin),
        submission_end_time: stored(link.submission.end),
    };
    times.check().map_err(|error| format!("its times make no sense: {error}"))?;
    Ok(times)
}

/// How the tool shows what is handed in, for which LTI 1.1 has no word. What no message can carry is left out.
fn submission_review(link: &ResourceLink) -> Option<SubmissionReview> {
    SubmissionReview::try_from(link.line_item.as_ref()?.submission_review.as_ref()?).ok()
}

/// A tool that offers both means that the platform chooses.
fn placement(link: &ResourceLink) -> Placement {
    match (&link.iframe, &link.window) {
        (Some(frame), window) => Placement {
            target: window.is_none().then_some(DocumentTarget::Iframe),
            width: frame.width,
            height: frame.height,
            ..Placement::default()
        },
        (None, Some(window)) => Placement {
            target: Some(DocumentTarget::Window),
            width: window.width,
            height: window.height,
            ..Placement::default()
        },
        (None, None) => Placement::default(),
    }
}

fn unsupported(kind: &ItemType) -> String {
    format!("it is of type {}, and an exam takes only links that are launched", kind.as_str())
}

fn launch_url(url: String, allow_http: bool) -> Result<String, String> {
    let url = WebUrl::try_from(url).map_err(|why| format!("its url {why}"))?;
    check_launch_url(&url, "url", allow_http).map_err(|error| match error {
        Error::Invalid(errors) => errors.into_iter().map(|error| error.detail).collect(),
        other => other.to_string(),
    })
}

fn custom_data(item: &ContentItem) -> Result<Option<CustomData>, String> {
    if item.custom.is_empty() {
        return Ok(None);
    }
    let pairs = item.custom.iter().map(|(name, value)| (name.to_string(), Value::from(value.as_str())));
    let object = Value::Object(pairs.collect::<Map<_, _>>());
    CustomData::try_from(object.to_string()).map(Some).map_err(|why| format!("its custom data {why}"))
}

fn opens_in_new_tab(placement: &Placement, tool: &ToolProvider) -> bool {
    match placement.target {
        Some(DocumentTarget::Window | DocumentTarget::Popup) => true,
        Some(_) => false,
        None => tool.presentation == Presentation::Window,
    }
}

fn details(item: &ContentItem) -> Result<LinkDetails, String> {
    let description = item.text.clone().map(|text| text.replace('\0', ""));
    let icon = item.icon.as_ref().or(item.thumbnail.as_ref());
    let grade = item.line_item.as_ref();
    let pixels = |count: Option<u32>| count.and_then(|count| Pixels::try_from(i64::from(count)).ok());
    Ok(LinkDetails {
        description: description.map(Prose::try_from).transpose().map_err(|why| format!("its text {why}"))?,
        icon_url: icon.and_then(|icon| WebUrl::try_from(icon.url.clone()).ok()),
        display_width: pixels(item.placement.width),
        display_height: pixels(item.placement.height),
        line_item_label: grade.and_then(|grade| grade.label.as_deref()).and_then(name_of),
        line_item_tag: grade.and_then(|grade| grade.tag.as_deref()).and_then(name_of),
        line_item_maximum: grade.and_then(LineItem::maximum).and_then(|points| Points::try_from(points).ok()),
        line_item_resource_id: grade.and_then(|grade| grade.activity_id.as_deref()).and_then(name_of),
        line_item_submission_review: None,
    })
}

/// A text of a tool as a name: on one line and not too long. `None` where nothing is left.
pub(super) fn name_of(text: &str) -> Option<Name> {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = words.chars().filter(|c| !c.is_control()).take(250).collect();
    Name::try_from(short).ok()
}
