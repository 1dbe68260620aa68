//! A student session on the wire, with its link where the reader may invite students.

use serde::Serialize;
use utoipa::ToSchema;

use crate::api::reply::shows;
use crate::app::App;
use crate::config::PublicUrl;
use crate::domain::Result;
use crate::domain::access::{Permission, Role};
use crate::domain::id::{ExamId, StudentSessionId, UserId};
use crate::domain::secret::Secret;
use crate::domain::student_session::{SessionStatus, StudentSession, token_place};
use crate::domain::text::{Email, Label, Name, Prose};
use crate::domain::time::{Minutes, Timestamp};
use crate::store::Tx;

/// A student session as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StudentSession)]
pub struct StudentSessionView {
    pub(super) id: StudentSessionId,
    /// The same as `id`.
    session_id: StudentSessionId,
    /// What tools know the student by: the same in all attempts of one e-mail address.
    #[schema(example = "45c48cce2e2d7fbdea1afc51c7c6ad26")]
    student_id: String,
    external_id: Option<Label>,
    proctor_id: Option<UserId>,
    exam_id: ExamId,
    email: Email,
    name: Name,
    status: SessionStatus,
    /// Opens the exam page. Only for those who may invite students.
    #[schema(example = "3c6e0b8a9c15224a8228b9a98ca1531d3c6e0b8a9c15224a8228b9a98ca1531d")]
    token: Option<String>,
    /// The student's exam page. Only for those who may invite students.
    #[schema(example = "https://exams.example.edu/sessions/3c6e0b8a9c15224a8228b9a98ca1531d…")]
    exam_url: Option<String>,
    /// When the student started.
    start_time: Option<Timestamp>,
    /// When the student finished.
    end_time: Option<Timestamp>,
    open_time: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    #[schema(minimum = 1)]
    attempt: i64,
    individual_info: Option<Prose>,
    is_individual_info_html: bool,
    skip_requirements: bool,
    extra_time_minutes: Minutes,
    archived: bool,
    /// The group that the student belongs to.
    group_id: Option<Label>,
    /// Since when the clock stands still, while the proctoring tool has stopped it. To let it run on without the tool, end
    /// the session and reopen it.
    paused_at: Option<Timestamp>,
    /// The state of each check of the student's equipment.
    #[schema(example = "not_started")]
    webcam_check: &'static str,
    #[schema(example = "not_started")]
    mobile_check: &'static str,
    #[schema(example = "not_started")]
    screen_check: &'static str,
    #[schema(example = "not_started")]
    upload_check: &'static str,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// No check has run: checks of equipment are not built yet.
const NOT_STARTED: &str = "not_started";

impl StudentSessionView {
    /// `link` is the session's token where the reader may invite students.
    fn of(session: StudentSession, link: Option<(&Secret, &PublicUrl)>) -> Self {
        Self {
            id: session.id,
            session_id: session.id,
            student_id: session.student_id,
            external_id: session.external_id,
            proctor_id: session.proctor_id,
            exam_id: session.exam_id,
            email: session.email,
            name: session.name,
            status: session.status,
            token: link.map(|(token, _)| token.reveal().to_owned()),
            exam_url: link.map(|(token, origin)| format!("{}/sessions/{}", origin.as_str(), token.reveal())),
            start_time: session.start_time,
            end_time: session.end_time,
            open_time: session.open_time,
            expires_at: session.expires_at,
            attempt: session.attempt,
            individual_info: session.individual_info,
            is_individual_info_html: session.is_individual_info_html,
            skip_requirements: session.skip_requirements,
            extra_time_minutes: session.extra_time_minutes,
            archived: session.archived,
            group_id: session.group_id,
            paused_at: session.paused_at,
            webcam_check: NOT_STARTED,
            mobile_check: NOT_STARTED,
            screen_check: NOT_STARTED,
            upload_check: NOT_STARTED,
            created_at: session.created_at,
            updated_at: session.updated_at,
        }
    }
}

/// Turns rows into views, with the links where the reader may invite students.
#[derive(Clone)]
pub struct Viewer {
    may_invite: bool,
    origin: PublicUrl,
}

impl Viewer {
    /// What a reader with this role is shown.
    pub fn new(role: Role, app: &App) -> Self {
        Self { may_invite: role.may(Permission::ManageSessions), origin: app.public_url.clone() }
    }

    /// The session as the reader is shown it.
    pub fn view(&self, tx: &Tx<'_>, session: StudentSession) -> Result<StudentSessionView> {
        if !self.may_invite {
            return Ok(StudentSessionView::of(session, None));
        }
        let token = tx.keys().open(&session.token, token_place(session.id, session.institute_id))?;
        Ok(StudentSessionView::of(session, Some((&token, &self.origin))))
    }
}

/// One student session.
#[derive(Debug, Serialize, ToSchema)]
pub struct StudentSessionEnvelope {
    student: StudentSessionView,
}

shows!(StudentSessionEnvelope, student);

impl From<StudentSessionView> for StudentSessionEnvelope {
    fn from(student: StudentSessionView) -> Self {
        Self { student }
    }
}
