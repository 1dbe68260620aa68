use examlink_lti::v1::roles::{Role, Scope};

fn written(list: &str) -> Vec<String> {
    Role::parse_list(list).iter().map(Role::to_string).collect()
}

#[test]
fn every_form_in_use_is_read() {
    let forms = [
        ("Learner", "Learner"),
        ("LEARNER", "Learner"),
        ("Student", "Learner"),
        ("urn:lti:role:ims/lis/Instructor", "Instructor"),
        ("URN:LTI:ROLE:IMS/LIS/instructor", "Instructor"),
        ("Instructor/GuestInstructor", "urn:lti:role:ims/lis/Instructor/GuestInstructor"),
        ("urn:lti:role:ims/lis/TeachingAssistant/Grader", "urn:lti:role:ims/lis/TeachingAssistant/Grader"),
        ("urn:lti:sysrole:ims/lis/SysAdmin", "urn:lti:sysrole:ims/lis/SysAdmin"),
        ("urn:lti:instrole:ims/lis/Student", "urn:lti:instrole:ims/lis/Student"),
        ("http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor", "Mentor"),
        (
            "http://purl.imsglobal.org/vocab/lis/v2/membership/Learner#GuestLearner",
            "urn:lti:role:ims/lis/Learner/GuestLearner",
        ),
        ("http://purl.imsglobal.org/vocab/lis/v2/institution/person#Faculty", "urn:lti:instrole:ims/lis/Faculty"),
        ("http://purl.imsglobal.org/vocab/lis/v2/system/person#User", "urn:lti:sysrole:ims/lis/User"),
        ("http://purl.imsglobal.org/vocab/lis/v2/person#Administrator", "urn:lti:instrole:ims/lis/Administrator"),
        ("http://purl.imsglobal.org/vocab/lis/v2/person#SysAdmin", "urn:lti:sysrole:ims/lis/SysAdmin"),
    ];
    for (text, expected) in forms {
        assert_eq!(written(text), [expected], "{text}");
        assert_eq!(written(expected), [expected], "what is written is read again");
    }
}

#[test]
fn what_the_vocabulary_does_not_hold_is_no_role() {
    for text in ["", "Pupil", "Learner/Grader", "Learner/", "urn:lti:role:ims/lis/", "urn:lti:role:ims/lis/Root", "é"]
    {
        assert_eq!(written(text), [""; 0], "{text}");
    }
}

#[test]
fn lists_survive_stray_commas_and_spaces() {
    let moodle = "Instructor,urn:lti:sysrole:ims/lis/Administrator,urn:lti:instrole:ims/lis/Administrator";
    assert_eq!(written(moodle).join(","), moodle);
    assert_eq!(written(" , Learner ,,nonsense, Instructor,"), ["Learner", "Instructor"]);
}

#[test]
fn a_role_of_the_institution_is_none_of_the_context() {
    let [instructor] = Role::parse_list("urn:lti:instrole:ims/lis/Instructor")[..] else { panic!("one role") };
    assert_eq!(
        (instructor.scope(), instructor.name(), instructor.sub_role()),
        (Scope::Institution, "Instructor", None)
    );
    assert_ne!(instructor, Role::INSTRUCTOR);
}

#[test]
fn a_narrower_role_is_also_the_wider_one() {
    let role = |text| Role::parse(text).expect(text);
    let (guest, assistant) = (role("Learner/GuestLearner"), role("TeachingAssistant/Grader"));
    assert!(guest.is_a(Role::LEARNER) && Role::LEARNER.is_a(Role::LEARNER));
    assert!(assistant.is_a(Role::INSTRUCTOR), "as LTI 1.3 has it");
    assert!(!Role::LEARNER.is_a(guest) && !guest.is_a(Role::INSTRUCTOR));
}
