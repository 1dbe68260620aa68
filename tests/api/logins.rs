//! Launches by LTI 1.3: the tool is asked to log the student in, asks back through the browser, and gets a signed token.

mod errors;
mod keys;
mod log;
mod userinfo;

use examlink_lti::Secret;
use examlink_lti::v1p3::claims::{self, scope};
use examlink_lti::v1p3::id_token::VerifiedMessage;
use examlink_lti::v1p3::message::MessageType;
use examlink_lti::v1p3::migration::UnverifiedMigration;
use serde_json::{Value, json};
use url::form_urlencoded;

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

#[test]
fn a_tool_that_spoke_1_1_is_told_by_a_proof_who_its_people_were() {
    let seat = Seat::new();
    let fresh = seat.verified(&seat.launches());
    assert!(UnverifiedMigration::find(fresh.claims()).is_none(), "it never spoke 1.1");
    assert_eq!(fresh.claims().value(claims::BASIC_OUTCOME), None);

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
    let outcome = message.claims().value(claims::BASIC_OUTCOME).expect("it may hand grades back as it did");
    assert_eq!(outcome["lis_outcome_service_url"], format!("{}/lti/1.1/outcomes", seat.world.origin()));
    assert!(outcome["lis_result_sourcedid"].as_str().unwrap().contains('-'), "{outcome}");

    // The proof is of the deployment that the message is from.
    let path = format!("/tool_providers/{}/deployments", seat.tool["id"]);
    let law = seat.world.administrator.post(&path, json!({ "name": "Faculty of Law" })).created("tool_deployment");
    seat.resource = seat.world.lti_resource_at(&seat.exam, &law);
    let message = seat.verified(&seat.launches());
    assert_eq!(Some(message.deployment_id()), law["deployment_id"].as_str());
    let claimed = UnverifiedMigration::find(message.claims()).expect("the claim");
    claimed.verify(&Secret::new("s3cretOfTheToolProvider"), seat.client_id()).unwrap();
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
