//! Instructors from an LMS: they choose the exam of a place, look after its students, and link to exams.

use examlink_lti::Secret;
use examlink_lti::v1::content_item::{LTI_LINK, VerifiedSelection};
use examlink_lti::v1::oauth1::{TimeWindow, UnverifiedRequest};
use serde_json::{Value, json};

use super::ORIGIN;
use crate::world::lms::{Lms, instructor, learner, with};
use crate::world::{Form, Reply, World, post_form};

fn post(url: &str, fields: &[(String, String)]) -> Reply {
    post_form(url, fields, "")
}

fn field(name: &str, value: &Value) -> (String, String) {
    (name.into(), value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned))
}

#[test]
fn an_instructor_chooses_the_exam_and_the_course_gets_it() {
    let world = World::new();
    let (exam, lms) = (world.exam(), world.lms(json!({ "frame_origins": [ORIGIN] })));
    let theirs = world.stranger.post("/exams", json!({ "name": "Theirs", "type": "demo" })).created("exam");
    world.publish(&exam);
    let early = world.launch(&lms, &learner());
    assert!(early.status == 403 && early.text.contains("No exam was chosen"), "{}", early.text);
    let choice = world.sent_by_lms(&lms, &instructor());
    let page = world.page(&choice);
    assert!(page.text.contains("Choose an exam") && page.text.contains("Algebra") && !page.text.contains("Theirs"));
    assert!(page.text.contains("Mathematics") && page.header("content-security-policy").contains(ORIGIN));
    let url = format!("{}{choice}", world.origin());
    assert_eq!(post(&url, &[field("exam_id", &theirs["id"])]).status, 403);
    assert_eq!(post(&url, &[]).header("location"), choice);
    let chosen = post(&url, &[field("exam_id", &exam["id"])]);
    assert_eq!(chosen.status, 303, "{}", chosen.text);
    assert!(world.page(chosen.header("location")).text.contains("Nobody has opened the exam"));
    assert!(world.page_of_launch(&lms, &learner()).text.contains("Algebra"));
    // Another link of the course has no exam yet; a new choice for the first one counts from the next launch on.
    let elsewhere = json!({ "resource_link_id": "link-2" });
    assert_eq!(world.launch(&lms, &with(&learner(), elsewhere)).status, 403);
    let second = world.teacher.post("/exams", json!({ "name": "Biology", "type": "demo" })).created("exam");
    world.publish(&second);
    let overview = world.page_of_launch(&lms, &instructor()).text;
    assert!(overview.contains("Choose another exam"));
    assert_eq!(post(&url, &[field("exam_id", &second["id"])]).status, 303);
    assert!(world.page_of_launch(&lms, &learner()).text.contains("Biology"));
}

#[test]
fn an_instructor_sees_the_students_of_the_own_course_alone() {
    let world = World::new();
    let (exam, lms) = world.lms_of_exam(json!({}));
    world.student_session(&exam);
    let student = |user: &str, course: &str, link: &str| {
        with(
            &learner(),
            json!({
                "user_id": user, "context_id": course, "resource_link_id": link, "lis_person_name_full": user,
                "lis_person_contact_email_primary": format!("{user}@example.edu"),
            }),
        )
    };
    let home = world.sent_by_lms(&lms, &student("Ada", "course-1", "link-1"));
    world.press(&format!("{home}/start"));
    world.sent_by_lms(&lms, &student("Bob", "course-1", "link-2"));
    world.sent_by_lms(&lms, &student("Bob", "course-1", "link-1"));
    world.sent_by_lms(&lms, &student("Eve", "course-2", "link-1"));
    let page = world.page_of_launch(&lms, &instructor()).text;
    assert!(page.contains("2 students came from this course") && page.contains("taking the exam"), "{page}");
    assert!(page.contains("Ada") && page.contains("Bob") && !page.contains("Eve") && !page.contains("Sam"), "{page}");
    let other = world.page_of_launch(&lms, &with(&instructor(), json!({ "context_id": "course-2" }))).text;
    assert!(other.contains("1 student came") && other.contains("Eve") && !other.contains("Ada"), "{other}");
}

#[test]
fn the_pages_of_an_instructor_open_for_two_hours_and_for_nobody_who_guesses() {
    let world = World::new();
    let (_, lms) = world.lms_of_exam(json!({}));
    let overview = world.sent_by_lms(&lms, &instructor());
    let free = world.lms(json!({}));
    let choice = world.sent_by_lms(&free, &instructor());
    for path in [&overview, &choice] {
        assert_eq!(world.page(path).status, 200);
        let (text, proof) = path.rsplit_once('-').unwrap();
        let (place, until) = text.rsplit_once('-').unwrap();
        let last = if proof.ends_with('0') { "1" } else { "0" };
        let changed = format!("{}{last}", &proof[..proof.len() - 1]);
        let until: i64 = until.parse().unwrap();
        for guess in [format!("{text}-{changed}"), format!("{place}-{}-{proof}", until + 1), text.to_owned()] {
            assert_eq!(world.page(&guess).status, 403, "{guess}");
        }
    }
    let swapped = overview.replace("overview", "placements");
    assert_eq!(world.page(&swapped).status, 403, "a ticket opens one kind of page");
    world.wait(2 * 3_600_000);
    assert_eq!((world.page(&overview).status, world.page(&choice).status), (403, 403));
}

/// The wish of an LMS for links to exams.
fn wish() -> Value {
    json!({
        "lti_message_type": "ContentItemSelectionRequest", "lti_version": "LTI-1p0", "context_id": "course-1",
        "user_id": "user-9", "roles": "Instructor", "accept_media_types": LTI_LINK, "accept_multiple": "true",
        "accept_presentation_document_targets": "iframe,window", "data": "Some opaque <data>&\"",
        "content_item_return_url": "https://lms.example.edu/return?course=1",
    })
}

