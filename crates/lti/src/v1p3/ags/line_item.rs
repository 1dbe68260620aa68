//! Line items: the columns of a gradebook (AGS 2.0, line item service).

use serde_json::{Map, Value, json};

use super::{ActivityProgress, LEAST_MAXIMUM, MOST_POINTS};
use crate::json::{object, present, text};
use crate::v1p3::reader::{Custom, LINE, Object, TEXT, URL, list_of, one_of, parse};
use crate::v1p3::service_error::{Result, ServiceError};
use crate::v1p3::timestamp::{Span, Timestamp};

/// The most line items of one container that is read.
const CONTAINER: usize = 10_000;
/// The most members under a URL that one item keeps.
const EXTENSIONS: usize = 50;

/// A line item. A PUT replaces it whole: what is `None` there is cleared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineItem {
    /// `id`: its URL, which the platform gives.
    pub id: Option<String>,
    /// `label`: its heading.
    pub label: String,
    /// `scoreMaximum`, in points: finite, above 0 and at most [`MOST_POINTS`].
    pub score_maximum: f64,
    /// `resourceLinkId`: the link that it is tied to.
    pub resource_link_id: Option<String>,
    /// `resourceId`: the tool's own name of the resource; any number of line items may share it.
    pub resource_id: Option<String>,
    /// `tag`: what it is for, in the tool's words.
    pub tag: Option<String>,
    /// `startDateTime` and `endDateTime`: when work is taken.
    pub span: Span,
    /// `gradesReleased`: whether students may see the results.
    pub grades_released: Option<bool>,
    /// `submissionReview`: how to show what was handed in.
    pub submission_review: Option<SubmissionReview>,
    /// Members under a URL, which other specifications and vendors define; kept as they are.
    pub extensions: Map<String, Value>,
}

/// How what was handed in may be shown (Submission Review 1.0).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubmissionReview {
    /// `reviewableStatus`: at which progress there is something to show.
    pub reviewable_status: Vec<ActivityProgress>,
    /// `label`: what the link says.
    pub label: Option<String>,
    /// `url`: where the message goes, if not to the tool's usual place.
    pub url: Option<String>,
    /// `custom`: parameters of the message.
    pub custom: Custom,
}

/// Whether a line item must say its label.
pub(in crate::v1p3) enum LabelRule {
    /// In AGS it must.
    Required,
    /// In Deep Linking the title of the item stands for it.
    OrElse(Option<String>),
}

impl LineItem {
    /// Reads the body of a POST or PUT, or, as a tool, of the answer to them. On a POST the platform gives the `id`
    /// whatever is said, and looks `resourceLinkId` up among the links of this tool in this context.
    ///
    /// Fails with the shape variants of [`ServiceError`].
    pub fn read(body: &[u8]) -> Result<Self> {
        Self::from_object(&Object::read(&parse(body)?, String::new())?, LabelRule::Required)
    }

    /// Reads a list of line items, as a tool. Fails as [`LineItem::read`] does.
    pub fn read_container(body: &[u8]) -> Result<Vec<Self>> {
        let document = parse(body)?;
        let item = |(at, value)| Self::from_object(&Object::read(value, at)?, LabelRule::Required);
        list_of(&document, "lineitems", CONTAINER)?.into_iter().map(item).collect()
    }

    pub(in crate::v1p3) fn from_object(item: &Object<'_>, rule: LabelRule) -> Result<Self> {
        let title = match rule {
            LabelRule::Required => None,
            LabelRule::OrElse(title) => title,
        };
        Ok(Self {
            id: item.text("id", URL)?,
            label: item.required("label", item.text("label", LINE)?.or(title))?,
            score_maximum: item.required("scoreMaximum", maximum(item, "scoreMaximum")?)?,
            resource_link_id: item.text("resourceLinkId", LINE)?,
            resource_id: item.text("resourceId", LINE)?,
            tag: item.text("tag", LINE)?,
            span: Span::read(item)?,
            grades_released: item.flag("gradesReleased")?,
            submission_review: item
                .object("submissionReview")?
                .as_ref()
                .map(SubmissionReview::from_object)
                .transpose()?,
            extensions: extensions(item)?,
        })
    }

