//! Migrations: two folders, one schema.
//!
//! `data/schema.txt` is that schema in a form that both databases are asked for, so that a run on either holds it.

use std::collections::BTreeSet;
use std::fs;
use std::thread;

use diesel::connection::Connection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{PgConnection, SqliteConnection, sql_query};
use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};
use examlink::store::migrate;

use crate::world::{Database, nightly, on_postgres};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Columns, keys and indexes as lines of text; the tables of spent nonces and diesel's own left out.
const SQLITE: &str = "
    WITH t AS (SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
        AND name NOT IN ('__diesel_schema_migrations', 'nonce_log'))
    SELECT t.name || '.' || c.name || ' ' || CASE c.type WHEN 'INTEGER' THEN 'bigint' ELSE lower(c.type) END
        || CASE WHEN c.\"notnull\" OR c.pk THEN '' ELSE ' null' END AS line
    FROM t, pragma_table_info(t.name) c
    UNION ALL
    SELECT t.name || ' primary key ' || c.name FROM t, pragma_table_info(t.name) c WHERE c.pk
    UNION ALL
    SELECT t.name || CASE WHEN i.\"unique\" THEN ' unique ' ELSE ' index ' || i.name || ' ' END || (SELECT group_concat(name, ', ')
        FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno))
    FROM t, pragma_index_list(t.name) i WHERE i.origin <> 'pk'
    UNION ALL
    SELECT t.name || '.' || f.\"from\" || ' -> ' || f.\"table\" || '.' || f.\"to\" || ' on delete ' || lower(f.on_delete)
    FROM t, pragma_foreign_key_list(t.name) f";

const POSTGRES: &str = "
    WITH t AS (SELECT c.oid, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname NOT IN ('__diesel_schema_migrations', 'nonces'))
    SELECT t.name || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        || CASE WHEN a.attnotnull THEN '' ELSE ' null' END AS line
    FROM t JOIN pg_attribute a ON a.attrelid = t.oid WHERE a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT t.name || CASE WHEN x.indisprimary THEN ' primary key ' WHEN x.indisunique THEN ' unique '
        ELSE ' index ' || i.relname || ' ' END || (SELECT string_agg(a.attname, ', ' ORDER BY k.n)
        FROM unnest(x.indkey) WITH ORDINALITY AS k (attnum, n)
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum)
    FROM t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
    UNION ALL
    SELECT t.name || '.' || a.attname || ' -> ' || r.relname || '.' || b.attname || ' on delete '
        || CASE f.confdeltype WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' WHEN 'a' THEN 'no action' END
    FROM t JOIN pg_constraint f ON f.conrelid = t.oid AND f.contype = 'f' JOIN pg_class r ON r.oid = f.confrelid
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = f.conkey[1]
    JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = f.confkey[1]";

fn file(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// What the database says of itself, sorted.
fn schema(database: &Database) -> Vec<String> {
    let lines: Vec<Line> = if on_postgres() {
        sql_query(POSTGRES).load(&mut PgConnection::establish(database.url()).unwrap()).unwrap()
    } else {
        sql_query(SQLITE).load(&mut SqliteConnection::establish(database.path()).unwrap()).unwrap()
    };
    let mut lines: Vec<String> = lines.into_iter().map(|line| line.line).collect();
    lines.sort();
    lines
}

fn expected() -> Vec<String> {
    file("tests/api/data/schema.txt").lines().map(ToOwned::to_owned).collect()
}

#[test]
fn both_databases_have_the_one_schema() {
    let (found, expected) = (schema(&Database::fresh()), expected());
    let set = |lines: &[String]| lines.iter().cloned().collect::<BTreeSet<_>>();
    let (missing, new) = (&set(&expected) - &set(&found), &set(&found) - &set(&expected));
    assert!(found == expected, "tests/api/data/schema.txt has {missing:#?}, the database has {new:#?}");
}

#[test]
fn the_schema_in_the_code_has_the_columns_of_the_databases() {
    let (mut table, mut renamed, mut columns) = (String::new(), None, BTreeSet::new());
    for line in file("src/schema.rs").lines().map(str::trim) {
        if let Some(name) = line.strip_suffix(" {").and_then(|head| head.split_once(" (")).map(|(name, _)| name) {
            table = name.to_owned();
        } else if let Some(name) = line.strip_prefix("#[sql_name = \"") {
            renamed = Some(name.trim_end_matches("\"]").to_owned());
        } else if let Some((name, kind)) = line.trim_end_matches(',').split_once(" -> ") {
            if name.contains('(') || table.starts_with("nonce") {
                continue;
            }
            let (kind, null) =
                kind.strip_prefix("Nullable<").map_or((kind, ""), |inner| (inner.trim_end_matches('>'), " null"));
            let kind = match kind {
                "BigInt" => "bigint",
                "Text" => "text",
                "Bool" => "boolean",
                "Double" => "double precision",
                other => other,
            };
            columns.insert(format!("{table}.{} {kind}{null}", renamed.take().unwrap_or_else(|| name.to_owned())));
        }
    }
    let known =
        expected().into_iter().filter(|line| line.split(' ').next().unwrap().contains('.') && !line.contains("->"));
    assert_eq!(columns, known.collect());
}

#[test]
fn every_migration_can_be_undone_and_done_again() {
    let database = Database::fresh();
    let (down, up) = if on_postgres() {
        let migrations = FileBasedMigrations::from_path("migrations/postgres").unwrap();
        let mut connection = PgConnection::establish(database.url()).unwrap();
        let down = connection.revert_all_migrations(migrations.clone()).unwrap().len();
        assert_eq!(schema(&database), [""; 0]);
        (down, connection.run_pending_migrations(migrations).unwrap().len())
    } else {
        let migrations = FileBasedMigrations::from_path("migrations/sqlite").unwrap();
        let mut connection = SqliteConnection::establish(database.path()).unwrap();
        let down = connection.revert_all_migrations(migrations.clone()).unwrap().len();
        assert_eq!(schema(&database), [""; 0]);
        (down, connection.run_pending_migrations(migrations).unwrap().len())
    };
    assert!(down > 0 && down == up, "{down} undone, {up} done again");
    assert_eq!(schema(&database), expected());
}

#[test]
fn migrating_again_does_nothing() {
    let database = Database::empty();
    let migrate = || migrate::run(&database.url().parse().unwrap()).unwrap();
    assert_eq!((migrate().len(), migrate().len()), (fs::read_dir("migrations/sqlite").unwrap().count(), 0));
    assert_eq!(schema(&database), expected());
}

/// On SQLite a second server is refused; on PostgreSQL it waits for the first.
#[test]
fn servers_that_start_at_once_migrate_once() {
    for _ in 0..if nightly() { 50 } else { 5 } {
        let database = Database::empty();
        let url = database.url();
        let ran: Vec<_> = thread::scope(|scope| {
            let starts: Vec<_> = (0..2).map(|_| scope.spawn(|| migrate::run(&url.parse().unwrap()))).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        let migrated = ran.iter().flatten().filter(|versions| !versions.is_empty()).count();
        assert_eq!(migrated, 1, "{ran:?}");
        assert!(!on_postgres() || ran.iter().all(Result::is_ok), "{ran:?}");
        assert_eq!(schema(&database), expected());
    }
}
