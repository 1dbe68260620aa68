//! The payload of a token.

use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::v1p3::{Error, Result};

/// The claims of a token by their names: of one that was verified, or of one to be signed.
///
/// Names are trimmed when they are read, because some tools write a space behind some of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// The value of a claim; `null` is as good as none.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// The value of a claim that is a text; an empty one is as good as none.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// The value of a claim that must be there, a text that is not empty. Fails with [`Error::Missing`].
    pub fn required_text(&self, name: &'static str) -> Result<&str> {
        self.text(name).ok_or(Error::Missing(name))
    }

    /// The members of a claim that is an object.
    pub fn object(&self, name: &str) -> Option<&Map<String, Value>> {
        self.value(name)?.as_object()
    }

    /// The value of a claim that is a time, in seconds since 1970; fractions are cut off.
    ///
    /// A text is no number, however it looks: software that takes one as "no limit" was deceived with it
    /// (CVE-2026-25537). Fails with [`Error::Form`].
    pub fn seconds(&self, name: &'static str) -> Result<Option<u64>> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let seconds = value.as_u64().or_else(|| whole_seconds(value.as_f64()?));
        seconds.map(Some).ok_or(Error::Form { claim: name, form: "a number of seconds since 1970" })
    }

    /// The claims as the object that they are.
    pub(in crate::v1p3) fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Every claim.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter()
    }

    /// Sets a claim.
    pub fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }
}

/// The year 9999 ends before.
const END_OF_TIME: f64 = 253_402_300_800.0;

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // The range is checked.
fn whole_seconds(seconds: f64) -> Option<u64> {
    (0.0..END_OF_TIME).contains(&seconds).then_some(seconds as u64)
}

/// Sets several claims, such as those of a service or of one type of message.
impl Extend<(&'static str, Value)> for Claims {
    fn extend<T: IntoIterator<Item = (&'static str, Value)>>(&mut self, claims: T) {
        self.0.extend(claims.into_iter().map(|(name, value)| (name.to_owned(), value)));
    }
}

impl From<Map<String, Value>> for Claims {
    fn from(claims: Map<String, Value>) -> Self {
        Self(claims)
    }
}

/// A name that comes twice is refused (RFC 7519, section 4): which of the two was checked, nobody would know.
impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Claims;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of claims")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Claims, A::Error> {
        let mut claims = Map::new();
        while let Some((name, value)) = entries.next_entry::<String, Value>()? {
            let name = name.trim();
            if claims.insert(name.to_owned(), value).is_some() {
                return Err(A::Error::custom(format!("{name} is given more than once")));
            }
        }
        Ok(Claims(claims))
    }
}
