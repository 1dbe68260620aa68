use examlink_lti::Error;
use examlink_lti::v1::credentials::Credentials;
use examlink_lti::v1::launch::{Launch, LaunchUrl, ToolConsumer, UnverifiedLaunch};
use examlink_lti::v1::oauth1::SignatureMethod;

use crate::support::{
    KEY, NONCE, NOW, URL, credentials, fullest, pair, received, secret, sign, smallest, stamp, submitted, url, window,
};

#[test]
fn the_smallest_launch_sends_what_is_required_and_nothing_else() {
    let form = sign(&smallest()).unwrap();
    let names: Vec<_> = form.fields.iter().map(|(name, _)| name.as_ref()).collect();
    let protocol = ["consumer_key", "nonce", "signature_method", "timestamp", "version", "callback", "signature"];
    let expected = ["lti_message_type", "lti_version", "resource_link_id"].map(str::to_owned);
    assert_eq!(names, [&expected[..], &protocol.map(|name| format!("oauth_{name}"))].concat());
    assert_eq!(sign(&Launch::default()), Err(Error::Missing("resource_link_id")));
}

#[test]
fn the_fullest_launch_sends_every_parameter() {
    let mut fields = sign(&fullest()).unwrap().fields;
    assert_eq!(fields.pop().unwrap().0, "oauth_signature");
    let expected = [
        ("lti_message_type", "basic-lti-launch-request"),
        ("lti_version", "LTI-1p0"),
        ("resource_link_id", "link-1"),
        ("resource_link_title", "Circles & squares"),
        ("resource_link_description", "Two\r\nlines"),
        ("user_id", "student-9"),
        ("roles", "Learner,urn:lti:instrole:ims/lis/Student"),
        ("lis_person_name_full", "Ada Lovelace"),
        ("lis_person_name_given", "Ada"),
        ("lis_person_name_family", "Lovelace"),
        ("lis_person_contact_email_primary", "ada@school.example"),
        ("context_id", "exam-3"),
        ("context_type", "CourseSection"),
        ("context_title", "Algèbre 日本"),
        ("context_label", "A1"),
        ("launch_presentation_locale", "en-GB"),
        ("launch_presentation_document_target", "iframe"),
        ("launch_presentation_width", "1024"),
        ("launch_presentation_height", "768"),
        ("launch_presentation_return_url", "https://exam.example/return?session=4"),
        ("launch_presentation_css_url", "https://exam.example/lti.css"),
        ("tool_consumer_info_product_family_code", "examlink"),
        ("tool_consumer_info_version", "0.1.0"),
        ("tool_consumer_instance_guid", "institute-1.exam.example"),
        ("tool_consumer_instance_name", "School"),
        ("tool_consumer_instance_description", "A school"),
        ("tool_consumer_instance_url", "https://exam.example/"),
        ("tool_consumer_instance_contact_email", "help@exam.example"),
        ("lis_outcome_service_url", "https://exam.example/outcomes"),
        ("lis_result_sourcedid", "4-9-1f"),
        ("custom_review_chapter", "1.2.56"),
        ("custom_empty", ""),
        ("ext_attempt", "2"),
        ("oauth_consumer_key", KEY),
        ("oauth_nonce", NONCE),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", &NOW.to_string()),
        ("oauth_version", "1.0"),
        ("oauth_callback", "about:blank"),
    ];
    assert_eq!(fields, expected.map(|(name, value)| pair(name, value)));
}

#[test]
fn the_query_of_the_url_stays_in_the_action() {
    let form = sign(&fullest()).unwrap();
    assert_eq!(form.action, URL);
    assert!(form.fields.iter().all(|(name, _)| name != "unit"));
    assert!(received(&form.fields).is_ok());
    let copied = [form.fields, vec![pair("unit", "7")]].concat();
    assert_eq!(received(&copied).unwrap_err(), Error::OauthSignature);
}

#[test]
fn a_tool_verifies_the_form_by_each_signature_method() {
    for method in [SignatureMethod::HmacSha1, SignatureMethod::HmacSha256, SignatureMethod::HmacSha512] {
        let form = fullest().sign(&url(), &Credentials { method, ..credentials() }, &stamp()).unwrap();
        assert!(form.fields.contains(&pair("oauth_signature_method", method.as_str())));
        assert_eq!(received(&form.fields).unwrap().request().params(), form.fields);
    }
}

#[test]
fn the_signature_is_that_of_the_url_as_browsers_request_it() {
    let typed = "https://TOOL.example:443/a b/../c d?q=x y";
    let form = smallest().sign(&LaunchUrl::parse(typed, false).unwrap(), &credentials(), &stamp()).unwrap();
    assert_eq!(form.action, "https://tool.example/c%20d?q=x%20y");
    let verify = |url| UnverifiedLaunch::parse("POST", url, &submitted(&form.fields))?.verify(&secret(), window());
    assert!(verify("https://tool.example/c%20d?q=x+y").is_ok());
    assert_eq!(verify("https://tool.example/c%20e?q=x+y").unwrap_err(), Error::OauthSignature);
}

#[test]
fn line_breaks_are_signed_as_browsers_send_them() {
    let mut launch = smallest();
    launch.context.title = Some("a\nb\rc\r\nd\te".into());
    launch.extensions = vec![pair("ext_note", "x\ny")];
    let fields = sign(&launch).unwrap().fields;
    assert!(fields.contains(&pair("context_title", "a\r\nb\r\nc\r\nd\te")));
    assert!(fields.contains(&pair("ext_note", "x\r\ny")));
}

#[test]
fn control_characters_are_left_out_of_texts_and_refused_in_identifiers() {
    let mut launch = smallest();
    launch.resource_link.title = Some("Ci\0rc\u{b}les\u{85}".into());
    assert!(sign(&launch).unwrap().fields.contains(&pair("resource_link_title", "Circles")));
    launch.user.id = Some("a\0b".into());
    let refused = Error::ControlCharacter { name: "user_id".into(), character: '\0' };
    assert_eq!(refused.to_string(), "user_id holds the control character U+0000; remove it");
    assert_eq!(sign(&launch), Err(refused));
}

#[test]
fn nothing_is_sent_for_an_empty_text() {
    let mut launch = smallest();
    launch.user.email = Some(String::new());
    assert_eq!(sign(&launch), sign(&smallest()));
}

#[test]
fn the_platform_never_says_that_it_is_canvas() {
    let saying = |family: &str| Launch {
        consumer: ToolConsumer { product_family_code: Some(family.into()), ..ToolConsumer::default() },
        ..smallest()
    };
    assert!(sign(&saying("examlink")).is_ok());
    assert_eq!(sign(&saying("Canvas")), Err(Error::ProductFamily("Canvas".into())));
}

#[test]
fn extensions_begin_with_ext() {
    let named = |name: &str| Launch { extensions: vec![pair(name, "1")], ..smallest() };
    assert!(sign(&named("ext_user_username")).is_ok());
    for name in ["", "ext_", "attempt", "ext_User", "ext_a b", "EXT_a", "user_id"] {
        assert_eq!(sign(&named(name)), Err(Error::ExtensionName(name.into())));
    }
}
