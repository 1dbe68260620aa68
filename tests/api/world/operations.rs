//! Every operation of the OpenAPI document, ready to be called on real objects.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Call, Person, World, document, http};

/// One operation.
pub struct Operation {
    /// Its name in the document, such as `show_exam`.
    pub id: String,
    pub method: String,
    /// Below `/api/v3`, with names in braces.
    pub path: String,
    pub tag: String,
    /// The status of its success.
    pub success: u16,
    /// The properties of its body and which of them are required; none where it takes no body.
    body: Option<(Map<String, Value>, Vec<String>)>,
    /// The parameters that its query must have.
    query: Vec<String>,
    /// The name of the file that it takes, where it takes one.
    file: Option<String>,
}

/// What must have been done to an object before an operation on it can succeed.
const BEFORE: [(&str, &str); 3] = [
    ("close_exam", "publish_exam"),
    ("remove_comanager", "add_comanager"),
    ("reopen_student_session", "terminate_student_session"),
];

/// One object of each kind, in one institute.
pub struct Things {
    /// Who made them; nobody made what is absent.
    maker: Option<Person>,
    pub institute: i64,
    pub user: Value,
    pub exam: Value,
    pub tool: Value,
    /// The second of the tool that `result` is in.
    pub deployment: Value,
    pub consumer: Value,
    pub platform: Value,
    pub resource: Value,
    pub document: Value,
    pub attachment: Value,
    pub selection: Value,
    pub session: Value,
    /// In a tool of its own, which shows what was handed in: tools with results are not deleted.
    pub result: Value,
    launch: OnceLock<Value>,
}

/// A number that no object has.
pub const NO_ID: i64 = 999_999_999;

static COUNT: AtomicU32 = AtomicU32::new(1);

fn fresh(text: &str) -> String {
    text.replace('#', &COUNT.fetch_add(1, Ordering::Relaxed).to_string())
}

