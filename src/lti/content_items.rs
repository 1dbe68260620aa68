//! How an LMS asks for exams to link to by LTI 1.1, and is answered (Content-Item Message 1.0).

use actix_web::HttpResponse;
use examlink_lti::v1::content_item::{ContentItem, LTI_LINK, LineItem, Selection, VerifiedSelectionRequest};
use examlink_lti::v1::credentials::Credentials;
use examlink_lti::v1::launch::{LaunchUrl, SignedForm};
use examlink_lti::v1::oauth1::SignatureMethod;
use examlink_lti::v1::roles::Role;

use crate::app::App;
use crate::domain::arrival::{NoEntry, is_staff};
use crate::domain::exam::Exam;
use crate::domain::grade_return::MAXIMUM;
use crate::domain::launch::record::{Direction, MessageKind, NewLaunchRecord};
use crate::domain::lti_consumer::LtiConsumer;
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result, lti_urls};
use crate::lti::choices::{self, Wish};
use crate::lti::message::Message;
use crate::lti::refusal::Refusal;
use crate::store::{Tx, lti_consumers};

/// Shows an instructor the exams to choose from.
pub async fn offer(app: &App, message: Message) -> Result<HttpResponse, Refusal> {
    let Message { consumer, form, nonce, at } = message;
    let asked = VerifiedSelectionRequest::try_from(form).map_err(Refusal::of_message);
    let wish = asked.and_then(|asked| wish(&asked, &consumer, at));
    choices::offer(app, nonce, consumer, wish).await
}

fn wish(asked: &VerifiedSelectionRequest, consumer: &LtiConsumer, now: Timestamp) -> Result<Wish, Refusal> {
    let roles = asked.get("roles").map(Role::parse_list).unwrap_or_default();
    if !is_staff(&roles) {
        return Err(NoEntry::Role.into());
    }
    if !asked.accepts().takes(LTI_LINK) {
        return Err(Refusal::Malformed(format!("accept_media_types does not name {LTI_LINK}")));
    }
    let return_url = ("content_item_return_url", asked.return_url());
    Wish::new(consumer, return_url, asked.data(), asked.accepts().multiple, now)
}

/// The form that brings the links to the LMS, signed by its newest secret, and what the log keeps of it.
pub async fn reply(
    app: &App,
    consumer: &LtiConsumer,
    wish: &Wish,
    exams: &[Exam],
) -> Result<(SignedForm, NewLaunchRecord), Refusal> {
    let (now, signer) = (app.clock.now(), consumer.clone());
    let secrets = move |tx: &mut Tx<'_>| lti_consumers::secrets(tx, &signer, now);
    let secret = app.store.query(secrets).await?.into_iter().next().ok_or(Refusal::ShutOut)?;
    let broken = |error: examlink_lti::Error| Error::Internal(error.to_string());
    let url = LaunchUrl::parse(&wish.return_url, true).map_err(broken)?;
    let items: Vec<ContentItem> = exams.iter().map(|exam| item(app, exam)).collect();
    let selection =
        Selection { items: (!items.is_empty()).then_some(items), data: wish.data.clone(), ..Selection::default() };
    let method = SignatureMethod::HmacSha1;
    let credentials = Credentials { consumer_key: consumer.consumer_key.clone(), secret, method };
    let form = selection.sign(&url, &credentials, &app.stamp(now)?).map_err(broken)?;
    let (about, kind, action) = (consumer.about(), MessageKind::ContentItems, form.action.clone());
    let record = NewLaunchRecord::new(about, Direction::ToPlatform, kind, action, now).with_form(&form.fields);
    Ok((form, record))
}

/// The link to an exam. The LMS sends its number back with every launch.
fn item(app: &App, exam: &Exam) -> ContentItem {
    let name = exam.settings.name.to_string();
    ContentItem {
        url: Some(format!("{}{}", app.public_url.as_str(), lti_urls::LAUNCH)),
        title: Some(name.clone()),
        media_type: Some(LTI_LINK.into()),
        custom: vec![("exam_id".into(), exam.id.to_string())],
        line_item: Some(LineItem {
            label: Some(name),
            activity_id: Some(exam.token.clone()),
            normal_maximum: Some(MAXIMUM),
            total_maximum: Some(MAXIMUM),
            ..LineItem::default()
        }),
        ..ContentItem::default()
    }
}
