//! Choosing content in a tool of LTI 1.3 (Deep Linking 2.0): an author goes there by a link, is logged in, and comes back
//! with LTI resources of the exam.

mod browsers;
mod content;
mod deployments;
mod files;
mod log;
mod times;

use examlink_lti::v1p3::claims;
use examlink_lti::v1p3::id_token::VerifiedMessage;
use examlink_lti::v1p3::jwt::{Claims, sign};
use serde_json::{Value, json};

use crate::world::advantage::{Tool13, call_with_token, key};
use crate::world::login::{Login, STATE};
use crate::world::refusals::Refusals;
use crate::world::{Form, Reply, World, shown_scripts};

const CHOOSE: &str = "https://tool.example/choose";
const MINUTES: i64 = 60_000;

/// An author in front of a tool.
struct Choice {
    world: World,
    exam: Value,
    tool: Tool13,
}

impl Choice {
    fn new() -> Self {
        Self::in_world(World::new(), json!({}))
    }

    /// The tool has other settings.
    fn in_world(world: World, change: Value) -> Self {
        let mut fields = json!({
            "use_as_basic_link": false, "deep_linking_url": CHOOSE, "redirect_uris": [CHOOSE],
            "lti_custom_data": "{\"course\":\"$Context.title\"}",
        });
        fields.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let tool = world.tool_1p3_with(fields);
        let exam = world.exam();
        Self { world, exam, tool }
    }

    fn path(&self) -> String {
        format!("/exams/{}/selections", self.exam["id"])
    }

    fn begin(&self) -> Value {
        let fields = json!({ "tool_provider_id": self.tool.provider["id"] });
        self.world.teacher.post(&self.path(), fields).created("selection")
    }

    fn page(&self, selection: &Value) -> Reply {
        let url = selection["selection_url"].as_str().unwrap();
        self.world.page(url.strip_prefix(&self.world.origin()).unwrap())
    }

    fn opens(&self, selection: &Value) -> Login {
        Login::at(&self.page(selection))
    }

    /// The browser brings the tool's question, with `change` made to it.
    fn asks(&self, login: &Login, change: (&str, &str)) -> Reply {
        self.world.authorize(&login.asked_with(CHOOSE, change), &login.cookie)
    }

    /// The request that the tool gets, verified as a tool does.
    fn request(&self, selection: &Value) -> VerifiedMessage {
        self.verified(&self.asks(&self.opens(selection), ("", "")))
    }

    /// The message that a page brings to the tool.
    fn verified(&self, page: &Reply) -> VerifiedMessage {
        assert_eq!(page.status, 200, "{}", page.text);
        let form = Form::read(&page.text);
        assert_eq!((form.action.as_str(), form.get("state")), (CHOOSE, Some(STATE)));
        self.world.verified(&form, &self.tool.client_id)
    }

    /// What a good answer to a request says.
    fn said(&self, request: &VerifiedMessage, items: Value) -> Value {
        let settings = request.claims().value(claims::DEEP_LINKING_SETTINGS).unwrap();
        let now = self.tool.now();
        json!({
            "iss": self.tool.client_id, "aud": self.world.origin(), "iat": now, "exp": now + 300,
            "nonce": format!("n-{}", settings["data"].as_str().unwrap()),
            claims::MESSAGE_TYPE: "LtiDeepLinkingResponse", claims::VERSION: "1.3.0",
            claims::DEPLOYMENT_ID: self.tool.provider["registration"]["deployment_id"],
            claims::DEEP_LINKING_DATA: settings["data"], claims::CONTENT_ITEMS: items,
        })
    }

    fn sends(&self, token: &str) -> Reply {
        let action = format!("{}/lti/1.3/deep_links", self.world.origin());
        Form { action, fields: vec![("JWT".into(), token.into())] }.submit()
    }

    fn answers(&self, said: Value) -> Reply {
        self.sends(&signed(said, 0))
    }

    fn now(&self, selection: &Value) -> Value {
        self.world.teacher.get(&format!("{}/{}", self.path(), selection["id"])).ok("selection")
    }

    fn resources(&self) -> Vec<Value> {
        let path = format!("/lti_resources?exam_id={}", self.exam["id"]);
        self.world.teacher.get(&path).ok("lti_resources").as_array().unwrap().clone()
    }

    /// A new selection that the tool answers so, and the page and what became of it.
    fn given(&self, items: Value) -> (Reply, Value) {
        let selection = self.begin();
        let reply = self.answers(self.said(&self.request(&selection), items));
        assert_eq!(reply.status, 303, "{}", reply.text);
        let page = self.world.page(reply.header("location"));
        (page, self.now(&selection))
    }
}

