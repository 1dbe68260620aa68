//! Scores: what a tool says of one person's work (AGS 2.0, score service).

use serde_json::{Value, json};

use super::line_item::maximum;
use super::{ActivityProgress, GradingProgress, MOST_POINTS, SubmissionTimes};
use crate::json::{object, text};
use crate::v1p3::reader::{ID, Object, TEXT, parse};
use crate::v1p3::service_error::{Result, ServiceError};
use crate::v1p3::timestamp::Timestamp;

/// A score.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// `userId`: the `sub` of the launches.
    pub user_id: String,
    /// `timestamp`: when this score was given; each one of a person is later than the one before.
    pub timestamp: Timestamp,
    /// `activityProgress`
    pub activity_progress: ActivityProgress,
    /// `gradingProgress`
    pub grading_progress: GradingProgress,
    /// `scoreGiven` of `scoreMaximum`. `None` takes back what the tool gave before.
    pub grade: Option<Grade>,
    /// `comment`. `None` takes back the tool's comment. It is text of a stranger: escape it where it is shown.
    pub comment: Option<String>,
    /// `scoringUserId`: who gave it.
    pub scoring_user_id: Option<String>,
    /// `submission`: when the work was begun and handed in.
    pub submission: SubmissionTimes,
}

/// Points of a maximum. More than the maximum is extra credit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grade {
    /// `scoreGiven`: from 0 to [`MOST_POINTS`].
    pub given: f64,
    /// `scoreMaximum`: above 0.
    pub maximum: f64,
}

impl Grade {
    /// The points on the scale of a line item: see [`points`](super::points).
    pub fn points(self, line_item_maximum: f64) -> f64 {
        super::points(self.given, self.maximum, line_item_maximum)
    }
}

impl Score {
    /// Reads the body of a score. `now` is the time here, `skew` how far the tool's clock may be ahead, in seconds.
    ///
    /// Fails with the shape variants of [`ServiceError`], and with [`ServiceError::InTheFuture`].
    pub fn read(body: &[u8], now: Timestamp, skew: i64) -> Result<Self> {
        let document = parse(body)?;
        let score = Object::read(&document, String::new())?;
        let timestamp = score.required_past("timestamp", now, skew)?;
        let activity = score.one_of("activityProgress", &ActivityProgress::NAMES)?;
        let grading = score.one_of("gradingProgress", &GradingProgress::NAMES)?;
        Ok(Self {
            user_id: score.required_text("userId", ID)?,
            timestamp,
            activity_progress: score.required("activityProgress", activity)?,
            grading_progress: score.required("gradingProgress", grading)?,
            grade: grade(&score)?,
            comment: score.text("comment", TEXT)?,
            scoring_user_id: scoring_user(&score)?,
            submission: SubmissionTimes::read(&score)?,
        })
    }

    /// The score as JSON, as a tool sends it.
    pub fn to_value(&self) -> Value {
        object([
            ("userId", Some(json!(self.user_id))),
            ("timestamp", Some(self.timestamp.to_value())),
            ("activityProgress", Some(json!(self.activity_progress.as_str()))),
            ("gradingProgress", Some(json!(self.grading_progress.as_str()))),
            ("scoreGiven", self.grade.map(|grade| json!(grade.given))),
            ("scoreMaximum", self.grade.map(|grade| json!(grade.maximum))),
            ("comment", text(self.comment.as_ref())),
            ("scoringUserId", text(self.scoring_user_id.as_ref())),
            ("submission", self.submission.to_value()),
        ])
    }
}

/// Points need their maximum. A maximum alone says nothing.
fn grade(score: &Object<'_>) -> Result<Option<Grade>> {
    let maximum = maximum(score, "scoreMaximum")?;
    let Some(given) = score.number("scoreGiven")? else { return Ok(None) };
    if !(0.0..=MOST_POINTS).contains(&given) {
        let range = format!("a number from 0 to {MOST_POINTS}");
        return Err(ServiceError::OutOfRange { at: score.at("scoreGiven"), range });
    }
    Ok(Some(Grade { given, maximum: score.required("scoreMaximum", maximum)? }))
}

/// Who gave the score has a name, where it is said that somebody did.
fn scoring_user(score: &Object<'_>) -> Result<Option<String>> {
    let user = score.text("scoringUserId", ID)?;
    if user.is_none() && score.get("scoringUserId").is_some() {
        return Err(ServiceError::Missing(score.at("scoringUserId")));
    }
    Ok(user)
}
