//! Bodies that a signature could be read out of in more than one way are not read at all.

use crate::world::{Reply, World};

fn send(world: &World, media_type: &str, encoding: &str, body: impl AsRef<[u8]>) -> Reply {
    let stamp = world.teacher.stamp(&[("name", "a"), ("type", "demo")]);
    let headers = [("Content-Type", media_type), ("Content-Encoding", encoding)];
    world.teacher.wire(&format!("POST /exams?{stamp}"), &headers, body)
}

const JSON: &str = r#"{ "name": "a", "type": "demo" }"#;

fn multipart(parts: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| {
        format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    parts.iter().map(part).collect::<String>() + "--limit--\r\n"
}

const MULTIPART: &str = "multipart/form-data; boundary=limit";

#[test]
fn sig_15_another_charset_another_type_and_compression_are_refused() {
    let world = World::new();
    let utf_16: Vec<u8> = JSON.encode_utf16().flat_map(u16::to_le_bytes).collect();
    send(&world, "application/json; charset=utf-16", "identity", utf_16).refused(415, "unsupported_media_type");
    send(&world, "application/json; charset=iso-8859-1", "identity", JSON).refused(415, "unsupported_media_type");
    for media_type in ["text/plain", "", "application/xml", "application/jsonp"] {
        send(&world, media_type, "identity", JSON).refused(415, "unsupported_media_type");
    }
    for encoding in ["gzip", "br", "deflate", "identity, gzip"] {
        send(&world, "application/json", encoding, JSON).refused(415, "unsupported_media_type");
    }
    send(&world, "Application/JSON; Charset=\"UTF-8\"", "identity", JSON).created("exam");
}

#[test]
fn sig_15_a_multipart_body_gives_each_field_once() {
    let world = World::new();
    let twice = multipart(&[("name", "a"), ("type", "demo"), ("name", "a")]);
    send(&world, MULTIPART, "identity", twice).refused(400, "duplicate_parameter");
    send(&world, MULTIPART, "identity", multipart(&[("name", "a"), ("type", "demo")])).created("exam");
}

#[test]
fn sig_15_a_body_that_is_no_object_in_utf_8_is_refused() {
    let world = World::new();
    for body in ["[]", "1", "\"a\"", "null", "{", "{}{}", "\u{feff}{}"] {
        send(&world, "application/json", "identity", body).refused(400, "malformed_request");
    }
    send(&world, "application/json", "identity", b"{ \"name\": \"\xff\" }").refused(400, "malformed_request");
    send(&world, "application/x-www-form-urlencoded", "identity", "name=%ff").refused(400, "malformed_request");
    send(&world, "application/json", "identity", r#"{ "name": "a\u0000b" }"#).refused(400, "malformed_request");
}
