//! The text of a source as its reader sees it, and where in the source each part of it stands.

use std::{cell::RefCell, ops::Range};

use html5ever::{
    buffer_queue::BufferQueue,
    tendril::StrTendril,
    tokenizer::{Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts},
};

use crate::domain::instructions;

/// Characters at which the tokenizer may change its mind. Fed alone, they keep what it reports in step with the source.
const SPECIAL: [char; 7] = ['<', '>', '&', ';', '\r', '\n', '\0'];

/// Text without tags and comments, with its character references resolved.
#[derive(Default)]
pub(super) struct VisibleText {
    /// The text. What formatting tags split in the source is whole here.
    pub text: String,
    /// Offsets in `text` at which the edge of a block ends a word.
    pub breaks: Vec<usize>,
    /// Where the source holds tags and comments.
    pub markup: Vec<Range<usize>>,
    runs: Vec<Run>,
}

/// A part of the text that comes from one place of the source.
struct Run {
    text: usize,
    source: usize,
    /// The source says it letter by letter, not by a character reference.
    verbatim: bool,
}

impl VisibleText {
    /// Reads HTML, or text, as a browser would.
    pub(super) fn of(source: &str) -> Self {
        let mut visible = Self::default();
        let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
        let (mut from, mut to) = (0, 0);
        for chunk in chunks(source) {
            to += chunk.len();
            feed(&tokenizer, chunk);
            let seen = tokenizer.sink.seen.take();
            if !seen.is_empty() {
                visible.take(source, from..to, seen);
                from = to;
            }
        }
        tokenizer.end();
        visible.take(source, from..source.len(), tokenizer.sink.seen.take());
        visible
    }

    /// Where in the source a part of the text stands, if it stands there in one piece, letter by letter.
    pub(super) fn whole(&self, part: &Range<usize>) -> Option<Range<usize>> {
        let next = self.runs.partition_point(|run| run.text <= part.start);
        let run = &self.runs[next.checked_sub(1)?];
        let end = self.runs.get(next).map_or(self.text.len(), |next| next.text);
        let start = run.source + part.start - run.text;
        (run.verbatim && part.end <= end).then(|| start..start + part.len())
    }

    /// Where in the source a part of the text stands, if no tag and no invisible character splits it there. Characters
    /// between its first and its last may be written as references.
    pub(super) fn piece(&self, source: &str, part: &Range<usize>) -> Option<Range<usize>> {
        let (first, last) = (part.start..part.start + 1, part.end - 1..part.end);
        let at = self.whole(&first)?.start..self.whole(&last)?.end;
        (!source[at.clone()].contains(|c| c == '<' || is_invisible(c))).then_some(at)
    }

    /// Where in the source a part of the text begins.
    pub(super) fn origin(&self, part: &Range<usize>) -> usize {
        let first = part.start..part.start + 1;
        let next = self.runs.partition_point(|run| run.text <= part.start);
        let run_start = next.checked_sub(1).map_or(0, |run| self.runs[run].source);
        self.whole(&first).map_or(run_start, |found| found.start)
    }

    /// Takes in what the tokenizer made of the source's part `from`.
    fn take(&mut self, source: &str, mut from: Range<usize>, seen: Vec<Seen>) {
        for seen in seen {
            match seen {
                Seen::Text(text) => self.push(source, &mut from, &text),
                Seen::Markup { ends_word } => {
                    if ends_word {
                        self.breaks.push(self.text.len());
                    }
                    self.markup.push(from.clone());
                    from.start = from.end;
                }
            }
        }
        if source[from.clone()].contains('<') {
            self.markup.push(from);
        }
    }

    /// Adds text that was made of the source's part `from`. What a character reference stands for comes first in it.
    fn push(&mut self, source: &str, from: &mut Range<usize>, text: &str) {
        let part = &source[from.clone()];
        if part.starts_with(text) {
            self.push_verbatim(text, from.start);
            from.start += text.len();
        } else {
            let (resolved, verbatim) = text.split_at(text.len() - common_suffix(part, text));
            self.runs.push(Run { text: self.text.len(), source: from.start, verbatim: false });
            self.text.push_str(resolved);
            self.push_verbatim(verbatim, from.end - verbatim.len());
        }
    }

    /// Adds a text that stands in the source at `at`, without its invisible characters, which end a run as a tag does.
    fn push_verbatim(&mut self, text: &str, mut at: usize) {
        for part in text.split_inclusive(is_invisible) {
            self.runs.push(Run { text: self.text.len(), source: at, verbatim: true });
            self.text.push_str(part.trim_end_matches(is_invisible));
            at += part.len();
        }
    }
}

/// Cuts the source so that every special character is a chunk of its own.
fn chunks(source: &str) -> impl Iterator<Item = &str> {
    source
        .split_inclusive(SPECIAL)
        .flat_map(|part| <[&str; 2]>::from(part.split_at(part.trim_end_matches(SPECIAL).len())))
        .filter(|chunk| !chunk.is_empty())
}

/// The length in bytes of the longest text that both end with.
fn common_suffix(a: &str, b: &str) -> usize {
    a.chars().rev().zip(b.chars().rev()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum()
}

fn feed(tokenizer: &Tokenizer<Sink>, chunk: &str) {
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(chunk));
    let _ = tokenizer.feed(&queue);
}

/// Soft hyphen, zero-width characters and byte order mark: a word processor leaves them behind, nobody sees them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// What the tokenizer reported since it was last asked.
#[derive(Default)]
struct Sink {
    seen: RefCell<Vec<Seen>>,
}

enum Seen {
    Text(StrTendril),
    Markup { ends_word: bool },
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut seen = self.seen.borrow_mut();
        match token {
            Token::CharacterTokens(text) => match seen.last_mut() {
                Some(Seen::Text(before)) => before.push_tendril(&text),
                _ => seen.push(Seen::Text(text)),
            },
            Token::TagToken(tag) => seen.push(Seen::Markup { ends_word: instructions::ends_word(&tag.name) }),
            Token::CommentToken(_) | Token::DoctypeToken(_) => seen.push(Seen::Markup { ends_word: false }),
            Token::NullCharacterToken | Token::EOFToken | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }
}
