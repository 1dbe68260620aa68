//! What tools keep here.

use diesel::prelude::*;

use crate::domain::id::{ExamId, LtiResourceId};
use crate::domain::lti_urls::SettingsPlace;
use crate::domain::time::Timestamp;
use crate::domain::tool_settings::Stored;
use crate::domain::{Error, Result};
use crate::schema::{lti_resources, tool_providers, tool_settings};
use crate::store::Tx;

/// The values of a place and of those around it, the innermost first. Fails with [`Error::NotFound`] where the tool
/// provider has no link in the exam, or no such link.
pub fn levels(tx: &mut Tx<'_>, place: SettingsPlace) -> Result<Vec<(SettingsPlace, Stored)>> {
    let tool = place.tool();
    let mut places = vec![place];
    let exam = exam_of(tx, place)?;
    if let (SettingsPlace::Link(..), Some(exam)) = (place, exam) {
        places.push(SettingsPlace::Exam(tool, exam));
    }
    if exam.is_some() {
        places.push(SettingsPlace::Tool(tool));
    }
    places.into_iter().map(|place| Ok((place, find(tx, place)?))).collect()
}

/// Replaces the values of a place, if `check` lets what is there now be replaced.
pub fn replace(
    tx: &mut Tx<'_>,
    place: SettingsPlace,
    values: &Stored,
    now: Timestamp,
    check: impl FnOnce(&(SettingsPlace, Stored)) -> Result<()>,
) -> Result<()> {
    // The row may not be there yet, so the tool provider's keeps two changes apart.
    lock_row!(tx, tool_providers, place.tool())?;
    exam_of(tx, place)?;
    check(&(place, find(tx, place)?))?;
    let (exam, resource) = within_tool(place);
    let content = (tool_settings::custom.eq(values), tool_settings::updated_at.eq(now));
    let row = (
        tool_settings::place.eq(place.name()),
        tool_settings::tool_provider_id.eq(place.tool()),
        tool_settings::exam_id.eq(exam),
        tool_settings::lti_resource_id.eq(resource),
        content,
    );
    on!(tx, |c| diesel::insert_into(tool_settings::table)
        .values(row)
        .on_conflict(tool_settings::place)
        .do_update()
        .set(content)
        .execute(c))
    .map(|_| ())
}

fn find(tx: &mut Tx<'_>, place: SettingsPlace) -> Result<Stored> {
    let row = tool_settings::table.filter(tool_settings::place.eq(place.name())).select(tool_settings::custom);
    let found: Option<Stored> = on!(tx, |c| row.first(c).optional())?;
    Ok(found.unwrap_or_default())
}

/// The exam that a place belongs to, where the tool provider has such a place; its own place belongs to none.
fn exam_of(tx: &mut Tx<'_>, place: SettingsPlace) -> Result<Option<ExamId>> {
    if matches!(place, SettingsPlace::Tool(_)) {
        return Ok(None);
    }
    let (exam, resource) = within_tool(place);
    let found: Option<ExamId> = on!(tx, |c| {
        within!(
        lti_resources::table.select(lti_resources::exam_id).filter(lti_resources::tool_provider_id.eq(place.tool())),
        lti_resources::exam_id => exam,
        lti_resources::id => resource
    )
    .first(c)
    .optional()
    })?;
    found.map(Some).ok_or_else(|| Error::not_found("tool settings", place.name()))
}

/// What a place is within its tool provider: an exam, a resource, or neither.
const fn within_tool(place: SettingsPlace) -> (Option<ExamId>, Option<LtiResourceId>) {
    match place {
        SettingsPlace::Tool(_) => (None, None),
        SettingsPlace::Exam(_, exam) => (Some(exam), None),
        SettingsPlace::Link(_, resource) => (None, Some(resource)),
    }
}
