//! What tools keep here (LTI 1.2 and 2.0, Tool Settings): for themselves, for an exam, for one link. The key of the tool
//! provider opens its own and no other.

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_MATCH};
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, get, put};
use examlink_lti::v1::oauth1::UnverifiedMessage;
use examlink_lti::v1::tool_settings::{Bubble, FULL, Format, Level, SIMPLE, Settings, read, write};
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::domain::Error;
use crate::domain::id::{ExamId, LtiResourceId, ToolProviderId};
use crate::domain::lti_urls::SettingsPlace;
use crate::domain::tool_settings::{Stored, check};
use crate::lti::problem::Problem;
use crate::lti::signed::{Unsigned, authorization, body, called, verify};
use crate::store::{Nonce, Tx, tool_settings};

/// Shows settings: of one level, or with the outer ones (`?bubble=all` or `distinct`).
#[get("/lti/1.1/tool_settings/{place:.*}")]
pub async fn show_tool_settings(
    request: HttpRequest,
    place: Path<String>,
    payload: Payload,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let place = place_of(&place)?;
    let body = body(payload).await.ok_or_else(Problem::too_large)?;
    let nonce = signed_by_its_tool(&request, &body, &app, place).await?;
    let (bubble, format) = match asked(&request) {
        Ok(asked) => asked,
        Err(problem) => {
            app.store.spend(nonce).await?;
            return Err(problem);
        }
    };
    let stored = app.store.read(nonce, move |tx| tool_settings::levels(tx, place)).await?;
    let tag = tag_of(stored.first());
    let levels = stored.into_iter().map(|stored| level(stored, app.public_url.as_str())).collect();
    let text = write(levels, bubble, format).map_err(|error| invalid(error.to_string()))?;
    let mut reply = HttpResponse::Ok();
    reply.content_type(format.media_type()).insert_header((CACHE_CONTROL, "no-store")).insert_header((ETAG, tag));
    Ok(reply.body(text))
}

/// Replaces all settings of one level. `If-Match` holds it to what was read.
#[put("/lti/1.1/tool_settings/{place:.*}")]
pub async fn replace_tool_settings(
    request: HttpRequest,
    place: Path<String>,
    payload: Payload,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let place = place_of(&place)?;
    let body = body(payload).await.ok_or_else(Problem::too_large)?;
    let nonce = signed_by_its_tool(&request, &body, &app, place).await?;
    let values = match new_values(&request, &body, place) {
        Ok(values) => values,
        Err(problem) => {
            app.store.spend(nonce).await?;
            return Err(problem);
        }
    };
    let (now, expected) = (app.clock.now(), header(&request, IF_MATCH).map(ToOwned::to_owned));
    let replace = move |tx: &mut Tx<'_>| {
        tool_settings::replace(tx, place, &values, now, |current| match &expected {
            Some(tags) if !names(tags, &tag_of(Some(current))) => Err(Error::PreconditionFailed),
            _ => Ok(()),
        })
    };
    app.store.write(nonce, replace).await?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).finish())
}

/// The place that the end of the path names.
fn place_of(path: &str) -> Result<SettingsPlace, Problem> {
    let parts: Vec<&str> = path.split('/').collect();
    let number = |text: &str| text.parse::<i64>().ok().filter(|id| *id > 0 && id.to_string() == text);
    let place = match parts.as_slice() {
        [tool] => number(tool).map(|tool| SettingsPlace::Tool(ToolProviderId(tool))),
        [tool, "exams", exam] => {
            number(tool).zip(number(exam)).map(|(tool, exam)| SettingsPlace::Exam(ToolProviderId(tool), ExamId(exam)))
        }
        [tool, "lti_resources", resource] => number(tool)
            .zip(number(resource))
            .map(|(tool, resource)| SettingsPlace::Link(ToolProviderId(tool), LtiResourceId(resource))),
        _ => None,
    };
    place.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "not_found", "There are no tool settings at this URL."))
}

fn invalid(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid", detail)
}

/// The nonce of a request that the tool of this place has signed; any other tool's signature is a wrong one.
async fn signed_by_its_tool(
    request: &HttpRequest,
    body: &[u8],
    app: &App,
    place: SettingsPlace,
) -> Result<Nonce, Problem> {
    let method = request.method().as_str();
    let message = UnverifiedMessage::read(method, &called(app, request), authorization(request), body)
        .map_err(|error| Unsigned::refused(&error))?;
    let signed = verify(app, message).await??;
    if signed.tools.iter().all(|tool| tool.id != place.tool()) {
        app.store.spend(signed.nonce).await?;
        return Err(Unsigned::refused(&examlink_lti::Error::OauthSignature).into());
    }
    Ok(signed.nonce)
}

fn asked(request: &HttpRequest) -> Result<(Option<Bubble>, Format), Problem> {
    let bubble = bubble_of(request);
    let bubble =
        bubble.as_deref().map(|text| Bubble::parse(text).ok_or_else(|| invalid("bubble must be all or distinct")));
    let format = Format::of_accept(header(request, ACCEPT).unwrap_or_default()).ok_or_else(|| {
        Problem::new(StatusCode::NOT_ACCEPTABLE, "not_acceptable", format!("accept {FULL} or {SIMPLE}"))
    })?;
    let bubble = bubble.transpose()?;
    if (bubble, format) == (Some(Bubble::All), Format::Simple) {
        return Err(invalid(format!("bubble=all needs Accept: {FULL}")));
    }
    Ok((bubble, format))
}

fn new_values(request: &HttpRequest, body: &[u8], place: SettingsPlace) -> Result<Stored, Problem> {
    if bubble_of(request).is_some() {
        return Err(invalid("bubble is for reading; each level is written at its own URL"));
    }
    let format = Format::of_content_type(header(request, CONTENT_TYPE).unwrap_or_default()).ok_or_else(|| {
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", format!("send {FULL} or {SIMPLE}"))
    })?;
    let values = read(body, format, level_of(place)).map_err(|error| invalid(error.to_string()))?;
    Ok(check(values)?)
}

fn bubble_of(request: &HttpRequest) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    pairs.find(|(name, _)| name == "bubble").map(|(_, value)| value.into_owned())
}

fn header(request: &HttpRequest, name: actix_web::http::header::HeaderName) -> Option<&str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

fn level((place, Stored(values)): (SettingsPlace, Stored), origin: &str) -> Settings {
    Settings { level: level_of(place), url: place.url(origin), values }
}

const fn level_of(place: SettingsPlace) -> Level {
    match place {
        SettingsPlace::Tool(_) => Level::System,
        SettingsPlace::Exam(..) => Level::Context,
        SettingsPlace::Link(..) => Level::Link,
    }
}

/// An entity tag (RFC 9110 section 8.8.3) of the level's own values, whatever format they are shown in.
fn tag_of(level: Option<&(SettingsPlace, Stored)>) -> String {
    let values = level.and_then(|(_, stored)| serde_json::to_vec(stored).ok()).unwrap_or_default();
    format!("\"{}\"", hex::encode(&Sha256::digest(values)[..16]))
}

fn names(tags: &str, current: &str) -> bool {
    tags.trim() == "*" || tags.split(',').any(|tag| tag.trim() == current)
}
