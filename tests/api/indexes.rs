//! No list reads a whole table: the database says so of each query that a list makes.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use examlink::clock::{Clock, Random};
use examlink::domain::access::{Role, Scope};
use examlink::domain::exam::ExamStatus;
use examlink::domain::id::{ExamId, InstituteId, ResultId, StudentSessionId, ToolProviderId, UserId};
use examlink::domain::secret::Keyring;
use examlink::domain::student_session::SessionStatus;
use examlink::domain::time::Span;
use examlink::store::launches::log;
use examlink::store::listing::Columns;
use examlink::store::{
    Listing, PageRequest, Store, Tx, assessment_controls, attachments, exams, grade_returns, identity_providers,
    institutes, lti_consumers, lti_platforms, lti_resources, results, service_calls, student_sessions, tool_providers,
    users,
};

use crate::world::{Database, MASTER_KEY, on_postgres};

thread_local! {
    /// Whether connections that this thread opens are this test's.
    static OBSERVED: Cell<bool> = const { Cell::new(false) };
}

static QUERIES: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[allow(clippy::needless_pass_by_value)]
fn note(event: InstrumentationEvent<'_>) {
    if let InstrumentationEvent::StartQuery { query, .. } = event {
        QUERIES.lock().unwrap_or_else(PoisonError::into_inner).push(query.to_string());
    }
}

fn observer() -> Option<Box<dyn Instrumentation>> {
    OBSERVED.get().then(|| Box::new(note) as Box<dyn Instrumentation>)
}

/// What each role sees. The superuser sees every row, and has them all counted.
fn scope(role: Role) -> Scope {
    Scope::of(role, Some(InstituteId(1)), UserId(1))
}

/// The plain list, and the list in each order that is documented.
fn listings(columns: Columns) -> Vec<Listing> {
    let sorted = columns.columns.iter().filter(|column| column.sorted);
    let orders = sorted.flat_map(|column| ["asc", "desc"].map(|way| format!("[{{\"{}\":\"{way}\"}}]", column.name)));
    let listing = |sort: String| Listing::read(columns, None, Some(&sort)).unwrap();
    std::iter::once(Listing::default()).chain(orders.map(listing)).collect()
}

fn lists(tx: &mut Tx<'_>) -> examlink::domain::Result<()> {
    let page = PageRequest { number: 1, limit: 300 };
    for role in [Role::Administrator, Role::Teacher, Role::GlobalProctor, Role::GlobalReviewer] {
        for status in [None, Some(ExamStatus::Open), Some(ExamStatus::Deleted)] {
            for listing in &listings(exams::COLUMNS) {
                exams::page(tx, scope(role), status, listing, page)?;
            }
        }
        for (exam, status) in [(None, None), (None, Some(SessionStatus::ExamStarted)), (Some(ExamId(1)), None)] {
            for listing in &listings(student_sessions::COLUMNS) {
                student_sessions::page(tx, scope(role), student_sessions::Filter { exam, status }, listing, page)?;
            }
        }
    }
    for role in [Role::Administrator, Role::Teacher] {
        for exam in [None, Some(ExamId(1))] {
            for listing in &listings(lti_resources::COLUMNS) {
                lti_resources::page(tx, scope(role), exam, listing, page)?;
            }
        }
    }
    for role in [Role::Administrator, Role::Teacher] {
        for (exam, session) in [(None, None), (Some(ExamId(1)), None), (None, Some(StudentSessionId(1)))] {
            for listing in &listings(log::COLUMNS) {
                log::page(tx, scope(role), log::Filter { exam, session }, listing, page)?;
            }
        }
    }
    lists_of_grades(tx, page)?;
    lists_of_one(tx, page)?;
    for listing in &listings(tool_providers::COLUMNS) {
        tool_providers::page(tx, Some(InstituteId(1)), listing, page)?;
    }
    for listing in &listings(lti_consumers::COLUMNS) {
        lti_consumers::page(tx, Some(InstituteId(1)), listing, page)?;
    }
    for listing in &listings(lti_platforms::COLUMNS) {
        lti_platforms::page(tx, Some(InstituteId(1)), listing, page)?;
    }
    for listing in &listings(users::COLUMNS) {
        users::page(tx, InstituteId(1), listing, page)?;
    }
    for listing in &listings(identity_providers::COLUMNS) {
        identity_providers::page(tx, Some(InstituteId(1)), listing, page)?;
    }
    Ok(())
}

/// What one exam or one session has.
fn lists_of_one(tx: &mut Tx<'_>, page: PageRequest) -> examlink::domain::Result<()> {
    for listing in &listings(attachments::COLUMNS) {
        attachments::page(tx, ExamId(1), listing, page)?;
    }
    for listing in &listings(grade_returns::COLUMNS) {
        grade_returns::page(tx, StudentSessionId(1), listing, page)?;
    }
    for listing in &listings(assessment_controls::COLUMNS) {
        assessment_controls::page(tx, StudentSessionId(1), listing, page)?;
    }
    Ok(())
}

