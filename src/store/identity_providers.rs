//! Identity providers.

use diesel::prelude::*;

use crate::domain::Result;
use crate::domain::id::{IdentityProviderId, InstituteId};
use crate::domain::identity_provider::{IdentityProvider, NewIdentityProvider};
use crate::schema::identity_providers;
use crate::store::listing::Columns;
use crate::store::{Listing, Page, PageRequest, Tx};

/// One identity provider of an institute, or none.
pub fn find(tx: &mut Tx<'_>, institute: InstituteId, id: IdentityProviderId) -> Result<Option<IdentityProvider>> {
    on!(tx, |c| identity_providers::table
        .find(id)
        .filter(identity_providers::institute_id.eq(institute))
        .select(IdentityProvider::as_select())
        .first(c)
        .optional())
}

/// What lists of identity providers are filtered and sorted by.
pub const COLUMNS: Columns = columns!(identity_providers:
    id Number sorted, name Text, issuer Text, idp_sso_target_url Text, created_at Time, updated_at Time,
);

/// One page of the identity providers that `listing` asks for, oldest first unless it says otherwise. `only` is the
/// caller's own institute.
pub fn page(
    tx: &mut Tx<'_>,
    only: Option<InstituteId>,
    listing: &Listing,
    request: PageRequest,
) -> Result<Page<IdentityProvider>> {
    page_of!(
        tx, (listing, request), |query| within!(query, identity_providers::institute_id => only),
        count: identity_providers::table.count(),
        rows: identity_providers::table.select(IdentityProvider::as_select()),
        by: identity_providers::id
    )
}

/// Creates an identity provider.
pub fn insert(tx: &mut Tx<'_>, new: &NewIdentityProvider) -> Result<IdentityProvider> {
    on!(tx, |c| diesel::insert_into(identity_providers::table)
        .values(new)
        .returning(IdentityProvider::as_returning())
        .get_result(c))
}
