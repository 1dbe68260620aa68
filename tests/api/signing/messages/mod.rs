//! The signature over a whole HTTP message (RFC 9421), which the tests make by their own hand: nothing of the server's
//! code signs here.

mod covered;
mod form;
mod required;
mod vectors;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::world::{Person, Reply, World, check, http};

/// A request that is being put together. What is changed after [`Message::signed`] is not signed.
#[derive(Clone)]
pub struct Message {
    pub person: Person,
    pub method: String,
    /// Where it is sent: path and query below `/api/v3`.
    pub target: String,
    /// How the outside world reaches the server.
    pub public_url: String,
    pub body: String,
    pub headers: Vec<(String, String)>,
    /// The covered components, each as it stands in `Signature-Input`.
    pub covered: Vec<String>,
    /// The parameters of the signature, each as it stands in `Signature-Input`.
    pub parameters: Vec<(String, String)>,
    pub label: String,
}

/// A request with its signature, ready to be sent or to be tampered with.
#[derive(Clone)]
pub struct Signed {
    pub message: Message,
    pub input: Option<String>,
    pub signature: Option<String>,
}

pub fn digest(body: &str) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

/// Somebody's request now; parameters are a JSON body, or none.
pub fn message(world: &World, person: &Person, method: &str, target: &str, body: Value) -> Message {
    let mut covered = vec!["\"@method\"".to_owned(), "\"@target-uri\"".to_owned()];
    let (mut headers, mut text) = (Vec::new(), String::new());
    if !body.is_null() {
        text = body.to_string();
        headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        headers.push(("Content-Digest".to_owned(), digest(&text)));
        covered.push("\"content-digest\"".to_owned());
    }
    // A number that nobody else takes.
    let nonce = person.call("GET", "/", Value::Null).parameters["nonce"].as_str().unwrap().to_owned();
    let parameters = [
        ("created", (world.clock.now().millis() / 1_000).to_string()),
        ("nonce", format!("\"{nonce}\"")),
        ("keyid", format!("\"{}\"", person.token)),
    ];
    Message {
        person: person.clone(),
        method: method.into(),
        target: target.into(),
        public_url: world.origin(),
        body: text,
        headers,
        covered,
        parameters: parameters.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        label: "sig1".into(),
    }
}

impl Message {
    /// Sets a parameter of the signature; an empty value takes it away.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        match self.parameters.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.parameters.push((name.into(), value.into())),
        }
        self.parameters.retain(|(_, value)| !value.is_empty());
        self
    }

    /// Covers one more component.
    pub fn covering(mut self, component: &str) -> Self {
        self.covered.push(format!("\"{component}\""));
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    fn component(&self, name: &str) -> String {
        match name {
            "@method" => self.method.clone(),
            "@target-uri" => format!("{}/api/v3{}", self.public_url, self.target),
            field => {
                let lines = self.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(field));
                lines.map(|(_, value)| value.trim()).collect::<Vec<_>>().join(", ")
            }
        }
    }

    fn input(&self) -> String {
        let parameters = self.parameters.iter().map(|(name, value)| format!(";{name}={value}"));
        format!("({}){}", self.covered.join(" "), parameters.collect::<String>())
    }

    /// What is signed.
    fn base(&self) -> String {
        let line = |name: &String| format!("{name}: {}\n", self.component(name.trim_matches('"')));
        let lines: String = self.covered.iter().map(line).collect();
        format!("{lines}\"@signature-params\": {}", self.input())
    }

    /// Signs it as it is.
    pub fn signed(self) -> Signed {
        let mac = Hmac::<Sha256>::new_from_slice(self.person.secret.as_bytes()).unwrap();
        let signature = STANDARD.encode(mac.chain_update(self.base()).finalize().into_bytes());
        Signed {
            input: Some(format!("{}={}", self.label, self.input())),
            signature: Some(format!("{}=:{signature}:", self.label)),
            message: self,
        }
    }

    /// Signs and sends it.
    pub fn send(self) -> Reply {
        self.signed().send()
    }
}

impl Signed {
    /// Changes the request after it was signed.
    pub fn tampered(mut self, change: impl FnOnce(&mut Message)) -> Self {
        change(&mut self.message);
        self
    }

    /// Sends it. The reply is held against the OpenAPI document.
    pub fn send(&self) -> Reply {
        let Message { person, method, target, body, headers, .. } = &self.message;
        let mut request = http().request(method.parse().unwrap(), format!("http://{}/api/v3{target}", person.address));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        for (name, value) in [("Signature-Input", &self.input), ("Signature", &self.signature)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let reply = Reply::from(request.body(body.clone()).send().expect("the server answers"));
        check(method, &format!("/api/v3{}", target.split('?').next().unwrap()), &reply);
        reply
    }
}
