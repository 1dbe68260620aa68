//! The student's pages as they are sent: their states, their headers, and what a launch says.

use serde_json::{Value, json};

use crate::world::{World, shown_scripts};

const TIME: &str = "2026-11-26T07:19:53.143Z";

struct Seat {
    world: World,
    exam: Value,
    tool: Value,
    resource: Value,
    session: Value,
}

impl Seat {
    fn new() -> Self {
        Self::in_world(World::new())
    }

    fn in_world(world: World) -> Self {
        let (exam, tool) = (world.exam(), world.tool_provider());
        let resource = world.lti_resource(&exam, &tool);
        world.document(&exam, "<p>Begin.</p>{LTI_EXAM_1}");
        let session = world.student_session(&exam);
        Self { world, exam, tool, resource, session }
    }

    fn published() -> Self {
        let seat = Self::new();
        seat.world.publish(&seat.exam);
        seat
    }

    fn home(&self) -> String {
        format!("/sessions/{}", self.session["token"].as_str().unwrap())
    }

    fn change_exam(&self, fields: Value) {
        self.world.teacher.patch(&format!("/exams/{}", self.exam["id"]), fields).ok("exam");
    }

    fn change_session(&self, fields: Value) {
        self.world.teacher.patch(&format!("/student_sessions/{}", self.session["id"]), fields).ok("student");
    }

    #[track_caller]
    fn says(&self, status: u16, text: &str) {
        let page = self.world.page(&self.home());
        assert!(page.status == status && page.text.contains(text), "{} {}", page.status, page.text);
    }
}

#[test]
fn the_page_follows_the_exam_from_draft_to_closed() {
    let seat = Seat::new();
    seat.says(403, "not open");
    seat.world.publish(&seat.exam);
    seat.says(200, "Ready to start");
    let home = seat.world.started(&seat.session);
    seat.says(200, "Running");
    assert_eq!(seat.world.press(&format!("{home}/start")).status, 303, "a second click is harmless");
    assert_eq!(seat.world.press(&format!("{home}/finish")).status, 303);
    seat.says(200, "Finished");
    let launch = seat.world.page(&format!("{home}/launch/1"));
    assert_eq!(launch.status, 403, "{}", launch.text);
}

#[test]
fn a_closed_exam_and_a_wrong_link_say_what_happened() {
    let seat = Seat::published();
    seat.change_exam(json!({ "status": "closed" }));
    seat.says(403, "closed");
    for token in ["", "x", &"0".repeat(64), "1", seat.session["student_id"].as_str().unwrap()] {
        let page = seat.world.page(&format!("/sessions/{token}"));
        assert_eq!(page.status, 404, "{token}");
    }
}

#[test]
fn the_server_enforces_open_time_end_extra_time_duration_and_expiry() {
    let seat = Seat::published();
    let minutes = 60_000;
    seat.change_session(json!({ "open_time": "2026-11-26T07:29:53Z" }));
    seat.says(200, "Not open yet");
    assert_eq!(seat.world.press(&format!("{}/start", seat.home())).status, 303);
    seat.says(200, "Not open yet");
    seat.world.wait(10 * minutes);
    seat.change_exam(json!({ "use_duration": true, "duration_minutes": 30 }));
    seat.change_session(json!({ "extra_time_minutes": 15 }));
    let home = seat.world.started(&seat.session);
    seat.world.wait(44 * minutes);
    seat.says(200, "Running");
    seat.world.launch_form(&home, &seat.resource);
    seat.world.wait(2 * minutes);
    seat.says(200, "Over");
    assert_eq!(seat.world.page(&format!("{home}/launch/1")).status, 403);
    seat.change_session(json!({ "extra_time_minutes": 60 }));
    seat.says(200, "Running");
    seat.change_session(json!({ "expires_at": TIME }));
    seat.says(200, "Over");
}

