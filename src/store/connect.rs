//! Connections: which database, opened how.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::sqlite::SqliteConnection;

use crate::domain::secret::Keyring;
use crate::domain::{Error, Result};
use crate::store::conditions::Target;
use crate::store::tx::{On, Tx};

/// Which database: `sqlite://FILE`, or `postgres://…` as libpq reads it.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file on this machine, for one server.
    Sqlite(PathBuf),
    /// A PostgreSQL server, for any number of servers. The text may hold a password.
    Postgres(String),
}

/// Why a text names no database. It does not repeat the text, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum BadDatabaseUrl {
    /// We know two kinds.
    #[error("must begin with sqlite:// (a file, such as sqlite://examlink.db) or postgres://")]
    Unknown,
    /// libpq would take a piece of the password for a host or a port, and print it.
    #[error("must have the special characters of user and password percent-encoded, such as %40 for @ and %2F for /")]
    Unescaped,
}

impl FromStr for DatabaseUrl {
    type Err = BadDatabaseUrl;
    fn from_str(text: &str) -> Result<Self, BadDatabaseUrl> {
        match text.split_once("://") {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some(("postgres" | "postgresql", rest)) if is_escaped(rest) => Ok(Self::Postgres(text.to_owned())),
            Some(("postgres" | "postgresql", _)) => Err(BadDatabaseUrl::Unescaped),
            _ => Err(BadDatabaseUrl::Unknown),
        }
    }
}

/// Whether libpq reads what stands behind `postgres://` as it was meant.
fn is_escaped(rest: &str) -> bool {
    let place = rest.split('?').next().unwrap_or_default();
    let user = place.rsplit_once('@').map_or("", |(user, _)| user);
    let hex = |text: &str| text.len() >= 2 && text.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    !user.contains(['@', '/']) && !rest.contains(char::is_whitespace) && rest.split('%').skip(1).all(hex)
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://***"),
        }
    }
}

/// One connection.
pub(super) enum Connection {
    Postgres(Box<PgConnection>),
    Sqlite(Box<SqliteConnection>),
}

/// WAL so that readers never wait; FULL so that a commit survives a power loss, not only a crash.
const SQLITE: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY;";

/// A reader does not map the file: SQLite would unmap it and map it again for each commit of others.
const SQLITE_READER: &str = "PRAGMA query_only = ON;";

const POSTGRES: &str = "SET lock_timeout = '5s'; SET statement_timeout = '30s'; \
    SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = 'warning';";

impl Connection {
    /// Opens a connection that may write.
    pub(super) fn open(url: &DatabaseUrl) -> Result<Self> {
        match url {
            DatabaseUrl::Sqlite(path) => sqlite(path, SQLITE),
            DatabaseUrl::Postgres(url) => {
                let mut connection = PgConnection::establish(url).map_err(|error| away(&error))?;
                connection.batch_execute(POSTGRES).map_err(|error| away(&error))?;
                Ok(Self::Postgres(Box::new(connection)))
            }
        }
    }

    /// Opens a connection that never writes.
    pub(super) fn open_reader(url: &DatabaseUrl) -> Result<Self> {
        match url {
            DatabaseUrl::Sqlite(path) => sqlite(path, &format!("{SQLITE} {SQLITE_READER}")),
            DatabaseUrl::Postgres(_) => {
                let mut connection = Self::open(url)?;
                connection.execute("SET default_transaction_read_only = on")?;
                Ok(connection)
            }
        }
    }

    /// The connection as queries see it.
    pub(super) fn tx<'a>(&'a mut self, keys: &'a Keyring) -> Tx<'a> {
        let on = match self {
            Self::Postgres(connection) => On::Postgres(connection),
            Self::Sqlite(connection) => On::Sqlite(connection),
        };
        Tx { on, keys, callers_changed: false, target: Target::default() }
    }

    /// Runs a statement that takes and returns nothing.
    pub(super) fn execute(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Postgres(connection) => connection.batch_execute(sql),
            Self::Sqlite(connection) => connection.batch_execute(sql),
        }
        .map_err(super::tx::failed)
    }
}

fn sqlite(path: &Path, settings: &str) -> Result<Connection> {
    let mut connection = SqliteConnection::establish(&path.to_string_lossy()).map_err(|error| away(&error))?;
    connection.batch_execute(settings).map_err(|error| away(&error))?;
    Ok(Connection::Sqlite(Box::new(connection)))
}

fn away(error: &dyn fmt::Display) -> Error {
    Error::Unavailable(format!("cannot open the database: {error}"))
}

/// Keeps a second server off the same SQLite file for as long as the value lives: its memory of spent nonces would not
/// know ours. PostgreSQL needs no such lock.
pub(super) fn lock(url: &DatabaseUrl) -> Result<Option<File>> {
    let DatabaseUrl::Sqlite(path) = url else { return Ok(None) };
    let mut name = path.clone().into_os_string();
    name.push(".lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&name).map_err(|error| away(&error))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(Error::Conflict(format!(
            "another server has {} open; use PostgreSQL for more than one server",
            path.display()
        ))),
        Err(TryLockError::Error(error)) => Err(away(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_kinds_of_database_are_known_and_no_password_is_printed() {
        assert_eq!("sqlite://a.db".parse::<DatabaseUrl>().unwrap(), DatabaseUrl::Sqlite("a.db".into()));
        let postgres: DatabaseUrl = "postgres://u:marker@h/d".parse().unwrap();
        assert_eq!(format!("{postgres:?}"), "postgres://***");
        for bad in ["", "a.db", "mysql://h/d", "sqlite://", "sqlite:a.db"] {
            assert!(bad.parse::<DatabaseUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn log_02_a_password_that_could_be_read_as_something_else_is_refused_and_not_repeated() {
        for good in ["u:p@h/d", "u:p%40%2Fq@h1:1,h2:2/d?application_name=a@b", "h/d?user=u&password=p%25q", "/d", ""] {
            assert!(format!("postgres://{good}").parse::<DatabaseUrl>().is_ok(), "{good}");
        }
        for bad in ["u:mar/ker@h/d", "u:mar@ker@h/d", "u:mar%ker@h/d", "u:mar ker@h/d", "h/d?password=mar%ker"] {
            let error = format!("postgres://{bad}").parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(error.contains("percent-encoded") && !error.contains("mar"), "{error}");
        }
    }
}
