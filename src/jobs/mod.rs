//! What is done after the answer: taken from the queue in the database, done, and taken out.
//!
//! A job that is taken and not finished is taken again when its [lease](crate::domain::job::LEASE) is over, by this server
//! or another: each is done at least once, whoever is killed. Only jobs speak outward: by [`mailer`], and by
//! [`fetch`](crate::lti::fetch).

mod exam_link;
mod grade_return;
mod gradebooks;
pub mod mailer;
mod notice;

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock::{Clock, Random};
use crate::domain::Result;
use crate::domain::job::{Job, Task};
use crate::domain::result::Score;
use crate::domain::time::Timestamp;
use crate::lti::fetch::{FetchError, Fetcher};
use crate::lti::{CallError, PlatformServices};
use crate::platform::Platform;
use crate::store::{Store, Tx, grade_returns, jobs};
pub use gradebooks::Gradebooks;
use mailer::Mailbag;

/// Jobs that are done at the same time. Each waits for the network most of its time.
const AT_ONCE: usize = 4;
/// How often an idle worker looks for work.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What jobs are done with.
#[derive(Clone, Debug)]
pub struct Worker {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Random bytes.
    pub random: Random,
    /// How students reach this server, such as `https://exams.example.edu`.
    pub origin: String,
    /// How e-mail is sent; without it such jobs wait.
    pub mail: Option<Mailbag>,
    /// How other servers are called.
    pub fetcher: Fetcher,
    /// Signs by LTI 1.3.
    pub platform: Platform,
    /// How the services of platforms are called.
    pub services: PlatformServices,
    /// What is kept of the gradebooks of platforms.
    pub gradebooks: Gradebooks,
}

/// What became of an attempt.
#[derive(Debug)]
enum Outcome {
    /// It is done.
    Done(Sent),
    /// Nothing is to be done any more: what it was about has changed.
    Void,
    /// It may succeed later.
    Later(String),
    /// It will never succeed.
    Never(String),
}

/// What has been sent.
#[derive(Clone, Copy, Debug)]
enum Sent {
    /// A letter.
    Letter,
    /// A result, or word that there is none.
    Grade(Option<Score>),
    /// Word of what happened.
    Notice,
}

impl From<FetchError> for Outcome {
    fn from(error: FetchError) -> Self {
        if error.may_pass() { Self::Later(error.to_string()) } else { Self::Never(error.to_string()) }
    }
}

impl From<CallError> for Outcome {
    fn from(error: CallError) -> Self {
        if error.may_pass() { Self::Later(error.to_string()) } else { Self::Never(error.to_string()) }
    }
}

impl Worker {
    /// Does jobs until `stop` holds `true`; a job that was begun is finished first.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let mut lanes = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (worker, stop) = (self.clone(), stop.clone());
            lanes.spawn_local(async move { worker.work(stop).await });
        }
        while lanes.join_next().await.is_some() {}
    }

    /// One job after the other.
    async fn work(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let worked = self.next().await.unwrap_or_else(|error| {
                tracing::warn!(%error, "the queue cannot be read");
                false
            });
            if !worked {
                tokio::select! {
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                    _ = stop.changed() => {}
                }
            }
        }
    }

    /// Does one job; `false` when none is due.
    async fn next(&self) -> Result<bool> {
        let now = self.clock.now();
        if !self.store.query(move |tx| jobs::is_due(tx, now)).await? {
            return Ok(false);
        }
        let Some(job) = self.store.apply(move |tx| jobs::take(tx, now)).await? else { return Ok(false) };
        let outcome = match job.task {
            Task::ExamLink { student_session } => exam_link::send(self, &job, student_session).await,
            Task::GradeReturn { grade_return } => grade_return::send(self, &job, grade_return).await,
            Task::Notice { tool_provider, happening } => notice::send(self, &job, tool_provider, happening).await,
        };
        self.settle(job, outcome).await?;
        Ok(true)
    }

    /// Notes what became of a job. If that fails, the job is done again when its lease is over.
    async fn settle(&self, job: Job, outcome: Outcome) -> Result<()> {
        let kind = job.task.kind();
        let (name, why) = match &outcome {
            Outcome::Done(_) => ("done", ""),
            Outcome::Void => ("void", ""),
            Outcome::Later(why) => ("failed", why.as_str()),
            Outcome::Never(why) => ("given_up", why.as_str()),
        };
        metrics::counter!("jobs_total", "kind" => kind, "outcome" => name).increment(1);
        tracing::info!(kind, uid = job.uid, attempts = job.attempts, outcome = name, why, "a job was tried");
        let now = self.clock.now();
        if let Outcome::Later(why) = &outcome
            && let Some(pause) = job.pause(self.random.bytes::<1>()?[0])
        {
            let why = why.clone();
            let postpone = move |tx: &mut Tx<'_>| {
                if let Task::GradeReturn { grade_return } = job.task {
                    grade_returns::refused(tx, grade_return, &why, false, now)?;
                }
                jobs::postpone(tx, job.id, now + pause)
            };
            return self.store.apply(postpone).await;
        }
        self.store.apply(move |tx| finish(tx, &job, &outcome, now)).await
    }
}

/// Notes what a job came to, and takes it out; it stays where there is more to do by now.
fn finish(tx: &mut Tx<'_>, job: &Job, outcome: &Outcome, now: Timestamp) -> Result<()> {
    match (&job.task, outcome) {
        (_, Outcome::Void)
        | (Task::Notice { .. }, _)
        | (Task::GradeReturn { .. }, Outcome::Done(Sent::Letter | Sent::Notice)) => {}
        (Task::ExamLink { student_session }, Outcome::Done(_)) => exam_link::note(tx, *student_session, true, now)?,
        (Task::ExamLink { student_session }, Outcome::Later(_) | Outcome::Never(_)) => {
            exam_link::note(tx, *student_session, false, now)?;
        }
        (Task::GradeReturn { grade_return }, Outcome::Done(Sent::Grade(score))) => {
            if grade_returns::taken(tx, *grade_return, *score, now)? {
                return jobs::postpone(tx, job.id, now);
            }
        }
        (Task::GradeReturn { grade_return }, Outcome::Later(why) | Outcome::Never(why)) => {
            grade_returns::refused(tx, *grade_return, why, true, now)?;
        }
    }
    jobs::remove(tx, job.id)
}
