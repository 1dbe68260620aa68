//! Choosing exams to link to (Content-Item Message 1.0): the LMS asks, an instructor chooses, the LMS gets the links.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, post};
use examlink_lti::v1::content_item::{ContentItem, LTI_LINK, LineItem, Selection, VerifiedSelectionRequest};
use examlink_lti::v1::credentials::Credentials;
use examlink_lti::v1::launch::LaunchUrl;
use examlink_lti::v1::oauth1::SignatureMethod;
use examlink_lti::v1::roles::Role;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::domain::arrival::{NoEntry, is_staff};
use crate::domain::exam::Exam;
use crate::domain::id::{ExamId, LtiConsumerId};
use crate::domain::lti_consumer::LtiConsumer;
use crate::domain::secret::Secret;
use crate::domain::time::{Span, Timestamp};
use crate::domain::{Error, Result, lti_urls};
use crate::lti::message::Message;
use crate::lti::placement::{line, reachable, reached};
use crate::lti::refusal::Refusal;
use crate::lti::views::{ChoosePage, SentPage};
use crate::page::{Policy, html};
use crate::store::{Tx, lti_consumers};

const PURPOSE: &str = "choice of content items";
const PATH: &str = "/lti/1.1/choices";
/// How long somebody may choose.
const VALID: Span = Span::hours(1);
/// The most points of an exam in the gradebook of an LMS: results go there as parts of one.
const MAXIMUM: f64 = 100.0;

/// What an LMS asked for. It goes through the browser, with a proof that it comes from here.
#[derive(Debug, Serialize, Deserialize)]
struct Wish {
    consumer: LtiConsumerId,
    return_url: String,
    data: Option<String>,
    multiple: bool,
    until: i64,
}

/// Shows an instructor the exams to choose from.
pub async fn offer(app: &App, message: Message) -> Result<HttpResponse, Refusal> {
    let Message { consumer, form, nonce, at } = message;
    let asked = VerifiedSelectionRequest::try_from(form).map_err(Refusal::of_message);
    let wish = asked.and_then(|asked| Wish::read(&asked, &consumer, at));
    let find = move |tx: &mut Tx<'_>| {
        let exams = reachable(tx, &consumer)?;
        Ok((consumer, exams))
    };
    let (consumer, exams) = app.store.read(nonce, find).await?;
    let wish = wish?;
    let text = serde_json::to_string(&wish).map_err(|error| Error::Internal(error.to_string()))?;
    let hidden = [("proof", app.keys.ticket(PURPOSE, &text)), ("wish", text)];
    let lines: Vec<_> = exams.iter().map(|exam| line(exam, None)).collect();
    let page = ChoosePage {
        title: consumer.settings.name.as_str(),
        action: PATH,
        hidden: &hidden,
        several: wish.multiple,
        may_cancel: true,
        exams: &lines,
    };
    let ancestors = consumer.settings.frame_origins.texts().collect();
    Ok(html(StatusCode::OK, &Policy { ancestors, ..Policy::default() }, &page))
}

impl Wish {
    fn read(asked: &VerifiedSelectionRequest, consumer: &LtiConsumer, now: Timestamp) -> Result<Self, Refusal> {
        let roles = asked.get("roles").map(Role::parse_list).unwrap_or_default();
        if !is_staff(&roles) {
            return Err(NoEntry::Role.into());
        }
        if !asked.accepts().takes(LTI_LINK) {
            return Err(Refusal::Malformed(format!("accept_media_types does not name {LTI_LINK}")));
        }
        let return_url = consumer.settings.return_url(asked.return_url()).ok_or_else(|| {
            Refusal::Malformed("the host of content_item_return_url is not among the return_hosts".into())
        })?;
        Ok(Self {
            consumer: consumer.id,
            return_url: return_url.to_string(),
            data: asked.data().map(ToOwned::to_owned),
            multiple: asked.accepts().multiple,
            until: (now + VALID).seconds(),
        })
    }

