//! Tools of LTI 1.3 that register themselves (Dynamic Registration 1.0), and tools that are registered by what they say
//! of themselves.

use std::thread;

use serde_json::{Value, json};
use url::Url;

use crate::world::until;
use crate::world::{Reply, World, http};

const TOOL: &str = "https://purl.imsglobal.org/spec/lti-tool-configuration";
const SCORE: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/score";
const LINE_ITEM: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem";
const REGISTRATION: &str = "https://purl.imsglobal.org/spec/lti-reg/scope/registration";
const MINUTES: i64 = 60_000;

/// What a tool says of itself.
fn described() -> Value {
    json!({
        "application_type": "web", "response_types": ["id_token"], "grant_types": ["implict", "client_credentials"],
        "initiate_login_uri": "https://tool.example/login",
        "redirect_uris": ["https://tool.example/launch", "https://tool.example/choose?of=all"],
        "client_name": "Maths tool", "jwks_uri": "https://tool.example/keys",
        "logo_uri": "https://tool.example/logo.png", "token_endpoint_auth_method": "private_key_jwt",
        "scope": format!("{LINE_ITEM} {SCORE} {REGISTRATION} openid"),
        TOOL: {
            "domain": "tool.example", "target_link_uri": "https://tool.example/launch",
            "custom_parameters": { "course": "A1" }, "claims": ["iss", "sub", "name"],
            "messages": [
                { "type": "LtiResourceLinkRequest", "custom_parameters": { "unit": "$Context.id" } },
                { "type": "LtiDeepLinkingRequest", "target_link_uri": "https://tool.example/choose?of=all" },
            ],
        },
    })
}

/// The description with `pointer` set to `value`, or taken away by `null`.
fn with(pointer: &str, value: Value) -> Value {
    let mut said = described();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = said.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Value::Null => parent.remove(name),
        value => parent.insert(name.to_owned(), value),
    };
    said
}

/// A pointer to a member of the tool's part.
fn of_the_tool(name: &str) -> String {
    format!("/{}/{name}", TOOL.replace('/', "~1"))
}

/// What the tool's page is told when the administrator opens it.
struct Opened {
    configuration: String,
    token: String,
}

fn open(world: &World) -> Opened {
    let fields = json!({ "registration_url": "https://tool.example/register?plan=7" });
    let reply = world.administrator.post("/tool_registrations", fields).ok("tool_registration");
    let url = Url::parse(reply["url"].as_str().unwrap()).unwrap();
    assert_eq!(url.origin().ascii_serialization(), "https://tool.example");
    let said = |name: &str| url.query_pairs().find(|(given, _)| given == name).unwrap().1.into_owned();
    assert_eq!(said("plan"), "7");
    Opened { configuration: said("openid_configuration"), token: said("registration_token") }
}

fn send(world: &World, token: &str, body: &str) -> Reply {
    let request = http().post(format!("{}/lti/1.3/register", world.origin())).body(body.to_owned());
    let request = request.header("Content-Type", "application/json");
    request.header("Authorization", format!("Bearer {token}")).send().unwrap().into()
}

fn register(world: &World, token: &str, said: &Value) -> Reply {
    send(world, token, &said.to_string())
}

#[track_caller]
fn assert_refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, &reply.json["error"]), (status, &json!(code)), "{}", reply.text);
    assert!(!reply.json["error_description"].as_str().unwrap().is_empty());
    assert_eq!((reply.header("content-type"), reply.header("cache-control")), ("application/json", "no-store"));
}

fn tools(world: &World) -> Vec<Value> {
    world.administrator.get("/tool_providers").ok("tool_providers").as_array().unwrap().clone()
}

