//! How long a test waits for what must come. On a busy machine anything may take long; only where nothing comes at all does
//! a test last as long as this.

use std::thread;
use std::time::{Duration, Instant};

/// Enough for whatever happens by itself; what a server that was killed has begun is taken up again after half a minute.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// Waits until something is so.
#[track_caller]
pub fn until<T>(what: &str, mut so: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = so() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        thread::sleep(Duration::from_millis(20));
    }
}
