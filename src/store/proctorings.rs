//! Attempts that a tool proctors.

use diesel::prelude::*;

use crate::domain::assessment_control::ControlledAttempt;
use crate::domain::exam::Exam;
use crate::domain::id::{ExamId, StudentSessionId, ToolDeploymentId, ToolProviderId};
use crate::domain::proctoring::{Candidate, Proctoring, ProctoringFacts, Step, exam_token};
use crate::domain::student_session::{Mover, SessionStatus, StudentSession};
use crate::domain::time::Timestamp;
use crate::domain::tool_deployment::Reach;
use crate::domain::tool_provider::ToolProvider;
use crate::domain::{Error, Result};
use crate::schema::{exams, proctorings, student_sessions};
use crate::store::exams::Kept;
use crate::store::{Tx, lti_registrations, lti_visits, tool_deployments, tool_providers};

/// Exams that a refusal names at most.
const NAMED: i64 = 10;

/// What was found for a message to a proctoring tool.
#[derive(Debug)]
pub struct Found {
    /// What it is made from.
    pub facts: Box<ProctoringFacts>,
    /// Whose pages may show it in a frame.
    pub ancestors: Vec<String>,
}

/// What is known of an attempt, where a tool proctors it.
pub fn find(tx: &mut Tx<'_>, session: StudentSessionId) -> Result<Option<Proctoring>> {
    on!(tx, |c| proctorings::table.find(session).select(Proctoring::as_select()).first(c).optional())
}

/// What the message of a step is made from: where the exam has a proctoring tool that may be used, and for the end, where
/// the tool that let the student begin asked for it.
pub fn facts(tx: &mut Tx<'_>, session: StudentSessionId, step: Step) -> Result<Option<Found>> {
    let Some((session, exam, institute)) = super::student_sessions::with_exam(tx, session)? else { return Ok(None) };
    let by = match step {
        Step::Start => exam.proctored_by(),
        Step::End => find(tx, session.id)?
            .filter(|known| known.end_assessment_return)
            .map(|known| (known.tool_provider_id, known.tool_deployment_id)),
    };
    let Some((tool, deployment)) = by else { return Ok(None) };
    let Some((tool, registration)) = lti_registrations::of_tool(tx, tool)? else { return Ok(None) };
    if !registration.settings.active {
        return Ok(None);
    }
    let registration = tool_deployments::deployed(tx, registration, deployment)?;
    let ancestors = lti_visits::frame_origins(tx, session.id)?;
    let facts = Box::new(ProctoringFacts { session, exam, institute, tool, registration });
    Ok(Some(Found { facts, ancestors }))
}

/// Who proctors an attempt, and whether that tool wants to be told of the end; nobody where no tool does.
pub fn proctor(tx: &mut Tx<'_>, session: &StudentSession, exam: &Exam) -> Result<Option<(ToolProvider, bool)>> {
    if exam.proctoring_tool().is_none() && session.paused_at.is_none() {
        return Ok(None);
    }
    let known = find(tx, session.id)?;
    let tool = known.as_ref().map(|known| known.tool_provider_id).or_else(|| exam.proctoring_tool());
    let Some(tool) = tool else { return Ok(None) };
    let tool = tool_providers::find(tx, Some(exam.institute_id), tool)?;
    Ok(tool.map(|tool| (tool, known.is_some_and(|known| known.end_assessment_return))))
}

/// Begins the attempt that the tool let a student begin; `false` where it cannot be begun, or was.
pub fn begin(tx: &mut Tx<'_>, candidate: &Candidate, end_assessment_return: bool, now: Timestamp) -> Result<bool> {
    lock_row!(tx, student_sessions, candidate.session)?;
    let found = super::student_sessions::with_exam(tx, candidate.session)?;
    let Some((mut session, exam, _)) = found.filter(|(session, exam, _)| candidate.may_begin(session, exam, now))
    else {
        return Ok(false);
    };
    session.enter(SessionStatus::ExamStarted, Mover::Student, now)?;
    super::student_sessions::write(tx, &session)?;
    let known = of_tool(tx, session.id, &exam, candidate.tool, now)?;
    let tool_deployment_id = exam.settings.proctoring_tool_deployment_id;
    put(tx, &Proctoring { tool_deployment_id, end_assessment_return, updated_at: now, ..known })?;
    Ok(true)
}

