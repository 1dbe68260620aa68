//! What tools of LTI 1.3 scored beside the results: in line items of their own.

use serde::Serialize;
use utoipa::ToSchema;

use super::view::ResultView;
use crate::domain::Result;
use crate::domain::id::{LineItemId, LtiResourceId, StudentSessionId, ToolProviderId};
use crate::domain::line_item::LineItem;
use crate::domain::line_item_score::LineItemScore;
use crate::domain::lti_resource::Points;
use crate::domain::text::{Name, Prose};
use crate::domain::time::Timestamp;
use crate::store::{Tx, line_item_scores};

/// Scores that an answer holds at most.
const MOST: i64 = 3_000;

/// What a student reached in a line item that a tool made. It counts towards no result.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LineItemScore)]
pub struct LineItemScoreView {
    student_session_id: StudentSessionId,
    line_item_id: LineItemId,
    tool_provider_id: ToolProviderId,
    /// The link that the line item is tied to, if it is to any.
    lti_resource_id: Option<LtiResourceId>,
    label: Name,
    tag: Option<Name>,
    /// The points; `null` where none count.
    #[schema(minimum = 0, example = 6.5)]
    score: Option<f64>,
    /// The points of a full score. More than these are extra credit.
    score_maximum: Points,
    /// It comes from a tool: show it as text.
    comment: Option<Prose>,
    /// How far the student is, as the tool says.
    #[schema(example = "Completed")]
    activity_progress: String,
    /// How far the grading is, as the tool says.
    #[schema(example = "FullyGraded")]
    grading_progress: String,
    submitted_at: Option<Timestamp>,
    /// Whether it came when the exam was over.
    late: bool,
    /// When the tool gave it.
    scored_at: Timestamp,
}

impl From<(LineItemScore, LineItem)> for LineItemScoreView {
    fn from((score, item): (LineItemScore, LineItem)) -> Self {
        let points = score.content.points(item.content.score_maximum.value());
        Self {
            student_session_id: score.student_session_id,
            line_item_id: item.id,
            tool_provider_id: item.tool_provider_id,
            lti_resource_id: item.lti_resource_id,
            label: item.content.label,
            tag: item.content.tag,
            score: points,
            score_maximum: item.content.score_maximum,
            comment: score.content.comment,
            activity_progress: score.content.activity_progress,
            grading_progress: score.content.grading_progress,
            submitted_at: score.content.submitted_at,
            late: score.content.late,
            scored_at: score.content.scored_at,
        }
    }
}

impl LineItemScoreView {
    /// Those of these attempts.
    pub fn of(tx: &mut Tx<'_>, sessions: &[StudentSessionId]) -> Result<Vec<Self>> {
        let scores = line_item_scores::of_sessions(tx, sessions, MOST)?;
        Ok(scores.into_iter().map(Self::from).collect())
    }
}

/// A page of results, and beside it what tools scored in line items of their own.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResultsEnvelope {
    pub(super) results: Vec<ResultView>,
    /// The latest score in each line item that a tool made, 3,000 at most: in the list of a student session its own,
    /// whatever page is asked for, and in that of an exam those of the students whose results are on the page.
    pub(super) line_item_scores: Vec<LineItemScoreView>,
}
