//! Requests as tools in use write them, and as we write them.

use examlink_lti::Error;
use examlink_lti::v1::outcomes::{Action, Operation, OutcomeRequest, Replacement, Score, TotalScore};

use crate::support::{envelope, read, refusal, replace, scored};

fn full() -> Replacement {
    let text = |text: &str| Some(text.to_owned());
    Replacement {
        score: Score::new(0.83),
        total_score: TotalScore::new(17.5),
        text: text("a < b & c > \"d\" 日本"),
        url: text("https://tool.example/w?a=1&b=2"),
        launch_url: text("https://tool.example/lti"),
        submitted_at: text("2026-11-26T07:19:53.143Z"),
        needs_additional_review: true,
        prioritize_non_tool_grade: true,
    }
}

fn replacement(xml: &str) -> Replacement {
    match read(xml).unwrap().action {
        Action::Replace(replacement) => replacement,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_we_write_is_what_is_read() {
    for action in [Action::Replace(full()), Action::Replace(Replacement::default()), Action::Read, Action::Delete] {
        let request = OutcomeRequest { message_id: "<m&1>".into(), sourcedid: "a\"b'<&>".into(), action };
        let xml = request.to_xml();
        assert!(xml.starts_with("<?xml "), "{xml}");
        assert_eq!(read(&xml).unwrap(), request, "{xml}");
    }
}

#[test]
fn a_replacement_is_written_as_the_guide_shows_it() {
    let score = Replacement { score: Score::new(0.92), ..Replacement::default() };
    let request =
        OutcomeRequest { message_id: "9".into(), sourcedid: "3124567".into(), action: Action::Replace(score) };
    assert_eq!(
        request.to_xml(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<imsx_POXEnvelopeRequest \
         xmlns=\"http://www.imsglobal.org/services/ltiv1p1/xsd/imsoms_v1p0\"><imsx_POXHeader>\
         <imsx_POXRequestHeaderInfo><imsx_version>V1.0</imsx_version><imsx_messageIdentifier>9</imsx_messageIdentifier>\
         </imsx_POXRequestHeaderInfo></imsx_POXHeader><imsx_POXBody><replaceResultRequest><resultRecord><sourcedGUID>\
         <sourcedId>3124567</sourcedId></sourcedGUID><result><resultScore><language>en</language>\
         <textString>0.92</textString></resultScore></result></resultRecord></replaceResultRequest></imsx_POXBody>\
         </imsx_POXEnvelopeRequest>"
    );
}

#[test]
fn elements_come_in_any_order_with_prefixes_comments_and_indents() {
    let xml = "\u{feff}<!-- a tool --><p:imsx_POXEnvelopeRequest xmlns:p='urn:x' xmlns:xsi='urn:y'
        xsi:schemaLocation=\"a b\">
        <p:imsx_POXBody><p:replaceResultRequest>
          <p:submissionDetails><p:needsAdditionalReview/><p:submittedAt> 2026-11-26T07:19:53Z </p:submittedAt>
          </p:submissionDetails>
          <p:unknown><p:deeper/></p:unknown>
          <p:resultRecord>
            <p:result><p:resultData><p:text><![CDATA[a < b]]> &amp; &#x63;</p:text></p:resultData>
              <p:resultScore><p:textString>0.5</p:textString></p:resultScore></p:result>
            <p:sourcedGUID><p:sourcedId>
              r1
            </p:sourcedId></p:sourcedGUID>
          </p:resultRecord></p:replaceResultRequest></p:imsx_POXBody>
        <p:imsx_POXHeader><p:imsx_POXRequestHeaderInfo><p:imsx_messageIdentifier>m</p:imsx_messageIdentifier>
        </p:imsx_POXRequestHeaderInfo></p:imsx_POXHeader></p:imsx_POXEnvelopeRequest>\n";
    let request = read(xml).unwrap();
    assert_eq!((request.message_id.as_str(), request.sourcedid.as_str()), ("m", "r1"));
    let expected = Replacement {
        score: Score::new(0.5),
        text: Some("a < b & c".into()),
        submitted_at: Some("2026-11-26T07:19:53Z".into()),
        needs_additional_review: true,
        ..Replacement::default()
    };
    assert_eq!(request.action, Action::Replace(expected));
}

#[test]
fn flags_stand_in_the_details_or_beside_them() {
    let flags = |beside: &str| {
        let replacement = replacement(&replace("", beside));
        (replacement.needs_additional_review, replacement.prioritize_non_tool_grade)
    };
    assert_eq!(flags(""), (false, false));
    assert_eq!(flags("<prioritizeNonToolGrade/><needsAdditionalReview></needsAdditionalReview>"), (true, true));
    assert_eq!(
        flags("<submissionDetails><prioritizeNonToolGrade>true</prioritizeNonToolGrade></submissionDetails>"),
        (false, true)
    );
    assert_eq!(
        flags("<submissionDetails><needsAdditionalReview>false</needsAdditionalReview></submissionDetails>"),
        (false, false)
    );
}

#[test]
fn a_message_need_not_have_a_name_nor_a_replacement_a_score() {
    let xml =
        replace("", "").replace("<imsx_messageIdentifier>m1</imsx_messageIdentifier>", "<imsx_messageIdentifier/>");
    assert_eq!((read(&xml).unwrap().message_id, replacement(&xml)), (String::new(), Replacement::default()));
}

#[test]
fn a_refusal_knows_what_its_answer_must_repeat() {
    let refused = read(&scored("2")).unwrap_err();
    assert_eq!((refused.message_id.as_str(), refused.operation.as_str()), ("m1", "replaceResult"));
    assert_eq!(refused.error, Error::Score("2".into()));
    let refused = read(&envelope("<readPersonRequest/>")).unwrap_err();
    assert_eq!((refused.message_id.as_str(), refused.operation.as_str()), ("m1", "readPerson"));
    assert_eq!(refused.error, Error::OutcomeOperation("readPerson".into()));
}

#[test]
fn what_a_message_needs_is_asked_for() {
    let whole = scored("0.5");
    assert!(read(&whole).is_ok());
    for name in ["imsx_POXEnvelopeRequest", "imsx_POXHeader", "imsx_POXRequestHeaderInfo", "imsx_POXBody"] {
        let xml = whole.replace(&format!("<{name}"), "<other").replace(&format!("</{name}"), "</other");
        assert_eq!(refusal(&xml), Error::XmlMissing(name));
    }
    for name in ["resultRecord", "sourcedGUID", "sourcedId", "textString"] {
        let xml = whole.replace(&format!("<{name}"), "<other").replace(&format!("</{name}"), "</other");
        assert_eq!(refusal(&xml), Error::XmlMissing(name));
    }
    assert_eq!(refusal(&whole.replace("r1", " ")), Error::XmlMissing("sourcedId"));
    assert_eq!(refusal(&envelope("")), Error::XmlMissing("operation"));
}

#[test]
fn lti_08_one_result_has_one_name_in_one_place() {
    let id = "<sourcedId>r2</sourcedId>";
    let record = "<resultRecord><sourcedGUID><sourcedId>r2</sourcedId></sourcedGUID></resultRecord>";
    let one = scored("0.5");
    for (xml, name) in [
        (one.replace("<sourcedId>", &format!("{id}<sourcedId>")), "sourcedId"),
        (one.replace("<imsx_version>", &format!("{id}<imsx_version>")), "sourcedId"),
        (one.replace("<result>", &format!("<result>{id}")), "sourcedId"),
        (one.replace("<resultRecord>", &format!("{record}<resultRecord>")), "resultRecord"),
        (one.replace("<resultRecord>", &format!("<other>{record}</other><resultRecord>")), "resultRecord"),
        (one.replace("<replaceResultRequest>", "<readResultRequest/><replaceResultRequest>"), "operation"),
        (one.replace("<resultScore>", "<resultScore/><resultScore>"), "resultScore"),
        (one.replace("<textString>", "<textString>1</textString><textString>"), "textString"),
    ] {
        assert_eq!(refusal(&xml), Error::XmlRepeated(name), "{xml}");
    }
}

#[test]
fn operations_have_the_names_of_the_guide() {
    let names = [Operation::Replace, Operation::Read, Operation::Delete].map(Operation::as_str);
    assert_eq!(names, ["replaceResult", "readResult", "deleteResult"]);
    assert_eq!(Action::Read.operation(), Operation::Read);
}
