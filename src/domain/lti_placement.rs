//! Placements: the places of an LMS that launch here, each bound to an exam once one is known.

use diesel::prelude::*;

use crate::domain::id::{ExamId, LtiConsumerId, LtiPlacementId};
use crate::domain::text::{Label, WebUrl};
use crate::domain::time::Timestamp;
use crate::schema::lti_placements;

/// A link in a course of an LMS.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable)]
#[diesel(table_name = lti_placements)]
pub struct LtiPlacement {
    /// Its number.
    pub id: LtiPlacementId,
    /// The LMS.
    pub lti_consumer_id: LtiConsumerId,
    /// Where it stands.
    #[diesel(embed)]
    pub place: Place,
    /// Its exam.
    pub exam_id: Option<ExamId>,
    /// Whether somebody chose the exam here; otherwise the LMS names it.
    pub chosen: bool,
    /// Where the LMS lists the members of the course (NRPS 2.0), where it does.
    pub context_memberships_url: Option<WebUrl>,
}

/// Where a link stands, as the LMS says it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = lti_placements, treat_none_as_default_value = false)]
pub struct Place {
    /// The course; empty where the LMS tells none.
    pub context_id: Label,
    /// The link.
    pub resource_link_id: Label,
    /// The course's name; may be empty.
    pub context_title: Label,
    /// The link's name; may be empty.
    pub resource_link_title: Label,
}

/// A placement that is about to be created.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = lti_placements, treat_none_as_default_value = false)]
pub struct NewLtiPlacement {
    /// The LMS.
    pub lti_consumer_id: LtiConsumerId,
    /// Where it stands.
    #[diesel(embed)]
    pub place: Place,
    /// Its exam.
    pub exam_id: Option<ExamId>,
    /// `false`
    pub chosen: bool,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub updated_at: Timestamp,
}
