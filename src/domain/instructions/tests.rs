#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::cell::RefCell;

use html5ever::{
    Attribute,
    buffer_queue::BufferQueue,
    tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts},
};
use proptest::{prelude::*, sample::select};

use super::*;
use crate::domain::id::LtiResourceId;

/// One attack a line.
const CORPUS: &str = include_str!("../../../tests/api/data/xss_corpus.txt");

#[rustfmt::skip]
const ALLOWED_TAGS: &[&str] = &[
    "a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "blockquote", "br", "caption", "center", "cite", "code", "col",
    "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "footer", "h1", "h2",
    "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q",
    "rp", "rt", "ruby", "s", "samp", "section", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody",
    "td", "tfoot", "th", "thead", "time", "tr", "u", "ul", "var", "wbr",
];

#[rustfmt::skip]
const ALLOWED_ATTRIBUTES: &[&str] = &[
    "abbr", "alt", "colspan", "datetime", "dir", "height", "hreflang", "lang", "reversed", "rowspan", "scope", "span",
    "start", "title", "type", "width",
];

/// An exam without attachments.
fn no_file(_: &str) -> Option<Html> {
    None
}

/// Everything in `html` that a sanitised page must not hold, found by the tokenizer of a browser's parser.
fn violations(html: &str) -> Vec<String> {
    let tokenizer = Tokenizer::new(Inspector::default(), TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(html.into());
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink.violations.take()
}

#[derive(Default)]
struct Inspector {
    violations: RefCell<Vec<String>>,
}

impl TokenSink for Inspector {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let violation = match token {
            Token::CharacterTokens(_) | Token::EOFToken => None,
            Token::TagToken(tag) => tag_violation(&tag),
            other => Some(format!("{other:?}")),
        };
        self.violations.borrow_mut().extend(violation);
        TokenSinkResult::Continue
    }
}

fn tag_violation(tag: &Tag) -> Option<String> {
    let is_fine = |attribute: &Attribute| attribute_is_fine(&tag.name, &attribute.name.local, &attribute.value);
    let is_safe_link = |tag: &Tag| {
        let value =
            |name: &str| tag.attrs.iter().find(|attr| &*attr.name.local == name).map(|attr| attr.value.to_string());
        value("target").as_deref() == Some("_blank") && value("rel").as_deref() == Some("noopener noreferrer")
    };
    let fine = ALLOWED_TAGS.contains(&&*tag.name)
        && tag.attrs.iter().all(is_fine)
        && (&*tag.name != "a" || tag.kind == TagKind::EndTag || is_safe_link(tag));
    (!fine).then(|| format!("{tag:?}"))
}

fn attribute_is_fine(tag: &str, name: &str, value: &str) -> bool {
    let begins = |starts: &[&str]| starts.iter().any(|start| value.to_ascii_lowercase().starts_with(start));
    match (tag, name) {
        ("a", "href") => begins(&["http://", "https://", "mailto:"]),
        ("img", "src") => begins(&["data:image/png;", "data:image/gif;", "data:image/jpeg;", "data:image/webp;"]),
        ("a", "rel" | "target") => true,
        _ => ALLOWED_ATTRIBUTES.contains(&name),
    }
}

/// The tool that the tests put in place of a placeholder; its name is an attack, and a placeholder.
fn tool(placeholder: Placeholder) -> Html {
    let name = "{LTI_EXAM_2}&lt;script&gt;";
    Html::trusted(format!("<span class=\"tool\" title=\"{placeholder}\">{name}<iframe src=\"/x\"></iframe></span>"))
}

/// What a browser would make of a rendered page, written out again.
fn reparsed(page: &str) -> String {
    let mut browser = ammonia::Builder::empty();
    browser
        .tags(ALLOWED_TAGS.iter().copied().chain(["iframe"]).collect())
        .generic_attributes(
            ALLOWED_ATTRIBUTES.iter().copied().chain(["class", "href", "src", "rel", "target"]).collect(),
        )
        .url_schemes(["http", "https", "mailto", "data"].into())
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel(None);
    browser.clean(page).to_string().replace("<pre>\n", "<pre>\n\n")
}

#[test]
fn no_attack_of_the_corpus_survives() {
    assert!(CORPUS.lines().count() >= 200);
    for attack in CORPUS.lines() {
        for content in [
            attack.to_owned(),
            format!("<p>{attack}</p>"),
            format!("<table><td>{attack}"),
            format!("<p title=\"{attack}\">"),
        ] {
            let clean = sanitise(&content);
            assert_eq!(violations(clean.as_str()), [] as [String; 0], "{content}");
            assert_eq!(sanitise(clean.as_str()), clean, "{content}");
        }
    }
}

