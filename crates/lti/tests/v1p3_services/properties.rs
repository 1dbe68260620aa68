use examlink_lti::v1p3::ags::{Applied, Order, body_digest, order, points};
use examlink_lti::v1p3::link_header::{NEXT, next_page, read, write};
use examlink_lti::v1p3::{ServiceError, Timestamp, ags, deep_linking, nrps};
use proptest::prelude::*;
use serde_json::json;

/// From the year 0 to the end of 9999, in microseconds.
const TIMES: std::ops::Range<i64> = -62_167_219_200_000_000..253_402_300_800_000_000;

proptest! {
    #[test]
    fn a_time_that_is_written_is_read_again(micros in TIMES) {
        let time = Timestamp::from_micros(micros);
        prop_assert_eq!(Timestamp::parse(&time.to_string()), Some(time));
    }

    #[test]
    fn no_text_breaks_the_reader_of_times(text in "\\PC{0,40}", near in "[0-9]{4}-0[1-9]-[0-2][0-9]T[0-9:.,+Zé-]{0,20}") {
        let _ = Timestamp::parse(&text);
        let _ = Timestamp::parse(&near);
    }

    #[test]
    fn a_lower_cased_link_leads_to_the_same_place(path in "[A-Za-z0-9/]{0,20}", tag in "[A-Za-z0-9é%& ]{0,20}") {
        let mut url = url::Url::parse("https://exam.example/").unwrap();
        url.set_path(&path);
        url.query_pairs_mut().append_pair("tag", &tag);
        let header = write(&[(NEXT, url.as_str())]).unwrap().to_lowercase();
        let followed = url::Url::parse(&read(&header, NEXT).unwrap()).unwrap();
        let decoded = |url: &url::Url| percent_encoding::percent_decode_str(url.path()).decode_utf8().unwrap().into_owned();
        prop_assert_eq!(decoded(&followed), decoded(&url));
        prop_assert!(followed.query_pairs().eq(url.query_pairs()));
    }

    #[test]
    fn no_text_breaks_the_reader_of_links(header in "[<>;,=\" a-zé]{0,40}") {
        let _ = read(&header, NEXT);
        let page = url::Url::parse("https://exam.example/members").unwrap();
        let next = next_page(&header, &page).ok().flatten();
        prop_assert!(next.is_none_or(|next| next.origin() == page.origin()));
    }

    #[test]
    fn of_two_scores_one_wins_whichever_comes_first(a in 0_i64..4, b in 0_i64..4) {
        let score = |micros| Applied { timestamp: Timestamp::from_micros(micros), digest: body_digest(&[0]) };
        let outcome = (order(Some(&score(a)), &score(b)), order(Some(&score(b)), &score(a)));
        let expected = match a.cmp(&b) {
            std::cmp::Ordering::Less => (Order::Apply, Order::Older),
            std::cmp::Ordering::Greater => (Order::Older, Order::Apply),
            std::cmp::Ordering::Equal => (Order::AlreadyApplied, Order::AlreadyApplied),
        };
        prop_assert_eq!(outcome, expected);
    }

    #[test]
    fn points_have_an_end(given in 0.0..=ags::MOST_POINTS, maximum in ags::LEAST_MAXIMUM..=ags::MOST_POINTS) {
        prop_assert!(points(given, maximum, ags::MOST_POINTS).is_finite());
    }

    /// Whatever stands in a member, it is read or refused.
    #[test]
    fn no_value_breaks_a_reader(member in 0_usize..6, value in value()) {
        let names = ["label", "scoreMaximum", "startDateTime", "submissionReview", "userId", "scoreGiven"];
        let mut document = json!({ "label": "L", "scoreMaximum": 1, "userId": "u" });
        document[names[member]] = value.clone();
        let body = document.to_string();
        let _ = ags::LineItem::read(body.as_bytes());
        let _: Result<_, ServiceError> = ags::Score::read(body.as_bytes(), Timestamp::from_seconds(0), 0);
        let _ = deep_linking::Settings::read(&json!({ "accept_types": value, "deep_link_return_url": value }), false);
        let _ = nrps::Membership::read(json!({ "context": { "id": "c" }, "members": value }).to_string().as_bytes());
    }
}

fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|flag| json!(flag)),
        any::<f64>().prop_map(|number| json!(number)),
        "\\PC{0,12}".prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|list| json!(list)),
            prop::collection::hash_map("[a-zA-Z]{1,8}", inner, 0..4).prop_map(|object| json!(object)),
        ]
    })
}
