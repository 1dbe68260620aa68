//! OAuth 1.0 signatures beside another library's: whatever one signs, the other signs alike and accepts.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::thread;

use examlink_lti::Secret;
use examlink_lti::v1::oauth1::{Param, Request, SignatureMethod};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde::Serialize;
use serde_json::Value;

use crate::interop::python;

/// A request as a tool or a platform could send it.
#[derive(Clone, Debug, Serialize)]
struct Sent {
    method: String,
    url: String,
    params: Vec<Param>,
    secret: String,
    signature_method: String,
    signature: String,
}

prop_compose! {
    fn sent()(
        method in prop::sample::select(vec!["POST", "GET", "put"]),
        url in "(https?|HTTPS)://[a-zA-Z]{1,8}(\\.example)?(:80|:443|:8080|:1)?(/([a-zA-Z0-9._~-]|%[2-7][0-9A-F]){0,6}){0,3}\
                (\\?[a-z]{1,4}(=([a-z0-9._~+-]|%20|%C3%A9|%2B|%26|%3D|%25){0,5})?(&[a-c]=[0-2]?){0,3})?",
        secret in ".{0,40}",
        params in prop::collection::vec(("[a-zA-Z_ &=+%~é]{1,12}".prop_map(Into::into), "[ -~é€\r\n\u{10348}]{0,20}"), 0..12),
        twice in prop::collection::vec(("[ab]".prop_map(Into::into), "[xy ]?"), 0..4),
        signature_method in prop::sample::select(vec!["HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512"]),
    ) -> Sent {
        let (method, signature_method) = (method.to_owned(), signature_method.to_owned());
        let params = [params, twice].concat();
        let mut sent = Sent { method, url, params, secret, signature_method, signature: String::new() };
        sent.signature = sent.sign();
        sent
    }
}

impl Sent {
    fn request(&self) -> Request<'_> {
        Request { method: &self.method, url: &self.url, params: &self.params }
    }

    fn algorithm(&self) -> SignatureMethod {
        self.signature_method.parse().unwrap()
    }

    fn sign(&self) -> String {
        self.request().sign(self.algorithm(), &Secret::new(&*self.secret)).unwrap()
    }

    fn accepts(&self, signature: &str) -> bool {
        self.request().verify(signature, self.algorithm(), &Secret::new(&*self.secret)).is_ok()
    }
}

#[test]
fn interop_oauthlib_signs_and_verifies_a_thousand_requests_as_we_do() {
    let mut runner = TestRunner::deterministic();
    let requests: Vec<Sent> = (0..1_000).map(|_| sent().new_tree(&mut runner).unwrap().current()).collect();
    let mut command = python();
    let mut process = command.arg("oauth1_signatures.py").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = process.stdin.take().unwrap();
    let lines: Vec<String> = requests.iter().map(|sent| serde_json::to_string(sent).unwrap()).collect();
    let writer = thread::spawn(move || lines.iter().for_each(|line| writeln!(input, "{line}").unwrap()));
    let mut answers = BufReader::new(process.stdout.take().unwrap()).lines();
    for sent in &requests {
        let answer: Value = serde_json::from_str(&answers.next().expect("oauthlib answers").unwrap()).unwrap();
        assert_eq!(answer["base_string"], sent.request().base_string().unwrap(), "{sent:?}");
        assert_eq!(
            (&answer["signature"], &answer["accepted"]),
            (&sent.signature.as_str().into(), &true.into()),
            "{sent:?}"
        );
        assert!(sent.accepts(answer["signature"].as_str().unwrap()), "{sent:?}");
    }
    writer.join().unwrap();
    assert!(process.wait().unwrap().success());
}
