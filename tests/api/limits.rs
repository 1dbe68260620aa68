//! What a single client may take: bytes, headers, time, rows.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::world::operations::operations;
use crate::world::wire::Wire;
use crate::world::{Database, PATIENCE, Process, World, http, nightly};

/// The largest body, in bytes.
const MOST: usize = 1 << 20;

fn post(headers: &str) -> String {
    format!(
        "POST /api/v3/exams HTTP/1.1\r\nHost: x\r\nAuthorization: Token token=x\r\n\
         Content-Type: application/json\r\n{headers}\r\n\r\n"
    )
}

#[test]
fn dos_01_a_body_that_announces_too_much_is_refused_before_it_is_sent() {
    let world = World::new();
    for length in [(MOST + 1).to_string(), "99999999999".into(), u64::MAX.to_string()] {
        let mut wire = Wire::to(world.address);
        wire.send(post(&format!("Content-Length: {length}")));
        let heard = wire.hear();
        assert_eq!((heard.status(), heard.closed), (413, true), "{length}: {heard:?}");
        assert!(heard.text.contains("\"too_large\""), "{heard:?}");
    }
}

#[test]
fn dos_01_a_body_in_chunks_is_refused_when_it_grows_too_large() {
    let world = World::new();
    let mut wire = Wire::to(world.address);
    wire.send(post("Transfer-Encoding: chunked"));
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    let sent = (0..MOST / 0x10000).all(|_| wire.send(&chunk));
    assert!(sent, "a body of exactly the largest size is read");
    wire.send("1\r\n \r\n");
    let reply = wire.reply();
    assert!(reply.starts_with("HTTP/1.1 413") && reply.contains("\"too_large\""), "{reply}");
}

#[test]
fn dos_01_a_megabyte_is_read_and_a_byte_more_is_not() {
    let world = World::new();
    let url = format!("{}/api/v3/exams", world.origin());
    for media_type in ["application/json", "application/x-www-form-urlencoded"] {
        for (size, status) in [(MOST, 400), (MOST + 1, 413)] {
            let body = format!("{{{}}}", " ".repeat(size - 2));
            let request = http().post(&url).header("Authorization", "Token token=x").header("Content-Type", media_type);
            assert_eq!(request.body(body).send().unwrap().status(), status, "{size} bytes of {media_type}");
        }
    }
}

#[test]
fn dos_01_too_many_headers_or_too_long_ones_get_431() {
    let world = World::new();
    // Two more are in every request.
    let many = |count: usize| "X-Many: a\r\n".repeat(count - 2);
    let long = |length: usize| format!("X-Long: {}\r\n", "a".repeat(length));
    for (headers, status) in [(many(96), 200), (many(97), 431), (long(100_000), 200), (long(131_072), 431)] {
        let mut wire = Wire::to(world.address);
        wire.send(format!("GET /livez HTTP/1.1\r\nConnection: close\r\n{headers}Host: x\r\n\r\n"));
        let heard = wire.hear();
        assert_eq!((heard.status(), heard.closed), (status, true), "{} bytes: {}", headers.len(), heard.text);
    }
}

/// Sends a byte every 100 ms and tells what came back.
fn drip(address: SocketAddr, beginning: String) -> (u16, Duration) {
    let (mut wire, started) = (Wire::to(address), Instant::now());
    wire.send(beginning);
    while started.elapsed() < PATIENCE {
        let heard = wire.hear_for(Duration::from_millis(100));
        if heard.closed || heard.status() != 0 {
            return (heard.status(), started.elapsed());
        }
        wire.send("a");
    }
    (0, started.elapsed())
}

#[test]
fn dos_02_slow_clients_are_let_go_and_others_do_not_notice() {
    let world = World::new();
    let address = world.address;
    let count = if nightly() { 500 } else { 20 };
    let slow_heads = (0..count).map(|_| thread::spawn(move || drip(address, "GET /livez HTTP/1.1\r\nX: ".into())));
    let slow_heads: Vec<_> = slow_heads.collect();
    let slow_bodies = (0..count).map(|_| thread::spawn(move || drip(address, post("Content-Length: 1000000"))));
    let slow_bodies: Vec<_> = slow_bodies.collect();
    let mut times = Vec::new();
    while times.is_empty() || !slow_heads.iter().chain(&slow_bodies).all(thread::JoinHandle::is_finished) {
        let started = Instant::now();
        world.teacher.get("/exams").ok("exams");
        times.push(started.elapsed());
    }
    for client in slow_heads.into_iter().chain(slow_bodies) {
        let (status, after) = client.join().unwrap();
        assert_eq!(status, 408);
        assert!(after >= Duration::from_secs(4), "{after:?}");
        assert!(!nightly() || after < Duration::from_secs(8), "{after:?}");
    }
    times.sort();
    let p99 = times[times.len() * 99 / 100];
    assert!(!nightly() || p99 < Duration::from_millis(200), "{} requests, p99 {p99:?}", times.len());
}

/// Asks for more than the system keeps for a reader, and reads a little of it now and then.
fn sip(address: SocketAddr, until: Instant) {
    let (mut wire, page) = (Wire::to(address), "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n");
    wire.send(page.repeat(30));
    while Instant::now() < until && !wire.hear_for(Duration::from_micros(1)).closed {
        thread::sleep(Duration::from_millis(500));
    }
}

