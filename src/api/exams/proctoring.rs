//! The tool that proctors an exam.

use crate::api::params::Patch;
use crate::domain::exam::ExamSettings;
use crate::domain::id::{InstituteId, ToolProviderId};
use crate::domain::{Error, Result};
use crate::store::{Tx, lti_registrations, tool_deployments, tool_providers};

/// Checks that students can be sent to the tool that is given, if one is.
pub fn check_tool(tx: &mut Tx<'_>, institute: InstituteId, given: &Patch<ToolProviderId>) -> Result<()> {
    let Some(id) = given.get() else { return Ok(()) };
    let refused = |why: &str| Err(Error::invalid("proctoring_tool_provider_id", why));
    let Some(tool) = tool_providers::find(tx, Some(institute), *id)? else {
        return refused("is not a tool provider of the exam's institute");
    };
    match lti_registrations::of(tx, &tool)? {
        None => refused("does not speak LTI 1.3, by which students are proctored"),
        Some(registration) if !registration.settings.active => {
            refused("is not active; an administrator sets its active to true")
        }
        Some(_) if tool.tool_url.is_empty() => refused("has no tool_url, and that is where students are sent"),
        Some(_) => Ok(()),
    }
}

/// Checks that the deployment through which students are sent to the tool, where one is named, is one of the tool's.
pub fn check_deployment(tx: &mut Tx<'_>, settings: &ExamSettings) -> Result<()> {
    const FIELD: &str = "proctoring_tool_deployment_id";
    match (settings.proctoring_tool_provider_id, settings.proctoring_tool_deployment_id) {
        (Some(tool), named) => tool_deployments::check(tx, tool, (FIELD, named)),
        (None, Some(_)) => Err(Error::invalid(FIELD, "is for a proctoring_tool_provider_id; send that with it")),
        (None, None) => Ok(()),
    }
}
