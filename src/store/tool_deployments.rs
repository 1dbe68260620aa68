//! The places where tools of LTI 1.3 are deployed.

use diesel::prelude::*;

use crate::clock::Random;
use crate::domain::id::{ExamId, ToolDeploymentId, ToolProviderId};
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::text::Name;
use crate::domain::time::Timestamp;
use crate::domain::tool_deployment::{FIRST, NewToolDeployment, Reach, ToolDeployment, new_deployment_id};
use crate::domain::{Error, Result};
use crate::schema::{exams, lti_registrations, lti_resources, tool_deployments};
use crate::store::exams::Kept;
use crate::store::listing::Columns;
use crate::store::{Listing, Page, PageRequest, Tx, lti_registrations as registrations};

/// Deployments of one tool, which are all shown with it.
const MOST: i64 = 100;
/// Exams that a refusal names at most.
const NAMED: i64 = 10;

const NOT_1P3: &str =
    "The tool provider is not registered for LTI 1.3, which alone knows deployments; set its lti_version to 1.3 first.";
const STAYS: &str = "The first deployment of a tool stays as long as the tool provider does: everything is there that names \
                     no other. Give its resources another tool_deployment_id instead.";

/// One deployment of a tool.
pub fn get(tx: &mut Tx<'_>, tool: ToolProviderId, id: ToolDeploymentId) -> Result<ToolDeployment> {
    find(tx, tool, id)?.ok_or_else(|| Error::not_found("tool deployment", id))
}

/// One deployment of a tool, or none.
pub fn find(tx: &mut Tx<'_>, tool: ToolProviderId, id: ToolDeploymentId) -> Result<Option<ToolDeployment>> {
    on!(tx, |c| tool_deployments::table
        .find(id)
        .filter(tool_deployments::tool_provider_id.eq(tool))
        .select(ToolDeployment::as_select())
        .first(c)
        .optional())
}

/// The deployment of a tool that the tool knows by this name, or none.
pub fn find_named(tx: &mut Tx<'_>, tool: ToolProviderId, deployment_id: &str) -> Result<Option<ToolDeployment>> {
    on!(tx, |c| tool_deployments::table
        .filter(tool_deployments::tool_provider_id.eq(tool))
        .filter(tool_deployments::deployment_id.eq(deployment_id))
        .select(ToolDeployment::as_select())
        .first(c)
        .optional())
}

/// The first deployment of a tool, which its registration names.
pub fn first(tx: &mut Tx<'_>, registration: &LtiRegistration) -> Result<ToolDeployment> {
    let tool = registration.tool_provider_id;
    find_named(tx, tool, &registration.deployment_id)?.ok_or_else(|| Error::not_found("tool deployment", tool))
}

/// Checks that the deployment that a field names is one of this tool, where it names one.
pub fn check(tx: &mut Tx<'_>, tool: ToolProviderId, (field, given): (&str, Option<ToolDeploymentId>)) -> Result<()> {
    match given {
        Some(id) if find(tx, tool, id)?.is_none() => {
            Err(Error::invalid(field, "is not a deployment of the tool provider"))
        }
        _ => Ok(()),
    }
}

/// The registration as it is told at a deployment: with that one's `deployment_id`, and with the first one's where none is
/// named, or the one that was is gone.
pub fn deployed(
    tx: &mut Tx<'_>,
    registration: LtiRegistration,
    at: Option<ToolDeploymentId>,
) -> Result<LtiRegistration> {
    let Some(id) = at else { return Ok(registration) };
    let deployment_id = match find(tx, registration.tool_provider_id, id)? {
        Some(deployment) => deployment.deployment_id,
        None => registration.deployment_id,
    };
    Ok(LtiRegistration { deployment_id, ..registration })
}

/// The deployment of a tool that something names, which is the first one where it names none; `None` where it is gone.
pub fn at(
    tx: &mut Tx<'_>,
    registration: &LtiRegistration,
    named: Option<ToolDeploymentId>,
) -> Result<Option<ToolDeployment>> {
    match named {
        Some(id) => find(tx, registration.tool_provider_id, id),
        None => first(tx, registration).map(Some),
    }
}

/// What a tool may touch by a token for this deployment, or for all of them; none where the deployment is gone.
pub fn reach(tx: &mut Tx<'_>, registration: &LtiRegistration, only: Option<ToolDeploymentId>) -> Result<Option<Reach>> {
    let tool = registration.tool_provider_id;
    let Some(only) = only else { return Ok(Some(Reach::all(tool))) };
    Ok(find(tx, tool, only)?.map(|deployment| Reach::of(&deployment, registration)))
}

/// The deployments of these tools, each tool's in the order that they were made in.
pub(super) fn of_all(tx: &mut Tx<'_>, tools: &[ToolProviderId]) -> Result<Vec<ToolDeployment>> {
    if tools.is_empty() {
        return Ok(Vec::new());
    }
    on!(tx, |c| tool_deployments::table
        .filter(tool_deployments::tool_provider_id.eq_any(tools))
        .order(tool_deployments::id)
        .select(ToolDeployment::as_select())
        .load(c))
}

