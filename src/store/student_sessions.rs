//! Student sessions.

use diesel::dsl::max;
use diesel::prelude::*;

use crate::domain::access::Scope;
use crate::domain::exam::Exam;
use crate::domain::id::{ExamId, InstituteId, StudentSessionId};
use crate::domain::institute::InstituteName;
use crate::domain::secret::{Secret, TokenHash};
use crate::domain::student_session::{NewStudentSession, SessionStatus, StudentSession, token_place};
use crate::domain::text::{Email, Label};
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};
use crate::schema::{exams, institutes, lti_learners, lti_placements, student_sessions};
use crate::store::listing::Columns;
use crate::store::tx::OrTaken;
use crate::store::{Listing, Page, PageRequest, Tx, departures};

/// Which sessions a list asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only those of this exam.
    pub exam: Option<ExamId>,
    /// Only those with this status.
    pub status: Option<SessionStatus>,
}

/// One student session.
pub fn get(tx: &mut Tx<'_>, scope: Scope, id: StudentSessionId) -> Result<StudentSession> {
    let found = on!(tx, |c| of_exams_in_scope!(
        student_sessions::table.select(StudentSession::as_select()),
        student_sessions,
        scope
    )
    .filter(student_sessions::id.eq(id))
    .first(c)
    .optional());
    found?.ok_or_else(|| Error::not_found("student session", id))
}

/// One student session of an exam.
pub fn get_of_exam(tx: &mut Tx<'_>, scope: Scope, exam: ExamId, id: StudentSessionId) -> Result<StudentSession> {
    super::exams::get(tx, scope, exam)?;
    let session = get(tx, scope, id)?;
    if session.exam_id == exam { Ok(session) } else { Err(Error::not_found("student session", id)) }
}

/// The newest attempt at an exam of the student whom tools know by `student`, or else whom the LMS of the link `link`
/// knows by it, or else whom the institute's own system knows by it.
pub fn newest_attempt(tx: &mut Tx<'_>, exam: ExamId, link: &str, student: &Label) -> Result<Option<StudentSession>> {
    macro_rules! newest {
        ($who:expr) => {
            on!(tx, |c| student_sessions::table
                .filter(student_sessions::exam_id.eq(exam))
                .filter($who)
                .order((student_sessions::attempt.desc(), student_sessions::id.desc()))
                .select(StudentSession::as_select())
                .first(c)
                .optional())
        };
    }
    if let Some(session) = newest!(student_sessions::student_id.eq(student.as_str()))? {
        return Ok(Some(session));
    }
    let sent = lti_learners::table
        .inner_join(lti_placements::table)
        .filter(lti_placements::resource_link_id.eq(link))
        .filter(lti_placements::exam_id.eq(exam))
        .filter(lti_learners::user_id.eq(student))
        .select(lti_learners::student_session_id);
    match newest!(student_sessions::id.eq_any(sent))? {
        Some(session) => Ok(Some(session)),
        None => newest!(student_sessions::external_id.eq(student)),
    }
}

/// What lists of student sessions are filtered and sorted by.
pub const COLUMNS: Columns = columns!(student_sessions:
    id Number sorted, name Text sorted, email Text sorted, created_at Time sorted, updated_at Time, exam_id Number,
    institute_id Number, proctor_id Number, student_id Text, external_id Text, attempt Number, status Text,
    open_time Time, expires_at Time, start_time Time, end_time Time, extra_time_minutes Number,
    skip_requirements Bool, archived Bool, group_id Text,
);

/// One page of the student sessions that `filter` and `listing` ask for, oldest first unless `listing` says otherwise.
pub fn page(
    tx: &mut Tx<'_>,
    scope: Scope,
    filter: Filter,
    listing: &Listing,
    request: PageRequest,
) -> Result<Page<StudentSession>> {
    page_of!(
        tx, (listing, request),
        |query| of_exams_in_scope!(query, student_sessions, scope,
            student_sessions::exam_id => filter.exam, student_sessions::status => filter.status),
        count: student_sessions::table.count(),
        rows: student_sessions::table.select(StudentSession::as_select()),
        by: student_sessions::id
    )
}

/// The session that a token opens now, with its exam: the token of the student's own link, or of a visit from an LMS.
pub fn by_token(tx: &mut Tx<'_>, (token, now): (TokenHash, Timestamp)) -> Result<Option<(StudentSession, Exam)>> {
    on!(tx, |c| student_sessions::table
        .inner_join(exams::table)
        .filter(student_sessions::id.eq_any(opened_by!(token, now)))
        .select((StudentSession::as_select(), Exam::as_select()))
        .first(c)
        .optional())
}

/// The newest attempt of an e-mail address at an exam.
pub fn newest_of_email(tx: &mut Tx<'_>, exam: ExamId, email: &Email) -> Result<Option<StudentSession>> {
    on!(tx, |c| student_sessions::table
        .filter(student_sessions::exam_id.eq(exam))
        .filter(student_sessions::email.eq(email))
        .order(student_sessions::attempt.desc())
        .select(StudentSession::as_select())
        .first(c)
        .optional())
}

/// Notes the group of a student.
pub fn note_group(tx: &mut Tx<'_>, id: StudentSessionId, group: &Label, now: Timestamp) -> Result<()> {
    let moved = student_sessions::table
        .find(id)
        .filter(student_sessions::group_id.is_null().or(student_sessions::group_id.ne(group)));
    let noted = (student_sessions::group_id.eq(group), student_sessions::updated_at.eq(now));
    on!(tx, |c| diesel::update(moved).set(noted).execute(c)).map(|_| ())
}

