//! Copies of exams with what hangs on them.

use std::collections::{HashMap, HashSet};

use super::insert;
use crate::domain::attachment::Attachment;
use crate::domain::exam::{Exam, NewExam};
use crate::domain::id::{AttachmentId, LtiResourceId};
use crate::domain::time::Span;
use crate::domain::{Error, Result, placeholder};
use crate::store::{Tx, attachments, documents, lti_resources};

/// Copies of an exam's files that are on the disk already.
#[derive(Clone, Debug)]
pub struct CopiedFiles {
    /// Their stored names, by the attachments that they are copies of.
    pub stored_names: HashMap<AttachmentId, String>,
    /// How many bytes the files of the institute may take.
    pub quota: u64,
}

/// Creates `new` with copies of the LTI resources, the attachments and the instructions of `source`. Each resource gets a
/// `link_id` of its own, each attachment its file of `files`, and the copied instructions name the copies.
pub fn copy(
    tx: &mut Tx<'_>,
    source: &Exam,
    new: NewExam,
    mut link_id: impl FnMut() -> Result<String>,
    files: &CopiedFiles,
) -> Result<Exam> {
    let originals = attachments::of_exam(tx, source.id)?;
    let copied: Option<Vec<_>> = originals.iter().map(|one| Some((one, files.stored_names.get(&one.id)?))).collect();
    let Some(copied) = copied.filter(|copied| copied.len() == files.stored_names.len()) else {
        return Err(Error::Conflict("The exam's files changed while they were copied; send the request again.".into()));
    };
    if !originals.is_empty() {
        attachments::reserve(tx, source.institute_id, attachments::size(&originals), files.quota)?;
    }
    let exam = insert(tx, new)?;
    let mut new_ids: HashMap<LtiResourceId, LtiResourceId> = HashMap::new();
    for (resource, _) in lti_resources::of_exam(tx, source.id)? {
        let copied = lti_resources::insert(tx, &resource.copied_to(exam.id, link_id()?, exam.created_at))?;
        new_ids.insert(resource.id, copied.id);
    }
    let new_names = copy_attachments(tx, &exam, &copied)?;
    if let Some(document) = documents::find(tx, source.id)? {
        // A placeholder that named nothing names nothing in the copy either, and publishing refuses it.
        let content = placeholder::renumber(&document.exam_content, |id| new_ids.get(&id).copied().unwrap_or(id));
        let content = placeholder::rename(&content, |name| new_names.get(name).cloned());
        documents::write(tx, exam.id, &content, exam.created_at)?;
    }
    Ok(exam)
}

/// Gives `exam` the copies, and tells their placeholders by those of the originals.
fn copy_attachments(
    tx: &mut Tx<'_>,
    exam: &Exam,
    copied: &[(&Attachment, &String)],
) -> Result<HashMap<String, String>> {
    let (mut new_names, mut given) = (HashMap::new(), HashSet::new());
    for (original, file) in copied {
        // Files of one name that were created one after the other are copied at once: the seconds count on.
        let mut at = exam.created_at;
        while !given.insert(original.document_file_name.placeholder(at)) {
            at = at + Span::seconds(1);
        }
        let name = original.document_file_name.placeholder(at);
        let copy = original.copied_to(exam.id, name.clone(), (*file).clone(), exam.created_at);
        attachments::insert_reserved(tx, &copy)?;
        new_names.insert(original.placeholder.clone(), name);
    }
    Ok(new_names)
}
