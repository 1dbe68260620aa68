//! What the tool answers (Deep Linking 2.0, response message).

use serde_json::Value;

use super::read::content_item;
use super::{ContentItem, ItemType, Kind, Settings};
use crate::v1p3::claims;
use crate::v1p3::reader::{ID, Object, TEXT, list_of};
use crate::v1p3::service_error::{Result, ServiceError};
use crate::v1p3::tool_message::ToolMessage;

/// The most items of one response.
const ITEMS: usize = 1000;

/// The response of a tool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    /// `content_items`, in the tool's order. Nothing means that the person changed their mind, or that it failed.
    pub items: Vec<ContentItem>,
    /// How many items were of types that a vendor defines, under a URL. They are passed over.
    pub passed_over: usize,
    /// `msg`: for the person to read.
    pub message: Option<String>,
    /// `errormsg`: for the person to read, when something went wrong.
    pub error: Option<String>,
    /// `log`: for the platform's log.
    pub log: Option<String>,
    /// `errorlog`: for the platform's log, when something went wrong.
    pub error_log: Option<String>,
}

/// What the platform asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The settings of the request.
    pub settings: &'a Settings,
    /// Whether links over plain http may be launched to.
    pub allow_http: bool,
}

impl Response {
    /// Reads a verified message of the type [`RESPONSE_TYPE`](super::RESPONSE_TYPE). Items of a type under a URL, which
    /// a vendor defines, are passed over; so are line items, where none were asked for.
    ///
    /// Fails with the variants of [`ServiceError`] for shapes and for Deep Linking.
    pub fn read(message: &ToolMessage, asked: &Asked<'_>) -> Result<Self> {
        let message = Object::of(&message.claims);
        check_data(&message, asked.settings.data.as_deref())?;
        let (items, passed_over) = items(&message, asked)?;
        Ok(Self {
            items,
            passed_over,
            message: message.text(claims::DEEP_LINKING_MESSAGE, TEXT)?,
            error: message.text(claims::DEEP_LINKING_ERROR_MESSAGE, TEXT)?,
            log: message.text(claims::DEEP_LINKING_LOG, TEXT)?,
            error_log: message.text(claims::DEEP_LINKING_ERROR_LOG, TEXT)?,
        })
    }

    /// The claims beside those of every message of a tool; `data` is that of the request.
    pub fn claims(&self, data: Option<&str>) -> Vec<(&'static str, Value)> {
        let items: Vec<Value> = self.items.iter().map(ContentItem::to_value).collect();
        let said = [
            (claims::DEEP_LINKING_DATA, data),
            (claims::DEEP_LINKING_MESSAGE, self.message.as_deref()),
            (claims::DEEP_LINKING_ERROR_MESSAGE, self.error.as_deref()),
            (claims::DEEP_LINKING_LOG, self.log.as_deref()),
            (claims::DEEP_LINKING_ERROR_LOG, self.error_log.as_deref()),
        ];
        let said = said.into_iter().filter_map(|(name, text)| Some((name, Value::from(text?))));
        std::iter::once((claims::CONTENT_ITEMS, Value::from(items))).chain(said).collect()
    }
}

/// Observed: a tool says `null` where the request said nothing.
fn check_data(message: &Object<'_>, sent: Option<&str>) -> Result<()> {
    let said =
        message.get(claims::DEEP_LINKING_DATA).map(|data| data.as_str().ok_or(ServiceError::Data)).transpose()?;
    if said.filter(|data| !data.is_empty()) == sent { Ok(()) } else { Err(ServiceError::Data) }
}

/// The items that were asked for, and how many others there are.
fn items(message: &Object<'_>, asked: &Asked<'_>) -> Result<(Vec<ContentItem>, usize)> {
    let Some(value) = message.get(claims::CONTENT_ITEMS) else { return Ok((Vec::new(), 0)) };
    let all = list_of(value, "content_items", ITEMS)?;
    let read = all.into_iter().map(|(at, value)| item(&Object::read(value, at)?, asked));
    let all = read.collect::<Result<Vec<_>>>()?;
    let passed_over = all.iter().filter(|item| item.is_none()).count();
    let items: Vec<ContentItem> = all.into_iter().flatten().collect();
    if items.len() > 1 && !asked.settings.accept_multiple {
        return Err(ServiceError::SeveralItems(items.len()));
    }
    Ok((items, passed_over))
}

fn item(item: &Object<'_>, asked: &Asked<'_>) -> Result<Option<ContentItem>> {
    let said = item.required_text("type", ID)?;
    let accepted = ItemType::parse(&said).filter(|known| asked.settings.accept_types.contains(known));
    match accepted {
        Some(accepted) => {
            let mut item = content_item(item, accepted, asked.allow_http)?;
            if let Kind::ResourceLink(link) = &mut item.kind
                && !asked.settings.accept_line_item
            {
                link.line_item = None;
            }
            Ok(Some(item))
        }
        None if said.contains("://") => Ok(None),
        None => Err(ServiceError::ItemType { at: item.at("type"), said }),
    }
}
