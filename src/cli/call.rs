//! `call`: signs an API call, sends it, and prints status and body.

use std::process::ExitCode;
use std::time::Duration;

use reqwest::Method;
use reqwest::blocking::Client;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use url::form_urlencoded;

use crate::cli::Done;
use crate::cli::sign::Request;
use crate::domain::secret::Secret;

/// Sends the call. The exit code is 0 where the server answered 2xx.
pub fn run(request: Request, token: String, secret: String, server: &str) -> Done {
    let call = request.sign(Secret::new(token), &Secret::new(secret))?;
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(&call.parameters).finish();
    let client = Client::builder().timeout(Duration::from_mins(1)).build()?;
    let reply = client
        .request(Method::from_bytes(call.method.as_bytes())?, format!("{}{}", server.trim_end_matches('/'), call.path))
        .header(AUTHORIZATION, format!("Token token={}", call.token.reveal()))
        .header(ACCEPT, "application/vnd.procwise.v3")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form)
        .send()?;
    let status = reply.status();
    println!("{status}\n{}", reply.text()?);
    Ok(if status.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
