//! The command line, as operators and callers use it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::world::{Database, MASTER_KEY, Person, Process, http, superuser};

fn examlink(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_examlink"));
    command.env_clear().args(arguments).envs(settings.to_vec()).output().unwrap()
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn key_04_a_server_does_not_start_without_the_key_that_sealed_its_database() {
    let database = Database::fresh();
    superuser(&database);
    let serve = |key: &str| {
        let settings = [
            ("EXAMLINK_DATABASE_URL", database.url()),
            ("EXAMLINK_LISTEN", "127.0.0.1:0"),
            ("EXAMLINK_MASTER_KEY", key),
        ];
        let output = examlink(&["serve"], &settings);
        assert!(!output.status.success());
        told(&output)
    };
    assert!(serve("").contains("master_key: is not set"));
    assert!(serve("changeme").contains("32 bytes in base64"));
    assert!(serve("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").contains("not one byte repeated"));
    assert!(serve("ZZZZMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2Q=").contains("sealed with another master key"));
}

#[test]
fn settings_are_checked_and_printed_without_secrets() {
    let url = "postgres://examlink:marker-password@db.example/examlink";
    let settings = [("EXAMLINK_DATABASE_URL", url), ("EXAMLINK_MASTER_KEY", MASTER_KEY)];
    let checked = examlink(&["config", "check"], &settings);
    assert!(checked.status.success(), "{}", told(&checked));
    assert!(!told(&checked).contains("marker-password") && !told(&checked).contains(MASTER_KEY), "{}", told(&checked));
    let unknown = examlink(&["config", "check"], &[("EXAMLINK_MASTER_KEYS", MASTER_KEY)]);
    assert!(!unknown.status.success() && told(&unknown).contains("master_keys"), "{}", told(&unknown));
    let database =
        examlink(&["config", "check"], &[("EXAMLINK_DATABASE_URL", "mysql://db"), ("EXAMLINK_MASTER_KEY", MASTER_KEY)]);
    assert!(!database.status.success() && told(&database).contains("sqlite://"), "{}", told(&database));
}

#[test]
fn a_second_server_on_one_sqlite_file_is_told_to_use_postgresql() {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite://{}", folder.path().join("examlink.db").display());
    let settings = [
        ("EXAMLINK_DATABASE_URL", url.as_str()),
        ("EXAMLINK_MASTER_KEY", MASTER_KEY),
        ("EXAMLINK_LISTEN", "127.0.0.1:0"),
    ];
    let mut first = Command::new(env!("CARGO_BIN_EXE_examlink"));
    let mut first =
        first.env_clear().arg("serve").envs(settings).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    first_line(&mut first);
    let second = examlink(&["serve"], &settings);
    assert!(
        !second.status.success() && told(&second).contains("use PostgreSQL for more than one server"),
        "{}",
        told(&second)
    );
    let _ = first.kill();
    let _ = first.wait();
}

/// The settings by which the commands call a server as somebody.
fn keys<'s>(person: &'s Person, origin: &'s str) -> [(&'static str, &'s str); 3] {
    [("EXAMLINK_TOKEN", &person.token), ("EXAMLINK_SECRET", &person.secret), ("EXAMLINK_SERVER", origin)]
}

#[test]
fn a_call_is_signed_sent_and_shown_and_the_printed_curl_command_works_once() {
    let database = Database::fresh();
    let root = superuser(&database);
    let server = Process::serve(&database);
    let person = server.caller(&root);
    let origin = format!("http://{}", server.address);
    let keys = keys(&person, &origin);
    let called = examlink(&["call", "POST", "/institutes", "name=It's 100% ours?", "short_name=EXU"], &keys);
    assert!(called.status.success() && told(&called).starts_with("201 Created"), "{}", told(&called));
    let signed = told(&examlink(&["sign", "GET", "/institutes/1"], &keys));
    assert!(signed.contains("message:   id=1?nonce="), "{signed}");
    let curl = &signed[signed.find("curl").unwrap()..];
    let send = || Command::new("bash").args(["-c", curl]).output().unwrap();
    assert!(told(&send()).contains("It's 100% ours?"), "{curl}");
    assert!(told(&send()).contains("nonce_reused"));
    let refused = examlink(&["call", "GET", "/nowhere"], &keys);
    assert!(!refused.status.success() && told(&refused).contains("the API has no call GET"), "{}", told(&refused));
}

