//! How a message signature is written, and what is said to those who write it otherwise.

use serde_json::{Value, json};

use super::{Message, Signed, message};
use crate::world::{NOW, Reply, World};

fn get(world: &World) -> Message {
    message(world, &world.teacher, "GET", "/exams", Value::Null)
}

#[track_caller]
fn refused(reply: &Reply, code: &str, field: &str, says: &str) {
    reply.refused(400, code);
    assert_eq!(reply.json["errors"][0]["field"], field, "{}", reply.text);
    assert!(reply.json["detail"].as_str().unwrap().contains(says), "{says:?}: {}", reply.text);
}

#[test]
fn parameters_of_another_form_are_refused_by_name() {
    let world = World::new();
    let cases = [
        ("created", "", "created"),
        ("created", "\"1795677593\"", "created"),
        ("created", "1795677593143", "seconds"),
        ("created", "1795677593.0", "created"),
        ("created", "-1", "created"),
        ("expires", "1795677593143", "expires"),
        ("expires", "?0", "expires"),
        ("keyid", "", "keyid"),
        ("keyid", "\"\"", "keyid"),
        ("keyid", "token", "keyid"),
        ("nonce", "", "nonce"),
        ("nonce", "\"\"", "nonce"),
        ("nonce", "5", "nonce"),
        ("nonce", "\"a b\"", "nonce"),
        ("alg", "\"hmac-sha512\"", "hmac-sha256"),
        ("alg", "hmac-sha256", "hmac-sha256"),
        ("tag", "\"app\"", "parameter tag"),
        ("colour", "1", "parameter colour"),
    ];
    for (name, value, says) in cases {
        refused(&get(&world).with(name, value).send(), "malformed_request", "Signature-Input", says);
    }
    let long = |length: usize| get(&world).with("nonce", &format!("\"{}\"", "n".repeat(length)));
    refused(&long(65).send(), "malformed_request", "Signature-Input", "1 to 64");
    long(64).send().ok("exams");
    get(&world).with("nonce", "\"!~Z\"").with("alg", "\"hmac-sha256\"").send().ok("exams");
}

#[test]
fn components_that_are_missing_unknown_or_twice_are_refused() {
    let world = World::new();
    let covering = |covered: &[&str]| {
        let covered = covered.iter().map(|name| format!("\"{name}\"")).collect();
        Message { covered, ..get(&world) }.send()
    };
    refused(&covering(&["@method"]), "malformed_request", "Signature-Input", "\"@target-uri\"");
    refused(&covering(&["@target-uri"]), "malformed_request", "Signature-Input", "\"@method\"");
    refused(&covering(&[]), "malformed_request", "Signature-Input", "must cover");
    let twice = covering(&["@method", "@target-uri", "@method"]);
    refused(&twice, "duplicate_parameter", "Signature-Input", "@method twice");
    for unknown in ["@authority", "@path", "@query", "@status", "@signature-params"] {
        let reply = covering(&["@method", "@target-uri", unknown]);
        refused(&reply, "malformed_request", "Signature-Input", unknown);
    }
    refused(&covering(&["@method", "@target-uri", "Accept"]), "malformed_request", "Signature-Input", "small letters");
    let with_parameter = |component: &str| {
        let mut message = get(&world);
        message.covered.push(component.into());
        message.send()
    };
    for component in ["\"accept\";sf", "\"@query-param\";name=\"page\"", "accept", "5"] {
        with_parameter(component).refused(400, "malformed_request");
    }
    covering(&["@target-uri", "@method"]).ok("exams");
}

#[test]
fn headers_that_could_be_read_in_two_ways_are_refused() {
    let world = World::new();
    let right = get(&world).signed();
    let (input, signature) = (right.input.clone().unwrap(), right.signature.clone().unwrap());
    let sent = |input: Option<String>, signature: Option<String>| Signed { input, signature, ..right.clone() }.send();
    let inputs = [
        None,
        Some(String::new()),
        Some("(((".into()),
        Some("sig1".into()),
        Some(input.replace("\" \"", "\"  \"")),
        Some(input.replace(";created", "; created")),
        Some(format!("{input};created=1")),
        Some(format!("{input}, {input}")),
        Some(format!("{input}, sig2={}", &input[5..])),
        Some(input.replace("sig1=", "sig2=")),
    ];
    for other in inputs {
        sent(other, Some(signature.clone())).refused(400, "malformed_request");
    }
    let signatures = [
        None,
        Some(signature.replace("sig1", "sig2")),
        Some(format!("{signature}, sig2=:AAAA:")),
        Some(format!("{signature};a=1")),
        Some("sig1=:not base64:".into()),
        Some("sig1=(\"a\")".into()),
    ];
    for other in signatures {
        sent(Some(input.clone()), other).refused(400, "malformed_request");
    }
    sent(Some(input.clone()), Some("sig1=\"text\"".into())).refused(401, "invalid_signature");
    let twice = right.clone().tampered(|request| request.headers.push(("Signature-Input".into(), input.clone())));
    twice.send().refused(400, "malformed_request");
    right.send().ok("exams");
    Message { label: "any-one_label".into(), ..get(&world) }.send().ok("exams");
}

