//! Choosing content in a tool: an author goes there by a link, and comes back with LTI resources of the exam.

use std::thread;

use examlink_lti::v1::content_item::{ContentItem, Image, ItemType, LTI_LINK, LineItem, Placement, Selection};
use examlink_lti::v1::launch::DocumentTarget;
use serde_json::{Value, json};

use crate::world::inspector::{assert_failed, assert_good};
use crate::world::{Form, Reply, World, assert_members, shown_scripts};

const FIELDS: &str = "id exam_id tool_provider_id tool_deployment_id user_id state selection_url items \
    lti_resource_ids placeholders message error expires_at created_at updated_at";
const HOURS: i64 = 3_600_000;

/// An author in front of a tool.
struct Choice {
    world: World,
    exam: Value,
    tool: Value,
}

impl Choice {
    fn new() -> Self {
        Self::in_world(World::new())
    }

    fn in_world(world: World) -> Self {
        let (exam, tool) = (world.exam(), world.tool_provider());
        let path = format!("/tool_providers/{}", tool["id"]);
        let tool = world.administrator.patch(&path, json!({ "use_as_basic_link": false })).ok("tool_provider");
        Self { world, exam, tool }
    }

    fn path(&self) -> String {
        format!("/exams/{}/selections", self.exam["id"])
    }

    fn begin(&self) -> Value {
        self.world.teacher.post(&self.path(), json!({ "tool_provider_id": self.tool["id"] })).created("selection")
    }

    fn page(&self, selection: &Value) -> Reply {
        let url = selection["selection_url"].as_str().unwrap();
        self.world.page(url.strip_prefix(&self.world.origin()).unwrap())
    }

    /// The request that the tool gets.
    fn request(&self, selection: &Value) -> Form {
        let page = self.page(selection);
        assert_eq!(page.status, 200, "{}", page.text);
        Form::read(&page.text)
    }

    fn now(&self, selection: &Value) -> Value {
        self.world.teacher.get(&format!("{}/{}", self.path(), selection["id"])).ok("selection")
    }

    fn resources(&self) -> Vec<Value> {
        let path = format!("/lti_resources?exam_id={}", self.exam["id"]);
        self.world.teacher.get(&path).ok("lti_resources").as_array().unwrap().clone()
    }

    /// A new selection that the tool answers with this reply, and what became of it.
    fn answered(&self, reply: Selection) -> (Reply, Value) {
        let selection = self.begin();
        let page = self.world.tool().answers(&self.request(&selection), reply).submit();
        let now = self.now(&selection);
        (page, now)
    }

    fn given(&self, items: Vec<ContentItem>) -> (Reply, Value) {
        self.answered(Selection { items: Some(items), ..Selection::default() })
    }
}

fn link(title: &str) -> ContentItem {
    ContentItem { title: Some(title.into()), media_type: Some(LTI_LINK.into()), ..ContentItem::default() }
}

fn quiz() -> ContentItem {
    let text = |text: &str| Some(text.to_owned());
    ContentItem {
        url: text("https://tool.example/launch?quiz=4"),
        text: text("Circles\nand squares"),
        icon: Some(Image { url: "https://tool.example/i.png".into(), ..Image::default() }),
        placement: Placement {
            target: Some(DocumentTarget::Window),
            width: Some(800),
            height: Some(600),
            ..Placement::default()
        },
        custom: vec![("chapter".into(), "3".into())],
        line_item: Some(LineItem {
            label: text("Chapter 3"),
            tag: text("final"),
            normal_maximum: Some(12.5),
            ..LineItem::default()
        }),
        ..link("Quiz 4")
    }
}

