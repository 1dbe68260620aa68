//! Reads items, and says of what is wrong where it stands.

use std::fmt;

use serde_json::{Map, Value};

use super::{ContentItem, Image, ItemType, LineItem, Placement};
use crate::Result;
use crate::v1::launch::DocumentTarget;
use crate::v1::oauth1::Param;

/// A place in the document.
pub(super) struct At(String);

impl At {
    pub(super) fn root(name: &str) -> Self {
        Self(name.to_owned())
    }

    fn member(&self, name: &str) -> Self {
        Self(format!("{}.{name}", self.0))
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(super) fn item(value: &Value, at: &At) -> Result<ContentItem> {
    let item = Object::read(value, at)?;
    let kind = item.text("@type")?.ok_or_else(|| at.member("@type").broken("is missing"))?;
    if ItemType::parse(&kind) == ItemType::Other("ContentItemPlacement".into()) {
        return draft_item(&item);
    }
    let advice = item.object("placementAdvice")?;
    described(&item, &kind, advice.as_ref().map(placement).transpose()?.unwrap_or_default())
}

/// The draft puts the item into its placement; later the placement became a part of the item.
fn draft_item(item: &Object<'_>) -> Result<ContentItem> {
    let at = item.at.member("placementOf");
    let content = item.object("placementOf")?.ok_or_else(|| at.broken("is missing"))?;
    let kind = content.text("@type")?.ok_or_else(|| at.member("@type").broken("is missing"))?;
    described(&content, &kind, placement(item)?)
}

fn described(item: &Object<'_>, kind: &str, placement: Placement) -> Result<ContentItem> {
    Ok(ContentItem {
        kind: ItemType::parse(kind),
        id: item.text("@id")?,
        url: item.text("url")?,
        title: item.text("title")?,
        text: item.text("text")?,
        media_type: item.text("mediaType")?,
        icon: item.image("icon")?,
        thumbnail: item.image("thumbnail")?,
        placement,
        custom: item.object("custom")?.map(|custom| custom.pairs()).transpose()?.unwrap_or_default(),
        line_item: item.object("lineItem")?.as_ref().map(line_item).transpose()?,
        copy_advice: item.flag("copyAdvice")?,
        expires_at: item.text("expiresAt")?,
    })
}

fn placement(advice: &Object<'_>) -> Result<Placement> {
    Ok(Placement {
        target: advice.text("presentationDocumentTarget")?.as_deref().and_then(DocumentTarget::parse),
        width: advice.pixels("displayWidth")?,
        height: advice.pixels("displayHeight")?,
        window: advice.text("windowTarget")?,
    })
}

fn line_item(line: &Object<'_>) -> Result<LineItem> {
    let activity = line.object("assignedActivity")?;
    let limits = line.object("scoreConstraints")?;
    let points = |name| limits.as_ref().map_or(Ok(None), |limits| limits.points(name));
    Ok(LineItem {
        label: line.text("label")?,
        tag: line.text("tag")?,
        reporting_method: line.text("reportingMethod")?,
        activity_id: activity.map_or(Ok(None), |activity| activity.text("activityId"))?,
        normal_maximum: points("normalMaximum")?,
        extra_credit_maximum: points("extraCreditMaximum")?,
        total_maximum: points("totalMaximum")?,
    })
}

/// An object of the document. A member that is `null` or empty is as good as none.
struct Object<'v> {
    members: &'v Map<String, Value>,
    at: At,
}

impl<'v> Object<'v> {
    fn read(value: &'v Value, at: &At) -> Result<Self> {
        let members = value.as_object().ok_or_else(|| at.broken("must be an object"))?;
        Ok(Self { members, at: At(at.0.clone()) })
    }

    fn get(&self, name: &str) -> Option<&'v Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn object(&self, name: &str) -> Result<Option<Object<'v>>> {
        self.get(name).map(|value| Object::read(value, &self.at.member(name))).transpose()
    }

    fn text(&self, name: &str) -> Result<Option<String>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let text = scalar(value).ok_or_else(|| self.at.member(name).broken("must be a text"))?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    fn flag(&self, name: &str) -> Result<Option<bool>> {
        match self.text(name)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(self.at.member(name).broken("must be true or false")),
        }
    }

    fn pixels(&self, name: &str) -> Result<Option<u32>> {
        let number = |text: String| text.parse().map_err(|_| self.at.member(name).broken("must be a number of pixels"));
        self.text(name)?.map(number).transpose()
    }

    fn points(&self, name: &str) -> Result<Option<f64>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let number: Option<f64> = text.parse().ok().filter(|points: &f64| points.is_finite() && *points >= 0.0);
        number.map(Some).ok_or_else(|| self.at.member(name).broken("must be a number of points, 0 or more"))
    }

    /// Written as an object, or as the URL alone.
    fn image(&self, name: &str) -> Result<Option<Image>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(url)) => Ok(Some(Image { url: url.clone(), ..Image::default() })),
            Some(value) => {
                let image = Object::read(value, &self.at.member(name))?;
                let (width, height) = (image.pixels("width")?, image.pixels("height")?);
                Ok(image.text("@id")?.map(|url| Image { url, width, height }))
            }
        }
    }

    fn pairs(&self) -> Result<Vec<Param>> {
        let pair = |(name, value): (&String, &Value)| match scalar(value) {
            Some(text) => Ok((name.clone().into(), text)),
            None => Err(self.at.member(name).broken("must be a text, a number or a boolean")),
        };
        self.members.iter().map(pair).collect()
    }
}

/// Texts, and what tools write without quotes.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null => Some(String::new()),
        Value::Array(_) | Value::Object(_) => None,
    }
}