#[test]
fn a_tool_registers_itself_and_waits_for_the_administrator() {
    let world = World::new();
    let opened = open(&world);
    let configuration: Reply = http().get(&opened.configuration).send().unwrap().into();
    assert_eq!(configuration.json["issuer"], world.origin());
    assert_eq!(configuration.json["registration_endpoint"], format!("{}/lti/1.3/register", world.origin()));

    let reply = register(&world, &opened.token, &described());
    assert_eq!((reply.status, reply.header("cache-control")), (201, "no-store"), "{}", reply.text);
    let [tool] = tools(&world).try_into().unwrap();
    let registration = &tool["registration"];
    assert_eq!(reply.json["client_id"], registration["client_id"]);
    assert_eq!(reply.json[TOOL]["deployment_id"], registration["deployment_id"]);
    assert_eq!(reply.json["scope"], format!("{LINE_ITEM} {LINE_ITEM}.readonly {SCORE} {REGISTRATION}"));
    let own = format!("{}/lti/1.3/registrations/{}", world.origin(), reply.json["client_id"].as_str().unwrap());
    assert_eq!(reply.json["registration_client_uri"], own);
    assert_eq!((&reply.json["application_type"], &reply.json["client_name"]), (&json!("web"), &json!("Maths tool")));

    for (name, value) in [
        ("tool_name", json!("Maths tool")),
        ("lti_version", json!("1.3")),
        ("tool_url", json!("https://tool.example/launch")),
        ("use_as_basic_link", json!(false)),
        ("lti_custom_data", json!("{\"course\":\"A1\",\"unit\":\"$Context.id\"}")),
        ("share_name", json!(false)),
        ("share_email", json!(false)),
        ("institute_id", json!(world.institute)),
    ] {
        assert_eq!(tool[name], value, "{name}");
    }
    for (name, value) in [
        ("login_url", json!("https://tool.example/login")),
        ("redirect_uris", described()["redirect_uris"].clone()),
        ("jwks_url", json!("https://tool.example/keys")),
        ("public_key", Value::Null),
        ("deep_linking_url", json!("https://tool.example/choose?of=all")),
        ("scopes", json!([LINE_ITEM, format!("{LINE_ITEM}.readonly"), SCORE, REGISTRATION])),
        ("active", json!(false)),
    ] {
        assert_eq!(registration[name], value, "{name}");
    }
    let path = format!("/tool_providers/{}", tool["id"]);
    let approved = json!({ "active": true, "scopes": [SCORE] });
    let approved = world.administrator.patch(&path, approved).ok("tool_provider");
    assert_eq!(approved["registration"]["active"], true);
    assert_eq!(approved["registration"]["scopes"], json!([SCORE]));
    assert_eq!(approved["registration"]["client_id"], registration["client_id"]);
}

#[test]
fn d17_a_tool_that_registered_itself_is_not_launched_before_it_is_active() {
    let world = World::new();
    register(&world, &open(&world).token, &described());
    let (exam, [tool]) = (world.exam(), tools(&world).try_into().unwrap());
    let resource = world.lti_resource(&exam, &tool);
    world.publish(&exam);
    let home = world.started(&world.student_session(&exam));
    let launch = || world.page(&format!("{home}/launch/{}", resource["id"]));
    let refused = launch();
    assert_eq!((refused.status, refused.text.contains("tool.example")), (404, false), "{}", refused.text);
    let path = format!("/tool_providers/{}", tool["id"]);
    let asks = |client: &Value| {
        let query = "scope=openid&response_type=id_token&response_mode=form_post&prompt=none&nonce=n1&login_hint=x\
            &lti_message_hint=y&redirect_uri=https%3A%2F%2Ftool.example%2Flaunch";
        let page = world.page(&format!("/lti/1.3/authorize?client_id={}&{query}", client.as_str().unwrap()));
        page.text.contains("unauthorized_client")
    };
    assert!(asks(&tool["registration"]["client_id"]), "a tool that is not active is told so, and nothing else");
    world.administrator.patch(&path, json!({ "active": true })).ok("tool_provider");
    assert!(launch().text.contains("https://tool.example/login"));
    assert!(!asks(&tool["registration"]["client_id"]));
    world.administrator.patch(&path, json!({ "active": false })).ok("tool_provider");
    assert_eq!((launch().status, asks(&tool["registration"]["client_id"])), (404, true), "shut out again");
}

#[test]
fn d17_a_registration_token_opens_once_and_for_an_hour() {
    let world = World::new();
    let opened = open(&world);
    assert_eq!(register(&world, &opened.token, &described()).status, 201);
    assert_refused(&register(&world, &opened.token, &described()), 401, "invalid_token");
    let late = open(&world);
    world.wait(60 * MINUTES);
    let reply = register(&world, &late.token, &described());
    assert_refused(&reply, 401, "invalid_token");
    assert_eq!(reply.header("www-authenticate"), "Bearer error=\"invalid_token\"");
    assert_eq!(tools(&world).len(), 1);
}

