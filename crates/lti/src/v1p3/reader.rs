//! Reads JSON that came from outside, strictly: each member has its type, its cap and its place in the message, which
//! errors name. Members that nobody asks for are passed over.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::jwt::Claims;
use super::service_error::{Result, ServiceError};
use super::timestamp::Timestamp;
use crate::{Error, web_url};

/// The most bytes of an identifier (core section 5.3.6, `sub`; the same for the others).
pub(super) const ID: usize = 255;
/// The most bytes of a label, a title, a tag.
pub(super) const LINE: usize = 1024;
/// The most bytes of a URL.
pub(super) const URL: usize = 4096;
/// The most bytes of a comment, a description, a piece of HTML.
pub(super) const TEXT: usize = 65_536;
/// The most bytes of a body.
const BODY: usize = 1_048_576;
/// The most custom parameters of one object.
const CUSTOM: usize = 100;

/// Custom parameters: texts by their names, in no order.
pub type Custom = BTreeMap<String, String>;

/// Reads a body. Fails with [`ServiceError::TooLong`] and [`ServiceError::NotJson`]; NaN and numbers beyond a `f64`
/// are no JSON.
pub(super) fn parse(body: &[u8]) -> Result<Value> {
    if body.len() > BODY {
        return Err(ServiceError::TooLong { at: "the body".into(), most: BODY });
    }
    serde_json::from_slice(body).map_err(|error| ServiceError::NotJson(error.to_string()))
}

/// An object of the message. A member that is `null` is as good as none.
pub(super) struct Object<'v> {
    members: &'v Map<String, Value>,
    at: String,
}

impl<'v> Object<'v> {
    /// The claims of a message.
    pub(super) fn of(claims: &'v Claims) -> Self {
        Self { members: claims.members(), at: String::new() }
    }

    /// The object that a value is.
    pub(super) fn read(value: &'v Value, at: String) -> Result<Self> {
        match value.as_object() {
            Some(members) => Ok(Self { members, at }),
            None => Err(wrong_type(if at.is_empty() { "the body".into() } else { at }, "an object")),
        }
    }

    /// Where a member stands, for an error about it.
    pub(super) fn at(&self, name: &str) -> String {
        if self.at.is_empty() { name.to_owned() } else { format!("{}.{name}", self.at) }
    }