fn lists_of_grades(tx: &mut Tx<'_>, page: PageRequest) -> examlink::domain::Result<()> {
    for role in [Role::Administrator, Role::Teacher, Role::GlobalReviewer] {
        for of in [results::Of::Exam(ExamId(1)), results::Of::Session(StudentSessionId(1))] {
            for listing in &listings(results::COLUMNS) {
                results::page(tx, scope(role), of, listing, page)?;
            }
        }
    }
    results::changes(tx, &[ResultId(1), ResultId(2)], 300)?;
    let filters = [
        service_calls::Filter::default(),
        service_calls::Filter { tool: Some(ToolProviderId(1)), ..service_calls::Filter::default() },
        service_calls::Filter { session: Some(StudentSessionId(1)), ..service_calls::Filter::default() },
    ];
    for (role, filter) in [Role::Administrator, Role::Teacher].into_iter().flat_map(|role| filters.map(|f| (role, f))) {
        for listing in &listings(service_calls::COLUMNS) {
            service_calls::page(tx, scope(role), filter, listing, page)?;
        }
    }
    Ok(())
}

/// The queries of all lists, each once, without their values.
fn queries(database: &Database) -> Vec<String> {
    OBSERVED.set(true);
    set_default_instrumentation(observer).unwrap();
    let keys = Keyring::parse(MASTER_KEY, Random).unwrap();
    let store = Store::open(&database.url().parse().unwrap(), &keys, &Clock::system(), 1, Span::hours(24)).unwrap();
    OBSERVED.set(false);
    QUERIES.lock().unwrap_or_else(PoisonError::into_inner).clear();
    actix_web::rt::System::new().block_on(store.query(lists)).unwrap();
    let mut queries = QUERIES.lock().unwrap_or_else(PoisonError::into_inner).clone();
    queries.retain(|query| query.starts_with("SELECT") && !is_of_purge(query));
    for query in &mut queries {
        query.truncate(query.find(" -- binds").unwrap());
    }
    queries.sort();
    queries.dedup();
    queries
}

/// The store looks for what is old meanwhile.
fn is_of_purge(query: &str) -> bool {
    let plain = query.replace(['`', '"'], "");
    ["nonce", "idempotency_keys", "service_calls.created_at <", "departures.departed_at <"]
        .iter()
        .any(|of| plain.contains(of))
        || plain.starts_with("SELECT launches.id, launches.created_at FROM")
}

#[test]
fn dos_04_every_list_is_found_by_an_index() {
    let database = Database::fresh();
    let queries = queries(&database);
    assert!(queries.len() >= 20, "{}", queries.join("\n"));
    if on_postgres() {
        fill(&database);
    }
    let mut slow = String::new();
    for query in &queries {
        let plan = if on_postgres() { postgres_plan(&database, query) } else { sqlite_plan(&database, query) };
        if reads_a_whole_table(&plan) {
            writeln!(slow, "{query}\n{}\n", plan.join("\n")).unwrap();
        }
    }
    assert!(slow.is_empty(), "{slow}");
}

/// The columns by which a caller's rows are found before they are sorted, table by table.
const FOUND_BY: [(Columns, &str); 8] = [
    (institutes::COLUMNS, ""),
    (users::COLUMNS, "institute_id, "),
    (identity_providers::COLUMNS, "institute_id, "),
    (exams::COLUMNS, "institute_id, "),
    (tool_providers::COLUMNS, "institute_id, "),
    (lti_resources::COLUMNS, "institute_id, "),
    (student_sessions::COLUMNS, "institute_id, "),
    (attachments::COLUMNS, "exam_id, "),
];

/// The columns of an index or a unique rule of `table`, in their order.
fn key<'s>(line: &'s str, table: &str) -> Option<&'s str> {
    let rule = line.strip_prefix(table)?;
    let named = || Some(rule.strip_prefix(" index ")?.split_once(' ')?.1);
    rule.strip_prefix(" primary key ").or_else(|| rule.strip_prefix(" unique ")).or_else(named)
}

/// Both databases have the indexes that are listed there; a test of the migrations holds them to it.
#[test]
fn dos_04_every_documented_order_has_an_index() {
    let schema = include_str!("data/schema.txt");
    let mut orders = 0;
    for (columns, found_by) in FOUND_BY {
        for column in columns.columns.iter().filter(|column| column.sorted) {
            let wanted = format!("{found_by}{}", column.name);
            let keys = schema.lines().filter_map(|line| key(line, columns.table));
            let serves = |key: &str| key == wanted || key.starts_with(&format!("{wanted}, "));
            assert!(keys.clone().any(serves), "{} by {wanted}: {:?}", columns.table, keys.collect::<Vec<_>>());
            orders += 1;
        }
    }
    assert!(orders >= 20, "{orders}");
}

/// SQLite says SCAN. PostgreSQL says Seq Scan, or walks an index without a condition on it, which an index that holds
/// only the wanted rows needs not.
fn reads_a_whole_table(plan: &[String]) -> bool {
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
    const FITTING: [(&str, &str); 7] = [
        ("ANY(", "ARRAY[1, 2]"),
        ("LIMIT ", "300"),
        ("OFFSET ", "0"),
        ("\"status\" = ", "'open'"),
        ("\"status\" != ", "'deleted'"),
        ("ing\" = ", "true"),
        ("\"lti_version\" = ", "'1.3'"),
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
            "institute_id = g % 1000, user_id = g % 2000, status = 'open', global_proctoring = g % 500 = 0, \
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
