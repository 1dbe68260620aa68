//! A real browser: Chromium without a window, driven by chromedriver.

use std::future::Future;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use fantoccini::{Client, ClientBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A driver in a process of its own; it takes its browsers with it.
struct Driver {
    process: Child,
    address: String,
}

impl Driver {
    /// It asks for a free port of IPv6 and then for the same one of IPv4, which somebody else may have; then it exits.
    fn start() -> Self {
        (0..10).find_map(|_| Self::try_start()).expect("chromedriver finds a port")
    }

    fn try_start() -> Option<Self> {
        let program = std::env::var("EXAMLINK_TEST_CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".into());
        let mut process = Command::new(program)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .expect("script/test installs chromedriver");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut driver = Self { process, address: String::new() };
        let started = lines.find(|line| line.contains("started successfully on port"))?;
        let port = started.trim_end_matches('.').rsplit(' ').next().unwrap();
        driver.address = format!("http://127.0.0.1:{port}");
        Some(driver)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Gives `story` a browser of its own.
pub fn with_browser<F: Future<Output = ()>>(story: impl FnOnce(Client) -> F) {
    with_browser_that(&[], json!({}), story);
}

/// Gives `story` a browser of its own with further arguments and preferences.
pub fn with_browser_that<F: Future<Output = ()>>(
    arguments: &[&str],
    preferences: Value,
    story: impl FnOnce(Client) -> F,
) {
    let (driver, profile) = (Driver::start(), TempDir::new().unwrap());
    let data = format!("--user-data-dir={}", profile.path().display());
    let mut all = vec!["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage"];
    all.extend(["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]);
    all.extend(["--window-size=1280,1000", &data]);
    all.extend(arguments);
    let capabilities = json!({
        "goog:chromeOptions": { "args": all, "prefs": preferences },
        "goog:loggingPrefs": { "browser": "ALL" },
    });
    actix_web::rt::System::new().block_on(async {
        let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        builder.capabilities(capabilities.as_object().unwrap().clone());
        let client = builder.connect(&driver.address).await.expect("Chromium starts");
        story(client.clone()).await;
        client.close().await.unwrap();
    });
}