#[test]
fn a_call_is_signed_as_a_message_and_the_printed_curl_command_works_once() {
    let database = Database::fresh();
    let root = superuser(&database);
    let server = Process::serve(&database);
    let person = server.caller(&root);
    let origin = format!("http://{}", server.address);
    let keys = keys(&person, &origin);
    let run = |task: &str, rest: &[&str]| examlink(&[&[task, "--scheme", "rfc9421"], rest].concat(), &keys);
    let called = run("call", &["POST", "/institutes", "name=It's 100% ours? é & b", "short_name=EXU"]);
    assert!(called.status.success() && told(&called).starts_with("201 Created"), "{}", told(&called));
    assert!(told(&run("call", &["GET", "/institutes", "page=1"])).starts_with("200 OK"));
    for call in [&["GET", "/institutes/1"][..], &["PATCH", "/institutes/1", "name=It's 100% mine?"]] {
        let signed = told(&run("sign", call));
        assert!(signed.contains(&format!("\"@target-uri\": {origin}/api/v3/institutes/1\n")), "{signed}");
        let curl = &signed[signed.find("curl").unwrap()..];
        let send = || Command::new("bash").args(["-c", curl]).output().unwrap();
        assert!(told(&send()).contains("It's 100% "), "{curl}");
        assert!(told(&send()).contains("nonce_reused"), "{curl}");
    }
    let token = examlink(&["sign", "--scheme", "rfc9421", "GET", "/institutes", "--token", "é"], &keys);
    assert!(!token.status.success(), "a token that no header holds");
}

#[test]
fn the_openapi_document_in_the_repository_is_the_programs() {
    let printed = examlink(&["openapi"], &[]);
    let kept = include_str!("../../openapi/openapi.json");
    assert!(printed.stdout == kept.as_bytes(), "refresh it: cargo run -- openapi > openapi/openapi.json");
}

#[test]
fn a_seed_file_is_planted_through_the_rules() {
    let database = Database::fresh();
    let settings = [("EXAMLINK_DATABASE_URL", database.url()), ("EXAMLINK_MASTER_KEY", MASTER_KEY)];
    let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/seeds/demo.toml");
    let planted = examlink(&["seed", seed], &settings);
    let printed: Value = serde_json::from_slice(&planted.stdout).unwrap_or_else(|_| panic!("{}", told(&planted)));
    assert!(printed["exam_url"].as_str().unwrap().contains("/sessions/"));
    let again = examlink(&["seed", seed], &settings);
    assert!(!again.status.success() && told(&again).contains("has already been taken"), "{}", told(&again));
    let current = examlink(&["migrate"], &settings);
    assert!(told(&current).contains("up to date"), "{}", told(&current));
}

#[test]
fn a_seed_file_may_register_where_users_sign_in() {
    let database = Database::fresh();
    let settings = [("EXAMLINK_DATABASE_URL", database.url()), ("EXAMLINK_MASTER_KEY", MASTER_KEY)];
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("seed.toml").display().to_string();
    let plant = |url: &str| {
        let provider = format!("[identity_provider]\nname = \"Campus login\"\nurl = \"{url}\"\nissuer = \"campus\"\n");
        std::fs::write(&file, format!("{}\n{provider}", include_str!("../../seeds/demo.toml"))).unwrap();
        examlink(&["seed", &file], &settings)
    };
    let refused = plant("javascript:alert(1)");
    assert!(!refused.status.success() && told(&refused).contains("must begin with https://"), "{}", told(&refused));
    assert_eq!(database.rows("institutes"), 0);
    let planted = plant("https://login.example.edu/sso");
    assert!(planted.status.success(), "{}", told(&planted));
    let stored =
        database.texts("SELECT name || ' ' || idp_sso_target_url || ' ' || issuer AS text FROM identity_providers");
    assert_eq!(stored, ["Campus login https://login.example.edu/sso campus"]);
}

