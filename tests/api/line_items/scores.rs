//! Scores that tools of LTI 1.3 hand back.

use std::thread;

use examlink_lti::v1p3::ags::SCORE;
use examlink_lti::v1p3::claims::scope;
use serde_json::{Value, json};

use super::Graded;
use crate::world::advantage::call_with_token;
use crate::world::launched::{Launched, logged_call, scored};
use crate::world::{Reply, World};

impl Graded {
    /// A whole score of the student, so many seconds after the beginning.
    pub fn score_at(&self, seconds: i64, points: f64, of: f64) -> Value {
        let at = self.world.clock.now() + examlink::domain::time::Span::seconds(seconds - 1_000);
        json!({
            "userId": self.student, "timestamp": at.to_string(), "activityProgress": "Completed",
            "gradingProgress": "FullyGraded", "scoreGiven": points, "scoreMaximum": of,
        })
    }

    pub fn score(&self, item: &str, score: &Value) -> Reply {
        call_with_token(&self.token, ("POST", &format!("{item}/scores")), (SCORE, &score.to_string()))
    }

    #[track_caller]
    pub fn scores(&self, item: &str, score: &Value) {
        let reply = self.score(item, score);
        assert_eq!(reply.status, 200, "{}", reply.text);
    }

    /// The calls of an operation in the log.
    pub fn calls(&self, operation: &str) -> Vec<Value> {
        let filter = json!({ "operation": { "eq": operation } }).to_string();
        let calls = self.world.administrator.call("GET", "/service_calls", json!({ "filter": filter })).send();
        calls.ok("service_calls").as_array().unwrap().clone()
    }

    /// The result as the teacher sees it, where there is one.
    pub fn result(&self) -> Option<Value> {
        let path = format!("/student_sessions/{}/results", self.session["id"]);
        self.world.administrator.get(&path).ok("results").as_array().unwrap().first().cloned()
    }

    /// What the tool reads of the student in a line item.
    #[track_caller]
    pub fn read(&self, item: &str) -> Option<Value> {
        let reply = self.get(&format!("{item}/results?user_id={}", self.student));
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert!(reply.json.as_array().unwrap().len() <= 1);
        reply.json.as_array().unwrap().first().cloned()
    }
}

fn with(mut score: Value, name: &str, value: Value) -> Value {
    score[name] = value;
    score
}

#[test]
fn a_score_of_a_link_becomes_the_result_with_its_history() {
    let graded = Graded::new();
    let item = graded.item();
    let score = with(graded.score_at(1, 41.5, 50.0), "comment", json!("<b>Good</b> & fine"));
    let reply = graded.score(&item, &score);
    assert_eq!(reply.status, 200, "{}", reply.text);
    let listed = graded.get(reply.json["resultUrl"].as_str().unwrap()).json;
    assert_eq!(listed[0]["resultScore"], json!(83.0), "on the scale of the line item");
    let result = graded.result().unwrap();
    for (name, value) in [
        ("score", json!(0.83)),
        ("total_score", json!(83.0)),
        ("comment", json!("<b>Good</b> & fine")),
        ("graded_by", json!("tool")),
        ("late", json!(false)),
        ("submitted_at", score["timestamp"].clone()),
    ] {
        assert_eq!(result[name], value, "{name}");
    }
    graded.scores(&item, &graded.score_at(2, 0.0, 1.0));
    let result = graded.result().unwrap();
    assert_eq!((&result["score"], &result["comment"]), (&json!(0.0), &Value::Null), "a comment that is left out goes");
    assert_eq!(result["history"].as_array().unwrap().len(), 2);
    // The log also holds what the tool read, which is written after its answer.
    let sent = graded.calls("score");
    assert_eq!(
        (&sent[0]["student_session_id"], &sent[0]["lti_resource_id"]),
        (&graded.session["id"], &graded.resource["id"])
    );
}

