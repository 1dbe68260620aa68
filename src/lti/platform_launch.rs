//! `POST /lti/1.3/launch`: a platform sends somebody here (LTI 1.3 core, section 3.2; Deep Linking 2.0).

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, post};
use examlink_lti::v1p3::message::MessageType;

use crate::app::App;
use crate::domain::arrival::{Arrival, Translated};
use crate::domain::launch::check::MessageCheck;
use crate::lti::platform_message::PlatformMessage;
use crate::lti::received::Received;
use crate::lti::refusal::Refusal;
use crate::lti::tool_keys::ToolKeys;
use crate::lti::{entry, exam_links, login_state};

/// Receives whatever a platform sends in somebody's browser: a launch, or the wish to choose exams to link to.
#[post("/lti/1.3/launch")]
pub async fn receive_message(request: HttpRequest, body: Bytes, app: Data<App>, keys: Data<ToolKeys>) -> HttpResponse {
    let mut received = Received::from_platform();
    let message = match PlatformMessage::verify(&app, &keys, &request, &body, &mut received).await {
        Ok(message) => message,
        Err(Refusal::OtherBrowser) => {
            let asked =
                login_state::ask(&app, &request, &body).await.and_then(|page| page.ok_or(Refusal::OtherBrowser));
            if let Err(refusal) = &asked {
                received.note(&app, Some(refusal));
            }
            return asked.unwrap_or_else(|refusal| refusal.page(&request, Vec::new()));
        }
        Err(refusal) => {
            received.note(&app, Some(&refusal));
            return refusal.page(&request, Vec::new());
        }
    };
    let ancestors: Vec<String> = message.consumer.settings.frame_origins.clone().texts().collect();
    received.at(MessageCheck::Message);
    let opened = open(&app, message, &mut received).await;
    received.note(&app, opened.as_ref().err());
    opened.unwrap_or_else(|refusal| refusal.page(&request, ancestors))
}

async fn open(app: &App, sent: PlatformMessage, received: &mut Received) -> Result<HttpResponse, Refusal> {
    match sent.message.message_type() {
        MessageType::ResourceLink => {
            let PlatformMessage { consumer, message, nonce, at } = sent;
            let arrival = Arrival::read(&Translated::of(&message, app.allow_http_tools), &consumer);
            entry::enter(app, nonce, (consumer, arrival), at, received).await
        }
        MessageType::DeepLinking => exam_links::offer(app, sent).await,
        other => {
            app.store.spend(sent.nonce).await?;
            Err(Refusal::Malformed(format!("message_type is {}, which is not taken here", other.as_str())))
        }
    }
}