#[test]
fn an_author_chooses_two_links_and_a_student_opens_them() {
    let choice = Choice::new();
    let selection = choice.begin();
    assert_members(&selection, FIELDS);
    assert_eq!((&selection["state"], &selection["placeholders"]), (&json!("waiting"), &json!([])));
    let request = choice.request(&selection);
    let page = choice.world.tool().gives(&request, vec![quiz(), link("Essay")]).submit();
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("Added to the exam") && shown_scripts(&page.text).is_empty(), "{}", page.text);

    let now = choice.now(&selection);
    assert_eq!((&now["state"], &now["selection_url"], &now["error"]), (&json!("done"), &Value::Null, &Value::Null));
    let [quiz, essay] = choice.resources().try_into().unwrap();
    assert_eq!(now["placeholders"], json!([quiz["placeholder"], essay["placeholder"]]));
    assert!(page.text.contains(quiz["placeholder"].as_str().unwrap()) && page.text.contains("Essay"));
    for (name, value) in [
        ("lti_resource_link_name", json!("Quiz 4")),
        ("lti_resource_launch_url", json!("https://tool.example/launch?quiz=4")),
        ("lti_custom_data", json!("{\"chapter\":\"3\"}")),
        ("open_in_new_tab", json!(true)),
        ("description", json!("Circles\nand squares")),
        ("icon_url", json!("https://tool.example/i.png")),
        ("display_width", json!(800)),
        ("display_height", json!(600)),
        ("line_item_label", json!("Chapter 3")),
        ("line_item_tag", json!("final")),
        ("line_item_maximum", json!(12.5)),
    ] {
        assert_eq!(quiz[name], value, "{name}");
    }
    assert_eq!(essay["lti_resource_launch_url"], choice.tool["tool_url"], "a link without a URL opens the tool");
    assert_eq!((&essay["description"], &essay["open_in_new_tab"]), (&Value::Null, &json!(false)));

    let content =
        format!("{{{}}} {{{}}}", quiz["placeholder"].as_str().unwrap(), essay["placeholder"].as_str().unwrap());
    choice.world.document(&choice.exam, &content);
    choice.world.publish(&choice.exam);
    let home = choice.world.started(&choice.world.student_session(&choice.exam));
    let launch = choice.world.launch_form(&home, &quiz);
    assert_eq!(launch.action, "https://tool.example/launch?quiz=4");
    for (name, value) in [
        ("lti_message_type", "basic-lti-launch-request"),
        ("resource_link_title", "Quiz 4"),
        ("resource_link_description", "Circles\r\nand squares"),
        ("launch_presentation_document_target", "window"),
        ("launch_presentation_width", "800"),
        ("launch_presentation_height", "600"),
        ("custom_chapter", "3"),
    ] {
        assert_eq!(launch.get(name), Some(value), "{name}");
    }
    assert_eq!(choice.world.launch_form(&home, &essay).action, "https://tool.example/launch");
}

#[test]
fn the_request_asks_for_links_and_tells_nothing_that_belongs_to_a_launch() {
    let choice = Choice::new();
    let form = choice.request(&choice.begin());
    assert_eq!(form.action, "https://tool.example/launch");
    for (name, value) in [
        ("lti_message_type", "ContentItemSelectionRequest"),
        ("accept_media_types", LTI_LINK),
        ("accept_presentation_document_targets", "iframe,window"),
        ("accept_multiple", "true"),
        ("accept_unsigned", "false"),
        ("auto_create", "true"),
        ("roles", "Instructor"),
        ("context_title", "Algebra"),
        ("title", "Algebra"),
        ("content_item_return_url", &format!("{}/lti/1.1/content_items", choice.world.origin())),
    ] {
        assert_eq!(form.get(name), Some(value), "{name}");
    }
    let told = format!("{:?}", form.fields);
    for never in ["resource_link", "launch_presentation_return_url", "lis_", "teacher@", "selections/"] {
        assert!(!told.contains(never), "{never} in {told}");
    }
    let selection = choice.begin();
    let (one, two) = (choice.request(&selection), choice.request(&selection));
    assert_ne!(one.get("oauth_nonce"), two.get("oauth_nonce"), "each opening is signed anew");
    assert_eq!(one.get("data"), two.get("data"));
}

#[test]
fn nothing_chosen_is_told_and_leaves_nothing() {
    let choice = Choice::new();
    let message = Some("See you <b>later</b>".into());
    let (page, now) = choice.answered(Selection { message, log: Some("log line".into()), ..Selection::default() });
    assert!(page.text.contains("Nothing was chosen") && page.text.contains("&#60;b&#62;later"), "{}", page.text);
    assert!(!page.text.contains("log line"), "a log line is for the log");
    assert_eq!((&now["state"], &now["message"]), (&json!("cancelled"), &json!("See you <b>later</b>")));
    let (page, now) = choice.given(Vec::new());
    assert_eq!((page.status, &now["state"], choice.resources().len()), (200, &json!("cancelled"), 0));
}

