//! Why servers refuse the messages of tools. Who sends one is not told: only the log says so, under the code of the reply.

use std::io::{self, Write};
use std::sync::{Mutex, Once};

use serde_json::Value;
use tracing_subscriber::EnvFilter;

use super::Reply;

/// What the servers of all tests in this process have logged of refusals.
static LOGGED: Mutex<Vec<Value>> = Mutex::new(Vec::new());

/// A log that is listened to.
pub struct Refusals(&'static Mutex<Vec<Value>>);

impl Refusals {
    /// Begins to listen.
    pub fn heard() -> Self {
        static BEGUN: Once = Once::new();
        BEGUN.call_once(|| {
            let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_writer(|| Line);
            subscriber.with_env_filter(EnvFilter::new("off,examlink::lti::refusal=info")).init();
        });
        Self(&LOGGED)
    }

    /// Why a message was refused that was replied to so.
    #[track_caller]
    pub fn why(&self, reply: &Reply) -> String {
        let code = reply.header("x-request-id");
        let of_reply = |line: &&Value| line["request_id"] == code && line["why"].is_string();
        let found = self.0.lock().unwrap().iter().find(of_reply).cloned();
        let found = found.unwrap_or_else(|| panic!("nothing was refused: {} {}", reply.status, reply.text));
        found["why"].as_str().unwrap().to_owned()
    }
}

/// Takes one line, which is written at once.
struct Line;

impl Write for Line {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        LOGGED.lock().unwrap().push(serde_json::from_slice(line)?);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
