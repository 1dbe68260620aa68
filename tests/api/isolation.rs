//! Who gets to what: every operation of the document, for everybody, on objects of the own and of another institute.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use reqwest::header::HeaderName;
use serde_json::{Value, json};

use crate::world::operations::{NO_ID, Operation, Things, operations};
use crate::world::timing::{Figures, Line, cropped};
use crate::world::{Person, Reply, World, sign};

/// Somebody with the role that the table of access knows.
struct Caller {
    name: &'static str,
    person: Person,
    /// `None` for those whose token opens nothing.
    role: Option<&'static str>,
    /// The institute; `None` for a superuser.
    institute: Option<i64>,
}

impl Caller {
    /// Whether these objects are within sight.
    fn reaches(&self, operation: &Operation, institute: i64) -> bool {
        let others_exam = self.name == "colleague" && hangs_on_an_exam(operation);
        self.institute.is_none_or(|own| own == institute) && !others_exam
    }

    /// The status that the rules give. What is out of sight is not found where the path names it, is no valid value
    /// where a body names it, and is not in a list.
    fn expected(&self, operation: &Operation, institute: i64, access: &BTreeMap<String, Vec<String>>) -> u16 {
        let Some(role) = self.role else { return 401 };
        if !access[&operation.id].iter().any(|allowed| allowed == role) {
            403
        } else if self.reaches(operation, institute) {
            operation.success
        } else if operation.has_id() {
            404
        } else if operation.writes() {
            422
        } else {
            operation.success
        }
    }
}

fn hangs_on_an_exam(operation: &Operation) -> bool {
    let tags =
        ["exams", "documents", "attachments", "lti_resources", "selections", "student_sessions", "launches", "results"];
    let tag = tags.contains(&operation.tag.as_str());
    tag && (operation.has_id() || operation.id == "create_lti_resource")
}

fn callers(world: &World) -> Vec<Caller> {
    let (own, other) = (Some(world.institute), Some(world.other_institute));
    let of = |name, person: &Person, role, institute| Caller { name, person: person.clone(), role, institute };
    vec![
        of("nobody", &world.nobody(), None, own),
        of("no token", &world.administrator.with("", &world.administrator.secret), None, own),
        of("disabled", &world.disabled_administrator(), None, own),
        of("stranger", &world.stranger, Some("administrator"), other),
        of("administrator", &world.administrator, Some("administrator"), own),
        of("teacher", &world.teacher, Some("teacher"), own),
        of("colleague", &world.colleague, Some("teacher"), own),
        of("proctor", &world.proctor, Some("proctor"), own),
        of("reviewer", &world.reviewer, Some("reviewer"), own),
        of("auditor", &world.auditor, Some("auditor"), own),
        of("superuser", &world.superuser, Some("superuser"), None),
        // No exam carries their flags.
        of("global proctor", &world.newcomer("global_proctor"), Some("global_proctor"), Some(0)),
        of("global reviewer", &world.newcomer("global_reviewer"), Some("global_reviewer"), Some(0)),
    ]
}

fn access() -> BTreeMap<String, Vec<String>> {
    toml::from_str(include_str!("data/access.toml")).unwrap()
}

#[test]
fn aut_01_every_operation_has_its_row_of_roles() {
    let named: BTreeSet<String> = access().into_keys().collect();
    let served: BTreeSet<String> = operations().into_iter().map(|operation| operation.id).collect();
    assert_eq!(named, served, "tests/api/data/access.toml must name every operation of the document");
}

