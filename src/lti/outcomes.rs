//! Where tools hand grades back: Basic Outcomes as XML, and as the forms from before LTI 1.1.
//!
//! A wrong signature is 401, a refusal 422 as at Canvas, an operation that there is not 200; the body is the whole answer
//! in XML each time, because tools read it whatever the status is.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Bytes, Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use examlink_lti::v1::oauth1::{UnverifiedMessage, UnverifiedRequest};
use examlink_lti::v1::outcomes::{
    Action, CodeMajor, CodeMinor, MEDIA_TYPE, OutcomeRequest, OutcomeResponse, Refused, Replacement, Score, TotalScore,
    legacy,
};
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::outcome::{Refusal, Submission};
use crate::domain::result::Standing;
use crate::domain::{Error, Result};
use crate::lti::CallLog;
use crate::lti::carry_out::{Ask, Call, Done, masked};
use crate::lti::signed::{Signed, Unsigned, authorization, body, called, spent_elsewhere, verify};

/// Characters of a text that the log keeps.
const SHOWN: usize = 200;

/// How a request is written, and its answer.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// XML, the signature in a header.
    Pox,
    /// A form, the signature among its fields.
    Legacy,
}

/// What is answered, before it is written.
struct Answer {
    status: StatusCode,
    code: CodeMajor,
    minor: Option<CodeMinor>,
    description: String,
    message_ref: String,
    operation: String,
    score: Option<String>,
}

/// Takes a grade, tells one, or takes one away.
#[post("/lti/1.1/outcomes")]
pub async fn receive_outcome(
    request: HttpRequest,
    payload: Payload,
    app: Data<App>,
    log: Data<CallLog>,
) -> HttpResponse {
    let Some(form) = form(&request) else {
        let description = "Send the request as application/xml.";
        return Answer::failure(StatusCode::UNSUPPORTED_MEDIA_TYPE, CodeMinor::InvalidData, description)
            .send(&app, Form::Pox);
    };
    let Some(body) = body(payload).await else {
        let description = "The body is longer than 65536 bytes, or came too slowly.";
        return Answer::failure(StatusCode::PAYLOAD_TOO_LARGE, CodeMinor::InvalidData, description).send(&app, form);
    };
    let answer = match answer(&request, &app, form, &body).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(unsigned)) => {
            log.note(&app, &unsigned);
            Answer::failure(StatusCode::UNAUTHORIZED, CodeMinor::UnauthorizedRequest, &unsigned.detail)
        }
        Err(error) => Answer::failed(&error),
    };
    answer.send(&app, form)
}

fn form(request: &HttpRequest) -> Option<Form> {
    let header = request.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    let media_type = header.split(';').next().unwrap_or_default().trim();
    let is = |name: &str| media_type.eq_ignore_ascii_case(name);
    match () {
        () if is(MEDIA_TYPE) || is("text/xml") => Some(Form::Pox),
        () if is(legacy::MEDIA_TYPE) => Some(Form::Legacy),
        () => None,
    }
}

/// Verifies the bytes, then reads them, then carries out what they say.
async fn answer(request: &HttpRequest, app: &App, form: Form, body: &Bytes) -> Result<Result<Answer, Unsigned>> {
    let url = called(app, request);
    let (read, signed) = match form {
        Form::Pox => match UnverifiedMessage::read("POST", &url, authorization(request), body) {
            Err(error) => return Ok(Err(Unsigned::refused(&error))),
            Ok(message) => match verify(app, message).await? {
                Err(unsigned) => return Ok(Err(unsigned)),
                Ok(signed) => (OutcomeRequest::read(&signed.message), signed.without_message()),
            },
        },
        Form::Legacy => match UnverifiedRequest::from_form("POST", &url, body) {
            Err(error) => return Ok(Err(Unsigned::refused(&error))),
            Ok(message) => match verify(app, message).await? {
                Err(unsigned) => return Ok(Err(unsigned)),
                Ok(signed) => (legacy::read(&signed.message), signed.without_message()),
            },
        },
    };
    carry_out(app, signed, read).await
}

