//! The log of launches, and the inspector that tells an author why a tool refuses one.

use std::process::{Command, Stdio};
use std::time::Duration;
use std::{fs, io::Write as _, thread};

use serde_json::{Value, json};

use crate::world::{Form, Process, World, http, until};

/// A world in which a student stands inside a running exam with one tool.
struct Seat {
    world: World,
    exam: Value,
    resource: Value,
    session: Value,
    home: String,
}

impl Seat {
    fn new() -> Self {
        Self::at("https://tool.example:8443/Launch/start?course=7&a=1")
    }

    fn at(url: &str) -> Self {
        Self::in_world(World::new(), url)
    }

    fn in_world(world: World, url: &str) -> Self {
        let exam = world.exam();
        let tool = world.tool_provider_at(url);
        let resource = world.lti_resource(&exam, &tool);
        world.document(&exam, "<p>Begin.</p>{LTI_EXAM_1}");
        let custom = json!({ "lti_custom_data": "{\"note\":\"one\\ntwo\",\"path\":\"a/b c\"}" });
        world.teacher.patch(&format!("/lti_resources/{}", resource["id"]), custom).ok("lti_resource");
        let session = world.student_session(&exam);
        world.publish(&exam);
        let home = world.started(&session);
        Self { world, exam, resource, session, home }
    }

    fn launch(&self) -> Form {
        self.world.launch_form(&self.home, &self.resource)
    }

    /// The list, once it holds so many.
    fn logged(&self, count: usize) -> Vec<Value> {
        let all = || self.world.teacher.get("/launches").ok("launches").as_array().unwrap().clone();
        until(&format!("{count} launches"), || Some(all()).filter(|launches| launches.len() == count))
    }

    fn shown(&self, id: &Value) -> Value {
        self.world.teacher.get(&format!("/launches/{id}")).ok("launch")
    }
}

/// Goes where the tool sends the student.
fn comes_back(form: &Form, query: &str) -> u16 {
    let url = form.get("launch_presentation_return_url").unwrap();
    http().get(format!("{url}?{query}")).send().unwrap().status().as_u16()
}

#[test]
fn a_launch_is_logged_with_all_that_was_signed() {
    let seat = Seat::new();
    let form = seat.launch();
    let [launch] = &seat.logged(1)[..] else { panic!() };
    assert_eq!(launch["status"], "launched");
    assert_eq!((&launch["exam_id"], &launch["student_session_id"]), (&seat.exam["id"], &seat.session["id"]));
    assert_eq!((&launch["lti_resource_id"], &launch["url"]), (&seat.resource["id"], &json!(form.action)));
    assert_eq!(launch["signed"], Value::Null, "lists are short");
    let shown = seat.shown(&launch["id"]);
    let signed = &shown["signed"];
    assert_eq!((&signed["method"], &signed["signature"]), (&json!("POST"), &json!(form.get("oauth_signature"))));
    assert_eq!(signed["base_string_uri"], "https://tool.example:8443/Launch/start");
    let mut fields = form.fields.clone();
    fields.sort();
    let parameters: Vec<Value> = fields.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    assert_eq!(signed["parameters"], json!(parameters));
    let base_string = signed["base_string"].as_str().unwrap();
    assert!(
        base_string.starts_with("POST&https%3A%2F%2Ftool.example%3A8443%2FLaunch%2Fstart&a%3D1%26"),
        "{base_string}"
    );
    assert!(base_string.contains("%26course%3D7%26"), "{base_string}");
    let everything = shown.to_string();
    for secret in ["s3cretOfTheToolProvider", seat.session["token"].as_str().unwrap()] {
        assert!(!everything.contains(secret), "{everything}");
    }
}

#[test]
fn the_log_says_what_the_tool_did_next() {
    let seat = Seat::new();
    let (one, two, three) = (seat.launch(), seat.launch(), seat.launch());
    assert_eq!(comes_back(&two, "lti_errormsg=No%20seat&lti_errorlog=E42&lti_log=seen"), 200);
    assert_eq!(comes_back(&two, "lti_msg=a%20later%20forgery"), 200);
    seat.world.wait(1_000);
    assert_eq!(comes_back(&three, &format!("lti_msg={}", "x".repeat(5_000))), 200);
    let by_nonce = |form: &Form| {
        let found = seat.logged(3).into_iter().map(|launch| seat.shown(&launch["id"]));
        let nonce = json!({ "name": "oauth_nonce", "value": form.get("oauth_nonce") });
        found.into_iter().find(|launch| launch["signed"]["parameters"].as_array().unwrap().contains(&nonce)).unwrap()
    };
    let first = by_nonce(&one);
    assert_eq!((&first["status"], &first["returned_at"]), (&json!("launched"), &Value::Null));
    let second = by_nonce(&two);
    assert_eq!((&second["status"], &second["lti_errormsg"]), (&json!("returned_with_error"), &json!("No seat")));
    assert_eq!((&second["lti_errorlog"], &second["lti_log"]), (&json!("E42"), &json!("seen")));
    assert_eq!(second["lti_msg"], Value::Null, "only what came first counts");
    let third = by_nonce(&three);
    assert_eq!((&third["status"], third["lti_msg"].as_str().unwrap().len()), (&json!("returned"), 2_000));
    assert_eq!(third["updated_at"], third["returned_at"]);
}

