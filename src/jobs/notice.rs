//! A notice on its way to a tool (Platform Notification Service 1.0). It is signed anew each time that it is sent, and
//! keeps its id.

use examlink_lti::v1p3::notices::{Notice, Recipient, check_domain, notices_to_value};

use crate::domain::id::ToolProviderId;
use crate::domain::job::Job;
use crate::domain::launch::id_token::LIFE;
use crate::domain::line_item_score::wire;
use crate::domain::notice::{Happening, domains, notice_id};
use crate::domain::{Error, Result};
use crate::jobs::{Outcome, Sent, Worker};
use crate::lti::fetch::{FetchError, Reply, Request, is_busy};
use crate::store::notices::{Outgoing, outgoing};

/// Tells a tool what happened, where it may still know and wants to.
pub(super) async fn send(worker: &Worker, job: &Job, tool: ToolProviderId, happening: Happening) -> Outcome {
    let going = match worker.store.query(move |tx| outgoing(tx, tool, happening)).await {
        Ok(Some(going)) => going,
        Ok(None) => return Outcome::Void,
        Err(error) => return Outcome::Later(error.to_string()),
    };
    // The tool may have moved since it said where it wants to be told.
    let domains = domains(&going.tool, &going.registration);
    let domains: Vec<&str> = domains.iter().map(String::as_str).collect();
    if let Err(elsewhere) = check_domain(&going.url, &domains) {
        return Outcome::Never(elsewhere.to_string());
    }
    match post(worker, job, &going).await {
        Ok(Ok(Reply { status: 200..300, .. })) => Outcome::Done(Sent::Notice),
        Ok(Ok(Reply { status, .. })) => {
            let why = format!("the tool answered {status}");
            if is_busy(status) { Outcome::Later(why) } else { Outcome::Never(why) }
        }
        Ok(Err(error)) => error.into(),
        Err(error) => Outcome::Later(error.to_string()),
    }
}

async fn post(worker: &Worker, job: &Job, going: &Outgoing) -> Result<std::result::Result<Reply, FetchError>> {
    let broken = |error: examlink_lti::v1p3::Error| Error::Internal(error.to_string());
    let notice = Notice { id: notice_id(&job.uid), timestamp: wire(job.created_at), event: going.event.clone() };
    let to = Recipient {
        issuer: &worker.origin,
        client_id: &going.registration.client_id,
        deployment_id: &going.registration.deployment_id,
    };
    let (nonce, now) = (worker.random.hex::<16>()?, worker.clock.now().seconds());
    let claims = notice.claims(&to, &nonce, u64::try_from(now).unwrap_or_default(), LIFE).map_err(broken)?;
    let token = worker.platform.sign(claims).await?;
    let body = notices_to_value(&[token]).to_string();
    Ok(worker.fetcher.send(Request::post(&going.url, "application/json", body)).await)
}