#[test]
fn a_score_without_points_takes_them_back_and_leaves_what_a_person_gave() {
    let graded = Graded::new();
    let item = graded.item();
    graded.scores(&item, &graded.score_at(1, 1.0, 2.0));
    let nothing = json!({ "activityProgress": "Initialized", "gradingProgress": "NotReady", "userId": graded.student });
    let at = |seconds| with(nothing.clone(), "timestamp", graded.score_at(seconds, 0.0, 1.0)["timestamp"].clone());
    graded.scores(&item, &at(2));
    let result = graded.result().unwrap();
    assert_eq!((&result["score"], &result["graded_by"]), (&Value::Null, &Value::Null));
    assert_eq!(result["history"][0]["operation"], "delete");
    assert_eq!(graded.read(&item).unwrap()["resultScore"], Value::Null);
    graded.world.reviewer.patch(&format!("/results/{}", result["id"]), json!({ "score": 0.9 })).ok("result");
    graded.scores(&item, &at(3));
    assert_eq!(graded.result().unwrap()["score"], 0.9);
    assert_eq!(graded.read(&item).unwrap()["resultScore"], 90.0, "a person's grade shows");
    graded.scores(&item, &graded.score_at(4, 1.0, 4.0));
    assert_eq!(graded.result().unwrap()["score"], 0.25, "a new grade of the tool replaces it, as in LTI 1.1");
}

#[test]
fn a_grade_by_lti_1_1_stays_when_its_tool_moves_to_1_3_and_the_tool_goes_on_from_there() {
    let world = World::new();
    let before = world.launched();
    assert_eq!(before.send(&world, scored(0.4)).status, 200);
    let tool = world.tool_moved_to_1p3(&before.tool);
    let token = tool.token(&[scope::SCORE, scope::RESULT_READ]);
    assert_eq!(before.send(&world, scored(0.6)).status, 200, "what it has not rewritten yet goes on to work");
    world.wait(1_000_000);
    let Launched { exam, resource, session, .. } = before;
    let student = session["student_id"].as_str().unwrap().to_owned();
    let graded = Graded { world, tool, token, exam, resource, session, student };
    let item = graded.item();
    assert_eq!(graded.read(&item).unwrap()["resultScore"], 60.0);
    let kept = graded.result().unwrap();
    graded.scores(&item, &graded.score_at(1_000, 9.0, 10.0));
    let result = graded.result().unwrap();
    assert_eq!((&result["id"], &result["score"]), (&kept["id"], &json!(0.9)), "it is the same result");
    assert_eq!(result["history"].as_array().unwrap().len(), 3);
    assert_eq!(result["history"].as_array().unwrap()[1..], kept["history"].as_array().unwrap()[..]);
}

#[test]
fn points_count_once_the_grading_says_so() {
    let graded = Graded::new();
    let item = graded.item();
    let progress = |seconds, activity: &str, grading: &str| {
        let score = with(graded.score_at(seconds, 3.0, 4.0), "activityProgress", json!(activity));
        with(score, "gradingProgress", json!(grading))
    };
    for (seconds, activity) in [(1, "Initialized"), (2, "Started"), (3, "InProgress")] {
        graded.scores(&item, &progress(seconds, activity, "NotReady"));
    }
    assert_eq!(graded.result(), None, "a student who works has no result yet");
    graded.scores(&item, &progress(4, "Submitted", "PendingManual"));
    let result = graded.result().unwrap();
    assert_eq!((&result["score"], &result["needs_review"]), (&json!(0.75), &json!(true)));
    for (seconds, grading) in [(5, "Pending"), (6, "Failed")] {
        graded.scores(&item, &with(progress(seconds, "Completed", grading), "scoreGiven", json!(0)));
        assert_eq!(graded.result().unwrap()["score"], 0.75, "{grading}: what counted goes on to count");
    }
    graded.scores(&item, &progress(7, "Completed", "FullyGraded"));
    assert_eq!(graded.result().unwrap()["needs_review"], false);
}

