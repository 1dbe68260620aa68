//! The OpenAPI document: it is the file in the repository, it says what is served, and its examples are true.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::{Map, Value};

use crate::world::{World, document, http, resolved, validator_of};

/// Every operation: its method, its path and itself.
fn operations() -> Vec<(String, &'static str, &'static Value)> {
    let paths = document()["paths"].as_object().unwrap();
    let of = |(path, item): (&'static String, &'static Value)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(|(method, operation)| (method.to_uppercase(), path.as_str(), operation)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

/// Every media type of an operation's body and replies, with what it belongs to.
fn contents() -> Vec<(String, &'static Value)> {
    let mut contents = Vec::new();
    for (method, path, operation) in operations() {
        let bodies = [("body", &operation["requestBody"])].into_iter().filter(|(_, body)| body.is_object());
        let replies =
            operation["responses"].as_object().unwrap().iter().map(|(status, reply)| (status.as_str(), reply));
        for (place, part) in bodies.chain(replies) {
            let media_types = resolved(part)["content"].as_object().into_iter().flat_map(Map::values);
            contents.extend(media_types.map(|content| (format!("{method} {path} {place}"), content)));
        }
    }
    contents
}

#[test]
fn the_file_in_the_repository_is_what_the_program_writes() {
    let file = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json")).unwrap();
    let written = examlink::api::openapi::json().unwrap();
    assert!(file == written, "openapi/openapi.json is stale; refresh it: cargo run -- openapi > openapi/openapi.json");
}

#[test]
fn interop_spectral_finds_no_error_in_the_document() {
    let installed = concat!(env!("CARGO_MANIFEST_DIR"), "/target/node/node_modules/.bin/spectral");
    let spectral = std::env::var("EXAMLINK_TEST_SPECTRAL").unwrap_or_else(|_| installed.into());
    let arguments = ["lint", "--ruleset", "tests/interop/spectral.yaml", "openapi/openapi.json"];
    let mut program = Command::new(spectral);
    let linted = program.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).output();
    let linted = linted.expect("script/test installs spectral");
    let told = String::from_utf8_lossy(&linted.stdout);
    assert!(
        linted.status.success() && told.contains("(0 errors, "),
        "{told}{}",
        String::from_utf8_lossy(&linted.stderr)
    );
}

#[test]
fn the_server_serves_the_document_and_leads_to_its_page() {
    let world = World::new();
    let get = |path: &str| http().get(format!("{}{path}", world.origin())).send().unwrap();
    assert_eq!(&serde_json::from_str::<Value>(&get("/openapi.json").text().unwrap()).unwrap(), document());
    let reply = get("/docs");
    assert_eq!((reply.status().as_u16(), &reply.headers()["location"]), (308, &"/docs/".parse().unwrap()));
    assert_eq!(get("/docs/").status().as_u16(), 200);
}

#[test]
fn every_operation_is_routed_and_asks_for_a_token() {
    let world = World::new();
    for (method, path, _) in operations() {
        let url = format!(
            "{}{}",
            world.origin(),
            path.replace("{id}", "1").replace("{exam_id}", "1").replace("{institute_id}", "1")
        );
        // Clients of the published API end paths with a slash.
        for url in [format!("{url}/"), url] {
            let reply = http().request(method.parse().unwrap(), &url).send().unwrap();
            assert_eq!(reply.status().as_u16(), 401, "{method} {url}");
        }
    }
}

/// What there is beside listing, creating, showing, changing and deleting one resource.
const FURTHER: [&str; 38] = [
    "create_tool_registration",
    "list_exam_student_sessions",
    "list_grade_returns",
    "list_assessment_controls",
    "rotate_user_credentials",
    "rotate_lti_consumer_secret",
    "show_exam_document",
    "publish_exam",
    "close_exam",
    "reopen_exam",
    "copy_exam",
    "send_exam_emails",
    "add_comanager",
    "remove_comanager",
    "show_lti_student",
    "index_students",
    "show_student",
    "add_student",
    "delete_student",
    "create_student_sessions",
    "assign_proctor",
    "terminate_student_session",
    "reopen_student_session",
    "list_identity_providers",
    "list_launches",
    "show_launch",
    "compare_launch",
    "create_lti_platform_invitation",
    "create_selection",
    "show_selection",
    "list_exam_results",
    "list_student_session_results",
    "create_result",
    "show_result",
    "update_result",
    "replace_result",
    "create_submission_review",
    "list_service_calls",
];

#[test]
fn the_document_has_the_operations_of_the_resources_and_no_other() {
    let ids: BTreeSet<&str> =
        operations().iter().map(|(.., operation)| operation["operationId"].as_str().unwrap()).collect();
    let mut expected: BTreeSet<String> = FURTHER.map(ToOwned::to_owned).into();
    for one in [
        "institute",
        "user",
        "exam",
        "tool_provider",
        "tool_deployment",
        "lti_consumer",
        "lti_platform",
        "lti_resource",
        "document",
        "student_session",
    ] {
        expected.extend(["create", "show", "update", "replace", "delete"].map(|verb| format!("{verb}_{one}")));
        if one != "document" {
            expected.insert(format!("list_{one}s"));
        }
    }
    // A file is never changed: another one is another attachment.
    expected.extend(["list", "create", "show", "delete"].map(|verb| match verb {
        "list" => "list_attachments".to_owned(),
        verb => format!("{verb}_attachment"),
    }));
    assert_eq!(ids, expected.iter().map(String::as_str).collect());
    assert_eq!(operations().len(), ids.len(), "operation ids are unique");
}

#[test]
fn every_operation_and_parameter_is_described() {
    let tags = document()["tags"].as_array().unwrap();
    for (method, path, operation) in operations() {
        let place = format!("{method} {path}");
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 10), "{place}: summary");
        let tag = tags.iter().find(|tag| tag["name"] == operation["tags"][0]);
        assert!(tag.is_some_and(|tag| tag["description"].is_string()), "{place}: tag");
        for parameter in operation["parameters"].as_array().unwrap().iter().map(resolved) {
            assert!(parameter["description"].is_string(), "{place}: {}", parameter["name"]);
        }
        for (status, reply) in operation["responses"].as_object().unwrap() {
            assert!(resolved(reply)["description"].is_string(), "{place}: {status}");
        }
    }
}

