//! Custom parameters on the wire: variables, names as written, and who may say what.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::world::{Form, World};

/// A student in front of a resource whose tool provider and resource have these settings.
struct Seat {
    world: World,
    exam: Value,
    tool: Value,
    resource: Value,
    home: String,
}

impl Seat {
    fn new(tool_custom: Value, own_custom: Value) -> Self {
        let world = World::new();
        let (exam, tool) = (world.exam(), world.tool_provider());
        let resource = world.lti_resource(&exam, &tool);
        let seat = Self { world, exam, tool, resource, home: String::new() };
        seat.set_tool(json!({ "lti_custom_data": tool_custom.to_string() }));
        let path = format!("/lti_resources/{}", seat.resource["id"]);
        seat.world.teacher.patch(&path, json!({ "lti_custom_data": own_custom.to_string() })).ok("lti_resource");
        seat.world.document(&seat.exam, "{LTI_EXAM_1}");
        seat.world.publish(&seat.exam);
        let home = seat.world.started(&seat.world.student_session(&seat.exam));
        Self { home, ..seat }
    }

    fn set_tool(&self, fields: Value) {
        self.world.administrator.patch(&format!("/tool_providers/{}", self.tool["id"]), fields).ok("tool_provider");
    }

    fn launch(&self) -> Form {
        self.world.launch_form(&self.home, &self.resource)
    }

    #[track_caller]
    fn sends(&self, expected: &[(&str, &str)]) {
        let form = self.launch();
        for (name, value) in expected {
            assert_eq!(form.get(name), Some(*value), "{name}");
        }
    }
}

#[test]
fn a_variable_is_sent_as_what_it_stands_for() {
    let times = json!({
        "user": "$User.id", "role": "$Membership.role", "exam": "$Context.title", "link": "$ResourceLink.id",
        "guid": "$ToolConsumerInstance.guid", "grade": "$BasicOutcome.sourcedId", "url": "$BasicOutcome.url", "target": "$Message.documentTarget", "until": "$CourseSection.timeFrame.end",
    });
    let seat = Seat::new(json!({}), times);
    let end = json!({ "end_time": "2026-12-01T10:00:00Z" });
    seat.world.teacher.patch(&format!("/exams/{}", seat.exam["id"]), end).ok("exam");
    let form = seat.launch();
    seat.sends(&[
        ("custom_user", form.get("user_id").unwrap()),
        ("custom_role", "Learner"),
        ("custom_exam", "Algebra"),
        ("custom_link", seat.resource["lti_resource_link_id"].as_str().unwrap()),
        ("custom_guid", form.get("tool_consumer_instance_guid").unwrap()),
        ("custom_grade", form.get("lis_result_sourcedid").unwrap()),
        ("custom_url", form.get("lis_outcome_service_url").unwrap()),
        ("custom_target", "iframe"),
        ("custom_until", "2026-12-01T10:00:00.000Z"),
    ]);
}

#[test]
fn what_is_no_variable_is_sent_as_it_stands() {
    let custom = json!({ "a": "$User.username", "b": "costs $5", "c": "\\$User.id", "d": "$LineItem.url", "e": "$" });
    Seat::new(custom, json!({})).sends(&[
        ("custom_a", "$User.username"),
        ("custom_b", "costs $5"),
        ("custom_c", "$User.id"),
        ("custom_d", "$LineItem.url"),
        ("custom_e", "$"),
    ]);
}

#[test]
fn lti_15_a_variable_does_not_tell_what_the_privacy_switches_hold_back() {
    let hidden = json!({ "name": "$Person.name.full", "mail": "$Person.email.primary", "given": "$Person.name.given" });
    let seat = Seat::new(hidden, json!({}));
    seat.sends(&[("custom_name", "$Person.name.full"), ("custom_mail", "$Person.email.primary")]);
    let told = format!("{:?}", seat.launch().fields);
    assert!(!told.contains("Sam") && !told.contains("sam@"), "{told}");
    seat.set_tool(json!({ "share_name": true }));
    seat.sends(&[("custom_name", "Sam Student"), ("custom_mail", "$Person.email.primary")]);
    seat.set_tool(json!({ "share_name": false, "share_email": true }));
    seat.sends(&[("custom_name", "$Person.name.full"), ("custom_mail", "sam@example.edu")]);
}

#[test]
fn lti_15_a_launch_sends_these_parameters_and_no_other() {
    let seat = Seat::new(json!({}), json!({}));
    let form = seat.launch();
    let sent: BTreeSet<&str> = form.fields.iter().map(|(name, _)| name.as_str()).collect();
    let expected = "lti_message_type lti_version resource_link_id resource_link_title user_id roles context_id \
        context_type context_title context_label launch_presentation_locale launch_presentation_document_target \
        launch_presentation_return_url tool_consumer_info_product_family_code tool_consumer_info_version \
        tool_consumer_instance_guid tool_consumer_instance_name tool_consumer_instance_description \
        tool_consumer_instance_url oauth_consumer_key oauth_nonce oauth_signature_method oauth_timestamp \
        oauth_version oauth_callback oauth_signature lis_outcome_service_url lis_result_sourcedid \
        ext_ims_lis_basic_outcome_url ext_ims_lis_resultvalue_sourcedids ext_outcome_data_values_accepted \
        ext_outcome_result_total_score_accepted ext_outcome_submission_submitted_at_accepted \
        ext_outcome_submission_needs_additional_review_accepted \
        ext_outcome_submission_prioritize_non_tool_grade_accepted";
    assert_eq!(sent, expected.split_whitespace().collect());
}

#[test]
fn a_name_that_looks_like_a_variable_is_not_expanded() {
    let seat = Seat::new(json!({ "title": "$ResourceLink.title" }), json!({}));
    let path = format!("/lti_resources/{}", seat.resource["id"]);
    seat.world.teacher.patch(&path, json!({ "lti_resource_link_name": "$User.id" })).ok("lti_resource");
    seat.sends(&[("custom_title", "$User.id"), ("resource_link_title", "$User.id")]);
}

#[test]
fn the_resource_goes_over_the_tool_provider_name_by_name() {
    let seat = Seat::new(json!({ "Course": "A1", "unit": "1" }), json!({ "course": "B2", "chapter": "3" }));
    seat.sends(&[("custom_course", "B2"), ("custom_unit", "1"), ("custom_chapter", "3")]);
}

#[test]
fn names_are_also_sent_as_written_where_the_tool_provider_says_so() {
    let seat = Seat::new(json!({ "Review:Chapter": "3", "unit": "1" }), json!({}));
    let form = seat.launch();
    assert_eq!((form.get("custom_review_chapter"), form.get("custom_Review:Chapter")), (Some("3"), None));
    seat.set_tool(json!({ "send_raw_custom_names": true }));
    seat.sends(&[("custom_review_chapter", "3"), ("custom_Review:Chapter", "3"), ("custom_unit", "1")]);
    let units = seat.launch().fields.iter().filter(|(name, _)| name == "custom_unit").count();
    assert_eq!(units, 1, "a name that is the same in both forms is sent once");
}