#[test]
fn aut_01_everybody_reaches_what_the_table_says_and_nothing_else() {
    let (world, access) = (World::new(), access());
    let mut ours = Things::ours(&world);
    let mut theirs = Things::theirs(&world);
    let mut calls = 0;
    for caller in callers(&world) {
        for operation in operations() {
            for (things, renew) in [(&mut ours, Things::ours as fn(&World) -> Things), (&mut theirs, Things::theirs)] {
                if operation.id == "delete_institute" && caller.role == Some("superuser") {
                    *things = renew(&world).in_new_institute(&world);
                }
                let reply = operation.call(&caller.person, things).send();
                let expected = caller.expected(&operation, things.institute, &access);
                let what = format!("{} of institute {} as {}", operation.id, things.institute, caller.name);
                assert_eq!(reply.status, expected, "{what}: {}", reply.text);
                if operation.method == "DELETE" && reply.status == 200 {
                    *things = renew(&world);
                }
                calls += 1;
            }
        }
    }
    assert_eq!(calls, 13 * 2 * access.len());
}

#[test]
fn aut_01_a_global_role_reaches_the_exams_of_every_institute_that_carry_its_flag_and_no_others() {
    const FLAGS: [(&str, &str); 2] = [("global_proctor", "global_proctoring"), ("global_reviewer", "global_reviewing")];
    let (world, access) = (World::new(), access());
    let all_things = [Things::ours(&world), Things::theirs(&world)];
    for (role, own_flag) in FLAGS {
        let person = world.newcomer(role);
        for (things, (_, flag)) in all_things.iter().flat_map(|things| FLAGS.map(|flag| (things, flag))) {
            let flags: Value = FLAGS.iter().map(|(_, name)| ((*name).to_owned(), json!(*name == flag))).collect();
            world.superuser.patch(&format!("/exams/{}", things.exam["id"]), flags).ok("exam");
            for operation in operations() {
                let may = access[&operation.id].iter().any(|allowed| allowed == role);
                let expected = match (may, flag == own_flag || !operation.has_id()) {
                    (false, _) => 403,
                    (true, false) => 404,
                    (true, true) => operation.success,
                };
                let reply = operation.call(&person, things).send();
                let what = format!("{} of institute {} with {flag} as {role}", operation.id, things.institute);
                assert_eq!(reply.status, expected, "{what}: {}", reply.text);
            }
            let listed = person.get("/exams").ok("exams");
            let listed = listed.as_array().unwrap().iter().any(|exam| exam["id"] == things.exam["id"]);
            assert_eq!(listed, flag == own_flag, "institute {} with {flag} as {role}", things.institute);
        }
    }
}

#[test]
fn aut_01_a_list_holds_nothing_of_another_institute() {
    let world = World::new();
    Things::ours(&world);
    let theirs = Things::theirs(&world);
    let callers = callers(&world);
    for operation in operations().iter().filter(|operation| operation.id.starts_with("list_") && !operation.has_id()) {
        for caller in callers.iter().filter(|caller| caller.institute == Some(world.institute)) {
            let reply = operation.call(&caller.person, &theirs).send();
            let institutes = every(&reply.json, "institute_id");
            let exams = every(&reply.json, "exam_id");
            assert!(institutes.iter().all(|id| **id == world.institute), "{} as {}", operation.id, caller.name);
            assert!(!exams.contains(&&theirs.exam["id"]), "{} as {}", operation.id, caller.name);
        }
    }
}

/// The values of every member with this name, however deep.
fn every<'v>(value: &'v Value, name: &str) -> Vec<&'v Value> {
    match value {
        Value::Object(members) => {
            let deeper = members.values().flat_map(|member| every(member, name));
            members.get(name).into_iter().chain(deeper).collect()
        }
        Value::Array(items) => items.iter().flat_map(|item| every(item, name)).collect(),
        _ => Vec::new(),
    }
}

/// A reply without what differs between any two replies: the ids that were asked for, the request's id and the date.
fn shape(reply: &Reply, things: &Things) -> String {
    let mut json = reply.json.clone();
    json["request_id"] = Value::Null;
    let mut text = json.to_string();
    for id in
        [&json!(things.institute), &things.user["id"], &things.exam["id"], &things.tool["id"], &things.resource["id"]]
            .into_iter()
            .chain([&things.consumer["id"], &things.document["id"], &things.attachment["id"], &things.session["id"]])
            .chain([&things.selection["id"], &things.launch()["id"], &things.result["id"]])
            .chain([&things.deployment["id"], &things.deployment["tool_provider_id"]])
    {
        text = text.replace(&format!("'{id}'"), "'ID'");
    }
    let headers: BTreeMap<&str, &str> = reply
        .headers
        .keys()
        .map(HeaderName::as_str)
        .filter(|name| !["x-request-id", "date", "content-length"].contains(name))
        .map(|name| (name, reply.header(name)))
        .collect();
    format!("{} {headers:?} {text}", reply.status)
}

