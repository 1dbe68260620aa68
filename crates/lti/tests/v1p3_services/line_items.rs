use examlink_lti::Error;
use examlink_lti::v1p3::ServiceError;
use examlink_lti::v1p3::ags::{
    ActivityProgress, Endpoint, LineItem, LineItemFilter, LineItemResult, ResultFilter, SubmissionReview, points,
    results_url, scores_url,
};
use serde_json::{Value, json};

use crate::support::{
    is_out_of_range, is_unknown, missing, not_a_time, pairs, scheme, time, too_long, too_many, url, with, wrong_type,
};

fn whole() -> Value {
    json!({
        "id": "https://lms.example/items/1", "label": "Chapter 5", "scoreMaximum": 60.0, "resourceLinkId": "link-1",
        "resourceId": "quiz-5", "tag": "grade", "startDateTime": "2026-05-01T08:00:00Z",
        "endDateTime": "2026-05-01T10:00:00Z", "gradesReleased": false,
        "submissionReview": {
            "reviewableStatus": ["InProgress", "Completed"], "label": "Review", "url": "https://tool.example/review",
            "custom": { "mode": "", "n": "1" }
        },
        "https://tool.example/ext": { "a": [1] }
    })
}

fn read(document: &Value) -> Result<LineItem, ServiceError> {
    LineItem::read(document.to_string().as_bytes())
}

#[test]
fn a_line_item_is_read_and_written_whole() {
    let item = read(&whole()).unwrap();
    assert_eq!(item.to_value(), whole());
    assert_eq!(item.span.begin, Some(time("2026-05-01T08:00:00Z")));
    let review = item.submission_review.unwrap();
    assert_eq!(review.reviewable_status, [ActivityProgress::InProgress, ActivityProgress::Completed]);
    assert_eq!(SubmissionReview::read(&review.to_value()), Ok(review));
}

#[test]
fn work_is_reviewed_when_it_is_as_far_as_the_tool_says() {
    let review = |said: Value| SubmissionReview::read(&json!({ "reviewableStatus": said })).unwrap();
    let handed_in = review(json!(["Submitted", "Completed"]));
    assert!(handed_in.is_reviewable(Some(ActivityProgress::Submitted)));
    assert!(!handed_in.is_reviewable(Some(ActivityProgress::InProgress)) && !handed_in.is_reviewable(None));
    for never in [json!(["None"]), json!([])] {
        assert!(!review(never).is_reviewable(Some(ActivityProgress::Completed)));
    }
}

#[test]
fn a_line_item_needs_its_label_and_maximum_alone() {
    let item = read(&json!({ "label": "L", "scoreMaximum": 1, "unknown": [] })).unwrap();
    assert_eq!(item, LineItem { label: "L".into(), score_maximum: 1.0, ..LineItem::default() });
    assert_eq!(item.to_value(), json!({ "label": "L", "scoreMaximum": 1.0 }));
    let empty = json!({ "label": "L", "scoreMaximum": 1, "startDateTime": "", "endDateTime": null, "tag": "" });
    assert_eq!(read(&empty).unwrap(), item, "an empty date is no date");
}

