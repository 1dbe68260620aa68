//! A grader's way to a student's work in a tool of LTI 1.3 (Submission Review 1.0), by the same login as a launch.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use examlink_lti::v1::launch::SignedForm;
use examlink_lti::v1p3::login::{AuthenticationError, CheckedRequest, LoginInitiation};

use crate::app::{App, seconds};
use crate::browser::{is_marked, mark_browser};
use crate::domain::id::{ToolProviderId, UserId};
use crate::domain::launch::check::MessageCheck;
use crate::domain::launch::id_token::LIFE;
use crate::domain::launch::record::MessageKind;
use crate::domain::launch::shown;
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::submission_review::{OPEN_FOR, ReviewFacts, ReviewLeave, ShownTo};
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};
use crate::page::Policy;
use crate::store::{Sender, submission_reviews};
use crate::web::launch::return_url;
use crate::web::login::{Answered, Begun, Refused, Stop, note_sent};
use crate::web::page::{failed, launch_page, message};
use crate::web::started::was_spent;
use crate::web::views::Message;

const SUBJECT: &str = "login hint of a grader";

/// Sends a grader's browser to the tool's login. Reloading begins anew, as long as the tool has not been answered.
#[get("/submission_reviews/{leave}")]
pub async fn open_submission_review(request: HttpRequest, words: Path<String>, app: Data<App>) -> HttpResponse {
    let Some(leave) = ReviewLeave::open(&words, ShownTo::Grader, &app.keys, app.clock.now()) else {
        return message(&request, Message::NoReview);
    };
    let of = leave.clone();
    let facts = match app.store.query(move |tx| submission_reviews::find_again(tx, &of)).await {
        Ok(Some(facts)) => facts,
        Ok(None) => return message(&request, Message::NoReview),
        Err(error) => return failed(&request, &error),
    };
    match facts.reviewable(app.allow_http_tools) {
        Ok(registration) => {
            let form = initiation(&app, &facts, &leave, registration);
            let mut page = launch_page(facts.launch.tool.tool_name.as_str(), &form, Policy::default());
            mark_browser(&mut page, &app, leave.user, OPEN_FOR);
            page
        }
        Err(why) => {
            tracing::info!(%why, result = %leave.result, "a submission could not be reviewed");
            message(&request, Message::NoReview)
        }
    }
}

fn initiation(app: &App, facts: &ReviewFacts, leave: &ReviewLeave, registration: &LtiRegistration) -> SignedForm {
    let login = LoginInitiation {
        issuer: app.public_url.as_str().to_owned(),
        login_hint: login_hint(app, leave.user),
        target_link_uri: facts.url().to_owned(),
        message_hint: leave.write(ShownTo::Tool, &app.keys).reveal().to_owned(),
        deployment_id: registration.deployment_id.clone(),
        client_id: registration.client_id.clone(),
        storage_target: None,
    };
    SignedForm { action: registration.settings.login_url.to_string(), fields: login.fields() }
}

fn login_hint(app: &App, grader: UserId) -> String {
    app.keys.ticket(SUBJECT, &grader.to_string())
}

/// The review that a tool asks about, if these are words of ours and recent.
pub(super) fn under_way(app: &App, words: &str, now: Timestamp) -> Option<ReviewLeave> {
    ReviewLeave::open(words, ShownTo::Tool, &app.keys, now)
}

/// The same, however old, for the log.
pub(super) fn begun_by(app: &App, words: &str) -> Option<ReviewLeave> {
    ReviewLeave::parse(words, ShownTo::Tool, &app.keys)
}

/// The review that a grader has begun, for the log.
pub(super) async fn begun(app: &App, leave: ReviewLeave) -> Result<Option<Begun>> {
    let of = leave.clone();
    let found = app.store.query(move |tx| submission_reviews::find_again(tx, &of)).await?;
    Ok(found.map(|facts| Begun {
        about: facts.about(leave.user),
        kind: MessageKind::SubmissionReview,
        url: facts.url().to_owned(),
        tool: facts.launch.tool.id,
        at: leave.at,
        nonce: leave.nonce,
    }))
}

/// Answers a tool that asks who the grader is.
pub(super) async fn answer(
    request: &HttpRequest,
    app: &App,
    asked: &CheckedRequest,
    leave: ReviewLeave,
    registration: &LtiRegistration,
) -> Result<Answered, Refused> {
    let refuse = |check, code, why: &str| Err(Refused::at(check, asked.refuse(code, why)));
    if !app.keys.is_ticket(asked.login_hint(), SUBJECT, &leave.user.to_string()) {
        return refuse(MessageCheck::LoginHint, AuthenticationError::AccessDenied, "login_hint is somebody else's");
    }
    if !is_marked(request, app, leave.user) {
        let why = "this browser did not start the review; open the link of the API again";
        return refuse(MessageCheck::Browser, AuthenticationError::LoginRequired, why);
    }
    let of = leave.clone();
    let facts = app.store.query(move |tx| submission_reviews::find_again(tx, &of)).await?;
    let facts = facts.ok_or_else(|| no_review("the result is gone, or is not the grader's to see"))?;
    if facts.launch.tool.id != registration.tool_provider_id {
        return refuse(MessageCheck::Tool, AuthenticationError::AccessDenied, "the work is in another tool");
    }
    let unfit = |why: Error| Refused::at(MessageCheck::Result, no_review(&why.to_string()));
    let registration = facts.reviewable(app.allow_http_tools).map_err(unfit)?;
    match spend(app, &leave, registration.tool_provider_id).await {
        Err(error) if was_spent(&error) => {
            return Err(Refused::at(MessageCheck::Once, no_review("the link was used before")));
        }
        spent => spent?,
    }
    let form = token(app, &facts, &leave, (asked, registration)).await?;
    Ok(Answered { name: facts.launch.tool.tool_name.to_string(), form, ancestors: Vec::new() })
}

fn no_review(why: &str) -> Stop {
    Stop::Page(Message::NoReview, why.to_owned())
}

async fn spend(app: &App, leave: &ReviewLeave, tool: ToolProviderId) -> Result<()> {
    let words = format!("submission review {}", leave.nonce);
    let nonce = app.store.nonces().admit(Sender::Tool(tool), &words, leave.at).map_err(Error::Unauthenticated)?;
    app.store.spend(nonce).await
}

async fn token(
    app: &App,
    facts: &ReviewFacts,
    leave: &ReviewLeave,
    (asked, registration): (&CheckedRequest, &LtiRegistration),
) -> Result<SignedForm> {
    let now = app.clock.now();
    let return_url = return_url(app, &facts.launch, &leave.nonce, now);
    let message = facts.id_token(app.consumer(), leave.user, return_url, registration)?;
    let claims = message.claims(asked.nonce(), seconds(now), LIFE);
    let claims = claims.map_err(|error| Error::Internal(error.to_string()))?;
    let said = shown::claims(&claims);
    let token = app.platform.sign(claims).await?;
    let review = (facts.about(leave.user), MessageKind::SubmissionReview, leave.nonce.clone());
    note_sent(app, asked, review, (said, &token), now);
    Ok(asked.answer(&token, None))
}
