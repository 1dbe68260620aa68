//! Line items: those that links have by themselves, and those that tools made. A tool sees what is within its reach, in
//! exams that hold a link of it which is.

use diesel::prelude::*;

use crate::domain::exam::{Exam, ExamStatus};
use crate::domain::id::{ExamId, LineItemId, LtiResourceId, ToolDeploymentId};
use crate::domain::line_item::{Item, ItemContent, ItemName, LineItem, NewLineItem};
use crate::domain::lti_resource::LtiResource;
use crate::domain::time::Timestamp;
use crate::domain::tool_deployment::Reach;
use crate::domain::{Error, Result};
use crate::schema::{exams, line_items, lti_resources};
use crate::store::Tx;

/// Line items that one tool may make in one exam.
const MOST: i64 = 1_000;

/// An exam that a tool has a link in.
pub fn exam_within(tx: &mut Tx<'_>, id: ExamId, reach: Reach) -> Result<Exam> {
    let placed = lti_resources::table
        .filter(lti_resources::exam_id.eq(id))
        .filter(lti_resources::tool_provider_id.eq(reach.tool));
    let found: Option<Exam> = on!(tx, |c| exams::table
        .filter(exams::id.eq(id))
        .filter(exams::id.eq_any(placed.select(lti_resources::exam_id)))
        .filter(exams::status.ne(ExamStatus::Deleted))
        .select(Exam::as_select())
        .first(c)
        .optional())?;
    let is_within = reach.deployment().is_none() || {
        let deployments = placed.select(lti_resources::tool_deployment_id).distinct();
        let deployments: Vec<Option<ToolDeploymentId>> = on!(tx, |c| deployments.load(c))?;
        deployments.into_iter().any(|deployment| reach.covers(deployment))
    };
    found.filter(|_| is_within).ok_or_else(|| Error::not_found("exam", id))
}

/// Every line item of a tool in an exam: first those of its links, then those that it made, each in the order that they
/// came in.
pub fn within(tx: &mut Tx<'_>, exam: ExamId, reach: Reach) -> Result<Vec<Item>> {
    exam_within(tx, exam, reach)?;
    let links: Vec<LtiResource> = on!(tx, |c| lti_resources::table
        .filter(lti_resources::exam_id.eq(exam))
        .filter(lti_resources::tool_provider_id.eq(reach.tool))
        .order(lti_resources::id)
        .select(LtiResource::as_select())
        .load(c))?;
    let own: Vec<LineItem> = on!(tx, |c| line_items::table
        .filter(line_items::exam_id.eq(exam))
        .filter(line_items::tool_provider_id.eq(reach.tool))
        .order(line_items::id)
        .select(LineItem::as_select())
        .load(c))?;
    let known_by = |id: LtiResourceId| links.iter().find(|link| link.id == id);
    let own: Vec<Item> = own
        .into_iter()
        .filter_map(|item| {
            let link = item.lti_resource_id.and_then(known_by);
            let at = link.map_or(item.tool_deployment_id, |link| link.tool_deployment_id);
            reach.covers(at).then(|| Item::Own(item, link.map(|link| link.lti_resource_link_id.clone())))
        })
        .collect();
    let links = links.into_iter().filter(|link| reach.covers(link.tool_deployment_id));
    Ok(links.map(|link| Item::Link(Box::new(link))).chain(own).collect())
}

/// One line item of a tool, and its exam.
pub fn get(tx: &mut Tx<'_>, exam: ExamId, reach: Reach, name: ItemName) -> Result<(Exam, Item)> {
    let of = exam_within(tx, exam, reach)?;
    let found = match name {
        ItemName::Link(id) => link(tx, exam, reach, id)?.map(|link| Item::Link(Box::new(link))),
        ItemName::Own(id) => own(tx, exam, reach, id)?,
    };
    found.map(|item| (of, item)).ok_or_else(|| Error::not_found("line item", name))
}

/// The link of a tool in an exam that the tool knows by `id`.
pub fn link_by_id(tx: &mut Tx<'_>, exam: ExamId, reach: Reach, id: &str) -> Result<Option<LtiResource>> {
    let found: Option<LtiResource> = on!(tx, |c| lti_resources::table
        .filter(lti_resources::lti_resource_link_id.eq(id))
        .filter(lti_resources::exam_id.eq(exam))
        .filter(lti_resources::tool_provider_id.eq(reach.tool))
        .select(LtiResource::as_select())
        .first(c)
        .optional())?;
    Ok(found.filter(|link| reach.covers(link.tool_deployment_id)))
}