#[test]
fn the_inspector_sees_what_it_must_not_see() {
    for bad in [
        "<script>",
        "<p onclick=x>",
        "<a href='https://a'>",
        "<img src=x>",
        "<!-- -->",
        "<p style=x>",
        "<p class=x>",
        "</form>",
    ] {
        assert_eq!(violations(bad).len(), 1, "{bad}");
    }
}

#[test]
fn what_an_author_may_write_stays() {
    for content in [
        "<h2>Part 1</h2>\n<p>Read <b>all</b> <em>questions</em>.</p>",
        "<ol start=\"3\"><li>One</li><li>Two</li></ol>",
        "<table><thead><tr><th scope=\"col\">x</th></tr></thead><tbody><tr><td colspan=\"2\">y</td></tr></tbody></table>",
        "<img src=\"data:image/png;base64,iVBORw0KGgo=\" alt=\"A graph\">",
        "<p lang=\"nl\" dir=\"ltr\">Lees <code>a &lt; b</code></p>",
        "<pre>\n\n  indented</pre>",
        "<a href=\"https://example.com/?a=1&amp;b=2\" target=\"_blank\" rel=\"noopener noreferrer\">x</a>",
    ] {
        assert_eq!(sanitise(content).as_str(), content);
    }
}

#[test]
fn what_an_author_may_not_write_goes() {
    for (content, expected) in [
        ("<p style='color:red' class='tool' id='x' data-a='b' role='alert'>x</p>", "<p>x</p>"),
        ("<a href='/sessions/1/finish'>x</a>", r#"<a target="_blank" rel="noopener noreferrer">x</a>"#),
        ("<img src='/sessions/1' alt='x'>", r#"<img alt="x">"#),
        ("<form><input name=a>text</form>", "text"),
        ("<svg><text>x</text></svg><script>y</script>z", "z"),
    ] {
        assert_eq!(sanitise(content).as_str(), expected);
    }
}

#[test]
fn a_tool_stands_where_its_placeholder_stood() {
    let name = |placeholder| Html::trusted(format!("[{placeholder}]"));
    for (content, expected) in [
        ("<p>{LTI_EXAM_1}</p>", "<p>[LTI_EXAM_1]</p>"),
        ("<p>a LTI_EXAM_1, b</p>", "<p>a [LTI_EXAM_1], b</p>"),
        ("<p title='LTI_EXAM_1'>x</p>", "<p title=\"LTI_EXAM_1\">x</p>"),
        ("<b>{LTI_EXAM_1}{LTI_EXAM_2}</b>", "<b>[LTI_EXAM_1][LTI_EXAM_2]</b>"),
        ("XLTI_EXAM_1<br>", "XLTI_EXAM_1<br>"),
        ("one\r\ntwo\n\n{LTI_EXAM_1}\n\nthree", "<p>one<br>\ntwo</p>\n<p>[LTI_EXAM_1]</p>\n<p>three</p>\n"),
        ("a < b & c", "<p>a &lt; b &amp; c</p>\n"),
    ] {
        assert_eq!(render(content, name, no_file).as_str(), expected);
    }
    let link = render("<a href='https://a'><b>LTI_EXAM_1</b></a>LTI_EXAM_2", name, no_file);
    assert!(link.as_str().ends_with("<b>LTI_EXAM_1</b></a>[LTI_EXAM_2]"), "{link}");
}

#[test]
fn an_attachment_stands_where_its_placeholder_stood_and_what_names_none_is_text() {
    let file = |name: &str| name.ends_with("map.png").then(|| Html::trusted(format!("[{name}]")));
    for (content, expected) in [
        ("<p>{1548172086_map.png}</p>", "<p>[1548172086_map.png]</p>"),
        ("<p>{1_none.png} {1_map.png}{LTI_EXAM_1}</p>", "<p>{1_none.png} [1_map.png][LTI_EXAM_1]</p>"),
        ("<p>{{1_map.png}}</p>", "<p>{[1_map.png]}</p>"),
        (
            "<p>{1_a b map.png} {map.png} {_map.png} {1_map.png</p>",
            "<p>{1_a b map.png} {map.png} {_map.png} {1_map.png</p>",
        ),
        ("<p title='{1_map.png}'>x</p>", "<p title=\"{1_map.png}\">x</p>"),
        ("<p>{1_LTI_EXAM_1map.png}</p>", "<p>{1_LTI_EXAM_1map.png}</p>"),
        ("{1_&lt;map.png}", "<p>{1_&lt;map.png}</p>\n"),
    ] {
        let tool = |placeholder| Html::trusted(format!("[{placeholder}]"));
        assert_eq!(render(content, tool, file).as_str(), expected);
    }
}

#[test]
fn what_a_tool_holds_is_not_expanded_and_cannot_be_forged() {
    let page = render("{LTI_EXAM_1}", tool, no_file);
    assert_eq!(page.as_str().matches("{LTI_EXAM_2}").count(), 1);
    let forged = render(tool(Placeholder::LtiResource(LtiResourceId(1))).as_str(), |_| Html::default(), no_file);
    assert!(!forged.as_str().contains("iframe") && !forged.as_str().contains("class"), "{forged}");
}

/// Formatting tags that every paragraph after them opens again: 90,000 elements from four kilobytes.
pub(crate) fn bomb() -> String {
    let open = (0..300).fold(String::from("<p>"), |open, n| open + &format!("<b dir={n}>"));
    open + &"<p>x".repeat(300)
}

#[test]
fn too_much_markup_is_shown_as_its_source() {
    let bomb = bomb();
    let clean = sanitise(&bomb);
    assert!(clean.as_str().starts_with("&lt;p&gt;&lt;b dir=0&gt;"));
    assert!(clean.as_str().len() < 3 * bomb.len());
    assert_eq!(sanitise(clean.as_str()), clean);
}

#[test]
fn a_text_is_shown_as_it_is() {
    assert_eq!(Html::text("<b>\nLTI_EXAM_1 &amp;").as_str(), "<p>&lt;b&gt;<br>\nLTI_EXAM_1 &amp;amp;</p>\n");
}

/// How many cases each property is tried on: `EXAMLINK_FUZZ_CASES`, or a few.
pub(crate) fn fuzz() -> ProptestConfig {
    let cases = std::env::var("EXAMLINK_FUZZ_CASES").map_or(200, |cases| cases.parse().expect("a number of cases"));
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Markup as nobody would write it: pieces of tags, attributes, references, placeholders and attacks in any order.
pub(crate) fn markup() -> impl Strategy<Value = String> {
    #[rustfmt::skip]
    let pieces = select(vec![
        "<", ">", "</", "/>", "\"", "'", "=", " ", "\n", "\r", "\t", "&", ";", "&#", "x3c", "&lt;", "&amp;", "&#13;",
        "&nbsp;", "<!--", "-->", "<![CDATA[", "]]>", "<?", "a", "é", "\u{ad}", "{", "}", "LTI_EXAM_", "1", "20",
        "{LTI_EXAM_1}", "LTI_EXAM_2", " LTI_EXAM_3 ", "{LTI_EXAM_4}", "LTI_", "EXAM_", "&#95;", "<a href='https://a'>",
        "</a>", "<a>", "<b>", "</b>", "<b title=x>", "<i>", "</i>", "<p>", "</p>", "<div>", "</div>", "<h1>", "</h1>",
        "<h2>", "<ul>", "</ul>", "<li>", "</li>", "<pre>", "</pre>", "<table>", "</table>", "<caption>", "<tr>", "<td>",
        "</td>", "<th>", "<col>", "<tbody>", "<details>", "<summary>", "<dl>", "<dt>", "<dd>", "<ruby>", "<rt>", "<rp>",
        "<br>", "</br>", "<hr>", "<img src=x onerror=y>", "<img alt='", "<script>", "</script>", "<style>", "</style>",
        "<svg>", "</svg>", "<math>", "<mtext>", "<mglyph>", "<foreignObject>", "<desc>", "<title>", "</title>",
        "<textarea>", "</textarea>", "<select>", "<option>", "<template>", "</template>", "<form>", "</form>",
        "<button>", "<iframe srcdoc='", "</iframe>", "<object>", "<noscript>", "</noscript>", "<plaintext>", "<xmp>",
        "<section>", "<x-y>", "</x-y>", "<center>", "<nobr>", "<font color=red>", "<frameset>", "<body onload=x>",
    ]);
    prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(fuzz())]

    #[test]
    fn sanitised_markup_is_safe_and_stays_as_it_is(content in prop_oneof![4 => markup(), 1 => any::<String>()]) {
        let clean = sanitise(&content);
        prop_assert_eq!(violations(clean.as_str()), [] as [String; 0]);
        prop_assert_eq!(&sanitise(clean.as_str()), &clean);
    }

    #[test]
    fn tools_do_not_break_the_page(content in markup()) {
        let page = render(&content, tool, no_file);
        prop_assert_eq!(reparsed(page.as_str()), page.as_str());
    }
}
