//! Tools and clients that nobody here wrote: independent LTI tools take our launches, and a client that knows only the
//! published rule calls our API.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use examlink_lti::Secret;
use examlink_lti::v1::credentials::{Credentials, Stamp};
use examlink_lti::v1::oauth1::{SignatureMethod, TimeWindow, UnverifiedMessage};
use serde_json::{Value, json};

use crate::browser::{click, sees};
use crate::world::launched::Launched;
use crate::world::{Database, Process, World, superuser, with_browser};

const KEY: &str = "exam2026institute4key1";
const SECRET: &str = "s3cretOfTheToolProvider";
/// What a tool of LTI 1.1 is told.
const SIGNED: [&str; 4] = ["--key", KEY, "--secret", SECRET];

/// An independent tool in a process of its own.
pub struct Tool {
    pub origin: String,
    process: Child,
}

pub fn python() -> Command {
    let installed = concat!(env!("CARGO_MANIFEST_DIR"), "/target/venv/bin/python");
    let python = std::env::var("EXAMLINK_TEST_PYTHON").unwrap_or_else(|_| installed.into());
    let mut command = Command::new(python);
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop"));
    command
}

impl Tool {
    /// Starts a program of `tests/interop` with these arguments, on a free port.
    pub fn start(program: &str, arguments: &[&str]) -> Self {
        Self::start_by(python().args([program, "--port", "0"]).args(arguments))
    }

    /// As [`Self::start`], with the fork of `PyLTI1p3` in its place.
    pub fn start_with_pylti1p3next(program: &str) -> Self {
        let python = python();
        let environment = Path::new(python.get_program()).ancestors().nth(2).unwrap();
        let fork = environment.join("pylti1p3next");
        assert!(fork.is_dir(), "script/test installs {}", fork.display());
        let mut command = self::python();
        Self::start_by(command.env("PYTHONPATH", fork).args([program, "--port", "0"]))
    }

    fn start_by(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().expect("script/test installs Python");
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let origin = line.trim().strip_prefix("listening on ").expect("the tool says where it listens").to_owned();
        Self { origin, process }
    }

    /// The port alone.
    fn port(&self) -> &str {
        self.origin.rsplit(':').next().unwrap()
    }
}

