//! Spent nonces: each opens one request, once, for 24 hours after the timestamp it came with.
//!
//! On SQLite one process owns the file, so memory decides and a log in the database survives a crash; the log is read
//! before the port opens. On PostgreSQL the unique index decides, because other servers spend nonces too.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Binary, Text};
use sha2::{Digest, Sha256};

use crate::domain::error::Unauthenticated;
use crate::domain::id::{CredentialId, LtiConsumerId, StudentSessionId, ToolProviderId, UserId};
use crate::domain::time::{Span, Timestamp};
use crate::domain::{Error, Result};
use crate::schema::{nonce_log, nonces};
use crate::store::conditions::Conditions;
use crate::store::tx::On;
use crate::store::{Tx, facts};

/// How long a nonce stays spent after its timestamp.
const KEPT: Span = Span::hours(24);
const KEPT_MICROS: i64 = KEPT.micros();
const SHARDS: usize = 16;
const FLOOR: &str = "nonce_floor";
/// Rows that one purge deletes at most, so that no commit waits long for it.
const PURGE_ROWS: i64 = 2_000;

/// What stands for a nonce of a credential: 128 bits of SHA-256.
pub(super) type Key = [u8; 16];

/// A nonce that a verified request brought and that is not spent yet, with the conditions of the request. Only
/// [`super::Store::read`], [`super::Store::write`], [`super::Store::write_once`] and [`super::Store::spend`] take it.
#[derive(Debug)]
#[must_use = "a verified request must spend its nonce, even when it is refused"]
pub struct Nonce {
    pub(super) key: Key,
    pub(super) timestamp: Timestamp,
    pub(super) conditions: Conditions,
}

impl Nonce {
    /// Holds the request to its conditions.
    pub fn under(self, conditions: Conditions) -> Self {
        Self { conditions, ..self }
    }

    /// Notes that the request locks this session before anything else.
    pub fn locking(mut self, session: Option<StudentSessionId>) -> Self {
        self.conditions.locks = session;
        self
    }
}

/// Whose nonce it is; each sender's are told apart from all others'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// A token of the API.
    Credential(CredentialId),
    /// A tool that calls back. It may use the same nonce with another timestamp (RFC 5849 section 3.3).
    Tool(ToolProviderId),
    /// A tool of LTI 1.3 that asks for an access token: a `jti` serves once, whatever time it comes with (RFC 7523).
    Assertion(ToolProviderId),
    /// A learning management system that launches here; the same rule as for tools.
    LtiConsumer(LtiConsumerId),
    /// A user who gave a tool leave to register itself.
    Registrar(UserId),
}

/// Which nonces may still come in.
#[derive(Debug)]
pub struct Nonces {
    /// `None` where the database decides.
    memory: Option<Memory>,
    /// Older timestamps are refused: their nonces may have been forgotten. It never goes back, whatever the clock does.
    floor: AtomicI64,
}

/// Sets of keys by the UTC day of their timestamps, so that a day is forgotten at once. Of each key the first 64 bits:
/// among a million others a new nonce is taken for a spent one once in 10^13 times, and half the memory is enough.
#[derive(Debug)]
struct Memory(Vec<Mutex<BTreeMap<i64, HashSet<u64>>>>);

impl Nonces {
    /// Reads what the database remembers.
    pub(super) fn load(tx: &mut Tx<'_>) -> Result<Self> {
        let floor = read_floor(tx)?;
        let memory = match &mut tx.on {
            On::Sqlite(_) => Some(Memory::load(tx)?),
            On::Postgres(_) => None,
        };
        Ok(Self { memory, floor: AtomicI64::new(floor.micros()) })
    }

    /// Admits the nonce of a request whose signature is right, or refuses it because it was used before. `timestamp` is
    /// the request's.
    pub fn admit(&self, sender: Sender, nonce: &str, timestamp: Timestamp) -> Result<Nonce, Unauthenticated> {
        let key = key_of(sender, nonce, timestamp);
        match &self.memory {
            Some(memory) if !memory.claim(key, timestamp.day()) => Err(Unauthenticated::NonceReused),
            _ => Ok(Nonce { key, timestamp, conditions: Conditions::default() }),
        }
    }

    /// Whether a nonce with this timestamp may have been spent and forgotten.
    pub fn forgot(&self, timestamp: Timestamp) -> bool {
        timestamp.micros() < self.floor.load(Ordering::Acquire)
    }

    /// How many nonces this process holds in memory.
    pub fn len(&self) -> usize {
        self.memory.as_ref().map_or(0, Memory::len)
    }

