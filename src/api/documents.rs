//! `/exams/:exam_id/documents`: the exam's instructions, one document per exam.

use actix_web::web::Data;
use actix_web::{delete, get, patch, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::api::auth::{Auth, Signed};
use crate::api::params::{Accepts, Given, requires};
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Created, Deleted, Shown, shows};
use crate::app::{App, off_worker};
use crate::domain::access::{AuthorExams, ReadContent};
use crate::domain::document::{Checked, Document};
use crate::domain::id::{DocumentId, ExamId};
use crate::domain::text::Instructions;
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};
use crate::store::{Tx, documents, exams};

/// A document as the API shows it. The `file_…` fields belong to instructions that are a file, and are empty.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Document)]
pub struct DocumentView {
    id: DocumentId,
    exam_id: ExamId,
    /// HTML or text, as it was sent. Placeholders are expanded when a student sees it.
    exam_content: String,
    file_file_name: Option<String>,
    file_content_type: Option<String>,
    file_file_size: Option<i64>,
    file_updated_at: Option<Timestamp>,
    file_processing: Option<bool>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The instructions of an exam.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentEnvelope {
    document: DocumentView,
}

shows!(DocumentEnvelope, document);

impl From<Document> for DocumentEnvelope {
    fn from(document: Document) -> Self {
        let document = DocumentView {
            id: document.id,
            exam_id: document.exam_id,
            exam_content: document.exam_content,
            file_file_name: None,
            file_content_type: None,
            file_file_size: None,
            file_updated_at: None,
            file_processing: None,
            created_at: document.created_at,
            updated_at: document.updated_at,
        };
        Self { document }
    }
}

/// What an author writes.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "exam_content": "<p>Read the questions first.</p>\n{LTI_EXAM_1}" }))]
pub struct DocumentFields {
    /// HTML or text, up to 500,000 characters. A placeholder names an LTI resource of this exam.
    exam_content: Given<Instructions>,
}

impl Accepts for DocumentFields {}

requires! {
    /// New instructions.
    NewDocumentFields(DocumentFields): "exam_content"
}

/// Shows the exam's instructions.
#[utoipa::path(tag = "documents", responses((status = OK, body = DocumentEnvelope)))]
#[get("/exams/{exam_id}/documents")]
pub async fn show_exam_document(Signed { auth, .. }: Signed<ReadContent>, app: Data<App>) -> Result<Answer, Problem> {
    let (scope, exam) = (auth.scope, exam_of(&auth));
    let find = move |tx: &mut Tx<'_>| {
        exams::get(tx, scope, exam)?;
        documents::find(tx, exam)?.ok_or_else(|| Error::not_found("document of exam", exam))
    };
    Shown::<DocumentEnvelope>::read(&app.store, auth.nonce, find).await
}

/// Shows the exam's instructions, by their own id.
#[utoipa::path(tag = "documents", responses((status = OK, body = DocumentEnvelope)))]
#[get("/exams/{exam_id}/documents/{id}")]
pub async fn show_document(Signed { auth, .. }: Signed<ReadContent>, app: Data<App>) -> Result<Answer, Problem> {
    let (scope, exam, id) = (auth.scope, exam_of(&auth), DocumentId(auth.path("id")));
    let get = move |tx: &mut Tx<'_>| {
        exams::get(tx, scope, exam)?;
        documents::get(tx, exam, id)
    };
    Shown::<DocumentEnvelope>::read(&app.store, auth.nonce, get).await
}

/// Writes the exam's instructions. A second call replaces what the first wrote.
#[utoipa::path(tag = "documents", request_body = NewDocumentFields, responses((status = CREATED, body = DocumentEnvelope)))]
#[post("/exams/{exam_id}/documents")]
pub async fn create_document(
    Signed { auth, params: NewDocumentFields(fields) }: Signed<AuthorExams, NewDocumentFields>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (scope, exam, now) = (auth.scope, exam_of(&auth), auth.at);
    let checked = fields.check().await;
    let write = move |tx: &mut Tx<'_>| {
        exams::get(tx, scope, exam)?;
        let document = documents::put(tx, exam, checked.as_ref().map_err(Clone::clone)?, now)?;
        Ok(Created::at(format!("/api/v3/exams/{exam}/documents/{}", document.id), DocumentEnvelope::from(document)))
    };
    Answer::once(&app.store, auth.nonce, write).await
}

/// Changes the exam's instructions.
#[utoipa::path(tag = "documents", request_body = NewDocumentFields, responses((status = OK, body = DocumentEnvelope)))]
#[patch("/exams/{exam_id}/documents/{id}")]
pub async fn update_document(
    signed: Signed<AuthorExams, NewDocumentFields>,
    app: Data<App>,
) -> Result<Shown<DocumentEnvelope>, Problem> {
    update(signed, &app).await
}

/// Changes the exam's instructions, as PATCH does.
#[utoipa::path(tag = "documents", request_body = NewDocumentFields, responses((status = OK, body = DocumentEnvelope)))]
#[put("/exams/{exam_id}/documents/{id}")]
pub async fn replace_document(
    signed: Signed<AuthorExams, NewDocumentFields>,
    app: Data<App>,
) -> Result<Shown<DocumentEnvelope>, Problem> {
    update(signed, &app).await
}

async fn update(
    Signed { auth, params: NewDocumentFields(fields) }: Signed<AuthorExams, NewDocumentFields>,
    app: &App,
) -> Result<Shown<DocumentEnvelope>, Problem> {
    let (scope, exam, id, now) = (auth.scope, exam_of(&auth), DocumentId(auth.path("id")), auth.at);
    let checked = fields.check().await;
    let change = move |tx: &mut Tx<'_>| {
        exams::get(tx, scope, exam)?;
        documents::update(tx, exam, id, checked.as_ref().map_err(Clone::clone)?, now)
    };
    Ok(Shown(app.store.write(auth.nonce, change).await?.into()))
}

/// Deletes the exam's instructions.
#[utoipa::path(tag = "documents", responses((status = OK, body = Deleted)))]
#[delete("/exams/{exam_id}/documents/{id}")]
pub async fn delete_document(
    Signed { auth, .. }: Signed<AuthorExams>,
    app: Data<App>,
) -> Result<Shown<Deleted>, Problem> {
    let (scope, exam, id) = (auth.scope, exam_of(&auth), DocumentId(auth.path("id")));
    let remove = move |tx: &mut Tx<'_>| {
        exams::get(tx, scope, exam)?;
        documents::remove(tx, exam, id)
    };
    app.store.write(auth.nonce, remove).await?;
    Ok(Shown(Deleted {}))
}

fn exam_of<P>(auth: &Auth<P>) -> ExamId {
    ExamId(auth.path("exam_id"))
}

impl DocumentFields {
    async fn check(self) -> Result<Checked> {
        let content = self.exam_content.required("exam_content")?;
        off_worker(move || Checked::read(content)).await
    }
}
