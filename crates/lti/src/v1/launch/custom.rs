//! Custom parameters: what an author lets a tool know beside the standard.

use std::collections::HashMap;

use super::fields::{Fields, checked, readable};
use crate::v1::oauth1::Param;
use crate::{Error, Result};

/// Custom parameters under the names they are sent by. Made when custom data is saved, it tells the author what a launch
/// would trip over; made again for a launch, it cannot fail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomParameters {
    parameters: Vec<Parameter>,
    raw_names: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Parameter {
    /// As the author wrote it.
    name: String,
    /// As LTI sends it.
    sent: String,
    value: String,
}

impl CustomParameters {
    /// Renames each parameter as LTI asks: in lower case, every character but `a-z 0-9` as `_`, `custom_` in front.
    ///
    /// Fails when two names become one, as the tool would see only one of the values ([`Error::CustomNamesCollide`]),
    /// when a name is empty ([`Error::CustomNameEmpty`]), and when a name or a value holds a control character
    /// ([`Error::ControlCharacter`]); values may hold tabs and line breaks.
    pub fn new(pairs: impl IntoIterator<Item = (impl Into<String>, String)>) -> Result<Self> {
        let mut origins = HashMap::new();
        let parameters = pairs.into_iter().map(|(name, value)| renamed(name.into(), value, &mut origins));
        Ok(Self { parameters: parameters.collect::<Result<_>>()?, raw_names: false })
    }

    /// These parameters, and those of `general` whose names they do not have: the nearer an author stands to the
    /// student, the more it counts.
    #[must_use]
    pub fn over(mut self, general: Self) -> Self {
        let own = self.parameters.len();
        for parameter in general.parameters {
            if !self.parameters[..own].iter().any(|nearer| nearer.sent == parameter.sent) {
                self.parameters.push(parameter);
            }
        }
        self
    }

    /// Sends each parameter also as `custom_` and the name that the author wrote, where that differs: for tools that
    /// tell `Chapter` from `chapter`.
    #[must_use]
    pub fn with_raw_names(self, raw_names: bool) -> Self {
        Self { raw_names, ..self }
    }

    /// Puts values in the places of variables: see [`variables`](crate::v1::variables).
    pub fn expand(&mut self, known: impl Fn(&str) -> Option<String>) {
        let known = |name: &str| known(name).filter(|value| !value.is_empty());
        for parameter in &mut self.parameters {
            if let Some(value) = crate::v1::variables::expanded(&parameter.value, known) {
                parameter.value = readable(value);
            }
        }
    }

    /// Name on the wire and value of each parameter, in the order they were given.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.iter().map(|parameter| (parameter.sent.as_str(), parameter.value.as_str()))
    }

    /// Name and value of each parameter as the author wrote them: LTI 1.3 sends them so.
    pub fn written(self) -> Vec<Param> {
        self.parameters.into_iter().map(|parameter| (parameter.name.into(), parameter.value)).collect()
    }

    pub(in crate::v1) fn write(self, fields: &mut Fields) {
        for Parameter { name, sent, value } in self.parameters {
            let raw = self.raw_names && sent.strip_prefix(PREFIX) != Some(&name);
            let raw = raw.then(|| (format!("{PREFIX}{name}"), value.clone()));
            fields.put(sent, value);
            if let Some((name, value)) = raw {
                fields.put(name, value);
            }
        }
    }
}

const PREFIX: &str = "custom_";

fn renamed(name: String, value: String, origins: &mut HashMap<String, String>) -> Result<Parameter> {
    let sent = sent_name(&name)?;
    let value = checked(&name, value)?;
    if let Some(character) = name.chars().find(|c| c.is_control()) {
        return Err(Error::ControlCharacter { name: sent, character });
    }
    match origins.insert(sent.clone(), name.clone()) {
        Some(first) => Err(Error::CustomNamesCollide { first, second: name, sent }),
        None => Ok(Parameter { name, sent, value }),
    }
}

fn sent_name(name: &str) -> Result<String> {
    if name.is_empty() {
        return Err(Error::CustomNameEmpty);
    }
    let kept = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    Ok(format!("{PREFIX}{}", name.chars().map(kept).collect::<String>()))
}
