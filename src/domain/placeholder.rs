//! Placeholders: where an exam's instructions say that a tool stands.
//!
//! `{LTI_EXAM_7}` and `LTI_EXAM_7` stand for the LTI resource with the id 7. An id is written as the API gives it:
//! decimal, without leading zeros. Braces come in pairs. Without braces nothing of a word (a letter, a digit, `_`) may
//! touch the placeholder: `LTI_EXAM_7.` is one, `MY_LTI_EXAM_7` and `LTI_EXAM_7a` are not. A formatting tag does not
//! end a word, the edge of a block does.
//!
//! `{1548172086_image2.jpg}` stands for the attachment of the exam that has this placeholder; what names none is text.
//!
//! Instructions are stored as sent and expanded only when shown, by [`instructions::render`], once: what takes a
//! placeholder's place is never looked at again. So that no student meets a placeholder as mere text, [`check`]
//! refuses, before anything is saved, every `LTI_EXAM` in whatever case that would not be shown as a tool.

mod grammar;
#[cfg(test)]
mod tests;
mod visible;

use std::{collections::BTreeSet, fmt, ops::Range};

use super::{id::LtiResourceId, instructions};
pub(super) use grammar::{attachments, candidates, holds_stem, is_file_letter};
use visible::VisibleText;

/// At most so many problems are told at once.
const MAX_PROBLEMS: usize = 20;

/// What a placeholder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Placeholder {
    /// A link of an external platform, placed in this exam.
    LtiResource(LtiResourceId),
}

impl fmt::Display for Placeholder {
    /// The bare form, as the API's field `placeholder` has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LtiResource(id) => write!(f, "LTI_EXAM_{id}"),
        }
    }
}

/// A place in a text as it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Characters (Unicode scalar values) before it.
    pub offset: usize,
    /// Its line, from 1.
    pub line: usize,
    /// Its character in the line, from 1.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {} (character {})", self.line, self.column, self.offset)
    }
}

/// A placeholder, and where its first character stands, its brace included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it stands for.
    pub placeholder: Placeholder,
    /// Where it stands.
    pub position: Position,
}

/// Something in instructions that would not be shown as the author means it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault} At {position}.")]
pub struct Problem {
    /// Where it begins.
    pub position: Position,
    /// What it is.
    pub fault: Fault,
}

/// Why a placeholder is refused. The text says how to mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// This exam has no such resource. Another exam may have it, which is nobody's business here.
    #[error(
        "{0} is not an LTI resource of this exam. Create it with POST /lti_resources and this exam_id, and use the placeholder of the answer."
    )]
    Unknown(Placeholder),
    /// A tag, a comment, a character reference or an invisible character stands inside it.
    #[error(
        "A placeholder is split by a tag, a comment, an entity or an invisible character. Write it in one piece, with the formatting around it: <b>{{LTI_EXAM_1}}</b>."
    )]
    Split,
    /// It breaks the grammar.
    #[error(
        "This is not a whole placeholder. Write {{LTI_EXAM_1}} or LTI_EXAM_1: in capitals, the id without leading zeros, both braces or none, and no letter, digit or underscore touching it."
    )]
    Malformed,
    /// It stands in a tag, a comment or an element that is not shown, or inside a link.
    #[error(
        "A placeholder is never shown inside a tag's attribute, a comment, a link, or an element that instructions may not hold, such as a script. Move it into the text."
    )]
    Hidden,
    /// A parser would make far more elements of the markup than it has tags.
    #[error(
        "The markup is too deep: tags stand in each other more than 256 deep, or tags such as <b> are left open over many paragraphs. Close each tag where its text ends."
    )]
    Overweight,
}

impl Problem {
    /// A stable name of the fault.
    pub fn code(&self) -> &'static str {
        match self.fault {
            Fault::Unknown(_) => "placeholder_unknown",
            Fault::Split => "placeholder_split",
            Fault::Malformed => "placeholder_malformed",
            Fault::Hidden => "placeholder_hidden",
            Fault::Overweight => "markup_too_deep",
        }
    }
}

/// The whole placeholders in the text of `content`, in order.
pub fn scan(content: &str) -> Vec<Found> {
    located(content, &read(content).spots)
}

/// Checks instructions before they are saved: each placeholder will be shown as a tool, and the markup is not too much
/// for a parser. Returns the placeholders in order, or the first 20 problems. Parses the markup, which for the largest
/// instructions takes a second; whether this exam has the resources is for [`unknown`] to say.
pub fn check(content: &str) -> Result<Vec<Found>, Vec<Problem>> {
    if let Some(at) = instructions::overweight_at(content) {
        return Err(problems(content, vec![(at, Fault::Overweight)]));
    }
    let Reading { spots, mut faults } = read(content);
    faults.extend(not_shown(content, &spots).map(|spot| (spot.range.start, Fault::Hidden)));
    if faults.is_empty() { Ok(located(content, &spots)) } else { Err(problems(content, faults)) }
}

/// A problem for each placeholder that names no resource which `is_known` in this exam, at most 20.
pub fn unknown(found: &[Found], is_known: impl Fn(LtiResourceId) -> bool) -> Vec<Problem> {
    let is_unknown = |found: &&Found| {
        let Placeholder::LtiResource(id) = found.placeholder;
        !is_known(id)
    };
    let problem = |found: &Found| Problem { position: found.position, fault: Fault::Unknown(found.placeholder) };
    found.iter().filter(is_unknown).take(MAX_PROBLEMS).map(problem).collect()
}

