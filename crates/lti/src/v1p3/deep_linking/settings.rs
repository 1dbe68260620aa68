//! What may be chosen, and where the choice is handed back (Deep Linking 2.0, settings claim).

use serde_json::{Value, json};

use super::ItemType;
use crate::json::{object, text};
use crate::v1::launch::DocumentTarget;
use crate::v1p3::reader::{LINE, Object, TEXT};
use crate::v1p3::service_error::Result;

/// The claim [`DEEP_LINKING_SETTINGS`](crate::v1p3::claims::DEEP_LINKING_SETTINGS).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `deep_link_return_url`: where the response is posted.
    pub return_url: String,
    /// `accept_types`; some tools refuse a request without `ltiResourceLink`.
    pub accept_types: Vec<ItemType>,
    /// `accept_presentation_document_targets`; some tools refuse an empty list.
    pub accept_targets: Vec<DocumentTarget>,
    /// `accept_media_types` of files, such as `image/*`.
    pub accept_media_types: Vec<String>,
    /// `accept_multiple`: several items at once.
    pub accept_multiple: bool,
    /// `accept_lineitem`: whether line items of links are made.
    pub accept_line_item: bool,
    /// `auto_create`: whether the items are stored without another question.
    pub auto_create: bool,
    /// `title`: proposed for the item.
    pub title: Option<String>,
    /// `text`: proposed for the item.
    pub text: Option<String>,
    /// `data`: opaque, comes back with the response.
    pub data: Option<String>,
}

impl Settings {
    /// Writes the claim.
    pub fn to_value(&self) -> Value {
        let types: Vec<&str> = self.accept_types.iter().map(|accepted| accepted.as_str()).collect();
        let targets: Vec<&str> = self.accept_targets.iter().map(|target| target.as_str()).collect();
        let media_types = self.accept_media_types.join(",");
        object([
            ("deep_link_return_url", Some(json!(self.return_url))),
            ("accept_types", Some(json!(types))),
            ("accept_presentation_document_targets", Some(json!(targets))),
            ("accept_media_types", (!media_types.is_empty()).then(|| json!(media_types))),
            ("accept_multiple", Some(json!(self.accept_multiple))),
            ("accept_lineitem", Some(json!(self.accept_line_item))),
            ("auto_create", Some(json!(self.auto_create))),
            ("title", text(self.title.as_ref())),
            ("text", text(self.text.as_ref())),
            ("data", text(self.data.as_ref())),
        ])
    }

    /// Reads the claim of a verified message, as a tool. Types and targets that the specification does not know are
    /// passed over; what is not said is `false`.
    ///
    /// Fails with the shape variants of [`ServiceError`](crate::v1p3::ServiceError).
    pub fn read(claim: &Value, allow_http: bool) -> Result<Self> {
        let claim = Object::read(claim, "deep_linking_settings".into())?;
        let types = claim.get("accept_types").map(|_| claim.texts("accept_types", 50, LINE)).transpose()?;
        let targets = claim.texts("accept_presentation_document_targets", 50, LINE)?;
        let media_types = claim.text("accept_media_types", LINE)?.unwrap_or_default();
        let media_types = media_types.split(',').map(str::trim).filter(|name| !name.is_empty());
        Ok(Self {
            return_url: claim.required_secure_url("deep_link_return_url", allow_http)?,
            accept_types: parsed(&claim.required("accept_types", types)?, ItemType::parse),
            accept_targets: parsed(&targets, DocumentTarget::parse),
            accept_media_types: media_types.map(str::to_owned).collect(),
            accept_multiple: claim.flag("accept_multiple")?.unwrap_or_default(),
            accept_line_item: claim.flag("accept_lineitem")?.unwrap_or_default(),
            auto_create: claim.flag("auto_create")?.unwrap_or_default(),
            title: claim.text("title", LINE)?,
            text: claim.text("text", TEXT)?,
            data: claim.text("data", TEXT)?,
        })
    }
}

fn parsed<T>(names: &[String], parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
    names.iter().filter_map(|name| parse(name)).collect()
}
