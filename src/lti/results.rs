//! A result as JSON (LTI 2.0, Result service): each has an address, which its sourcedid ends.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, delete, get, put};
use examlink_lti::v1::oauth1::UnverifiedMessage;
use examlink_lti::v1::outcomes::result_json::{MEDIA_TYPE, ResultJson};
use examlink_lti::v1::outcomes::{CodeMinor, Score};
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::Result;
use crate::domain::outcome::{Refusal, Submission};
use crate::domain::result::Standing;
use crate::lti::CallLog;
use crate::lti::carry_out::{Ask, Call, Done, masked};
use crate::lti::problem::Problem;
use crate::lti::signed::{Unsigned, authorization, body, called, spent_elsewhere, verify};

/// Tells a result.
#[get("/lti/1.1/results/{sourcedid}")]
pub async fn show_result(
    request: HttpRequest,
    sourcedid: Path<String>,
    payload: Payload,
    app: Data<App>,
    log: Data<CallLog>,
) -> Result<HttpResponse, Problem> {
    receive(&request, sourcedid.into_inner(), payload, &app, &log).await
}

/// Takes a grade, or takes it away where there is none in the result.
#[put("/lti/1.1/results/{sourcedid}")]
pub async fn put_result(
    request: HttpRequest,
    sourcedid: Path<String>,
    payload: Payload,
    app: Data<App>,
    log: Data<CallLog>,
) -> Result<HttpResponse, Problem> {
    let header = request.headers().get(CONTENT_TYPE).and_then(|header| header.to_str().ok()).unwrap_or_default();
    if !header.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(MEDIA_TYPE) {
        let detail = format!("Send the result as {MEDIA_TYPE}.");
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", detail));
    }
    receive(&request, sourcedid.into_inner(), payload, &app, &log).await
}

/// Takes a grade away.
#[delete("/lti/1.1/results/{sourcedid}")]
pub async fn delete_result(
    request: HttpRequest,
    sourcedid: Path<String>,
    payload: Payload,
    app: Data<App>,
    log: Data<CallLog>,
) -> Result<HttpResponse, Problem> {
    receive(&request, sourcedid.into_inner(), payload, &app, &log).await
}

async fn receive(
    request: &HttpRequest,
    sourcedid: String,
    payload: Payload,
    app: &App,
    log: &CallLog,
) -> Result<HttpResponse, Problem> {
    let body = body(payload).await.ok_or_else(Problem::too_large)?;
    match answer(request, sourcedid, &body, app).await? {
        Ok(Ok(standing)) => Ok(show(&standing)),
        Ok(Err(refusal)) => Err(Problem::new(status_of(refusal.minor), refusal.code, refusal.detail)),
        Err(unsigned) => {
            log.note(app, &unsigned);
            Err(unsigned.into())
        }
    }
}

async fn answer(request: &HttpRequest, sourcedid: String, body: &[u8], app: &App) -> Result<Result<Done, Unsigned>> {
    let method = request.method().as_str();
    let message = match UnverifiedMessage::read(method, &called(app, request), authorization(request), body) {
        Ok(message) => message,
        Err(error) => return Ok(Err(Unsigned::refused(&error))),
    };
    let signed = match verify(app, message).await? {
        Ok(signed) => signed,
        Err(unsigned) => return Ok(Err(unsigned)),
    };
    let mut said = json!({ "sourcedid": masked(&sourcedid), "oauth_signature": "***" });
    let (operation, ask) = match method {
        "GET" => ("readResult", Ok(Ask::Read)),
        "DELETE" => ("deleteResult", Ok(Ask::Delete(None))),
        _ => ("replaceResult", put(&mut said, ResultJson::read(&signed.message))),
    };
    let (tools, at) = (signed.tools.clone(), signed.at);
    let call = Call { tools: signed.tools, sourcedid, ask, operation: operation.to_owned(), said, status, at };
    let nonce = signed.nonce.locking(call.session());
    spent_elsewhere(app.store.write(nonce, move |tx| call.run(tx)).await, &tools)
}

fn put(said: &mut Value, read: examlink_lti::Result<ResultJson>) -> Result<Ask, Refusal> {
    let result = read.map_err(|error| Refusal::protocol(&error))?;
    said["score"] = json!(result.score.map(Score::value));
    let (submission, comment) = Submission::read_json(result)?;
    Ok(submission.map_or(Ask::Delete(comment), |submission| Ask::Replace(Box::new(submission))))
}

fn status(refusal: Option<CodeMinor>) -> u16 {
    refusal.map_or(StatusCode::OK, status_of).as_u16()
}

fn status_of(refusal: CodeMinor) -> StatusCode {
    match refusal {
        CodeMinor::UnknownObject => StatusCode::NOT_FOUND,
        CodeMinor::UnauthorizedRequest => StatusCode::FORBIDDEN,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

fn show(standing: &Standing) -> HttpResponse {
    let comment = standing.comment.as_ref().map(ToString::to_string);
    let result = ResultJson { score: standing.outcome_score(), comment };
    HttpResponse::Ok().content_type(MEDIA_TYPE).insert_header((CACHE_CONTROL, "no-store")).body(result.to_json())
}
