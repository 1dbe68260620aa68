//! Grades under load, and across a server that is killed: what was answered is there.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::world::launched::{ToolAlone, scored};
use crate::world::{Database, Person, Process, http, nightly, superuser};

/// Grades a second, over all senders.
const RATE: u32 = 200;
const SENDERS: u32 = 8;
/// Students who are graded in turns.
const STUDENTS: usize = 200;

/// An exam in which students have begun, each with what a launch gave the tool.
fn students(caller: &Person, origin: &str, count: usize) -> Vec<ToolAlone> {
    let institute = caller.post("/institutes", json!({ "name": "University", "short_name": "U" }));
    let institute = institute.created("institute")["id"].clone();
    let exam = json!({ "institute_id": institute, "name": "Algebra", "type": "demo" });
    let exam = caller.post("/exams", exam).created("exam");
    let tool = json!({
        "institute_id": institute, "tool_name": "Quiz", "tool_url": "https://tool.example/launch",
        "oauth_consumer_key": "exam2026institute4key1", "oauth_consumer_secret": "s3cretOfTheToolProvider",
    });
    let tool = caller.post("/tool_providers", tool).created("tool_provider");
    let link = json!({ "lti_resource_link_name": "Quiz", "exam_id": exam["id"], "tool_provider_id": tool["id"] });
    let link = caller.post("/lti_resources", link).created("lti_resource");
    caller.patch(&format!("/exams/{}", exam["id"]), json!({ "status": "open" })).ok("exam");
    let people: Vec<Value> =
        (0..count).map(|n| json!({ "name": format!("Student {n}"), "email": format!("s{n}@example.edu") })).collect();
    let path = format!("/exams/{}/student_sessions/bulk", exam["id"]);
    let registered = caller.post(&path, json!({ "students": Value::from(people).to_string() })).created("students");
    let launch = |session: &Value| {
        let home = format!("{origin}/sessions/{}", session["token"].as_str().unwrap());
        assert_eq!(http().post(format!("{home}/start")).send().unwrap().status(), 303);
        let page = http().get(format!("{home}/launch/{}", link["id"])).send().unwrap().text().unwrap();
        ToolAlone::launched(&page, session["id"].as_i64().unwrap())
    };
    registered.as_array().unwrap().iter().map(launch).collect()
}

/// A grade that was answered: of which student, which, and how long it took.
type Answered = (usize, f64, Duration);

/// Sends grades of the students at [`RATE`] until the server is killed, after `length` or when there is something to lose.
fn grade_until_killed(students: &[ToolAlone], server: Process, length: Duration) -> Vec<Answered> {
    let url = format!("http://{}/lti/1.1/outcomes", server.address);
    let (answered, stop) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    thread::scope(|scope| {
        for sender in 0..SENDERS {
            let (url, answered, stop) = (&url, &answered, &stop);
            scope.spawn(move || send(students, sender, url, answered, stop));
        }
        let (from, patience) = (Instant::now(), Duration::from_mins(1));
        let enough = || from.elapsed() >= length && answered.lock().unwrap().len() >= 200;
        while !enough() && from.elapsed() < patience {
            thread::sleep(Duration::from_millis(5));
        }
        server.kill();
        stop.store(true, Ordering::Relaxed);
    });
    answered.into_inner().unwrap()
}

/// Each sender has students of its own, so that their grades have an order.
fn send(students: &[ToolAlone], sender: u32, url: &str, answered: &Mutex<Vec<Answered>>, stop: &AtomicBool) {
    let mut next = Instant::now();
    let own = (sender as usize..students.len()).step_by(SENDERS as usize).cycle();
    for (count, number) in own.enumerate().take_while(|_| !stop.load(Ordering::Relaxed)) {
        let score = f64::from(u32::try_from(count).unwrap() % 1_000) / 1_000.0;
        let started = Instant::now();
        // A grade that the kill cuts off was not answered: nothing is promised about it.
        let Some(status) = students[number].try_send(url, scored(score)) else { return };
        assert_eq!(status, 200);
        answered.lock().unwrap().push((number, score, started.elapsed()));
        next += Duration::from_secs(1) * SENDERS / RATE;
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

/// Asserts that the newest answered grade of a student is there. The one that was under way when the server was killed
/// may have come in after it.
fn assert_kept(caller: &Person, student: &ToolAlone, score: f64) {
    let results = caller.get(&format!("/student_sessions/{}/results", student.session)).ok("results");
    let history = results[0]["history"].as_array().unwrap();
    let recent: Vec<&Value> = history.iter().take(2).map(|change| &change["score"]).collect();
    assert!(recent.contains(&&json!(score)), "{score} was answered and is lost: {recent:?}");
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[times.len() * percent / 100]
}

#[test]
fn grades_are_taken_at_200_a_second_and_none_is_lost_when_the_server_is_killed() {
    let (rounds, length) = if nightly() { (6, Duration::from_secs(10)) } else { (2, Duration::from_secs(2)) };
    let database = Database::fresh();
    let superuser = superuser(&database);
    let serve = || Process::serve_with(&database, &[("EXAMLINK_PUBLIC_URL", "https://exams.example")]);
    let first = serve();
    let students = students(&first.caller(&superuser), &format!("http://{}", first.address), STUDENTS);
    first.kill();
    let (mut times, mut last) = (Vec::new(), vec![None; STUDENTS]);
    for round in 0..rounds {
        let answered = grade_until_killed(&students, serve(), length);
        assert!(answered.len() >= 200, "the load was {} grades", answered.len());
        let mut took: Vec<Duration> = answered.iter().map(|(.., took)| *took).collect();
        println!("round {round}: {} grades, p99 {:?}", took.len(), percentile(&mut took, 99));
        times.extend(took);
        for (number, score, _) in answered {
            last[number] = Some(score);
        }
        let server = serve();
        let caller = server.caller(&superuser);
        for (student, score) in students.iter().zip(&last) {
            if let Some(score) = score {
                assert_kept(&caller, student, *score);
            }
        }
    }
    let p99 = percentile(&mut times, 99);
    println!("{} grades, p99 {p99:?}", times.len());
    assert!(!nightly() || p99 <= Duration::from_millis(150), "p99 {p99:?}");
}

#[test]
fn grades_of_the_same_students_are_never_locked_in_a_circle() {
    const AT_ONCE: usize = 16;
    let (database, course) = (Database::fresh(), 23);
    let superuser = superuser(&database);
    let server = Process::serve_with(&database, &[("EXAMLINK_PUBLIC_URL", "https://exams.example")]);
    let students = students(&server.caller(&superuser), &format!("http://{}", server.address), course);
    let url = format!("http://{}/lti/1.1/outcomes", server.address);
    // Each tool takes the students in an order of its own: every first, every second, ... of a circle.
    let grade = |sender: usize| {
        for turn in 0..2 * course {
            let student = &students[(sender + turn * (sender + 1)) % course];
            assert_eq!(student.try_send(&url, scored(0.5)), Some(200));
        }
    };
    thread::scope(|scope| {
        for sender in 0..AT_ONCE {
            let grade = &grade;
            scope.spawn(move || grade(sender));
        }
    });
    server.stop();
    assert_eq!(database.rows("result_changes"), i64::try_from(AT_ONCE * 2 * course).unwrap());
    if crate::world::on_postgres() {
        let deadlocks = "SELECT deadlocks::text AS text FROM pg_stat_database WHERE datname = current_database()";
        assert_eq!(database.texts(deadlocks), ["0"]);
    }
}
