//! Attachments: an author gives files to an exam, and its students see them where their placeholders stand.

use std::fs::{self, File};
use std::io::Read as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::world::wire::Wire;
use crate::world::{Database, Process, World, assert_members, http, superuser, until};

const FIELDS: &str = "id exam_id document_file_name document_content_type document_file_size document_updated_at \
    placeholder created_at updated_at";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\nbits";
/// The largest file, in bytes.
const MOST: usize = 25 << 20;

/// The names and contents of the files on the disk.
pub fn files(database: &Database) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(database.attachments()) else { return Vec::new() };
    let path = entries.map(|entry| entry.unwrap().path());
    path.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())).collect()
}

/// The path of an exam's attachments.
fn list(exam: &Value) -> String {
    format!("/exams/{}/attachments", exam["id"])
}

#[test]
fn an_author_gives_a_file_to_an_exam_reads_of_it_and_deletes_it() {
    let world = World::new();
    let exam = world.exam();
    let reply = world.attach(&exam, "image2.jpg", "image/jpeg", b"\xFF\xD8\xFF\xE0".to_vec());
    let attachment = reply.created("attachment");
    assert_members(&attachment, FIELDS);
    assert_eq!(attachment["placeholder"], "1795677593_image2.jpg");
    assert_eq!(
        (&attachment["document_file_name"], &attachment["document_content_type"], &attachment["document_file_size"]),
        (&json!("image2.jpg"), &json!("image/jpeg"), &json!(4))
    );
    let path = format!("{}/{}", list(&exam), attachment["id"]);
    assert_eq!(reply.header("location"), format!("/api/v3{path}"));
    assert_eq!(world.teacher.get(&path).ok("attachment"), attachment);
    assert_eq!(world.auditor.get(&list(&exam)).ok("attachments"), json!([attachment]));
    let [(name, content)] = &files(&world.database)[..] else { panic!("one file") };
    assert!(name.len() == 32 && !name.contains("image2"), "{name}");
    assert_eq!(content, b"\xFF\xD8\xFF\xE0");

    assert_eq!(world.teacher.delete(&path).json, json!({}));
    world.teacher.get(&path).refused(404, "not_found");
    assert_eq!(world.teacher.get(&list(&exam)).ok("attachments"), json!([]));
    assert!(files(&world.database).is_empty());
}

#[test]
fn the_other_parameters_of_the_body_are_signed_and_the_file_is_not() {
    let world = World::new();
    let exam = world.exam();
    let call = world.teacher.call("POST", &list(&exam), Value::Null).with_file("document", "a.txt", "text/plain", "a");
    assert!(!call.signed().contains_key("document"));
    call.clone().with("exam_id", exam["id"].clone()).send().created("attachment");
    let wrong = call.with("nonce", "77").send_signed(&"0".repeat(64));
    wrong.refused(401, "invalid_signature");
    let unknown = world.teacher.call("POST", &list(&exam), json!({ "colour": "red" }));
    let unknown = unknown.with_file("document", "b.txt", "text/plain", "b").send();
    assert_eq!(unknown.refused(422, "parameter_invalid").json["errors"][0]["field"], "colour");
    assert_eq!(files(&world.database).len(), 1, "what is refused leaves nothing");
}

#[test]
fn a_call_without_a_file_or_with_two_says_so() {
    let world = World::new();
    let exam = world.exam();
    let call = || world.teacher.call("POST", &list(&exam), Value::Null);
    let elsewhere = call().with_file("file", "a.txt", "text/plain", "a").send();
    elsewhere.refused(422, "parameter_invalid");
    assert!(elsewhere.json["detail"].as_str().unwrap().contains("it takes one as document"), "{}", elsewhere.text);
    call().as_form().send().refused(422, "parameter_missing");
    let reply = world.teacher.post(&list(&exam), json!({}));
    reply.refused(422, "parameter_missing");
    assert_eq!(reply.json["error"], "Param is missing or the value is empty: document");
    let part = "--part\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a.txt\"\r\n\r\na\r\n";
    let id = exam["id"].to_string();
    let stamp = world.teacher.stamp(&[("exam_id", &id)]);
    let twice = world.teacher.wire(
        &format!("POST {}?{stamp}", list(&exam)),
        &[("Content-Type", "multipart/form-data; boundary=part")],
        format!("{part}{part}--part--\r\n"),
    );
    twice.refused(400, "duplicate_parameter");
    assert!(files(&world.database).is_empty());
}

