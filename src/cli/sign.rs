//! `sign`: the message, the signature and a curl command of an API call.

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use url::form_urlencoded;

use crate::api::params::{Value, is_id};
use crate::api::signature::rfc9421::Outgoing;
use crate::api::{BASE, openapi, signature};
use crate::cli::Done;
use crate::clock::{Clock, Random};
use crate::domain::secret::Secret;

/// What the signature covers.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Scheme {
    /// The parameters, as every client of the published API does.
    #[default]
    Parameters,
    /// The HTTP message: method, address and body. The server's address must be its public URL.
    Rfc9421,
}

/// An API call as it stands on the command line.
#[derive(Clone, Debug, Args)]
pub struct Request {
    /// GET, POST, PUT, PATCH or DELETE.
    method: String,
    /// The path below /api/v3, such as /exams/1.
    path: String,
    /// Parameters. Ids in the path are signed by themselves.
    #[arg(value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    /// What the signature covers.
    #[arg(long, value_enum, default_value_t)]
    scheme: Scheme,
}

/// Who calls which server.
#[derive(Debug)]
pub struct Caller {
    /// The `api_token`.
    pub token: Secret,
    /// The `secret_key`.
    pub secret: Secret,
    /// The server's public URL.
    pub server: String,
}

/// A call with everything that it is sent with.
#[derive(Debug)]
pub struct SignedCall {
    /// The method in capitals.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// What was signed.
    pub message: String,
    /// The signature.
    pub signature: String,
    /// The headers that show who calls.
    pub headers: Vec<(&'static str, String)>,
    /// What is sent beside them.
    pub payload: Payload,
}

/// The parameters of a call on their way.
#[derive(Debug)]
pub enum Payload {
    /// To be sent in any form, because their values are signed.
    Fields(Vec<(String, String)>),
    /// To be sent byte by byte, because the bytes are signed.
    Form(String),
}

impl Request {
    /// A call without parameters.
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: method.into(), path: path.into(), parameters: Vec::new(), scheme: Scheme::default() }
    }

    /// Signs the call now, with a random nonce, unless the parameters bring a nonce and a timestamp.
    pub fn sign(self, caller: &Caller) -> Result<SignedCall, Box<dyn Error>> {
        let method = self.method.to_uppercase();
        let path = format!("{BASE}/{}", self.path.trim_start_matches(BASE).trim_matches('/'));
        let ids = path_ids(&method, &path)?;
        let mut sent = BTreeMap::new();
        for parameter in &self.parameters {
            let (name, value) = parameter.split_once('=').ok_or_else(|| format!("{parameter:?} is not NAME=VALUE"))?;
            sent.insert(name.to_owned(), value.to_owned());
        }
        let url = format!("{}{path}", caller.server.trim_end_matches('/'));
        match self.scheme {
            Scheme::Parameters => sign_parameters(caller, method, url, ids, sent),
            Scheme::Rfc9421 => sign_message(caller, method, url, &sent),
        }
    }
}

fn sign_parameters(
    caller: &Caller,
    method: String,
    url: String,
    ids: Vec<(String, String)>,
    mut sent: BTreeMap<String, String>,
) -> Result<SignedCall, Box<dyn Error>> {
    let nonce = u64::from_be_bytes(Random.bytes::<8>()?).to_string();
    sent.entry("nonce".into()).or_insert(nonce);
    sent.entry("timestamp".into()).or_insert_with(|| Clock::system().now().millis().to_string());
    let signed = sent.iter().map(|(name, value)| (name.clone(), value.clone())).chain(ids);
    let message = signature::message(&signed.map(|(name, value)| (name, Value::Text(value))).collect(), false);
    let signature = hex::encode(signature::sign(&signature::prepare(caller.secret.reveal()), &message));
    sent.insert("signature".into(), signature.clone());
    let headers = vec![("Authorization", format!("Token token={}", caller.token.reveal()))];
    Ok(SignedCall { method, url, message, signature, headers, payload: Payload::Fields(sent.into_iter().collect()) })
}

/// Parameters of a GET or a DELETE stand in the address, others in the body.
fn sign_message(
    caller: &Caller,
    method: String,
    mut url: String,
    sent: &BTreeMap<String, String>,
) -> Result<SignedCall, Box<dyn Error>> {
    let mut form = form_urlencoded::Serializer::new(String::new()).extend_pairs(sent).finish();
    if matches!(method.as_str(), "GET" | "DELETE") && !form.is_empty() {
        url = format!("{url}?{}", std::mem::take(&mut form));
    }
    let nonce = Random.hex::<16>()?;
    let created = u32::try_from(Clock::system().now().millis() / 1_000)?;
    let (token, body) = (&caller.token, form.as_bytes());
    let outgoing = Outgoing { method: &method, target_uri: &url, body, token, created, nonce: &nonce };
    let signed = outgoing.sign(&signature::prepare(caller.secret.reveal()))?;
    Ok(SignedCall {
        message: signed.base,
        signature: signed.signature,
        headers: signed.headers,
        payload: Payload::Form(form),
        method,
        url,
    })
}

/// The ids in a path by the names of its route.
fn path_ids(method: &str, path: &str) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let given: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let parts: Vec<&str> = template.split('/').collect();
        parts.len() == given.len() && parts.iter().zip(&given).all(|(part, text)| part == text || is_id(part))
    };
    let routes = openapi::methods();
    let route = routes.iter().find(|(template, methods)| fits(template) && methods.contains(&method));
    let (template, _) = route.ok_or_else(|| format!("the API has no call {method} {path}"))?;
    let ids = template.split('/').zip(given).filter(|(part, _)| is_id(part));
    Ok(ids.map(|(part, text)| (part.trim_matches(['{', '}']).to_owned(), text.to_owned())).collect())
}

impl Payload {
    /// The form to send as the body.
    pub fn into_form(self) -> String {
        match self {
            Self::Fields(fields) => form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish(),
            Self::Form(form) => form,
        }
    }

    /// The same as arguments of curl.
    fn arguments(&self) -> Vec<String> {
        match self {
            Self::Fields(fields) => {
                let argument = |(name, value)| format!("--data-urlencode {}", quoted(&format!("{name}={value}")));
                fields.iter().map(|(name, value)| argument((name, value))).collect()
            }
            Self::Form(form) if form.is_empty() => Vec::new(),
            Self::Form(form) => vec![format!("--data-raw {}", quoted(form))],
        }
    }
}

impl SignedCall {
    /// A command that sends the call, for a POSIX shell.
    pub fn curl(&self) -> String {
        let flag = if self.method == "GET" { "-G " } else { "" };
        let mut lines = vec![format!("curl -sS {flag}-X {} {}", self.method, quoted(&self.url))];
        lines.extend(self.headers.iter().map(|(name, value)| format!("-H {}", quoted(&format!("{name}: {value}")))));
        lines.extend(self.payload.arguments());
        lines.join(" \\\n  ")
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Prints the message, the signature and the command.
pub fn run(request: Request, caller: &Caller) -> Done {
    let call = request.sign(caller)?;
    println!("message:   {}\nsignature: {}\n\n{}", call.message, call.signature, call.curl());
    Ok(ExitCode::SUCCESS)
}
