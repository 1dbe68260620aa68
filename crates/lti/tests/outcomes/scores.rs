use examlink_lti::Error;
use examlink_lti::v1::outcomes::{Score, TotalScore};

use crate::support::{refusal, replace, scored};

#[test]
fn lti_06_decimal_numbers_from_0_to_1_are_scores() {
    for (text, value) in [
        ("0", 0.0),
        ("0.0", 0.0),
        ("1", 1.0),
        ("1.0000", 1.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("0.83", 0.83),
        ("0.30000000000000004", 0.300_000_000_000_000_04),
        ("5e-05", 0.000_05),
        ("1E0", 1.0),
    ] {
        assert_eq!(Score::parse(text).unwrap().value().to_bits(), f64::to_bits(value), "{text}");
    }
}

#[test]
fn lti_06_nothing_else_is_a_score() {
    let thousand = "0.".to_owned() + &"3".repeat(1_000);
    for text in [
        "-0.1",
        "1.1",
        "1.0000001",
        "NaN",
        "nan",
        "inf",
        "-inf",
        "infinity",
        "1e400",
        "1e1",
        "0x1",
        "",
        " ",
        "0,5",
        "1 ",
        " 1",
        "+1",
        "-0",
        "٠٫٥",
        "١",
        "1_0",
        "0.5.0",
        "1e",
        "e1",
        "1e-",
        ".",
        "1e1.0",
        "0.5\u{0}",
        "½",
        "50%",
        &thousand,
    ] {
        assert!(matches!(Score::parse(text), Err(Error::Score(_))), "{text}");
        assert!(Score::parse(text).unwrap_err().to_string().len() < 200);
    }
    for value in [f64::NAN, f64::INFINITY, -0.1, 1.1] {
        assert_eq!(Score::new(value), None);
    }
}

#[test]
fn lti_06_a_message_with_such_a_score_is_refused() {
    for text in ["-0.1", "1.1", "NaN", "inf", "1e400", "0x1", "", "0,5", "1 ", "١"] {
        assert!(matches!(refusal(&scored(text)), Error::Score(_)), "{text}");
    }
}

#[test]
fn scores_print_with_a_point() {
    for (text, printed) in [("1", "1.0"), ("0", "0.0"), ("0.830", "0.83"), ("1e-7", "0.0000001")] {
        assert_eq!(Score::parse(text).unwrap().to_string(), printed);
    }
    assert_eq!(TotalScore::parse("42").unwrap().to_string(), "42.0");
}

#[test]
fn total_scores_are_points() {
    assert_eq!(TotalScore::parse("17.5").map(TotalScore::value), Ok(17.5));
    assert!(TotalScore::new(1e9).is_some());
    for text in ["-1", "1e10", "NaN", "17,5", ""] {
        assert!(matches!(TotalScore::parse(text), Err(Error::TotalScore(_))), "{text}");
        let total = format!("<resultTotalScore><textString>{text}</textString></resultTotalScore>");
        assert!(matches!(refusal(&replace(&total, "")), Error::TotalScore(_)), "{text}");
    }
}
