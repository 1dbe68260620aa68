//! Identity providers: where the users of an institute sign in.

use diesel::prelude::*;

use crate::domain::id::{IdentityProviderId, InstituteId};
use crate::domain::text::{Label, Name, WebUrl};
use crate::domain::time::Timestamp;
use crate::schema::identity_providers;

/// A place where the users of an institute sign in.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable)]
#[diesel(table_name = identity_providers)]
pub struct IdentityProvider {
    /// Its number, which a user's `omniauth_config_id` names.
    pub id: IdentityProviderId,
    /// Whose users sign in there.
    pub institute_id: InstituteId,
    /// What people call it.
    pub name: Name,
    /// Where a browser is sent to sign in.
    pub idp_sso_target_url: WebUrl,
    /// The name that it gives itself in what it signs.
    pub issuer: Label,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// An identity provider that is about to be created.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = identity_providers, treat_none_as_default_value = false)]
pub struct NewIdentityProvider {
    /// Whose users sign in there.
    pub institute_id: InstituteId,
    /// What people call it.
    pub name: Name,
    /// Where a browser is sent to sign in.
    pub idp_sso_target_url: WebUrl,
    /// The name that it gives itself in what it signs.
    pub issuer: Label,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub updated_at: Timestamp,
}
