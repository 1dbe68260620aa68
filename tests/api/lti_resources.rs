//! LTI resources: links of an external platform, each placed in one exam.

use serde_json::{Value, json};

use crate::world::{Reply, World, assert_members};

const FIELDS: &str = "id lti_resource_link_id tool_provider_id tool_deployment_id lti_resource_link_name exam_id \
    created_at updated_at lti_resource_launch_url lti_custom_data open_in_new_tab description icon_url display_width \
    display_height line_item_label line_item_tag line_item_maximum line_item_resource_id placeholder \
    available_start_time available_end_time submission_start_time submission_end_time";

impl World {
    fn place(&self, exam: &Value, tool: &Value, change: Value) -> Reply {
        let mut new =
            json!({ "lti_resource_link_name": "Quiz", "exam_id": exam["id"], "tool_provider_id": tool["id"] });
        new.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        self.teacher.post("/lti_resources", new)
    }
}

#[track_caller]
fn at_fault(reply: &Reply, field: &str) {
    reply.refused(422, "parameter_invalid");
    assert_eq!(reply.json["errors"][0]["field"], field, "{}", reply.text);
}

#[test]
fn a_new_resource_carries_its_placeholder_and_follows_its_tool_provider() {
    let world = World::new();
    let (exam, tool) = (world.exam(), world.tool_provider());
    let reply = world.place(&exam, &tool, json!({}));
    let resource = reply.created("lti_resource");
    assert_members(&resource, FIELDS);
    assert_eq!(reply.header("location"), format!("/api/v3/lti_resources/{}", resource["id"]));
    assert_eq!(resource["placeholder"], format!("LTI_EXAM_{}", resource["id"]));
    assert_eq!((&resource["lti_resource_launch_url"], &resource["lti_custom_data"]), (&tool["tool_url"], &json!("{}")));
    assert_eq!(resource["open_in_new_tab"], false);
    let link_id = resource["lti_resource_link_id"].as_str().unwrap();
    assert!(link_id.len() == 32 && link_id != world.lti_resource(&exam, &tool)["lti_resource_link_id"]);

    let path = format!("/tool_providers/{}", tool["id"]);
    world
        .administrator
        .patch(&path, json!({ "tool_url": "https://new.example/", "lti_custom_data": "{\"a\":1}" }))
        .ok("");
    let resource = world.teacher.get(&format!("/lti_resources/{}", resource["id"])).ok("lti_resource");
    assert_eq!(resource["lti_resource_launch_url"], "https://new.example/");
    assert_eq!(resource["lti_custom_data"], "{\"a\":1}");
}

#[test]
fn name_exam_and_tool_provider_are_required() {
    let world = World::new();
    let (exam, tool) = (world.exam(), world.tool_provider());
    for name in ["lti_resource_link_name", "exam_id", "tool_provider_id"] {
        let reply = world.place(&exam, &tool, json!({ name: "" }));
        reply.refused(422, "parameter_missing");
        assert_eq!(reply.json["error"], format!("Param is missing or the value is empty: {name}"));
    }
}

#[test]
fn exam_and_tool_provider_are_of_one_institute() {
    let world = World::new();
    let (exam, tool) = (world.exam(), world.tool_provider());
    let fields = json!({
        "tool_name": "Theirs", "oauth_consumer_key": "key", "oauth_consumer_secret": "secret",
        "tool_url": "https://tool.example/",
    });
    let theirs = world.stranger.post("/tool_providers", fields).created("tool_provider");
    at_fault(&world.place(&exam, &theirs, json!({})), "tool_provider_id");
    at_fault(&world.place(&exam, &json!({ "id": 999 }), json!({})), "tool_provider_id");
    at_fault(&world.place(&json!({ "id": 999 }), &tool, json!({})), "exam_id");
    let superuser =
        json!({ "lti_resource_link_name": "Quiz", "exam_id": exam["id"], "tool_provider_id": theirs["id"] });
    at_fault(&world.superuser.post("/lti_resources", superuser), "tool_provider_id");
    let path = format!("/lti_resources/{}", world.lti_resource(&exam, &tool)["id"]);
    at_fault(&world.teacher.patch(&path, json!({ "tool_provider_id": theirs["id"] })), "tool_provider_id");
    at_fault(&world.teacher.patch(&path, json!({ "exam_id": world.exam()["id"] })), "exam_id");
    // Another author's exam is no exam of this one.
    let other = world.colleague.post("/exams", json!({ "name": "Hers", "type": "demo" })).created("exam");
    at_fault(&world.place(&other, &tool, json!({})), "exam_id");
}

#[test]
fn a_launch_needs_a_url_of_the_resource_or_of_the_tool_provider() {
    let world = World::new();
    let (exam, tool) = (world.exam(), world.tool_provider_at(""));
    at_fault(&world.place(&exam, &tool, json!({})), "lti_resource_launch_url");
    let own = json!({ "lti_resource_launch_url": "https://tool.example/launch?quiz=3" });
    let resource = world.place(&exam, &tool, own).created("lti_resource");
    assert_eq!(resource["lti_resource_launch_url"], "https://tool.example/launch?quiz=3");
    let path = format!("/lti_resources/{}", resource["id"]);
    at_fault(&world.teacher.patch(&path, json!({ "lti_resource_launch_url": null })), "lti_resource_launch_url");
    let plain = json!({ "lti_resource_launch_url": "http://tool.example/" });
    at_fault(&world.teacher.patch(&path, plain), "lti_resource_launch_url");
}