#[test]
fn aut_02_what_belongs_to_others_looks_as_if_it_did_not_exist() {
    let world = World::new();
    let (theirs, absent) = (Things::theirs(&world), Things::absent());
    let mut compared = 0;
    for operation in operations().iter().filter(|operation| operation.has_id()) {
        for person in [&world.administrator, &world.teacher, &world.auditor] {
            let foreign = operation.call(person, &theirs).send();
            let missing = operation.call_at(person, &operation.path_of(&absent), &theirs).send();
            assert_eq!(shape(&foreign, &theirs), shape(&missing, &absent), "{}", operation.id);
            compared += 1;
        }
    }
    assert_eq!(compared, 3 * operations().iter().filter(|operation| operation.has_id()).count());
}

/// A rightly signed request for an exam, as it goes over the wire.
fn ask_for(person: &Person, exam: &Value) -> String {
    let call = person.call("GET", &format!("/exams/{exam}"), Value::Null);
    let signed = call.signed();
    format!(
        "GET /api/v3/exams/{exam}?nonce={}&timestamp={}&signature={} HTTP/1.1\r\nHost: x\r\n\
         Authorization: Token token={}\r\n\r\n",
        signed["nonce"],
        signed["timestamp"],
        sign(&person.secret, &signed),
        person.token
    )
}

#[test]
fn aut_02_what_belongs_to_others_takes_as_long_as_what_does_not_exist() {
    let world = World::in_real_time();
    let exams = [Things::theirs(&world).exam["id"].clone(), json!(NO_ID)];
    let (mut line, mut times) = (Line::to(world.address), [Vec::new(), Vec::new()]);
    let nightly = crate::world::nightly();
    let count = if nightly { 40_000 } else { 400 };
    for number in 0..count {
        // Neither always comes first.
        let kind = (number + number / 2) % 2;
        let request = ask_for(&world.administrator, &exams[kind]);
        let started = Instant::now();
        assert_eq!(line.ask(&request), 404);
        times[kind].push(started.elapsed().as_secs_f64() * 1e6);
    }
    let [foreign, absent] = [0, 1].map(|kind| Figures::of(&cropped(&times)[kind]));
    let (difference, t) = (foreign.mean / absent.mean - 1.0, foreign.welch(&absent));
    println!("foreign {:.1} us, absent {:.1} us: {:+.2} %, t {t:+.2}", foreign.mean, absent.mean, difference * 100.0);
    assert!(!nightly || (difference.abs() < 0.05 && t.abs() < 4.5), "{difference}, t {t}");
}

#[test]
fn aut_02_a_colleagues_exam_looks_as_if_it_did_not_exist() {
    let world = World::new();
    let (ours, absent) = (Things::ours(&world), Things::absent());
    for operation in operations().iter().filter(|operation| operation.has_id() && hangs_on_an_exam(operation)) {
        let foreign = operation.call(&world.colleague, &ours).send();
        let missing = operation.call_at(&world.colleague, &operation.path_of(&absent), &ours).send();
        assert_eq!((foreign.status, shape(&foreign, &ours)), (404, shape(&missing, &absent)), "{}", operation.id);
    }
}

/// Parameters of bodies whose name ends in `_id` and which refer to nothing on this server.
const NO_REFERENCES: [&str; 4] = ["client_id", "external_id", "group_id", "line_item_resource_id"];

