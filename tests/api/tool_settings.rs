//! What tools of LTI 1.2 find here: the profile of the platform, and settings of their own.

use examlink_lti::v1::profile::MEDIA_TYPE;
use examlink_lti::v1::tool_settings::{FULL, SIMPLE};
use serde_json::{Value, json};

use crate::world::{Reply, World, http};

/// A tool that was launched with the addresses that it asked for.
struct Launched {
    world: World,
    exam: Value,
    profile: String,
    system: String,
    context: String,
    link: String,
}

impl Launched {
    fn new() -> Self {
        let world = World::new();
        let (exam, tool) = (world.exam(), world.tool_provider());
        let resource = world.lti_resource(&exam, &tool);
        let custom = json!({
            "tc_profile_url": "$ToolConsumerProfile.url", "system_setting_url": "$ToolProxy.custom.url",
            "context_setting_url": "$ToolProxyBinding.custom.url", "link_setting_url": "$LtiLink.custom.url",
        });
        let path = format!("/tool_providers/{}", tool["id"]);
        world.administrator.patch(&path, json!({ "lti_custom_data": custom.to_string() })).ok("tool_provider");
        world.document(&exam, "{LTI_EXAM_1}");
        world.publish(&exam);
        let home = world.started(&world.student_session(&exam));
        let form = world.launch_form(&home, &resource);
        let url = |name: &str| form.get(name).unwrap().to_owned();
        Self {
            profile: url("custom_tc_profile_url"),
            system: url("custom_system_setting_url"),
            context: url("custom_context_setting_url"),
            link: url("custom_link_setting_url"),
            world,
            exam,
        }
    }

    fn get(&self, url: &str, accept: &str) -> Reply {
        self.world.tool().calls("GET", url, &[("Accept", accept)], "")
    }

    fn put(&self, url: &str, values: Value) -> Reply {
        self.world.tool().calls("PUT", url, &[("Content-Type", SIMPLE)], &values.to_string())
    }
}

#[test]
fn the_profile_says_what_is_served_and_every_service_is() {
    let launched = Launched::new();
    let read = |query: &str| -> Reply {
        let request = http().get(format!("{}{query}", launched.profile)).header("Accept", MEDIA_TYPE);
        request.send().unwrap().into()
    };
    let reply = read("?lti_version=LTI-1p0");
    assert_eq!((reply.status, reply.header("content-type")), (200, MEDIA_TYPE));
    assert_eq!(reply.json["@id"], launched.profile);
    let guid = format!("institute-{}.127.0.0.1", launched.world.institute);
    assert_eq!(reply.json["product_instance"]["guid"], guid);
    let capabilities = reply.json["capability_offered"].as_array().unwrap();
    for offered in ["basic-lti-launch-request", "ContentItemSelectionRequest", "User.id", "LtiLink.custom.url"] {
        assert!(capabilities.contains(&json!(offered)), "{offered}");
    }
    let fill = |template: &str| {
        let (tool, exam) = ("{tool_provider}", "{exam}");
        let filled = template.replace(tool, "1").replace(exam, &launched.exam["id"].to_string());
        filled.replace("{lti_resource}", "1")
    };
    let services = reply.json["service_offered"].as_array().unwrap();
    let endpoints: Vec<String> = services.iter().map(|service| fill(service["endpoint"].as_str().unwrap())).collect();
    assert_eq!(endpoints, [launched.system.clone(), launched.context.clone(), launched.link.clone()]);
    for endpoint in endpoints {
        assert_eq!(launched.get(&endpoint, SIMPLE).status, 200, "{endpoint}");
    }
}

#[test]
fn a_profile_cannot_be_guessed() {
    let launched = Launched::new();
    let origin = format!("{}/lti/1.1/tool_consumer_profiles", launched.world.origin());
    let ticket = launched.profile.rsplit('-').next().unwrap();
    for name in ["1", "2", "1-", &format!("2-{ticket}"), &format!("1-0{ticket}"), "x-y"] {
        let reply: Reply = http().get(format!("{origin}/{name}")).send().unwrap().into();
        assert_eq!(reply.status, 404, "{name}");
    }
}