    /// A wish that comes from here and may still be granted.
    fn open(app: &App, text: &str, proof: &str, now: Timestamp) -> Option<Self> {
        let ours = app.keys.is_ticket(proof, PURPOSE, text);
        let wish: Self = serde_json::from_str(text).ok()?;
        (ours && now.seconds() < wish.until).then_some(wish)
    }
}

/// What was chosen, field by field: `exam_id` may come more than once.
#[derive(Debug, Default)]
struct Choice {
    wish: String,
    proof: String,
    exams: Vec<ExamId>,
}

impl Choice {
    fn read(body: &[u8]) -> Self {
        let mut choice = Self::default();
        let mut cancelled = false;
        for (name, value) in url::form_urlencoded::parse(body) {
            match &*name {
                "wish" => choice.wish = value.into_owned(),
                "proof" => choice.proof = value.into_owned(),
                "exam_id" => choice.exams.extend(value.parse().ok().map(ExamId)),
                "cancel" => cancelled = true,
                _ => {}
            }
        }
        if cancelled {
            choice.exams.clear();
        }
        choice
    }
}

/// Sends the LMS the links that were chosen, or word that nothing was.
#[post("/lti/1.1/choices")]
pub async fn send_selection(request: HttpRequest, body: Bytes, app: Data<App>) -> HttpResponse {
    let choice = Choice::read(&body);
    match Wish::open(&app, &choice.wish, &choice.proof, app.clock.now()) {
        Some(wish) => grant(&app, wish, choice.exams).await.unwrap_or_else(|why| why.page(&request, Vec::new())),
        None => Refusal::Expired.page(&request, Vec::new()),
    }
}

async fn grant(app: &App, wish: Wish, chosen: Vec<ExamId>) -> Result<HttpResponse, Refusal> {
    let (now, id, most) = (app.clock.now(), wish.consumer, if wish.multiple { usize::MAX } else { 1 });
    let find = move |tx: &mut Tx<'_>| {
        let Some(consumer) = lti_consumers::get(tx, None, id).ok().filter(|consumer| !consumer.settings.disabled)
        else {
            return Ok(None);
        };
        let secret = lti_consumers::secrets(tx, &consumer, now)?.into_iter().next();
        let mut exams = Vec::new();
        for exam in chosen.into_iter().take(most) {
            exams.extend(reached(tx, &consumer, exam)?);
        }
        Ok(secret.map(|secret| (consumer, secret, exams)))
    };
    let (consumer, secret, exams) = app.store.query(find).await?.ok_or(Refusal::ShutOut)?;
    reply(app, (&consumer, secret), &wish, &exams, now).map_err(Refusal::from)
}

fn reply(
    app: &App,
    (consumer, secret): (&LtiConsumer, Secret),
    wish: &Wish,
    exams: &[Exam],
    now: Timestamp,
) -> Result<HttpResponse> {
    let broken = |error: examlink_lti::Error| Error::Internal(error.to_string());
    let url = LaunchUrl::parse(&wish.return_url, true).map_err(broken)?;
    let items: Vec<ContentItem> = exams.iter().map(|exam| item(app, exam)).collect();
    let selection =
        Selection { items: (!items.is_empty()).then_some(items), data: wish.data.clone(), ..Selection::default() };
    let method = SignatureMethod::HmacSha1;
    let credentials = Credentials { consumer_key: consumer.consumer_key.clone(), secret, method };
    let form = selection.sign(&url, &credentials, &app.stamp(now)?).map_err(broken)?;
    let page = SentPage { tool: consumer.settings.name.as_str(), action: &form.action, fields: &form.fields };
    let ancestors = consumer.settings.frame_origins.clone().texts().collect();
    let policy = Policy { forms: vec![url.origin()], ancestors, ..Policy::default() };
    Ok(html(StatusCode::OK, &policy, &page))
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
