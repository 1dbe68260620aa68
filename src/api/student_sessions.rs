//! `/student_sessions` and `/exams/:exam_id/student_sessions`

use actix_web::web::Data;
use actix_web::{delete, get, patch, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::api::auth::Signed;
use crate::api::params::{Accepts, Given, Patch, requires};
use crate::api::problem::Problem;
use crate::api::reply::{Created, Deleted, Listed, Shown, list};
use crate::app::App;
use crate::clock::Random;
use crate::config::PublicUrl;
use crate::domain::Result;
use crate::domain::access::{ManageSessions, Permission, ReadSessions, Role};
use crate::domain::id::{ExamId, InstituteId, StudentSessionId, UserId};
use crate::domain::secret::{Sealed, Secret, TokenHash, random_secret};
use crate::domain::student_session::{NewStudentSession, SessionStatus, StudentSession, token_place};
use crate::domain::text::{Email, Label, Name, Prose};
use crate::domain::time::{Minutes, Timestamp};
use crate::store::{Tx, exams, student_sessions};

/// A student session as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StudentSession)]
pub struct StudentSessionView {
    id: StudentSessionId,
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
struct Viewer {
    may_invite: bool,
    origin: PublicUrl,
}

impl Viewer {
    fn new(role: Role, app: &App) -> Self {
        Self { may_invite: role.may(Permission::ManageSessions), origin: app.public_url.clone() }
    }

    fn view(&self, tx: &Tx<'_>, session: StudentSession) -> Result<StudentSessionView> {
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

/// A page of student sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct StudentSessionsEnvelope {
    students: Vec<StudentSessionView>,
}

list! {
    /// Which student sessions are wanted.
    ListStudentSessions {
        /// Only sessions with this status.
        status: Option<SessionStatus>,
    }
}

/// What can be set of a student session.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "name": "Sam Student", "email": "sam@example.edu", "external_id": "s1024", "extra_time_minutes": 15,
}))]
pub struct StudentSessionFields {
    name: Given<Name>,
    email: Given<Email>,
    /// The student's number in your own system.
    external_id: Patch<Label>,
    /// Something that only this student sees.
    individual_info: Patch<Prose>,
    is_individual_info_html: Given<bool>,
    skip_requirements: Given<bool>,
    /// Not before this time, where it is later than the exam's start.
    open_time: Patch<Timestamp>,
    /// From then on the link opens nothing; extra time does not move it.
    expires_at: Patch<Timestamp>,
    /// Minutes more than others have.
    extra_time_minutes: Given<Minutes>,
    /// From 1; without it the one after the student's last.
    attempt: Given<Attempt>,
    archived: Given<bool>,
}

impl Accepts for StudentSessionFields {}

requires! {
    /// A new student session.
    NewStudentSessionFields(StudentSessionFields): "name", "email"
}

/// The number of an attempt.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(try_from = "i64")]
#[schema(value_type = i64, minimum = 1, maximum = 1_000)]
pub struct Attempt(i64);

impl TryFrom<i64> for Attempt {
    type Error = &'static str;
    fn try_from(number: i64) -> Result<Self, &'static str> {
        if (1..=1_000).contains(&number) { Ok(Self(number)) } else { Err("must be from 1 to 1000") }
    }
}

/// Lists the student sessions that the caller sees, oldest first unless `sort` says otherwise.
#[utoipa::path(tag = "student_sessions", params(ListStudentSessions), responses((status = OK, body = StudentSessionsEnvelope)))]
#[get("/student_sessions")]
pub async fn list_student_sessions(
    signed: Signed<ReadSessions, ListStudentSessions>,
    app: Data<App>,
) -> Result<Listed<StudentSessionsEnvelope>, Problem> {
    list(signed, &app, None).await
}