impl Drop for Tool {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Launches a student to `url`, as the exam page does, and lets `check` look at the form.
fn launch(world: &World, url: &str, fields: Value, check: impl Fn(&crate::world::Form)) {
    let exam = world.exam();
    let tool = world.tool_provider_at(url);
    world.administrator.patch(&format!("/tool_providers/{}", tool["id"]), fields).ok("tool_provider");
    let resource = world.lti_resource(&exam, &tool);
    world.document(&exam, &format!("<p>Begin.</p>{{{}}}", resource["placeholder"].as_str().unwrap()));
    let session = world.student_session(&exam);
    world.publish(&exam);
    let home = world.started(&session);
    check(&world.launch_form(&home, &resource));
}

fn urls(tool: &Tool) -> Vec<String> {
    let port = tool.port();
    vec![
        format!("http://127.0.0.1:{port}/launch"),
        format!("http://127.0.0.1:{port}"),
        format!("http://127.0.0.1:{port}/launch?quiz=3&lang=e%20n&empty="),
        format!("http://LOCALHOST:{port}/launch"),
        format!("http://127.0.0.1:{port}/my%20tool/a?b=c%2Fd"),
    ]
}

fn is_accepted_untouched_and_refused_changed(program: &str) {
    let (world, tool) = (World::in_real_time(), Tool::start(program, &SIGNED));
    for url in urls(&tool) {
        launch(
            &world,
            &url,
            json!({ "share_name": true, "lti_custom_data": "{\"Review:Chapter\":\"1 & 2\"}" }),
            |form| {
                let mut changed = form.clone();
                let user = changed.fields.iter_mut().find(|(name, _)| name == "user_id").unwrap();
                user.1.replace_range(0..1, if user.1.starts_with('0') { "1" } else { "0" });
                assert_eq!(changed.submit().status, 401, "{url}: a changed byte");
                let accepted = form.submit();
                assert_eq!(
                    (accepted.status, &accepted.json["verified"]),
                    (200, &json!(true)),
                    "{url}: {}",
                    accepted.text
                );
                assert_eq!(accepted.json["params"]["custom_review_chapter"], "1 & 2");
                assert_eq!(accepted.json["params"]["lis_person_name_full"], "Sam Student");
                assert_eq!(form.submit().status, 401, "{url}: the same launch again");
            },
        );
    }
}

#[test]
fn interop_the_lti_package_accepts_our_launch_and_refuses_a_changed_one() {
    is_accepted_untouched_and_refused_changed("tool_lti.py");
}

#[test]
fn interop_pylti_accepts_our_launch_and_refuses_a_changed_one() {
    is_accepted_untouched_and_refused_changed("tool_pylti.py");
}

#[test]
fn interop_a_tool_may_ask_for_hmac_sha256() {
    let (world, tool) = (World::in_real_time(), Tool::start("tool_lti.py", &SIGNED));
    let url = format!("{}/launch", tool.origin);
    launch(&world, &url, json!({ "oauth_signature_method": "HMAC-SHA256" }), |form| {
        assert_eq!(form.get("oauth_signature_method"), Some("HMAC-SHA256"));
        assert_eq!(form.submit().status, 200);
    });
}

#[test]
fn interop_a_client_of_forty_lines_walks_the_four_steps() {
    let database = Database::fresh();
    let superuser = superuser(&database);
    let server = Process::serve(&database);
    let caller = server.caller(&superuser);
    let institute = caller.post("/institutes", json!({ "name": "Example University", "short_name": "EXU" }));
    let path = format!("/institutes/{}/users", institute.created("institute")["id"]);
    let fields =
        json!({ "email": "a@example.edu", "name": "Ada", "password": "Correct-Horse-1", "role": "administrator" });
    let user = caller.post(&path, fields).created("user");
    let (token, secret) = (user["api_token"].as_str().unwrap(), user["secret_key"].as_str().unwrap());
    let origin = format!("http://{}", server.address);
    let settings = [("EXAMLINK_SERVER", origin.as_str()), ("EXAMLINK_TOKEN", token), ("EXAMLINK_SECRET", secret)];
    let arguments = ["four_steps.py", "https://tool.example/launch", KEY, SECRET];
    let Output { status, stdout, stderr } = python().args(arguments).envs(settings).output().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    let printed = String::from_utf8_lossy(&stdout);
    assert!(printed.contains(&format!("{origin}/sessions/")), "{printed}");
}

#[test]
fn interop_an_author_chooses_two_links_in_the_lti_package_and_a_student_opens_one() {
    let (world, tool) = (World::in_real_time(), Tool::start("tool_lti.py", &SIGNED));
    let (exam, registered) = (world.exam(), world.tool_provider_at(&format!("{}/launch", tool.origin)));
    let path = format!("/tool_providers/{}", registered["id"]);
    world.administrator.patch(&path, json!({ "use_as_basic_link": false })).ok("tool_provider");
    let selections = format!("/exams/{}/selections", exam["id"]);
    let selection = world.teacher.post(&selections, json!({ "tool_provider_id": registered["id"] }));
    let selection = selection.created("selection");
    let path = format!("{selections}/{}", selection["id"]);
    let shown = || world.teacher.get(&path).ok("selection");
    with_browser(|page| async move {
        page.goto(selection["selection_url"].as_str().unwrap()).await.unwrap();
        sees(&page, "Quizzes for Algebra").await;
        click(&page, "Add both").await;
        sees(&page, "Added to the exam").await;
        sees(&page, "Two quizzes are yours.").await;
        sees(&page, "LTI_EXAM_2").await;
    });
    let chosen = shown();
    assert_eq!((&chosen["state"], &chosen["placeholders"]), (&json!("done"), &json!(["LTI_EXAM_1", "LTI_EXAM_2"])));
    world.document(&exam, "<p>First {LTI_EXAM_1}, then {LTI_EXAM_2}</p>");
    let session = world.student_session(&exam);
    world.publish(&exam);
    let home = world.started(&session);
    let quiz = world.launch_form(&home, &json!({ "id": 1 })).submit();
    assert_eq!((quiz.status, &quiz.json["verified"]), (200, &json!(true)), "{}", quiz.text);
    let told = &quiz.json["params"];
    assert_eq!((&told["custom_quiz"], &told["custom_student"]), (&json!("4"), &session["student_id"]));
    assert_eq!((&told["resource_link_title"], &told["launch_presentation_width"]), (&json!("Quiz 4"), &json!("800")));
    let url = format!("{}{home}/launch/2?target=window", world.origin());
    with_browser(|page| async move {
        page.goto(&url).await.unwrap();
        sees(&page, "\"verified\":true").await;
        sees(&page, "\"resource_link_title\":\"Essay\"").await;
    });
}

/// Operations of an independent package upon one result, and what it made of the answers.
fn outcomes(package: &str, tool: &Launched, operations: &[&str]) -> Vec<Value> {
    let arguments = ["outcomes.py", package, &tool.url, &tool.sourcedid, &tool.credentials.consumer_key, SECRET];
    let Output { status, stdout, stderr } = python().args(arguments).args(operations).output().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn interop_grades_by_the_lti_package_land() {
    let world = World::in_real_time();
    let tool = world.launched();
    let said = outcomes("lti", &tool, &["read", "replace:0.83", "read"]);
    let success = |score: Value| json!({ "success": true, "score": score });
    assert_eq!(said[1], success(Value::Null));
    assert_eq!((&said[0]["success"], &said[2]), (&json!(true), &success(json!("0.83"))));
    assert_eq!(tool.result(&world).unwrap()["score"], 0.83);
    assert_eq!(outcomes("lti", &tool, &["replace:2"])[0]["success"], false);
    assert_eq!(tool.result(&world).unwrap()["score"], 0.83);
    assert_eq!(outcomes("lti", &tool, &["delete"])[0]["success"], true);
    assert_eq!(tool.result(&world).unwrap()["score"], Value::Null);
}

#[test]
fn interop_grades_by_pylti_land() {
    let world = World::in_real_time();
    let tool = world.launched();
    let success = json!({ "success": true, "score": null });
    assert_eq!(outcomes("pylti", &tool, &["replace:0.83", "read"]), [success.clone(), success.clone()]);
    assert_eq!(tool.result(&world).unwrap()["score"], 0.83);
    assert_eq!(outcomes("pylti", &tool, &["replace:1.5"])[0]["success"], false);
    assert_eq!(outcomes("pylti", &tool, &["delete"]), [success]);
    assert_eq!(tool.result(&world).unwrap()["score"], Value::Null);
}

#[test]
fn lti_03_oauthlib_and_we_agree_on_a_thousand_urls() {
    const COUNT: usize = 1_000;
    let secret = Secret::new(SECRET);
    let run = |task: &str, count: &str, input: &str| {
        let arguments = ["oauthlib_messages.py", task, KEY, SECRET, count];
        let mut command = python();
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let input = input.to_owned();
        let writer = std::thread::spawn(move || pipe.write_all(input.as_bytes()).unwrap());
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let now = u64::try_from(examlink::clock::Clock::system().now().seconds()).unwrap();
    let window = TimeWindow { now, seconds: 300 };
    let mut ours = String::new();
    let signed = run("sign", &COUNT.to_string(), "");
    for (number, line) in signed.lines().enumerate() {
        let message: Value = serde_json::from_str(line).unwrap();
        let part = |name: &str| message[name].as_str().unwrap();
        let (url, body) = (part("url"), part("body").as_bytes());
        let read = |url: &str| UnverifiedMessage::read("POST", url, part("header"), body).unwrap();
        read(url).verify(&secret, window).unwrap_or_else(|error| panic!("{url}: {error}"));
        assert!(read(&format!("{url}x")).verify(&secret, window).is_err(), "{url}");
        let method = if number % 2 == 0 { SignatureMethod::HmacSha1 } else { SignatureMethod::HmacSha256 };
        let credentials = Credentials { consumer_key: KEY.into(), secret: secret.clone(), method };
        let stamp = Stamp::new(format!("{number:020}"), now).unwrap();
        let header = credentials.authorize(&stamp, "POST", url, body).unwrap();
        ours += &format!("{}\n", json!({ "url": url, "header": header, "body": part("body") }));
    }
    let verdicts = run("verify", "", &ours);
    assert_eq!((signed.lines().count(), verdicts.lines().count()), (COUNT, COUNT));
    for (verdict, line) in verdicts.lines().zip(ours.lines()) {
        assert_eq!(verdict, "true", "{line}");
    }
}
