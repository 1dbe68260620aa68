//! Visits: links that launches from an LMS gave out. Each opens one student session for some hours.

use diesel::prelude::*;

use crate::domain::Result;
use crate::domain::id::{LtiLearnerId, StudentSessionId};
use crate::domain::lti_consumer::Origins;
use crate::domain::lti_learner::VISIT;
use crate::domain::secret::{Secret, TokenHash};
use crate::domain::time::Timestamp;
use crate::schema::{lti_consumers, lti_learners, lti_visits};
use crate::store::Tx;

/// Begins a visit of a learner, and forgets those that are over.
pub fn insert(tx: &mut Tx<'_>, learner: LtiLearnerId, token: &Secret, now: Timestamp) -> Result<()> {
    let over = lti_visits::table.filter(lti_visits::lti_learner_id.eq(learner)).filter(lti_visits::expires_at.le(now));
    on!(tx, |c| diesel::delete(over).execute(c))?;
    let row = (
        lti_visits::token_hash.eq(TokenHash::of(token).to_hex()),
        lti_visits::lti_learner_id.eq(learner),
        lti_visits::expires_at.eq(now + VISIT),
        lti_visits::created_at.eq(now),
    );
    on!(tx, |c| diesel::insert_into(lti_visits::table).values(row).execute(c)).map(|_| ())
}

/// The origins whose pages may show a student's pages in a frame: those of the LMSs that the student came from.
pub fn frame_origins(tx: &mut Tx<'_>, session: StudentSessionId) -> Result<Vec<String>> {
    let origins: Vec<Origins> = on!(tx, |c| lti_learners::table
        .inner_join(lti_consumers::table)
        .filter(lti_learners::student_session_id.eq(session))
        .filter(lti_consumers::disabled.eq(false))
        .select(lti_consumers::frame_origins)
        .load(c))?;
    let mut origins: Vec<String> = origins.into_iter().flat_map(Origins::texts).collect();
    origins.sort();
    origins.dedup();
    Ok(origins)
}
