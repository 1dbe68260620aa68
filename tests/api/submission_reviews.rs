//! Submission reviews (LTI 1.3): who grades opens what a student handed in, inside the tool that the student worked in.

use examlink_lti::v1p3::ags::Endpoint;
use examlink_lti::v1p3::claims;
use examlink_lti::v1p3::id_token::VerifiedMessage;
use examlink_lti::v1p3::message::MessageType;
use examlink_lti::v1p3::submission_review::{ForUser, Review};
use serde_json::{Value, json};

use crate::line_items::Graded;
use crate::world::inspector::{assert_failed, assert_good};
use crate::world::login::{Login, STATE};
use crate::world::{Form, Person, Reply, assert_members};

const LAUNCH: &str = "https://tool.example/launch";
const REVIEW: &str = "https://tool.example/review?of=quiz";
const MINUTES: i64 = 60_000;

/// A student whose tool has handed in a score, and who grades it.
struct Grading {
    graded: Graded,
    result: Value,
}

impl Grading {
    fn new() -> Self {
        let graded = Graded::new();
        graded.scores(&graded.item(), &graded.score_at(1, 3.0, 4.0));
        let result = graded.result().unwrap();
        Self { graded, result }
    }

    fn path(&self) -> String {
        format!("/results/{}/submission_reviews", self.result["id"])
    }

    fn asks(&self, person: &Person) -> Reply {
        person.post(&self.path(), json!({}))
    }

    /// The path of a new link of the teacher.
    #[track_caller]
    fn link(&self) -> String {
        let review = self.asks(&self.graded.world.teacher).ok("submission_review");
        let url = review["url"].as_str().unwrap();
        url.strip_prefix(&self.graded.world.origin()).unwrap().to_owned()
    }

    fn opens(&self, link: &str) -> Login {
        Login::at(&self.graded.world.page(link))
    }

    /// The browser brings the tool's question, with `change` made to it.
    fn brings(&self, login: &Login, change: (&str, &str)) -> Reply {
        self.graded.world.authorize(&login.asked_with(LAUNCH, change), &login.cookie)
    }

    /// What the tool is told when the teacher opens a new link, verified as a tool does.
    #[track_caller]
    fn message(&self) -> VerifiedMessage {
        let page = self.brings(&self.opens(&self.link()), ("", ""));
        assert_eq!(page.status, 200, "{}", page.text);
        let form = Form::read(&page.text);
        assert_eq!((form.action.as_str(), form.get("state")), (LAUNCH, Some(STATE)));
        self.graded.world.verified(&form, &self.graded.tool.client_id)
    }

    /// The tool says how it shows what was handed in.
    #[track_caller]
    fn shows(&self, review: Value) {
        let item = json!({ "label": "Quiz", "scoreMaximum": 100, "submissionReview": review });
        let reply = self.graded.put(&self.graded.item(), &item);
        assert_eq!((reply.status, &reply.json["submissionReview"]), (200, &review), "{}", reply.text);
    }

    fn set(&self, fields: Value) {
        let path = format!("/tool_providers/{}", self.graded.tool.provider["id"]);
        self.graded.world.administrator.patch(&path, fields).ok("tool_provider");
    }

    /// Asserts that the teacher gets no link, for this reason.
    #[track_caller]
    fn refused(&self, why: &str) {
        let reply = self.asks(&self.graded.world.teacher);
        reply.refused(409, "conflict");
        assert!(reply.json["detail"].as_str().unwrap().contains(why), "{}", reply.text);
    }
}

fn review_of(message: &VerifiedMessage) -> Review {
    Review::read(message.claims(), true).unwrap()
}

/// A page says that a link opens nothing.
#[track_caller]
fn opens_nothing(page: &Reply) {
    assert_eq!(page.status, 404, "{}", page.text);
    assert!(page.text.contains("does not open a student’s work"), "{}", page.text);
}

