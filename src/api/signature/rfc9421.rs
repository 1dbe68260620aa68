//! HTTP Message Signatures (RFC 9421) with `hmac-sha256`, and Content-Digest (RFC 9530), which binds the body.
//!
//! A signature covers `@method`, `@target-uri` and, where the request has a body, `content-digest`; other header fields
//! may be covered too. Its parameters are `created`, `keyid` (the `api_token`), `nonce`, and where they are wanted
//! `expires` and `alg`. Nothing else is read, so nothing that was signed is passed over.

use std::borrow::Cow;

use actix_web::HttpRequest;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sfv::{BareItem, Dictionary, FieldType as _, InnerList, Integer, KeyRef, ListEntry, Parser, StringRef};
use sha2::{Digest, Sha256};

use crate::api::SentTarget;
use crate::api::params::{COMMON, Parameters};
use crate::api::problem::{Kind, Problem};
use crate::api::signature::{Claim, PreparedKey, Scheme, sign};
use crate::config::PublicUrl;
use crate::domain::secret::Secret;

/// The header that says what is signed.
const INPUT: &str = "Signature-Input";
/// The header with the signature itself.
const SIGNATURE: &str = "Signature";
/// The header with the hash of the body.
const DIGEST: &str = "Content-Digest";
/// Its name among the covered components.
const DIGEST_COMPONENT: &str = "content-digest";
/// The label of the signatures made here.
const LABEL: &str = "sig1";
/// What every signature covers.
const REQUIRED: [&str; 2] = ["@method", "@target-uri"];
/// The parameters that are read.
const PARAMETERS: [&str; 5] = ["alg", "created", "expires", "keyid", "nonce"];
/// The only algorithm: both sides hold the secret.
const ALGORITHM: &str = "hmac-sha256";
/// Times behind this second are not of this age: they are milliseconds.
const LAST_SECOND: i64 = 100_000_000_000;
/// The longest nonce, in characters.
const LONGEST_NONCE: usize = 64;

/// The signature of a whole message, as two headers tell it.
pub struct MessageSignature {
    /// The `keyid`: the `api_token`.
    pub token: Secret,
    /// What is covered, in its order.
    components: Vec<String>,
    /// The same with the signature's parameters, byte for byte as it was sent: the end of what is signed.
    parameters: String,
    /// Seconds since 1970.
    created: i64,
    /// Seconds since 1970.
    expires: Option<i64>,
    nonce: String,
    signature: Option<[u8; 32]>,
}

impl MessageSignature {
    /// Reads the headers; `None` where the request has no message signature. One that does not keep the rules above is
    /// an error that names the header and the rule.
    pub fn read(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        if !headers.contains_key(INPUT) && !headers.contains_key(SIGNATURE) {
            return Ok(None);
        }
        let input = required(headers, INPUT)?;
        let (label, list) = only_member(INPUT, &input)?;
        let ListEntry::InnerList(list) = list else {
            return Err(malformed(INPUT, "must be such as sig1=(\"@method\" \"@target-uri\");created=…"));
        };
        let given = Given(&list);
        let created = given.seconds("created")?.ok_or_else(|| malformed(INPUT, "must have the parameter created"))?;
        Ok(Some(Self {
            token: Secret::new(given.text("keyid")?),
            components: components(&list)?,
            parameters: input[label.len() + 1..].to_owned(),
            created,
            expires: given.seconds("expires")?,
            nonce: given.check()?.nonce()?,
            signature: signature_of(headers, &label)?,
        }))
    }

