//! How a platform asks for exams to link to by LTI 1.3, and is answered (Deep Linking 2.0).

use actix_web::HttpResponse;
use examlink_lti::v1::launch::SignedForm;
use examlink_lti::v1p3::ags::LineItem;
use examlink_lti::v1p3::claims::DEEP_LINKING_SETTINGS;
use examlink_lti::v1p3::deep_linking::{ContentItem, ItemType, Kind, RESPONSE_TYPE, ResourceLink, Response, Settings};
use examlink_lti::v1p3::tool_message::{ToolEnvelope, claims};

use crate::app::{App, seconds};
use crate::domain::arrival::{NoEntry, is_staff};
use crate::domain::exam::Exam;
use crate::domain::grade_return::MAXIMUM;
use crate::domain::launch::record::{Direction, MessageKind, NewLaunchRecord};
use crate::domain::launch::shown;
use crate::domain::{Result, lti_urls};
use crate::lti::choices::{self, Deployed, Wish};
use crate::lti::platform_message::PlatformMessage;
use crate::lti::refusal::Refusal;
use crate::store::{Tx, lti_platforms};

/// How long the platform may take our answer, in seconds.
const LIFE: u64 = 300;

/// Shows an instructor the exams to choose from.
pub async fn offer(app: &App, asked: PlatformMessage) -> Result<HttpResponse, Refusal> {
    let wish = wish(app, &asked);
    choices::offer(app, asked.nonce, asked.consumer, wish).await
}

fn wish(app: &App, PlatformMessage { consumer, message, at, .. }: &PlatformMessage) -> Result<Wish, Refusal> {
    if !is_staff(&message.roles()) {
        return Err(NoEntry::Role.into());
    }
    let claim = message.claims().value(DEEP_LINKING_SETTINGS);
    let claim = claim.ok_or_else(|| Refusal::Malformed(format!("{DEEP_LINKING_SETTINGS} is missing")))?;
    let settings =
        Settings::read(claim, app.allow_http_tools).map_err(|error| Refusal::Malformed(error.to_string()))?;
    if !settings.accept_types.contains(&ItemType::ResourceLink) {
        return Err(Refusal::Malformed("accept_types does not name ltiResourceLink".into()));
    }
    let return_url = ("deep_link_return_url", settings.return_url.as_str());
    let mut wish = Wish::new(consumer, return_url, settings.data.as_deref(), settings.accept_multiple, *at)?;
    let deployment_id = message.deployment_id().to_owned();
    wish.deployed = Some(Deployed { deployment_id, line_items: settings.accept_line_item });
    Ok(wish)
}

/// The form that brings the links to the platform, signed with the key of this installation, and what the log keeps of it.
pub async fn reply(
    app: &App,
    (wish, deployed): (&Wish, &Deployed),
    exams: &[Exam],
) -> Result<(SignedForm, NewLaunchRecord), Refusal> {
    let (id, now) = (wish.consumer, app.clock.now());
    let found = app.store.query(move |tx: &mut Tx<'_>| lti_platforms::find(tx, id)).await?;
    let (consumer, platform) = found.ok_or(Refusal::ShutOut)?;
    let envelope = ToolEnvelope {
        message_type: RESPONSE_TYPE,
        client_id: platform.client_id.as_str(),
        issuer: platform.issuer.as_str(),
        deployment_id: &deployed.deployment_id,
        nonce: &app.random.hex::<16>()?,
    };
    let items = exams.iter().map(|exam| item(app, exam, deployed.line_items)).collect();
    let response = Response { items, ..Response::default() };
    let mut said = claims(&envelope, seconds(now), LIFE);
    said.extend(response.claims(wish.data.as_deref()));
    let shown = shown::claims(&said);
    let token = app.platform.sign(said).await?;
    let action = wish.return_url.clone();
    let record =
        NewLaunchRecord::new(consumer.about(), Direction::ToPlatform, MessageKind::DeepLinks, action.clone(), now)
            .saying(shown, shown::header(&token));
    Ok((SignedForm { action, fields: vec![("JWT".into(), token)] }, record))
}

/// The link to an exam. The platform sends its number back with every launch.
fn item(app: &App, exam: &Exam, with_line_item: bool) -> ContentItem {
    let name = exam.settings.name.to_string();
    let line_item = || LineItem {
        label: name.clone(),
        score_maximum: MAXIMUM,
        resource_id: Some(exam.token.clone()),
        ..LineItem::default()
    };
    let link = ResourceLink {
        url: Some(format!("{}{}", app.public_url.as_str(), lti_urls::LAUNCH_1P3)),
        custom: [("exam_id".to_owned(), exam.id.to_string())].into(),
        line_item: with_line_item.then(line_item),
        ..ResourceLink::default()
    };
    ContentItem {
        title: Some(name.clone()),
        text: None,
        icon: None,
        thumbnail: None,
        kind: Kind::ResourceLink(Box::new(link)),
    }
}