/// Lists the student sessions of an exam, oldest first unless `sort` says otherwise.
#[utoipa::path(tag = "student_sessions", params(ListStudentSessions), responses((status = OK, body = StudentSessionsEnvelope)))]
#[get("/exams/{exam_id}/student_sessions")]
pub async fn list_exam_student_sessions(
    signed: Signed<ReadSessions, ListStudentSessions>,
    app: Data<App>,
) -> Result<Listed<StudentSessionsEnvelope>, Problem> {
    let exam = ExamId(signed.auth.path("exam_id"));
    list(signed, &app, Some(exam)).await
}

async fn list(
    Signed { auth, params }: Signed<ReadSessions, ListStudentSessions>,
    app: &App,
    exam: Option<ExamId>,
) -> Result<Listed<StudentSessionsEnvelope>, Problem> {
    let (scope, viewer) = (auth.scope, Viewer::new(auth.user.role, app));
    let filter = student_sessions::Filter { exam, status: params.status };
    let list = move |tx: &mut Tx<'_>| {
        if let Some(exam) = exam {
            exams::get(tx, scope, exam)?;
        }
        let listing = params.listing(student_sessions::COLUMNS)?;
        let page = student_sessions::page(tx, scope, filter, &listing, params.request())?;
        page.try_map(|session| viewer.view(tx, session))
    };
    let page = app.store.read(auth.nonce, list).await?;
    Ok(Listed::page(page, |students| StudentSessionsEnvelope { students }))
}

/// Shows a student session.
#[utoipa::path(tag = "student_sessions", responses((status = OK, body = StudentSessionEnvelope)))]
#[get("/student_sessions/{id}")]
pub async fn show_student_session(
    Signed { auth, .. }: Signed<ReadSessions>,
    app: Data<App>,
) -> Result<Shown<StudentSessionEnvelope>, Problem> {
    let (scope, id, viewer) = (auth.scope, StudentSessionId(auth.path("id")), Viewer::new(auth.user.role, &app));
    let get = move |tx: &mut Tx<'_>| {
        let session = student_sessions::get(tx, scope, id)?;
        viewer.view(tx, session)
    };
    Ok(Shown(StudentSessionEnvelope { student: app.store.read(auth.nonce, get).await? }))
}

/// Registers a student for an exam. The answer carries the link to the exam page.
#[utoipa::path(tag = "student_sessions", request_body = NewStudentSessionFields, responses((status = CREATED, body = StudentSessionEnvelope)))]
#[post("/exams/{exam_id}/student_sessions")]
pub async fn create_student_session(
    Signed { auth, params: NewStudentSessionFields(fields) }: Signed<ManageSessions, NewStudentSessionFields>,
    app: Data<App>,
) -> Result<Created<StudentSessionEnvelope>, Problem> {
    let (scope, exam, now) = (auth.scope, ExamId(auth.path("exam_id")), auth.at);
    let (made, viewer) = (Made::random(app.random)?, Viewer::new(auth.user.role, &app));
    let create = move |tx: &mut Tx<'_>| {
        let institute = exams::get(tx, scope, exam)?.institute_id;
        let new = fields.clone().build(tx, (institute, exam), &made, now)?;
        let session = student_sessions::insert(tx, &new, &made.token)?;
        viewer.view(tx, session)
    };
    let student = app.store.write(auth.nonce, create).await?;
    Ok(Created::at(format!("/api/v3/student_sessions/{}", student.id), StudentSessionEnvelope { student }))
}

/// Changes a student session.
#[utoipa::path(tag = "student_sessions", request_body = StudentSessionFields, responses((status = OK, body = StudentSessionEnvelope)))]
#[patch("/student_sessions/{id}")]
pub async fn update_student_session(
    signed: Signed<ManageSessions, StudentSessionFields>,
    app: Data<App>,
) -> Result<Shown<StudentSessionEnvelope>, Problem> {
    update(signed, &app).await
}

/// Changes a student session, as PATCH does: what is not sent stays.
#[utoipa::path(tag = "student_sessions", request_body = StudentSessionFields, responses((status = OK, body = StudentSessionEnvelope)))]
#[put("/student_sessions/{id}")]
pub async fn replace_student_session(
    signed: Signed<ManageSessions, StudentSessionFields>,
    app: Data<App>,
) -> Result<Shown<StudentSessionEnvelope>, Problem> {
    update(signed, &app).await
}

