//! Launches by LTI 1.3: the tool is asked to log the student in, asks back through the browser, and gets a signed token.

use examlink_lti::Secret;
use examlink_lti::v1p3::claims::{self, scope};
use examlink_lti::v1p3::id_token::{UnverifiedIdToken, VerifiedMessage};
use examlink_lti::v1p3::message::MessageType;
use examlink_lti::v1p3::migration::UnverifiedMigration;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::world::gradebook::until;
use crate::world::login::{Login, STATE};
use crate::world::{Form, Reply, World, http};

const LAUNCH: &str = "https://tool.example/launch";

/// A student whose exam holds a tool of LTI 1.3.
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
        let fields = json!({
            "tool_name": "Maths tool", "tool_url": LAUNCH, "lti_version": "1.3", "login_url": "https://tool.example/login",
            "redirect_uris": json!([LAUNCH, "https://tool.example/other?a=1"]).to_string(),
            "jwks_url": "https://tool.example/jwks",
        });
        let tool = world.administrator.post("/tool_providers", fields).created("tool_provider");
        let exam = world.exam();
        let resource = world.lti_resource(&exam, &tool);
        world.document(&exam, "{LTI_EXAM_1}");
        world.publish(&exam);
        let home = world.started(&world.student_session(&exam));
        Self { world, exam, tool, resource, home }
    }

    fn client_id(&self) -> &str {
        self.tool["registration"]["client_id"].as_str().unwrap()
    }

    /// The student opens the tool.
    fn opens(&self) -> Login {
        Login::at(&self.world.page(&format!("{}/launch/{}", self.home, self.resource["id"])))
    }

    /// What a tool asks of this login.
    fn asks(login: &Login) -> Vec<(&'static str, String)> {
        login.asked(LAUNCH)
    }

    /// The browser brings the tool's question.
    fn brings(&self, asked: &[(&str, String)], cookie: &str) -> Reply {
        self.world.authorize(asked, cookie)
    }

    /// A whole launch: the form that brings the token to the tool.
    fn launches(&self) -> Form {
        let login = self.opens();
        let page = self.brings(&Self::asks(&login), &login.cookie);
        assert_eq!(page.status, 200, "{}", page.text);
        Form::read(&page.text)
    }

    /// The token as a tool verifies it, with the keys that are published.
    fn verified(&self, form: &Form) -> VerifiedMessage {
        self.world.verified(form, self.client_id())
    }

    fn set(&self, fields: Value) {
        self.world.administrator.patch(&format!("/tool_providers/{}", self.tool["id"]), fields).ok("tool_provider");
    }
}

/// The tool is told an error.
fn told(page: &Reply, error: &str) {
    let form = Form::read(&page.text);
    assert_eq!((form.action.as_str(), form.get("error"), form.get("state")), (LAUNCH, Some(error), Some(STATE)));
    assert_eq!(form.get("id_token"), None);
}

/// One claim too many tells of a student what nobody agreed to, one too few and a tool does not open.
#[test]
fn lti_15_a_launch_says_these_claims_and_no_other() {
    let seat = Seat::new();
    let claims = serde_json::to_value(seat.verified(&seat.launches()).claims()).unwrap();
    let ours = format!("{}/user", seat.world.origin());
    let mut expected = vec![
        "aud",
        "azp",
        "exp",
        "iat",
        "iss",
        "nonce",
        "sub",
        &ours,
        "https://purl.imsglobal.org/spec/lti/claim/context",
        "https://purl.imsglobal.org/spec/lti/claim/deployment_id",
        "https://purl.imsglobal.org/spec/lti/claim/launch_presentation",
        "https://purl.imsglobal.org/spec/lti/claim/message_type",
        "https://purl.imsglobal.org/spec/lti/claim/platformnotificationservice",
        "https://purl.imsglobal.org/spec/lti/claim/resource_link",
        "https://purl.imsglobal.org/spec/lti/claim/roles",
        "https://purl.imsglobal.org/spec/lti/claim/target_link_uri",
        "https://purl.imsglobal.org/spec/lti/claim/tool_platform",
        "https://purl.imsglobal.org/spec/lti/claim/version",
        "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint",
        "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice",
        "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice",
    ];
    expected.sort_unstable();
    let mut told: Vec<&str> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    told.sort_unstable();
    assert_eq!(told, expected);
    let shown = &claims["https://purl.imsglobal.org/spec/lti/claim/launch_presentation"];
    let mut members: Vec<&str> = shown.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["document_target", "locale", "return_url"]);
    assert_eq!((&shown["document_target"], &shown["locale"]), (&json!("iframe"), &json!("en")));
    let tab = Login::at(&seat.world.page(&format!("{}/launch/{}?target=window", seat.home, seat.resource["id"])));
    let page = seat.brings(&Seat::asks(&tab), &tab.cookie);
    let in_tab = serde_json::to_value(seat.verified(&Form::read(&page.text)).claims()).unwrap();
    assert_eq!(in_tab["https://purl.imsglobal.org/spec/lti/claim/launch_presentation"]["document_target"], "window");
}