#[test]
fn a_tool_keeps_settings_of_its_own_of_an_exam_and_of_a_link() {
    let launched = Launched::new();
    assert_eq!(launched.get(&launched.link, SIMPLE).json, json!({}), "nothing yet");
    assert_eq!(launched.put(&launched.system, json!({ "a": "system", "b": "system" })).status, 200);
    assert_eq!(launched.put(&launched.context, json!({ "b": "context" })).status, 200);
    assert_eq!(launched.put(&launched.link, json!({ "c": 1, "b": "link" })).status, 200);
    let link = launched.get(&launched.link, SIMPLE);
    assert_eq!((link.header("content-type"), &link.json), (SIMPLE, &json!({ "b": "link", "c": "1" })));
    let distinct = launched.get(&format!("{}?bubble=distinct", launched.link), SIMPLE);
    assert_eq!(distinct.json, json!({ "a": "system", "b": "link", "c": "1" }));
    let all = launched.get(&format!("{}?bubble=all", launched.link), FULL);
    assert_eq!(all.header("content-type"), FULL);
    let levels: Vec<_> = all.json["@graph"].as_array().unwrap().iter().collect();
    assert_eq!(levels.iter().map(|l| &l["@type"]).collect::<Vec<_>>(), ["LtiLink", "ToolProxyBinding", "ToolProxy"]);
    assert_eq!(
        levels.iter().map(|l| &l["@id"]).collect::<Vec<_>>(),
        [&launched.link, &launched.context, &launched.system]
    );
    assert_eq!(launched.put(&launched.link, json!({ "d": "new" })).status, 200);
    assert_eq!(launched.get(&launched.link, "*/*").json, json!({ "d": "new" }), "a PUT replaces everything");
    let back = launched.get(&launched.link, FULL).text;
    let full = launched.world.tool().calls("PUT", &launched.link, &[("Content-Type", FULL)], &back);
    assert_eq!((full.status, full.text.as_str()), (200, ""));
}

#[test]
fn what_is_asked_wrongly_is_refused_with_the_reason() {
    let launched = Launched::new();
    let get = |url: &str, accept: &str| launched.get(url, accept).status;
    assert_eq!(get(&format!("{}?bubble=all", launched.link), SIMPLE), 400);
    assert_eq!(get(&format!("{}?bubble=some", launched.link), SIMPLE), 400);
    assert_eq!(get(&launched.link, "text/html"), 406);
    let put = |url: &str, kind: &str, body: &str| {
        let reply = launched.world.tool().calls("PUT", url, &[("Content-Type", kind)], body);
        assert!(reply.json["detail"].is_string(), "{}", reply.text);
        reply.status
    };
    assert_eq!(put(&format!("{}?bubble=all", launched.link), SIMPLE, "{}"), 400);
    assert_eq!(put(&launched.link, "text/plain", "{}"), 415);
    assert_eq!(put(&launched.link, SIMPLE, "[]"), 400);
    assert_eq!(put(&launched.link, SIMPLE, &json!({ "a": "x".repeat(20_001) }).to_string()), 400);
    assert_eq!(put(&launched.link, SIMPLE, "{\"a\":\"\\u0000\"}"), 400);
    assert_eq!(launched.get(&launched.link, SIMPLE).json, json!({}));
}

