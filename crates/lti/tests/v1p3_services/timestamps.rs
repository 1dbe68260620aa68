use examlink_lti::v1p3::Timestamp;

use crate::support::time;

#[test]
fn every_form_in_use_is_read_and_written_in_utc() {
    for (text, written) in [
        ("2017-04-16T18:54:36.736+00", "2017-04-16T18:54:36.736Z"),
        ("2017-04-16T18:54:36.736+00:00", "2017-04-16T18:54:36.736Z"),
        ("2017-04-16T18:54:36Z", "2017-04-16T18:54:36Z"),
        ("2017-04-16T20:54:36.1+0200", "2017-04-16T18:54:36.100Z"),
        ("2017-04-16T18:54:36,123456789z", "2017-04-16T18:54:36.123456Z"),
        ("2017-04-16T18:54-05", "2017-04-16T23:54:00Z"),
        ("2017-01-01T00:30:00+01:00", "2016-12-31T23:30:00Z"),
        ("2016-02-29T00:00:00-00:30", "2016-02-29T00:30:00Z"),
    ] {
        assert_eq!(time(text).to_string(), written, "{text}");
        assert_eq!(time(written).to_string(), written, "what is written is read again");
    }
}

#[test]
fn what_is_no_time_with_an_offset_is_refused() {
    for text in [
        "",
        "2017-04-16",
        "2017-04-16T18:54:36",
        "2017-04-16T18:54:36.736",
        "2017-04-16 18:54:36Z",
        "2017-04-16T18:54:36.Z",
        "2017-04-16T18:54.5Z",
        "2017-04-16T1:54:36Z",
        "2017-04-16T18:54:36:00Z",
        "2017-04-16T24:00:00Z",
        "2017-04-16T18:60:00Z",
        "2017-02-29T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "-2017-04-16T18:54:36Z",
        "2017-04-16T18:54:36+0:000",
        "2017-04-16T18:54:36+24:00",
        "2017-04-16T18:54:36+00:60",
        "2017-04-16T18:54:36+é",
        "２０１７-04-16T18:54:36Z",
        "1492368876",
    ] {
        assert_eq!(Timestamp::parse(text), None, "{text}");
    }
}

#[test]
fn times_compare_to_the_microsecond() {
    assert!(time("2017-04-16T18:54:36.000001Z") > time("2017-04-16T18:54:36Z"));
    assert_eq!(time("2017-04-16T18:54:36.0000009Z"), time("2017-04-16T18:54:36Z"));
    assert_eq!(Timestamp::from_seconds(1_492_368_876), time("2017-04-16T18:54:36Z"));
    assert_eq!(Timestamp::from_seconds(i64::MAX).plus_seconds(i64::MAX).micros(), i64::MAX);
    assert!(!Timestamp::from_micros(i64::MAX).to_string().is_empty());
}
