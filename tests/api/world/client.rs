//! People who call the API, with a signature of their own making: nothing of the server's code signs here.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use examlink::clock::Clock;
use examlink::domain::user::Credentials;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::header::HeaderMap;
use serde_json::Value;
use sha2::Sha256;

use super::document;

/// Somebody with a token and a secret.
#[derive(Clone)]
pub struct Person {
    pub id: i64,
    pub token: String,
    pub secret: String,
    pub address: SocketAddr,
    clock: Clock,
}

/// A call that is being put together.
#[derive(Clone)]
pub struct Call {
    person: Person,
    pub method: String,
    pub path: String,
    /// What is sent, as JSON values.
    pub parameters: BTreeMap<String, Value>,
    shape: Shape,
    headers: Vec<(String, String)>,
    file: Option<SentFile>,
}

/// A file that goes with a call.
#[derive(Clone)]
struct SentFile {
    field: String,
    name: String,
    media_type: String,
    content: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Query,
    Json,
    Form,
    Multipart,
}

/// What came back.
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
}

static NONCE: AtomicU64 = AtomicU64::new(1_000_000);

/// One client for all: without redirects, so that a test sees them.
pub fn http() -> &'static Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(|| Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap())
}

/// Signs as the rule says: parameters by name, `name=value` joined by `?`, HMAC-SHA256 in hex.
pub fn sign(secret: &str, parameters: &BTreeMap<String, String>) -> String {
    let message: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    hex::encode(mac.chain_update(message.join("?")).finalize().into_bytes())
}

/// A value as it stands in the signed message.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(items) => format!("[{}]", items.iter().map(Value::to_string).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

impl Person {
    pub fn new(address: SocketAddr, clock: Clock, id: i64, credentials: &Credentials) -> Self {
        let (token, secret) = (credentials.api_token.reveal().to_owned(), credentials.secret_key.reveal().to_owned());
        Self { id, token, secret, address, clock }
    }

    /// The same person with other credentials.
    pub fn with(&self, token: &str, secret: &str) -> Self {
        Self { token: token.into(), secret: secret.into(), ..self.clone() }
    }

    pub fn get(&self, path: &str) -> Reply {
        self.call("GET", path, Value::Null).send()
    }

    pub fn post(&self, path: &str, parameters: Value) -> Reply {
        self.call("POST", path, parameters).send()
    }

    pub fn patch(&self, path: &str, parameters: Value) -> Reply {
        self.call("PATCH", path, parameters).send()
    }

    pub fn delete(&self, path: &str) -> Reply {
        self.call("DELETE", path, Value::Null).send()
    }

    /// A call with a fresh nonce and the time now: parameters in the query for GET and DELETE, else as JSON.
    pub fn call(&self, method: &str, path: &str, parameters: Value) -> Call {
        let mut parameters: BTreeMap<String, Value> = match parameters {
            Value::Object(members) => members.into_iter().collect(),
            Value::Null => BTreeMap::new(),
            other => panic!("parameters are an object, not {other}"),
        };
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            parameters.insert(name.into_owned(), value.into_owned().into());
        }
        let nonce = NONCE.fetch_add(1, Ordering::Relaxed).to_string();
        parameters.entry("nonce".into()).or_insert_with(|| nonce.into());
        parameters.entry("timestamp".into()).or_insert_with(|| self.clock.now().millis().to_string().into());
        Call {
            person: self.clone(),
            method: method.into(),
            path: format!("/api/v3{path}"),
            parameters,
            shape: if method == "GET" || method == "DELETE" { Shape::Query } else { Shape::Json },
            headers: vec![("Accept".into(), "application/vnd.procwise.v3".into())],
            file: None,
        }
    }
}

impl Call {
    /// Sends it to another server, with the same nonce and time.
    pub fn to(mut self, address: SocketAddr) -> Self {
        self.person.address = address;
        self
    }

    /// Sends it in somebody else's name.
    pub fn by(self, person: &Person) -> Self {
        Self { person: person.clone(), ..self }
    }

    /// Sends the parameters in the query.
    pub fn in_query(self) -> Self {
        Self { shape: Shape::Query, ..self }
    }