    /// Whether none is held in memory.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives back nonces whose commit failed: nothing was answered with them.
    pub(super) fn release(&self, nonces: &[&Nonce]) {
        if let Some(memory) = &self.memory {
            for nonce in nonces {
                memory.release(nonce.key, nonce.timestamp.day());
            }
        }
    }

    /// Forgets what is older than 24 hours: raises the floor first, then deletes a few rows of it. `true` when there is
    /// more to delete.
    pub(super) fn purge(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<bool> {
        let floor = read_floor(tx)?.max(self.oldest_kept(now));
        facts::put(tx, FLOOR, &floor.micros().to_string())?;
        self.floor.fetch_max(floor.micros(), Ordering::AcqRel);
        let deleted = match &tx.on {
            On::Sqlite(_) => delete_days(tx, floor.day())?,
            On::Postgres(_) => delete_expired(tx, floor + KEPT)?,
        };
        if let Some(memory) = &self.memory {
            memory.forget_before(floor.day());
        }
        i64::try_from(deleted).map(|deleted| deleted == PURGE_ROWS).map_err(|error| Error::Internal(error.to_string()))
    }

    /// The oldest timestamp whose nonce must be known: whole days in memory, to the microsecond on PostgreSQL.
    fn oldest_kept(&self, now: Timestamp) -> Timestamp {
        let oldest = now - KEPT;
        if self.memory.is_some() { Timestamp::from_micros(oldest.day() * 86_400_000_000) } else { oldest }
    }
}

/// Stores nonces in the open transaction and tells for each, in order, whether it was unspent until now. On SQLite all
/// are: memory has refused the others.
pub(super) fn spend(tx: &mut Tx<'_>, nonces: &[&Nonce]) -> Result<Vec<bool>> {
    if matches!(tx.on, On::Sqlite(_)) {
        append(tx, nonces)?;
        return Ok(vec![true; nonces.len()]);
    }
    let mut inserted = insert(tx, nonces)?;
    Ok(nonces.iter().map(|nonce| inserted.remove(nonce.key.as_slice())).collect())
}

/// The first eight bytes are a credential's number, or those of no credential.
fn key_of(sender: Sender, nonce: &str, timestamp: Timestamp) -> Key {
    let named = |name: &[u8; 8], id: i64| {
        let numbers = [id.to_be_bytes(), timestamp.micros().to_be_bytes()];
        Sha256::new().chain_update(name).chain_update(numbers.as_flattened())
    };
    let sender = match sender {
        Sender::Credential(id) => Sha256::new().chain_update(id.0.to_be_bytes()),
        Sender::Tool(id) => named(b"lti tool", id.0),
        Sender::Assertion(id) => Sha256::new().chain_update(b"lti jti.").chain_update(id.0.to_be_bytes()),
        Sender::LtiConsumer(id) => named(b"lti lms.", id.0),
        Sender::Registrar(id) => named(b"lti reg.", id.0),
    };
    let hash: [u8; 32] = sender.chain_update(nonce).finalize().into();
    let mut key = [0; 16];
    key.copy_from_slice(&hash[..16]);
    key
}

fn append(tx: &mut Tx<'_>, nonces: &[&Nonce]) -> Result<()> {
    let mut days: BTreeMap<i64, Vec<u8>> = BTreeMap::new();
    for nonce in nonces {
        days.entry(nonce.timestamp.day()).or_default().extend_from_slice(&nonce.key);
    }
    for (day, keys) in days {
        let row = (nonce_log::day.eq(day), nonce_log::keys.eq(keys));
        on!(tx, |c| diesel::insert_into(nonce_log::table).values(row).execute(c))?;
    }
    Ok(())
}

/// Inserts and returns the keys that were not there. They go in sorted, in every server: two servers that insert the
/// same keys in other orders would deadlock. A key below the floor may have been deleted by another server, whose clock
/// is ahead of ours.
fn insert(tx: &mut Tx<'_>, nonces: &[&Nonce]) -> Result<HashSet<Vec<u8>>> {
    let expiries: BTreeMap<&[u8], i64> =
        nonces.iter().map(|nonce| (nonce.key.as_slice(), (nonce.timestamp + KEPT).micros())).collect();
    let (keys, expiries) = expiries.into_iter().unzip();
    let On::Postgres(connection) = &mut tx.on else { return Ok(HashSet::new()) };
    let inserted: Vec<Vec<u8>> = Insert { keys, expiries }.load(&mut **connection).map_err(super::tx::failed)?;
    Ok(inserted.into_iter().collect())
}

/// The insert in the form that is prepared once for a connection: a text that diesel is handed is parsed and planned each
/// time, while requests wait.
struct Insert<'a> {
    keys: Vec<&'a [u8]>,
    expiries: Vec<i64>,
}

