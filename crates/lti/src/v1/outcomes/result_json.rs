//! A result as JSON (LTI 2.0, Result service; in use at Open edX).

use serde::{Deserialize, Serialize};

use super::{LONGEST_BODY, Score};
use crate::v1::oauth1::VerifiedMessage;
use crate::{Error, Result};

/// The media type.
pub const MEDIA_TYPE: &str = "application/vnd.ims.lis.v2.result+json";

const CONTEXT: &str = "http://purl.imsglobal.org/ctx/lis/v2/Result";

/// A result. One without a score takes the grade away when it is put.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResultJson {
    /// `resultScore`
    pub score: Option<Score>,
    /// `comment`
    pub comment: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct Wire {
    #[serde(rename = "@context", default, skip_deserializing)]
    context: &'static str,
    #[serde(rename = "@type")]
    kind: String,
    #[serde(rename = "resultScore", default, skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

impl ResultJson {
    /// Reads the body of a verified message. Fails with [`Error::ResultJson`] for what is no such object, also where a
    /// member is given twice, and with [`Error::Score`].
    pub fn read(message: &VerifiedMessage<'_>) -> Result<Self> {
        if message.body().len() > LONGEST_BODY {
            return Err(Error::ResultJson("it is longer than 65536 bytes".into()));
        }
        let wire: Wire =
            serde_json::from_slice(message.body()).map_err(|error| Error::ResultJson(error.to_string()))?;
        if wire.kind != "Result" {
            return Err(Error::ResultJson("its @type is not Result".into()));
        }
        let score = |value: f64| Score::new(value).ok_or_else(|| Error::Score(value.to_string()));
        Ok(Self { score: wire.score.map(score).transpose()?, comment: wire.comment })
    }

    /// The body that shows or sends this result.
    pub fn to_json(&self) -> String {
        let (score, comment) = (self.score.map(Score::value), self.comment.clone());
        // A number and texts always have a form in JSON.
        serde_json::to_string(&Wire { context: CONTEXT, kind: "Result".into(), score, comment }).unwrap_or_default()
    }
}
