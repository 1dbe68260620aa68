//! Tools of LTI 1.3 that are deployed several times: each link, launch and token is of one deployment, and the others are
//! not there for it.

use diesel::backend::Backend;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use examlink_lti::v1p3::ags::{LINE_ITEM, SCORE};
use examlink_lti::v1p3::claims::scope;
use examlink_lti::v1p3::id_token::VerifiedMessage;
use serde_json::{Value, json};

use crate::world::advantage::{Tool13, call_with_token};
use crate::world::login::Login;
use crate::world::{Form, Reply, World, on_postgres};

const LAUNCH: &str = "https://tool.example/launch";
const SERVICES: [&str; 5] =
    [scope::LINE_ITEM, scope::SCORE, scope::RESULT_READ, scope::MEMBERSHIP_READ, scope::GROUP_READ];

/// A tool that is deployed twice, and a running exam with a link of each deployment.
struct Campus {
    world: World,
    tool: Tool13,
    /// The second deployment.
    law: Value,
    exam: Value,
    /// The link of the first deployment, which names none.
    plain: Value,
    /// The link of the second one.
    legal: Value,
    session: Value,
    home: String,
}

impl Campus {
    fn new() -> Self {
        let world = World::new();
        let tool = world.tool_1p3();
        let law = world.deployment(&tool, "Faculty of Law");
        let exam = world.exam();
        let plain = world.lti_resource(&exam, &tool.provider);
        let legal = world.lti_resource_at(&exam, &law);
        world.publish(&exam);
        let session = world.student_session(&exam);
        let home = world.started(&session);
        Self { world, tool, law, exam, plain, legal, session, home }
    }

    fn path(&self) -> String {
        format!("/tool_providers/{}", self.tool.provider["id"])
    }

    fn deployments(&self) -> String {
        format!("{}/deployments", self.path())
    }

    fn law_path(&self) -> String {
        format!("{}/{}", self.deployments(), self.law["id"])
    }

    /// The first deployment as a row.
    fn first(&self) -> Value {
        self.world.administrator.get(&self.deployments()).ok("tool_deployments")[0].clone()
    }

    /// What the tool knows the second deployment by.
    fn law_id(&self) -> &str {
        self.law["deployment_id"].as_str().unwrap()
    }

    /// Changes the second link.
    fn moves(&self, fields: Value) -> Reply {
        self.world.teacher.patch(&format!("/lti_resources/{}", self.legal["id"]), fields)
    }

    /// What the login and the message of a link's launch say, verified as the tool does.
    #[track_caller]
    fn launches(&self, resource: &Value) -> (String, VerifiedMessage) {
        let login = Login::at(&self.world.page(&format!("{}/launch/{}", self.home, resource["id"])));
        let page = self.world.authorize(&login.asked(LAUNCH), &login.cookie);
        assert_eq!(page.status, 200, "{}", page.text);
        let message = self.world.verified(&Form::read(&page.text), &self.tool.client_id);
        (login.form.get("lti_deployment_id").unwrap().to_owned(), message)
    }

    fn url(&self, service: &str) -> String {
        format!("{}/lti/1.3/exams/{}/{service}", self.world.origin(), self.exam["id"])
    }

    /// The line item of a link.
    fn item(&self, resource: &Value) -> String {
        format!("{}/link-{}", self.url("line_items"), resource["id"])
    }

    fn score(&self) -> String {
        json!({
            "userId": self.session["student_id"], "timestamp": self.world.clock.now().to_string(),
            "activityProgress": "Completed", "gradingProgress": "FullyGraded", "scoreGiven": 3, "scoreMaximum": 4,
        })
        .to_string()
    }
}

fn get(token: &str, url: &str) -> Reply {
    call_with_token(token, ("GET", url), ("", ""))
}

