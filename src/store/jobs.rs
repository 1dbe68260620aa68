//! The queue of what is done after the answer.

use diesel::dsl::min;
use diesel::prelude::*;

use crate::domain::Result;
use crate::domain::id::JobId;
use crate::domain::job::{Job, LEASE, NewJob, Task};
use crate::domain::time::Timestamp;
use crate::schema::jobs;
use crate::store::Tx;
use crate::store::tx::On;

/// How much waits in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Jobs.
    pub jobs: i64,
    /// When the oldest was put in.
    pub since: Option<Timestamp>,
}

/// Puts tasks in, with whatever else the transaction does: neither happens without the other.
pub fn insert(tx: &mut Tx<'_>, new: &[NewJob]) -> Result<()> {
    // A statement takes some thousand values at most.
    for part in new.chunks(500) {
        match &mut tx.on {
            On::Postgres(c) => diesel::insert_into(jobs::table).values(part).execute(&mut **c).map(|_| ()),
            // For several at once diesel would begin a transaction inside ours.
            On::Sqlite(c) => part
                .iter()
                .try_for_each(|one| diesel::insert_into(jobs::table).values(one).execute(&mut **c).map(|_| ())),
        }
        .map_err(super::tx::failed)?;
    }
    Ok(())
}

/// Whether this very task waits, and nobody has begun it.
pub fn waits(tx: &mut Tx<'_>, task: &Task) -> Result<bool> {
    let same = jobs::table.filter(jobs::task.eq(task)).filter(jobs::attempts.eq(0));
    on!(tx, |c| diesel::select(diesel::dsl::exists(same)).get_result(c))
}

/// Whether a job is due. Cheap, so that an idle server need not write in order to look.
pub fn is_due(tx: &mut Tx<'_>, now: Timestamp) -> Result<bool> {
    on!(tx, |c| diesel::select(diesel::dsl::exists(jobs::table.filter(jobs::due_at.le(now)))).get_result(c))
}

/// Takes the job that is due longest, for as long as [`LEASE`]: nobody else takes it until then, and somebody does
/// afterwards if it is still there. Several servers never wait for one another here.
pub fn take(tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<Job>> {
    let due = jobs::table.filter(jobs::due_at.le(now)).order(jobs::due_at).limit(1);
    let job: Option<Job> = match &mut tx.on {
        On::Postgres(c) => due.select(Job::as_select()).for_update().skip_locked().first(&mut **c).optional(),
        On::Sqlite(c) => due.select(Job::as_select()).first(&mut **c).optional(),
    }
    .map_err(super::tx::failed)?;
    let Some(mut job) = job else { return Ok(None) };
    job.attempts += 1;
    let taken = (jobs::due_at.eq(now + LEASE), jobs::attempts.eq(job.attempts));
    on!(tx, |c| diesel::update(jobs::table.find(job.id)).set(taken).execute(c))?;
    Ok(Some(job))
}

/// Puts a job off.
pub fn postpone(tx: &mut Tx<'_>, id: JobId, until: Timestamp) -> Result<()> {
    on!(tx, |c| diesel::update(jobs::table.find(id)).set(jobs::due_at.eq(until)).execute(c)).map(|_| ())
}

/// Takes a job out: it is done, or given up.
pub fn remove(tx: &mut Tx<'_>, id: JobId) -> Result<()> {
    on!(tx, |c| diesel::delete(jobs::table.find(id)).execute(c)).map(|_| ())
}

/// How much waits in the queue.
pub fn waiting(tx: &mut Tx<'_>) -> Result<Waiting> {
    let jobs = on!(tx, |c| jobs::table.count().get_result(c))?;
    let since = on!(tx, |c| jobs::table.select(min(jobs::created_at)).first(c))?;
    Ok(Waiting { jobs, since })
}
