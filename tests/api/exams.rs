//! Exams: what their authors do with them.

use serde_json::json;

use crate::world::World;

#[test]
fn an_author_creates_reads_changes_and_puts_away_an_exam() {
    let world = World::new();
    let exam = world.exam();
    let path = format!("/exams/{}", exam["id"]);
    assert_eq!((exam["name"].as_str(), exam["status"].as_str()), (Some("Algebra"), Some("draft")));
    assert_eq!(exam["created_at"], "2026-11-26T07:19:53.143Z");
    let changed = world.teacher.patch(&path, json!({ "name": "Geometry", "web_cam": true })).ok("exam");
    assert_eq!((changed["name"].as_str(), changed["mode"].as_str()), (Some("Geometry"), Some("01000000")));
    assert_eq!(world.teacher.get(&path).ok("exam"), changed);
    assert_eq!(world.teacher.get("/exams").ok("exams"), json!([changed]));
    assert_eq!(world.teacher.delete(&path).json, json!({}));
    world.teacher.get(&path).refused(404, "not_found");
    assert_eq!(world.teacher.get("/exams?status=deleted").ok("exams").as_array().unwrap().len(), 1);
}