    /// The line item that a PUT makes of a stored one, which keeps its `id` and `resourceLinkId`.
    ///
    /// Fails with [`ServiceError::Immutable`] when the tool gives another of them.
    pub fn replacing(self, stored: &Self) -> Result<Self> {
        let moved = |new: &Option<String>, old: &Option<String>| new.is_some() && new != old;
        if moved(&self.id, &stored.id) {
            return Err(ServiceError::Immutable("id"));
        }
        if moved(&self.resource_link_id, &stored.resource_link_id) {
            return Err(ServiceError::Immutable("resourceLinkId"));
        }
        Ok(Self { id: stored.id.clone(), resource_link_id: stored.resource_link_id.clone(), ..self })
    }

    /// The item as JSON, the same for requests and answers.
    pub fn to_value(&self) -> Value {
        let mut members = present([
            ("id", text(self.id.as_ref())),
            ("label", Some(json!(self.label))),
            ("scoreMaximum", Some(json!(self.score_maximum))),
            ("resourceLinkId", text(self.resource_link_id.as_ref())),
            ("resourceId", text(self.resource_id.as_ref())),
            ("tag", text(self.tag.as_ref())),
            ("startDateTime", self.span.begin.map(Timestamp::to_value)),
            ("endDateTime", self.span.end.map(Timestamp::to_value)),
            ("gradesReleased", self.grades_released.map(Value::from)),
            ("submissionReview", self.submission_review.as_ref().map(SubmissionReview::to_value)),
        ]);
        members.extend(self.extensions.clone());
        Value::Object(members)
    }
}

impl SubmissionReview {
    /// Reads what [`SubmissionReview::to_value`] wrote. Fails with the shape variants of [`ServiceError`].
    pub fn read(review: &Value) -> Result<Self> {
        Self::from_object(&Object::read(review, "submissionReview".into())?)
    }

    /// Whether there is something to show of work that is so far; of work that no score has told of, there is not
    /// (Submission Review 1.0, `reviewableStatus`).
    pub fn is_reviewable(&self, progress: Option<ActivityProgress>) -> bool {
        progress.is_some_and(|progress| self.reviewable_status.contains(&progress))
    }

    fn from_object(review: &Object<'_>) -> Result<Self> {
        let statuses = review.texts("reviewableStatus", 10, LINE)?;
        // "None" says that nothing is ever to be shown, as the empty list does.
        let said = statuses.iter().filter(|status| *status != "None");
        let read = |said: &String| one_of(said, &ActivityProgress::NAMES, || review.at("reviewableStatus"));
        Ok(Self {
            reviewable_status: said.map(read).collect::<Result<_>>()?,
            label: review.text("label", LINE)?,
            url: review.web_url("url")?,
            custom: review.custom("custom")?,
        })
    }

    /// The member of a line item as JSON.
    pub fn to_value(&self) -> Value {
        let statuses: Vec<&str> = self.reviewable_status.iter().map(|status| status.as_str()).collect();
        object([
            ("reviewableStatus", Some(json!(statuses))),
            ("label", text(self.label.as_ref())),
            ("url", text(self.url.as_ref())),
            ("custom", (!self.custom.is_empty()).then(|| json!(self.custom))),
        ])
    }
}

/// A maximum in points, where there is one.
pub(super) fn maximum(object: &Object<'_>, name: &str) -> Result<Option<f64>> {
    match object.number(name)? {
        Some(points) if !(LEAST_MAXIMUM..=MOST_POINTS).contains(&points) => {
            let range = format!("a number above 0, from {LEAST_MAXIMUM} to {MOST_POINTS}");
            Err(ServiceError::OutOfRange { at: object.at(name), range })
        }
        points => Ok(points),
    }
}

fn extensions(item: &Object<'_>) -> Result<Map<String, Value>> {
    let is_extension = |name: &str| name.starts_with("https://") || name.starts_with("http://");
    let named = item.members().iter().filter(|(name, _)| is_extension(name));
    let extensions: Map<String, Value> = named.map(|(name, value)| (name.clone(), value.clone())).collect();
    let at = item.at("the members under a URL");
    if extensions.len() > EXTENSIONS {
        return Err(ServiceError::TooMany { at, most: EXTENSIONS });
    }
    if json!(extensions).to_string().len() > TEXT {
        return Err(ServiceError::TooLong { at, most: TEXT });
    }
    Ok(extensions)
}
