//! What proctoring tools did to attempts.

use diesel::prelude::*;

use crate::domain::Result;
use crate::domain::assessment_control::{AssessmentControl, ControlContent};
use crate::domain::id::StudentSessionId;
use crate::schema::assessment_controls;
use crate::store::listing::Columns;
use crate::store::{Listing, Page, PageRequest, Tx};

/// What lists of them are filtered and sorted by.
pub const COLUMNS: Columns = columns!(assessment_controls:
    id Number sorted, action Text, incident_time Time, reason_code Text, tool_provider_id Number, created_at Time,
);

/// One page of what was done to a session, as `listing` asks, oldest first unless it says otherwise.
pub fn page(
    tx: &mut Tx<'_>,
    session: StudentSessionId,
    listing: &Listing,
    request: PageRequest,
) -> Result<Page<AssessmentControl>> {
    page_of!(
        tx, (listing, request), |query| within!(query, assessment_controls::student_session_id => Some(session)),
        count: assessment_controls::table.count(),
        rows: assessment_controls::table.select(AssessmentControl::as_select()),
        by: assessment_controls::id
    )
}

/// Whether this very message was carried out before. Its session is locked.
pub fn is_known(tx: &mut Tx<'_>, control: &ControlContent) -> Result<bool> {
    let same = assessment_controls::table
        .filter(assessment_controls::student_session_id.eq(control.student_session_id))
        .filter(assessment_controls::digest.eq(&control.digest))
        .count();
    let same: i64 = on!(tx, |c| same.get_result(c))?;
    Ok(same > 0)
}

/// Keeps what was done.
pub fn insert(tx: &mut Tx<'_>, control: &ControlContent) -> Result<()> {
    on!(tx, |c| diesel::insert_into(assessment_controls::table).values(control).execute(c)).map(|_| ())
}
