//! Who of a course has not opened the exam yet, as its platform lists them (NRPS 2.0), on the page of an instructor.

use std::io::ErrorKind;
use std::net::TcpListener;

use examlink::clock::Clock;
use serde_json::{Value, json};

use crate::world::course::Course;
use crate::world::{World, until};

const STRICT: &str = "platform_pyjwt.py";
const UNREADABLE: &str = "The list of the course could not be read now";

/// A course in a world whose clock stands at the time that it is.
fn course() -> Course {
    Course::of(World::with(Clock::fixed(Clock::system().now()), |_| {}), STRICT, json!({}))
}

/// Where an instructor's launch leads, by a platform that lists the members in a manner.
fn instructor_of(course: &Course, members: &str) -> String {
    looking_at(course, members, 0)
}

/// The same, where the list has another address for each look.
fn looking_at(course: &Course, members: &str, look: u32) -> String {
    let look = look.to_string();
    let reply = course.platform.launch(&[("user", "9"), ("role", "Instructor"), ("members", members), ("look", &look)]);
    assert_eq!(reply.status, 303, "{}", reply.text);
    reply.header("location").to_owned()
}

/// What an instructor sees, who looks again where the platform was too slow on a busy machine. That is remembered for a
/// minute, and a clock that goes on without the platform's would let their tokens end; so the list moves instead.
fn overview(course: &Course, members: &str) -> String {
    let mut looks = 0..;
    until("the list is read", || {
        let page = course.world.page(&looking_at(course, members, looks.next()?));
        assert_eq!(page.status, 200, "{}", page.text);
        (!page.text.contains(UNREADABLE)).then_some(page.text)
    })
}

/// The names in the table with what stands behind them, in order.
fn rows(page: &str) -> Vec<(&str, &str)> {
    let rows = page.split("<tr><th scope=\"row\">").skip(1);
    rows.map(|row| {
        let (name, rest) = row.split_once("</th><td>").unwrap();
        (name, rest.split("<td>").nth(1).unwrap().split("</td>").next().unwrap())
    })
    .collect()
}

/// How often the members were asked for in a manner.
fn asked(course: &Course, members: &str) -> Vec<Value> {
    let seen = course.platform.seen()["members"].as_array().unwrap().clone();
    seen.into_iter().filter(|call| call["manner"] == members).collect()
}

/// The same of the last time that the list was read, from its first page.
fn asked_last(course: &Course, members: &str) -> Vec<Value> {
    let mut calls = asked(course, members);
    let first = calls.iter().rposition(|call| call["page"].is_null()).unwrap();
    calls.split_off(first)
}

const ABSENT: [(&str, &str); 4] = [
    ("ada@example.edu", "not opened yet"),
    ("Bob Bell", "not opened yet"),
    ("Student 6", "not opened yet"),
    ("Zoë &#60;b&#62;Zuse&#60;/b&#62;", "not opened yet"),
];

#[test]
fn interop_an_instructor_sees_who_of_the_course_has_not_opened_the_exam() {
    let course = course();
    let early = overview(&course, "course");
    assert!(early.contains("0 students came from this course. 5 have not opened the exam yet."), "{early}");
    assert!(early.contains("Nobody has opened the exam from this course yet."), "{early}");
    course.enter("249", "ok");
    for members in ["course", "all"] {
        let page = overview(&course, members);
        assert!(page.contains("1 student came from this course. 4 have not opened the exam yet."), "{page}");
        let (here, absent) = (rows(&page)[0], rows(&page)[1..].to_vec());
        assert_eq!((here, &absent[..]), (("249", "taking the exam"), &ABSENT[..]), "{members}");
    }
    let pages = asked_last(&course, "course");
    assert_eq!(pages.len(), 4, "seven with the role, two to a page, once: {pages:?}");
    for (number, page) in pages.iter().enumerate() {
        let role = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner";
        assert_eq!((&page["role"], &page["course"], &page["limit"]), (&json!(role), &json!("1"), &json!("200")));
        assert_eq!(page["page"], if number == 0 { json!(null) } else { json!(number.to_string()) });
    }
    assert_eq!(course.platform.seen()["tokens"], 1, "one token serves for all");
}

#[test]
fn interop_the_list_of_a_course_is_asked_for_once_a_minute() {
    let course = course();
    let path = instructor_of(&course, "all");
    let read = || {
        assert!(course.world.page(&path).text.contains("Bob Bell"));
        asked(&course, "all").len()
    };
    assert_eq!([read(), read()], [1, 1]);
    course.world.wait(59_000);
    assert_eq!(read(), 1);
    course.world.wait(1_000);
    assert_eq!([read(), read()], [2, 2]);
}

