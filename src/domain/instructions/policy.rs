//! What an author's HTML may hold.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use ammonia::{Builder, UrlRelative};

use super::weight::overweight_at;

/// Elements that stand in a line of text.
#[rustfmt::skip]
const INLINE: [&str; 29] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "rp", "rt",
    "ruby", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr",
];

/// Elements at whose edges a line, and so a word, ends.
#[rustfmt::skip]
const BLOCK: [&str; 41] = [
    "address", "article", "aside", "blockquote", "br", "caption", "center", "col", "colgroup", "dd", "details", "div",
    "dl", "dt", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "img", "li",
    "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "hgroup",
];

/// Elements that go with all they hold: it is code, or data, or in a language of its own, and not text.
#[rustfmt::skip]
pub(super) const DROPPED: [&str; 27] = [
    "applet", "audio", "button", "canvas", "datalist", "embed", "frameset", "iframe", "marquee", "math", "noembed",
    "noframes", "noscript", "object", "option", "optgroup", "plaintext", "portal", "script", "select", "style", "svg",
    "template", "textarea", "title", "video", "xmp",
];

/// Attributes that any element may have.
const GLOBAL_ATTRIBUTES: [&str; 3] = ["dir", "lang", "title"];

/// Attributes of single elements. `rel` and `target` of a link are ours.
const ATTRIBUTES: [(&str, &[&str]); 8] = [
    ("a", &["href", "hreflang"]),
    ("col", &["span"]),
    ("colgroup", &["span"]),
    ("img", &["alt", "height", "src", "width"]),
    ("ol", &["reversed", "start", "type"]),
    ("td", &["colspan", "rowspan"]),
    ("th", &["abbr", "colspan", "rowspan", "scope"]),
    ("time", &["datetime"]),
];

/// How a link's target may begin, in lower case.
const LINKS: [&str; 3] = ["http://", "https://", "mailto:"];

/// How an image may begin, in lower case. No SVG: it is a document, not a bitmap.
const IMAGES: [&str; 4] =
    ["data:image/gif;base64,", "data:image/jpeg;base64,", "data:image/png;base64,", "data:image/webp;base64,"];

static POLICY: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut policy = Builder::empty();
    policy
        .tags(INLINE.into_iter().chain(BLOCK).collect())
        .clean_content_tags(HashSet::from(DROPPED))
        .generic_attributes(HashSet::from(GLOBAL_ATTRIBUTES))
        .tag_attributes(ATTRIBUTES.map(|(tag, attributes)| (tag, attributes.iter().copied().collect())).into())
        .set_tag_attribute_values(HashMap::from([("a", HashMap::from([("target", "_blank")]))]))
        .link_rel(Some("noopener noreferrer"))
        .url_schemes(HashSet::from(["http", "https", "mailto", "data"]))
        .url_relative(UrlRelative::Deny)
        .attribute_filter(attribute);
    policy
});

static TEXT_ONLY: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut policy = Builder::empty();
    policy.clean_content_tags(HashSet::from(DROPPED));
    policy
});

/// One pass of the sanitiser. What is too much for a parser is shown as its source.
///
/// A browser skips a line break right after `<pre>` (which has no attributes here), and the serialiser does not write
/// the one that a line break at the beginning of the text needs before it; so it is written here.
pub(super) fn clean(content: &str) -> String {
    if overweight_at(content).is_some() {
        return escape(content);
    }
    POLICY.clean(content).to_string().replace("<pre>\n", "<pre>\n\n")
}

/// The text alone, escaped.
pub(super) fn text_of(clean: &str) -> String {
    let text = TEXT_ONLY.clean(clean).to_string();
    TEXT_ONLY.clean(&text).to_string()
}

/// The source itself as text.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Whether a word ends at a tag of this name once the content is sanitised.
pub(in crate::domain) fn ends_word(tag: &str) -> bool {
    BLOCK.contains(&tag)
}

/// The last word on attributes that passed the lists: links and images by the beginning of their URL, letter by letter,
/// so that no reading of odd URLs is trusted.
fn attribute<'a>(element: &str, attribute: &str, value: &'a str) -> Option<Cow<'a, str>> {
    let allowed: &[&str] = match (element, attribute) {
        ("a", "href") => &LINKS,
        ("img", "src") => &IMAGES,
        ("pre", _) => &[],
        _ => return Some(value.into()),
    };
    let begins = |prefix: &&str| value.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    allowed.iter().any(begins).then(|| value.into())
}
