//! A multipart body with a file: the file goes to the disk as it comes, a piece at a time, and the other parts are
//! parameters as in any body.

use std::cell::RefCell;
use std::io::ErrorKind;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use sha2::{Digest as _, Sha256};
use tokio::time::{Duration, Instant, timeout_at};

use crate::api::params::Value;
use crate::api::params::body::{self, Body, MAX_BODY, Unique};
use crate::api::problem::{Kind, Problem};
use crate::app::{App, off_worker};
use crate::domain::attachment::MAX_FILE;
use crate::store::files::Draft;

/// The largest file and the largest other parameters.
const MAX_UPLOAD: u64 = MAX_FILE + MAX_BODY as u64;
/// Bytes that are written at once.
const PIECE: usize = 256 << 10;
/// The time in which a body must begin. From then on each [`PACE`] bytes buy a second.
const PATIENCE: Duration = Duration::from_secs(5);
/// The fewest bytes in a second.
const PACE: u64 = 64 << 10;

/// A file that came with a request, on the disk and not yet kept. Nothing that the client says of it has been checked.
#[derive(Debug)]
pub struct Upload {
    /// The name that the client gave.
    pub name: String,
    /// The type that the client declared.
    pub declared: Option<String>,
    /// The file.
    pub draft: Draft,
}

/// Reads a multipart body whose part `field` is a file. The file is none where there is no such part.
pub async fn read(request: &HttpRequest, payload: Payload, field: &str, app: &App) -> Result<Body, Problem> {
    let announced = request.headers().get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.unwrap_or(0) > MAX_UPLOAD {
        return Err(too_large());
    }
    let bytes = Rc::new(RefCell::new(Box::pin(guarded(payload))));
    let (hash, source) = (Rc::new(RefCell::new(Sha256::new())), bytes.clone());
    let hashed = hash.clone();
    let counted = move |cx: &mut Context<'_>| {
        let next = source.borrow_mut().as_mut().poll_next(cx);
        if let Poll::Ready(Some(Ok(chunk))) = &next {
            hashed.borrow_mut().update(chunk);
        }
        next
    };
    let mut parts = Multipart::new(request.headers(), stream::poll_fn(counted.clone()));
    let (mut pairs, mut upload, mut room) = (Unique::default(), None, MAX_BODY);
    while let Some(part) = parts.try_next().await.map_err(|error| broken(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        let is_file = part.content_disposition().is_some_and(|disposition| disposition.get_filename().is_some());
        if name != field && is_file {
            let why = format!("is a file, which this call does not take; it takes one as {field}");
            return Err(Problem::at(Kind::INVALID, &name, why));
        }
        if name != field {
            let value = text(part, room).await?;
            room -= value.len();
            let value = String::from_utf8(value).map_err(|_| Problem::at(Kind::MALFORMED, &name, "is not UTF-8"))?;
            pairs.add(name, Value::Text(value))?;
        } else if upload.is_none() {
            upload = Some(file(part, field, app).await?);
        } else {
            return Err(Problem::at(Kind::DUPLICATE, &name, "is given twice"));
        }
    }
    // What follows the last part belongs to the body too.
    let mut rest = stream::poll_fn(counted);
    while rest.try_next().await.map_err(|error| broken(&error.into()))?.is_some() {}
    let digest = hash.borrow().clone().finalize().into();
    Ok(Body { pairs: pairs.pairs, file: upload, digest: Some(digest) })
}

/// Whether a body is multipart.
pub fn is_multipart(request: &HttpRequest) -> bool {
    body::media_type(request.headers()).is_ok_and(|media_type| media_type == "multipart/form-data")
}

async fn text(mut part: Field, room: usize) -> Result<Vec<u8>, Problem> {
    let mut value = Vec::new();
    while let Some(chunk) = part.try_next().await.map_err(|error| broken(&error))? {
        if value.len() + chunk.len() > room {
            return Err(body::too_large());
        }
        value.extend_from_slice(&chunk);
    }
    Ok(value)
}

async fn file(mut part: Field, field: &str, app: &App) -> Result<Upload, Problem> {
    let Some(folder) = &app.files else {
        let why = "This server keeps no files: its operator must set EXAMLINK_ATTACHMENTS to a folder, \
                   which all servers of the database share.";
        return Err(Problem::new(Kind::UNAVAILABLE, why));
    };
    let name = part.content_disposition().and_then(|disposition| disposition.get_filename());
    let Some(name) = name.map(ToOwned::to_owned) else {
        return Err(Problem::at(Kind::INVALID, field, "must be sent as a file, with its name"));
    };
    let declared = part.content_type().map(ToString::to_string);
    let (folder, random) = (folder.clone(), app.random);
    let mut draft = off_worker(move || folder.draft(random)).await?;
    let mut piece = BytesMut::new();
    while let Some(chunk) = part.try_next().await.map_err(|error| broken(&error))? {
        if draft.would_overflow(piece.len() + chunk.len()) {
            return Err(too_large());
        }
        piece.extend_from_slice(&chunk);
        if piece.len() >= PIECE {
            draft = appended(draft, piece.split().freeze()).await?;
        }
    }
    Ok(Upload { name, declared, draft: appended(draft, piece.freeze()).await? })
}

async fn appended(mut draft: Draft, piece: Bytes) -> Result<Draft, Problem> {
    let append = move || {
        draft.append(&piece)?;
        Ok(draft)
    };
    Ok(off_worker(append).await?)
}

/// A body that ends with an error where it grows too large or comes too slowly.
fn guarded(payload: Payload) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    let start = (payload, Instant::now(), 0_u64);
    stream::try_unfold(start, |(mut payload, started, received)| async move {
        let until = started + PATIENCE + Duration::from_millis(received * 1_000 / PACE);
        let next = timeout_at(until, payload.next()).await;
        let Some(chunk) = next.map_err(|_| PayloadError::Io(ErrorKind::TimedOut.into()))? else { return Ok(None) };
        let chunk = chunk?;
        let received = received + chunk.len() as u64;
        if received > MAX_UPLOAD {
            Err(PayloadError::Overflow)
        } else {
            Ok(Some((chunk, (payload, started, received))))
        }
    })
}

fn too_large() -> Problem {
    Problem::new(Kind::TOO_LARGE, format!("The file is larger than {MAX_FILE} bytes."))
}

fn broken(error: &MultipartError) -> Problem {
    match error {
        MultipartError::Payload(PayloadError::Overflow) => too_large(),
        MultipartError::Payload(PayloadError::Io(error)) if error.kind() == ErrorKind::TimedOut => body::slow(),
        other => body::unreadable(other),
    }
}
