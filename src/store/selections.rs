//! Selections: authors on their way through a tool, and what they bring back.

use diesel::prelude::*;

use crate::domain::access::{Permission, Scope};
use crate::domain::chosen_item::{ChosenItem, FetchedFile};
use crate::domain::exam::Exam;
use crate::domain::id::{ExamId, SelectionId};
use crate::domain::institute::InstituteName;
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::secret::{Secret, TokenHash};
use crate::domain::selection::{
    NewSelection, Outcome, Reply, SelectedItem, SelectedItems, Selection, SelectionFacts, SelectionState,
};
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::{ToolProvider, secret_place};
use crate::domain::user::User;
use crate::domain::{Error, Result};
use crate::schema::{exams, institutes, selections, tool_providers, users};
use crate::store::{Tx, attachments, lti_registrations, lti_resources, tool_deployments};

/// One selection of an exam.
pub fn get(tx: &mut Tx<'_>, scope: Scope, exam: ExamId, id: SelectionId) -> Result<Selection> {
    let found = on!(tx, |c| of_exams_in_scope!(
        selections::table.select(Selection::as_select()),
        selections,
        scope,
        selections::exam_id => Some(exam)
    )
    .filter(selections::id.eq(id))
    .first(c)
    .optional());
    found?.ok_or_else(|| Error::not_found("selection", id))
}

/// Begins a selection.
pub fn insert(tx: &mut Tx<'_>, new: &NewSelection) -> Result<Selection> {
    on!(tx, |c| diesel::insert_into(selections::table).values(new).returning(Selection::as_returning()).get_result(c))
}

/// What a selection is about and the tool's secret, where the condition holds.
macro_rules! facts_where {
    ($tx:ident, $condition:expr) => {{
        let row: Option<(Selection, Exam, InstituteName, ToolProvider, User)> = on!($tx, |c| selections::table
            .inner_join(exams::table.inner_join(institutes::table))
            .inner_join(tool_providers::table)
            .inner_join(users::table.on(users::id.eq(selections::user_id)))
            .filter($condition)
            .select((
                Selection::as_select(),
                Exam::as_select(),
                InstituteName::as_select(),
                ToolProvider::as_select(),
                User::as_select(),
            ))
            .first(c)
            .optional())?;
        let open = |(selection, exam, institute, tool, author): (_, _, _, ToolProvider, _)| {
            let secret = $tx.keys().open(&tool.oauth_consumer_secret, secret_place(tool.id, tool.institute_id))?;
            Ok((SelectionFacts { selection, exam, institute, tool, author }, secret))
        };
        row.map(open).transpose()
    }};
}

/// The selection that the token of an author's link opens.
pub fn by_token(tx: &mut Tx<'_>, token: TokenHash) -> Result<Option<(SelectionFacts, Secret)>> {
    facts_where!(tx, selections::token_hash.eq(token.to_hex()))
}

/// The selection with this number.
pub fn find(tx: &mut Tx<'_>, id: SelectionId) -> Result<Option<(SelectionFacts, Secret)>> {
    facts_where!(tx, selections::id.eq(id))
}

/// What the tool is registered with, where it speaks LTI 1.3 now, at the deployment through which content is chosen.
pub fn registration(tx: &mut Tx<'_>, facts: &SelectionFacts) -> Result<Option<LtiRegistration>> {
    let registration = lti_registrations::of(tx, &facts.tool)?;
    let at = facts.selection.tool_deployment_id;
    registration.map(|registration| tool_deployments::deployed(tx, registration, at)).transpose()
}

/// Ends a selection by what the tool said: once, in time, and by an author who may still change the exam. All of what was
/// chosen is placed in the exam or nothing; the institute's files take no more than `quota` bytes then. `link_id` makes
/// what tools will know each link by.
pub fn finish(
    tx: &mut Tx<'_>,
    id: SelectionId,
    reply: Reply,
    (now, quota): (Timestamp, u64),
    link_id: impl FnMut() -> Result<String>,
) -> Result<Selection> {
    lock_row!(tx, selections, id)?;
    let (facts, _) = find(tx, id)?.ok_or_else(|| Error::not_found("selection", id))?;
    if facts.selection.state_at(now) != SelectionState::Waiting {
        return Err(Error::Conflict("This selection is over.".into()));
    }
    let outcome = admitted(tx, &facts, reply.outcome, quota)?;
    let mut selection = facts.selection;
    (selection.message, selection.updated_at) = (reply.message, now);
    match outcome {
        Outcome::Chosen(items) => {
            selection.items = SelectedItems(place(tx, &selection, items, now, link_id)?);
            selection.state = SelectionState::Done;
        }
        Outcome::Cancelled => selection.state = SelectionState::Cancelled,
        Outcome::Failed(why) => (selection.state, selection.error) = (SelectionState::Failed, Some(why)),
    }
    on!(tx, |c| diesel::update(selections::table.find(id)).set(&selection).execute(c))?;
    Ok(selection)
}

const NOT_AN_AUTHOR: &str = "The author may no longer change this exam.";

/// What really comes of it: nothing where the author may no longer change the exam, or the files find no room.
fn admitted(tx: &mut Tx<'_>, facts: &SelectionFacts, outcome: Outcome, quota: u64) -> Result<Outcome> {
    if !may_author(tx, facts)? {
        return Ok(Outcome::Failed(NOT_AN_AUTHOR.into()));
    }
    let bytes = outcome.size();
    if bytes == 0 {
        return Ok(outcome);
    }
    match attachments::reserve(tx, facts.selection.institute_id, bytes, quota) {
        Ok(()) => Ok(outcome),
        Err(Error::Invalid(errors)) => {
            let why: String = errors.into_iter().map(|error| error.detail).collect();
            Ok(Outcome::Failed(format!("What the tool gave {why}.")))
        }
        Err(other) => Err(other),
    }
}

/// Places what was chosen; there is room for its files.
fn place(
    tx: &mut Tx<'_>,
    selection: &Selection,
    items: Vec<ChosenItem<FetchedFile>>,
    now: Timestamp,
    mut link_id: impl FnMut() -> Result<String>,
) -> Result<Vec<SelectedItem>> {
    let place = |item| match item {
        ChosenItem::Link(link) => {
            let resource = lti_resources::insert(tx, &link.placed(selection, link_id()?, now))?;
            Ok(SelectedItem::of_link(&resource))
        }
        ChosenItem::Fragment(fragment) => Ok(SelectedItem::of_fragment(fragment)),
        ChosenItem::File(FetchedFile { kind, title, file }) => {
            let placeholder = attachments::free_placeholder(tx, selection.exam_id, &file.name, now)?;
            let new = file.placed((selection.institute_id, selection.exam_id), placeholder, now);
            Ok(SelectedItem::of_file(kind, title, &attachments::insert_reserved(tx, &new)?))
        }
    };
    items.into_iter().map(place).collect()
}

/// Whether the author of a selection may still change its exam.
fn may_author(tx: &mut Tx<'_>, facts: &SelectionFacts) -> Result<bool> {
    let author = &facts.author;
    if author.disabled || !author.role.may(Permission::AuthorExams) {
        return Ok(false);
    }
    match crate::store::exams::get(tx, author.scope(), facts.exam.id) {
        Ok(_) => Ok(true),
        Err(Error::NotFound { .. }) => Ok(false),
        Err(other) => Err(other),
    }
}
