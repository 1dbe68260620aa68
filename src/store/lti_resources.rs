//! LTI resources.

use std::collections::HashSet;

use diesel::prelude::*;

use crate::domain::access::Scope;
use crate::domain::id::{ExamId, LtiResourceId};
use crate::domain::lti_resource::{LtiResource, NewLtiResource};
use crate::domain::tool_provider::ToolProvider;
use crate::domain::{Error, Result, placeholder};
use crate::schema::{lti_resources, tool_providers};
use crate::store::listing::Columns;
use crate::store::{Listing, Page, PageRequest, Tx, documents, results};

/// A resource with the tool provider that it belongs to, whose URL and custom data it may follow.
pub type WithTool = (LtiResource, ToolProvider);

/// One resource.
pub fn get(tx: &mut Tx<'_>, scope: Scope, id: LtiResourceId) -> Result<WithTool> {
    let found = on!(tx, |c| of_exams_in_scope!(
        lti_resources::table
            .inner_join(tool_providers::table)
            .select((LtiResource::as_select(), ToolProvider::as_select())),
        lti_resources,
        scope
    )
    .filter(lti_resources::id.eq(id))
    .first(c)
    .optional());
    found?.ok_or_else(|| Error::not_found("LTI resource", id))
}

/// What lists of LTI resources are filtered and sorted by.
pub const COLUMNS: Columns = columns!(lti_resources:
    id Number sorted, lti_resource_link_name Text sorted, created_at Time sorted, updated_at Time, exam_id Number,
    tool_provider_id Number, lti_resource_link_id Text, open_in_new_tab Bool,
);

/// One page of the resources that `listing` asks for, oldest first unless it says otherwise; of one exam where `exam`
/// names it.
pub fn page(
    tx: &mut Tx<'_>,
    scope: Scope,
    exam: Option<ExamId>,
    listing: &Listing,
    request: PageRequest,
) -> Result<Page<WithTool>> {
    page_of!(
        tx, (listing, request),
        |query| of_exams_in_scope!(query, lti_resources, scope, lti_resources::exam_id => exam),
        count: lti_resources::table.count(),
        rows: lti_resources::table.inner_join(tool_providers::table).select((LtiResource::as_select(), ToolProvider::as_select())),
        by: lti_resources::id
    )
}

/// All resources of one exam, with their tool providers.
pub fn of_exam(tx: &mut Tx<'_>, exam: ExamId) -> Result<Vec<WithTool>> {
    on!(tx, |c| lti_resources::table
        .inner_join(tool_providers::table)
        .filter(lti_resources::exam_id.eq(exam))
        .order(lti_resources::id)
        .select((LtiResource::as_select(), ToolProvider::as_select()))
        .load(c))
}

/// The resource of one exam that a tool knows by `link`, or none.
pub fn find_by_link(tx: &mut Tx<'_>, exam: ExamId, link: &str) -> Result<Option<LtiResource>> {
    on!(tx, |c| lti_resources::table
        .filter(lti_resources::lti_resource_link_id.eq(link))
        .filter(lti_resources::exam_id.eq(exam))
        .select(LtiResource::as_select())
        .first(c)
        .optional())
}

/// The ids of all resources of one exam: the placeholders its instructions may hold.
pub fn ids_of_exam(tx: &mut Tx<'_>, exam: ExamId) -> Result<HashSet<LtiResourceId>> {
    let query = lti_resources::table.filter(lti_resources::exam_id.eq(exam)).select(lti_resources::id);
    let ids: Vec<LtiResourceId> = on!(tx, |c| query.load(c))?;
    Ok(ids.into_iter().collect())
}

/// Creates a resource.
pub fn insert(tx: &mut Tx<'_>, new: &NewLtiResource) -> Result<LtiResource> {
    on!(tx, |c| diesel::insert_into(lti_resources::table)
        .values(new)
        .returning(LtiResource::as_returning())
        .get_result(c))
}

/// Locks a resource, changes it and writes it back.
pub fn update(
    tx: &mut Tx<'_>,
    scope: Scope,
    id: LtiResourceId,
    change: impl FnOnce(&mut Tx<'_>, &mut LtiResource) -> Result<()>,
) -> Result<LtiResource> {
    lock_row!(tx, lti_resources, id)?;
    let (mut resource, _) = get(tx, scope, id)?;
    change(tx, &mut resource)?;
    on!(tx, |c| diesel::update(lti_resources::table.find(id)).set(&resource).execute(c))?;
    Ok(resource)
}

/// Deletes a resource. One whose placeholder stands in the instructions of an open exam is kept, and so is one that
/// students have results of.
pub fn remove(tx: &mut Tx<'_>, scope: Scope, id: LtiResourceId) -> Result<()> {
    lock_row!(tx, lti_resources, id)?;
    let (resource, _) = get(tx, scope, id)?;
    refuse_while_shown(tx, scope, &resource)?;
    results::refuse_while_graded(tx, &[id])?;
    on!(tx, |c| diesel::delete(lti_resources::table.find(id)).execute(c)).map(|_| ())
}

/// Refuses when the exam is open and shows the resource.
pub fn refuse_while_shown(tx: &mut Tx<'_>, scope: Scope, resource: &LtiResource) -> Result<()> {
    documents::refuse_while_shown(tx, scope, resource.exam_id, |content| placeholder::names(content, resource.id))
}
