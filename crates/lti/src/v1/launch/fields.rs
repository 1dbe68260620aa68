//! The fields of a form as a browser will send them.

use std::borrow::Cow;

use crate::v1::oauth1::Param;
use crate::{Error, Result};

/// Collects the fields of a message. What is absent or empty is not sent.
#[derive(Debug, Default)]
pub(in crate::v1) struct Fields(pub(in crate::v1) Vec<Param>);

impl Fields {
    /// A value of ours.
    pub(in crate::v1) fn put(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// A value that other systems find things by: it is sent as it is or not at all.
    pub(in crate::v1) fn id(&mut self, name: &'static str, value: Option<String>) -> Result<()> {
        if let Some(value) = present(value) {
            self.put(name, checked(name, value)?);
        }
        Ok(())
    }

    /// A value that people read. Control characters are left out: they are invisible, and nobody who is about to sit an
    /// exam could remove one from its title.
    pub(in crate::v1) fn text(&mut self, name: &'static str, value: Option<String>) {
        if let Some(value) = present(value) {
            self.put(name, readable(value));
        }
    }
}

/// The value without control characters, and with line breaks as browsers send them.
pub(in crate::v1) fn readable(value: String) -> String {
    if is_plain(&value) {
        return value;
    }
    with_crlf(if value.contains(is_refused) { value.replace(is_refused, "") } else { value })
}

fn present(value: Option<String>) -> Option<String> {
    value.filter(|value| !value.is_empty())
}

/// The value with line breaks as browsers send them, or an error that names the control character in it.
pub(super) fn checked(name: &str, value: String) -> Result<String> {
    if is_plain(&value) {
        return Ok(value);
    }
    match value.chars().find(|c| is_refused(*c)) {
        Some(character) => Err(Error::ControlCharacter { name: name.to_owned(), character }),
        None => Ok(with_crlf(value)),
    }
}

/// Most values are printable ASCII, of which nothing is refused and nothing changed.
fn is_plain(value: &str) -> bool {
    value.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// NUL becomes another character in an HTML page; the others would be sent, but what tools make of them differs.
fn is_refused(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r')
}

/// Browsers send every line break of a form as CR LF; a signature over anything else does not match (HTML, "normalize
/// newlines" of form submission).
fn with_crlf(text: String) -> String {
    if text.contains(['\r', '\n']) {
        text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
    } else {
        text
    }
}