#[test]
fn aut_04_a_body_cannot_refer_to_what_belongs_to_others() {
    let world = World::new();
    let (ours, theirs) = (Things::ours(&world), Things::theirs(&world));
    let colleagues = world.colleague.post("/exams", json!({ "name": "Mine", "type": "demo" })).created("exam");
    let identity_provider = world.identity_provider(world.other_institute);
    let mut tried = BTreeSet::new();
    for operation in operations() {
        let references = operation.properties().into_iter().filter(|name| name.ends_with("_id")).map(str::to_owned);
        for name in references.filter(|name| !NO_REFERENCES.contains(&name.as_str())).collect::<Vec<_>>() {
            let administers =
                ["tool_providers", "lti_consumers", "lti_platforms", "users"].contains(&operation.tag.as_str());
            let foreign = match name.as_str() {
                "institute_id" => vec![json!(world.other_institute)],
                "exam_id" if administers => vec![theirs.exam["id"].clone()],
                "exam_id" => vec![theirs.exam["id"].clone(), colleagues["id"].clone()],
                "tool_provider_id" | "proctoring_tool_provider_id" => vec![theirs.tool["id"].clone()],
                "proctor_id" | "comanager_id" => vec![theirs.user["id"].clone()],
                "lti_resource_id" => vec![theirs.resource["id"].clone()],
                "tool_deployment_id" | "proctoring_tool_deployment_id" => vec![theirs.deployment["id"].clone()],
                "omniauth_config_id" => vec![identity_provider.clone()],
                other => panic!("{other} of {} refers to something; say to what", operation.id),
            };
            let person = if administers { &world.administrator } else { &world.teacher };
            let refer = |id: &Value| operation.call(person, &ours).with(&name, id.clone()).send();
            let mut missing = refer(&json!(NO_ID));
            missing.refused(422, "parameter_invalid");
            missing.json["request_id"] = Value::Null;
            for id in foreign {
                let mut reply = refer(&id);
                reply.json["request_id"] = Value::Null;
                assert_eq!(reply.json, missing.json, "{} with {name}", operation.id);
            }
            tried.insert((operation.id.clone(), name));
        }
    }
    assert_eq!(tried.len(), 45, "{tried:?}");
}

#[test]
fn aut_04_instructions_cannot_show_a_resource_of_another_exam() {
    let world = World::new();
    let (ours, theirs) = (Things::ours(&world), Things::theirs(&world));
    let other = Things::ours(&world);
    for resource in [&theirs.resource, &other.resource, &json!({ "placeholder": format!("LTI_EXAM_{NO_ID}") })] {
        let content = format!("<p>{{{}}}</p>", resource["placeholder"].as_str().unwrap());
        let path = format!("/exams/{}/documents", ours.exam["id"]);
        world.teacher.post(&path, json!({ "exam_content": content })).refused(422, "parameter_invalid");
    }
}

#[test]
fn aut_04_an_id_in_a_path_counts_only_below_its_own_parent() {
    let world = World::new();
    let (ours, theirs) = (Things::ours(&world), Things::theirs(&world));
    let document = format!("/exams/{}/documents/{}", ours.exam["id"], theirs.document["id"]);
    world.teacher.get(&document).refused(404, "not_found");
    world.teacher.delete(&document).refused(404, "not_found");
    let attachment = format!("/exams/{}/attachments/{}", ours.exam["id"], theirs.attachment["id"]);
    world.teacher.get(&attachment).refused(404, "not_found");
    world.teacher.delete(&attachment).refused(404, "not_found");
    let deployment = format!("/tool_providers/{}/deployments/{}", ours.tool["id"], ours.deployment["id"]);
    world.administrator.get(&deployment).refused(404, "not_found");
    world.administrator.patch(&deployment, json!({ "name": "Ours" })).refused(404, "not_found");
    world.administrator.delete(&deployment).refused(404, "not_found");
    let user = format!("/institutes/{}/users/{}", world.institute, theirs.user["id"]);
    for person in [&world.administrator, &world.superuser] {
        person.get(&user).refused(404, "not_found");
        person.post(&format!("{user}/rotate_credentials"), json!({})).refused(404, "not_found");
        person.delete(&user).refused(404, "not_found");
    }
}
