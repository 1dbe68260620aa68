//! Outcomes as signed forms, from before LTI 1.1 (`basic-lis-updateresult` and its like). LTI-PHP and Canvas still know
//! them.

use super::xml::{around, text};
use super::{Action, CodeMajor, Operation, OutcomeRequest, OutcomeResponse, Refused, Replacement, Score, shown};
use crate::v1::oauth1::VerifiedRequest;
use crate::{Error, Result};

/// The media type of the request. The answer is XML.
pub const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

const SCORE: &str = "result_resultscore_textstring";

/// What of a form is read.
const NAMES: [&str; 4] = ["lti_message_type", "sourcedid", SCORE, "result_resultvaluesourcedid"];

/// Reads a verified form.
///
/// Refuses a `lti_message_type` that is no outcome, a `result_resultvaluesourcedid` other than `decimal`, a parameter
/// that is missing or given twice, and a score that is none.
pub fn read(form: &VerifiedRequest) -> Result<OutcomeRequest, Refused> {
    let said = form.get("lti_message_type").unwrap_or_default();
    let operation = [Operation::Replace, Operation::Read, Operation::Delete]
        .into_iter()
        .find(|operation| message_type(operation.as_str()) == said);
    let named = operation.map_or(shown(said), |operation| operation.as_str().to_owned());
    let refused = |error| Refused { error, message_id: String::new(), operation: named.clone() };
    let request = |operation: Operation| {
        let given = |name: &&str| form.params().iter().filter(|(known, _)| known == name).count() > 1;
        if let Some(name) = NAMES.into_iter().find(given) {
            return Err(Error::Repeated(name.to_owned()));
        }
        let sourcedid = form.get("sourcedid").filter(|id| !id.is_empty()).ok_or(Error::Missing("sourcedid"))?;
        let action = match operation {
            Operation::Replace => Action::Replace(replacement(form)?),
            Operation::Read => Action::Read,
            Operation::Delete => Action::Delete,
        };
        Ok(OutcomeRequest { message_id: String::new(), sourcedid: sourcedid.to_owned(), action })
    };
    match operation {
        Some(operation) => request(operation).map_err(refused),
        None => Err(refused(Error::OutcomeOperation(shown(said)))),
    }
}

fn replacement(form: &VerifiedRequest) -> Result<Replacement> {
    match form.get("result_resultvaluesourcedid") {
        None | Some("" | "decimal") => {}
        Some(other) => return Err(Error::OutcomeOperation(format!("a result as {}", shown(other)))),
    }
    let score = Score::parse(form.get(SCORE).ok_or(Error::Missing(SCORE))?)?;
    Ok(Replacement { score: Some(score), ..Replacement::default() })
}

/// The name that forms have for an operation; another one stays as it is.
fn message_type(operation: &str) -> &str {
    match operation {
        "replaceResult" => "basic-lis-updateresult",
        "readResult" => "basic-lis-readresult",
        "deleteResult" => "basic-lis-deleteresult",
        other => other,
    }
}

/// The answer to a form.
pub fn answer(response: &OutcomeResponse) -> String {
    let (code, severity) = match response.code {
        CodeMajor::Success | CodeMajor::Processing => ("Success", "Status"),
        CodeMajor::Failure => ("Failure", "Error"),
        CodeMajor::Unsupported => ("Unsupported", "Warning"),
    };
    let status = [
        text("codemajor", code),
        text("severity", severity),
        text("codeminor", response.minor.map_or("fullsuccess", super::CodeMinor::as_str)),
        text("description", &response.description),
    ]
    .concat();
    let score = response.score.as_ref().map(|score| {
        around("result", &around("resultscore", &[text("language", "en"), text("textstring", score)].concat()))
    });
    let inner = [
        text("lti_message_type", message_type(&response.operation)),
        around("statusinfo", &status),
        score.unwrap_or_default(),
    ]
    .concat();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", around("message_response", &inner))
}
