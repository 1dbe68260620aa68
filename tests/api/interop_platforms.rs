//! Platforms of LTI 1.3 that nobody here wrote, and what a browser makes of their launches.

use fantoccini::Locator;
use serde_json::json;

use crate::browser::{click, enter_frame, sees};
use crate::interop_1p3::Registered;
use crate::world::course::{Course, Platform};
use crate::world::{World, with_browser};

const LIBRARY: &str = "platform_lti1p3.py";
const STRICT: &str = "platform_pyjwt.py";

#[test]
fn interop_a_learner_comes_from_lti1p3platform_in_chromium() {
    let course = Course::new(LIBRARY, json!({ "client_id": "client-2", "deployment_ids": ["d-2"] }));
    let launch = format!("{}/launch", course.platform.origin);
    with_browser(|page| async move {
        page.goto(&launch).await.unwrap();
        sees(&page, "Ready to start").await;
        sees(&page, "Sam Student").await;
    });
}

#[test]
fn interop_an_instructor_picks_an_exam_for_lti1p3platform_in_chromium() {
    let course = Course::new(LIBRARY, json!({ "client_id": "client-2", "deployment_ids": ["d-2"] }));
    let launch = format!("{}/launch?role=Instructor&message=deep_link", course.platform.origin);
    with_browser(|page| async move {
        page.goto(&launch).await.unwrap();
        sees(&page, "Choose exams").await;
        page.find(Locator::Css("input[type=checkbox]")).await.unwrap().click().await.unwrap();
        click(&page, "Choose").await;
        sees(&page, "The course has them").await;
    });
    let items = course.platform.seen()["content_items"].clone();
    assert_eq!(
        (&items[0]["title"], &items[0]["custom"]["exam_id"]),
        (&json!("Algebra"), &json!(course.exam["id"].to_string()))
    );
}

#[test]
fn interop_the_exam_in_the_frame_of_a_course_of_another_site_keeps_its_login() {
    let course = Course::new(STRICT, json!({}));
    let page_of_course = format!("{}/course", course.platform.origin);
    with_browser(|page| async move {
        page.goto(&page_of_course).await.unwrap();
        enter_frame(&page).await;
        sees(&page, "Ready to start").await;
    });
}

/// From a platform of LTI 1.3 into the exam, and from there into a tool of LTI 1.3: here this server is both.
#[test]
fn interop_a_launch_leads_through_the_exam_into_a_tool() {
    let world = World::in_real_time();
    let tool = Registered::start(&world, "tool_pylti1p3.py", "127.0.0.1");
    let (exam, _) = tool.exam(&world, false);
    let lms = Platform::start(STRICT, &world);
    let fields = lms.entered(json!({ "exam_id": exam["id"] }));
    world.administrator.post("/lti_platforms", fields).created("lti_platform");
    let launch = format!("{}/launch?user=7&name=Kim%20Kaas", lms.origin);
    with_browser(|page| async move {
        page.goto(&launch).await.unwrap();
        click(&page, "Start").await;
        enter_frame(&page).await;
        sees(&page, "PyLTI1p3 has verified the launch of Kim Kaas").await;
    });
}