#[test]
fn a_tool_provider_keeps_the_url_that_its_resources_need() {
    let world = World::new();
    let (exam, tool) = (world.exam(), world.tool_provider());
    world.lti_resource(&exam, &tool);
    let path = format!("/tool_providers/{}", tool["id"]);
    at_fault(&world.administrator.patch(&path, json!({ "tool_url": "" })), "tool_url");
}

#[test]
fn it_opens_where_the_tool_provider_says_unless_it_says_so_itself() {
    let world = World::new();
    let (exam, tool) = (world.exam(), world.tool_provider());
    let path = format!("/tool_providers/{}", tool["id"]);
    world.administrator.patch(&path, json!({ "presentation": "window" })).ok("tool_provider");
    assert_eq!(world.lti_resource(&exam, &tool)["open_in_new_tab"], true);
    let framed = world.place(&exam, &tool, json!({ "open_in_new_tab": "0" })).created("lti_resource");
    assert_eq!(framed["open_in_new_tab"], false);
}

#[test]
fn put_changes_what_is_sent_and_keeps_the_rest_like_patch() {
    let world = World::new();
    let (exam, tool) = (world.exam(), world.tool_provider());
    let resource = world.place(&exam, &tool, json!({ "lti_custom_data": "{\"a\":1}" })).created("lti_resource");
    let path = format!("/lti_resources/{}", resource["id"]);
    let renamed =
        world.teacher.call("PUT", &path, json!({ "lti_resource_link_name": "Test" })).send().ok("lti_resource");
    assert_eq!(
        (&renamed["lti_resource_link_name"], &renamed["lti_custom_data"]),
        (&json!("Test"), &json!("{\"a\":1}"))
    );
    assert_eq!(renamed["lti_resource_link_id"], resource["lti_resource_link_id"]);
    let follows = world.teacher.patch(&path, json!({ "lti_custom_data": "" })).ok("lti_resource");
    assert_eq!(follows["lti_custom_data"], tool["lti_custom_data"]);
}

#[test]
fn its_times_are_set_and_cleared_and_end_after_they_begin() {
    let world = World::new();
    let (exam, tool) = (world.exam(), world.tool_provider());
    let (early, late) = ("2026-11-26T09:00:00.000Z", "2026-11-26T12:00:00.000Z");
    let times = json!({ "available_start_time": early, "submission_start_time": early, "submission_end_time": late });
    let resource = world.place(&exam, &tool, times.clone()).created("lti_resource");
    assert_eq!((&resource["available_start_time"], &resource["available_end_time"]), (&json!(early), &Value::Null));
    let path = format!("/lti_resources/{}", resource["id"]);
    for (change, field) in [
        (json!({ "available_end_time": early }), "available_end_time"),
        (json!({ "submission_end_time": "2026-11-26T08:59:59Z" }), "submission_end_time"),
        (json!({ "submission_start_time": late }), "submission_end_time"),
        (json!({ "available_start_time": "soon" }), "available_start_time"),
    ] {
        at_fault(&world.teacher.patch(&path, change.clone()), field);
        let mut new = times.clone();
        new.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        at_fault(&world.place(&exam, &tool, new), field);
    }
    assert_eq!(world.teacher.get(&path).ok("lti_resource"), resource, "nothing of what is refused is kept");
    let change = json!({ "available_start_time": null, "available_end_time": "1795701600" });
    let changed = world.teacher.patch(&path, change).ok("lti_resource");
    assert_eq!(changed["available_start_time"], Value::Null);
    assert_eq!(changed["available_end_time"], "2026-11-26T14:00:00.000Z");
    assert_eq!(changed["submission_end_time"], late, "what is not sent stays");
}

#[test]
fn one_that_an_open_exam_shows_is_locked() {
    let world = World::new();
    let (exam, tool) = (world.exam(), world.tool_provider());
    let (shown, unused) = (world.lti_resource(&exam, &tool), world.lti_resource(&exam, &tool));
    world.document(&exam, shown["placeholder"].as_str().unwrap());
    world.publish(&exam);
    let reply = world.teacher.delete(&format!("/lti_resources/{}", shown["id"]));
    reply.refused(423, "locked");
    assert_eq!(reply.json["error"], json!({ "open_exam": [[{ "id": exam["id"], "name": "Algebra" }]] }));
    assert_eq!(world.teacher.delete(&format!("/lti_resources/{}", unused["id"])).json, json!({}));
    world.teacher.patch(&format!("/exams/{}", exam["id"]), json!({ "status": "closed" })).ok("exam");
    world.teacher.delete(&format!("/lti_resources/{}", shown["id"])).ok("");
}

#[test]
fn lists_are_filtered_by_exam_and_scoped_to_their_author() {
    let world = World::new();
    let (exam, other, tool) = (world.exam(), world.exam(), world.tool_provider());
    let resource = world.lti_resource(&exam, &tool);
    world.lti_resource(&other, &tool);
    let of_exam = world.teacher.get(&format!("/lti_resources?exam_id={}", exam["id"]));
    assert_eq!(of_exam.ok("lti_resources"), json!([resource]));
    let page = world.auditor.get("/lti_resources?limit=1");
    assert_eq!((page.ok("lti_resources").as_array().unwrap().len(), page.header("x-pagination-item-count")), (1, "2"));
    assert_eq!(world.colleague.get("/lti_resources").ok("lti_resources"), json!([]));
    world.colleague.get(&format!("/lti_resources/{}", resource["id"])).refused(404, "not_found");
    world.proctor.get("/lti_resources").refused(403, "forbidden");
}