#[test]
fn a_student_is_logged_in_at_the_tool_and_arrives_with_a_signed_token() {
    let seat = Seat::new();
    let login = seat.opens();
    assert_eq!(login.form.action, "https://tool.example/login");
    let said = |name| login.form.get(name);
    assert_eq!(said("iss"), Some(&*seat.world.origin()));
    assert_eq!(said("client_id"), Some(seat.client_id()));
    assert_eq!(said("lti_deployment_id"), seat.tool["registration"]["deployment_id"].as_str());
    assert_eq!(said("target_link_uri"), Some(LAUNCH));
    let page = seat.brings(&Seat::asks(&login), &login.cookie);
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"), "{}", page.text);
    let form = Form::read(&page.text);
    assert_eq!((form.action.as_str(), form.get("state")), (LAUNCH, Some(STATE)));
    let message = seat.verified(&form);
    assert_eq!(message.message_type(), MessageType::ResourceLink);
    assert_eq!(message.target_link_uri(), Some(LAUNCH));
    assert_eq!(message.resource_link().unwrap().id, seat.resource["lti_resource_link_id"].as_str().unwrap());
    let claims = message.claims();
    assert_eq!((claims.text("name"), claims.text("email")), (None, None), "nobody has allowed that");
    assert!(message.user_id().is_some() && message.return_url().unwrap().starts_with(&seat.world.origin()));
    assert_eq!(message.context().unwrap().title.as_deref(), Some("Algebra"));
}

#[test]
fn a_tool_learns_of_a_student_what_its_switches_allow_and_no_variable_tells_more() {
    let seat = Seat::new();
    let custom = json!({ "Who": "$Person.name.full", "mail": "$Person.email.primary", "n": 3 }).to_string();
    seat.set(json!({ "share_name": true, "lti_custom_data": custom }));
    let message = seat.verified(&seat.launches());
    assert_eq!((message.claims().text("name"), message.claims().text("email")), (Some("Sam Student"), None));
    let expected = [("Who", "Sam Student"), ("mail", "$Person.email.primary"), ("n", "3")];
    let mut custom = message.custom();
    custom.sort();
    assert_eq!(custom, expected.map(|(name, value)| (name.into(), value.to_owned())));
    seat.set(json!({ "share_email": true }));
    assert_eq!(seat.verified(&seat.launches()).claims().text("email"), Some("sam@example.edu"));
}

#[test]
fn a_tool_is_told_where_it_may_ask_for_notices() {
    let seat = Seat::new();
    let claimed = || seat.verified(&seat.launches()).claims().value(claims::NOTIFICATION_SERVICE).cloned();
    let types = json!(["LtiHelloWorldNotice", "LtiContextCopyNotice"]);
    let claim = json!({
        "service_versions": ["1.0"], "scope": [scope::NOTICE_HANDLERS], "notice_types_supported": types,
        "platform_notification_service_url": format!("{}/lti/1.3/notice_handlers", seat.world.origin()),
    });
    assert_eq!(claimed(), Some(claim));
    let said = seat.world.page("/.well-known/openid-configuration").json;
    assert_eq!(said[claims::PLATFORM_CONFIGURATION]["notice_types_supported"], types);
    assert!(said["scopes_supported"].as_array().unwrap().contains(&json!(scope::NOTICE_HANDLERS)));
    seat.set(json!({ "scopes": [scope::LINE_ITEM] }));
    assert_eq!(claimed(), None);
}

