//! Choosing content in a tool: the request, the reply and the items, each rule kept and broken.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use examlink_lti::v1::content_item::{
    Acceptance, ContentItem, Image, ItemType, LTI_LINK, LineItem, Placement, Selection, SelectionRequest,
    VerifiedSelection, VerifiedSelectionRequest, items_from_json, items_to_json,
};
use examlink_lti::v1::credentials::{Credentials, Stamp};
use examlink_lti::v1::launch::{Context, DocumentTarget, LaunchUrl, SignedForm};
use examlink_lti::v1::oauth1::{Param, SignatureMethod, TimeWindow, UnverifiedRequest, VerifiedRequest};
use examlink_lti::{Error, Result, Secret};
use serde_json::{Value, json};
use url::form_urlencoded;

const TOOL: &str = "https://tool.example/choose?course=7";
const RETURN: &str = "https://exam.example/lti/1.1/content_items?x=1";
const NOW: u64 = 1_790_000_000;

fn credentials() -> Credentials {
    let method = SignatureMethod::HmacSha1;
    Credentials { consumer_key: "Key0123456789abcdefghi".into(), secret: Secret::new("secret"), method }
}

fn stamp() -> Stamp {
    Stamp::new("0123456789abcdefABCDEF", NOW).unwrap()
}

fn url(text: &str) -> LaunchUrl {
    LaunchUrl::parse(text, false).unwrap()
}

/// What the other side makes of a form, or of one that somebody changed on the way.
fn arrives(form: &SignedForm, change: impl Fn(&mut Vec<Param>)) -> Result<VerifiedRequest> {
    let mut fields = form.fields.clone();
    change(&mut fields);
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = UnverifiedRequest::from_form("POST", &form.action, body.as_bytes())?;
    request.verify(&Secret::new("secret"), TimeWindow { now: NOW, seconds: 300 })
}

fn request() -> SelectionRequest {
    SelectionRequest {
        accepts: Acceptance {
            media_types: vec![LTI_LINK.into(), "image/*;q=0.5".into(), "image/gif;q=0".into()],
            targets: vec![DocumentTarget::Iframe, DocumentTarget::Window],
            multiple: true,
            auto_create: true,
            ..Acceptance::default()
        },
        return_url: RETURN.into(),
        title: Some("Algebra".into()),
        data: Some("opaque-1".into()),
        context: Context { id: Some("exam-3".into()), ..Context::default() },
        ..SelectionRequest::default()
    }
}

fn sign(request: &SelectionRequest) -> Result<SignedForm> {
    request.clone().sign(&url(TOOL), &credentials(), &stamp())
}

fn link() -> ContentItem {
    ContentItem { title: Some("Quiz".into()), media_type: Some(LTI_LINK.into()), ..ContentItem::default() }
}

#[test]
fn the_request_says_what_is_accepted_and_nothing_of_a_link() {
    let fields = sign(&request()).unwrap().fields;
    let said: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_ref(), value.as_str())).collect();
    let expected = [
        ("lti_message_type", "ContentItemSelectionRequest"),
        ("lti_version", "LTI-1p0"),
        ("accept_media_types", "application/vnd.ims.lti.v1.ltilink,image/*;q=0.5,image/gif;q=0"),
        ("accept_presentation_document_targets", "iframe,window"),
        ("accept_unsigned", "false"),
        ("accept_multiple", "true"),
        ("accept_copy_advice", "false"),
        ("auto_create", "true"),
        ("can_confirm", "false"),
        ("content_item_return_url", RETURN),
        ("title", "Algebra"),
        ("data", "opaque-1"),
        ("context_id", "exam-3"),
    ];
    for pair in expected {
        assert!(said.contains(&pair), "{pair:?} in {said:?}");
    }
    let of_a_link = ["resource_link", "launch_presentation_return_url", "lis_"];
    assert!(!said.iter().any(|(name, _)| of_a_link.iter().any(|start| name.starts_with(start))));
}