/// Connections that come slowly in three ways, opened again as often as they are closed, for as long as `time`.
#[test]
fn dos_02_a_thousand_slow_connections_leave_others_fast() {
    let (count, time) = if nightly() { (1_000, Duration::from_mins(1)) } else { (60, Duration::from_secs(3)) };
    let database = Database::fresh();
    let server = Process::serve(&database);
    let (address, until) = (server.address, Instant::now() + time);
    let slow = |number: usize| {
        thread::spawn(move || {
            while Instant::now() < until {
                match number % 3 {
                    0 => drop(drip(address, "GET /livez HTTP/1.1\r\nX: ".into())),
                    1 => drop(drip(address, post("Content-Length: 1000000"))),
                    _ => sip(address, until),
                }
            }
        })
    };
    let clients: Vec<_> = (0..count).map(slow).collect();
    let mut times = Vec::new();
    while times.is_empty() || Instant::now() < until {
        let started = Instant::now();
        assert_eq!(http().get(format!("http://{address}/readyz")).send().unwrap().status(), 200);
        times.push(started.elapsed());
        thread::sleep(Duration::from_millis(5));
    }
    times.sort();
    let p99 = times[times.len() * 99 / 100];
    println!("{count} slow connections: {} other requests, p99 {p99:?}", times.len());
    assert!(!nightly() || p99 < Duration::from_millis(200), "{p99:?}");
    drop(server);
    for client in clients {
        client.join().unwrap();
    }
}

#[test]
fn dos_02_a_body_that_comes_steadily_is_read_for_ten_seconds_at_most() {
    let world = World::new();
    let mut wire = Wire::to(world.address);
    let started = Instant::now();
    wire.send(post("Content-Length: 1000000"));
    let mut status = 0;
    while status == 0 && started.elapsed() < PATIENCE {
        let heard = wire.hear_for(Duration::from_millis(250));
        status = heard.status();
        wire.send([b' '; 1_000]);
    }
    assert_eq!(status, 408);
    assert!(started.elapsed() >= Duration::from_secs(9), "{:?}", started.elapsed());
    assert!(!nightly() || started.elapsed() < Duration::from_secs(14), "{:?}", started.elapsed());
}

#[test]
fn dos_02_a_body_in_pieces_is_read_when_it_comes_fast_enough() {
    let world = World::new();
    let mut wire = Wire::to(world.address);
    wire.send(post("Content-Length: 14"));
    for piece in ["{\"nonce\"", " : ", "1", " }"] {
        thread::sleep(Duration::from_millis(300));
        assert!(wire.send(piece));
    }
    assert!(wire.reply().contains("timestamp: must be a number"));
}

#[test]
fn dos_04_a_page_has_300_rows_at_most() {
    let world = World::new();
    let things = crate::world::operations::Things::ours(&world);
    let lists = operations().into_iter().filter(|operation| operation.id.starts_with("list_"));
    let mut tried = 0;
    for operation in lists {
        let list = |name: &str, value: &str| operation.call(&world.superuser, &things).with(name, value).send();
        for (name, value) in [("limit", "301"), ("limit", "0"), ("limit", "-1"), ("page", "0"), ("page", "1000001")] {
            let reply = list(name, value);
            reply.refused(422, "parameter_invalid");
            assert_eq!(reply.json["errors"][0]["field"], name);
        }
        for (name, value) in [("limit", "300"), ("limit", "1"), ("page", "1000000")] {
            assert_eq!(list(name, value).status, 200, "{} {name}={value}", operation.id);
        }
        assert_eq!(operation.call(&world.superuser, &things).send().header("x-pagination-limit"), "300");
        tried += 1;
    }
    assert_eq!(tried, 18);
}

#[test]
fn dos_04_deep_json_is_refused_at_its_second_level() {
    let world = World::new();
    let (open, close) = ("[".repeat(MOST / 2 - 8), "]".repeat(MOST / 2 - 8));
    for body in [
        json!({ "name": { "a": 1 } }).to_string(),
        json!({ "name": [["a"]] }).to_string(),
        format!("{{\"name\":{open}{close}}}"),
        format!("{{\"name\":{}1{}}}", "{\"a\":".repeat(100_000), "}".repeat(100_000)),
    ] {
        let request = http().post(format!("{}/api/v3/exams", world.origin())).header("Authorization", "Token token=x");
        let reply = request.header("Content-Type", "application/json").body(body).send().unwrap();
        assert_eq!(reply.status(), 422);
        let reply: Value = serde_json::from_str(&reply.text().unwrap()).unwrap();
        assert_eq!(reply["errors"][0]["field"], "name", "{reply}");
    }
    world.exam();
}

#[test]
fn dos_01_made_up_methods_and_paths_take_no_room_in_the_metrics() {
    let server = Process::serve(&Database::fresh());
    for number in 0..20 {
        let mut wire = Wire::to(server.address);
        wire.send(format!("BREW{number} /coffee{number} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        assert_eq!(wire.hear().status(), 404);
    }
    let metrics = http().get(format!("http://{}/metrics", server.address)).send().unwrap().text().unwrap();
    let counted = "http_requests_total{method=\"other\",route=\"unknown\",status=\"404\"} 20";
    assert!(metrics.contains(counted) && !metrics.contains("BREW") && !metrics.contains("coffee"), "{metrics}");
}