/// All operations, in the order of the document.
pub fn operations() -> Vec<Operation> {
    let paths = document()["paths"].as_object().unwrap();
    let of = |(path, item): (&String, &'static Value)| {
        let path = path.strip_prefix("/api/v3").unwrap().to_owned();
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| Operation::read(method, &path, operation)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

impl Operation {
    fn read(method: &str, path: &str, operation: &Value) -> Self {
        let statuses = operation["responses"].as_object().unwrap().keys();
        let schema = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str();
        let with_file = &operation["requestBody"]["content"]["multipart/form-data"]["schema"]["$ref"];
        let file = with_file.as_str().map(|reference| {
            let schema = document().pointer(reference.trim_start_matches('#')).unwrap();
            schema["required"][0].as_str().unwrap().to_owned()
        });
        let body = schema.map(|reference| {
            let schema = document().pointer(reference.trim_start_matches('#')).unwrap();
            let required = schema["required"].as_array().into_iter().flatten();
            let required = required.map(|name| name.as_str().unwrap().to_owned()).collect();
            (schema["properties"].as_object().unwrap().clone(), required)
        });
        let parameters = operation["parameters"].as_array().unwrap().iter();
        let query = parameters.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
        Self {
            id: operation["operationId"].as_str().unwrap().to_owned(),
            method: method.to_uppercase(),
            path: path.to_owned(),
            tag: operation["tags"][0].as_str().unwrap().to_owned(),
            success: statuses
                .filter_map(|status| status.parse().ok())
                .find(|status| (200..300).contains(status))
                .unwrap(),
            body,
            query: query.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect(),
            file,
        }
    }

    /// Whether its path names an object.
    pub fn has_id(&self) -> bool {
        self.path.contains('{')
    }

    /// Whether it changes something.
    pub fn writes(&self) -> bool {
        self.method != "GET"
    }

    /// The names that its body takes.
    pub fn properties(&self) -> Vec<&str> {
        self.body.iter().flat_map(|(properties, _)| properties.keys().map(String::as_str)).collect()
    }

    /// The fewest parameters that are valid: what is required, the institute where one may be named, and a name to
    /// change.
    pub fn body(&self, things: &Things) -> Value {
        let Some((properties, required)) = &self.body else {
            return Value::Object(self.query.iter().map(|name| (name.clone(), value(name, things))).collect());
        };
        let creates = self.method == "POST" && (!required.is_empty() || self.id == "create_lti_platform_invitation");
        let chosen = properties.keys().filter(|name| match name.as_str() {
            // A tool provider of LTI 1.1, which it is unless it says otherwise, needs the last two.
            "institute_id" | "oauth_consumer_key" | "oauth_consumer_secret" => creates,
            name if required.iter().any(|other| other == name) => true,
            name => !creates && NAMES.contains(&name),
        });
        Value::Object(chosen.map(|name| (name.clone(), value(name, things))).collect())
    }

    /// Its path for these objects.
    pub fn path_of(&self, things: &Things) -> String {
        let own = match self.tag.as_str() {
            "institutes" => json!(things.institute),
            "users" => things.user["id"].clone(),
            "exams" => things.exam["id"].clone(),
            "tool_providers" => things.tool["id"].clone(),
            "tool_deployments" => things.deployment["id"].clone(),
            "lti_consumers" => things.consumer["id"].clone(),
            "lti_platforms" => things.platform["id"].clone(),
            "lti_resources" => things.resource["id"].clone(),
            "documents" => things.document["id"].clone(),
            "selections" => things.selection["id"].clone(),
            "attachments" => things.attachment["id"].clone(),
            "student_sessions" => things.session["id"].clone(),
            "launches" => things.launch()["id"].clone(),
            "results" => things.result["id"].clone(),
            // Only listed.
            "identity_providers" | "service_calls" => json!(NO_ID),
            other => panic!("no object for the tag {other}"),
        };
        let ids = [
            ("{institute_id}", json!(things.institute)),
            ("{exam_id}", things.exam["id"].clone()),
            ("{tool_provider_id}", things.deployment["tool_provider_id"].clone()),
            ("{id}", own),
        ];
        ids.iter().fold(self.path.clone(), |path, (name, id)| path.replace(name, &id.to_string()))
    }

    /// A call of it on these objects, with a valid body.
    pub fn call(&self, person: &Person, things: &Things) -> Call {
        let before = BEFORE.iter().find(|(after, _)| *after == self.id);
        if let (Some((_, before)), Some(maker)) = (before, &things.maker) {
            let before = operations().into_iter().find(|operation| operation.id == *before).unwrap();
            before.call(maker, things).send();
        }
        self.call_at(person, &self.path_of(things), things)
    }

    /// A call of it on these objects, at another path.
    pub fn call_at(&self, person: &Person, path: &str, things: &Things) -> Call {
        let call = person.call(&self.method, path, self.body(things));
        match &self.file {
            Some(field) => call.with_file(field, &fresh("notes#.txt"), "text/plain", "Take notes."),
            None => call,
        }
    }
}

const NAMES: [&str; 4] = ["name", "tool_name", "lti_resource_link_name", "short_name"];

fn value(property: &str, things: &Things) -> Value {
    match property {
        "name" => fresh("Name #").into(),
        "short_name" | "tool_name" | "lti_resource_link_name" => "Short".into(),
        "email" => fresh("person#@example.edu").into(),
        "registration_url" => "https://tool.example/register".into(),
        "issuer" => "https://lms.example.edu".into(),
        "client_id" => fresh("client-#").into(),
        "authorization_url" | "token_url" => "https://lms.example.edu/lti".into(),
        "password" => "Correct-Horse-1".into(),
        "type" => "demo".into(),
        "base_string" => "POST&https%3A%2F%2Ftool.example%2Flaunch&a%3D1".into(),
        "exam_content" => "<p>Read first.</p>".into(),
        "oauth_consumer_key" => "exam2026institute4key1".into(),
        "oauth_consumer_secret" => "s3cretOfTheToolProvider".into(),
        "institute_id" => things.institute.into(),
        "exam_id" => things.exam["id"].clone(),
        "tool_provider_id" => things.tool["id"].clone(),
        "proctor_id" | "comanager_id" => things.user["id"].clone(),
        "student_session_id" => things.session["id"].clone(),
        "student_lms_id" => things.session["student_id"].clone(),
        "lti_resource_id" => things.result["lti_resource_id"].clone(),
        "resource_link_id" => things.resource["lti_resource_link_id"].clone(),
        "students" => json!([{ "name": "Kim", "email": fresh("kim#@example.edu") }]).to_string().into(),
        other => panic!("no value is known for the property {other}; add one"),
    }
}

impl Things {
    /// New objects in the first institute; the exam is the teacher's.
    pub fn ours(world: &World) -> Self {
        Self::made_by(&world.administrator, &world.teacher, world.institute)
    }

    /// New objects in the other institute.
    pub fn theirs(world: &World) -> Self {
        Self::made_by(&world.stranger, &world.stranger, world.other_institute)
    }

    /// An institute of its own, without an exam; the rest as in `self`.
    pub fn in_new_institute(self, world: &World) -> Self {
        let fields = json!({ "name": fresh("Institute #"), "short_name": "I" });
        let institute = world.superuser.post("/institutes", fields).created("institute");
        Self { institute: institute["id"].as_i64().unwrap(), ..self }
    }

    /// New objects in an institute.
    pub fn made_by(administrator: &Person, author: &Person, institute: i64) -> Self {
        let user = json!({ "email": fresh("user#@example.edu"), "name": "Uma User", "password": "Correct-Horse-1" });
        let user = administrator.post(&format!("/institutes/{institute}/users"), user).created("user");
        let exam = author.post("/exams", json!({ "name": fresh("Exam #"), "type": "demo" })).created("exam");
        let consumer = administrator.post("/lti_consumers", json!({ "name": "Campus Moodle" }));
        let consumer = consumer.created("lti_consumer");
        let platform = super::platform::entered(json!({ "client_id": fresh("client-#") }));
        let platform = administrator.post("/lti_platforms", platform).created("lti_platform");
        let link = |tool: Value| {
            let tool = administrator.post("/tool_providers", tool).created("tool_provider");
            let resource =
                json!({ "lti_resource_link_name": "Quiz", "exam_id": exam["id"], "tool_provider_id": tool["id"] });
            (tool, author.post("/lti_resources", resource).created("lti_resource"))
        };
        let ((tool, resource), (advantage, graded)) = (link(of_1p1()), link(of_1p3()));
        let deployments = format!("/tool_providers/{}/deployments", advantage["id"]);
        let deployment = administrator.post(&deployments, json!({ "name": fresh("Faculty #") }));
        let deployment = deployment.created("tool_deployment");
        let path = format!("/exams/{}", exam["id"]);
        let document = author.post(&format!("{path}/documents"), json!({ "exam_content": "<p>Read.</p>" }));
        let attachment = author.call("POST", &format!("{path}/attachments"), Value::Null);
        let attachment = attachment.with_file("document", &fresh("notes#.txt"), "text/plain", "Take notes.").send();
        let attachment = attachment.created("attachment");
        let selection = author.post(&format!("{path}/selections"), json!({ "tool_provider_id": tool["id"] }));
        let selection = selection.created("selection");
        let session = json!({ "name": "Sam Student", "email": fresh("sam#@example.edu") });
        let session = author.post(&format!("{path}/student_sessions"), session).created("student");
        let results = format!("/student_sessions/{}/results", session["id"]);
        let result = author.post(&results, json!({ "lti_resource_id": graded["id"], "score": 0.5 })).created("result");
        let maker = Some(author.clone());
        let document = document.created("document");
        let launch = OnceLock::new();
        Self {
            maker,
            institute,
            user,
            exam,
            tool,
            deployment,
            consumer,
            platform,
            resource,
            document,
            attachment,
            selection,
            session,
            result,
            launch,
        }
    }

    /// A student's launch, made when it is first asked for: from an exam of its own, which is open.
    pub fn launch(&self) -> &Value {
        self.launch.get_or_init(|| {
            let author = self.maker.as_ref().unwrap();
            let exam = author.post("/exams", json!({ "name": fresh("Exam #"), "type": "demo" })).created("exam");
            let link =
                json!({ "lti_resource_link_name": "Quiz", "exam_id": exam["id"], "tool_provider_id": self.tool["id"] });
            let resource = author.post("/lti_resources", link).created("lti_resource");
            let path = format!("/exams/{}", exam["id"]);
            let student = json!({ "name": "Sam Student", "email": fresh("sam#@example.edu") });
            let session = author.post(&format!("{path}/student_sessions"), student).created("student");
            author.post(&format!("{path}/publish"), json!({})).ok("exam");
            let home = format!("http://{}/sessions/{}", author.address, session["token"].as_str().unwrap());
            assert_eq!(http().post(format!("{home}/start")).send().unwrap().status(), 303);
            assert_eq!(http().get(format!("{home}/launch/{}", resource["id"])).send().unwrap().status(), 200);
            loop {
                let launches = author.get(&format!("/launches?exam_id={}", exam["id"])).ok("launches");
                if let Some(launch) = launches.get(0) {
                    return launch.clone();
                }
                thread::sleep(Duration::from_millis(20));
            }
        })
    }

    /// The same kinds of objects with numbers that none has.
    pub fn absent() -> Self {
        let nothing = || json!({ "id": NO_ID });
        Self {
            maker: None,
            institute: NO_ID,
            user: nothing(),
            exam: nothing(),
            tool: nothing(),
            deployment: json!({ "id": NO_ID, "tool_provider_id": NO_ID }),
            consumer: nothing(),
            platform: nothing(),
            resource: nothing(),
            document: nothing(),
            attachment: nothing(),
            selection: nothing(),
            session: nothing(),
            result: nothing(),
            launch: OnceLock::from(nothing()),
        }
    }
}

/// A tool of LTI 1.1 in which authors choose.
fn of_1p1() -> Value {
    json!({
        "tool_name": "Maths tool", "oauth_consumer_key": "exam2026institute4key1",
        "oauth_consumer_secret": "s3cretOfTheToolProvider", "tool_url": "https://tool.example/launch",
        "use_as_basic_link": false,
    })
}

/// A tool of LTI 1.3.
fn of_1p3() -> Value {
    json!({
        "tool_name": "Advantage tool", "tool_url": "https://tool.example/launch", "lti_version": "1.3",
        "login_url": "https://tool.example/login", "redirect_uris": ["https://tool.example/launch"],
    })
}
