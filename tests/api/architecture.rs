//! The invariants of the source tree, read from the source: who may import whom, and what stands in one place only.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// One Rust file of the project.
struct Source {
    /// From the root of the project, such as `src/api/exams.rs`.
    path: String,
    text: String,
}

impl Source {
    /// The part of the service that it belongs to: a folder of `src`, or a file beside them.
    fn part(&self) -> &str {
        let inner = self.path.strip_prefix("src/").unwrap();
        inner.split(['/', '.']).next().unwrap()
    }

    /// The parts that it names by `crate::`.
    fn imports(&self) -> BTreeSet<&str> {
        let after = self.text.split("crate::").skip(1);
        after.map(|rest| rest.split(|c: char| !(c.is_ascii_lowercase() || c == '_')).next().unwrap()).collect()
    }
}

fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut folders, mut sources) = (vec![root.join(folder)], Vec::<PathBuf>::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match entry.extension() {
                Some(extension) if extension == "rs" => sources.push(entry),
                None if entry.is_dir() => folders.push(entry),
                _ => {}
            }
        }
    }
    sources.sort();
    assert!(!sources.is_empty(), "{folder} holds no source");
    let read = |path: PathBuf| Source {
        text: fs::read_to_string(&path).unwrap(),
        path: path.strip_prefix(root).unwrap().to_string_lossy().into_owned(),
    };
    sources.into_iter().map(read).collect()
}

/// The files that hold any of the words.
fn naming<'s>(sources: &'s [Source], words: &[&str]) -> Vec<&'s str> {
    let names = |source: &&Source| words.iter().any(|word| source.text.contains(word));
    sources.iter().filter(names).map(|source| source.path.as_str()).collect()
}

/// Each part of the service, and the parts it may import. What is not listed is not there.
const MAY_IMPORT: [(&str, &[&str]); 19] = [
    ("schema", &[]),
    ("clock", &["domain"]),
    ("domain", &["clock", "schema"]),
    ("store", &["clock", "domain", "schema"]),
    ("config", &["clock", "domain", "jobs", "lti", "store"]),
    ("app", &["clock", "config", "domain", "platform", "store"]),
    ("platform", &["clock", "domain", "store"]),
    ("api", &["app", "clock", "config", "domain", "store"]),
    ("browser", &["app", "domain", "mark"]),
    ("page", &["app"]),
    ("mark", &["domain"]),
    ("lti", &["app", "browser", "clock", "config", "domain", "mark", "page", "platform", "store"]),
    ("web", &["app", "browser", "clock", "config", "domain", "page", "store"]),
    ("jobs", &["clock", "domain", "lti", "platform", "store"]),
    ("telemetry", &["api", "app", "clock", "page"]),
    ("server", &["api", "app", "clock", "config", "domain", "jobs", "lti", "platform", "store", "telemetry", "web"]),
    ("cli", &["api", "clock", "config", "domain", "server", "store", "telemetry", "web"]),
    ("main", &[]),
    ("lib", &[]),
];

#[test]
fn imports_go_one_way() {
    for source in sources("src") {
        let part = source.part();
        let (_, allowed) = MAY_IMPORT.iter().find(|(name, _)| *name == part).unwrap_or_else(|| panic!("{part} is new"));
        for hidden in ["crate::{", "super::super"] {
            assert!(!source.text.contains(hidden), "{}: {hidden} hides what is imported", source.path);
        }
        // A macro names its own crate by `$crate::`; what stands in quotes is no import.
        for import in source.imports().into_iter().filter(|import| MAY_IMPORT.iter().any(|(name, _)| name == import)) {
            assert!(import == part || allowed.contains(&import), "{} imports {import}", source.path);
        }
    }
}

#[test]
fn only_the_store_queries() {
    let sources = sources("src");
    let queries = [
        "diesel::insert_into",
        "diesel::update",
        "diesel::delete",
        "::table\n",
        "::table.",
        "::table)",
        "RunQueryDsl",
        "SqliteConnection",
        "PgConnection",
    ];
    for path in naming(&sources, &queries) {
        assert!(path.starts_with("src/store/"), "{path} queries the database");
    }
    assert_eq!(naming(&sources, &["sql_query"]), [""; 0], "diesel parses such a text each time");
    let [postgres, sqlite] = ["QueryFragment<Pg>", "QueryFragment<Sqlite>"].map(|word| naming(&sources, &[word]));
    let of_one_database: Vec<&str> = postgres.into_iter().filter(|path| !sqlite.contains(path)).collect();
    assert_eq!(of_one_database, ["src/store/nonces.rs"], "SQL is written once, for both databases");
}

