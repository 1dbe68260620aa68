//! Secrets: which answers show one, which addresses one opens, and what somebody finds who steals the database.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use examlink::clock::Random;
use examlink::domain::id::PlatformKeyId;
use examlink::domain::platform_key;
use examlink::domain::secret::{Keyring, Sealed};
use serde_json::{Value, json};

use crate::world::operations::{Things, operations};
use crate::world::{MASTER_KEY, Person, World, document, http, on_postgres};

/// Words that the name of a secret holds.
const WORDS: [&str; 5] = ["secret", "token", "password", "_key", "private"];

/// Members of answers with such a name, and why each is there.
const KNOWN: [(&str, &str); 11] = [
    ("Exam", "token"),                         // an identifier that opens nothing
    ("LtiConsumer", "consumer_key"),           // no secret
    ("LtiConsumer", "consumer_secret"),        // only in the answer that makes it
    ("LtiPlatform", "public_key"),             // as its name says
    ("LtiPlatform", "token_url"),              // an address
    ("LtiRegistration", "public_key"),         // as its name says
    ("StudentSession", "token"),               // for those who may invite students
    ("ToolProvider", "oauth_consumer_key"),    // no secret
    ("ToolProvider", "oauth_consumer_secret"), // masked, but for the answer that sets it
    ("User", "api_token"),                     // only in the answer that makes it
    ("User", "secret_key"),                    // only in the answer that makes it
];

/// The names of the schemas that an answer is made of.
fn schemas_of(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(name) = members.get("$ref").and_then(Value::as_str) {
                let name = name.rsplit('/').next().unwrap();
                if name != "Problem" && found.insert(name.to_owned()) {
                    schemas_of(&document()["components"]["schemas"][name], found);
                }
            }
            members.values().for_each(|member| schemas_of(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| schemas_of(item, found)),
        _ => {}
    }
}

#[test]
fn aut_10_no_answer_has_a_secret_that_is_not_accounted_for() {
    let mut schemas = BTreeSet::new();
    for item in document()["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            schemas_of(&operation["responses"], &mut schemas);
        }
    }
    let properties = schemas.iter().flat_map(|schema| {
        let properties = document()["components"]["schemas"][schema]["properties"].as_object();
        properties
            .into_iter()
            .flat_map(|properties| properties.keys())
            .map(move |name| (schema.as_str(), name.as_str()))
    });
    let secret = properties.filter(|(_, name)| WORDS.iter().any(|word| name.contains(word)));
    assert_eq!(secret.collect::<Vec<_>>(), KNOWN);
}

