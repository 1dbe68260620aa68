//! The claims that tell a tool of LTI 1.3 which services it may call and where (AGS 2.0, endpoint claim; NRPS 2.0, claim;
//! Course Groups 1.0; Platform Notification Service 1.0).

use examlink_lti::v1p3::ags::Endpoint;
use examlink_lti::v1p3::claims::{AGS_ENDPOINT, GROUPS_SERVICE, NAMES_ROLE_SERVICE, NOTIFICATION_SERVICE};
use examlink_lti::v1p3::groups::GroupsClaim;
use examlink_lti::v1p3::notices::NotificationsClaim;
use examlink_lti::v1p3::nrps::MembershipsClaim;
use serde_json::Value;

use crate::domain::id::{ExamId, LtiResourceId};
use crate::domain::line_item::ItemName;
use crate::domain::lti_registration::{RegistrationSettings, ToolScope};
use crate::domain::lti_urls;

/// One claim for each service that the registration grants: where the tool's line items of the exam are, where its members
/// are, where their groups are, and where it says where it wants notices. `origin` is the public URL. `link` is the one
/// whose line item is the only one that the tool has there (`store::line_items::is_only`), and none in a message that is
/// about no link.
pub fn claims(
    settings: &RegistrationSettings,
    (origin, exam): (&str, ExamId),
    link: Option<LtiResourceId>,
) -> Vec<(&'static str, Value)> {
    let granted = settings.granted();
    let endpoint = endpoint(settings, (origin, exam), link);
    let grades = (!endpoint.scopes.is_empty()).then(|| (AGS_ENDPOINT, endpoint.to_value()));
    let url = || lti_urls::members(origin, exam);
    let members = granted
        .contains(&ToolScope::MembershipRead)
        .then(|| (NAMES_ROLE_SERVICE, MembershipsClaim { url: url() }.to_value()));
    let groups = granted.contains(&ToolScope::GroupRead);
    let groups = groups.then(|| GroupsClaim { groups_url: lti_urls::groups(origin, exam), sets_url: None });
    let groups = groups.map(|claim| (GROUPS_SERVICE, claim.to_value()));
    let notices = granted.contains(&ToolScope::NoticeHandlers);
    let notices = notices.then(|| NotificationsClaim { url: format!("{origin}{}", lti_urls::NOTICE_HANDLERS) });
    let notices = notices.map(|claim| (NOTIFICATION_SERVICE, claim.to_value()));
    grades.into_iter().chain(members).chain(groups).chain(notices).collect()
}

/// The service of grades alone, with what the registration grants of it.
pub fn endpoint(
    settings: &RegistrationSettings,
    (origin, exam): (&str, ExamId),
    link: Option<LtiResourceId>,
) -> Endpoint {
    let grades = settings.granted().into_iter().filter(|scope| scope.is_of_grades());
    Endpoint {
        scopes: grades.map(|scope| scope.to_string()).collect(),
        line_items: Some(lti_urls::line_items(origin, exam)),
        line_item: link.map(|link| lti_urls::line_item(origin, exam, ItemName::Link(link))),
    }
}
