//! Migrations: embedded, run under a lock, the same history on both databases.

use diesel::backend::Backend;
use diesel::migration::{MigrationSource, MigrationVersion};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::domain::{Error, Result};
use crate::store::connect::{Connection, DatabaseUrl};
use crate::store::tx::{On, Tx};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Brings the database to this program's schema and tells which versions ran. Servers that start at the same time wait
/// for one another: diesel takes no lock, so PostgreSQL's advisory lock and SQLite's write lock are taken here.
pub fn run(url: &DatabaseUrl) -> Result<Vec<String>> {
    match Connection::open(url)? {
        Connection::Postgres(mut connection) => {
            use diesel::connection::SimpleConnection as _;
            const LOCK: i64 = 0x6578_616d;
            connection
                .batch_execute(&format!(
                    "SET lock_timeout = 0; SET statement_timeout = 0; SELECT pg_advisory_lock({LOCK})"
                ))
                .map_err(super::tx::failed)?;
            let ran = pending(connection.as_mut(), POSTGRES);
            connection.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})")).map_err(super::tx::failed)?;
            ran
        }
        Connection::Sqlite(mut connection) => {
            let _lock = super::connect::lock(url)?;
            pending(connection.as_mut(), SQLITE)
        }
    }
}

fn pending<C, DB>(connection: &mut C, migrations: EmbeddedMigrations) -> Result<Vec<String>>
where
    C: MigrationHarness<DB>,
    DB: Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let ran = connection
        .run_pending_migrations(migrations)
        .map_err(|error| Error::Internal(format!("migration: {error}")))?;
    Ok(ran.iter().map(MigrationVersion::to_string).collect())
}

diesel::table! {
    /// Diesel's own record of what ran.
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

/// Whether the database has this program's schema. Reads only: diesel's own check would create its table first.
pub fn is_current(tx: &mut Tx<'_>) -> Result<bool> {
    use __diesel_schema_migrations::dsl;
    let ran: Vec<String> = on!(tx, |c| dsl::__diesel_schema_migrations.select(dsl::version).load(c))?;
    let known = match &tx.on {
        On::Postgres(_) => versions::<Pg>(POSTGRES)?,
        On::Sqlite(_) => versions::<Sqlite>(SQLITE)?,
    };
    Ok(known.iter().all(|version| ran.contains(version)))
}

fn versions<DB: Backend>(migrations: EmbeddedMigrations) -> Result<Vec<String>>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let known = MigrationSource::<DB>::migrations(&migrations).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(known.iter().map(|migration| migration.name().version().to_string()).collect())
}
