//! Outcomes as forms, and their answers.

use examlink_lti::Error;
use examlink_lti::v1::oauth1::{Param, Request, SignatureMethod, UnverifiedRequest, VerifiedRequest};
use examlink_lti::v1::outcomes::{Action, CodeMajor, CodeMinor, OutcomeResponse, Replacement, Score, legacy};
use url::form_urlencoded;

use crate::support::{NOW, URL, secret, window};

fn form(fields: &[(&str, &str)]) -> VerifiedRequest {
    let time = NOW.to_string();
    let oauth = [
        ("oauth_consumer_key", "Key0123456789abcdefghi"),
        ("oauth_nonce", "n"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", &time),
    ];
    let mut params: Vec<Param> =
        fields.iter().chain(&oauth).map(|(name, value)| ((*name).to_owned().into(), (*value).to_owned())).collect();
    let signature = Request { method: "POST", url: URL, params: &params }.sign(SignatureMethod::HmacSha1, &secret());
    params.push(("oauth_signature".into(), signature.unwrap()));
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&params).finish();
    UnverifiedRequest::from_form("POST", URL, body.as_bytes()).unwrap().verify(&secret(), window()).unwrap()
}

const UPDATE: (&str, &str) = ("lti_message_type", "basic-lis-updateresult");
const ID: (&str, &str) = ("sourcedid", "r1");
const SCORE: (&str, &str) = ("result_resultscore_textstring", "0.83");

#[test]
fn the_three_forms_are_the_three_operations() {
    let replacement = Replacement { score: Score::new(0.83), ..Replacement::default() };
    for (kind, action) in [
        ("basic-lis-updateresult", Action::Replace(replacement)),
        ("basic-lis-readresult", Action::Read),
        ("basic-lis-deleteresult", Action::Delete),
    ] {
        let fields = [("lti_message_type", kind), ID, SCORE, ("result_resultvaluesourcedid", "decimal")];
        let request = legacy::read(&form(&fields)).unwrap();
        assert_eq!((request.sourcedid.as_str(), request.action), ("r1", action));
    }
}

#[test]
fn forms_that_say_too_little_or_too_much_are_refused() {
    let refusal = |fields: &[(&str, &str)]| legacy::read(&form(fields)).unwrap_err();
    assert_eq!(refusal(&[UPDATE, SCORE]).error, Error::Missing("sourcedid"));
    assert_eq!(refusal(&[UPDATE, ID]).error, Error::Missing("result_resultscore_textstring"));
    assert_eq!(refusal(&[UPDATE, ID, (SCORE.0, "2")]).error, Error::Score("2".into()));
    assert_eq!(refusal(&[UPDATE, ID, ID, SCORE]).error, Error::Repeated("sourcedid".into()));
    assert_eq!(refusal(&[UPDATE, ID]).operation, "replaceResult");
}

#[test]
fn unknown_forms_and_values_are_unsupported() {
    let refusal = |fields: &[(&str, &str)]| legacy::read(&form(fields)).unwrap_err().error;
    assert_eq!(refusal(&[("lti_message_type", "x"), ID]), Error::OutcomeOperation("x".into()));
    let letter = [UPDATE, ID, SCORE, ("result_resultvaluesourcedid", "letteraf")];
    assert_eq!(refusal(&letter), Error::OutcomeOperation("a result as letteraf".into()));
}

#[test]
fn answers_have_the_shape_that_was_theirs() {
    let answer = |code, minor, score: Option<&str>| {
        legacy::answer(&OutcomeResponse {
            message_id: String::new(),
            message_ref: String::new(),
            operation: "readResult".into(),
            code,
            minor,
            description: "a & b".into(),
            score: score.map(ToOwned::to_owned),
        })
    };
    assert_eq!(
        answer(CodeMajor::Success, None, Some("0.83")),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<message_response>\
         <lti_message_type>basic-lis-readresult</lti_message_type><statusinfo><codemajor>Success</codemajor>\
         <severity>Status</severity><codeminor>fullsuccess</codeminor><description>a &amp; b</description></statusinfo>\
         <result><resultscore><language>en</language><textstring>0.83</textstring></resultscore></result>\
         </message_response>"
    );
    let failed = answer(CodeMajor::Failure, Some(CodeMinor::UnknownObject), None);
    assert!(
        failed.contains("<codemajor>Failure</codemajor><severity>Error</severity><codeminor>unknownobject</codeminor>")
    );
    assert!(answer(CodeMajor::Unsupported, None, None).contains("<codemajor>Unsupported</codemajor>"));
}