#[track_caller]
fn labels(token: &str, campus: &Campus) -> Vec<String> {
    let reply = get(token, &campus.url("line_items"));
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json.as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_administrator_deploys_a_tool_again_and_the_first_deployment_stays() {
    let campus = Campus::new();
    let (world, administrator) = (&campus.world, &campus.world.administrator);
    let (first, law) = (campus.first(), &campus.law);
    assert_eq!((&first["deployment_id"], &first["name"]), (&json!(campus.tool.deployment_id()), &json!("Default")));
    assert_eq!((&law["name"], campus.law_id().len()), (&json!("Faculty of Law"), 16));
    assert_ne!(law["deployment_id"], first["deployment_id"]);
    let registration = administrator.get(&campus.path()).ok("tool_provider")["registration"].clone();
    assert_eq!(registration["deployment_id"], first["deployment_id"], "what it was");
    let of = |row: &Value| json!({ "id": row["id"], "deployment_id": row["deployment_id"], "name": row["name"] });
    assert_eq!(registration["deployments"], json!([of(&first), of(law)]));
    assert_eq!(world.teacher.get("/tool_providers").ok("tool_providers")[0]["registration"], registration);

    let created = administrator.post(&campus.deployments(), json!({ "name": "Medicine" }));
    let medicine = created.created("tool_deployment");
    assert_eq!(created.header("location"), format!("/api/v3{}/{}", campus.deployments(), medicine["id"]));
    let path = format!("{}/{}", campus.deployments(), medicine["id"]);
    let renamed = administrator.patch(&path, json!({ "name": "Faculty of Medicine" })).ok("tool_deployment");
    assert_eq!(
        (&renamed["name"], &renamed["deployment_id"]),
        (&json!("Faculty of Medicine"), &medicine["deployment_id"])
    );
    let query = json!({ "limit": 1, "sort": json!([{ "id": "desc" }]).to_string() });
    let page = administrator.call("GET", &campus.deployments(), query).send();
    assert_eq!(page.ok("tool_deployments"), json!([renamed]));
    assert_eq!(page.header("x-pagination-item-count"), "3", "{:?}", page.headers);
    administrator.delete(&path).ok("");
    administrator.get(&path).refused(404, "not_found");

    let kept = administrator.delete(&format!("{}/{}", campus.deployments(), first["id"]));
    kept.refused(409, "conflict");
    assert!(kept.json["detail"].as_str().unwrap().contains("tool_deployment_id"), "{}", kept.text);
    let old = world.tool_provider();
    let refused = administrator.post(&format!("/tool_providers/{}/deployments", old["id"]), json!({ "name": "Law" }));
    refused.refused(409, "conflict");
    assert!(refused.json["detail"].as_str().unwrap().contains("lti_version"), "{}", refused.text);
    // Its registration stays when it goes back to LTI 1.1, and so do its deployments.
    administrator.patch(&campus.path(), json!({ "lti_version": "1.1" })).ok("tool_provider");
    administrator.patch(&campus.path(), json!({ "lti_version": "1.3" })).ok("tool_provider");
    assert_eq!(administrator.get(&campus.path()).ok("tool_provider")["registration"], registration);
}

#[test]
fn launches_of_two_deployments_say_their_own() {
    let campus = Campus::new();
    for (resource, deployment) in [(&campus.plain, campus.tool.deployment_id()), (&campus.legal, campus.law_id())] {
        let (told, message) = campus.launches(resource);
        assert_eq!((told.as_str(), message.deployment_id()), (deployment, deployment));
    }
    let moved = campus.moves(json!({ "tool_deployment_id": campus.first()["id"] })).ok("lti_resource");
    assert_eq!(moved["tool_deployment_id"], campus.first()["id"]);
    assert_eq!(campus.launches(&campus.legal).1.deployment_id(), campus.tool.deployment_id());
    campus.moves(json!({ "tool_deployment_id": campus.law["id"] })).ok("lti_resource");
    let back = campus.moves(json!({ "tool_deployment_id": null })).ok("lti_resource");
    assert_eq!(back["tool_deployment_id"], Value::Null);
    assert_eq!(campus.launches(&campus.legal).1.deployment_id(), campus.tool.deployment_id());
}

#[test]
fn a_link_names_a_deployment_of_its_own_tool_and_keeps_it_in_a_copy() {
    let campus = Campus::new();
    let world = &campus.world;
    let other = world.tool_1p3();
    let elsewhere = world.deployment(&other, "Elsewhere");
    let reply = campus.moves(json!({ "tool_deployment_id": elsewhere["id"] }));
    reply.refused(422, "parameter_invalid");
    assert_eq!(reply.json["errors"][0]["field"], "tool_deployment_id");
    let both = json!({ "tool_provider_id": other.provider["id"], "tool_deployment_id": campus.law["id"] });
    campus.moves(both).refused(422, "parameter_invalid");
    let copy = world.teacher.post(&format!("/exams/{}/copy", campus.exam["id"]), json!({})).created("exam");
    let copied = world.teacher.get(&format!("/lti_resources?exam_id={}", copy["id"])).ok("lti_resources");
    assert_eq!(copied[0]["tool_deployment_id"], Value::Null);
    assert_eq!(copied[1]["tool_deployment_id"], campus.law["id"]);
    let same = campus.moves(json!({ "tool_provider_id": campus.tool.provider["id"] })).ok("lti_resource");
    assert_eq!(same["tool_deployment_id"], campus.law["id"], "the tool is what it was");
    let moved = campus.moves(json!({ "tool_provider_id": other.provider["id"] })).ok("lti_resource");
    assert_eq!(moved["tool_deployment_id"], Value::Null, "another tool begins with its first deployment");
}

#[test]
fn a_deployment_that_exams_use_stays_and_they_are_named() {
    let campus = Campus::new();
    let (administrator, teacher) = (&campus.world.administrator, &campus.world.teacher);
    let token = campus.tool.token_at(campus.law_id(), &SERVICES);
    let refused = |why: &str, exam: &Value| {
        let reply = administrator.delete(&campus.law_path());
        reply.refused(409, "conflict");
        let detail = reply.json["detail"].as_str().unwrap();
        assert!(detail.contains(why) && detail.contains(&format!(": {}.", exam["id"])), "{detail}");
    };
    refused(" tool_deployment_id first", &campus.exam);
    campus.moves(json!({ "tool_deployment_id": null })).ok("lti_resource");
    let proctored = json!({
        "name": "Watched", "type": "live_proctoring", "proctoring_tool_provider_id": campus.tool.provider["id"],
        "proctoring_tool_deployment_id": campus.law["id"],
    });
    let proctored = teacher.post("/exams", proctored).created("exam");
    refused("proctoring_tool_deployment_id first", &proctored);
    // An exam that was put away needs it no more.
    teacher.delete(&format!("/exams/{}", proctored["id"])).ok("");
    assert_eq!(get(&token, &campus.url("line_items")).status, 404, "no link of it is left");
    administrator.delete(&campus.law_path()).ok("");
    assert_eq!(get(&token, &campus.url("line_items")).status, 401, "lti_12: its tokens end with it");
    let mut claims = campus.tool.claims();
    claims[examlink_lti::v1p3::claims::DEPLOYMENT_ID] = campus.law["deployment_id"].clone();
    let reply = campus.tool.asks(claims, 0, &SERVICES);
    assert_eq!((reply.status, &reply.json["error"]), (400, &json!("invalid_client")));
    // With the tool go all of them.
    let other = campus.world.tool_1p3();
    let elsewhere = campus.world.deployment(&other, "Law");
    campus.world.lti_resource_at(&campus.world.exam(), &elsewhere);
    administrator.delete(&format!("/tool_providers/{}", other.provider["id"])).ok("");
    assert_eq!(campus.world.database.rows("tool_deployments"), 1);
}

#[test]
fn lti_12_a_token_for_a_deployment_reaches_what_that_has_and_nothing_of_another() {
    let campus = Campus::new();
    let world = &campus.world;
    let [first, law] = [campus.tool.deployment_id(), campus.law_id()].map(|id| campus.tool.token_at(id, &SERVICES));
    let all = campus.tool.token(&SERVICES);
    assert_eq!(labels(&first, &campus), ["Quiz"]);
    assert_eq!(labels(&law, &campus), ["Faculty of Law"]);
    assert_eq!(labels(&all, &campus), ["Quiz", "Faculty of Law"]);
    let (plain, legal) = (campus.item(&campus.plain), campus.item(&campus.legal));
    let (item, score) = (json!({ "label": "Quiz", "scoreMaximum": 4 }).to_string(), campus.score());
    for (token, own, others) in [(&first, &plain, &legal), (&law, &legal, &plain)] {
        let call = |method: &str, url: &str, body: (&str, &str)| call_with_token(token, (method, url), body);
        for (method, end, body) in [
            ("GET", "", ("", "")),
            ("PUT", "", (LINE_ITEM, item.as_str())),
            ("POST", "/scores", (SCORE, score.as_str())),
            ("GET", "/results", ("", "")),
        ] {
            let reply = call(method, &format!("{own}{end}"), body);
            assert_eq!(reply.status, 200, "{method} {end}: {}", reply.text);
            let reply = call(method, &format!("{others}{end}"), body);
            assert_eq!((reply.status, &reply.json["code"]), (404, &json!("not_found")), "{method} {end}");
            let reply = call_with_token(&all, (method, &format!("{own}{end}")), body);
            assert_eq!(reply.status, 200, "{method} {end}: {}", reply.text);
        }
        let reply = call("DELETE", others, ("", ""));
        assert_eq!(reply.status, 404, "{}", reply.text);
    }
    // Members and groups of an exam that the other deployment alone has a link in; and links by which they are asked for.
    let elsewhere = world.exam();
    world.lti_resource_at(&elsewhere, &campus.law);
    let rlid = |resource: &Value| format!("members?rlid={}", resource["lti_resource_link_id"].as_str().unwrap());
    for service in ["line_items", "members", "groups"] {
        let url = format!("{}/lti/1.3/exams/{}/{service}", world.origin(), elsewhere["id"]);
        assert_eq!([&law, &all, &first].map(|token| get(token, &url).status), [200, 200, 404], "{service}");
        assert_eq!([&law, &all, &first].map(|token| get(token, &campus.url(service)).status), [200; 3], "{service}");
    }
    assert_eq!(get(&law, &campus.url(&rlid(&campus.legal))).status, 200);
    let reply = get(&law, &campus.url(&rlid(&campus.plain)));
    assert_eq!((reply.status, &reply.json["code"]), (403, &json!("foreign_link")));
}

#[test]
fn lti_12_line_items_that_a_tool_makes_are_of_the_deployment_that_made_them_or_of_their_link() {
    let campus = Campus::new();
    let [first, law] = [campus.tool.deployment_id(), campus.law_id()].map(|id| campus.tool.token_at(id, &SERVICES));
    let all = campus.tool.token(&SERVICES);
    let makes = |token: &str, label: &str, link: Option<&Value>| {
        let link = link.map(|link| link["lti_resource_link_id"].clone());
        let item = json!({ "label": label, "scoreMaximum": 1, "resourceLinkId": link }).to_string();
        call_with_token(token, ("POST", &campus.url("line_items")), (LINE_ITEM, &item))
    };
    let essay = makes(&law, "Essay", None);
    assert_eq!(essay.status, 201, "{}", essay.text);
    let essay = essay.json["id"].as_str().unwrap();
    assert_eq!([&law, &all, &first].map(|token| get(token, essay).status), [200, 200, 404]);
    assert_eq!(makes(&law, "Theirs", Some(&campus.plain)).status, 404, "the link of another deployment");
    assert_eq!(makes(&law, "Ours", Some(&campus.legal)).status, 201);
    assert_eq!(makes(&all, "Tied", Some(&campus.legal)).status, 201);
    assert_eq!(makes(&all, "Loose", None).status, 201);
    assert_eq!(labels(&law, &campus), ["Faculty of Law", "Essay", "Ours", "Tied"]);
    assert_eq!(labels(&first, &campus), ["Quiz", "Loose"]);
    assert_eq!(labels(&all, &campus).len(), 6);
    // What is tied to a link goes where that goes.
    campus.moves(json!({ "tool_deployment_id": campus.first()["id"] })).ok("lti_resource");
    assert_eq!(labels(&first, &campus), ["Quiz", "Faculty of Law", "Ours", "Tied", "Loose"]);
    assert_eq!(get(&law, &campus.url("line_items")).status, 404, "no link of it is left in the exam");
}

#[test]
fn lti_12_a_token_cannot_be_made_into_one_for_another_deployment() {
    let campus = Campus::new();
    let token = campus.tool.token_at(campus.law_id(), &SERVICES);
    let (holder, rest) = token.split_once('-').unwrap();
    let (tool, law) = holder.split_once('_').unwrap();
    assert_eq!(law, campus.law["id"].to_string());
    for holder in [tool.to_owned(), format!("{tool}_{}", campus.first()["id"]), format!("{tool}_"), format!("_{law}")] {
        assert_eq!(get(&format!("{holder}-{rest}"), &campus.url("line_items")).status, 401, "{holder}");
    }
    assert_eq!(get(&token, &campus.url("line_items")).status, 200);
}

/// Takes a database back to before tools could be deployed several times, and to where it was.
fn migrate_again<DB: Backend>(connection: &mut impl MigrationHarness<DB>, folder: &str) {
    let migrations = FileBasedMigrations::from_path(folder).unwrap();
    while connection.revert_last_migration(migrations.clone()).unwrap() != "0022".into() {}
    assert!(!connection.run_pending_migrations(migrations).unwrap().is_empty());
}

#[test]
fn a_tool_that_was_deployed_before_keeps_its_deployment() {
    let world = World::new();
    let tool = world.tool_1p3();
    let exam = world.exam();
    world.lti_resource(&exam, &tool.provider);
    let database = world.into_database();
    if on_postgres() {
        migrate_again(&mut database.open_server(), "migrations/postgres");
    } else {
        migrate_again(&mut database.open_file(), "migrations/sqlite");
    }
    let row = "CAST(tool_provider_id AS TEXT) || ' ' || deployment_id || ' ' || name";
    let rows = database.texts(&format!("SELECT {row} AS text FROM tool_deployments"));
    assert_eq!(rows, [format!("{} {} Default", tool.provider["id"], tool.deployment_id())]);
}