/// What lists of deployments are filtered and sorted by. They are a tool's, and short: one index serves all orders.
pub const COLUMNS: Columns = columns!(tool_deployments:
    id Number sorted, name Text sorted, created_at Time sorted, updated_at Time, deployment_id Text,
);

/// One page of a tool's deployments that `listing` asks for, oldest first unless it says otherwise.
pub fn page(
    tx: &mut Tx<'_>,
    tool: ToolProviderId,
    listing: &Listing,
    request: PageRequest,
) -> Result<Page<ToolDeployment>> {
    page_of!(
        tx, (listing, request), |query| within!(query, tool_deployments::tool_provider_id => Some(tool)),
        count: tool_deployments::table.count(),
        rows: tool_deployments::table.select(ToolDeployment::as_select()),
        by: tool_deployments::id
    )
}

/// Deploys a tool once more.
pub fn insert(
    tx: &mut Tx<'_>,
    tool: ToolProviderId,
    name: &Name,
    random: Random,
    now: Timestamp,
) -> Result<ToolDeployment> {
    // Two at once must not be one too many.
    lock_registration(tx, tool)?;
    let others = tool_deployments::table.filter(tool_deployments::tool_provider_id.eq(tool)).count();
    if on!(tx, |c| others.get_result::<i64>(c))? >= MOST {
        return Err(Error::Conflict(format!("A tool has {MOST} deployments at most; delete one that nothing uses.")));
    }
    let new = NewToolDeployment {
        tool_provider_id: tool,
        deployment_id: new_deployment_id(random)?,
        name: name.to_string(),
        created_at: now,
        updated_at: now,
    };
    on!(tx, |c| diesel::insert_into(tool_deployments::table)
        .values(&new)
        .returning(ToolDeployment::as_returning())
        .get_result(c))
}

/// Makes the first deployment of a tool, where it is not there yet.
pub(super) fn ensure_first(tx: &mut Tx<'_>, registration: &LtiRegistration) -> Result<()> {
    let first = NewToolDeployment {
        tool_provider_id: registration.tool_provider_id,
        deployment_id: registration.deployment_id.clone(),
        name: FIRST.to_owned(),
        created_at: registration.created_at,
        updated_at: registration.created_at,
    };
    on!(tx, |c| diesel::insert_into(tool_deployments::table)
        .values(&first)
        .on_conflict((tool_deployments::tool_provider_id, tool_deployments::deployment_id))
        .do_nothing()
        .execute(c))
    .map(|_| ())
}

/// Locks a deployment, changes it and writes it back.
pub fn update(
    tx: &mut Tx<'_>,
    tool: ToolProviderId,
    id: ToolDeploymentId,
    change: impl FnOnce(&mut ToolDeployment),
) -> Result<ToolDeployment> {
    lock_row!(tx, tool_deployments, id)?;
    let mut deployment = get(tx, tool, id)?;
    change(&mut deployment);
    on!(tx, |c| diesel::update(tool_deployments::table.find(id)).set(&deployment).execute(c))?;
    Ok(deployment)
}

/// Deletes a deployment. The first one stays, and so does one that exams use: they are named.
pub fn remove(tx: &mut Tx<'_>, tool: ToolProviderId, id: ToolDeploymentId) -> Result<()> {
    lock_row!(tx, tool_deployments, id)?;
    let deployment = get(tx, tool, id)?;
    if registrations::find(tx, tool)?.is_some_and(|registration| deployment.is_first(&registration)) {
        return Err(Error::Conflict(STAYS.into()));
    }
    let placed = exams::table
        .filter(Kept)
        .filter(exams::id.eq_any(
            lti_resources::table.filter(lti_resources::tool_deployment_id.eq(id)).select(lti_resources::exam_id),
        ))
        .select(exams::id)
        .order(exams::id)
        .limit(NAMED);
    let placed: Vec<ExamId> = on!(tx, |c| placed.load(c))?;
    refuse_while_used(&placed, "LTI resources of exams use this deployment; give them another tool_deployment_id")?;
    let proctored = exams::table
        .filter(Kept)
        .filter(exams::proctoring_tool_deployment_id.eq(id))
        .select(exams::id)
        .order(exams::id)
        .limit(NAMED);
    let proctored: Vec<ExamId> = on!(tx, |c| proctored.load(c))?;
    refuse_while_used(
        &proctored,
        "Students of exams begin through this deployment; give these another proctoring_tool_deployment_id",
    )?;
    on!(tx, |c| diesel::delete(tool_deployments::table.find(id)).execute(c)).map(|_| ())
}

fn refuse_while_used(by: &[ExamId], why: &str) -> Result<()> {
    if by.is_empty() {
        return Ok(());
    }
    let named = by.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Err(Error::Conflict(format!("{why} first: {named}.")))
}

/// Locks what a tool is registered with, so that its deployments are counted one after the other.
fn lock_registration(tx: &mut Tx<'_>, tool: ToolProviderId) -> Result<()> {
    use crate::schema::tool_providers;
    lock_row!(tx, tool_providers, tool, for_no_key_update)?;
    let registered = lti_registrations::table.find(tool).count();
    match on!(tx, |c| registered.get_result::<i64>(c))? {
        0 => Err(Error::Conflict(NOT_1P3.into())),
        _ => Ok(()),
    }
}