#[test]
fn web_05_name_type_and_content_must_agree_and_nothing_that_runs_is_taken() {
    let world = World::new();
    let exam = world.exam();
    for (name, media_type, content) in [
        ("a.html", "text/html", &b"<p>x</p>"[..]),
        ("a.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.js", "text/javascript", b"alert(1)"),
        ("a.exe", "application/octet-stream", b"MZ"),
        ("a.png", "image/png", b"<script>alert(1)</script>"),
        ("a.png", "text/html", PNG),
        ("a.txt", "text/plain", b" <!doctype html><script>alert(1)</script>"),
        ("noextension", "text/plain", b"text"),
    ] {
        let reply = world.attach(&exam, name, media_type, content);
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], "document", "{name}");
    }
    assert_eq!((files(&world.database), world.database.rows("attachments")), (Vec::new(), 0));
}

#[test]
fn web_05_a_name_is_never_a_path() {
    let world = World::new();
    let exam = world.exam();
    for (given, kept) in [
        ("../../../etc/passwd.txt", "passwd.txt"),
        ("..\\\\boot.txt", "boot.txt"),
        ("a b<c>{d}.txt", "a_b_c__d_.txt"),
        ("LTI_EXAM_1.txt", "LTI-EXAM-1.txt"),
    ] {
        let attachment = world.attachment(&exam, given, "text/plain", "text");
        assert_eq!(attachment["document_file_name"], kept, "{given}");
    }
    let files = files(&world.database);
    assert_eq!(files.len(), 4);
    assert!(files.iter().all(|(name, _)| name.bytes().all(|byte| byte.is_ascii_hexdigit())), "{files:?}");
}

#[test]
fn web_05_a_file_of_25_megabytes_is_taken_and_a_byte_more_is_not() {
    let world = World::new();
    let exam = world.exam();
    let text = |size: usize| vec![b'a'; size];
    let attachment = world.attachment(&exam, "most.txt", "text/plain", text(MOST));
    assert_eq!(attachment["document_file_size"], MOST);
    let mut wire = Wire::to(world.address);
    let head = format!(
        "POST /api/v3{} HTTP/1.1\r\nHost: x\r\nAuthorization: Token token={}\r\n\
         Content-Type: multipart/form-data; boundary=part\r\nContent-Length: {}\r\n\r\n",
        list(&exam),
        world.teacher.token,
        MOST + (2 << 20)
    );
    wire.send(head);
    let heard = wire.hear_reply();
    assert_eq!(heard.status(), 413, "{heard:?}");
    let reply = world.attach(&exam, "more.txt", "text/plain", text(MOST + 1));
    reply.refused(413, "too_large");
    assert!(reply.json["detail"].as_str().unwrap().contains("26214400"), "{}", reply.text);
    assert_eq!(files(&world.database).len(), 1);
}

#[test]
fn web_05_whoever_has_no_token_is_refused_before_the_file_is_sent() {
    let world = World::new();
    let exam = world.exam();
    for token in ["x".to_owned(), world.nobody().token, world.disabled_administrator().token] {
        let mut wire = Wire::to(world.address);
        wire.send(format!(
            "POST /api/v3{} HTTP/1.1\r\nHost: x\r\nAuthorization: Token token={token}\r\n\
             Content-Type: multipart/form-data; boundary=part\r\nContent-Length: {MOST}\r\n\r\n\
             --part\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a.txt\"\r\n\r\n{}",
            list(&exam),
            "a".repeat(1 << 20)
        ));
        let heard = wire.hear();
        assert_eq!((heard.status(), heard.closed), (401, true), "{heard:?}");
        assert!(heard.text.contains("\"invalid_signature\""), "{heard:?}");
    }
    assert!(files(&world.database).is_empty());
}