#[test]
fn d17_two_registrations_at_once_with_one_token_make_one_tool() {
    let world = World::new();
    let opened = open(&world);
    let both = thread::scope(|scope| {
        let send = || scope.spawn(|| register(&world, &opened.token, &described()).status);
        let both = [send(), send()];
        both.map(|one| one.join().unwrap())
    });
    let mut both = both.to_vec();
    both.sort_unstable();
    assert_eq!((both, tools(&world).len()), (vec![201, 401], 1));
}

#[test]
fn d17_only_the_token_as_it_was_given_opens() {
    let world = World::new();
    let token = open(&world).token;
    let mut parts: Vec<&str> = token.split('-').collect();
    let other = world.other_institute.to_string();
    let somebody = world.teacher.id.to_string();
    let mut forged = vec![String::new(), "x".into(), "----".into(), token.to_uppercase(), format!("{token}0")];
    parts[0] = &other;
    forged.push(parts.join("-"));
    parts[1] = &somebody;
    forged.push(parts.join("-"));
    forged.push(token[..token.len() - 1].to_owned());
    for forged in forged {
        assert_refused(&register(&world, &forged, &described()), 401, "invalid_token");
    }
    let url = format!("{}/lti/1.3/register", world.origin());
    let bare: Reply = http().post(&url).body(described().to_string()).send().unwrap().into();
    assert_refused(&bare, 401, "invalid_token");
    let basic = http().post(&url).header("Authorization", format!("Basic {token}")).body(described().to_string());
    assert_refused(&basic.send().unwrap().into(), 401, "invalid_token");
    assert_eq!(tools(&world).len(), 0);
    assert_eq!(register(&world, &token, &described()).status, 201, "nothing of it spent the token");
}

#[test]
fn d17_who_gave_leave_must_still_be_there() {
    let world = World::new();
    let users = format!("/institutes/{}/users", world.institute);
    let fields = json!({
        "email": "second@example.edu", "name": "Second", "password": "Correct-Horse-1", "role": "administrator",
    });
    let user = world.administrator.post(&users, fields).created("user");
    let second = world.administrator.with(user["api_token"].as_str().unwrap(), user["secret_key"].as_str().unwrap());
    let token = || {
        let fields = json!({ "registration_url": "https://tool.example/register" });
        let url = second.post("/tool_registrations", fields).ok("tool_registration")["url"].clone();
        url.as_str().unwrap().rsplit_once("registration_token=").unwrap().1.to_owned()
    };
    let (before, teaches) = (token(), token());
    let path = format!("{users}/{}", user["id"]);
    world.administrator.patch(&path, json!({ "disabled": true })).ok("user");
    assert_refused(&register(&world, &before, &described()), 401, "invalid_token");
    world.superuser.patch(&path, json!({ "disabled": false, "role": "teacher" })).ok("user");
    assert_refused(&register(&world, &teaches, &described()), 401, "invalid_token");
    assert_eq!(tools(&world).len(), 0);
}

#[test]
fn d17_a_registration_belongs_to_the_institute_that_gave_leave() {
    let world = World::new();
    let fields = json!({ "registration_url": "https://tool.example/register", "institute_id": world.other_institute });
    let reply = world.superuser.post("/tool_registrations", fields).ok("tool_registration");
    let token = reply["url"].as_str().unwrap().rsplit_once("registration_token=").unwrap().1.to_owned();
    assert_eq!(register(&world, &token, &described()).status, 201);
    assert_eq!(tools(&world).len(), 0);
    let theirs = world.stranger.get("/tool_providers").ok("tool_providers");
    assert_eq!(theirs[0]["institute_id"], world.other_institute);
}