async fn update(
    Signed { auth, params: fields }: Signed<ManageSessions, StudentSessionFields>,
    app: &App,
) -> Result<Shown<StudentSessionEnvelope>, Problem> {
    let (scope, id, now) = (auth.scope, StudentSessionId(auth.path("id")), auth.at);
    let viewer = Viewer::new(auth.user.role, app);
    let change = move |tx: &mut Tx<'_>| {
        let session = student_sessions::update(tx, scope, id, |session| {
            fields.clone().change(session, now);
            Ok(())
        })?;
        viewer.view(tx, session)
    };
    Ok(Shown(StudentSessionEnvelope { student: app.store.write(auth.nonce, change).await? }))
}

/// Deletes a student session; its link opens nothing any more.
#[utoipa::path(tag = "student_sessions", responses((status = OK, body = Deleted)))]
#[delete("/student_sessions/{id}")]
pub async fn delete_student_session(
    Signed { auth, .. }: Signed<ManageSessions>,
    app: Data<App>,
) -> Result<Shown<Deleted>, Problem> {
    let (scope, id) = (auth.scope, StudentSessionId(auth.path("id")));
    app.store.write(auth.nonce, move |tx| student_sessions::remove(tx, scope, id)).await?;
    Ok(Shown(Deleted {}))
}

/// What is made at random for a new session.
pub struct Made {
    token: Secret,
    student_id: String,
}

impl Made {
    fn random(random: Random) -> Result<Self> {
        Ok(Self { token: random_secret(random)?, student_id: random.hex::<16>()? })
    }
}

impl StudentSessionFields {
    fn build(
        self,
        tx: &mut Tx<'_>,
        (institute_id, exam_id): (InstituteId, ExamId),
        made: &Made,
        now: Timestamp,
    ) -> Result<NewStudentSession> {
        let (name, email) = (self.name.clone().required("name")?, self.email.clone().required("email")?);
        let attempt = match self.attempt.get() {
            Some(Attempt(number)) => *number,
            None => student_sessions::next_attempt(tx, exam_id, &email)?,
        };
        let known = student_sessions::known_student(tx, institute_id, &email)?;
        let mut new = NewStudentSession {
            institute_id,
            exam_id,
            student_id: known.unwrap_or_else(|| made.student_id.clone()),
            external_id: self.external_id.get().cloned(),
            name,
            email,
            attempt,
            status: SessionStatus::Registered,
            token_hash: TokenHash::of(&made.token).to_hex(),
            token: Sealed::pending(),
            open_time: self.open_time.get().copied(),
            expires_at: self.expires_at.get().copied(),
            extra_time_minutes: self.extra_time_minutes.get().copied().unwrap_or_default(),
            individual_info: self.individual_info.get().cloned(),
            is_individual_info_html: false,
            skip_requirements: false,
            archived: false,
            created_at: now,
            updated_at: now,
        };
        self.is_individual_info_html.replace(&mut new.is_individual_info_html);
        self.skip_requirements.replace(&mut new.skip_requirements);
        self.archived.replace(&mut new.archived);
        Ok(new)
    }

    fn change(self, session: &mut StudentSession, now: Timestamp) {
        self.name.replace(&mut session.name);
        self.email.replace(&mut session.email);
        self.external_id.apply(&mut session.external_id);
        self.individual_info.apply(&mut session.individual_info);
        self.is_individual_info_html.replace(&mut session.is_individual_info_html);
        self.skip_requirements.replace(&mut session.skip_requirements);
        self.open_time.apply(&mut session.open_time);
        self.expires_at.apply(&mut session.expires_at);
        self.extra_time_minutes.replace(&mut session.extra_time_minutes);
        if let Some(Attempt(number)) = self.attempt.get() {
            session.attempt = *number;
        }
        self.archived.replace(&mut session.archived);
        session.updated_at = now;
    }
}
