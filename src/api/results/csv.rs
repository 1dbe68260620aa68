//! The results of an exam as a file for spreadsheets (RFC 4180).

use std::borrow::Cow;

use crate::domain::access::Scope;
use crate::domain::id::{ExamId, LineItemScoreId};
use crate::domain::line_item::LineItem;
use crate::domain::line_item_score::LineItemScore;
use crate::domain::result::Grader;
use crate::domain::student_session::StudentSession;
use crate::domain::{Error, Result};
use crate::store::results::{self, Named, Of};
use crate::store::{Listing, PageRequest, Tx, line_item_scores};

/// Rows that are read at once.
const ROWS: i64 = 1_000;

const COLUMNS: [&str; 22] = [
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
    "line_item_id",
    "line_item_label",
];

type Writer = csv::Writer<Vec<u8>>;

/// All results of an exam that the listing asks for, and below them all scores in line items that tools made.
pub fn file(tx: &mut Tx<'_>, scope: Scope, exam: ExamId, listing: &Listing) -> Result<String> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(broken)?;
    write_results(&mut writer, tx, (scope, exam), listing)?;
    write_scores(&mut writer, tx, exam)?;
    let bytes = writer.into_inner().map_err(broken)?;
    String::from_utf8(bytes).map_err(broken)
}

fn write_results(
    writer: &mut Writer,
    tx: &mut Tx<'_>,
    (scope, exam): (Scope, ExamId),
    listing: &Listing,
) -> Result<()> {
    for number in 1.. {
        let page = results::page(tx, scope, Of::Exam(exam), listing, PageRequest { number, limit: ROWS })?;
        for named in &page.rows {
            write(writer, &record(named))?;
        }
        if is_last(page.rows.len()) {
            break;
        }
    }
    Ok(())
}

fn write_scores(writer: &mut Writer, tx: &mut Tx<'_>, exam: ExamId) -> Result<()> {
    let mut after = LineItemScoreId(0);
    loop {
        let rows = line_item_scores::of_exam(tx, exam, after, ROWS)?;
        for (score, item, session) in &rows {
            write(writer, &record_of_score(session, score, item))?;
            after = score.id;
        }
        if is_last(rows.len()) {
            return Ok(());
        }
    }
}

fn is_last(rows: usize) -> bool {
    i64::try_from(rows).unwrap_or(ROWS) < ROWS
}

fn write(writer: &mut Writer, record: &[String; 22]) -> Result<()> {
    writer.write_record(record.iter().map(|cell| safe(cell).into_owned())).map_err(broken)
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::Internal(error.to_string())
}

fn text<T: ToString>(value: Option<&T>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

fn record((result, link, session): &Named) -> [String; 22] {
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
        String::new(),
        String::new(),
    ]
}

/// A score in a line item that a tool made: what only results have is empty.
fn record_of_score(session: &StudentSession, score: &LineItemScore, item: &LineItem) -> [String; 22] {
    let (said, none) = (&score.content, String::new);
    [
        none(),
        session.id.to_string(),
        text(session.external_id.as_ref()),
        session.name.to_string(),
        session.email.to_string(),
        session.attempt.to_string(),
        text(item.lti_resource_id.as_ref()),
        none(),
        text(said.part().as_ref()),
        text(said.points(item.content.score_maximum.value()).as_ref()),
        Grader::Tool.to_string(),
        none(),
        said.late.to_string(),
        said.needs_review().to_string(),
        text(said.submitted_at.as_ref()),
        said.scored_at.to_string(),
        text(said.comment.as_ref()),
        none(),
        none(),
        none(),
        item.id.to_string(),
        item.content.label.to_string(),
    ]
}

/// A cell that no spreadsheet takes for a formula: one that begins like a formula gets an apostrophe in front (OWASP, CSV
/// injection). No number here is negative.
fn safe(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{cell}").into() } else { cell.into() }
}
