//! Tools hand grades back: what lands, what is refused, and that nothing is ever lost.

mod attacks;
mod forms;
mod load;
mod rules;

use std::thread;

use examlink_lti::v1::outcomes::{Action, CodeMajor, Replacement, Score, TotalScore};
use serde_json::{Value, json};

use crate::world::World;
use crate::world::launched::{answer, scored};

/// How many rows a table has.
fn rows(world: &World, table: &str) -> usize {
    usize::try_from(world.database.rows(table)).unwrap()
}

#[test]
fn a_tool_hands_a_grade_back_reads_it_and_takes_it_away() {
    let world = World::new();
    let tool = world.launched();
    assert_eq!(tool.score(&world), "", "no grade yet");
    let reply = tool.send(&world, scored(0.83));
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/xml; charset=utf-8"), "{}", reply.text);
    let said = answer(&reply);
    assert_eq!(
        (said.code, said.message_ref.as_str(), said.operation.as_str()),
        (CodeMajor::Success, "m1", "replaceResult")
    );
    assert_eq!(tool.score(&world), "0.83");
    let result = tool.result(&world).unwrap();
    assert_eq!(
        (&result["score"], &result["graded_by"], &result["late"]),
        (&json!(0.83), &json!("tool"), &json!(false))
    );
    assert_eq!((&result["name"], &result["lti_resource_link_name"]), (&json!("Sam Student"), &json!("Quiz")));
    assert_eq!(tool.send(&world, scored(1.0)).status, 200);
    assert_eq!(tool.score(&world), "1.0");
    let reply = tool.send(&world, Action::Delete);
    assert_eq!((reply.status, answer(&reply).operation.as_str()), (200, "deleteResult"));
    assert_eq!(tool.score(&world), "");
    let result = tool.result(&world).unwrap();
    assert_eq!((&result["score"], &result["graded_by"]), (&Value::Null, &Value::Null));
    let history: Vec<(&Value, &Value, &Value)> = result["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| (&change["operation"], &change["score"], &change["tool_provider_id"]))
        .collect();
    let by = &tool.tool["id"];
    let (replaced, deleted) = (json!("replace"), json!("delete"));
    let (full, part) = (json!(1.0), json!(0.83));
    assert_eq!(history, [(&deleted, &Value::Null, by), (&replaced, &full, by), (&replaced, &part, by)]);
}

#[test]
fn a_launch_says_where_and_under_which_name_the_grade_goes() {
    let world = World::new();
    let tool = world.launched();
    assert_eq!(tool.url, format!("{}/lti/1.1/outcomes", world.origin()));
    for (name, value) in [
        ("ext_ims_lis_basic_outcome_url", tool.url.as_str()),
        ("ext_ims_lis_resultvalue_sourcedids", "decimal"),
        ("ext_outcome_data_values_accepted", "url,text,lti_launch_url"),
        ("ext_outcome_result_total_score_accepted", "true"),
        ("ext_outcome_submission_submitted_at_accepted", "true"),
        ("ext_outcome_submission_needs_additional_review_accepted", "true"),
        ("ext_outcome_submission_prioritize_non_tool_grade_accepted", "true"),
    ] {
        assert_eq!(tool.form.get(name), Some(value), "{name}");
    }
    let home = format!("/sessions/{}", tool.session["token"].as_str().unwrap());
    world.wait(60_000);
    let again = world.launch_form(&home, &tool.resource);
    assert_eq!(again.get("lis_result_sourcedid"), Some(tool.sourcedid.as_str()), "the same in every launch");
    assert!(tool.sourcedid.len() < 64 && tool.sourcedid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    assert!(tool.sourcedid.rsplit('-').next().unwrap().len() >= 32, "128 bits in hex");
    assert_eq!(rows(&world, "results"), 0, "a launch writes nothing");
}

#[test]
fn all_that_a_tool_may_say_is_kept() {
    let world = World::new();
    let tool = world.launched();
    let all = Replacement {
        score: Score::new(0.5),
        total_score: TotalScore::new(17.5),
        text: Some("x < 1 & \"日本\"\nline".into()),
        url: Some("https://tool.example/w?a=1&b=2".into()),
        launch_url: Some("https://tool.example/lti".into()),
        submitted_at: Some("2026-11-26T08:19:53.143+01:00".into()),
        needs_additional_review: true,
        prioritize_non_tool_grade: false,
    };
    let reply = tool.send(&world, Action::Replace(all));
    assert_eq!(reply.status, 200, "{}", reply.text);
    let result = tool.result(&world).unwrap();
    for (name, value) in [
        ("score", json!(0.5)),
        ("total_score", json!(17.5)),
        ("text", json!("x < 1 & \"日本\"\nline")),
        ("url", json!("https://tool.example/w?a=1&b=2")),
        ("launch_url", json!("https://tool.example/lti")),
        ("submitted_at", json!("2026-11-26T07:19:53.143Z")),
        ("needs_review", json!(true)),
    ] {
        assert_eq!(result[name], value, "{name}");
    }
    // A new grade leaves the work, and new work leaves the grade.
    assert_eq!(tool.send(&world, scored(0.7)).status, 200);
    let work = Replacement { text: Some("again".into()), ..Replacement::default() };
    assert_eq!(tool.send(&world, Action::Replace(work)).status, 200);
    let result = tool.result(&world).unwrap();
    assert_eq!((&result["score"], &result["text"], &result["url"]), (&json!(0.7), &json!("again"), &Value::Null));
    assert_eq!((&result["total_score"], &result["needs_review"]), (&Value::Null, &json!(false)));
}

#[test]
fn a_grade_of_a_person_stays_where_the_tool_asks_for_it() {
    let world = World::new();
    let tool = world.launched();
    assert_eq!(tool.send(&world, scored(0.3)).status, 200);
    let path = format!("/results/{}", tool.result(&world).unwrap()["id"]);
    world.reviewer.patch(&path, json!({ "score": 0.9 })).ok("result");
    let polite = |score, text: Option<&str>| {
        Action::Replace(Replacement {
            score: Score::new(score),
            text: text.map(Into::into),
            prioritize_non_tool_grade: true,
            ..Replacement::default()
        })
    };
    assert_eq!(tool.send(&world, polite(0.4, Some("essay"))).status, 200);
    let result = tool.result(&world).unwrap();
    assert_eq!(
        (&result["score"], &result["graded_by"], &result["text"]),
        (&json!(0.9), &json!("person"), &json!("essay"))
    );
    assert_eq!((&result["history"][0]["kept"], &result["history"][0]["score"]), (&json!(true), &json!(0.4)));
    assert_eq!(tool.score(&world), "0.9");
    assert_eq!(tool.send(&world, scored(0.6)).status, 200);
    let result = tool.result(&world).unwrap();
    assert_eq!(
        (&result["score"], &result["graded_by"], &result["user_id"]),
        (&json!(0.6), &json!("tool"), &Value::Null)
    );
    assert_eq!(tool.send(&world, polite(0.2, None)).status, 200);
    assert_eq!(tool.score(&world), "0.2", "the tool's own grade is no person's");
}

#[test]
fn grades_at_the_same_time_become_one_result_with_all_of_them_in_its_history() {
    const TOOLS: usize = 8;
    let world = World::in_real_time();
    let tool = world.launched();
    thread::scope(|scope| {
        for number in 0..TOOLS {
            let (world, tool) = (&world, &tool);
            let score = f64::from(u8::try_from(number).unwrap()) / 10.0;
            scope.spawn(move || assert_eq!(tool.send(world, scored(score)).status, 200));
        }
    });
    assert_eq!((rows(&world, "results"), rows(&world, "result_changes")), (1, TOOLS));
    let result = tool.result(&world).unwrap();
    assert_eq!(result["score"], result["history"][0]["score"], "the last one counts");
}

#[test]
fn the_same_key_and_secret_may_be_at_two_institutes() {
    let world = World::new();
    let ours = world.launched();
    let theirs = crate::world::operations::Things::theirs(&world);
    world.stranger.patch(&format!("/exams/{}", theirs.exam["id"]), json!({ "status": "open" })).ok("exam");
    let theirs = world.launched_into(theirs.exam, theirs.tool, theirs.resource, theirs.session);
    assert_eq!(ours.credentials.consumer_key, theirs.credentials.consumer_key);
    for (tool, score) in [(&ours, 0.1), (&theirs, 0.2)] {
        assert_eq!(tool.send(&world, scored(score)).status, 200);
        assert_eq!(tool.score(&world), score.to_string());
    }
    let calls = world.stranger.get("/service_calls").ok("service_calls");
    assert_eq!(calls.as_array().unwrap().len(), 2, "each institute sees its own calls");
}
