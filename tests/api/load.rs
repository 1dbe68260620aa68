//! The start of a large exam: everybody opens the page, starts and launches within half a minute.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::world::{Form, Process, World, http};

/// Students who arrive each second.
const ARRIVE: u32 = 34;

#[test]
fn load_03_students_who_all_start_at_once_are_served_without_delay() {
    let nightly = crate::world::nightly();
    let students = if nightly { 1_000 } else { 100 };
    let world = World::in_real_time();
    let exam = world.exam();
    let resource = world.lti_resource(&exam, &world.tool_provider());
    let placeholder = resource["placeholder"].as_str().unwrap();
    world.document(&exam, &format!("<p>{}</p>{{{placeholder}}}", "Read this first. ".repeat(100)));
    let course: Value =
        (0..students).map(|n| json!({ "name": "Sam", "email": format!("sam{n}@example.edu") })).collect();
    let path = format!("/exams/{}/student_sessions/bulk", exam["id"]);
    let sessions = world.teacher.post(&path, json!({ "students": course.to_string() })).created("students");
    world.publish(&exam);
    let tokens = sessions.as_array().unwrap().iter().map(|session| session["token"].as_str().unwrap().to_owned());
    let tokens: Vec<String> = tokens.collect();
    let database = world.into_database();
    let server = Process::serve(&database);
    let (begun, origin) = (Instant::now(), format!("http://{}", server.address));
    let student = |number: u32, token: &str| {
        thread::sleep((begun + number * Duration::from_secs(1) / ARRIVE).saturating_duration_since(Instant::now()));
        let home = format!("{origin}/sessions/{token}");
        [
            timed(200, || http().get(&home)),
            timed(303, || http().post(format!("{home}/start"))),
            timed(200, || http().get(&home)),
            timed(200, || http().get(format!("{home}/launch/{}", resource["id"]))),
        ]
    };
    let mut times: Vec<Duration> = thread::scope(|scope| {
        let student = &student;
        let arriving: Vec<_> =
            (0..).zip(&tokens).map(|(number, token)| scope.spawn(move || student(number, token))).collect();
        arriving.into_iter().flat_map(|student| student.join().expect("no student is turned away")).collect()
    });
    times.sort_unstable();
    let percentile = |share: usize| times[(times.len() * share).div_ceil(100) - 1];
    println!(
        "{students} students in {:.1} s: median {:?}, p99 {:?}, slowest {:?}",
        begun.elapsed().as_secs_f64(),
        percentile(50),
        percentile(99),
        percentile(100)
    );
    // By day other tests take the same cores.
    assert!(!nightly || percentile(99) <= Duration::from_millis(300), "p99 is {:?}", percentile(99));
    server.stop();
    assert_eq!(usize::try_from(database.rows("launches")).unwrap(), tokens.len(), "every launch is in the log");
}

/// How long a request takes that must be answered with this status; a launch must carry a signature.
fn timed(status: u16, request: impl Fn() -> reqwest::blocking::RequestBuilder) -> Duration {
    let started = Instant::now();
    let reply = request().send().expect("the server answers");
    assert_eq!(reply.status(), status);
    let is_launch = reply.url().path().contains("/launch/");
    let text = reply.text().expect("the whole page comes");
    let elapsed = started.elapsed();
    assert!(!is_launch || Form::read(&text).get("oauth_signature").is_some());
    elapsed
}
