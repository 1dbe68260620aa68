//! The files of a student's exam: `/sessions/<token>/attachments/<id>`.

use std::fs::File;
use std::io::{self, Read as _};

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use futures_util::{Stream, stream};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::app::{App, off_worker};
use crate::domain::attachment::{Attachment, FileName};
use crate::domain::exam::Exam;
use crate::domain::id::AttachmentId;
use crate::domain::secret::{Secret, TokenHash};
use crate::domain::student_session::{Door, StudentSession};
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};
use crate::store::{Tx, attachments, student_sessions};
use crate::web::launch::why;
use crate::web::page::{failed, message};
use crate::web::views::Message;

/// Bytes that are read and sent at once.
const PIECE: usize = 64 << 10;
/// Should a browser ever show the file as a page, nothing in it runs, loads or reaches this server.
const POLICY: &str = "sandbox; default-src 'none'";

/// Sends a file of the exam, to be saved or to be shown by an image of the exam page, while the student takes the exam.
#[get("/sessions/{token}/attachments/{id}")]
pub async fn send_attachment(request: HttpRequest, path: Path<(String, String)>, app: Data<App>) -> HttpResponse {
    let (token, id) = path.into_inner();
    let hash = TokenHash::of(&Secret::new(token));
    // What is no number is the id of nothing.
    let id = AttachmentId(id.parse().unwrap_or(0));
    let now = app.clock.now();
    let found = app.store.query(move |tx| find(tx, (hash, now), id)).await;
    let (door, attachment) = match found {
        Ok(Ok((session, exam, attachment))) => (session.door(&exam, now), attachment),
        Ok(Err(refused)) => return message(&request, refused),
        Err(error) => return failed(&request, &error),
    };
    match door {
        Door::Running(_) => {}
        closed => return message(&request, why(closed)),
    }
    match open(&app, attachment.stored_name.clone()).await {
        Ok(file) => send(&attachment, file),
        Err(error) => failed(&request, &error),
    }
}

type Found = (StudentSession, Exam, Attachment);

fn find(tx: &mut Tx<'_>, token: (TokenHash, Timestamp), id: AttachmentId) -> Result<Result<Found, Message>> {
    Ok(match attachments::by_token(tx, token, id)? {
        Some(found) => Ok(found),
        None if student_sessions::by_token(tx, token)?.is_some() => Err(Message::NoFile),
        None => Err(Message::WrongLink),
    })
}

async fn open(app: &App, stored_name: String) -> Result<File> {
    let folder = app.files.clone().ok_or_else(|| Error::Internal("EXAMLINK_ATTACHMENTS is not set".into()))?;
    off_worker(move || folder.open(&stored_name)).await
}

fn send(attachment: &Attachment, file: File) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(attachment.document_content_type.header())
        .insert_header((CONTENT_DISPOSITION, disposition(&attachment.document_file_name)))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header(("Cross-Origin-Resource-Policy", "same-origin"))
        .insert_header(("Cache-Control", "private, no-store"))
        .no_chunking(u64::try_from(attachment.document_file_size).unwrap_or_default())
        .streaming(pieces(file))
}

/// RFC 6266: the name for browsers that read UTF-8, and one in ASCII for the others.
fn disposition(name: &FileName) -> String {
    let ascii: String = name.as_str().chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let encoded = utf8_percent_encode(name.as_str(), NON_ALPHANUMERIC);
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

fn pieces(file: File) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold(file, |mut file| async move {
        let read = off_worker(move || {
            let mut bytes = vec![0; PIECE];
            let read = file.read(&mut bytes).map_err(|error| Error::Internal(error.to_string()))?;
            bytes.truncate(read);
            Ok((bytes, file))
        });
        let (bytes, file) = read.await.map_err(io::Error::other)?;
        Ok(if bytes.is_empty() { None } else { Some((Bytes::from(bytes), file)) })
    })
}
