//! What a tool gives for the instructions: HTML and links become pieces of them, made harmless.

use std::fs;

use examlink::domain::instructions::sanitise;
use serde_json::{Value, json};

use super::{Choice, link};
use crate::world::{on_postgres, shown_scripts};

const CORPUS: &str = include_str!("../data/xss_corpus.txt");

impl Choice {
    /// What to write into the instructions for what was given.
    #[track_caller]
    pub fn instructions(&self, items: Value) -> Vec<String> {
        let (page, now) = self.given(items);
        assert_eq!(now["state"], "done", "{now}");
        assert!(page.text.contains("Added to the exam") && shown_scripts(&page.text).is_empty(), "{}", page.text);
        let items = now["items"].as_array().unwrap();
        items.iter().map(|item| item["instructions"].as_str().unwrap().to_owned()).collect()
    }

    /// Why nothing of what was given is taken.
    #[track_caller]
    pub fn refusal(&self, items: Value) -> String {
        let (page, now) = self.given(items);
        assert_eq!((page.status, &now["state"], &now["items"]), (200, &json!("failed"), &json!([])), "{now}");
        assert!(page.text.contains("Nothing could be added"), "{}", page.text);
        now["error"].as_str().unwrap().to_owned()
    }

    /// What a student sees who takes the exam with these instructions.
    pub fn student_sees(&self, content: &str) -> (String, String) {
        self.world.document(&self.exam, content);
        self.world.publish(&self.exam);
        let home = self.world.started(&self.world.student_session(&self.exam));
        let page = self.world.page(&home);
        assert_eq!(page.status, 200, "{}", page.text);
        (home, page.text)
    }
}

fn html(markup: &str) -> Value {
    json!({ "type": "html", "html": markup })
}

#[test]
fn an_author_gets_html_and_links_ready_for_the_instructions() {
    let choice = Choice::new();
    let items = json!([
        { "type": "html", "title": "Introduction", "html": "<h2>Circles</h2><p>Draw <b>two</b>.</p>" },
        { "type": "link", "title": "Handbook & more", "text": "Chapter 3\n<b>only</b>", "url": "https://books.example/3?a=1&b=2",
          "iframe": { "src": "https://books.example/frame" }, "embed": { "html": "<iframe src=\"https://books.example\">" } },
        { "type": "link", "url": "http://books.example/" },
        link("Quiz"),
    ]);
    let (page, now) = choice.given(items);
    let quiz = &choice.resources()[0];
    let anchor = "target=\"_blank\" rel=\"noopener noreferrer\"";
    assert_eq!(
        now["items"],
        json!([
            { "type": "html", "title": "Introduction", "lti_resource_id": null, "attachment_id": null,
              "instructions": "<h2>Circles</h2><p>Draw <b>two</b>.</p>" },
            { "type": "link", "title": "Handbook & more", "lti_resource_id": null, "attachment_id": null, "instructions": format!(
                "<p><a href=\"https://books.example/3?a=1&amp;b=2\" {anchor}>Handbook &amp; more</a><br>\n\
                 Chapter 3\n&lt;b&gt;only&lt;/b&gt;</p>") },
            { "type": "link", "title": null, "lti_resource_id": null, "attachment_id": null, "instructions": format!(
                "<p><a href=\"http://books.example/\" {anchor}>http://books.example/</a></p>") },
            { "type": "ltiResourceLink", "title": "Quiz", "lti_resource_id": quiz["id"], "attachment_id": null,
              "instructions": "{LTI_EXAM_1}" },
        ])
    );
    assert_eq!((&now["lti_resource_ids"], &now["placeholders"]), (&json!([quiz["id"]]), &json!(["LTI_EXAM_1"])));
    for part in ["Introduction", "&#60;h2&#62;Circles&#60;/h2&#62;", "Handbook &#38; more", "{LTI_EXAM_1}"] {
        assert!(page.text.contains(part), "{part} in {}", page.text);
    }
    let pieces: Vec<&str> =
        now["items"].as_array().unwrap().iter().map(|item| item["instructions"].as_str().unwrap()).collect();
    let (_, seen) = choice.student_sees(&pieces.join("\n"));
    for piece in &pieces[..3] {
        assert!(seen.contains(piece), "{piece} in {seen}");
    }
}

#[test]
fn xss_01_nothing_that_a_tool_gives_runs_anywhere() {
    let choice = Choice::new();
    let attacks: Vec<&str> = CORPUS.lines().filter(|line| !line.to_uppercase().contains("LTI_EXAM")).collect();
    assert!(attacks.len() >= 200);
    let mut pieces = Vec::new();
    for some in attacks.chunks(50) {
        let items: Vec<Value> = some.iter().map(|attack| html(&format!("<p>Read.</p>{attack}"))).collect();
        pieces.extend(choice.instructions(json!(items)));
        let items: Vec<Value> = some
            .iter()
            .map(|attack| {
                let url = format!("https://books.example/\"onmouseover=\"alert(1)\" x='{}", attack.replace(' ', "%20"));
                json!({ "type": "link", "title": format!("Book {attack}"), "text": attack, "url": url })
            })
            .collect();
        pieces.extend(choice.instructions(json!(items)));
    }
    for piece in &pieces {
        assert_eq!(sanitise(piece).as_str(), piece, "what is harmless stays as it is");
    }
    let (_, seen) = choice.student_sees(&pieces.join("\n"));
    let seen = without_titles(&seen);
    assert_eq!(shown_scripts(&seen), [""; 0]);
    let tags = seen.split('<').skip(1).map(|tag| tag.split('>').next().unwrap().to_lowercase());
    for tag in tags.filter(|tag| tag.starts_with("a ") || tag.starts_with("img ") || tag.starts_with("iframe")) {
        assert!(!tag.contains("=\"javascript:") && !tag.starts_with("iframe"), "{tag}");
    }
}

