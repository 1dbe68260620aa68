//! Percent-encoding and form-decoding, the strict way.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

use super::Param;
use crate::{Error, Result};

/// Everything but the unreserved characters of RFC 3986 section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes `text` as RFC 5849 section 3.6 asks: UTF-8, then `%XX` in upper case for all but `A-Z a-z 0-9 - . _ ~`.
pub fn percent_encode(text: &str) -> Cow<'_, str> {
    let reserved = text.bytes().filter(|byte| !UNRESERVED[usize::from(*byte)]).count();
    if reserved == 0 {
        return text.into();
    }
    // A launch encodes some hundred texts: each finds its room at once.
    let mut encoded = String::with_capacity(text.len() + 2 * reserved);
    encoded.extend(utf8_percent_encode(text, RESERVED));
    encoded.into()
}

/// Whether each byte is none of [`RESERVED`]: a table tells it faster than comparisons do.
const UNRESERVED: [bool; 256] = {
    let plain = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    let (mut table, mut at) = ([false; 256], 0);
    while at < plain.len() {
        table[plain[at] as usize] = true;
        at += 1;
    }
    table
};

/// The pairs of a query or a form body, in order. A name without `=` has the empty value; empty pairs are skipped.
///
/// Anything that two readers could decode differently is refused: a stray `%`, and bytes that are not UTF-8.
pub(in crate::v1) fn decode_pairs(form: &[u8]) -> Result<Vec<Param>> {
    form.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(decode_pair).collect()
}

fn decode_pair(pair: &[u8]) -> Result<Param> {
    let mut sides = pair.splitn(2, |byte| *byte == b'=');
    let mut next = || decode(sides.next().unwrap_or_default());
    Ok((next()?.into(), next()?))
}

fn decode(text: &[u8]) -> Result<String> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    decode_escapes(&spaced)
}

/// Undoes [`percent_encode`]; a `+` is one, as everywhere but in forms.
pub(super) fn decode_escapes(text: &[u8]) -> Result<String> {
    if !text.split(|byte| *byte == b'%').skip(1).all(begins_with_hex) {
        return Err(Error::PercentEscape(shown(text)));
    }
    String::from_utf8(percent_decode(text).collect()).map_err(|_| Error::NotUtf8(shown(text)))
}

fn begins_with_hex(text: &[u8]) -> bool {
    matches!(text, [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

/// The beginning of a broken text, for an error that people read.
fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).chars().take(60).collect()
}
