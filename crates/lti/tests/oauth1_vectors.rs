//! The published signatures of `vectors/oauth1.json`: both halves of OAuth 1.0 must reproduce every one of them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use examlink_lti::v1::oauth1::{
    Param, Request, Secrets, SignatureMethod, TimeWindow, UnverifiedMessage, UnverifiedRequest, body_hash,
    percent_encode,
};
use examlink_lti::v1::outcomes::OutcomeRequest;
use examlink_lti::{Error, Secret};
use serde::Deserialize;
use url::form_urlencoded;

#[derive(Deserialize)]
struct File {
    vectors: Vec<Vector>,
    primitives: Vec<Primitive>,
}

#[derive(Deserialize)]
struct Vector {
    id: String,
    signature_method: String,
    method: String,
    url: String,
    params: Vec<Param>,
    consumer_secret: String,
    token_secret: String,
    base_string: String,
    signature: String,
    body: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Primitive {
    Normalize {
        params: Vec<Param>,
        normalized: String,
    },
    PercentEncode {
        input: String,
        encoded: String,
    },
    BaseUri {
        url: String,
        base_uri: String,
    },
    BodyHashSha1 {
        body: String,
        oauth_body_hash: String,
    },
    /// Held by the unit test of the signature methods, which alone can sign a bare text.
    HmacSha1 {},
    /// A signature of LTI 1.3 with the secret of LTI 1.1; not OAuth 1.0.
    #[serde(rename = "lti1p1_migration_sign")]
    MigrationClaim {},
}

fn file() -> File {
    serde_json::from_str(include_str!("vectors/oauth1.json")).unwrap()
}

impl Vector {
    fn request(&self) -> Request<'_> {
        Request { method: &self.method, url: &self.url, params: &self.params }
    }

    fn signature_method(&self) -> SignatureMethod {
        self.signature_method.parse().unwrap()
    }

