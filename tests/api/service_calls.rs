//! The log of what tools called.

use examlink_lti::Secret;
use examlink_lti::v1::outcomes::Action;
use serde_json::{Value, json};

use crate::world::launched::scored;
use crate::world::{Database, Process, World, assert_members, superuser, until};

fn calls(world: &World, query: Value) -> Vec<Value> {
    let reply = world.administrator.call("GET", "/service_calls", query).send();
    reply.ok("service_calls").as_array().unwrap().clone()
}

/// Calls with a wrong signature are kept after the answer.
fn wait_for(world: &World, query: &Value, count: usize) -> Vec<Value> {
    until(&format!("{count} calls"), || Some(calls(world, query.clone())).filter(|found| found.len() >= count))
}

#[test]
fn every_call_is_kept_good_or_bad() {
    let world = World::new();
    let tool = world.launched();
    assert_eq!(tool.send(&world, scored(0.83)).status, 200);
    assert_eq!(tool.send(&world, Action::Read).status, 200);
    assert_eq!(tool.send_xml(&world, &tool.xml(scored(0.25)).replace("0.25", "7")).status, 422);
    assert_eq!(tool.send_xml(&world, &tool.xml(Action::Read).replace("readResult", "readPerson")).status, 200);
    let mut wrong = tool.clone();
    wrong.credentials.secret = Secret::new("wrong");
    assert_eq!(wrong.send(&world, scored(1.0)).status, 401);
    let all = wait_for(&world, &json!({}), 5);
    let told: Vec<(&str, &str, i64, &str)> = all
        .iter()
        .map(|call| {
            let text = |name: &str| call[name].as_str().unwrap_or_default();
            (text("operation"), text("outcome"), call["status"].as_i64().unwrap(), text("code"))
        })
        .collect();
    let expected = [
        ("replaceResult", "success", 200, ""),
        ("readResult", "success", 200, ""),
        ("replaceResult", "failure", 422, "bad_score"),
        ("readPerson", "unsupported", 200, "unsupported_operation"),
        ("", "unauthorized", 401, "signature_invalid"),
    ];
    assert_eq!(told, expected);
    assert_members(
        &all[0],
        "id tool_provider_id exam_id lti_resource_id student_session_id operation outcome status code request created_at",
    );
    assert_eq!(all[0]["request"]["score"], 0.83);
    assert_eq!((&all[0]["student_session_id"], &all[0]["exam_id"]), (&tool.session["id"], &tool.exam["id"]));
    assert!(all.iter().all(|call| call["tool_provider_id"] == tool.tool["id"]));
    assert!(all[2]["request"]["detail"].as_str().unwrap().contains("0.0 to 1.0"));
    assert!(all[4]["request"]["base_string"].as_str().unwrap().starts_with("POST&"), "to compare with one's own");
}

#[test]
fn a_log_holds_no_secret() {
    let world = World::new();
    let tool = world.launched();
    assert_eq!(tool.send(&world, scored(0.83)).status, 200);
    let mut wrong = tool.clone();
    wrong.credentials.secret = Secret::new("wrong");
    assert_eq!(wrong.send(&world, scored(1.0)).status, 401);
    let text = Value::from(wait_for(&world, &json!({}), 2)).to_string();
    let ticket = tool.sourcedid.rsplit('-').next().unwrap();
    for secret in [ticket, "s3cretOfTheToolProvider", tool.session["token"].as_str().unwrap(), "oauth_signature="] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn calls_are_filtered_and_seen_by_those_they_concern() {
    let world = World::new();
    let (ours, other) = (world.launched(), world.launched());
    for tool in [&ours, &other] {
        assert_eq!(tool.send(&world, scored(0.5)).status, 200);
    }
    assert_eq!(other.send_xml(&world, "<a/>").status, 422);
    for (name, value, count) in [
        ("tool_provider_id", &ours.tool["id"], 1),
        ("lti_resource_id", &other.resource["id"], 1),
        ("student_session_id", &ours.session["id"], 1),
        ("outcome", &json!("success"), 2),
        ("outcome", &json!("failure"), 1),
        ("outcome", &json!("unauthorized"), 0),
    ] {
        let found = calls(&world, json!({ name: value }));
        // Both tools have the same key and secret, so what names no result is the first one's.
        let count = if name == "tool_provider_id" { 2 } else { count };
        assert_eq!(found.len(), count, "{name} {value}");
    }
    let newest = calls(&world, json!({ "sort": "[{\"created_at\":\"desc\"},{\"id\":\"desc\"}]", "limit": 1 }));
    assert_eq!(newest[0]["code"], "malformed");
    let seen =
        |person: &crate::world::Person| person.get("/service_calls").ok("service_calls").as_array().unwrap().len();
    assert_eq!((seen(&world.teacher), seen(&world.colleague)), (2, 0), "authors see calls about their exams");
    assert_eq!((seen(&world.stranger), seen(&world.superuser)), (0, 3));
    world.proctor.get("/service_calls").refused(403, "forbidden");
}

#[test]
fn a_flood_of_wrong_signatures_fills_no_log() {
    let world = World::new();
    let tool = world.launched();
    let mut wrong = tool.clone();
    wrong.credentials.secret = Secret::new("wrong");
    for _ in 0..200 {
        assert_eq!(wrong.send(&world, scored(1.0)).status, 401);
    }
    assert_eq!(tool.send(&world, scored(0.5)).status, 200);
    let kept = wait_for(&world, &json!({ "outcome": "unauthorized" }), 20).len();
    assert!((20..=22).contains(&kept), "{kept} of 200");
    assert_eq!(calls(&world, json!({ "outcome": "success" })).len(), 1);
}

#[test]
fn calls_are_kept_for_thirty_days() {
    const DAY: i64 = 86_400_000_000;
    let database = Database::fresh();
    let superuser = superuser(&database);
    let server = Process::serve(&database);
    let caller = server.caller(&superuser);
    let institute = caller.post("/institutes", json!({ "name": "University", "short_name": "U" }));
    let institute = institute.created("institute")["id"].clone();
    server.kill();
    let now = examlink::clock::Clock::system().now().micros();
    for (operation, days) in [("old", 31), ("young", 29)] {
        database.run(&format!(
            "INSERT INTO service_calls (institute_id, tool_provider_id, operation, outcome, status, request, created_at) \
             VALUES ({institute}, 1, '{operation}', 'success', 200, '{{}}', {})",
            now - days * DAY
        ));
    }
    let server = Process::serve(&database);
    let kept = server.caller(&superuser).get("/service_calls").ok("service_calls");
    let names: Vec<&Value> = kept.as_array().unwrap().iter().map(|call| &call["operation"]).collect();
    assert_eq!(names, ["young"]);
}
