//! What a signed request asks of its own commit: to change only what its sender has read (`If-Match`), and to be carried
//! out once, however often it is sent (`Idempotency-Key`). Both are decided inside the transaction, so that no other
//! request comes in between. And its place in that transaction, where others lock the same rows.

use crate::domain::id::StudentSessionId;
use crate::domain::version::Version;
use crate::domain::{Error, Result};
use crate::store::Tx;
use crate::store::idempotency::Claim;

/// The conditions of one request. They travel with its nonce, so that no handler can forget them.
#[derive(Debug, Default)]
pub struct Conditions {
    /// The versions that may be changed; any when there are none.
    pub if_match: Option<IfMatch>,
    /// The key under which the answer is kept.
    pub once: Option<Claim>,
    /// The student session that it locks first. The requests of one commit run in the order of these, so that two
    /// servers that commit at once never wait for each other.
    pub locks: Option<StudentSessionId>,
}

/// The versions that a request may change.
#[derive(Clone, Debug)]
pub enum IfMatch {
    /// Whatever there is.
    Any,
    /// One of these, in the form of [`Version`].
    Versions(Vec<String>),
}

impl IfMatch {
    fn admits(&self, version: Version) -> bool {
        match self {
            Self::Any => true,
            Self::Versions(versions) => versions.contains(&version.to_string()),
        }
    }
}

/// The object that a change is about: the first one that it locks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Target {
    /// Nobody asks.
    #[default]
    Unwatched,
    /// Nothing has been locked yet.
    Awaited,
    /// As it was before the change.
    Found(Version),
}

impl Target {
    pub(super) const fn is_awaited(self) -> bool {
        matches!(self, Self::Awaited)
    }
}

/// Runs a change that holds only if its object is one of `if_match`. An object that is not found stays not found: to
/// others than its own institute, a version tells nothing. A change that locks nothing cannot be held to a version.
pub(super) fn hold<T>(
    tx: &mut Tx<'_>,
    if_match: Option<&IfMatch>,
    change: &mut impl FnMut(&mut Tx<'_>) -> Result<T>,
) -> Result<T> {
    let Some(if_match) = if_match else { return change(tx) };
    tx.target = Target::Awaited;
    let outcome = change(tx);
    match (outcome, std::mem::take(&mut tx.target)) {
        (Err(error @ Error::NotFound { .. }), _) => Err(error),
        (_, Target::Found(version)) if !if_match.admits(version) => Err(Error::PreconditionFailed),
        (Ok(_), Target::Awaited) => Err(Error::Internal("If-Match came to a change that locks nothing".into())),
        (outcome, _) => outcome,
    }
}
