use examlink_lti::v1::credentials::{Credentials, Stamp};
use examlink_lti::v1::oauth1::{SignatureMethod, TimeWindow, UnverifiedMessage, VerifiedMessage};
use examlink_lti::v1::outcomes::{OutcomeRequest, Refused};
use examlink_lti::{Error, Result, Secret};

pub const URL: &str = "https://exam.example/lti/1.1/outcomes";
pub const NOW: u64 = 1_790_000_000;

pub fn secret() -> Secret {
    Secret::new("a-shared.secret_of~tool")
}

pub fn credentials(method: SignatureMethod) -> Credentials {
    Credentials { consumer_key: "Key0123456789abcdefghi".into(), secret: secret(), method }
}

pub fn stamp() -> Stamp {
    Stamp::new("0123456789abcdefABCDEF", NOW).unwrap()
}

pub fn window() -> TimeWindow {
    TimeWindow { now: NOW, seconds: 300 }
}

/// The header that the tool sends with a body.
pub fn header(body: &[u8]) -> String {
    credentials(SignatureMethod::HmacSha1).authorize(&stamp(), "POST", URL, body).unwrap()
}

/// What the platform says to a header and a body.
pub fn received<'a>(header: &str, body: &'a [u8]) -> Result<VerifiedMessage<'a>> {
    UnverifiedMessage::read("POST", URL, header, body)?.verify(&secret(), window())
}

/// A message as it arrives from a tool that signs well.
pub fn signed(body: &[u8]) -> VerifiedMessage<'_> {
    received(&header(body), body).unwrap()
}

pub fn read(xml: &str) -> Result<OutcomeRequest, Refused> {
    OutcomeRequest::read(&signed(xml.as_bytes()))
}

pub fn refusal(xml: &str) -> Error {
    read(xml).unwrap_err().error
}

/// A whole request around what stands in its body.
pub fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<imsx_POXEnvelopeRequest \
         xmlns=\"http://www.imsglobal.org/services/ltiv1p1/xsd/imsoms_v1p0\"><imsx_POXHeader>\
         <imsx_POXRequestHeaderInfo><imsx_version>V1.0</imsx_version><imsx_messageIdentifier>m1</imsx_messageIdentifier>\
         </imsx_POXRequestHeaderInfo></imsx_POXHeader><imsx_POXBody>{body}</imsx_POXBody></imsx_POXEnvelopeRequest>"
    )
}

/// A request to replace the result `r1`, with what stands in its `result` and beside its record.
pub fn replace(result: &str, beside: &str) -> String {
    envelope(&format!(
        "<replaceResultRequest><resultRecord><sourcedGUID><sourcedId>r1</sourcedId></sourcedGUID>\
         <result>{result}</result></resultRecord>{beside}</replaceResultRequest>"
    ))
}

pub fn scored(score: &str) -> String {
    replace(&format!("<resultScore><language>en</language><textString>{score}</textString></resultScore>"), "")
}
