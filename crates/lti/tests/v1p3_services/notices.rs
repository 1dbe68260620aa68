use examlink_lti::Error;
use examlink_lti::v1::launch::{Context, ContextType};
use examlink_lti::v1p3::notices::{
    Event, Handler, Notice, NoticeType, NotificationsClaim, Recipient, handlers_to_value, notices_to_value,
};
use examlink_lti::v1p3::{ServiceError, claims};
use serde_json::{Value, json};

use crate::support::{document, is_out_of_range, is_unknown, missing, time, url, with};

const DOMAINS: [&str; 2] = ["tool.example", "Second.Example:8080"];

fn request(handler: &str) -> Value {
    json!({ "notice_type": "LtiContextCopyNotice", "handler": handler, "max_batch_size": 50 })
}

fn read(document: &Value) -> Result<Handler, ServiceError> {
    Handler::read(document.to_string().as_bytes(), &DOMAINS, false)
}

#[test]
fn a_handler_is_set_and_taken_away() {
    for handler in ["https://tool.example/n", "https://api.tool.example/n?x=1", "https://second.example:8080/n"] {
        let read = read(&request(handler)).unwrap();
        let expected = Handler { notice_type: NoticeType::ContextCopy, url: Some(handler.to_owned()), batch: Some(50) };
        assert_eq!(read, expected);
        assert_eq!(read.to_value(), json!({ "notice_type": "LtiContextCopyNotice", "handler": handler }));
    }
    let gone = read(&request("")).unwrap();
    assert_eq!((gone.url.clone(), gone.to_value()["handler"].clone()), (None, json!("")));
    let expected = json!({ "client_id": "c", "deployment_id": "d", "notice_handlers": [gone.to_value()] });
    assert_eq!(handlers_to_value("c", "d", &[gone]), expected);
}

#[test]
fn notices_go_to_nobody_but_the_tool() {
    for (handler, host) in [
        ("https://evil.example/n", "evil.example"),
        ("https://eviltool.example/n", "eviltool.example"),
        ("https://tool.example.evil.example/", "tool.example.evil.example"),
        ("https://169.254.169.254/latest", "169.254.169.254"),
        ("https://evil.example/https://tool.example/", "evil.example"),
    ] {
        assert_eq!(read(&request(handler)), Err(ServiceError::HandlerDomain(host.into())), "{handler}");
    }
    let nowhere = Handler::read(request("https://tool.example/").to_string().as_bytes(), &["", ":80"], false);
    assert_eq!(nowhere, Err(ServiceError::HandlerDomain("tool.example".into())));
}

#[test]
fn each_rule_of_a_handler_is_refused_when_broken() {
    let whole = request("https://tool.example/n");
    for (name, value, refusal) in [
        ("handler", json!(null), missing("handler")),
        ("handler", json!("http://tool.example/n"), url("handler", Error::UrlPlainHttp("tool.example".into()))),
        ("handler", json!("https://tool.example@evil.example/"), url("handler", Error::UrlUserinfo)),
        ("notice_type", json!(null), missing("notice_type")),
    ] {
        assert_eq!(read(&with(&whole, name, value)), Err(refusal), "{name}");
    }
    assert!(is_unknown(&read(&with(&whole, "notice_type", json!("LtiSecretNotice"))), "notice_type"));
    for size in [json!(0), json!(-1), json!(1001)] {
        assert!(is_out_of_range(&read(&with(&whole, "max_batch_size", size)), "max_batch_size"));
    }
}

#[test]
fn a_notice_tells_what_happened_to_one_deployment() {
    let to = Recipient { issuer: "https://exam.example", client_id: "client-1", deployment_id: "d-1" };
    let sent = |notice: Notice| notice.claims(&to, "n-1", 1_790_000_000, 300);
    let notice = |event| Notice { id: "7f1c".into(), timestamp: time("2026-05-01T12:00:00Z"), event };
    let hello = sent(notice(Event::HelloWorld)).unwrap();
    let expected = json!({
        "iss": "https://exam.example", "aud": "client-1", "azp": "client-1", "iat": 1_790_000_000, "exp": 1_790_000_300,
        "nonce": "n-1", claims::DEPLOYMENT_ID: "d-1", claims::VERSION: "1.3.0",
        claims::NOTICE: { "id": "7f1c", "timestamp": "2026-05-01T12:00:00Z", "type": "LtiHelloWorldNotice" }
    });
    assert_eq!(document(&hello), expected);
    let kind = Some(ContextType::CourseSection);
    let context = Context { id: Some("c-2".into()), title: Some("Copy".into()), label: None, kind };
    let copied = document(&sent(notice(Event::ContextCopy { context, origins: vec!["c-1".into()] })).unwrap());
    let course = "http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection";
    assert_eq!(copied[claims::CONTEXT], json!({ "id": "c-2", "title": "Copy", "type": [course] }));
    assert_eq!(copied[claims::ORIGIN_CONTEXTS], json!(["c-1"]));
    assert_eq!(copied[claims::NOTICE]["type"], "LtiContextCopyNotice");
    assert_eq!(notices_to_value(&["a.b.c".into()]), json!({ "notices": [{ "jwt": "a.b.c" }] }));
    let service = NotificationsClaim { url: "https://exam.example/n".into() }.to_value();
    assert_eq!(service["notice_types_supported"], json!(["LtiHelloWorldNotice", "LtiContextCopyNotice"]));
}