async fn carry_out(
    app: &App,
    signed: Signed<()>,
    read: Result<OutcomeRequest, Refused>,
) -> Result<Result<Answer, Unsigned>> {
    let Signed { tools, nonce, at, .. } = signed;
    let (message_ref, call) = match read {
        Ok(request) => {
            let operation = request.action.operation().as_str().to_owned();
            let mut said = said(&request.message_id, &request.sourcedid);
            let ask = match request.action {
                Action::Read => Ok(Ask::Read),
                Action::Delete => Ok(Ask::Delete(None)),
                Action::Replace(replacement) => {
                    add_replacement(&mut said, &replacement);
                    Submission::read(replacement, at).map(|submission| Ask::Replace(Box::new(submission)))
                }
            };
            let sourcedid = request.sourcedid;
            (request.message_id, Call { tools, sourcedid, ask, operation, said, status, at })
        }
        Err(Refused { error, message_id, operation }) => {
            let (said, ask) = (said(&message_id, ""), Err(Refusal::protocol(&error)));
            (message_id, Call { tools, sourcedid: String::new(), ask, operation, said, status, at })
        }
    };
    let (operation, tools) = (call.operation.clone(), call.tools.clone());
    let reads = matches!(call.ask, Ok(Ask::Read));
    let nonce = nonce.locking(call.session());
    let done = spent_elsewhere(app.store.write(nonce, move |tx| call.run(tx)).await, &tools)?;
    Ok(done.map(|done| Answer::of(done, operation, message_ref, reads)))
}

/// The status of a refusal, or of none.
fn status(refusal: Option<CodeMinor>) -> u16 {
    match refusal {
        None | Some(CodeMinor::Unsupported) => 200,
        Some(_) => 422,
    }
}

fn said(message_id: &str, sourcedid: &str) -> Value {
    json!({ "message_id": cut(message_id), "sourcedid": masked(sourcedid), "oauth_signature": "***" })
}

fn add_replacement(said: &mut Value, replacement: &Replacement) {
    let text = |text: &Option<String>| text.as_deref().map(cut);
    said["score"] = json!(replacement.score.map(Score::value));
    said["total_score"] = json!(replacement.total_score.map(TotalScore::value));
    said["text"] = json!(text(&replacement.text));
    said["url"] = json!(text(&replacement.url));
    said["launch_url"] = json!(text(&replacement.launch_url));
    said["submitted_at"] = json!(text(&replacement.submitted_at));
    said["needs_additional_review"] = json!(replacement.needs_additional_review);
    said["prioritize_non_tool_grade"] = json!(replacement.prioritize_non_tool_grade);
}

fn cut(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

impl Answer {
    fn of(done: Done, operation: String, message_ref: String, reads: bool) -> Self {
        let answer = match done {
            Ok(standing) => Self::success(&standing, &operation, reads),
            Err(refusal) if refusal.minor == CodeMinor::Unsupported => {
                Self { code: CodeMajor::Unsupported, ..Self::failure(StatusCode::OK, refusal.minor, &refusal.detail) }
            }
            Err(refusal) => Self::failure(StatusCode::UNPROCESSABLE_ENTITY, refusal.minor, &refusal.detail),
        };
        Self { message_ref, operation, ..answer }
    }

    /// A result without a grade is read as an empty text.
    fn success(standing: &Standing, operation: &str, reads: bool) -> Self {
        Self {
            status: StatusCode::OK,
            code: CodeMajor::Success,
            minor: None,
            description: format!("{operation} was carried out."),
            message_ref: String::new(),
            operation: String::new(),
            score: reads.then(|| standing.outcome_score().map(|score| score.to_string()).unwrap_or_default()),
        }
    }

    fn failure(status: StatusCode, minor: CodeMinor, description: &str) -> Self {
        Self {
            status,
            code: CodeMajor::Failure,
            minor: Some(minor),
            description: description.to_owned(),
            message_ref: String::new(),
            operation: String::new(),
            score: None,
        }
    }

    /// Nothing was written, and the tool may send the same again, signed anew.
    fn failed(error: &Error) -> Self {
        tracing::error!(%error, "the call of a tool failed");
        let status = match error {
            Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::failure(status, CodeMinor::TargetIsBusy, "This is a fault of the server. Send the request again later.")
    }

    fn send(self, app: &App, form: Form) -> HttpResponse {
        let response = OutcomeResponse {
            message_id: app.random.hex::<16>().unwrap_or_default(),
            message_ref: self.message_ref,
            operation: self.operation,
            code: self.code,
            minor: self.minor,
            description: self.description,
            score: self.score,
        };
        let body = if form == Form::Pox { response.to_xml() } else { legacy::answer(&response) };
        let mut reply = HttpResponse::build(self.status);
        reply.content_type("application/xml; charset=utf-8").insert_header((CACHE_CONTROL, "no-store")).body(body)
    }
}
