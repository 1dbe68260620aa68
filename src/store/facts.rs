//! Facts about the database itself.

use diesel::prelude::*;

use crate::domain::secret::{Keyring, Place, Sealed, Secret};
use crate::domain::{Error, Result};
use crate::schema::facts;
use crate::store::Tx;

const MASTER_KEY: &str = "master_key";
const PLACE: Place = Place { column: "facts.value", row: 0, institute: 0 };
const TEXT: &str = "sealed with the right master key";

/// The value of a fact.
pub(super) fn get(tx: &mut Tx<'_>, name: &str) -> Result<Option<String>> {
    on!(tx, |c| facts::table.find(name).select(facts::value).first(c).optional())
}

/// Sets the value of a fact.
pub(super) fn put(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<()> {
    let row = (facts::name.eq(name), facts::value.eq(value));
    on!(tx, |c| diesel::insert_into(facts::table)
        .values(row)
        .on_conflict(facts::name)
        .do_update()
        .set(facts::value.eq(value))
        .execute(c))
    .map(|_| ())
}

/// Refuses a master key that did not seal this database; a new database is marked with the key it meets first.
pub(super) fn check_master_key(tx: &mut Tx<'_>, keys: &Keyring) -> Result<()> {
    let known: Option<Sealed> = on!(tx, |c| facts::table.find(MASTER_KEY).select(facts::value).first(c).optional())?;
    let Some(sealed) = known else { return mark(tx, keys) };
    match keys.open(&sealed, PLACE) {
        Ok(text) if text.reveal() == TEXT => Ok(()),
        _ => Err(Error::Conflict(format!(
            "this database was sealed with another master key than {}; set EXAMLINK_MASTER_KEY to the one it was created with",
            keys.id()
        ))),
    }
}

fn mark(tx: &mut Tx<'_>, keys: &Keyring) -> Result<()> {
    let sealed = keys.seal(&Secret::new(TEXT), PLACE)?;
    let row = (facts::name.eq(MASTER_KEY), facts::value.eq(sealed));
    on!(tx, |c| diesel::insert_into(facts::table).values(row).on_conflict_do_nothing().execute(c)).map(|_| ())
}