#[test]
fn a_tool_is_launched_only_while_the_exam_runs() {
    let seat = Seat::published();
    let path = format!("{}/launch/{}", seat.home(), seat.resource["id"]);
    assert_eq!(seat.world.page(&path).status, 403, "not started");
    let home = seat.world.started(&seat.session);
    assert_eq!(seat.world.page(&path).status, 200);
    for other in ["0", "999", "x", "%00"] {
        assert_eq!(seat.world.page(&format!("{home}/launch/{other}")).status, 404, "{other}");
    }
    seat.change_exam(json!({ "status": "closed" }));
    assert_eq!(seat.world.page(&path).status, 403, "closed meanwhile");
}

#[test]
fn every_click_makes_a_launch_of_its_own_that_no_cache_keeps() {
    let seat = Seat::published();
    let home = seat.world.started(&seat.session);
    let (one, two) = (seat.world.launch_form(&home, &seat.resource), seat.world.launch_form(&home, &seat.resource));
    assert_ne!(one.get("oauth_nonce"), two.get("oauth_nonce"));
    assert_ne!(one.get("oauth_signature"), two.get("oauth_signature"));
    assert_eq!(seat.world.page(&format!("{home}/launch/1")).header("cache-control"), "no-store");
}

#[test]
fn a_launch_says_what_is_known_and_no_more_than_the_privacy_switches_allow() {
    let seat = Seat::published();
    let home = seat.world.started(&seat.session);
    let form = seat.world.launch_form(&home, &seat.resource);
    for (name, value) in [
        ("lti_message_type", "basic-lti-launch-request"),
        ("lti_version", "LTI-1p0"),
        ("resource_link_title", "Quiz"),
        ("roles", "Learner"),
        ("context_title", "Algebra"),
        ("launch_presentation_document_target", "iframe"),
        ("tool_consumer_info_product_family_code", "examlink"),
        ("tool_consumer_instance_name", "First University"),
        ("oauth_callback", "about:blank"),
    ] {
        assert_eq!(form.get(name), Some(value), "{name}");
    }
    assert_eq!(form.get("resource_link_id"), seat.resource["lti_resource_link_id"].as_str());
    assert_eq!(form.get("user_id"), seat.session["student_id"].as_str());
    let told = format!("{:?}", form.fields);
    assert!(!told.contains("Sam") && !told.contains("sam@example.edu"), "{told}");
    assert!(!told.contains(seat.session["token"].as_str().unwrap()), "the tool must not learn the student's link");
    let tool = format!("/tool_providers/{}", seat.tool["id"]);
    seat.world.administrator.patch(&tool, json!({ "share_name": true, "share_email": true })).ok("tool_provider");
    let form = seat.world.launch_form(&home, &seat.resource);
    assert_eq!(form.get("lis_person_name_full"), Some("Sam Student"));
    assert_eq!(form.get("lis_person_contact_email_primary"), Some("sam@example.edu"));
    assert!(seat.world.page(&home).text.contains("your e-mail address"), "the student is told");
    let tab = seat.world.page(&format!("{home}/launch/1?target=window"));
    assert!(tab.text.contains("value=\"window\""), "{}", tab.text);
}

#[test]
fn xss_04_a_launch_form_carries_every_character_as_data() {
    let seat = Seat::published();
    let name = "\"><script>alert(1)</script> & 'x' <é>";
    let custom = json!({ "note": "line one\nline \"two\" <b>&amp;" }).to_string();
    let path = format!("/lti_resources/{}", seat.resource["id"]);
    let fields = json!({ "lti_resource_link_name": name, "lti_custom_data": custom });
    seat.world.teacher.patch(&path, fields).ok("lti_resource");
    let home = seat.world.started(&seat.session);
    let form = seat.world.launch_form(&home, &seat.resource);
    assert_eq!(form.get("resource_link_title"), Some(name));
    assert_eq!(
        form.get("custom_note"),
        Some("line one\r\nline \"two\" <b>&amp;"),
        "browsers send CRLF, so it is signed"
    );
    let page = seat.world.page(&format!("{home}/launch/1")).text;
    assert!(!page.contains("<script>alert"), "{page}");
    for url in
        ["javascript:alert(1)", "data:text/html,x", "http://tool.example/", "https://a@b.example/", "//evil.example"]
    {
        seat.world.teacher.patch(&path, json!({ "lti_resource_launch_url": url })).refused(422, "parameter_invalid");
    }
}