#[test]
fn a_teacher_opens_a_students_work_in_the_tool() {
    let grading = Grading::new();
    let (graded, world) = (&grading.graded, &grading.graded.world);
    let review = grading.asks(&world.teacher).ok("submission_review");
    assert_members(&review, "result_id url expires_at");
    assert_eq!(review["result_id"], grading.result["id"]);
    let login = grading.opens(&grading.link());
    assert_eq!(login.form.action, "https://tool.example/login");
    assert_eq!(login.form.get("target_link_uri"), Some(LAUNCH));
    let message = grading.message();
    assert_eq!((message.message_type(), message.target_link_uri()), (MessageType::SubmissionReview, Some(LAUNCH)));
    let link = graded.resource["lti_resource_link_id"].as_str().unwrap();
    assert_eq!(message.resource_link().unwrap().id, link);
    assert_eq!(message.context().unwrap().title.as_deref(), Some("Algebra"));
    let claims = message.claims();
    assert!(claims.value(claims::ROLES).unwrap().to_string().contains("membership#Instructor"));
    assert_eq!((claims.text("name"), claims.text("email")), (None, None), "nobody is told who the teacher is");
    let Review { for_user, endpoint } = review_of(&message);
    let Endpoint { line_item, line_items, scopes } = endpoint;
    assert_eq!((line_item, line_items, scopes.len()), (Some(graded.item()), Some(graded.container()), 4));
    let learner = examlink_lti::v1::roles::Role::LEARNER;
    let nameless = ForUser { user_id: graded.student.clone(), roles: vec![learner], ..ForUser::default() };
    assert_eq!(for_user, nameless);
    assert_ne!(message.user_id(), Some(graded.student.as_str()));
}

#[test]
fn the_tool_learns_of_the_student_what_its_switches_allow() {
    let grading = Grading::new();
    let told = || {
        let ForUser { name, email, given_name, family_name, person_sourcedid, .. } =
            review_of(&grading.message()).for_user;
        assert_eq!((given_name, family_name, person_sourcedid), (None, None, None));
        (name, email)
    };
    assert_eq!(told(), (None, None));
    grading.set(json!({ "share_name": true }));
    assert_eq!(told(), (Some("Sam Student".into()), None));
    grading.set(json!({ "share_name": false, "share_email": true }));
    assert_eq!(told(), (None, Some("sam@example.edu".into())));
}

#[test]
fn a_tool_says_where_it_shows_the_work_and_what_it_wants_to_be_told() {
    let grading = Grading::new();
    grading.set(json!({ "lti_custom_data": json!({ "mode": "take", "who": "$User.id", "exam": "$Context.title" }).to_string() }));
    grading.shows(json!({
        "reviewableStatus": ["Submitted", "Completed"], "label": "See the work", "url": REVIEW,
        "custom": { "mode": "review", "part": "2" },
    }));
    let message = grading.message();
    assert_eq!(message.target_link_uri(), Some(REVIEW));
    let mut custom = message.custom();
    custom.sort();
    let teacher = message.user_id().unwrap();
    let expected = [("exam", "Algebra"), ("mode", "review"), ("part", "2"), ("who", teacher)];
    assert_eq!(custom, expected.map(|(name, value)| (name.into(), value.to_owned())));
    let graded = &grading.graded;
    assert_eq!(graded.get(&graded.item()).json["submissionReview"]["url"], REVIEW);
    assert_eq!(graded.put(&graded.item(), &json!({ "label": "Quiz", "scoreMaximum": 100 })).status, 200);
    assert_eq!(graded.get(&graded.item()).json["submissionReview"], Value::Null, "a PUT replaces it whole");
    let essay = json!({
        "label": "Essay", "scoreMaximum": 8, "submissionReview": { "reviewableStatus": ["Completed"], "url": REVIEW },
    });
    let made = graded.made(&essay);
    assert_eq!(
        graded.get(&made).json["submissionReview"],
        essay["submissionReview"],
        "its own line items keep it, too"
    );
    let twice = json!({ "label": "x", "scoreMaximum": 1, "submissionReview": { "custom": { "a": "1", "A": "2" } } });
    let reply = graded.put(&graded.item(), &twice);
    assert_eq!(reply.status, 400, "{}", reply.text);
    assert!(reply.json["detail"].as_str().unwrap().contains("submissionReview.custom"), "{}", reply.text);
}

