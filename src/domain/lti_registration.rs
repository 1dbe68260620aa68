//! What a tool provider that speaks LTI 1.3 is registered with (Security Framework 1.0, section 5; LTI 1.3, section 3.1.3).

use diesel::prelude::*;

use crate::clock::Random;
use crate::domain::id::ToolProviderId;
use crate::domain::text::{KeyText, WebUrl};
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};
use crate::schema::lti_registrations;

/// Addresses that a tool may ask to be answered at, at most.
pub const MOST_REDIRECT_URIS: usize = 50;

list! {
    /// Addresses of a tool.
    RedirectUris(WebUrl)
}

/// A tool as this platform knows it: one client, deployed once, in the institute of its tool provider.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable, Insertable, AsChangeset)]
#[diesel(table_name = lti_registrations, primary_key(tool_provider_id), treat_none_as_null = true)]
pub struct LtiRegistration {
    /// The tool provider.
    pub tool_provider_id: ToolProviderId,
    /// What the tool is called here (`client_id`).
    pub client_id: String,
    /// Its place in the institute (`deployment_id`).
    pub deployment_id: String,
    /// What the tool and this platform agreed on.
    #[diesel(embed)]
    pub settings: RegistrationSettings,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What an administrator sets.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = lti_registrations, treat_none_as_null = true)]
pub struct RegistrationSettings {
    /// Where a launch begins (`initiate_login_uri`).
    pub login_url: WebUrl,
    /// Where a launch may be answered. Each is compared as it is written.
    pub redirect_uris: RedirectUris,
    /// Where the tool publishes its keys.
    pub jwks_url: Option<WebUrl>,
    /// Its key, where it publishes none.
    pub public_key: Option<KeyText>,
}

impl LtiRegistration {
    /// A new client with a new deployment. The id of the tool provider is set once it is known.
    pub fn new(settings: RegistrationSettings, random: Random, now: Timestamp) -> Result<Self> {
        Ok(Self {
            tool_provider_id: ToolProviderId(0),
            client_id: random.hex::<16>()?,
            deployment_id: random.hex::<8>()?,
            settings,
            created_at: now,
            updated_at: now,
        })
    }
}

impl RegistrationSettings {
    /// Checks the rules that span several settings.
    pub fn check(&self) -> Result<()> {
        match self.redirect_uris.0.len() {
            1..=MOST_REDIRECT_URIS => Ok(()),
            _ => Err(Error::invalid("redirect_uris", format!("must hold 1 to {MOST_REDIRECT_URIS} addresses"))),
        }
    }
}