    /// What the whole request claims: its parts as they came, under the address of `public_url`, whatever its `Host`
    /// says. The body must be the one that Content-Digest tells.
    pub fn claim(
        self,
        request: &HttpRequest,
        parameters: &Parameters,
        public_url: &PublicUrl,
    ) -> Result<Claim, Problem> {
        if let Some(name) = COMMON.iter().find(|name| parameters.all.contains_key(**name)) {
            let detail = "belongs to the signature over parameters; a request is signed in one way, so leave it out";
            return Err(Problem::at(Kind::MALFORMED, name, detail));
        }
        self.check_body(request.headers(), parameters.digest)?;
        let target = format!("{}{}", public_url.as_str(), SentTarget::of(request));
        let values = self.components.iter().map(|name| {
            let value = match name.as_str() {
                "@method" => Cow::from(request.method().as_str()),
                "@target-uri" => Cow::from(&target),
                field => Cow::from(required(request.headers(), field)?),
            };
            Ok((name.as_str(), value))
        });
        let values: Vec<(&str, Cow<'_, str>)> = values.collect::<Result<_, Problem>>()?;
        Ok(Claim {
            messages: vec![base(&values, &self.parameters)],
            token: self.token,
            signature: self.signature,
            nonce: self.nonce,
            timestamp: self.created * 1_000,
            expires: self.expires.map(|seconds| seconds * 1_000),
            scheme: Scheme::Message,
        })
    }

    /// `body` is its digest. A multipart body is read by the boundary in its Content-Type, so that must be covered too.
    fn check_body(&self, headers: &HeaderMap, body: Option<[u8; 32]>) -> Result<(), Problem> {
        let covers = |wanted: &str| self.components.iter().any(|name| name == wanted);
        if !covers(DIGEST_COMPONENT) {
            let uncovered = malformed(INPUT, "must cover \"content-digest\", because the request has a body");
            return if body.is_none() { Ok(()) } else { Err(uncovered) };
        }
        let multipart = headers
            .get(CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().to_ascii_lowercase().starts_with(b"multipart/"));
        if multipart && !covers(CONTENT_TYPE.as_str()) {
            return Err(malformed(
                INPUT,
                "must cover \"content-type\", because a multipart body is read by its boundary",
            ));
        }
        let text = required(headers, DIGEST)?;
        let digests: Dictionary = Parser::new(&text).parse().map_err(|error| unreadable(DIGEST, &error))?;
        let right = body.unwrap_or_else(|| Sha256::digest([]).into());
        match digests.get("sha-256") {
            Some(ListEntry::Item(item)) if item.bare_item.as_byte_sequence() == Some(right.as_slice()) => Ok(()),
            Some(_) => Err(malformed(DIGEST, "has a sha-256 that is not that of the body as it arrived")),
            None => Err(malformed(DIGEST, "must hold sha-256, such as sha-256=:…:")),
        }
    }
}

/// The parameters of a signature.
struct Given<'l>(&'l InnerList);

impl Given<'_> {
    fn check(&self) -> Result<&Self, Problem> {
        if let Some(name) = self.0.params.keys().find(|name| !PARAMETERS.contains(&name.as_str())) {
            let known = PARAMETERS.join(", ");
            return Err(malformed(INPUT, format!("has the parameter {name}; those that are read are: {known}")));
        }
        match self.0.params.get("alg") {
            Some(alg) if alg.as_string().is_none_or(|alg| alg.as_str() != ALGORITHM) => {
                Err(malformed(INPUT, format!("has another alg than \"{ALGORITHM}\"")))
            }
            _ => Ok(self),
        }
    }

    fn seconds(&self, name: &str) -> Result<Option<i64>, Problem> {
        let Some(value) = self.0.params.get(name) else { return Ok(None) };
        let seconds = value.as_integer().map(i64::from).filter(|seconds| (0..LAST_SECOND).contains(seconds));
        seconds.map(Some).ok_or_else(|| malformed(INPUT, format!("has a {name} that is not in seconds since 1970")))
    }

    fn text(&self, name: &str) -> Result<&str, Problem> {
        let text = self.0.params.get(name).and_then(BareItem::as_string).map(StringRef::as_str);
        let text = text.filter(|text| !text.is_empty());
        text.ok_or_else(|| malformed(INPUT, format!("must have the parameter {name}, a text in quotes")))
    }

    fn nonce(&self) -> Result<String, Problem> {
        let nonce = self.text("nonce")?;
        if nonce.len() <= LONGEST_NONCE && nonce.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(nonce.to_owned())
        } else {
            Err(malformed(INPUT, format!("has a nonce that is not 1 to {LONGEST_NONCE} visible ASCII characters")))
        }
    }
}

/// The covered components: the required ones, and header fields.
fn components(list: &InnerList) -> Result<Vec<String>, Problem> {
    let mut names: Vec<String> = Vec::new();
    for item in &list.items {
        let name = item.bare_item.as_string().map(StringRef::as_str).unwrap_or_default();
        if !item.params.is_empty() || name.is_empty() || name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(malformed(INPUT, "must cover components by their names in small letters, without parameters"));
        }
        if name.starts_with('@') && !REQUIRED.contains(&name) {
            let known = REQUIRED.join(", ");
            return Err(malformed(INPUT, format!("covers {name}; beside header fields, these are known: {known}")));
        }
        if names.iter().any(|known| known == name) {
            return Err(Problem::at(Kind::DUPLICATE, INPUT, format!("covers {name} twice")));
        }
        names.push(name.to_owned());
    }
    match REQUIRED.iter().find(|required| !names.iter().any(|name| name == *required)) {
        Some(missing) => Err(malformed(INPUT, format!("must cover \"{missing}\""))),
        None => Ok(names),
    }
}

