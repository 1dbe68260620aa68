//! Custom parameters: what an author lets a tool know beside the standard.

use std::collections::HashMap;

use super::fields::checked;
use crate::v1::oauth1::Param;
use crate::{Error, Result};

/// Custom parameters under the names they are sent by. Made when custom data is saved, it tells the author what a launch
/// would trip over; made again for a launch, it cannot fail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomParameters(Vec<Param>);

impl CustomParameters {
    /// Renames each parameter as LTI asks: in lower case, every character but `a-z 0-9` as `_`, `custom_` in front.
    ///
    /// Fails when two names become one, as the tool would see only one of the values ([`Error::CustomNamesCollide`]),
    /// when a name is empty ([`Error::CustomNameEmpty`]), and when a value holds a control character other than tab
    /// and line breaks ([`Error::ControlCharacter`]).
    pub fn new(pairs: impl IntoIterator<Item = Param>) -> Result<Self> {
        let mut origins = HashMap::new();
        pairs.into_iter().map(|(name, value)| renamed(name, &value, &mut origins)).collect::<Result<_>>().map(Self)
    }

    /// The parameters as they are sent, in the order they were given.
    pub fn as_slice(&self) -> &[Param] {
        &self.0
    }
}

fn renamed(name: String, value: &str, origins: &mut HashMap<String, String>) -> Result<Param> {
    let sent = sent_name(&name)?;
    let value = checked(&name, value)?;
    match origins.insert(sent.clone(), name.clone()) {
        Some(first) => Err(Error::CustomNamesCollide { first, second: name, sent }),
        None => Ok((sent, value)),
    }
}

fn sent_name(name: &str) -> Result<String> {
    if name.is_empty() {
        return Err(Error::CustomNameEmpty);
    }
    let kept = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    Ok(format!("custom_{}", name.chars().map(kept).collect::<String>()))
}
