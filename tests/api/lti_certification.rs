//! The scenarios of the certification suite for tools of LTI 1.0 to 1.2, with the parameters that it sends.

use serde_json::{Value, json};

use crate::grade_returns::{Course, sourcedid};
use crate::world::lms::{Lms, with};
use crate::world::until;
use crate::world::{Reply, World};

const RETURN: &str = "https://apps.imsglobal.org/lti/cert/tp/tp_return.php/basic-lti-launch-request";

/// What most launches of the suite send.
fn common() -> Value {
    json!({
        "context_id": "con-182", "context_label": "SI182", "context_title": "Design of Personal Environments",
        "context_type": "CourseSection", "custom_context_memberships_url": "$ToolProxyBinding.memberships.url",
        "custom_link_setting_url": "$LtiLink.custom.url", "launch_presentation_document_target": "iframe",
        "launch_presentation_locale": "en_US", "launch_presentation_return_url": RETURN,
        "lis_course_section_sourcedid": "id-182", "lti_message_type": "basic-lti-launch-request",
        "lti_version": "LTI-1p0", "oauth_callback": "about:blank", "resource_link_id": "rli-1234",
        "resource_link_title": "Link 1234", "tool_consumer_info_product_family_code": "imsglc",
        "tool_consumer_info_version": "1.1", "tool_consumer_instance_description": "IMS Testing Description",
        "tool_consumer_instance_guid": "IMS Testing", "tool_consumer_instance_name": "IMS Testing Instance",
    })
}

fn jane() -> Value {
    let jane = json!({
        "user_id": "123456", "roles": "Instructor", "lis_person_name_full": "Jane Q. Lastname",
        "lis_person_name_given": "Jane", "lis_person_name_family": "Lastname",
        "lis_person_contact_email_primary": "jane@school.edu", "lis_person_sourcedid": "school.edu:jane",
    });
    with(&common(), jane)
}

fn bob() -> Value {
    let bob = json!({
        "user_id": "654321", "roles": "Learner", "lis_person_name_full": "Bob R. Person",
        "lis_person_name_given": "Bob", "lis_person_name_family": "Person",
        "lis_person_contact_email_primary": "bob@school.edu", "lis_person_sourcedid": "school.edu:bob",
    });
    with(&common(), bob)
}

/// A tool under certification: an open exam, and the suite as its LMS.
struct Suite {
    world: World,
    lms: Lms,
}

impl Suite {
    fn new() -> Self {
        let world = World::new();
        let (_, lms) = world.lms_of_exam(json!({ "return_hosts": ["apps.imsglobal.org"] }));
        Self { world, lms }
    }

    fn launch(&self, message: &Value, change: Value) -> Reply {
        self.world.launch(&self.lms, &with(message, change))
    }

    /// The person is sent back to the LMS with a message that says what is wrong.
    fn returns(&self, change: Value, about: &str) {
        let reply = self.launch(&jane(), change);
        assert_eq!(reply.status, 303, "{}", reply.text);
        let location = url::Url::parse(reply.header("location")).unwrap();
        assert!(location.as_str().starts_with(RETURN), "{location}");
        let said = location.query_pairs().find(|(name, _)| name == "lti_errormsg").unwrap().1.into_owned();
        assert!(said.contains(about), "{said}");
    }

    /// The person is told what is wrong by a page, and is not sent anywhere.
    fn page_says(reply: &Reply, status: u16, about: &str) {
        assert_eq!(reply.status, status, "{}", reply.text);
        assert!(reply.header("content-type").starts_with("text/html") && reply.text.contains(about), "{}", reply.text);
        assert!(reply.headers.get("location").is_none());
    }

    /// The person gets the page of an instructor.
    fn instructs(&self, message: &Value, change: Value) {
        let page = self.world.page_of_launch(&self.lms, &with(message, change));
        assert!(page.text.contains("came from this course"), "{}", page.text);
    }

    /// The person gets the exam page, under this name.
    fn learns(&self, message: &Value, change: Value, name: &str) {
        let page = self.world.page_of_launch(&self.lms, &with(message, change));
        assert!(page.text.contains("Start exam") && page.text.contains(name), "{}", page.text);
        assert!(!page.text.contains("came from this course"));
    }

    /// The person has no part in the course.
    fn denies(&self, change: Value) {
        Self::page_says(&self.launch(&bob(), change), 403, "does not say that you take or teach this course");
    }
}

#[test]
fn cert_1_1_no_resource_link_id() {
    Suite::new().returns(json!({ "resource_link_id": null }), "resource_link_id");
}

