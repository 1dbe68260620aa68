//! The results of an exam as a file for spreadsheets (RFC 4180).

use std::borrow::Cow;

use crate::domain::access::Scope;
use crate::domain::id::ExamId;
use crate::domain::{Error, Result};
use crate::store::results::{self, Named, Of};
use crate::store::{Listing, PageRequest, Tx};

/// Rows that are read at once.
const ROWS: i64 = 1_000;

const COLUMNS: [&str; 20] = [
    "result_id",
    "student_session_id",
    "external_id",
    "name",
    "email",
    "attempt",
    "lti_resource_id",
    "lti_resource_link_name",
    "score",
    "total_score",
    "graded_by",
    "user_id",
    "late",
    "needs_review",
    "submitted_at",
    "updated_at",
    "comment",
    "url",
    "launch_url",
    "text",
];

/// All results of an exam that the listing asks for.
pub fn file(tx: &mut Tx<'_>, scope: Scope, exam: ExamId, listing: &Listing) -> Result<String> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(broken)?;
    for number in 1.. {
        let page = results::page(tx, scope, Of::Exam(exam), listing, PageRequest { number, limit: ROWS })?;
        let last = page.rows.len() < usize::try_from(ROWS).unwrap_or_default();
        for named in page.rows {
            writer.write_record(record(&named).iter().map(|cell| safe(cell).into_owned())).map_err(broken)?;
        }
        if last {
            break;
        }
    }
    let bytes = writer.into_inner().map_err(broken)?;
    String::from_utf8(bytes).map_err(broken)
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::Internal(error.to_string())
}

fn record((result, link, session): &Named) -> [String; 20] {
    fn text<T: ToString>(value: Option<&T>) -> String {
        value.map(ToString::to_string).unwrap_or_default()
    }
    let standing = &result.standing;
    [
        result.id.to_string(),
        session.id.to_string(),
        text(session.external_id.as_ref()),
        session.name.to_string(),
        session.email.to_string(),
        session.attempt.to_string(),
        result.lti_resource_id.to_string(),
        link.to_string(),
        text(standing.score.as_ref()),
        text(standing.total_score.as_ref()),
        text(standing.graded_by.as_ref()),
        text(standing.user_id.as_ref()),
        standing.late.to_string(),
        standing.needs_review.to_string(),
        text(standing.submitted_at.as_ref()),
        result.updated_at.to_string(),
        text(standing.comment.as_ref()),
        text(standing.url.as_ref()),
        text(standing.launch_url.as_ref()),
        text(standing.text.as_ref()),
    ]
}

/// A cell that no spreadsheet takes for a formula: one that begins like a formula gets an apostrophe in front (OWASP, CSV
/// injection). No number here is negative.
fn safe(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{cell}").into() } else { cell.into() }
}
