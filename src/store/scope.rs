//! How a query is narrowed to what a user sees.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Bool;

use crate::domain::access::GlobalFlag;
use crate::schema::{exams, student_sessions};

/// Boxes a query and narrows it by each column whose wanted value is given.
macro_rules! within {
    ($query:expr, $($column:expr => $wanted:expr),+ $(,)?) => {{
        let mut query = $query.into_boxed();
        $(if let Some(wanted) = $wanted {
            query = query.filter($column.eq(wanted));
        })+
        query
    }};
}

// The exams once more, to ask for an author's inside a query on exams.
diesel::alias! {
    pub(super) const AUTHORED: Alias<Authored> = exams as authored;
}

/// The ids of the exams that `$author` created or comanages. Each half is found by its own index, which one condition
/// with OR would not be.
macro_rules! managed_by {
    ($author:expr) => {{
        use $crate::schema::{exam_comanagers, exams};
        use $crate::store::scope::AUTHORED;
        let created = AUTHORED.filter(AUTHORED.field(exams::user_id).eq($author)).select(AUTHORED.field(exams::id));
        let comanaged =
            exam_comanagers::table.filter(exam_comanagers::user_id.eq($author)).select(exam_comanagers::exam_id);
        diesel::CombineDsl::union_all(created, comanaged)
    }};
}

/// Whether an exam carries a flag. The value stands in the text of the query, which tells SQLite that the exams are among
/// the few that the index of the flag holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Carries(pub(super) GlobalFlag);

impl Expression for Carries {
    type SqlType = Bool;
}

impl QueryId for Carries {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend> QueryFragment<DB> for Carries {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(match self.0 {
            GlobalFlag::Proctoring => "exams.global_proctoring = TRUE",
            GlobalFlag::Reviewing => "exams.global_reviewing = TRUE",
        });
        Ok(())
    }
}

impl<Grouping> ValidGrouping<Grouping> for Carries {
    type IsAggregate = is_aggregate::No;
}

impl<Source> SelectableExpression<Source> for Carries {}
impl<Source> AppearsOnTable<Source> for Carries {}

/// Narrows a query on `exams` to the exams in `$scope`.
macro_rules! in_scope {
    ($query:expr, $scope:expr) => {{
        use $crate::schema::exams;
        use $crate::store::scope::Carries;
        let mut query = within!($query, exams::institute_id => $scope.institute);
        if let Some(flag) = $scope.flag {
            query = query.filter(Carries(flag));
        }
        if let Some(author) = $scope.author {
            query = query.filter(exams::id.eq_any(managed_by!(author)));
        }
        query
    }};
}

/// Narrows a query on a table whose rows hang on exams to those of the exams in `$scope`, and by further columns.
macro_rules! of_exams_in_scope {
    ($query:expr, $table:ident, $scope:expr $(, $column:expr => $wanted:expr)* $(,)?) => {{
        let mut query = within!($query, $table::institute_id => $scope.institute $(, $column => $wanted)*);
        if $scope.author.is_some() || $scope.flag.is_some() {
            let exams = in_scope!($crate::schema::exams::table.select($crate::schema::exams::id), $scope);
            query = query.filter($table::exam_id.eq_any(exams));
        }
        query
    }};
}

// The student sessions once more, to ask for a link's inside a query on student sessions.
diesel::alias! {
    pub(super) const LINKED: Alias<Linked> = student_sessions as linked;
}

/// The ids of the student sessions that a token opens at `$now`: the one whose link it is, and the one of a visit that
/// a launch from an LMS began, as long as that LMS may send people there.
macro_rules! opened_by {
    ($token:expr, $now:expr) => {{
        use $crate::store::scope::LINKED;
        let linked = LINKED
            .filter(LINKED.field(student_sessions::token_hash).eq($token.to_hex()))
            .select(LINKED.field(student_sessions::id));
        diesel::CombineDsl::union_all(linked, visited_by!($token, $now))
    }};
}

/// The second of these alone.
macro_rules! visited_by {
    ($token:expr, $now:expr) => {{
        use $crate::schema::{lti_consumers, lti_learners, lti_placements, lti_visits};
        lti_visits::table
            .inner_join(lti_learners::table.inner_join(lti_consumers::table).inner_join(lti_placements::table))
            .filter(lti_visits::token_hash.eq($token.to_hex()))
            .filter(lti_visits::expires_at.gt($now))
            .filter(lti_consumers::disabled.eq(false))
            .filter(lti_consumers::exam_id.is_null().or(lti_consumers::exam_id.eq(lti_placements::exam_id)))
            .select(lti_learners::student_session_id)
    }};
}