/// Sends the choice and gives what the LMS gets, its signature verified.
fn reply(world: &World, lms: &Lms, page: &str, chosen: &[(String, String)]) -> VerifiedSelection {
    let form = Form::read(page);
    let fields: Vec<_> = form.fields.iter().chain(chosen).cloned().collect();
    let sent = post(&format!("{}{}", world.origin(), form.action), &fields);
    assert_eq!(sent.status, 200, "{}", sent.text);
    assert!(sent.header("content-security-policy").contains("form-action 'self' https://lms.example.edu;"));
    let form = Form::read(&sent.text);
    assert_eq!(form.action, "https://lms.example.edu/return?course=1");
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
    let request = UnverifiedRequest::from_form("POST", &form.action, body.as_bytes()).unwrap();
    assert_eq!(request.consumer_key(), lms.key);
    let window = TimeWindow { now: world.clock.now().seconds().try_into().unwrap(), seconds: 60 };
    request.verify(&Secret::new(lms.secret.as_str()), window).unwrap().try_into().unwrap()
}

#[test]
fn an_instructor_picks_exams_for_the_course_and_their_links_open_them() {
    let world = World::new();
    let lms = world.lms(json!({ "return_hosts": ["lms.example.edu"], "frame_origins": [ORIGIN] }));
    let exams = ["Algebra", "Biology", "Chemistry"]
        .map(|name| world.teacher.post("/exams", json!({ "name": name, "type": "demo" })).created("exam"));
    for exam in &exams {
        world.publish(exam);
    }
    let page = world.launch(&lms, &wish());
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("type=\"checkbox\"") && page.header("content-security-policy").contains(ORIGIN));
    let chosen = [field("exam_id", &exams[0]["id"]), field("exam_id", &exams[2]["id"])];
    let selection = reply(&world, &lms, &page.text, &chosen);
    assert_eq!(selection.get("data"), Some("Some opaque <data>&\""));
    let items = selection.items().unwrap();
    assert_eq!(items.len(), 2);
    for (item, name) in items.iter().zip(["Algebra", "Chemistry"]) {
        assert_eq!((item.title.as_deref(), item.url.as_deref()), (Some(name), Some(lms.url.as_str())));
        assert_eq!(item.line_item.as_ref().unwrap().maximum(), Some(100.0));
        let custom: Vec<(String, Value)> =
            item.custom.iter().map(|(name, value)| (format!("custom_{name}"), json!(value))).collect();
        let launch = with(&learner(), Value::Object(custom.into_iter().collect()));
        assert!(world.page_of_launch(&lms, &launch).text.contains(name));
    }
    assert!(reply(&world, &lms, &page.text, &[field("cancel", &json!("true"))]).items().unwrap().is_empty());
    assert!(reply(&world, &lms, &page.text, &[]).get("content_items").is_none());
    let single = world.launch(&lms, &with(&wish(), json!({ "accept_multiple": "false" })));
    assert!(single.text.contains("type=\"radio\""));
    assert_eq!(reply(&world, &lms, &single.text, &chosen).items().unwrap().len(), 1);
    let shown = world.logged("ContentItemSelection", 4).remove(0);
    assert_eq!((&shown["direction"], &shown["status"]), (&json!("to_platform"), &json!("launched")), "{shown}");
    assert_eq!((&shown["lti_consumer_id"], &shown["checks"]), (&lms.consumer["id"], &Value::Null));
    let said = shown["signed"]["parameters"].as_array().unwrap();
    assert!(said.contains(&json!({ "name": "content_items", "value": selection.get("content_items") })), "{shown}");
    assert!(said.contains(&json!({ "name": "data", "value": "***" })), "what goes back unread is a secret: {shown}");
    let compared = format!("/launches/{}/compare", shown["id"]);
    world.administrator.post(&compared, json!({ "base_string": "x" })).refused(409, "conflict");
    world.stranger.logged("ContentItemSelection", 0);
}

#[test]
fn links_are_given_to_instructors_at_known_hosts_only_and_wishes_cannot_be_made_up() {
    let world = World::new();
    let (exam, lms) = world.lms_of_exam(json!({ "return_hosts": ["lms.example.edu"] }));
    for (change, status) in [
        (json!({ "roles": "Learner" }), 403),
        (json!({ "content_item_return_url": "https://evil.example/" }), 400),
        (json!({ "content_item_return_url": null }), 400),
        (json!({ "accept_media_types": "image/*" }), 400),
    ] {
        let refused = world.launch(&lms, &with(&wish(), change.clone()));
        assert_eq!(refused.status, status, "{change}: {}", refused.text);
    }
    let page = world.launch(&lms, &wish());
    let mut form = Form::read(&page.text);
    form.fields.push(field("exam_id", &exam["id"]));
    let url = format!("{}{}", world.origin(), form.action);
    let mut evil = form.clone();
    for (_, value) in evil.fields.iter_mut().filter(|(name, _)| name == "wish") {
        *value = value.replace("lms.example.edu", "evil.example");
    }
    assert_eq!(post(&url, &evil.fields).status, 403);
    assert_eq!(post(&url, &form.fields).status, 200);
    world.administrator.patch(&lms.path(), json!({ "disabled": true })).ok("lti_consumer");
    assert_eq!(post(&url, &form.fields).status, 403);
    world.administrator.patch(&lms.path(), json!({ "disabled": false })).ok("lti_consumer");
    world.wait(3_600_000);
    assert_eq!(post(&url, &form.fields).status, 403);
}
