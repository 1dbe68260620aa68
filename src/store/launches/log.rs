//! The log of launches and other messages. Nobody waits for it: they gather in memory and are written a moment later, many
//! in one commit. Where more come than can be written, the rest is counted and not kept.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use diesel::prelude::*;
use governor::Quota;

use crate::clock::{Clock, RateLimits, rate_limits};
use crate::domain::access::Scope;
use crate::domain::id::{ExamId, LaunchId, LtiResourceId, StudentSessionId};
use crate::domain::launch::record::{LaunchRecord, MessageKind, NewLaunchRecord, ToolReturn};
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};
use crate::schema::{launches, student_sessions};
use crate::store::listing::Columns;
use crate::store::tx::On;
use crate::store::{Listing, Page, PageRequest, Sender, Store, Tx};

/// Launches that wait to be written at most.
const WAITING: usize = 1_024;
/// Launches in one write at most. With a write each fifth of a second that is 1,280 a second, for as long as you like:
/// forty times what the start of an exam of a thousand students brings. More would take the time of the launches.
const AT_ONCE: usize = 256;
/// Rows that one purge deletes at most, so that no commit waits long for it.
const PURGE_ROWS: i64 = 1_000;

/// Messages of one sender that are refused and kept at once; afterwards one a minute.
const REFUSED_AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);

/// Launches that are not written yet.
#[derive(Debug)]
pub struct Waiting {
    records: Mutex<Vec<NewLaunchRecord>>,
    /// Held while some are written: whoever finds none waiting must know that none are on their way either.
    writing: tokio::sync::Mutex<()>,
    /// How many messages of each sender were refused lately, those that it has signed apart from those that anybody may
    /// have sent. Each server counts for itself.
    refused: RateLimits<(Sender, bool)>,
}

impl Waiting {
    /// None waits.
    pub fn new(clock: &Clock) -> Self {
        let quota = Quota::per_minute(NonZeroU32::MIN).allow_burst(REFUSED_AT_ONCE);
        let refused = rate_limits(quota, clock);
        Self { records: Mutex::default(), writing: tokio::sync::Mutex::default(), refused }
    }
}

impl Store {
    /// Puts a launch into the log, soon. `record` is made only where there is room.
    pub fn note_launch(&self, record: impl FnOnce() -> NewLaunchRecord) {
        let mut waiting = self.0.launches.records.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < WAITING {
            waiting.push(record());
        } else {
            lost(1);
        }
    }

    /// Puts a message that was refused into the log, unless there were many of its `sender`: who brings one may bring it
    /// again. `signed` tells whether it is the sender's at all.
    pub fn note_refused(&self, sender: Sender, signed: bool, record: NewLaunchRecord) {
        if self.0.launches.refused.check_key(&(sender, signed)).is_ok() {
            self.note_launch(|| record);
        }
    }

    /// Writes all launches that wait.
    pub async fn write_all_launches(&self) {
        while self.write_launches().await {}
    }

    /// Writes some of the launches that wait, the oldest first; `false` when none do. Those that cannot be written are
    /// counted, and lost.
    pub async fn write_launches(&self) -> bool {
        let _writing = self.0.launches.writing.lock().await;
        let first = self.0.launches.first();
        let count = first.len();
        if count > 0
            && let Err(error) = self.apply(move |tx| insert(tx, &first)).await
        {
            tracing::warn!(%error, count, "launches were not logged");
            lost(count);
        }
        count > 0
    }
}

impl Waiting {
    fn first(&self) -> Vec<NewLaunchRecord> {
        let mut waiting = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.len().min(AT_ONCE);
        waiting.drain(..count).collect()
    }
}

fn lost(count: usize) {
    metrics::counter!("launches_not_logged_total").increment(count as u64);
}

/// Writes launches, but for those whose session was deleted meanwhile.
fn insert(tx: &mut Tx<'_>, new: &[NewLaunchRecord]) -> Result<()> {
    let mut sessions: Vec<StudentSessionId> = new.iter().filter_map(NewLaunchRecord::session).collect();
    sessions.sort_unstable();
    sessions.dedup();
    let there = student_sessions::table.filter(student_sessions::id.eq_any(&sessions)).select(student_sessions::id);
    let there: Vec<StudentSessionId> = match &mut tx.on {
        On::Postgres(c) => there.for_key_share().load(&mut **c),
        On::Sqlite(c) => there.load(&mut **c),
    }
    .map_err(crate::store::tx::failed)?;
    let mut kept = new.iter().filter(|launch| launch.session().is_none_or(|session| there.contains(&session)));
    match &mut tx.on {
        On::Postgres(c) => {
            let rows: Vec<&NewLaunchRecord> = kept.collect();
            diesel::insert_into(launches::table).values(rows).execute(&mut **c).map(|_| ())
        }
        // For several at once diesel would begin a transaction inside ours.
        On::Sqlite(c) => {
            kept.try_for_each(|row| diesel::insert_into(launches::table).values(row).execute(&mut **c).map(|_| ()))
        }
    }
    .map_err(crate::store::tx::failed)
}

