//! The places where a tool of LTI 1.3 is deployed (LTI 1.3, section 3.1.3), and how far a token reaches that is good for
//! one of them alone (section 6.2).

use diesel::prelude::*;

use crate::clock::Random;
use crate::domain::Result;
use crate::domain::id::{ToolDeploymentId, ToolProviderId};
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::text::Name;
use crate::domain::time::Timestamp;
use crate::schema::tool_deployments;

/// What the first deployment of a tool is called, until somebody calls it something else.
pub const FIRST: &str = "Default";

/// A place where a tool is deployed. The first one, which the registration names, stays as long as that does.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable, AsChangeset)]
#[diesel(table_name = tool_deployments)]
pub struct ToolDeployment {
    /// Its number.
    pub id: ToolDeploymentId,
    /// The tool.
    pub tool_provider_id: ToolProviderId,
    /// What the tool knows it by (`deployment_id`). It never changes.
    pub deployment_id: String,
    /// What people call it.
    pub name: Name,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A deployment that is about to be created.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = tool_deployments, treat_none_as_default_value = false)]
pub struct NewToolDeployment {
    /// The tool.
    pub tool_provider_id: ToolProviderId,
    /// What the tool will know it by.
    pub deployment_id: String,
    /// What people call it.
    pub name: String,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub updated_at: Timestamp,
}

/// What a tool knows a new deployment by.
pub fn new_deployment_id(random: Random) -> Result<String> {
    Ok(random.hex::<8>()?)
}

impl ToolDeployment {
    /// Whether it is the first one, where everything is that names no other.
    pub fn is_first(&self, of: &LtiRegistration) -> bool {
        self.deployment_id == of.deployment_id
    }
}

/// What is a tool's to see and to change: everything of it, or of one deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The tool.
    pub tool: ToolProviderId,
    /// The one deployment, and whether it is the first one.
    only: Option<(ToolDeploymentId, bool)>,
}

impl Reach {
    /// Everything of a tool.
    pub const fn all(tool: ToolProviderId) -> Self {
        Self { tool, only: None }
    }

    /// What one deployment has.
    pub fn of(deployment: &ToolDeployment, registration: &LtiRegistration) -> Self {
        let only = Some((deployment.id, deployment.is_first(registration)));
        Self { tool: deployment.tool_provider_id, only }
    }

    /// The one deployment; none where it is everything.
    pub fn deployment(self) -> Option<ToolDeploymentId> {
        self.only.map(|(id, _)| id)
    }

    /// Whether what names this deployment, or none, is within it.
    pub fn covers(self, named: Option<ToolDeploymentId>) -> bool {
        self.only.is_none_or(|(id, is_first)| named.map_or(is_first, |named| named == id))
    }
}
