//! Results: what stands in the gradebook (AGS 2.0, result service).

use serde_json::{Value, json};

use super::line_item::maximum;
use crate::json::{object, text};
use crate::v1p3::reader::{ID, Object, TEXT, URL, list_of, parse};
use crate::v1p3::service_error::Result;

/// The most results of one container that is read.
const CONTAINER: usize = 10_000;

/// What one person has in one line item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineItemResult {
    /// `id`: its URL.
    pub id: String,
    /// `scoreOf`: the `id` of the line item.
    pub score_of: String,
    /// `userId`
    pub user_id: String,
    /// `resultScore`, in points; `None` while there is none.
    pub score: Option<f64>,
    /// `resultMaximum`, in points: above 0; 1 where it is not said.
    pub maximum: f64,
    /// `scoringUserId`
    pub scoring_user_id: Option<String>,
    /// `comment`
    pub comment: Option<String>,
}

impl LineItemResult {
    /// Writes one result, as a platform.
    pub fn to_value(&self) -> Value {
        object([
            ("id", Some(json!(self.id))),
            ("scoreOf", Some(json!(self.score_of))),
            ("userId", Some(json!(self.user_id))),
            ("resultScore", self.score.map(Value::from)),
            ("resultMaximum", Some(json!(self.maximum))),
            ("scoringUserId", text(self.scoring_user_id.as_ref())),
            ("comment", text(self.comment.as_ref())),
        ])
    }

    /// Reads a list of results, as a tool.
    ///
    /// Fails with the shape variants of [`ServiceError`](crate::v1p3::ServiceError).
    pub fn read_container(body: &[u8]) -> Result<Vec<Self>> {
        let document = parse(body)?;
        let result = |(at, value)| Self::from_object(&Object::read(value, at)?);
        list_of(&document, "results", CONTAINER)?.into_iter().map(result).collect()
    }

    fn from_object(result: &Object<'_>) -> Result<Self> {
        Ok(Self {
            id: result.required_text("id", URL)?,
            score_of: result.required_text("scoreOf", URL)?,
            user_id: result.required_text("userId", ID)?,
            score: result.number("resultScore")?,
            maximum: maximum(result, "resultMaximum")?.unwrap_or(1.0),
            scoring_user_id: result.text("scoringUserId", ID)?,
            comment: result.text("comment", TEXT)?,
        })
    }
}
