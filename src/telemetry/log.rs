//! The log: one JSON object a line, on standard error.
//!
//! The lines about requests gather in memory and are written together, twenty times a second: on a busy server, writing
//! each by itself costs as much as verifying a signature. Every other line is written at once, after those that came before it.

use std::error::Error;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{panic, thread};

use serde::Serialize;
use tracing::Level;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::clock::Clock;

/// What the lines about requests are logged as.
const REQUESTS: &str = "access";
/// The longest that a line about a request waits.
const WAIT: Duration = Duration::from_millis(50);
/// The room for a line about a request, in bytes.
const LENGTH: usize = 256;
/// So many bytes are written without waiting.
const ENOUGH: usize = 64 << 10;

static LOG: Log = Log(Mutex::new(Vec::new()));

/// Writes out what still waits when it is dropped: hold it until the program ends.
#[must_use = "without it the last lines are lost"]
#[derive(Debug)]
pub struct Logging(());

impl Drop for Logging {
    fn drop(&mut self) {
        LOG.write_out();
    }
}

/// Starts to log, panics too. `filter` is such as `info`, or `info,actix_http=trace`: a level alone is for this program's
/// own targets. Fails with what is wrong with the filter, and where somebody logs already.
pub fn log_json(filter: &str) -> Result<Logging, Box<dyn Error + Send + Sync>> {
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(EnvFilter::try_new(directives(filter))?)
        .with_writer(&LOG);
    subscriber.try_init()?;
    panic::set_hook(Box::new(|panic| tracing::error!(%panic, "a part of the program panicked")));
    thread::Builder::new().name("log".into()).spawn(|| {
        loop {
            thread::sleep(WAIT);
            LOG.write_out();
        }
    })?;
    Ok(Logging(()))
}

/// A request that was answered.
#[derive(Debug, Serialize)]
pub(super) struct Answered<'a> {
    pub(super) request_id: &'a str,
    pub(super) method: &'a str,
    /// The route, never the path.
    pub(super) route: &'a str,
    pub(super) status: u16,
    pub(super) micros: u64,
}

/// A line as the subscriber writes it.
#[derive(Serialize)]
struct Written<'a> {
    timestamp: String,
    level: &'a str,
    #[serde(flatten)]
    of: &'a Answered<'a>,
    target: &'a str,
}

/// Logs a request. The line is written here, because the subscriber takes as long for one as the whole of a small reply.
pub(super) fn request(answered: &Answered<'_>) {
    if tracing::enabled!(target: REQUESTS, Level::INFO) {
        let timestamp = Clock::system().now().to_string();
        LOG.write_request(&Written { timestamp, level: "INFO", of: answered, target: REQUESTS });
    }
}

/// Lets a level alone count for our own targets. What others log below a warning is theirs to choose, and may be what
/// they read from a socket: tokens and students' links. Who wants it must name them.
fn directives(filter: &str) -> String {
    let directive = |directive: &str| match directive.trim().parse::<LevelFilter>() {
        Ok(level) => format!("{},examlink={level},{REQUESTS}={level}", level.min(LevelFilter::WARN)),
        Err(_) => directive.to_owned(),
    };
    filter.split(',').map(directive).collect::<Vec<_>>().join(",")
}

/// The lines that wait.
struct Log(Mutex<Vec<u8>>);

impl Log {
    fn write_out(&self) {
        self.add(&[], true);
    }

    fn add(&self, line: &[u8], at_once: bool) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.extend_from_slice(line);
        if (at_once || waiting.len() >= ENOUGH) && !waiting.is_empty() {
            // Nobody can be told that the log cannot be written.
            let _ = io::stderr().write_all(&waiting);
            waiting.clear();
        }
    }

    fn write_request(&self, line: &Written<'_>) {
        let mut text = Vec::with_capacity(LENGTH);
        // Texts and numbers can always be written.
        if serde_json::to_writer(&mut text, line).is_ok() {
            text.push(b'\n');
            self.add(&text, false);
        }
    }
}

/// Where one line of the subscriber goes.
struct Line;

impl Write for Line {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        LOG.add(line, true);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for &'static Log {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_02_a_level_alone_is_for_our_own_targets() {
        assert_eq!(directives("trace"), "warn,examlink=trace,access=trace");
        assert_eq!(directives("error"), "error,examlink=error,access=error");
        assert_eq!(directives("actix_http=trace, info"), "actix_http=trace,warn,examlink=info,access=info");
    }
}
