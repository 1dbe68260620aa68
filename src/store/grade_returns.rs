//! Grade returns: where the result of a session goes, and what became of it.

use diesel::prelude::*;

use crate::domain::Result;
use crate::domain::grade_return::{GradeAddress, GradeReturn, NewGradeReturn};
use crate::domain::id::LtiLearnerId;
use crate::domain::lti_learner::LtiLearner;
use crate::domain::student_session::StudentSession;
use crate::domain::time::Timestamp;
use crate::schema::grade_returns;
use crate::store::Tx;

/// Notes where the result of a learner's session goes, as the latest launch says. Without an address none is wanted any
/// more.
pub fn note_address(
    tx: &mut Tx<'_>,
    learner: &LtiLearner,
    session: &StudentSession,
    address: Option<&GradeAddress>,
    now: Timestamp,
) -> Result<()> {
    let known = of_learner(tx, learner.id)?;
    let Some(address) = address else {
        let own = grade_returns::table.filter(grade_returns::lti_learner_id.eq(learner.id));
        return on!(tx, |c| diesel::delete(own).execute(c)).map(|_| ());
    };
    match known {
        Some(known) if known.student_session_id == session.id && known.goes_to(address) => Ok(()),
        Some(known) => write(tx, &known.redirected(session, address, now)),
        None => {
            let new = NewGradeReturn::to(learner, session, address, now);
            on!(tx, |c| diesel::insert_into(grade_returns::table).values(new).execute(c)).map(|_| ())
        }
    }
}

fn of_learner(tx: &mut Tx<'_>, learner: LtiLearnerId) -> Result<Option<GradeReturn>> {
    on!(tx, |c| grade_returns::table
        .filter(grade_returns::lti_learner_id.eq(learner))
        .select(GradeReturn::as_select())
        .first(c)
        .optional())
}

fn write(tx: &mut Tx<'_>, grade: &GradeReturn) -> Result<()> {
    on!(tx, |c| diesel::update(grade_returns::table.find(grade.id)).set(grade).execute(c)).map(|_| ())
}
