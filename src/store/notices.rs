//! Where tools want to be told of what happens, and what they are told.

use diesel::prelude::*;
use examlink_lti::v1p3::notices::{Event, Handler};

use crate::clock::Random;
use crate::domain::exam::{Exam, ToldExam};
use crate::domain::id::{ExamId, ToolProviderId};
use crate::domain::job::{NewJob, Task};
use crate::domain::lti_registration::{LtiRegistration, ToolScope};
use crate::domain::notice::{Happening, NewNoticeHandler};
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::ToolProvider;
use crate::domain::{Error, Result};
use crate::schema::{exams, lti_resources, notice_handlers};
use crate::store::{Tx, jobs, line_items, lti_registrations};

/// A notice on its way, as things are now.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Where the tool wants it.
    pub url: String,
    /// The tool.
    pub tool: ToolProvider,
    /// What it is registered with.
    pub registration: LtiRegistration,
    /// What it is told.
    pub event: Event,
}

/// Where a tool wants notices: the type, as it is called on the wire, and the address.
pub fn of_tool(tx: &mut Tx<'_>, tool: ToolProviderId) -> Result<Vec<(String, String)>> {
    on!(tx, |c| notice_handlers::table
        .filter(notice_handlers::tool_provider_id.eq(tool))
        .order(notice_handlers::notice_type)
        .select((notice_handlers::notice_type, notice_handlers::url))
        .load(c))
}

/// Sets where a tool wants the notices of a type, in place of where it wanted them before, or takes that away. Who wants
/// to try it out gets a notice at once.
pub fn put(tx: &mut Tx<'_>, tool: ToolProviderId, handler: &Handler, random: Random, now: Timestamp) -> Result<()> {
    let notice_type = handler.notice_type.as_str();
    let Some(url) = handler.url.clone() else {
        let gone = notice_handlers::table
            .filter(notice_handlers::tool_provider_id.eq(tool))
            .filter(notice_handlers::notice_type.eq(notice_type));
        return on!(tx, |c| diesel::delete(gone).execute(c)).map(|_| ());
    };
    let new = NewNoticeHandler { tool_provider_id: tool, notice_type, url, created_at: now, updated_at: now };
    on!(tx, |c| diesel::insert_into(notice_handlers::table)
        .values(&new)
        .on_conflict((notice_handlers::tool_provider_id, notice_handlers::notice_type))
        .do_update()
        .set((notice_handlers::url.eq(&new.url), notice_handlers::updated_at.eq(now)))
        .execute(c))?;
    let happening = Happening::HandlerSet;
    // One that waits goes to the new address: however often a tool sets it, its notices never fill the queue.
    if handler.notice_type != happening.notice_type()
        || jobs::waits(tx, &Task::Notice { tool_provider: tool, happening })?
    {
        return Ok(());
    }
    queue(tx, &[tool], happening, (random, now))
}

/// Lets every tool know of a copied exam that has a link in it and wants to.
pub fn tell_of_copy(tx: &mut Tx<'_>, origin: ExamId, copy: &Exam, random: Random) -> Result<()> {
    let happening = Happening::ExamCopied { copy: copy.id, origin };
    let placed =
        lti_resources::table.filter(lti_resources::exam_id.eq(copy.id)).select(lti_resources::tool_provider_id);
    let tools: Vec<ToolProviderId> = on!(tx, |c| notice_handlers::table
        .filter(notice_handlers::notice_type.eq(happening.notice_type().as_str()))
        .filter(notice_handlers::tool_provider_id.eq_any(placed))
        .order(notice_handlers::tool_provider_id)
        .select(notice_handlers::tool_provider_id)
        .load(c))?;
    queue(tx, &tools, happening, (random, copy.created_at))
}

/// What a tool is to be told now. Nothing, where it may not be used, is not granted this any more, no longer wants it, or
/// has no link in the exam.
pub fn outgoing(tx: &mut Tx<'_>, tool: ToolProviderId, happening: Happening) -> Result<Option<Outgoing>> {
    let Some((tool, registration)) = lti_registrations::of_tool(tx, tool)? else { return Ok(None) };
    let Some(url) = wanted_at(tx, tool.id, happening)? else { return Ok(None) };
    if !registration.settings.granted().contains(&ToolScope::NoticeHandlers) {
        return Ok(None);
    }
    let event = match happening {
        Happening::HandlerSet => Some(Event::HelloWorld),
        Happening::ExamCopied { copy, origin } => copied(tx, tool.id, copy, origin)?,
    };
    Ok(event.map(|event| Outgoing { url, tool, registration, event }))
}

fn wanted_at(tx: &mut Tx<'_>, tool: ToolProviderId, happening: Happening) -> Result<Option<String>> {
    on!(tx, |c| notice_handlers::table
        .filter(notice_handlers::tool_provider_id.eq(tool))
        .filter(notice_handlers::notice_type.eq(happening.notice_type().as_str()))
        .select(notice_handlers::url)
        .first(c)
        .optional())
}

fn copied(tx: &mut Tx<'_>, tool: ToolProviderId, copy: ExamId, origin: ExamId) -> Result<Option<Event>> {
    let copy = match line_items::exam_of_tool(tx, copy, tool) {
        Err(Error::NotFound { .. }) => return Ok(None),
        copy => copy?,
    };
    // The origin may have been put away since: the tool knows it still.
    let origins: Vec<String> = on!(tx, |c| exams::table
        .filter(exams::id.eq(origin))
        .filter(exams::institute_id.eq(copy.institute_id))
        .select(exams::token)
        .load(c))?;
    Ok(Some(Event::ContextCopy { context: ToldExam::from(&copy).context(), origins }))
}

fn queue(
    tx: &mut Tx<'_>,
    tools: &[ToolProviderId],
    happening: Happening,
    (random, now): (Random, Timestamp),
) -> Result<()> {
    let job = |tool: &ToolProviderId| {
        let task = Task::Notice { tool_provider: *tool, happening };
        Ok(NewJob::now(random.hex::<16>()?, task, now))
    };
    jobs::insert(tx, &tools.iter().map(job).collect::<Result<Vec<_>>>()?)
}
