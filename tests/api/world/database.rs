//! A migrated database for each test: a copy of one that is made once.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use examlink::store::{DatabaseUrl, migrate};
use tempfile::TempDir;

/// A database that goes away with the test.
pub struct Database {
    url: String,
    kind: Kind,
}

enum Kind {
    Sqlite { folder: TempDir },
    Postgres { name: String, folder: TempDir },
}

static COUNT: AtomicU32 = AtomicU32::new(0);

/// Whether the tests run on PostgreSQL.
pub fn on_postgres() -> bool {
    match std::env::var("EXAMLINK_TEST_DATABASE").as_deref() {
        Ok("postgres") => true,
        Ok("sqlite") | Err(_) => false,
        Ok(other) => panic!("EXAMLINK_TEST_DATABASE is {other:?}; it must be sqlite or postgres"),
    }
}

fn server() -> String {
    std::env::var("EXAMLINK_TEST_POSTGRES").expect("EXAMLINK_TEST_POSTGRES names a server; script/test starts one")
}

fn on_server(sql: &str) {
    PgConnection::establish(&server()).expect("PostgreSQL answers").batch_execute(sql).expect(sql);
}

/// The URL of another database on the same server.
fn url_of(name: &str) -> String {
    let mut url = url::Url::parse(&server()).unwrap();
    url.set_path(name);
    url.to_string()
}

impl Database {
    /// A new, migrated, empty database of the kind that this run tests.
    pub fn fresh() -> Self {
        if on_postgres() { Self::postgres() } else { Self::sqlite() }
    }

    fn sqlite() -> Self {
        static TEMPLATE: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
        let (_, template) = TEMPLATE.get_or_init(|| {
            let folder = TempDir::new().unwrap();
            let path = folder.path().join("template.db");
            migrate::run(&DatabaseUrl::Sqlite(path.clone())).unwrap();
            (folder, path)
        });
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("examlink.db");
        std::fs::copy(template, &path).unwrap();
        Self { url: format!("sqlite://{}", path.display()), kind: Kind::Sqlite { folder } }
    }

    fn postgres() -> Self {
        static TEMPLATE: OnceLock<String> = OnceLock::new();
        let process = std::process::id();
        let template = TEMPLATE.get_or_init(|| {
            let name = format!("template_{process}");
            on_server(&format!("DROP DATABASE IF EXISTS {name}; "));
            on_server(&format!("CREATE DATABASE {name}"));
            migrate::run(&url_of(&name).parse().unwrap()).unwrap();
            name
        });
        let name = format!("test_{process}_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        // Ten times faster than by the write-ahead log, which is what PostgreSQL does by itself.
        on_server(&format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"));
        Self { url: url_of(&name), kind: Kind::Postgres { name, folder: TempDir::new().unwrap() } }
    }

    /// How many rows a table has, read beside the server.
    pub fn rows(&self, table: &str) -> i64 {
        self.texts(&format!("SELECT CAST(COUNT(*) AS TEXT) AS text FROM {table}"))[0].parse().unwrap()
    }

    /// Runs SQL beside the server.
    pub fn run(&self, sql: &str) {
        match &self.kind {
            Kind::Sqlite { .. } => self.open_file().batch_execute(sql).expect(sql),
            Kind::Postgres { .. } => self.open_server().batch_execute(sql).expect(sql),
        }
    }

    /// Does something while nobody can write a launch.
    pub fn while_locked(&self, act: impl FnOnce()) {
        self.while_unwritable("launches", act);
    }

    /// Does something while nobody can write rows of a table; of SQLite, any row.
    pub fn while_unwritable<T>(&self, table: &str, act: impl FnOnce() -> T) -> T {
        match &self.kind {
            Kind::Sqlite { .. } => {
                let mut holder = self.open_file();
                holder.batch_execute("BEGIN IMMEDIATE").unwrap();
                let done = act();
                holder.batch_execute("ROLLBACK").unwrap();
                done
            }
            Kind::Postgres { .. } => {
                let mut holder = self.open_server();
                holder.batch_execute(&format!("BEGIN; LOCK TABLE {table} IN EXCLUSIVE MODE")).unwrap();
                let done = act();
                holder.batch_execute("ROLLBACK").unwrap();
                done
            }
        }
    }

    /// The one column, a text, that a query beside the server gives.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
            text: Option<String>,
        }
        let rows: Vec<Row> = match &self.kind {
            Kind::Sqlite { .. } => sql_query(sql).load(&mut self.open_file()),
            Kind::Postgres { .. } => sql_query(sql).load(&mut self.open_server()),
        }
        .expect(sql);
        rows.into_iter().filter_map(|row| row.text).collect()
    }

    /// A connection to the file beside the server.
    pub fn open_file(&self) -> SqliteConnection {
        let mut connection = SqliteConnection::establish(self.url.trim_start_matches("sqlite://")).unwrap();
        connection.batch_execute("PRAGMA busy_timeout = 30000").unwrap();
        connection
    }

    /// A connection to PostgreSQL beside the server.
    pub fn open_server(&self) -> PgConnection {
        PgConnection::establish(&self.url).unwrap()
    }

    /// A new database without a schema.
    pub fn empty() -> Self {
        if on_postgres() {
            let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
            on_server(&format!("CREATE DATABASE {name}"));
            return Self { url: url_of(&name), kind: Kind::Postgres { name, folder: TempDir::new().unwrap() } };
        }
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}", folder.path().join("examlink.db").display());
        Self { url, kind: Kind::Sqlite { folder } }
    }

    /// Where the files of exams are: by default beside the file of SQLite.
    pub fn attachments(&self) -> PathBuf {
        match &self.kind {
            Kind::Sqlite { folder } | Kind::Postgres { folder, .. } => folder.path().join("attachments"),
        }
    }

    /// As the setting `database_url` has it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The file of a SQLite database.
    pub fn path(&self) -> &str {
        self.url.strip_prefix("sqlite://").expect("a SQLite database")
    }

    /// Runs a statement behind the server's back.
    pub fn execute(&self, sql: &str) {
        if on_postgres() {
            self.open_server().batch_execute(sql).expect(sql);
        } else {
            self.open_file().batch_execute(sql).expect(sql);
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Kind::Postgres { name, .. } = &self.kind {
            on_server(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}
