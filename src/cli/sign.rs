//! `sign`: the message, the signature and a curl command of an API call.

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;

use clap::Args;

use crate::api::params::{Value, is_id};
use crate::api::{BASE, openapi, signature};
use crate::cli::Done;
use crate::clock::{Clock, Random};
use crate::domain::secret::Secret;

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
}

/// A call with everything that it is sent with.
#[derive(Debug)]
pub struct SignedCall {
    /// The method in capitals.
    pub method: String,
    /// The path, base included.
    pub path: String,
    /// What was signed.
    pub message: String,
    /// The parameters to send, signature included, ids of the path left out.
    pub parameters: Vec<(String, String)>,
    /// The token.
    pub token: Secret,
}

impl Request {
    /// A call without parameters.
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: method.into(), path: path.into(), parameters: Vec::new() }
    }

    /// Signs the call now, with a random nonce, unless the parameters bring a nonce and a timestamp.
    pub fn sign(self, token: Secret, secret: &Secret) -> Result<SignedCall, Box<dyn Error>> {
        let path = format!("{BASE}/{}", self.path.trim_start_matches(BASE).trim_matches('/'));
        let mut sent: BTreeMap<String, String> = BTreeMap::new();
        for parameter in &self.parameters {
            let (name, value) = parameter.split_once('=').ok_or_else(|| format!("{parameter:?} is not NAME=VALUE"))?;
            sent.insert(name.to_owned(), value.to_owned());
        }
        let nonce = u64::from_be_bytes(Random.bytes::<8>()?).to_string();
        sent.entry("nonce".into()).or_insert(nonce);
        sent.entry("timestamp".into()).or_insert_with(|| Clock::system().now().millis().to_string());
        let mut signed: BTreeMap<String, Value> =
            sent.iter().map(|(name, value)| (name.clone(), Value::Text(value.clone()))).collect();
        for (name, id) in path_ids(&self.method.to_uppercase(), &path)? {
            signed.insert(name, Value::Text(id));
        }
        let message = signature::message(&signed, false);
        sent.insert("signature".into(), signature::sign(&signature::prepare(secret.reveal()), &message));
        let parameters = sent.into_iter().collect();
        Ok(SignedCall { method: self.method.to_uppercase(), path, message, parameters, token })
    }
}

/// The ids in a path by the names of its route.
fn path_ids(method: &str, path: &str) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let given: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let parts: Vec<&str> = template.split('/').collect();
        parts.len() == given.len() && parts.iter().zip(&given).all(|(part, text)| part == text || is_id(part))
    };
    let routes = openapi::methods(&openapi::document());
    let route = routes.iter().find(|(template, methods)| fits(template) && methods.contains(&method));
    let (template, _) = route.ok_or_else(|| format!("the API has no call {method} {path}"))?;
    let ids = template.split('/').zip(given).filter(|(part, _)| is_id(part));
    Ok(ids.map(|(part, text)| (part.trim_matches(['{', '}']).to_owned(), text.to_owned())).collect())
}

impl SignedCall {
    /// A command that sends the call, for a POSIX shell.
    pub fn curl(&self, server: &str) -> String {
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
        let flag = if self.method == "GET" { "-G " } else { "" };
        let url = quoted(&format!("{server}{}", self.path));
        let token = quoted(&format!("Authorization: Token token={}", self.token.reveal()));
        let mut lines = vec![format!("curl -sS {flag}-X {} {url}", self.method), format!("-H {token}")];
        let parameter =
            |(name, value): &(String, String)| format!("--data-urlencode {}", quoted(&format!("{name}={value}")));
        lines.extend(self.parameters.iter().map(parameter));
        lines.join(" \\\n  ")
    }
}

/// Prints the message, the signature and the command.
pub fn run(request: Request, token: String, secret: String, server: &str) -> Done {
    let call = request.sign(Secret::new(token), &Secret::new(secret))?;
    let signature = call.parameters.iter().find(|(name, _)| name == "signature").map_or("", |(_, value)| value);
    println!("message:   {}\nsignature: {signature}\n\n{}", call.message, call.curl(server.trim_end_matches('/')));
    Ok(ExitCode::SUCCESS)
}
