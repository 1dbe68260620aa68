//! Choosing content in a tool: the author's link to it, and the way back with what was chosen.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use examlink_lti::v1::content_item::VerifiedSelection;
use examlink_lti::v1::launch::{LaunchUrl, SignedForm};
use examlink_lti::v1::oauth1::{Param, UnverifiedRequest};

use crate::app::App;
use crate::domain::chosen_item::ChosenItem;
use crate::domain::chosen_link::ChosenLink;
use crate::domain::launch::check::MessageCheck;
use crate::domain::launch::record::{About, Direction, MessageKind, NewLaunchRecord};
use crate::domain::lti_urls;
use crate::domain::secret::{Secret, TokenHash};
use crate::domain::selection::{
    Outcome, Reply, SelectedItem, SelectedItems, Selection, SelectionFacts, SelectionState,
};
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};
use crate::page::{Policy, html};
use crate::store::{Sender, Tx, selections};
use crate::web::deep_linking;
use crate::web::page::{LOGGED, cut, failed, launch_page, message, refused, shown};
use crate::web::views::{Message, SelectionPage};

/// Sends an author to the tool: a request for content, signed now. Reloading makes a new one, as long as nothing has
/// come back.
#[get("/selections/{token}")]
pub async fn open_selection(request: HttpRequest, token: Path<String>, app: Data<App>) -> HttpResponse {
    let (hash, now) = (TokenHash::of(&Secret::new(token.into_inner())), app.clock.now());
    let find = move |tx: &mut Tx<'_>| {
        let Some((facts, secret)) = selections::by_token(tx, hash)? else { return Ok(None) };
        let registration = selections::registration(tx, &facts)?;
        Ok(Some((facts, secret, registration)))
    };
    let (facts, secret, registration) = match app.store.query(find).await {
        Ok(Some(found)) => found,
        Ok(None) => return message(&request, Message::NoSelection),
        Err(error) => return failed(&request, &error),
    };
    if facts.selection.state_at(now) != SelectionState::Waiting {
        return message(&request, Message::SelectionOver);
    }
    if let Some(registration) = registration {
        return deep_linking::begin(&request, &app, &facts, &registration);
    }
    match sign(&app, &facts, secret, now) {
        Ok(form) => {
            app.store.note_launch(|| {
                let (direction, kind) = (Direction::ToTool, MessageKind::ContentRequest);
                NewLaunchRecord::new(facts.about(), direction, kind, form.action.clone(), now).with_form(&form.fields)
            });
            launch_page(facts.tool.tool_name.as_str(), &form, Policy::default())
        }
        Err(error) => {
            tracing::error!(%error, selection = %facts.selection.id, "a request for content could not be made");
            message(&request, Message::NoTool)
        }
    }
}

fn sign(app: &App, facts: &SelectionFacts, secret: Secret, now: Timestamp) -> Result<SignedForm> {
    let broken = |error: examlink_lti::Error| Error::Internal(error.to_string());
    let url = LaunchUrl::parse(&facts.tool.tool_url, app.allow_http_tools).map_err(broken)?;
    let stamp = app.stamp(now)?;
    let message = facts.message(app.consumer()).map_err(broken)?;
    message.sign(&url, &facts.tool.credentials(secret), &stamp).map_err(broken)
}

/// Receives what was chosen, from the author's browser. Who the author is stands in the data that the tool brings back,
/// so no cookie is needed; that the tool means it, in the signature. The data serves once, in the commit of what comes
/// of it.
#[post("/lti/1.1/content_items")]
pub async fn receive_content_items(request: HttpRequest, body: Bytes, app: Data<App>) -> HttpResponse {
    let url = format!("{}{}", app.public_url.as_str(), request.uri());
    let form = match UnverifiedRequest::from_form("POST", &url, &body) {
        Ok(form) => form,
        Err(error) => return refused(&request, &error, Message::NotVerified),
    };
    let found = match find(&app, form.claimed("data").unwrap_or_default()).await {
        Ok(found) => found,
        Err(error) => return failed(&request, &error),
    };
    let about = found.as_ref().map(|(facts, _)| facts.about());
    match verify(&app, form, found) {
        Ok((facts, reply)) => finish(&request, &app, facts, &reply).await,
        Err((check, why)) => {
            if let Some(about) = about {
                note_refused(&app, (about, &[]), check, &why);
            }
            refused(&request, &why, Message::NotVerified)
        }
    }
}

/// Shows what came of a selection in a tool of LTI 1.3, to the author's browser, which was led here.
#[get("/selections/outcomes/{name}")]
pub async fn show_outcome(request: HttpRequest, name: Path<String>, app: Data<App>) -> HttpResponse {
    let Some(id) = Selection::of_data(&name) else { return message(&request, Message::NoSelection) };
    match app.store.query(move |tx| selections::find(tx, id)).await {
        Ok(Some((facts, _))) if facts.selection.is_outcome_name(&name, &app.keys) => show(&facts, &facts.selection),
        Ok(_) => message(&request, Message::NoSelection),
        Err(error) => failed(&request, &error),
    }
}

/// The selection whose data this is.
async fn find(app: &App, data: &str) -> Result<Option<(SelectionFacts, Secret)>> {
    let Some(id) = Selection::of_data(data) else { return Ok(None) };
    let found = app.store.query(move |tx| selections::find(tx, id)).await?;
    Ok(found.filter(|(facts, _)| facts.selection.is_data(data, &app.keys)))
}