/// Asks at an address with the token of a launch.
fn ask_who(url: &str, token: Option<&str>) -> Reply {
    let request = http().get(url);
    let authorization = token.map(|token| format!("Bearer {token}"));
    authorization.iter().fold(request, |request, value| request.header("Authorization", value)).send().unwrap().into()
}

#[test]
fn a_tool_asks_who_its_launch_was_about_and_learns_what_its_switches_allow() {
    let seat = Seat::new();
    seat.set(json!({ "share_name": true }));
    let message = seat.verified(&seat.launches());
    let user = message.claims().value(&format!("{}/user", seat.world.origin())).expect("a claim of ours").clone();
    let id = message.user_id().unwrap();
    assert_eq!((&user["id"], &user["name"], user.get("email")), (&json!(id), &json!("Sam Student"), None));
    let (url, token) = (user["userinfo"]["url"].as_str().unwrap(), user["userinfo"]["token"].as_str().unwrap());
    let reply = ask_who(url, Some(token));
    assert_eq!((reply.status, reply.header("cache-control")), (200, "no-store"), "{}", reply.text);
    assert_eq!(reply.json, json!({ "sub": id, "name": "Sam Student" }));
    seat.set(json!({ "share_name": false, "share_email": true }));
    assert_eq!(ask_who(url, Some(token)).json, json!({ "sub": id, "email": "sam@example.edu" }));
    let told = seat.verified(&seat.launches());
    let told = told.claims().value(&format!("{}/user", seat.world.origin())).unwrap();
    assert_eq!((&told["username"], user.get("username")), (&json!("sam@example.edu"), None));

    // Who has no token, a made up one, or asks elsewhere, is told so in JSON.
    let forged = format!("{}{}", if token.starts_with('9') { '8' } else { '9' }, &token[1..]);
    let id_token = seat.launches().get("id_token").unwrap().to_owned();
    for (url, token, error) in [
        (url, None, "unauthorized"),
        (url, Some(forged.as_str()), "invalid_token"),
        (url, Some(id_token.as_str()), "invalid_token"),
        (&format!("{}/userinfo", seat.world.origin()), Some(token), "unauthorized"),
        (&format!("{}/lti/userinfo", seat.world.origin()), Some(token), "unauthorized"),
    ] {
        let reply = ask_who(url, token);
        assert_eq!((reply.status, &reply.json["error"]), (401, &json!(error)), "{url} {}", reply.text);
        assert!(reply.json["error_description"].is_string() && reply.header("www-authenticate").starts_with("Bearer"));
    }
    seat.set(json!({ "active": false }));
    let reply = ask_who(url, Some(token));
    assert_eq!((reply.status, &reply.json["error"]), (403, &json!("access_denied")));
    seat.set(json!({ "active": true }));
    seat.world.wait(3_600_000);
    assert_eq!(ask_who(url, Some(token)).status, 401, "an hour later");

    let listed = || seat.world.teacher.get(&format!("/launches?exam_id={}", seat.exam["id"])).ok("launches");
    let launches = until("the launch is in the log", 10, || Some(listed()).filter(|all| !all[0].is_null()));
    let shown = seat.world.teacher.get(&format!("/launches/{}", launches[0]["id"])).ok("launch");
    assert!(shown.to_string().contains("/user") && !shown.to_string().contains(token), "{shown}");
}

