//! Scores: what a tool of LTI 1.3 says of a student's work (AGS 2.0, score service), and what becomes of it.

use diesel::prelude::*;
use examlink_lti::v1::outcomes::{Score as OutcomeScore, TotalScore};
use examlink_lti::v1p3::Timestamp as WireTime;
use examlink_lti::v1p3::ags::{self, Applied, GradingProgress, Order, SubmissionTimes};

use crate::domain::id::{LineItemId, LineItemScoreId, LtiResourceId, StudentSessionId, ToolProviderId};
use crate::domain::line_item::ItemName;
use crate::domain::result::{Change, Changer, Grader, Points, ResultOperation, Score, Standing};
use crate::domain::text::Prose;
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};
use crate::schema::line_item_scores;

/// The latest score of a student in a line item.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Identifiable)]
#[diesel(table_name = line_item_scores)]
pub struct LineItemScore {
    /// Its number.
    pub id: LineItemScoreId,
    /// The student's attempt.
    pub student_session_id: StudentSessionId,
    /// What it says.
    #[diesel(embed)]
    pub content: ScoreContent,
}

/// What a score says, and what is left of those before.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = line_item_scores, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ScoreContent {
    /// When the tool gave it.
    pub scored_at: Timestamp,
    /// SHA-256 of the body, in hex.
    pub digest: String,
    /// How far the student is.
    pub activity_progress: String,
    /// How far the grading is.
    pub grading_progress: String,
    /// Points that count,
    pub score_given: Option<f64>,
    /// of so many.
    pub score_maximum: Option<f64>,
    /// What the grader says.
    pub comment: Option<Prose>,
    /// Who graded, as the tool says.
    pub scoring_user_id: Option<String>,
    /// When the work was begun.
    pub started_at: Option<Timestamp>,
    /// When it was handed in.
    pub submitted_at: Option<Timestamp>,
    /// Whether it came when the exam was over.
    pub late: bool,
}

/// A score that is about to be stored.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = line_item_scores, treat_none_as_default_value = false)]
pub struct NewLineItemScore {
    /// The student's attempt.
    pub student_session_id: StudentSessionId,
    /// The link whose grade it is,
    pub lti_resource_id: Option<LtiResourceId>,
    /// or the line item that the tool made.
    pub line_item_id: Option<LineItemId>,
    /// What it says.
    #[diesel(embed)]
    pub content: ScoreContent,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub updated_at: Timestamp,
}

/// A score as it came, read and checked.
#[derive(Clone, Debug)]
pub struct ReceivedScore {
    /// What it says.
    pub score: ags::Score,
    comment: Option<Prose>,
    applied: Applied,
}

impl ReceivedScore {
    /// A score and the body that it was read from.
    pub fn new(score: ags::Score, body: &[u8]) -> Result<Self> {
        let comment = score.comment.clone().map(Prose::try_from).transpose();
        let comment = comment.map_err(|why| Error::invalid("comment", why))?;
        let applied = Applied { timestamp: score.timestamp, digest: ags::body_digest(body) };
        Ok(Self { score, comment, applied })
    }

    /// What is to be done with it after the one before.
    pub fn order(&self, before: Option<&LineItemScore>) -> Order {
        let before = before.and_then(|before| before.content.applied());
        ags::order(before.as_ref(), &self.applied)
    }

    /// Whether its points count now: those of a grading that goes on, that has failed or has not begun do not.
    const fn counts(&self) -> bool {
        matches!(self.score.grading_progress, GradingProgress::FullyGraded | GradingProgress::PendingManual)
    }

    /// What is stored of it after the one before. Points that do not count leave those that did.
    pub fn content(&self, before: Option<&LineItemScore>, late: bool) -> ScoreContent {
        let before = before.map(|before| &before.content);
        let times = before.map(ScoreContent::times).unwrap_or_default().after(&self.score);
        let (given, maximum) = match (self.score.grade, before) {
            (Some(_), Some(before)) if !self.counts() => (before.score_given, before.score_maximum),
            (Some(grade), _) if self.counts() => (Some(grade.given), Some(grade.maximum)),
            _ => (None, None),
        };
        ScoreContent {
            scored_at: stored(self.score.timestamp),
            digest: hex::encode(self.applied.digest),
            activity_progress: self.score.activity_progress.as_str().into(),
            grading_progress: self.score.grading_progress.as_str().into(),
            score_given: given,
            score_maximum: maximum,
            comment: self.comment.clone(),
            scoring_user_id: self.score.scoring_user_id.clone(),
            started_at: times.started_at.map(stored),
            submitted_at: times.submitted_at.map(stored),
            late,
        }
    }

