//! Tools that can set no cookie keep their state in the exam page by messages (LTI Client Side postMessages, LTI
//! postMessage Storage): what the page keeps for whom, and whom it does not answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use fantoccini::Client;
use serde_json::{Value, json};

use crate::browser::sees;
use crate::world::{World, with_browser};

/// The page of a tool, which notes what is said to it.
const TOOL: &str = "<!doctype html><title>Tool</title><h1>The tool is here</h1><script>
window.said = [];
addEventListener('message', ({ data, origin }) => said.push({ ...data, origin }));
</script>";

/// Asks the outermost page around a frame, or around the opener of a window, and waits until the last question is
/// answered, or for so many milliseconds.
const ASK: &str = "
const [questions, patience, done] = arguments;
const page = (window.opener ?? window).top;
for (const question of questions) page.postMessage(question, '*');
const until = Date.now() + patience;
(function wait() {
  const over = said.some(({ message_id }) => message_id === 'last') || Date.now() > until;
  if (over) done(said.splice(0)); else setTimeout(wait, 10);
})();
";

/// A student's page of an exam with a tool at each of two origins.
fn exam_with_tools(world: &World) -> String {
    let exam = world.exam();
    let placeholders = ["127.0.0.1", "localhost"].map(|host| {
        let tool = world.tool_provider_at(&format!("{}/launch", tool_at(host)));
        let resource = world.lti_resource(&exam, &tool);
        format!("<p>{{{}}}</p>", resource["placeholder"].as_str().unwrap())
    });
    world.document(&exam, &placeholders.concat());
    world.publish(&exam);
    format!("{}{}", world.origin(), world.started(&world.student_session(&exam)))
}

/// The origin of a new server that answers everything with the page of a tool, as long as the test runs.
fn tool_at(host: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || show(&stream.unwrap()));
        }
    });
    format!("http://{host}:{port}")
}

fn show(stream: &TcpStream) {
    let (mut reader, mut length) = (BufReader::new(stream), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        match line.trim_end().to_lowercase().as_str() {
            "" => break,
            line => length = line.strip_prefix("content-length: ").map_or(length, |given| given.parse().unwrap()),
        }
    }
    let _ = reader.read_exact(&mut vec![0; length]);
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n";
    let _ = write!(&mut &*stream, "{head}Content-Length: {}\r\n\r\n{TOOL}", TOOL.len());
}

/// Goes into the frame of a tool, from the exam page or the frame of another tool.
async fn stand_in(page: &Client, tool: u16) {
    page.enter_parent_frame().await.unwrap();
    page.enter_frame(tool).await.unwrap();
    sees(page, "The tool is here").await;
}

async fn ask(page: &Client, questions: Vec<Value>, patience: u32) -> Vec<Value> {
    let said = page.execute_async(ASK, vec![questions.into(), patience.into()]).await.unwrap();
    said.as_array().unwrap().clone()
}

fn last() -> Value {
    json!({ "subject": "lti.capabilities", "message_id": "last" })
}

/// What the exam page answers to these questions of the document at hand.
async fn answers(page: &Client, mut questions: Vec<Value>) -> Vec<Value> {
    questions.push(last());
    let mut said = ask(page, questions, 20_000).await;
    assert_eq!(said.pop().expect("the page answers")["message_id"], "last", "{said:?}");
    said
}

/// The values that the exam page answers with to these questions.
async fn values(page: &Client, questions: Vec<Value>) -> Vec<Value> {
    answers(page, questions).await.into_iter().map(|answer| answer["value"].clone()).collect()
}

/// The codes by which the exam page refuses these questions; `null` where it does not.
async fn codes(page: &Client, questions: Vec<Value>) -> Vec<Value> {
    let refused = |answer: &Value| answer["error"]["message"].is_string() && answer["value"].is_null();
    let code = |answer: Value| {
        let code = answer["error"]["code"].clone();
        assert!(code.is_null() || refused(&answer), "{answer}");
        code
    };
    answers(page, questions).await.into_iter().map(code).collect()
}

/// Asserts that the exam page does not answer the document at hand.
async fn hears_nothing(page: &Client) {
    assert_eq!(ask(page, vec![last()], 1_000).await, Vec::<Value>::new());
}