    /// Sends the parameters as a JSON body.
    pub fn as_json(self) -> Self {
        Self { shape: Shape::Json, ..self }
    }

    /// Sends the parameters as a form.
    pub fn as_form(self) -> Self {
        Self { shape: Shape::Form, ..self }
    }

    /// Sends the parameters in a multipart body, and this file, which is not signed.
    pub fn with_file(self, field: &str, name: &str, media_type: &str, content: impl Into<Vec<u8>>) -> Self {
        let (field, name, media_type) = (field.into(), name.into(), media_type.into());
        Self {
            shape: Shape::Multipart,
            file: Some(SentFile { field, name, media_type, content: content.into() }),
            ..self
        }
    }

    /// Adds or replaces a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds or replaces a parameter.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.parameters.insert(name.into(), value.into());
        self
    }

    /// What a right signature covers: the parameters and the ids in the path.
    pub fn signed(&self) -> BTreeMap<String, String> {
        let mut signed: BTreeMap<String, String> =
            self.parameters.iter().map(|(name, value)| (name.clone(), text_of(value))).collect();
        for (name, id) in document::path_ids(&self.method, &self.path) {
            signed.insert(name, id);
        }
        signed
    }

    /// Signs and sends.
    pub fn send(self) -> Reply {
        let signature = sign(&self.person.secret, &self.signed());
        self.send_signed(&signature)
    }

    /// Signs and sends to a server that may be killed meanwhile; `None` where no whole reply came.
    pub fn try_send(self) -> Option<Reply> {
        let signature = sign(&self.person.secret, &self.signed());
        let (method, path) = (self.method.clone(), self.path.clone());
        let reply = self.request(&signature).send().ok().and_then(Reply::read)?;
        document::check(&method, &path, &reply);
        Some(reply)
    }

    /// Sends with this signature, right or wrong. The reply is held against the OpenAPI document.
    pub fn send_signed(self, signature: &str) -> Reply {
        let (method, path) = (self.method.clone(), self.path.clone());
        let reply = Reply::from(self.request(signature).send().expect("the server answers"));
        document::check(&method, &path, &reply);
        reply
    }

    fn multipart(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for (name, value) in &self.parameters {
            let head = format!("--part\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend([head.as_str(), &text_of(value), "\r\n"].concat().into_bytes());
        }
        if let Some(SentFile { field, name, media_type, content }) = &self.file {
            let head = format!("--part\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n");
            body.extend(format!("{head}Content-Type: {media_type}\r\n\r\n").into_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--part--\r\n");
        body
    }

    fn request(mut self, signature: &str) -> RequestBuilder {
        self.parameters.insert("signature".into(), signature.into());
        let pairs: Vec<(String, String)> =
            self.parameters.iter().map(|(name, value)| (name.clone(), text_of(value))).collect();
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let (query, body, media_type) = match self.shape {
            Shape::Query => (format!("?{form}"), Vec::new(), None),
            Shape::Form => (String::new(), form.into(), Some("application/x-www-form-urlencoded")),
            Shape::Json => (String::new(), serde_json::to_vec(&self.parameters).unwrap(), Some("application/json")),
            Shape::Multipart => (String::new(), self.multipart(), Some("multipart/form-data; boundary=part")),
        };
        let url = format!("http://{}{}{query}", self.person.address, self.path);
        let mut request = http().request(self.method.parse().unwrap(), url);
        request = request.header("Authorization", format!("Token token={}", self.person.token));
        if let Some(media_type) = media_type {
            request = request.header("Content-Type", media_type);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(body)
    }
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        Self::read(response).expect("the whole reply comes")
    }
}

impl Reply {
    fn read(response: Response) -> Option<Self> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().ok()?;
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Some(Self { status, headers, text, json })
    }

    /// The object of a 200.
    pub fn ok(&self, member: &str) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json[member].clone()
    }

    /// The object of a 201.
    pub fn created(&self, member: &str) -> Value {
        assert_eq!(self.status, 201, "{}", self.text);
        self.json[member].clone()
    }

    /// Asserts an error by its status and code.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> &Self {
        assert_eq!((self.status, self.json["code"].as_str().unwrap_or("")), (status, code), "{}", self.text);
        self
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}