#[test]
fn lti_09_more_points_than_the_maximum_are_extra_credit() {
    let graded = Graded::new();
    graded.scores(&graded.item(), &graded.score_at(1, 11.0, 10.0));
    let result = graded.result().unwrap();
    assert_eq!((&result["score"], &result["total_score"]), (&json!(1.0), &json!(110.0)));
    assert_eq!(graded.read(&graded.item()).unwrap()["resultScore"], 110.0);
    graded.put(&graded.item(), &json!({ "label": "Quiz", "scoreMaximum": 10 }));
    let read = graded.read(&graded.item()).unwrap();
    assert_eq!((&read["resultScore"], &read["resultMaximum"]), (&json!(11.0), &json!(10.0)), "rescaled");
}

#[test]
fn lti_09_an_older_score_changes_nothing_and_the_same_once_more_is_no_error() {
    let graded = Graded::new();
    let item = graded.item();
    let newest = graded.score_at(10, 1.0, 2.0);
    graded.scores(&item, &newest);
    graded.scores(&item, &newest);
    for (score, why) in
        [(graded.score_at(9, 2.0, 2.0), "older"), (with(newest.clone(), "scoreGiven", json!(2.0)), "something else")]
    {
        let reply = graded.score(&item, &score);
        assert_eq!((reply.status, &reply.json["code"]), (409, &json!("score_order")), "{}", reply.text);
        assert!(reply.json["detail"].as_str().unwrap().contains(why));
    }
    let result = graded.result().unwrap();
    assert_eq!((&result["score"], result["history"].as_array().unwrap().len()), (&json!(0.5), 1));
    graded.world.reviewer.patch(&format!("/results/{}", result["id"]), json!({ "score": 0.9 })).ok("result");
    graded.scores(&item, &with(newest, "timestamp", graded.score_at(11, 0.0, 1.0)["timestamp"].clone()));
    assert_eq!(graded.result().unwrap()["score"], 0.5, "what a person does moves no timestamp");
}

#[test]
fn lti_09_what_is_no_score_is_refused_with_the_reason() {
    let graded = Graded::new();
    let good = graded.score_at(1, 1.0, 2.0);
    let future = (graded.world.clock.now() + examlink::domain::time::Span::seconds(61)).to_string();
    for (name, value) in [
        ("userId", json!("")),
        ("userId", json!(7)),
        ("timestamp", Value::Null),
        ("timestamp", json!("2026-11-26T07:19:53")),
        ("timestamp", json!("10000-01-01T00:00:00Z")),
        ("timestamp", json!(future)),
        ("activityProgress", json!("Done")),
        ("gradingProgress", Value::Null),
        ("scoreGiven", json!(-0.1)),
        ("scoreGiven", json!("1")),
        ("scoreMaximum", json!(0)),
        ("scoreMaximum", Value::Null),
        ("comment", json!("x".repeat(20_001))),
        ("submission", json!({ "startedAt": "2026-01-02T00:00:00Z", "submittedAt": "2026-01-01T00:00:00Z" })),
    ] {
        let reply = graded.score(&graded.item(), &with(good.clone(), name, value.clone()));
        assert_eq!(reply.status, 400, "{name} {value}: {}", reply.text);
        assert!(reply.json["detail"].as_str().unwrap().contains(name), "{name} {value}: {}", reply.text);
    }
    let url = format!("{}/scores", graded.item());
    let typed = call_with_token(&graded.token, ("POST", &url), ("application/xml", &good.to_string()));
    assert_eq!((typed.status, &typed.json["code"]), (415, &json!("media_type")));
    for body in ["{\"scoreGiven\": NaN}", "{\"scoreGiven\": 1e999}", "[]"] {
        assert_eq!(call_with_token(&graded.token, ("POST", &url), (SCORE, body)).status, 400, "{body}");
    }
    assert_eq!(graded.result(), None);
    assert_eq!(graded.world.database.rows("line_item_scores"), 0);
    let short = with(good, "timestamp", json!("2026-11-26T07:00:00.5+00"));
    graded.scores(&graded.item(), &short);
}

