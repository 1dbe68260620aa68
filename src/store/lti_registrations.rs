//! Tools of LTI 1.3, as this platform knows them.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::domain::Result;
use crate::domain::id::ToolProviderId;
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::text::ToolConfigurationText;
use crate::domain::tool_provider::{LtiVersion, ToolProvider};
use crate::schema::{lti_registrations, tool_providers};
use crate::store::{Tx, tool_deployments};

/// The registration of a tool provider, where it has one.
pub fn find(tx: &mut Tx<'_>, id: ToolProviderId) -> Result<Option<LtiRegistration>> {
    on!(tx, |c| lti_registrations::table.find(id).select(LtiRegistration::as_select()).first(c).optional())
}

/// The registrations of these tool providers, where they have one.
pub(super) fn of_all(
    tx: &mut Tx<'_>,
    tools: impl Iterator<Item = ToolProviderId>,
) -> Result<HashMap<ToolProviderId, LtiRegistration>> {
    let tools: Vec<ToolProviderId> = tools.collect();
    if tools.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = lti_registrations::table.filter(lti_registrations::tool_provider_id.eq_any(tools));
    let rows: Vec<LtiRegistration> = on!(tx, |c| rows.select(LtiRegistration::as_select()).load(c))?;
    Ok(rows.into_iter().map(|row| (row.tool_provider_id, row)).collect())
}

/// What a tool provider is registered with, where it speaks LTI 1.3 now.
pub fn of(tx: &mut Tx<'_>, tool: &ToolProvider) -> Result<Option<LtiRegistration>> {
    if tool.lti_version == LtiVersion::V1p3 { find(tx, tool.id) } else { Ok(None) }
}

/// The tool that goes by a client id, where it speaks LTI 1.3 now and may be used: an administrator can shut it out, and
/// one that registered itself waits for one.
pub fn by_client_id(tx: &mut Tx<'_>, client_id: &str) -> Result<Option<(ToolProvider, LtiRegistration)>> {
    Ok(named(tx, client_id)?.filter(|(tool, registration)| registration.may_be_used(tool)))
}

/// The tool that goes by a client id, whether it may be used or not.
pub fn named(tx: &mut Tx<'_>, client_id: &str) -> Result<Option<(ToolProvider, LtiRegistration)>> {
    on!(tx, |c| lti_registrations::table
        .inner_join(tool_providers::table)
        .filter(lti_registrations::client_id.eq(client_id))
        .select((ToolProvider::as_select(), LtiRegistration::as_select()))
        .first(c)
        .optional())
}

/// A tool with its registration, where it speaks LTI 1.3 now and may be used.
pub fn of_tool(tx: &mut Tx<'_>, id: ToolProviderId) -> Result<Option<(ToolProvider, LtiRegistration)>> {
    on!(tx, |c| lti_registrations::table
        .inner_join(tool_providers::table)
        .filter(lti_registrations::tool_provider_id.eq(id))
        .filter(lti_registrations::active.eq(true))
        .filter(tool_providers::lti_version.eq(LtiVersion::V1p3))
        .select((ToolProvider::as_select(), LtiRegistration::as_select()))
        .first(c)
        .optional())
}

/// Keeps what a tool would like to be registered with instead, in the place of what it proposed before.
pub fn propose(tx: &mut Tx<'_>, id: ToolProviderId, proposal: &ToolConfigurationText) -> Result<()> {
    lock_row!(tx, tool_providers, id)?;
    let row = lti_registrations::table.find(id);
    on!(tx, |c| diesel::update(row).set(lti_registrations::proposal.eq(proposal)).execute(c)).map(|_| ())
}

/// Stores a registration, or what became of it, with its first deployment.
pub(super) fn put(tx: &mut Tx<'_>, registration: &LtiRegistration) -> Result<()> {
    on!(tx, |c| diesel::insert_into(lti_registrations::table)
        .values(registration)
        .on_conflict(lti_registrations::tool_provider_id)
        .do_update()
        .set(registration)
        .execute(c))?;
    tool_deployments::ensure_first(tx, registration)
}
