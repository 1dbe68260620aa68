//! Messages as the platform writes them.

use examlink_lti::v1::launch::{Context, ResourceLink, ToolConsumer, User};
use examlink_lti::v1::roles::Role;
use examlink_lti::v1p3::Error;
use examlink_lti::v1p3::claims::{
    AGS_ENDPOINT, ATTEMPT_NUMBER, CONTEXT, DEEP_LINKING_SETTINGS, FOR_USER, RESOURCE_LINK, ROLES, SESSION_DATA,
    START_ASSESSMENT_URL, TOOL_PLATFORM,
};
use examlink_lti::v1p3::id_token::{IdToken, Profile};
use examlink_lti::v1p3::message::MessageType;
use serde_json::{Value, json};

use crate::support::{CLIENT, NONCE, NOW, PLATFORM, fullest, pair, smallest};

fn written(token: &IdToken) -> Value {
    serde_json::to_value(token.claims(NONCE, NOW, 300).unwrap()).unwrap()
}

fn refused(token: &IdToken) -> Error {
    token.claims(NONCE, NOW, 300).unwrap_err()
}

fn of_type(message_type: MessageType, services: Vec<(&'static str, Value)>) -> IdToken {
    IdToken { message_type, services, user: teacher(), ..smallest() }
}

fn teacher() -> User {
    User { id: Some("teacher-2".into()), roles: vec![Role::INSTRUCTOR], ..User::default() }
}

#[test]
fn the_smallest_message_holds_what_every_message_must() {
    let expected = json!({
        "iss": PLATFORM, "aud": CLIENT, "azp": CLIENT, "iat": NOW, "exp": NOW + 300, "nonce": NONCE,
        "https://purl.imsglobal.org/spec/lti/claim/message_type": "LtiResourceLinkRequest",
        "https://purl.imsglobal.org/spec/lti/claim/version": "1.3.0",
        "https://purl.imsglobal.org/spec/lti/claim/deployment_id": "deployment-1",
        "https://purl.imsglobal.org/spec/lti/claim/target_link_uri": "https://tool.example/quiz?unit=7",
        "https://purl.imsglobal.org/spec/lti/claim/roles": [],
        "https://purl.imsglobal.org/spec/lti/claim/resource_link": { "id": "link-1" },
    });
    assert_eq!(written(&smallest()), expected);
}

#[test]
fn the_fullest_message_holds_every_claim() {
    let claims = written(&fullest());
    let person = [
        ("sub", "student-9"),
        ("name", "Ada King Lovelace"),
        ("given_name", "Ada"),
        ("family_name", "Lovelace"),
        ("middle_name", "King"),
        ("email", "ada@school.example"),
        ("picture", "https://exam.example/ada.png"),
        ("locale", "en-GB"),
        ("zoneinfo", "Europe/London"),
        ("phone_number", "+44 1"),
        ("gender", "female"),
    ];
    for (name, value) in person {
        assert_eq!(claims[name], value);
    }
    let prefix = "https://purl.imsglobal.org/spec/lti/claim/";
    let objects = [
        ("resource_link", json!({ "id": "link-1", "title": "Circles & squares", "description": "Two\nlines" })),
        (
            "context",
            json!({ "id": "exam-3", "title": "Algèbre 日本", "label": "A1",
            "type": ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection"] }),
        ),
        (
            "tool_platform",
            json!({ "guid": "institute-1.exam.example", "name": "School", "description": "A school",
            "url": "https://exam.example/", "contact_email": "help@exam.example",
            "product_family_code": "examlink", "version": "0.1.0" }),
        ),
        (
            "launch_presentation",
            json!({ "document_target": "iframe", "width": 1024, "height": 768, "locale": "de",
            "return_url": "https://exam.example/return?session=4" }),
        ),
        (
            "lis",
            json!({ "person_sourcedid": "p-9", "course_offering_sourcedid": "co-3",
            "course_section_sourcedid": "cs-3" }),
        ),
        ("custom", json!({ "Review:Chapter": "1.2=56", "empty": "", "mail": "$Person.email.primary" })),
        ("role_scope_mentor", json!(["student-1", "student-2"])),
    ];
    for (name, value) in objects {
        assert_eq!(claims[format!("{prefix}{name}")], value, "{name}");
    }
    assert_eq!(claims[AGS_ENDPOINT]["lineitems"], "https://exam.example/items");
    assert_eq!(claims["https://exam.example/claim/seat"]["room"], "B2");
}

#[test]
fn roles_are_full_uris_and_a_narrow_one_comes_with_its_principal() {
    let roles = written(&IdToken { test_user: true, ..fullest() })[ROLES].clone();
    let expected = [
        "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner",
        "http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor",
        "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor",
        "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#Grader",
        "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Student",
        "http://purl.imsglobal.org/vocab/lti/system/person#TestUser",
    ];
    assert_eq!(roles, json!(expected));
    let twice = User { roles: vec![Role::LEARNER, Role::LEARNER], ..User::default() };
    assert_eq!(written(&IdToken { user: twice, ..smallest() })[ROLES], json!([expected[0]]));
}

#[test]
fn every_role_can_be_read_back_from_its_uri() {
    for text in ["Learner", "Instructor/Lecturer", "urn:lti:sysrole:ims/lis/SysAdmin", "TeachingAssistant/Grader"] {
        let role = Role::parse(text).unwrap();
        assert_eq!(Role::parse(&role.uri()), Some(role), "{text}");
    }
    let assistant = Role::parse("http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant");
    assert_eq!(assistant.unwrap().name(), "TeachingAssistant");
    assert_eq!(Role::parse("http://purl.imsglobal.org/vocab/lis/v2/membership/Learner#TeachingAssistant"), None);
}

/// Privacy: an anonymous message says nothing of the person but roles.
#[test]
fn without_an_id_nothing_is_said_of_the_person() {
    let full = fullest();
    let claims = written(&IdToken { user: User { id: None, ..full.user.clone() }, ..full });
    let text = claims.to_string();
    for personal in ["Ada", "Lovelace", "ada@", "ada.png", "+44", "Europe/London", "female", "p-9", "student-1"] {
        assert!(!text.contains(personal), "{personal}");
    }
    assert_eq!(claims.get("sub"), None);
    assert_eq!(claims[ROLES].as_array().unwrap().len(), 5);
    assert!(text.contains("cs-3"));
}

#[test]
fn whom_a_mentor_looks_after_is_told_with_that_role_alone() {
    let token = IdToken { mentor_of: vec!["student-1".into()], user: teacher(), ..smallest() };
    assert!(!written(&token).to_string().contains("student-1"));
}

#[test]
fn what_is_blank_is_not_sent() {
    let blank = || Some("  ".to_owned());
    let token = IdToken {
        user: User { full_name: blank(), email: Some(String::new()), ..teacher() },
        profile: Profile { locale: blank(), ..Profile::default() },
        resource_link: Some(ResourceLink { id: "link-1".into(), title: blank(), description: None }),
        context: Context { id: Some("exam-3".into()), label: blank(), ..Context::default() },
        ..smallest()
    };
    let claims = written(&token);
    for name in ["name", "email", "locale"] {
        assert_eq!(claims.get(name), None);
    }
    assert_eq!(claims[RESOURCE_LINK], json!({ "id": "link-1" }));
    assert_eq!(claims["https://purl.imsglobal.org/spec/lti/claim/context"], json!({ "id": "exam-3" }));
}

#[test]
fn ids_are_up_to_255_characters_of_ascii() {
    let link = |id: &str| IdToken {
        resource_link: Some(ResourceLink { id: id.into(), ..ResourceLink::default() }),
        ..smallest()
    };
    let user = |id: &str| IdToken { user: User { id: Some(id.into()), ..User::default() }, ..smallest() };
    let context = |id: &str| IdToken { context: Context { id: Some(id.into()), ..Context::default() }, ..smallest() };
    let deployment = |id: &str| IdToken { deployment_id: id.into(), ..smallest() };
    let longest = "i".repeat(255);
    for token in [link(&longest), user(&longest), context(&longest), deployment(&longest)] {
        assert!(token.claims(NONCE, NOW, 300).is_ok());
    }
    let long = "i".repeat(256);
    for bad in ["", "é", "a\nb", &long] {
        assert_eq!(refused(&link(bad)), Error::Id(RESOURCE_LINK));
        assert_eq!(refused(&user(bad)), Error::Id("sub"));
        assert_eq!(refused(&context(bad)), Error::Id("https://purl.imsglobal.org/spec/lti/claim/context"));
        assert_eq!(refused(&deployment(bad)), Error::Id("https://purl.imsglobal.org/spec/lti/claim/deployment_id"));
    }
}

#[test]
fn the_target_is_a_web_address_and_vendor_claims_are_urls_of_ours() {
    for uri in ["", "/quiz", "javascript:alert(1)"] {
        assert!(matches!(refused(&IdToken { target_link_uri: uri.into(), ..smallest() }), Error::Url { .. }));
    }
    for name in ["seat", "sub", "https://purl.imsglobal.org/spec/lti/claim/roles"] {
        let token = IdToken { vendor: vec![(name.into(), json!(1))], ..smallest() };
        assert_eq!(refused(&token), Error::VendorClaim(name.into()));
    }
}

#[test]
fn custom_values_are_texts_under_the_names_that_the_author_wrote() {
    let custom = vec![pair(" Chapter ", " 1 "), pair("chapter", "a=b=c")];
    let claims = written(&IdToken { custom, ..smallest() });
    let expected = json!({ "Chapter": "1", "chapter": "a=b=c" });
    assert_eq!(claims["https://purl.imsglobal.org/spec/lti/claim/custom"], expected);
}

#[test]
fn each_type_of_message_has_the_claims_that_it_needs() {
    let object = json!({ "lineitem": "https://exam.example/items/1", "user_id": "s" });
    let value = |name: &'static str| (name, if name == ATTEMPT_NUMBER { json!(1) } else { object.clone() });
    for message_type in MessageType::ALL {
        let services: Vec<_> =
            message_type.required().iter().filter(|name| **name != RESOURCE_LINK).map(|name| value(name)).collect();
        let claims = written(&of_type(message_type, services.clone()));
        assert_eq!(claims["https://purl.imsglobal.org/spec/lti/claim/message_type"], message_type.as_str());
        assert_eq!(claims.get(RESOURCE_LINK).is_some(), message_type != MessageType::DeepLinking);
        for (absent, _) in &services {
            let rest = services.iter().filter(|(name, _)| name != absent).cloned().collect();
            assert_eq!(refused(&of_type(message_type, rest)), Error::Missing(absent));
        }
    }
    assert_eq!(MessageType::StartProctoring.required()[1..], [ATTEMPT_NUMBER, SESSION_DATA, START_ASSESSMENT_URL]);
    assert_eq!(refused(&IdToken { resource_link: None, ..smallest() }), Error::Missing(RESOURCE_LINK));
    for number in [json!(0), json!(-1), json!(1.5), json!("1")] {
        let error = refused(&of_type(MessageType::EndAssessment, vec![(ATTEMPT_NUMBER, number.clone())]));
        assert!(matches!(error, Error::Form { claim: ATTEMPT_NUMBER, .. }), "{number}");
    }
    let endpoint = vec![(AGS_ENDPOINT, json!({ "lineitems": "x" })), value(FOR_USER)];
    let error = refused(&of_type(MessageType::SubmissionReview, endpoint));
    assert!(matches!(error, Error::Form { claim: AGS_ENDPOINT, .. }));
}

/// A platform without a guid, and a context without an id, are none (core, sections 5.4.1 and 5.4.2).
#[test]
fn what_has_no_id_is_not_told() {
    let nameless = ToolConsumer { instance_guid: None, ..fullest().platform };
    assert_eq!(written(&IdToken { platform: nameless, ..fullest() }).get(TOOL_PLATFORM), None);
    let context = Context { id: None, ..fullest().context };
    assert_eq!(written(&IdToken { context, ..fullest() }).get(CONTEXT), None);
    let whole = written(&fullest());
    assert!(whole.get(TOOL_PLATFORM).is_some() && whole.get(CONTEXT).is_some());
}

/// Attack A5.
#[test]
fn students_choose_no_content_and_see_nobody_elses_work() {
    let student = || User { id: Some("student-9".into()), roles: vec![Role::LEARNER], ..User::default() };
    let settings = vec![(DEEP_LINKING_SETTINGS, json!({}))];
    let choose = IdToken { user: student(), ..of_type(MessageType::DeepLinking, settings) };
    assert_eq!(refused(&choose), Error::Role("LtiDeepLinkingRequest"));
    let review = |user_id: &str| {
        let endpoint = (AGS_ENDPOINT, json!({ "lineitem": "https://exam.example/items/1" }));
        let services = vec![endpoint, (FOR_USER, json!({ "user_id": user_id }))];
        IdToken { user: student(), ..of_type(MessageType::SubmissionReview, services) }
    };
    assert!(review("student-9").claims(NONCE, NOW, 300).is_ok());
    assert_eq!(refused(&review("student-8")), Error::Role("LtiSubmissionReviewRequest"));
    assert_eq!(refused(&review("")), Error::Role("LtiSubmissionReviewRequest"));
    let by_teacher = IdToken { user: teacher(), ..review("student-8") };
    assert!(by_teacher.claims(NONCE, NOW, 300).is_ok());
}
