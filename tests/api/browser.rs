//! What a student sees, in a real browser.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::gradebook::Gradebook;
use crate::world::{PATIENCE, World, with_browser, with_browser_that};

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

/// The element that is there, or comes.
pub async fn awaited(page: &Client, what: Locator<'_>) -> Element {
    let found = page.wait().at_most(PATIENCE).for_element(what).await;
    found.unwrap_or_else(|error| panic!("{what:?}: {error}"))
}

/// Clicks what shows a text. A page that was on its way out when it was found makes room for the next one, and is asked
/// again.
pub async fn click(page: &Client, text: &str) {
    let xpath = format!("//*[self::button or self::a or self::summary][contains(., '{text}')]");
    let started = Instant::now();
    loop {
        let found = awaited(page, Locator::XPath(&xpath)).await;
        let element = vec![serde_json::to_value(&found).unwrap()];
        let scroll = "arguments[0].scrollIntoView({ behavior: 'instant', block: 'center' })";
        let clicked = match page.execute(scroll, element).await {
            Ok(_) => found.click().await,
            Err(error) => Err(error),
        };
        match clicked {
            Ok(()) => break,
            Err(error) if error.is_stale_element_reference() => {
                assert!(started.elapsed() < PATIENCE, "{text}: {error}");
            }
            Err(error) => panic!("{text}: {error}"),
        }
    }
}

/// Waits until the document at hand shows a text.
pub async fn sees(page: &Client, text: &str) {
    let xpath = format!("//body[contains(., '{text}')]");
    awaited(page, Locator::XPath(&xpath)).await;
}