fn signed(said: Value, number: usize) -> String {
    let said: Claims = serde_json::from_value(said).unwrap();
    sign(&said, key(number)).unwrap()
}

fn with(mut said: Value, name: &str, value: Value) -> Value {
    match value {
        Value::Null => said.as_object_mut().unwrap().remove(name),
        value => said.as_object_mut().unwrap().insert(name.to_owned(), value),
    };
    said
}

fn link(title: &str) -> Value {
    json!({ "type": "ltiResourceLink", "title": title })
}

#[test]
fn an_author_is_asked_by_the_login_and_says_no_more_than_a_number() {
    let choice = Choice::new();
    let selection = choice.begin();
    let login = choice.opens(&selection);
    assert_eq!(login.form.action, "https://tool.example/login");
    assert_eq!(login.form.get("target_link_uri"), Some(CHOOSE));
    let request = choice.request(&selection);
    let said = |name: &str| request.claims().value(name).cloned().unwrap_or_default();
    assert_eq!(said(claims::MESSAGE_TYPE), "LtiDeepLinkingRequest");
    assert_eq!((said(claims::TARGET_LINK_URI), said(claims::RESOURCE_LINK)), (json!(CHOOSE), Value::Null));
    assert_eq!(said(claims::CUSTOM), json!({ "course": "Algebra" }));
    let settings = said(claims::DEEP_LINKING_SETTINGS);
    assert_eq!(settings["deep_link_return_url"], format!("{}/lti/1.3/deep_links", choice.world.origin()));
    assert_eq!(settings["accept_types"], json!(["ltiResourceLink", "link", "html", "file", "image"]));
    let files = settings["accept_media_types"].as_str().unwrap();
    assert!(files.starts_with("image/png,image/jpeg,") && files.contains("application/pdf"), "{files}");
    assert_eq!(settings["accept_multiple"], true);
    assert_eq!((&settings["accept_lineitem"], &settings["auto_create"]), (&json!(true), &json!(true)));
    assert_eq!(settings["accept_presentation_document_targets"], json!(["iframe", "window", "embed"]));
    assert!(said(claims::ROLES).to_string().contains("membership#Instructor"));
    for name in [claims::NAME, claims::EMAIL] {
        assert_eq!(said(name), Value::Null, "LTI-15");
    }
    assert_eq!(said(claims::SUBJECT).as_str().unwrap().len(), 32);
}

#[test]
fn an_author_chooses_two_links_and_they_are_in_the_exam() {
    let choice = Choice::new();
    let quiz = json!({
        "type": "ltiResourceLink", "title": "Quiz 4", "text": "Circles", "url": "https://tool.example/launch?quiz=4",
        "icon": { "url": "https://tool.example/i.png" }, "iframe": { "width": 800, "height": 600 },
        "custom": { "chapter": "3" },
        "lineItem": { "scoreMaximum": 12.5, "label": "Chapter 3", "resourceId": "q4", "tag": "final" },
    });
    let (page, now) = choice.given(json!([quiz, link("Essay")]));
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Added to the exam") && shown_scripts(&page.text).is_empty(), "{}", page.text);
    assert_eq!((&now["state"], &now["error"]), (&json!("done"), &Value::Null));
    let [quiz, essay] = choice.resources().try_into().unwrap();
    assert_eq!(now["placeholders"], json!([quiz["placeholder"], essay["placeholder"]]));
    assert!(page.text.contains(quiz["placeholder"].as_str().unwrap()) && page.text.contains("Essay"));
    for (name, value) in [
        ("lti_resource_link_name", json!("Quiz 4")),
        ("lti_resource_launch_url", json!("https://tool.example/launch?quiz=4")),
        ("lti_custom_data", json!("{\"chapter\":\"3\"}")),
        ("open_in_new_tab", json!(false)),
        ("description", json!("Circles")),
        ("icon_url", json!("https://tool.example/i.png")),
        ("display_width", json!(800)),
        ("display_height", json!(600)),
        ("line_item_label", json!("Chapter 3")),
        ("line_item_tag", json!("final")),
        ("line_item_maximum", json!(12.5)),
    ] {
        assert_eq!(quiz[name], value, "{name}");
    }
}

