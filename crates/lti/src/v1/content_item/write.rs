//! Writes items. What is absent is not written.

use serde_json::{Map, Value, json};

use super::{ContentItem, Image, LineItem, Placement};
use crate::json::{object, text};
use crate::v1::launch::DocumentTarget;

impl ContentItem {
    pub(super) fn to_json(&self) -> Value {
        let custom: Map<String, Value> =
            self.custom.iter().map(|(name, value)| (name.to_string(), json!(value))).collect();
        object([
            ("@type", Some(json!(self.kind.as_str()))),
            ("@id", text(self.id.as_ref())),
            ("url", text(self.url.as_ref())),
            ("title", text(self.title.as_ref())),
            ("text", text(self.text.as_ref())),
            ("mediaType", text(self.media_type.as_ref())),
            ("icon", self.icon.as_ref().map(Image::to_json)),
            ("thumbnail", self.thumbnail.as_ref().map(Image::to_json)),
            ("placementAdvice", (self.placement != Placement::default()).then(|| self.placement.to_json())),
            ("custom", (!custom.is_empty()).then(|| custom.into())),
            ("lineItem", self.line_item.as_ref().map(LineItem::to_json)),
            ("copyAdvice", self.copy_advice.map(Value::from)),
            ("expiresAt", text(self.expires_at.as_ref())),
        ])
    }
}

impl Image {
    fn to_json(&self) -> Value {
        object([
            ("@id", Some(json!(self.url))),
            ("width", self.width.map(Value::from)),
            ("height", self.height.map(Value::from)),
        ])
    }
}

impl Placement {
    fn to_json(&self) -> Value {
        object([
            ("presentationDocumentTarget", self.target.map(DocumentTarget::as_str).map(Value::from)),
            ("displayWidth", self.width.map(Value::from)),
            ("displayHeight", self.height.map(Value::from)),
            ("windowTarget", text(self.window.as_ref())),
        ])
    }
}

impl LineItem {
    fn to_json(&self) -> Value {
        let limits = object([
            ("@type", Some(json!("NumericLimits"))),
            ("normalMaximum", self.normal_maximum.map(Value::from)),
            ("extraCreditMaximum", self.extra_credit_maximum.map(Value::from)),
            ("totalMaximum", self.total_maximum.map(Value::from)),
        ]);
        object([
            ("@type", Some(json!("LineItem"))),
            ("label", text(self.label.as_ref())),
            ("tag", text(self.tag.as_ref())),
            ("reportingMethod", text(self.reporting_method.as_ref())),
            ("assignedActivity", self.activity_id.as_ref().map(|id| json!({ "activityId": id }))),
            ("scoreConstraints", (limits.as_object().is_some_and(|limits| limits.len() > 1)).then_some(limits)),
        ])
    }
}
