//! Files and images that a tool gives: fetched at once, checked, and kept as attachments of the exam.

use serde_json::{Value, json};

use super::{Choice, signed};
use crate::attachments::files;
use crate::outgoing::Stranger;
use crate::world::advantage::public_pem;
use crate::world::{World, http};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nbits";
const PDF: &[u8] = b"%PDF-1.7 a plan";

/// A server of the tool that answers each call with this file.
fn serving(media_type: &str, body: &[u8]) -> Stranger {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\r\n", body.len());
    Stranger::saying([head.as_bytes(), body].concat())
}

fn file(title: &str, url: &str) -> Value {
    json!({ "type": "file", "title": title, "url": url })
}

fn image(title: &str, url: &str) -> Value {
    json!({ "type": "image", "title": title, "url": url, "width": 40, "height": 30 })
}

impl Choice {
    fn attachments(&self) -> Vec<Value> {
        let path = format!("/exams/{}/attachments", self.exam["id"]);
        self.world.teacher.get(&path).ok("attachments").as_array().unwrap().clone()
    }

    /// Nothing of what was given is there, in the database or on the disk.
    #[track_caller]
    fn holds_nothing(&self) {
        assert_eq!((self.attachments().len(), self.resources().len()), (0, 0));
        assert_eq!(files(&self.world.database).len(), 0, "a file without a row");
    }
}

#[test]
fn an_author_chooses_a_file_and_an_image_and_students_see_them() {
    let choice = Choice::new();
    let (plan, map) = (serving("application/pdf", PDF), serving("image/png", PNG));
    let items = json!([
        file("Plan of the exam", &format!("{}download?id=7", plan.url())),
        image("Map.png", &map.url()),
        { "type": "file", "url": format!("{}plan.pdf?signature=s3cret", plan.url()), "expiresAt": "2026-11-26T07:24:53Z" },
    ]);
    let (page, now) = choice.given(items);
    assert_eq!((&now["state"], plan.calls(), map.calls()), (&json!("done"), 2, 1), "{now}");
    let attachments = choice.attachments();
    let kept: Vec<(&str, &str, i64)> = attachments
        .iter()
        .map(|kept| {
            let text = |name: &str| kept[name].as_str().unwrap();
            (text("document_file_name"), text("document_content_type"), kept["document_file_size"].as_i64().unwrap())
        })
        .collect();
    let expected = [
        ("Plan_of_the_exam.pdf", "application/pdf", 15),
        ("Map.png", "image/png", 12),
        ("plan.pdf", "application/pdf", 15),
    ];
    assert_eq!(kept, expected);
    let placeholder = |at: usize| format!("{{{}}}", attachments[at]["placeholder"].as_str().unwrap());
    let item = |at: usize, kind: &str, title: &str| {
        json!({
            "type": kind, "title": title, "lti_resource_id": null, "attachment_id": attachments[at]["id"],
            "instructions": placeholder(at),
        })
    };
    let items = [item(0, "file", "Plan of the exam"), item(1, "image", "Map.png"), item(2, "file", "plan.pdf")];
    assert_eq!((&now["items"], &now["lti_resource_ids"]), (&json!(items), &json!([])));
    assert!(page.text.contains(&placeholder(1)) && !page.text.contains("s3cret"), "{}", page.text);

    let (home, seen) = choice.student_sees(&format!("<p>{} {}</p>", placeholder(0), placeholder(1)));
    let path = |at: usize| format!("{home}/attachments/{}", attachments[at]["id"]);
    assert!(seen.contains(&format!("<img class=\"attachment\" src=\"{}\" alt=\"Map.png\">", path(1))), "{seen}");
    assert!(seen.contains(&format!("href=\"{}\"", path(0))), "{seen}");
    let reply = http().get(format!("{}{}", choice.world.origin(), path(0))).send().unwrap();
    assert_eq!(reply.bytes().unwrap(), PDF);
}

#[test]
fn files_of_one_name_that_come_at_once_have_placeholders_of_their_own() {
    let choice = Choice::new();
    let plan = serving("application/pdf", PDF);
    choice.world.attachment(&choice.exam, "plan.pdf", "application/pdf", PDF);
    let url = format!("{}plan.pdf", plan.url());
    let given = choice.instructions(json!([{ "type": "file", "url": url }, { "type": "file", "url": url }]));
    assert_eq!(given, ["{1795677594_plan.pdf}", "{1795677595_plan.pdf}"]);
    assert_eq!(files(&choice.world.database).len(), 3);
}

#[test]
fn net_01_nothing_is_fetched_from_where_this_server_must_not_call() {
    let strict = World::with(World::standing_clock(), |settings| settings.outgoing_allow = String::new());
    let choice = Choice::in_world(strict, json!({ "jwks_url": null, "public_key": public_pem(0) }));
    let secret = serving("text/plain", b"secret");
    let port = secret.url().trim_end_matches('/').rsplit(':').next().unwrap().to_owned();
    for (url, why) in [
        (format!("http://127.0.0.1:{port}/x.txt"), "not on the public internet"),
        (format!("http://localhost:{port}/x.txt"), "not on the public internet"),
        (format!("http://[::1]:{port}/x.txt"), "not on the public internet"),
        (format!("https://2130706433:{port}/x.txt"), "not on the public internet"),
        ("https://169.254.169.254/latest/meta-data.txt".into(), "not on the public internet"),
        ("http://169.254.169.254/latest/meta-data.txt".into(), "only https is called"),
        ("https://10.0.0.1/x.txt".into(), "not on the public internet"),
        ("https://user:pass@tool.example/x.txt".into(), "url"),
        ("file:///etc/passwd".into(), "url"),
        ("data:text/plain,x".into(), "url"),
    ] {
        for item in [file("Odd", &url), image("Odd", &url)] {
            let error = choice.refusal(json!([super::link("Fine"), item]));
            assert!(error.contains(why), "{url}: {error}");
        }
    }
    assert_eq!(secret.calls(), 0);
    choice.holds_nothing();
}

