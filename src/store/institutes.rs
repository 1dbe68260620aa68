//! Institutes.

use diesel::prelude::*;

use crate::domain::access::Scope;
use crate::domain::id::InstituteId;
use crate::domain::institute::{Institute, NewInstitute};
use crate::domain::{Error, FieldError, Result};
use crate::schema::{exams, institutes, launches};
use crate::store::exams::Kept;
use crate::store::listing::Columns;
use crate::store::tx::OrTaken;
use crate::store::{Listing, Page, PageRequest, Tx};

/// One institute. `only` is the caller's own, outside which there is nothing to find.
pub fn get(tx: &mut Tx<'_>, only: Option<InstituteId>, id: InstituteId) -> Result<Institute> {
    let found = if only.is_some_and(|own| own != id) { None } else { find(tx, id)? };
    found.ok_or_else(|| Error::not_found("institute", id))
}

/// One institute, for those who work across institutes.
pub fn find(tx: &mut Tx<'_>, id: InstituteId) -> Result<Option<Institute>> {
    on!(tx, |c| institutes::table.find(id).select(Institute::as_select()).first(c).optional())
}

/// The institute that a new row belongs to: the caller's own, or the one that somebody without one names.
pub fn for_new(tx: &mut Tx<'_>, scope: Scope, given: Option<InstituteId>) -> Result<InstituteId> {
    match (scope.institute, given) {
        (Some(own), None) => Ok(own),
        (Some(own), Some(given)) if given == own => Ok(own),
        (Some(_), Some(_)) => {
            Err(Error::invalid("institute_id", "is not your institute; only a superuser names another"))
        }
        (None, None) => Err(Error::Invalid(vec![FieldError::missing("institute_id")])),
        (None, Some(given)) => match find(tx, given)? {
            Some(institute) => Ok(institute.id),
            None => Err(Error::invalid("institute_id", "is not an institute")),
        },
    }
}

/// What the list of institutes is filtered and sorted by.
pub const COLUMNS: Columns = columns!(institutes:
    id Number sorted, name Text sorted, short_name Text, default_language Text, global_proctor Bool,
    global_reviewer Bool, created_at Time, updated_at Time,
);

/// One page of all institutes that `listing` asks for, oldest first unless it says otherwise.
pub fn page(tx: &mut Tx<'_>, listing: &Listing, request: PageRequest) -> Result<Page<Institute>> {
    page_of!(
        tx, (listing, request), |query| query.into_boxed(),
        count: institutes::table.count(), rows: institutes::table.select(Institute::as_select()), by: institutes::id
    )
}

/// Creates an institute; its name is unique.
pub fn insert(tx: &mut Tx<'_>, new: &NewInstitute) -> Result<Institute> {
    on!(tx, |c| diesel::insert_into(institutes::table).values(new).returning(Institute::as_returning()).get_result(c))
        .or_taken("name")
}

/// Locks an institute, changes it and writes it back.
pub fn update(
    tx: &mut Tx<'_>,
    only: Option<InstituteId>,
    id: InstituteId,
    change: impl FnOnce(&mut Institute) -> Result<()>,
) -> Result<Institute> {
    lock_row!(tx, institutes, id)?;
    let mut institute = get(tx, only, id)?;
    change(&mut institute)?;
    on!(tx, |c| diesel::update(institutes::table.find(id)).set(&institute).execute(c)).or_taken("name")?;
    Ok(institute)
}

/// Deletes an institute with its users, platforms and put-away exams. One that still has exams is kept.
pub fn remove(tx: &mut Tx<'_>, id: InstituteId) -> Result<()> {
    lock_row!(tx, institutes, id)?;
    let institute = get(tx, None, id)?;
    let live = exams::table.filter(exams::institute_id.eq(id)).filter(Kept).count();
    let live: i64 = on!(tx, |c| live.get_result(c))?;
    if live > 0 {
        return Err(Error::Conflict(format!("{} still has {live} exams; delete them first", institute.name)));
    }
    on!(tx, |c| diesel::delete(exams::table.filter(exams::institute_id.eq(id))).execute(c))?;
    // Messages from learning platforms and to authors are about no student, whose row would take them along.
    on!(tx, |c| diesel::delete(launches::table.filter(launches::institute_id.eq(id))).execute(c))?;
    on!(tx, |c| diesel::delete(institutes::table.find(id)).execute(c))?;
    tx.callers_changed = true;
    Ok(())
}
