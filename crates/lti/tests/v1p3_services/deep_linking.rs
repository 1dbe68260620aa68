use examlink_lti::Error;
use examlink_lti::v1::launch::DocumentTarget;
use examlink_lti::v1p3::deep_linking::{Asked, ContentItem, ItemType, Kind, Response, Settings};
use examlink_lti::v1p3::{ServiceError, claims};
use serde_json::{Map, Value, json};

use crate::support::{
    beside, is_out_of_range, message_of, missing, not_a_time, scheme, too_long, too_many, url, with, wrong_type,
};

const DATA: &str = "opaque-1";

fn settings() -> Settings {
    Settings {
        return_url: "https://exam.example/lti/1.3/deep_links".into(),
        accept_types: ItemType::ALL.to_vec(),
        accept_targets: vec![DocumentTarget::Iframe, DocumentTarget::Window],
        accept_media_types: vec!["image/*".into(), "text/html".into()],
        accept_multiple: true,
        accept_line_item: true,
        auto_create: false,
        title: Some("Algebra".into()),
        text: Some("Choose a quiz".into()),
        data: Some(DATA.into()),
    }
}

fn link() -> Value {
    json!({
        "type": "ltiResourceLink", "title": "Quiz", "text": "Five questions", "url": "https://tool.example/quiz?id=5",
        "icon": { "url": "https://tool.example/i.png", "width": 16, "height": 16 },
        "thumbnail": { "url": "http://tool.example/t.png" },
        "custom": { "quiz": "5", "until": "$ResourceLink.submission.endDateTime", "empty": "" },
        "lineItem": { "label": "Quiz 5", "scoreMaximum": 87.0, "resourceId": "q5", "tag": "t", "gradesReleased": true },
        "available": { "startDateTime": "2026-05-01T08:00:00Z", "endDateTime": "2026-05-02T08:00:00Z" },
        "submission": { "endDateTime": "2026-05-03T08:00:00Z" },
        "window": { "targetName": "quiz", "width": 800, "height": 600, "windowFeatures": "menubar=no" },
        "iframe": { "width": 890, "height": 500 }
    })
}

fn others() -> [Value; 4] {
    let frame = json!({ "src": "https://www.example/e", "width": 1, "height": 2 });
    [
        json!({ "type": "link", "url": "https://www.example/#a", "embed": { "html": "<b>x</b>" }, "iframe": frame }),
        json!({ "type": "file", "url": "https://tool.example/f.pdf", "expiresAt": "2026-05-01T08:05:00Z" }),
        json!({ "type": "html", "html": "<h1>Read</h1>" }),
        json!({ "type": "image", "url": "https://tool.example/p.png", "width": 3, "height": 4 }),
    ]
}

fn response(items: &Value) -> Value {
    json!({
        claims::DEEP_LINKING_DATA: DATA, claims::CONTENT_ITEMS: items,
    })
}

fn read_as(document: &Value, settings: &Settings) -> Result<Response, ServiceError> {
    let asked = Asked { settings, allow_http: false };
    Response::read(&message_of(document), &asked)
}

fn read(document: &Value) -> Result<Response, ServiceError> {
    read_as(document, &settings())
}

fn read_item(item: &Value) -> Result<Response, ServiceError> {
    read(&response(&json!([item])))
}

#[test]
fn settings_are_written_and_read() {
    let claim = settings().to_value();
    assert_eq!(claim["accept_media_types"], "image/*,text/html");
    assert_eq!(claim["accept_presentation_document_targets"], json!(["iframe", "window"]));
    assert_eq!(Settings::read(&claim, false), Ok(settings()));
    let newer = with(&claim, "accept_types", json!(["hologram", "link"]));
    assert_eq!(Settings::read(&newer, false).unwrap().accept_types, [ItemType::Link]);
}

#[test]
fn settings_need_a_return_url_and_types() {
    let claim = settings().to_value();
    let at = "deep_linking_settings.deep_link_return_url";
    for (name, value, refusal) in [
        ("deep_link_return_url", json!(null), missing(at)),
        ("deep_link_return_url", json!("http://exam.example/"), url(at, Error::UrlPlainHttp("exam.example".into()))),
        ("deep_link_return_url", json!("javascript:alert(1)"), scheme(at, "javascript")),
        ("accept_types", json!(null), missing("deep_linking_settings.accept_types")),
    ] {
        assert_eq!(Settings::read(&with(&claim, name, value), false), Err(refusal), "{name}");
    }
}

