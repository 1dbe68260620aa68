//! What a tool asks for, in XML (LTI 1.1 guide, Basic Outcomes; the extensions as Canvas documents them).

use super::xml::{Element, around, text};
use super::{NAMESPACE, Score, TotalScore, shown};
use crate::v1::oauth1::VerifiedMessage;
use crate::{Error, Result};

/// One request of a tool about one result.
#[derive(Clone, Debug, PartialEq)]
pub struct OutcomeRequest {
    /// The sender's name for this message; the answer repeats it.
    pub message_id: String,
    /// Which result: what the launch gave as `lis_result_sourcedid`.
    pub sourcedid: String,
    /// What to do with it.
    pub action: Action,
}

/// What to do with a result.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// `replaceResult`
    Replace(Replacement),
    /// `readResult`
    Read,
    /// `deleteResult`
    Delete,
}

/// The three operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `replaceResult`
    Replace,
    /// `readResult`
    Read,
    /// `deleteResult`
    Delete,
}

/// What a result becomes. All but the score are extensions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replacement {
    /// `resultScore`
    pub score: Option<Score>,
    /// `resultTotalScore`: points, where the platform counts in points.
    pub total_score: Option<TotalScore>,
    /// `resultData`, `text`: what the student handed in, in words.
    pub text: Option<String>,
    /// `resultData`, `url`: where what the student handed in is to be seen.
    pub url: Option<String>,
    /// `resultData`, `ltiLaunchUrl`: a launch to there shows it.
    pub launch_url: Option<String>,
    /// `submittedAt`, an ISO 8601 time as it was sent.
    pub submitted_at: Option<String>,
    /// `needsAdditionalReview`: a person must look at it.
    pub needs_additional_review: bool,
    /// `prioritizeNonToolGrade`: a grade that a person gave stays.
    pub prioritize_non_tool_grade: bool,
}

/// A request that is signed and says nothing that can be carried out, with what its answer must repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The rule that it breaks.
    pub error: Error,
    /// Its name, as far as it has one.
    pub message_id: String,
    /// Its operation, as far as it names one, such as `replaceResult`.
    pub operation: String,
}

impl Operation {
    /// The name in `imsx_operationRefIdentifier`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Replace => "replaceResult",
            Self::Read => "readResult",
            Self::Delete => "deleteResult",
        }
    }
}

impl Action {
    /// Which operation it is.
    pub const fn operation(&self) -> Operation {
        match self {
            Self::Replace(_) => Operation::Replace,
            Self::Read => Operation::Read,
            Self::Delete => Operation::Delete,
        }
    }
}

impl OutcomeRequest {
    /// Reads the body of a verified message; an unverified one cannot be read:
    ///
    /// ```compile_fail,E0308
    /// # use examlink_lti::v1::{oauth1::UnverifiedMessage, outcomes::OutcomeRequest};
    /// fn early(message: UnverifiedMessage<'_>) {
    ///     let _ = OutcomeRequest::read(&message);
    /// }
    /// ```
    ///
    /// Elements may come in any order, and unknown ones are passed over. Refuses what is no document of this form, an
    /// operation other than the three ([`Error::OutcomeOperation`]), and a second result or name of a result anywhere.
    pub fn read(message: &VerifiedMessage<'_>) -> Result<Self, Refused> {
        let nameless = |error| Refused { error, message_id: String::new(), operation: String::new() };
        let root = Element::parse(message.body()).map_err(nameless)?;
        let message_id = message_id(&root).map_err(nameless)?;
        let refused =
            |operation: &str, error| Refused { error, message_id: message_id.clone(), operation: operation.to_owned() };
        let element = operation_element(&root).map_err(|error| refused("", error))?;
        let operation = element.name.strip_suffix("Request").unwrap_or(&element.name);
        let action = action(element, operation).map_err(|error| refused(operation, error))?;
        let sourcedid = sourcedid(&root, element).map_err(|error| refused(operation, error))?;
        Ok(Self { message_id: message_id.clone(), sourcedid, action })
    }

    /// The body of the request, to be signed and sent as [`MEDIA_TYPE`](super::MEDIA_TYPE).
    pub fn to_xml(&self) -> String {
        let record = around("sourcedGUID", &text("sourcedId", &self.sourcedid));
        let (result, details) = match &self.action {
            Action::Replace(replacement) => (replacement.result(), replacement.details()),
            Action::Read | Action::Delete => (String::new(), String::new()),
        };
        let record = around("resultRecord", &[record, result].concat());
        let operation = format!("{}Request", self.action.operation().as_str());
        let header = [text("imsx_version", "V1.0"), text("imsx_messageIdentifier", &self.message_id)].concat();
        let header = around("imsx_POXHeader", &around("imsx_POXRequestHeaderInfo", &header));
        let body = around("imsx_POXBody", &around(&operation, &[record, details].concat()));
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <imsx_POXEnvelopeRequest xmlns=\"{NAMESPACE}\">{header}{body}</imsx_POXEnvelopeRequest>"
        )
    }
}