    /// What it makes of a result. Points beyond the maximum are extra credit: the score is full, and all the points are
    /// beside it. A score without points takes back what the tool gave, and leaves what a person gave.
    pub fn write(&self, standing: &mut Standing, tool: ToolProviderId, content: &ScoreContent, maximum: f64) -> Change {
        let had = standing.score.is_some() || standing.total_score.is_some();
        match self.score.grade {
            Some(grade) if self.counts() => {
                standing.score = OutcomeScore::new((grade.given / grade.maximum).min(1.0)).map(Score::from);
                standing.total_score = TotalScore::new(grade.points(maximum)).map(Points::from);
                (standing.graded_by, standing.user_id) = (Some(Grader::Tool), None);
                standing.comment.clone_from(&self.comment);
            }
            None if standing.graded_by != Some(Grader::Person) => {
                (standing.score, standing.total_score, standing.graded_by) = (None, None, None);
                standing.comment.clone_from(&self.comment);
            }
            _ => {}
        }
        standing.submitted_at = content.submitted_at;
        standing.needs_review = self.score.grading_progress == GradingProgress::PendingManual;
        standing.late = content.late;
        let cleared = had && standing.score.is_none() && standing.total_score.is_none();
        let operation = if cleared { ResultOperation::Delete } else { ResultOperation::Replace };
        Change { operation, by: Changer::Tool(tool), kept: false, said: standing.clone() }
    }
}

impl NewLineItemScore {
    /// The first score of a student in a line item.
    pub fn first(session: StudentSessionId, item: ItemName, content: ScoreContent, now: Timestamp) -> Self {
        let (lti_resource_id, line_item_id) = match item {
            ItemName::Link(id) => (Some(id), None),
            ItemName::Own(id) => (None, Some(id)),
        };
        Self { student_session_id: session, lti_resource_id, line_item_id, content, created_at: now, updated_at: now }
    }
}

impl ScoreContent {
    /// The points on the scale of a line item with this maximum; none where none count.
    pub fn points(&self, maximum: f64) -> Option<f64> {
        Some(ags::points(self.score_given?, self.score_maximum?, maximum))
    }

    /// The points as a part of the full score, from 0 to 1; none where none count.
    pub fn part(&self) -> Option<f64> {
        self.score_given.zip(self.score_maximum).map(|(given, maximum)| (given / maximum).min(1.0))
    }

    /// Whether it waits for a person.
    pub fn needs_review(&self) -> bool {
        self.grading_progress == GradingProgress::PendingManual.as_str()
    }

    /// Whether its points are those of a result: nobody has changed it since.
    fn is_of(&self, standing: &Standing) -> bool {
        let score = standing.score.map(Score::value);
        standing.graded_by == Some(Grader::Tool) && self.part().map(f64::to_bits) == score.map(f64::to_bits)
    }

    fn times(&self) -> SubmissionTimes {
        SubmissionTimes { started_at: self.started_at.map(wire), submitted_at: self.submitted_at.map(wire) }
    }

    fn applied(&self) -> Option<Applied> {
        let digest = hex::decode(&self.digest).ok()?.try_into().ok()?;
        Some(Applied { timestamp: wire(self.scored_at), digest })
    }
}

/// What a tool reads of a result: the points on the scale of its line item. A person's grade counts as well as the tool's.
pub fn points_of(standing: &Standing, latest: Option<&ScoreContent>, maximum: f64) -> Option<f64> {
    let of_tool = latest.filter(|latest| latest.is_of(standing)).and_then(|latest| latest.points(maximum));
    let of_score = || standing.score.map(|score| score.value() * maximum);
    of_tool.or_else(of_score).or_else(|| standing.total_score.map(Points::value))
}

/// A time of a message.
fn stored(at: WireTime) -> Timestamp {
    Timestamp::from_micros(at.micros())
}

/// A time for a message.
pub fn wire(at: Timestamp) -> WireTime {
    WireTime::from_micros(at.micros())
}
