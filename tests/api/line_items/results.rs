//! Results that tools of LTI 1.3 read.

use examlink_lti::v1p3::ags::RESULT_CONTAINER;
use examlink_lti::v1p3::link_header;
use serde_json::json;

use super::Graded;
use crate::world::advantage::call_with_token;

#[test]
fn results_are_listed_in_pages_each_student_once() {
    let graded = Graded::new();
    let mut students = vec![graded.student.clone()];
    for number in 0..4 {
        let session = graded.world.student_session_named(&graded.exam, &format!("s{number}@example.edu"));
        graded.world.started(&session);
        students.push(session["student_id"].as_str().unwrap().to_owned());
    }
    let essay = graded.made(&json!({ "label": "Essay", "scoreMaximum": 100 }));
    for item in [graded.item(), essay] {
        for (points, student) in (0_u8..).zip(&students) {
            let mut score = graded.score_at(1, f64::from(points), 10.0);
            score["userId"] = json!(student);
            graded.scores(&item, &score);
        }
        let mut found = Vec::new();
        let mut next = Some(format!("{item}/results?limit=2"));
        while let Some(url) = next {
            let reply = graded.get(&url);
            assert_eq!((reply.status, reply.header("content-type")), (200, RESULT_CONTAINER), "{}", reply.text);
            let page = reply.json.as_array().unwrap().clone();
            assert!((1..=2).contains(&page.len()));
            found.extend(page.into_iter().map(|result| (result["userId"].clone(), result["resultScore"].clone())));
            next = link_header::read(reply.header("link"), "next");
        }
        let expected: Vec<_> = (0_u8..)
            .zip(&students)
            .map(|(points, student)| (json!(student), json!(f64::from(points) * 10.0)))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(graded.get(&format!("{item}/results?user_id=nobody")).json, json!([]));
        assert_eq!(graded.get(&format!("{item}/results?limit=0")).status, 400);
    }
}

#[test]
fn lti_09_results_of_another_tool_are_not_there() {
    let graded = Graded::new();
    graded.scores(&graded.item(), &graded.score_at(1, 1.0, 1.0));
    let other = graded.world.tool_1p3();
    graded.world.lti_resource(&graded.exam, &other.provider);
    let scope = examlink_lti::v1p3::claims::scope::RESULT_READ;
    let (token, url) = (other.token(&[scope]), format!("{}/results", graded.item()));
    assert_eq!(call_with_token(&token, ("GET", &url), ("", "")).status, 404);
    let weak = graded.tool.token(&[examlink_lti::v1p3::claims::scope::SCORE]);
    assert_eq!(call_with_token(&weak, ("GET", &url), ("", "")).status, 403);
}
