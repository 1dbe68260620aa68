//! Tools of LTI 1.3, as this platform knows them.

use diesel::prelude::*;

use crate::domain::Result;
use crate::domain::id::ToolProviderId;
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::tool_provider::{LtiVersion, ToolProvider};
use crate::schema::{lti_registrations, tool_providers};
use crate::store::Tx;

/// The registration of a tool provider, where it has one.
pub fn find(tx: &mut Tx<'_>, id: ToolProviderId) -> Result<Option<LtiRegistration>> {
    on!(tx, |c| lti_registrations::table.find(id).select(LtiRegistration::as_select()).first(c).optional())
}

/// The tool that goes by a client id, where it speaks LTI 1.3 now.
pub fn by_client_id(tx: &mut Tx<'_>, client_id: &str) -> Result<Option<(ToolProvider, LtiRegistration)>> {
    on!(tx, |c| lti_registrations::table
        .inner_join(tool_providers::table)
        .filter(lti_registrations::client_id.eq(client_id))
        .filter(tool_providers::lti_version.eq(LtiVersion::V1p3))
        .select((ToolProvider::as_select(), LtiRegistration::as_select()))
        .first(c)
        .optional())
}

/// Stores a registration, or what became of it.
pub(super) fn put(tx: &mut Tx<'_>, registration: &LtiRegistration) -> Result<()> {
    on!(tx, |c| diesel::insert_into(lti_registrations::table)
        .values(registration)
        .on_conflict(lti_registrations::tool_provider_id)
        .do_update()
        .set(registration)
        .execute(c))
    .map(|_| ())
}
