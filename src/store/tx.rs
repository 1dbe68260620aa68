//! An open connection as queries see it.

use diesel::pg::PgConnection;
use diesel::result::{DatabaseErrorKind, Error as Diesel};
use diesel::sqlite::SqliteConnection;

use crate::domain::secret::Keyring;
use crate::domain::time::Timestamp;
use crate::domain::version::Version;
use crate::domain::{Error, Result};
use crate::store::conditions::Target;

/// The only thing that can run a query. Inside [`super::Store::write`] and [`super::Store::apply`] it is a transaction;
/// inside [`super::Store::read`] and [`super::Store::query`] each statement sees what is committed when it begins.
pub struct Tx<'a> {
    pub(super) on: On<'a>,
    pub(super) keys: &'a Keyring,
    pub(super) callers_changed: bool,
    pub(super) target: Target,
}

pub(super) enum On<'a> {
    Postgres(&'a mut PgConnection),
    Sqlite(&'a mut SqliteConnection),
}

/// Runs one query, written once, on whichever database `tx` is open on.
macro_rules! on {
    ($tx:expr, |$c:ident| $query:expr) => {
        match &mut $tx.on {
            $crate::store::tx::On::Postgres($c) => {
                let $c = &mut **$c;
                $query
            }
            $crate::store::tx::On::Sqlite($c) => {
                let $c = &mut **$c;
                $query
            }
        }
        .map_err($crate::store::tx::failed)
    };
}

/// Locks one row against other servers until the end of the transaction, before it is read and written back or deleted.
/// SQLite has one writer, and needs none of it. The first row that a change locks is the one that `If-Match` speaks of.
/// `for_no_key_update` lets others write rows that refer to this one meanwhile; only who never deletes it may say so.
macro_rules! lock_row {
    ($tx:expr, $table:ident, $id:expr) => {
        lock_row!($tx, $table, $id, for_update)
    };
    ($tx:expr, $table:ident, $id:expr, $strength:ident) => {{
        use diesel::prelude::*;
        use $crate::store::tx::{On, failed};
        let row = $table::table.find($id).select($table::updated_at);
        let found = match &mut $tx.on {
            On::Postgres(c) => row.$strength().first(&mut **c).optional().map_err(failed),
            On::Sqlite(c) if $tx.target.is_awaited() => row.first(&mut **c).optional().map_err(failed),
            On::Sqlite(_) => Ok(None),
        };
        found.map(|updated_at| $tx.locked($id.0, updated_at))
    }};
}

impl Tx<'_> {
    /// The master key, to seal what is stored and to open what was sealed.
    pub fn keys(&self) -> &Keyring {
        self.keys
    }

    /// Notes the row that `If-Match` speaks of, where a condition waits for it.
    pub(super) fn locked(&mut self, id: i64, updated_at: Option<Timestamp>) {
        if let (Target::Awaited, Some(updated_at)) = (self.target, updated_at) {
            self.target = Target::Found(Version { id, updated_at });
        }
    }

    /// Runs a statement that takes and returns nothing.
    pub(super) fn execute(&mut self, sql: &str) -> Result<()> {
        use diesel::connection::SimpleConnection as _;
        on!(self, |c| c.batch_execute(sql))
    }
}

/// What a failed statement means to the caller.
#[allow(clippy::needless_pass_by_value)]
pub(super) fn failed(error: Diesel) -> Error {
    match &error {
        Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Error::Conflict(UNIQUE.into()),
        Diesel::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => Error::Conflict(REFERENCED.into()),
        Diesel::DatabaseError(kind, info) if passes(*kind, info.message()) => Error::Unavailable(error.to_string()),
        _ => Error::Internal(error.to_string()),
    }
}

const UNIQUE: &str = "a unique value exists already";
const REFERENCED: &str = "It is still in use, or refers to something that was just deleted.";

/// Whether the same statement may succeed later: the server restarts, is read-only, is locked, or chose us as a victim.
fn passes(kind: DatabaseErrorKind, message: &str) -> bool {
    matches!(
        kind,
        DatabaseErrorKind::SerializationFailure
            | DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::ReadOnlyTransaction
    ) || [
        "deadlock detected",
        "database is locked",
        "database is busy",
        "terminating connection",
        "server closed the connection",
        "no connection to the server",
        "lock timeout",
        "statement timeout",
        "disk is full",
        "disk I/O error",
        "the database system is",
    ]
    .iter()
    .any(|sign| message.contains(sign))
}

/// SQLite does not say which unique rule was broken, so each insertion names the field that can break one.
pub(super) trait OrTaken<T> {
    /// Reports a broken unique rule as the `field`'s.
    fn or_taken(self, field: &str) -> Result<T>;
}

impl<T> OrTaken<T> for Result<T> {
    fn or_taken(self, field: &str) -> Self {
        self.map_err(|error| match error {
            Error::Conflict(why) if why == UNIQUE => Error::taken(field),
            other => other,
        })
    }
}