#[test]
fn each_rule_of_a_line_item_is_refused_when_broken() {
    let long = "x".repeat(1025);
    let many: Vec<&str> = vec!["Started"; 11];
    for (path, value, refusal) in [
        ("label", json!(null), missing("label")),
        ("label", json!("  "), missing("label")),
        ("label", json!(5), wrong_type("label", "a text")),
        ("label", json!(long), too_long("label", 1024)),
        ("scoreMaximum", json!(null), missing("scoreMaximum")),
        ("scoreMaximum", json!("60"), wrong_type("scoreMaximum", "a number, not a text")),
        ("resourceId", json!(long), too_long("resourceId", 1024)),
        ("startDateTime", json!("2026-05-01T08:00:00"), not_a_time("startDateTime", "2026-05-01T08:00:00")),
        (
            "endDateTime",
            json!("2026-04-01T08:00:00Z"),
            ServiceError::EndsBeforeBegin("startDateTime to endDateTime".into()),
        ),
        ("gradesReleased", json!(1), wrong_type("gradesReleased", "true or false")),
        ("submissionReview", json!([]), wrong_type("submissionReview", "an object")),
        ("submissionReview|url", json!("javascript:alert(1)"), scheme("submissionReview.url", "javascript")),
        ("submissionReview|url", json!("https://u:p@tool.example/"), url("submissionReview.url", Error::UrlUserinfo)),
        ("submissionReview|custom", json!({ "n": 1 }), wrong_type("submissionReview.custom.n", "a text")),
        ("submissionReview|custom", json!({ "n": null }), wrong_type("submissionReview.custom.n", "a text")),
        ("submissionReview|reviewableStatus", json!(many), too_many("submissionReview.reviewableStatus", 10)),
        ("https://tool.example/ext", json!("x".repeat(70_000)), too_long("the members under a URL", 65_536)),
    ] {
        assert_eq!(read(&with(&whole(), path, value)), Err(refusal), "{path}");
    }
    let unknown = with(&whole(), "submissionReview|reviewableStatus", json!(["Done"]));
    assert!(is_unknown(&read(&unknown), "submissionReview.reviewableStatus"));
    let mut crowded = whole();
    (0..60).for_each(|n| crowded[format!("https://tool.example/{n}")] = json!(n));
    assert_eq!(read(&crowded), Err(too_many("the members under a URL", 50)));
}