#[test]
fn what_cannot_be_fetched_or_is_not_what_it_says_is_refused_and_leaves_nothing() {
    let choice = Choice::new();
    let good = serving("application/pdf", PDF);
    let saying = |head: &str| Stranger::saying(format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n"));
    let (gone, moved) = (saying("404 X"), saying(&format!("302 X\r\nLocation: {}", good.url())));
    let page = serving("text/html", b"<script>alert(1)</script>");
    let nobody = "http://127.0.0.1:1/x.pdf".to_owned();
    for (item, why) in [
        (file("Odd", &format!("{}x.pdf", gone.url())), "answered 404"),
        (file("Odd", &format!("{}x.pdf", moved.url())), "redirect"),
        (file("Odd", &nobody), "no connection"),
        (file("Odd", &page.url()), "without an extension"),
        (file("Odd.html", &page.url()), "of a type that is not taken"),
        (file("Odd.pdf", &page.url()), "application/pdf"),
        (file("Odd.txt", &page.url()), "text/plain"),
        (image("Odd.png", &page.url()), "image/png"),
        (image("Odd", &format!("{}x.pdf", good.url())), "is no image"),
        (json!({ "type": "file", "title": "Odd", "url": good.url(), "expiresAt": "2026-11-26T07:19:53Z" }), "expired"),
    ] {
        let error = choice.refusal(json!([file("Plan.pdf", &good.url()), item]));
        assert!(error.contains("“Odd") && error.contains(why), "{item}: {error}");
        choice.holds_nothing();
    }
    let signed = json!([{ "type": "file", "url": format!("{}x.pdf?signature=s3cret", gone.url()) }]);
    let error = choice.refusal(signed);
    assert!(error.contains("x.pdf”") && !error.contains("s3cret"), "{error}");
    let many: Vec<Value> = (0..11).map(|_| file("Plan.pdf", &good.url())).collect();
    let before = good.calls();
    assert!(choice.refusal(json!(many)).contains("at most 10"));
    assert_eq!(good.calls(), before);
}

#[test]
fn dos_01_a_file_that_is_too_large_or_finds_no_room_is_refused_and_leaves_nothing() {
    let small = World::with(World::standing_clock(), |settings| settings.attachment_quota_megabytes = 1);
    let choice = Choice::in_world(small, json!({}));
    let most = 25 << 20;
    let huge = serving("text/plain", &vec![b'a'; most + 1]);
    let error = choice.refusal(json!([file("Huge.txt", &huge.url())]));
    assert!(error.contains("longer than 26214400 bytes"), "{error}");
    choice.holds_nothing();
    let half = serving("text/plain", &vec![b'a'; 600_000]);
    let two = json!([super::link("Quiz"), file("One.txt", &half.url()), file("Two.txt", &half.url())]);
    let error = choice.refusal(two);
    assert!(error.contains("1048576 of 1048576 bytes"), "{error}");
    choice.holds_nothing();
    choice.instructions(json!([file("One.txt", &half.url())]));
    assert_eq!(files(&choice.world.database).len(), 1);
}

#[test]
fn an_answer_that_comes_again_or_too_late_fetches_nothing() {
    let choice = Choice::new();
    let plan = serving("application/pdf", PDF);
    let items = json!([file("Plan.pdf", &plan.url())]);
    let selection = choice.begin();
    let request = choice.request(&selection);
    let token = signed(choice.said(&request, items.clone()), 0);
    assert_eq!(choice.sends(&token).status, 303);
    assert!([401, 409].contains(&choice.sends(&token).status), "replayed");
    let again = super::with(choice.said(&request, items.clone()), "nonce", json!("another"));
    assert_eq!(choice.answers(again).status, 409);
    let late = choice.begin();
    let request = choice.request(&late);
    choice.world.wait(120 * super::MINUTES);
    assert_eq!(choice.answers(choice.said(&request, items)).status, 409);
    assert_eq!((plan.calls(), files(&choice.world.database).len()), (1, 1));
}

#[test]
fn files_of_an_author_who_lost_the_exam_are_not_kept() {
    let choice = Choice::new();
    let plan = serving("application/pdf", PDF);
    let selection = choice.begin();
    let said = choice.said(&choice.request(&selection), json!([file("Plan.pdf", &plan.url())]));
    let teacher = format!("/institutes/{}/users/{}", choice.world.institute, selection["user_id"]);
    choice.world.administrator.patch(&teacher, json!({ "disabled": true })).ok("user");
    assert_eq!(choice.answers(said).status, 303);
    let path = format!("{}/{}", choice.path(), selection["id"]);
    let now = choice.world.administrator.get(&path).ok("selection");
    assert_eq!((&now["state"], &now["items"]), (&json!("failed"), &json!([])));
    assert_eq!((plan.calls(), files(&choice.world.database).len()), (1, 0));
}