#[test]
fn work_that_the_tool_does_not_show_yet_is_refused_with_the_reason() {
    let grading = Grading::new();
    let graded = &grading.graded;
    grading.shows(json!({ "reviewableStatus": ["Submitted", "Completed"] }));
    grading.link();
    let mut again = graded.score_at(2, 3.0, 4.0);
    again["activityProgress"] = json!("InProgress");
    graded.scores(&graded.item(), &again);
    grading.refused("Submitted or Completed; this is InProgress");
    grading.shows(json!({ "reviewableStatus": ["InProgress"] }));
    let link = grading.link();
    grading.shows(json!({ "reviewableStatus": [] }));
    grading.refused("never shows");
    opens_nothing(&graded.world.page(&link));
    let item = json!({ "label": "Quiz", "scoreMaximum": 1, "submissionReview": { "reviewableStatus": ["None"] } });
    assert_eq!(graded.put(&graded.item(), &item).status, 200);
    grading.refused("never shows");

    // Of whom the tool has told nothing, a person may have a grade all the same.
    grading.shows(json!({ "reviewableStatus": ["Completed"] }));
    let other = graded.world.student_session_named(&graded.exam, "kim@example.edu");
    let fields = json!({ "lti_resource_id": graded.resource["id"], "score": 0.5 });
    let results = format!("/student_sessions/{}/results", other["id"]);
    let result = graded.world.teacher.post(&results, fields).created("result");
    let reply = graded.world.teacher.post(&format!("/results/{}/submission_reviews", result["id"]), json!({}));
    reply.refused(409, "conflict");
    assert!(reply.json["detail"].as_str().unwrap().contains("told of none"), "{}", reply.text);
}

#[test]
fn lti_10_the_link_is_the_graders_own_and_serves_once() {
    let grading = Grading::new();
    let world = &grading.graded.world;
    let link = grading.link();
    let login = grading.opens(&link);
    let error = |page: &Reply| Form::read(&page.text).get("error").map(ToOwned::to_owned);
    assert_eq!(error(&grading.brings(&login, ("login_hint", "x"))).as_deref(), Some("access_denied"));
    let elsewhere = Login { form: login.form.clone(), cookie: "a=b".into() };
    assert_eq!(error(&grading.brings(&elsewhere, ("", ""))).as_deref(), Some("login_required"));
    let other = world.tool_1p3();
    let theirs = grading.brings(&login, ("client_id", &other.client_id));
    assert_eq!(error(&theirs).as_deref(), Some("access_denied"), "another tool");
    let words = link.rsplit('/').next().unwrap();
    assert_eq!(grading.brings(&login, ("lti_message_hint", words)).status, 403, "the link is no hint");
    let hint = login.form.get("lti_message_hint").unwrap();
    let of_another = words.replacen('1', "7", 1);
    for forged in [hint, "1-1-1-x", "x", of_another.as_str()] {
        opens_nothing(&world.page(&format!("/submission_reviews/{forged}")));
    }
    // Reloading begins anew, until the tool is answered.
    let reloaded = grading.opens(&link);
    assert!(Form::read(&grading.brings(&reloaded, ("", "")).text).get("id_token").is_some());
    opens_nothing(&grading.brings(&login, ("", "")));
    opens_nothing(&grading.brings(&grading.opens(&link), ("", "")));
    let late = grading.link();
    let login = grading.opens(&late);
    world.wait(10 * MINUTES);
    opens_nothing(&world.page(&late));
    assert_eq!(grading.brings(&login, ("", "")).status, 403, "too late");
}

#[test]
fn a_link_ends_with_the_right_to_grade() {
    let grading = Grading::new();
    let world = &grading.graded.world;
    let fields = json!({
        "email": "new@example.edu", "name": "New", "password": "Correct-Horse-1", "role": "reviewer",
    });
    let users = format!("/institutes/{}/users", world.institute);
    let user = world.administrator.post(&users, fields).created("user");
    let reviewer = world.reviewer.with(user["api_token"].as_str().unwrap(), user["secret_key"].as_str().unwrap());
    let review = grading.asks(&reviewer).ok("submission_review");
    let link = review["url"].as_str().unwrap().strip_prefix(&world.origin()).unwrap().to_owned();
    let login = grading.opens(&link);
    let set = |fields: Value| world.administrator.patch(&format!("{users}/{}", user["id"]), fields).ok("user");
    for (without, with) in [
        (json!({ "disabled": true }), json!({ "disabled": false })),
        (json!({ "role": "proctor" }), json!({ "role": "reviewer" })),
    ] {
        set(without);
        opens_nothing(&world.page(&link));
        opens_nothing(&grading.brings(&login, ("", "")));
        set(with);
    }
    set(json!({ "role": "teacher" }));
    opens_nothing(&grading.brings(&login, ("", "")));
    set(json!({ "role": "reviewer" }));
    assert_eq!(grading.brings(&login, ("", "")).status, 200);
}

