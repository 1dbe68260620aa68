//! Who takes and who teaches an exam, as tools of LTI 1.3 are told.

use examlink_lti::v1p3::claims::{CUSTOM, scope};
use examlink_lti::v1p3::link_header;
use examlink_lti::v1p3::nrps::MEMBERSHIP_CONTAINER;
use serde_json::{Value, json};

use crate::line_items::Graded;
use crate::world::Process;
use crate::world::advantage::call_with_token;
use crate::world::until;

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

    /// Where an answer leads for what has changed since.
    #[track_caller]
    fn differences(&self, url: &str) -> String {
        let reply = self.get(url);
        assert_eq!(reply.status, 200, "{}", reply.text);
        link_header::read(&reply.header("link").to_lowercase(), "differences").expect("a link to the differences")
    }

    /// The addresses of the pages that begin at one.
    #[track_caller]
    fn pages(&self, url: &str) -> Vec<String> {
        let next = |url: &String| link_header::read(&self.get(url).header("link").to_lowercase(), "next");
        std::iter::successors(Some(url.to_owned()), next).collect()
    }

    /// Who is told of at an address, and how each stands to the exam.
    #[track_caller]
    fn changed(&self, url: &str) -> Vec<(String, String)> {
        let reply = self.get(url);
        assert_eq!((reply.status, reply.header("content-type")), (200, MEMBERSHIP_CONTAINER), "{}", reply.text);
        let text = |member: &Value, name: &str| member[name].as_str().unwrap().to_owned();
        let members = reply.json["members"].as_array().unwrap().clone();
        members.iter().map(|member| (text(member, "user_id"), text(member, "status"))).collect()
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

/// Longer than what is told once more to be sure.
const LATER: i64 = 120_000;
const DAY: i64 = 86_400_000;

fn is(session: &Value, status: &str) -> (String, String) {
    (session["student_id"].as_str().unwrap().to_owned(), status.to_owned())
}

#[test]
fn a_tool_is_told_what_has_changed_since_it_read_the_list() {
    let graded = Graded::new();
    let world = &graded.world;
    let [stays, goes, leaves] = ["b@example.edu", "c@example.edu", "d@example.edu"]
        .map(|email| world.student_session_named(&graded.exam, email));
    let path = |session: &Value| format!("/student_sessions/{}", session["id"]);
    world.wait(LATER);
    let since = graded.differences(&graded.members_url());
    assert_eq!(graded.changed(&since), []);

    world.wait(LATER);
    world.teacher.patch(&path(&stays), json!({ "name": "Bea" })).ok("student");
    world.teacher.patch(&path(&leaves), json!({ "archived": true })).ok("student");
    world.teacher.delete(&path(&goes)).ok("");
    let comes = world.student_session_named(&graded.exam, "e@example.edu");
    let told = [is(&goes, "Deleted"), is(&stays, "Active"), is(&leaves, "Inactive"), is(&comes, "Active")];
    assert_eq!(graded.changed(&since), told);
    assert!(graded.members("").iter().all(|member| member["user_id"] != goes["student_id"]));
    assert_eq!(graded.changed(&format!("{since}&role=Instructor")), []);

    // What has changed is read in pages, and leads on to what changes after it.
    let first = format!("{since}&limit=1");
    let onward = graded.differences(&first);
    let pages = graded.pages(&first);
    assert_eq!(pages.iter().flat_map(|page| graded.changed(page)).collect::<Vec<_>>(), told);
    assert_eq!(pages.len(), 3);
    world.wait(LATER);
    for page in &pages[1..] {
        assert_eq!(graded.differences(page), onward, "every page leads to what comes after the first");
    }
    world.teacher.delete(&path(&leaves)).ok("");
    assert_eq!(graded.changed(&graded.differences(&graded.members_url())), [is(&leaves, "Deleted")]);
    let gone: Vec<_> = graded.changed(&onward).into_iter().filter(|(_, status)| status == "Deleted").collect();
    assert!(
        gone.len() == 2 && gone.contains(&is(&goes, "Deleted")) && gone.contains(&is(&leaves, "Deleted")),
        "{gone:?}"
    );
}

#[test]
fn a_student_who_still_has_an_attempt_is_not_gone() {
    let graded = Graded::new();
    let world = &graded.world;
    let second = world.student_session(&graded.exam);
    assert_eq!(second["student_id"], graded.student);
    world.wait(LATER);
    let since = graded.differences(&graded.members_url());
    world.teacher.delete(&format!("/student_sessions/{}", second["id"])).ok("");
    assert_eq!(graded.changed(&since), [is(&graded.session, "Active")]);
    world.teacher.delete(&format!("/student_sessions/{}", graded.session["id"])).ok("");
    assert_eq!(graded.changed(&since), [is(&graded.session, "Deleted")], "once");
}

#[test]
fn those_who_teach_come_and_go_too() {
    let graded = Graded::new();
    let world = &graded.world;
    let comanager = || json!({ "comanager_id": world.colleague.id });
    let (add, remove): (String, String) =
        ["add_comanager", "remove_comanager"].map(|call| format!("/exams/{}/{call}", graded.exam["id"])).into();
    world.wait(LATER);
    let status = |since: &str| {
        let changed = graded.changed(since);
        changed.into_iter().map(|(_, status)| status).collect::<Vec<_>>()
    };
    let first = graded.differences(&graded.members_url());
    world.teacher.call("PUT", &add, comanager()).send().ok("comanager");
    assert_eq!(status(&first), ["Active"]);
    world.wait(LATER);
    let second = graded.differences(&graded.members_url());
    world.teacher.call("DELETE", &remove, comanager()).send().ok("comanager");
    assert_eq!((status(&first), status(&second)), (vec!["Deleted".to_owned()], vec!["Deleted".to_owned()]));
    assert_eq!(graded.changed(&format!("{second}&role=Learner")), []);
    world.teacher.call("PUT", &add, comanager()).send().ok("comanager");
    assert_eq!(status(&second), ["Active"], "back again");
    world.wait(LATER);
    let third = graded.differences(&graded.members_url());
    let path = format!("/institutes/{}/users/{}", world.institute, world.colleague.id);
    world.administrator.delete(&path).ok("");
    assert_eq!(status(&third), ["Deleted"]);
}

#[test]
fn lti_14_differences_are_of_the_tool_and_the_exam_and_of_no_time_that_a_tool_makes_up() {
    let graded = Graded::new();
    let world = &graded.world;
    let since = graded.differences(&graded.members_url());
    let (url, words) = since.split_once("since=").unwrap();
    let (micros, ticket) = words.split_once('-').unwrap();
    let earlier = format!("{}-{ticket}", micros.parse::<i64>().unwrap() - 1);
    for forged in [earlier.as_str(), micros, ticket, "", "0", "-1-x", "2026-01-01T00:00:00Z"] {
        for name in ["since", "as_of"] {
            let reply = graded.get(&format!("{url}{name}={forged}"));
            assert_eq!((reply.status, &reply.json["code"]), (400, &json!("invalid")), "{forged}: {}", reply.text);
        }
    }
    let second = world.exam();
    world.lti_resource(&second, &graded.tool.provider);
    let elsewhere = since.replace(&format!("/exams/{}/", graded.exam["id"]), &format!("/exams/{}/", second["id"]));
    assert_eq!(graded.get(&elsewhere).status, 400);
    let other = world.tool_1p3();
    world.lti_resource(&graded.exam, &other.provider);
    let token = other.token(&[scope::MEMBERSHIP_READ]);
    assert_eq!(call_with_token(&token, ("GET", &since), ("", "")).status, 400);

    world.wait(30 * DAY);
    let token = graded.tool.token(&[scope::MEMBERSHIP_READ]);
    let reply = call_with_token(&token, ("GET", &since), ("", ""));
    assert_eq!((reply.status, &reply.json["code"]), (410, &json!("differences_too_old")), "{}", reply.text);
}

#[test]
fn who_was_taken_out_is_forgotten_after_thirty_days() {
    let graded = Graded::new();
    let now = examlink::clock::Clock::system().now().micros();
    let database = graded.world.into_database();
    for (member, days) in [("old", 31), ("young", 29)] {
        database.run(&format!(
            "INSERT INTO departures (exam_id, member_id, taught, departed_at) VALUES ({}, '{member}', FALSE, {})",
            graded.exam["id"],
            now - days * DAY * 1_000
        ));
    }
    let _server = Process::serve(&database);
    let kept = || database.texts("SELECT member_id AS text FROM departures");
    until("the old one is purged", || (kept() == ["young"]).then_some(()));
}
