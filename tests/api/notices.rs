//! Notices: a tool of LTI 1.3 says where it wants to be told of what happens, and is told.

use examlink::clock::{Clock, Random};
use examlink::domain::id::ToolProviderId;
use examlink::domain::secret::Keyring;
use examlink::domain::time::Span;
use examlink::domain::tool_deployment::Reach;
use examlink::store::{Store, notices};
use examlink_lti::v1p3::claims::{self, scope};
use examlink_lti::v1p3::jwk::KeySet;
use examlink_lti::v1p3::jwt::{Claims, Expect, UnverifiedJwt};
use examlink_lti::v1p3::notices::{Handler, NoticeType};
use serde_json::{Value, json};

use crate::world::advantage::{Tool13, call_with_token};
use crate::world::inbox::{Inbox, Posted};
use crate::world::launched::logged_call;
use crate::world::until;
use crate::world::{MASTER_KEY, Reply, World};

const HELLO: &str = "LtiHelloWorldNotice";
const COPY: &str = "LtiContextCopyNotice";

/// A tool with a link in an exam, and the server that it takes notices at.
struct Course {
    world: World,
    inbox: Inbox,
    tool: Tool13,
    token: String,
    exam: Value,
}

/// Where a tool is whose server is an inbox.
fn at(inbox: &Inbox) -> Value {
    json!({
        "tool_url": inbox.url("/launch"), "login_url": inbox.url("/login"), "redirect_uris": [inbox.url("/launch")],
    })
}

impl Course {
    fn new() -> Self {
        Self::of(World::new(), Inbox::open())
    }

    fn of(world: World, inbox: Inbox) -> Self {
        let tool = world.tool_1p3_with(at(&inbox));
        let exam = world.exam();
        world.lti_resource(&exam, &tool.provider);
        let token = tool.token(&[scope::NOTICE_HANDLERS]);
        Self { world, inbox, tool, token, exam }
    }

    fn url(&self) -> String {
        format!("{}/lti/1.3/notice_handlers", self.world.origin())
    }

    fn get(&self) -> Reply {
        call_with_token(&self.token, ("GET", &self.url()), ("", ""))
    }

    fn put(&self, fields: Value) -> Reply {
        call_with_token(&self.token, ("PUT", &self.url()), ("application/json", &fields.to_string()))
    }

    /// The tool says where it wants the notices of a type; nowhere, where the path is empty.
    #[track_caller]
    fn wants(&self, notice_type: &str, path: &str) {
        let handler = if path.is_empty() { String::new() } else { self.inbox.url(path) };
        let reply = self.put(json!({ "notice_type": notice_type, "handler": handler }));
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert_eq!(reply.json, json!({ "notice_type": notice_type, "handler": handler }));
    }

    /// The number of the tool's first deployment.
    fn first(&self) -> Value {
        self.tool.provider["registration"]["deployments"][0]["id"].clone()
    }

    fn copies(&self) -> Value {
        self.world.teacher.post(&format!("/exams/{}/copy", self.exam["id"]), json!({})).created("exam")
    }

    fn set(&self, fields: Value) {
        let path = format!("/tool_providers/{}", self.tool.provider["id"]);
        self.world.administrator.patch(&path, fields).ok("tool_provider");
    }

    /// What came to the tool, so many requests, with nothing more to be done.
    #[track_caller]
    fn came(&self, count: usize) -> Vec<Posted> {
        self.world.all_done();
        let posted = self.inbox.posted();
        assert_eq!(posted.len(), count, "{posted:?}");
        posted
    }

    /// The notice that a request brought, verified as a tool does.
    #[track_caller]
    fn verified(&self, tool: &Tool13, posted: &Posted) -> Claims {
        self.verified_at(tool, tool.deployment_id(), posted)
    }

