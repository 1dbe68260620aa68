//! The second launch of the LTI Security Update: a tool makes sure who is in the browser.

use serde_json::{Value, json};

use crate::world::{Form, Reply, World, http};

/// A student in front of a tool that takes a second launch.
struct Seat {
    world: World,
    exam: Value,
    tool: Value,
    resource: Value,
    home: String,
}

impl Seat {
    fn new() -> Self {
        let world = World::new();
        let (exam, tool) = (world.exam(), world.tool_provider());
        let resource = world.lti_resource(&exam, &tool);
        world.document(&exam, "{LTI_EXAM_1}");
        world.publish(&exam);
        let path = format!("/tool_providers/{}", tool["id"]);
        world.administrator.patch(&path, json!({ "offer_relaunch": true })).ok("tool_provider");
        let home = world.started(&world.student_session(&exam));
        Self { world, exam, tool, resource, home }
    }

    /// A first launch, and the cookie that the browser keeps of it.
    fn launch(&self) -> (Form, String) {
        let page = self.world.page(&format!("{}/launch/{}?target=window", self.home, self.resource["id"]));
        let cookie = page.header("set-cookie").split(';').next().unwrap().to_owned();
        (Form::read(&page.text), cookie)
    }

    /// What the tool asks back after a launch.
    fn asks(&self, launch: &Form, tool_state: &str) -> Form {
        let states = [("platform_state", launch.get("platform_state").unwrap()), ("tool_state", tool_state)];
        self.world.tool().signs(launch.get("relaunch_url").unwrap(), &states)
    }
}

/// A browser with a cookie submits a form.
fn submit(form: &Form, cookie: &str) -> Reply {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
    let request = http().post(&form.action).header("Content-Type", "application/x-www-form-urlencoded");
    request.header("Cookie", cookie).body(body).send().unwrap().into()
}

#[test]
fn lti_14_a_tool_asks_who_is_in_the_browser_and_gets_a_second_launch() {
    let seat = Seat::new();
    let (first, cookie) = seat.launch();
    assert_eq!(first.get("relaunch_url"), Some(&*format!("{}/lti/1.1/relaunch", seat.world.origin())));
    let page = submit(&seat.asks(&first, "t-1 & <x>"), &format!("other=1; {cookie}"));
    assert_eq!(page.status, 200, "{}", page.text);
    let second = Form::read(&page.text);
    assert_eq!(second.action, "https://tool.example/launch");
    assert_eq!(second.get("tool_state"), Some("t-1 & <x>"));
    for same in ["platform_state", "user_id", "resource_link_id", "launch_presentation_document_target"] {
        assert_eq!(second.get(same), first.get(same), "{same}");
    }
    assert_ne!(second.get("oauth_nonce"), first.get("oauth_nonce"));
    assert_eq!(second.get("relaunch_url"), None, "the tool would ask for ever");
}

#[test]
fn the_cookie_is_one_that_a_form_of_another_site_brings_along_and_no_script_reads() {
    let seat = Seat::new();
    let page = seat.world.page(&format!("{}/launch/{}", seat.home, seat.resource["id"]));
    let cookie = page.header("set-cookie");
    for part in ["__Host-", "; Path=/", "; Max-Age=600", "; Secure", "; HttpOnly", "; SameSite=None"] {
        assert!(cookie.contains(part), "{cookie}");
    }
}

#[test]
fn lti_14_another_browser_gets_no_second_launch() {
    let seat = Seat::new();
    let (first, cookie) = seat.launch();
    // The attacker's launch in the victim's browser, which has the victim's cookie, or none.
    let path = format!("/exams/{}/student_sessions", seat.exam["id"]);
    let victim = json!({ "name": "Vic Tim", "email": "vic@example.edu" });
    let victim = seat.world.teacher.post(&path, victim).created("student");
    let page = seat.world.page(&format!("{}/launch/1", seat.world.started(&victim)));
    let victims = page.header("set-cookie").split(';').next().unwrap();
    assert_eq!(submit(&seat.asks(&first, "t-1"), victims).status, 403, "{victims}");
    let (name, value) = cookie.split_once('=').unwrap();
    let others = ["", "x", &format!("{name}="), &format!("{name}=0{value}"), &format!("__Host-session-2={value}")];
    for other in others {
        assert_eq!(submit(&seat.asks(&first, "t-1"), other).status, 403, "{other}");
    }
    assert_eq!(submit(&seat.asks(&first, "t-1"), &cookie).status, 200);
}

#[test]
fn a_state_serves_once_and_for_ten_minutes() {
    let seat = Seat::new();
    let (first, cookie) = seat.launch();
    let asked = seat.asks(&first, "t-1");
    assert_eq!(submit(&asked, &cookie).status, 200);
    assert_eq!(submit(&asked, &cookie).status, 403, "the same form");
    assert_eq!(submit(&seat.asks(&first, "t-2"), &cookie).status, 403, "the same state");
    let (one, _) = seat.launch();
    let (two, _) = seat.launch();
    assert_ne!(one.get("platform_state"), two.get("platform_state"), "two clicks at the same time");
    assert_eq!(submit(&seat.asks(&one, "t"), &cookie).status, 200);
    seat.world.wait(600_000);
    assert_eq!(submit(&seat.asks(&two, "t"), &cookie).status, 403, "too late");
}

#[test]
fn a_forged_question_is_refused() {
    let seat = Seat::new();
    let (first, cookie) = seat.launch();
    let right = seat.asks(&first, "t-1");
    for (name, status) in [("tool_state", 401), ("oauth_signature", 401), ("oauth_nonce", 401), ("platform_state", 403)]
    {
        let mut forged = right.clone();
        forged.fields.iter_mut().find(|(known, _)| known == name).unwrap().1.insert(0, '1');
        assert_eq!(submit(&forged, &cookie).status, status, "{name}");
    }
    let mut other = seat.world.tool();
    other.secret = "anotherSecret".into();
    let states = [("platform_state", first.get("platform_state").unwrap()), ("tool_state", "t-1")];
    assert_eq!(submit(&other.signs(&right.action, &states), &cookie).status, 401);
    assert_eq!(submit(&seat.world.tool().signs(&right.action, &states[..1]), &cookie).status, 401, "no tool_state");
    assert_eq!(submit(&seat.world.tool().signs(&right.action, &states[1..]), &cookie).status, 401, "no platform_state");
    assert_eq!(submit(&right, &cookie).status, 200, "none of them spent the state");
}

#[test]
fn aut_09_a_second_launch_asks_the_exams_door_again() {
    let seat = Seat::new();
    let (first, cookie) = seat.launch();
    seat.world.teacher.patch(&format!("/exams/{}", seat.exam["id"]), json!({ "status": "closed" })).ok("exam");
    let page = submit(&seat.asks(&first, "t-1"), &cookie);
    assert!(page.status == 403 && page.text.contains("The exam is closed"), "{}", page.text);
}

#[test]
fn a_launch_offers_nothing_of_it_unless_the_tool_provider_says_so() {
    let seat = Seat::new();
    let path = format!("/tool_providers/{}", seat.tool["id"]);
    assert_eq!(seat.world.tool_provider()["offer_relaunch"], false, "strict tools refuse what they do not know");
    seat.world.administrator.patch(&path, json!({ "offer_relaunch": false })).ok("tool_provider");
    let page = seat.world.page(&format!("{}/launch/{}", seat.home, seat.resource["id"]));
    let form = Form::read(&page.text);
    assert_eq!((form.get("relaunch_url"), form.get("platform_state"), page.header("set-cookie")), (None, None, ""));
}
