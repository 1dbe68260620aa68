//! Logins in a browser that takes no cookie from a frame: the platform's page keeps their state (LTI OIDC Login with LTI
//! Client Side postMessages).

use fantoccini::Locator;
use serde_json::json;

use super::{ORIGIN, sessions};
use crate::browser::{awaited, enter_frame, sees};
use crate::world::course::Course;
use crate::world::lms::with;
use crate::world::platform::{Begun, Lms13, learner};
use crate::world::{Form, Reply, World, http, with_browser_that};

const STRICT: &str = "platform_pyjwt.py";

/// A login whose state the frame of this name keeps.
fn begins(lms: &Lms13, frame: &str) -> Reply {
    lms.begins(&with(&lms.login(), json!({ "lti_storage_target": frame })))
}

/// The value of the first attribute of a page that is written so.
#[track_caller]
fn attribute(page: &Reply, name: &str) -> String {
    let (_, rest) = page.text.split_once(&format!("{name}=\"")).expect(name);
    rest.split('"').next().unwrap().replace("&#38;", "&")
}

/// The login that a page goes on with, in a browser that keeps no cookie of it.
fn begun(page: &Reply) -> Begun {
    Begun { asked: attribute(page, "<a href").parse().unwrap(), cookies: Vec::new() }
}

/// A page of this origin posts a form.
fn posts(world: &World, fields: &[(String, String)], origin: Option<&str>) -> Reply {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = http().post(format!("{}/lti/1.3/launch", world.origin()));
    let request = request.header("Content-Type", "application/x-www-form-urlencoded").body(body);
    let request = match origin {
        Some(origin) => request.header("Origin", origin),
        None => request,
    };
    request.send().unwrap().into()
}

#[test]
fn a_login_leaves_its_mark_in_the_page_of_the_platform_and_asks_for_it_there() {
    let world = World::new();
    let (exam, lms) = world.lms_1p3_of_exam(json!({ "frame_origins": [ORIGIN] }));
    let kept = begins(&lms, "_parent");
    assert_eq!(kept.status, 200, "{}", kept.text);
    assert!(kept.header("content-security-policy").contains(&format!("frame-ancestors 'self' {ORIGIN}")));
    assert_eq!(kept.headers.get_all("set-cookie").iter().count(), 2, "a browser that takes cookies has them");
    for (name, value) in [("data-subject", "lti.put_data"), ("data-origin", ORIGIN), ("data-frame", "_parent")] {
        assert_eq!(attribute(&kept, name), value);
    }
    let begun = begun(&kept);
    assert!(begun.asked.as_str().starts_with("https://lms.example.edu/auth?site=1&scope=openid"), "{}", begun.asked);
    let asks = lms.sends(&Lms13::answer(&begun, &lms.claims(&begun, &learner()), 0), "");
    assert_eq!((asks.status, attribute(&asks, "data-subject").as_str()), (200, "lti.get_data"), "{}", asks.text);
    assert_eq!(attribute(&asks, "data-key"), attribute(&kept, "data-key"));
    assert!(asks.header("content-security-policy").contains(&format!("frame-ancestors 'self' {ORIGIN}")));
    let (form, value) = (Form::read(&asks.text), attribute(&kept, "data-value"));
    assert!(!asks.text.contains(&value), "who asks does not know the answer");
    assert_eq!(form.action, "/lti/1.3/launch");
    let filled: Vec<_> = form
        .fields
        .into_iter()
        .map(|(name, known)| if name == "browser" { (name, value.clone()) } else { (name, known) })
        .collect();
    assert_eq!(filled.len(), 3);
    let led = posts(&world, &filled, Some(&world.origin()));
    assert!(led.status == 303 && led.header("location").starts_with("/sessions/"), "{}", led.text);
    assert_eq!(sessions(&world, &exam).len(), 1);
    let again = posts(&world, &filled, Some(&world.origin()));
    assert!(again.status == 401 && again.text.contains("was used before"), "{}", again.text);
}

#[test]
fn another_site_sends_nobody_here_with_a_mark_of_its_own() {
    let world = World::new();
    let (exam, lms) = world.lms_1p3_of_exam(json!({ "frame_origins": [ORIGIN] }));
    let (kept, other) = (begins(&lms, "_parent"), begins(&lms, "_parent"));
    let begun = begun(&kept);
    let form = Lms13::answer(&begun, &lms.claims(&begun, &learner()), 0);
    let with_mark = |mark: &str| [&form[..], &[("browser".to_owned(), mark.to_owned())]].concat();
    let [mark, others] = [&kept, &other].map(|page| attribute(page, "data-value"));
    let (mark, here) = (mark.as_str(), world.origin());
    for (mark, origin, what) in [
        (mark, Some("https://evil.example"), "from another site"),
        (mark, Some(ORIGIN), "from the platform itself"),
        (mark, Some("null"), "from a page without an origin"),
        (mark, None, "from nowhere"),
        (others.as_str(), Some(here.as_str()), "of another login"),
        ("", Some(here.as_str()), "the platform keeps nothing"),
    ] {
        let refused = posts(&world, &with_mark(mark), origin);
        assert!(
            refused.status == 401 && refused.text.contains("This browser did not begin"),
            "{what}: {}",
            refused.text
        );
    }
    assert_eq!(sessions(&world, &exam).len(), 0);
    assert_eq!(posts(&world, &with_mark(mark), Some(&here)).status, 303, "nothing was spent");
}

#[test]
fn a_login_that_no_frame_keeps_needs_its_cookie() {
    let world = World::new();
    let (_, lms) = world.lms_1p3_of_exam(json!({}));
    for login in [lms.login(), with(&lms.login(), json!({ "lti_storage_target": "x".repeat(101) }))] {
        let begun = Lms13::read(&lms.begins(&login));
        let refused = lms.sends(&Lms13::answer(&begun, &lms.claims(&begun, &learner()), 0), "");
        assert!(refused.status == 401 && refused.text.contains("keeps no cookies"), "{}", refused.text);
    }
}

#[test]
fn the_name_of_a_frame_is_no_markup() {
    let world = World::new();
    let (_, lms) = world.lms_1p3_of_exam(json!({}));
    let strange = begins(&lms, "\"><script>");
    assert!(strange.status == 200 && !strange.text.contains("<script>"), "{}", strange.text);
}

#[test]
fn interop_a_course_page_lets_a_learner_in_whose_browser_takes_no_cookies() {
    let course = Course::new(STRICT, json!({}));
    let origin = course.platform.origin.clone();
    let no_cookies = json!({ "profile.default_content_setting_values.cookies": 2 });
    with_browser_that(&[], no_cookies, |page| async move {
        page.goto(&format!("{origin}/launch")).await.unwrap();
        sees(&page, "keeps no cookies for it").await;
        page.goto(&format!("{origin}/course?storage=_parent")).await.unwrap();
        enter_frame(&page).await;
        sees(&page, "Ready to start").await;
        page.enter_parent_frame().await.unwrap();
        sees(&page, "The course heard lti.put_data lti.get_data").await;
        page.goto(&format!("{origin}/course?storage=keeper")).await.unwrap();
        enter_frame(&page).await;
        sees(&page, "Ready to start").await;
        page.enter_parent_frame().await.unwrap();
        let keeper = awaited(&page, Locator::Css("iframe[name=keeper]")).await;
        keeper.enter_frame().await.unwrap();
        sees(&page, "The course heard lti.put_data lti.get_data").await;
    });
}
