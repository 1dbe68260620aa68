//! No list reads a whole table: the database says so of each query that a list makes.

mod plans;

use std::cell::Cell;
use std::sync::{Mutex, PoisonError};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use examlink::clock::{Clock, Random};
use examlink::domain::access::{Role, Scope};
use examlink::domain::exam::ExamStatus;
use examlink::domain::id::{ExamId, InstituteId, ResultId, StudentSessionId, ToolProviderId, UserId};
use examlink::domain::launch::record::MessageKind;
use examlink::domain::secret::Keyring;
use examlink::domain::student_session::SessionStatus;
use examlink::domain::time::Span;
use examlink::store::launches::log;
use examlink::store::listing::Columns;
use examlink::store::{
    Listing, PageRequest, Store, Tx, assessment_controls, attachments, exams, grade_returns, identity_providers,
    institutes, lti_consumers, lti_platforms, lti_resources, results, service_calls, student_sessions,
    tool_deployments, tool_providers, users,
};

use crate::world::{Database, MASTER_KEY};
use plans::{looks_into_exams, none_is_planned, reads_a_whole_table};

thread_local! {
    /// Whether connections that this thread opens are this test's.
    static OBSERVED: Cell<bool> = const { Cell::new(false) };
}

static QUERIES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Held by the test that observes.
static OBSERVING: Mutex<()> = Mutex::new(());

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
                for kind in [None, Some(MessageKind::DeepLinking)] {
                    log::page(tx, scope(role), log::Filter { exam, session, kind }, listing, page)?;
                }
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

/// The exams of an institute and of an author, by one column and by several, in each order.
fn filtered_exams(tx: &mut Tx<'_>) -> examlink::domain::Result<()> {
    let pages = [1, 2].map(|number| PageRequest { number, limit: 300 });
    let asked = [Role::Administrator, Role::Teacher].into_iter().flat_map(|role| pages.map(|page| (role, page)));
    for (role, page) in asked {
        for filter in [r#"{"web_cam":{"eq":true}}"#, r#"{"created_at":{"gt":1},"web_cam":{"eq":true}}"#] {
            let conditions = Listing::read(exams::COLUMNS, Some(filter), None)?.conditions;
            for listing in listings(exams::COLUMNS) {
                exams::page(tx, scope(role), None, &Listing { conditions: conditions.clone(), ..listing }, page)?;
            }
        }
    }
    Ok(())
}

/// What one exam, one session or one tool has.
fn lists_of_one(tx: &mut Tx<'_>, page: PageRequest) -> examlink::domain::Result<()> {
    for listing in &listings(attachments::COLUMNS) {
        attachments::page(tx, ExamId(1), listing, page)?;
    }
    for listing in &listings(grade_returns::COLUMNS) {
        grade_returns::page(tx, StudentSessionId(1), listing, page)?;
    }
    for listing in &listings(tool_deployments::COLUMNS) {
        tool_deployments::page(tx, ToolProviderId(1), listing, page)?;
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

/// The queries of these lists, each once, without their values.
fn queries(database: &Database, lists: fn(&mut Tx<'_>) -> examlink::domain::Result<()>) -> Vec<String> {
    let _alone = OBSERVING.lock().unwrap_or_else(PoisonError::into_inner);
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
    let queries = queries(&database, lists);
    assert!(queries.len() >= 20, "{}", queries.join("\n"));
    none_is_planned(&database, &queries, reads_a_whole_table);
}

/// What thousands of rows are looked for and counted by is read in an index; only the rows of a page are read by their id.
#[test]
fn dos_04_what_a_filter_asks_of_exams_is_read_in_an_index() {
    let database = Database::fresh();
    let queries = queries(&database, filtered_exams);
    assert!(queries.len() >= 20, "{}", queries.join("\n"));
    none_is_planned(&database, &queries, |plan| plan.iter().any(|line| looks_into_exams(line)));
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

/// Every column that a filter may name is in the index that an institute's exams are found by.
#[test]
fn dos_04_one_index_has_all_that_a_filter_may_ask_of_exams() {
    let schema = include_str!("data/schema.txt");
    let index = schema.lines().find_map(|line| line.strip_prefix("exams index exams_institute ")).unwrap();
    let has: Vec<_> = index.split(", ").collect();
    let missing = exams::COLUMNS.columns.iter().map(|column| column.name).filter(|name| !has.contains(name));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&str>::new());
}
