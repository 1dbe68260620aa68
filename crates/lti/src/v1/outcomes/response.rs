//! The answer to a request, in the one shape that all tools in use can read: `imsx_codeMajor` without prefix or space
//! (`PyLTI` searches for those bytes), both references (python `lti` gives no score without them), and the declaration at
//! the very beginning (Tsugi takes anything else for a fault of the server).

use super::xml::{Element, around, text};
use super::{NAMESPACE, Operation, shown};
use crate::{Error, Result};

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeMajor {
    /// It was carried out.
    Success,
    /// It is being carried out.
    Processing,
    /// It was refused, or failed.
    Failure,
    /// There is no such operation here.
    Unsupported,
}

/// Why a request was refused, in the words of `imsx_codeMinorFieldValue`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeMinor {
    /// It breaks a rule.
    InvalidData,
    /// It names no result.
    UnknownObject,
    /// The sender may not do this, or could not prove who it is.
    UnauthorizedRequest,
    /// The same request may succeed later.
    TargetIsBusy,
    /// There is no such operation.
    Unsupported,
}

/// The answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeResponse {
    /// The answer's own name.
    pub message_id: String,
    /// The name of the request.
    pub message_ref: String,
    /// The operation of the request, such as `replaceResult`.
    pub operation: String,
    /// What became of it.
    pub code: CodeMajor,
    /// Why, where it was refused.
    pub minor: Option<CodeMinor>,
    /// What became of it, in words.
    pub description: String,
    /// The score that was asked for: empty where there is none. `None` where none was asked for.
    pub score: Option<String>,
}

impl CodeMajor {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Processing => "processing",
            Self::Failure => "failure",
            Self::Unsupported => "unsupported",
        }
    }

    const fn severity(self) -> &'static str {
        match self {
            Self::Success | Self::Processing => "status",
            Self::Unsupported => "warning",
            Self::Failure => "error",
        }
    }

    fn parse(name: &str) -> Result<Self> {
        [Self::Success, Self::Processing, Self::Failure, Self::Unsupported]
            .into_iter()
            .find(|code| code.as_str().eq_ignore_ascii_case(name))
            .ok_or_else(|| Error::XmlSyntax(format!("imsx_codeMajor is \"{}\"", shown(name))))
    }
}

impl CodeMinor {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidData => "invaliddata",
            Self::UnknownObject => "unknownobject",
            Self::UnauthorizedRequest => "unauthorizedrequest",
            Self::TargetIsBusy => "targetisbusy",
            Self::Unsupported => "unsupported",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::InvalidData, Self::UnknownObject, Self::UnauthorizedRequest, Self::TargetIsBusy, Self::Unsupported]
            .into_iter()
            .find(|code| code.as_str() == name)
    }
}

impl OutcomeResponse {
    /// The body of the answer.
    pub fn to_xml(&self) -> String {
        let status = [
            text("imsx_codeMajor", self.code.as_str()),
            text("imsx_severity", self.code.severity()),
            text("imsx_description", &self.description),
            text("imsx_messageRefIdentifier", &self.message_ref),
            text("imsx_operationRefIdentifier", &self.operation),
            self.minor.map(minor).unwrap_or_default(),
        ]
        .concat();
        let header = [
            text("imsx_version", "V1.0"),
            text("imsx_messageIdentifier", &self.message_id),
            around("imsx_statusInfo", &status),
        ]
        .concat();
        let header = around("imsx_POXHeader", &around("imsx_POXResponseHeaderInfo", &header));
        let body = around("imsx_POXBody", &self.body());
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <imsx_POXEnvelopeResponse xmlns=\"{NAMESPACE}\">{header}{body}</imsx_POXEnvelopeResponse>"
        )
    }

    /// The result's element exists for operations that are known; what else was asked for has no name to answer under.
    fn body(&self) -> String {
        let known = [Operation::Replace, Operation::Read, Operation::Delete].map(Operation::as_str);
        if !known.contains(&self.operation.as_str()) {
            return String::new();
        }
        let score = |score: &String| [text("language", "en"), text("textString", score)].concat();
        let result = self.score.as_ref().map(|given| around("result", &around("resultScore", &score(given))));
        around(&format!("{}Response", self.operation), &result.unwrap_or_default())
    }

    /// Reads an answer of a platform. Nobody signs answers: what it says is to be shown as text, and believed no more
    /// than the connection that it came by.
    ///
    /// Fails when the body is no such document, or has no code that is known; what else is missing is empty.
    pub fn parse(body: &[u8]) -> Result<Self> {
        let root = Element::parse(body)?;
        if root.name != "imsx_POXEnvelopeResponse" {
            return Err(Error::XmlMissing("imsx_POXEnvelopeResponse"));
        }
        let header = root.need("imsx_POXHeader")?.need("imsx_POXResponseHeaderInfo")?;
        let status = header.need("imsx_statusInfo")?;
        let said =
            |element: &Element, name| -> Result<String> { Ok(element.text_of(name)?.unwrap_or_default().to_owned()) };
        let operation = said(status, "imsx_operationRefIdentifier")?;
        Ok(Self {
            message_id: said(header, "imsx_messageIdentifier")?,
            message_ref: said(status, "imsx_messageRefIdentifier")?,
            // Moodle repeats the name of the element.
            operation: operation.strip_suffix("Request").unwrap_or(&operation).to_owned(),
            code: CodeMajor::parse(status.text_of("imsx_codeMajor")?.ok_or(Error::XmlMissing("imsx_codeMajor"))?)?,
            minor: read_minor(status)?,
            description: said(status, "imsx_description")?,
            score: read_score(&root)?,
        })
    }
}

fn minor(code: CodeMinor) -> String {
    let field =
        [text("imsx_codeMinorFieldName", "sourcedid"), text("imsx_codeMinorFieldValue", code.as_str())].concat();
    around("imsx_codeMinor", &around("imsx_codeMinorField", &field))
}

/// The first reason that is known; a platform may give several.
fn read_minor(status: &Element) -> Result<Option<CodeMinor>> {
    let Some(minor) = status.child("imsx_codeMinor")? else { return Ok(None) };
    let mut values = minor.children.iter().filter_map(|field| field.text_of("imsx_codeMinorFieldValue").ok().flatten());
    Ok(values.find_map(CodeMinor::parse))
}

fn read_score(root: &Element) -> Result<Option<String>> {
    let Some(body) = root.child("imsx_POXBody")? else { return Ok(None) };
    let Some(answer) = body.child("readResultResponse")? else { return Ok(None) };
    let Some(result) = answer.child("result")? else { return Ok(None) };
    let Some(score) = result.child("resultScore")? else { return Ok(None) };
    Ok(Some(score.text_of("textString")?.unwrap_or_default().to_owned()))
}