#[test]
fn a_body_must_be_covered_by_its_digest() {
    let world = World::new();
    let fields = json!({ "name": "Algebra", "type": "demo" });
    let post = || message(&world, &world.teacher, "POST", "/exams", fields.clone());
    let mut uncovered = post();
    uncovered.covered.pop();
    refused(&uncovered.send(), "malformed_request", "Signature-Input", "content-digest");
    let with_digest = |digest: &str| {
        let mut message = post();
        digest.clone_into(&mut message.headers[1].1);
        message.send()
    };
    refused(&with_digest(&super::digest("another")), "malformed_request", "Content-Digest", "not that of the body");
    refused(&with_digest("sha-512=:AAAA:"), "malformed_request", "Content-Digest", "sha-256");
    refused(&with_digest("sha-256=1"), "malformed_request", "Content-Digest", "not that of the body");
    with_digest("=").refused(400, "malformed_request");
    let mut none = post();
    none.headers.pop();
    refused(&none.send(), "malformed_request", "Content-Digest", "missing");
    assert_eq!(world.teacher.get("/exams").ok("exams"), json!([]));
    let right = super::digest(&fields.to_string());
    let others = with_digest(&format!("sha-512=:AAAA:, {right}"));
    others.created("exam");
    get(&world).header("Content-Digest", &super::digest("")).covering("content-digest").send().ok("exams");
}

#[test]
fn a_request_is_signed_in_one_way_and_names_one_token() {
    let world = World::new();
    for name in ["nonce", "timestamp", "signature"] {
        let target = format!("/exams?{name}=1");
        let reply = message(&world, &world.teacher, "GET", &target, Value::Null).send();
        refused(&reply, "malformed_request", name, "one way");
    }
    let token = |token: &str| get(&world).header("Authorization", &format!("Token token={token}")).send();
    token(&world.teacher.token).ok("exams");
    token(&format!("\"{}\"", world.teacher.token)).ok("exams");
    for other in [&world.colleague.token, "", "x"] {
        refused(&token(other), "parameter_conflict", "Authorization", "keyid");
    }
    get(&world).header("Authorization", "Basic QTpC").send().refused(400, "parameter_conflict");
}

#[test]
fn sig_08_a_message_is_good_in_the_window_and_until_it_expires() {
    let world = World::new();
    let created = |seconds: i64| get(&world).with("created", &(NOW / 1_000 + seconds).to_string());
    for seconds in [-299, 0, 300] {
        created(seconds).send().ok("exams");
    }
    for seconds in [-301, 301] {
        created(seconds).send().refused(401, "stale_timestamp");
    }
    let expires = |seconds: i64| get(&world).with("expires", &(NOW / 1_000 + seconds).to_string());
    expires(1).send().ok("exams");
    let late = expires(-1).send();
    late.refused(401, "stale_timestamp");
    assert!(late.json["detail"].as_str().unwrap().contains("expired 1143 ms ago"), "{}", late.text);
}

#[test]
fn sig_16_whoever_signs_a_message_in_vain_learns_nothing_about_tokens_and_users() {
    let world = World::new();
    let disabled = world.colleague.clone();
    let path = format!("/institutes/{}/users/{}", world.institute, disabled.id);
    world.administrator.patch(&path, json!({ "disabled": true })).ok("user");
    let told = |reply: Reply| {
        let mut body = reply.json.clone();
        body["request_id"] = Value::Null;
        (reply.status, body)
    };
    let teacher = &world.teacher;
    let strangers =
        [teacher.with(&teacher.token, &world.proctor.secret), teacher.with("x", "y"), world.nobody(), disabled];
    let refused = strangers.map(|person| told(message(&world, &person, "GET", "/exams", Value::Null).send()));
    assert_eq!((refused[0].0, &refused[0].1["code"]), (401, &json!("invalid_signature")));
    assert!(refused.iter().all(|reply| *reply == refused[0]), "{refused:#?}");
    // As little as those who sign their parameters.
    let parameters = told(teacher.with("x", "y").get("/exams"));
    assert_eq!(parameters, refused[0]);
}
