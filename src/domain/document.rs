//! The instructions of an exam, one document per exam.

use diesel::prelude::*;

use crate::domain::id::{DocumentId, ExamId};
use crate::domain::placeholder::{self, Found, Problem};
use crate::domain::text::Instructions;
use crate::domain::time::Timestamp;
use crate::domain::{Error, FieldError, Result};
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

/// Instructions whose markup was checked, with their placeholders. Whether the exam has them, the database knows.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The text, as it is stored.
    pub content: Instructions,
    /// The placeholders in it, in order.
    pub placeholders: Vec<Found>,
}

impl Checked {
    /// Checks the markup. For the largest instructions this takes a second: never on an async worker, never inside a
    /// transaction.
    pub fn read(content: Instructions) -> Result<Self> {
        match placeholder::check(content.as_str()) {
            Ok(placeholders) => Ok(Self { content, placeholders }),
            Err(problems) => Err(invalid(&problems)),
        }
    }
}

/// Problems of instructions as errors of the field that holds them, each with its position.
pub fn invalid(problems: &[Problem]) -> Error {
    let fault = |problem: &Problem| FieldError {
        field: "exam_content".into(),
        code: problem.code(),
        detail: problem.to_string(),
    };
    Error::Invalid(problems.iter().map(fault).collect())
}
