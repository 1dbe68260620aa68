//! The groups that the students of an exam are in, as tools of LTI 1.3 are told.

use examlink_lti::v1p3::claims::scope;
use examlink_lti::v1p3::groups::{GROUP_CONTAINER, read_groups};
use examlink_lti::v1p3::link_header;
use serde_json::{Value, json};

use crate::line_items::Graded;
use crate::world::Reply;
use crate::world::advantage::call_with_token;

/// Students in groups, and a tool that may ask for them.
struct Course {
    graded: Graded,
    token: String,
}

impl Course {
    fn new() -> Self {
        let graded = Graded::new();
        let token = graded.tool.token(&[scope::GROUP_READ, scope::MEMBERSHIP_READ]);
        Self { graded, token }
    }

    fn url(&self) -> String {
        format!("{}/lti/1.3/exams/{}/groups", self.graded.world.origin(), self.graded.exam["id"])
    }

    fn joins(&self, session: &Value, group: &str) {
        let path = format!("/student_sessions/{}", session["id"]);
        self.graded.world.teacher.patch(&path, json!({ "group_id": group })).ok("student");
    }

    fn get(&self, url: &str) -> Reply {
        call_with_token(&self.token, ("GET", url), ("", ""))
    }

    #[track_caller]
    fn names(&self, query: &str) -> Vec<String> {
        let reply = self.get(&format!("{}{query}", self.url()));
        assert_eq!((reply.status, reply.header("content-type")), (200, GROUP_CONTAINER), "{}", reply.text);
        read_groups(reply.text.as_bytes()).unwrap().into_iter().map(|group| group.name).collect()
    }
}

#[test]
fn a_tool_learns_which_groups_there_are_and_which_a_student_is_in() {
    let course = Course::new();
    assert!(course.names("").is_empty());
    course.joins(&course.graded.session, "7b");
    let [second, third] = ["b@example.edu", "c@example.edu"]
        .map(|email| course.graded.world.student_session_named(&course.graded.exam, email));
    course.joins(&second, "7a");
    course.joins(&third, "7b");
    assert_eq!(course.names(""), ["7a", "7b"], "each once");
    assert_eq!(course.names(&format!("?user_id={}", course.graded.student)), ["7b"]);
    assert!(course.names("?user_id=nobody").is_empty());

    let page = course.get(&format!("{}?limit=1", course.url()));
    assert_eq!(page.json["groups"], json!([{ "id": "7a", "name": "7a" }]));
    let next = link_header::read(&page.header("link").to_lowercase(), "next").expect("a second page");
    let last = course.get(&next);
    assert_eq!(last.json["groups"][0]["id"], "7b");
    assert_eq!(link_header::read(last.header("link"), "next"), None);

    let members = format!("{}/lti/1.3/exams/{}/members", course.graded.world.origin(), course.graded.exam["id"]);
    let members = course.get(&members).json;
    let sam = members["members"].as_array().unwrap().iter().find(|member| member["user_id"] == course.graded.student);
    assert_eq!(sam.unwrap()["group_enrollments"], json!([{ "group_id": "7b" }]));
}

#[test]
fn lti_12_groups_are_for_tools_of_the_exam_that_may_know_them() {
    let course = Course::new();
    let weak = course.graded.tool.token(&[scope::MEMBERSHIP_READ]);
    assert_eq!(call_with_token(&weak, ("GET", &course.url()), ("", "")).status, 403);
    let elsewhere = course.graded.world.exam();
    let url = format!("{}/lti/1.3/exams/{}/groups", course.graded.world.origin(), elsewhere["id"]);
    assert_eq!(course.get(&url).status, 404);
    assert_eq!(course.get(&format!("{}?limit=0", course.url())).status, 400);

    let path = format!("/tool_providers/{}", course.graded.tool.provider["id"]);
    let granted = json!({ "scopes": [scope::MEMBERSHIP_READ] });
    course.graded.world.administrator.patch(&path, granted).ok("tool_provider");
    assert_eq!(course.get(&course.url()).status, 403, "it may no more");
    let members = format!("{}/lti/1.3/exams/{}/members", course.graded.world.origin(), course.graded.exam["id"]);
    course.joins(&course.graded.session, "7b");
    let members = course.get(&members);
    assert!(members.status == 200 && !members.text.contains("group_enrollments"), "{}", members.text);
}
