//! Line items: what tools of LTI 1.3 see of the gradebook, and what they add to it.

mod launches;
mod results;
mod scores;
mod times;

use examlink_lti::v1p3::ags::{LINE_ITEM, LINE_ITEM_CONTAINER};
use examlink_lti::v1p3::claims::scope;
use examlink_lti::v1p3::link_header;
use serde_json::{Value, json};

use crate::world::advantage::{Tool13, call_with_token};
use crate::world::launched::logged_call;
use crate::world::{Reply, World};

/// A student who takes an exam with a link of a tool of LTI 1.3 in it, and that tool with a token for everything.
pub struct Graded {
    pub world: World,
    pub tool: Tool13,
    pub token: String,
    pub exam: Value,
    pub resource: Value,
    pub session: Value,
    /// What the tool knows the student by.
    pub student: String,
}

impl Graded {
    pub fn new() -> Self {
        Self::in_world(World::new())
    }

    pub fn in_world(world: World) -> Self {
        let (exam, tool) = (world.exam(), world.tool_1p3());
        let resource = world.lti_resource(&exam, &tool.provider);
        world.publish(&exam);
        let session = world.student_session(&exam);
        world.started(&session);
        let student = session["student_id"].as_str().unwrap().to_owned();
        let scopes = [scope::LINE_ITEM, scope::SCORE, scope::RESULT_READ, scope::MEMBERSHIP_READ];
        let token = tool.token(&scopes);
        Self { world, tool, token, exam, resource, session, student }
    }

    /// Where the line items are.
    pub fn container(&self) -> String {
        self.container_of(&self.exam)
    }

    pub fn container_of(&self, exam: &Value) -> String {
        format!("{}/lti/1.3/exams/{}/line_items", self.world.origin(), exam["id"])
    }

    /// The line item of the link.
    pub fn item(&self) -> String {
        format!("{}/link-{}", self.container(), self.resource["id"])
    }

    pub fn get(&self, url: &str) -> Reply {
        call_with_token(&self.token, ("GET", url), ("", ""))
    }

    pub fn delete(&self, url: &str) -> Reply {
        call_with_token(&self.token, ("DELETE", url), ("", ""))
    }

    pub fn put(&self, url: &str, item: &Value) -> Reply {
        call_with_token(&self.token, ("PUT", url), (LINE_ITEM, &item.to_string()))
    }

    pub fn post(&self, item: &Value) -> Reply {
        call_with_token(&self.token, ("POST", &self.container()), (LINE_ITEM, &item.to_string()))
    }

    /// The id of a new line item of the tool.
    #[track_caller]
    pub fn made(&self, item: &Value) -> String {
        let reply = self.post(item);
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply.json["id"].as_str().unwrap().to_owned()
    }

