//! The signature over the parameters of a request (request signing, sections 1 and 3): how its message is written, and
//! why it has one reading.
//!
//! The message joins `name=value` with `?` and escapes nothing, so a value that holds `?name=` could be read as two
//! parameters. [`canonical`] gives the one reading that counts: the one with the most parameters. A request whose
//! parameters are not that reading is refused, so two accepted requests never share a message.

use std::collections::BTreeMap;

use crate::api::params::{Parameters, Value};
use crate::api::problem::{Kind, Problem};
use crate::api::signature::{Claim, Scheme};
use crate::domain::secret::Secret;

/// What a request claims whose token stands in `Authorization` and whose signature stands among its parameters.
pub fn claim(token: Secret, parameters: &Parameters) -> Result<Claim, Problem> {
    let nonce = digits(parameters, "nonce", 20)?.to_owned();
    let timestamp = digits(parameters, "timestamp", 15)?;
    let mut signature = [0; 32];
    let readable = hex::decode_to_slice(parameters.text("signature").unwrap_or_default(), &mut signature).is_ok();
    Ok(Claim {
        token,
        messages: messages(&parameters.all),
        signature: readable.then_some(signature),
        nonce,
        timestamp: timestamp.parse().unwrap_or(i64::MAX),
        expires: None,
        scheme: Scheme::Parameters,
    })
}

/// A number of at most `most` digits without a leading zero, as text.
fn digits<'p>(parameters: &'p Parameters, name: &str, most: usize) -> Result<&'p str, Problem> {
    let text = parameters.text(name).unwrap_or_default();
    let number = (1..=most).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text.len() == 1 || !text.starts_with('0'));
    if number {
        Ok(text)
    } else {
        Err(Problem::at(Kind::MALFORMED, name, format!("must be a number of 1 to {most} digits")))
    }
}

/// The message as a client may have written it: with lists in the long form, and in the compact one where that differs.
fn messages(parameters: &BTreeMap<String, Value>) -> Vec<String> {
    let mut messages = vec![message(parameters, false)];
    if parameters.values().any(|value| matches!(value, Value::List(_))) {
        messages.push(message(parameters, true));
    }
    messages
}

/// The message that a client signs: all parameters but `signature`, by name in byte order, `name=value` joined by `?`.
/// A list is written as JSON with `", "` or, when `compact`, with `","` between its items.
pub fn message(parameters: &BTreeMap<String, Value>, compact: bool) -> String {
    let mut message = String::new();
    for (name, value) in parameters.iter().filter(|(name, _)| *name != "signature") {
        if !message.is_empty() {
            message.push('?');
        }
        message.push_str(name);
        message.push('=');
        value.write_signed(&mut message, compact);
    }
    message
}

/// The names that the API knows, in byte order.
#[derive(Clone, Debug)]
pub struct Vocabulary(Vec<String>);

impl Vocabulary {
    /// From any names; doubles are dropped.
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        let mut names: Vec<String> = names.into_iter().collect();
        names.sort();
        names.dedup();
        Self(names)
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.0.binary_search_by(|known| known.as_str().cmp(name)).ok()
    }

    /// Whether the API knows this name.
    pub fn knows(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// The names.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

/// The reading of `message` with the most parameters: names ascending and known, `nonce` and `timestamp` there and
/// numeric. `None` when there is no reading. Of readings with equally many, earlier names win, then places further to
/// the right: content that links to `?id=7`, in a request that signs `id`, is one value.
pub fn canonical<'m>(message: &'m str, vocabulary: &Vocabulary) -> Option<Vec<(&'m str, &'m str)>> {
    let readings = Readings::of(message, vocabulary)?;
    readings.starts.first().filter(|first| first.at == 0 && first.name <= readings.required[0])?;
    let (mut pairs, mut next) = (Vec::new(), Some(0));
    while let Some(index) = next {
        let start = &readings.starts[index];
        next = readings.from[index]?.next;
        let end = next.map_or(message.len(), |next| readings.starts[next].at - 1);
        pairs.push((&message[start.at..start.value - 1], &message[start.value..end]));
    }
    Some(pairs)
}

/// A `name=` in the message that could begin a parameter.
struct Start {
    /// Where the name stands in the vocabulary.
    name: usize,
    /// Where the name begins: at 0, or right after a `?`.
    at: usize,
    /// Where the value begins.
    value: usize,
}

/// The best reading from one start to the end of the message.
#[derive(Clone, Copy)]
struct Reading {
    count: usize,
    /// The start of the next parameter; `None` when this is the last.
    next: Option<usize>,
}

/// The best reading from every start, found from right to left.
struct Readings {
    starts: Vec<Start>,
    from: Vec<Option<Reading>>,
    /// For each name, the start of the best reading that begins with it or with a later name, up to the next required
    /// one: without that, there is no reading.
    best: Vec<Option<usize>>,
    /// Where `nonce` and `timestamp` stand in the vocabulary.
    required: [usize; 2],
}

impl Readings {
    fn of(message: &str, vocabulary: &Vocabulary) -> Option<Self> {
        let starts = starts(message, vocabulary);
        let (from, best) = (vec![None; starts.len()], vec![None; vocabulary.0.len() + 1]);
        let required = [vocabulary.place("nonce")?, vocabulary.place("timestamp")?];
        let mut readings = Self { starts, from, best, required };
        for index in (0..readings.starts.len()).rev() {
            if let Some(next) = readings.follower(message, index) {
                let count = 1 + next.map_or(0, |next| readings.count(next));
                readings.from[index] = Some(Reading { count, next });
                readings.offer(index);
            }
        }
        Some(readings)
    }