#[test]
fn a_tool_that_spoke_1_1_is_told_by_a_proof_who_its_people_were() {
    let seat = Seat::new();
    let fresh = seat.verified(&seat.launches());
    assert!(UnverifiedMigration::find(fresh.claims()).is_none(), "it never spoke 1.1");

    let mut seat = seat;
    seat.tool = seat.world.tool_provider_at(LAUNCH);
    seat.resource = seat.world.lti_resource(&seat.exam, &seat.tool);
    seat.world.wait(1_000);
    seat.set(json!({
        "lti_version": "1.3", "login_url": "https://tool.example/login",
        "redirect_uris": json!([LAUNCH]).to_string(), "jwks_url": "https://tool.example/jwks",
    }));
    seat.tool = seat.world.administrator.get(&format!("/tool_providers/{}", seat.tool["id"])).ok("tool_provider");
    let message = seat.verified(&seat.launches());
    let claimed = UnverifiedMigration::find(message.claims()).expect("the claim");
    assert_eq!(claimed.consumer_key(), seat.tool["oauth_consumer_key"].as_str().unwrap());
    assert!(claimed.verify(&Secret::new("another secret"), seat.client_id()).is_err());
    let before = claimed.verify(&Secret::new("s3cretOfTheToolProvider"), seat.client_id()).unwrap();
    assert_eq!((before.user_id, before.resource_link_id), (None, None), "they are called what they were");
}

#[test]
fn the_question_may_come_as_a_form() {
    let seat = Seat::new();
    let login = seat.opens();
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(Seat::asks(&login)).finish();
    let url = format!("{}/lti/1.3/authorize", seat.world.origin());
    let request = http().post(&url).header("Cookie", &login.cookie);
    let page: Reply =
        request.header("Content-Type", "application/x-www-form-urlencoded").body(body).send().unwrap().into();
    seat.verified(&Form::read(&page.text));
    let json: Reply = http().post(&url).header("Content-Type", "application/json").body("{}").send().unwrap().into();
    assert_eq!(json.status, 400);
}

#[test]
fn lti_10_an_address_that_is_not_registered_letter_for_letter_gets_nothing() {
    let seat = Seat::new();
    for wrong in [
        "https://evil.example/launch",
        "http://tool.example/launch",
        "https://tool.example/launch/",
        "https://tool.example/launch?x=1",
        "https://tool.example/launch#x",
        "https://tool.example/Launch",
        "https://tool.example:443/launch",
        "https://x@tool.example/launch",
        "https://tool.example/%6caunch",
        "https://tool.example/other",
        "",
    ] {
        let login = seat.opens();
        let mut asked = Seat::asks(&login);
        asked[5].1 = wrong.into();
        let page = seat.brings(&asked, &login.cookie);
        assert_eq!(page.status, 400, "{wrong}");
        assert!(!page.text.contains("<form"), "{wrong}");
    }
    let login = seat.opens();
    let mut twice = Seat::asks(&login);
    twice.push(("redirect_uri", LAUNCH.into()));
    assert_eq!(seat.brings(&twice, &login.cookie).status, 400);
    let mut stranger = Seat::asks(&login);
    stranger[4].1 = "nobody".into();
    assert_eq!(seat.brings(&stranger, &login.cookie).status, 400);
}

#[test]
fn lti_10_a_question_that_breaks_the_protocol_is_told_so() {
    let seat = Seat::new();
    let cases = [
        (0, "profile", "invalid_scope"),
        (1, "code", "unsupported_response_type"),
        (1, "id_token token", "unsupported_response_type"),
        (2, "query", "invalid_request"),
        (3, "login", "invalid_request"),
        (7, "", "invalid_request"),
        (8, "", "invalid_request"),
        (8, "somebody-else", "access_denied"),
        (9, "", "invalid_request"),
    ];
    for (field, wrong, error) in cases {
        let login = seat.opens();
        let mut asked = Seat::asks(&login);
        asked[field].1 = wrong.into();
        let page = seat.brings(&asked, &login.cookie);
        assert_eq!(page.status, 200, "{wrong}");
        told(&page, error);
    }
}

#[test]
fn lti_10_a_launch_is_of_the_browser_that_started_it_and_serves_once() {
    let seat = Seat::new();
    let login = seat.opens();
    told(&seat.brings(&Seat::asks(&login), ""), "login_required");
    told(&seat.brings(&Seat::asks(&login), "__Host-session-1=00000000000000000000000000000000"), "login_required");
    assert_eq!(seat.brings(&Seat::asks(&login), &login.cookie).status, 200);
    let again = seat.brings(&Seat::asks(&login), &login.cookie);
    assert_eq!(again.status, 403);
    assert!(again.text.contains("Open the tool again"), "{}", again.text);
}

