//! When work was begun and handed in (AGS 2.0, score service, `submission`).

use serde_json::Value;

use super::{ActivityProgress, Score};
use crate::json::object;
use crate::v1p3::reader::Object;
use crate::v1p3::service_error::{Result, ServiceError};
use crate::v1p3::timestamp::Timestamp;

/// When one person's work was begun and handed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SubmissionTimes {
    /// `startedAt`
    pub started_at: Option<Timestamp>,
    /// `submittedAt`: not before `startedAt`.
    pub submitted_at: Option<Timestamp>,
}

impl SubmissionTimes {
    /// The times that a platform keeps after a score. What the score says counts; else what was kept before; else the
    /// first score that tells of a start or of a submission gives its own time. A new beginning forgets: `Initialized`
    /// both times, `Started` and `InProgress` the submission.
    #[must_use]
    pub fn after(self, score: &Score) -> Self {
        use ActivityProgress::{Completed, InProgress, Initialized, Started, Submitted};
        let said = score.submission;
        let at = Some(score.timestamp);
        let started_at = said.started_at.or(self.started_at);
        let submitted_at = said.submitted_at.or(self.submitted_at);
        match score.activity_progress {
            Initialized => Self::default(),
            Started | InProgress => Self { started_at: started_at.or(at), submitted_at: None },
            Submitted | Completed => Self { started_at, submitted_at: submitted_at.or(at) },
        }
    }

    /// Fails with [`ServiceError::Timestamp`] and [`ServiceError::EndsBeforeBegin`].
    pub(super) fn read(score: &Object<'_>) -> Result<Self> {
        let Some(submission) = score.object("submission")? else { return Ok(Self::default()) };
        let times = Self { started_at: submission.date("startedAt")?, submitted_at: submission.date("submittedAt")? };
        match (times.started_at, times.submitted_at) {
            (Some(begin), Some(end)) if end < begin => Err(ServiceError::EndsBeforeBegin("submission".into())),
            _ => Ok(times),
        }
    }

    pub(super) fn to_value(self) -> Option<Value> {
        (self != Self::default()).then(|| {
            object([
                ("startedAt", self.started_at.map(Timestamp::to_value)),
                ("submittedAt", self.submitted_at.map(Timestamp::to_value)),
            ])
        })
    }
}
