use examlink_lti::Error;
use examlink_lti::v1::outcomes::Score;
use examlink_lti::v1::outcomes::result_json::ResultJson;

use crate::support::signed;

fn read(json: &str) -> Result<ResultJson, Error> {
    ResultJson::read(&signed(json.as_bytes()))
}

#[test]
fn a_result_is_an_object_with_a_score_and_a_comment() {
    let given = r#"{"@context":"http://purl.imsglobal.org/ctx/lis/v2/Result","@type":"Result","resultScore":0.83,"comment":"Good"}"#;
    let result = ResultJson { score: Score::new(0.83), comment: Some("Good".into()) };
    assert_eq!(read(given), Ok(result.clone()));
    assert_eq!(result.to_json(), given);
    assert_eq!(read(r#"{"@type":"Result"}"#), Ok(ResultJson::default()));
    assert_eq!(read(r#"{"@type":"Result","resultScore":1}"#).unwrap().score, Score::new(1.0));
}

#[test]
fn nothing_else_is_a_result() {
    for json in [
        "",
        "[]",
        "{}",
        r#"{"@type":"Other"}"#,
        r#"{"@type":"Result","resultScore":"0.5"}"#,
        r#"{"@type":"Result","resultScore":0.5,"resultScore":1}"#,
        r#"{"@type":"Result","resultScore":NaN}"#,
        r#"{"@type":"Result","resultScore":1e400}"#,
        r#"{"@type":"Result","comment":5}"#,
    ] {
        assert!(matches!(read(json), Err(Error::ResultJson(_))), "{json}");
    }
    assert!(matches!(read(r#"{"@type":"Result","resultScore":1.1}"#), Err(Error::Score(_))));
    assert!(matches!(read(r#"{"@type":"Result","resultScore":-1}"#), Err(Error::Score(_))));
    let long = format!(r#"{{"@type":"Result","comment":"{}"}}"#, "x".repeat(70_000));
    assert!(matches!(read(&long), Err(Error::ResultJson(_))));
}
