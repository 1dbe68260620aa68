use examlink_lti::v1p3::ServiceError;
use examlink_lti::v1p3::groups::{
    Group, GroupFilter, GroupSet, GroupsClaim, groups_to_value, read_groups, read_sets, sets_to_value,
};
use serde_json::json;

use crate::support::{missing, pairs, scheme, too_long, with};

const URL: &str = "https://exam.example/groups";

fn group() -> Group {
    Group { id: "g-1".into(), name: "Red".into(), tag: Some("colour".into()), set_id: Some("s-1".into()) }
}

#[test]
fn groups_and_sets_are_written_and_read() {
    let bare = Group { id: "g-2".into(), name: "Blue".into(), ..Group::default() };
    let groups = vec![group(), bare];
    let page = groups_to_value(URL, &groups);
    let first = json!({ "id": "g-1", "name": "Red", "tag": "colour", "set_id": "s-1" });
    assert_eq!(page, json!({ "id": URL, "groups": [first, { "id": "g-2", "name": "Blue" }] }));
    assert_eq!(read_groups(page.to_string().as_bytes()), Ok(groups.clone()));
    let sets = vec![GroupSet { id: "s-1".into(), name: "Colours".into(), groups }];
    let page = sets_to_value(URL, &sets);
    assert_eq!(read_sets(page.to_string().as_bytes()), Ok(sets));
}

#[test]
fn a_group_has_an_id_and_a_name() {
    let page = groups_to_value(URL, &[group()]);
    for (path, value, refusal) in [
        ("groups|0|id", json!(null), missing("groups[0].id")),
        ("groups|0|name", json!(" "), missing("groups[0].name")),
        ("groups|0|tag", json!("x".repeat(1025)), too_long("groups[0].tag", 1024)),
    ] {
        assert_eq!(read_groups(with(&page, path, value).to_string().as_bytes()), Err(refusal), "{path}");
    }
    assert_eq!(read_sets(br#"{"sets":[{"id":"s"}]}"#), Err(missing("sets[0].name")));
}

#[test]
fn the_claim_and_the_filter_are_read() {
    let service = GroupsClaim { groups_url: URL.into(), sets_url: Some("https://exam.example/sets".into()) };
    let claim = service.to_value();
    assert_eq!(GroupsClaim::read(&claim, false), Ok(service));
    let script = with(&claim, "context_groups_url", json!("javascript:x"));
    assert_eq!(GroupsClaim::read(&script, false), Err(scheme("groupsservice.context_groups_url", "javascript")));
    let filter = GroupFilter { user_id: Some("u".into()), limit: Some(5) };
    assert_eq!(GroupFilter::parse(&pairs(&[("user_id", "u"), ("limit", "5")])), Ok(filter));
    assert_eq!(GroupFilter::parse(&pairs(&[("limit", "-1")])), Err(ServiceError::Limit));
}
