//! A result on its way by LTI 1.3 (Assignment and Grade Services 2.0, line item service and score service).

use examlink_lti::v1p3::Timestamp as ScoreTime;
use examlink_lti::v1p3::ags::{
    ActivityProgress, Grade, GradingProgress, LINE_ITEM, LINE_ITEM_CONTAINER, LineItem, SCORE, Score, SubmissionTimes,
    scores_url,
};
use examlink_lti::v1p3::claims::scope;
use url::Url;

use super::KEPT;
use crate::domain::exam::Exam;
use crate::domain::grade_return::{GradeKind, GradeReturn, MAXIMUM};
use crate::domain::lti_platform::LtiPlatform;
use crate::domain::time::Timestamp;
use crate::jobs::{Outcome, Sent, Worker};
use crate::lti::fetch::{ACCEPT, Reply, Request, is_busy};
use crate::store::grade_returns::{Outgoing, next_score_at};

/// Pages of a platform's line items that are read at most.
const PAGES: usize = 40;

/// Sends the result as it is now, or takes it back.
pub(super) async fn send(worker: &Worker, going: &Outgoing, (platform, exam): &(LtiPlatform, Exam)) -> Outcome {
    let gradebook = Gradebook { worker, platform, kind: going.grade.kind };
    match gradebook.take(&going.grade, exam).await {
        Ok(()) => Outcome::Done(Sent::Grade(going.grade.score)),
        Err(outcome) => outcome,
    }
}

/// The gradebook of a platform.
struct Gradebook<'w> {
    worker: &'w Worker,
    platform: &'w LtiPlatform,
    kind: GradeKind,
}

impl Gradebook<'_> {
    async fn take(&self, grade: &GradeReturn, exam: &Exam) -> Result<(), Outcome> {
        let url = grade.lis_outcome_service_url.as_str();
        let item = match self.kind {
            GradeKind::LineItems => self.line_item(url, exam).await?,
            GradeKind::LineItem | GradeKind::BasicOutcomes => url.to_owned(),
        };
        let (id, now) = (grade.id, self.worker.clock.now());
        let at = self.worker.store.apply(move |tx| next_score_at(tx, id, now)).await;
        let body = score(grade, at.map_err(|error| Outcome::Later(error.to_string()))?).to_value().to_string();
        let url = scores_url(&item);
        self.call(|| Request::post(&url, SCORE, body.as_str())).await.map(|_| ())
    }

    /// The line item of an exam in the course: the one with its name, or a new one. One job at a time looks for it, so
    /// that two students do not make two.
    async fn line_item(&self, container: &str, exam: &Exam) -> Result<String, Outcome> {
        let looking = self.worker.gradebooks.of(self.platform);
        let _looking = looking.lock().await;
        if let Some(id) = self.listed(container, &exam.token).await? {
            return Ok(id);
        }
        let new = LineItem {
            label: exam.settings.name.to_string(),
            score_maximum: MAXIMUM,
            resource_id: Some(exam.token.clone()),
            ..LineItem::default()
        };
        let body = new.to_value().to_string();
        let made = self.call(|| Request::post(container, LINE_ITEM, body.as_str()).header(ACCEPT, LINE_ITEM)).await?;
        let made = LineItem::read(&made.body).map_err(|error| unreadable(&error))?;
        made.id.ok_or_else(|| Outcome::Never("the LMS made a line item without an id".into()))
    }

    /// The line item that has the name of an exam. Only that one is asked for; a platform that lists all of them is read
    /// page by page.
    async fn listed(&self, container: &str, name: &str) -> Result<Option<String>, Outcome> {
        let mut first = Url::parse(container).map_err(|error| Outcome::Never(error.to_string()))?;
        first.query_pairs_mut().append_pair("resource_id", name);
        let mut next = Some(first);
        for _ in 0..PAGES {
            let Some(page) = next else { return Ok(None) };
            let reply = self.call(|| Request::page(page.as_str()).header(ACCEPT, LINE_ITEM_CONTAINER)).await?;
            let items = LineItem::read_container(&reply.body).map_err(|error| unreadable(&error))?;
            let named = items.into_iter().find(|item| item.resource_id.as_deref() == Some(name));
            if let Some(id) = named.and_then(|item| item.id) {
                return Ok(Some(id));
            }
            next = reply.next_page(&page).map_err(|error| unreadable(&error))?;
        }
        // To make one now would be to make one for each student.
        Err(Outcome::Never(format!("the LMS lists more than {PAGES} pages of line items, none of them this exam's")))
    }

    async fn call<'r>(&self, request: impl Fn() -> Request<'r>) -> Result<Reply, Outcome> {
        let scopes: &[&str] = match self.kind {
            GradeKind::LineItems => &[scope::LINE_ITEM, scope::SCORE],
            GradeKind::LineItem | GradeKind::BasicOutcomes => &[scope::SCORE],
        };
        let reply = self.worker.services.call(self.platform, scopes, request).await?;
        match reply.status {
            200..300 => Ok(reply),
            // Somebody has given a later score, or clocks differ: the next one is later.
            409 => Err(Outcome::Later(said(&reply))),
            status if is_busy(status) => Err(Outcome::Later(said(&reply))),
            _ => Err(Outcome::Never(said(&reply))),
        }
    }
}

/// A result as a part of one. None takes back what was sent (AGS 2.0, section 4.5).
fn score(grade: &GradeReturn, at: Timestamp) -> Score {
    let (activity_progress, grading_progress) = match grade.score {
        Some(_) => (ActivityProgress::Completed, GradingProgress::FullyGraded),
        None => (ActivityProgress::Initialized, GradingProgress::NotReady),
    };
    Score {
        user_id: grade.lis_result_sourcedid.as_str().to_owned(),
        timestamp: ScoreTime::from_micros(at.micros()),
        activity_progress,
        grading_progress,
        grade: grade.score.map(|score| Grade { given: score.value(), maximum: 1.0 }),
        comment: None,
        scoring_user_id: None,
        submission: SubmissionTimes::default(),
    }
}

fn said(reply: &Reply) -> String {
    let body: String = reply.shown().chars().filter(|c| !c.is_control()).take(KEPT).collect();
    format!("the LMS answered {}: {body}", reply.status)
}

fn unreadable(error: &examlink_lti::v1p3::ServiceError) -> Outcome {
    Outcome::Never(format!("the LMS answered what is no line item: {error}"))
}
