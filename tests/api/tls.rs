//! PostgreSQL over TLS: the program reaches a server whose certificate it can verify, and no other.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::world::MASTER_KEY;

/// A PostgreSQL cluster of its own, with a certificate of its own. `initdb` refuses root, so root lends it to the
/// account that Debian makes for it.
struct Cluster {
    folder: TempDir,
    port: u16,
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

fn run(program: &str, arguments: &[&str], folder: &Path) {
    let output = Command::new(program).args(arguments).current_dir(folder).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Runs one of PostgreSQL's own programs, which Debian keeps in a folder for each version.
fn postgres(program: &str, arguments: &[&str], folder: &Path) {
    let mut versions: Vec<_> =
        fs::read_dir("/usr/lib/postgresql").unwrap().map(|entry| entry.unwrap().path()).collect();
    versions.sort();
    let program = versions.last().unwrap().join("bin").join(program).display().to_string();
    if is_root() {
        run("runuser", &[&["-u", "postgres", "--", program.as_str()], arguments].concat(), folder);
    } else {
        run(&program, arguments, folder);
    }
}

impl Cluster {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        certificate(path, "root", &["-subj", "/CN=Test root"]);
        certificate(path, "other", &["-subj", "/CN=Another root"]);
        let names = [
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-CA",
            "root.crt",
            "-CAkey",
            "root.key",
        ];
        certificate(path, "server", &names);
        if is_root() {
            run("chown", &["-R", "postgres:", "."], path);
        }
        postgres("initdb", &["-D", "data", "-U", "examlink", "-A", "trust", "--no-sync"], path);
        let settings = format!(
            "listen_addresses = 'localhost'\nport = {port}\nunix_socket_directories = ''\nssl = on\nfsync = off\n\
             ssl_cert_file = '{0}/server.crt'\nssl_key_file = '{0}/server.key'\n",
            path.display()
        );
        fs::write(path.join("data/postgresql.conf"), settings).unwrap();
        postgres("pg_ctl", &["-D", "data", "-l", "log", "-s", "-w", "start"], path);
        Self { folder, port }
    }

    fn migrate(&self, root: &str) -> (bool, String) {
        let file = self.folder.path().join(root);
        let url = format!(
            "postgres://examlink@localhost:{}/postgres?sslmode=verify-full&sslrootcert={}",
            self.port,
            file.display()
        );
        let mut command = Command::new(env!("CARGO_BIN_EXE_examlink"));
        command.env_clear().envs([("EXAMLINK_DATABASE_URL", url.as_str()), ("EXAMLINK_MASTER_KEY", MASTER_KEY)]);
        let output = command.arg("migrate").output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        postgres("pg_ctl", &["-D", "data", "-m", "immediate", "-s", "stop"], self.folder.path());
    }
}

/// Makes a key and a certificate that signs itself, unless `more` names who signs it.
pub fn certificate(folder: &Path, name: &str, more: &[&str]) {
    let (key, certificate) = (format!("{name}.key"), format!("{name}.crt"));
    let new = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-keyout", &key, "-out", &certificate];
    run("openssl", &[&new, more].concat(), folder);
}

#[test]
fn interop_postgresql_is_reached_over_tls_only_where_its_certificate_is_right() {
    let cluster = Cluster::start();
    let (reached, said) = cluster.migrate("root.crt");
    assert!(reached && said.contains("migrated"), "{said}");
    let (reached, said) = cluster.migrate("other.crt");
    assert!(!reached && said.contains("certificate verify failed"), "{said}");
}
