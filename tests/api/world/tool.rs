//! A tool that a test plays: it signs by the protocol crate's half for tools, which published vectors hold.

use std::sync::atomic::{AtomicU64, Ordering};

use examlink::clock::Clock;
use examlink_lti::Secret;
use examlink_lti::v1::content_item::{ContentItem, Selection};
use examlink_lti::v1::credentials::{Credentials, Stamp};
use examlink_lti::v1::launch::{LaunchUrl, SignedForm};
use examlink_lti::v1::oauth1::{Param, Request, SignatureMethod};

use super::client::http;
use super::{Form, Reply, World};

static NONCE: AtomicU64 = AtomicU64::new(1);

/// A tool with the key and secret that [`World::tool_provider`] registers, or with others.
#[derive(Clone)]
pub struct Tool {
    pub key: String,
    pub secret: String,
    clock: Clock,
}

impl World {
    /// The tool behind the tool providers of the tests.
    pub fn tool(&self) -> Tool {
        let (key, secret) = ("exam2026institute4key1".into(), "s3cretOfTheToolProvider".into());
        Tool { key, secret, clock: self.clock.clone() }
    }
}

impl Tool {
    fn credentials(&self) -> Credentials {
        let secret = Secret::new(self.secret.clone());
        Credentials { consumer_key: self.key.clone(), secret, method: SignatureMethod::HmacSha1 }
    }

    fn seconds(&self) -> u64 {
        u64::try_from(self.clock.now().seconds()).unwrap()
    }

    fn stamp(&self) -> Stamp {
        let number = NONCE.fetch_add(1, Ordering::Relaxed);
        Stamp::new(format!("nonce{number:020}"), self.seconds()).unwrap()
    }

    /// The reply to a request for content, which brings its data back.
    pub fn answers(&self, request: &Form, reply: Selection) -> Form {
        let data = request.get("data").map(ToOwned::to_owned);
        let url = LaunchUrl::parse(request.get("content_item_return_url").unwrap(), true).unwrap();
        Selection { data, ..reply }.sign(&url, &self.credentials(), &self.stamp()).unwrap().into()
    }

    /// The reply that gives these items.
    pub fn gives(&self, request: &Form, items: Vec<ContentItem>) -> Form {
        self.answers(request, Selection { items: Some(items), ..Selection::default() })
    }

    /// A signed form with these fields.
    pub fn signs(&self, url: &str, fields: &[(&str, &str)]) -> Form {
        let (stamp, time) = (self.stamp(), self.seconds().to_string());
        let oauth = [
            ("oauth_consumer_key", self.key.as_str()),
            ("oauth_nonce", stamp.nonce()),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", &time),
        ];
        let mut params: Vec<Param> =
            fields.iter().chain(&oauth).map(|(name, value)| ((*name).to_owned().into(), (*value).into())).collect();
        let request = Request { method: "POST", url, params: &params };
        let signature = request.sign(SignatureMethod::HmacSha1, &self.credentials().secret).unwrap();
        params.push(("oauth_signature".into(), signature));
        SignedForm { action: url.into(), fields: params }.into()
    }

    /// The header of a signed call.
    pub fn authorization(&self, method: &str, url: &str, body: &str) -> String {
        self.credentials().authorize(&self.stamp(), method, url, body.as_bytes()).unwrap()
    }

    /// Calls a URL with a signed header and this body; `headers` come beside.
    pub fn calls(&self, method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let authorization = self.authorization(method, url, body);
        let mut request = http().request(method.parse().unwrap(), url).header("Authorization", authorization);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(body.to_owned()).send().unwrap().into()
    }
}

impl From<SignedForm> for Form {
    fn from(form: SignedForm) -> Self {
        Self {
            action: form.action,
            fields: form.fields.into_iter().map(|(name, value)| (name.into_owned(), value)).collect(),
        }
    }
}