impl Replacement {
    fn result(&self) -> String {
        let number = |name, value: Option<String>| {
            let value = value.map(|value| around(name, &[text("language", "en"), text("textString", &value)].concat()));
            value.unwrap_or_default()
        };
        let score = number("resultScore", self.score.map(|score| score.to_string()));
        let total = number("resultTotalScore", self.total_score.map(|total| total.to_string()));
        let data = [("text", &self.text), ("url", &self.url), ("ltiLaunchUrl", &self.launch_url)];
        let data: String =
            data.iter().filter_map(|(name, value)| value.as_ref().map(|value| text(name, value))).collect();
        let data = if data.is_empty() { data } else { around("resultData", &data) };
        let result = [score, total, data].concat();
        if result.is_empty() { result } else { around("result", &result) }
    }

    fn details(&self) -> String {
        let flag = |on: bool, name| if on { around(name, "") } else { String::new() };
        let details = [
            self.submitted_at.as_ref().map(|at| text("submittedAt", at)).unwrap_or_default(),
            flag(self.prioritize_non_tool_grade, "prioritizeNonToolGrade"),
            flag(self.needs_additional_review, "needsAdditionalReview"),
        ]
        .concat();
        if details.is_empty() { details } else { around("submissionDetails", &details) }
    }
}

/// The sender's name of a message, which may be empty: some tools send none.
fn message_id(root: &Element) -> Result<String> {
    if root.name != "imsx_POXEnvelopeRequest" {
        return Err(Error::XmlMissing("imsx_POXEnvelopeRequest"));
    }
    let header = root.need("imsx_POXHeader")?.need("imsx_POXRequestHeaderInfo")?;
    Ok(header.text_of("imsx_messageIdentifier")?.unwrap_or_default().to_owned())
}

fn operation_element(root: &Element) -> Result<&Element> {
    match root.need("imsx_POXBody")?.children.as_slice() {
        [element] => Ok(element),
        [] => Err(Error::XmlMissing("operation")),
        _ => Err(Error::XmlRepeated("operation")),
    }
}

fn action(element: &Element, operation: &str) -> Result<Action> {
    match operation {
        "replaceResult" => replacement(element).map(Action::Replace),
        "readResult" => Ok(Action::Read),
        "deleteResult" => Ok(Action::Delete),
        other => Err(Error::OutcomeOperation(shown(other))),
    }
}

/// The one name of a result, in its place: a second one anywhere could be the one that the sender may not write.
fn sourcedid(root: &Element, element: &Element) -> Result<String> {
    let record = element.need("resultRecord")?;
    let sourcedid = record.need("sourcedGUID")?.text_of("sourcedId")?.ok_or(Error::XmlMissing("sourcedId"))?;
    for name in ["resultRecord", "sourcedId"] {
        if root.count(name) != 1 {
            return Err(Error::XmlRepeated(name));
        }
    }
    Ok(sourcedid.to_owned())
}

fn replacement(element: &Element) -> Result<Replacement> {
    let nothing = Element::default();
    let result = element.need("resultRecord")?.child("result")?.unwrap_or(&nothing);
    let data = result.child("resultData")?.unwrap_or(&nothing);
    let details = element.child("submissionDetails")?.unwrap_or(&nothing);
    let owned = |element: &Element, name| Ok(element.text_of(name)?.map(ToOwned::to_owned));
    Ok(Replacement {
        score: number(result, "resultScore")?.map(Score::parse).transpose()?,
        total_score: number(result, "resultTotalScore")?.map(TotalScore::parse).transpose()?,
        text: owned(data, "text")?,
        url: owned(data, "url")?,
        launch_url: owned(data, "ltiLaunchUrl")?,
        submitted_at: owned(details, "submittedAt")?,
        needs_additional_review: is_set(element, details, "needsAdditionalReview")?,
        prioritize_non_tool_grade: is_set(element, details, "prioritizeNonToolGrade")?,
    })
}

/// The number in an element, as it was sent: a number with a space in it is none.
fn number<'e>(result: &'e Element, name: &'static str) -> Result<Option<&'e str>> {
    let Some(score) = result.child(name)? else { return Ok(None) };
    Ok(Some(&score.need("textString")?.text))
}

/// Whether an empty element stands in the details or, as the documentation shows it, beside them.
fn is_set(element: &Element, details: &Element, name: &'static str) -> Result<bool> {
    let said = details.child(name)?.or(element.child(name)?);
    Ok(said.is_some_and(|flag| !matches!(flag.text.trim(), "false" | "0")))
}