/// The number of the next attempt of an e-mail address at an exam, from 1.
pub fn next_attempt(tx: &mut Tx<'_>, exam: ExamId, email: &Email) -> Result<i64> {
    let query = student_sessions::table
        .filter(student_sessions::exam_id.eq(exam))
        .filter(student_sessions::email.eq(email))
        .select(max(student_sessions::attempt));
    let last: Option<i64> = on!(tx, |c| query.first(c))?;
    Ok(last.unwrap_or(0) + 1)
}

/// What tools know this student by already at this institute.
pub fn known_student(tx: &mut Tx<'_>, institute: InstituteId, email: &Email) -> Result<Option<String>> {
    let query = student_sessions::table
        .filter(student_sessions::institute_id.eq(institute))
        .filter(student_sessions::email.eq(email))
        .order(student_sessions::id)
        .select(student_sessions::student_id);
    on!(tx, |c| query.first(c).optional())
}

/// Creates a student session and seals its token. Exam, e-mail address and attempt are unique together.
pub fn insert(tx: &mut Tx<'_>, new: &NewStudentSession, token: &Secret) -> Result<StudentSession> {
    let mut session: StudentSession = on!(tx, |c| diesel::insert_into(student_sessions::table)
        .values(new)
        .returning(StudentSession::as_returning())
        .get_result(c))
    .or_taken("email")?;
    session.token = tx.keys().seal(token, token_place(session.id, session.institute_id))?;
    write(tx, &session)?;
    Ok(session)
}

/// Everybody who registered for an exam and has not got the link: new ones, and those whose e-mail came back. Two calls
/// at once must not both find them, so the exam is locked.
pub fn uninvited(tx: &mut Tx<'_>, exam: ExamId) -> Result<Vec<StudentSessionId>> {
    lock_row!(tx, exams, exam)?;
    let waiting = [SessionStatus::Registered, SessionStatus::EmailBounced];
    let query = student_sessions::table
        .filter(student_sessions::exam_id.eq(exam))
        .filter(student_sessions::archived.eq(false))
        .filter(student_sessions::status.eq_any(waiting))
        .order(student_sessions::id)
        .select(student_sessions::id);
    on!(tx, |c| query.load(c))
}

/// A session with its exam and the institute.
pub fn with_exam(tx: &mut Tx<'_>, id: StudentSessionId) -> Result<Option<(StudentSession, Exam, InstituteName)>> {
    on!(tx, |c| student_sessions::table
        .inner_join(exams::table.inner_join(institutes::table))
        .filter(student_sessions::id.eq(id))
        .select((StudentSession::as_select(), Exam::as_select(), InstituteName::as_select()))
        .first(c)
        .optional())
}

/// Notes that the e-mail with the link is about to leave.
pub fn await_email(tx: &mut Tx<'_>, ids: &[StudentSessionId], now: Timestamp) -> Result<()> {
    let queued = (student_sessions::status.eq(SessionStatus::BeforeCheckReqMail), student_sessions::updated_at.eq(now));
    // A statement takes some thousand values at most.
    for part in ids.chunks(1_000) {
        let rows = student_sessions::table.filter(student_sessions::id.eq_any(part));
        on!(tx, |c| diesel::update(rows).set(queued).execute(c))?;
    }
    Ok(())
}

/// Notes what became of the e-mail with the link. A student who has gone on meanwhile stays where they are.
pub fn note_email(tx: &mut Tx<'_>, id: StudentSessionId, status: SessionStatus, now: Timestamp) -> Result<()> {
    let waiting =
        student_sessions::table.find(id).filter(student_sessions::status.eq(SessionStatus::BeforeCheckReqMail));
    let noted = (student_sessions::status.eq(status), student_sessions::updated_at.eq(now));
    on!(tx, |c| diesel::update(waiting).set(noted).execute(c)).map(|_| ())
}

/// Locks a session, changes it and writes it back.
pub fn update(
    tx: &mut Tx<'_>,
    scope: Scope,
    id: StudentSessionId,
    change: impl FnOnce(&mut Tx<'_>, &mut StudentSession) -> Result<()>,
) -> Result<StudentSession> {
    lock_row!(tx, student_sessions, id)?;
    let mut session = get(tx, scope, id)?;
    change(tx, &mut session)?;
    write(tx, &session)?;
    Ok(session)
}

/// Locks the session that a token opens, changes it as its exam allows, and writes it back.
pub fn update_by_token(
    tx: &mut Tx<'_>,
    token: (TokenHash, Timestamp),
    change: impl FnOnce(&mut StudentSession, &Exam) -> Result<()>,
) -> Result<Option<(StudentSession, Exam)>> {
    let Some((found, _)) = by_token(tx, token)? else { return Ok(None) };
    lock_row!(tx, student_sessions, found.id)?;
    let Some((mut session, exam)) = by_token(tx, token)? else { return Ok(None) };
    change(&mut session, &exam)?;
    write(tx, &session)?;
    Ok(Some((session, exam)))
}

/// Deletes a session.
pub fn remove(tx: &mut Tx<'_>, scope: Scope, id: StudentSessionId, now: Timestamp) -> Result<()> {
    lock_row!(tx, student_sessions, id)?;
    let session = get(tx, scope, id)?;
    departures::of_student(tx, &session, now)?;
    on!(tx, |c| diesel::delete(student_sessions::table.find(id)).execute(c)).map(|_| ())
}

/// Writes back a session that was locked before it was read.
pub(super) fn write(tx: &mut Tx<'_>, session: &StudentSession) -> Result<()> {
    on!(tx, |c| diesel::update(student_sessions::table.find(session.id)).set(session).execute(c))
        .or_taken("email")
        .map(|_| ())
}
