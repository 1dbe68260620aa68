//! Conditions and orders as diesel sees them.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Bool, HasSqlType, Text};
use diesel::sqlite::Sqlite;

use crate::store::listing::Kind;

/// A value of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number, or a time in microseconds.
    Number(i64),
    /// A text.
    Text(String),
    /// `true` or `false`.
    Bool(bool),
}

/// What a column is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Compared by this SQL operator.
    Compared(&'static str, Value),
    /// Like a pattern in which `%` stands for any text and `_` for any character, whatever the case of A to Z.
    Like(String),
    /// One of these.
    In(Vec<Value>),
    /// Empty, or not.
    Empty(bool),
}

/// A condition on one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The table, from [`Columns`](super::Columns).
    pub table: &'static str,
    /// The column, from [`Columns`](super::Columns).
    pub column: &'static str,
    /// What it is asked.
    pub test: Test,
    /// Whether SQLite may find rows by an index of the column.
    pub by_index: bool,
}

/// An order by columns of one table, and by id where they are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The table.
    pub table: &'static str,
    /// The columns, the first one first.
    pub terms: Vec<Term>,
    /// Whether rows may be found by an index with this order.
    pub by_index: bool,
}

/// One column of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// The column.
    pub column: &'static str,
    /// Of what kind it is.
    pub kind: Kind,
    /// Whether it may be empty; then rows without a value come before all others, and last when it descends.
    pub nullable: bool,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// What both databases must be able to bind.
trait Binds: Backend + HasSqlType<Bool> {}
impl Binds for Pg {}
impl Binds for Sqlite {}

/// What keeps SQLite from finding rows by a column. The id is worth finding them by in any index.
fn sign(column: &str, by_index: bool) -> &'static str {
    if by_index || column == "id" { "" } else { "+" }
}

/// What keeps PostgreSQL from finding rows in the order of a column: it would look for what a filter asks in the rows
/// themselves, of which each may be on another page of a large table.
fn hidden(term: &Term) -> &'static str {
    match term.kind {
        Kind::Number | Kind::Time if term.column != "id" => "+",
        Kind::Text => "''||",
        Kind::Number | Kind::Time | Kind::Bool => "",
    }
}

fn write_column<DB: Backend>(out: &mut AstPass<'_, '_, DB>, sign: &str, table: &str, column: &str) -> QueryResult<()> {
    out.push_sql(sign);
    out.push_identifier(table)?;
    out.push_sql(".");
    out.push_identifier(column)
}

fn bind<'b, DB>(out: &mut AstPass<'_, 'b, DB>, value: &'b Value) -> QueryResult<()>
where
    DB: Binds,
    i64: ToSql<BigInt, DB>,
    String: ToSql<Text, DB>,
    bool: ToSql<Bool, DB>,
{
    match value {
        Value::Number(number) => out.push_bind_param::<BigInt, _>(number),
        Value::Text(text) => out.push_bind_param::<Text, _>(text),
        Value::Bool(flag) => out.push_bind_param::<Bool, _>(flag),
    }
}

impl Condition {
    /// `like` is how the database compares with a pattern, whatever the case, without a character that escapes; `sign`
    /// stands before the column.
    fn write<'b, DB>(&'b self, mut out: AstPass<'_, 'b, DB>, like: (&str, &str), sign: &str) -> QueryResult<()>
    where
        DB: Binds,
        i64: ToSql<BigInt, DB>,
        String: ToSql<Text, DB>,
        bool: ToSql<Bool, DB>,
    {
        // There are more combinations than a connection should remember.
        out.unsafe_to_cache_prepared();
        write_column(&mut out, sign, self.table, self.column)?;
        match &self.test {
            Test::Compared(operator, value) => {
                out.push_sql(operator);
                bind(&mut out, value)
            }
            Test::Like(pattern) => {
                out.push_sql(like.0);
                out.push_bind_param::<Text, _>(pattern)?;
                out.push_sql(like.1);
                Ok(())
            }
            Test::In(values) => {
                out.push_sql(" IN (");
                for (place, value) in values.iter().enumerate() {
                    out.push_sql(if place == 0 { "" } else { ", " });
                    bind(&mut out, value)?;
                }
                out.push_sql(")");
                Ok(())
            }
            Test::Empty(empty) => {
                out.push_sql(if *empty { " IS NULL" } else { " IS NOT NULL" });
                Ok(())
            }
        }
    }
}

impl QueryFragment<Pg> for Condition {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.write(out, (" ILIKE ", " ESCAPE ''"), "")
    }
}

impl QueryFragment<Sqlite> for Condition {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.write(out, (" LIKE ", ""), sign(self.column, self.by_index))
    }
}

impl Order {
    /// The columns, by name.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.terms.iter().map(|term| term.column)
    }

    /// `sign` says what stands before a column.
    fn write<DB: Backend>(
        &self,
        mut out: AstPass<'_, '_, DB>,
        sign: impl Fn(&Term) -> &'static str,
    ) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        for term in &self.terms {
            write_column(&mut out, sign(term), self.table, term.column)?;
            // PostgreSQL has empty values last otherwise, SQLite first.
            out.push_sql(match (term.descending, term.nullable) {
                (true, true) => " DESC NULLS LAST, ",
                (true, false) => " DESC, ",
                (false, true) => " ASC NULLS FIRST, ",
                (false, false) => " ASC, ",
            });
        }
        write_column(&mut out, "", self.table, "id")?;
        // In the direction of the columns, so that one index gives the whole order, read forwards or backwards.
        out.push_sql(if self.terms.last().is_some_and(|term| term.descending) { " DESC" } else { " ASC" });
        Ok(())
    }
}

impl QueryFragment<Pg> for Order {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.write(out, |term| if self.by_index { "" } else { hidden(term) })
    }
}

impl QueryFragment<Sqlite> for Order {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.write(out, |term| sign(term.column, self.by_index))
    }
}

/// What diesel asks of an expression that may stand in any query.
macro_rules! expression {
    ($type:ty) => {
        impl Expression for $type {
            type SqlType = Bool;
        }

        impl QueryId for $type {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }

        impl<GB> ValidGrouping<GB> for $type {
            type IsAggregate = is_aggregate::No;
        }

        impl<QS> SelectableExpression<QS> for $type {}
        impl<QS> AppearsOnTable<QS> for $type {}
    };
}

expression!(Condition);
expression!(Order);
