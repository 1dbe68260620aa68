//! The times that a tool gives its links: they are kept, told and held.

use examlink::domain::time::Span;
use serde_json::{Value, json};

use super::Choice;
use crate::world::login::Login;
use crate::world::{Form, Reply};

const MINUTE: i64 = 60_000;

/// A quiz with its own times, and an essay without, in a running exam with times of its own.
struct Seat {
    choice: Choice,
    quiz: Value,
    essay: Value,
    session: Value,
    home: String,
    /// What the tool said of the quiz: it opens, takes work, takes no more, and closes.
    times: [String; 4],
    /// The beginning and the end of the exam.
    exam: [String; 2],
}

impl Seat {
    fn new() -> Self {
        let choice = Choice::new();
        let now = choice.world.clock.now();
        let after = |minutes| (now + Span::minutes(minutes)).to_string();
        let times = [10, 20, 50, 60].map(after);
        let [opens, takes, ends, closes] = &times;
        let custom = json!({
            "opens": "$ResourceLink.available.startDateTime", "closes": "$ResourceLink.available.endDateTime",
            "takes": "$ResourceLink.submission.startDateTime", "ends": "$ResourceLink.submission.endDateTime",
        });
        let quiz = json!({
            "type": "ltiResourceLink", "title": "Quiz", "custom": custom,
            "available": { "startDateTime": opens, "endDateTime": closes },
            "submission": { "startDateTime": takes, "endDateTime": ends },
        });
        let essay = json!({ "type": "ltiResourceLink", "title": "Essay", "custom": custom });
        let (_, now) = choice.given(json!([quiz, essay]));
        assert_eq!(now["state"], "done", "{now}");
        let [quiz, essay] = choice.resources().try_into().unwrap();
        let exam = [after(-5), after(120)];
        let path = format!("/exams/{}", choice.exam["id"]);
        choice.world.teacher.patch(&path, json!({ "start_time": exam[0], "end_time": exam[1] })).ok("exam");
        choice.world.document(&choice.exam, "{LTI_EXAM_1} {LTI_EXAM_2}");
        choice.world.publish(&choice.exam);
        let session = choice.world.student_session(&choice.exam);
        let home = choice.world.started(&session);
        Self { choice, quiz, essay, session, home, times, exam }
    }

    fn opens(&self, resource: &Value) -> Reply {
        self.choice.world.page(&format!("{}/launch/{}", self.home, resource["id"]))
    }

    /// The custom parameters of a whole launch.
    fn told(&self, resource: &Value) -> Value {
        let login = Login::at(&self.opens(resource));
        let page = self.choice.asks(&login, ("", ""));
        self.choice.verified(&page).claims().value(examlink_lti::v1p3::claims::CUSTOM).unwrap().clone()
    }
}

#[track_caller]
fn refused(page: &Reply, why: &str) {
    assert_eq!(page.status, 403, "{}", page.text);
    assert!(page.text.contains(why), "{}", page.text);
}

#[test]
fn a_link_has_the_times_that_the_tool_gave_it() {
    let seat = Seat::new();
    let [opens, takes, ends, closes] = &seat.times;
    for (name, time) in [
        ("available_start_time", opens),
        ("available_end_time", closes),
        ("submission_start_time", takes),
        ("submission_end_time", ends),
    ] {
        assert_eq!(seat.quiz[name], **time, "{name}");
        assert_eq!(seat.essay[name], Value::Null, "{name}");
    }
}

#[test]
fn a_student_opens_a_link_from_its_beginning_up_to_its_end() {
    let seat = Seat::new();
    refused(&seat.opens(&seat.quiz), "not open yet");
    assert_eq!(seat.opens(&seat.essay).status, 200, "the rest of the exam is open");
    seat.choice.world.wait(10 * MINUTE - 1);
    refused(&seat.opens(&seat.quiz), "not open yet");
    seat.choice.world.wait(1);
    assert!(Form::read(&seat.opens(&seat.quiz).text).get("login_hint").is_some());
    seat.choice.world.wait(50 * MINUTE - 1);
    let login = Login::at(&seat.opens(&seat.quiz));
    seat.choice.world.wait(1);
    refused(&seat.opens(&seat.quiz), "This part of the exam is closed");
    refused(&seat.choice.asks(&login, ("", "")), "This part of the exam is closed");
    assert_eq!(seat.opens(&seat.essay).status, 200);
}

#[test]
fn the_end_of_a_link_moves_with_a_students_extra_time() {
    let seat = Seat::new();
    let path = format!("/student_sessions/{}", seat.session["id"]);
    seat.choice.world.teacher.patch(&path, json!({ "extra_time_minutes": 15 })).ok("student");
    refused(&seat.opens(&seat.quiz), "not open yet");
    seat.choice.world.wait(75 * MINUTE - 1);
    assert_eq!(seat.opens(&seat.quiz).status, 200);
    let closes = seat.choice.world.clock.now() + Span::millis(1);
    assert_eq!(seat.told(&seat.quiz)["closes"], closes.to_string());
    seat.choice.world.wait(1);
    refused(&seat.opens(&seat.quiz), "This part of the exam is closed");
}

#[test]
fn a_launch_tells_the_links_own_times_and_else_the_exams() {
    let seat = Seat::new();
    seat.choice.world.wait(10 * MINUTE);
    let [opens, takes, ends, closes] = &seat.times;
    let told = |resource| {
        let told = seat.told(resource);
        ["opens", "closes", "takes", "ends"].map(|name| told[name].clone())
    };
    assert_eq!(told(&seat.quiz), [opens, closes, takes, ends].map(|time| json!(time)));
    let [begins, over] = &seat.exam;
    assert_eq!(told(&seat.essay), [begins, over, begins, over].map(|time| json!(time)));
}

#[test]
fn times_that_make_no_sense_place_nothing() {
    let choice = Choice::new();
    let at = choice.world.clock.now().to_string();
    let later = (choice.world.clock.now() + Span::minutes(1)).to_string();
    for (begin, end) in [(json!(later), json!(at)), (json!(at), json!(at)), (json!("soon"), json!(at))] {
        for name in ["available", "submission"] {
            let mut item = json!({ "type": "ltiResourceLink", "title": "Quiz" });
            item[name] = json!({ "startDateTime": begin, "endDateTime": end });
            let (_, now) = choice.given(json!([item]));
            assert_eq!(now["state"], "failed", "{item}");
            assert!(now["error"].as_str().unwrap().contains(name), "{now}");
        }
    }
    assert_eq!(choice.resources().len(), 0);
}
