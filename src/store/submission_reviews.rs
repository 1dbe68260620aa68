//! What the reviews of results are made from.

use crate::domain::access::Scope;
use crate::domain::id::ResultId;
use crate::domain::submission_review::{ReviewFacts, ReviewLeave};
use crate::domain::{Error, Result};
use crate::store::launches::{self, Found};
use crate::store::{Tx, line_item_scores, results, users};

/// What the review of a result is made from.
pub fn find(tx: &mut Tx<'_>, scope: Scope, id: ResultId) -> Result<ReviewFacts> {
    let (result, ..) = results::get(tx, scope, id)?;
    let (session, link) = (result.student_session_id, result.lti_resource_id);
    let found = launches::find_again(tx, session, link)?.ok_or_else(|| Error::not_found("result", id))?;
    let Found { facts, registration, .. } = found;
    Ok(ReviewFacts { launch: facts, registration, progress: line_item_scores::progress(tx, session, link)? })
}

/// The same for whom leave was given; `None` where the result is gone, or the user may no longer grade it.
pub fn find_again(tx: &mut Tx<'_>, leave: &ReviewLeave) -> Result<Option<ReviewFacts>> {
    let Some(user) = users::find_grader(tx, leave.user)? else { return Ok(None) };
    match find(tx, user.scope(), leave.result) {
        Ok(facts) => Ok(Some(facts)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}