#[test]
fn the_request_cannot_leave_out_what_is_required() {
    let without = |change: fn(&mut SelectionRequest)| {
        let mut request = request();
        change(&mut request);
        sign(&request).unwrap_err()
    };
    assert_eq!(without(|r| r.accepts.media_types.clear()), Error::Missing("accept_media_types"));
    assert_eq!(without(|r| r.accepts.targets.clear()), Error::Missing("accept_presentation_document_targets"));
    assert_eq!(without(|r| r.return_url.clear()), Error::Missing("content_item_return_url"));
}

#[test]
fn the_tool_reads_what_the_platform_asked() {
    let form = sign(&request()).unwrap();
    let asked = VerifiedSelectionRequest::try_from(arrives(&form, |_| {}).unwrap()).unwrap();
    assert_eq!(asked.accepts(), &request().accepts);
    assert_eq!((asked.return_url(), asked.data(), asked.get("title")), (RETURN, Some("opaque-1"), Some("Algebra")));
    let takes = |media_type| asked.accepts().takes(media_type);
    assert!(takes(LTI_LINK) && takes("image/png") && !takes("image/gif") && !takes("text/html"));
    let any = Acceptance { media_types: vec!["*/*".into()], ..Acceptance::default() };
    assert!(any.takes("text/html"));
}

#[test]
fn the_tool_refuses_a_request_that_lacks_what_is_required() {
    let changed = |name: &str, value: &str| {
        let mut request = request();
        request.extensions = vec![("ext_a".into(), "1".into())];
        let mut fields = sign(&request).unwrap().fields;
        fields.retain(|(known, _)| known != name && !known.starts_with("oauth_signature"));
        fields.push((name.to_owned().into(), value.to_owned()));
        fields.push(("oauth_signature_method".into(), "HMAC-SHA1".into()));
        let request = examlink_lti::v1::oauth1::Request { method: "POST", url: TOOL, params: &fields };
        let signature = request.sign(SignatureMethod::HmacSha1, &Secret::new("secret")).unwrap();
        fields.push(("oauth_signature".into(), signature));
        let form = SignedForm { action: TOOL.into(), fields };
        VerifiedSelectionRequest::try_from(arrives(&form, |_| {}).unwrap()).map(|_| ())
    };
    assert_eq!(changed("title", "other"), Ok(()));
    for name in ["accept_media_types", "accept_presentation_document_targets", "content_item_return_url", "lti_version"]
    {
        assert!(matches!(changed(name, ""), Err(Error::Missing(missing)) if missing == name), "{name}");
    }
    assert!(matches!(changed("content_item_return_url", "javascript:alert(1)"), Err(Error::UrlSyntax(_))));
    let launch = "basic-lti-launch-request";
    let expected = Error::MessageType { expected: "ContentItemSelectionRequest", said: launch.into() };
    assert_eq!(changed("lti_message_type", launch), Err(expected));
}

#[test]
fn the_reply_brings_back_items_data_and_messages() {
    let selection = Selection {
        items: Some(vec![link(), ContentItem { url: Some("https://tool.example/2".into()), ..link() }]),
        data: Some("opaque-1".into()),
        message: Some("Two quizzes".into()),
        log: Some("chosen by 9".into()),
        ..Selection::default()
    };
    let form = selection.clone().sign(&url(RETURN), &credentials(), &stamp()).unwrap();
    assert_eq!(form.action, RETURN);
    let reply = VerifiedSelection::try_from(arrives(&form, |_| {}).unwrap()).unwrap();
    assert_eq!(reply.items().unwrap(), selection.items.unwrap());
    assert_eq!((reply.get("data"), reply.get("lti_msg")), (Some("opaque-1"), Some("Two quizzes")));
    assert_eq!((reply.get("lti_errormsg"), reply.get("lti_log")), (None, Some("chosen by 9")));
    let forged =
        arrives(&form, |fields| fields.iter_mut().for_each(|(_, value)| *value = value.replace("Quiz", "Test")));
    assert_eq!(forged.unwrap_err(), Error::OauthSignature);
}

