use examlink_lti::Error;
use examlink_lti::v1::launch::{Context, OutcomeTarget};
use examlink_lti::v1::roles::Role;
use examlink_lti::v1p3::nrps::{
    LinkMessage, Member, Membership, MembershipFilter, MembershipsClaim, RoleFilter, Status,
};
use examlink_lti::v1p3::{Custom, ServiceError, claims};
use serde_json::{Value, json};

use crate::support::{is_unknown, missing, pairs, too_long, url, with, wrong_type};

const LEARNER: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner";

fn membership() -> Membership {
    let text = |text: &str| Some(text.to_owned());
    let outcome = OutcomeTarget { service_url: "https://exam.example/o".into(), sourcedid: "s-1".into() };
    let custom = Custom::from([("name".to_owned(), "Ada".to_owned()), ("empty".to_owned(), String::new())]);
    let full = Member {
        user_id: "u-1".into(),
        roles: vec![Role::LEARNER],
        status: Status::Inactive,
        name: text("Ada King"),
        given_name: text("Ada"),
        family_name: text("King"),
        middle_name: text("A."),
        email: text("ada@school.example"),
        picture: text("https://exam.example/p/1"),
        person_sourcedid: text("sis-1"),
        legacy_user_id: text("old-1"),
        groups: vec!["g-1".into()],
        message: Some(LinkMessage { custom, outcome: Some(outcome) }),
    };
    let bare = Member { user_id: "u-2".into(), ..Member::default() };
    Membership {
        id: "https://exam.example/members".into(),
        context: Context { id: text("c-1"), title: text("Algebra"), label: text("A1"), kind: None },
        members: vec![full, bare],
    }
}

fn read(document: &Value) -> Result<Membership, ServiceError> {
    Membership::read(document.to_string().as_bytes())
}

#[test]
fn members_are_written_with_what_tools_need_and_nothing_else() {
    let written = membership().to_value();
    assert_eq!(written["id"], "https://exam.example/members");
    assert_eq!(written["context"], json!({ "id": "c-1", "title": "Algebra", "label": "A1" }));
    assert_eq!(written["members"][0]["roles"], json!([LEARNER]));
    assert_eq!(written["members"][0]["status"], "Inactive");
    assert_eq!(written["members"][0]["group_enrollments"], json!([{ "group_id": "g-1" }]));
    let message = json!([{
        claims::MESSAGE_TYPE: "LtiResourceLinkRequest", claims::CUSTOM: { "name": "Ada", "empty": "" },
        claims::BASIC_OUTCOME: { "lis_result_sourcedid": "s-1", "lis_outcome_service_url": "https://exam.example/o" }
    }]);
    assert_eq!(written["members"][0]["message"], message);
    assert_eq!(written["members"][1], json!({ "user_id": "u-2", "roles": [], "status": "Active" }));
}

#[test]
fn a_tool_reads_what_a_platform_writes() {
    let written = membership().to_value();
    assert_eq!(read(&written).unwrap().to_value(), written);
    let foreign = with(&written, "members|1|roles", json!(["https://vendor.example/role", "Instructor"]));
    assert_eq!(read(&foreign).unwrap().members[1].roles, [Role::INSTRUCTOR]);
    assert_eq!(read(&with(&written, "members|0|status", json!(null))).unwrap().members[0].status, Status::Active);
    let other = with(&written, "members|0|message", json!([{ claims::MESSAGE_TYPE: "Other" }]));
    assert!(read(&other).unwrap().members[0].message.is_none());
}

#[test]
fn each_rule_of_a_membership_is_refused_when_broken() {
    let written = membership().to_value();
    for (path, value, refusal) in [
        ("context", json!(null), missing("context")),
        ("context|id", json!(null), missing("context.id")),
        ("members|0|user_id", json!(null), missing("members[0].user_id")),
        ("members|0|user_id", json!("x".repeat(256)), too_long("members[0].user_id", 255)),
        ("members|0|roles", json!("Learner"), wrong_type("members[0].roles", "a list")),
        ("members|0|group_enrollments", json!([{}]), missing("members[0].group_enrollments[0].group_id")),
        ("members", json!({}), wrong_type("members", "a list")),
    ] {
        let refused = read(&with(&written, path, value)).map(|membership| membership.id);
        assert_eq!(refused, Err(refusal), "{path}");
    }
    assert!(is_unknown(&read(&with(&written, "members|0|status", json!("Asleep"))), "members[0].status"));
}

#[test]
fn a_role_is_asked_for_by_its_uri_or_short_name() {
    for said in [LEARNER, "Learner", "learner"] {
        let filter = MembershipFilter::parse(&pairs(&[("role", said), ("limit", "10"), ("rlid", "link-1")])).unwrap();
        let link = Some("link-1".to_owned());
        let role = Some(RoleFilter::Of(Role::LEARNER));
        assert_eq!(filter, MembershipFilter { role, limit: Some(10), resource_link_id: link }, "{said}");
    }
    let guest = Role::parse("Learner/GuestLearner").unwrap();
    assert!(RoleFilter::Of(Role::LEARNER).takes(&[Role::INSTRUCTOR, guest]));
    assert!(!RoleFilter::Of(Role::LEARNER).takes(&[Role::INSTRUCTOR]));
}

#[test]
fn a_role_that_nobody_has_finds_nobody() {
    for said in ["' OR 1=1 --", "http://evil.example/membership#Learner", "%"] {
        let filter = MembershipFilter::parse(&pairs(&[("role", said)])).unwrap();
        assert_eq!(filter.role, Some(RoleFilter::Nobody), "{said}");
    }
    assert!(!RoleFilter::Nobody.takes(&[Role::LEARNER]));
    let twice = pairs(&[("rlid", "a"), ("rlid", "b")]);
    assert_eq!(MembershipFilter::parse(&twice), Err(ServiceError::Repeated("rlid")));
    assert_eq!(MembershipFilter::parse(&pairs(&[("limit", "0")])), Err(ServiceError::Limit));
}

#[test]
fn a_tool_asks_for_those_with_a_role() {
    let asked = |url: &str| MembershipsClaim { url: url.into() }.first_page(Role::LEARNER, 50).map(String::from);
    let role = "role=http%3A%2F%2Fpurl.imsglobal.org%2Fvocab%2Flis%2Fv2%2Fmembership%23Learner&limit=50";
    assert_eq!(asked("https://lms.example/members"), Ok(format!("https://lms.example/members?{role}")));
    assert_eq!(asked("https://lms.example/m?course=1"), Ok(format!("https://lms.example/m?course=1&{role}")));
    let broken = url("context_memberships_url", Error::UrlScheme("javascript".into()));
    assert_eq!(asked("javascript:x"), Err(broken));
}

#[test]
fn the_claim_says_where_members_are_listed() {
    let service = MembershipsClaim { url: "https://exam.example/members".into() };
    let claim = service.to_value();
    assert_eq!(claim["service_versions"], json!(["2.0"]));
    assert_eq!(MembershipsClaim::read(&claim, false), Ok(service));
    let at = "namesroleservice.context_memberships_url";
    let plain = with(&claim, "context_memberships_url", json!("http://exam.example/"));
    let refusal = url(at, Error::UrlPlainHttp("exam.example".into()));
    assert_eq!(MembershipsClaim::read(&plain, false), Err(refusal));
    assert_eq!(MembershipsClaim::read(&json!({}), false), Err(missing(at)));
}
