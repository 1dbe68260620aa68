//! `/exams/:exam_id/attachments`: the files of an exam.

use actix_web::web::Data;
use actix_web::{delete, get, post};
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};
use validator::Validate;

use crate::api::auth::{Auth, Signed};
use crate::api::params::{Accepts, Upload};
use crate::api::problem::{Kind, Problem};
use crate::api::reply::{Answer, Created, Deleted, List, Listed, Shown, shows};
use crate::app::{App, off_worker};
use crate::domain::access::{AuthorExams, ReadContent};
use crate::domain::attachment::{Attachment, FIELD, FileName, FileType, KeptFile};
use crate::domain::id::{AttachmentId, ExamId};
use crate::domain::time::Timestamp;
use crate::domain::{Error, FieldError, Result};
use crate::store::{Tx, attachments, exams};

/// An attachment as the API shows it. The file itself is shown to the exam's students only.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attachment)]
pub struct AttachmentView {
    id: AttachmentId,
    exam_id: ExamId,
    /// The name that was sent, without folders; what is no letter, digit, `.`, `-` or `_` is written `_`.
    document_file_name: FileName,
    document_content_type: FileType,
    /// Bytes.
    #[schema(example = 48_213)]
    document_file_size: i64,
    document_updated_at: Timestamp,
    /// Put this in braces where the file should stand in the exam's instructions: an image, or a link to it.
    #[schema(example = "1548172086_image2.jpg")]
    placeholder: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Attachment> for AttachmentView {
    fn from(attachment: Attachment) -> Self {
        Self {
            id: attachment.id,
            exam_id: attachment.exam_id,
            document_file_name: attachment.document_file_name,
            document_content_type: attachment.document_content_type,
            document_file_size: attachment.document_file_size,
            document_updated_at: attachment.updated_at,
            placeholder: attachment.placeholder,
            created_at: attachment.created_at,
            updated_at: attachment.updated_at,
        }
    }
}

/// One attachment.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttachmentEnvelope {
    attachment: AttachmentView,
}

impl From<Attachment> for AttachmentEnvelope {
    fn from(attachment: Attachment) -> Self {
        Self { attachment: attachment.into() }
    }
}

shows!(AttachmentEnvelope, attachment);

/// A page of attachments.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttachmentsEnvelope {
    attachments: Vec<AttachmentView>,
}

/// A file for an exam.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct NewAttachmentFields {
    #[serde(skip)]
    document: Option<Upload>,
}

impl Accepts for NewAttachmentFields {
    const FILE: Option<&'static str> = Some(FIELD);

    fn take_file(&mut self, file: Upload) {
        self.document = Some(file);
    }
}

impl PartialSchema for NewAttachmentFields {
    fn schema() -> RefOr<Schema> {
        let file = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .description(Some(
                "The file with its name, up to 25 MB: an image, PDF, text or CSV in UTF-8, an office document, MP3, MP4 \
                 or WebM. It is not signed.",
            ));
        let fields =
            ObjectBuilder::new().description(Some("A file for an exam.")).property(FIELD, file).required(FIELD);
        let mut fields = fields.build();
        fields.example = Some(serde_json::json!({ FIELD: "(the bytes of the file)" }));
        fields.into()
    }
}

impl ToSchema for NewAttachmentFields {}

impl NewAttachmentFields {
    /// Checks the file and brings it to the disk. What is refused is removed.
    async fn keep(self) -> Result<KeptFile> {
        let Some(Upload { name, declared, draft }) = self.document else {
            return Err(Error::Invalid(vec![FieldError::missing(FIELD)]));
        };
        off_worker(move || {
            let name = FileName::clean(&name);
            let file_type = FileType::check(&name, declared.as_deref(), &draft.sample()?)?;
            draft.keep_as(name, file_type)
        })
        .await
    }
}

