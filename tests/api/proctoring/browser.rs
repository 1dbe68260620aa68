//! The whole way of a proctored student in a real browser, at a tool on `PyJWT`.

use std::thread;

use serde_json::{Value, json};

use crate::browser::{click, sees};
use crate::interop_1p3::Registered;
use crate::world::{World, http, with_browser};

#[test]
fn interop_a_student_is_proctored_by_a_tool_on_pyjwt_from_the_page_to_the_end() {
    let world = World::in_real_time();
    // Another site than the platform's, as a proctoring tool is.
    let registered = Registered::start(&world, "tool_proctoring.py", "localhost");
    let fields = json!({
        "name": "Algebra", "type": "live_proctoring", "status": "open", "use_duration": true, "duration_minutes": 60,
        "proctoring_tool_provider_id": registered.provider["id"],
    });
    let exam = world.teacher.post("/exams", fields).created("exam");
    world.document(&exam, "<p>Count to ten.</p>");
    let session = world.student_session(&exam);
    let home = format!("{}/sessions/{}", world.origin(), session["token"].as_str().unwrap());
    let ask = |action: &str| -> Value {
        let url = format!("{}/control", registered.tool.origin);
        let request = http().post(url).header("Content-Type", "application/json");
        let reply = request.body(json!({ "action": action, "extra_time": 5 }).to_string()).send().unwrap();
        serde_json::from_str(&reply.text().unwrap()).unwrap()
    };
    // On a thread of its own, because this one drives the browser.
    let control = |action: &str| thread::scope(|scope| scope.spawn(|| ask(action)).join().unwrap());
    with_browser(|page| async move {
        page.goto(&home).await.unwrap();
        sees(&page, "Quiz watches this exam").await;
        click(&page, "Start exam").await;
        sees(&page, "Are you Sam Student, attempt 1?").await;
        click(&page, "I hide my face").await;
        sees(&page, "Show your face").await;
        click(&page, "Back to your exam").await;
        click(&page, "Start exam").await;
        click(&page, "Here I am").await;
        sees(&page, "Count to ten.").await;
        assert_eq!(page.current_url().await.unwrap().as_str(), home);
        assert_eq!(control("pause"), json!({ "status": "paused", "extra_time": 0 }));
        page.refresh().await.unwrap();
        sees(&page, "Paused by Quiz.").await;
        assert_eq!(control("update"), json!({ "status": "paused", "extra_time": 5 }));
        assert_eq!(control("resume"), json!({ "status": "running", "extra_time": 5 }));
        click(&page, "Reload this page").await;
        sees(&page, "5 minutes, included").await;
        click(&page, "Finish exam").await;
        click(&page, "Yes, finish the exam").await;
        sees(&page, "Attempt 1 has ended").await;
        click(&page, "Leave").await;
        sees(&page, "You have finished this exam").await;
        assert_eq!(page.current_url().await.unwrap().as_str(), home);
    });
    let now = world.teacher.get(&format!("/student_sessions/{}", session["id"])).ok("student");
    assert_eq!((&now["status"], &now["extra_time_minutes"]), (&json!("exam_finished"), &json!(5)));
}
