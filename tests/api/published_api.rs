//! A client written from the published API, version 3, without a look at this server: it calls everything in it, and
//! finds every parameter, field, status and header that it expects.

use std::collections::BTreeSet;
use std::process::Output;

use serde_json::Value;

use crate::emails::MailServer;
use crate::interop::python;
use crate::world::{Database, Process, document, superuser};

/// What this server has beyond the published API: resources by their tags, and single operations.
const BEYOND: [&str; 11] = [
    "launches",
    "lti_consumers",
    "lti_platforms",
    "results",
    "selections",
    "service_calls",
    "tool_deployments",
    "create_result",
    "create_tool_registration",
    "list_grade_returns",
    "list_assessment_controls",
];

fn is_published(operation: &Value) -> bool {
    ["/tags/0", "/operationId"]
        .into_iter()
        .filter_map(|name| operation.pointer(name)?.as_str())
        .all(|name| !BEYOND.contains(&name))
}

/// The calls of the document that are published, as the client prints them: `GET /exams/{id}`.
fn documented() -> BTreeSet<String> {
    let paths = document()["paths"].as_object().unwrap();
    let calls = paths.iter().flat_map(|(path, methods)| {
        let path = path.strip_prefix("/api/v3");
        let methods = methods.as_object().unwrap().iter().filter(|(_, operation)| operation["tags"].is_array());
        let published = methods.filter(|(_, operation)| is_published(operation));
        published.filter_map(move |(method, _)| Some(format!("{} {}", method.to_uppercase(), path?)))
    });
    calls.collect()
}

#[test]
fn interop_a_client_of_the_published_api_finds_everything_it_calls() {
    let (database, mail) = (Database::fresh(), MailServer::start());
    let superuser = superuser(&database);
    let server = Process::serve_with(&database, &mail.environment());
    let root = server.caller(&superuser);
    let origin = format!("http://{}", server.address);
    let arguments = ["published_api", &origin, &root.token, &root.secret];
    let Output { status, stdout, stderr } = python().args(arguments).output().unwrap();
    let printed = String::from_utf8(stdout).unwrap();
    assert!(status.success(), "{printed}\n{}", String::from_utf8_lossy(&stderr));
    println!("{printed}");
    let called = printed.lines().filter_map(|line| line.strip_prefix("call ")).map(str::to_owned).collect();
    assert_eq!(documented(), called, "every published call was made, and succeeded");
}