#[test]
fn d16_d17_what_breaks_a_rule_is_named_and_may_be_sent_again() {
    let world = World::new();
    let token = open(&world).token;
    let (redirect, metadata) = ("invalid_redirect_uri", "invalid_client_metadata");
    let of = |name: &str, value: Value| with(&of_the_tool(name), value);
    for (said, code, named) in [
        (with("/redirect_uris", json!(["javascript:alert(1)"])), redirect, "redirect_uris[0]"),
        (
            with("/redirect_uris", json!(["https://tool.example/", "http://tool.example/"])),
            redirect,
            "redirect_uris[1]",
        ),
        (with("/redirect_uris", json!(["https://tool.example/#part"])), redirect, "redirect_uris[0]"),
        (with("/redirect_uris", json!(["https://me@tool.example/"])), redirect, "redirect_uris[0]"),
        (with("/redirect_uris", json!(["https://tool.example/e\u{301}"])), redirect, "redirect_uris[0]"),
        (with("/redirect_uris", json!([])), redirect, "redirect_uris"),
        (with("/redirect_uris", json!("https://tool.example/")), redirect, "redirect_uris"),
        (with("/initiate_login_uri", Value::Null), metadata, "initiate_login_uri"),
        (with("/initiate_login_uri", json!("http://tool.example/login")), metadata, "initiate_login_uri"),
        (with("/jwks_uri", json!("file:///etc/passwd")), metadata, "jwks_uri"),
        (with("/jwks_uri", Value::Null), metadata, "jwks_uri"),
        (with("/client_name", json!("\u{200B}")), metadata, "client_name"),
        (with("/client_name", json!(7)), metadata, "client_name"),
        (with("/application_type", json!("native")), metadata, "application_type"),
        (with("/token_endpoint_auth_method", json!("none")), metadata, "token_endpoint_auth_method"),
        (with("/logo_uri", json!("javascript:alert(1)")), metadata, "logo_uri"),
        (of("target_link_uri", json!("http://tool.example/")), metadata, "target_link_uri"),
        (of("messages", Value::Null), metadata, "messages"),
        (of("custom_parameters", json!({ "a": 1 })), metadata, "custom_parameters"),
        (json!([]), metadata, "the body"),
    ] {
        let reply = register(&world, &token, &said);
        assert_refused(&reply, 400, code);
        assert!(reply.json["error_description"].as_str().unwrap().contains(named), "{named}: {}", reply.text);
    }
    assert_refused(&send(&world, &token, "{"), 400, metadata);
    assert_eq!(send(&world, &token, &"x".repeat(65_537)).status, 413);
    assert_eq!(tools(&world).len(), 0);
    assert_eq!(register(&world, &token, &described()).status, 201);
}

#[test]
fn the_tools_page_is_on_the_web_and_over_tls() {
    let world = World::new();
    for bad in ["http://tool.example/register", "javascript:alert(1)", "tool.example", "https://tool.example/#x"] {
        let reply = world.administrator.post("/tool_registrations", json!({ "registration_url": bad }));
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], "registration_url", "{bad}");
    }
    world.administrator.post("/tool_registrations", json!({})).refused(422, "parameter_missing");
    let fields = json!({ "registration_url": "https://tool.example/register" });
    world.teacher.post("/tool_registrations", fields).refused(403, "forbidden");
}

#[test]
fn an_administrator_pastes_what_the_tool_says_of_itself() {
    let world = World::new();
    let fields = json!({ "tool_name": "Maths", "tool_configuration": described().to_string() });
    let tool = world.administrator.post("/tool_providers", fields.clone()).created("tool_provider");
    assert_eq!((&tool["tool_name"], &tool["lti_version"]), (&json!("Maths"), &json!("1.3")));
    assert_eq!((&tool["tool_url"], &tool["use_as_basic_link"]), (&json!("https://tool.example/launch"), &json!(false)));
    let registration = &tool["registration"];
    assert_eq!(registration["redirect_uris"], described()["redirect_uris"]);
    assert_eq!(
        (&registration["active"], &registration["login_url"]),
        (&json!(true), &json!("https://tool.example/login"))
    );
    assert_eq!(registration["scopes"], json!([LINE_ITEM, format!("{LINE_ITEM}.readonly"), SCORE, REGISTRATION]));

    let mut own = fields;
    own["scopes"] = json!([]);
    own["active"] = json!(false);
    own["use_as_basic_link"] = json!(true);
    own["tool_url"] = json!("https://tool.example/elsewhere");
    let tool = world.administrator.post("/tool_providers", own).created("tool_provider");
    assert_eq!(
        (&tool["tool_url"], &tool["use_as_basic_link"]),
        (&json!("https://tool.example/elsewhere"), &json!(true))
    );
    assert_eq!((&tool["registration"]["scopes"], &tool["registration"]["active"]), (&json!([]), &json!(false)));
}

