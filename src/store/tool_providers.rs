//! Tool providers.

use diesel::prelude::*;

use crate::domain::error::InUse;
use crate::domain::exam::ExamStatus;
use crate::domain::id::{InstituteId, LtiResourceId, ToolProviderId};
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::secret::Secret;
use crate::domain::tool_deployment::ToolDeployment;
use crate::domain::tool_provider::{NewToolProvider, ToolProvider, secret_place};
use crate::domain::{Error, Result};
use crate::schema::{exams, lti_registrations as registrations, lti_resources, tool_providers};
use crate::store::listing::Columns;
use crate::store::{
    Listing, Page, PageRequest, Tx, line_item_scores, lti_registrations, proctorings, results, tool_deployments,
};

/// A tool provider, and where it speaks LTI 1.3, or did, what it is registered with and where it is deployed.
pub type Registered = (ToolProvider, Option<LtiRegistration>, Vec<ToolDeployment>);

macro_rules! registered {
    () => {
        tool_providers::table
            .left_join(registrations::table)
            .select((ToolProvider::as_select(), Option::<LtiRegistration>::as_select()))
    };
}

/// One tool provider. `only` is the caller's own institute.
pub fn get(tx: &mut Tx<'_>, only: Option<InstituteId>, id: ToolProviderId) -> Result<ToolProvider> {
    find(tx, only, id)?.ok_or_else(|| Error::not_found("tool provider", id))
}

/// One tool provider, or none.
pub fn find(tx: &mut Tx<'_>, only: Option<InstituteId>, id: ToolProviderId) -> Result<Option<ToolProvider>> {
    on!(tx, |c| within!(
        tool_providers::table.find(id).select(ToolProvider::as_select()),
        tool_providers::institute_id => only
    )
    .first(c)
    .optional())
}

/// One tool provider with its registration.
pub fn registered(tx: &mut Tx<'_>, only: Option<InstituteId>, id: ToolProviderId) -> Result<Registered> {
    let found: Option<(ToolProvider, Option<LtiRegistration>)> = on!(tx, |c| within!(
        registered!().filter(tool_providers::id.eq(id)),
        tool_providers::institute_id => only
    )
    .first(c)
    .optional())?;
    let (tool, registration) = found.ok_or_else(|| Error::not_found("tool provider", id))?;
    Ok((tool, registration, tool_deployments::of_all(tx, &[id])?))
}

/// Every tool provider with a consumer key, with its secret opened: several institutes may have got the same key.
pub fn by_consumer_key(tx: &mut Tx<'_>, key: &str) -> Result<Vec<(ToolProvider, Secret)>> {
    let query = tool_providers::table.filter(tool_providers::oauth_consumer_key.eq(key));
    let tools: Vec<ToolProvider> =
        on!(tx, |c| query.order(tool_providers::id).select(ToolProvider::as_select()).load(c))?;
    let open = |tool: ToolProvider| {
        let secret = tx.keys().open(&tool.oauth_consumer_secret, secret_place(tool.id, tool.institute_id))?;
        Ok((tool, secret))
    };
    tools.into_iter().map(open).collect()
}

/// What lists of tool providers are filtered and sorted by.
pub const COLUMNS: Columns = columns!(tool_providers:
    id Number sorted, tool_name Text sorted, created_at Time sorted, updated_at Time, tool_url Text,
    oauth_consumer_key Text, use_as_basic_link Bool, institute_id Number,
);

/// One page of the tool providers that `listing` asks for, oldest first unless it says otherwise.
pub fn page(
    tx: &mut Tx<'_>,
    only: Option<InstituteId>,
    listing: &Listing,
    request: PageRequest,
) -> Result<Page<Registered>> {
    let page: Result<Page<ToolProvider>> = page_of!(
        tx, (listing, request), |query| within!(query, tool_providers::institute_id => only),
        count: tool_providers::table.count(),
        rows: tool_providers::table.select(ToolProvider::as_select()),
        by: tool_providers::id
    );
    let page = page?;
    let mut registrations = lti_registrations::of_all(tx, page.rows.iter().map(|tool| tool.id))?;
    let registered: Vec<ToolProviderId> = registrations.keys().copied().collect();
    let deployments = tool_deployments::of_all(tx, &registered)?;
    Ok(page.map(|tool| {
        let own = deployments.iter().filter(|deployment| deployment.tool_provider_id == tool.id).cloned().collect();
        let registration = registrations.remove(&tool.id);
        (tool, registration, own)
    }))
}