#[test]
fn lti_10_of_one_launch_asked_for_many_times_at_once_one_is_answered() {
    let seat = Seat::new();
    let login = seat.opens();
    let asked = Seat::asks(&login);
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..8).map(|_| scope.spawn(|| seat.brings(&asked, &login.cookie).status)).collect();
        asking.into_iter().map(|asking| asking.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
}

#[test]
fn lti_10_a_hint_ends_after_ten_minutes_and_with_the_exam() {
    let seat = Seat::new();
    let login = seat.opens();
    seat.world.wait(601_000);
    assert_eq!(seat.brings(&Seat::asks(&login), &login.cookie).status, 403);
    let login = seat.opens();
    let mut changed = Seat::asks(&login);
    changed[9].1.insert(0, '1');
    assert_eq!(seat.brings(&changed, &login.cookie).status, 403, "a hint that somebody made up");
    seat.world.teacher.patch(&format!("/exams/{}", seat.exam["id"]), json!({ "status": "closed" })).ok("exam");
    let closed = seat.brings(&Seat::asks(&login), &login.cookie);
    assert_eq!(closed.status, 403);
    assert!(closed.text.contains("closed"), "{}", closed.text);
}

#[test]
fn lti_10_a_student_who_is_put_away_or_taken_out_after_the_click_is_not_logged_in() {
    let seat = Seat::new();
    let listed = seat.world.teacher.get(&format!("/exams/{}/student_sessions", seat.exam["id"])).ok("students");
    let path = format!("/student_sessions/{}", listed[0]["id"]);
    let put_away = |archived: bool| seat.world.teacher.patch(&path, json!({ "archived": archived })).ok("student");
    let shut_out = |login: &Login, status: u16| {
        let page = seat.brings(&Seat::asks(login), &login.cookie);
        assert_eq!(page.status, status, "{}", page.text);
        assert!(!page.text.contains("<form") && !page.text.contains("id_token"), "{}", page.text);
    };
    let login = seat.opens();
    put_away(true);
    shut_out(&login, 403);
    put_away(false);
    let page = seat.brings(&Seat::asks(&login), &login.cookie);
    assert!(Form::read(&page.text).get("id_token").is_some(), "it was not used up: {}", page.text);
    let login = seat.opens();
    seat.world.teacher.delete(&path).ok("");
    shut_out(&login, 404);
}

#[test]
fn a_token_counts_from_the_answer_and_not_from_the_click() {
    let seat = Seat::new();
    let login = seat.opens();
    seat.world.wait(60_000);
    let page = seat.brings(&Seat::asks(&login), &login.cookie);
    let message = seat.verified(&Form::read(&page.text));
    let now = u64::try_from(seat.world.clock.now().seconds()).unwrap();
    let said = |name| message.claims().seconds(name).unwrap();
    assert_eq!((said(claims::ISSUED_AT), said(claims::EXPIRES)), (Some(now), Some(now + 300)));
}

#[test]
fn lti_10_a_hint_for_one_tool_is_of_no_use_to_another() {
    let seat = Seat::new();
    let fields = json!({
        "tool_name": "Other tool", "tool_url": LAUNCH, "lti_version": "1.3", "login_url": "https://tool.example/login",
        "redirect_uris": json!([LAUNCH]).to_string(),
    });
    let other = seat.world.administrator.post("/tool_providers", fields).created("tool_provider");
    let login = seat.opens();
    let mut asked = Seat::asks(&login);
    asked[4].1 = other["registration"]["client_id"].as_str().unwrap().into();
    told(&seat.brings(&asked, &login.cookie), "access_denied");
}

#[test]
fn lti_13_every_click_starts_another_launch() {
    let seat = Seat::new();
    let hints: std::collections::HashSet<String> =
        (0..20).map(|_| seat.opens().form.get("lti_message_hint").unwrap().to_owned()).collect();
    assert_eq!(hints.len(), 20);
}