#[test]
fn a_launch_that_cannot_be_made_is_logged_with_the_reason() {
    let seat = Seat::new();
    seat.world.database.run("UPDATE tool_providers SET tool_url = 'http://plain.example/'");
    assert_eq!(seat.world.page(&format!("{}/launch/{}", seat.home, seat.resource["id"])).status, 404);
    let [launch] = &seat.logged(1)[..] else { panic!() };
    assert_eq!((&launch["status"], &launch["url"]), (&json!("not_made"), &json!("http://plain.example/")));
    assert!(launch["error"].as_str().unwrap().contains("use https"), "{launch}");
    assert_eq!(seat.shown(&launch["id"])["signed"], Value::Null);
    let path = format!("/launches/{}/compare", launch["id"]);
    seat.world.teacher.post(&path, json!({ "base_string": "x" })).refused(409, "conflict");
}

#[test]
fn the_list_is_narrowed_and_the_newest_comes_first() {
    let seat = Seat::new();
    seat.launch();
    seat.world.wait(1_000);
    let other = seat.world.teacher.post(
        &format!("/exams/{}/student_sessions", seat.exam["id"]),
        json!({ "name": "Kim", "email": "kim@example.edu" }),
    );
    let other = other.created("student");
    let home = seat.world.started(&other);
    seat.world.launch_form(&home, &seat.resource);
    let all = seat.logged(2);
    assert_eq!((&all[0]["student_session_id"], &all[1]["student_session_id"]), (&other["id"], &seat.session["id"]));
    let count =
        |query: &str| seat.world.teacher.get(&format!("/launches?{query}")).ok("launches").as_array().unwrap().len();
    assert_eq!((count(&format!("exam_id={}", seat.exam["id"])), count("exam_id=999")), (2, 0));
    assert_eq!(count(&format!("student_session_id={}", other["id"])), 1);
    assert_eq!(count(&format!("filter={{\"lti_resource_id\":{{\"eq\":{}}}}}", seat.resource["id"])), 2);
    assert_eq!(count("filter={\"tool_provider_id\":{\"eq\":999}}"), 0);
    assert_eq!(count("filter={\"status\":{\"eq\":\"returned\"}}"), 0);
    let oldest = seat.world.teacher.get("/launches?sort=[{\"id\":\"asc\"}]").ok("launches");
    assert_eq!(oldest[0]["student_session_id"], seat.session["id"]);
}

#[test]
fn a_session_takes_its_launches_along_and_a_month_takes_the_others() {
    let seat = Seat::new();
    seat.launch();
    seat.logged(1);
    seat.launch();
    seat.world.teacher.delete(&format!("/student_sessions/{}", seat.session["id"])).ok("");
    seat.logged(0);
    thread::sleep(Duration::from_millis(500));
    assert_eq!(seat.world.database.rows("launches"), 0, "nor does one that waited to be written");
}

#[test]
fn launches_older_than_a_month_are_purged() {
    let seat = Seat::in_world(World::in_real_time(), "https://tool.example/launch");
    seat.launch();
    seat.launch();
    seat.launch();
    seat.logged(3);
    let month = 30 * 86_400_000_000_i64;
    let (now, database) = (seat.world.clock.now().micros(), seat.world.into_database());
    for (id, age) in [(1, month + 60_000_000), (2, month - 60_000_000)] {
        database.run(&format!("UPDATE launches SET created_at = {} WHERE id = {id}", now - age));
    }
    Process::serve(&database).stop();
    assert_eq!(database.texts("SELECT CAST(id AS TEXT) AS text FROM launches ORDER BY id"), ["2", "3"]);
    Process::serve_with(&database, &[("EXAMLINK_LAUNCH_LOG_DAYS", "29")]).stop();
    assert_eq!(database.texts("SELECT CAST(id AS TEXT) AS text FROM launches ORDER BY id"), ["3"]);
}

#[test]
fn what_waits_to_be_written_is_written_when_the_server_stops() {
    let seat = Seat::new();
    seat.launch();
    let Seat { world, .. } = seat;
    let database = world.into_database();
    assert_eq!(database.rows("launches"), 1);
}