fn put(key: &str, value: impl Into<Value>) -> Value {
    let value: Value = value.into();
    json!({ "subject": "lti.put_data", "message_id": "p", "key": key, "value": value })
}

fn get(key: &str) -> Value {
    json!({ "subject": "lti.get_data", "message_id": "g", "key": key })
}

#[test]
fn a_tool_keeps_its_state_in_the_exam_page_where_no_other_origin_reads_it() {
    let world = World::in_real_time();
    let (exam, origin) = (exam_with_tools(&world), world.origin());
    with_browser(|page| async move {
        page.goto(&exam).await.unwrap();
        stand_in(&page, 0).await;
        let old = json!({ "subject": "org.imsglobal.lti.get_data", "message_id": "o", "key": "state" });
        let said = answers(&page, vec![put("state", "of the first"), get("state"), old]).await;
        let told = |subject: &str, id: &str| {
            json!({
                "subject": subject, "message_id": id, "key": "state", "value": "of the first", "origin": origin,
            })
        };
        let expected = [
            told("lti.put_data.response", "p"),
            told("lti.get_data.response", "g"),
            told("org.imsglobal.lti.get_data.response", "o"),
        ];
        assert_eq!(said, expected);

        stand_in(&page, 1).await;
        assert_eq!(values(&page, vec![get("state")]).await, [Value::Null]);
        let own = vec![put("state", "of the second"), get("state"), put("state", Value::Null), get("state")];
        let second = json!("of the second");
        assert_eq!(values(&page, own).await, [second.clone(), second, Value::Null, Value::Null]);
        stand_in(&page, 0).await;
        assert_eq!(values(&page, vec![get("state")]).await, ["of the first"]);

        // It ends with the page.
        page.goto(&exam).await.unwrap();
        stand_in(&page, 0).await;
        assert_eq!(values(&page, vec![get("state")]).await, [Value::Null]);
    });
}

#[test]
fn the_exam_page_says_which_messages_it_knows() {
    let world = World::in_real_time();
    let (exam, origin) = (exam_with_tools(&world), world.origin());
    with_browser(|page| async move {
        page.goto(&exam).await.unwrap();
        stand_in(&page, 0).await;
        let asked = json!({ "subject": "lti.capabilities", "message_id": "c" });
        let subjects = ["lti.capabilities", "lti.get_data", "lti.put_data"];
        let told = json!({
            "subject": "lti.capabilities.response", "message_id": "c", "origin": origin,
            "supported_messages": subjects.map(|subject| json!({ "subject": subject })),
        });
        assert_eq!(answers(&page, vec![asked]).await, [told]);
    });
}

#[test]
fn what_a_tool_may_not_keep_is_refused_by_a_code_and_what_is_no_question_is_not_answered() {
    let world = World::in_real_time();
    let exam = exam_with_tools(&world);
    with_browser(|page| async move {
        page.goto(&exam).await.unwrap();
        stand_in(&page, 0).await;
        let about = |subject: &str| json!({ "subject": subject, "message_id": "u", "key": "k", "value": "v" });
        let subjects = ["lti.get_all", "lti.fetch", "__proto__", "constructor", "toString", "org.imsglobal."];
        assert_eq!(codes(&page, subjects.map(about).into()).await, ["unsupported_subject"; 6]);

        let (key, value) = ("k".repeat(1_024), "v".repeat(8_192));
        let bad = vec![
            json!({ "subject": "lti.get_data", "message_id": "b" }),
            json!({ "subject": "lti.get_data", "message_id": "b", "key": 7 }),
            json!({ "subject": "lti.put_data", "message_id": "b", "key": ["k"], "value": "v" }),
            get(&format!("{key}k")),
            put(&format!("{key}k"), "v"),
            put("k", 7),
            put("k", json!({ "v": "v" })),
            put("k", format!("{value}v")),
        ];
        assert_eq!(codes(&page, bad).await, ["bad_request"; 8]);
        let kept = vec![get("k"), put(&key, value.as_str()), get(&key)];
        assert_eq!(values(&page, kept).await, [Value::Null, json!(value), json!(value)], "of the greatest length");

        let silent = vec![
            json!({ "subject": "lti.get_data", "key": "k" }),
            json!({ "subject": "lti.get_data", "message_id": 7, "key": "k" }),
            json!({ "subject": "lti.get_data", "message_id": "m".repeat(1_025), "key": "k" }),
            json!({ "subject": "lti.get_data.response", "message_id": "s", "key": "k" }),
            json!({ "subject": 7, "message_id": "s" }),
            json!({ "message_id": "s", "key": "k" }),
            json!("lti.capabilities"),
            Value::Null,
        ];
        assert_eq!(answers(&page, silent).await, Vec::<Value>::new());
    });
}