#[test]
fn nothing_chosen_is_a_reply_without_items() {
    let form = Selection::default().sign(&url(RETURN), &credentials(), &stamp()).unwrap();
    assert!(!form.fields.iter().any(|(name, _)| name == "content_items"));
    let reply = VerifiedSelection::try_from(arrives(&form, |_| {}).unwrap()).unwrap();
    assert_eq!(reply.items(), Ok(Vec::new()));
    let other = sign(&request()).unwrap();
    assert!(matches!(VerifiedSelection::try_from(arrives(&other, |_| {}).unwrap()), Err(Error::MessageType { .. })));
}

fn full() -> ContentItem {
    let text = |text: &str| Some(text.to_owned());
    ContentItem {
        kind: ItemType::LtiLink,
        id: text("https://tool.example/items/4"),
        url: text("https://tool.example/launch?quiz=4"),
        title: text("Quiz 4"),
        text: text("Circles & squares"),
        media_type: text(LTI_LINK),
        icon: Some(Image { url: "https://tool.example/i.png".into(), width: Some(50), height: Some(40) }),
        thumbnail: Some(Image { url: "https://tool.example/t.png".into(), width: None, height: None }),
        placement: Placement {
            target: Some(DocumentTarget::Iframe),
            width: Some(800),
            height: Some(600),
            window: text("_blank"),
        },
        custom: vec![("chapter".into(), "3".into())],
        line_item: Some(LineItem {
            label: text("Chapter 3"),
            tag: text("resource"),
            reporting_method: text("http://purl.imsglobal.org/ctx/lis/v2p1/Result#normalScore"),
            activity_id: text("a-3"),
            normal_maximum: Some(100.0),
            extra_credit_maximum: Some(10.0),
            total_maximum: Some(110.0),
        }),
        copy_advice: Some(true),
        expires_at: text("2026-12-01T00:00:00Z"),
    }
}

#[test]
fn every_member_of_an_item_goes_out_and_comes_in() {
    let items = [full(), link(), ContentItem { kind: ItemType::LtiAssignment, ..link() }];
    let json: Value = serde_json::from_str(&items_to_json(&items)).unwrap();
    assert_eq!(json["@context"], "http://purl.imsglobal.org/ctx/lti/v1/ContentItem");
    let first = &json["@graph"][0];
    assert_eq!((&first["@type"], &first["icon"]["@id"]), (&json!("LtiLinkItem"), &json!("https://tool.example/i.png")));
    assert_eq!(first["placementAdvice"]["presentationDocumentTarget"], "iframe");
    assert_eq!(first["lineItem"]["scoreConstraints"]["normalMaximum"], 100.0);
    assert_eq!(json["@graph"][1], json!({ "@type": "LtiLinkItem", "title": "Quiz", "mediaType": LTI_LINK }));
    assert_eq!(items_from_json(&json.to_string()).unwrap(), items);
}

fn read(item: &Value) -> Result<ContentItem> {
    let context = json!(["http://purl.imsglobal.org/ctx/lti/v1/ContentItem", { "res": "http://purl.imsglobal.org/" }]);
    let document = json!({ "@context": context, "@graph": [item] });
    items_from_json(&document.to_string()).map(|mut items| items.remove(0))
}

#[test]
fn every_type_is_known_and_a_new_one_keeps_its_name() {
    let types = [
        ("LtiLinkItem", ItemType::LtiLink, true),
        ("lti:LtiLinkItem", ItemType::LtiLink, true),
        ("LtiAssignmentItem", ItemType::LtiAssignment, true),
        ("AssignmentLink", ItemType::LtiAssignment, true),
        ("ContentItem", ItemType::Generic, false),
        ("FileItem", ItemType::File, false),
        ("ImportItem", ItemType::Import, false),
        ("Hologram", ItemType::Other("Hologram".into()), false),
    ];
    for (name, kind, launched) in types {
        let item = read(&json!({ "@type": name })).unwrap();
        assert_eq!((&item.kind, item.is_launched()), (&kind, launched), "{name}");
    }
    assert!(read(&json!({ "@type": "ContentItem", "mediaType": LTI_LINK })).unwrap().is_launched());
}