/// Creates a tool provider, seals its secret and registers it where it speaks LTI 1.3.
pub fn insert(
    tx: &mut Tx<'_>,
    new: &NewToolProvider,
    secret: &Secret,
    registration: Option<LtiRegistration>,
) -> Result<Registered> {
    let tool = on!(tx, |c| diesel::insert_into(tool_providers::table)
        .values(new)
        .returning(ToolProvider::as_returning())
        .get_result(c))?;
    write(tx, (tool, registration, Vec::new()), Some(secret))
}

/// Locks a tool provider, changes it and writes it back, with a new secret where one is given.
pub fn update(
    tx: &mut Tx<'_>,
    only: Option<InstituteId>,
    id: ToolProviderId,
    secret: Option<&Secret>,
    change: impl FnOnce(&mut Registered) -> Result<()>,
) -> Result<Registered> {
    lock_row!(tx, tool_providers, id)?;
    let mut registered = registered(tx, only, id)?;
    change(&mut registered)?;
    refuse_lost_url(tx, &registered.0)?;
    write(tx, registered, secret)
}

/// Deletes a tool provider with its resources. One that an open exam uses is kept, and the exams are named; so is one
/// that students have results of, or through which students of an exam begin.
pub fn remove(tx: &mut Tx<'_>, only: Option<InstituteId>, id: ToolProviderId) -> Result<()> {
    lock_row!(tx, tool_providers, id)?;
    get(tx, only, id)?;
    let users = exams::table
        .inner_join(lti_resources::table)
        .filter(lti_resources::tool_provider_id.eq(id))
        .filter(exams::status.eq(ExamStatus::Open))
        .select((exams::id, exams::name))
        .order(exams::id)
        .distinct();
    let open: Vec<(i64, String)> = on!(tx, |c| users.load(c))?;
    if !open.is_empty() {
        return Err(Error::Locked(open.into_iter().map(|(id, name)| InUse { id, name }).collect()));
    }
    proctorings::refuse_while_needed(tx, id)?;
    let resources = lti_resources::table.filter(lti_resources::tool_provider_id.eq(id)).select(lti_resources::id);
    let resources: Vec<LtiResourceId> = on!(tx, |c| resources.load(c))?;
    results::refuse_while_graded(tx, &resources)?;
    line_item_scores::refuse_while_graded(tx, id)?;
    on!(tx, |c| diesel::delete(tool_providers::table.find(id)).execute(c)).map(|_| ())
}

/// A resource without a URL of its own follows the tool provider's, so that one cannot go while such a resource is there.
fn refuse_lost_url(tx: &mut Tx<'_>, tool: &ToolProvider) -> Result<()> {
    let followers = lti_resources::table
        .filter(lti_resources::tool_provider_id.eq(tool.id))
        .filter(lti_resources::lti_resource_launch_url.is_null())
        .count();
    if !tool.tool_url.is_empty() || on!(tx, |c| followers.get_result::<i64>(c))? == 0 {
        return Ok(());
    }
    Err(Error::invalid("tool_url", "cannot be empty: LTI resources without a URL of their own are launched there"))
}

fn write(tx: &mut Tx<'_>, (mut tool, registration, _): Registered, secret: Option<&Secret>) -> Result<Registered> {
    if let Some(secret) = secret {
        tool.oauth_consumer_secret = tx.keys().seal(secret, secret_place(tool.id, tool.institute_id))?;
    }
    on!(tx, |c| diesel::update(tool_providers::table.find(tool.id)).set(&tool).execute(c))?;
    let registration = registration.map(|any| LtiRegistration { tool_provider_id: tool.id, ..any });
    if let Some(registration) = &registration {
        lti_registrations::put(tx, registration)?;
    }
    let deployments = tool_deployments::of_all(tx, &[tool.id])?;
    Ok((tool, registration, deployments))
}
