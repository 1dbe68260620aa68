//! A result on its way by LTI 1.1 (LTI 1.1 guide, Basic Outcomes Service).

use examlink_lti::v1::credentials::{Credentials, Stamp};
use examlink_lti::v1::oauth1::SignatureMethod;
use examlink_lti::v1::outcomes::{
    Action, CodeMajor, CodeMinor, MEDIA_TYPE, OutcomeRequest, OutcomeResponse, Replacement, Score as OutcomeScore,
};

use super::KEPT;
use crate::domain::secret::Secret;
use crate::domain::{Error, Result};
use crate::jobs::{Outcome, Sent, Worker};
use crate::lti::fetch::{AUTHORIZATION, FetchError, Reply, Request, is_busy};
use crate::store::grade_returns::Outgoing;

/// Sends the result as it is now, or takes it back, under the name `uid`.
pub(super) async fn send(worker: &Worker, going: &Outgoing, secrets: &[Secret], uid: &str) -> Outcome {
    let body = message(going, uid).to_xml();
    let mut outcome = Outcome::Never("the LMS has no secret".into());
    // Until the administrator of the LMS sets the new secret there, it knows the one before.
    for secret in secrets {
        let replied = match call(worker, going, secret, &body).await {
            Ok(replied) => replied,
            Err(error) => return Outcome::Later(error.to_string()),
        };
        let unknown_secret = matches!(&replied, Ok(reply) if reply.status == 401);
        outcome = read(replied, going);
        if !unknown_secret {
            break;
        }
    }
    outcome
}

fn message(going: &Outgoing, uid: &str) -> OutcomeRequest {
    let score = going.grade.score.and_then(|score| OutcomeScore::new(score.value()));
    let action = match score {
        Some(score) => Action::Replace(Replacement { score: Some(score), ..Replacement::default() }),
        None => Action::Delete,
    };
    OutcomeRequest {
        message_id: uid.to_owned(),
        sourcedid: going.grade.lis_result_sourcedid.as_str().to_owned(),
        action,
    }
}

/// Signs now: an LMS takes a message for five minutes.
async fn call(
    worker: &Worker,
    going: &Outgoing,
    secret: &Secret,
    body: &str,
) -> Result<std::result::Result<Reply, FetchError>> {
    let broken = |error: examlink_lti::Error| Error::Internal(error.to_string());
    let url = going.grade.lis_outcome_service_url.as_str();
    let seconds = u64::try_from(worker.clock.now().seconds()).unwrap_or_default();
    let stamp = Stamp::new(worker.random.hex::<15>()?, seconds).map_err(broken)?;
    let (consumer_key, method) = (going.consumer.consumer_key.clone(), SignatureMethod::HmacSha1);
    let credentials = Credentials { consumer_key, secret: secret.clone(), method };
    let header = credentials.authorize(&stamp, "POST", url, body.as_bytes()).map_err(broken)?;
    let request = Request::post(url, MEDIA_TYPE, body).header(AUTHORIZATION, header);
    Ok(worker.fetcher.send(request).await)
}

/// What an answer means. Some systems answer 200 whatever happens, so the envelope counts, and the status where there
/// is none.
fn read(replied: std::result::Result<Reply, FetchError>, going: &Outgoing) -> Outcome {
    let reply = match replied {
        Ok(reply) => reply,
        Err(error) => return error.into(),
    };
    let busy = is_busy(reply.status);
    let Ok(response) = OutcomeResponse::parse(&reply.body) else {
        let why = format!("the LMS answered {} without an outcome", reply.status);
        let may_pass = busy || (200..300).contains(&reply.status);
        return if may_pass { Outcome::Later(why) } else { Outcome::Never(why) };
    };
    let said = || {
        let description: String = response.description.chars().filter(|c| !c.is_control()).take(KEPT).collect();
        format!("the LMS answered {} {}: {description}", reply.status, response.code.as_str())
    };
    match response.code {
        CodeMajor::Success | CodeMajor::Processing => Outcome::Done(Sent::Grade(going.grade.score)),
        CodeMajor::Failure if busy || response.minor == Some(CodeMinor::TargetIsBusy) => Outcome::Later(said()),
        CodeMajor::Failure | CodeMajor::Unsupported => Outcome::Never(said()),
    }
}
