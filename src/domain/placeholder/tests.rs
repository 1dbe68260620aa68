use proptest::prelude::*;

use super::*;

fn id(id: i64) -> LtiResourceId {
    LtiResourceId(id)
}

fn ids(content: &str) -> Vec<i64> {
    let id = |found: Found| match found.placeholder {
        Placeholder::LtiResource(LtiResourceId(id)) => id,
    };
    scan(content).into_iter().map(id).collect()
}

/// What both checks say together: the resources in order, or the problems.
fn checked(content: &str, is_known: impl Fn(LtiResourceId) -> bool) -> Result<Vec<LtiResourceId>, Vec<Problem>> {
    let found = check(content)?;
    let unknown = unknown(&found, is_known);
    let resource = |Found { placeholder: Placeholder::LtiResource(id), .. }| id;
    if unknown.is_empty() { Ok(found.into_iter().map(resource).collect()) } else { Err(unknown) }
}

/// Code and offset of each problem, in an exam whose resources are 1 to 9.
fn problems(content: &str) -> Vec<(&'static str, usize)> {
    match checked(content, |LtiResourceId(id)| (1..=9).contains(&id)) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(|problem| (problem.code(), problem.position.offset)).collect(),
    }
}

#[test]
fn placeholders_are_found_with_and_without_braces() {
    for (content, expected) in [
        ("{LTI_EXAM_1}", vec![1]),
        ("LTI_EXAM_1", vec![1]),
        ("LTI_EXAM_12, {LTI_EXAM_3}.", vec![12, 3]),
        ("x{LTI_EXAM_1}y", vec![1]),
        ("{{LTI_EXAM_1}}", vec![1]),
        ("{LTI_EXAM_1}{LTI_EXAM_1}LTI_EXAM_2", vec![1, 1, 2]),
        ("<p>LTI_EXAM_1</p><p>LTI_EXAM_2</p>", vec![1, 2]),
        ("<ol><li>LTI_EXAM_1</li><li>2nd item</li></ol>", vec![1]),
        ("<b>{LTI_EXAM_1}</b>", vec![1]),
        ("one<br>LTI_EXAM_1<br>two", vec![1]),
        ("a&nbsp;LTI_EXAM_1&amp;b", vec![1]),
        ("R&D\r\nLTI_EXAM_1\r\nend\rLTI_EXAM_2\r", vec![1, 2]),
        ("&#95 LTI_EXAM_1<b> x</b>", vec![1]),
        ("a < b & LTI_EXAM_1 > c", vec![1]),
        ("LTI_EXAM_9223372036854775807", vec![i64::MAX]),
        ("no placeholder {1548172086_image2.jpg}", vec![]),
    ] {
        assert_eq!(ids(content), expected, "{content}");
        assert!(check(content).is_ok(), "{content}");
    }
}

#[test]
fn a_position_counts_characters_lines_and_columns() {
    let [first, second] = scan("é {LTI_EXAM_1}\r\n<b>ß</b> LTI_EXAM_2")[..] else { panic!("two placeholders") };
    assert_eq!(first.position, Position { offset: 2, line: 1, column: 3 });
    assert_eq!(second.position, Position { offset: 25, line: 2, column: 10 });
    assert_eq!(second.position.to_string(), "line 2, column 10 (character 25)");
}

#[test]
fn a_broken_placeholder_is_refused() {
    for content in [
        "{LTI_EXAM_}",
        "{LTI_EXAM}",
        "{LTI_EXAM1}",
        "LTI_EXAM_01",
        "LTI_EXAM_0",
        "LTI_EXAM_-1",
        "LTI_EXAM_١",
        "LTI_EXAM_99999999999999999999",
        "{LTI_EXAM_1",
        "LTI_EXAM_1}",
        "{LTI_EXAM_1 }",
        "{LTI_EXAM_1.jpg}",
        "XLTI_EXAM_1",
        "_LTI_EXAM_1",
        "LTI_EXAM_1x",
        "LTI_EXAM_1_2",
        "éLTI_EXAM_1",
        "LTI_EXAMé",
        "{lti_exam_1}",
        "{Lti_Exam_1}",
    ] {
        assert_eq!(
            problems(content),
            [("placeholder_malformed", usize::from(content.starts_with(['X', '_', 'é'])))],
            "{content}"
        );
        assert!(ids(content).is_empty(), "{content}");
    }
    assert_eq!(
        problems("<b>foo</b>LTI_EXAM_1"),
        [("placeholder_malformed", 10)],
        "a formatting tag does not end a word"
    );
}

#[test]
fn a_split_placeholder_is_refused_with_its_position() {
    for (content, offset) in [
        ("{LTI_<b>EXAM_1</b>}", 0),
        ("ab LTI_EXAM_<i>1</i>", 3),
        ("{<b>LTI_EXAM_1</b>}", 0),
        ("LTI_EXAM_1<b>2</b>", 0),
        ("LTI_<!-- -->EXAM_1", 0),
        ("LTI&#95;EXAM_1", 0),
        ("x LTI_EXA&#x4d;_1", 2),
        ("&#76;TI_EXAM_1", 0),
        ("&lbrace;LTI_EXAM_1}", 0),
        ("LTI_\u{ad}EXAM_1", 0),
        ("LTI_EXAM_\u{200b}1", 0),
        ("<p>LTI_</p><p>EXAM_1</p>", 3),
        ("LTI_<br>EXAM_1", 0),
        ("LTI_<unknown>EXAM_1</unknown>", 0),
        ("<p>{LTI<span style='x'>_</span>EXAM_1}", 3),
    ] {
        assert_eq!(problems(content), [("placeholder_split", offset)], "{content}");
    }
}

