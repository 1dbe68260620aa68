//! Grades on their way to the LMS: from a tool inside the exam to the gradebook of the course.

use examlink::clock::Random;
use examlink_lti::Secret;
use examlink_lti::v1::credentials::{Credentials, Stamp};
use examlink_lti::v1::oauth1::SignatureMethod;
use examlink_lti::v1::outcomes::{Action, OutcomeRequest, Replacement, Score};
use serde_json::{Value, json};

use crate::world::gradebook::Gradebook;
use crate::world::lms::Lms;
use crate::world::until;
use crate::world::{Reply, World, http};

/// An open exam with tools in it, an LMS of a kind, and its gradebook.
pub struct Course {
    pub world: World,
    pub lms: Lms,
    pub gradebook: Gradebook,
    exam: Value,
    resources: Vec<Value>,
}

impl Course {
    pub fn new(kind: &str, tools: usize) -> Self {
        let world = World::in_real_time();
        let exam = world.exam();
        let tool = world.tool_provider();
        let resources = (0..tools).map(|_| world.lti_resource(&exam, &tool)).collect();
        world.publish(&exam);
        let lms = world.lms(json!({ "exam_id": exam["id"], "lms": kind, "frame_origins": ["http://localhost:1"] }));
        let gradebook = Gradebook::start(&lms);
        Self { world, lms, gradebook, exam, resources }
    }

    /// Sends a learner into the exam and starts it; gives the path of the exam page.
    pub fn enter(&self, user: &str, manner: &str, place: &[(&str, &str)]) -> String {
        let (url, sourcedid) = (self.gradebook.outcomes(manner), sourcedid(user));
        let mut parameters = vec![
            ("roles", "Learner"),
            ("user_id", user),
            ("lis_outcome_service_url", &url),
            ("lis_result_sourcedid", &sourcedid),
        ];
        parameters.extend(place);
        let reply = self.gradebook.launch(&parameters);
        assert_eq!(reply.status, 303, "{}", reply.text);
        let home = reply.header("location").to_owned();
        self.world.press(&format!("{home}/start"));
        home
    }

    /// The tool says what the student reached, or takes it back.
    pub fn grade(&self, home: &str, tool: usize, score: Option<f64>) {
        let form = self.world.launch_form(home, &self.resources[tool]);
        let url = form.get("lis_outcome_service_url").unwrap();
        let action = match score {
            Some(score) => Action::Replace(Replacement { score: Score::new(score), ..Replacement::default() }),
            None => Action::Delete,
        };
        let sourcedid = form.get("lis_result_sourcedid").unwrap().to_owned();
        let body = OutcomeRequest { message_id: "1".into(), sourcedid, action }.to_xml();
        let credentials = Credentials {
            consumer_key: "exam2026institute4key1".into(),
            secret: Secret::new("s3cretOfTheToolProvider"),
            method: SignatureMethod::HmacSha1,
        };
        let nonce = Random.hex::<12>().unwrap();
        let stamp = Stamp::new(nonce, self.world.clock.now().seconds().try_into().unwrap()).unwrap();
        let header = credentials.authorize(&stamp, "POST", url, body.as_bytes()).unwrap();
        let request = http().post(url).header("Authorization", header).header("Content-Type", "application/xml");
        let reply: Reply = request.body(body).send().unwrap().into();
        assert!(reply.text.contains("<imsx_codeMajor>success</imsx_codeMajor>"), "{}", reply.text);
    }

    /// The grade returns of everybody, as the teacher sees them.
    pub fn returns(&self) -> Vec<Value> {
        let path = format!("/exams/{}/student_sessions", self.exam["id"]);
        let sessions = self.world.teacher.get(&path).ok("students");
        let of = |session: &Value| {
            let path = format!("/student_sessions/{}/grade_returns", session["id"]);
            self.world.teacher.get(&path).ok("grade_returns").as_array().unwrap().clone()
        };
        sessions.as_array().unwrap().iter().flat_map(of).collect()
    }

    /// Waits until the only grade return has a status.
    #[track_caller]
    pub fn becomes(&self, status: &str, score: Option<f64>) -> Value {
        let found =
            || self.returns().into_iter().find(|grade| grade["status"] == status && grade["score"] == json!(score));
        until(&format!("{status} {score:?}: {:?}", self.returns()), found)
    }

    pub fn calls(&self) -> Vec<Value> {
        self.gradebook.seen()["calls"].as_array().unwrap().clone()
    }
}

/// The name of a result as Moodle writes it: JSON, with quotes.
pub fn sourcedid(user: &str) -> String {
    format!("{{\"data\":{{\"instanceid\":\"3\",\"userid\":\"{user}\"}},\"hash\":\"<&290ab\"}}")
}