#[test]
fn interop_a_list_that_cannot_be_read_keeps_no_instructor_from_the_students() {
    let course = course();
    course.enter("249", "ok");
    for members in ["refuses", "broken", "slow", "elsewhere", "http://127.0.0.1:1/members"] {
        let path = instructor_of(&course, members);
        let page = course.world.page(&path).text;
        assert!(page.contains(UNREADABLE) && page.contains("1 student came from this course."), "{members}: {page}");
        assert_eq!(rows(&page), [("249", "taking the exam")], "{members}");
        let asked_before = asked(&course, members).len();
        assert!(course.world.page(&path).text.contains(UNREADABLE));
        assert_eq!(asked(&course, members).len(), asked_before, "it is not asked for again at once");
    }
    assert_eq!(asked(&course, "elsewhere").len(), 1, "no access token goes to another origin");
}

#[test]
fn interop_a_list_without_an_end_is_cut() {
    let course = course();
    let page = overview(&course, "endless");
    assert!(page.contains("The course has more people than this page shows."), "{page}");
    assert!(page.contains("Bob Bell") && !page.contains(UNREADABLE), "{page}");
    assert_eq!(asked_last(&course, "endless").len(), 40);
}

#[test]
fn interop_a_list_is_read_with_a_new_token_where_the_platform_ended_the_old_one() {
    let course = course();
    assert_eq!(rows(&overview(&course, "course")).len(), 5);
    course.platform.revoke();
    assert_eq!(rows(&overview(&course, "all")).len(), 5);
    let known: Vec<Value> = asked(&course, "all").into_iter().map(|call| call["known_token"].clone()).collect();
    assert_eq!(known, [json!(false), json!(true)]);
    assert_eq!(course.platform.seen()["tokens"], 2);
}

#[test]
fn interop_a_list_inside_this_network_is_not_called() {
    let world = World::with(Clock::system(), |settings| settings.outgoing_allow = "127.0.0.1, ::1".into());
    let course = Course::of(world, STRICT, json!({}));
    let inside = TcpListener::bind("127.0.0.2:0").unwrap();
    inside.set_nonblocking(true).unwrap();
    let path = instructor_of(&course, &format!("http://{}/members", inside.local_addr().unwrap()));
    let page = course.world.page(&path).text;
    assert!(page.contains(UNREADABLE), "{page}");
    assert_eq!(inside.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "nobody called");
    assert_eq!(rows(&overview(&course, "all")).len(), 5, "the platform itself may be called");
    let unsafe_list = overview(&course, "http://lms.example.edu/members");
    assert!(!unsafe_list.contains(UNREADABLE) && rows(&unsafe_list).is_empty(), "it is as good as none: {unsafe_list}");
}

#[test]
fn interop_what_the_latest_launch_of_an_instructor_says_of_the_list_counts() {
    let course = course();
    let path = instructor_of(&course, "all");
    // Not every platform tells learners where their course is listed.
    course.enter("2", "ok");
    let page = course.world.page(&path).text;
    assert_eq!(rows(&page).len(), 5, "{page}");
    assert!(page.contains("1 student came") && page.contains("4 have not opened"), "{page}");
    let reply = course.platform.launch(&[("user", "9"), ("role", "Instructor")]);
    let page = course.world.page(reply.header("location")).text;
    assert_eq!(rows(&page), [("2", "taking the exam")]);
    assert!(!page.contains(UNREADABLE) && !page.contains("not opened"), "{page}");
}

#[test]
fn interop_somebody_who_came_from_another_course_has_opened_the_exam() {
    let course = course();
    let session = course.enter("249", "ok");
    course.world.database.run(&format!(
        "UPDATE lti_placements SET context_id = 'course-2' WHERE id = (SELECT MAX(lti_placement_id) FROM lti_learners \
         WHERE student_session_id = {})",
        session["id"]
    ));
    let page = overview(&course, "all");
    assert!(page.contains("0 students came from this course. 4 have not opened the exam yet."), "{page}");
    assert!(!page.contains("Sam Student"), "{page}");
}

#[test]
fn interop_lti1p3platform_lists_its_course() {
    let course = Course::new("platform_lti1p3.py", json!({ "client_id": "client-2", "deployment_ids": ["d-2"] }));
    course.enter("249", "ok");
    let reply = course.platform.launch(&[("user", "9"), ("role", "Instructor")]);
    let page = course.world.page(reply.header("location")).text;
    assert_eq!(rows(&page), [("Sam Student", "taking the exam"), ("Kim Kaas", "not opened yet")]);
}
