//! The program itself, each time in a process of its own: to be killed, to share a database, to be measured.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use examlink::clock::Clock;
use examlink::domain::secret::Secret;
use examlink::domain::user::Credentials;
use serde_json::Value;

use super::{Database, MASTER_KEY, Person};

/// A server that runs until it is stopped, killed or dropped.
pub struct Process {
    pub address: SocketAddr,
    child: Child,
}

/// A superuser that the command line made.
pub struct Superuser {
    id: i64,
    credentials: Credentials,
}

/// Makes a superuser. On SQLite no server may have the database open.
pub fn superuser(database: &Database) -> Superuser {
    let arguments = ["superuser", "create", "--email", "root@example.edu", "--name", "Root"];
    let output = program(database).args(arguments).stderr(Stdio::inherit()).output().unwrap();
    let made: Value = serde_json::from_slice(&output.stdout).expect("the credentials are printed");
    let secret = |name: &str| Secret::new(made[name].as_str().unwrap());
    let credentials = Credentials { api_token: secret("api_token"), secret_key: secret("secret_key") };
    Superuser { id: made["id"].as_i64().unwrap(), credentials }
}

/// The program, set up for a database and on any free port.
pub fn program(database: &Database) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_examlink"));
    program.env_clear().envs([
        ("EXAMLINK_DATABASE_URL", database.url()),
        ("EXAMLINK_LISTEN", "127.0.0.1:0"),
        ("EXAMLINK_MASTER_KEY", MASTER_KEY),
        ("EXAMLINK_LOG", "error"),
        ("EXAMLINK_SHUTDOWN_SECONDS", "1"),
        ("EXAMLINK_REQUESTS_PER_SECOND", "0"),
        ("EXAMLINK_FAILURES_PER_SECOND", "0"),
    ]);
    program.env("EXAMLINK_ATTACHMENTS", database.attachments());
    program
}

impl Process {
    /// Starts a server on a database and waits until it listens.
    pub fn serve(database: &Database) -> Self {
        Self::serve_with(database, &[])
    }

    /// Starts a server with other settings, named as in the environment.
    pub fn serve_with(database: &Database, settings: &[(&str, &str)]) -> Self {
        Self::start(program(database).envs(settings.to_vec()))
    }

    /// Starts a server that logs everything into a file.
    pub fn serve_logging(database: &Database, log: File) -> Self {
        Self::start(program(database).env("EXAMLINK_LOG", "trace").stderr(log))
    }

    fn start(program: &mut Command) -> Self {
        let mut child = program.arg("serve").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on http://").expect("the server says where it listens");
        Self { address: address.parse().unwrap(), child }
    }

    /// The superuser as a caller of this server, in real time.
    pub fn caller(&self, superuser: &Superuser) -> Person {
        Person::new(self.address, Clock::system(), superuser.id, &superuser.credentials)
    }

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How much memory it holds, in bytes.
    pub fn memory(&self) -> usize {
        let pages = std::fs::read_to_string(format!("/proc/{}/statm", self.id())).unwrap();
        pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4_096
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(self) {
        drop(self);
    }

    /// Tells it to stop, as an operator does.
    pub fn tell_to_stop(&self) {
        let told = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.id())]).status().unwrap();
        assert!(told.success());
    }

    /// Waits until it has ended, and tells whether its exit code is 0.
    pub fn has_ended_well(mut self) -> bool {
        self.child.wait().unwrap().success()
    }

    /// Tells it to stop and waits until it has.
    pub fn stop(self) {
        self.tell_to_stop();
        assert!(self.has_ended_well(), "the server ends well");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