#[test]
fn dos_01_the_other_parts_and_other_calls_stay_within_a_megabyte() {
    let world = World::new();
    let exam = world.exam();
    let long = "x".repeat(1 << 20);
    let call = world.teacher.call("POST", &list(&exam), json!({ "name": long.clone() }));
    call.with_file("document", "a.txt", "text/plain", "a").send().refused(413, "too_large");
    let elsewhere = world.teacher.call("POST", "/exams", json!({ "name": "Algebra", "type": "demo" }));
    elsewhere.with_file("document", "a.txt", "text/plain", long).send().refused(413, "too_large");
}

#[test]
fn web_05_an_institute_has_a_quota() {
    let world = World::with(World::standing_clock(), |settings| settings.attachment_quota_megabytes = 1);
    let exam = world.exam();
    let first = world.attachment(&exam, "a.txt", "text/plain", vec![b'a'; 700_000]);
    let reply = world.attach(&exam, "b.txt", "text/plain", vec![b'b'; 700_000]);
    reply.refused(422, "parameter_invalid");
    assert_eq!(reply.json["errors"][0]["code"], "quota_exceeded");
    assert!(reply.json["detail"].as_str().unwrap().contains("348576 of 1048576 bytes"), "{}", reply.text);
    let others = world.stranger.post("/exams", json!({ "name": "Theirs", "type": "demo" })).created("exam");
    let call = world.stranger.call("POST", &list(&others), Value::Null);
    call.with_file("document", "c.txt", "text/plain", vec![b'c'; 700_000]).send().created("attachment");
    world.teacher.delete(&format!("{}/{}", list(&exam), first["id"])).ok("");
    world.attachment(&exam, "b.txt", "text/plain", vec![b'b'; 700_000]);
    assert_eq!(files(&world.database).len(), 2);
}

#[test]
fn the_same_name_twice_in_a_second_is_one_placeholder_and_is_refused() {
    let world = World::new();
    let exam = world.exam();
    world.attachment(&exam, "a.txt", "text/plain", "a");
    world.attach(&exam, "a.txt", "text/plain", "b").refused(422, "taken");
    world.wait(1_000);
    let later = world.attachment(&exam, "a.txt", "text/plain", "b");
    assert_eq!(later["placeholder"], "1795677594_a.txt");
    assert_eq!(files(&world.database).len(), 2);
}

/// A published exam with an image and a text in its instructions, and the page of a student who takes it.
struct Seat {
    world: World,
    exam: Value,
    image: Value,
    text: Value,
    home: String,
}

impl Seat {
    fn taken() -> Self {
        let world = World::new();
        let exam = world.exam();
        let image = world.attachment(&exam, "map.png", "image/png", PNG);
        let text = world.attachment(&exam, "été.txt", "text/plain", "Il fait beau.");
        let placeholder = |attachment: &Value| attachment["placeholder"].as_str().unwrap().to_owned();
        let content = format!("<p>{{{}}} and {{{}}} and {{1_none.txt}}</p>", placeholder(&image), placeholder(&text));
        world.document(&exam, &content);
        world.publish(&exam);
        let home = world.started(&world.student_session(&exam));
        Self { world, exam, image, text, home }
    }

    fn path_of(&self, attachment: &Value) -> String {
        format!("{}/attachments/{}", self.home, attachment["id"])
    }
}

#[test]
fn instructions_show_images_link_other_files_and_leave_what_names_none() {
    let seat = Seat::taken();
    let page = seat.world.page(&seat.home).text;
    for part in [
        format!("<img class=\"attachment\" src=\"{}\" alt=\"map.png\">", seat.path_of(&seat.image)),
        format!("href=\"{}\" target=\"_blank\" rel=\"noopener\">été.txt</a>", seat.path_of(&seat.text)),
        " and {1_none.txt}</p>".into(),
    ] {
        assert!(page.contains(&part), "{part}: {page}");
    }
}

