//! What tools keep at the platform, and what it says of itself.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use examlink_lti::Error;
use examlink_lti::v1::profile::Profile;
use examlink_lti::v1::tool_settings::{Bubble, FULL, Format, Level, SIMPLE, Settings, Values, read, write};
use serde_json::{Value, json};

fn values(pairs: &[(&str, &str)]) -> Values {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A link, its context and the tool, the innermost first.
fn levels() -> Vec<Settings> {
    let level = |level, url: &str, pairs: &[(&str, &str)]| Settings { level, url: url.into(), values: values(pairs) };
    vec![
        level(Level::Link, "https://exam.example/link", &[("a", "link"), ("b", "link")]),
        level(Level::Context, "https://exam.example/context", &[("b", "context"), ("c", "context")]),
        level(Level::System, "https://exam.example/system", &[("c", "system"), ("d", "system")]),
    ]
}

fn written(bubble: Option<&str>, format: Format) -> Value {
    let bubble = bubble.map(|text| Bubble::parse(text).unwrap());
    serde_json::from_str(&write(levels(), bubble, format).unwrap()).unwrap()
}

#[test]
fn without_bubble_only_the_level_itself_is_read() {
    assert_eq!(written(None, Format::Simple), json!({ "a": "link", "b": "link" }));
    let full = written(None, Format::Full);
    assert_eq!(full["@context"], "http://purl.imsglobal.org/ctx/lti/v2/ToolSettings");
    let link =
        json!({ "@type": "LtiLink", "@id": "https://exam.example/link", "custom": { "a": "link", "b": "link" } });
    assert_eq!(full["@graph"], json!([link]));
}

#[test]
fn distinct_shows_each_name_at_its_innermost_level() {
    let merged = json!({ "a": "link", "b": "link", "c": "context", "d": "system" });
    assert_eq!(written(Some("distinct"), Format::Simple), merged);
    let full = written(Some("distinct"), Format::Full);
    let shown: Vec<(&Value, &Value)> =
        full["@graph"].as_array().unwrap().iter().map(|level| (&level["@type"], &level["custom"])).collect();
    let expected = [
        (&json!("LtiLink"), &json!({ "a": "link", "b": "link" })),
        (&json!("ToolProxyBinding"), &json!({ "c": "context" })),
        (&json!("ToolProxy"), &json!({ "d": "system" })),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn all_shows_every_level_and_needs_the_full_format() {
    let full = written(Some("all"), Format::Full);
    assert_eq!(full["@graph"][1]["custom"], json!({ "b": "context", "c": "context" }));
    assert!(matches!(write(levels(), Some(Bubble::All), Format::Simple), Err(Error::ToolSettings(_))));
    assert_eq!(Bubble::parse("everything"), None);
}

#[test]
fn new_values_come_in_both_formats() {
    let simple = read(br#"{"a":"1","n":2,"f":true}"#, Format::Simple, Level::Link).unwrap();
    assert_eq!(simple, values(&[("a", "1"), ("f", "true"), ("n", "2")]));
    let full = write(levels(), None, Format::Full).unwrap();
    let read_back = read(full.as_bytes(), Format::Full, Level::Link).unwrap();
    assert_eq!(read_back, levels()[0].values);
}

#[test]
fn what_is_no_level_of_this_url_is_refused() {
    let all = write(levels(), Some(Bubble::All), Format::Full).unwrap();
    let one = write(levels(), None, Format::Full).unwrap();
    let refused = [
        (b"nonsense".as_slice(), Format::Simple, Level::Link, "is not JSON"),
        (b"[]", Format::Simple, Level::Link, "must be a JSON object"),
        (br#"{"a":{}}"#, Format::Simple, Level::Link, "a text, a number or a boolean in a"),
        (one.as_bytes(), Format::Simple, Level::Link, "@graph"),
        (one.as_bytes(), Format::Full, Level::System, "ToolProxy"),
        (all.as_bytes(), Format::Full, Level::Link, "one level"),
        (br#"{"@graph":[{"@type":"LtiLink"}]}"#, Format::Full, Level::Link, "in custom"),
    ];
    for (body, format, level, why) in refused {
        let error = read(body, format, level).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn formats_are_asked_for_by_their_media_types() {
    for (accept, format) in [
        ("", Some(Format::Simple)),
        ("*/*", Some(Format::Simple)),
        (FULL, Some(Format::Full)),
        (SIMPLE, Some(Format::Simple)),
        ("text/html, */*;q=0.1", Some(Format::Simple)),
        ("text/html", None),
    ] {
        assert_eq!(Format::of_accept(accept), format, "{accept}");
    }
    assert_eq!(Format::of_content_type(&format!("{FULL}; charset=utf-8")), Some(Format::Full));
    assert_eq!(Format::of_content_type("text/plain"), None);
    assert_eq!(Format::Simple.media_type(), SIMPLE);
}

#[test]
fn a_profile_names_what_is_served() {
    let profile = Profile {
        url: "https://exam.example/profile",
        guid: "institute-1.exam.example",
        product: "examlink",
        version: "0.1.0",
        owner: "Example University",
        capabilities: vec!["basic-lti-launch-request", "User.id"],
        settings: ["https://exam.example/a", "https://exam.example/b", "https://exam.example/c"],
    };
    let json: Value = serde_json::from_str(&profile.to_json()).unwrap();
    assert_eq!((&json["@type"], &json["lti_version"]), (&json!("ToolConsumerProfile"), &json!("LTI-1p0")));
    assert_eq!(json["product_instance"]["guid"], "institute-1.exam.example");
    assert_eq!(json["capability_offered"], json!(["basic-lti-launch-request", "User.id"]));
    let services = json["service_offered"].as_array().unwrap();
    let ends: Vec<&str> =
        services.iter().map(|service| service["@id"].as_str().unwrap().rsplit('#').next().unwrap()).collect();
    assert_eq!(ends, ["ToolProxySettings", "ToolProxyBindingSettings", "LtiLinkSettings"]);
    assert_eq!(services[2]["endpoint"], "https://exam.example/c");
    assert_eq!(json["security_profile"][0]["digest_algorithm"], json!(["HMAC-SHA1", "HMAC-SHA256"]));
}
