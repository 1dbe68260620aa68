use examlink_lti::Error;
use examlink_lti::v1::launch::CustomParameters;
use examlink_lti::v1::oauth1::Param;

use crate::support::{pair, sign, smallest};

fn sent(pairs: &[(&str, &str)]) -> Result<Vec<String>, Error> {
    let custom = CustomParameters::new(pairs.iter().map(|(name, value)| pair(name, value)))?;
    Ok(custom.iter().map(|(name, value)| format!("{name}={value}")).collect())
}

#[test]
fn names_are_cut_down_to_what_lti_allows() {
    let cases = [("Review:Chapter", "custom_review_chapter"), ("@$TAA$#$#", "custom___taa____"), ("né7", "custom_n_7")];
    for (name, expected) in cases {
        assert_eq!(sent(&[(name, "v")]).unwrap(), [format!("{expected}=v")]);
    }
    assert_eq!(sent(&[("", "v")]), Err(Error::CustomNameEmpty));
}

#[test]
fn values_are_sent_as_they_are() {
    assert_eq!(
        sent(&[("a", ""), ("b", "$User.id"), ("c", "1\n2")]).unwrap(),
        ["custom_a=", "custom_b=$User.id", "custom_c=1\r\n2"]
    );
    let refused = Error::ControlCharacter { name: "My key".into(), character: '\u{1b}' };
    assert_eq!(sent(&[("My key", "\u{1b}[0m")]), Err(refused));
}

#[test]
fn names_that_become_one_are_refused_by_both_names() {
    assert!(sent(&[("course", "1"), ("course2", "2")]).is_ok());
    let collision = sent(&[("Course", "1"), ("other", ""), ("course", "2")]).unwrap_err();
    let text = r#"the custom parameters "Course" and "course" would both be sent as custom_course; rename one"#;
    assert_eq!(collision.to_string(), text);
}

#[test]
fn the_nearer_author_wins_by_the_name_on_the_wire() {
    let general = CustomParameters::new([pair("Course", "A1"), pair("unit", "1")]).unwrap();
    let own = CustomParameters::new([pair("course", "B2"), pair("chapter", "3")]).unwrap();
    let sent: Vec<Param> =
        own.over(general).iter().map(|(name, value)| (name.to_owned().into(), value.to_owned())).collect();
    assert_eq!(sent, [pair("custom_course", "B2"), pair("custom_chapter", "3"), pair("custom_unit", "1")]);
}

#[test]
fn names_are_sent_as_written_too_where_a_tool_asks_for_it() {
    let sent = |raw_names: bool| {
        let mut launch = smallest();
        let custom = CustomParameters::new([pair("Review:Chapter", "3"), pair("unit", "1")]).unwrap();
        launch.custom = custom.with_raw_names(raw_names);
        let fields = sign(&launch).unwrap().fields;
        fields.into_iter().filter(|(name, _)| name.starts_with("custom_")).collect::<Vec<_>>()
    };
    assert_eq!(sent(false), [pair("custom_review_chapter", "3"), pair("custom_unit", "1")]);
    let both = [pair("custom_review_chapter", "3"), pair("custom_Review:Chapter", "3"), pair("custom_unit", "1")];
    assert_eq!(sent(true), both);
    assert!(CustomParameters::new([pair("a\nb", "1")]).is_err(), "a form does not carry a line break in a name");
}
