//! Reads items.

use super::item::{ContentItem, Frame, ItemType, Kind, ResourceLink, Window};
use crate::v1::content_item::Image;
use crate::v1p3::ags::{LabelRule, LineItem};
use crate::v1p3::reader::{LINE, Object, TEXT};
use crate::v1p3::service_error::Result;
use crate::v1p3::timestamp::Span;

/// The most pixels of a side.
const PIXELS: u32 = 100_000;

pub(super) fn content_item(item: &Object<'_>, item_type: ItemType, allow_http: bool) -> Result<ContentItem> {
    Ok(ContentItem {
        title: item.text("title", LINE)?,
        text: item.text("text", TEXT)?,
        icon: picture(item, "icon")?,
        thumbnail: picture(item, "thumbnail")?,
        kind: kind(item, item_type, allow_http)?,
    })
}

fn kind(item: &Object<'_>, item_type: ItemType, allow_http: bool) -> Result<Kind> {
    Ok(match item_type {
        ItemType::Link => link(item)?,
        ItemType::ResourceLink => Kind::ResourceLink(Box::new(resource_link(item, allow_http)?)),
        ItemType::File => Kind::File { url: item.required_web_url("url")?, expires_at: item.date("expiresAt")? },
        ItemType::Html => Kind::Html(item.required_text("html", TEXT)?),
        ItemType::Image => Kind::Image(image(item)?),
    })
}

fn link(item: &Object<'_>) -> Result<Kind> {
    Ok(Kind::Link {
        url: item.required_web_url("url")?,
        embed: item.object("embed")?.map(|embed| embed.required_text("html", TEXT)).transpose()?,
        window: item.object("window")?.as_ref().map(window).transpose()?,
        iframe: item.object("iframe")?.as_ref().map(source_frame).transpose()?,
    })
}

fn resource_link(item: &Object<'_>, allow_http: bool) -> Result<ResourceLink> {
    let span = |name| item.object(name)?.as_ref().map_or_else(|| Ok(Span::default()), Span::read);
    let line_item = |line: Object<'_>| {
        let read = LineItem::from_object(&line, LabelRule::OrElse(item.text("title", LINE)?))?;
        // The platform names it and ties it to this very link: a tool that says otherwise means another's.
        Ok(LineItem { id: None, resource_link_id: None, ..read })
    };
    Ok(ResourceLink {
        url: item.secure_url("url", allow_http)?,
        custom: item.custom("custom")?,
        line_item: item.object("lineItem")?.map(line_item).transpose()?,
        available: span("available")?,
        submission: span("submission")?,
        window: item.object("window")?.as_ref().map(window).transpose()?,
        iframe: item.object("iframe")?.as_ref().map(frame).transpose()?,
    })
}

fn window(window: &Object<'_>) -> Result<Window> {
    Ok(Window {
        target_name: window.text("targetName", LINE)?,
        width: window.whole("width", PIXELS)?,
        height: window.whole("height", PIXELS)?,
        features: window.text("windowFeatures", LINE)?,
    })
}

fn frame(frame: &Object<'_>) -> Result<Frame> {
    Ok(Frame { src: None, width: frame.whole("width", PIXELS)?, height: frame.whole("height", PIXELS)? })
}

fn source_frame(source: &Object<'_>) -> Result<Frame> {
    Ok(Frame { src: Some(source.required_web_url("src")?), ..frame(source)? })
}

fn picture(item: &Object<'_>, name: &str) -> Result<Option<Image>> {
    item.object(name)?.as_ref().map(image).transpose()
}

fn image(image: &Object<'_>) -> Result<Image> {
    Ok(Image {
        url: image.required_web_url("url")?,
        width: image.whole("width", PIXELS)?,
        height: image.whole("height", PIXELS)?,
    })
}