    /// The same for a deployment of the tool.
    #[track_caller]
    fn verified_at(&self, tool: &Tool13, deployment_id: &str, posted: &Posted) -> Claims {
        let [notice] = &posted.body["notices"].as_array().unwrap()[..] else { panic!("one notice: {posted:?}") };
        let token = UnverifiedJwt::parse(notice["jwt"].as_str().unwrap()).unwrap();
        let keys = KeySet::from_json(self.world.page("/.well-known/jwks.json").text.as_bytes()).unwrap();
        let key = keys.find(token.kid()).unwrap();
        let (issuer, audiences) = (self.world.origin(), [tool.client_id.as_str()]);
        let expect = Expect { issuer: &issuer, audiences: &audiences, now: tool.now(), leeway: 0, longest_life: 300 };
        let claims = token.verify(key, &expect).expect("the token is good");
        for (name, value) in [
            ("azp", json!(tool.client_id)),
            (claims::DEPLOYMENT_ID, json!(deployment_id)),
            (claims::VERSION, json!("1.3.0")),
        ] {
            assert_eq!(claims.value(name), Some(&value), "{name}");
        }
        assert_eq!((claims.text("sub"), claims.text("nonce").unwrap().len()), (None, 32), "nobody launches anything");
        claims
    }
}

/// What a notice says of itself.
fn notice(claims: &Claims, member: &str) -> String {
    claims.object(claims::NOTICE).unwrap()[member].as_str().unwrap().to_owned()
}