#[test]
fn every_type_of_item_is_read_and_written_again() {
    let items: Vec<Value> = std::iter::once(link()).chain(others()).collect();
    let read = read(&response(&json!(items))).unwrap();
    let written: Vec<Value> = read.items.iter().map(ContentItem::to_value).collect();
    assert_eq!(written, items);
    let types: Vec<ItemType> = read.items.iter().map(|item| item.kind.item_type()).collect();
    let expected = [ItemType::ResourceLink, ItemType::Link, ItemType::File, ItemType::Html, ItemType::Image];
    assert_eq!(types, expected);
}

#[test]
fn a_tool_answers_with_what_a_platform_reads() {
    let whole = Response {
        message: Some("Done".into()),
        log: Some("1 item".into()),
        error: Some("One is gone".into()),
        error_log: Some("E7".into()),
        ..read_item(&link()).unwrap()
    };
    assert_eq!(read(&beside(whole.claims(Some(DATA)))), Ok(whole));
}

#[test]
fn the_title_stands_for_the_label_of_the_line_item() {
    let item = read_item(&with(&link(), "lineItem", json!({ "scoreMaximum": 1 }))).unwrap().items.remove(0);
    let Kind::ResourceLink(link) = item.kind else { panic!("a link that is launched") };
    assert_eq!(link.line_item.unwrap().label, "Quiz");
}

#[test]
fn a_line_item_belongs_to_the_link_that_brings_it() {
    let foreign =
        with(&with(&link(), "lineItem|resourceLinkId", json!("link-2")), "lineItem|id", json!("https://x.example"));
    assert_eq!(read_item(&foreign), read_item(&link()));
}

#[test]
fn nothing_chosen_is_an_answer() {
    for items in [json!(null), json!([])] {
        assert_eq!(read(&response(&items)), Ok(Response::default()));
    }
}

#[test]
fn what_vendors_define_is_passed_over() {
    let item = json!({ "type": "https://vendor.example/hologram", "url": "javascript:alert(1)" });
    assert_eq!(read_item(&item), Ok(Response { passed_over: 1, ..Response::default() }));
    assert!(read_item(&with(&link(), "https://vendor.example/x", json!(1))).is_ok());
}

#[test]
fn stray_spaces_in_the_names_of_claims_do_no_harm() {
    let mut document = response(&json!([]));
    document[format!("{} ", claims::DEEP_LINKING_ERROR_MESSAGE)] = json!("gone");
    assert_eq!(read(&document).unwrap().error.as_deref(), Some("gone"));
}

#[test]
fn a_response_to_another_request_is_refused() {
    for data in [json!("opaque-2"), json!(null), json!([DATA]), json!("opaque-1 ")] {
        let answer = with(&response(&json!([])), claims::DEEP_LINKING_DATA, data.clone());
        assert_eq!(read(&answer), Err(ServiceError::Data), "{data}");
    }
}

#[test]
fn data_comes_back_only_where_there_was_some() {
    let nothing = Settings { data: None, ..settings() };
    for (data, expected) in [(json!(null), Ok(())), (json!(""), Ok(())), (json!("x"), Err(ServiceError::Data))] {
        let document = with(&response(&json!([])), claims::DEEP_LINKING_DATA, data);
        assert_eq!(read_as(&document, &nothing).map(|_| ()), expected);
    }
}

#[test]
fn items_beyond_what_was_asked_are_refused() {
    let one = Settings { accept_multiple: false, ..settings() };
    assert_eq!(read_as(&response(&json!([link(), link()])), &one), Err(ServiceError::SeveralItems(2)));
    assert!(read_as(&response(&json!([link()])), &one).is_ok());
    let links = Settings { accept_types: vec![ItemType::Link], ..settings() };
    let refused = |said: &str| ServiceError::ItemType { at: "content_items[0].type".into(), said: said.into() };
    assert_eq!(read_as(&response(&json!([link()])), &links), Err(refused("ltiResourceLink")));
    assert_eq!(read_item(&json!({ "type": "hologram" })), Err(refused("hologram")));
    let ungraded = Settings { accept_line_item: false, ..settings() };
    let item = read_as(&response(&json!([link()])), &ungraded).unwrap().items.remove(0);
    assert!(matches!(item.kind, Kind::ResourceLink(link) if link.line_item.is_none()));
    let many: Vec<Value> = vec![json!({ "type": "html", "html": "x" }); 1001];
    assert_eq!(read(&response(&json!(many))), Err(too_many("content_items", 1000)));
}