#[test]
fn interop_a_grade_reaches_the_gradebook_changes_there_and_is_taken_back() {
    let course = Course::new("moodle", 1);
    let home = course.enter("249", "moodle", &[]);
    let waiting = course.becomes("waiting", None);
    assert!(waiting.get("lis_result_sourcedid").is_none() && waiting["attempts"] == 0, "{waiting}");
    course.grade(&home, 0, Some(0.83));
    let sent = course.becomes("sent", Some(0.83));
    assert_eq!((&sent["sent_score"], &sent["reason"], &sent["attempts"]), (&json!(0.83), &json!(null), &json!(1)));
    assert_eq!(course.gradebook.seen()["grades"][sourcedid("249")], 0.83);
    course.grade(&home, 0, Some(0.5));
    course.becomes("sent", Some(0.5));
    assert_eq!(course.gradebook.seen()["grades"][sourcedid("249")], 0.5);
    course.grade(&home, 0, None);
    course.becomes("waiting", None);
    let seen = course.gradebook.seen();
    assert!(seen["grades"].as_object().unwrap().is_empty(), "{seen}");
    for call in course.calls() {
        assert_eq!((&call["verified"], &call["body_hash"]), (&json!(true), &json!(true)), "{call}");
        assert_eq!((&call["type"], &call["sourcedid"]), (&json!("application/xml"), &json!(sourcedid("249"))));
    }
    assert_eq!(course.calls().len(), 3);
}

#[test]
fn interop_a_tool_weighs_as_much_as_its_line_item() {
    let course = Course::new("moodle", 2);
    for (resource, maximum) in course.resources.iter().zip([30, 10]) {
        let path = format!("/lti_resources/{}", resource["id"]);
        course.world.teacher.patch(&path, json!({ "line_item_maximum": maximum })).ok("lti_resource");
    }
    let home = course.enter("249", "moodle", &[]);
    course.grade(&home, 0, Some(1.0));
    course.becomes("sent", Some(1.0));
    course.grade(&home, 1, Some(0.5));
    course.becomes("sent", Some(0.875));
    assert_eq!(course.gradebook.seen()["grades"][sourcedid("249")], 0.875);
}

#[test]
fn interop_open_edx_gets_grades_and_is_not_asked_to_give_them_back() {
    let course = Course::new("open_edx", 2);
    let home = course.enter("249", "open_edx", &[]);
    course.grade(&home, 0, Some(1.0));
    course.becomes("sent", Some(1.0));
    course.grade(&home, 1, Some(0.5));
    course.becomes("sent", Some(0.75));
    course.grade(&home, 0, None);
    course.becomes("sent", Some(0.5));
    course.grade(&home, 1, None);
    let failed = course.becomes("failed", None);
    assert!(failed["reason"].as_str().unwrap().contains("does not take a grade back"), "{failed}");
    assert_eq!(failed["sent_score"], 0.5);
    assert!(course.calls().iter().all(|call| call["operation"] == "replaceResult"));
}

#[test]
fn interop_a_gradebook_that_is_busy_gets_the_grade_later_under_the_same_name() {
    let course = Course::new("canvas", 1);
    let home = course.enter("249", "later", &[]);
    course.grade(&home, 0, Some(0.83));
    let waits = until("it is tried", || course.returns().into_iter().find(|grade| grade["reason"].as_str().is_some()));
    assert_eq!((&waits["status"], &waits["attempts"]), (&json!("pending"), &json!(1)));
    assert!(waits["reason"].as_str().unwrap().contains("503"), "{waits}");
    let sent = course.becomes("sent", Some(0.83));
    assert_eq!((&sent["attempts"], &sent["reason"]), (&json!(2), &json!(null)));
    let calls = course.calls();
    assert_eq!((calls.len(), &calls[0]["message"]), (2, &calls[1]["message"]));
}

#[test]
fn interop_what_the_gradebook_refuses_is_told_and_tried_again_when_the_student_comes_again() {
    let course = Course::new("sakai", 1);
    let home = course.enter("249", "refuses", &[]);
    course.grade(&home, 0, Some(0.83));
    let failed = course.becomes("failed", Some(0.83));
    assert_eq!(failed["reason"], "the LMS answered 200 failure: nobody <here> is called so");
    assert_eq!((&failed["sent_score"], course.calls().len()), (&json!(null), 1));
    course.enter("249", "ok", &[]);
    course.becomes("sent", Some(0.83));
}

#[test]
fn interop_aut_08_an_lms_that_is_shut_out_gets_no_grade() {
    let course = Course::new("moodle", 1);
    let home = course.enter("249", "moodle", &[]);
    course.grade(&home, 0, Some(0.5));
    course.becomes("sent", Some(0.5));
    course.world.administrator.patch(&course.lms.path(), json!({ "disabled": true })).ok("lti_consumer");
    // The student goes on by the institute's own link.
    let path = format!("/exams/{}/student_sessions", course.exam["id"]);
    let session = course.world.teacher.get(&path).ok("students")[0].clone();
    let direct = format!("/sessions/{}", session["token"].as_str().unwrap());
    course.grade(&direct, 0, Some(0.9));
    let failed = course.becomes("failed", Some(0.9));
    assert_eq!(failed["reason"], "the LMS is disabled here");
    assert_eq!(course.calls().len(), 1);
    assert_eq!(course.gradebook.seen()["grades"][sourcedid("249")], 0.5);
}

#[test]
fn interop_the_lti_package_launches_both_roles() {
    let course = Course::new("other", 1);
    let learner = course.gradebook.launch(&[("roles", "Learner"), ("lis_person_name_full", "Zoë O'Neill & Söhne")]);
    assert_eq!(learner.status, 303, "{}", learner.text);
    assert!(course.world.page(learner.header("location")).text.contains("Zoë O&#39;Neill &#38; Söhne"));
    let instructor = course.gradebook.launch(&[("roles", "Instructor"), ("user_id", "9")]);
    assert!(course.world.page(instructor.header("location")).text.contains("1 student came from this course"));
}
