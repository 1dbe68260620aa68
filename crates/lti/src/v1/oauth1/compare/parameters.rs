//! The third part: the parameters (RFC 5849 section 3.4.1.3).

use super::{Cause, Difference, Encoded, decoded, is_encoded_again, shortened};
use crate::v1::oauth1::percent_encode;

/// Compares our parameters with the other side's third part, percent-encoded. `query` are those of ours that the URL
/// holds. What concerns many parameters is told before what concerns one.
pub(super) fn compare(ours: &[Encoded], query: &[Encoded], theirs: &str) -> Option<Difference> {
    let text = decoded(theirs);
    if !text.contains('=') && decoded(&text).contains('=') {
        return Some(Difference::new(Cause::ParametersEncodedTwice, "", shortened(&text)));
    }
    let theirs = pairs(&text);
    whole(ours, query, &theirs).or_else(|| protocol(ours, &theirs)).or_else(|| first(ours, &theirs))
}

fn pairs(text: &str) -> Vec<Encoded> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name.to_owned(), value.to_owned())
    };
    text.split('&').map(pair).collect()
}

fn count(pairs: &[Encoded], wanted: &Encoded) -> usize {
    pairs.iter().filter(|pair| *pair == wanted).count()
}

/// The value of a parameter that is given once, decoded.
fn value(pairs: &[Encoded], name: &str) -> Option<String> {
    pairs.iter().find(|(given, _)| given == name).map(|(_, value)| decoded(value))
}

/// What became of all of them, or of the query.
fn whole(ours: &[Encoded], query: &[Encoded], theirs: &[Encoded]) -> Option<Difference> {
    let listed = |pairs: &[Encoded]| {
        let pair = |(name, value): &Encoded| format!("{}={}", decoded(name), decoded(value));
        pairs.iter().map(pair).collect::<Vec<_>>().join("&")
    };
    if ours.len() == theirs.len() && ours.iter().all(|pair| count(ours, pair) == count(theirs, pair)) {
        let (our, their) = ours.iter().zip(theirs).find(|(our, their)| our != their)?;
        let cause = Difference::new(Cause::Order, decoded(&our.0), decoded(&their.0));
        return Some(Difference { parameter: Some(decoded(&their.0)), ..cause });
    }
    if query.is_empty() {
        return None;
    }
    let times = |factor: usize| query.iter().all(|pair| count(theirs, pair) == factor * count(ours, pair));
    if times(0) && query.iter().all(|(name, _)| value(theirs, name).is_none()) {
        return Some(Difference::new(Cause::QueryMissing, listed(query), ""));
    }
    times(2).then(|| Difference::new(Cause::QueryTwice, listed(query), listed(&[query, query].concat())))
}

/// What became of the parameters of OAuth itself.
fn protocol(ours: &[Encoded], theirs: &[Encoded]) -> Option<Difference> {
    let told = |cause, name: &str| {
        let [our, their] = [ours, theirs].map(|pairs| value(pairs, name).unwrap_or_default());
        Some(Difference { parameter: Some(name.to_owned()), ..Difference::new(cause, our, their) })
    };
    let both = |name| Some((value(ours, name)?, value(theirs, name)?));
    if value(theirs, "oauth_signature").is_some() {
        return told(Cause::SignatureSigned, "oauth_signature");
    }
    for (name, cause) in [("oauth_nonce", Cause::OtherLaunch), ("oauth_timestamp", Cause::Timestamp)] {
        if both(name).is_some_and(|(our, their)| our != their) {
            return told(cause, name);
        }
    }
    match (value(ours, "oauth_callback"), value(theirs, "oauth_callback")) {
        (Some(_), None) => told(Cause::CallbackMissing, "oauth_callback"),
        (None, Some(_)) => told(Cause::CallbackExtra, "oauth_callback"),
        _ => None,
    }
}

/// The first parameter that is missing, added or changed, in the order of the base strings.
fn first(ours: &[Encoded], theirs: &[Encoded]) -> Option<Difference> {
    let missing = ours.iter().find(|pair| count(ours, pair) > count(theirs, pair));
    let extra = theirs.iter().find(|pair| count(theirs, pair) > count(ours, pair));
    let named = |name: &str, difference| Some(Difference { parameter: Some(decoded(name)), ..difference });
    match (missing, extra) {
        (None, None) => None,
        (Some((name, value)), None) => named(name, Difference::new(Cause::ParameterMissing, decoded(value), "")),
        (None, Some((name, value))) => named(name, Difference::new(Cause::ParameterExtra, "", decoded(value))),
        (Some(missing), Some(extra)) => changed(ours, theirs, missing, extra),
    }
}

fn changed(ours: &[Encoded], theirs: &[Encoded], missing: &Encoded, extra: &Encoded) -> Option<Difference> {
    let (name, our) = missing;
    let told = |cause, name: &str, our: &str, their: &str| {
        let difference = Difference::new(cause, decoded(our), decoded(their));
        Some(Difference { parameter: Some(decoded(name)), ..difference })
    };
    let same_name = theirs.iter().find(|pair| pair.0 == *name && count(theirs, pair) > count(ours, pair));
    if let Some((_, their)) = same_name {
        return told(value_cause(our, their), name, our, their);
    }
    // The name itself is written in another way.
    let renamed = theirs.iter().find(|(other, _)| decoded(other) == decoded(name) || is_encoded_again(name, other));
    match renamed {
        Some((other, their)) => told(value_cause(name, other), name, our, their),
        None if value(ours, &extra.0).is_none() && extra.0 < *name => {
            told(Cause::ParameterExtra, &extra.0, "", &extra.1)
        }
        None => told(Cause::ParameterMissing, name, our, ""),
    }
}

/// Why two encoded texts differ that should be the same.
fn value_cause(ours: &str, theirs: &str) -> Cause {
    let (our, their) = (decoded(ours), decoded(theirs));
    let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
    if theirs.is_empty() {
        Cause::ValueEmpty
    } else if is_encoded_again(ours, theirs) || their != our && decoded(&their) == our {
        Cause::EncodedTwice
    } else if our.contains(' ') && (their.replace('+', " ") == our || decoded(&theirs.replace('+', " ")) == our) {
        plus_or_raw(theirs)
    } else if our == their {
        same_text(&our, theirs)
    } else if lines(&our) == lines(&their) {
        Cause::LineBreaks
    } else if our.trim() == their.trim() {
        Cause::WhiteSpace
    } else if our.to_lowercase() == their.to_lowercase() {
        Cause::ValueCase
    } else if without_html(&their) == our {
        Cause::Html
    } else if latin_1(theirs) == our {
        Cause::Charset
    } else {
        Cause::Value
    }
}

/// A space that is neither `%20` nor a plus stands there as it is.
fn plus_or_raw(theirs: &str) -> Cause {
    if theirs.contains('+') || theirs.contains("%2B") { Cause::Plus } else { Cause::NotEncodedValue }
}

/// Why the writing of one text differs from the one that RFC 5849 section 3.6 asks for.
fn same_text(text: &str, theirs: &str) -> Cause {
    let right = percent_encode(text);
    if theirs.eq_ignore_ascii_case(&right) {
        Cause::HexCase
    } else if theirs.len() < right.len() {
        Cause::NotEncodedValue
    } else {
        Cause::EncodedTooMuch
    }
}

fn without_html(text: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#039;", "'"), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

/// A text whose escapes are bytes of Latin-1.
fn latin_1(theirs: &str) -> String {
    percent_encoding::percent_decode_str(theirs).map(char::from).collect()
}
