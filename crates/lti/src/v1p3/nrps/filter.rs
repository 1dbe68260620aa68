//! What is asked for in the query (NRPS 2.0, role, limit and resource link query parameters).

use crate::v1::roles::Role;
use crate::v1p3::query::Query;
use crate::v1p3::service_error::Result;

/// Which members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MembershipFilter {
    /// `role`: those who have it.
    pub role: Option<RoleFilter>,
    /// `limit`: how many to a page at most.
    pub limit: Option<u32>,
    /// `rlid`: those who may open this link, each with what the link would say of them. It must be a link of the tool
    /// that asks, in this context: otherwise the request is refused.
    pub resource_link_id: Option<String>,
}

/// A role, by its URI or by its short name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleFilter {
    /// Members with this role, or with a narrower one of it.
    Of(Role),
    /// Nobody: the vocabulary has no such role.
    Nobody,
}

impl RoleFilter {
    /// Whether somebody with these roles is meant.
    pub fn takes(self, roles: &[Role]) -> bool {
        match self {
            Self::Of(wanted) => roles.iter().any(|role| role.is_a(wanted)),
            Self::Nobody => false,
        }
    }
}

impl MembershipFilter {
    /// Reads the decoded pairs of a query.
    ///
    /// Fails with [`ServiceError::Repeated`](crate::v1p3::ServiceError::Repeated), `TooLong` and `Limit`.
    pub fn parse(query: &[(String, String)]) -> Result<Self> {
        let query = Query(query);
        let role = |name: String| Role::parse(&name).map_or(RoleFilter::Nobody, RoleFilter::Of);
        Ok(Self { role: query.text("role")?.map(role), limit: query.limit()?, resource_link_id: query.text("rlid")? })
    }
}
