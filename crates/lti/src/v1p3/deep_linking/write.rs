//! Writes items. What is absent is not written.

use serde_json::{Map, Value, json};

use super::item::{ContentItem, Frame, Kind, ResourceLink, Window};
use crate::json::{object, present, text};
use crate::v1::content_item::Image;
use crate::v1p3::ags::LineItem;
use crate::v1p3::timestamp::{Span, Timestamp};

impl ContentItem {
    /// The item as JSON.
    pub fn to_value(&self) -> Value {
        let mut members = present([
            ("type", Some(json!(self.kind.item_type().as_str()))),
            ("title", text(self.title.as_ref())),
            ("text", text(self.text.as_ref())),
            ("icon", self.icon.as_ref().map(|icon| Value::Object(image(icon)))),
            ("thumbnail", self.thumbnail.as_ref().map(|picture| Value::Object(image(picture)))),
        ]);
        members.extend(kind(&self.kind));
        Value::Object(members)
    }
}

fn kind(kind: &Kind) -> Map<String, Value> {
    match kind {
        Kind::Link { url, embed, window, iframe } => present([
            ("url", Some(json!(url))),
            ("embed", embed.as_ref().map(|html| json!({ "html": html }))),
            ("window", window.as_ref().map(window_value)),
            ("iframe", iframe.as_ref().map(frame_value)),
        ]),
        Kind::ResourceLink(link) => resource_link(link),
        Kind::File { url, expires_at } => {
            present([("url", Some(json!(url))), ("expiresAt", expires_at.map(Timestamp::to_value))])
        }
        Kind::Html(html) => present([("html", Some(json!(html)))]),
        Kind::Image(picture) => image(picture),
    }
}

fn resource_link(link: &ResourceLink) -> Map<String, Value> {
    let span = |span: Span| (span != Span::default()).then(|| span.to_value());
    present([
        ("url", text(link.url.as_ref())),
        ("custom", (!link.custom.is_empty()).then(|| json!(link.custom))),
        ("lineItem", link.line_item.as_ref().map(LineItem::to_value)),
        ("available", span(link.available)),
        ("submission", span(link.submission)),
        ("window", link.window.as_ref().map(window_value)),
        ("iframe", link.iframe.as_ref().map(frame_value)),
    ])
}

fn window_value(window: &Window) -> Value {
    object([
        ("targetName", text(window.target_name.as_ref())),
        ("width", window.width.map(Value::from)),
        ("height", window.height.map(Value::from)),
        ("windowFeatures", text(window.features.as_ref())),
    ])
}

fn frame_value(frame: &Frame) -> Value {
    object([
        ("src", text(frame.src.as_ref())),
        ("width", frame.width.map(Value::from)),
        ("height", frame.height.map(Value::from)),
    ])
}

fn image(image: &Image) -> Map<String, Value> {
    present([
        ("url", Some(json!(image.url))),
        ("width", image.width.map(Value::from)),
        ("height", image.height.map(Value::from)),
    ])
}
