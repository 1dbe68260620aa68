//! What a tool provider that speaks LTI 1.3 is registered with (Security Framework 1.0, section 5; LTI 1.3, section 3.1.3).

use diesel::prelude::*;

use crate::clock::Random;
use crate::domain::id::ToolProviderId;
use crate::domain::text::{KeyText, ToolConfigurationText, WebUrl};
use crate::domain::time::Timestamp;
use crate::domain::tool_deployment::new_deployment_id;
use crate::domain::tool_provider::{LtiVersion, ToolProvider};
use crate::domain::{Error, Result};
use crate::schema::lti_registrations;

/// Addresses that a tool may ask to be answered at, at most.
pub const MOST_REDIRECT_URIS: usize = 50;

list! {
    /// Addresses of a tool.
    RedirectUris(WebUrl)
}

names! {
    /// What a tool may do with a token of its own: the services that this platform has for tools.
    ToolScope {
        /// Makes, changes and deletes line items of its own (AGS 2.0).
        LineItem = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
        /// Reads its line items.
        LineItemRead = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly",
        /// Reads the results of its line items.
        ResultRead = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
        /// Gives scores for its line items.
        Score = "https://purl.imsglobal.org/spec/lti-ags/scope/score",
        /// Reads who takes part in an exam that it is placed in (NRPS 2.0).
        MembershipRead = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
        /// Controls the attempts that it proctors (Assessment Control 1.0).
        AssessmentControl = "https://purl.imsglobal.org/spec/lti-ap/scope/control.all",
        /// Reads which groups the students of an exam are in (Course Groups 1.0).
        GroupRead = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly",
        /// Says where it wants to be told of what happens (Platform Notification Service 1.0).
        NoticeHandlers = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers",
        /// Reads what it is registered with (Dynamic Registration 1.0).
        RegistrationRead = "https://purl.imsglobal.org/spec/lti-reg/scope/registration.readonly",
        /// Reads it, and proposes to be registered with something else.
        Registration = "https://purl.imsglobal.org/spec/lti-reg/scope/registration",
    }
}

impl ToolScope {
    /// Every scope: what is offered to tools. Tokens name scopes by their places here, so new ones come at the end.
    pub const ALL: [Self; 10] = [
        Self::LineItem,
        Self::LineItemRead,
        Self::ResultRead,
        Self::Score,
        Self::MembershipRead,
        Self::AssessmentControl,
        Self::GroupRead,
        Self::NoticeHandlers,
        Self::RegistrationRead,
        Self::Registration,
    ];

    /// Whether it is one of the gradebook (AGS 2.0).
    pub const fn is_of_grades(self) -> bool {
        matches!(self, Self::LineItem | Self::LineItemRead | Self::ResultRead | Self::Score)
    }
}

list! {
    /// What a tool was granted.
    ToolScopes(ToolScope)
}

impl ToolScopes {
    /// Everything that is offered to tools.
    pub fn all() -> Self {
        Self(ToolScope::ALL.to_vec())
    }
}

/// A tool as this platform knows it: one client, in the institute of its tool provider. It may be deployed several times
/// (`tool_deployments`).
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable, Insertable, AsChangeset)]
#[diesel(table_name = lti_registrations, primary_key(tool_provider_id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct LtiRegistration {
    /// The tool provider.
    pub tool_provider_id: ToolProviderId,
    /// What the tool is called here (`client_id`).
    pub client_id: String,
    /// Its first place in the institute (`deployment_id`). Where the tool is told of something at another one, that one:
    /// see `store::tool_deployments::deployed`.
    pub deployment_id: String,
    /// What the tool and this platform agreed on.
    #[diesel(embed)]
    pub settings: RegistrationSettings,
    /// What the tool would like to be registered with instead, until an administrator has looked at it.
    pub proposal: Option<ToolConfigurationText>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What an administrator sets.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = lti_registrations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct RegistrationSettings {
    /// Where a launch begins (`initiate_login_uri`).
    pub login_url: WebUrl,
    /// Where a launch may be answered. Each is compared as it is written.
    pub redirect_uris: RedirectUris,
    /// Where the tool publishes its keys.
    pub jwks_url: Option<WebUrl>,
    /// Its key, where it publishes none.
    pub public_key: Option<KeyText>,
    /// Where content is chosen in it (`target_link_uri` of deep linking), where that is not where it is launched.
    pub deep_linking_url: Option<WebUrl>,
    /// What its tokens may be good for.
    pub scopes: ToolScopes,
    /// Whether it may be used. A tool that registered itself waits until an administrator says so.
    pub active: bool,
}

impl LtiRegistration {
    /// A new client with a new deployment. The id of the tool provider is set once it is known.
    pub fn new(settings: RegistrationSettings, random: Random, now: Timestamp) -> Result<Self> {
        Ok(Self {
            tool_provider_id: ToolProviderId(0),
            client_id: random.hex::<16>()?,
            deployment_id: new_deployment_id(random)?,
            settings,
            proposal: None,
            created_at: now,
            updated_at: now,
        })
    }

    /// Whether the tool may be used now: it is active, and was not moved back to LTI 1.1.
    pub fn may_be_used(&self, tool: &ToolProvider) -> bool {
        self.settings.active && tool.lti_version == LtiVersion::V1p3
    }
}

impl RegistrationSettings {
    /// What its tokens are good for, in the order of [`ToolScope::ALL`]. Nothing while it is not active or has no key
    /// to ask for one with. Who may write line items may read them.
    pub fn granted(&self) -> Vec<ToolScope> {
        let usable = self.active && (self.jwks_url.is_some() || self.public_key.is_some());
        let has = |scope| self.scopes.0.contains(&scope);
        let implied = |scope| scope == ToolScope::LineItemRead && has(ToolScope::LineItem);
        ToolScope::ALL.into_iter().filter(|&scope| usable && (has(scope) || implied(scope))).collect()
    }

    /// Checks the rules that span several settings.
    pub fn check(&self) -> Result<()> {
        match self.redirect_uris.0.len() {
            1..=MOST_REDIRECT_URIS => Ok(()),
            _ => Err(Error::invalid("redirect_uris", format!("must hold 1 to {MOST_REDIRECT_URIS} addresses"))),
        }
    }
}
