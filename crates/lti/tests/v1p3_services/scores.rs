use examlink_lti::v1p3::ServiceError;
use examlink_lti::v1p3::ags::{
    ActivityProgress, Applied, Grade, GradingProgress, Order, Score, SubmissionTimes, body_digest, order,
};
use serde_json::{Value, json};

use crate::support::{
    in_the_future, is_out_of_range, is_unknown, missing, not_a_time, time, too_long, with, wrong_type,
};

const NOW: &str = "2026-05-01T12:00:00Z";

fn whole() -> Value {
    json!({
        "userId": "u-1", "timestamp": "2026-05-01T11:59:59.736Z", "activityProgress": "Completed",
        "gradingProgress": "FullyGraded", "scoreGiven": 83.0, "scoreMaximum": 100.0, "comment": "<script>",
        "scoringUserId": "t-1",
        "submission": { "startedAt": "2026-05-01T10:00:00Z", "submittedAt": "2026-05-01T11:00:00Z" }
    })
}

fn read(document: &Value) -> Result<Score, ServiceError> {
    Score::read(document.to_string().as_bytes(), time(NOW), 60)
}

#[test]
fn a_score_is_read_and_written_whole() {
    let score = read(&whole()).unwrap();
    assert_eq!(score.to_value(), whole());
    assert_eq!(score.grade, Some(Grade { given: 83.0, maximum: 100.0 }));
    assert_eq!(score.grade.unwrap().points(10.0).to_bits(), 8.3_f64.to_bits());
    assert_eq!(
        (score.activity_progress, score.grading_progress),
        (ActivityProgress::Completed, GradingProgress::FullyGraded)
    );
}

#[test]
fn more_than_the_maximum_and_nothing_at_all_are_scores() {
    assert!(read(&with(&whole(), "scoreGiven", json!(120))).is_ok(), "extra credit");
    for cleared in [
        with(&whole(), "scoreGiven", json!(null)),
        with(&with(&whole(), "scoreGiven", json!(null)), "scoreMaximum", json!(null)),
    ] {
        assert_eq!(read(&cleared).unwrap().grade, None);
    }
    assert_eq!(read(&with(&whole(), "comment", json!(null))).unwrap().comment, None);
    assert!(read(&with(&whole(), "timestamp", json!("2026-05-01T12:01:00.000+00"))).is_ok(), "within the skew");
}

#[test]
fn each_rule_of_a_score_is_refused_when_broken() {
    let local = "2026-05-01T11:59:59.736";
    for (path, value, refusal) in [
        ("userId", json!(null), missing("userId")),
        ("userId", json!(7), wrong_type("userId", "a text")),
        ("userId", json!("x".repeat(256)), too_long("userId", 255)),
        ("timestamp", json!(null), missing("timestamp")),
        ("timestamp", json!(local), not_a_time("timestamp", local)),
        ("timestamp", json!("10000-01-01T00:00:00Z"), not_a_time("timestamp", "10000-01-01T00:00:00Z")),
        ("timestamp", json!("2026-05-01T12:01:00.000001Z"), in_the_future("timestamp")),
        ("timestamp", json!("9999-12-31T23:59:59Z"), in_the_future("timestamp")),
        ("activityProgress", json!(null), missing("activityProgress")),
        ("gradingProgress", json!(null), missing("gradingProgress")),
        ("scoreGiven", json!("83"), wrong_type("scoreGiven", "a number, not a text")),
        ("scoreMaximum", json!(null), missing("scoreMaximum")),
        ("scoringUserId", json!(""), missing("scoringUserId")),
        ("comment", json!("x".repeat(65_537)), too_long("comment", 65_536)),
        ("submission|startedAt", json!("soon"), not_a_time("submission.startedAt", "soon")),
        ("submission|submittedAt", json!("2026-05-01T09:00:00Z"), ServiceError::EndsBeforeBegin("submission".into())),
    ] {
        assert_eq!(read(&with(&whole(), path, value)), Err(refusal), "{path}");
    }
    for (name, value) in [("scoreGiven", json!(-0.5)), ("scoreGiven", json!(1e308)), ("scoreMaximum", json!(0))] {
        assert!(is_out_of_range(&read(&with(&whole(), name, value)), name), "{name}");
    }
    for name in ["activityProgress", "gradingProgress"] {
        assert!(is_unknown(&read(&with(&whole(), name, json!("fullygraded"))), name), "{name}");
    }
}

#[test]
fn an_older_score_never_replaces_a_newer_one() {
    let applied = |timestamp: &str, body: &[u8]| Applied { timestamp: time(timestamp), digest: body_digest(body) };
    let stored = applied("2026-05-01T12:00:00.000002Z", b"a");
    for (timestamp, body, expected) in [
        ("2026-05-01T12:00:00.000003Z", b"a", Order::Apply),
        ("2026-05-01T12:00:00.000001Z", b"a", Order::Older),
        ("2026-05-01T14:00:00.000002+02", b"a", Order::AlreadyApplied),
        ("2026-05-01T12:00:00.000002Z", b"b", Order::Conflict),
    ] {
        assert_eq!(order(Some(&stored), &applied(timestamp, body)), expected, "{timestamp}");
    }
    assert_eq!(order(None, &stored), Order::Apply);
}

#[test]
fn submission_times_are_remembered_and_forgotten() {
    let at = |progress: &str, timestamp: &str| {
        let bare = with(&with(&whole(), "submission", json!(null)), "activityProgress", json!(progress));
        read(&with(&bare, "timestamp", json!(timestamp))).unwrap()
    };
    let (one, two, three) = ("2026-05-01T10:01:00Z", "2026-05-01T10:02:00Z", "2026-05-01T10:03:00Z");
    let times = |begin, end| SubmissionTimes { started_at: begin, submitted_at: end };
    let started = SubmissionTimes::default().after(&at("Started", one));
    assert_eq!(started, times(Some(time(one)), None));
    assert_eq!(started.after(&at("InProgress", two)), started, "the first start counts");
    let submitted = started.after(&at("Submitted", two));
    assert_eq!(submitted, times(Some(time(one)), Some(time(two))));
    assert_eq!(submitted.after(&at("Completed", three)), submitted, "the first submission counts");
    assert_eq!(submitted.after(&at("InProgress", three)), started, "back at work");
    assert_eq!(submitted.after(&at("Initialized", three)), SubmissionTimes::default());
    let said = submitted.after(&read(&whole()).unwrap());
    assert_eq!(said, times(Some(time("2026-05-01T10:00:00Z")), Some(time("2026-05-01T11:00:00Z"))));
}
