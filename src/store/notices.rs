//! Where tools want to be told of what happens, and what they are told.

use std::collections::BTreeSet;

use diesel::prelude::*;
use examlink_lti::v1p3::notices::{Event, Handler, NoticeType};

use crate::clock::Random;
use crate::domain::exam::{Exam, ToldExam};
use crate::domain::id::{ExamId, ToolDeploymentId, ToolProviderId};
use crate::domain::job::{NewJob, Task};
use crate::domain::lti_registration::{LtiRegistration, ToolScope};
use crate::domain::notice::{Happening, NewNoticeHandler};
use crate::domain::time::Timestamp;
use crate::domain::tool_deployment::Reach;
use crate::domain::tool_provider::ToolProvider;
use crate::domain::{Error, Result};
use crate::schema::{exams, lti_resources, notice_handlers, tool_providers};
use crate::store::{Tx, jobs, line_items, lti_registrations, tool_deployments};

/// A notice on its way, as things are now.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Where the tool wants it.
    pub url: String,
    /// The tool.
    pub tool: ToolProvider,
    /// What it is registered with, at the deployment that the notice is about.
    pub registration: LtiRegistration,
    /// What it is told.
    pub event: Event,
}

/// The addresses of a tool for the notices of one deployment, its own before those of all deployments; where none is
/// named, those of all alone.
macro_rules! handlers_for {
    ($tool:expr, $deployment:expr) => {
        notice_handlers::table
            .filter(notice_handlers::tool_provider_id.eq($tool))
            .filter(
                notice_handlers::tool_deployment_id.is_null().or(notice_handlers::tool_deployment_id.eq($deployment)),
            )
            .order(notice_handlers::tool_deployment_id.is_null())
    };
}

/// Where a tool wants the notices that are within its reach: the type, as it is called on the wire, and the address. The
/// first of a type counts.
pub fn within(tx: &mut Tx<'_>, reach: Reach) -> Result<Vec<(String, String)>> {
    on!(tx, |c| handlers_for!(reach.tool, reach.deployment())
        .select((notice_handlers::notice_type, notice_handlers::url))
        .load(c))
}

/// Sets where a tool wants the notices of a type, in place of where it wanted them before, or takes that away: those of
/// one deployment, or of all that have no address of their own. Who wants to try it out gets a notice at once.
pub fn put(tx: &mut Tx<'_>, reach: Reach, handler: &Handler, random: Random, now: Timestamp) -> Result<()> {
    let (tool, deployment, notice_type) = (reach.tool, reach.deployment(), handler.notice_type.as_str());
    // Of two at once the second finds the first.
    lock_row!(tx, tool_providers, tool, for_no_key_update)?;
    let known: Option<(i64, Option<ToolDeploymentId>)> = on!(tx, |c| handlers_for!(tool, deployment)
        .filter(notice_handlers::notice_type.eq(notice_type))
        .select((notice_handlers::id, notice_handlers::tool_deployment_id))
        .first(c)
        .optional())?;
    let known = known.filter(|(_, known)| *known == deployment).map(|(id, _)| notice_handlers::table.find(id));
    let Some(url) = handler.url.clone() else {
        let Some(known) = known else { return Ok(()) };
        return on!(tx, |c| diesel::delete(known).execute(c)).map(|_| ());
    };
    if let Some(known) = known {
        let change = (notice_handlers::url.eq(&url), notice_handlers::updated_at.eq(now));
        on!(tx, |c| diesel::update(known).set(change).execute(c))?;
    } else {
        let new = NewNoticeHandler {
            tool_provider_id: tool,
            tool_deployment_id: deployment,
            notice_type,
            url,
            created_at: now,
            updated_at: now,
        };
        on!(tx, |c| diesel::insert_into(notice_handlers::table).values(&new).execute(c))?;
    }
    let happening = Happening::HandlerSet { deployment };
    // One that waits goes to the new address: however often a tool sets it, its notices never fill the queue.
    if handler.notice_type != happening.notice_type()
        || jobs::waits(tx, &Task::Notice { tool_provider: tool, happening })?
    {
        return Ok(());
    }
    queue(tx, &[(tool, happening)], (random, now))
}