#[test]
fn lti_09_nobody_but_a_student_of_the_exam_is_scored_and_only_while_the_exam_admits_it() {
    let graded = Graded::new();
    let world = &graded.world;
    let good = graded.score_at(1, 1.0, 2.0);
    let elsewhere = world.exam();
    let stranger = world.student_session_named(&elsewhere, "kim@example.edu");
    let members = format!("{}/lti/1.3/exams/{}/members?role=Instructor", world.origin(), graded.exam["id"]);
    let teacher = graded.get(&members).json["members"][0]["user_id"].clone();
    assert!(teacher.is_string(), "{members}");
    let number = json!(graded.session["id"].to_string());
    for nobody in [stranger["student_id"].clone(), teacher, json!("nobody"), number] {
        let reply = graded.score(&graded.item(), &with(good.clone(), "userId", nobody));
        assert_eq!((reply.status, &reply.json["code"]), (404, &json!("unknown_user")), "{}", reply.text);
    }
    let waiting = world.student_session_named(&graded.exam, "lee@example.edu");
    let reply = graded.score(&graded.item(), &with(good.clone(), "userId", waiting["student_id"].clone()));
    assert_eq!((reply.status, &reply.json["code"]), (403, &json!("session_not_started")));
    let call = logged_call(world, "score");
    assert_eq!((&call["outcome"], &call["code"]), (&json!("failure"), &json!("session_not_started")));
    let path = format!("/exams/{}", graded.exam["id"]);
    world.teacher.patch(&path, json!({ "status": "closed", "accept_late_results": false })).ok("exam");
    let reply = graded.score(&graded.item(), &good);
    assert_eq!((reply.status, &reply.json["code"]), (403, &json!("exam_over")), "{}", reply.text);
    world.teacher.patch(&path, json!({ "accept_late_results": true })).ok("exam");
    graded.scores(&graded.item(), &good);
    assert_eq!(graded.result().unwrap()["late"], true);
}

#[test]
fn lti_09_no_other_tool_scores_and_a_token_must_be_for_it() {
    let graded = Graded::new();
    let other = graded.world.tool_1p3();
    graded.world.lti_resource(&graded.exam, &other.provider);
    let score = graded.score_at(1, 1.0, 1.0).to_string();
    let url = format!("{}/scores", graded.item());
    let theirs = other.token(&[examlink_lti::v1p3::claims::scope::SCORE]);
    assert_eq!(call_with_token(&theirs, ("POST", &url), (SCORE, &score)).status, 404);
    let weak = graded.tool.token(&[examlink_lti::v1p3::claims::scope::LINE_ITEM]);
    assert_eq!(call_with_token(&weak, ("POST", &url), (SCORE, &score)).status, 403);
    assert_eq!(graded.result(), None);
}

#[test]
fn of_a_student_with_several_attempts_the_one_that_was_begun_last_is_scored() {
    let graded = Graded::new();
    let second = graded.world.student_session(&graded.exam);
    assert_eq!(second["student_id"], graded.session["student_id"]);
    graded.scores(&graded.item(), &graded.score_at(1, 1.0, 2.0));
    assert_eq!(graded.result().unwrap()["score"], 0.5, "the other one has not begun");
    graded.world.started(&second);
    graded.scores(&graded.item(), &graded.score_at(2, 1.0, 1.0));
    assert_eq!(graded.result().unwrap()["score"], 0.5);
    let path = format!("/student_sessions/{}/results", second["id"]);
    assert_eq!(graded.world.administrator.get(&path).ok("results")[0]["score"], 1.0);
    assert_eq!(
        graded.get(&format!("{}/results", graded.item())).json.as_array().unwrap().len(),
        1,
        "each student once"
    );
    assert_eq!(graded.read(&graded.item()).unwrap()["resultScore"], 100.0);
}

