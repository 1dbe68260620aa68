//! What a tool keeps at the platform: LTI 1.2 and 2.0, Tool Settings. Three levels, each with its own URL and its own
//! values; a reader may ask for the outer levels too (`?bubble=`).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::media_type::essence;
use crate::{Error, Result};

/// The values of one level by their names.
pub type Values = BTreeMap<String, String>;

/// The media type in which the levels are told apart.
pub const FULL: &str = "application/vnd.ims.lti.v2.toolsettings+json";

/// The media type of bare values.
pub const SIMPLE: &str = "application/vnd.ims.lti.v2.toolsettings.simple+json";

const CONTEXT: &str = "http://purl.imsglobal.org/ctx/lti/v2/ToolSettings";

/// How the values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// [`FULL`].
    Full,
    /// [`SIMPLE`].
    Simple,
}

impl Format {
    /// The name of the media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Full => FULL,
            Self::Simple => SIMPLE,
        }
    }

    /// The format that a `Content-Type` names; plain JSON is the simple one.
    pub fn of_content_type(header: &str) -> Option<Self> {
        match essence(header).as_str() {
            FULL => Some(Self::Full),
            SIMPLE | "application/json" => Some(Self::Simple),
            _ => None,
        }
    }

    /// The format that an `Accept` asks for: the full one where it is named, else the simple one. `None` where neither
    /// is acceptable.
    pub fn of_accept(header: &str) -> Option<Self> {
        let mut simple = header.trim().is_empty();
        for range in header.split(',').map(essence) {
            match range.as_str() {
                FULL => return Some(Self::Full),
                SIMPLE | "application/json" | "application/*" | "*/*" => simple = true,
                _ => {}
            }
        }
        simple.then_some(Self::Simple)
    }
}

/// Which outer levels are read along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bubble {
    /// `all`: every level as it is; only in the full format.
    All,
    /// `distinct`: each name at its innermost level alone.
    Distinct,
}

impl Bubble {
    /// The value of the query parameter.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "all" => Some(Self::All),
            "distinct" => Some(Self::Distinct),
            _ => None,
        }
    }
}

/// What values belong to, from the outside in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The tool at this platform.
    System,
    /// The tool in one context.
    Context,
    /// One link.
    Link,
}

impl Level {
    const fn json_type(self) -> &'static str {
        match self {
            Self::System => "ToolProxy",
            Self::Context => "ToolProxyBinding",
            Self::Link => "LtiLink",
        }
    }
}

/// One level of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Which.
    pub level: Level,
    /// Its own URL.
    pub url: String,
    /// Its values.
    pub values: Values,
}

/// Writes levels, the innermost first. `bubble` is what was asked for; without it there is one level.
///
/// Fails with [`Error::ToolSettings`] when `all` is asked for in the simple format, which cannot tell levels apart.
pub fn write(mut levels: Vec<Settings>, bubble: Option<Bubble>, format: Format) -> Result<String> {
    match (bubble, format) {
        (None, _) => levels.truncate(1),
        (Some(Bubble::All), Format::Full) => {}
        (Some(Bubble::All), Format::Simple) => return Err(broken(format!("bubble=all needs Accept: {FULL}"))),
        (Some(Bubble::Distinct), _) => keep_innermost(&mut levels),
    }
    Ok(match format {
        Format::Full => {
            let level = |s: &Settings| json!({ "@type": s.level.json_type(), "@id": s.url, "custom": s.values });
            json!({ "@context": CONTEXT, "@graph": levels.iter().map(level).collect::<Vec<_>>() }).to_string()
        }
        Format::Simple => json!(levels.into_iter().flat_map(|level| level.values).collect::<Values>()).to_string(),
    })
}

fn keep_innermost(levels: &mut [Settings]) {
    let mut seen: Vec<String> = Vec::new();
    for level in levels {
        level.values.retain(|name, _| !seen.contains(name));
        seen.extend(level.values.keys().cloned());
    }
}

/// Reads the new values of one level. They replace all that it has.
///
/// Fails with [`Error::ToolSettings`].
pub fn read(body: &[u8], format: Format, level: Level) -> Result<Values> {
    let document: Value = serde_json::from_slice(body).map_err(|error| broken(format!("is not JSON: {error}")))?;
    let document = document.as_object().ok_or_else(|| broken("must be a JSON object"))?;
    match format {
        Format::Simple if document.contains_key("@graph") => Err(broken(format!("with a @graph is of type {FULL}"))),
        Format::Simple => values(document),
        Format::Full => values(custom_of(document, level)?),
    }
}

fn custom_of(document: &Map<String, Value>, level: Level) -> Result<&Map<String, Value>> {
    let graph = document.get("@graph").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let [only] = graph else { return Err(broken("must hold one level in its @graph")) };
    if only.get("@type").and_then(Value::as_str) != Some(level.json_type()) {
        return Err(broken(format!("must be of the level of this URL, {}", level.json_type())));
    }
    only.get("custom").and_then(Value::as_object).ok_or_else(|| broken("must hold its values in custom"))
}

fn values(members: &Map<String, Value>) -> Result<Values> {
    let value = |(name, value): (&String, &Value)| match value {
        Value::String(text) => Ok((name.clone(), text.clone())),
        Value::Number(number) => Ok((name.clone(), number.to_string())),
        Value::Bool(flag) => Ok((name.clone(), flag.to_string())),
        _ => Err(broken(format!("must hold a text, a number or a boolean in {name}"))),
    };
    members.iter().map(value).collect()
}

fn broken(why: impl Into<String>) -> Error {
    Error::ToolSettings(why.into())
}
