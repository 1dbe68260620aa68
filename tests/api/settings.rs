//! What `serve` makes of its settings: it starts with good ones, and says which one is bad and what to do about it.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::world::{Database, Process, program};

const OTHER_KEY: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
const ZEROES: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
/// Stands in settings for what must not be printed.
const MARKER: &str = "m4rker";

/// What a start says that fails. Nothing of it is on standard output, which tells where the server listens.
fn refusal(program: &mut Command) -> String {
    let output = program.arg("serve").output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!said.contains(MARKER), "{said}");
    said
}

#[test]
fn key_04_the_server_does_not_start_without_a_good_master_key() {
    let database = Database::fresh();
    let with = |key: &str| refusal(program(&database).env("EXAMLINK_MASTER_KEY", key));
    let missing = refusal(program(&database).env_remove("EXAMLINK_MASTER_KEY"));
    assert_eq!(missing, "examlink: master_key: is not set; make one with: openssl rand -base64 32, and keep it safe\n");
    for placeholder in ["changeme", "m4rkerm4rker", ZEROES, "MDEyMzQ1Njc4OWFiY2RlZg=="] {
        let said = with(placeholder);
        assert!(said.starts_with("examlink: master_key: the master key must be 32 bytes in base64"), "{said}");
        assert!(said.contains("openssl rand -base64 32") && !said.contains(placeholder), "{said}");
    }
    let both = refusal(program(&database).env("EXAMLINK_MASTER_KEY_FILE", "/nonexistent"));
    assert_eq!(both, "examlink: master_key: is set twice, by text and by file\n");
    let mut file = program(&database);
    let file = refusal(file.env_remove("EXAMLINK_MASTER_KEY").env("EXAMLINK_MASTER_KEY_FILE", "/nonexistent"));
    assert!(file.starts_with("examlink: master_key_file: No such file"));
}

#[test]
fn key_04_the_server_does_not_start_with_the_key_of_another_database() {
    let database = Database::fresh();
    Process::serve(&database).stop();
    let said = refusal(program(&database).env("EXAMLINK_MASTER_KEY", OTHER_KEY));
    assert!(said.contains("sealed with another master key"), "{said}");
    assert!(said.contains("set EXAMLINK_MASTER_KEY to the one it was created with"), "{said}");
    assert!(!said.contains(OTHER_KEY), "{said}");
    Process::serve(&database).stop();
}

#[test]
fn key_04_a_new_server_has_no_account() {
    let database = Database::fresh();
    Process::serve(&database).stop();
    for table in ["users", "credentials", "institutes", "student_sessions"] {
        assert_eq!(database.texts(&format!("SELECT CAST(count(*) AS TEXT) AS text FROM {table}")), ["0"], "{table}");
    }
}

#[test]
fn log_02_a_file_that_cannot_be_read_is_not_repeated() {
    let (database, folder) = (Database::fresh(), TempDir::new().unwrap());
    let file = folder.path().join("examlink.toml");
    for (text, told) in [
        ("workers = 1\nmaster_key = m4rker\n", "examlink.toml, line 2: "),
        ("database_url = \"postgres://u:m4rker@h/d\n", "examlink.toml, line 1: "),
        ("master_keyy = \"m4rker\"\n", "unknown field `master_keyy`"),
        ("database_url = [\"postgres://u:m4rker@h/d\"]\n", "key `database_url`"),
    ] {
        fs::write(&file, text).unwrap();
        let said = refusal(program(&database).env("EXAMLINK_CONFIG", &file).env_remove("EXAMLINK_DATABASE_URL"));
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn log_02_no_password_of_a_database_is_printed() {
    let database = Database::fresh();
    for url in [
        "postgres://u:m4rker@127.0.0.1:1/d",
        "postgres://u:1/m4rker@127.0.0.1/d",
        "postgres://u:m4rker/1@127.0.0.1/d",
        "postgres://u:a@m4rker@127.0.0.1/d",
        "postgres://u:m4rker%@127.0.0.1/d",
        "postgres://u:a m4rker@127.0.0.1/d",
        "mysql://u:m4rker@127.0.0.1/d",
    ] {
        let said = refusal(program(&database).env("EXAMLINK_DATABASE_URL", url));
        assert!(said.contains("database"), "{said}");
    }
}
