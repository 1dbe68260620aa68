//! Tools of LTI 1.3 that nobody here wrote, and what a browser makes of a launch.

use serde_json::{Value, json};

use crate::browser::{click, enter_frame, sees};
use crate::interop::Tool;
use crate::world::{World, http, with_browser, with_browser_that};

/// A tool that runs, registered at the platform, and told of it.
pub struct Registered {
    _tool: Tool,
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
        let said = world.page("/.well-known/openid-configuration");
        let said: Value = serde_json::from_str(&said.text).unwrap();
        let platform = json!({
            "issuer": said["issuer"], "client_id": provider["registration"]["client_id"],
            "auth_login_url": said["authorization_endpoint"], "auth_token_url": said["token_endpoint"],
            "key_set_url": said["jwks_uri"], "deployment_ids": [provider["registration"]["deployment_id"]],
        });
        let met = http().post(format!("{}/platform", tool.origin)).header("Content-Type", "application/json");
        assert_eq!(met.body(platform.to_string()).send().unwrap().status(), 200);
        Self { _tool: tool, provider }
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
