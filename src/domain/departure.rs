//! Who was taken out of an exam, for tools that ask what has changed since they last asked (NRPS 2.0, membership
//! differences).

use diesel::prelude::*;

use crate::domain::id::ExamId;
use crate::domain::time::{Span, Timestamp};
use crate::schema::departures;

/// How long a departure is kept, and how far back a tool may ask.
pub const KEPT: Span = Span::hours(24 * 30);

/// Somebody who was taken out of an exam.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = departures)]
pub struct Departure {
    /// What tools know the person by.
    pub member_id: String,
    /// Whether it was one of those who made the exam, and not a student.
    pub taught: bool,
}

/// Somebody who is being taken out of an exam.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = departures, treat_none_as_default_value = false)]
pub struct NewDeparture {
    /// The exam.
    pub exam_id: ExamId,
    /// What tools know the person by.
    pub member_id: String,
    /// Whether it was one of those who made the exam, and not a student.
    pub taught: bool,
    /// Now.
    pub departed_at: Timestamp,
}