    /// The labels of what is listed.
    #[track_caller]
    fn labels(&self, query: &str) -> Vec<String> {
        let reply = self.get(&format!("{}{query}", self.container()));
        assert_eq!((reply.status, reply.header("content-type")), (200, LINE_ITEM_CONTAINER), "{}", reply.text);
        reply.json.as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn every_link_of_the_tool_is_a_line_item_by_itself() {
    let graded = Graded::new();
    let listed = graded.get(&graded.container()).json;
    let whole = json!([{
        "id": graded.item(), "label": "Quiz", "scoreMaximum": 100.0,
        "resourceLinkId": graded.resource["lti_resource_link_id"],
    }]);
    assert_eq!(listed, whole);
    let path = format!("/lti_resources/{}", graded.resource["id"]);
    let fields = json!({
        "line_item_label": "Grade", "line_item_maximum": 12.5, "line_item_tag": "final", "line_item_resource_id": "r-1",
    });
    graded.world.teacher.patch(&path, fields).ok("lti_resource");
    let shown = graded.get(&graded.item());
    assert_eq!((shown.status, shown.header("content-type")), (200, LINE_ITEM));
    for (name, value) in [
        ("label", json!("Grade")),
        ("scoreMaximum", json!(12.5)),
        ("tag", json!("final")),
        ("resourceId", json!("r-1")),
    ] {
        assert_eq!(shown.json[name], value, "{name}");
    }
    assert_eq!(logged_call(&graded.world, "readLineItems")["exam_id"], graded.exam["id"]);
}

#[test]
fn a_tool_makes_changes_and_deletes_line_items_of_its_own() {
    let graded = Graded::new();
    let link = graded.resource["lti_resource_link_id"].clone();
    let essay = json!({
        "label": "Essay", "scoreMaximum": 8, "resourceId": "e1", "tag": "draft", "resourceLinkId": link,
        "startDateTime": "2026-01-01T00:00:00Z", "id": "https://elsewhere.example/1",
    });
    let reply = graded.post(&essay);
    assert_eq!((reply.status, reply.header("content-type")), (201, LINE_ITEM), "{}", reply.text);
    let made = reply.json;
    let url = made["id"].as_str().unwrap().to_owned();
    assert!(url.starts_with(&graded.container()) && !url.contains('?'), "{url}");
    assert_eq!((&made["resourceLinkId"], &made["resourceId"], &made["tag"]), (&link, &json!("e1"), &json!("draft")));
    assert_eq!(made["startDateTime"], Value::Null, "the answer says what is kept");
    assert_eq!(graded.get(&url).json, made);
    assert_eq!(graded.labels(""), ["Quiz", "Essay"]);
    let changed = graded.put(&url, &json!({ "label": "Essay 2", "scoreMaximum": 10 }));
    assert_eq!(changed.status, 200, "{}", changed.text);
    let whole = json!({ "id": url, "label": "Essay 2", "scoreMaximum": 10.0, "resourceLinkId": link });
    assert_eq!(changed.json, whole, "a PUT replaces everything but the id and the link");
    for moved in [json!("https://elsewhere.example/1"), json!(graded.item())] {
        let reply = graded.put(&url, &json!({ "id": moved, "label": "x", "scoreMaximum": 1 }));
        assert_eq!(reply.status, 400, "{}", reply.text);
    }
    let reply = graded.put(&url, &json!({ "resourceLinkId": "other", "label": "x", "scoreMaximum": 1 }));
    assert_eq!(reply.status, 400, "{}", reply.text);
    assert_eq!(graded.get(&url).json, whole, "nothing was half written");
    assert_eq!(graded.delete(&url).status, 204);
    assert_eq!((graded.get(&url).status, graded.delete(&url).status), (404, 404));
    assert_eq!(graded.labels(""), ["Quiz"]);
}

#[test]
fn the_line_item_of_a_link_is_changed_but_stays_with_the_link() {
    let graded = Graded::new();
    let change = json!({ "label": "Quiz grade", "scoreMaximum": 20, "resourceId": "q", "tag": "t" });
    let changed = graded.put(&graded.item(), &change);
    assert_eq!((changed.status, &changed.json["resourceId"]), (200, &json!("q")), "{}", changed.text);
    let path = format!("/lti_resources/{}", graded.resource["id"]);
    let link = graded.world.teacher.get(&path).ok("lti_resource");
    assert_eq!((&link["line_item_label"], &link["line_item_maximum"]), (&json!("Quiz grade"), &json!(20.0)));
    assert_eq!(link["lti_resource_link_name"], "Quiz");
    let reply = graded.delete(&graded.item());
    assert_eq!((reply.status, &reply.json["code"]), (403, &json!("line_item_of_link")));
    assert_eq!(graded.get(&graded.item()).status, 200);
}

#[test]
fn a_container_is_filtered_and_paged() {
    let graded = Graded::new();
    for number in 0..5 {
        let tag = if number % 2 == 0 { "even" } else { "odd" };
        graded.made(&json!({ "label": format!("Item {number}"), "scoreMaximum": 1, "resourceId": "R&1", "tag": tag }));
    }
    let link = graded.resource["lti_resource_link_id"].as_str().unwrap();
    assert_eq!(graded.labels(&format!("?resource_link_id={link}")), ["Quiz"]);
    assert_eq!(graded.labels("?resource_id=R%261&tag=even"), ["Item 0", "Item 2", "Item 4"]);
    assert_eq!(graded.labels("?tag=none"), [""; 0]);
    let mut labels = Vec::new();
    let mut next = Some(format!("{}?resource_id=R%261&limit=2", graded.container()));
    while let Some(url) = next {
        let reply = graded.get(&url);
        assert_eq!(reply.status, 200, "{url}: {}", reply.text);
        let page = reply.json.as_array().unwrap().clone();
        assert!(page.len() <= 2);
        labels.extend(page.iter().map(|item| item["label"].as_str().unwrap().to_owned()));
        // Some tools lower-case the whole header.
        next = link_header::read(&reply.header("link").to_lowercase(), "next");
    }
    assert_eq!(labels, ["Item 0", "Item 1", "Item 2", "Item 3", "Item 4"]);
    for bad in ["limit=0", "limit=-1", "limit=x", "after=x", "after=-1", "after=1&after=2", "tag=a&tag=b"] {
        let reply = graded.get(&format!("{}?{bad}", graded.container()));
        assert_eq!(reply.status, 400, "{bad}");
        assert!(reply.json["detail"].is_string());
    }
    assert_eq!(graded.labels("?limit=1000000000").len(), 6);
}

#[test]
fn what_is_no_line_item_is_refused_with_the_reason_and_leaves_nothing() {
    let graded = Graded::new();
    for (item, why) in [
        (json!({ "scoreMaximum": 1 }), "label"),
        (json!({ "label": "  ", "scoreMaximum": 1 }), "label"),
        (json!({ "label": "x" }), "scoreMaximum"),
        (json!({ "label": "x", "scoreMaximum": 0 }), "scoreMaximum"),
        (json!({ "label": "x", "scoreMaximum": -1 }), "scoreMaximum"),
        (json!({ "label": "x", "scoreMaximum": "10" }), "scoreMaximum"),
        (json!({ "label": "x", "scoreMaximum": 2_000_000 }), "scoreMaximum"),
        (json!({ "label": "x".repeat(300), "scoreMaximum": 1 }), "label"),
        (json!({ "label": "x", "scoreMaximum": 1, "tag": 7 }), "tag"),
        (json!([]), "object"),
    ] {
        let reply = graded.post(&item);
        assert_eq!(reply.status, 400, "{item}: {}", reply.text);
        assert!(reply.json["detail"].as_str().unwrap().contains(why), "{item}: {}", reply.text);
    }
    for body in ["{\"label\":\"x\",\"scoreMaximum\":1e999}", "{\"label\":\"x\",\"scoreMaximum\":NaN}", "", "{"] {
        let reply = call_with_token(&graded.token, ("POST", &graded.container()), (LINE_ITEM, body));
        assert!([400, 415].contains(&reply.status), "{body}: {}", reply.text);
    }
    let body = json!({ "label": "x", "scoreMaximum": 1 }).to_string();
    assert_eq!(call_with_token(&graded.token, ("POST", &graded.container()), ("text/plain", &body)).status, 415);
    assert_eq!(graded.world.database.rows("line_items"), 0);
    assert_eq!(logged_call(&graded.world, "createLineItem")["outcome"], "failure");
}

#[test]
fn lti_09_a_token_to_read_opens_what_it_reads_and_writes_nothing() {
    let graded = Graded::new();
    let essay = graded.made(&json!({ "label": "Essay", "scoreMaximum": 8 }));
    graded.scores(&graded.item(), &graded.score_at(1, 1.0, 2.0));
    let reads = graded.tool.token(&[scope::LINE_ITEM_READ]);
    let results = graded.tool.token(&[scope::RESULT_READ]);
    let listed = || {
        let reply = call_with_token(&reads, ("GET", &graded.container()), ("", ""));
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json
    };
    let before = listed();
    let (container, link) = (graded.container(), graded.item());
    let body = json!({ "label": "Changed", "scoreMaximum": 1 }).to_string();
    for token in [&reads, &results] {
        for (method, url, body) in [
            ("POST", &container, body.as_str()),
            ("PUT", &essay, body.as_str()),
            ("PUT", &link, body.as_str()),
            ("DELETE", &essay, ""),
            ("DELETE", &link, ""),
        ] {
            let reply = call_with_token(token, (method, url), (LINE_ITEM, body));
            assert_eq!((reply.status, &reply.json["code"]), (403, &json!("insufficient_scope")), "{method} {url}");
            assert!(reply.header("www-authenticate").contains(&format!("scope=\"{}\"", scope::LINE_ITEM)));
        }
    }
    assert_eq!((listed(), graded.world.database.rows("line_items")), (before, 1));
    let read = call_with_token(&results, ("GET", &format!("{link}/results")), ("", ""));
    assert_eq!((read.status, &read.json[0]["resultScore"]), (200, &json!(50.0)), "{}", read.text);
    assert_eq!(call_with_token(&results, ("GET", &container), ("", "")).status, 403);
    assert_eq!(call_with_token(&reads, ("GET", &format!("{link}/results")), ("", "")).status, 403);
}

#[test]
fn lti_09_a_tool_sees_and_touches_no_line_item_of_another() {
    let graded = Graded::new();
    let world = &graded.world;
    let other = world.tool_1p3();
    let theirs = world.teacher.post(
        "/lti_resources",
        json!({ "lti_resource_link_name": "Theirs", "exam_id": graded.exam["id"], "tool_provider_id": other.provider["id"] }),
    );
    let theirs = theirs.created("lti_resource");
    let token = other.token(&[scope::LINE_ITEM]);
    let made = graded.made(&json!({ "label": "Ours", "scoreMaximum": 1 }));
    // Theirs lists its own link alone, and reaches nothing of ours in the same exam.
    let listed = call_with_token(&token, ("GET", &graded.container()), ("", "")).json;
    assert_eq!(listed.as_array().unwrap().iter().map(|item| &item["label"]).collect::<Vec<_>>(), ["Theirs"]);
    let body = json!({ "label": "Stolen", "scoreMaximum": 1 }).to_string();
    for url in [&made, &graded.item()] {
        for (method, body) in [("GET", ""), ("PUT", body.as_str()), ("DELETE", "")] {
            assert_eq!(call_with_token(&token, (method, url), (LINE_ITEM, body)).status, 404, "{method} {url}");
        }
    }
    let tied = json!({ "label": "x", "scoreMaximum": 1, "resourceLinkId": graded.resource["lti_resource_link_id"] });
    let reply = call_with_token(&token, ("POST", &graded.container()), (LINE_ITEM, &tied.to_string()));
    assert_eq!(reply.status, 404, "another tool's link: {}", reply.text);
    // An exam without a link of the tool is not there for it; nor is a line item under another exam of its own.
    let (foreign, second) = (world.exam(), world.exam());
    world.lti_resource(&second, &graded.tool.provider);
    assert_eq!(graded.get(&graded.container_of(&foreign)).status, 404);
    assert_eq!(graded.get(&made.replace(&graded.container(), &graded.container_of(&second))).status, 404);
    let reply = graded.get(&format!("{}/link-{}", graded.container_of(&second), graded.resource["id"]));
    assert_eq!(reply.status, 404);
    assert_eq!(graded.get(&format!("{}/link-{}", graded.container(), theirs["id"])).status, 404);
    for odd in ["0", "-1", "link-", "link-01", "x", "999", "1%20OR%201=1"] {
        assert_eq!(graded.get(&format!("{}/{odd}", graded.container())).status, 404, "{odd}");
    }
    assert_eq!(graded.get(&made).json["label"], "Ours");
    assert_eq!(world.database.rows("line_items"), 1);
}