#[test]
fn cert_1_2_no_resource_link_id_and_no_return_url() {
    let missing = json!({
        "resource_link_id": null, "launch_presentation_return_url": null, "resourcelinkid": "rli-1234",
    });
    Suite::page_says(&Suite::new().launch(&jane(), missing), 400, "resource_link_id");
}

#[test]
fn cert_1_3_an_invalid_consumer_key() {
    let suite = Suite::new();
    let invalid = Lms { key: "invalid".into(), ..suite.lms.clone() };
    Suite::page_says(&suite.world.launch(&invalid, &jane()), 401, "key or the signature");
}

#[test]
fn cert_1_4_an_invalid_signature() {
    let suite = Suite::new();
    Suite::page_says(&suite.world.launch(&suite.lms.with_secret("invalid"), &jane()), 401, "key or the signature");
}

#[test]
fn cert_1_5_an_invalid_lti_version() {
    Suite::new().returns(json!({ "lti_version": "LTI-1" }), "lti_version");
}

#[test]
fn cert_1_6_a_wrong_lti_version() {
    Suite::new().returns(json!({ "lti_version": "LTI-2p0" }), "lti_version");
}

#[test]
fn cert_1_7_no_lti_version() {
    Suite::new().returns(json!({ "lti_version": null }), "lti_version");
}

#[test]
fn cert_1_8_an_invalid_message_type() {
    Suite::new().returns(json!({ "lti_message_type": "a-basic-lti-launch-request" }), "lti_message_type");
}

#[test]
fn cert_1_9_no_message_type() {
    Suite::new().returns(json!({ "lti_message_type": null }), "lti_message_type");
}

#[test]
fn cert_2_1_an_instructor() {
    Suite::new().instructs(&jane(), json!({}));
}

#[test]
fn cert_2_2_an_instructor_from_another_link() {
    let suite = Suite::new();
    suite.instructs(&jane(), json!({}));
    suite.instructs(&jane(), json!({ "resource_link_id": "rli-5678", "resource_link_title": "Link 5678" }));
}

#[test]
fn cert_2_3_a_learner() {
    Suite::new().learns(&bob(), json!({}), "Bob R. Person");
}

#[test]
fn cert_2_4_a_learner_from_another_link() {
    let suite = Suite::new();
    suite.learns(&bob(), json!({}), "Bob R. Person");
    suite.learns(&bob(), json!({ "resource_link_id": "rli-5678" }), "Bob R. Person");
}

#[test]
fn cert_3_1_an_instructor_by_a_urn() {
    Suite::new().instructs(&jane(), json!({ "roles": "urn:lti:role:ims/lis/Instructor" }));
}

#[test]
fn cert_3_2_an_instructor_in_a_list() {
    let roles = "urn:non:ims/something/Else,Instructor,urn:lti:instrole:ims/lis/Alumni";
    Suite::new().instructs(&jane(), json!({ "roles": roles }));
}

#[test]
fn cert_3_3_an_instructor_by_a_urn_in_a_list() {
    let roles = "urn:non:ims/something/Else,urn:lti:role:ims/lis/Instructor,urn:lti:instrole:ims/lis/Alumni";
    Suite::new().instructs(&jane(), json!({ "roles": roles }));
}

#[test]
fn cert_3_4_a_learner_by_a_urn_in_a_list() {
    let roles = "urn:non:ims/something/Else,urn:lti:role:ims/lis/Learner,urn:lti:instrole:ims/lis/Alumni";
    Suite::new().learns(&bob(), json!({ "roles": roles }), "Bob R. Person");
}

#[test]
fn cert_3_5_no_role_of_the_context() {
    Suite::new().denies(json!({ "roles": "urn:non:ims/something/Else" }));
}

#[test]
fn cert_3_6_a_role_of_the_institution_alone() {
    Suite::new().denies(json!({ "roles": "urn:lti:instrole:ims/lis/Learner", "user_id": "user-2001" }));
}

#[test]
fn cert_3_7_a_role_of_the_institution_that_no_context_has() {
    Suite::new().denies(json!({ "roles": "urn:lti:instrole:ims/lis/Alumni", "user_id": "user-2001" }));
}

#[test]
fn cert_3_8_an_unknown_role() {
    Suite::new().denies(json!({ "roles": "NotALearner", "user_id": "user-2001" }));
}

#[test]
fn cert_4_1_a_learner_with_an_address_and_no_name() {
    let sally = json!({
        "roles": "Learner", "user_id": "543216", "lis_person_contact_email_primary": "sally@school.edu",
        "lis_person_sourcedid": "school.edu:sally",
    });
    Suite::new().learns(&common(), sally, "sally@school.edu");
}

