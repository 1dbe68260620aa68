//! What an author chose in a tool of LTI 1.3 (Deep Linking 2.0, response message), brought by the author's browser.
//!
//! Who the author is stands in the data that the tool brings back, so no cookie is needed; that the tool means it, in the
//! signature. The data serves once, in the commit of what comes of it. Files are fetched before that commit.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, post};
use examlink_lti::v1p3::claims::DEEP_LINKING_DATA;
use examlink_lti::v1p3::deep_linking::{Asked, ContentItem, RESPONSE_TYPE, Response};
use examlink_lti::v1p3::tool_message::ToolMessage;

use crate::app::{App, off_worker};
use crate::domain::chosen_item::{self, ChosenItem};
use crate::domain::launch::check::MessageCheck;
use crate::domain::launch::record::MessageKind;
use crate::domain::lti_urls;
use crate::domain::selection::{Outcome, Reply, Selection, SelectionFacts, SelectionState};
use crate::domain::tool_provider::ToolProvider;
use crate::domain::{Error, Result};
use crate::lti::chosen_files::ChosenFiles;
use crate::lti::received::Received;
use crate::lti::refusal::Refusal;
use crate::lti::tool_keys::ToolKeys;
use crate::lti::tool_message;
use crate::page::see_other;
use crate::store::{Sender, Tx, selections};

/// Characters of what a tool says that are shown.
const SHOWN: usize = 500;
/// Characters of what a tool says that are logged.
const LOGGED: usize = 2_000;

/// Receives what was chosen, and leads the author to the page that says what came of it.
#[post("/lti/1.3/deep_links")]
pub async fn receive_deep_links(
    request: HttpRequest,
    body: Bytes,
    app: Data<App>,
    keys: Data<ToolKeys>,
    files: Data<ChosenFiles>,
) -> HttpResponse {
    let mut received = Received::from_tool(MessageKind::DeepLinks, lti_urls::DEEP_LINKS);
    let outcome = receive(&body, &app, &keys, &files, &mut received).await;
    received.note(&app, outcome.as_ref().err());
    match outcome {
        Ok(selection) => see_other(&format!("/selections/outcomes/{}", selection.outcome_name(&app.keys))),
        Err(refusal) => refusal.page(&request, Vec::new()),
    }
}

async fn receive(
    body: &[u8],
    app: &App,
    keys: &ToolKeys,
    files: &ChosenFiles,
    received: &mut Received,
) -> Result<Selection, Refusal> {
    let (message, tool, from) = tool_message::receive(body, app, keys, RESPONSE_TYPE, received).await?;
    received.at(MessageCheck::Data);
    let facts = find(&message, &tool, app).await?;
    received.is_about(|about| *about = facts.about());
    tool_message::check(from, facts.selection.tool_deployment_id)?;
    received.at(MessageCheck::Once);
    let sender = Sender::Tool(tool.id);
    let nonce =
        app.admit(sender, message.ends, &format!("deep link {}", message.nonce)).map_err(Error::Unauthenticated)?;
    received.at(MessageCheck::Selection);
    let reply = read(&message, &facts, app, files).await?;
    let stored = reply.outcome.stored_names();
    let (id, limits, random) = (facts.selection.id, (app.clock.now(), app.attachment_quota), app.random);
    let finish = move |tx: &mut Tx<'_>| selections::finish(tx, id, reply.clone(), limits, || Ok(random.hex::<16>()?));
    let finished = app.store.write(nonce, finish).await;
    // An unavailable database may have committed all the same: then the sweep decides.
    let placed = finished.as_ref().map(|selection| selection.state == SelectionState::Done);
    if !placed.unwrap_or_else(|error| matches!(error, Error::Unavailable(_))) {
        app.forget_files(stored).await;
    }
    match finished {
        Ok(selection) => Ok(selection),
        Err(Error::Conflict(_)) => Err(Refusal::SelectionOver),
        Err(error) => Err(error.into()),
    }
}

