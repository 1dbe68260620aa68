//! Copies of exams with what hangs on them.

use std::collections::HashMap;

use super::insert;
use crate::domain::exam::{Exam, NewExam};
use crate::domain::id::{ExamId, LtiResourceId};
use crate::domain::{Result, placeholder};
use crate::store::{Tx, documents, lti_resources};

/// Creates `new` with copies of the LTI resources and of the instructions of `source`. Each resource gets a `link_id` of
/// its own, and the copied instructions name the copies.
pub fn copy(
    tx: &mut Tx<'_>,
    source: ExamId,
    new: NewExam,
    mut link_id: impl FnMut() -> Result<String>,
) -> Result<Exam> {
    let exam = insert(tx, new)?;
    let mut new_ids: HashMap<LtiResourceId, LtiResourceId> = HashMap::new();
    for (resource, _) in lti_resources::of_exam(tx, source)? {
        let copied = lti_resources::insert(tx, &resource.copied_to(exam.id, link_id()?, exam.created_at))?;
        new_ids.insert(resource.id, copied.id);
    }
    if let Some(document) = documents::find(tx, source)? {
        // A placeholder that named nothing names nothing in the copy either, and publishing refuses it.
        let content = placeholder::renumber(&document.exam_content, |id| new_ids.get(&id).copied().unwrap_or(id));
        documents::write(tx, exam.id, &content, exam.created_at)?;
    }
    Ok(exam)
}