#[test]
fn cert_4_2_a_learner_with_parts_of_a_name() {
    let seven = json!({
        "roles": "Learner", "user_id": "777777", "lis_person_contact_email_primary": "seven@school.edu",
        "lis_person_name_family": "Seven", "lis_person_name_given": "Luck",
    });
    Suite::new().learns(&common(), seven, "Luck Seven");
}

#[test]
fn cert_4_3_a_learner_with_a_full_name_alone() {
    let sally = json!({ "roles": "Learner", "user_id": "543216", "lis_person_name_full": "Sally R. Person" });
    Suite::new().learns(&common(), sally, "Sally R. Person");
}

#[test]
fn cert_4_4_an_instructor_of_whom_nothing_is_told() {
    Suite::new().instructs(&common(), json!({ "roles": "Instructor", "user_id": "123456" }));
}

#[test]
fn cert_4_5_an_instructor_and_the_context_by_their_ids_alone() {
    let change = json!({
        "roles": "Instructor", "user_id": "123456", "context_label": null, "context_title": null,
        "context_type": null, "lis_course_section_sourcedid": null, "resource_link_title": null,
    });
    Suite::new().instructs(&common(), change);
}

#[test]
fn cert_4_6_an_instructor_without_a_context() {
    let change = json!({
        "context_id": null, "context_label": null, "context_title": null, "context_type": null,
        "custom_link_setting_url": null, "lis_course_section_sourcedid": null, "resource_link_title": null,
    });
    Suite::new().instructs(&jane(), change);
}

#[test]
fn cert_4_7_a_resource_link_id_alone() {
    let change = json!({
        "context_id": null, "context_label": null, "context_title": null, "context_type": null,
        "lis_course_section_sourcedid": null, "resource_link_title": null,
    });
    Suite::page_says(&Suite::new().launch(&common(), change), 403, "does not say that you take or teach this course");
}

/// Grades of two courses, two links and two students of one link, all of which the gradebook verifies.
fn gradebook() -> Course {
    let course = Course::new("other", 1);
    for (number, (user, context, link)) in [
        ("654321", "con-182", "rli-1234"),
        ("777777", "con-182", "rli-1234"),
        ("654321", "con-182", "rli-5678"),
        ("654321", "con-482", "rli-1234"),
    ]
    .into_iter()
    .enumerate()
    {
        let home = course.enter(user, "ok", &[("context_id", context), ("resource_link_id", link)]);
        if number < 2 {
            course.grade(&home, 0, Some(0.25 + 0.5 * f64::from(u8::try_from(number).unwrap())));
        }
    }
    let sent = || course.returns().iter().all(|grade| grade["status"] == "sent").then_some(());
    until("all grades are there", sent);
    course
}

#[test]
fn interop_cert_6_1_and_6_4_every_place_that_the_student_came_from_gets_the_grade() {
    let course = gradebook();
    let returns = course.returns();
    let mut places: Vec<String> = returns
        .iter()
        .map(|grade| format!("{} {} {}", grade["context_id"], grade["resource_link_id"], grade["score"]))
        .collect();
    places.sort();
    let expected = [
        "\"con-182\" \"rli-1234\" 0.25",
        "\"con-182\" \"rli-1234\" 0.75",
        "\"con-182\" \"rli-5678\" 0.25",
        "\"con-482\" \"rli-1234\" 0.25",
    ];
    assert_eq!(places, expected);
    for call in course.calls() {
        assert_eq!((&call["verified"], &call["body_hash"]), (&json!(true), &json!(true)), "{call}");
        assert_eq!(call["operation"], "replaceResult");
    }
    let grades = course.gradebook.seen()["grades"].clone();
    assert_eq!((&grades[sourcedid("654321")], &grades[sourcedid("777777")]), (&json!(0.25), &json!(0.75)));
}

#[test]
fn interop_cert_6_2_and_6_3_results_are_taken_back_and_never_read() {
    let course = Course::new("other", 1);
    let home = course.enter("654321", "ok", &[]);
    course.grade(&home, 0, Some(0.25));
    course.becomes("sent", Some(0.25));
    course.grade(&home, 0, None);
    course.becomes("waiting", None);
    let operations: Vec<Value> = course.calls().iter().map(|call| call["operation"].clone()).collect();
    assert_eq!(operations, ["replaceResult", "deleteResult"]);
    assert!(course.calls().iter().all(|call| call["verified"] == true && call["body_hash"] == true));
}