/// The attempt that a tool means, where it is the one that proctors it, within its reach: `link` names the exam, `student` who takes it.
pub fn meant(
    tx: &mut Tx<'_>,
    tool: &ToolProvider,
    reach: Reach,
    (link, student, attempt): (&str, &str, u32),
) -> Result<Option<StudentSessionId>> {
    type Row = (StudentSessionId, Exam, Option<(ToolProviderId, Option<ToolDeploymentId>)>);
    let Some(token) = exam_token(link) else { return Ok(None) };
    let found: Option<Row> = on!(tx, |c| student_sessions::table
        .inner_join(exams::table)
        .left_join(proctorings::table)
        .filter(exams::token.eq(token))
        .filter(exams::institute_id.eq(tool.institute_id))
        .filter(Kept)
        .filter(student_sessions::student_id.eq(student))
        .filter(student_sessions::attempt.eq(i64::from(attempt)))
        .order(student_sessions::id.desc())
        .select((
            student_sessions::id,
            Exam::as_select(),
            (proctorings::tool_provider_id, proctorings::tool_deployment_id).nullable(),
        ))
        .first(c)
        .optional())?;
    // Who let the student begin goes on to proctor, even when the author has chosen another tool since.
    let proctored = |(_, exam, begun_by): &Row| {
        let by = begun_by.or_else(|| exam.proctored_by());
        by.is_some_and(|(by, deployment)| by == reach.tool && reach.covers(deployment))
    };
    Ok(found.filter(proctored).map(|(session, _, _)| session))
}

/// Locks an attempt for the tool that proctors it.
pub fn lock(
    tx: &mut Tx<'_>,
    session: StudentSessionId,
    tool: ToolProviderId,
    now: Timestamp,
) -> Result<Option<ControlledAttempt>> {
    lock_row!(tx, student_sessions, session)?;
    let Some((session, exam, _)) = super::student_sessions::with_exam(tx, session)? else { return Ok(None) };
    let proctoring = of_tool(tx, session.id, &exam, tool, now)?;
    Ok(Some(ControlledAttempt { session, exam, proctoring }))
}

/// Writes back an attempt that was locked.
pub fn write(tx: &mut Tx<'_>, attempt: &ControlledAttempt) -> Result<()> {
    super::student_sessions::write(tx, &attempt.session)?;
    put(tx, &attempt.proctoring)
}

/// What is known of an attempt at this tool: nothing yet where another one had it before.
fn of_tool(
    tx: &mut Tx<'_>,
    session: StudentSessionId,
    exam: &Exam,
    tool: ToolProviderId,
    now: Timestamp,
) -> Result<Proctoring> {
    let known = find(tx, session)?.filter(|known| known.tool_provider_id == tool);
    Ok(known.unwrap_or_else(|| Proctoring::by(tool, session, exam, now)))
}

fn put(tx: &mut Tx<'_>, proctoring: &Proctoring) -> Result<()> {
    on!(tx, |c| diesel::insert_into(proctorings::table)
        .values(proctoring)
        .on_conflict(proctorings::student_session_id)
        .do_update()
        .set(proctoring)
        .execute(c))
    .map(|_| ())
}

/// Refuses to delete a tool that exams need: without it, their students would begin unwatched.
pub(super) fn refuse_while_needed(tx: &mut Tx<'_>, tool: ToolProviderId) -> Result<()> {
    let needing = exams::table.filter(exams::proctoring_tool_provider_id.eq(tool)).filter(Kept);
    let needing: Vec<ExamId> = on!(tx, |c| needing.order(exams::id).limit(NAMED).select(exams::id).load(c))?;
    if needing.is_empty() {
        return Ok(());
    }
    let named = needing.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Err(Error::Conflict(format!(
        "Students of exams begin through this tool; give these another proctoring_tool_provider_id first: {named}."
    )))
}
