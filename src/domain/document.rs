//! The instructions of an exam, one document per exam.

use diesel::prelude::*;

use crate::domain::id::{DocumentId, ExamId};
use crate::domain::time::Timestamp;
use crate::schema::documents;

/// Instructions: HTML or text, verbatim as the author sent it. Placeholders are expanded when it is shown, never here.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable)]
#[diesel(table_name = documents)]
pub struct Document {
    /// Its number.
    pub id: DocumentId,
    /// Whose instructions.
    pub exam_id: ExamId,
    /// The text.
    pub exam_content: String,
    /// When it was first written.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}
