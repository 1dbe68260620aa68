//! `call`: signs an API call, sends it, and prints status and body.

use std::process::ExitCode;
use std::time::Duration;

use reqwest::Method;
use reqwest::blocking::Client;
use reqwest::header::{ACCEPT, CONTENT_TYPE};

use crate::cli::Done;
use crate::cli::sign::{Caller, Request};

/// Sends the call. The exit code is 0 where the server answered 2xx.
pub fn run(request: Request, caller: &Caller) -> Done {
    let call = request.sign(caller)?;
    let client = Client::builder().timeout(Duration::from_mins(1)).build()?;
    let mut sending = client
        .request(Method::from_bytes(call.method.as_bytes())?, call.url)
        .header(ACCEPT, "application/vnd.procwise.v3")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    for (name, value) in call.headers {
        sending = sending.header(name, value);
    }
    let reply = sending.body(call.payload.into_form()).send()?;
    let status = reply.status();
    println!("{status}\n{}", reply.text()?);
    Ok(if status.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