#[test]
fn a_tool_moves_to_lti_1_3_by_what_it_says_of_itself() {
    let world = World::new();
    let path = format!("/tool_providers/{}", world.tool_provider()["id"]);
    let tool = world.administrator.patch(&path, json!({ "tool_configuration": described().to_string() }));
    let tool = tool.ok("tool_provider");
    assert_eq!((&tool["lti_version"], &tool["oauth_consumer_key"]), (&json!("1.3"), &json!("exam2026institute4key1")));
    assert_eq!(tool["registration"]["active"], true);
}

#[test]
fn what_is_pasted_is_whole_and_said_once() {
    let world = World::new();
    let with = |change: Value| {
        let mut fields = json!({ "tool_name": "Maths", "tool_configuration": described().to_string() });
        fields.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        world.administrator.post("/tool_providers", fields)
    };
    for (change, field) in [
        (json!({ "login_url": "https://tool.example/login" }), "login_url"),
        (json!({ "redirect_uris": ["https://tool.example/launch"] }), "redirect_uris"),
        (json!({ "jwks_url": "https://tool.example/keys" }), "jwks_url"),
        (json!({ "lti_version": "1.1" }), "lti_version"),
        (json!({ "tool_configuration": "{}" }), "tool_configuration"),
        (json!({ "tool_configuration": "nonsense" }), "tool_configuration"),
        (json!({ "scopes": ["https://purl.imsglobal.org/spec/lti/scope/asset.readonly"] }), "scopes"),
    ] {
        let reply = with(change);
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], field, "{}", reply.text);
    }
    let reply = world.administrator.post("/tool_providers", json!({ "tool_name": "Maths", "active": true }));
    assert_eq!(reply.status, 422, "{}", reply.text);
    assert_eq!(tools(&world).len(), 0);
}

#[test]
fn no_log_or_answer_keeps_a_registration_token() {
    let world = World::new();
    let token = open(&world).token;
    let reply = register(&world, &token, &described());
    let ticket = token.rsplit_once('-').unwrap().1;
    assert!(!reply.text.contains(ticket));
    for path in ["/tool_providers", "/service_calls"] {
        assert!(!world.administrator.get(path).text.contains(ticket), "{path}");
    }
}

#[test]
fn the_log_of_calls_says_which_tools_registered_themselves_and_which_were_refused() {
    let world = World::new();
    let calls = |count: usize| {
        until("the calls are in the log", || {
            let all = world.administrator.get("/service_calls").ok("service_calls").as_array().unwrap().clone();
            Some(all).filter(|all| all.len() == count)
        })
    };
    let token = open(&world).token;
    assert_refused(&send(&world, &token, "{}"), 400, "invalid_client_metadata");
    let bad = calls(1).remove(0);
    assert_eq!(
        (&bad["operation"], &bad["outcome"], &bad["status"]),
        (&json!("register"), &json!("failure"), &json!(400))
    );
    assert_eq!((&bad["code"], &bad["tool_provider_id"]), (&json!("invalid_client_metadata"), &Value::Null));
    assert!(!bad["request"]["detail"].as_str().unwrap().is_empty());
    assert_eq!(register(&world, &token, &described()).status, 201);
    let good = calls(2).remove(1);
    assert_eq!((&good["outcome"], &good["status"], &good["code"]), (&json!("success"), &json!(201), &Value::Null));
    assert_eq!(good["tool_provider_id"], tools(&world)[0]["id"]);
    assert_eq!(good["request"]["client_name"], "Maths tool");
    assert_refused(&register(&world, &token, &described()), 401, "invalid_token");
    let again = calls(3).remove(2);
    assert_eq!((&again["code"], &again["status"]), (&json!("invalid_token"), &json!(401)));
    assert_eq!(again["request"]["client_name"], "Maths tool");
    assert_refused(&register(&world, &format!("{token}0"), &described()), 401, "invalid_token");
    let all = json!(calls(3)).to_string();
    assert!(!all.contains(token.rsplit('-').next().unwrap()), "{all}");
    assert_eq!(world.stranger.get("/service_calls").ok("service_calls"), json!([]), "another institute sees none");
    for _ in 0..40 {
        send(&world, &token, "{}");
    }
    std::thread::sleep(std::time::Duration::from_millis(500));
    let kept = world.administrator.get("/service_calls?limit=300").ok("service_calls").as_array().unwrap().len();
    assert!((4..=24).contains(&kept), "{kept}: one leave fills no log");
}