    fn with_secrets<T>(&self, run: impl FnOnce(Secrets<'_>) -> T) -> T {
        let (consumer, token) = (Secret::new(&*self.consumer_secret), Secret::new(&*self.token_secret));
        run(Secrets { consumer: &consumer, token: Some(&token) })
    }

    /// The form that a browser or a library would have sent, for the vectors that are whole requests without a token.
    fn as_form(&self) -> Option<String> {
        let is_whole = self.token_secret.is_empty()
            && self.params.contains(&("oauth_signature_method".into(), self.signature_method.clone()));
        let params = self.params.iter().map(|(name, value)| (name.as_ref(), value.as_str()));
        let signature = ("oauth_signature", self.signature.as_str());
        is_whole
            .then(|| form_urlencoded::Serializer::new(String::new()).extend_pairs(params.chain([signature])).finish())
    }
}

#[test]
fn base_strings() {
    for vector in file().vectors {
        assert_eq!(vector.request().base_string().unwrap(), vector.base_string, "{}", vector.id);
    }
}

#[test]
fn signing_gives_the_published_signatures() {
    let vectors = file().vectors;
    for vector in &vectors {
        let signature = vector.with_secrets(|secrets| vector.request().sign(vector.signature_method(), secrets));
        assert_eq!(signature.as_ref(), Ok(&vector.signature), "{}", vector.id);
    }
    assert_eq!(vectors.len(), 44);
}

#[test]
fn verifying_accepts_the_published_signatures_and_no_other() {
    for vector in file().vectors {
        let verify = |signature: &str| {
            vector.with_secrets(|secrets| vector.request().verify(signature, vector.signature_method(), secrets))
        };
        assert_eq!(verify(&vector.signature), Ok(()), "{}", vector.id);
        let other = if vector.signature.starts_with('A') { "B" } else { "A" };
        assert_eq!(verify(&format!("{other}{}", &vector.signature[1..])), Err(Error::OauthSignature), "{}", vector.id);
    }
}

#[test]
fn the_vectors_arrive_as_forms() {
    let mut arrived = 0;
    for vector in file().vectors {
        let Some(body) = vector.as_form() else { continue };
        let request = UnverifiedRequest::from_form(&vector.method, &vector.url, body.as_bytes()).unwrap();
        let window = TimeWindow { now: 1_300_000_000, seconds: 1_300_000_000 };
        let verified = request.verify(&Secret::new(&*vector.consumer_secret), window).expect(&vector.id);
        assert_eq!(verified.params()[..vector.params.len()], vector.params, "{}", vector.id);
        arrived += 1;
    }
    assert_eq!(arrived, 36);
}

/// The header that a tool would have sent with an outcome.
fn as_header(vector: &Vector) -> Option<String> {
    let has_hash = vector.params.iter().any(|(name, _)| name == "oauth_body_hash");
    let params = vector.params.iter().map(|(name, value)| (name.as_ref(), value.as_str()));
    let pairs = params.chain([("oauth_signature", vector.signature.as_str())]);
    let written: Vec<String> = pairs.map(|(name, value)| format!("{name}=\"{}\"", percent_encode(value))).collect();
    has_hash.then(|| format!("OAuth realm=\"\",{}", written.join(",")))
}

#[test]
fn the_outcome_vectors_arrive_as_headers() {
    let (mut signed, mut whole) = (0, 0);
    for vector in file().vectors {
        let Some(header) = as_header(&vector) else { continue };
        let (secret, window) =
            (Secret::new(&*vector.consumer_secret), TimeWindow { now: 1_300_000_000, seconds: 1_300_000_000 });
        let body = vector.body.clone().unwrap_or_default();
        let verify = |header: &str| {
            let message = UnverifiedMessage::read(&vector.method, &vector.url, header, body.as_bytes()).unwrap();
            message.verify(&secret, window).map(|message| OutcomeRequest::read(&message))
        };
        match verify(&header) {
            // Most of them were published without their body: the signature is right, the hash is another body's.
            Err(error) => assert_eq!((error, &vector.body), (Error::OauthBodyHash, &None), "{}", vector.id),
            Ok(request) => {
                assert_eq!(request.unwrap().sourcedid, "foo");
                whole += 1;
            }
        }
        let other = header.replace("oauth_consumer_key=\"", "oauth_consumer_key=\"x");
        assert_eq!(verify(&other).map(|_| ()), Err(Error::OauthSignature), "{}", vector.id);
        signed += 1;
    }
    assert_eq!((signed, whole), (8, 1));
}

#[test]
fn body_hashes() {
    for vector in file().vectors {
        let Some(body) = &vector.body else { continue };
        assert!(
            vector.params.contains(&("oauth_body_hash".into(), body_hash(body.as_bytes(), SignatureMethod::HmacSha1))),
            "{}",
            vector.id
        );
    }
}

#[test]
fn primitives() {
    let primitives = file().primitives;
    for primitive in &primitives {
        match primitive {
            Primitive::Normalize { params, normalized } => {
                let request = Request { method: "GET", url: "http://example.com/", params };
                let expected = format!("GET&http%3A%2F%2Fexample.com%2F&{}", percent_encode(normalized));
                assert_eq!(request.base_string().unwrap(), expected);
            }
            Primitive::PercentEncode { input, encoded } => assert_eq!(percent_encode(input), *encoded),
            Primitive::BaseUri { url, base_uri } => {
                let base_string = Request { method: "get", url, params: &[] }.base_string().unwrap();
                assert_eq!(base_string.split('&').nth(1).unwrap(), percent_encode(base_uri));
            }
            Primitive::BodyHashSha1 { body, oauth_body_hash } => {
                assert_eq!(body_hash(body.as_bytes(), SignatureMethod::HmacSha1), *oauth_body_hash);
            }
            Primitive::HmacSha1 {} | Primitive::MigrationClaim {} => {}
        }
    }
    assert_eq!(primitives.len(), 27);
}
