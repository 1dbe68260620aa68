//! What a placeholder looks like in plain text.

use std::ops::Range;

use super::Placeholder;
use crate::domain::id::LtiResourceId;

/// What every placeholder of an LTI resource holds, in any case: nothing that holds it may be shown as mere text.
const STEM: &str = "LTI_EXAM";

/// A piece of text that is a placeholder, or was meant to be one.
pub(crate) struct Candidate {
    /// Where it stands, in bytes, braces included.
    pub range: Range<usize>,
    /// What it stands for; `None` if it breaks the grammar.
    pub placeholder: Option<Placeholder>,
}

/// The candidates in `text`, from left to right. `breaks` are the offsets, in order, at which a word ends whatever
/// follows: the edges of blocks such as list items.
pub(crate) fn candidates<'a>(text: &'a str, breaks: &'a [usize]) -> impl Iterator<Item = Candidate> + 'a {
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = from + find_stem(&text[from..])?;
        let candidate = Word { text, breaks }.candidate(at);
        from = candidate.range.end;
        Some(candidate)
    })
}

fn find_stem(text: &str) -> Option<usize> {
    text.as_bytes().windows(STEM.len()).position(|window| window.eq_ignore_ascii_case(STEM.as_bytes()))
}

/// The placeholders of attachments in `text`, from left to right, such as `1548172086_image2.jpg`, and where each stands,
/// braces included. Whether there is such an attachment, the exam knows.
pub(crate) fn attachments(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    text.match_indices('{').filter_map(|(at, _)| {
        let inner = &text[at + 1..];
        let name = &inner[..inner.find(|c| !is_file_letter(c))?];
        let seconds = name.bytes().take_while(u8::is_ascii_digit).count();
        let whole = inner[name.len()..].starts_with('}') && seconds > 0 && name[seconds..].starts_with('_');
        (whole && !holds_stem(name)).then(|| (at..at + name.len() + 2, name))
    })
}

/// What the names of attachments are made of.
pub(crate) fn is_file_letter(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '_')
}

/// Whether the placeholder of an LTI resource could be read in a text, or is meant in it.
pub(crate) fn holds_stem(text: &str) -> bool {
    find_stem(text).is_some()
}

struct Word<'a> {
    text: &'a str,
    breaks: &'a [usize],
}

impl Word<'_> {
    /// The candidate whose stem begins at `at`.
    fn candidate(&self, at: usize) -> Candidate {
        let stem_end = at + STEM.len();
        let digits = self.text[at..].starts_with("LTI_EXAM_").then_some(stem_end + 1);
        let id_end = digits.map_or(stem_end, |from| self.end_of(from, |c| c.is_ascii_digit()));
        let opened = self.before(at) == Some('{');
        let closed = self.after(id_end) == Some('}');
        let touched = self.before(at).is_some_and(is_word) || self.after(id_end).is_some_and(is_word);
        let whole = if opened || closed { opened && closed } else { !touched };
        let placeholder = digits.filter(|_| whole).and_then(|from| id(&self.text[from..id_end]));
        let end = self.end_of(stem_end, is_word);
        Candidate {
            range: at - usize::from(opened)..end + usize::from(self.after(end) == Some('}')),
            placeholder: placeholder.map(Placeholder::LtiResource),
        }
    }

    fn before(&self, at: usize) -> Option<char> {
        self.text[..at].chars().next_back().filter(|_| !self.is_break(at))
    }

    fn after(&self, at: usize) -> Option<char> {
        self.text[at..].chars().next().filter(|_| !self.is_break(at))
    }

    fn is_break(&self, at: usize) -> bool {
        self.breaks.binary_search(&at).is_ok()
    }

    /// Where the run of characters of one kind that begins at `from` ends.
    fn end_of(&self, from: usize, kind: fn(char) -> bool) -> usize {
        let mut end = from;
        while let Some(next) = self.after(end).filter(|&c| kind(c)) {
            end += next.len_utf8();
        }
        end
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// An id as this server writes it: decimal, positive, without leading zeros.
fn id(digits: &str) -> Option<LtiResourceId> {
    digits.parse().ok().filter(|_| !digits.starts_with('0')).map(LtiResourceId)
}
