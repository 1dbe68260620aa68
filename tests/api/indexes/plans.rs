//! How the database finds the rows of a query.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};

use crate::world::{Database, on_postgres};

/// Fails with the plans that the database should not make.
pub fn none_is_planned(database: &Database, queries: &[String], bad: impl Fn(&[String]) -> bool) {
    if on_postgres() {
        fill(database);
        database.run("VACUUM exams");
    }
    let mut found = String::new();
    for query in queries {
        let plan = if on_postgres() { postgres_plan(database, query) } else { sqlite_plan(database, query) };
        if bad(&plan) {
            writeln!(found, "{query}\n{}\n", plan.join("\n")).unwrap();
        }
    }
    assert!(found.is_empty(), "{found}");
}

/// Whether a step finds exams by another index than that of their ids, and reads them to see whether they are wanted.
pub fn looks_into_exams(step: &str) -> bool {
    let on_exams = step.contains("SEARCH exams ") || step.contains("SCAN exams ") || step.contains(" on exams");
    let good = ["COVERING INDEX", "INTEGER PRIMARY KEY", "Index Only Scan", "using exams_pkey", "Bitmap Index Scan"];
    on_exams && !good.iter().any(|words| step.contains(words))
}

/// SQLite says SCAN. PostgreSQL says Seq Scan, or walks an index without a condition on it, which an index that holds
/// only the wanted rows needs not.
pub fn reads_a_whole_table(plan: &[String]) -> bool {
    let walks = |line: &&String| line.contains("Index Scan") || line.contains("Index Only Scan");
    let scans = plan.iter().filter(walks).filter(|line| !line.contains("using exams_global_")).count();
    let conditions = plan.iter().filter(|line| line.contains("Index Cond")).count();
    plan.iter().any(|line| line.starts_with("SCAN ") || line.contains("Seq Scan")) || scans > conditions
}

fn sqlite_plan(database: &Database, query: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }
    let explain = format!("EXPLAIN QUERY PLAN {query}");
    let steps: Vec<Step> = sql_query(explain).load(&mut database.open_file()).unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}

fn postgres_plan(database: &Database, query: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
        text: String,
    }
    let explain = format!("EXPLAIN (COSTS OFF) {}", with_values(query));
    let lines: Vec<Line> = sql_query(explain).load(&mut database.open_server()).unwrap();
    lines.into_iter().map(|line| line.text).collect()
}

/// PostgreSQL plans for the values that it is given, so each placeholder gets one that fits what stands before it.
fn with_values(query: &str) -> String {
    const FITTING: [(&str, &str); 9] = [
        ("ANY(", "ARRAY[1, 2]"),
        ("LIMIT ", "300"),
        ("OFFSET ", "0"),
        ("\"status\" = ", "'open'"),
        ("\"status\" != ", "'deleted'"),
        ("ing\" = ", "true"),
        ("\"web_cam\" = ", "true"),
        ("\"lti_version\" = ", "'1.3'"),
        ("\"message_type\" = ", "'LtiDeepLinkingRequest'"),
    ];
    let mut pieces = query.split('$');
    let mut text = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let fitting = FITTING.iter().find(|(before, _)| text.ends_with(before));
        text += fitting.map_or("1", |(_, value)| value);
        text += piece.trim_start_matches(|letter: char| letter.is_ascii_digit());
    }
    text
}

/// Fills the tables as a server of 1,000 institutes has them: PostgreSQL takes an index where it saves something.
fn fill(database: &Database) {
    for (table, given) in [
        (
            "exams",
            "institute_id = g % 1000, user_id = g % 2000, status = 'open', created_at = g, global_proctoring = g % 500 = 0, \
             global_reviewing = g % 500 = 0",
        ),
        ("exam_comanagers", "exam_id = g, user_id = g % 2000 + 1"),
        ("identity_providers", "institute_id = g % 1000"),
        ("lti_placements", "lti_consumer_id = g, context_id = 'c', resource_link_id = 'l'"),
        ("lti_learners", "lti_consumer_id = g, lti_placement_id = g, student_session_id = g, user_id = 'u'"),
        ("grade_returns", "institute_id = g % 1000, exam_id = g / 4, student_session_id = g, lti_learner_id = g"),
        ("users", "institute_id = g % 1000, email = 'e' || g"),
        ("tool_providers", "institute_id = g % 1000"),
        ("lti_consumers", "institute_id = g % 1000, consumer_key = 'k' || g, lti_version = '1.3'"),
        ("lti_platforms", "lti_consumer_id = g, issuer = 'i', client_id = 'c' || g"),
        (
            "lti_resources",
            "institute_id = g % 1000, exam_id = g, tool_provider_id = g, lti_resource_link_id = 'l' || g",
        ),
        ("attachments", "institute_id = g % 1000, exam_id = g / 4, placeholder = 'p' || g, stored_name = 's' || g"),
        ("launches", "institute_id = g % 1000, exam_id = g / 4, student_session_id = g, created_at = g"),
        ("results", "institute_id = g % 1000, exam_id = g / 4, student_session_id = g, lti_resource_id = g"),
        ("result_changes", "result_id = g"),
        ("service_calls", "institute_id = g % 1000, tool_provider_id = g % 3000, operation = 'o' || g"),
        ("student_sessions", "institute_id = g % 1000, exam_id = g / 4, email = 'e' || g, token_hash = 't' || g"),
    ] {
        let rest = database.texts(&format!(
            "SELECT quote_ident(column_name) || CASE data_type WHEN 'text' THEN ' = ''x''' \
             WHEN 'boolean' THEN ' = false' ELSE ' = 1' END AS text FROM information_schema.columns \
             WHERE table_name = '{table}' AND is_nullable = 'NO' AND is_identity = 'NO'"
        ));
        let mut columns: BTreeMap<&str, &str> = rest.iter().map(|column| column.split_once(" = ").unwrap()).collect();
        columns.extend(given.split(", ").map(|column| column.split_once(" = ").unwrap()));
        let names = columns.keys().copied().collect::<Vec<_>>().join(", ");
        let values = columns.values().copied().collect::<Vec<_>>().join(", ");
        // As a replica, without references, so that each table is filled by itself.
        database.run(&format!(
            "SET session_replication_role = replica; \
             INSERT INTO {table} ({names}) SELECT {values} FROM generate_series(1, 20000) g; ANALYZE {table}"
        ));
    }
}
