//! What a student sees, in a real browser.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use fantoccini::{Client, Locator};
use serde_json::json;
use tempfile::TempDir;

use crate::world::{World, with_browser, with_browser_that};

/// The demo, started as its user starts it.
struct Demo {
    process: Child,
    exam_url: String,
    _folder: TempDir,
}

impl Demo {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let data = folder.path().join("demo").display().to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_examlink"));
        command.env_clear().args(["demo", "--listen", "127.0.0.1:0", "--data", &data]);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let printed: Vec<String> = lines.take_while(|line| !line.starts_with("Press Ctrl-C")).collect();
        let line = printed.iter().find(|line| line.contains("exam page")).unwrap();
        let exam_url = line.split_whitespace().last().unwrap().to_owned();
        Self { process, exam_url, _folder: folder }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn click(page: &Client, text: &str) {
    let xpath = format!("//*[self::button or self::a or self::summary][contains(., '{text}')]");
    let found = page.wait().for_element(Locator::XPath(&xpath)).await;
    let found = found.unwrap_or_else(|error| panic!("{text}: {error}"));
    let element = serde_json::to_value(&found).unwrap();
    page.execute("arguments[0].scrollIntoView({ behavior: 'instant', block: 'center' })", vec![element]).await.unwrap();
    found.click().await.unwrap();
}

/// Waits until the document at hand shows a text.
async fn sees(page: &Client, text: &str) {
    let xpath = format!("//body[contains(., '{text}')]");
    page.wait().for_element(Locator::XPath(&xpath)).await.unwrap_or_else(|error| panic!("{text}: {error}"));
}

async fn enter_frame(page: &Client) {
    let frame = page.wait().for_element(Locator::Css("iframe")).await.unwrap();
    frame.enter_frame().await.unwrap();
}

/// Keeps a picture of the page where a person can look at it.
async fn picture(page: &Client, name: &str) {
    let folder = concat!(env!("CARGO_TARGET_TMPDIR"), "/pictures");
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(format!("{folder}/{name}.png"), page.screenshot().await.unwrap()).unwrap();
}

#[test]
fn a_student_starts_the_demo_exam_and_stands_inside_the_tool() {
    let demo = Demo::start();
    with_browser(|page| async move {
        page.goto(&demo.exam_url).await.unwrap();
        sees(&page, "Ready to start").await;
        click(&page, "Start exam").await;
        sees(&page, "Before you begin").await;
        enter_frame(&page).await;
        sees(&page, "aunch verified").await;
        sees(&page, "launch_presentation_document_target").await;
        sees(&page, "iframe").await;
        page.enter_parent_frame().await.unwrap();
        picture(&page, "demo").await;
        enter_frame(&page).await;
        click(&page, "Return with an error").await;
        sees(&page, "The tool could not save your work.").await;
        page.enter_parent_frame().await.unwrap();
        click(&page, "Finish exam").await;
        click(&page, "Yes, finish the exam").await;
        sees(&page, "Finished").await;
        picture(&page, "finished").await;
    });
}

#[test]
fn without_scripts_a_button_launches_the_tool() {
    let demo = Demo::start();
    let no_scripts = json!({ "profile.managed_default_content_settings.javascript": 2 });
    with_browser_that(&[], no_scripts, |page| async move {
        page.goto(&demo.exam_url).await.unwrap();
        click(&page, "Start exam").await;
        enter_frame(&page).await;
        click(&page, "Open Question 1").await;
        sees(&page, "aunch verified").await;
    });
}

#[test]
fn a_tool_in_a_new_tab_is_told_so() {
    let demo = Demo::start();
    with_browser(|page| async move {
        page.goto(&demo.exam_url).await.unwrap();
        click(&page, "Start exam").await;
        click(&page, "Open in a new tab").await;
        let tab = loop {
            let windows = page.windows().await.unwrap();
            if let [_, tab] = windows.as_slice() {
                break tab.clone();
            }
        };
        page.switch_to_window(tab).await.unwrap();
        sees(&page, "aunch verified").await;
        let target = "//tr[contains(., 'launch_presentation_document_target')][contains(., 'window')]";
        page.wait().for_element(Locator::XPath(target)).await.unwrap();
    });
}

#[test]
fn the_api_documentation_works_offline_under_the_content_security_policy() {
    let world = World::in_real_time();
    let docs = format!("{}/docs/", world.origin());
    with_browser(|page| async move {
        page.goto(&docs).await.unwrap();
        sees(&page, "create_exam").await;
        picture(&page, "docs").await;
        let log = page.issue_cmd(BrowserLog).await.unwrap();
        let violations: Vec<_> = log
            .as_array()
            .unwrap()
            .iter()
            .filter(|line| line["message"].as_str().unwrap().contains("Content Security Policy"))
            .collect();
        assert!(violations.is_empty(), "{violations:?}");
    });
}

/// What the browser complained about: chromedriver's own command.
#[derive(Debug)]
struct BrowserLog;

impl fantoccini::wd::WebDriverCompatibleCommand for BrowserLog {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}
