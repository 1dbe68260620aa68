use examlink_lti::Error;
use examlink_lti::v1::outcomes::{CodeMajor, CodeMinor, OutcomeResponse};

fn response(operation: &str, score: Option<&str>) -> OutcomeResponse {
    OutcomeResponse {
        message_id: "a1".into(),
        message_ref: "m1".into(),
        operation: operation.into(),
        code: CodeMajor::Success,
        minor: None,
        description: "Score <b> & \"c\"".into(),
        score: score.map(ToOwned::to_owned),
    }
}

#[test]
fn the_answer_has_the_one_shape() {
    assert_eq!(
        response("readResult", Some("0.83")).to_xml(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<imsx_POXEnvelopeResponse \
         xmlns=\"http://www.imsglobal.org/services/ltiv1p1/xsd/imsoms_v1p0\"><imsx_POXHeader>\
         <imsx_POXResponseHeaderInfo><imsx_version>V1.0</imsx_version><imsx_messageIdentifier>a1</imsx_messageIdentifier>\
         <imsx_statusInfo><imsx_codeMajor>success</imsx_codeMajor><imsx_severity>status</imsx_severity>\
         <imsx_description>Score &lt;b&gt; &amp; &quot;c&quot;</imsx_description>\
         <imsx_messageRefIdentifier>m1</imsx_messageRefIdentifier>\
         <imsx_operationRefIdentifier>readResult</imsx_operationRefIdentifier></imsx_statusInfo>\
         </imsx_POXResponseHeaderInfo></imsx_POXHeader><imsx_POXBody><readResultResponse><result><resultScore>\
         <language>en</language><textString>0.83</textString></resultScore></result></readResultResponse></imsx_POXBody>\
         </imsx_POXEnvelopeResponse>"
    );
    assert!(response("replaceResult", None).to_xml().contains("<imsx_POXBody><replaceResultResponse/></imsx_POXBody>"));
    assert!(response("readResult", Some("")).to_xml().contains("<textString></textString>"));
    assert!(response("../<x>", None).to_xml().contains("<imsx_POXBody/>"), "an unknown operation names no element");
}

#[test]
fn what_we_write_is_what_is_read() {
    use CodeMajor::{Failure, Processing, Success, Unsupported};
    let minors = [CodeMinor::InvalidData, CodeMinor::UnknownObject, CodeMinor::UnauthorizedRequest];
    let minors = minors.into_iter().chain([CodeMinor::TargetIsBusy, CodeMinor::Unsupported]).map(Some);
    for code in [Success, Processing, Failure, Unsupported] {
        for minor in minors.clone().chain([None]) {
            for (operation, score) in [("replaceResult", None), ("readResult", Some("")), ("readResult", Some("1.0"))] {
                let response = OutcomeResponse { code, minor, ..response(operation, score) };
                assert_eq!(OutcomeResponse::parse(response.to_xml().as_bytes()), Ok(response));
            }
        }
    }
}

#[test]
fn moodles_answer_names_the_element() {
    let xml = response("replaceResult", None).to_xml();
    let moodle = xml.replace(">replaceResult<", ">replaceResultRequest<").replace("?>", "?>\n  ");
    assert_eq!(OutcomeResponse::parse(moodle.as_bytes()), Ok(response("replaceResult", None)));
}

#[test]
fn what_is_no_answer_is_refused() {
    let xml = response("readResult", Some("0.5")).to_xml();
    let parse = |xml: &str| OutcomeResponse::parse(xml.as_bytes()).unwrap_err();
    assert!(matches!(parse(""), Error::XmlSyntax(_)));
    assert!(matches!(parse("<html><body>Not found"), Error::XmlSyntax(_)));
    assert_eq!(parse("<html/>"), Error::XmlMissing("imsx_POXEnvelopeResponse"));
    assert_eq!(parse(&xml.replace("imsx_codeMajor", "other")), Error::XmlMissing("imsx_codeMajor"));
    assert!(matches!(parse(&xml.replace(">success<", ">maybe<")), Error::XmlSyntax(_)));
}
