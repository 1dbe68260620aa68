//! Where the base string of another side leaves ours, and why it probably does (RFC 5849 section 3.4.1).
//!
//! "Invalid signature" is all that two sides see of a fault that is one character long. What is compared here is what
//! they signed; the causes are those that platforms and tools have reported for years.

mod cause;
mod parameters;
mod signature;
mod uri;

pub use cause::Cause;
pub use signature::{SignatureCause, explain};

use super::base_string::normalized;
use super::{Param, Request, Target, decode_pairs};
use crate::Result;

/// The first place where two base strings differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its likely cause.
    pub cause: Cause,
    /// The parameter that it is about, decoded, where it is about one.
    pub parameter: Option<String>,
    /// What stands in our base string, decoded once; empty where there is nothing.
    pub ours: String,
    /// What stands in the other, decoded once; empty where there is nothing.
    pub theirs: String,
}

impl Difference {
    fn new(cause: Cause, ours: impl Into<String>, theirs: impl Into<String>) -> Self {
        Self { cause, parameter: None, ours: ours.into(), theirs: theirs.into() }
    }
}

/// A pair of the third part of a base string, still percent-encoded.
type Encoded = (String, String);

/// What our base string is made of.
struct Ours {
    method: String,
    base_uri: String,
    params: Vec<Encoded>,
    query: Vec<Encoded>,
}

impl Request<'_> {
    /// Compares this request's base string with that of the other side; `None` where they are the same. White space
    /// around the text, as copying leaves it, does not count.
    ///
    /// Fails as [`Request::base_string`] does.
    pub fn compare(&self, theirs: &str) -> Result<Option<Difference>> {
        let theirs = theirs.trim();
        if theirs == self.base_string()? {
            return Ok(None);
        }
        let target = Target::parse(self.url)?;
        let query = decode_pairs(target.query.as_bytes())?;
        let ours = Ours {
            method: self.method.to_ascii_uppercase(),
            params: encoded(&query, self.params),
            query: encoded(&query, &[]),
            base_uri: target.base_uri,
        };
        Ok(Some(ours.difference(theirs)))
    }
}

fn encoded(query: &[Param], params: &[Param]) -> Vec<Encoded> {
    normalized(query, params).into_iter().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

impl Ours {
    fn difference(&self, theirs: &str) -> Difference {
        let [method, uri, params] = match theirs.split('&').collect::<Vec<_>>().as_slice() {
            [method, uri, params] => [*method, *uri, *params],
            [method, uri, ..] if uri.contains("://") || theirs.contains('=') => {
                return Difference::new(Cause::NotEncoded, self.method.as_str(), format!("{method}&{uri}&…"));
            }
            _ => return Difference::new(Cause::NoBaseString, "", shortened(theirs)),
        };
        if method != self.method {
            let case = method.eq_ignore_ascii_case(&self.method);
            return Difference::new(if case { Cause::MethodCase } else { Cause::Method }, self.method.as_str(), method);
        }
        uri::compare(&self.base_uri, uri)
            .or_else(|| parameters::compare(&self.params, &self.query, params))
            .unwrap_or_else(|| Difference::new(Cause::Unknown, "", shortened(theirs)))
    }
}

/// The beginning of a text, for people.
fn shortened(text: &str) -> String {
    text.chars().take(200).collect()
}

/// A text with its percent-escapes undone once; bytes that are no UTF-8 become U+FFFD.
fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Whether a text is `ours`, percent-encoded once more.
fn is_encoded_again(ours: &str, theirs: &str) -> bool {
    theirs != ours && ours.contains('%') && decoded(theirs) == ours
}