#[test]
fn lti_13_every_click_has_a_nonce_of_its_own_also_in_the_same_millisecond() {
    let seat = Seat::new();
    let url = format!("{}{}/launch/{}", seat.world.origin(), seat.home, seat.resource["id"]);
    let clicks = 8 * 50;
    // The clock stands still: all clicks are in one microsecond.
    let students: Vec<_> = (0..8)
        .map(|_| {
            let url = url.clone();
            thread::spawn(move || {
                let form = |_| Form::read(&http().get(&url).send().unwrap().text().unwrap());
                (0..50).map(form).collect::<Vec<_>>()
            })
        })
        .collect();
    let forms: Vec<Form> = students.into_iter().flat_map(|student| student.join().unwrap()).collect();
    let mut seen: Vec<_> = forms.iter().map(|form| form.get("oauth_nonce").unwrap()).collect();
    assert!(forms.iter().all(|form| form.get("oauth_timestamp") == forms[0].get("oauth_timestamp")));
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), clicks);
    let mut addresses: Vec<_> = forms.iter().map(|form| form.get("launch_presentation_return_url").unwrap()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    assert_eq!(addresses.len(), clicks, "each launch has an address of its own to come back to");
}

#[test]
fn ui_05_the_tool_is_told_the_window_that_it_is_really_shown_in() {
    let seat = Seat::new();
    let told = |place: &str, page: &str| {
        let path = page.split(place).nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
        let form = Form::read(&seat.world.page(&path).text);
        form.get("launch_presentation_document_target").unwrap().to_owned()
    };
    let page = seat.world.page(&seat.home).text;
    assert!(page.contains("<iframe"), "{page}");
    let frame = page.split("<iframe").nth(1).unwrap();
    assert_eq!(told("src=\"", frame), "iframe");
    let link = page.split("<a ").find(|link| link.contains("target=\"_blank\"") && link.contains("/launch/")).unwrap();
    assert_eq!(told("href=\"", link), "window", "a link to a new tab stands beside the frame");
    let path = format!("/lti_resources/{}", seat.resource["id"]);
    seat.world.teacher.patch(&path, json!({ "open_in_new_tab": true })).ok("lti_resource");
    let page = seat.world.page(&seat.home).text;
    assert!(!page.contains("<iframe"), "{page}");
    let link = page.split("<a ").find(|link| link.contains("target=\"_blank\"") && link.contains("/launch/")).unwrap();
    assert_eq!(told("href=\"", link), "window");
}

/// A base string with one piece written in another way.
fn rewritten(base_string: &str, piece: &str, other: &str) -> String {
    assert!(base_string.contains(piece), "{piece} in {base_string}");
    base_string.replacen(piece, other, 1)
}

#[test]
fn ui_01_twelve_seeded_mismatches_are_each_named() {
    let seat = Seat::new();
    seat.launch();
    let launch = seat.shown(&seat.logged(1)[0]["id"]);
    let ours = launch["signed"]["base_string"].as_str().unwrap();
    let compare = |base_string: &str| {
        let path = format!("/launches/{}/compare", launch["id"]);
        seat.world.teacher.post(&path, json!({ "base_string": base_string })).ok("comparison")
    };
    let same = compare(ours);
    assert_eq!((&same["same"], &same["cause"]), (&json!(true), &Value::Null));
    let change = |piece: &str, other: &str| rewritten(ours, piece, other);
    for (theirs, cause, parameter) in [
        (change("POST&", "GET&"), "method", None),
        (change("https%3A", "http%3A"), "scheme", None),
        (change("tool.example", "Tool.Example"), "host_case", None),
        (change("%3A8443", ""), "port", None),
        (change("%2Fstart&", "%2Fstart%2F&"), "path_slash", None),
        (rewritten(&change("&a%3D1%26", "&"), "course%3D7%26", ""), "query_missing", None),
        (
            rewritten(&change("&a%3D1%26", "&a%3D1%26a%3D1%26"), "course%3D7", "course%3D7%26course%3D7"),
            "query_twice",
            None,
        ),
        (change("oauth_callback%3Dabout%253Ablank%26", ""), "callback_missing", Some("oauth_callback")),
        (change("a%252Fb", "a%25252Fb"), "encoded_twice", Some("custom_path")),
        (change("b%2520c", "b%2Bc"), "plus_for_space", Some("custom_path")),
        (change("one%250D%250Atwo", "one%250Atwo"), "line_breaks", Some("custom_note")),
        (change("roles%3DLearner", "roles%3DInstructor"), "value_changed", Some("roles")),
    ] {
        let found = compare(&theirs);
        assert_eq!((&found["cause"], &found["parameter"]), (&json!(cause), &json!(parameter)), "{found}");
        assert_eq!((&found["same"], found["advice"].as_str().unwrap().is_empty()), (&json!(false), false));
    }
}