/// Whether a link has no other line item than its own.
pub fn is_only(tx: &mut Tx<'_>, link: LtiResourceId) -> Result<bool> {
    let others = line_items::table.filter(line_items::lti_resource_id.eq(link)).count();
    on!(tx, |c| others.get_result::<i64>(c)).map(|others| others == 0)
}

/// Makes a line item. Refuses one more than a tool may have in one exam.
pub fn insert(tx: &mut Tx<'_>, new: &NewLineItem) -> Result<LineItem> {
    // Two at once must not be one too many.
    lock_row!(tx, exams, new.exam_id, for_no_key_update)?;
    let others = line_items::table
        .filter(line_items::exam_id.eq(new.exam_id))
        .filter(line_items::tool_provider_id.eq(new.tool_provider_id))
        .count();
    if on!(tx, |c| others.get_result::<i64>(c))? >= MOST {
        return Err(Error::Conflict(format!(
            "A tool has {MOST} line items of its own in an exam at most; delete one."
        )));
    }
    on!(tx, |c| diesel::insert_into(line_items::table).values(new).returning(LineItem::as_returning()).get_result(c))
}

/// Replaces what a line item says. That of a link says it in the link.
pub fn replace(tx: &mut Tx<'_>, item: Item, content: ItemContent, now: Timestamp) -> Result<Item> {
    match item {
        Item::Link(mut link) => {
            lock_row!(tx, lti_resources, link.id)?;
            let ItemContent { label, score_maximum, resource_id, tag, submission_review } = content;
            let details = &mut link.details;
            (details.line_item_label, details.line_item_maximum) = (Some(label), Some(score_maximum));
            (details.line_item_resource_id, details.line_item_tag) = (resource_id, tag);
            details.line_item_submission_review = submission_review;
            let change = (&link.details, lti_resources::updated_at.eq(now));
            on!(tx, |c| diesel::update(lti_resources::table.find(link.id)).set(change).execute(c))?;
            Ok(Item::Link(link))
        }
        Item::Own(mut item, link) => {
            let change = (&content, line_items::updated_at.eq(now));
            on!(tx, |c| diesel::update(line_items::table.find(item.id)).set(change).execute(c))?;
            (item.content, item.updated_at) = (content, now);
            Ok(Item::Own(item, link))
        }
    }
}

/// Deletes a line item that a tool made, with its scores.
pub fn remove(tx: &mut Tx<'_>, id: LineItemId) -> Result<()> {
    on!(tx, |c| diesel::delete(line_items::table.find(id)).execute(c)).map(|_| ())
}

fn link(tx: &mut Tx<'_>, exam: ExamId, reach: Reach, id: LtiResourceId) -> Result<Option<LtiResource>> {
    let found: Option<LtiResource> = on!(tx, |c| lti_resources::table
        .filter(lti_resources::id.eq(id))
        .filter(lti_resources::exam_id.eq(exam))
        .filter(lti_resources::tool_provider_id.eq(reach.tool))
        .select(LtiResource::as_select())
        .first(c)
        .optional())?;
    Ok(found.filter(|link| reach.covers(link.tool_deployment_id)))
}

fn own(tx: &mut Tx<'_>, exam: ExamId, reach: Reach, id: LineItemId) -> Result<Option<Item>> {
    type Link = (String, Option<ToolDeploymentId>);
    let tied = line_items::lti_resource_id
        .eq(lti_resources::id.nullable())
        .and(lti_resources::tool_provider_id.eq(line_items::tool_provider_id));
    let found: Option<(LineItem, Option<Link>)> = on!(tx, |c| line_items::table
        .left_join(lti_resources::table.on(tied))
        .filter(line_items::id.eq(id))
        .filter(line_items::exam_id.eq(exam))
        .filter(line_items::tool_provider_id.eq(reach.tool))
        .select((
            LineItem::as_select(),
            (lti_resources::lti_resource_link_id, lti_resources::tool_deployment_id).nullable(),
        ))
        .first(c)
        .optional())?;
    Ok(found.and_then(|(item, link)| {
        let at = link.as_ref().map_or(item.tool_deployment_id, |(_, deployment)| *deployment);
        reach.covers(at).then(|| Item::Own(item, link.map(|(id, _)| id)))
    }))
}
