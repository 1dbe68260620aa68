//! Who takes and who teaches an exam, as tools of LTI 1.3 are told.

use examlink_lti::v1p3::claims::{CUSTOM, scope};
use examlink_lti::v1p3::link_header;
use examlink_lti::v1p3::nrps::MEMBERSHIP_CONTAINER;
use serde_json::{Value, json};

use crate::line_items::Graded;
use crate::world::advantage::call_with_token;

const LEARNER: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner";
const INSTRUCTOR: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor";

impl Graded {
    fn members_url(&self) -> String {
        format!("{}/lti/1.3/exams/{}/members", self.world.origin(), self.exam["id"])
    }

    #[track_caller]
    fn members(&self, query: &str) -> Vec<Value> {
        let reply = self.get(&format!("{}{query}", self.members_url()));
        assert_eq!((reply.status, reply.header("content-type")), (200, MEMBERSHIP_CONTAINER), "{}", reply.text);
        reply.json["members"].as_array().unwrap().clone()
    }

    fn change_tool(&self, fields: Value) {
        let path = format!("/tool_providers/{}", self.tool.provider["id"]);
        self.world.administrator.patch(&path, fields).ok("tool_provider");
    }
}

#[test]
fn lti_15_members_are_numbers_and_roles_unless_the_privacy_switches_tell_more() {
    let graded = Graded::new();
    let reply = graded.get(&graded.members_url()).json;
    assert_eq!(reply["id"], graded.members_url());
    assert_eq!((&reply["context"]["id"], &reply["context"]["title"]), (&graded.exam["token"], &json!("Algebra")));
    let [teacher, student] = &graded.members("")[..] else { panic!("two members") };
    assert_eq!(teacher["roles"], json!([INSTRUCTOR]));
    let whole = json!({ "user_id": graded.student, "roles": [LEARNER], "status": "Active" });
    assert_eq!(student, &whole);
    graded.change_tool(json!({ "share_name": true }));
    let [_, student] = &graded.members("")[..] else { panic!("two members") };
    assert_eq!((&student["name"], &student["email"]), (&json!("Sam Student"), &Value::Null));
    graded.change_tool(json!({ "share_name": false, "share_email": true }));
    let [teacher, student] = &graded.members("")[..] else { panic!("two members") };
    assert_eq!((&student["name"], &student["email"]), (&Value::Null, &json!("sam@example.edu")));
    assert_eq!((&teacher["name"], &teacher["email"]), (&Value::Null, &json!("teacher@example.edu")));
}

#[test]
fn comanagers_teach_and_those_who_were_put_away_are_inactive() {
    let graded = Graded::new();
    let path = format!("/exams/{}/add_comanager", graded.exam["id"]);
    let comanager = json!({ "comanager_id": graded.world.colleague.id });
    graded.world.teacher.call("PUT", &path, comanager).send().ok("comanager");
    let path = format!("/student_sessions/{}", graded.session["id"]);
    graded.world.teacher.patch(&path, json!({ "archived": true })).ok("student");
    let members = graded.members("");
    let seen: Vec<_> = members.iter().map(|member| (&member["roles"][0], &member["status"])).collect();
    let (teaches, learns) = (json!(INSTRUCTOR), json!(LEARNER));
    let (active, inactive) = (json!("Active"), json!("Inactive"));
    assert_eq!(seen, [(&teaches, &active), (&teaches, &active), (&learns, &inactive)]);
}

#[test]
fn a_role_is_asked_for_by_its_address_or_its_short_name() {
    let graded = Graded::new();
    let url = |role: &str| url::form_urlencoded::byte_serialize(role.as_bytes()).collect::<String>();
    for (role, members) in
        [("Learner", 1), (LEARNER, 1), ("Instructor", 1), (INSTRUCTOR, 1), ("Mentor", 0), ("' OR 1=1", 0)]
    {
        assert_eq!(graded.members(&format!("?role={}", url(role))).len(), members, "{role}");
    }
}

#[test]
fn members_come_in_pages_each_person_once() {
    let graded = Graded::new();
    for number in 0..5 {
        graded.world.student_session_named(&graded.exam, &format!("s{number}@example.edu"));
    }
    graded.world.student_session(&graded.exam);
    let mut found = Vec::new();
    let mut next = Some(format!("{}?limit=2&role=Learner", graded.members_url()));
    while let Some(url) = next {
        let reply = graded.get(&url);
        assert_eq!(reply.status, 200, "{url}: {}", reply.text);
        let page = reply.json["members"].as_array().unwrap().clone();
        assert!((1..=2).contains(&page.len()));
        found.extend(page.into_iter().map(|member| member["user_id"].as_str().unwrap().to_owned()));
        next = link_header::read(&reply.header("link").to_lowercase(), "next");
    }
    assert_eq!(found.len(), 6);
    assert_eq!(found.iter().collect::<std::collections::BTreeSet<_>>().len(), 6);
    assert_eq!(graded.get(&format!("{}?limit=0", graded.members_url())).status, 400);
}

#[test]
fn for_a_link_each_student_comes_with_what_its_launch_would_say() {
    let graded = Graded::new();
    let custom =
        json!({ "who": "$User.id", "mail": "$Person.email.primary", "course": "A1", "item": "$ResourceLink.title" });
    graded.change_tool(json!({ "lti_custom_data": custom.to_string() }));
    let link = graded.resource["lti_resource_link_id"].as_str().unwrap();
    let members = graded.members(&format!("?role=Learner&rlid={link}"));
    let said = &members[0]["message"][0];
    assert_eq!(said["https://purl.imsglobal.org/spec/lti/claim/message_type"], "LtiResourceLinkRequest");
    let told = json!({ "who": graded.student, "mail": "$Person.email.primary", "course": "A1", "item": "Quiz" });
    assert_eq!(said[CUSTOM], told, "what privacy holds back stays a variable");
    assert_eq!(graded.members("?role=Learner")[0]["message"], Value::Null);
    let other = graded.world.tool_1p3();
    let theirs = graded.world.lti_resource(&graded.exam, &other.provider);
    let second = graded.world.exam();
    let elsewhere = graded.world.lti_resource(&second, &graded.tool.provider);
    for foreign in [&theirs["lti_resource_link_id"], &elsewhere["lti_resource_link_id"], &json!("made-up")] {
        let reply = graded.get(&format!("{}?rlid={}", graded.members_url(), foreign.as_str().unwrap()));
        assert_eq!((reply.status, &reply.json["code"]), (403, &json!("foreign_link")));
    }
}

#[test]
fn lti_09_a_tool_without_a_link_in_the_exam_or_without_the_scope_learns_nothing() {
    let graded = Graded::new();
    let other = graded.world.tool_1p3();
    let token = other.token(&[scope::MEMBERSHIP_READ]);
    assert_eq!(call_with_token(&token, ("GET", &graded.members_url()), ("", "")).status, 404);
    let weak = graded.tool.token(&[scope::LINE_ITEM]);
    assert_eq!(call_with_token(&weak, ("GET", &graded.members_url()), ("", "")).status, 403);
}
