use examlink_lti::Error;
use examlink_lti::v1::launch::CustomParameters;

use crate::support::pair;

fn sent(pairs: &[(&str, &str)]) -> Result<Vec<String>, Error> {
    let custom = CustomParameters::new(pairs.iter().map(|(name, value)| pair(name, value)))?;
    Ok(custom.as_slice().iter().map(|(name, value)| format!("{name}={value}")).collect())
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