    fn count(&self, index: usize) -> usize {
        self.from[index].map_or(0, |reading| reading.count)
    }

    /// What follows a start in its best reading: `None` when it has no reading, `Some(None)` when it is the last.
    #[allow(clippy::option_option)]
    fn follower(&self, message: &str, index: usize) -> Option<Option<usize>> {
        let start = &self.starts[index];
        let may_end = start.name >= self.required[1];
        if !self.required.contains(&start.name) {
            let best = self.best[start.name + 1];
            return (best.is_some() || may_end).then_some(best);
        }
        let digits = message[start.value..].bytes().take_while(u8::is_ascii_digit).count();
        let end = start.value + digits;
        if digits == 0 || end == message.len() {
            return (digits > 0 && may_end).then_some(None);
        }
        let next = self.starts.get(index + 1).filter(|next| next.at == end + 1 && next.name > start.name)?;
        (next.name <= self.required[1] || may_end).then_some(())?;
        self.from[index + 1].map(|_| Some(index + 1))
    }

    /// Takes the reading from a start for the best, wherever it is better.
    fn offer(&mut self, index: usize) {
        let (name, count) = (self.starts[index].name, self.count(index));
        let first = self.required.iter().rev().find(|required| **required < name).map_or(0, |required| required + 1);
        for place in (first..=name).rev() {
            let better = self.best[place].is_none_or(|best| {
                count > self.count(best) || (count == self.count(best) && name < self.starts[best].name)
            });
            if !better {
                return;
            }
            self.best[place] = Some(index);
        }
    }
}

fn starts(message: &str, vocabulary: &Vocabulary) -> Vec<Start> {
    let places = std::iter::once(0).chain(message.match_indices('?').map(|(at, _)| at + 1));
    let start = |at: usize| {
        let text = &message[at..];
        let length = text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let name = text[length..].starts_with('=').then(|| vocabulary.place(&text[..length]))??;
        Some(Start { name, at, value: at + length + 1 })
    };
    places.filter_map(start).collect()
}

/// The parameter whose value can be read as something else, or `None` when the parameters are the canonical reading of
/// their message. `parameters` are all known names; `message` is theirs, written with `compact`.
pub fn ambiguous<'p>(
    parameters: &'p BTreeMap<String, Value>,
    message: &str,
    compact: bool,
    vocabulary: &Vocabulary,
) -> Option<&'p str> {
    let signed: Vec<_> = parameters.iter().filter(|(name, _)| *name != "signature").collect();
    // Without a question mark in a value there is only one way to split.
    if message.matches('?').count() + 1 == signed.len() {
        return None;
    }
    let reading = canonical(message, vocabulary).unwrap_or_default();
    for (index, (name, value)) in signed.iter().enumerate() {
        let mut text = String::new();
        value.write_signed(&mut text, compact);
        if reading.get(index) != Some(&(name.as_str(), text.as_str())) {
            return Some(name);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        let names = [
            "id",
            "exam_id",
            "email",
            "end_time",
            "name",
            "nonce",
            "role",
            "start_time",
            "timestamp",
            "tool_url",
            "type",
        ];
        Vocabulary::new(names.map(str::to_owned))
    }

    fn reading(message: &str) -> Option<Vec<(&str, &str)>> {
        canonical(message, &vocabulary())
    }

    #[test]
    fn the_reading_with_the_most_parameters_counts() {
        let message = "nonce=1?timestamp=2?tool_url=https://t.example/l?type=quiz";
        let split = vec![("nonce", "1"), ("timestamp", "2"), ("tool_url", "https://t.example/l"), ("type", "quiz")];
        assert_eq!(reading(message), Some(split));
        let whole = vec![("name", "Bob?role=admin"), ("nonce", "1"), ("timestamp", "2")];
        assert_eq!(reading("name=Bob?role=admin?nonce=1?timestamp=2"), Some(whole));
    }

    #[test]
    fn of_two_readings_with_equally_many_parameters_one_is_taken() {
        let earlier_names = vec![("email", "a?exam_id=5"), ("end_time", "t"), ("nonce", "1"), ("timestamp", "2")];
        assert_eq!(reading("email=a?exam_id=5?end_time=t?nonce=1?timestamp=2"), Some(earlier_names));
        let later_places = vec![("exam_id", "1?id=7"), ("id", "8"), ("nonce", "1"), ("timestamp", "2")];
        assert_eq!(reading("exam_id=1?id=7?id=8?nonce=1?timestamp=2"), Some(later_places));
    }

    #[test]
    fn a_nonce_in_a_value_does_not_hide_the_longer_reading() {
        let longest = vec![
            ("id", "1?nonce=5?timestamp=6?type=a"),
            ("nonce", "7"),
            ("role", "x"),
            ("timestamp", "8"),
            ("type", "b"),
        ];
        assert_eq!(reading("id=1?nonce=5?timestamp=6?type=a?nonce=7?role=x?timestamp=8?type=b"), Some(longest));
    }

    #[test]
    fn a_message_without_numeric_nonce_and_timestamp_has_no_reading() {
        for message in
            ["", "nonce=1", "timestamp=2", "nonce=x?timestamp=2", "nonce=1?timestamp=", "timestamp=1?nonce=2"]
        {
            assert_eq!(reading(message), None, "{message}");
        }
    }
}