#[test]
fn a_tool_that_is_not_active_or_speaks_1_1_shows_nothing() {
    let grading = Grading::new();
    let world = &grading.graded.world;
    let link = grading.link();
    let login = grading.opens(&link);
    grading.set(json!({ "active": false }));
    grading.refused("not active");
    opens_nothing(&world.page(&link));
    let told = Form::read(&grading.brings(&login, ("", "")).text);
    assert_eq!((told.get("error"), told.get("id_token")), (Some("unauthorized_client"), None));
    grading.set(json!({ "active": true }));
    grading.set(json!({ "lti_version": "1.1" }));
    grading.refused("LTI 1.1");
    opens_nothing(&world.page(&link));
    grading.set(json!({ "lti_version": "1.3" }));
    grading.shows(json!({ "reviewableStatus": ["Completed"], "url": "http://tool.example/review" }));
    grading.refused("https");
}

#[test]
fn the_tool_sends_the_teacher_back_to_a_page_that_shows_what_it_says() {
    let grading = Grading::new();
    let message = grading.message();
    let back = message.return_url().unwrap().strip_prefix(&grading.graded.world.origin()).unwrap().to_owned();
    let page = grading.graded.world.page(&format!("{back}?lti_msg=Seen%20%3Cb%3Eall"));
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Back from the tool") && page.text.contains("Seen &#60;b&#62;all"), "{}", page.text);
    let shown = grading.graded.world.logged("LtiSubmissionReviewRequest", 1).remove(0);
    assert_eq!((&shown["status"], &shown["lti_msg"]), (&json!("returned"), &json!("Seen <b>all")));
}

#[test]
fn tools_that_register_themselves_are_told_of_reviews() {
    let offered: Value =
        serde_json::from_str(&Graded::new().world.page("/.well-known/openid-configuration").text).unwrap();
    let platform = &offered["https://purl.imsglobal.org/spec/lti-platform-configuration"];
    assert!(platform["messages_supported"].to_string().contains("LtiSubmissionReviewRequest"), "{platform}");
}

#[test]
fn a_review_is_in_the_log_with_who_looked_at_whose_work() {
    let grading = Grading::new();
    let world = &grading.graded.world;
    grading.message();
    let shown = world.logged("LtiSubmissionReviewRequest", 1).remove(0);
    assert_good(&shown, "to_tool", "launched");
    assert_eq!(shown["user_id"], json!(world.teacher.id));
    assert_eq!(shown["student_session_id"], grading.graded.session["id"]);
    assert_eq!((&shown["url"], &shown["header"]["alg"]), (&json!(LAUNCH), &json!("RS256")));
    assert!(shown["claims"][claims::FOR_USER]["user_id"].is_string(), "{shown}");
    let login = grading.opens(&grading.link());
    grading.brings(&Login { form: login.form.clone(), cookie: "a=b".into() }, ("", ""));
    let refused = world.logged("LtiSubmissionReviewRequest", 2).remove(1);
    assert_failed(&refused, "browser", "did not start the review");
    assert_eq!((&refused["status"], &refused["user_id"]), (&json!("not_made"), &json!(world.teacher.id)));
    grading.brings(&login, ("", ""));
    grading.brings(&login, ("", ""));
    let login = grading.opens(&grading.link());
    grading.brings(&login, ("", ""));
    grading.brings(&login, ("", ""));
    let all = world.logged("LtiSubmissionReviewRequest", 5);
    assert_failed(&all[4], "once", "used before");
    for shown in &all {
        assert!(!shown.to_string().contains(login.form.get("lti_message_hint").unwrap()), "{shown}");
    }
    world.stranger.logged("LtiSubmissionReviewRequest", 0);
}

#[test]
fn a_review_is_of_the_deployment_of_its_link() {
    let grading = Grading::new();
    let (graded, world) = (&grading.graded, &grading.graded.world);
    assert_eq!(grading.message().deployment_id(), graded.tool.deployment_id());
    let law = world.deployment(&graded.tool, "Faculty of Law");
    let path = format!("/lti_resources/{}", graded.resource["id"]);
    world.teacher.patch(&path, json!({ "tool_deployment_id": law["id"] })).ok("lti_resource");
    let login = grading.opens(&grading.link());
    assert_eq!(login.form.get("lti_deployment_id"), law["deployment_id"].as_str());
    assert_eq!(Some(grading.message().deployment_id()), law["deployment_id"].as_str());
}
