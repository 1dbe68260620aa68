//! The clients of `clients/`, each in its own language: held to the published vectors, and calling a real server.
//!
//! Where a runtime is not at hand its client is passed over, which is said on standard error, past the test runner.

use std::io::Write as _;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::signing::vectors::{Vector, Vectors, published};
use crate::world::{Database, Process, superuser};

/// A client and what runs it.
struct Client {
    file: &'static str,
    runtime: &'static [&'static str],
    /// How the runtime shows that it is there.
    probe: &'static str,
    /// Whether `script/test` installs the runtime, so that it must be there.
    required: bool,
}

const fn client(file: &'static str, runtime: &'static [&'static str], probe: &'static str, required: bool) -> Client {
    Client { file, runtime, probe, required }
}

const CLIENTS: [Client; 7] = [
    client("client.sh", &["bash"], "--version", true),
    client("client.py", &["python3"], "--version", true),
    client("client.mjs", &["node"], "--version", true),
    client("client.php", &["php"], "--version", true),
    client("client.rb", &["ruby"], "--version", true),
    // Compilers of 80 MB and more: used where they are, and not installed.
    client("client.go", &["go", "run"], "version", false),
    client("client.java", &["java"], "-version", false),
];

impl Client {
    fn is_at_hand(&self) -> bool {
        let found = Command::new(self.runtime[0]).arg(self.probe).output().is_ok_and(|output| output.status.success());
        if !found {
            assert!(!self.required, "{} needs {}; script/test installs it", self.file, self.runtime[0]);
            let told = format!("\n*** NOT TESTED: clients/{}, because {} is missing ***\n", self.file, self.runtime[0]);
            std::io::stderr().write_all(told.as_bytes()).unwrap();
        }
        found
    }

    fn run(&self, settings: &[(&str, &str)], arguments: &[&str]) -> Output {
        let file = format!("{}/clients/{}", env!("CARGO_MANIFEST_DIR"), self.file);
        let mut command = Command::new(self.runtime[0]);
        command.args(&self.runtime[1..]).arg(file).args(arguments).envs(settings.iter().copied());
        // Java reads its arguments as the locale says.
        command.env("LC_ALL", "C.UTF-8");
        command.output().unwrap()
    }

    /// What it prints, where it succeeds.
    fn printed(&self, settings: &[(&str, &str)], arguments: &[&str]) -> String {
        let output = self.run(settings, arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {}{errors}", self.file, String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stdout).unwrap()
    }
}

#[test]
fn interop_each_client_writes_the_messages_and_signatures_of_the_vectors() {
    let Vectors { secret_key, vectors } = published();
    for client in CLIENTS.iter().filter(|client| client.is_at_hand()) {
        for Vector { id, path_parameters, parameters, message, signature, .. } in &vectors {
            let pairs = parameters.iter().chain(path_parameters).map(|(name, value)| format!("{name}={value}"));
            // In no order of their own.
            let pairs: Vec<String> = pairs.collect::<Vec<_>>().into_iter().rev().collect();
            let arguments: Vec<&str> = ["message"].into_iter().chain(pairs.iter().map(String::as_str)).collect();
            let printed = client.printed(&[("EXAMLINK_SECRET", &secret_key)], &arguments);
            assert_eq!(printed, format!("{message}\n{signature}\n"), "{} {id}", client.file);
        }
    }
}

#[test]
fn interop_each_client_sorts_names_and_not_whole_parameters() {
    for client in CLIENTS.iter().filter(|client| client.is_at_hand()) {
        let printed = client.printed(&[("EXAMLINK_SECRET", "s")], &["message", "a1=x", "a=y", "a_b=", "B=a=b"]);
        assert!(printed.starts_with("B=a=b?a=y?a1=x?a_b=\n"), "{}: {printed}", client.file);
    }
}

#[test]
fn interop_each_client_creates_and_reads_an_exam() {
    const NAME: &str = "Où est-ce? a=b & 100% + \"c\" {id} 試験 ✓";
    let database = Database::fresh();
    let root = superuser(&database);
    let server = Process::serve(&database);
    let person = server.caller(&root);
    person.post("/institutes", json!({ "name": "First", "short_name": "F" })).created("institute");
    let origin = format!("http://{}", server.address);
    let settings =
        [("EXAMLINK_SERVER", origin.as_str()), ("EXAMLINK_TOKEN", &person.token), ("EXAMLINK_SECRET", &person.secret)];
    for client in CLIENTS.iter().filter(|client| client.is_at_hand()) {
        let object = |arguments: &[&str]| -> Value {
            let printed = client.printed(&settings, arguments);
            serde_json::from_str(&printed).unwrap_or_else(|_| panic!("{}: {printed}", client.file))
        };
        let name = format!("name={NAME}");
        let made = object(&["POST", "/exams", "institute_id=1", "type=demo", &name])["exam"].clone();
        assert_eq!(made["name"], NAME, "{}", client.file);
        let id = format!("id={}", made["id"]);
        assert_eq!(object(&["GET", "/exams/{id}", &id])["exam"], made, "{}", client.file);
        assert!(object(&["GET", "/exams", "status=draft", "limit=5"])["exams"].is_array(), "{}", client.file);
        assert_eq!(object(&["DELETE", "/exams/{id}", &id]), json!({}), "{}", client.file);
        let refused = client.run(&settings, &["GET", "/exams/{id}", &id]);
        assert!(!refused.status.success(), "{}: a refused call ends with an error", client.file);
    }
}