/// A title may say what it likes, but for the quotation mark that ends it.
fn without_titles(page: &str) -> String {
    let mut parts = page.split(" title=\"");
    let first = parts.next().unwrap_or_default();
    [first].into_iter().chain(parts.map(|part| part.split_once('"').unwrap().1)).collect()
}

#[test]
fn html_is_made_harmless_before_the_author_gets_it() {
    let choice = Choice::new();
    for (given, taken) in [
        ("<p onclick=\"alert(1)\">Read</p><script>alert(1)</script>", "<p>Read</p>"),
        ("Read<img src=x onerror=alert(1)>", "Read<img>"),
        ("<img src=\"https://tracker.example/i.png\" alt=\"Map\">", "<img alt=\"Map\">"),
        ("<p style=\"position:fixed\" id=\"main\" class=\"card\">Read</p>", "<p>Read</p>"),
        ("Read<iframe src=\"https://evil.example\"></iframe><form action=\"/x\"><input>", "Read"),
    ] {
        assert_eq!(choice.instructions(json!([html(given)])), [taken], "{given}");
    }
    let [link] = choice.instructions(json!([html("<a href=\"javascript:alert(1)\">Read</a>")])).try_into().unwrap();
    assert!(link.contains("Read") && !link.contains("href"), "{link}");
}

#[test]
fn what_instructions_cannot_hold_is_named_and_nothing_of_it_is_taken() {
    let choice = Choice::new();
    let titled = |markup: &str| json!({ "type": "html", "title": "Odd", "html": markup });
    for (item, why) in [
        (titled("<script>alert(1)</script>"), "nothing that instructions may show"),
        (titled("<svg onload=alert(1)>"), "nothing that instructions may show"),
        (titled("<!-- nothing -->"), "nothing that instructions may show"),
        (titled("Do {LTI_EXAM_1}"), "the placeholder of a tool"),
        (titled("<a href=\"https://x.example/LTI_EXAM_1\">x</a>"), "placeholder"),
        (titled(&"<b>".repeat(300)), "too deep"),
        (json!({ "type": "link", "title": "Odd", "url": "javascript:alert(1)" }), "url"),
        (json!({ "type": "link", "title": "Odd", "url": "data:text/html,x" }), "url"),
        (json!({ "type": "html", "title": "Odd" }), "html"),
    ] {
        let error = choice.refusal(json!([link("Fine"), item]));
        assert!(error.contains(why), "{item}: {error}");
    }
    assert_eq!(choice.resources().len(), 0);
    let many: Vec<Value> = (0..51).map(|_| html("Read")).collect();
    assert!(choice.refusal(json!(many)).contains("51 items"));
}

#[test]
fn items_of_a_vendors_own_types_are_left_out_and_counted() {
    let choice = Choice::new();
    let hologram = json!({ "type": "https://vendor.example/hologram", "url": "javascript:alert(1)" });
    let (page, now) = choice.given(json!([hologram, html("Read"), hologram]));
    assert_eq!((&now["state"], now["items"].as_array().unwrap().len()), (&json!("done"), 1));
    let said = "(2 items of types that an exam cannot take were left out.)";
    assert_eq!(now["message"], said);
    assert!(page.text.contains(said), "{}", page.text);
    let selection = choice.begin();
    let mut answer = choice.said(&choice.request(&selection), json!([hologram, html("Read")]));
    answer[examlink_lti::v1p3::claims::DEEP_LINKING_MESSAGE] = json!("Well chosen.");
    assert_eq!(choice.answers(answer).status, 303);
    let said = "Well chosen. (1 item of a type that an exam cannot take was left out.)";
    assert_eq!(choice.now(&selection)["message"], said);
    assert!(choice.refusal(json!([hologram])).contains("nothing of a type that an exam can take"));
}

#[test]
fn the_links_of_a_selection_from_before_are_among_its_items() {
    let choice = Choice::new();
    let (_, now) = choice.given(json!([link("Quiz"), link("Essay")]));
    let ids = now["lti_resource_ids"].as_array().unwrap().clone();
    let database = choice.world.into_database();
    let folder = if on_postgres() { "postgres" } else { "sqlite" };
    let migrate = |way: &str| {
        let path = format!("{}/migrations/{folder}/0018_deep_linking/{way}.sql", env!("CARGO_MANIFEST_DIR"));
        database.run(&fs::read_to_string(path).unwrap());
    };
    let stored = |column: &str| -> Value {
        serde_json::from_str(&database.texts(&format!("SELECT {column} AS text FROM selections"))[0]).unwrap()
    };
    migrate("down");
    assert_eq!(stored("lti_resource_ids"), json!(ids));
    migrate("up");
    let item = |id: &Value| json!({ "type": "ltiResourceLink", "lti_resource_id": id, "instructions": format!("{{LTI_EXAM_{id}}}") });
    assert_eq!(stored("items"), json!(ids.iter().map(item).collect::<Vec<_>>()));
}