/// The signature under the label that `Signature-Input` uses; `None` where it is not one of 32 bytes.
fn signature_of(headers: &HeaderMap, label: &str) -> Result<Option<[u8; 32]>, Problem> {
    let text = required(headers, SIGNATURE)?;
    match only_member(SIGNATURE, &text)? {
        (own, ListEntry::Item(item)) if own == label && item.params.is_empty() => {
            Ok(item.bare_item.as_byte_sequence().and_then(|bytes| bytes.try_into().ok()))
        }
        _ => Err(malformed(SIGNATURE, format!("must be {label}=:…:, as the label in {INPUT} says"))),
    }
}

/// The one member of a dictionary with its name. A text that is not the one form of what it says (something twice, a
/// space too many) is refused: two programs could read it differently.
fn only_member(field: &str, text: &str) -> Result<(String, ListEntry), Problem> {
    let members: Dictionary = Parser::new(text).parse().map_err(|error| unreadable(field, &error))?;
    if members.serialize().as_deref() != Some(text) {
        return Err(malformed(field, "must be serialised as RFC 8941 says: nothing twice, no space too many"));
    }
    let mut members = members.into_iter();
    match (members.next(), members.next()) {
        (Some((label, member)), None) => Ok((label.as_str().to_owned(), member)),
        _ => Err(malformed(field, "must hold one signature, and no other")),
    }
}

/// The value of a header field: its lines joined by a comma (RFC 9421, section 2.1).
fn required(headers: &HeaderMap, name: &str) -> Result<String, Problem> {
    let lines: Option<Vec<&str>> = headers.get_all(name).map(|line| Some(line.to_str().ok()?.trim())).collect();
    match lines {
        Some(lines) if !lines.is_empty() => Ok(lines.join(", ")),
        Some(_) => Err(malformed(name, "is missing, and the signature needs it")),
        None => Err(malformed(name, "holds characters that are not ASCII")),
    }
}

fn malformed(field: &str, detail: impl Into<String>) -> Problem {
    Problem::at(Kind::MALFORMED, field, detail)
}

fn unreadable(field: &str, error: &sfv::Error) -> Problem {
    malformed(field, format!("is no dictionary of RFC 8941: {error}"))
}

/// What is signed (RFC 9421, section 2.5): a line for each component, and the signature's parameters.
fn base<V: AsRef<str>>(components: &[(&str, V)], parameters: &str) -> String {
    let lines = components.iter().map(|(name, value)| format!("\"{name}\": {}\n", value.as_ref()));
    lines.collect::<String>() + "\"@signature-params\": " + parameters
}

/// A request that is about to be signed.
#[derive(Debug)]
pub struct Outgoing<'r> {
    /// The method in capitals.
    pub method: &'r str,
    /// The whole address, under the server's public URL.
    pub target_uri: &'r str,
    /// The body as it will be sent.
    pub body: &'r [u8],
    /// The `api_token`.
    pub token: &'r Secret,
    /// Seconds since 1970.
    pub created: u32,
    /// New for this token: 1 to 64 visible ASCII characters.
    pub nonce: &'r str,
}

/// A message signature that is ready to be sent.
#[derive(Debug)]
pub struct SignedMessage {
    /// What was signed.
    pub base: String,
    /// The signature in base64.
    pub signature: String,
    /// The headers to send.
    pub headers: Vec<(&'static str, String)>,
}

impl Outgoing<'_> {
    /// Signs under the label `sig1`. A token or a nonce that is not ASCII is an error.
    pub fn sign(&self, key: &PreparedKey) -> Result<SignedMessage, sfv::Error> {
        let mut components = vec![("@method", self.method.to_owned()), ("@target-uri", self.target_uri.to_owned())];
        let mut headers = Vec::new();
        if !self.body.is_empty() {
            let digest = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(self.body)));
            components.push((DIGEST_COMPONENT, digest.clone()));
            headers.push((DIGEST, digest));
        }
        let parameters = self.parameters(&components)?;
        let base = base(&components, &parameters);
        let signature = STANDARD.encode(sign(key, &base));
        headers.push((INPUT, format!("{LABEL}={parameters}")));
        headers.push((SIGNATURE, format!("{LABEL}=:{signature}:")));
        Ok(SignedMessage { base, signature, headers })
    }

    /// The covered components with the parameters of the signature.
    fn parameters(&self, components: &[(&str, String)]) -> Result<String, sfv::Error> {
        let mut names = sfv::ListSerializer::new();
        let mut list = names.inner_list();
        for (name, _) in components {
            let _ = list.bare_item(StringRef::from_str(name)?);
        }
        let _ = list
            .finish()
            .parameter(KeyRef::constant("created"), Integer::from(self.created))
            .parameter(KeyRef::constant("nonce"), StringRef::from_str(self.nonce)?)
            .parameter(KeyRef::constant("keyid"), StringRef::from_str(self.token.reveal())?);
        Ok(names.finish().unwrap_or_default())
    }
}