#[test]
fn each_rule_of_a_link_that_is_launched_is_refused_when_broken() {
    let at = |member: &str| format!("content_items[0].{member}");
    let crowd: Map<String, Value> = (0..101).map(|n| (n.to_string(), json!(""))).collect();
    for (path, value, refusal) in [
        ("url", json!("javascript:alert(1)"), scheme(&at("url"), "javascript")),
        ("url", json!("http://tool.example/"), url(&at("url"), Error::UrlPlainHttp("tool.example".into()))),
        ("url", json!("https://a:b@tool.example/"), url(&at("url"), Error::UrlUserinfo)),
        ("title", json!("x".repeat(1025)), too_long(&at("title"), 1024)),
        ("icon|url", json!("data:image/png,x"), scheme(&at("icon.url"), "data")),
        ("icon|url", json!("file:///etc/passwd"), scheme(&at("icon.url"), "file")),
        ("icon", json!("https://tool.example/i.png"), wrong_type(&at("icon"), "an object")),
        ("custom", json!({ "n": 5 }), wrong_type(&at("custom.n"), "a text")),
        ("custom", json!({ "n": { "a": "b" } }), wrong_type(&at("custom.n"), "a text")),
        ("custom", json!(crowd), too_many(&at("custom"), 100)),
        ("lineItem", json!({}), missing(&at("lineItem.scoreMaximum"))),
        ("lineItem|scoreMaximum", json!("87"), wrong_type(&at("lineItem.scoreMaximum"), "a number, not a text")),
        ("available|startDateTime", json!("tomorrow"), not_a_time(&at("available.startDateTime"), "tomorrow")),
        (
            "available|endDateTime",
            json!("2026-04-01T08:00:00Z"),
            ServiceError::EndsBeforeBegin(at("available.startDateTime to endDateTime")),
        ),
    ] {
        assert_eq!(read_item(&with(&link(), path, value)), Err(refusal), "{path}");
    }
    for (path, value, member) in [
        ("lineItem|scoreMaximum", json!(0), "lineItem.scoreMaximum"),
        ("lineItem|scoreMaximum", json!(-1), "lineItem.scoreMaximum"),
        ("iframe|width", json!(-1), "iframe.width"),
        ("iframe|height", json!(1.5), "iframe.height"),
        ("window|width", json!(1e9), "window.width"),
    ] {
        assert!(is_out_of_range(&read_item(&with(&link(), path, value)), &at(member)), "{path}");
    }
}

#[test]
fn each_rule_of_the_other_items_is_refused_when_broken() {
    let [page, file, html, image] = others();
    let at = |member: &str| format!("content_items[0].{member}");
    for (item, path, value, refusal) in [
        (&page, "type", json!(null), missing(&at("type"))),
        (&page, "url", json!(null), missing(&at("url"))),
        (&page, "url", json!(" javascript:alert(1)"), scheme(&at("url"), "javascript")),
        (&page, "url", json!("JaVaScRiPt:alert(1)"), scheme(&at("url"), "javascript")),
        (&page, "embed", json!({}), missing(&at("embed.html"))),
        (&page, "iframe|src", json!(null), missing(&at("iframe.src"))),
        (&page, "iframe|src", json!("vbscript:x"), scheme(&at("iframe.src"), "vbscript")),
        (&file, "url", json!("ftp://tool.example/f"), scheme(&at("url"), "ftp")),
        (&file, "expiresAt", json!("soon"), not_a_time(&at("expiresAt"), "soon")),
        (&html, "html", json!(null), missing(&at("html"))),
        (&html, "html", json!("x".repeat(65_537)), too_long(&at("html"), 65_536)),
        (&image, "url", json!("data:image/svg+xml,x"), scheme(&at("url"), "data")),
    ] {
        assert_eq!(read_item(&with(item, path, value)), Err(refusal), "{path}");
    }
    assert!(matches!(read_item(&with(&page, "url", json!("/relative"))), Err(ServiceError::Url { .. })));
    assert_eq!(read_item(&json!("link")), Err(wrong_type("content_items[0]", "an object")));
}