/// Whether the text of `content` names this resource.
pub fn names(content: &str, resource: LtiResourceId) -> bool {
    read(content).spots.iter().any(|spot| spot.placeholder == Placeholder::LtiResource(resource))
}

/// Whether the text of `content` names the attachment with this placeholder.
pub fn names_attachment(content: &str, attachment: &str) -> bool {
    attachments(&VisibleText::of(content).text).any(|(_, name)| name == attachment)
}

/// The content with every placeholder's id replaced: how a copied exam gets the placeholders of its own resources.
pub fn renumber(content: &str, new_id: impl FnMut(LtiResourceId) -> LtiResourceId) -> String {
    rewrite(content, &read(content).spots, new_id)
}

/// The content with the placeholders of attachments replaced, where `new_name` has another for them: how a copied exam
/// gets the placeholders of its own files.
pub fn rename(content: &str, new_name: impl Fn(&str) -> Option<String>) -> String {
    let visible = VisibleText::of(content);
    let mut renamed = String::with_capacity(content.len());
    let mut from = 0;
    for (range, name) in attachments(&visible.text) {
        if let (Some(at), Some(new)) = (visible.piece(content, &range), new_name(name)) {
            renamed.push_str(&content[from..at.start]);
            renamed.extend(["{", &new, "}"]);
            from = at.end;
        }
    }
    renamed.push_str(&content[from..]);
    renamed
}

/// A whole placeholder in the source.
struct Spot {
    range: Range<usize>,
    placeholder: Placeholder,
}

/// What is in a source: whole placeholders, and faults with the offsets where they begin.
struct Reading {
    spots: Vec<Spot>,
    faults: Vec<(usize, Fault)>,
}

fn read(content: &str) -> Reading {
    let visible = VisibleText::of(content);
    let mut reading = Reading { spots: Vec::new(), faults: Vec::new() };
    for candidate in candidates(&visible.text, &visible.breaks) {
        match (visible.whole(&candidate.range), candidate.placeholder) {
            (Some(range), Some(placeholder)) => reading.spots.push(Spot { range, placeholder }),
            (Some(range), None) => reading.faults.push((range.start, Fault::Malformed)),
            (None, _) => reading.faults.push((visible.origin(&candidate.range), Fault::Split)),
        }
    }
    for markup in visible.markup {
        let hidden = candidates(&content[markup.clone()], &[]).filter(|candidate| candidate.placeholder.is_some());
        reading.faults.extend(hidden.map(|candidate| (markup.start + candidate.range.start, Fault::Hidden)));
    }
    reading
}

/// The spots that would not become a tool, found by trial: each is given a number of its own, and the page is asked
/// which numbers it shows.
fn not_shown<'a>(content: &str, spots: &'a [Spot]) -> impl Iterator<Item = &'a Spot> {
    let mut ordinals = (1..).map(LtiResourceId);
    let numbered = rewrite(content, spots, |id| ordinals.next().unwrap_or(id));
    let shown: BTreeSet<_> = instructions::shown(&numbered).into_iter().collect();
    let is_shown = move |ordinal| shown.contains(&Placeholder::LtiResource(LtiResourceId(ordinal)));
    (1..).zip(spots).filter(move |(ordinal, _)| !is_shown(*ordinal)).map(|(_, spot)| spot)
}

fn rewrite(content: &str, spots: &[Spot], mut new_id: impl FnMut(LtiResourceId) -> LtiResourceId) -> String {
    let mut rewritten = String::with_capacity(content.len());
    let mut from = 0;
    for Spot { range, placeholder } in spots {
        let Placeholder::LtiResource(id) = *placeholder;
        let replacement = Placeholder::LtiResource(new_id(id));
        let written = &content[range.clone()];
        rewritten.push_str(&content[from..range.start]);
        rewritten.push_str(&written.replace(&placeholder.to_string(), &replacement.to_string()));
        from = range.end;
    }
    rewritten.push_str(&content[from..]);
    rewritten
}

fn located(content: &str, spots: &[Spot]) -> Vec<Found> {
    let mut ruler = Ruler::new(content);
    let found = |spot: &Spot| Found { placeholder: spot.placeholder, position: ruler.position(spot.range.start) };
    spots.iter().map(found).collect()
}

fn problems(content: &str, mut faults: Vec<(usize, Fault)>) -> Vec<Problem> {
    faults.sort_by_key(|(at, _)| *at);
    let mut ruler = Ruler::new(content);
    let located = |(at, fault)| Problem { position: ruler.position(at), fault };
    faults.into_iter().take(MAX_PROBLEMS).map(located).collect()
}

/// Turns byte offsets that never decrease into positions, in one walk over the text.
struct Ruler<'a> {
    content: &'a str,
    measured: usize,
    position: Position,
}

impl<'a> Ruler<'a> {
    fn new(content: &'a str) -> Self {
        Self { content, measured: 0, position: Position { offset: 0, line: 1, column: 1 } }
    }

    fn position(&mut self, at: usize) -> Position {
        for c in self.content[self.measured..at].chars() {
            self.position.offset += 1;
            self.position.column += 1;
            if c == '\n' {
                self.position.line += 1;
                self.position.column = 1;
            }
        }
        self.measured = at;
        self.position
    }
}
