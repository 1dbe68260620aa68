//! The signed message of a request (request signing, sections 1 and 3): how it is written, and why it has one reading.
//!
//! The message joins `name=value` with `?` and escapes nothing, so a value that holds `?name=` could be read as two
//! parameters. [`canonical`] gives the one reading that counts: the one with the most parameters. A request whose
//! parameters are not that reading is refused, so two accepted requests never share a message.

use std::collections::BTreeMap;

use hmac::digest::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::api::params::Value;

/// A secret key, ready to verify with.
pub type PreparedKey = Hmac<Sha256>;

/// Prepares a secret key. Any length is fine for HMAC.
pub fn prepare(secret: &str) -> PreparedKey {
    // HMAC takes keys of every length, so the error cannot happen; an empty key is refused by every signature.
    PreparedKey::new_from_slice(secret.as_bytes()).unwrap_or_else(|_| PreparedKey::new(&Key::<PreparedKey>::default()))
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

/// Signs a message: 64 lower-case hex digits.
pub fn sign(key: &PreparedKey, message: &str) -> String {
    hex::encode(key.clone().chain_update(message).finalize().into_bytes())
}

/// Whether `signature` (64 hex digits of either case) is the message's, in constant time.
pub fn verify(key: &PreparedKey, message: &str, signature: &str) -> bool {
    let mut given = [0; 32];
    let readable = hex::decode_to_slice(signature, &mut given).is_ok();
    let right = key.clone().chain_update(message).finalize().into_bytes();
    readable & bool::from(right.as_slice().ct_eq(&given))
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

/// A `name=` in the message that could begin a parameter.
struct Start {
    /// Where the name stands in the vocabulary.
    name: usize,
    /// Where the `?` before it stands; 0 for the first.
    from: usize,
    /// Where the value begins.
    value: usize,
}

/// The best reading from one start to the end.
#[derive(Clone, Copy)]
struct Best {
    count: usize,
    start: usize,
}

/// The reading of `message` with the most parameters: names ascending and known, `nonce` and `timestamp` there and
/// numeric. Of readings with equally many, the one with the earlier names. `None` when there is no reading.
pub fn canonical<'m>(message: &'m str, vocabulary: &Vocabulary) -> Option<Vec<(&'m str, &'m str)>> {
    let numeric = [vocabulary.place("nonce")?, vocabulary.place("timestamp")?];
    let starts = starts(message, vocabulary);
    let mut next: Vec<Option<usize>> = vec![None; starts.len()];
    // For each name, the best reading that begins with it at or after the start at hand.
    let mut best: Vec<Option<Best>> = vec![None; vocabulary.0.len()];
    for (index, start) in starts.iter().enumerate().rev() {
        let Some(follower) = follower(message, start, &starts, &best, numeric) else { continue };
        next[index] = follower.map(|best| best.start);
        best[start.name] = Some(Best { count: follower.map_or(0, |best| best.count) + 1, start: index });
    }
    let first =
        starts.first().filter(|start| start.from == 0 && best[start.name].is_some_and(|best| best.start == 0))?;
    if first.name > numeric[0] {
        return None;
    }
    let mut reading = Vec::new();
    let mut at = Some(0);
    while let Some(index) = at {
        let end = next[index].map_or(message.len(), |next| starts[next].from);
        reading.push((vocabulary.0[starts[index].name].as_str(), &message[starts[index].value..end]));
        at = next[index];
    }
    Some(reading.into_iter().map(|(name, value)| (position(message, name, value), value)).collect())
}

/// The name as it stands in the message, right before its value.
fn position<'m>(message: &'m str, name: &str, value: &'m str) -> &'m str {
    let value_at = value.as_ptr() as usize - message.as_ptr() as usize;
    &message[value_at - 1 - name.len()..value_at - 1]
}

/// What may follow a start: `None` when its reading is impossible, `Some(None)` when it may be the last.
#[allow(clippy::option_option)]
fn follower(
    message: &str,
    start: &Start,
    starts: &[Start],
    best: &[Option<Best>],
    numeric: [usize; 2],
) -> Option<Option<Best>> {
    let limit = numeric.iter().copied().find(|required| start.name < *required);
    let names = start.name + 1..limit.map_or(best.len(), |limit| limit + 1);
    if !numeric.contains(&start.name) {
        let chosen = names
            .filter_map(|name| best[name])
            .max_by(|a, b| a.count.cmp(&b.count).then(starts[b.start].name.cmp(&starts[a.start].name)));
        return if limit.is_some() { chosen.map(Some) } else { Some(chosen) };
    }
    let digits = message[start.value..].bytes().take_while(u8::is_ascii_digit).count();
    let end = start.value + digits;
    if digits == 0 {
        return None;
    }
    if end == message.len() {
        return limit.is_none().then_some(None);
    }
    let exact = names.filter_map(|name| best[name]).find(|best| starts[best.start].from == end)?;
    Some(Some(exact))
}

fn starts(message: &str, vocabulary: &Vocabulary) -> Vec<Start> {
    let marks = std::iter::once((0, 0)).chain(message.match_indices('?').map(|(at, _)| (at, at + 1)));
    let start = |(from, name_at): (usize, usize)| {
        let text = &message[name_at..];
        let length = text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let name = vocabulary.place(&text[..length])?;
        (text.as_bytes().get(length) == Some(&b'=')).then_some(Start { name, from, value: name_at + length + 1 })
    };
    marks.filter_map(start).collect()
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
        let message = "email=a?exam_id=5?end_time=t?nonce=1?timestamp=2";
        let names: Vec<&str> = reading(message).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["email", "end_time", "nonce", "timestamp"]);
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
