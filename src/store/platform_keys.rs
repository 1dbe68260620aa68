//! The key pairs of this installation.

use diesel::prelude::*;

use crate::domain::Result;
use crate::domain::id::PlatformKeyId;
use crate::domain::platform_key::{self, NewPair, NewPlatformKey, PlatformKey, place};
use crate::domain::secret::Sealed;
use crate::domain::time::Timestamp;
use crate::schema::platform_keys;
use crate::store::Tx;
use crate::store::tx::On;

/// The pairs whose public keys are published, in the order in which they sign.
pub fn published(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<PlatformKey>> {
    let there = platform_keys::published_until.is_null().or(platform_keys::published_until.gt(now));
    on!(tx, |c| platform_keys::table
        .filter(there)
        .order((platform_keys::signs_from, platform_keys::id))
        .select(PlatformKey::as_select())
        .load(c))
}

/// Stores a pair if one is due, and forgets those that nobody needs any more. Of several servers that come at once only
/// one stores its pair.
pub fn add_if_due(tx: &mut Tx<'_>, pair: &NewPair, now: Timestamp) -> Result<()> {
    lock(tx)?;
    let published = published(tx, now)?;
    if platform_key::is_due(&published, now) {
        insert(tx, pair, platform_key::begins(&published, now), now)?;
        retire(tx, &published, now)?;
    }
    let gone = platform_keys::table.filter(platform_keys::published_until.le(now));
    on!(tx, |c| diesel::delete(gone).execute(c)).map(|_| ())
}

/// Lets the next pair sign from now on, and stores the one after it. Those before are forgotten at once where they are
/// withdrawn.
pub fn rotate(tx: &mut Tx<'_>, pair: &NewPair, withdraw: bool, now: Timestamp) -> Result<()> {
    lock(tx)?;
    let next = platform_keys::table.filter(platform_keys::signs_from.gt(now));
    on!(tx, |c| diesel::update(next).set(platform_keys::signs_from.eq(now)).execute(c))?;
    let published = published(tx, now)?;
    insert(tx, pair, platform_key::begins(&published, now), now)?;
    retire(tx, &published, now)?;
    if withdraw {
        let retired = platform_keys::table.filter(platform_keys::published_until.is_not_null());
        on!(tx, |c| diesel::delete(retired).execute(c))?;
    }
    Ok(())
}

/// Sets the end of every pair but the one that signs.
fn retire(tx: &mut Tx<'_>, published: &[PlatformKey], now: Timestamp) -> Result<()> {
    let Some(signing) = platform_key::signing(published, now) else { return Ok(()) };
    let before: Vec<PlatformKeyId> = published
        .iter()
        .take_while(|key| key.id != signing.id)
        .filter(|key| key.published_until.is_none())
        .map(|key| key.id)
        .collect();
    let until = platform_key::published_after(signing.signs_from.max(now));
    let rows = platform_keys::table.filter(platform_keys::id.eq_any(before));
    on!(tx, |c| diesel::update(rows).set(platform_keys::published_until.eq(until)).execute(c)).map(|_| ())
}

fn insert(tx: &mut Tx<'_>, pair: &NewPair, signs_from: Timestamp, now: Timestamp) -> Result<()> {
    let new =
        NewPlatformKey { private_key: Sealed::pending(), public_key: pair.public.clone(), signs_from, created_at: now };
    let id: PlatformKeyId =
        on!(tx, |c| diesel::insert_into(platform_keys::table).values(&new).returning(platform_keys::id).get_result(c))?;
    let sealed = tx.keys().seal(&pair.private, place(id))?;
    let row = platform_keys::table.find(id);
    on!(tx, |c| diesel::update(row).set(platform_keys::private_key.eq(sealed)).execute(c)).map(|_| ())
}

/// Lets one server after the other decide. SQLite has one writer, and needs none of it.
fn lock(tx: &mut Tx<'_>) -> Result<()> {
    match &tx.on {
        On::Postgres(_) => tx.execute("LOCK TABLE platform_keys IN EXCLUSIVE MODE"),
        On::Sqlite(_) => Ok(()),
    }
}
