//! Until when the line item of a link takes scores.

use serde_json::{Value, json};

use super::Graded;

const MINUTE: i64 = 60_000;

impl Graded {
    /// The link takes work for the next hour, from ten minutes on.
    fn hour(&self) -> [String; 2] {
        let times = [10, 60].map(|minutes| {
            let at = self.world.clock.now() + examlink::domain::time::Span::minutes(minutes);
            at.to_string()
        });
        let fields = json!({ "submission_start_time": times[0], "submission_end_time": times[1] });
        self.world.teacher.patch(&format!("/lti_resources/{}", self.resource["id"]), fields).ok("lti_resource");
        times
    }
}

#[test]
fn the_line_item_of_a_link_tells_when_work_is_taken_and_a_tool_does_not_change_it() {
    let graded = Graded::new();
    let shown = || {
        let item = graded.get(&graded.item()).json;
        [item["startDateTime"].clone(), item["endDateTime"].clone()]
    };
    assert_eq!(shown(), [Value::Null, Value::Null]);
    let times = graded.hour();
    let same = |shown: &Value, time: &str| {
        examlink::domain::time::Timestamp::parse(shown.as_str().unwrap()).unwrap().to_string() == time
    };
    assert!(shown().iter().zip(&times).all(|(shown, time)| same(shown, time)), "{:?}", shown());
    for item in [
        json!({ "label": "Quiz", "scoreMaximum": 10 }),
        json!({ "label": "Quiz", "scoreMaximum": 10, "endDateTime": "2030-01-01T00:00:00Z" }),
    ] {
        let replaced = graded.put(&graded.item(), &item);
        assert_eq!(replaced.status, 200, "{}", replaced.text);
        assert!(same(&replaced.json["endDateTime"], &times[1]), "the answer says what is: {}", replaced.text);
        assert!(shown().iter().zip(&times).all(|(shown, time)| same(shown, time)), "{:?}", shown());
    }
}

#[test]
fn a_score_after_the_links_end_is_late_or_refused_as_the_exams_author_says() {
    let graded = Graded::new();
    graded.hour();
    let (item, own) = (graded.item(), graded.made(&json!({ "label": "Draft", "scoreMaximum": 10 })));
    graded.scores(&item, &graded.score_at(1, 1.0, 10.0));
    graded.world.wait(60 * MINUTE - 1);
    let token = graded.tool.token(&[examlink_lti::v1p3::claims::scope::SCORE]);
    let graded = Graded { token, ..graded };
    graded.scores(&item, &graded.score_at(1, 2.0, 10.0));
    assert_eq!(graded.result().unwrap()["late"], false);
    graded.world.wait(1);
    graded.scores(&item, &graded.score_at(1, 3.0, 10.0));
    assert_eq!(graded.result().unwrap()["late"], true);
    let path = format!("/exams/{}", graded.exam["id"]);
    graded.world.teacher.patch(&path, json!({ "accept_late_results": false })).ok("exam");
    let refused = graded.score(&item, &graded.score_at(2, 4.0, 10.0));
    assert_eq!((refused.status, &refused.json["code"]), (403, &json!("submission_over")), "{}", refused.text);
    assert_eq!(graded.calls("score")[3]["code"], "submission_over");
    assert_eq!(graded.result().unwrap()["score"], 0.3);
    graded.scores(&own, &graded.score_at(1, 5.0, 10.0));
    let session = format!("/student_sessions/{}", graded.session["id"]);
    graded.world.teacher.patch(&session, json!({ "extra_time_minutes": 1 })).ok("student");
    graded.scores(&item, &graded.score_at(3, 4.0, 10.0));
    assert_eq!(graded.result().unwrap()["late"], false, "a student with extra time is not late");
}