#[test]
fn how_the_tool_shows_what_is_handed_in_is_placed_with_the_link() {
    let choice = Choice::new();
    let review = json!({ "reviewableStatus": ["Completed"], "url": "https://tool.example/review?quiz=4" });
    let line = json!({ "scoreMaximum": 10, "submissionReview": review });
    choice.given(json!([{ "type": "ltiResourceLink", "title": "Quiz 4", "lineItem": line }]));
    let token = choice.tool.token(&[claims::scope::LINE_ITEM]);
    let container = format!("{}/lti/1.3/exams/{}/line_items", choice.world.origin(), choice.exam["id"]);
    let items = call_with_token(&token, ("GET", &container), ("", "")).json;
    assert_eq!(items[0]["submissionReview"], review, "{items}");
}

#[test]
fn nothing_an_error_or_what_has_no_place_in_an_exam_adds_nothing() {
    let choice = Choice::new();
    let (page, now) = choice.given(json!([]));
    assert_eq!(now["state"], "cancelled");
    assert!(page.text.contains("Nothing was chosen"), "{}", page.text);
    for (bad, why) in [
        (json!([link("Good"), { "type": "html", "html": "<script>alert(1)</script>" }]), "nothing that instructions"),
        (json!([link("Good"), { "type": "hologram", "url": "https://tool.example/" }]), "hologram"),
        (json!([{ "type": "ltiResourceLink", "url": "javascript:alert(1)" }]), "url"),
        (json!([{ "type": "ltiResourceLink", "url": "http://tool.example/" }]), "url"),
        (json!([{ "type": "ltiResourceLink", "custom": { "a": 1 } }]), "custom"),
        (json!([{ "type": "ltiResourceLink", "title": "Q", "lineItem": { "scoreMaximum": 0 } }]), "scoreMaximum"),
        (json!([{ "type": "ltiResourceLink", "title": "Q", "lineItem": { "scoreMaximum": -1 } }]), "scoreMaximum"),
        (json!(vec![link("Q"); 51]), "51 items"),
        (json!("link"), "content_items"),
    ] {
        let (page, now) = choice.given(bad);
        assert_eq!(now["state"], "failed", "{why}");
        assert!(now["error"].as_str().unwrap().contains(why), "{now}");
        assert!(page.text.contains("Nothing could be added") && !page.text.contains("<script>alert"), "{}", page.text);
    }
    let selection = choice.begin();
    let said = choice.said(&choice.request(&selection), json!([link("Quiz")]));
    let said = with(said, claims::DEEP_LINKING_ERROR_MESSAGE, json!("No <b>quiz</b> today"));
    let page = choice.world.page(choice.answers(said).header("location"));
    assert!(page.text.contains("No &#60;b&#62;quiz"), "{}", page.text);
    assert_eq!((&choice.now(&selection)["state"], choice.resources().len()), (&json!("failed"), 0));
}

#[test]
fn lti_11_only_the_tools_own_token_for_this_is_taken() {
    let (choice, refusals) = (Choice::new(), Refusals::heard());
    let other = choice.world.tool_1p3();
    other.keys.publish(&[1]);
    let selection = choice.begin();
    let said = choice.said(&choice.request(&selection), json!([link("Quiz")]));
    let now = choice.tool.now();
    let good = signed(said.clone(), 0);
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let refused = |token: &str, why: &str| {
        let reply = choice.sends(token);
        let reason = refusals.why(&reply);
        assert!(reply.status == 401 && reason.contains(why), "{why}: {} {reason}", reply.status);
        assert!(!reply.text.contains(&reason), "{}", reply.text);
    };
    for (name, value, why) in [
        ("iss", json!("nobody"), "iss is the client_id of no tool"),
        ("iss", json!(other.client_id), "no key with the kid"),
        ("iss", Value::Null, "iss is missing"),
        ("aud", json!("https://other.example"), "aud does not name"),
        ("aud", json!([choice.world.origin(), "https://other.example"]), "aud names others"),
        ("aud", json!(format!("{}/lti/1.3/token", choice.world.origin())), "aud does not name"),
        ("exp", json!(now - 61), "ended at exp"),
        ("exp", json!(now + 3_700), "lives 3700 s"),
        ("exp", json!((now + 300).to_string()), "exp must be"),
        ("exp", Value::Null, "exp is missing"),
        ("iat", json!(now + 61), "iat"),
        ("nbf", json!(now + 61), "nbf"),
        ("nonce", Value::Null, "nonce is missing"),
        (claims::MESSAGE_TYPE, json!("LtiStartAssessment"), "message_type is \"LtiStartAssessment\""),
        (claims::MESSAGE_TYPE, json!("LtiDeepLinkingRequest"), "message_type is \"LtiDeepLinkingRequest\""),
        (claims::VERSION, json!("1.1.0"), "version is \"1.1.0\""),
        (claims::DEPLOYMENT_ID, other.provider["registration"]["deployment_id"].clone(), "deployment_id is not"),
        (claims::DEPLOYMENT_ID, Value::Null, "deployment_id is missing"),
        (claims::DEEP_LINKING_DATA, Value::Null, "the data is that of no selection"),
        (claims::DEEP_LINKING_DATA, json!("1-0123456789abcdef0123456789abcdef"), "the data is that of no selection"),
    ] {
        refused(&signed(with(said.clone(), name, value), 0), why);
    }
    refused(&signed(said.clone(), 1), "no key with the kid");
    refused(&format!("{header}.{payload}."), "signature of the token");
    refused(&format!("{header}.{payload}.{}", signature.to_uppercase()), "signature of the token");
    refused("x", "three parts");
    let theirs = with(said, "iss", json!(other.client_id));
    let theirs = with(theirs, claims::DEPLOYMENT_ID, other.provider["registration"]["deployment_id"].clone());
    refused(&signed(theirs, 1), "the data is that of no selection of this tool");
    assert_eq!((&choice.now(&selection)["state"], choice.resources().len()), (&json!("waiting"), 0));
    assert_eq!(choice.sends(&good).status, 303);
}

