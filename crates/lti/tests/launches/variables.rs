use examlink_lti::v1::content_item::{Acceptance, LTI_LINK, SelectionRequest};
use examlink_lti::v1::launch::{CustomParameters, DocumentTarget, Launch, User};
use examlink_lti::v1::variables::OF_THE_MESSAGE;

use crate::support::{credentials, fullest, pair, sign, smallest, stamp, url};

/// What a launch sends for a custom parameter with this value.
fn sent(mut launch: Launch, value: &str) -> String {
    launch.custom = CustomParameters::new([pair("a", value)]).unwrap();
    launch.expand(|name| (name == "Platform.own").then(|| "one\ntwo".into()));
    let fields = sign(&launch).unwrap().fields;
    fields.into_iter().find(|(name, _)| name == "custom_a").unwrap().1
}

#[test]
fn every_variable_stands_for_its_field() {
    let expected = [
        ("User.id", "student-9"),
        ("Membership.role", "Learner,urn:lti:instrole:ims/lis/Student"),
        ("Person.name.full", "Ada Lovelace"),
        ("Person.name.given", "Ada"),
        ("Person.name.family", "Lovelace"),
        ("Person.email.primary", "ada@school.example"),
        ("Context.id", "exam-3"),
        ("Context.type", "CourseSection"),
        ("Context.title", "Algèbre 日本"),
        ("Context.label", "A1"),
        ("CourseSection.title", "Algèbre 日本"),
        ("CourseSection.label", "A1"),
        ("ResourceLink.id", "link-1"),
        ("ResourceLink.title", "Circles & squares"),
        ("ResourceLink.description", "Two\r\nlines"),
        ("Message.documentTarget", "iframe"),
        ("Message.locale", "en-GB"),
        ("ToolConsumerInstance.guid", "institute-1.exam.example"),
        ("Result.sourcedId", "4-9-1f"),
        ("BasicOutcome.sourcedId", "4-9-1f"),
        ("BasicOutcome.url", "https://exam.example/outcomes"),
    ];
    assert_eq!(expected.map(|(name, _)| name), OF_THE_MESSAGE);
    for (name, value) in expected {
        assert_eq!(sent(fullest(), &format!("${name}")), value, "{name}");
    }
    assert_eq!(sent(fullest(), "$Platform.own"), "one\r\ntwo", "what the platform knows beside");
}

#[test]
fn a_variable_is_the_whole_value_or_none_of_it() {
    for literal in ["User.id", " $User.id", "a $User.id", "$User.id ", "$User.ids", "$user.id", "$", "$$User.id", "5$"]
    {
        assert_eq!(sent(fullest(), literal), literal);
    }
}

#[test]
fn what_is_unknown_or_withheld_is_sent_as_it_stands() {
    for unknown in ["$Person.phone.mobile", "$User.username", "$LineItem.url"] {
        assert_eq!(sent(fullest(), unknown), unknown);
    }
    let mut launch = fullest();
    launch.user = User { id: Some("student-9".into()), ..User::default() };
    for withheld in ["$Person.name.full", "$Person.name.given", "$Person.name.family", "$Person.email.primary"] {
        assert_eq!(sent(launch.clone(), withheld), withheld);
    }
    assert_eq!(sent(smallest(), "$Context.id"), "$Context.id");
}

#[test]
fn a_backslash_keeps_a_dollar_sign() {
    let cases = [(r"\$User.id", "$User.id"), (r"\\$User.id", r"\$User.id"), (r"\alpha", r"\alpha"), (r"\\", r"\\")];
    for (written, expected) in cases {
        assert_eq!(sent(fullest(), written), expected);
    }
}

#[test]
fn what_was_put_in_is_not_read_again() {
    let mut launch = fullest();
    launch.resource_link.title = Some("$User.id".into());
    assert_eq!(sent(launch, "$ResourceLink.title"), "$User.id");
}

#[test]
fn a_request_for_content_knows_the_same_variables_but_no_link() {
    let custom = [pair("who", "$User.id"), pair("link", "$ResourceLink.id"), pair("where", "$Message.documentTarget")];
    let mut request = SelectionRequest {
        accepts: Acceptance {
            media_types: vec![LTI_LINK.into()],
            targets: vec![DocumentTarget::Window],
            ..Acceptance::default()
        },
        return_url: "https://exam.example/back".into(),
        user: fullest().user,
        presentation: fullest().presentation,
        custom: CustomParameters::new(custom).unwrap(),
        ..SelectionRequest::default()
    };
    request.expand(|_| None);
    let fields = request.sign(&url(), &credentials(), &stamp()).unwrap().fields;
    for expected in [("custom_who", "student-9"), ("custom_link", "$ResourceLink.id"), ("custom_where", "iframe")] {
        assert!(fields.contains(&pair(expected.0, expected.1)), "{expected:?}");
    }
}
