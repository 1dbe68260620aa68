//! What a tool gives (Deep Linking 2.0, content item types).

use crate::v1::content_item::Image;
use crate::v1p3::ags::LineItem;
use crate::v1p3::reader::Custom;
use crate::v1p3::timestamp::{Span, Timestamp};

/// One thing that was chosen in the tool. Every text is a stranger's: escape it, and clean HTML, where it is shown; and
/// what is fetched from a URL comes from where the stranger likes.
#[derive(Clone, Debug, PartialEq)]
pub struct ContentItem {
    /// `title`
    pub title: Option<String>,
    /// `text`: a description, plain text.
    pub text: Option<String>,
    /// `icon`
    pub icon: Option<Image>,
    /// `thumbnail`
    pub thumbnail: Option<Image>,
    /// What it is.
    pub kind: Kind,
}

/// What an item is, with what only such an item has.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `link`: a page of the web.
    Link {
        /// `url`
        url: String,
        /// `embed.html`: HTML that shows it in place.
        embed: Option<String>,
        /// `window`
        window: Option<Window>,
        /// `iframe`, with its own `src`.
        iframe: Option<Frame>,
    },
    /// `ltiResourceLink`: what is launched.
    ResourceLink(Box<ResourceLink>),
    /// `file`: to be fetched within minutes and kept.
    File {
        /// `url`
        url: String,
        /// `expiresAt`: when the URL ends.
        expires_at: Option<Timestamp>,
    },
    /// `html`: a piece of a page.
    Html(String),
    /// `image`: to be shown.
    Image(Image),
}

impl Kind {
    /// The type of the item.
    pub const fn item_type(&self) -> ItemType {
        match self {
            Self::Link { .. } => ItemType::Link,
            Self::ResourceLink(_) => ItemType::ResourceLink,
            Self::File { .. } => ItemType::File,
            Self::Html(_) => ItemType::Html,
            Self::Image(_) => ItemType::Image,
        }
    }
}

/// A link that is launched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceLink {
    /// `url`: the `target_link_uri` of its launches, to the letter; `None` for the tool's own.
    pub url: Option<String>,
    /// `custom`: parameters of its launches, possibly with variables.
    pub custom: Custom,
    /// `lineItem`: the grade that it brings.
    pub line_item: Option<LineItem>,
    /// `available`: when it may be opened.
    pub available: Span,
    /// `submission`: when work is taken.
    pub submission: Span,
    /// `window`
    pub window: Option<Window>,
    /// `iframe`: only its size; where it leads to is the launch.
    pub iframe: Option<Frame>,
}

/// A window of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// `targetName`: the name of the window.
    pub target_name: Option<String>,
    /// `width` in pixels.
    pub width: Option<u32>,
    /// `height` in pixels.
    pub height: Option<u32>,
    /// `windowFeatures`, as a browser takes them.
    pub features: Option<String>,
}

/// A frame in the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// `src`: what a link shows in it.
    pub src: Option<String>,
    /// `width` in pixels.
    pub width: Option<u32>,
    /// `height` in pixels.
    pub height: Option<u32>,
}

/// The types of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemType {
    /// `link`
    Link,
    /// `ltiResourceLink`
    ResourceLink,
    /// `file`
    File,
    /// `html`
    Html,
    /// `image`
    Image,
}

impl ItemType {
    /// Every type.
    pub const ALL: [Self; 5] = [Self::Link, Self::ResourceLink, Self::File, Self::Html, Self::Image];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::ResourceLink => "ltiResourceLink",
            Self::File => "file",
            Self::Html => "html",
            Self::Image => "image",
        }
    }

    /// The type that a name stands for.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }
}