/// Every member of a reply with its value, however deep.
fn members(value: &Value) -> Vec<(&str, &Value)> {
    match value {
        Value::Object(object) => {
            object.iter().flat_map(|(name, value)| [(name.as_str(), value)].into_iter().chain(members(value))).collect()
        }
        Value::Array(items) => items.iter().flat_map(members).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn aut_10_only_the_answer_that_makes_a_secret_shows_it() {
    let world = World::new();
    let mut things = Things::ours(&world);
    let link = things.session["token"].as_str().unwrap().to_owned();
    for person in [&world.superuser, &world.administrator, &world.teacher, &world.proctor, &world.auditor] {
        for operation in operations().iter().filter(|operation| operation.id != "delete_institute") {
            let reply = operation.call(person, &things).send();
            let makes = ["create_user", "rotate_user_credentials"].contains(&operation.id.as_str());
            let credentials =
                members(&reply.json).into_iter().filter(|(name, _)| ["api_token", "secret_key"].contains(name));
            assert_eq!(credentials.count(), if makes && reply.status < 300 { 2 } else { 0 }, "{}", operation.id);
            for (_, shown) in members(&reply.json).into_iter().filter(|(name, _)| *name == "oauth_consumer_secret") {
                let expected =
                    if operation.id == "create_tool_provider" { "s3cretOfTheToolProvider" } else { "********" };
                assert_eq!(shown, expected, "{}", operation.id);
            }
            let makes = ["create_lti_consumer", "rotate_lti_consumer_secret"].contains(&operation.id.as_str());
            let secrets = members(&reply.json).into_iter().filter(|(name, _)| *name == "consumer_secret").count();
            assert_eq!(secrets, usize::from(makes && reply.status < 300), "{}", operation.id);
            let invites = ![world.proctor.id, world.auditor.id].contains(&person.id);
            assert!(invites || !reply.text.contains(&link), "{} shows a student's link", operation.id);
            for secret in [&world.administrator.token, &world.teacher.secret, &"Correct-Horse-1".to_owned()] {
                assert!(!reply.text.contains(secret), "{}", operation.id);
            }
            if operation.method == "DELETE" && reply.status == 200 {
                things = Things::ours(&world);
            }
        }
    }
}

#[test]
fn aut_10_a_tools_new_secret_is_shown_once() {
    let world = World::new();
    let tool = world.tool_provider();
    let path = format!("/tool_providers/{}", tool["id"]);
    let set =
        world.administrator.patch(&path, json!({ "oauth_consumer_secret": "another1Secret" })).ok("tool_provider");
    assert_eq!(set["oauth_consumer_secret"], "another1Secret");
    let renamed = world.administrator.patch(&path, json!({ "tool_name": "Algebra tool" })).ok("tool_provider");
    assert_eq!(renamed["oauth_consumer_secret"], "********");
    let key =
        world.administrator.patch(&path, json!({ "oauth_consumer_key": "exam2026institute4key2" })).ok("tool_provider");
    assert_eq!(key["oauth_consumer_secret"], "********");
}

#[test]
fn aut_07_a_students_link_is_256_random_bits() {
    let world = World::new();
    let exam = world.exam();
    let path = format!("/exams/{}/student_sessions", exam["id"]);
    let token = |number: usize| {
        let fields = json!({ "name": "Sam", "email": format!("sam{number}@example.edu") });
        world.teacher.post(&path, fields).created("student")["token"].as_str().unwrap().to_owned()
    };
    let tokens: BTreeSet<String> = (0..100).map(token).collect();
    assert_eq!(tokens.len(), 100);
    let bits = |text: &String| hex::decode(text).unwrap().iter().map(|byte| byte.count_ones()).sum::<u32>();
    assert!(tokens.iter().all(|token| token.len() == 64));
    // Of 25,600 bits half are ones, give or take six standard deviations.
    let ones: u32 = tokens.iter().map(bits).sum();
    assert!((12_320..=13_280).contains(&ones), "{ones}");
}

/// The texts and numbers in a value, however deep.
fn scalars(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members.values().flat_map(scalars).collect(),
        Value::Array(items) => items.iter().flat_map(scalars).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        _ => Vec::new(),
    }
}

/// The hidden fields of the launch of a resource by a student who has started.
fn launch(world: &World, things: &Things) -> String {
    let link = things.session["exam_url"].as_str().unwrap();
    assert_eq!(http().post(format!("{link}/start")).send().unwrap().status(), 303);
    let page = http().get(format!("{link}/launch/{}", things.resource["id"])).send().unwrap();
    assert_eq!(page.status(), 200, "{}", world.origin());
    page.text().unwrap()
}

#[test]
fn aut_07_nothing_that_anybody_is_told_opens_the_exam_page_but_the_link() {
    let world = World::new();
    let things = Things::ours(&world);
    world.publish(&things.exam);
    let link = things.session["token"].as_str().unwrap();
    let mut told: BTreeSet<String> =
        [&things.user, &things.exam, &things.tool, &things.resource, &things.document, &things.session]
            .into_iter()
            .flat_map(scalars)
            .collect();
    told.extend([&world.teacher.token, &world.teacher.secret].map(Clone::clone));
    let page = launch(&world, &things);
    told.extend(page.split("value=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
    let ticket =
        told.iter().find_map(|text| text.split_once("/return/")).expect("a launch has a way back").1.to_owned();
    told.extend(ticket.split('-').map(str::to_owned));
    told.insert(ticket);
    assert!(told.len() > 50, "{told:?}");
    assert!(!page.contains(link), "the tool is not told the link");
    told.retain(|text| !text.contains(link) && !text.is_empty());
    for text in told {
        let address = format!(
            "{}/sessions/{}",
            world.origin(),
            percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC)
        );
        assert_eq!(http().get(&address).send().unwrap().status(), 404, "{text}");
        assert_eq!(http().post(format!("{address}/start")).send().unwrap().status(), 404, "{text}");
    }
    for near in [link.to_uppercase(), link[..63].to_owned(), format!("{link}0"), format!("{link}%20")] {
        let address = format!("{}/sessions/{near}", world.origin());
        assert_eq!(http().get(address).send().unwrap().status(), 404, "{near}");
    }
    let page = http().get(things.session["exam_url"].as_str().unwrap()).send().unwrap();
    assert_eq!((page.status().as_u16(), &page.headers()["referrer-policy"]), (200, &"no-referrer".parse().unwrap()));
}

#[test]
fn aut_07_a_link_opens_its_own_exam_and_nothing_of_another() {
    let world = World::new();
    let (things, other) = (Things::ours(&world), Things::ours(&world));
    for exam in [&things.exam, &other.exam] {
        world.publish(exam);
    }
    let home = world.started(&things.session);
    assert_eq!(world.page(&format!("{home}/launch/{}", things.resource["id"])).status, 200);
    assert_eq!(world.page(&format!("{home}/attachments/{}", things.attachment["id"])).status, 200);
    assert_eq!(world.page(&format!("{home}/launch/{}", other.resource["id"])).status, 404);
    assert_eq!(world.page(&format!("{home}/attachments/{}", other.attachment["id"])).status, 404);
    let others = format!("/sessions/{}", other.session["token"].as_str().unwrap());
    assert!(world.page(&others).text.contains("Ready to start"), "the other student has not been started");
}

#[test]
fn aut_07_a_link_ends_with_its_session() {
    let world = World::new();
    let things = Things::ours(&world);
    world.publish(&things.exam);
    let link = things.session["exam_url"].as_str().unwrap();
    assert_eq!(http().get(link).send().unwrap().status(), 200);
    world.teacher.delete(&format!("/student_sessions/{}", things.session["id"]));
    assert_eq!(http().get(link).send().unwrap().status(), 404);
}

#[test]
fn key_01_a_secret_that_is_moved_to_another_row_opens_nothing_there() {
    let world = World::new();
    let (ours, theirs) = (Things::ours(&world), Things::theirs(&world));
    let (from, to) = (&ours.tool["id"], &theirs.tool["id"]);
    let (own, other) = (&ours.session["id"], &theirs.session["id"]);
    let (teacher, colleague) = (world.teacher.id, world.colleague.id);
    world.database.run(&format!(
        "UPDATE tool_providers SET oauth_consumer_secret = \
             (SELECT t.oauth_consumer_secret FROM tool_providers t WHERE t.id = {from}) WHERE id = {to};
         UPDATE student_sessions SET token = (SELECT s.token FROM student_sessions s WHERE s.id = {own}) WHERE id = {other};
         UPDATE credentials SET secret_key = (SELECT c.secret_key FROM credentials c WHERE c.user_id = {teacher}) \
             WHERE user_id = {colleague};"
    ));
    let key = json!({ "oauth_consumer_key": "exam2026institute4key2" });
    world.stranger.patch(&format!("/tool_providers/{to}"), key).refused(500, "internal_error");
    world.stranger.get(&format!("/student_sessions/{other}")).refused(500, "internal_error");
    let intruder = world.colleague.with(&world.colleague.token, &world.teacher.secret);
    intruder.get("/exams").refused(500, "internal_error");
    world.teacher.get("/exams").ok("exams");
}

#[test]
fn key_01_a_tool_whose_secret_was_moved_is_not_launched() {
    let world = World::new();
    let (ours, other) = (Things::ours(&world), Things::ours(&world));
    world.publish(&ours.exam);
    assert!(launch(&world, &ours).contains("oauth_signature"));
    world.database.run(&format!(
        "UPDATE tool_providers SET oauth_consumer_secret = \
         (SELECT t.oauth_consumer_secret FROM tool_providers t WHERE t.id = {}) WHERE id = {}",
        other.tool["id"], ours.tool["id"]
    ));
    let address = format!("{}/launch/{}", ours.session["exam_url"].as_str().unwrap(), ours.resource["id"]);
    let page = http().get(address).send().unwrap();
    assert_eq!((page.status().as_u16(), page.text().unwrap().contains("oauth_signature")), (503, false));
}

/// A thousand secrets of every kind that the server keeps.
fn plant_secrets(world: &World) -> Vec<String> {
    let mut secrets = Vec::new();
    for number in 0..625 {
        let secret = format!("m4rkerS3cret{number:04}ofATool");
        let fields = json!({
            "tool_name": "Tool", "oauth_consumer_key": "exam2026institute4key1", "oauth_consumer_secret": secret,
        });
        world.administrator.post("/tool_providers", fields).created("tool_provider");
        secrets.push(secret);
    }
    let users = format!("/institutes/{}/users", world.institute);
    for number in 0..75 {
        let password = format!("M4rker-Passw0rd-{number:04}");
        let fields = json!({ "email": format!("m{number}@example.edu"), "name": "Marked", "password": password });
        let user = world.administrator.post(&users, fields).created("user");
        secrets.extend([password, text(&user["api_token"]), text(&user["secret_key"])]);
    }
    let sessions = format!("/exams/{}/student_sessions", world.exam()["id"]);
    for number in 0..150 {
        let fields = json!({ "name": "Marked", "email": format!("s{number}@example.edu") });
        secrets.push(text(&world.teacher.post(&sessions, fields).created("student")["token"]));
    }
    secrets
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn key_02_a_stolen_database_shows_no_secret() {
    let world = World::new();
    let mut secrets = plant_secrets(&world);
    assert_eq!(secrets.len(), 1_000);
    secrets
        .extend([&world.superuser, &world.teacher].iter().flat_map(|p: &&Person| [p.token.clone(), p.secret.clone()]));
    let stored = everything_stored(&world);
    assert!(stored.values().any(|content| content.contains("m0@example.edu")), "what is no secret is found");
    for (place, content) in stored {
        let found: Vec<_> = secrets.iter().filter(|secret| content.contains(secret.as_str())).collect();
        assert!(found.is_empty(), "{place} holds {found:?}");
    }
}

#[test]
fn key_02_a_stolen_database_shows_no_private_key_of_the_platform() {
    let world = World::new();
    assert_eq!(world.page("/.well-known/jwks.json").status, 200);
    let keys = Keyring::parse(MASTER_KEY, Random).unwrap();
    let rows = world.database.texts("SELECT id || ' ' || private_key AS text FROM platform_keys");
    assert_eq!(rows.len(), 2);
    let private = |row: &String| {
        let (id, sealed) = row.split_once(' ').unwrap();
        let sealed = Sealed::from_hex(&hex::encode(sealed)).unwrap();
        keys.open(&sealed, platform_key::place(PlatformKeyId(id.parse().unwrap()))).unwrap().reveal().to_owned()
    };
    let private: Vec<String> = rows.iter().map(private).collect();
    for (place, content) in everything_stored(&world) {
        for key in &private {
            // Of the form around it, keys have much in common.
            let core = &key[key.len() / 2..][..60];
            assert!(!content.contains(core), "{place} holds {core}");
        }
    }
}

/// All that a thief of the database gets, by where it was found.
fn everything_stored(world: &World) -> BTreeMap<String, String> {
    if on_postgres() {
        let tables = world.database.texts("SELECT tablename::text AS text FROM pg_tables WHERE schemaname = 'public'");
        assert!(tables.len() >= 10, "{tables:?}");
        let dump = tables.iter().map(|table| world.database.texts(&format!("SELECT t::text AS text FROM {table} t")));
        return BTreeMap::from([("dump".to_owned(), dump.map(|rows| rows.join("\n")).collect())]);
    }
    let file = world.database.url().trim_start_matches("sqlite://");
    let copy = format!("{file}.copy");
    let log = read(&format!("{file}-wal"));
    assert!(!log.is_empty(), "the write-ahead log is there");
    world.database.run(&format!("VACUUM INTO '{copy}'"));
    let folder = Path::new(file).parent().unwrap();
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().display().to_string());
    files.map(|path| (path.clone(), read(&path))).collect()
}

fn read(path: &str) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
}

#[test]
fn key_02_a_password_is_kept_as_argon2id() {
    let world = World::new();
    let things = Things::ours(&world);
    let sql = format!("SELECT password_hash AS text FROM users WHERE id = {}", things.user["id"]);
    let hash = world.database.texts(&sql).remove(0);
    // At least what OWASP asks of Argon2id: 19 MiB, two passes, one lane.
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
}
