//! `/identity_providers`

use actix_web::get;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::auth::Signed;
use crate::api::problem::Problem;
use crate::api::reply::{List, Listed};
use crate::app::App;
use crate::domain::access::ReadUsers;
use crate::domain::id::IdentityProviderId;
use crate::domain::identity_provider::IdentityProvider;
use crate::domain::text::{Label, Name, WebUrl};
use crate::domain::time::Timestamp;
use crate::store::{Tx, identity_providers};

/// An identity provider as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IdentityProvider)]
pub struct IdentityProviderView {
    /// What a user's `omniauth_config_id` names.
    id: IdentityProviderId,
    name: Name,
    /// Where a browser is sent to sign in.
    idp_sso_target_url: WebUrl,
    /// The name that the provider gives itself in what it signs.
    #[schema(example = "https://login.example.edu/metadata")]
    issuer: Label,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<IdentityProvider> for IdentityProviderView {
    fn from(provider: IdentityProvider) -> Self {
        let IdentityProvider { id, institute_id: _, name, idp_sso_target_url, issuer, created_at, updated_at } =
            provider;
        Self { id, name, idp_sso_target_url, issuer, created_at, updated_at }
    }
}

/// A page of identity providers.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdentityProvidersEnvelope {
    identity_providers: Vec<IdentityProviderView>,
}

/// Lists the identity providers of the caller's institute, oldest first unless `sort` says otherwise. The operator of the server registers them.
#[utoipa::path(tag = "identity_providers", params(List), responses((status = OK, body = IdentityProvidersEnvelope)))]
#[get("/identity_providers")]
pub async fn list_identity_providers(
    Signed { auth, params }: Signed<ReadUsers, List>,
    app: Data<App>,
) -> Result<Listed<IdentityProvidersEnvelope>, Problem> {
    let only = auth.scope.institute;
    let list = move |tx: &mut Tx<'_>| {
        identity_providers::page(tx, only, &params.listing(identity_providers::COLUMNS)?, params.request())
    };
    let page = app.store.read(auth.nonce, list).await?;
    let page = page.map(IdentityProviderView::from);
    Ok(Listed::page(page, |identity_providers| IdentityProvidersEnvelope { identity_providers }))
}
