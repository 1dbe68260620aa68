//! The document around the items: JSON-LD with an `@context` and a `@graph` (Content-Item Message 1.0, section 3.1).

use serde_json::{Value, json};

use super::ContentItem;
use super::read::{At, item};
use crate::{Error, Result};

const CONTEXT: &str = "http://purl.imsglobal.org/ctx/lti/v1/ContentItem";

/// Reads the value of `content_items`. The `@context` may be a text, a list or absent, because its terms are always the
/// same; what is in the `@graph` may also be of the draft (`ContentItemPlacement`).
///
/// Fails with [`Error::ContentItems`], which names the place.
pub fn items_from_json(text: &str) -> Result<Vec<ContentItem>> {
    let at = At::root("content_items");
    let document: Value = serde_json::from_str(text).map_err(|error| at.broken(format!("is not JSON: {error}")))?;
    let graph = document.get("@graph").and_then(Value::as_array);
    let graph = graph.ok_or_else(|| at.broken("must be an object with the list \"@graph\""))?;
    graph.iter().enumerate().map(|(index, value)| item(value, &At::root(&format!("content_items[{index}]")))).collect()
}

/// Writes the value of `content_items`. The `@context` is a text, as some platforms take no list.
pub fn items_to_json(items: &[ContentItem]) -> String {
    let graph: Vec<Value> = items.iter().map(ContentItem::to_json).collect();
    json!({ "@context": CONTEXT, "@graph": graph }).to_string()
}

impl At {
    pub(super) fn broken(&self, why: impl Into<String>) -> Error {
        Error::ContentItems { at: self.to_string(), why: why.into() }
    }
}