/// The selection whose data this is. Another tool's is nobody's.
async fn find(message: &ToolMessage, tool: &ToolProvider, app: &App) -> Result<SelectionFacts, Refusal> {
    let nobodys = || Refusal::Tool("the data is that of no selection of this tool".into());
    let data = message.claims.text(DEEP_LINKING_DATA).unwrap_or_default();
    let id = Selection::of_data(data).ok_or_else(nobodys)?;
    let found = app.store.query(move |tx| selections::find(tx, id)).await?;
    let facts = found.map(|(facts, _)| facts).filter(|facts| facts.selection.is_data(data, &app.keys));
    facts.filter(|facts| facts.tool.id == tool.id).ok_or_else(nobodys)
}

/// What comes of the reply. A tool that reports an error has given nothing, whatever else it sends.
async fn read(message: &ToolMessage, facts: &SelectionFacts, app: &App, files: &ChosenFiles) -> Result<Reply, Refusal> {
    let settings = facts.settings(app.public_url.as_str(), &app.keys, app.files.is_some());
    let asked = Asked { settings: &settings, allow_http: app.allow_http_tools };
    let said = match Response::read(message, &asked) {
        Ok(said) => said,
        Err(error) => {
            let why = format!("The tool's answer cannot be taken: {error}");
            return Ok(Reply { outcome: failed(&why), message: None });
        }
    };
    log(&facts.selection, &said);
    let error = said.error.as_deref().or(said.error_log.as_deref().map(|_| "The tool reports an error."));
    let outcome = match (error, said.items.as_slice()) {
        (Some(error), _) => failed(error),
        (None, []) if said.passed_over > 0 => failed("The tool gave nothing of a type that an exam can take."),
        (None, []) => Outcome::Cancelled,
        (None, items) => chosen(items, facts, app, files).await?,
    };
    let message = said.message.map(|text| cut(&text, SHOWN)).into_iter().chain(passed_over(said.passed_over));
    let message = message.collect::<Vec<_>>().join(" ");
    Ok(Reply { outcome, message: Some(message).filter(|message| !message.is_empty()) })
}

/// What is chosen, its files on the disk. Nothing is fetched for a selection that is over.
async fn chosen(
    items: &[ContentItem],
    facts: &SelectionFacts,
    app: &App,
    files: &ChosenFiles,
) -> Result<Outcome, Refusal> {
    let now = app.clock.now();
    let (items, tool, allow_http) = (items.to_vec(), facts.tool.clone(), app.allow_http_tools);
    let wanted = match off_worker(move || Ok(chosen_item::read_all(&items, (&tool, allow_http), now))).await? {
        Ok(wanted) => wanted,
        Err(why) => return Ok(failed(&why)),
    };
    let waits = facts.selection.state_at(now) == SelectionState::Waiting;
    if !waits && wanted.iter().any(|item| matches!(item, ChosenItem::File(_))) {
        return Err(Refusal::SelectionOver);
    }
    let fetched = files.fetch(app, wanted).await?;
    Ok(fetched.map_or_else(|why| failed(&why), Outcome::Chosen))
}

fn failed(why: &str) -> Outcome {
    Outcome::Failed(cut(why, SHOWN))
}

/// What the author is told of items of a vendor's own types.
fn passed_over(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("(1 item of a type that an exam cannot take was left out.)".into()),
        more => Some(format!("({more} items of types that an exam cannot take were left out.)")),
    }
}

fn log(selection: &Selection, said: &Response) {
    let selection = selection.id;
    if let Some(text) = &said.log {
        tracing::info!(%selection, log = cut(text, LOGGED), "a tool sent an author back");
    }
    if let Some(text) = &said.error_log {
        tracing::warn!(%selection, errorlog = cut(text, LOGGED), "a tool sent an author back with an error");
    }
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
