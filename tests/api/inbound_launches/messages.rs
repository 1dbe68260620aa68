//! What the LMSs in use really send.

use serde_json::{Value, json};

use super::sessions;
use crate::world::World;
use crate::world::lms::{Lms, learner, with};

/// The launch of Open edX, as public documentation prints it.
fn open_edx() -> Value {
    json!({
        "custom_component_display_name": "LTI Consumer", "lti_version": "LTI-1p0",
        "resource_link_id": "example.com-df7b0f2886f04b279854585735a402c4",
        "context_id": "course-v1:ufr+mathematics+0001", "lis_person_sourcedid": "barbara",
        "lti_message_type": "basic-lti-launch-request", "launch_presentation_return_url": "",
        "lis_person_contact_email_primary": "barbara.gardner9@example.com",
        "user_id": "56255f3807599c377bf0e5bf072359fd", "roles": "Instructor",
        "lis_result_sourcedid": "course-v1%3Aufr%2Bmathematics%2B0001:example.com-df7b0f2886f04b279854585735a402c4:\
            56255f3807599c377bf0e5bf072359fd",
        "launch_presentation_locale": "en", "oauth_callback": "about:blank",
    })
}

/// The launch of Moodle, as public documentation prints it.
fn moodle() -> Value {
    json!({
        "context_id": "115", "context_label": "World of Water", "context_title": "World of Water",
        "context_type": "CourseSection", "launch_presentation_document_target": "iframe",
        "launch_presentation_locale": "en",
        "launch_presentation_return_url":
            "http://ltiapps.net/test/tc-return.php?course=115&launch_container=2&instanceid=3&sesskey=N7oPpfYugI",
        "lis_outcome_service_url": "http://ltiapps.net/test/tc-outcomes.php",
        "lis_person_contact_email_primary": "barbara.gardner9@example.com", "lis_person_name_family": "Gardner",
        "lis_person_name_full": "Barbara Gardner", "lis_person_name_given": "Barbara",
        "lis_person_sourcedid": "2015123",
        "lis_result_sourcedid": "69b01137b1b3c7c87f562b6e14f0b9bc:::115:::249:::{\"data\": {\"instanceid\": \"3\", \
            \"userid\": \"249\", \"launchid\": 180548532}, \"hash\": \
            \"290ab06bcf0ed944243b530718bdad0d33277884842e3f304cfb95c56c91b752\"}",
        "lti_message_type": "basic-lti-launch-request", "lti_version": "LTI-1p0",
        "resource_link_description": "A quick revision PowerPoint about the Water cycle.", "resource_link_id": "3",
        "resource_link_title": "Revise the Water cycle", "roles": "Learner",
        "tool_consumer_info_product_family_code": "moodle", "tool_consumer_info_version": "2015051101",
        "tool_consumer_instance_guid": "school.demo.moodle.net", "tool_consumer_instance_name": "Mount Orange School",
        "user_id": "249", "ext_lms": "moodle-2", "oauth_callback": "about:blank",
    })
}

/// The page that a launch with these roles leads to: the overview or the exam.
fn opens(world: &World, lms: &Lms, launch: &Value, roles: &str) -> &'static str {
    let page = world.page_of_launch(lms, &with(launch, json!({ "roles": roles })));
    if page.text.contains("came from this course") { "overview" } else { "exam" }
}

#[test]
fn the_launches_of_open_edx_and_moodle_open_the_page_of_the_role() {
    let world = World::new();
    for launch in [open_edx(), moodle()] {
        let (_, lms) = world.lms_of_exam(json!({}));
        assert_eq!(opens(&world, &lms, &launch, "Instructor"), "overview");
        assert_eq!(opens(&world, &lms, &launch, "Learner"), "exam");
    }
}

