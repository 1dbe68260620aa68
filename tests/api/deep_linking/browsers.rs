//! Whose browser brings the tool's answer: any may, because the answer says whose it is.

use serde_json::json;

use super::{Choice, link, signed};

#[test]
fn lti_11_an_answer_that_another_browser_brings_goes_to_the_author_who_asked_and_tells_nobody_else() {
    let choice = Choice::new();
    let selection = choice.begin();
    let answer = signed(choice.said(&choice.request(&selection), json!([link("Quiz")])), 0);
    // Somebody who got hold of the answer is quicker than the author. The browser has no cookie of ours.
    let quick = choice.sends(&answer);
    assert_eq!(quick.status, 303, "{}", quick.text);
    assert_eq!(quick.header("set-cookie"), "", "nobody is logged in by it");
    let page = choice.world.page(quick.header("location"));
    assert!(page.text.contains("Added to the exam") && page.text.contains("Quiz"), "{}", page.text);
    let url = selection["selection_url"].as_str().unwrap();
    for private in ["teacher", url.rsplit('/').next().unwrap(), choice.exam["token"].as_str().unwrap()] {
        assert!(!page.text.contains(private), "{private}: {}", page.text);
    }

    // It is in the exam of the author who asked, once.
    let quiz = choice.resources();
    assert_eq!((quiz.len(), &quiz[0]["lti_resource_link_name"]), (1, &json!("Quiz")));
    assert_eq!(choice.now(&selection)["state"], "done");
    assert_eq!(choice.sends(&answer).status, 401, "the author's own browser comes too late");
    assert_eq!((choice.resources().len(), choice.world.database.rows("lti_resources")), (1, 1));

    // Nobody else finds it.
    let path = format!("{}/{}", choice.path(), selection["id"]);
    for person in [&choice.world.colleague, &choice.world.stranger] {
        person.get(&path).refused(404, "not_found");
    }
    assert_eq!(choice.page(&selection).status, 409, "nor does the link that led to the tool open again");
}