#[test]
fn an_origin_has_fifty_keys_and_every_text_is_a_plain_one() {
    let world = World::in_real_time();
    let exam = exam_with_tools(&world);
    with_browser(|page| async move {
        page.goto(&exam).await.unwrap();
        stand_in(&page, 0).await;
        for key in ["__proto__", "constructor"] {
            let asked = vec![get(key), put(key, "mine"), get(key), get("mine"), put(key, Value::Null), get(key)];
            let mine = json!("mine");
            let told = [Value::Null, mine.clone(), mine, Value::Null, Value::Null, Value::Null];
            assert_eq!(values(&page, asked).await, told, "{key}");
        }

        let many = (0..50).map(|number| put(&format!("key {number}"), "v")).collect();
        assert_eq!(codes(&page, many).await, vec![Value::Null; 50]);
        let too_many = vec![put("one more", "v"), put("__proto__", "v")];
        assert_eq!(codes(&page, too_many).await, ["storage_exhaustion"; 2]);
        let known = vec![put("key 7", "changed"), get("key 7"), get("one more")];
        assert_eq!(values(&page, known).await, [json!("changed"), json!("changed"), Value::Null]);
        let in_its_place = vec![put("key 7", Value::Null), put("one more", "v")];
        assert_eq!(codes(&page, in_its_place).await, [Value::Null, Value::Null]);
        stand_in(&page, 1).await;
        assert_eq!(codes(&page, vec![put("one more", "v")]).await, [Value::Null], "another origin has room of its own");
    });
}

/// Puts a frame of the same address into the document at hand, and goes into it.
async fn enter_another(page: &Client, number: u16, sandbox: Option<&str>) {
    let script = "
        const [sandbox] = arguments;
        const frame = document.createElement('iframe');
        if (sandbox !== null) frame.sandbox = sandbox;
        frame.src = '/';
        document.body.append(frame);
    ";
    page.execute(script, vec![json!(sandbox)]).await.unwrap();
    page.enter_frame(number).await.unwrap();
    sees(page, "The tool is here").await;
}

#[test]
fn a_window_that_the_exam_page_does_not_frame_and_a_frame_of_no_origin_get_no_answer() {
    let world = World::in_real_time();
    let exam = exam_with_tools(&world);
    with_browser(|page| async move {
        page.goto(&exam).await.unwrap();
        let count = "window.heard = 0; addEventListener('message', () => { heard += 1; })";
        page.execute(count, vec![]).await.unwrap();
        stand_in(&page, 0).await;
        assert_eq!(values(&page, vec![put("state", "kept")]).await, ["kept"]);
        enter_another(&page, 0, None).await;
        assert_eq!(values(&page, vec![get("state")]).await, ["kept"], "a frame within the frame");
        page.enter_parent_frame().await.unwrap();
        enter_another(&page, 1, Some("allow-scripts")).await;
        hears_nothing(&page).await;

        page.enter_parent_frame().await.unwrap();
        let from = page.window().await.unwrap();
        page.execute("window.open('/'); return null", vec![]).await.unwrap();
        let mut windows = page.windows().await.unwrap();
        while windows.len() < 2 {
            windows = page.windows().await.unwrap();
        }
        let opened = windows.into_iter().find(|window| *window != from).unwrap();
        page.switch_to_window(opened).await.unwrap();
        sees(&page, "The tool is here").await;
        hears_nothing(&page).await;
        page.switch_to_window(from).await.unwrap();
        let heard = page.execute("return heard", vec![]).await.unwrap();
        assert_eq!(heard, 6, "two questions with their last ones, and those of the others, have all come here");
    });
}
