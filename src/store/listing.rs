//! Which rows of a list a caller asks for, and in which order: `filter` and `sort` of the API.
//!
//! Each resource names its [`Columns`] in one table; nothing else can be asked for. A [`Condition`] and an [`Order`] are
//! expressions of diesel: column names come from the schema, values are bound, and one text runs on both databases.

mod read;
mod sql;

use std::collections::BTreeSet;

pub use sql::{Condition, Order};

/// How the values of a column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Number,
    /// A text.
    Text,
    /// `true` or `false`.
    Bool,
    /// ISO 8601, or seconds since 1970.
    Time,
}

/// A column that a list may be filtered by.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name, on the wire and in the database.
    pub name: &'static str,
    /// How its values are read.
    pub kind: Kind,
    /// Whether it may be empty.
    pub nullable: bool,
    /// Whether the list may be sorted by it, for which it has an index.
    pub sorted: bool,
}

/// The columns of a list.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    /// The table.
    pub table: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
}

/// What a caller asked for; by default every row, by id.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// All of them hold.
    pub conditions: Vec<Condition>,
    /// The order, where one was asked for.
    pub order: Option<Order>,
}

impl Listing {
    /// The same rows in the same order, of a table with an index that holds every column of its lists after those that
    /// rows are found by: a list that asks for several columns is found there, and sorted. By itself a database would take
    /// the index of one column and look for the others in the rows: SQLite because it does not know how many there are,
    /// PostgreSQL for the first few pages.
    #[must_use]
    pub fn covered(&self) -> Self {
        let asked = self.conditions.iter().map(|condition| condition.column);
        let columns: BTreeSet<_> = asked.chain(self.order.iter().flat_map(Order::columns)).collect();
        let by_index = self.conditions.is_empty() || columns.len() == 1;
        Self {
            conditions: self.conditions.iter().cloned().map(|condition| Condition { by_index, ..condition }).collect(),
            order: self.order.clone().map(|order| Order { by_index, ..order }),
        }
    }
}

/// Declares the columns of a list: `columns!(exams: id Number sorted, name Text sorted, web_cam Bool)`.
macro_rules! columns {
    ($table:ident: $($column:ident $kind:ident $($sorted:ident)?),+ $(,)?) => {{
        use $crate::store::listing::{Column, Columns, Kind};
        use diesel::expression::Expression;
        use diesel::sql_types::SqlType;
        Columns {
            table: stringify!($table),
            columns: &[$(Column {
                name: <$crate::schema::$table::$column as diesel::Column>::NAME,
                kind: Kind::$kind,
                nullable: $crate::store::listing::is_nullable::<
                    <<$crate::schema::$table::$column as Expression>::SqlType as SqlType>::IsNull,
                >(),
                sorted: !stringify!($($sorted)?).is_empty(),
            }),+],
        }
    }};
}

/// Whether a column's type says that it may be empty.
pub const fn is_nullable<N: Nullness>() -> bool {
    N::NULLABLE
}

/// Diesel's two answers to whether a column may be empty.
pub trait Nullness {
    /// The answer.
    const NULLABLE: bool;
}

impl Nullness for diesel::sql_types::is_nullable::IsNullable {
    const NULLABLE: bool = true;
}

impl Nullness for diesel::sql_types::is_nullable::NotNull {
    const NULLABLE: bool = false;
}

/// Narrows a boxed query by the conditions of a [`Listing`].
macro_rules! narrowed {
    ($query:expr, $listing:expr) => {{
        let mut query = $query;
        for condition in &$listing.conditions {
            query = query.filter(condition.clone());
        }
        query
    }};
}

/// The page of a list that is asked for, and how long the list is. Both come of one narrowing, given how to begin:
/// `page_of!(tx, (listing, request), |query| within!(query, …), count: users::table.count(), rows: users::table.select(…),
/// by: users::id)`.
macro_rules! page_of {
    (
        $tx:expr, ($listing:expr, $request:expr), |$query:ident| $narrow:expr,
        count: $count:expr, rows: $rows:expr, by: $id:expr $(,)?
    ) => {{
        let total = on!($tx, |c| {
            let $query = $count;
            narrowed!($narrow, $listing).get_result(c)
        })?;
        let rows = on!($tx, |c| {
            let $query = $rows;
            let page = ordered!(narrowed!($narrow, $listing), $listing, $id);
            page.limit($request.limit).offset($request.offset()).load(c)
        })?;
        Ok($crate::store::Page { rows, total, request: $request })
    }};
}

/// Puts a boxed query in the order of a [`Listing`], or in that of `$id`.
macro_rules! ordered {
    ($query:expr, $listing:expr, $id:expr) => {{
        let query = $query;
        match &$listing.order {
            Some(order) => query.order(order.clone()),
            None => query.order($id),
        }
    }};
}