#[test]
fn a_server_that_is_told_to_stop_ends_well() {
    let database = Database::fresh();
    superuser(&database);
    let server = Process::serve(&database);
    let ready = reqwest::blocking::get(format!("http://{}/readyz", server.address)).unwrap();
    assert_eq!(ready.status(), 200);
    server.stop();
}

#[test]
fn the_demo_prints_links_credentials_and_a_call_that_answers_200() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("demo").display().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_examlink"));
    command.env_clear().args(["demo", "--listen", "127.0.0.1:0", "--data", &data]);
    let mut demo = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut printed = String::new();
    let mut output = BufReader::new(demo.stdout.take().unwrap());
    while !printed.contains("Press Ctrl-C") {
        assert!(output.read_line(&mut printed).unwrap() > 0, "{printed}");
    }
    let curl = &printed[printed.find("curl").unwrap()..printed.find("Press Ctrl-C").unwrap()];
    let answered = Command::new("bash")
        .args(["-c", &curl.replace("curl -sS", "curl -sS -o /dev/null -w '%{http_code}'")])
        .output()
        .unwrap();
    assert_eq!(told(&answered), "200", "{curl}");
    let _ = demo.kill();
    let _ = demo.wait();
}

fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap().by_ref()).read_line(&mut line).unwrap();
    line
}

/// The ids of the keys that a server publishes.
fn published(server: &Process) -> Vec<String> {
    let url = format!("http://{}/.well-known/jwks.json", server.address);
    let set: Value = http().get(url).send().unwrap().text().map(|text| serde_json::from_str(&text).unwrap()).unwrap();
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn lti_12_an_operator_lets_the_next_key_sign_and_withdraws_the_one_before() {
    let database = Database::fresh();
    let rotate = |further: &[&str]| {
        let settings = [("EXAMLINK_DATABASE_URL", database.url()), ("EXAMLINK_MASTER_KEY", MASTER_KEY)];
        let rotated = examlink(&[&["keys", "rotate"], further].concat(), &settings);
        assert!(rotated.status.success(), "{}", told(&rotated));
        let printed: Value = serde_json::from_slice(&rotated.stdout).unwrap();
        printed["kid"].as_str().unwrap().to_owned()
    };
    let begun = |of: &Database| {
        let server = Process::serve(of);
        let keys = published(&server);
        server.stop();
        keys
    };
    let first = begun(&database);
    assert_eq!(first.len(), 2);
    let server = Process::serve(&database);
    assert_eq!(rotate(&[]), first[1], "the next one was published long before it signs");
    server.stop();
    let second = begun(&database);
    assert_eq!((second.len(), &second[..2]), (3, &first[..]), "the one before is still there");
    let server = Process::serve(&database);
    assert_eq!(rotate(&["--withdraw"]), second[2]);
    server.stop();
    let third = begun(&database);
    assert_eq!((third.len(), &third[0]), (2, &second[2]), "it is not, and another one is next");
}

#[test]
fn lti_12_keys_are_not_rotated_in_a_database_of_another_version() {
    let empty = Database::empty();
    let settings = [("EXAMLINK_DATABASE_URL", empty.url()), ("EXAMLINK_MASTER_KEY", MASTER_KEY)];
    let refused = examlink(&["keys", "rotate"], &settings);
    assert!(!refused.status.success());
    assert!(told(&refused).contains("examlink migrate"), "{}", told(&refused));
}