#[test]
fn roles_are_known_in_every_form_that_is_in_use() {
    let world = World::new();
    let (_, lms) = world.lms_of_exam(json!({}));
    for roles in [
        "Learner",
        "Student",
        "student",
        "Student,Learner",
        "urn:lti:role:ims/lis/Learner",
        "URN:LTI:ROLE:IMS/LIS/LEARNER",
        "urn:lti:role:ims/lis/Learner/GuestLearner",
        "urn:lti:role:ims/lis/Learner/Instructor",
        "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner",
        " ,,Learner, ,",
        "urn:lti:instrole:ims/lis/Faculty,Learner",
    ] {
        assert_eq!(opens(&world, &lms, &learner(), roles), "exam", "{roles}");
    }
    for roles in [
        "Instructor",
        "instructor",
        "Administrator",
        "ContentDeveloper",
        "TeachingAssistant",
        "urn:lti:role:ims/lis/TeachingAssistant/Grader",
        "urn:lti:role:ims/lis/Instructor/GuestInstructor",
        "Instructor,urn:lti:sysrole:ims/lis/Administrator,urn:lti:instrole:ims/lis/Administrator",
        "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor",
        "Learner,Instructor",
    ] {
        assert_eq!(opens(&world, &lms, &learner(), roles), "overview", "{roles}");
    }
    for roles in [
        "",
        "Member",
        "Guest",
        "urn:lti:sysrole:ims/lis/Administrator",
        "urn:lti:instrole:ims/lis/Instructor",
        "urn:lti:instrole:ims/lis/Student",
        "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor",
        "InstructorX",
    ] {
        let reply = world.launch(&lms, &with(&learner(), json!({ "roles": roles })));
        assert_eq!(reply.status, 403, "{roles}");
        assert!(reply.text.contains("does not say that you take or teach this course"), "{}", reply.text);
    }
}

#[test]
fn somebody_whose_name_and_address_are_kept_back_takes_the_exam() {
    let world = World::new();
    let (exam, lms) = world.lms_of_exam(json!({ "lms": "open_edx" }));
    let anonymous = with(
        &open_edx(),
        json!({ "roles": "Student", "lis_person_contact_email_primary": null, "lis_person_sourcedid": null }),
    );
    for _ in 0..2 {
        world.page_of_launch(&lms, &anonymous);
    }
    let [session] = &sessions(&world, &exam)[..] else { panic!("one session") };
    assert_eq!(session["name"], "Student 56255f3807599c377bf0e5bf072359fd");
    assert!(session["email"].as_str().unwrap().ends_with(".invalid"), "{session}");
    let other = with(&anonymous, json!({ "user_id": "66255f3807599c377bf0e5bf072359fd" }));
    world.page_of_launch(&lms, &other);
    assert_eq!(sessions(&world, &exam).len(), 2);
}

#[test]
fn engage_sends_an_address_as_user_id_and_a_group_that_is_joined() {
    let world = World::new();
    let (exam, lms) = world.lms_of_exam(json!({
        "lms": "engage", "user_id_is_email": true, "group_parameters": ["custom_group", "custom_snapplify_group_id"],
    }));
    let launch = json!({
        "lti_message_type": "basic-lti-launch-request", "lti_version": "LTI-1p0", "context_id": "1",
        "context_label": "Snapplify High School", "roles": "student", "user_id": "alex.smith@example.com",
        "tool_consumer_info_product_family_code": "engage", "launch_presentation_locale": "EN-US",
        "resource_link_id": "1", "lis_person_name_given": "Alex", "lis_person_name_family": "Smith",
        "custom_snapplify_group_id": "33123", "oauth_callback": "about:blank",
    });
    world.page_of_launch(&lms, &launch);
    let [session] = &sessions(&world, &exam)[..] else { panic!("one session") };
    assert_eq!((&session["email"], &session["name"]), (&json!("alex.smith@example.com"), &json!("Alex Smith")));
    assert_eq!(session["group_id"], "33123");
    let of_group = |group: &str| {
        let path = format!("/student_sessions?filter={{\"group_id\":{{\"eq\":\"{group}\"}}}}");
        world.teacher.get(&path).ok("students").as_array().unwrap().len()
    };
    assert_eq!((of_group("33123"), of_group("33124")), (1, 0));
    world.page_of_launch(&lms, &with(&launch, json!({ "custom_snapplify_group_id": "33124" })));
    assert_eq!((of_group("33123"), of_group("33124")), (0, 1));
}

#[test]
fn what_an_lms_writes_into_a_name_is_shown_as_text() {
    let world = World::new();
    let (_, lms) = world.lms_of_exam(json!({}));
    let evil = json!({
        "lis_person_name_full": "<script>alert(1)</script>\u{202e}\u{7}", "context_title": "<img src=x onerror=a()>",
    });
    for roles in ["Learner", "Instructor"] {
        let page = world.page_of_launch(&lms, &with(&with(&learner(), evil.clone()), json!({ "roles": roles })));
        assert!(crate::world::shown_scripts(&page.text).is_empty() && !page.text.contains("<img"), "{}", page.text);
        assert!(!page.text.contains('\u{202e}'));
    }
}
