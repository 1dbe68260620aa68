//! One bit of a request changes, and the signature no longer fits.

use serde_json::json;

use crate::world::{Call, Reply, World, sign};

fn refused(reply: &Reply) {
    assert!([400, 401].contains(&reply.status), "{}: {}", reply.status, reply.text);
}

/// A text with the lowest bit of one byte turned over.
fn flipped(text: &str, at: usize) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] ^= 1;
    String::from_utf8(bytes).ok()
}

#[test]
fn sig_09_each_bit_of_the_signature_counts() {
    let world = World::new();
    let call = world.teacher.call("GET", "/exams", json!({}));
    let signature = sign(&world.teacher.secret, &call.signed());
    for bit in 0..256 {
        let mut bytes = hex::decode(&signature).unwrap();
        bytes[bit / 8] ^= 1 << (bit % 8);
        call.clone().send_signed(&hex::encode(bytes)).refused(401, "invalid_signature");
    }
    call.send_signed(&signature).ok("exams");
}

#[test]
fn sig_09_a_signature_has_exactly_64_hex_digits_of_either_case() {
    let world = World::new();
    let call = world.teacher.call("GET", "/exams", json!({}));
    let signature = sign(&world.teacher.secret, &call.signed());
    let cut = &signature[..63];
    for wrong in ["", cut, &signature[..32], &format!("{signature}0"), &format!("{signature} "), &format!("{cut}g")] {
        call.clone().send_signed(wrong).refused(401, "invalid_signature");
    }
    call.send_signed(&signature.to_uppercase()).ok("exams");
}

/// Every call that differs from this one in a byte of a parameter's name or value.
fn neighbours(call: &Call) -> Vec<Call> {
    let mut calls = Vec::new();
    for (name, value) in &call.parameters {
        let text = value.as_str().unwrap();
        let values = (0..text.len()).filter_map(|at| flipped(text, at)).map(|text| (name.clone(), text));
        let names = (0..name.len()).filter_map(|at| flipped(name, at)).map(|other| (other, text.to_owned()));
        for (other, text) in values.chain(names) {
            let mut changed = call.clone();
            changed.parameters.remove(name);
            calls.push(changed.with(&other, text));
        }
    }
    calls
}

#[test]
fn sig_09_each_byte_of_each_parameter_counts() {
    let world = World::new();
    let fields = json!({ "name": "Élise's exam", "type": "demo", "duration_minutes": "90", "terms": "a\nb" });
    let call = world.teacher.call("POST", "/exams", fields);
    let signature = sign(&world.teacher.secret, &call.signed());
    let neighbours = neighbours(&call);
    assert_eq!(neighbours.len(), 85);
    for changed in neighbours {
        refused(&changed.send_signed(&signature));
    }
    assert_eq!(world.database.rows("exams"), 0);
    call.send_signed(&signature).created("exam");
}

#[test]
fn sig_09_the_id_in_the_path_counts() {
    let world = World::new();
    let exam = world.exam();
    let (mine, other) = (format!("/exams/{}", exam["id"]), format!("/exams/{}", world.exam()["id"]));
    let call = world.teacher.call("DELETE", &mine, json!({}));
    let signature = sign(&world.teacher.secret, &call.signed());
    let mut elsewhere = call.clone();
    elsewhere.path = format!("/api/v3{other}");
    elsewhere.send_signed(&signature).refused(401, "invalid_signature");
    call.clone().with("name", "x").send_signed(&signature).refused(401, "invalid_signature");
    assert_eq!(call.send_signed(&signature).status, 200);
}
