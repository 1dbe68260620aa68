//! Tools of LTI 1.3 that nobody here wrote, and what a browser makes of a launch.

use std::sync::mpsc;

use fantoccini::Locator;
use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::browser::{awaited, click, enter_frame, sees};
use crate::interop::Tool;
use crate::world::{World, http, with_browser, with_browser_that};

/// A tool that runs, registered at the platform, and told of it.
pub struct Registered {
    pub tool: Tool,
    pub provider: Value,
}

impl Registered {
    /// Starts a tool and does what the administrators of both sides do. `host` is the tool's, for browsers.
    pub fn start(world: &World, program: &str, host: &str) -> Self {
        let tool = Tool::start(program, &[]);
        let origin = tool.origin.replace("127.0.0.1", host);
        let fields = json!({
            "tool_name": "Quiz", "lti_version": "1.3", "share_name": true, "tool_url": format!("{origin}/launch"),
            "login_url": format!("{origin}/login"), "redirect_uris": json!([format!("{origin}/launch")]).to_string(),
            "jwks_url": format!("{origin}/jwks"),
        });
        let provider = world.administrator.post("/tool_providers", fields).created("tool_provider");
        let registered = Self { tool, provider };
        registered.is_told(world, &[&registered.provider["registration"]["deployment_id"]]);
        registered
    }

    /// Tells the tool of its platform, and where it is deployed there.
    fn is_told(&self, world: &World, deployment_ids: &[&Value]) {
        let said = world.page("/.well-known/openid-configuration");
        let said: Value = serde_json::from_str(&said.text).unwrap();
        let platform = json!({
            "issuer": said["issuer"], "client_id": self.provider["registration"]["client_id"],
            "auth_login_url": said["authorization_endpoint"], "auth_token_url": said["token_endpoint"],
            "key_set_url": said["jwks_uri"], "deployment_ids": deployment_ids,
        });
        let met = http().post(format!("{}/platform", self.tool.origin)).header("Content-Type", "application/json");
        assert_eq!(met.body(platform.to_string()).send().unwrap().status(), 200);
    }

    /// An exam with a link into the tool, and the address of a student's page that has begun it.
    pub fn exam(&self, world: &World, in_new_tab: bool) -> (Value, String) {
        let exam = world.exam();
        let resource = world.lti_resource(&exam, &self.provider);
        let fields = json!({ "open_in_new_tab": in_new_tab });
        world.teacher.patch(&format!("/lti_resources/{}", resource["id"]), fields).ok("lti_resource");
        world.document(&exam, &format!("<p>Begin.</p>{{{}}}", resource["placeholder"].as_str().unwrap()));
        world.publish(&exam);
        let home = world.started(&world.student_session(&exam));
        (exam, format!("{}{home}", world.origin()))
    }
}

#[test]
fn interop_a_tool_on_pylti1p3next_registers_itself_and_is_used() {
    let world = World::in_real_time();
    let tool = Tool::start_with_pylti1p3next("tool_pylti1p3.py");
    let fields = json!({ "registration_url": format!("{}/register", tool.origin) });
    let leave = world.administrator.post("/tool_registrations", fields).ok("tool_registration");
    let url = leave["url"].as_str().unwrap().to_owned();
    with_browser(|page| async move {
        page.goto(&url).await.unwrap();
        sees(&page, "The registration is now complete").await;
    });
    let providers = world.administrator.get("/tool_providers").ok("tool_providers");
    let provider = &providers[0];
    assert_eq!(
        (&provider["tool_name"], &provider["registration"]["active"]),
        (&json!("Quiz that registered itself"), &json!(false))
    );
    let path = format!("/tool_providers/{}", provider["id"]);
    let provider = world.administrator.patch(&path, json!({ "active": true, "share_name": true })).ok("tool_provider");
    let registered = Registered { tool, provider };
    let (_, page) = registered.exam(&world, false);
    let launch = launched(&page);
    assert_eq!(registered.asks(&launch, "claims")["name"], "Sam Student");
    registered.sends(&launch, "scores", &json!({ "given": 3, "maximum": 4 }));
    assert_eq!(registered.asks(&launch, "results")[0]["resultScore"], json!(75.0));
    let members = registered.asks(&launch, "members");
    assert!(members.as_array().unwrap().iter().any(|member| member["name"] == "Sam Student"), "{members}");
}

