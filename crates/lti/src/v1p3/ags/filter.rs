//! What is asked for in the query of a container (AGS 2.0, line item service and result service).

use crate::v1p3::query::Query;
use crate::v1p3::service_error::Result;

/// Which line items: all conditions hold at once. What fits none is an empty list, no error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineItemFilter {
    /// `resource_link_id`
    pub resource_link_id: Option<String>,
    /// `resource_id`
    pub resource_id: Option<String>,
    /// `tag`
    pub tag: Option<String>,
    /// `limit`: how many to a page at most.
    pub limit: Option<u32>,
}

impl LineItemFilter {
    /// Reads the decoded pairs of a query.
    ///
    /// Fails with [`ServiceError::Repeated`](crate::v1p3::ServiceError::Repeated), `TooLong` and `Limit`.
    pub fn parse(query: &[(String, String)]) -> Result<Self> {
        let query = Query(query);
        Ok(Self {
            resource_link_id: query.text("resource_link_id")?,
            resource_id: query.text("resource_id")?,
            tag: query.text("tag")?,
            limit: query.limit()?,
        })
    }
}

/// Which results.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultFilter {
    /// `user_id`: of this person; there is one at most.
    pub user_id: Option<String>,
    /// `limit`: how many to a page at most.
    pub limit: Option<u32>,
}

impl ResultFilter {
    /// Reads the decoded pairs of a query. Fails as [`LineItemFilter::parse`] does.
    pub fn parse(query: &[(String, String)]) -> Result<Self> {
        let query = Query(query);
        Ok(Self { user_id: query.text("user_id")?, limit: query.limit()? })
    }
}
