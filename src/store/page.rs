//! One page of a list.

/// Which page of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// From 1.
    pub number: i64,
    /// Rows on a page.
    pub limit: i64,
}

impl PageRequest {
    /// How many rows come before the page.
    pub const fn offset(self) -> i64 {
        self.number.saturating_sub(1).saturating_mul(self.limit)
    }
}

/// One page of a list, and how long the whole list is.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows of this page.
    pub rows: Vec<T>,
    /// Rows in the whole list.
    pub total: i64,
    /// What was asked for.
    pub request: PageRequest,
}

impl<T> Page<T> {
    /// The same page with each row turned into something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { rows: self.rows.into_iter().map(f).collect(), total: self.total, request: self.request }
    }

    /// The same page with each row turned into something else, unless one cannot be.
    pub fn try_map<U, E>(self, f: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        let rows = self.rows.into_iter().map(f).collect::<Result<_, E>>()?;
        Ok(Page { rows, total: self.total, request: self.request })
    }
}