#[test]
fn the_log_of_launches_tells_what_the_token_said_and_not_the_token() {
    let seat = Seat::new();
    let form = seat.launches();
    let listed = || seat.world.teacher.get(&format!("/launches?exam_id={}", seat.exam["id"])).ok("launches");
    let launches = until("the launch is in the log", 10, || Some(listed()).filter(|all| !all[0].is_null()));
    let shown = seat.world.teacher.get(&format!("/launches/{}", launches[0]["id"])).ok("launch");
    assert_eq!((&shown["url"], &shown["signed"]), (&json!(LAUNCH), &Value::Null));
    assert_eq!(shown["claims"]["aud"], json!(seat.client_id()));
    let signature = form.get("id_token").unwrap().rsplit('.').next().unwrap();
    assert!(!shown.to_string().contains(signature));
}

/// The newest launch in the log, once there are so many, with its checks: the one that failed, and how many came out so.
fn logged(seat: &Seat, count: usize) -> (Value, Value, [usize; 3]) {
    let listed = || seat.world.teacher.get(&format!("/launches?exam_id={}", seat.exam["id"])).ok("launches");
    let all = until("the launch is in the log", 10, || Some(listed()).filter(|all| !all[count - 1].is_null()));
    assert_eq!((all.as_array().unwrap().len(), &all[0]["checks"]), (count, &Value::Null), "lists are short");
    let shown = seat.world.teacher.get(&format!("/launches/{}", all[0]["id"])).ok("launch");
    let checks = shown["checks"].as_array().unwrap().clone();
    let failed = checks.iter().find(|check| check["outcome"] == "failed");
    let failed = failed.map_or(Value::Null, |check| check["name"].clone());
    let count = |outcome: &str| checks.iter().filter(|check| check["outcome"] == outcome).count();
    (shown, failed, ["passed", "failed", "not_made"].map(count))
}

#[test]
fn a_launch_says_how_each_check_of_its_login_came_out() {
    let seat = Seat::new();
    seat.launches();
    let (shown, failed, counts) = logged(&seat, 1);
    assert_eq!((&shown["status"], failed, counts), (&json!("launched"), Value::Null, [17, 0, 0]));
    let names: Vec<&str> =
        shown["checks"].as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names[..3], ["parameters", "client_id", "redirect_uri"]);
    assert_eq!(names[11..], ["lti_message_hint", "login_hint", "browser", "tool", "exam", "once"]);
}

#[test]
fn a_launch_that_is_refused_at_the_login_names_the_check_that_failed() {
    let seat = Seat::new();
    let mut count = 0;
    let mut refused = |wrong: &[(usize, &str)], cookie: Option<&str>, name: &str, why: &str| {
        let login = seat.opens();
        let mut asked = Seat::asks(&login);
        for (field, value) in wrong {
            asked[*field].1 = (*value).into();
        }
        count += 1;
        for _ in 0..3 {
            seat.brings(&asked, cookie.unwrap_or(&login.cookie));
        }
        let (shown, failed, [passed, one, rest]) = logged(&seat, count);
        assert_eq!((&shown["status"], &failed, one), (&json!("not_made"), &json!(name), 1), "{shown}");
        assert!(shown["error"].as_str().unwrap().contains(why), "{shown}");
        assert_eq!((passed + one + rest, &shown["signed"], &shown["claims"]), (17, &Value::Null, &Value::Null));
        for secret in [login.form.get("lti_message_hint").unwrap(), login.form.get("login_hint").unwrap()] {
            assert!(!shown.to_string().contains(secret), "{shown}");
        }
        // The student clicks again later.
        seat.world.wait(1_000);
    };
    refused(&[(4, "nobody")], None, "client_id", "no active tool");
    refused(&[(4, "")], None, "client_id", "client_id is missing");
    refused(&[(5, "https://tool.example/launch/")], None, "redirect_uri", "redirect_uri");
    refused(&[(1, "code")], None, "response_type", "must be id_token");
    refused(&[(0, "profile")], None, "scope", "must be openid");
    refused(&[(2, "query"), (7, "")], None, "response_mode", "must be form_post");
    refused(&[(3, "login")], None, "prompt", "must be none");
    refused(&[(7, "")], None, "nonce", "nonce is missing");
    refused(&[(8, "")], None, "login_hint", "login_hint is missing");
    refused(&[(8, "somebody-else")], None, "login_hint", "somebody else");
    refused(&[], Some("a=b"), "browser", "this browser did not start the launch");
    let other = seat.world.tool_1p3_with(json!({ "tool_name": "Other tool" }));
    refused(&[(4, &other.client_id)], None, "tool", "another tool");
}

