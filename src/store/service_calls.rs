//! Calls of tools, kept for 30 days.

use diesel::prelude::*;

use crate::domain::Result;
use crate::domain::access::Scope;
use crate::domain::id::{LtiResourceId, ServiceCallId, StudentSessionId, ToolProviderId};
use crate::domain::service_call::{CallOutcome, KEPT, NewServiceCall, ServiceCall};
use crate::domain::time::Timestamp;
use crate::schema::service_calls;
use crate::store::listing::Columns;
use crate::store::{Listing, Page, PageRequest, Tx};

/// Rows that one purge deletes at most, so that no commit waits long for it.
const PURGE_ROWS: i64 = 1_000;

/// Which calls a list asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only those of this tool.
    pub tool: Option<ToolProviderId>,
    /// Only those about this link.
    pub resource: Option<LtiResourceId>,
    /// Only those about this attempt.
    pub session: Option<StudentSessionId>,
    /// Only those with this outcome.
    pub outcome: Option<CallOutcome>,
}

/// What lists of calls are filtered and sorted by.
pub const COLUMNS: Columns = columns!(service_calls:
    id Number sorted, created_at Time sorted, tool_provider_id Number, exam_id Number, lti_resource_id Number,
    student_session_id Number, operation Text, outcome Text, status Number, code Text,
);

/// One page of the calls that `filter` and `listing` ask for, oldest first unless `listing` says otherwise.
pub fn page(
    tx: &mut Tx<'_>,
    scope: Scope,
    filter: Filter,
    listing: &Listing,
    request: PageRequest,
) -> Result<Page<ServiceCall>> {
    page_of!(
        tx, (listing, request),
        |query| {
            let mut query = within!(query,
                service_calls::institute_id => scope.institute,
                service_calls::tool_provider_id => filter.tool,
                service_calls::lti_resource_id => filter.resource,
                service_calls::student_session_id => filter.session,
                service_calls::outcome => filter.outcome,
            );
            // A call need not be about an exam that is known; then it is no author's.
            if scope.author.is_some() || scope.flag.is_some() {
                let exams = in_scope!(exams::table.select(exams::id.nullable()), scope);
                query = query.filter(service_calls::exam_id.eq_any(exams));
            }
            query
        },
        count: service_calls::table.count(),
        rows: service_calls::table.select(ServiceCall::as_select()),
        by: service_calls::id
    )
}

/// Keeps a call.
pub fn insert(tx: &mut Tx<'_>, new: &NewServiceCall) -> Result<()> {
    on!(tx, |c| diesel::insert_into(service_calls::table).values(new).execute(c)).map(|_| ())
}

/// Deletes a few calls whose time is over; `true` when there are more.
pub(super) fn purge(tx: &mut Tx<'_>, now: Timestamp) -> Result<bool> {
    let old: Vec<ServiceCallId> = on!(tx, |c| service_calls::table
        .filter(service_calls::created_at.lt(now - KEPT))
        .order(service_calls::created_at)
        .limit(PURGE_ROWS)
        .select(service_calls::id)
        .load(c))?;
    on!(tx, |c| diesel::delete(service_calls::table.filter(service_calls::id.eq_any(&old))).execute(c))?;
    Ok(i64::try_from(old.len()).is_ok_and(|deleted| deleted == PURGE_ROWS))
}