#[test]
fn a_tool_that_asks_for_notices_is_greeted_and_told_of_a_copy() {
    let course = Course::new();
    let handlers = |hello: &str, copy: &str| {
        json!({
            "client_id": course.tool.client_id,
            "deployment_id": course.tool.provider["registration"]["deployment_id"],
            "notice_handlers": [
                { "notice_type": HELLO, "handler": hello }, { "notice_type": COPY, "handler": copy },
            ],
        })
    };
    let reply = course.get();
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/json"), "{}", reply.text);
    assert_eq!(reply.json, handlers("", ""));
    course.copies();
    course.wants(COPY, "/old");
    course.wants(COPY, "/notices?key=7");
    assert!(course.came(0).is_empty(), "what happened before is past");

    course.wants(HELLO, "/hello");
    let hello = course.came(1).remove(0);
    assert_eq!((hello.line.as_str(), hello.media_type.as_str()), ("POST /hello HTTP/1.1", "application/json"));
    let said = course.verified(&course.tool, &hello);
    assert_eq!((notice(&said, "type"), said.value(claims::CONTEXT)), (HELLO.to_owned(), None));
    let id = notice(&said, "id");
    assert_eq!(id.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{id} is a UUID");
    assert_eq!((&id[14..15], &id[19..20]), ("4", "a"), "{id} is a random one");

    let copied = course.copies();
    let told = course.came(2).remove(1);
    assert_eq!(told.line, "POST /notices?key=7 HTTP/1.1");
    let said = course.verified(&course.tool, &told);
    assert_eq!((notice(&said, "type"), notice(&said, "timestamp")), (COPY.into(), "2026-11-26T07:19:53.143Z".into()));
    let context = said.object(claims::CONTEXT).unwrap();
    assert_eq!((&context["id"], &context["title"]), (&copied["token"], &json!("Algebra")));
    assert_eq!(said.value(claims::ORIGIN_CONTEXTS), Some(&json!([course.exam["token"]])));
    assert_ne!(notice(&said, "id"), id);

    assert_eq!(course.get().json, handlers(&course.inbox.url("/hello"), &course.inbox.url("/notices?key=7")));
    course.wants(COPY, "");
    assert_eq!(course.get().json, handlers(&course.inbox.url("/hello"), ""));
    course.copies();
    course.came(2);
    let call = logged_call(&course.world, "readNoticeHandlers");
    assert_eq!((&call["outcome"], &call["tool_provider_id"]), (&json!("success"), &course.tool.provider["id"]));
    assert!(!course.world.administrator.get("/service_calls").text.contains("key=7"), "no log tells its secrets");
}

#[test]
fn lti_18_a_handler_that_breaks_a_rule_is_refused_with_the_reason_and_leaves_nothing() {
    let course = Course::new();
    let good = course.inbox.url("/notices");
    for (handler, code, why) in [
        (json!("https://evil.example/notices"), "handler_off_domain", "evil.example"),
        (json!("https://127.0.0.1.evil.example/"), "handler_off_domain", "127.0.0.1.evil.example"),
        (json!("https://169.254.169.254/latest"), "handler_off_domain", "169.254.169.254"),
        (json!("http://10.0.0.1/notices"), "invalid", "handler"),
        (json!(good.replace("http://", "http://user:pass@")), "invalid", "handler"),
        (json!("ftp://127.0.0.1/notices"), "invalid", "handler"),
        (json!("notices"), "invalid", "handler"),
        (json!(7), "invalid", "handler"),
        (json!(null), "invalid", "handler"),
    ] {
        let reply = course.put(json!({ "notice_type": COPY, "handler": handler }));
        assert_eq!((reply.status, &reply.json["code"]), (400, &json!(code)), "{handler}: {}", reply.text);
        assert!(reply.json["detail"].as_str().unwrap().contains(why), "{handler}: {}", reply.text);
    }
    for fields in [
        json!({ "handler": good }),
        json!({ "notice_type": "LtiSecretNotice", "handler": good }),
        json!({ "notice_type": COPY, "handler": good, "max_batch_size": 0 }),
        json!([]),
    ] {
        assert_eq!(course.put(fields.clone()).status, 400, "{fields}");
    }
    let put = |token: &str, media_type: &str, body: &str| {
        call_with_token(token, ("PUT", &course.url()), (media_type, body)).status
    };
    let fields = json!({ "notice_type": COPY, "handler": good }).to_string();
    let weak = course.tool.token(&[scope::LINE_ITEM]);
    assert_eq!(put(&course.token, "application/json", "{"), 400);
    assert_eq!(put(&course.token, "text/plain", &fields), 415);
    assert_eq!(put(&course.token, "application/json", &" ".repeat(70_000)), 413);
    assert_eq!(put("made-up", "application/json", &fields), 401);
    assert_eq!(put(&weak, "application/json", &fields), 403);
    assert_eq!(call_with_token(&weak, ("GET", &course.url()), ("", "")).status, 403);
    assert_eq!((course.world.database.rows("notice_handlers"), course.world.database.rows("jobs")), (0, 0));
    for code in ["handler_off_domain", "media_type", "insufficient_scope"] {
        let query = json!({ "filter": json!({ "code": { "eq": code } }).to_string() });
        until(code, || {
            let calls = course.world.administrator.call("GET", "/service_calls", query.clone()).send();
            calls.ok("service_calls").as_array().unwrap().iter().find(|call| call["outcome"] != "success").cloned()
        });
    }
    assert_eq!(put(&course.token, "application/json", &fields), 200);
}

#[test]
fn a_tool_that_is_busy_is_told_later_by_a_fresh_token_with_the_same_id() {
    let course = Course::new();
    course.wants(COPY, "/notices");
    for (count, status) in (1..).zip([500, 503, 408, 429]) {
        course.inbox.answers(&[status]);
        course.copies();
        course.world.put_off();
        course.world.wait(7_000);
        let posted = course.came(2 * count);
        let [first, again] = [2, 1].map(|back| course.verified(&course.tool, &posted[posted.len() - back]));
        assert_eq!(notice(&first, "id"), notice(&again, "id"), "{status}");
        assert_eq!(notice(&first, "timestamp"), notice(&again, "timestamp"), "it happened once");
        assert_ne!(first.text("nonce"), again.text("nonce"));
        for name in ["iat", "exp"] {
            assert_eq!(first.seconds(name).unwrap().map(|at| at + 7), again.seconds(name).unwrap(), "{name}");
        }
    }
}

#[test]
fn a_tool_that_refuses_a_notice_is_not_sent_it_again() {
    let course = Course::new();
    course.wants(COPY, "/notices");
    for (count, status) in (1..).zip([400, 404, 410, 422, 302, 307]) {
        course.inbox.answers(&[status]);
        course.copies();
        course.came(count);
    }
    course.world.wait(86_400_000);
    course.copies();
    course.came(7);
}

#[test]
fn lti_12_a_tool_that_may_no_more_is_told_nothing() {
    let course = Course::new();
    course.wants(COPY, "/notices");
    course.copies();
    course.came(1);
    let elsewhere = json!({
        "tool_url": "https://moved.example/launch", "login_url": "https://moved.example/login",
        "redirect_uris": ["https://moved.example/launch"],
    });
    let everything = course.tool.provider["registration"]["scopes"].clone();
    let changes = [
        (json!({ "active": false }), json!({ "active": true })),
        (json!({ "scopes": [scope::LINE_ITEM] }), json!({ "scopes": everything })),
        (json!({ "lti_version": "1.1" }), json!({ "lti_version": "1.3" })),
        (elsewhere, at(&course.inbox)),
    ];
    for (count, (change, back)) in (1..).zip(changes) {
        course.set(change);
        course.copies();
        course.came(count);
        course.set(back);
        course.copies();
        course.came(count + 1);
    }
    // A copy without a link of it is none of its business.
    let path = format!("/lti_resources?exam_id={}", course.exam["id"]);
    let links = course.world.teacher.get(&path).ok("lti_resources");
    course.world.teacher.delete(&format!("/lti_resources/{}", links[0]["id"])).ok("");
    course.copies();
    course.came(5);
}

#[test]
fn lti_18_a_notice_reaches_no_tool_but_the_one_that_it_is_about() {
    let course = Course::new();
    let world = &course.world;
    let inboxes = [Inbox::open(), Inbox::open(), Inbox::open()];
    // In the same exam; in another exam; of another institute.
    let beside = world.tool_1p3_with(at(&inboxes[0]));
    world.lti_resource(&course.exam, &beside.provider);
    let elsewhere = world.tool_1p3_with(at(&inboxes[1]));
    world.lti_resource(&world.exam(), &elsewhere.provider);
    let stranger = world.tool_1p3_of(&world.stranger, at(&inboxes[2]));
    course.wants(COPY, "/notices");
    for (tool, inbox) in [&beside, &elsewhere, &stranger].into_iter().zip(&inboxes) {
        let token = tool.token(&[scope::NOTICE_HANDLERS]);
        let fields = json!({ "notice_type": COPY, "handler": inbox.url("/notices") }).to_string();
        let put = call_with_token(&token, ("PUT", &course.url()), ("application/json", &fields));
        assert_eq!(put.status, 200, "{}", put.text);
        let listed = call_with_token(&token, ("GET", &course.url()), ("", "")).json;
        assert_eq!(listed["client_id"], tool.client_id);
        assert_eq!(listed["notice_handlers"][1]["handler"], inbox.url("/notices"), "its own alone");
    }
    course.copies();
    course.verified(&course.tool, &course.came(1)[0]);
    course.verified(&beside, &inboxes[0].posted()[0]);
    let counts = inboxes.each_ref().map(|inbox| inbox.posted().len());
    assert_eq!(counts, [1, 0, 0]);
    // What one takes away is its own, and what goes with a tool is its own too.
    course.wants(COPY, "");
    assert_eq!(world.database.rows("notice_handlers"), 3);
    world.administrator.delete(&format!("/tool_providers/{}", elsewhere.provider["id"])).ok("");
    assert_eq!(world.database.rows("notice_handlers"), 2);
}

#[test]
fn lti_18_each_deployment_is_told_of_its_own_and_may_say_where() {
    let course = Course::new();
    let law = course.world.deployment(&course.tool, "Faculty of Law");
    let (first, second) = (course.tool.deployment_id(), law["deployment_id"].as_str().unwrap());
    let [one, other] = [first, second].map(|id| course.tool.token_at(id, &[scope::NOTICE_HANDLERS]));
    let listed = |token: &str| {
        let listed = call_with_token(token, ("GET", &course.url()), ("", "")).json;
        (listed["deployment_id"].clone(), listed["notice_handlers"][1]["handler"].clone())
    };
    let wants = |token: &str, notice_type: &str, handler: &str| {
        let fields = json!({ "notice_type": notice_type, "handler": handler }).to_string();
        let reply = call_with_token(token, ("PUT", &course.url()), ("application/json", &fields));
        assert_eq!(reply.status, 200, "{}", reply.text);
    };
    // Who names no deployment speaks for all that do not speak for themselves.
    course.wants(COPY, "/all");
    let all = course.inbox.url("/all");
    for (token, id) in [(&course.token, first), (&one, first), (&other, second)] {
        assert_eq!(listed(token), (json!(id), json!(all)));
    }
    // Two links of one deployment are one notice.
    course.world.lti_resource_at(&course.exam, &law);
    course.world.lti_resource_at(&course.exam, &law);
    let named = json!({ "id": course.first(), "name": "Named", "tool_provider_id": course.tool.provider["id"] });
    course.world.lti_resource_at(&course.exam, &named);
    course.copies();
    let told = course.came(2);
    for deployment_id in [first, second] {
        let of = |posted: &&Posted| deployment_of(posted) == deployment_id;
        let posted = told.iter().find(of).unwrap();
        let said = course.verified_at(&course.tool, deployment_id, posted);
        assert_eq!((notice(&said, "type"), posted.line.as_str()), (COPY.to_owned(), "POST /all HTTP/1.1"));
    }

    wants(&other, COPY, &course.inbox.url("/law"));
    assert_eq!(listed(&other), (json!(second), json!(course.inbox.url("/law"))));
    assert_eq!([&course.token, &one].map(|token| listed(token).1), [json!(all), json!(all)]);
    course.copies();
    let mut lines: Vec<_> =
        course.came(4).split_off(2).iter().map(|posted| (posted.line.clone(), deployment_of(posted))).collect();
    lines.sort();
    let line = |path: &str, id: &str| (format!("POST {path} HTTP/1.1"), id.to_owned());
    assert_eq!(lines, [line("/all", first), line("/law", second)]);

    wants(&other, HELLO, &course.inbox.url("/law"));
    course.verified_at(&course.tool, second, &course.came(5)[4]);
    // What one deployment takes away is its own.
    wants(&one, COPY, "");
    wants(&other, COPY, "");
    assert_eq!([&course.token, &one, &other].map(|token| listed(token).1), [(); 3].map(|()| json!(all)));
    // A deployment without a link in the copy is told nothing of it.
    let exam = course.world.exam();
    course.world.lti_resource_at(&exam, &law);
    course.world.teacher.post(&format!("/exams/{}/copy", exam["id"]), json!({})).created("exam");
    course.verified_at(&course.tool, second, &course.came(6)[5]);
}

/// The deployment that a notice says it is for, unverified.
fn deployment_of(posted: &Posted) -> String {
    use base64::Engine;
    let token = posted.body["notices"][0]["jwt"].as_str().unwrap();
    let payload = token.split('.').nth(1).unwrap();
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice::<Value>(&payload).unwrap()[claims::DEPLOYMENT_ID].as_str().unwrap().to_owned()
}

#[test]
fn lti_16_a_handler_inside_the_network_is_not_called() {
    // Only one address of this machine may be called: what lies at another is inside.
    let world = World::with(World::standing_clock(), |settings| settings.outgoing_allow = "127.0.0.1".into());
    let course = Course::of(world, Inbox::at("127.0.0.2"));
    course.wants(HELLO, "/hello");
    course.wants(COPY, "/notices");
    course.copies();
    course.came(0);
}

#[test]
fn dos_04_a_tool_that_sets_a_handler_over_and_over_waits_for_one_notice() {
    let course = Course::new();
    let tool = ToolProviderId(course.tool.provider["id"].as_i64().unwrap());
    let database = course.world.into_database();
    let keys = Keyring::parse(MASTER_KEY, Random).unwrap();
    let clock = Clock::system();
    let store = Store::open(&database.url().parse().unwrap(), &keys, &clock, 1, Span::hours(24)).unwrap();
    for path in ["a", "b", "c"] {
        let url = Some(course.inbox.url(path));
        let handler = Handler { notice_type: NoticeType::HelloWorld, url, batch: None };
        let now = clock.now();
        let put = store.apply(move |tx| notices::put(tx, Reach::all(tool), &handler, Random, now));
        actix_web::rt::System::new().block_on(put).unwrap();
    }
    assert_eq!((database.rows("jobs"), database.rows("notice_handlers")), (1, 1));
}
