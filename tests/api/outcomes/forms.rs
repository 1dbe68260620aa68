//! The other ways to say the same: the forms from before LTI 1.1, and JSON of LTI 2.0.

use examlink_lti::v1::oauth1::{Param, Request, SignatureMethod};
use examlink_lti::v1::outcomes::CodeMajor;
use serde_json::json;

use crate::world::launched::{Launched, answer, assert_refused, scored};
use crate::world::{Reply, World, http};

const RESULT: &str = "application/vnd.ims.lis.v2.result+json";

fn submit(world: &World, tool: &Launched, fields: &[(&str, &str)]) -> Reply {
    let now = world.clock.now().seconds().to_string();
    let nonce = format!("{fields:?}");
    let oauth = [
        ("oauth_consumer_key", tool.credentials.consumer_key.as_str()),
        ("oauth_nonce", nonce.as_str()),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", now.as_str()),
        ("sourcedid", tool.sourcedid.as_str()),
    ];
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned().into(), (*value).to_owned());
    let mut params: Vec<Param> = fields.iter().chain(&oauth).map(owned).collect();
    let request = Request { method: "POST", url: &tool.url, params: &params };
    let signature = request.sign(SignatureMethod::HmacSha1, &tool.credentials.secret).unwrap();
    params.push(("oauth_signature".into(), signature));
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&params).finish();
    let request = http().post(format!("{}/lti/1.1/outcomes", world.origin()));
    request.header("Content-Type", "application/x-www-form-urlencoded").body(body).send().unwrap().into()
}

#[test]
fn tools_from_before_lti_1_1_send_forms() {
    let world = World::new();
    let tool = world.launched();
    let kind = |name: &'static str| ("lti_message_type", name);
    let update = |score: &'static str| [kind("basic-lis-updateresult"), ("result_resultscore_textstring", score)];
    let reply = submit(&world, &tool, &update("0.83"));
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(reply.text.starts_with("<?xml") && reply.text.contains("<codemajor>Success</codemajor>"), "{}", reply.text);
    let read = submit(&world, &tool, &[kind("basic-lis-readresult")]);
    assert!(read.text.contains("<textstring>0.83</textstring>"), "{}", read.text);
    assert_eq!(tool.score(&world), "0.83", "the same result");
    let refused = submit(&world, &tool, &update("2"));
    assert!(refused.status == 422 && refused.text.contains("<codemajor>Failure</codemajor>"), "{}", refused.text);
    let again = submit(&world, &tool, &update("0.83"));
    assert!(again.status == 401 && again.text.contains("oauth_nonce was used"), "{}", again.text);
    assert_eq!(submit(&world, &tool, &[kind("basic-lis-deleteresult")]).status, 200);
    assert_eq!(tool.score(&world), "");
    let unknown = submit(&world, &tool, &[kind("basic-lti-launch-request")]);
    assert!(unknown.status == 200 && unknown.text.contains("<codemajor>Unsupported</codemajor>"), "{}", unknown.text);
}

#[test]
fn a_result_has_an_address_where_it_is_json() {
    let world = World::new();
    let tool = world.launched();
    let context = json!("http://purl.imsglobal.org/ctx/lis/v2/Result");
    let empty = tool.send_json(&world, "GET", "");
    assert_eq!((empty.status, empty.header("content-type")), (200, RESULT), "{}", empty.text);
    assert_eq!(empty.json, json!({ "@context": context, "@type": "Result" }));
    let put = json!({ "@context": context, "@type": "Result", "resultScore": 0.83, "comment": "Good" });
    assert_eq!(tool.send_json(&world, "PUT", &put.to_string()).status, 200);
    assert_eq!(tool.send_json(&world, "GET", "").json, put);
    assert_eq!((tool.score(&world).as_str(), &tool.result(&world).unwrap()["comment"]), ("0.83", &json!("Good")));
    assert_eq!(tool.send_json(&world, "PUT", "{\"@type\":\"Result\",\"comment\":\"Gone\"}").status, 200);
    assert_eq!(tool.score(&world), "", "a result without a score takes the grade away");
    assert_eq!(tool.send(&world, scored(0.5)).status, 200);
    assert_eq!(tool.send_json(&world, "DELETE", "").status, 200);
    assert_eq!(tool.score(&world), "");
}

#[test]
fn json_is_refused_with_a_code_and_a_status() {
    let world = World::new();
    let tool = world.launched();
    for body in ["{}", "{\"@type\":\"Result\",\"resultScore\":2}", "{\"@type\":\"Result\",\"resultScore\":NaN}", "x"] {
        let reply = tool.send_json(&world, "PUT", body);
        assert_eq!(reply.status, 422, "{body}: {}", reply.text);
    }
    let stranger = Launched { sourcedid: format!("{}x", tool.sourcedid), ..tool.clone() };
    assert_eq!(stranger.send_json(&world, "GET", "").json["code"], "unknown_sourcedid");
    let path = format!("{}/lti/1.1/results/{}", world.origin(), tool.sourcedid);
    let header = tool.header(&world, "PUT", &path, "x");
    let request = http().put(&path).header("Content-Type", "application/json").header("Authorization", header);
    assert_eq!(request.body("x").send().unwrap().status(), 415);
    assert_eq!(http().get(&path).send().unwrap().status(), 401);
    tool.set(&world, json!({ "status": "closed", "accept_late_results": false }));
    let late = tool.send_json(&world, "PUT", "{\"@type\":\"Result\",\"resultScore\":1}");
    assert_eq!((late.status, &late.json["code"]), (403, &json!("exam_over")));
}

#[test]
fn other_types_and_operations_are_told_so_in_xml() {
    let world = World::new();
    let tool = world.launched();
    let body = tool.xml(scored(0.5));
    for media_type in ["application/json", "text/plain", "application/xml+x"] {
        let request = http().post(&tool.url).header("Content-Type", media_type);
        let header = tool.header(&world, "POST", &tool.url, &body);
        let reply: Reply = request.header("Authorization", header).body(body.clone()).send().unwrap().into();
        assert_refused(&reply, 415, "application/xml");
    }
    let unknown = tool.send_xml(&world, &body.replace("replaceResult", "readPerson"));
    let said = answer(&unknown);
    assert_eq!((unknown.status, said.code, said.operation.as_str()), (200, CodeMajor::Unsupported, "readPerson"));
    for media_type in ["text/xml", "application/xml; charset=utf-8", "Application/XML"] {
        let request = http().post(&tool.url).header("Content-Type", media_type);
        let header = tool.header(&world, "POST", &tool.url, &body);
        assert_eq!(request.header("Authorization", header).body(body.clone()).send().unwrap().status(), 200);
    }
}