#[test]
fn web_04_a_tools_error_is_shown_as_text_of_sensible_length() {
    let choice = Choice::new();
    let error = format!("<script>alert(1)</script>{}", "x".repeat(1_000));
    let items = Some(vec![link("Quiz")]);
    let reply = Selection { error: Some(error), items, error_log: Some("stack".into()), ..Selection::default() };
    let (page, now) = choice.answered(reply);
    assert!(page.text.contains("Nothing could be added") && !page.text.contains("<script>alert"), "{}", page.text);
    assert!(!page.text.contains("stack") && shown_scripts(&page.text).is_empty());
    assert_eq!((&now["state"], now["error"].as_str().unwrap().len()), (&json!("failed"), 500));
    assert_eq!(choice.resources().len(), 0, "a tool that failed has given nothing");
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
}

#[test]
fn what_an_exam_cannot_take_is_named_and_nothing_of_it_is_taken() {
    let choice = Choice::new();
    let url = |url: &str| ContentItem { url: Some(url.into()), ..link("Odd") };
    let of = |kind: ItemType| ContentItem { kind, ..link("Odd") };
    for (item, why) in [
        (of(ItemType::File), "FileItem"),
        (of(ItemType::Import), "ImportItem"),
        (of(ItemType::Other("Hologram".into())), "Hologram"),
        (ContentItem { media_type: Some("text/html".into()), ..of(ItemType::Generic) }, "ContentItem"),
        (url("http://tool.example/"), "http:"),
        (url("javascript:alert(1)"), "https://"),
        (url("https://user:pass@tool.example/"), "user name or password"),
        (ContentItem { custom: vec![("A".into(), "1".into()), ("a".into(), "2".into())], ..link("Odd") }, "custom_a"),
        (ContentItem { text: Some("x".repeat(20_001)), ..link("Odd") }, "longer than 20000"),
    ] {
        let (page, now) = choice.given(vec![link("Fine"), item]);
        let error = now["error"].as_str().unwrap();
        assert_eq!((page.status, &now["state"]), (200, &json!("failed")), "{why}");
        assert!(error.contains("“Odd”") && error.contains(why), "{error}");
        assert!(page.text.contains("Nothing could be added"), "{}", page.text);
    }
    let (_, now) = choice.given((0..51).map(|n| link(&format!("Link {n}"))).collect());
    assert!(now["error"].as_str().unwrap().contains("51 items"), "{now}");
    assert_eq!(choice.resources().len(), 0);
    let (_, now) = choice.given((0..50).map(|n| link(&format!("Link {n}"))).collect());
    assert_eq!((&now["state"], choice.resources().len()), (&json!("done"), 50));
}

#[test]
fn what_does_not_matter_is_put_right() {
    let choice = Choice::new();
    let odd = ContentItem {
        title: Some(format!(" Two\n lines {}", "x".repeat(300))),
        icon: Some(Image { url: "data:image/png;base64,x".into(), ..Image::default() }),
        placement: Placement { width: Some(0), height: Some(99_999), ..Placement::default() },
        line_item: Some(LineItem { label: Some(String::new()), normal_maximum: Some(0.0), ..LineItem::default() }),
        ..link("")
    };
    let (_, now) = choice.given(vec![odd, ContentItem { title: None, ..link("") }]);
    assert_eq!(now["state"], "done", "{now}");
    let [odd, untitled] = choice.resources().try_into().unwrap();
    let name = odd["lti_resource_link_name"].as_str().unwrap();
    assert!(name.starts_with("Two lines x") && name.len() == 250, "{name}");
    for absent in ["icon_url", "display_width", "display_height", "line_item_label", "line_item_maximum"] {
        assert_eq!(odd[absent], Value::Null, "{absent}");
    }
    assert_eq!(untitled["lti_resource_link_name"], choice.tool["tool_name"]);
}

#[test]
fn plain_http_links_are_taken_where_the_operator_allows_them() {
    let choice = Choice::in_world(World::with(World::standing_clock(), |settings| settings.allow_http_tools = true));
    let plain = ContentItem { url: Some("http://tool.example/quiz".into()), ..link("Quiz") };
    assert_eq!(choice.given(vec![plain]).1["state"], "done");
}

#[test]
fn an_answer_serves_once() {
    let choice = Choice::new();
    let selection = choice.begin();
    let request = choice.request(&selection);
    let answer = choice.world.tool().gives(&request, vec![link("Quiz")]);
    assert_eq!(answer.submit().status, 200);
    assert_eq!(answer.submit().status, 409, "the same form");
    assert_eq!(choice.world.tool().gives(&request, vec![link("More")]).submit().status, 409, "the same data");
    assert_eq!(choice.page(&selection).status, 409, "the link to the tool");
    assert_eq!(choice.resources().len(), 1);
}

