use examlink_lti::v1::launch::{Context, Presentation, ResourceLink, User};
use examlink_lti::v1p3::claims::AGS_ENDPOINT;
use examlink_lti::v1p3::id_token::IdToken;
use examlink_lti::v1p3::variables::OF_THE_MESSAGE;
use serde_json::json;

use crate::support::{fullest, pair, smallest};

fn everything() -> IdToken {
    let items = json!({ "lineitems": "https://exam.example/items", "lineitem": "https://exam.example/items/1" });
    IdToken { services: vec![(AGS_ENDPOINT, items)], ..fullest() }
}

/// What `value` is sent as.
fn sent(mut token: IdToken, value: &str) -> String {
    token.custom = vec![pair("it", value)];
    token.expand(|name| match name {
        "ResourceLink.available.endDateTime" => Some("2026-11-21T17:10:00Z".into()),
        "ResourceLink.available.user.endDateTime" => Some(String::new()),
        _ => None,
    });
    token.custom.remove(0).1
}

#[test]
fn a_variable_is_sent_as_the_field_that_it_stands_for() {
    let cases = [
        ("$User.id", "student-9"),
        ("$Person.name.full", "Ada King Lovelace"),
        ("$Person.name.middle", "King"),
        ("$Person.email.primary", "ada@school.example"),
        ("$User.scope.mentor", "student-1,student-2"),
        ("$Context.type", "http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection"),
        ("$CourseSection.sourcedId", "cs-3"),
        ("$ResourceLink.description", "Two\nlines"),
        ("$Message.documentTarget", "iframe"),
        ("$Message.width", "1024"),
        ("$ToolPlatformInstance.guid", "institute-1.exam.example"),
        ("$ToolPlatform.version", "0.1.0"),
        ("$LineItem.url", "https://exam.example/items/1"),
        ("$ResourceLink.available.endDateTime", "2026-11-21T17:10:00Z"),
    ];
    for (variable, value) in cases {
        assert_eq!(sent(everything(), variable), value);
    }
    let roles = sent(everything(), "$Membership.role");
    assert!(roles.starts_with("http://purl.imsglobal.org/vocab/lis/v2/membership#Learner,http"));
}

#[test]
fn every_variable_of_the_table_is_known() {
    for name in OF_THE_MESSAGE {
        let variable = format!("${name}");
        assert_ne!(sent(everything(), &variable), variable);
    }
}

#[test]
fn what_is_unknown_stays_as_it_is() {
    for value in ["$User.password", "$user.id", "$", "$$User.id", "cost: $User.id", "plain", ""] {
        assert_eq!(sent(everything(), value), value);
    }
    assert_eq!(sent(everything(), "\\$User.id"), "$User.id");
}

#[test]
fn what_is_known_and_has_no_value_is_empty() {
    assert_eq!(sent(everything(), "$ResourceLink.available.user.endDateTime"), "");
    let items = json!({ "lineitems": "https://exam.example/items" });
    let bare = || IdToken {
        resource_link: Some(ResourceLink { id: "link-1".into(), title: None, description: Some(String::new()) }),
        context: Context::default(),
        presentation: Presentation::default(),
        services: vec![(AGS_ENDPOINT, items.clone())],
        ..fullest()
    };
    let empty = ["ResourceLink.title", "ResourceLink.description", "Context.label", "Message.width", "LineItem.url"];
    for name in empty {
        assert_eq!(sent(bare(), &format!("${name}")), "", "{name}");
    }
    // Where there is no link, nothing of one is known.
    let choosing = IdToken { resource_link: None, ..bare() };
    assert_eq!(sent(choosing, "$ResourceLink.title"), "$ResourceLink.title");
}

/// Privacy: a withheld field cannot be had by a variable, and neither can anything of a person who is not named.
#[test]
fn what_is_withheld_does_not_leak() {
    let without_mail = IdToken { user: User { email: None, ..fullest().user }, ..everything() };
    assert_eq!(sent(without_mail, "$Person.email.primary"), "$Person.email.primary");
    let anonymous = || IdToken { user: User { id: None, ..fullest().user }, ..everything() };
    for name in OF_THE_MESSAGE.into_iter().filter(|name| name.starts_with("User.") || name.starts_with("Person.")) {
        let variable = format!("${name}");
        assert_eq!(sent(anonymous(), &variable), variable);
    }
    assert_eq!(sent(smallest(), "$LineItem.url"), "$LineItem.url");
}
