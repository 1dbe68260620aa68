//! Placements: the places of an LMS that launch here.

use diesel::dsl::exists;
use diesel::prelude::*;

use crate::domain::Result;
use crate::domain::arrival::{NamedExam, NoEntry};
use crate::domain::exam::Exam;
use crate::domain::id::{ExamId, LtiConsumerId, LtiPlacementId};
use crate::domain::lti_consumer::LtiConsumer;
use crate::domain::lti_placement::{LtiPlacement, NewLtiPlacement, Place};
use crate::domain::text::WebUrl;
use crate::domain::time::Timestamp;
use crate::schema::{lti_consumers, lti_placements};
use crate::store::{Tx, exams};

/// A placement with its LMS, where that is not shut out.
pub fn open(tx: &mut Tx<'_>, id: LtiPlacementId) -> Result<Option<(LtiPlacement, LtiConsumer)>> {
    on!(tx, |c| lti_placements::table
        .inner_join(lti_consumers::table)
        .filter(lti_placements::id.eq(id))
        .filter(lti_consumers::disabled.eq(false))
        .select((LtiPlacement::as_select(), LtiConsumer::as_select()))
        .first(c)
        .optional())
}

/// Whether an LMS has a link with this id that leads to the exam.
pub fn has_link(tx: &mut Tx<'_>, exam: ExamId, link: &str) -> Result<bool> {
    let links = lti_placements::table
        .filter(lti_placements::exam_id.eq(exam))
        .filter(lti_placements::resource_link_id.eq(link));
    on!(tx, |c| diesel::select(exists(links)).get_result(c))
}

/// The exam that a launch leads to: the one that the LMS names, or the only one that it reaches, or the one that was
/// chosen for the place; none where none is known. An LMS reaches exams of its institute that are not put away.
pub fn exam_of(
    tx: &mut Tx<'_>,
    consumer: &LtiConsumer,
    named: Option<&NamedExam>,
    place: &Place,
) -> Result<Result<Option<Exam>, NoEntry>> {
    let institute = consumer.institute_id;
    let only = consumer.settings.exam_id;
    let found = match (named, only) {
        (Some(NamedExam::Id(id)), _) => exams::of_institute(tx, institute, *id)?,
        (Some(NamedExam::Token(token)), _) => exams::by_token(tx, institute, token)?,
        (None, Some(only)) => exams::of_institute(tx, institute, only)?,
        (None, None) => match find(tx, consumer.id, place)?.and_then(|placement| placement.exam_id) {
            Some(chosen) => return exams::of_institute(tx, institute, chosen).map(Ok),
            None => return Ok(Ok(None)),
        },
    };
    let reached = found.filter(|exam| only.is_none_or(|only| only == exam.id));
    Ok(reached.map(Some).ok_or(NoEntry::Exam))
}

/// Notes a place as the latest launch describes it, with its exam. A new exam that nobody chose here is the LMS's.
pub fn note(
    tx: &mut Tx<'_>,
    consumer: LtiConsumerId,
    place: &Place,
    exam: Option<ExamId>,
    now: Timestamp,
) -> Result<LtiPlacement> {
    let Some(known) = find(tx, consumer, place)? else {
        let new = NewLtiPlacement {
            lti_consumer_id: consumer,
            place: place.clone(),
            exam_id: exam,
            chosen: false,
            created_at: now,
            updated_at: now,
        };
        return on!(tx, |c| diesel::insert_into(lti_placements::table)
            .values(new)
            .returning(LtiPlacement::as_returning())
            .get_result(c));
    };
    let chosen = known.chosen && known.exam_id == exam;
    let noted = LtiPlacement { place: place.clone(), exam_id: exam, chosen, ..known.clone() };
    if noted != known {
        write(tx, &noted, now)?;
    }
    Ok(noted)
}

/// Notes where the LMS lists the members of the course, as the latest launch of somebody says who looks after it: the
/// launches of learners may keep it back.
pub fn note_memberships(
    tx: &mut Tx<'_>,
    placement: LtiPlacement,
    url: Option<WebUrl>,
    now: Timestamp,
) -> Result<LtiPlacement> {
    if placement.context_memberships_url == url {
        return Ok(placement);
    }
    let noted = LtiPlacement { context_memberships_url: url, ..placement };
    write(tx, &noted, now)?;
    Ok(noted)
}

/// Binds a placement to the exam that somebody chose for it.
pub fn choose(tx: &mut Tx<'_>, placement: LtiPlacement, exam: ExamId, now: Timestamp) -> Result<LtiPlacement> {
    let chosen = LtiPlacement { exam_id: Some(exam), chosen: true, ..placement };
    write(tx, &chosen, now)?;
    Ok(chosen)
}

fn find(tx: &mut Tx<'_>, consumer: LtiConsumerId, place: &Place) -> Result<Option<LtiPlacement>> {
    on!(tx, |c| lti_placements::table
        .filter(lti_placements::lti_consumer_id.eq(consumer))
        .filter(lti_placements::context_id.eq(&place.context_id))
        .filter(lti_placements::resource_link_id.eq(&place.resource_link_id))
        .select(LtiPlacement::as_select())
        .first(c)
        .optional())
}

fn write(tx: &mut Tx<'_>, placement: &LtiPlacement, now: Timestamp) -> Result<()> {
    let values = (
        lti_placements::context_title.eq(&placement.place.context_title),
        lti_placements::resource_link_title.eq(&placement.place.resource_link_title),
        lti_placements::exam_id.eq(placement.exam_id),
        lti_placements::chosen.eq(placement.chosen),
        lti_placements::context_memberships_url.eq(&placement.context_memberships_url),
        lti_placements::updated_at.eq(now),
    );
    on!(tx, |c| diesel::update(lti_placements::table.find(placement.id)).set(values).execute(c)).map(|_| ())
}