pub async fn enter_frame(page: &Client) {
    awaited(page, Locator::Css("iframe")).await.enter_frame().await.unwrap();
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

/// The nonce of the launch that the tool in the frame has got.
async fn launched_nonce(page: &Client) -> String {
    enter_frame(page).await;
    sees(page, "aunch verified").await;
    let row = page.find(Locator::XPath("//tr[contains(., 'oauth_nonce')]")).await.unwrap().text().await.unwrap();
    page.enter_parent_frame().await.unwrap();
    row.replace("oauth_nonce", "").trim().to_owned()
}

#[test]
fn ui_07_a_reloaded_exam_page_launches_anew_and_back_shows_a_verified_launch() {
    let demo = Demo::start();
    with_browser(|page| async move {
        page.goto(&demo.exam_url).await.unwrap();
        click(&page, "Start exam").await;
        let first = launched_nonce(&page).await;
        page.refresh().await.unwrap();
        let second = launched_nonce(&page).await;
        assert!(first.len() == 30 && second.len() == 30 && first != second, "{first} {second}");
        page.goto(&demo.exam_url.replace("/sessions/", "/nowhere/")).await.unwrap();
        page.back().await.unwrap();
        assert_ne!(launched_nonce(&page).await, first);
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
        awaited(&page, Locator::XPath(target)).await;
    });
}

/// A blue dot: the smallest image.
const DOT: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNQSFgAAAHEASFiX4r9AAAAAElFTkSuQmCC";

#[test]
fn an_attached_image_is_shown_where_its_placeholder_stands() {
    let world = World::in_real_time();
    let exam = world.exam();
    let image = world.attachment(&exam, "dot.png", "image/png", STANDARD.decode(DOT).unwrap());
    world.document(&exam, &format!("<p>Look: {{{}}}</p>", image["placeholder"].as_str().unwrap()));
    world.publish(&exam);
    let url = format!("{}{}", world.origin(), world.started(&world.student_session(&exam)));
    with_browser(|page| async move {
        page.goto(&url).await.unwrap();
        let image = awaited(&page, Locator::Css("p > img.attachment")).await;
        let image = serde_json::to_value(&image).unwrap();
        let width = "return arguments[0].decode().then(() => arguments[0].naturalWidth, () => 0)";
        assert_eq!(page.execute(width, vec![image]).await.unwrap(), json!(1));
    });
}

#[test]
fn a_launch_inside_a_course_page_reaches_the_exam_without_third_party_cookies() {
    let world = World::in_real_time();
    let exam = world.exam();
    world.publish(&exam);
    let course = |allowed: bool| {
        let lms = world.lms(json!({ "exam_id": exam["id"] }));
        let gradebook = Gradebook::start(&lms);
        let origins = if allowed { vec![&gradebook.origin] } else { Vec::new() };
        world.administrator.patch(&lms.path(), json!({ "frame_origins": origins })).ok("lti_consumer");
        (format!("{}/course?roles=Learner&lis_person_name_full=Sam", gradebook.origin), gradebook)
    };
    let ((stranger, _first), (friend, _second)) = (course(false), course(true));
    let no_cookies = json!({ "profile.block_third_party_cookies": true, "profile.cookie_controls_mode": 1 });
    with_browser_that(&["--test-third-party-cookie-phaseout"], no_cookies, |page| async move {
        page.goto(&stranger).await.unwrap();
        sees(&page, "The course").await;
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        enter_frame(&page).await;
        assert!(!page.source().await.unwrap().contains("Algebra"), "an origin that is not listed frames nothing");
        page.goto(&friend).await.unwrap();
        enter_frame(&page).await;
        sees(&page, "Ready to start").await;
        let cookie = "document.cookie = 'a=b'; return document.cookie";
        assert_eq!(page.execute(cookie, vec![]).await.unwrap(), json!(""), "third-party cookies are blocked");
        click(&page, "Start exam").await;
        sees(&page, "Running").await;
        page.enter_parent_frame().await.unwrap();
        picture(&page, "course").await;
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
        let log = page.issue_cmd(Chromium::log()).await.unwrap();
        let violations: Vec<_> = log
            .as_array()
            .unwrap()
            .iter()
            .filter(|line| line["message"].as_str().unwrap().contains("Content Security Policy"))
            .collect();
        assert!(violations.is_empty(), "{violations:?}");
    });
}

/// A command that Chromium takes beside the standard ones.
#[derive(Debug)]
struct Chromium {
    path: &'static str,
    body: Value,
}

impl Chromium {
    /// What the browser complained about.
    fn log() -> Self {
        Self { path: "se/log", body: json!({ "type": "browser" }) }
    }

    /// Lets pages do what their content security policy forbids, or not.
    fn bypass_policy(enabled: bool) -> Self {
        let body = json!({ "cmd": "Page.setBypassCSP", "params": { "enabled": enabled } });
        Self { path: "goog/cdp/execute", body }
    }
}

impl fantoccini::wd::WebDriverCompatibleCommand for Chromium {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

/// A session whose student stands in front of these instructions.
fn seat(world: &World, instructions: &str, launch_url: &str) -> String {
    let (exam, tool) = (world.exam(), world.tool_provider_at(launch_url));
    world.lti_resource(&exam, &tool);
    world.document(&exam, instructions);
    let session = world.student_session(&exam);
    world.publish(&exam);
    format!("{}{}", world.origin(), world.started(&session))
}

/// Two https origins with a certificate of their own making: the first answers a launch by sending the browser to the
/// second.
struct RedirectingTool {
    process: Child,
    port: String,
    _folder: TempDir,
}

impl RedirectingTool {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let certificate = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"];
        let files = ["-keyout", "key.pem", "-out", "cert.pem"];
        let made =
            Command::new("openssl").args(certificate).args(files).current_dir(&folder).stderr(Stdio::null()).status();
        assert!(made.unwrap().success());
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/redirecting_tool.py");
        let mut process =
            Command::new("python3").arg(program).current_dir(&folder).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { process, port: line.trim().to_owned(), _folder: folder }
    }
}

impl Drop for RedirectingTool {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_tool_that_redirects_to_another_origin_works_in_the_frame_and_in_a_tab() {
    let (world, tool) = (World::in_real_time(), RedirectingTool::start());
    let home = seat(&world, "<p>Begin.</p>{LTI_EXAM_1}", &format!("https://localhost:{}/launch", tool.port));
    with_browser_that(&["--ignore-certificate-errors"], json!({}), |page| async move {
        page.goto(&home).await.unwrap();
        enter_frame(&page).await;
        sees(&page, "the other origin").await;
        page.goto(&format!("{home}/launch/1?target=window")).await.unwrap();
        sees(&page, "the other origin").await;
    });
}

const CORPUS: &str = include_str!("data/xss_corpus.txt");

/// Payloads set this mark, or open a dialog, if any of them runs.
async fn nothing_ran(page: &Client, what: &str) {
    assert!(page.get_alert_text().await.is_err(), "{what}: a dialog");
    let marks = "return [document.querySelectorAll('main script, main style, main svg, main math, main [style]').length, \
                 [...document.querySelectorAll('main *')].filter(e => [...e.attributes].some(a => a.name.startsWith('on'))).length]";
    assert_eq!(page.execute(marks, vec![]).await.unwrap(), json!([0, 0]), "{what}");
}

/// A student's page that shows these payloads wherever staff can write. A page shows a name, and a name takes no
/// invisible character.
fn page_of(world: &World, payloads: &[&str]) -> String {
    let text = payloads.join("\n<hr>\n");
    let name: String =
        payloads.iter().flat_map(|payload| payload.chars().take(40)).filter(is_visible).take(250).collect();
    let (exam, tool) = (world.exam(), world.tool_provider());
    let resource = world.lti_resource(&exam, &tool);
    world.document(&exam, &text);
    let session = world.student_session(&exam);
    let info = json!({ "individual_info": text, "is_individual_info_html": true, "name": name });
    world.teacher.patch(&format!("/student_sessions/{}", session["id"]), info).ok("student");
    world.teacher.patch(&format!("/exams/{}", exam["id"]), json!({ "name": name, "status": "open" })).ok("exam");
    let fields = json!({ "lti_resource_link_name": name });
    world.teacher.patch(&format!("/lti_resources/{}", resource["id"]), fields).ok("lti_resource");
    format!("{}{}", world.origin(), world.started(&session))
}

fn is_visible(c: &char) -> bool {
    c.is_ascii() && !c.is_ascii_control()
}

/// `alert`, `confirm` and `prompt` open dialogs, which are seen.
fn no_payload_runs(bypass_policy: bool) {
    let world = World::in_real_time();
    let with_placeholder = |line: &&str| line.to_uppercase().contains("LTI_EXAM");
    let payloads: Vec<&str> = CORPUS.lines().filter(|line| !line.is_empty() && !with_placeholder(line)).collect();
    assert!(payloads.len() >= 200, "{}", payloads.len());
    let pages: Vec<(String, &[&str])> = payloads.chunks(20).map(|chunk| (page_of(&world, chunk), chunk)).collect();
    with_browser(|page| async move {
        page.issue_cmd(Chromium::bypass_policy(bypass_policy)).await.unwrap();
        // A dialog that is there is seen: the silence below means something.
        page.execute("setTimeout(() => alert('seen'))", vec![]).await.unwrap();
        while page.get_alert_text().await.is_err() {}
        page.dismiss_alert().await.unwrap();
        for (url, payloads) in pages {
            page.goto(&url).await.unwrap();
            nothing_ran(&page, &payloads.join("\n")).await;
        }
    });
}

#[test]
fn xss_01_no_payload_runs_in_any_place_that_a_student_sees() {
    no_payload_runs(false);
}

#[test]
fn xss_01_no_payload_runs_without_the_content_security_policy_either() {
    no_payload_runs(true);
}