/// Lists the files of an exam, oldest first unless `sort` says otherwise.
#[utoipa::path(tag = "attachments", params(List), responses((status = OK, body = AttachmentsEnvelope)))]
#[get("/exams/{exam_id}/attachments")]
pub async fn list_attachments(
    Signed { auth, params }: Signed<ReadContent, List>,
    app: Data<App>,
) -> Result<Listed<AttachmentsEnvelope>, Problem> {
    let (scope, exam) = (auth.scope, exam_of(&auth));
    let list = move |tx: &mut Tx<'_>| {
        exams::get(tx, scope, exam)?;
        attachments::page(tx, exam, &params.listing(attachments::COLUMNS)?, params.request())
    };
    let page = app.store.read(auth.nonce, list).await?;
    Ok(Listed::page(page.map(AttachmentView::from), |attachments| AttachmentsEnvelope { attachments }))
}

/// Shows what is known of a file.
#[utoipa::path(tag = "attachments", responses((status = OK, body = AttachmentEnvelope)))]
#[get("/exams/{exam_id}/attachments/{id}")]
pub async fn show_attachment(Signed { auth, .. }: Signed<ReadContent>, app: Data<App>) -> Result<Answer, Problem> {
    let (scope, exam, id) = (auth.scope, exam_of(&auth), AttachmentId(auth.path("id")));
    let get = move |tx: &mut Tx<'_>| {
        exams::get(tx, scope, exam)?;
        attachments::get(tx, exam, id)
    };
    Shown::<AttachmentEnvelope>::read(&app.store, auth.nonce, get).await
}

/// Gives a file to an exam. The answer carries the placeholder for its instructions.
#[utoipa::path(
    tag = "attachments",
    request_body(content = NewAttachmentFields, content_type = "multipart/form-data"),
    responses((status = CREATED, body = AttachmentEnvelope))
)]
#[post("/exams/{exam_id}/attachments")]
pub async fn create_attachment(
    Signed { auth, params }: Signed<AuthorExams, NewAttachmentFields>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (scope, exam, now, quota) = (auth.scope, exam_of(&auth), auth.at, app.attachment_quota);
    let kept = params.keep().await;
    let stored_name = kept.as_ref().map(|kept| kept.stored_name.clone()).ok();
    let create = move |tx: &mut Tx<'_>| {
        let exam = exams::get(tx, scope, exam)?;
        let kept = kept.clone()?;
        let placeholder = kept.name.placeholder(now);
        let new = kept.placed((exam.institute_id, exam.id), placeholder, now);
        let created = attachments::insert(tx, &new, quota)?;
        let path = format!("/api/v3/exams/{}/attachments/{}", created.exam_id, created.id);
        Ok(Created::at(path, AttachmentEnvelope::from(created)))
    };
    let answer = Answer::once(&app.store, auth.nonce, create).await;
    if let Some(name) = stored_name {
        forget_unused(&app, &answer, vec![name]).await;
    }
    answer
}

/// Removes the new files of a request that its `answer` has no use for.
pub(super) async fn forget_unused(app: &App, answer: &Result<Answer, Problem>, stored_names: Vec<String>) {
    // A repetition keeps the first files. An unavailable database may have committed all the same: then the sweep decides.
    let unused = match answer {
        Ok(answer) => answer.is_repeated(),
        Err(problem) => problem.kind != Kind::UNAVAILABLE,
    };
    if unused {
        app.forget_files(stored_names).await;
    }
}

/// Deletes a file of an exam. One that the instructions of an open exam show stays, and the exam is named (423).
#[utoipa::path(tag = "attachments", responses((status = OK, body = Deleted)))]
#[delete("/exams/{exam_id}/attachments/{id}")]
pub async fn delete_attachment(
    Signed { auth, .. }: Signed<AuthorExams>,
    app: Data<App>,
) -> Result<Shown<Deleted>, Problem> {
    let (scope, exam, id) = (auth.scope, exam_of(&auth), AttachmentId(auth.path("id")));
    let remove = move |tx: &mut Tx<'_>| {
        exams::get(tx, scope, exam)?;
        attachments::remove(tx, scope, exam, id)
    };
    let removed = app.store.write(auth.nonce, remove).await?;
    app.forget_files(vec![removed.stored_name]).await;
    Ok(Shown(Deleted {}))
}

fn exam_of<P>(auth: &Auth<P>) -> ExamId {
    ExamId(auth.path("exam_id"))
}
