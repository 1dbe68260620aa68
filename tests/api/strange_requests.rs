//! Methods, paths and headers that somebody tries who looks for a way in.

use std::fs::{self, File};

use serde_json::Value;
use tempfile::TempDir;

use crate::world::operations::Things;
use crate::world::wire::{Heard, Wire};
use crate::world::{Database, Process, World, document, superuser};

/// Headers by which a proxy says where a request came from and where it was meant to go.
const FORGED: [(&str, &str); 8] = [
    ("Host", "evil.example"),
    ("X-Forwarded-Host", "evil.example"),
    ("X-Forwarded-Proto", "evil.example"),
    ("X-Forwarded-Port", "6666"),
    ("X-Forwarded-For", "203.0.113.66"),
    ("X-Real-IP", "203.0.113.66"),
    ("Forwarded", "for=203.0.113.66;host=evil.example;proto=https"),
    ("X-Original-URL", "http://evil.example/"),
];

fn send(world: &World, method: &str, path: &str) -> Heard {
    let mut wire = Wire::to(world.address);
    wire.send(format!("{method} {path} HTTP/1.1\r\nHost: x\r\nX-Mine: my-own-header\r\nConnection: close\r\n\r\n"));
    wire.hear()
}

#[test]
fn dos_07_methods_that_nothing_takes_are_refused_and_nothing_is_echoed() {
    let world = World::new();
    let paths = document()["paths"].as_object().unwrap().keys();
    let paths = paths.map(|path| path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }));
    let mut paths: Vec<String> = paths.map(|parts| parts.collect::<Vec<_>>().join("/")).collect();
    let api = paths.len();
    paths.extend(["/", "/livez", "/metrics", "/assets/exam.css", "/sessions/1", "/openapi.json"].map(str::to_owned));
    for (number, path) in paths.iter().enumerate() {
        for method in ["TRACE", "TRACK", "PROPFIND", "DEBUG", "OPTIONS", "get"] {
            let heard = send(&world, method, path);
            let expected: &[u16] = if number < api { &[405] } else { &[404, 405] };
            assert!(expected.contains(&heard.status()), "{method} {path}: {heard:?}");
            assert!(!heard.text.contains("my-own-header"), "{method} {path}: {heard:?}");
        }
    }
    let tunnel = send(&world, "CONNECT", "example.org:443");
    assert!((400..500).contains(&tunnel.status()), "{tunnel:?}");
}

#[test]
fn dos_07_no_path_leads_to_a_file_of_the_machine() {
    let world = World::new();
    let mut tried = 0;
    for folder in ["", "/assets", "/docs", "/api/v3", "/sessions", "/sessions/1/attachments"] {
        for file in [
            ".git/config",
            ".git/HEAD",
            ".env",
            ".htaccess",
            ".DS_Store",
            "Cargo.toml",
            "examlink.db",
            "examlink.db-wal",
            "../Cargo.toml",
            "../../../../../../etc/passwd",
            "..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
            "%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
            "%252e%252e%252fetc%252fpasswd",
            "..\\..\\..\\etc\\passwd",
            "..%5c..%5c..%5cetc%5cpasswd",
            "....//....//etc/passwd",
            "/etc/passwd",
            "%2fetc%2fpasswd",
            "exam.css%00.txt",
            "exam.css/",
        ] {
            let heard = send(&world, "GET", &format!("{folder}/{file}"));
            // A path that is no address at all is refused as one.
            assert!([400, 404].contains(&heard.status()), "{folder}/{file}: {heard:?}");
            assert!(!heard.text.contains("root:") && !heard.text.contains("[package]"), "{folder}/{file}");
            tried += 1;
        }
    }
    assert_eq!(tried, 120);
    assert_eq!(send(&world, "GET", "/assets/exam.css").status(), 200);
}

#[test]
fn dos_06_no_page_and_no_launch_is_built_from_what_a_client_says_about_itself() {
    let world = World::new();
    let things = Things::ours(&world);
    world.publish(&things.exam);
    let home = world.started(&things.session);
    let launch = format!("{home}/launch/{}", things.resource["id"]);
    let mut wanted = world.origin().replace(':', "&#58;");
    wanted = if world.page(&launch).text.contains(&wanted) { wanted } else { world.origin() };
    for path in [&home, &launch] {
        for (name, value) in FORGED {
            let host = if name == "Host" { String::new() } else { "Host: x\r\n".to_owned() };
            let mut wire = Wire::to(world.address);
            wire.send(format!("GET {path} HTTP/1.1\r\n{host}{name}: {value}\r\nConnection: close\r\n\r\n"));
            let heard = wire.hear();
            assert_eq!((heard.status(), heard.text.contains(value)), (200, false), "{path} with {name}: {heard:?}");
            let returns = *path == launch;
            assert!(!returns || heard.text.contains(&format!("{wanted}/return/")), "{name}: {heard:?}");
        }
    }
}

#[test]
fn dos_06_a_forged_address_does_not_reach_the_log() {
    let (database, folder) = (Database::fresh(), TempDir::new().unwrap());
    let root = superuser(&database);
    let path = folder.path().join("log");
    let server = Process::serve_logging(&database, File::create(&path).unwrap());
    let caller = server.caller(&root);
    for (name, value) in FORGED.into_iter().skip(1) {
        caller.call("GET", "/institutes", Value::Null).header(name, value).send().ok("institutes");
        let stranger = caller.with("0123456789abcdef", "wrong");
        stranger.call("GET", "/institutes", Value::Null).header(name, value).send().refused(401, "invalid_signature");
    }
    server.stop();
    let log = fs::read_to_string(path).unwrap();
    assert!(log.lines().filter(|line| line.contains("\"target\":\"access\"")).count() >= 14, "{log}");
    assert!(!log.contains("203.0.113.66") && !log.contains("evil.example"), "{log}");
}
