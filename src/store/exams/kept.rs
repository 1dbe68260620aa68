//! Which exams are not put away.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Bool;

use crate::domain::exam::ExamStatus;

/// Whether an exam is not put away. The status stands in the text of the query: where all exams have one status,
/// PostgreSQL takes "another than" a bound value for rare, and sorts an institute's exams to show a page of them.
#[derive(Clone, Copy, Debug, QueryId)]
pub struct Kept;

impl Expression for Kept {
    type SqlType = Bool;
}

impl<DB: Backend> QueryFragment<DB> for Kept {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("exams.status <> '");
        out.push_sql(ExamStatus::Deleted.as_str());
        out.push_sql("'");
        Ok(())
    }
}

impl<Grouping> ValidGrouping<Grouping> for Kept {
    type IsAggregate = is_aggregate::No;
}

impl<Source> SelectableExpression<Source> for Kept {}
impl<Source> AppearsOnTable<Source> for Kept {}
