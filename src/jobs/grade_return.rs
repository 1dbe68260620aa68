//! The result of a session on its way to the LMS that the student came from (LTI 1.1 guide, Basic Outcomes Service).

use examlink_lti::v1::credentials::{Credentials, Stamp};
use examlink_lti::v1::oauth1::SignatureMethod;
use examlink_lti::v1::outcomes::{
    Action, CodeMajor, CodeMinor, MEDIA_TYPE, OutcomeRequest, OutcomeResponse, Replacement, Score as OutcomeScore,
};

use crate::domain::id::GradeReturnId;
use crate::domain::job::Job;
use crate::domain::lti_consumer::LtiConsumer;
use crate::domain::secret::Secret;
use crate::domain::{Error, Result};
use crate::jobs::{Outcome, Sent, Worker};
use crate::lti::fetch::{AUTHORIZATION, FetchError, Reply, Request};
use crate::store::grade_returns::{Outgoing, outgoing};

/// The part of what an LMS says that is kept, in characters.
const KEPT: usize = 500;

/// Sends the result as it is now, or takes it back, unless the LMS has it already.
pub(super) async fn send(worker: &Worker, job: &Job, id: GradeReturnId) -> Outcome {
    let now = worker.clock.now();
    let going = match worker.store.query(move |tx| outgoing(tx, id, now)).await {
        Ok(Some(going)) => going,
        Ok(None) => return Outcome::Void,
        Err(error) => return Outcome::Later(error.to_string()),
    };
    if let Some(why) = closed(&going) {
        return Outcome::Never(why.into());
    }
    let body = message(&going, &job.uid).to_xml();
    let mut outcome = Outcome::Never("the LMS has no secret".into());
    // Until the administrator of the LMS sets the new secret there, it knows the one before.
    for secret in &going.secrets {
        let replied = match call(worker, &going, secret, &body).await {
            Ok(replied) => replied,
            Err(error) => return Outcome::Later(error.to_string()),
        };
        let unknown_secret = matches!(&replied, Ok(reply) if reply.status == 401);
        outcome = read(replied, &going);
        if !unknown_secret {
            break;
        }
    }
    outcome
}

/// Why nothing goes to this LMS any more.
fn closed(going: &Outgoing) -> Option<&'static str> {
    let LtiConsumer { settings, .. } = &going.consumer;
    if settings.disabled {
        return Some("the LMS is disabled here");
    }
    if settings.exam_id.is_some_and(|only| only != going.grade.exam_id) {
        return Some("the LMS no longer reaches this exam");
    }
    let takes_back = going.grade.score.is_none() && !settings.lms.deletes_results();
    takes_back.then_some("this LMS does not take a grade back; set it there")
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

/// What an answer means. Some systems answer 200 whatever happens, so the envelope counts, and the status where there is
/// none.
fn read(replied: std::result::Result<Reply, FetchError>, going: &Outgoing) -> Outcome {
    let reply = match replied {
        Ok(reply) => reply,
        Err(error) if error.may_pass() => return Outcome::Later(error.to_string()),
        Err(error) => return Outcome::Never(error.to_string()),
    };
    let busy = reply.status >= 500 || matches!(reply.status, 408 | 429);
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