#[test]
fn of_two_answers_at_the_same_time_one_counts() {
    let choice = Choice::new();
    let request = choice.request(&choice.begin());
    let answers: Vec<Form> =
        (0..8).map(|n| choice.world.tool().gives(&request, vec![link(&format!("Quiz {n}"))])).collect();
    let statuses: Vec<u16> = thread::scope(|scope| {
        let sent: Vec<_> = answers.iter().map(|answer| scope.spawn(|| answer.submit().status)).collect();
        sent.into_iter().map(|sent| sent.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
    assert_eq!(choice.resources().len(), 1);
}

#[test]
fn an_answer_that_comes_too_late_adds_nothing() {
    let choice = Choice::new();
    let selection = choice.begin();
    let request = choice.request(&selection);
    choice.world.wait(2 * HOURS);
    assert_eq!(choice.now(&selection)["state"], "expired");
    assert_eq!(choice.page(&selection).status, 409);
    assert_eq!(choice.world.tool().gives(&request, vec![link("Quiz")]).submit().status, 409);
    assert_eq!(choice.resources().len(), 0);
}

#[test]
fn an_answer_that_is_not_the_tools_is_refused() {
    let choice = Choice::new();
    let selection = choice.begin();
    let request = choice.request(&selection);
    let tool = choice.world.tool();
    let right = tool.gives(&request, vec![link("Quiz")]);
    let changed = |name: &str, change: &dyn Fn(&str) -> String| {
        let mut form = right.clone();
        let field = form.fields.iter_mut().find(|(known, _)| known == name).unwrap();
        field.1 = change(&field.1);
        form.submit().status
    };
    assert_eq!(changed("content_items", &|items| items.replace("Quiz", "Test")), 401);
    assert_eq!(changed("oauth_signature", &|_| "AAAAAAAAAAAAAAAAAAAAAAAAAAA=".into()), 401);
    let unsigned = Form {
        fields: right.fields.iter().filter(|(name, _)| !name.starts_with("oauth_")).cloned().collect(),
        ..right.clone()
    };
    assert_eq!(unsigned.submit().status, 401);

    let mut forged = request.clone();
    let data = forged.fields.iter_mut().find(|(name, _)| name == "data").unwrap();
    for bad in [format!("{}0", data.1), data.1.replacen(char::is_numeric, "9", 1), "x".into(), String::new()] {
        let mut request = request.clone();
        request.fields.iter_mut().find(|(name, _)| name == "data").unwrap().1.clone_from(&bad);
        assert_eq!(tool.gives(&request, vec![link("Quiz")]).submit().status, 401, "{bad}");
    }
    // Another tool, of another institute, with a key and secret of its own: its signature is right, and not for this.
    let mut other = tool.clone();
    (other.key, other.secret) = ("anotherInstitutesKey99".into(), "anotherSecret".into());
    assert_eq!(other.gives(&request, vec![link("Quiz")]).submit().status, 401);
    choice.world.wait(301_000);
    assert_eq!(right.submit().status, 401, "signed more than five minutes ago");
    assert_eq!((choice.resources().len(), &choice.now(&selection)["state"]), (0, &json!("waiting")));
    assert_eq!(tool.gives(&request, vec![link("Quiz")]).submit().status, 200);
}

#[test]
fn content_is_chosen_where_the_tool_provider_says_so() {
    let choice = Choice::new();
    let begin = |tool: &Value| choice.world.teacher.post(&choice.path(), json!({ "tool_provider_id": tool["id"] }));
    for tool in [choice.world.tool_provider(), json!({ "id": 999 })] {
        let reply = begin(&tool);
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], "tool_provider_id");
    }
    let nowhere = choice.world.tool_provider_at("");
    let path = format!("/tool_providers/{}", nowhere["id"]);
    choice.world.administrator.patch(&path, json!({ "use_as_basic_link": false })).ok("tool_provider");
    begin(&nowhere).refused(422, "parameter_invalid");
    choice.world.teacher.post(&choice.path(), json!({})).refused(422, "parameter_missing");
    for token in ["", "x", &"0".repeat(64)] {
        assert_eq!(choice.world.page(&format!("/selections/{token}")).status, 404, "{token}");
    }
}

#[test]
fn a_link_that_was_made_by_hand_is_launched_directly_whatever_the_tool_provider_says() {
    let choice = Choice::new();
    let resource = choice.world.lti_resource(&choice.exam, &choice.tool);
    choice.world.document(&choice.exam, "{LTI_EXAM_1}");
    choice.world.publish(&choice.exam);
    let home = choice.world.started(&choice.world.student_session(&choice.exam));
    let form = choice.world.launch_form(&home, &resource);
    assert_eq!(form.get("lti_message_type"), Some("basic-lti-launch-request"));
}

#[test]
fn an_author_who_lost_the_exam_meanwhile_adds_nothing() {
    let choice = Choice::new();
    let comanager = format!("/exams/{}/add_comanager", choice.exam["id"]);
    let colleague = json!({ "comanager_id": choice.world.colleague.id });
    assert_eq!(choice.world.teacher.call("PUT", &comanager, colleague.clone()).send().status, 200);
    let fields = json!({ "tool_provider_id": choice.tool["id"] });
    let selection = choice.world.colleague.post(&choice.path(), fields).created("selection");
    let request = choice.request(&selection);
    let remove = format!("/exams/{}/remove_comanager", choice.exam["id"]);
    assert_eq!(choice.world.teacher.call("DELETE", &remove, colleague).send().status, 200);
    let page = choice.world.tool().gives(&request, vec![link("Quiz")]).submit();
    assert!(page.text.contains("may no longer change this exam"), "{}", page.text);
    assert_eq!((&choice.now(&selection)["state"], choice.resources().len()), (&json!("failed"), 0));
}

#[test]
fn what_a_tool_says_of_a_link_can_be_said_by_hand() {
    let choice = Choice::new();
    let resource = choice.world.lti_resource(&choice.exam, &choice.tool);
    let path = format!("/lti_resources/{}", resource["id"]);
    let said = json!({
        "description": "About circles", "icon_url": "https://tool.example/i.png", "display_width": 640,
        "display_height": 480, "line_item_label": "Quiz", "line_item_tag": "final", "line_item_maximum": 7.25,
    });
    let shown = choice.world.teacher.patch(&path, said.clone()).ok("lti_resource");
    for (name, value) in said.as_object().unwrap() {
        assert_eq!(&shown[name], value, "{name}");
        let cleared = choice.world.teacher.patch(&path, json!({ name: null })).ok("lti_resource");
        assert_eq!(cleared[name], Value::Null, "{name}");
    }
    for (name, bad) in [
        ("display_width", json!(0)),
        ("display_height", json!(10_001)),
        ("line_item_maximum", json!(0)),
        ("line_item_maximum", json!("many")),
        ("line_item_maximum", json!(-1.5)),
        ("icon_url", json!("javascript:alert(1)")),
    ] {
        let reply = choice.world.teacher.patch(&path, json!({ name: bad }));
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], name);
    }
}

