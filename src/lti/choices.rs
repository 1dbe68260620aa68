//! Choosing exams to link to: an LMS asks, an instructor chooses, the LMS gets the links. How it asks and is answered
//! is in [`content_items`] for LTI 1.1 and in [`exam_links`] for LTI 1.3.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, post};
use examlink_lti::v1::launch::{LaunchUrl, SignedForm};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::domain::id::{ExamId, LtiConsumerId};
use crate::domain::lti_consumer::LtiConsumer;
use crate::domain::time::{Span, Timestamp};
use crate::domain::{Error, Result};
use crate::lti::placement::{line, reachable, reached};
use crate::lti::refusal::Refusal;
use crate::lti::views::{ChoosePage, SentPage};
use crate::lti::{content_items, exam_links};
use crate::page::{Policy, html};
use crate::store::{Nonce, Tx, lti_consumers};

const PURPOSE: &str = "choice of content items";
const PATH: &str = "/lti/1.1/choices";
/// How long somebody may choose.
const VALID: Span = Span::hours(1);

/// What an LMS asked for. It goes through the browser, with a proof that it comes from here.
#[derive(Debug, Serialize, Deserialize)]
pub struct Wish {
    /// The LMS.
    pub consumer: LtiConsumerId,
    /// Where the links go.
    pub return_url: String,
    /// What goes back as it came.
    pub data: Option<String>,
    /// Whether several may be chosen.
    pub multiple: bool,
    /// What only LTI 1.3 says; `None` by LTI 1.1.
    pub deployed: Option<Deployed>,
    until: i64,
}

/// What a platform of LTI 1.3 says beside.
#[derive(Debug, Serialize, Deserialize)]
pub struct Deployed {
    /// The deployment that asks.
    pub deployment_id: String,
    /// Whether it makes line items of the links.
    pub line_items: bool,
}

impl Wish {
    /// The wish of an LMS for links at its `return_url`, which must be on one of its hosts.
    pub fn new(
        consumer: &LtiConsumer,
        (field, return_url): (&str, &str),
        data: Option<&str>,
        multiple: bool,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let url = consumer
            .settings
            .return_url(return_url)
            .ok_or_else(|| Refusal::Malformed(format!("the host of {field} is not among the return_hosts")))?;
        Ok(Self {
            consumer: consumer.id,
            return_url: url.to_string(),
            data: data.map(ToOwned::to_owned),
            multiple,
            deployed: None,
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

/// Shows an instructor the exams to choose from, and spends the nonce of the message, also where its wish is refused.
pub async fn offer(
    app: &App,
    nonce: Nonce,
    consumer: LtiConsumer,
    wish: Result<Wish, Refusal>,
) -> Result<HttpResponse, Refusal> {
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
    let (id, most) = (wish.consumer, if wish.multiple { usize::MAX } else { 1 });
    let find = move |tx: &mut Tx<'_>| {
        let Some(consumer) = lti_consumers::find_open(tx, id)? else { return Ok(None) };
        let mut exams = Vec::new();
        for exam in chosen.into_iter().take(most) {
            exams.extend(reached(tx, &consumer, exam)?);
        }
        Ok(Some((consumer, exams)))
    };
    let (consumer, exams) = app.store.query(find).await?.ok_or(Refusal::ShutOut)?;
    let (form, record) = match &wish.deployed {
        Some(deployed) => exam_links::reply(app, (&wish, deployed), &exams).await?,
        None => content_items::reply(app, &consumer, &wish, &exams).await?,
    };
    let page = sent(&consumer, &form)?;
    app.store.note_launch(|| record);
    Ok(page)
}

/// The page that brings the links to the LMS.
fn sent(consumer: &LtiConsumer, form: &SignedForm) -> Result<HttpResponse> {
    let url = LaunchUrl::parse(&form.action, true).map_err(|error| Error::Internal(error.to_string()))?;
    let page = SentPage { tool: consumer.settings.name.as_str(), action: &form.action, fields: &form.fields };
    let ancestors = consumer.settings.frame_origins.clone().texts().collect();
    let policy = Policy { forms: vec![url.origin()], ancestors, ..Policy::default() };
    Ok(html(StatusCode::OK, &policy, &page))
}
