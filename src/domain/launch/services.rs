//! Which services a tool of LTI 1.3 may call, and the claims that tell it where (AGS 2.0, endpoint claim; NRPS 2.0,
//! claim).

use examlink_lti::v1p3::ags::Endpoint;
use examlink_lti::v1p3::claims::scope;
use examlink_lti::v1p3::nrps::MembershipsClaim;
use serde_json::Value;

use crate::domain::id::{ExamId, LtiResourceId};
use crate::domain::line_item::ItemName;
use crate::domain::lti_urls;

/// What a tool may do with grades.
pub const GRADES: [&str; 4] = [scope::LINE_ITEM, scope::LINE_ITEM_READ, scope::RESULT_READ, scope::SCORE];

/// What a token can be good for. Every tool is offered all of it, in its own exams alone. Tokens name scopes by their
/// places in this list, so new ones come at its end.
pub const OFFERED: [&str; 5] =
    [scope::LINE_ITEM, scope::LINE_ITEM_READ, scope::RESULT_READ, scope::SCORE, scope::MEMBERSHIP_READ];

/// The claim [`AGS_ENDPOINT`](examlink_lti::v1p3::claims::AGS_ENDPOINT) of a launch: where the tool's line items of the
/// exam are, and the one of the link, where it is the only one (`store::line_items::is_only`). `origin` is the public
/// URL. In a message that is about no link, `link` is none.
pub fn endpoint(origin: &str, exam: ExamId, link: Option<LtiResourceId>) -> Value {
    let item = |link| lti_urls::line_item(origin, exam, ItemName::Link(link));
    let scopes = GRADES.map(str::to_owned).to_vec();
    Endpoint { scopes, line_items: Some(lti_urls::line_items(origin, exam)), line_item: link.map(item) }.to_value()
}

/// The claim [`NAMES_ROLE_SERVICE`](examlink_lti::v1p3::claims::NAMES_ROLE_SERVICE) of a launch: where the members of the
/// exam are listed.
pub fn membership(origin: &str, exam: ExamId) -> Value {
    MembershipsClaim { url: lti_urls::members(origin, exam) }.to_value()
}
