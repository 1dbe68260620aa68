//! `launch verify`: checks the signature of a launch on its own, without a server.

use std::error::Error;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use examlink_lti::Secret;
use examlink_lti::v1::oauth1::compare::{SignatureCause, explain};
use examlink_lti::v1::oauth1::{Param, Request, SignatureMethod};
use examlink_lti::v1p3::form_pairs;

use crate::cli::Done;
use crate::clock::Clock;

/// A launch as it came, and what another side made of it.
#[derive(Debug, Args)]
pub struct Verify {
    /// The launch URL, query included, as the browser requested it.
    #[arg(long)]
    url: String,
    /// A file with the body of the launch (application/x-www-form-urlencoded); - reads standard input.
    #[arg(long, default_value = "-")]
    form: PathBuf,
    /// The HTTP method.
    #[arg(long, default_value = "POST")]
    method: String,
    /// A file with the consumer secret. One line break at its end does not count.
    #[arg(long)]
    secret_file: Option<PathBuf>,
    /// The consumer secret.
    #[arg(env = "EXAMLINK_CONSUMER_SECRET", hide_env_values = true, hide = true)]
    secret: Option<String>,
    /// A file with the base string that the other side made, to be compared.
    #[arg(long)]
    base_string: Option<PathBuf>,
}

/// Prints base string, expected signature and verdict. The exit code is 0 where the signature is right.
pub fn verify(launch: &Verify) -> Done {
    let secret = launch.secret()?;
    let params = launch.params()?;
    let request = Request { method: &launch.method, url: &launch.url, params: &params };
    let value = |name: &str| params.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    let method: SignatureMethod = value("oauth_signature_method").unwrap_or_default().parse()?;
    let given = value("oauth_signature").ok_or("the form holds no oauth_signature")?;
    let base_string = request.base_string()?;
    let cause = explain(&base_string, given, method, &secret);
    println!("base string: {base_string}\nexpected:    {}\ngiven:       {given}", request.sign(method, &secret)?);
    println!("verdict:     {}: {}", verdict(cause), cause.advice());
    if let Some(seconds) = value("oauth_timestamp").and_then(|seconds| seconds.parse::<i64>().ok()) {
        println!("signed:      {} s ago", Clock::system().now().seconds().saturating_sub(seconds));
    }
    if let Some(path) = &launch.base_string {
        println!("{}", difference(&request, &read(path)?)?);
    }
    Ok(if cause == SignatureCause::Same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn verdict(cause: SignatureCause) -> &'static str {
    if cause == SignatureCause::Same { "right" } else { "wrong" }
}

fn difference(request: &Request<'_>, theirs: &str) -> Result<String, Box<dyn Error>> {
    Ok(match request.compare(theirs)? {
        None => "difference:  none; the base strings are the same".into(),
        Some(found) => format!(
            "difference:  {}{}\n  here:      {}\n  there:     {}\n  {}",
            found.cause.name(),
            found.parameter.map(|name| format!(" in {name}")).unwrap_or_default(),
            found.ours,
            found.theirs,
            found.cause.advice()
        ),
    })
}

impl Verify {
    /// The secret, from a file or the environment: on the command line, everybody on the machine could read it.
    fn secret(&self) -> Result<Secret, Box<dyn Error>> {
        match (&self.secret_file, &self.secret) {
            (Some(path), None) => Ok(Secret::new(without_line_break(&fs::read_to_string(path)?))),
            (None, Some(secret)) => Ok(Secret::new(secret.as_str())),
            (None, None) => Err("set EXAMLINK_CONSUMER_SECRET or --secret-file to the consumer secret".into()),
            (Some(_), Some(_)) => {
                Err("the secret is given twice: by EXAMLINK_CONSUMER_SECRET and by --secret-file".into())
            }
        }
    }

    fn params(&self) -> Result<Vec<Param>, Box<dyn Error>> {
        let form = read(&self.form)?;
        Ok(form_pairs(without_line_break(&form).as_bytes()))
    }
}

/// What editors put at the end of a file is not part of what it holds.
fn without_line_break(text: &str) -> &str {
    text.strip_suffix("\r\n").or_else(|| text.strip_suffix('\n')).unwrap_or(text)
}

fn read(path: &Path) -> io::Result<String> {
    if path.as_os_str() == "-" {
        let mut text = String::new();
        return io::stdin().read_to_string(&mut text).map(|_| text);
    }
    fs::read_to_string(path)
}