/// The reply, if it is signed by the tool that was asked. Data that is nobody's is refused as a wrong signature is.
fn verify(
    app: &App,
    form: UnverifiedRequest,
    found: Option<(SelectionFacts, Secret)>,
) -> Result<(SelectionFacts, VerifiedSelection), (MessageCheck, String)> {
    let (facts, secret) = found.map_or((None, Secret::new("nobody's secret")), |(facts, secret)| (Some(facts), secret));
    let key = form.consumer_key().to_owned();
    let verified = form.verify(&secret, app.lti_window(app.clock.now())).map_err(|error| {
        let late = matches!(error, examlink_lti::Error::OauthTimestampWindow { .. });
        (if late { MessageCheck::Timestamp } else { MessageCheck::Signature }, error.to_string())
    })?;
    let facts = facts.ok_or_else(|| (MessageCheck::Data, "the data is that of no selection".to_owned()))?;
    if key != facts.tool.oauth_consumer_key.as_str() {
        return Err((MessageCheck::Signature, "the consumer key is another tool's".into()));
    }
    let reply = VerifiedSelection::try_from(verified).map_err(|error| (MessageCheck::Message, error.to_string()))?;
    Ok((facts, reply))
}

/// The answer as the log keeps it.
fn record(app: &App, (about, fields): (About, &[Param])) -> NewLaunchRecord {
    let url = format!("{}{}", app.public_url.as_str(), lti_urls::CONTENT_ITEMS);
    let now = app.clock.now();
    NewLaunchRecord::new(about, Direction::FromTool, MessageKind::ContentItems, url, now).with_form(fields)
}

/// Puts an answer that is refused into the log. Without fields it is one that the tool need not have signed.
fn note_refused(app: &App, said: (About, &[Param]), check: MessageCheck, why: &str) {
    if let Some(tool) = said.0.tool_provider_id {
        let record = record(app, said).refused(check, why.to_owned());
        app.store.note_refused(Sender::Tool(tool), !said.1.is_empty(), record);
    }
}

async fn finish(request: &HttpRequest, app: &App, facts: SelectionFacts, reply: &VerifiedSelection) -> HttpResponse {
    log(&facts.selection, reply);
    let sender = Sender::Tool(facts.tool.id);
    let said = (facts.about(), reply.request().params());
    let nonce = match app.admit(sender, reply.request().timestamp(), reply.request().nonce()) {
        Ok(nonce) => nonce,
        Err(error) => {
            note_refused(app, said, MessageCheck::Once, &error.to_string());
            return refused(request, &error, Message::SelectionOver);
        }
    };
    let read = read(reply, &facts, app.allow_http_tools);
    let (id, limits, random) = (facts.selection.id, (app.clock.now(), app.attachment_quota), app.random);
    let finish = move |tx: &mut Tx<'_>| selections::finish(tx, id, read.clone(), limits, || Ok(random.hex::<16>()?));
    match app.store.write(nonce, finish).await {
        Ok(selection) => {
            app.store.note_launch(|| record(app, said));
            show(&facts, &selection)
        }
        Err(error @ (Error::Conflict(_) | Error::Unauthenticated(_))) => {
            let spent = matches!(error, Error::Unauthenticated(_));
            let check = if spent { MessageCheck::Once } else { MessageCheck::Selection };
            note_refused(app, said, check, &error.to_string());
            refused(request, &error, Message::SelectionOver)
        }
        Err(error) => failed(request, &error),
    }
}

/// What comes of the reply. A tool that reports an error has given nothing, whatever else it sends.
fn read(reply: &VerifiedSelection, facts: &SelectionFacts, allow_http: bool) -> Reply {
    let error = reply.get("lti_errormsg").or(reply.get("lti_errorlog").map(|_| "The tool reports an error."));
    let outcome = match (error, reply.items()) {
        (Some(_), _) => Outcome::Failed(shown(error).unwrap_or_default()),
        (None, Err(error)) => Outcome::Failed(format!("The tool's answer cannot be read: {error}")),
        (None, Ok(items)) if items.is_empty() => Outcome::Cancelled,
        (None, Ok(items)) => match ChosenLink::read_all(&items, &facts.tool, allow_http) {
            Ok(links) => Outcome::Chosen(links.into_iter().map(|link| ChosenItem::Link(Box::new(link))).collect()),
            Err(why) => Outcome::Failed(shown(Some(&why)).unwrap_or_default()),
        },
    };
    Reply { outcome, message: shown(reply.get("lti_msg")) }
}

fn log(selection: &Selection, reply: &VerifiedSelection) {
    let selection = selection.id;
    if let Some(text) = reply.get("lti_log") {
        tracing::info!(%selection, lti_log = cut(text, LOGGED), "a tool sent an author back");
    }
    if let Some(text) = reply.get("lti_errorlog") {
        tracing::warn!(%selection, lti_errorlog = cut(text, LOGGED), "a tool sent an author back with an error");
    }
}

fn show(facts: &SelectionFacts, selection: &Selection) -> HttpResponse {
    let SelectedItems(items) = &selection.items;
    let added = |item: &SelectedItem| {
        let name = item.title.clone().unwrap_or_else(|| item.kind.to_string());
        (name, item.instructions.clone())
    };
    let page = SelectionPage {
        exam: facts.exam.settings.name.as_str(),
        added: &items.iter().map(added).collect::<Vec<_>>(),
        error: selection.error.as_deref(),
        message: selection.message.as_deref(),
    };
    html(StatusCode::OK, &Policy::default(), &page)
}