#[test]
fn web_05_a_file_is_sent_as_a_sandboxed_download() {
    let seat = Seat::taken();
    let reply = http().get(format!("{}{}", seat.world.origin(), seat.path_of(&seat.text))).send().unwrap();
    let header = |name: &str| reply.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(reply.status().as_u16(), 200);
    assert_eq!(header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(header("content-disposition"), "attachment; filename=\"_t_.txt\"; filename*=UTF-8''%C3%A9t%C3%A9%2Etxt");
    assert_eq!(header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(
        (header("x-content-type-options"), header("cache-control")),
        ("nosniff".into(), "private, no-store".into())
    );
    assert_eq!(header("content-length"), "13");
    let mut content = Vec::new();
    { reply }.read_to_end(&mut content).unwrap();
    assert_eq!(content, b"Il fait beau.");
}

#[test]
fn web_05_a_file_is_sent_only_to_students_of_the_exam_while_they_take_it() {
    let seat = Seat::taken();
    let world = &seat.world;
    let other = world.exam();
    world.publish(&other);
    let strangers = world.student_session(&other);
    let id = &seat.image["id"];
    let outside = format!("/sessions/{}/attachments/{id}", strangers["token"].as_str().unwrap());
    assert_eq!(world.page(&outside).status, 404);
    assert_eq!(world.page(&format!("/sessions/{}/attachments/{id}", "0".repeat(32))).status, 404);
    assert_eq!(world.page(&format!("{}/attachments/999", seat.home)).status, 404);
    assert_eq!(world.page(&format!("{}/attachments/..%2Fexamlink.db", seat.home)).status, 404);
    let late = json!({ "name": "Lea Late", "email": "lea@example.edu" });
    let late = world.teacher.post(&format!("/exams/{}/student_sessions", seat.exam["id"]), late).created("student");
    let waiting = format!("/sessions/{}/attachments/{id}", late["token"].as_str().unwrap());
    assert_eq!(world.page(&waiting).status, 403, "not before the start");
    assert_eq!(world.page(&seat.path_of(&seat.image)).status, 200);
    assert_eq!(world.press(&format!("{}/finish", seat.home)).status, 303);
    assert_eq!(world.page(&seat.path_of(&seat.image)).status, 403, "not after the end");
}

#[test]
fn a_file_that_an_open_exam_shows_is_kept() {
    let seat = Seat::taken();
    let path = format!("{}/{}", list(&seat.exam), seat.image["id"]);
    let reply = seat.world.teacher.delete(&path);
    reply.refused(423, "locked");
    assert_eq!(reply.json["error"]["open_exam"][0][0]["id"], seat.exam["id"]);
    let unused = seat.world.attachment(&seat.exam, "unused.txt", "text/plain", "x");
    seat.world.teacher.delete(&format!("{}/{}", list(&seat.exam), unused["id"])).ok("");
    seat.world.teacher.patch(&format!("/exams/{}", seat.exam["id"]), json!({ "status": "closed" })).ok("exam");
    seat.world.teacher.delete(&path).ok("");
    assert_eq!(files(&seat.world.database).len(), 1);
}

#[test]
fn a_start_removes_files_that_a_crash_left_without_a_row_and_no_other() {
    let database = Database::fresh();
    let root = superuser(&database);
    let server = Process::serve(&database);
    let caller = server.caller(&root);
    let institute = caller.post("/institutes", json!({ "name": "First", "short_name": "F" })).created("institute");
    let exam = json!({ "name": "Algebra", "type": "demo", "institute_id": institute["id"] });
    let exam = caller.post("/exams", exam).created("exam");
    let call = caller.call("POST", &list(&exam), Value::Null);
    call.with_file("document", "kept.txt", "text/plain", "kept").send().created("attachment");
    server.stop();
    let age = |file: &File, by: Duration| file.set_modified(file.metadata().unwrap().modified().unwrap() - by).unwrap();
    let (old, young) = (Duration::from_hours(2), Duration::from_mins(1));
    for (name, by) in [("a".repeat(32), old), ("b".repeat(32), young), ("notes-of-the-operator".into(), old)] {
        age(&File::create(database.attachments().join(name)).unwrap(), by);
    }
    let kept = files(&database).into_iter().find(|(_, content)| content == b"kept").unwrap().0;
    age(&File::options().write(true).open(database.attachments().join(&kept)).unwrap(), old);
    let _server = Process::serve(&database);
    let old = database.attachments().join("a".repeat(32));
    until("the old one is gone", || (!old.exists()).then_some(()));
    let mut left: Vec<String> = files(&database).into_iter().map(|(name, _)| name).collect();
    left.sort();
    let mut expected = vec![kept, "b".repeat(32), "notes-of-the-operator".into()];
    expected.sort();
    assert_eq!(left, expected);
}