/// Lets every tool know of a copied exam that has a link in it and wants to: once for each of its deployments there.
pub fn tell_of_copy(tx: &mut Tx<'_>, origin: ExamId, copy: &Exam, random: Random) -> Result<()> {
    let wants = notice_handlers::table
        .filter(notice_handlers::notice_type.eq(NoticeType::ContextCopy.as_str()))
        .select(notice_handlers::tool_provider_id);
    let placed: Vec<(ToolProviderId, Option<ToolDeploymentId>)> = on!(tx, |c| lti_resources::table
        .filter(lti_resources::exam_id.eq(copy.id))
        .filter(lti_resources::tool_provider_id.eq_any(wants))
        .select((lti_resources::tool_provider_id, lti_resources::tool_deployment_id))
        .distinct()
        .load(c))?;
    let mut told = BTreeSet::new();
    for (tool, named) in placed {
        let Some(registration) = lti_registrations::find(tx, tool)? else { continue };
        let deployment = tool_deployments::at(tx, &registration, named)?.map(|deployment| deployment.id);
        let happening = Happening::ExamCopied { copy: copy.id, origin, deployment };
        if wanted_at(tx, tool, happening)?.is_some() {
            told.insert((tool, deployment));
        }
    }
    let happenings =
        told.into_iter().map(|(tool, deployment)| (tool, Happening::ExamCopied { copy: copy.id, origin, deployment }));
    queue(tx, &happenings.collect::<Vec<_>>(), (random, copy.created_at))
}

/// What a tool is to be told now. Nothing, where it may not be used, is not granted this any more, no longer wants it, or
/// has no link of that deployment in the exam.
pub fn outgoing(tx: &mut Tx<'_>, tool: ToolProviderId, happening: Happening) -> Result<Option<Outgoing>> {
    let Some((tool, registration)) = lti_registrations::of_tool(tx, tool)? else { return Ok(None) };
    let Some(deployment) = tool_deployments::at(tx, &registration, happening.deployment())? else { return Ok(None) };
    let Some(url) = wanted_at(tx, tool.id, happening)? else { return Ok(None) };
    if !registration.settings.granted().contains(&ToolScope::NoticeHandlers) {
        return Ok(None);
    }
    let event = match happening {
        Happening::HandlerSet { .. } => Some(Event::HelloWorld),
        Happening::ExamCopied { copy, origin, .. } => copied(tx, Reach::of(&deployment, &registration), copy, origin)?,
    };
    let registration = LtiRegistration { deployment_id: deployment.deployment_id, ..registration };
    Ok(event.map(|event| Outgoing { url, tool, registration, event }))
}

fn wanted_at(tx: &mut Tx<'_>, tool: ToolProviderId, happening: Happening) -> Result<Option<String>> {
    on!(tx, |c| handlers_for!(tool, happening.deployment())
        .filter(notice_handlers::notice_type.eq(happening.notice_type().as_str()))
        .select(notice_handlers::url)
        .first(c)
        .optional())
}

fn copied(tx: &mut Tx<'_>, reach: Reach, copy: ExamId, origin: ExamId) -> Result<Option<Event>> {
    let copy = match line_items::exam_within(tx, copy, reach) {
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
    happenings: &[(ToolProviderId, Happening)],
    (random, now): (Random, Timestamp),
) -> Result<()> {
    let job = |&(tool_provider, happening): &(ToolProviderId, Happening)| {
        Ok(NewJob::now(random.hex::<16>()?, Task::Notice { tool_provider, happening }, now))
    };
    jobs::insert(tx, &happenings.iter().map(job).collect::<Result<Vec<_>>>()?)
}
