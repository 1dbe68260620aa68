//! Answers that are kept for 24 hours under the `Idempotency-Key` of their request, in the commit of its effect: a client
//! that lost an answer sends the request again, and gets the same answer without a second effect.
//!
//! While a request is being carried out, this process refuses others with its key ([`InFlight`]). The key is inserted
//! before the change runs: the same key on another server of the same PostgreSQL waits there for the first one's commit,
//! and then finds its answer. A refused change takes its key back.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::domain::secret::{Place, Sealed, Secret};
use crate::domain::time::{Span, Timestamp};
use crate::domain::user::User;
use crate::domain::{Error, FieldError, Result};
use crate::schema::idempotency_keys;
use crate::store::Tx;

/// How long an answer is kept.
const KEPT: Span = Span::hours(24);
/// Rows that one purge deletes at most, so that no commit waits long for it.
const PURGE_ROWS: i64 = 500;

/// The key of one request. It belongs to its user, whichever of the user's credentials signed. Until it is dropped, no
/// other request of this process gets it.
#[derive(Debug)]
pub struct Claim {
    key: String,
    fingerprint: String,
    place: Place,
    at: Timestamp,
    in_flight: InFlight,
}

/// The keys of the requests that this process is carrying out. Cheap to clone; every clone is the same set.
#[derive(Clone, Debug, Default)]
pub struct InFlight(Arc<Mutex<HashSet<String>>>);

/// An answer, and whether it was kept from an earlier request.
#[derive(Debug)]
pub struct Once<A> {
    /// The answer.
    pub answer: A,
    /// Whether the request had been carried out before.
    pub repeated: bool,
}

impl InFlight {
    /// Claims a key for a user's request at a time. `fingerprint` stands for everything that makes it this request.
    /// [`Error::InFlight`] while another request has the key.
    pub fn claim(&self, user: &User, key: &str, fingerprint: String, at: Timestamp) -> Result<Claim> {
        let hash = Sha256::new().chain_update(user.id.0.to_be_bytes()).chain_update(key).finalize();
        let mut row = [0; 8];
        row.copy_from_slice(&hash[..8]);
        let institute = user.institute_id.map_or(0, |id| id.0);
        let place = Place { column: "idempotency_keys.answer", row: i64::from_be_bytes(row), institute };
        let key = hex::encode(hash);
        if !self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone()) {
            return Err(Error::InFlight);
        }
        Ok(Claim { key, fingerprint, place, at, in_flight: self.clone() })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.in_flight.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

/// Runs a change and keeps its answer under the claim; where one is kept already, it is the answer, and nothing runs.
pub(super) fn once<A: Serialize + DeserializeOwned>(
    tx: &mut Tx<'_>,
    claim: &Claim,
    change: &mut impl FnMut(&mut Tx<'_>) -> Result<A>,
) -> Result<Once<A>> {
    if !take(tx, claim)? {
        return Ok(Once { answer: kept(tx, claim)?, repeated: true });
    }
    let answer = change(tx)?;
    keep(tx, claim, &answer)?;
    Ok(Once { answer, repeated: false })
}

/// Inserts the key, or takes over one whose time is over; `false` where an answer is kept under it.
fn take(tx: &mut Tx<'_>, claim: &Claim) -> Result<bool> {
    use diesel::query_dsl::methods::FilterDsl;
    let request = (
        idempotency_keys::fingerprint.eq(&claim.fingerprint),
        idempotency_keys::answer.eq(Sealed::pending()),
        idempotency_keys::expires_at.eq(claim.at + KEPT),
    );
    let taken = on!(tx, |c| FilterDsl::filter(
        diesel::insert_into(idempotency_keys::table)
            .values((idempotency_keys::key.eq(&claim.key), request.clone()))
            .on_conflict(idempotency_keys::key)
            .do_update()
            .set(request),
        idempotency_keys::expires_at.le(claim.at),
    )
    .execute(c))?;
    Ok(taken == 1)
}

fn keep(tx: &mut Tx<'_>, claim: &Claim, answer: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string(answer).map_err(|error| Error::Internal(error.to_string()))?;
    let sealed = tx.keys().seal(&Secret::new(text), claim.place)?;
    let row = idempotency_keys::table.find(&claim.key);
    on!(tx, |c| diesel::update(row).set(idempotency_keys::answer.eq(&sealed)).execute(c)).map(|_| ())
}

fn kept<A: DeserializeOwned>(tx: &mut Tx<'_>, claim: &Claim) -> Result<A> {
    let row = idempotency_keys::table.find(&claim.key);
    let found: Option<(String, Sealed)> =
        on!(tx, |c| row.select((idempotency_keys::fingerprint, idempotency_keys::answer)).first(c).optional())?;
    let (fingerprint, sealed) = found.ok_or_else(|| Error::Unavailable("a kept answer was just purged".into()))?;
    if fingerprint != claim.fingerprint {
        return Err(reused());
    }
    let text = tx.keys().open(&sealed, claim.place)?;
    serde_json::from_str(text.reveal()).map_err(|error| Error::Internal(error.to_string()))
}

/// What a key gets that came with another request before.
pub fn reused() -> Error {
    let detail = "came with another request within 24 hours; send a new key with every new request".into();
    Error::Invalid(vec![FieldError { field: "Idempotency-Key".into(), code: "idempotency_key_reused", detail }])
}

/// Deletes a few answers whose time is over; `true` when there are more.
pub(super) fn purge(tx: &mut Tx<'_>, now: Timestamp) -> Result<bool> {
    let old: Vec<String> = on!(tx, |c| idempotency_keys::table
        .filter(idempotency_keys::expires_at.le(now))
        .order(idempotency_keys::expires_at)
        .limit(PURGE_ROWS)
        .select(idempotency_keys::key)
        .load(c))?;
    on!(tx, |c| diesel::delete(idempotency_keys::table).filter(idempotency_keys::key.eq_any(&old)).execute(c))?;
    i64::try_from(old.len()).map(|deleted| deleted == PURGE_ROWS).map_err(|error| Error::Internal(error.to_string()))
}