#[test]
fn only_the_clock_asks_for_time_and_randomness() {
    let mut sources = sources("src");
    sources.extend(self::sources("crates"));
    let asks = ["SystemTime", "Utc::now", "Local::now", "getrandom", "OsRng", "thread_rng", "rand::"];
    let asking: Vec<&str> = naming(&sources, &asks).into_iter().filter(|path| !path.contains("/tests/")).collect();
    // A signature by RSA is blinded with random numbers, and is the same whatever they are.
    assert_eq!(asking, ["src/clock.rs", "crates/lti/src/v1p3/jwk/signing.rs"]);
}

#[test]
fn net_06_only_jobs_call_other_servers() {
    let sources = sources("src");
    // `config` reads the rules of calls, `examlink call` is run by a person, e-mail goes to the operator's own server.
    let clients = ["reqwest::", "lettre::", "TcpStream", "UdpSocket", "lookup_host", "hyper::", "awc::"];
    assert_eq!(naming(&sources, &clients), ["src/cli/call.rs", "src/jobs/mailer.rs", "src/lti/fetch.rs"]);
    // Keys are waited for, the registration at an LMS by whom it invites, files by the author who chose them, and the list
    // of a course by its instructor.
    let inside = [
        "src/lti/fetch.rs",
        "src/lti/fetch/",
        "src/lti/mod.rs",
        "src/lti/tool_keys.rs",
        "src/lti/chosen_files.rs",
        "src/lti/platform_registration.rs",
        "src/lti/platform_services.rs",
        "src/lti/roster.rs",
        "src/config.rs",
        "src/jobs/",
    ];
    for path in naming(&sources, &["fetch::", "Fetcher"]) {
        assert!(inside.iter().any(|place| path.starts_with(place)), "{path} calls another server while somebody waits");
    }
}

#[test]
fn the_protocols_know_nothing_of_the_service() {
    let sources = sources("crates/lti/src");
    let world = [
        "examlink::",
        "actix",
        "diesel",
        "tokio",
        "reqwest",
        "std::fs",
        "std::net",
        "std::io",
        "std::env",
        "std::time",
        "std::thread",
    ];
    assert_eq!(naming(&sources, &world), [""; 0]);
    let manifest = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/crates/lti/Cargo.toml")).unwrap();
    let needs = manifest.split_once("[dependencies]").unwrap().1.split("\n[").next().unwrap();
    let needs: Vec<&str> = needs.lines().filter_map(|line| Some(line.split_once(" = ")?.0)).collect();
    let pure = [
        "aws-lc-rs",
        "base64",
        "chrono",
        "hmac",
        "jsonwebtoken",
        "oauth1-request",
        "percent-encoding",
        "quick-xml",
        "serde",
        "serde_json",
        "sha1",
        "sha2",
        "subtle",
        "thiserror",
        "url",
        "zeroize",
    ];
    assert_eq!(needs, pure);
}

/// Files that are longer than 400 lines, each with the reason.
const LONG: [(&str, &str); 1] = [("src/schema.rs", "one table after the other, as the databases have them")];

#[test]
fn no_file_is_long_without_a_reason() {
    for source in sources("src").into_iter().chain(sources("crates/lti/src")) {
        let lines = source.text.lines().count();
        let reason = LONG.iter().find(|(path, _)| *path == source.path);
        assert!(lines <= 400 || reason.is_some(), "{} has {lines} lines; cut it in two, or say why not", source.path);
        assert!(lines > 400 || reason.is_none(), "{} is no longer long", source.path);
    }
}

#[test]
fn names_say_what_a_thing_is() {
    for source in sources("src").into_iter().chain(sources("crates/lti/src")) {
        let kinds = ["struct ", "enum ", "trait ", "mod ", "fn ", "type "];
        for name in kinds.iter().flat_map(|kind| source.text.split(kind).skip(1)) {
            let name = name.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap();
            for empty in ["Dto", "Manager", "Service", "Helper", "Util"] {
                let says_nothing =
                    name.ends_with(empty) || name == empty.to_lowercase() || name == "utils" || name == "helpers";
                assert!(!says_nothing, "{}: {name}", source.path);
            }
        }
    }
}

/// Diesel prepares an insert anew each time whose text hangs on the values.
#[test]
fn every_insert_is_prepared_once() {
    for Source { path, text } in sources("src") {
        let [inserted, prepared] =
            [", Insertable", "treat_none_as_default_value = false"].map(|word| text.matches(word).count());
        assert_eq!(inserted, prepared, "{path}");
    }
}