#[test]
fn lti_11_an_answer_serves_once_and_in_time() {
    let choice = Choice::new();
    let selection = choice.begin();
    let request = choice.request(&selection);
    let token = signed(choice.said(&request, json!([link("Quiz")])), 0);
    assert_eq!(choice.sends(&token).status, 303);
    assert_eq!(choice.sends(&token).status, 401, "replayed");
    let again = with(choice.said(&request, json!([link("Quiz")])), "nonce", json!("another"));
    assert_eq!(choice.answers(again).status, 409);
    assert_eq!(choice.resources().len(), 1);
    let late = choice.begin();
    let request = choice.request(&late);
    choice.world.wait(120 * MINUTES);
    assert_eq!(choice.answers(choice.said(&request, json!([link("Quiz")]))).status, 409);
    assert_eq!((&choice.now(&late)["state"], choice.resources().len()), (&json!("expired"), 1));
}

#[test]
fn lti_10_the_login_is_the_authors_own_and_serves_once() {
    let choice = Choice::new();
    let selection = choice.begin();
    let login = choice.opens(&selection);
    let error = |page: &Reply| Form::read(&page.text).get("error").map(ToOwned::to_owned);
    assert_eq!(error(&choice.asks(&login, ("login_hint", "x"))).as_deref(), Some("access_denied"));
    let elsewhere = Login { form: login.form.clone(), cookie: "a=b".into() };
    assert_eq!(error(&choice.asks(&elsewhere, ("", ""))).as_deref(), Some("login_required"));
    let wrong = choice.asks(&login, ("redirect_uri", "https://tool.example/choose/"));
    assert!(!wrong.text.contains("<form") && wrong.status >= 400, "{}", wrong.text);
    assert_eq!(choice.asks(&login, ("lti_message_hint", "1-2-3-4")).status, 403);
    assert!(Form::read(&choice.asks(&login, ("", "")).text).get("id_token").is_some());
    assert_eq!(choice.asks(&login, ("", "")).status, 403, "used before");
    let late = choice.opens(&selection);
    choice.world.wait(10 * MINUTES);
    assert_eq!(choice.asks(&late, ("", "")).status, 403, "too late");
}

#[test]
fn a_tool_that_is_not_active_or_says_no_address_is_not_asked() {
    let choice = Choice::new();
    let selection = choice.begin();
    let path = format!("/tool_providers/{}", choice.tool.provider["id"]);
    let fields = json!({ "tool_provider_id": choice.tool.provider["id"] });
    let login = choice.opens(&selection);
    choice.world.administrator.patch(&path, json!({ "active": false })).ok("tool_provider");
    let told = Form::read(&choice.asks(&login, ("", "")).text);
    assert_eq!((told.get("error"), told.get("state")), (Some("unauthorized_client"), Some(STATE)));
    choice.world.teacher.post(&choice.path(), fields.clone()).refused(422, "parameter_invalid");
    assert_eq!(choice.page(&selection).status, 404);
    let bare = json!({ "active": true, "deep_linking_url": null, "tool_url": "" });
    choice.world.administrator.patch(&path, bare).ok("tool_provider");
    choice.world.teacher.post(&choice.path(), fields).refused(422, "parameter_invalid");
    for name in ["1", "1-x", "x", "999-0123456789abcdef0123456789abcdef"] {
        assert_eq!(choice.world.page(&format!("/selections/outcomes/{name}")).status, 404, "{name}");
    }
}
