//! Two institutes with a mark in everything they have: nobody of the one is ever shown the other's, however they ask.

use std::fs::{self, File};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::operations::{Operation, Things, operations};
use crate::world::{Database, Person, Process, Reply, http, superuser};

const OURS: &str = "0urMark";
const THEIRS: &str = "Th3irMark";

/// An institute in which every text that somebody can set holds its mark.
struct Marked {
    administrator: Person,
    teacher: Person,
    things: Things,
}

impl Marked {
    fn found(root: &Person, mark: &str) -> Self {
        let institute = root.post("/institutes", json!({ "name": mark, "short_name": mark })).created("institute");
        let institute = institute["id"].as_i64().unwrap();
        let [administrator, teacher] = ["administrator", "teacher"].map(|role| {
            let email = format!("{role}@{mark}.example");
            let fields = json!({ "email": email, "name": mark, "password": "Correct-Horse-1", "role": role });
            let user = root.post(&format!("/institutes/{institute}/users"), fields).created("user");
            root.with(user["api_token"].as_str().unwrap(), user["secret_key"].as_str().unwrap())
        });
        let things = Things::made_by(&administrator, &teacher, institute);
        let marked = Self { administrator, teacher, things };
        marked.mark(mark);
        marked
    }

    /// Writes the mark into every text of every object that takes it.
    fn mark(&self, mark: &str) {
        let mut taken = 0;
        for operation in operations().iter().filter(|operation| operation.method == "PATCH") {
            let path = operation.path_of(&self.things);
            for name in operation.properties() {
                let value = match name {
                    "email" => format!("someone@{mark}.example").to_lowercase(),
                    name if name.ends_with("_url") => format!("https://{mark}.example/"),
                    "oauth_consumer_secret" | "password" => continue,
                    _ => mark.to_owned(),
                };
                let reply = self.administrator.patch(&path, json!({ name: value }));
                taken += usize::from(reply.status == 200);
            }
        }
        assert!(taken >= 15, "{taken} texts hold the mark");
    }

    fn calls(&self, operation: &Operation) -> [Reply; 2] {
        [&self.administrator, &self.teacher].map(|person| operation.call(person, &self.things).send())
    }
}

/// What a refusal says that its list knows.
fn known(reply: &Reply) -> Vec<String> {
    let detail = reply.refused(422, "parameter_invalid").json["errors"][0]["detail"].as_str().unwrap();
    let (_, names) = detail.split_once("it knows: ").unwrap_or_else(|| panic!("{detail}"));
    names.split(", ").map(str::to_owned).collect()
}

/// Asks a list in every way that it takes, and hands each reply over.
fn ask(operation: &Operation, person: &Person, things: &Things, mut heard: impl FnMut(Reply)) {
    let list = |parameters: &[(&str, Value)]| {
        let call = operation.call(person, things);
        parameters.iter().fold(call, |call, (name, value)| call.with(name, value.to_string())).send()
    };
    if list(&[]).status == 403 {
        return;
    }
    for page in 1..=4 {
        heard(list(&[("page", json!(page)), ("limit", json!(1))]));
    }
    for column in known(&list(&[("sort", json!([{ "nothing": "asc" }]))])) {
        for way in ["asc", "desc"] {
            heard(list(&[("sort", json!([{ &column: way }]))]));
        }
    }
    for column in known(&list(&[("filter", json!({ "nothing": { "eq": 1 } }))])) {
        let values = [json!("%mark"), json!(true), json!(1), json!("2020-01-01")];
        let filter = |operator: &str, value: &Value| list(&[("filter", json!({ &column: { operator: value } }))]);
        let value = values.iter().find(|value| filter("ne", value).status == 200).unwrap_or_else(|| panic!("{column}"));
        for operator in ["eq", "ne", "gt", "gte", "lt", "lte"] {
            heard(filter(operator, value));
        }
        heard(filter("in", &json!([value])));
        heard(filter("like", &json!("%mark%")));
    }
}

#[test]
fn aut_05_no_answer_log_or_metric_shows_the_mark_of_another_institute() {
    let (database, folder) = (Database::fresh(), TempDir::new().unwrap());
    let root = superuser(&database);
    let server = Process::serve_logging(&database, File::create(folder.path().join("log")).unwrap());
    let root = server.caller(&root);
    let (ours, theirs) = (Marked::found(&root, OURS), Marked::found(&root, THEIRS));
    let (mut clean, mut own) = (0, 0);
    let mut see = |what: &str, reply: Reply| {
        let said = format!("{:?} {}", reply.headers, reply.text).to_lowercase();
        assert!(!said.contains(&THEIRS.to_lowercase()), "{what}: {said}");
        clean += 1;
        own += usize::from(said.contains(&OURS.to_lowercase()));
    };
    for operation in operations() {
        for person in [&ours.administrator, &ours.teacher] {
            if operation.id.starts_with("list_") {
                ask(&operation, person, &ours.things, |reply| see(&operation.id, reply));
            }
            see(&operation.id, operation.call(person, &theirs.things).send());
        }
    }
    for operation in operations().iter().filter(|operation| operation.method != "DELETE") {
        ours.calls(operation).into_iter().for_each(|reply| see(&operation.id, reply));
    }
    println!("{clean} answers, of which {own} held the caller's own mark");
    assert!(clean > 1_000 && own > 300, "{clean} answers, {own} with the own mark");
    let metrics = http().get(format!("http://{}/metrics", server.address)).send().unwrap().text().unwrap();
    server.stop();
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    for (place, text) in [("metrics", metrics), ("log", log)] {
        assert!(text.len() > 1_000, "{place}");
        let text = text.to_lowercase();
        assert!(![OURS, THEIRS].iter().any(|mark| text.contains(&mark.to_lowercase())), "{place}");
    }
}