#[test]
fn an_authors_way_is_in_the_log_and_what_proves_it_is_not() {
    let choice = Choice::new();
    let selection = choice.begin();
    let request = choice.request(&selection);
    let sent = choice.world.logged("ContentItemSelectionRequest", 1).remove(0);
    assert_eq!((&sent["direction"], &sent["status"]), (&json!("to_tool"), &json!("launched")));
    assert_eq!((&sent["user_id"], &sent["exam_id"]), (&selection["user_id"], &choice.exam["id"]));
    assert_eq!(sent["signed"]["signature"], json!(request.get("oauth_signature")));
    let answer = choice.world.tool().answers(&request, Selection::default());
    assert_eq!(answer.submit().status, 200);
    let [received] = &choice.world.logged("ContentItemSelection", 1)[..] else { panic!() };
    assert_good(received, "from_tool", "received");
    assert_eq!((&received["user_id"], &received["tool_provider_id"]), (&selection["user_id"], &choice.tool["id"]));
    assert!(answer.submit().status >= 400);
    assert_failed(&choice.world.logged("ContentItemSelection", 2)[1], "once", "");
    let data = request.get("data").unwrap();
    for shown in [&sent, received] {
        let masked = json!({ "name": "data", "value": "***" });
        assert!(shown["signed"]["parameters"].as_array().unwrap().contains(&masked), "{shown}");
        assert!(!shown.to_string().contains(data), "{shown}");
    }
    choice.world.stranger.logged("ContentItemSelectionRequest", 0);
}
