//! A message has one reading that counts, so two accepted requests never share a message.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use examlink::api::openapi;
use examlink::api::params::Value as Parameter;
use examlink::api::signature::{self, Vocabulary, ambiguous, canonical};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde::Deserialize;
use serde_json::json;

use super::rounds;
use crate::world::World;

#[derive(Deserialize)]
struct Cases {
    vocabulary: Vec<String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    #[serde(rename = "case")]
    name: String,
    params: BTreeMap<String, String>,
    secret: String,
    base: String,
    signature: String,
    accept: bool,
}

type Reading<'m> = Vec<(&'m str, &'m str)>;

/// The parameter that keeps the parameters from being accepted.
fn refused(parameters: &[(&str, &str)], vocabulary: &Vocabulary) -> Option<String> {
    let text = |(name, value): &(&str, &str)| ((*name).to_owned(), Parameter::Text((*value).to_owned()));
    let parameters: BTreeMap<String, Parameter> = parameters.iter().map(text).collect();
    ambiguous(&parameters, &signature::message(&parameters, false), false, vocabulary).map(ToOwned::to_owned)
}

#[test]
fn sig_02_colliding_parameters_are_refused_and_their_split_twins_accepted() {
    let Cases { vocabulary, cases } =
        serde_json::from_str(include_str!("../data/request-signing-ambiguity.json")).unwrap();
    let vocabulary = Vocabulary::new(vocabulary);
    assert_eq!(cases.iter().filter(|case| !case.accept).count(), 4);
    for Case { name, params, secret, base, signature, accept } in cases {
        let key = signature::prepare(&secret);
        assert_eq!(hex::encode(signature::sign(&key, &base)), signature, "{name}");
        let parameters: Vec<(&str, &str)> = params.iter().map(|(key, value)| (&**key, &**value)).collect();
        let twin = canonical(&base, &vocabulary).expect(&name);
        assert_eq!(twin == parameters, accept, "{name}: {twin:?}");
        assert_eq!(refused(&parameters, &vocabulary).is_none(), accept, "{name}");
        assert_eq!(refused(&twin, &vocabulary), None, "{name}");
    }
}

#[test]
fn sig_02_the_server_names_the_parameter_and_the_way_out() {
    let world = World::new();
    let create = |url: &str| {
        let tool = json!({
            "tool_name": "Quiz", "oauth_consumer_key": "key", "oauth_consumer_secret": "secret", "tool_url": url,
        });
        world.administrator.post("/tool_providers", tool)
    };
    let reply = create("https://tool.example/l?type=quiz");
    reply.refused(422, "ambiguous_signature");
    assert_eq!(reply.json["errors"][0]["field"], "tool_url");
    assert!(reply.json["detail"].as_str().unwrap().contains("put another query parameter first"), "{}", reply.text);
    for url in
        ["https://tool.example/l?x=1&type=quiz", "https://tool.example/l?course=5", "https://tool.example/l?id=5"]
    {
        assert_eq!(create(url).created("tool_provider")["tool_url"], url);
    }
}

#[test]
fn sig_02_what_is_refused_as_one_value_is_read_as_two() {
    let world = World::new();
    let message = |parameters| world.teacher.call("POST", "/exams", parameters).with("nonce", "77");
    let one = message(json!({ "name": "Algebra", "type": "demo", "restrictions": "none?terms=mine" }));
    let two = message(json!({ "name": "Algebra", "type": "demo", "restrictions": "none", "terms": "mine" }));
    one.send().refused(422, "ambiguous_signature");
    assert_eq!(two.send().created("exam")["terms"], "mine");
}

#[test]
fn a_question_mark_in_a_text_or_a_link_is_no_collision() {
    let world = World::new();
    let exam = world.exam();
    let document = world.document(&exam, "Is it ok? Really??");
    let path = format!("/exams/{}/documents/{}", exam["id"], document["id"]);
    for content in ["<a href=\"https://x.example/?id=7\">a</a>", "<a href=\"https://x.example/?exam_id=7&id=1\">a</a>"]
    {
        world.teacher.patch(&path, json!({ "exam_content": content })).ok("document");
    }
}

