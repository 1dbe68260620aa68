//! Every operation of the document, called with made-up data by a tool that nobody here wrote.
//!
//! Pages under `/sessions/` are not in the document, nor here: they are for browsers, and take nothing but a link. `pages`
//! and `logs` come with wrong ones.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::interop::python;
use crate::world::World;
use crate::world::operations::{Operation, Things, operations};

/// The paths of objects.
fn paths(things: &Things) -> Vec<String> {
    let of_institute = |name: &str, id: &Value| format!("/api/v3/institutes/{}/{name}/{id}", things.institute);
    let of_exam = |name: &str, id: &Value| format!("/api/v3/exams/{}/{name}/{id}", things.exam["id"]);
    let top = |name: &str, id: &Value| format!("/api/v3/{name}/{id}");
    vec![
        top("institutes", &things.institute.into()),
        of_institute("users", &things.user["id"]),
        top("exams", &things.exam["id"]),
        of_exam("documents", &things.document["id"]),
        of_exam("attachments", &things.attachment["id"]),
        top("tool_providers", &things.tool["id"]),
        top("lti_resources", &things.resource["id"]),
        top("student_sessions", &things.session["id"]),
        of_exam("selections", &things.selection["id"]),
        top("lti_consumers", &things.consumer["id"]),
        top("lti_platforms", &things.platform["id"]),
        top("launches", &things.launch()["id"]),
        top("results", &things.result["id"]),
    ]
}

/// Objects that belong together, as the program is told of them.
fn group(things: &Things) -> Value {
    let student = &things.session["student_id"];
    let resource = &things.resource["lti_resource_link_id"];
    // Rules that a schema does not tell, or not to this tool.
    let values = json!({
        "student_lms_id": student, "resource_link_id": resource, "password": "Correct-Horse-1",
        "lti_resource_id": things.result["lti_resource_id"],
    });
    json!({ "paths": paths(things), "values": values })
}

/// What the program is told: the callers, and what there is.
fn told(world: &World) -> Value {
    let callers = [&world.superuser, &world.administrator];
    let [kept, begun, theirs] = [Things::ours, Things::ours, Things::theirs].map(|make| make(world));
    world.publish(&begun.exam);
    // Several, because calls reopen and delete them before others come.
    let ended = [(); 5].map(|()| Things::ours(world));
    for things in &ended {
        world.teacher.post(&format!("/student_sessions/{}/terminate", things.session["id"]), json!({})).ok("student");
    }
    let empty = |number: u32| {
        let fields = json!({ "name": format!("Institute {number}"), "short_name": "I" });
        let institute = world.superuser.post("/institutes", fields).created("institute");
        json!({ "paths": [format!("/api/v3/institutes/{}", institute["id"])], "values": {} })
    };
    // All other tools are in use, and cannot be deleted.
    let unused = |_| {
        let tool = world.tool_1p3();
        let path = format!("/api/v3/tool_providers/{}", tool.provider["id"]);
        let deployment = format!("{path}/deployments/{}", world.deployment(&tool, "Law")["id"]);
        json!({ "paths": [path, deployment], "values": {} })
    };
    // What the others hang on. Without the caller's own institute and user, nobody could go on calling.
    let kept_paths = [
        format!("/api/v3/institutes/{}", world.institute),
        format!("/api/v3/institutes/{}/users/{}", world.institute, world.administrator.id),
        format!("/api/v3/exams/{}", kept.exam["id"]),
    ];
    let things = [&kept, &begun, &theirs].into_iter().chain(&ended).map(group);
    let things = things.chain((0..4).map(empty)).chain((0..12).map(unused));
    json!({
        "callers": callers.map(|person| json!({ "token": person.token, "secret": person.secret })),
        "things": things.collect::<Vec<_>>(),
        "kept": kept_paths,
    })
}

/// How often each operation answered with each status, as the program's last line tells.
type Replies = BTreeMap<String, BTreeMap<u16, u32>>;

/// Without a seed, what is made up is new each time.
fn run(world: &World, cases: u32, seed: Option<u32>) -> Replies {
    let (mut program, scratch) = (python(), TempDir::new().unwrap());
    program.env("HYPOTHESIS_STORAGE_DIRECTORY", scratch.path());
    program.args(["fuzz_operations.py", &world.origin(), &cases.to_string()]);
    program.args(seed.map(|seed| seed.to_string()));
    let mut running =
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("script/test installs Python");
    running.stdin.take().unwrap().write_all(told(world).to_string().as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}");
    serde_json::from_str(printed.lines().last().unwrap()).unwrap()
}

#[test]
fn interop_every_operation_answers_made_up_data_as_the_document_says() {
    let world = World::in_real_time();
    // A change is judged by what it changes, not by chance; every night something new is tried.
    let nightly = crate::world::nightly();
    let (cases, seed) = if nightly { (1_000, None) } else { (50, Some(1)) };
    let replies = run(&world, cases, seed);
    for Operation { id, .. } in &operations() {
        let statuses = replies.get(id).unwrap_or_else(|| panic!("{id} was not called"));
        assert!(statuses.values().sum::<u32>() >= cases, "{id}: {statuses:?}");
        let succeeds = statuses.keys().any(|status| (200..300).contains(status));
        // It takes more than a few attempts to make up a body that is right in all.
        assert!(succeeds || !nightly, "{id} never succeeds: {statuses:?}");
        // Whoever signs right is let in, whatever is sent.
        assert!(!statuses.contains_key(&401), "{id}: {statuses:?}");
    }
}