#[test]
fn only_the_tools_own_key_opens_its_settings() {
    let launched = Launched::new();
    let right = launched.world.tool();
    let (mut other_secret, mut other_key) = (right.clone(), right.clone());
    other_secret.secret = "anotherSecret".into();
    other_key.key = "anotherKey0123456789".into();
    for tool in [other_secret, other_key] {
        let reply = tool.calls("GET", &launched.link, &[], "");
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, "OAuth"));
        assert_eq!(tool.calls("PUT", &launched.link, &[("Content-Type", SIMPLE)], "{\"a\":\"1\"}").status, 401);
    }
    let unsigned: Reply = http().get(&launched.link).send().unwrap().into();
    assert_eq!(unsigned.status, 401);
    // Another institute's tool provider with the same key and another secret.
    let fields = json!({
        "tool_name": "Theirs", "oauth_consumer_key": right.key, "oauth_consumer_secret": "theirSecret",
        "tool_url": "https://tool.example/",
    });
    let theirs = launched.world.stranger.post("/tool_providers", fields).created("tool_provider");
    let path = format!("{}/lti/1.1/tool_settings", launched.world.origin());
    assert_eq!(right.calls("GET", &format!("{path}/{}", theirs["id"]), &[], "").status, 401);
    for missing in ["999", "1/exams/999", "1/lti_resources/999", "1/other/1", "x", "01", ""] {
        let status = right.calls("GET", &format!("{path}/{missing}"), &[], "").status;
        assert!([401, 404].contains(&status), "{missing}: {status}");
    }
    assert_eq!(launched.get(&launched.link, SIMPLE).json, json!({}));
}

#[test]
fn a_body_or_a_query_that_was_changed_on_the_way_and_a_replay_are_refused() {
    let launched = Launched::new();
    let seen = launched.world.tool();
    let send = |authorization: &str, url: &str, body: &str| -> u16 {
        let request = http().put(url).header("Authorization", authorization).header("Content-Type", SIMPLE);
        request.body(body.to_owned()).send().unwrap().status().as_u16()
    };
    let authorization = seen.authorization("PUT", &launched.link, "{\"a\":\"1\"}");
    assert_eq!(send(&authorization, &launched.link, "{\"a\":\"2\"}"), 401, "the body");
    assert_eq!(send(&authorization, &format!("{}?x=1", launched.link), "{\"a\":\"1\"}"), 401, "the query");
    assert_eq!(send(&authorization, &launched.system, "{\"a\":\"1\"}"), 401, "the path");
    assert_eq!(send(&authorization, &launched.link, "{\"a\":\"1\"}"), 200);
    assert_eq!(send(&authorization, &launched.link, "{\"a\":\"1\"}"), 401, "once more");
    assert_eq!(launched.get(&launched.link, SIMPLE).json, json!({ "a": "1" }));
}

#[test]
fn a_change_can_be_held_to_what_was_read() {
    let launched = Launched::new();
    let tag = launched.get(&launched.link, SIMPLE).header("etag").to_owned();
    assert_eq!(launched.get(&launched.link, FULL).header("etag"), tag);
    let put = |tag: &str, body: &str| {
        let headers = [("Content-Type", SIMPLE), ("If-Match", tag)];
        launched.world.tool().calls("PUT", &launched.link, &headers, body).status
    };
    assert_eq!(put(&tag, "{\"a\":\"1\"}"), 200);
    assert_eq!(put(&tag, "{\"a\":\"2\"}"), 412, "somebody else was faster");
    assert_eq!(launched.get(&launched.link, SIMPLE).json, json!({ "a": "1" }));
    assert_eq!(put("*", "{\"a\":\"3\"}"), 200);
}

#[test]
fn settings_go_with_what_they_belong_to() {
    let launched = Launched::new();
    assert_eq!(launched.put(&launched.link, json!({ "a": "1" })).status, 200);
    assert_eq!(launched.put(&launched.context, json!({ "a": "1" })).status, 200);
    launched.world.teacher.patch(&format!("/exams/{}", launched.exam["id"]), json!({ "status": "closed" })).ok("exam");
    launched.world.teacher.delete("/lti_resources/1").ok("");
    assert_eq!(launched.get(&launched.link, SIMPLE).status, 404);
    assert_eq!(launched.get(&launched.context, SIMPLE).status, 404, "the tool has no link in the exam any more");
    let places = launched.world.database.texts("SELECT place AS text FROM tool_settings");
    assert_eq!(places.len(), 1, "{places:?}");
}