#[test]
fn the_draft_is_understood() {
    let document = json!({
        "@context": "http://purl.imsglobal.org/ctx/lti/v1/ContentItemPlacement",
        "@graph": [{
            "@type": "ContentItemPlacement",
            "placementOf": { "@type": "LtiLink", "@id": "/ims/lti", "mediaType": LTI_LINK, "title": "Open" },
            "presentationDocumentTarget": "window", "displayWidth": 500,
        }],
    });
    let items = items_from_json(&document.to_string()).unwrap();
    assert_eq!((&items[0].kind, items[0].title.as_deref()), (&ItemType::LtiLink, Some("Open")));
    assert_eq!((items[0].placement.target, items[0].placement.width), (Some(DocumentTarget::Window), Some(500)));
    let broken = read(&json!({ "@type": "ContentItemPlacement" })).unwrap_err().to_string();
    assert_eq!(broken, "content_items[0].placementOf is missing");
}

#[test]
fn what_tools_write_loosely_is_read() {
    let item = json!({
        "@type": "LtiLinkItem", "title": "", "text": null, "icon": "https://tool.example/i.png",
        "custom": { "a": 1, "b": true, "c": null },
        "placementAdvice": { "displayWidth": "800", "presentationDocumentTarget": "hologram" },
        "lineItem": { "scoreConstraints": { "totalMaximum": "12.5" } }, "unknown": { "x": [] },
    });
    let item = read(&item).unwrap();
    assert_eq!((item.title, item.text, item.placement.target), (None, None, None));
    assert_eq!(item.icon.unwrap().url, "https://tool.example/i.png");
    let custom: Vec<(&str, &str)> = item.custom.iter().map(|(name, value)| (name.as_ref(), value.as_str())).collect();
    assert_eq!(custom, [("a", "1"), ("b", "true"), ("c", "")]);
    assert_eq!((item.placement.width, item.line_item.unwrap().maximum()), (Some(800), Some(12.5)));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let wrong = [
        (json!("text"), "content_items[0] must be an object"),
        (json!({}), "content_items[0].@type is missing"),
        (json!({ "@type": "LtiLinkItem", "title": ["a"] }), "content_items[0].title must be a text"),
        (
            json!({ "@type": "LtiLinkItem", "custom": { "a": {} } }),
            "content_items[0].custom.a must be a text, a number or a boolean",
        ),
        (
            json!({ "@type": "LtiLinkItem", "lineItem": { "scoreConstraints": { "normalMaximum": -1 } } }),
            "content_items[0].lineItem.scoreConstraints.normalMaximum must be a number of points, 0 or more",
        ),
        (
            json!({ "@type": "LtiLinkItem", "placementAdvice": { "displayWidth": "wide" } }),
            "content_items[0].placementAdvice.displayWidth must be a number of pixels",
        ),
        (json!({ "@type": "FileItem", "copyAdvice": "x" }), "content_items[0].copyAdvice must be true or false"),
    ];
    for (item, error) in wrong {
        assert_eq!(read(&item).unwrap_err().to_string(), error);
    }
    for document in ["{}", "[]", "null", "{\"@graph\":{}}"] {
        let error = items_from_json(document).unwrap_err().to_string();
        assert_eq!(error, "content_items must be an object with the list \"@graph\"");
    }
    assert!(items_from_json("some content items").unwrap_err().to_string().starts_with("content_items is not JSON"));
}

#[test]
fn a_published_reply_is_read() {
    let vectors: Value = serde_json::from_str(include_str!("vectors/oauth1.json")).unwrap();
    let vector = vectors["vectors"].as_array().unwrap().iter().find(|v| v["id"] == "ltitools-content-items").unwrap();
    let items = vector["params"].as_array().unwrap().iter().find(|pair| pair[0] == "content_items").unwrap();
    let items = items_from_json(items[1].as_str().unwrap()).unwrap();
    let line_item = items[0].line_item.clone().unwrap();
    assert_eq!((items.len(), items[0].url.as_deref()), (1, Some("http://localhost/lti")));
    assert_eq!((line_item.activity_id.as_deref(), line_item.maximum()), (Some("a-9334df-33"), Some(100.0)));
}
