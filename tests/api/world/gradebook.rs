//! An LMS that nobody here wrote: it launches by the package `lti` of `PyPI`, and its gradebook verifies what it gets by oauthlib.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value;

use super::client::http;
use super::lms::Lms;
use super::{Form, Reply};

/// The LMS in a process of its own.
pub struct Gradebook {
    pub origin: String,
    process: Child,
}

impl Gradebook {
    /// Starts an LMS with the key and the secret that it was given.
    pub fn start(lms: &Lms) -> Self {
        let arguments = ["lms.py", "--key", &lms.key, "--secret", &lms.secret, "--url", &lms.url];
        let mut process = crate::interop::python().args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let origin = line.trim().strip_prefix("listening on ").expect("the LMS says where it listens").to_owned();
        Self { origin, process }
    }

    /// The outcome service that answers in a manner.
    pub fn outcomes(&self, manner: &str) -> String {
        format!("{}/outcomes/{manner}", self.origin)
    }

    /// Launches with further parameters, and gives what the tool answers.
    pub fn launch(&self, parameters: &[(&str, &str)]) -> Reply {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        let page: Reply = http().get(format!("{}/form?{query}", self.origin)).send().unwrap().into();
        Form::read(&page.text).submit()
    }

    /// What the gradebook got.
    pub fn seen(&self) -> Value {
        Reply::from(http().get(format!("{}/grades", self.origin)).send().unwrap()).json
    }
}

impl Drop for Gradebook {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