#[test]
fn scores_at_the_same_time_leave_the_newest() {
    const AT_ONCE: u8 = 8;
    let graded = Graded::in_world(World::in_real_time());
    let scores: Vec<Value> =
        (0..AT_ONCE).map(|number| graded.score_at(number.into(), f64::from(number), 10.0)).collect();
    thread::scope(|scope| {
        for score in &scores {
            let graded = &graded;
            scope.spawn(move || {
                let reply = graded.score(&graded.item(), score);
                assert!([200, 409].contains(&reply.status), "{}", reply.text);
            });
        }
    });
    assert_eq!(graded.result().unwrap()["score"], 0.7);
    assert_eq!((graded.world.database.rows("results"), graded.world.database.rows("line_item_scores")), (1, 1));
}

#[test]
fn a_score_in_a_line_item_of_the_tool_stands_by_itself() {
    let graded = Graded::new();
    let essay = graded.made(&json!({ "label": "Essay", "scoreMaximum": 8 }));
    graded.scores(&essay, &with(graded.score_at(1, 3.0, 4.0), "scoringUserId", json!("grader-1")));
    let read = graded.read(&essay).unwrap();
    let whole = json!({
        "id": format!("{essay}/results?user_id={}", graded.student), "scoreOf": essay, "userId": graded.student,
        "resultScore": 6.0, "resultMaximum": 8.0, "scoringUserId": "grader-1",
    });
    assert_eq!(read, whole);
    assert_eq!(graded.result(), None, "it is no result of the link");
    let results = format!("/student_sessions/{}/results", graded.session["id"]);
    let shown = graded.world.teacher.get(&results).ok("line_item_scores")[0].clone();
    assert_eq!(
        (&shown["label"], &shown["score"], &shown["score_maximum"], &shown["late"]),
        (&json!("Essay"), &json!(6.0), &json!(8.0), &json!(false))
    );
    assert_eq!(graded.score(&essay, &graded.score_at(0, 4.0, 4.0)).status, 409);
    assert_eq!(shown["student_session_id"], graded.session["id"]);
    let path = format!("/tool_providers/{}", graded.tool.provider["id"]);
    graded.world.teacher.patch(&format!("/exams/{}", graded.exam["id"]), json!({ "status": "closed" })).ok("exam");
    graded.world.administrator.delete(&path).refused(409, "conflict");
    assert_eq!(graded.delete(&essay).status, 204);
    graded.world.administrator.delete(&path).ok("");
}

#[test]
fn the_results_of_an_exam_hold_what_tools_scored_in_line_items_of_their_own() {
    let graded = Graded::new();
    let essay = graded.made(&json!({ "label": "=Essay", "scoreMaximum": 8 }));
    let open = with(graded.score_at(1, 3.0, 4.0), "gradingProgress", json!("PendingManual"));
    graded.scores(&essay, &open);
    let path = format!("/exams/{}/results", graded.exam["id"]);
    let teacher = &graded.world.teacher;
    let rows = || {
        let reply = teacher.call("GET", &path, json!({ "format": "csv" })).send();
        assert_eq!(reply.status, 200, "{}", reply.text);
        let mut file = csv::Reader::from_reader(reply.text.as_bytes());
        file.deserialize().map(Result::unwrap).collect::<Vec<std::collections::HashMap<String, String>>>()
    };
    let [row] = &rows()[..] else { panic!("a student without any result is in the file, too") };
    for (name, value) in [
        ("result_id", ""),
        ("name", "Sam Student"),
        ("line_item_label", "'=Essay"),
        ("line_item_id", essay.rsplit('/').next().unwrap()),
        ("score", "0.75"),
        ("total_score", "6"),
        ("graded_by", "tool"),
        ("needs_review", "true"),
    ] {
        assert_eq!(row[name], value, "{name}");
    }
    assert_eq!(
        teacher.get(&path).ok("line_item_scores"),
        json!([]),
        "beside results stand the scores of their students"
    );
    graded.scores(&graded.item(), &graded.score_at(1, 1.0, 4.0));
    let listed = teacher.get(&path).ok("line_item_scores");
    assert_eq!((&listed[0]["student_session_id"], &listed[0]["score"]), (&graded.session["id"], &json!(6.0)));
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let both = rows();
    assert_eq!((both.len(), both[0]["line_item_id"].as_str(), both[0]["score"].as_str()), (2, "", "0.25"));
}