#[test]
fn ui_01_the_tools_signature_tells_what_is_wrong_with_its_secret() {
    let seat = Seat::new();
    let tool =
        format!("/tool_providers/{}", seat.world.administrator.get("/tool_providers").ok("tool_providers")[0]["id"]);
    seat.launch();
    let launch = seat.shown(&seat.logged(1)[0]["id"]);
    let (ours, right) = (&launch["signed"]["base_string"], &launch["signed"]["signature"]);
    let compare = |base_string: &Value, signature: &Value| {
        let fields = json!({ "base_string": base_string, "oauth_signature": signature });
        let reply = seat.world.teacher.post(&format!("/launches/{}/compare", launch["id"]), fields);
        assert!(!reply.text.contains("s3cret"), "{}", reply.text);
        reply.ok("comparison")
    };
    assert_eq!(compare(ours, right)["signature"]["cause"], "same");
    assert_eq!(compare(ours, &json!("AAAAAAAAAAAAAAAAAAAAAAAAAAA="))["signature"]["cause"], "other_secret");
    let secret = json!({ "oauth_consumer_secret": "s3cretOfTheToolProvider " });
    seat.world.administrator.patch(&tool, secret).ok("tool_provider");
    assert_eq!(compare(ours, right)["signature"]["cause"], "secret_white_space");
    let cut = rewritten(ours.as_str().unwrap(), "%3A8443", "");
    let both = compare(&json!(cut), right);
    assert_eq!((&both["cause"], &both["signature"]["cause"]), (&json!("port"), &json!("other_secret")));
}

#[test]
fn the_command_line_verifies_a_launch_without_a_server() {
    let seat = Seat::in_world(World::in_real_time(), "https://tool.example/launch?quiz=3");
    let form = seat.launch();
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
    let folder = tempfile::TempDir::new().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let verify = |arguments: &[&str], secret: Option<&str>, input: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_examlink"));
        command.env_clear().args(["launch", "verify", "--url", &form.action]).args(arguments);
        command.envs(secret.map(|secret| ("EXAMLINK_CONSUMER_SECRET", secret)));
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let _ = process.stdin.take().unwrap().write_all(input.as_bytes());
        let output = process.wait_with_output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!said.contains("s3cret"), "{said}");
        (output.status.success(), said)
    };
    let (right, said) = verify(&[], Some("s3cretOfTheToolProvider"), &body);
    assert!(
        right && said.contains("verdict:     right") && said.contains("base string: POST&https%3A%2F%2F"),
        "{said}"
    );
    assert!(said.contains(&format!("expected:    {}", form.get("oauth_signature").unwrap())), "{said}");
    let (form_file, secret_file) = (file("form", &format!("{body}\n")), file("secret", "s3cretOfTheToolProvider\n"));
    let base_string = said.lines().next().unwrap().strip_prefix("base string: ").unwrap();
    let theirs = file("theirs", &rewritten(base_string, "https%3A", "http%3A"));
    let files = ["--form", &form_file, "--secret-file", &secret_file, "--base-string", &theirs];
    let (right, said) = verify(&files, None, "");
    assert!(right && said.contains("difference:  scheme") && said.contains("X-Forwarded-Proto"), "{said}");
    let (right, said) = verify(&[], Some("s3cretOfTheToolProvider "), &body);
    assert!(!right && said.contains("verdict:     wrong") && said.contains("white space"), "{said}");
    let (right, said) = verify(&[], Some("s3cretOfTheToolProvider"), &body.replace("Learner", "Instructor"));
    assert!(!right && said.contains("verdict:     wrong"), "{said}");
    let (right, said) = verify(&[], None, &body);
    assert!(!right && said.contains("EXAMLINK_CONSUMER_SECRET"), "{said}");
}

#[test]
fn a_log_that_is_full_slows_no_student_down_and_is_counted() {
    let seat = Seat::in_world(World::in_real_time(), "https://tool.example/launch");
    let path = format!("{}/launch/{}", seat.home, seat.resource["id"]);
    let database = seat.world.into_database();
    // A process of its own counts for itself alone.
    let server = Process::serve(&database);
    let url = |path: &str| format!("http://{}{path}", server.address);
    let lost = || {
        let metrics = http().get(url("/metrics")).send().unwrap().text().unwrap();
        let line = metrics.lines().find_map(|line| line.strip_prefix("launches_not_logged_total ").map(str::to_owned));
        line.map_or(0, |count| count.parse::<u64>().unwrap())
    };
    // Nobody writes meanwhile: the launches gather in memory, and then fall away.
    database.while_locked(|| {
        let click = |path: &str| http().get(url(path)).send().unwrap().status() == 200;
        thread::scope(|scope| {
            let students: Vec<_> = (0..4).map(|_| scope.spawn(|| (0..700).all(|_| click(&path)))).collect();
            assert!(students.into_iter().all(|student| student.join().unwrap()), "every student gets the launch");
        });
    });
    assert!(lost() > 0, "what did not fit is counted");
}