/// Whether an operation is answered with one object: not with a list, and not with nothing.
fn shows_an_object(operation: &'static Value) -> bool {
    let replies = &operation["responses"];
    let reply = replies.get("200").or(replies.get("201")).unwrap();
    let members = &resolved(&reply["content"]["application/json"]["schema"])["properties"];
    let mut members = members.as_object().into_iter().flat_map(Map::values).peekable();
    members.peek().is_some() && members.all(|member| member["type"] != "array")
}

#[test]
fn every_operation_says_which_conditions_it_takes_and_how_it_refuses() {
    for (method, path, operation) in operations() {
        let place = format!("{method} {path}");
        let parameters = operation["parameters"].as_array().unwrap().iter().map(resolved);
        let headers: Vec<&str> = parameters
            .filter(|parameter| parameter["in"] == "header")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let statuses = operation["responses"].as_object().unwrap();
        let ok = statuses.get("200").or(statuses.get("201")).map(|reply| &reply["headers"]).unwrap();
        let lists = ok.get("X-Pagination-Page").is_some();
        let (taken, refused): (&[&str], &[&str]) = match method.as_str() {
            "POST" => (&["Idempotency-Key"], &["409", "422", "429"]),
            "GET" if lists => (&[], &["429"]),
            "GET" => (&["If-None-Match"], &["304", "429"]),
            _ => (&["If-Match"], &["412", "429"]),
        };
        assert_eq!(headers, taken, "{place}");
        for status in refused {
            assert!(statuses.contains_key(*status), "{place}: {status}");
        }
        assert_eq!(ok.get("Idempotent-Replayed").is_some(), method == "POST", "{place}");
        assert_eq!(ok.get("ETag").is_some(), shows_an_object(operation), "{place}");
        assert!(ok.get("RateLimit").is_some() && ok.get("RateLimit-Policy").is_some(), "{place}");
    }
}

#[test]
fn every_body_has_examples_that_fit_its_schema() {
    for (place, content) in contents() {
        let validator = validator_of(&content["schema"]);
        let many = content["examples"].as_object().into_iter().flat_map(Map::values).map(|example| &example["value"]);
        let examples: Vec<&Value> = content.get("example").into_iter().chain(many).collect();
        assert!(!examples.is_empty(), "{place} has no example");
        for example in examples {
            let errors: Vec<String> = validator.iter_errors(example).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{place}: {errors:?} in {example}");
        }
    }
}

#[test]
fn every_error_code_has_an_example() {
    use examlink::api::problem::Kind;
    let examples: BTreeSet<&str> = contents()
        .iter()
        .flat_map(|(_, content)| content["examples"].as_object().into_iter().flatten())
        .inspect(|(code, example)| assert_eq!(example["value"]["code"], code.as_str()))
        .map(|(code, _)| code.as_str())
        .collect();
    // 405 is the answer to what is no operation.
    let codes = Kind::ALL.iter().filter(|kind| **kind != Kind::METHOD).map(|kind| kind.code).collect();
    assert_eq!(examples, codes);
}

#[test]
fn schemas_have_plain_names_no_defaults_and_are_used() {
    let text = document().to_string();
    assert!(!text.contains("\"default\":null"));
    for name in document()["components"]["schemas"].as_object().unwrap().keys() {
        assert!(name.chars().all(char::is_alphanumeric), "{name}");
        assert!(text.contains(&format!("#/components/schemas/{name}\"")), "{name} is not used");
    }
}