    pub(super) fn members(&self) -> &'v Map<String, Value> {
        self.members
    }

    /// Observed: some tools write a space behind the name of a claim.
    pub(super) fn get(&self, name: &str) -> Option<&'v Value> {
        let trimmed = || self.members.iter().find(|(given, _)| given.trim() == name).map(|(_, value)| value);
        self.members.get(name).or_else(trimmed).filter(|value| !value.is_null())
    }

    pub(super) fn required<T>(&self, name: &str, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| ServiceError::Missing(self.at(name)))
    }

    pub(super) fn object(&self, name: &str) -> Result<Option<Object<'v>>> {
        self.get(name).map(|value| Object::read(value, self.at(name))).transpose()
    }

    /// A text of at most so many bytes; an empty one, or one of spaces alone, is as good as none.
    pub(super) fn text(&self, name: &str, most: usize) -> Result<Option<String>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let text = text_of(value, most, || self.at(name))?;
        Ok(Some(text.to_owned()).filter(|text| !text.trim().is_empty()))
    }

    pub(super) fn required_text(&self, name: &str, most: usize) -> Result<String> {
        self.text(name, most).and_then(|text| self.required(name, text))
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<f64>> {
        let number = |value: &Value| value.as_f64().filter(|number| number.is_finite());
        let wrong = || wrong_type(self.at(name), "a number, not a text");
        self.get(name).map(|value| number(value).ok_or_else(wrong)).transpose()
    }

    /// A whole number from 0 on; `3.0` is one too.
    pub(super) fn whole(&self, name: &str, most: u32) -> Result<Option<u32>> {
        let Some(number) = self.number(name)? else { return Ok(None) };
        if number.fract() != 0.0 || number < 0.0 || number > f64::from(most) {
            return Err(ServiceError::OutOfRange {
                at: self.at(name),
                range: format!("a whole number from 0 to {most}"),
            });
        }
        // The range was checked, and the fraction is none.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Ok(Some(number as u32))
    }

    /// `true` and `false`, which some tools write as texts.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::String(text)) if text == "true" => Ok(Some(true)),
            Some(Value::String(text)) if text == "false" => Ok(Some(false)),
            Some(_) => Err(wrong_type(self.at(name), "true or false")),
        }
    }

    pub(super) fn date(&self, name: &str) -> Result<Option<Timestamp>> {
        let Some(text) = self.text(name, ID)? else { return Ok(None) };
        let wrong = || ServiceError::Timestamp { at: self.at(name), said: text.clone() };
        Timestamp::parse(&text).map(Some).ok_or_else(wrong)
    }

    /// When something happened: no later than so many seconds after `now`.
    pub(super) fn required_past(&self, name: &str, now: Timestamp, skew: i64) -> Result<Timestamp> {
        let date = self.date(name).and_then(|date| self.required(name, date))?;
        let in_the_future = || ServiceError::InTheFuture { at: self.at(name), seconds: skew };
        if date > now.plus_seconds(skew) { Err(in_the_future()) } else { Ok(date) }
    }

    /// A list with its members' places; an absent one is empty.
    pub(super) fn list(&self, name: &str, most: usize) -> Result<Vec<(String, &'v Value)>> {
        self.get(name).map_or_else(|| Ok(Vec::new()), |value| list_of(value, &self.at(name), most))
    }

    pub(super) fn objects(&self, name: &str, most: usize) -> Result<Vec<Object<'v>>> {
        self.list(name, most)?.into_iter().map(|(at, value)| Object::read(value, at)).collect()
    }

    /// A list of texts without the empty ones.
    pub(super) fn texts(&self, name: &str, most: usize, longest: usize) -> Result<Vec<String>> {
        let text = |(at, value): (String, &Value)| Ok(text_of(value, longest, || at)?.to_owned());
        let texts: Vec<String> = self.list(name, most)?.into_iter().map(text).collect::<Result<_>>()?;
        Ok(texts.into_iter().filter(|text| !text.trim().is_empty()).collect())
    }

    /// Core section 5.4.6, custom: values are texts, and an empty text is one.
    pub(super) fn custom(&self, name: &str) -> Result<Custom> {
        let Some(custom) = self.object(name)? else { return Ok(Custom::new()) };
        if custom.members.len() > CUSTOM {
            return Err(ServiceError::TooMany { at: custom.at, most: CUSTOM });
        }
        let pair = |(name, value): (&String, &Value)| {
            let at = || custom.at(name);
            if name.len() > ID {
                return Err(ServiceError::TooLong { at: at(), most: ID });
            }
            Ok((name.trim().to_owned(), text_of(value, URL, at)?.to_owned()))
        };
        custom.members.iter().map(pair).collect()
    }

    /// Where a service or a launch is: https, or http to this machine (Security Framework, transport), or any http when
    /// `allow_http`.
    pub(super) fn secure_url(&self, name: &str, allow_http: bool) -> Result<Option<String>> {
        let Some(text) = self.text(name, URL)? else { return Ok(None) };
        secure_url(&text, allow_http, || self.at(name)).map(Some)
    }

    pub(super) fn required_secure_url(&self, name: &str, allow_http: bool) -> Result<String> {
        self.secure_url(name, allow_http).and_then(|url| self.required(name, url))
    }

    /// What a browser shows or fetches: http or https, never `javascript:` or `data:`.
    pub(super) fn web_url(&self, name: &str) -> Result<Option<String>> {
        let Some(text) = self.text(name, URL)? else { return Ok(None) };
        match web_url::open(&text) {
            Ok(url) => Ok(Some(url.into())),
            Err(reason) => Err(ServiceError::Url { at: self.at(name), reason }),
        }
    }

    pub(super) fn required_web_url(&self, name: &str) -> Result<String> {
        self.web_url(name).and_then(|url| self.required(name, url))
    }

    /// A value of a closed vocabulary.
    pub(super) fn one_of<T: Copy>(&self, name: &str, known: &[(&'static str, T)]) -> Result<Option<T>> {
        self.text(name, ID)?.map(|said| one_of(&said, known, || self.at(name))).transpose()
    }
}

pub(super) fn one_of<T: Copy>(said: &str, known: &[(&'static str, T)], at: impl FnOnce() -> String) -> Result<T> {
    let found = known.iter().find(|(name, _)| *name == said).map(|(_, value)| *value);
    let names = || known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| ServiceError::UnknownValue { at: at(), said: said.to_owned(), known: names() })
}

/// The list that a value is, each member with its place.
pub(super) fn list_of<'v>(value: &'v Value, at: &str, most: usize) -> Result<Vec<(String, &'v Value)>> {
    let list = value.as_array().ok_or_else(|| wrong_type(at.to_owned(), "a list"))?;
    if list.len() > most {
        return Err(ServiceError::TooMany { at: at.to_owned(), most });
    }
    Ok(list.iter().enumerate().map(|(index, value)| (format!("{at}[{index}]"), value)).collect())
}

/// The URL as it was written, because redirect URIs and targets of links are compared to the letter. The parser would
/// pass over white space, which then stayed in there.
pub(super) fn secure_url(text: &str, allow_http: bool, at: impl FnOnce() -> String) -> Result<String> {
    if text.chars().any(|character| character.is_whitespace() || character.is_control()) {
        let reason = Error::UrlSyntax("it holds white space or a control character".to_owned());
        return Err(ServiceError::Url { at: at(), reason });
    }
    match web_url::secure(text, allow_http) {
        Ok(_) => Ok(text.to_owned()),
        Err(reason) => Err(ServiceError::Url { at: at(), reason }),
    }
}

pub(super) fn wrong_type(at: String, expected: &'static str) -> ServiceError {
    ServiceError::WrongType { at, expected }
}

fn text_of(value: &Value, most: usize, at: impl FnOnce() -> String) -> Result<&str> {
    match value.as_str() {
        Some(text) if text.len() > most => Err(ServiceError::TooLong { at: at(), most }),
        Some(text) => Ok(text),
        None => Err(wrong_type(at(), "a text")),
    }
}
