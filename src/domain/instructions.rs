//! Exam instructions as a page may show them: HTML that an author wrote, made harmless, with tools in their places.
//!
//! The policy is a list of what is allowed; all else is dropped:
//! * Text, headings, lists, tables, quotations, code and the usual formatting. An element that is not listed goes and
//!   leaves its text; those of [`DROPPED`] go with everything inside, `svg` and `math` among them.
//! * Links to http, https and mailto, opened in a new tab without `opener` and `Referer`. No relative links: they would
//!   lead around in this server.
//! * Images only as `data:` of a bitmap format, because the pages' content security policy loads no others, and an
//!   author's relative URL could call this server in the student's name.
//! * No `style`, `class`, `id`, `data-*`, `aria-*`, `role`, `target` or event handler. So what looks like the page's
//!   own parts is the page's own.
//!
//! Tools are put in after that, into text only, and nothing is sanitised or expanded a second time: there is no mark in
//! the text that an author could forge.

mod policy;
#[cfg(test)]
pub(super) mod tests;
mod weight;

use std::{borrow::Cow, fmt};

use super::placeholder::{Placeholder, attachments, candidates};
pub(super) use policy::ends_word;
pub(super) use weight::overweight_at;

/// How often the sanitiser may change its own output before only the text is kept.
const MAX_PASSES: usize = 10;

/// Markup that may be sent to a browser as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Markup that the caller answers for: from a template of this program, never from a user.
    pub fn trusted(markup: String) -> Self {
        Self(markup)
    }

    /// A text, shown as it is: escaped, with its line breaks and paragraphs.
    pub fn text(text: &str) -> Self {
        Self(paragraphs(&policy::escape(text)))
    }

    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An author's HTML, reduced to what the policy allows. Sanitising the result again does not change it, so it means to
/// a browser what it meant to the sanitiser.
pub fn sanitise(content: &str) -> Html {
    let mut clean = policy::clean(content);
    for _ in 0..MAX_PASSES {
        let again = policy::clean(&clean);
        if again == clean {
            return Html(clean);
        }
        clean = again;
    }
    Html(policy::text_of(&clean))
}

/// An exam's instructions for its page: sanitised, with `tool` in place of each placeholder, in order, and
/// `attachment` in place of `{1548172086_image2.jpg}`: it is asked by the text between the braces, which stays text where
/// the answer is none.
///
/// Content without any tag is text and keeps its line breaks. A tool may land inside a paragraph, a heading or a table
/// cell, so it must consist of phrasing content (`span`, `iframe`, `a`): a block would end the paragraph around it.
/// Placeholders in links stay text, because a link must not hold a link; [`placeholder::check`] refuses them.
///
/// [`placeholder::check`]: super::placeholder::check
pub fn render(
    content: &str,
    mut tool: impl FnMut(Placeholder) -> Html,
    attachment: impl Fn(&str) -> Option<Html>,
) -> Html {
    let clean = sanitise(content);
    let clean = if ammonia::is_html(content) { clean.0 } else { paragraphs(&clean.0) };
    let mut page = String::with_capacity(2 * clean.len());
    for piece in pieces(&clean) {
        match piece {
            Piece::Markup(markup) => page.push_str(markup),
            Piece::Placeholder(placeholder) => page.push_str(tool(placeholder).as_str()),
            Piece::Attachment { written, name } => match attachment(name) {
                Some(shown) => page.push_str(shown.as_str()),
                None => page.push_str(written),
            },
        }
    }
    Html(page)
}

/// The placeholders that the page would show as tools, in order.
pub(super) fn shown(content: &str) -> Vec<Placeholder> {
    let clean = sanitise(content);
    let placeholder = |piece| match piece {
        Piece::Placeholder(placeholder) => Some(placeholder),
        Piece::Markup(_) | Piece::Attachment { .. } => None,
    };
    pieces(&clean.0).filter_map(placeholder).collect()
}

/// A part of a sanitised page.
enum Piece<'a> {
    Markup(&'a str),
    Placeholder(Placeholder),
    Attachment { written: &'a str, name: &'a str },
}

/// Cuts sanitised markup at the placeholders in its text. The sanitiser's serialisation has `<` and `>` at the ends of
/// tags and nowhere else, not even in attributes.
fn pieces(clean: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut link = false;
    clean.split_inclusive('>').flat_map(move |part| {
        let (text, tag) = part.split_at(part.find('<').unwrap_or(part.len()));
        let mut pieces = if link { vec![Piece::Markup(text)] } else { text_pieces(text) };
        pieces.push(Piece::Markup(tag));
        link = tag.starts_with("<a ") || (link && tag != "</a>");
        pieces
    })
}

fn text_pieces(text: &str) -> Vec<Piece<'_>> {
    let tools = candidates(text, &[]).filter_map(|found| Some((found.range, Piece::Placeholder(found.placeholder?))));
    let attachments =
        attachments(text).map(|(range, name)| (range.clone(), Piece::Attachment { written: &text[range], name }));
    // The two never overlap: no attachment's placeholder holds a tool's.
    let mut found: Vec<_> = tools.chain(attachments).collect();
    found.sort_by_key(|(range, _)| range.start);
    let mut pieces = Vec::new();
    let mut from = 0;
    for (range, piece) in found {
        pieces.push(Piece::Markup(&text[from..range.start]));
        pieces.push(piece);
        from = range.end;
    }
    pieces.push(Piece::Markup(&text[from..]));
    pieces
}

/// Escaped text with its paragraphs, which a blank line ends, and its line breaks.
fn paragraphs(text: &str) -> String {
    let text: Cow<'_, str> = if text.contains('\r') { text.replace("\r\n", "\n").into() } else { text.into() };
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.trim_matches('\n')).filter(|text| !text.is_empty());
    paragraphs.map(|paragraph| ["<p>", &paragraph.replace('\n', "<br>\n"), "</p>\n"].concat()).collect()
}
