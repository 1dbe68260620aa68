//! The start of a large exam: everybody opens the page, starts and launches within half a minute, by LTI 1.1 or by 1.3.

use std::thread;
use std::time::{Duration, Instant};

use reqwest::blocking::RequestBuilder;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::world::{Database, Form, Process, World, http};

/// An exam that holds a tool, and the links of its students, on a server in a process of its own.
struct Hall {
    tokens: Vec<String>,
    resource: Value,
    database: Database,
    server: Process,
}

impl Hall {
    fn new(tool: impl Fn(&World) -> Value) -> Self {
        let students = if crate::world::nightly() { 1_000 } else { 100 };
        let world = World::in_real_time();
        let exam = world.exam();
        let resource = world.lti_resource(&exam, &tool(&world));
        let placeholder = resource["placeholder"].as_str().unwrap();
        world.document(&exam, &format!("<p>{}</p>{{{placeholder}}}", "Read this first. ".repeat(100)));
        let course: Value =
            (0..students).map(|n| json!({ "name": "Sam", "email": format!("sam{n}@example.edu") })).collect();
        let path = format!("/exams/{}/student_sessions/bulk", exam["id"]);
        let sessions = world.teacher.post(&path, json!({ "students": course.to_string() })).created("students");
        world.publish(&exam);
        let tokens = sessions.as_array().unwrap().iter().map(|session| session["token"].as_str().unwrap().to_owned());
        let tokens = tokens.collect();
        let database = world.into_database();
        let server = Process::serve(&database);
        Self { tokens, resource, database, server }
    }

    fn page(&self, token: &str) -> String {
        format!("http://{}/sessions/{token}", self.server.address)
    }

    fn launch(&self, token: &str) -> String {
        format!("{}/launch/{}", self.page(token), self.resource["id"])
    }

    /// Opens the page and starts the exam.
    fn starts(&self, token: &str) -> Vec<Duration> {
        let home = self.page(token);
        vec![
            timed(200, http().get(&home)).0,
            timed(303, http().post(format!("{home}/start"))).0,
            timed(200, http().get(&home)).0,
        ]
    }

    /// So many students arrive each second and do this, which gives the time of each request. Of each step no request
    /// takes longer than `limit`, but for one in a hundred, and a minute is enough for all; every launch is in the log.
    fn fills(self, arrive: u32, limit: Duration, student: impl Fn(&Self, &str) -> Vec<Duration> + Sync) {
        let begun = Instant::now();
        let one = |number: u32, token: &str| {
            let turn = begun + number * Duration::from_secs(1) / arrive;
            thread::sleep(turn.saturating_duration_since(Instant::now()));
            student(&self, token)
        };
        let students: Vec<Vec<Duration>> = thread::scope(|scope| {
            let one = &one;
            let arriving: Vec<_> =
                (0..).zip(&self.tokens).map(|(number, token)| scope.spawn(move || one(number, token))).collect();
            arriving.into_iter().map(|student| student.join().expect("no student is turned away")).collect()
        });
        let took = begun.elapsed();
        println!("{} students in {:.1} s", self.tokens.len(), took.as_secs_f64());
        // By day other tests take the same cores.
        let held = crate::world::nightly();
        assert!(!held || took <= Duration::from_mins(1), "all of them took {took:?}");
        for step in 0..students[0].len() {
            let mut times: Vec<Duration> = students.iter().map(|times| times[step]).collect();
            times.sort_unstable();
            let percentile = |share: usize| times[(times.len() * share).div_ceil(100) - 1];
            let [median, p99, slowest] = [50, 99, 100].map(percentile);
            println!("request {}: median {median:?}, p99 {p99:?}, slowest {slowest:?}", step + 1);
            assert!(!held || p99 <= limit, "p99 of request {} is {p99:?}", step + 1);
        }
        self.server.stop();
        assert_eq!(usize::try_from(self.database.rows("launches")).unwrap(), self.tokens.len());
    }
}

/// How long a request takes that must be answered with this status; and the cookie and the page of the answer.
fn timed(status: u16, request: RequestBuilder) -> (Duration, String, String) {
    let started = Instant::now();
    let reply = request.send().expect("the server answers");
    assert_eq!(reply.status(), status);
    let cookie = reply.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap());
    let cookie = cookie.and_then(|cookie| cookie.split(';').next()).unwrap_or_default().to_owned();
    let text = reply.text().expect("the whole page comes");
    (started.elapsed(), cookie, text)
}

#[test]
fn load_03_students_who_all_start_at_once_are_served_without_delay() {
    Hall::new(World::tool_provider).fills(34, Duration::from_millis(300), |hall, token| {
        let mut times = hall.starts(token);
        let (took, _, page) = timed(200, http().get(hall.launch(token)));
        assert!(Form::read(&page).get("oauth_signature").is_some());
        times.push(took);
        times
    });
}

#[test]
fn students_who_all_start_at_once_reach_a_tool_of_1_3_without_delay() {
    let tool = |world: &World| world.tool_1p3().provider;
    Hall::new(tool).fills(17, Duration::from_millis(800), |hall, token| {
        let mut times = hall.starts(token);
        let (took, cookie, page) = timed(200, http().get(hall.launch(token)));
        times.push(took);
        let login = Form::read(&page);
        let handed = |name: &str| login.get(name).unwrap();
        let asked = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("scope", "openid"), ("response_type", "id_token"), ("response_mode", "form_post")])
            .extend_pairs([("prompt", "none"), ("redirect_uri", "https://tool.example/launch")])
            .extend_pairs([("state", "s"), ("nonce", "n"), ("client_id", handed("client_id"))])
            .extend_pairs([("login_hint", handed("login_hint")), ("lti_message_hint", handed("lti_message_hint"))])
            .finish();
        let url = format!("http://{}/lti/1.3/authorize?{asked}", hall.server.address);
        let (took, _, page) = timed(200, http().get(url).header("Cookie", cookie));
        assert!(Form::read(&page).get("id_token").is_some(), "{page}");
        times.push(took);
        times
    });
}
