//! What a reader of XML can be attacked with, signed well: each is refused, and at once (LTI-07).

use std::time::Instant;

use examlink_lti::Error;
use examlink_lti::v1::outcomes::OutcomeRequest;

use crate::support::{envelope, header, read, received, replace, scored};

const LIMIT_MS: u128 = 50;
const TRIES: usize = 20;

fn attacks() -> Vec<(&'static str, String)> {
    let entity = |declaration: &str, use_it: &str| {
        scored("0.5")
            .replace("?>", &format!("?><!DOCTYPE x [{declaration}]>"))
            .replace("<textString>0.5", &format!("<textString>{use_it}"))
    };
    let laughs: String =
        (1..10).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
    let attributes: String = (0..12_000).map(|n| format!(" a{n}=\"\"")).take(5_000).collect();
    let eighty_thousand: String = (0..80_000).map(|n| format!(" a{n}=\"\"")).collect();
    let namespaces: String = (0..10_000).map(|n| format!(" xmlns:n{n}=\"u\"")).collect();
    let root = |attributes: &str| scored("0.5").replace("<imsx_POXBody>", &format!("<imsx_POXBody{attributes}>"));
    vec![
        ("external entity", entity("<!ENTITY f SYSTEM \"file:///etc/passwd\">", "&f;")),
        ("parameter entity", entity("<!ENTITY % p SYSTEM \"http://127.0.0.1/x\"> %p;", "0.5")),
        ("billion laughs", entity(&format!("<!ENTITY l0 \"lol\">{laughs}"), "&l9;")),
        ("document type", scored("0.5").replace("?>", "?><!DOCTYPE imsx_POXEnvelopeRequest>")),
        ("undeclared entity", scored("&nbsp;")),
        ("processing instruction", scored("0.5").replace("?>", "?><?php x ?>")),
        ("5,000 attributes", root(&attributes)),
        ("80,000 attributes", root(&eighty_thousand)),
        ("one attribute twice", root(" a=\"1\" a=\"2\"")),
        ("10,000 namespaces", root(&namespaces)),
        ("depth 10,000", replace(&format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000)), "")),
        ("depth 10,000, never closed", envelope(&"<a>".repeat(10_000))),
        ("depth 17", replace(&format!("{}{}", "<a>".repeat(17), "</a>".repeat(17)), "")),
        ("many elements", replace(&"<a/>".repeat(1_000), "")),
        ("a long text", scored(&"1".repeat(70_000))),
        ("a long comment", scored(&format!("<!--{}-->0.5", "x".repeat(70_000)))),
        ("control characters", scored("0.5").replace("r1", "r\u{1}1")),
        ("a control character by number", scored("0.5").replace("r1", "r&#1;1")),
        ("NUL by number", scored("0.5").replace("r1", "r&#0;1")),
        ("a surrogate by number", scored("0.5").replace("r1", "r&#xD800;1")),
        ("two roots", scored("0.5") + "<a/>"),
        ("text after the root", scored("0.5") + "a"),
        ("nothing", String::new()),
        ("only a declaration", "<?xml version=\"1.0\"?>".into()),
        ("crossed tags", envelope("<a><b></a></b>")),
        ("cut off", scored("0.5")[..300].to_owned()),
        ("no XML", "{\"score\":1}".into()),
    ]
}

#[test]
fn lti_07_every_attack_is_refused_at_once() {
    for (name, xml) in attacks() {
        let (header, body) = (header(xml.as_bytes()), xml.as_bytes());
        let refuse = || {
            let started = Instant::now();
            let refused = OutcomeRequest::read(&received(&header, body).unwrap());
            let took = started.elapsed();
            assert!(refused.is_err(), "{name}: {refused:?}");
            took
        };
        // A machine with other things to do makes some slow, an attack that works makes all slow.
        assert!(
            (0..TRIES).any(|_| refuse().as_millis() < LIMIT_MS),
            "{name} takes longer than {LIMIT_MS} ms each time"
        );
    }
}

#[test]
fn lti_07_what_is_not_utf_8_is_no_xml() {
    let utf_16: Vec<u8> = format!("\u{feff}{}", scored("0.5")).encode_utf16().flat_map(u16::to_be_bytes).collect();
    let latin_1 = scored("0.5").replace("r1", "\u{1}").into_bytes();
    let latin_1: Vec<u8> = latin_1.into_iter().map(|byte| if byte == 1 { 0xe9 } else { byte }).collect();
    for body in [utf_16, latin_1] {
        let message = received(&header(&body), &body).unwrap();
        let error = OutcomeRequest::read(&message).unwrap_err().error;
        assert_eq!(error, Error::XmlSyntax("it is not UTF-8".into()));
    }
}

#[test]
fn lti_07_limits_leave_room_for_every_message() {
    let longest = replace(
        &format!(
            "<resultScore><textString>0.5</textString></resultScore><resultData><text>{}</text></resultData>",
            "x".repeat(60_000)
        ),
        "",
    );
    assert!(read(&longest).is_ok());
    let location = format!(" xmlns:xsi=\"urn:x\" xsi:schemaLocation=\"{}\"", "u ".repeat(800));
    assert!(read(&scored("0.5").replace("<imsx_POXHeader>", &format!("<imsx_POXHeader{location}>"))).is_ok());
}
