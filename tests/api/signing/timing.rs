//! A refusal takes as long whatever was wrong, so that time tells nothing about tokens and users.

use std::time::Instant;

use serde_json::json;

use super::forged::{badly_signed, badly_signed_message};
use super::rounds;
use crate::world::timing::{Figures, Line, cropped};
use crate::world::{Database, Person, Process, superuser};

/// A user that was made and shut out.
fn disabled(superuser: &Person) -> Person {
    let institute = superuser.post("/institutes", json!({ "name": "I", "short_name": "I" })).created("institute");
    let users = format!("/institutes/{}/users", institute["id"]);
    let user = json!({ "email": "a@example.edu", "name": "A", "password": "Correct-Horse-1", "disabled": true });
    let made = superuser.post(&users, user).created("user");
    superuser.with(made["api_token"].as_str().unwrap(), made["secret_key"].as_str().unwrap())
}

/// Writes a request with a token and a nonce.
type BadlySigned = fn(&str, usize) -> String;

/// Times of refusals in microseconds, one list for each token, asked in turn.
fn times(line: &mut Line, sign: BadlySigned, tokens: &[String], count: usize) -> Vec<Vec<f64>> {
    let mut times = vec![Vec::new(); tokens.len()];
    for nonce in 0..count {
        let kind = (nonce + nonce / tokens.len()) % tokens.len();
        let request = sign(&tokens[kind], nonce);
        let started = Instant::now();
        assert_eq!(line.ask(&request), 401);
        times[kind].push(started.elapsed().as_secs_f64() * 1e6);
    }
    times
}

#[test]
fn sig_16_a_refusal_takes_as_long_whatever_was_wrong() {
    takes_as_long_whatever_was_wrong(badly_signed);
}

#[test]
fn sig_16_a_refusal_of_a_message_takes_as_long_whatever_was_wrong() {
    takes_as_long_whatever_was_wrong(badly_signed_message);
}

fn takes_as_long_whatever_was_wrong(sign: BadlySigned) {
    let database = Database::fresh();
    let superuser = superuser(&database);
    let server = Process::serve(&database);
    let caller = server.caller(&superuser);
    let kinds = ["wrong signature", "wrong token", "unknown token", "disabled user"];
    let mistyped = format!("{}0", &caller.token[..63]);
    let tokens = [caller.token.clone(), mistyped, "0123456789abcdef".repeat(4), disabled(&caller).token];
    let mut line = Line::to(server.address);
    times(&mut line, sign, &tokens, 1_000);
    let count = rounds(2_000, 100_000);
    let figures: Vec<Figures> =
        cropped(&times(&mut line, sign, &tokens, count)).iter().map(|times| Figures::of(times)).collect();
    for (kind, figure) in kinds.iter().zip(&figures) {
        let (difference, t) = (figure.mean / figures[0].mean - 1.0, figure.welch(&figures[0]));
        println!("{kind:16} {:8.2} us  {:+.3} %  t {t:+.2}", figure.mean, difference * 100.0);
        assert!(count < 100_000 || (difference.abs() < 0.05 && t.abs() < 4.5), "{kind}: {difference}, t {t}");
    }
}