#[test]
fn a_placeholder_that_would_not_be_shown_is_refused() {
    for (content, offset) in [
        (r#"<p title="{LTI_EXAM_1}">x</p>"#, 10),
        ("<!-- LTI_EXAM_1 -->", 5),
        ("<!-- LTI_EXAM_1", 5),
        ("<p LTI_EXAM_1", 3),
        ("<script>LTI_EXAM_1</script>", 8),
        ("<style>a{} LTI_EXAM_1 {}</style>", 11),
        ("<svg><text>LTI_EXAM_1</text></svg>", 11),
        ("<textarea>{LTI_EXAM_1}</textarea>", 10),
        ("<a href='https://a'>see <b>LTI_EXAM_1</b></a>", 27),
        ("word<td>LTI_EXAM_1</td>", 8),
    ] {
        assert_eq!(problems(content), [("placeholder_hidden", offset)], "{content}");
    }
}

#[test]
fn an_unknown_resource_is_refused_and_a_foreign_one_alike() {
    assert_eq!(problems("LTI_EXAM_1 {LTI_EXAM_77}"), [("placeholder_unknown", 11)]);
    assert_eq!(
        checked("{LTI_EXAM_77}", |_| false).map_err(|problems| problems[0].to_string()),
        Err("LTI_EXAM_77 is not an LTI resource of this exam. Create it with POST /lti_resources and this exam_id, and use \
             the placeholder of the answer. At line 1, column 1 (character 0)."
            .into())
    );
}

#[test]
fn problems_come_in_order_and_are_capped() {
    assert_eq!(
        problems("LTI_EXAM_7 LTI_<b>EXAM_1</b> LTI_EXAM_0 <i title='LTI_EXAM_1'>"),
        [("placeholder_split", 11), ("placeholder_malformed", 29), ("placeholder_hidden", 50)]
    );
    assert_eq!(problems(&"LTI_EXAM_77 ".repeat(1000)).len(), MAX_PROBLEMS);
}

#[test]
fn markup_that_grows_without_bounds_is_refused() {
    assert_eq!(problems(&instructions::tests::bomb())[0].0, "markup_too_deep");
    assert_eq!(problems(&"<div>".repeat(300))[0].0, "markup_too_deep");
}

#[test]
fn a_checked_text_yields_its_resources_in_order() {
    assert_eq!(checked("LTI_EXAM_3 LTI_EXAM_1 {LTI_EXAM_3}", |_| true), Ok(vec![id(3), id(1), id(3)]));
    assert!(names("a {LTI_EXAM_3}", id(3)) && !names("a {LTI_EXAM_3}", id(1)));
}

#[test]
fn a_copy_gets_its_own_numbers() {
    let copied =
        renumber("<p title='LTI_EXAM_1'>{LTI_EXAM_1} é LTI_EXAM_12.</p>", |LtiResourceId(id)| LtiResourceId(id + 100));
    assert_eq!(copied, "<p title='LTI_EXAM_1'>{LTI_EXAM_101} é LTI_EXAM_112.</p>");
}

proptest! {
    #![proptest_config(instructions::tests::fuzz())]

    #[test]
    fn what_passes_the_check_is_shown(content in instructions::tests::markup()) {
        if check(&content).is_ok() {
            let mut found: Vec<_> = scan(&content).into_iter().map(|found| found.placeholder).collect();
            let mut shown = instructions::shown(&content);
            found.sort();
            shown.sort();
            prop_assert_eq!(found, shown);
        }
    }

    #[test]
    fn positions_point_at_what_was_found(content in instructions::tests::markup()) {
        for found in scan(&content) {
            let rest: String = content.chars().skip(found.position.offset).collect();
            let rest = rest.strip_prefix('{').unwrap_or(&rest);
            prop_assert!(rest.starts_with(&found.placeholder.to_string()));
        }
    }

    #[test]
    fn any_text_can_be_checked(content in "\\PC*") {
        let _ = check(&content);
    }
}

#[test]
fn a_copy_names_its_own_attachments_where_the_original_named_its_own() {
    let new_name = |name: &str| (name == "7_é.png").then(|| "9_é.png".to_owned());
    for (original, copy) in [
        ("<p>{7_é.png} &amp; {7_é.png}</p>", "<p>{9_é.png} &amp; {9_é.png}</p>"),
        ("&lt; {7_&eacute;.png}", "&lt; {9_é.png}"),
        ("7_é.png {7_e.png} {LTI_EXAM_7}", "7_é.png {7_e.png} {LTI_EXAM_7}"),
        ("{7_<b>é</b>.png} {7_\u{ad}é.png}", "{7_<b>é</b>.png} {7_\u{ad}é.png}"),
        ("<p title='{7_é.png}'><!-- {7_é.png} --></p>", "<p title='{7_é.png}'><!-- {7_é.png} --></p>"),
    ] {
        assert_eq!(rename(original, new_name), copy);
    }
}