impl QueryId for Insert<'_> {
    type QueryId = Insert<'static>;
}

impl Query for Insert<'_> {
    type SqlType = Binary;
}

impl RunQueryDsl<PgConnection> for Insert<'_> {}

impl QueryFragment<Pg> for Insert<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("INSERT INTO nonces (key, expires_at) SELECT * FROM UNNEST(");
        out.push_bind_param::<Array<Binary>, _>(&self.keys)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.expiries)?;
        out.push_sql(") AS new (key, expires_at) WHERE expires_at >= COALESCE((SELECT value::bigint + ");
        out.push_bind_param::<BigInt, _>(&KEPT_MICROS)?;
        out.push_sql(" FROM facts WHERE name = ");
        out.push_bind_param::<Text, _>(FLOOR)?;
        out.push_sql("), 0) ON CONFLICT DO NOTHING RETURNING key");
        Ok(())
    }
}

fn delete_days(tx: &mut Tx<'_>, before: i64) -> Result<usize> {
    let old: Vec<i64> = on!(tx, |c| nonce_log::table
        .filter(nonce_log::day.lt(before))
        .order(nonce_log::day)
        .limit(PURGE_ROWS)
        .select(nonce_log::id)
        .load(c))?;
    on!(tx, |c| diesel::delete(nonce_log::table.filter(nonce_log::id.eq_any(&old))).execute(c))
}

fn delete_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<usize> {
    let old: Vec<Vec<u8>> = on!(tx, |c| nonces::table
        .filter(nonces::expires_at.lt(now))
        .order(nonces::expires_at)
        .limit(PURGE_ROWS)
        .select(nonces::key)
        .load(c))?;
    on!(tx, |c| diesel::delete(nonces::table.filter(nonces::key.eq_any(&old))).execute(c))
}

fn read_floor(tx: &mut Tx<'_>) -> Result<Timestamp> {
    let text = facts::get(tx, FLOOR)?;
    Ok(Timestamp::from_micros(text.and_then(|text| text.parse().ok()).unwrap_or(i64::MIN)))
}

/// What memory keeps of a key.
fn start(key: Key) -> u64 {
    u64::from_le_bytes(key.as_chunks().0[0])
}

impl Memory {
    /// All that the log holds, whatever the clock says: only a purge, which raises the floor, forgets.
    fn load(tx: &mut Tx<'_>) -> Result<Self> {
        let memory = Self((0..SHARDS).map(|_| Mutex::default()).collect());
        let mut after = 0;
        loop {
            let rows: Vec<(i64, i64, Vec<u8>)> = on!(tx, |c| nonce_log::table
                .filter(nonce_log::id.gt(after))
                .order(nonce_log::id)
                .limit(20_000)
                .load(c))?;
            let Some((last, ..)) = rows.last() else { return Ok(memory) };
            after = *last;
            for (_, day, keys) in &rows {
                for key in keys.as_chunks::<16>().0 {
                    memory.claim(*key, *day);
                }
            }
        }
    }

    /// Takes a key for a request; `false` when it is taken already, on whatever day.
    fn claim(&self, key: Key, day: i64) -> bool {
        let (mut days, start) = (self.shard(key), start(key));
        !days.values().any(|keys| keys.contains(&start)) && days.entry(day).or_default().insert(start)
    }

    fn release(&self, key: Key, day: i64) {
        if let Some(keys) = self.shard(key).get_mut(&day) {
            keys.remove(&start(key));
        }
    }

    fn forget_before(&self, day: i64) {
        for shard in &self.0 {
            let mut days = shard.lock().unwrap_or_else(PoisonError::into_inner);
            *days = days.split_off(&day);
        }
    }

    fn len(&self) -> usize {
        let count = |shard: &Mutex<BTreeMap<i64, HashSet<u64>>>| {
            shard.lock().unwrap_or_else(PoisonError::into_inner).values().map(HashSet::len).sum::<usize>()
        };
        self.0.iter().map(count).sum()
    }

    fn shard(&self, key: Key) -> MutexGuard<'_, BTreeMap<i64, HashSet<u64>>> {
        self.0[usize::from(key[15]) % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