#[test]
fn a_launch_that_comes_too_late_or_twice_says_so_in_the_log() {
    let seat = Seat::new();
    let late = seat.opens();
    seat.world.wait(601_000);
    assert_eq!(seat.brings(&Seat::asks(&late), &late.cookie).status, 403);
    let (shown, failed, counts) = logged(&seat, 1);
    assert_eq!((&shown["status"], failed, counts), (&json!("not_made"), json!("lti_message_hint"), [11, 1, 5]));
    let mut made_up = Seat::asks(&late);
    made_up[9].1.insert(0, '1');
    seat.brings(&made_up, &late.cookie);
    let login = seat.opens();
    assert_eq!(seat.brings(&Seat::asks(&login), &login.cookie).status, 200);
    assert_eq!(logged(&seat, 2).0["status"], "launched", "a hint that is not ours leaves nothing");
    assert_eq!(seat.brings(&Seat::asks(&login), &login.cookie).status, 403);
    let (_, failed, counts) = logged(&seat, 3);
    assert_eq!((failed, counts), (json!("once"), [16, 1, 0]));
    let login = seat.opens();
    seat.world.teacher.patch(&format!("/exams/{}", seat.exam["id"]), json!({ "status": "closed" })).ok("exam");
    seat.brings(&Seat::asks(&login), &login.cookie);
    assert_eq!(logged(&seat, 4).1, "exam");
}

#[test]
fn lti_12_two_keys_are_published_and_none_is_private() {
    let seat = Seat::new();
    let reply = seat.world.page("/.well-known/jwks.json");
    let keys: Value = serde_json::from_str(&reply.text).unwrap();
    let keys = keys["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2, "the one that signs and the next one");
    for key in keys {
        let mut members: Vec<&str> = key.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
    }
    let signs = seat.launches();
    let kid = UnverifiedIdToken::parse(signs.get("id_token").unwrap()).unwrap().kid().to_owned();
    assert!(keys.iter().any(|key| key["kid"] == kid));
}

#[test]
fn lti_12_keys_take_turns_and_one_that_has_signed_stays_published() {
    let seat = Seat::new();
    let first = seat.launches();
    let kid = |form: &Form| UnverifiedIdToken::parse(form.get("id_token").unwrap()).unwrap().kid().to_owned();
    // Ninety days later the next key signs; the exam has no end.
    seat.world.wait(90 * 86_400_000 + 1_000);
    let second = seat.launches();
    assert_ne!(kid(&first), kid(&second));
    let published = || seat.world.page("/.well-known/jwks.json").text;
    assert!(published().contains(&kid(&first)) && published().contains(&kid(&second)));
    seat.world.wait(25 * 3_600_000);
    seat.launches();
    assert!(!published().contains(&kid(&first)) && published().contains(&kid(&second)));
}

#[test]
fn the_configuration_names_every_address_and_each_is_here() {
    let seat = Seat::new();
    let reply = seat.world.page("/.well-known/openid-configuration");
    assert_eq!(reply.header("content-type"), "application/json");
    let said: Value = serde_json::from_str(&reply.text).unwrap();
    assert_eq!(said["issuer"], json!(seat.world.origin()));
    let addresses = [
        ("authorization_endpoint", "GET"),
        ("token_endpoint", "POST"),
        ("jwks_uri", "GET"),
        ("registration_endpoint", "POST"),
    ];
    for (address, method) in addresses {
        let url = said[address].as_str().unwrap();
        assert!(url.starts_with(&seat.world.origin()), "{address}");
        let reply: Reply = http().request(method.parse().unwrap(), url).send().unwrap().into();
        assert_ne!(reply.status, 404, "{address}");
    }
}