/// Narrows a query to the launches in `$scope`. A message need not be about an exam that is known; then it is no author's.
macro_rules! launches_in_scope {
    ($query:expr, $scope:expr $(, $column:expr => $wanted:expr)* $(,)?) => {{
        let mut query = within!($query, launches::institute_id => $scope.institute $(, $column => $wanted)*);
        if $scope.author.is_some() || $scope.flag.is_some() {
            let exams = in_scope!(exams::table.select(exams::id.nullable()), $scope);
            query = query.filter(launches::exam_id.eq_any(exams));
        }
        query
    }};
}

/// One launch.
pub fn get(tx: &mut Tx<'_>, scope: Scope, id: LaunchId) -> Result<LaunchRecord> {
    let found = on!(tx, |c| launches_in_scope!(launches::table.select(LaunchRecord::as_select()), scope)
        .filter(launches::id.eq(id))
        .first(c)
        .optional());
    found?.ok_or_else(|| Error::not_found("launch", id))
}

/// Which launches a list asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only those from this exam.
    pub exam: Option<ExamId>,
    /// Only those of this student session.
    pub session: Option<StudentSessionId>,
    /// Only messages of this type.
    pub kind: Option<MessageKind>,
}

/// What lists of launches are filtered and sorted by.
pub const COLUMNS: Columns = columns!(launches:
    id Number sorted, created_at Time, exam_id Number, student_session_id Number, lti_resource_id Number,
    tool_provider_id Number, lti_consumer_id Number, user_id Number, message_type Text, direction Text, status Text,
    returned_at Time,
);

/// One page of the launches that `filter` and `listing` ask for, newest first unless `listing` says otherwise.
pub fn page(
    tx: &mut Tx<'_>,
    scope: Scope,
    filter: Filter,
    listing: &Listing,
    request: PageRequest,
) -> Result<Page<LaunchRecord>> {
    page_of!(
        tx, (listing, request),
        |query| launches_in_scope!(query, scope, launches::exam_id => filter.exam,
            launches::student_session_id => filter.session, launches::message_type => filter.kind),
        count: launches::table.count(),
        rows: launches::table.select(LaunchRecord::as_select()),
        by: launches::id.desc()
    )
}

/// Names one message to a tool, as the address does to which the tool sends the student back.
#[derive(Clone, Debug)]
pub struct Named {
    /// Whose it was.
    pub session: StudentSessionId,
    /// What was opened; a proctoring tool opens nothing.
    pub resource: Option<LtiResourceId>,
    /// Its nonce.
    pub nonce: String,
}

/// The number of a message from which the tool has not sent the student back yet.
pub fn find_open(tx: &mut Tx<'_>, named: &Named) -> Result<Option<LaunchId>> {
    on!(tx, |c| within!(
        launches::table
            .filter(launches::student_session_id.eq(named.session))
            .filter(launches::nonce.eq(&named.nonce))
            .filter(launches::returned_at.is_null())
            .select(launches::id),
        launches::lti_resource_id => named.resource
    )
    .first(c)
    .optional())
}

/// Notes what a tool said when it sent the student back for the first time. Later ones may be anybody's.
pub fn note_return(tx: &mut Tx<'_>, id: LaunchId, said: &ToolReturn, now: Timestamp) -> Result<()> {
    let open = launches::table.find(id).filter(launches::returned_at.is_null());
    let noted = (
        launches::status.eq(said.status()),
        launches::returned_at.eq(now),
        launches::lti_msg.eq(&said.lti_msg),
        launches::lti_errormsg.eq(&said.lti_errormsg),
        launches::lti_log.eq(&said.lti_log),
        launches::lti_errorlog.eq(&said.lti_errorlog),
    );
    on!(tx, |c| diesel::update(open).set(noted).execute(c)).map(|_| ())
}

/// Deletes a few of the oldest launches, where they are older than `before`; `true` when there are more. Numbers rise
/// with the time, so it takes no index to find them.
pub(in crate::store) fn purge(tx: &mut Tx<'_>, before: Timestamp) -> Result<bool> {
    let oldest = launches::table.order(launches::id).limit(PURGE_ROWS).select((launches::id, launches::created_at));
    let oldest: Vec<(LaunchId, Timestamp)> = on!(tx, |c| oldest.load(c))?;
    let old: Vec<LaunchId> = oldest.iter().filter(|(_, at)| *at < before).map(|(id, _)| *id).collect();
    if old.is_empty() {
        return Ok(false);
    }
    on!(tx, |c| diesel::delete(launches::table.filter(launches::id.eq_any(&old))).execute(c))?;
    Ok(old.len() == oldest.len() && i64::try_from(old.len()) == Ok(PURGE_ROWS))
}