#[test]
fn xss_03_a_value_that_looks_like_a_placeholder_is_not_expanded() {
    let seat = Seat::published();
    let path = format!("/lti_resources/{}", seat.resource["id"]);
    seat.world.teacher.patch(&path, json!({ "lti_resource_link_name": "{LTI_EXAM_1}" })).ok("lti_resource");
    seat.change_session(json!({ "individual_info": "{LTI_EXAM_1}" }));
    let home = seat.world.started(&seat.session);
    let page = seat.world.page(&home).text;
    assert_eq!(page.matches("<iframe").count(), 1, "{page}");
}

#[test]
fn xss_05_every_page_has_a_strict_policy_and_no_inline_script_or_style() {
    let seat = Seat::published();
    let home = seat.world.started(&seat.session);
    let launch = seat.world.launch_form(&home, &seat.resource);
    let back = launch.get("launch_presentation_return_url").unwrap().replace(&seat.world.origin(), "");
    let (exam, frame, back) = (home.clone(), format!("{home}/launch/1"), back);
    let strict = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;";
    for (path, forms, frames, ancestors) in [
        (exam.as_str(), "'self'", "'self' https:", "'none'"),
        (frame.as_str(), "'self' https:", "'none'", "'self'"),
        (back.as_str(), "'self'", "'none'", "'self'"),
        ("/sessions/wrong", "'self'", "'none'", "'self'"),
        ("/docs/errors", "'self'", "'none'", "'none'"),
        ("/nowhere", "'self'", "'none'", "'none'"),
    ] {
        let page = seat.world.page(path);
        let rest = format!(" form-action {forms}; frame-src {frames}; base-uri 'none'; frame-ancestors {ancestors}");
        assert_eq!(page.header("content-security-policy"), format!("{strict}{rest}"), "{path}");
        assert_eq!(shown_scripts(&page.text), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn xss_06_every_reply_carries_the_headers_that_browsers_need() {
    let seat = Seat::published();
    let home = seat.world.started(&seat.session);
    let api = seat.world.teacher.get("/exams");
    let pages =
        ["/livez", "/openapi.json", "/assets/exam.css", "/nowhere", home.as_str()].map(|path| seat.world.page(path));
    for reply in pages.iter().chain([&api]) {
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
        assert_eq!(reply.header("cross-origin-opener-policy"), "same-origin-allow-popups");
        assert!(reply.header("content-type").contains('/'), "{:?}", reply.headers);
        assert!(!reply.header("x-request-id").is_empty());
        assert_eq!(reply.header("strict-transport-security"), "", "only behind TLS");
    }
    assert_eq!(api.header("cache-control"), "no-store");
    let secure = World::with(examlink::clock::Clock::system(), |settings| {
        settings.public_url = Some("https://exams.example.edu".into());
    });
    assert!(secure.page("/livez").header("strict-transport-security").starts_with("max-age=31536000"));
}

#[test]
fn web_04_a_tools_message_is_shown_as_text_and_only_under_the_address_of_a_launch() {
    let seat = Seat::published();
    let home = seat.world.started(&seat.session);
    let form = seat.world.launch_form(&home, &seat.resource);
    let back = form.get("launch_presentation_return_url").unwrap().replace(&seat.world.origin(), "");
    let page =
        seat.world.page(&format!("{back}?lti_msg=%3Cb%3Esaved%3C/b%3E&lti_errormsg=no&lti_log=x&lti_errorlog=y"));
    assert!(page.text.contains("&#60;b&#62;saved") && page.text.contains("no"), "{}", page.text);
    assert!(!page.text.contains(seat.session["token"].as_str().unwrap()), "the page must not hold the student's link");
    for forged in [format!("{back}0"), back.replace("/return/1-", "/return/2-"), "/return/x".into()] {
        assert_eq!(seat.world.page(&format!("{forged}?lti_msg=evil")).status, 404, "{forged}");
    }
}
