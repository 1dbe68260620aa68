//! `POST /lti/1.1/launch`: an LMS sends somebody here (LTI 1.1 guide, Basic Launch Data).

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, post};
use examlink_lti::v1::content_item::REQUEST_TYPE;
use examlink_lti::v1::launch::VerifiedLaunch;

use crate::app::App;
use crate::domain::Result;
use crate::domain::arrival::Arrival;
use crate::domain::launch::check::MessageCheck;
use crate::lti::message::Message;
use crate::lti::received::Received;
use crate::lti::refusal::Refusal;
use crate::lti::{content_items, entry};

/// Receives whatever an LMS posts in somebody's browser: a launch, or the wish to choose exams to link to.
#[post("/lti/1.1/launch")]
pub async fn receive_launch(request: HttpRequest, body: Bytes, app: Data<App>) -> HttpResponse {
    let mut received = Received::from_lms();
    let message = match Message::verify(&app, &request, &body, &mut received).await {
        Ok(message) => message,
        Err(refusal) => {
            received.note(&app, Some(&refusal));
            return refusal.page(&request, Vec::new());
        }
    };
    let ancestors: Vec<String> = message.consumer.settings.frame_origins.clone().texts().collect();
    received.at(MessageCheck::Message);
    let opened = if message.form.get("lti_message_type") == Some(REQUEST_TYPE) {
        content_items::offer(&app, message).await
    } else {
        launch(&app, &request, message, &mut received).await
    };
    received.note(&app, opened.as_ref().err());
    opened.unwrap_or_else(|refusal| refusal.page(&request, ancestors))
}

async fn launch(
    app: &App,
    request: &HttpRequest,
    message: Message,
    received: &mut Received,
) -> Result<HttpResponse, Refusal> {
    let Message { consumer, form, nonce, at } = message;
    let back = form.get("launch_presentation_return_url").and_then(|url| consumer.settings.return_url(url));
    let launch = match VerifiedLaunch::try_from(form) {
        Ok(launch) => launch,
        Err(error) => {
            app.store.spend(nonce).await?;
            received.refuse(error.to_string());
            return refuse_message(error, back, request);
        }
    };
    let arrival = Arrival::read(&launch, &consumer);
    entry::enter(app, nonce, (consumer, arrival), at, received).await
}

/// A mistake in the message itself is told to the LMS, at the address that the launch names. What is given twice may be
/// that address.
fn refuse_message(
    error: examlink_lti::Error,
    back: Option<url::Url>,
    request: &HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let repeated = matches!(error, examlink_lti::Error::Repeated(_));
    let refusal = Refusal::of_message(error);
    match back {
        Some(url) if !repeated => Ok(refusal.back_to(url, request)),
        _ => Err(refusal),
    }
}
