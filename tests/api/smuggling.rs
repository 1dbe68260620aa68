//! Requests that two servers in a row could read differently are refused, and their connection ends.

use crate::world::World;
use crate::world::wire::Wire;

#[test]
fn dos_05_a_request_with_two_readings_gets_400_and_the_connection_ends() {
    let world = World::new();
    let hidden = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
    for (name, request) in [
        ("length and chunks", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("chunks and length", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"),
        ("two lengths", "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde"),
        ("the same length twice", "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd"),
        ("a list of lengths", "Content-Length: 4, 4\r\n\r\nabcd"),
        ("a length with a plus", "Content-Length: +5\r\n\r\nabcde"),
        ("a negative length", "Content-Length: -1\r\n\r\n"),
        ("a hexadecimal length", "Content-Length: 0x5\r\n\r\nabcde"),
        ("an unknown transfer encoding", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        ("two transfer encodings", "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
        ("transfer encoding twice", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("a folded header", "X-Folded: a\r\n b\r\nContent-Length: 0\r\n\r\n"),
        ("a space before the colon", "Content-Length : 4\r\n\r\nabcd"),
        ("two hosts", "Host: y\r\nContent-Length: 0\r\n\r\n"),
        ("the same host twice", "Host: x\r\nContent-Length: 0\r\n\r\n"),
        ("NUL in a header", "X-Nul: a\0b\r\nContent-Length: 0\r\n\r\n"),
        ("a bare CR in a header", "X-Cr: a\rb\r\nContent-Length: 0\r\n\r\n"),
    ] {
        let mut wire = Wire::to(world.address);
        wire.send(format!("POST /livez HTTP/1.1\r\nHost: x\r\n{request}{hidden}"));
        let heard = wire.hear();
        assert_eq!((heard.status(), heard.closed), (400, true), "{name}: {heard:?}");
        assert_eq!(heard.text.matches("HTTP/1.1").count(), 1, "{name}: the hidden request was answered");
    }
}

#[test]
fn dos_05_a_request_without_a_host_is_refused() {
    let world = World::new();
    let mut wire = Wire::to(world.address);
    wire.send("GET /livez HTTP/1.1\r\n\r\n");
    let heard = wire.hear();
    assert_eq!((heard.status(), heard.closed), (400, true), "{heard:?}");
}

#[test]
fn dos_05_a_broken_chunk_ends_the_request() {
    let world = World::new();
    let request = "POST /api/v3/exams HTTP/1.1\r\nHost: x\r\nAuthorization: Token token=x\r\n\
        Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    for chunk in ["x\r\n", "-1\r\n", "0x2\r\nab\r\n", "ffffffffffffffffff\r\n", "2\r\nabc\r\n0\r\n\r\n"] {
        let mut wire = Wire::to(world.address);
        wire.send(format!("{request}{chunk}"));
        let heard = wire.hear();
        assert_eq!((heard.status(), heard.closed), (400, true), "{chunk:?}: {heard:?}");
    }
}

/// Nobody builds an address from what a client says about itself: the public URL is a setting.
#[test]
fn dos_05_no_reply_repeats_the_host_that_a_client_claims() {
    let world = World::new();
    let things = crate::world::operations::Things::ours(&world);
    for name in ["Host", "X-Forwarded-Host", "Forwarded", "X-Forwarded-Proto", "X-Original-URL"] {
        let path = format!("/student_sessions/{}", things.session["id"]);
        let value = if name == "Forwarded" { "host=evil.example" } else { "evil.example" };
        let reply = world.teacher.call("GET", &path, serde_json::Value::Null).header(name, value).send();
        assert_eq!((reply.status, reply.text.contains("evil.example")), (200, false), "{name}: {}", reply.text);
        assert_eq!(reply.json["student"]["exam_url"], things.session["exam_url"]);
    }
}