/// Every way to read the message, found by trying all of them.
fn readings<'m>(message: &'m str, names: &[&str]) -> Vec<Reading<'m>> {
    fn extend<'m>(rest: &'m str, names: &[&str], before: &Reading<'m>, found: &mut Vec<Reading<'m>>) {
        let Some((name, text)) = rest.split_once('=').filter(|(name, _)| names.contains(name)) else { return };
        if before.last().is_some_and(|(last, _)| *last >= name) {
            return;
        }
        let ends = text.match_indices('?').map(|(at, _)| at).chain([text.len()]);
        for end in ends {
            let mut reading = before.clone();
            reading.push((name, &text[..end]));
            match text.get(end + 1..) {
                Some(rest) => extend(rest, names, &reading, found),
                None => found.push(reading),
            }
        }
    }
    let mut found = Vec::new();
    extend(message, names, &Vec::new(), &mut found);
    let numeric = |value: &str| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let stamped = |reading: &Reading<'_>, wanted| reading.iter().any(|(name, value)| *name == wanted && numeric(value));
    found.retain(|reading| stamped(reading, "nonce") && stamped(reading, "timestamp"));
    found
}

const NAMES: [&str; 8] = ["email", "exam_id", "id", "nonce", "role", "timestamp", "tool_url", "type"];

/// Messages that can be read in many ways: values hold what looks like parameters.
fn message() -> impl Strategy<Value = String> {
    let text = || select(vec!["", "1", "12", "x", "a=b", "?", "x?y", "é"]);
    let noise = (select(NAMES.to_vec()), text()).prop_map(|(name, text)| format!("?{name}={text}"));
    let value = (text(), vec(noise, 0..3)).prop_map(|(text, noise)| format!("{text}{}", noise.concat()));
    vec(option::of(value), NAMES.len()).prop_map(|values| {
        let stamp = |name: &str| matches!(name, "nonce" | "timestamp").then(|| "5".to_owned());
        let pairs = NAMES.iter().zip(values).filter_map(|(name, value)| Some((name, stamp(name).or(value)?)));
        pairs.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("?")
    })
}

#[test]
fn sig_03_no_two_accepted_parameter_sets_share_a_message() {
    let vocabulary = Vocabulary::new(NAMES.map(str::to_owned));
    let wanted = rounds(2_000, 100_000);
    let pairs = Cell::new(0);
    let cases = u32::try_from(wanted).unwrap();
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let checked = runner.run(&message(), |message| {
        let all = readings(&message, &NAMES);
        pairs.set(pairs.get() + all.len() * all.len().saturating_sub(1) / 2);
        let accepted: Vec<_> = all.iter().filter(|reading| refused(reading, &vocabulary).is_none()).collect();
        prop_assert_eq!(accepted.len(), usize::from(!all.is_empty()), "{:?}", accepted);
        prop_assert_eq!(canonical(&message, &vocabulary), accepted.first().map(|reading| (*reading).clone()));
        let longest = all.iter().map(Vec::len).max();
        prop_assert_eq!(accepted.first().map(|reading| reading.len()), longest);
        Ok(())
    });
    checked.unwrap();
    assert!(pairs.get() >= wanted, "{} pairs", pairs.get());
}

#[test]
fn sig_03_ten_thousand_question_marks_are_read_in_no_time() {
    let vocabulary = openapi::vocabulary();
    let names = vocabulary.names().to_vec();
    let limit = Duration::from_millis(if cfg!(debug_assertions) { 100 } else { 1 });
    let pieces: [Box<dyn Fn(usize) -> String>; 6] = [
        Box::new(|_| String::new()),
        Box::new(|_| "id=1".into()),
        Box::new(|_| "id=12".into()),
        Box::new(|at| format!("{}=", names[at % names.len()])),
        Box::new(|at| format!("{}=", names[names.len() - 1 - at % names.len()])),
        Box::new(|at| if at % 2 == 0 { "nonce=1".into() } else { "timestamp=1".into() }),
    ];
    for piece in pieces {
        let noise = (0..5_000).map(piece).collect::<Vec<_>>().join("?");
        let message = format!("email=?{noise:.32000}?nonce=1?timestamp=2?tool_url=?{noise:.32000}");
        let read = |_| {
            let started = Instant::now();
            assert!(canonical(&message, vocabulary).is_some(), "{message:.80}");
            started.elapsed()
        };
        let took = (0..5).map(read).min().unwrap();
        assert!(took < limit, "{took:?}: {message:.80}");
    }
}
