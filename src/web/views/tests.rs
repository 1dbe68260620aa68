#![allow(clippy::unwrap_used, clippy::expect_used)]

use askama::Template;

use super::*;
use crate::domain::{
    id::LtiResourceId,
    instructions::{self, Html},
    placeholder::Placeholder,
};

/// What no value may do to a page.
const ATTACK: &str = "\"'><script>alert(1)</script>\u{0}\n</form>";

fn moment() -> Moment {
    Moment {
        text: "21 November 2026, 09:30 (UTC+01:00, Europe/Amsterdam)".into(),
        machine: "2026-11-21T09:30:00+01:00".into(),
    }
}

fn times() -> Times {
    Times { opens: Some(moment()), ends: Some(moment()), now: moment(), extra_minutes: 15 }
}

fn exam<'a>(phase: Phase, tools: &'a [SentToTool<'a>], text: &'a str) -> ExamPage<'a> {
    ExamPage {
        exam: text,
        student: text,
        home: "/sessions/abc",
        phase,
        times: times(),
        individual_info: Some(Html::text(text)),
        language: Some("nl"),
        tools,
        proctor: Some(Proctor { name: text, awaits_end: true }),
    }
}

fn running() -> Phase {
    let frame = |_| {
        ToolFrame { name: ATTACK, frame: "/launch/1", tab: "/launch/1?tab", number: 1, width: None, height: None }
            .html()
    };
    Phase::Running { instructions: instructions::render("<p>Do {LTI_EXAM_1}</p>", frame, |_| None) }
}

fn every_page(text: &str) -> Vec<String> {
    let tools = [SentToTool { name: text, sent: vec!["your name", text] }];
    let fields = [("oauth_nonce".into(), "1".to_owned()), (text.to_owned().into(), text.to_owned())];
    let mut pages: Vec<String> = [Phase::NotOpen, Phase::Ready, running(), Phase::Paused, Phase::Finished, Phase::Over]
        .into_iter()
        .map(|phase| exam(phase, &tools, text).render().unwrap())
        .collect();
    pages.push(LaunchPage { tool: text, action: text, fields: &fields }.render().unwrap());
    for home in [None, Some(text)] {
        pages.push(ReturnPage { message: Some(text), error: Some(text), home }.render().unwrap());
    }
    pages.push(MessagePage { message: Message::Closed, support_code: text }.render().unwrap());
    for refused in [None, Some(text)] {
        let returns = [(text, text.to_owned())];
        pages.push(ToolPage { refused, parameters: &fields, returns: &returns }.render().unwrap());
    }
    pages
}

/// Whether an event handler's name goes on so: `click="..."`.
fn is_handler(rest: &str) -> bool {
    rest.trim_start_matches(|c: char| c.is_ascii_lowercase()).starts_with('=')
}

#[test]
fn no_value_becomes_markup() {
    for page in every_page(ATTACK) {
        assert!(!page.contains("<script>") && !page.contains("\"'>"), "{page}");
        assert!(!page.contains(" style=") && !page.split(" on").skip(1).any(is_handler), "{page}");
    }
}

#[test]
fn every_page_has_a_language_a_title_one_heading_and_a_way_to_its_content() {
    for page in every_page("x") {
        assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"), "{page}");
        assert!(!page.contains("<title></title>"), "{page}");
        for once in ["<title>", "<h1>", "<main id=\"main\"", "href=\"#main\""] {
            assert_eq!(page.matches(once).count(), 1, "{once}: {page}");
        }
    }
}

#[test]
fn a_student_starts_a_ready_exam_and_finishes_a_running_one() {
    let page = |phase| exam(phase, &[], "x").render().unwrap();
    let start = "action=\"/sessions/abc/start\"";
    let finish = "action=\"/sessions/abc/finish\"";
    for (phase, starts, finishes) in [
        (Phase::NotOpen, false, false),
        (Phase::Ready, true, false),
        (running(), false, true),
        (Phase::Paused, false, false),
        (Phase::Finished, false, false),
        (Phase::Over, false, false),
    ] {
        let page = page(phase);
        assert_eq!((page.contains(start), page.contains(finish)), (starts, finishes), "{page}");
        assert_eq!(page.contains("<iframe"), finishes);
    }
}

#[test]
fn a_frame_has_a_title_a_way_past_it_and_a_way_out_of_it() {
    let (width, height) = (None, Some(480));
    let frame = ToolFrame { name: "Quiz", frame: "/f", tab: "/t", number: 2, width, height }.html().to_string();
    for part in [
        "<iframe src=\"/f\" title=\"Quiz\" height=\"480\" allowfullscreen>",
        "<a href=\"/t\" target=\"_blank\" rel=\"noopener\">",
        "href=\"#after-tool-2\"",
        "id=\"after-tool-2\"",
    ] {
        assert!(frame.contains(part), "{part}: {frame}");
    }
    assert!(!frame.contains('\n'), "a line break would show in preformatted text");
}

#[test]
fn a_launch_form_carries_every_field_and_a_nameless_button() {
    let fields = [("a&b".into(), "x \"y\" <z>\r\nä".to_owned()), ("a&b".into(), String::new())];
    let page = LaunchPage { tool: "Quiz", action: "https://tool.example/?a=1&b=2", fields: &fields }.render().unwrap();
    for part in [
        "action=\"https://tool.example/?a=1&#38;b=2\"",
        "name=\"a&#38;b\" value=\"x &#34;y&#34; &#60;z&#62;\r\nä\"",
        "name=\"a&#38;b\" value=\"\"",
        "<button>Open Quiz</button>",
        "<script src=\"/assets/launch.js\" defer></script>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[test]
fn a_page_after_a_tool_leads_nowhere() {
    let page = ReturnPage { message: Some("Saved <b>all</b>"), error: None, home: None }.render().unwrap();
    assert!(page.contains("Saved &#60;b&#62;all"), "{page}");
    assert_eq!(page.matches("<a ").count(), 1, "only the skip link: {page}");
}

#[test]
fn a_tool_stands_in_the_text_of_the_page() {
    let link = |placeholder| {
        assert_eq!(placeholder, Placeholder::LtiResource(LtiResourceId(1)));
        ToolLink { name: "Quiz", tab: "/t" }.html()
    };
    let page = instructions::render("<p>Do {LTI_EXAM_1}</p>", link, |_| None);
    assert!(
        page.as_str().starts_with("<p>Do <span class=\"tool tool-link\"><a class=\"button\" href=\"/t\""),
        "{page}"
    );
}
