//! A result on the wire, with its history.

use serde::Serialize;
use utoipa::ToSchema;

use crate::api::reply::shows;
use crate::domain::Result;
use crate::domain::id::{ExamId, LtiResourceId, ResultChangeId, ResultId, StudentSessionId, ToolProviderId, UserId};
use crate::domain::result::{Grader, Points, ResultChange, ResultOperation, Score};
use crate::domain::text::{Label, Name, Prose, WebUrl, Work};
use crate::domain::time::Timestamp;
use crate::store::results::{self, Named};
use crate::store::{Page, Tx};

/// Changes that an answer holds at most.
const MOST_CHANGES: i64 = 3_000;

/// What a student reached in one tool of an exam, as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Result)]
pub struct ResultView {
    pub(super) id: ResultId,
    pub(super) student_session_id: StudentSessionId,
    /// The student's name.
    name: Name,
    external_id: Option<Label>,
    #[schema(minimum = 1)]
    attempt: i64,
    exam_id: ExamId,
    lti_resource_id: LtiResourceId,
    lti_resource_link_name: Name,
    score: Option<Score>,
    total_score: Option<Points>,
    /// What the student handed in, in words. It comes from a tool: show it as text.
    text: Option<Work>,
    /// Where what the student handed in is to be seen.
    url: Option<WebUrl>,
    /// A launch to there shows what the student handed in.
    launch_url: Option<WebUrl>,
    /// When the student handed in, as the tool says.
    submitted_at: Option<Timestamp>,
    /// Whether a person should look at it.
    needs_review: bool,
    comment: Option<Prose>,
    /// Whether it came when the exam was over.
    late: bool,
    /// Who gave the grade; `null` where there is none.
    graded_by: Option<Grader>,
    /// The user who gave the grade.
    user_id: Option<UserId>,
    /// Everything that it was, the newest first. A list holds the newest 3,000 changes of all its results.
    history: Vec<ResultChangeView>,
    created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

/// One thing that a tool or a person said about a result.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResultChange)]
pub struct ResultChangeView {
    id: ResultChangeId,
    operation: ResultOperation,
    changed_by: Grader,
    tool_provider_id: Option<ToolProviderId>,
    user_id: Option<UserId>,
    /// Whether a person's grade was kept instead of this one, because the tool asked for that.
    kept: bool,
    score: Option<Score>,
    total_score: Option<Points>,
    text: Option<Work>,
    url: Option<WebUrl>,
    launch_url: Option<WebUrl>,
    submitted_at: Option<Timestamp>,
    needs_review: bool,
    comment: Option<Prose>,
    late: bool,
    created_at: Timestamp,
}

impl From<ResultChange> for ResultChangeView {
    fn from(change: ResultChange) -> Self {
        Self {
            id: change.id,
            operation: change.operation,
            changed_by: change.changed_by,
            tool_provider_id: change.tool_provider_id,
            user_id: change.user_id,
            kept: change.kept,
            score: change.score,
            total_score: change.total_score,
            text: change.text,
            url: change.url,
            launch_url: change.launch_url,
            submitted_at: change.submitted_at,
            needs_review: change.needs_review,
            comment: change.comment,
            late: change.late,
            created_at: change.created_at,
        }
    }
}

impl ResultView {
    /// A page with the histories of its results, found at once.
    pub fn page(tx: &mut Tx<'_>, page: Page<Named>) -> Result<Page<Self>> {
        let ids: Vec<ResultId> = page.rows.iter().map(|(result, ..)| result.id).collect();
        let mut changes = results::changes(tx, &ids, MOST_CHANGES)?;
        Ok(page.map(|named| {
            let history = changes.extract_if(.., |change| change.result_id == named.0.id).collect();
            Self::of(named, history)
        }))
    }

    fn of((result, link, session): Named, history: Vec<ResultChange>) -> Self {
        let standing = result.standing;
        Self {
            id: result.id,
            student_session_id: result.student_session_id,
            name: session.name,
            external_id: session.external_id,
            attempt: session.attempt,
            exam_id: result.exam_id,
            lti_resource_id: result.lti_resource_id,
            lti_resource_link_name: link,
            score: standing.score,
            total_score: standing.total_score,
            text: standing.text,
            url: standing.url,
            launch_url: standing.launch_url,
            submitted_at: standing.submitted_at,
            needs_review: standing.needs_review,
            comment: standing.comment,
            late: standing.late,
            graded_by: standing.graded_by,
            user_id: standing.user_id,
            history: history.into_iter().map(ResultChangeView::from).collect(),
            created_at: result.created_at,
            updated_at: result.updated_at,
        }
    }
}

/// One result.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResultEnvelope {
    result: ResultView,
}

shows!(ResultEnvelope, result);

impl ResultEnvelope {
    /// A result with its history.
    pub fn of(tx: &mut Tx<'_>, named: Named) -> Result<Self> {
        let history = results::changes(tx, &[named.0.id], MOST_CHANGES)?;
        Ok(Self { result: ResultView::of(named, history) })
    }
}