#[test]
fn a_maximum_is_above_0_and_finite() {
    for maximum in [json!(0), json!(-1), json!(1e-300), json!(1e10), json!(1e308)] {
        assert!(is_out_of_range(&read(&with(&whole(), "scoreMaximum", maximum.clone())), "scoreMaximum"), "{maximum}");
    }
    for number in ["NaN", "Infinity", "1e400", "-1e400"] {
        let body = format!(r#"{{"label":"L","scoreMaximum":{number}}}"#);
        assert!(matches!(LineItem::read(body.as_bytes()), Err(ServiceError::NotJson(_))), "{number}");
    }
}

#[test]
fn a_body_has_an_end_and_is_an_object() {
    assert_eq!(LineItem::read(&vec![b' '; 1_048_577]), Err(too_long("the body", 1_048_576)));
    assert_eq!(LineItem::read(b"[]"), Err(wrong_type("the body", "an object")));
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    assert!(matches!(LineItem::read(deep.as_bytes()), Err(ServiceError::NotJson(_))));
}

#[test]
fn a_put_clears_what_it_leaves_out_and_moves_nothing() {
    let stored = read(&whole()).unwrap();
    let put = read(&json!({ "label": "New", "scoreMaximum": 10 })).unwrap();
    let replaced = put.clone().replacing(&stored).unwrap();
    assert_eq!(
        (replaced.id.clone(), replaced.resource_link_id.clone()),
        (stored.id.clone(), stored.resource_link_id.clone())
    );
    assert_eq!((replaced.label.as_str(), replaced.span.begin, replaced.tag.as_deref()), ("New", None, None));
    for (name, moved) in [
        ("id", LineItem { id: Some("https://lms.example/items/2".into()), ..put.clone() }),
        ("resourceLinkId", LineItem { resource_link_id: Some("link-2".into()), ..put.clone() }),
    ] {
        assert_eq!(moved.replacing(&stored), Err(ServiceError::Immutable(name)));
    }
    let unbound = LineItem { resource_link_id: None, ..stored.clone() };
    assert_eq!(stored.clone().replacing(&unbound), Err(ServiceError::Immutable("resourceLinkId")));
    assert_eq!(stored.clone().replacing(&stored), Ok(stored));
}

#[test]
fn filters_are_read_from_the_query() {
    let query = pairs(&[("resource_link_id", "l"), ("resource_id", "r"), ("tag", "t"), ("limit", "20"), ("x", "y")]);
    let filter = LineItemFilter::parse(&query).unwrap();
    let text = |text: &str| Some(text.to_owned());
    let expected =
        LineItemFilter { resource_link_id: text("l"), resource_id: text("r"), tag: text("t"), limit: Some(20) };
    assert_eq!(filter, expected);
    assert_eq!(LineItemFilter::parse(&pairs(&[("tag", "")])), Ok(LineItemFilter::default()));
    let results = ResultFilter::parse(&pairs(&[("user_id", "u"), ("limit", "1")])).unwrap();
    assert_eq!(results, ResultFilter { user_id: text("u"), limit: Some(1) });
}

#[test]
fn filters_are_refused_when_they_say_two_things_or_no_number() {
    for limit in ["0", "-1", "1.5", "x", "+5", "00"] {
        assert_eq!(LineItemFilter::parse(&pairs(&[("limit", limit)])), Err(ServiceError::Limit), "{limit}");
    }
    for limit in ["1000000000", "99999999999999999999"] {
        assert_eq!(LineItemFilter::parse(&pairs(&[("limit", limit)])).unwrap().limit, Some(1000), "{limit}");
    }
    let twice = pairs(&[("tag", "a"), ("tag", "b")]);
    assert_eq!(LineItemFilter::parse(&twice), Err(ServiceError::Repeated("tag")));
    let long = "x".repeat(1025);
    assert_eq!(ResultFilter::parse(&pairs(&[("user_id", &long)])), Err(too_long("user_id", 1024)));
}

#[test]
fn the_endpoint_says_where_grades_go() {
    let endpoint = Endpoint {
        scopes: vec!["https://purl.imsglobal.org/spec/lti-ags/scope/score".into()],
        line_items: Some("https://lms.example/items".into()),
        line_item: None,
    };
    let claim = endpoint.to_value();
    assert_eq!(claim.get("lineitem"), None);
    assert_eq!(Endpoint::read(&claim, false), Ok(endpoint));
    let plain = with(&claim, "lineitems", json!("http://lms.example/items"));
    let refusal = url("endpoint.lineitems", Error::UrlPlainHttp("lms.example".into()));
    assert_eq!(Endpoint::read(&plain, false), Err(refusal));
    assert!(Endpoint::read(&plain, true).is_ok());
}

#[test]
fn services_stand_behind_the_path_of_the_line_item() {
    assert_eq!(scores_url("https://lms.example/items/1"), "https://lms.example/items/1/scores");
    assert_eq!(results_url("https://lms.example/items/1/?a=b/c?d"), "https://lms.example/items/1/results?a=b/c?d");
}

#[test]
fn containers_are_read_by_a_tool() {
    let items = LineItem::read_container(json!([whole()]).to_string().as_bytes()).unwrap();
    assert_eq!(items, [read(&whole()).unwrap()]);
    assert_eq!(LineItem::read_container(b"[{\"label\":\"x\"}]"), Err(missing("lineitems[0].scoreMaximum")));
    let result = LineItemResult {
        id: "https://lms.example/items/1/results/7".into(),
        score_of: "https://lms.example/items/1".into(),
        user_id: "u".into(),
        score: Some(12.5),
        maximum: 20.0,
        scoring_user_id: Some("teacher".into()),
        comment: Some("<b>good</b>".into()),
    };
    let body = json!([result.to_value()]);
    assert_eq!(LineItemResult::read_container(body.to_string().as_bytes()), Ok(vec![result]));
    let bare = with(&body, "0|resultMaximum", json!(null));
    assert_eq!(
        LineItemResult::read_container(bare.to_string().as_bytes()).unwrap()[0].maximum.to_bits(),
        1_f64.to_bits()
    );
    let nobody = with(&body, "0|userId", json!(null));
    assert_eq!(LineItemResult::read_container(nobody.to_string().as_bytes()), Err(missing("results[0].userId")));
}

#[test]
fn points_are_scaled_to_the_line_item() {
    for (given, maximum, item, expected) in [(5.0, 10.0, 60.0, 30.0), (12.0, 10.0, 10.0, 12.0), (0.1, 0.3, 0.3, 0.1)] {
        assert_eq!(points(given, maximum, item).to_bits(), f64::to_bits(expected));
    }
    assert!(points(1e9, 1e-9, 1e9).is_finite());
}