/// Opens a student's page in a browser, and gives the name that the tool gave the launch.
fn launched(exam: &str) -> String {
    let (page_url, (send, launch)) = (exam.to_owned(), mpsc::channel());
    with_browser(|page| async move {
        page.goto(&page_url).await.unwrap();
        enter_frame(&page).await;
        let name = awaited(&page, Locator::Id("launch")).await;
        send.send(name.text().await.unwrap()).unwrap();
    });
    launch.recv().unwrap()
}

impl Registered {
    /// What the tool got from a service of the platform.
    fn asks(&self, launch: &str, service: &str) -> Value {
        let reply = http().get(format!("{}/launches/{launch}/{service}", self.tool.origin)).send().unwrap();
        answer(reply)
    }

    fn sends(&self, launch: &str, service: &str, what: &Value) -> Value {
        let request = http().post(format!("{}/launches/{launch}/{service}", self.tool.origin));
        answer(request.header("Content-Type", "application/json").body(what.to_string()).send().unwrap())
    }
}

#[track_caller]
fn answer(reply: Response) -> Value {
    let (status, text) = (reply.status(), reply.text().unwrap());
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn interop_pylti1p3_asks_who_takes_the_exam_and_hands_back_grades() {
    let world = World::in_real_time();
    let registered = Registered::start(&world, "tool_pylti1p3.py", "127.0.0.1");
    let (exam, page) = registered.exam(&world, false);
    let launch = launched(&page);

    let members = registered.asks(&launch, "members");
    let student = members.as_array().unwrap().iter().find(|member| member["name"] == "Sam Student").unwrap();
    assert_eq!(student["user_id"], registered.asks(&launch, "claims")["sub"], "{members}");

    let before = registered.asks(&launch, "line_items");
    assert_eq!(before[0]["label"], "Quiz", "{before}");
    registered.sends(&launch, "scores", &json!({ "given": 31, "maximum": 40 }));
    let result = &registered.asks(&launch, "results")[0];
    assert_eq!((&result["userId"], &result["resultScore"]), (&student["user_id"], &json!(77.5)), "{result}");
    let path = format!("/exams/{}/results", exam["id"]);
    let stored = world.teacher.get(&path).ok("results");
    assert_eq!(stored[0]["score"], json!(0.775), "{stored}");

    let essay = json!({ "label": "Essay", "maximum": 20, "tag": "essay" });
    let created = registered.sends(&launch, "line_items", &essay);
    assert_eq!(registered.sends(&launch, "line_items", &essay), created, "found again by its tag");
    let own = json!({ "given": 5, "maximum": 20, "label": "Essay", "tag": "essay" });
    registered.sends(&launch, "scores", &own);
    let items = registered.asks(&launch, "line_items");
    assert_eq!(items.as_array().unwrap().len(), 2, "{items}");
}

#[test]
fn interop_pylti1p3_takes_launches_of_the_deployments_that_it_was_told_of() {
    let world = World::in_real_time();
    let registered = Registered::start(&world, "tool_pylti1p3.py", "127.0.0.1");
    let deployments = format!("/tool_providers/{}/deployments", registered.provider["id"]);
    let law = world.administrator.post(&deployments, json!({ "name": "Law" })).created("tool_deployment");
    let (_, first) = registered.exam(&world, false);
    let exam = world.exam();
    let resource = world.lti_resource_at(&exam, &law);
    world.document(&exam, &format!("<p>Begin.</p>{{{}}}", resource["placeholder"].as_str().unwrap()));
    world.publish(&exam);
    let second = format!("{}{}", world.origin(), world.started(&world.student_session(&exam)));
    let page_url = second.clone();
    with_browser(|page| async move {
        page.goto(&page_url).await.unwrap();
        enter_frame(&page).await;
        sees(&page, "launch refused: Unable to find deployment").await;
    });
    let default = &registered.provider["registration"]["deployment_id"];
    registered.is_told(&world, &[default, &law["deployment_id"]]);
    for (page, deployment_id) in [(&first, default), (&second, &law["deployment_id"])] {
        let launch = launched(page);
        let said = registered.asks(&launch, "claims");
        assert_eq!(&said["https://purl.imsglobal.org/spec/lti/claim/deployment_id"], deployment_id);
        registered.sends(&launch, "scores", &json!({ "given": 3, "maximum": 4 }));
        assert_eq!(registered.asks(&launch, "results")[0]["resultScore"], json!(75.0));
    }
}

#[test]
fn interop_an_author_chooses_quizzes_in_a_tool_on_pylti1p3() {
    let world = World::in_real_time();
    let registered = Registered::start(&world, "tool_pylti1p3.py", "127.0.0.1");
    let provider = format!("/tool_providers/{}", registered.provider["id"]);
    world.administrator.patch(&provider, json!({ "use_as_basic_link": false })).ok("tool_provider");
    let exam = world.exam();
    let selections = format!("/exams/{}/selections", exam["id"]);
    let fields = json!({ "tool_provider_id": registered.provider["id"] });
    let selection = world.teacher.post(&selections, fields).created("selection");
    let url = selection["selection_url"].as_str().unwrap().to_owned();
    with_browser(|page| async move {
        page.goto(&url).await.unwrap();
        sees(&page, "Added to the exam").await;
        sees(&page, "LTI_EXAM_2").await;
    });
    let selection = world.teacher.get(&format!("{selections}/{}", selection["id"])).ok("selection");
    assert_eq!(selection["state"], "done", "{selection}");
    let quizzes = world.teacher.get(&format!("/lti_resources?exam_id={}", exam["id"])).ok("lti_resources");
    let named = |name: &str| quizzes.as_array().unwrap().iter().find(|quiz| quiz["lti_resource_link_name"] == name);
    assert!(named("Chapter 4 quiz").is_some(), "{quizzes}");
    let quiz = named("Chapter 3 quiz").unwrap();
    assert_eq!(
        (&quiz["line_item_maximum"], quiz["lti_custom_data"].as_str()),
        (&json!(40.0), Some("{\"chapter\":\"3\"}"))
    );

    let placeholder = quiz["placeholder"].as_str().unwrap();
    world.document(&exam, &format!("<p>Begin.</p>{{{placeholder}}}"));
    world.publish(&exam);
    let home = world.started(&world.student_session(&exam));
    let launch = launched(&format!("{}{home}", world.origin()));
    let said = registered.asks(&launch, "claims");
    assert_eq!(said["https://purl.imsglobal.org/spec/lti/claim/custom"]["chapter"], "3", "{said}");
}

#[test]
fn interop_a_student_reaches_a_tool_on_pylti1p3_in_the_page_and_in_a_tab() {
    let world = World::in_real_time();
    let registered = Registered::start(&world, "tool_pylti1p3.py", "127.0.0.1");
    let (_, framed) = registered.exam(&world, false);
    let (_, linked) = registered.exam(&world, true);
    with_browser(|page| async move {
        page.goto(&framed).await.unwrap();
        enter_frame(&page).await;
        sees(&page, "PyLTI1p3 has verified the launch of Sam Student").await;
        page.goto(&linked).await.unwrap();
        click(&page, "Quiz").await;
        let (mut windows, from) = (page.windows().await.unwrap(), page.window().await.unwrap());
        while windows.len() < 2 {
            windows = page.windows().await.unwrap();
        }
        let tab = windows.into_iter().find(|window| *window != from).unwrap();
        page.switch_to_window(tab).await.unwrap();
        sees(&page, "PyLTI1p3 has verified the launch of Sam Student").await;
    });
}

#[test]
fn interop_a_tool_that_may_set_no_cookie_keeps_its_state_in_the_exam_page() {
    let world = World::in_real_time();
    // Another site than the platform's, whose cookies the browser takes from no frame.
    let registered = Registered::start(&world, "tool_without_cookies.py", "localhost");
    let (_, exam) = registered.exam(&world, false);
    let no_cookies = json!({ "profile.block_third_party_cookies": true, "profile.cookie_controls_mode": 1 });
    with_browser_that(&["--test-third-party-cookie-phaseout"], no_cookies, |page| async move {
        page.goto(&exam).await.unwrap();
        enter_frame(&page).await;
        sees(&page, "verified without a cookie").await;
        let cookie = "document.cookie = 'a=b; SameSite=None; Secure'; return document.cookie";
        assert_eq!(page.execute(cookie, vec![]).await.unwrap(), json!(""), "third-party cookies are blocked");
    });
}
