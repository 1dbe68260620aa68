//! The four steps that an author takes, and what the student sees then.

use serde_json::json;

use crate::world::World;

#[test]
fn four_calls_put_an_external_tool_into_an_exam() {
    let world = World::new();
    let author = &world.administrator;
    let exam = author.post("/exams", json!({ "name": "Algebra, final", "type": "demo" })).created("exam");

    let tool = json!({
        "tool_name": "Maths tool", "oauth_consumer_key": "exam2026institute4key1",
        "oauth_consumer_secret": "s3cretOfTheToolProvider", "tool_url": "https://tool.example/launch",
    });
    let tool = author.post("/tool_providers", tool).created("tool_provider");

    let link = json!({ "lti_resource_link_name": "Quiz", "exam_id": exam["id"], "tool_provider_id": tool["id"] });
    let resource = author.post("/lti_resources", link).created("lti_resource");

    let content = format!("<p>Read first.</p>{{{}}}", resource["placeholder"].as_str().unwrap());
    author.post(&format!("/exams/{}/documents", exam["id"]), json!({ "exam_content": content })).created("document");

    author.patch(&format!("/exams/{}", exam["id"]), json!({ "status": "open" })).ok("exam");
    let student = json!({ "name": "Sam Student", "email": "sam@example.edu" });
    let student = author.post(&format!("/exams/{}/student_sessions", exam["id"]), student).created("student");

    let home = student["exam_url"].as_str().unwrap().strip_prefix(&world.origin()).unwrap();
    assert!(!world.page(home).text.contains("Read first."), "nothing is shown before the start");
    world.started(&student);
    let launch = format!("{home}/launch/{}", resource["id"]);
    let page = world.page(home);
    assert!(page.text.contains("Read first.") && page.text.contains(&launch), "{}", page.text);
    let form = world.launch_form(home, &resource);
    assert_eq!(form.action, "https://tool.example/launch");
    assert_eq!(form.get("oauth_consumer_key"), Some("exam2026institute4key1"));
    assert_eq!(form.get("resource_link_id"), resource["lti_resource_link_id"].as_str());
    assert!(form.get("oauth_signature").is_some());
}
