//! Attachments: files that authors give to their exams, and what may be one.

mod file_type;

use diesel::prelude::*;
use unicode_normalization::UnicodeNormalization;

use crate::domain::Error;
use crate::domain::id::{AttachmentId, ExamId, InstituteId};
use crate::domain::placeholder::{holds_stem, is_file_letter};
use crate::domain::time::Timestamp;
use crate::schema::attachments;

pub use file_type::{FileType, SAMPLE, Sample};

/// The largest file, in bytes.
pub const MAX_FILE: u64 = 25 << 20;

/// The parameter that holds the file (published API). It is not signed.
pub const FIELD: &str = "document";

/// A file of an exam. It never changes: another file is another attachment.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable)]
#[diesel(table_name = attachments)]
pub struct Attachment {
    /// Its number.
    pub id: AttachmentId,
    /// The exam's institute, whose quota it counts in.
    pub institute_id: InstituteId,
    /// Whose file.
    pub exam_id: ExamId,
    /// Stands for it in the exam's instructions, in braces.
    pub placeholder: String,
    /// What people call it.
    pub document_file_name: FileName,
    /// What it is.
    pub document_content_type: FileType,
    /// How many bytes.
    pub document_file_size: i64,
    /// Its name in the folder of files: random, so that no path is made of what somebody sent.
    pub stored_name: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// The same.
    pub updated_at: Timestamp,
}

/// An attachment that is about to be created.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = attachments, treat_none_as_default_value = false)]
pub struct NewAttachment {
    /// The exam's institute.
    pub institute_id: InstituteId,
    /// Whose file.
    pub exam_id: ExamId,
    /// [`FileName::placeholder`], unique in its exam.
    pub placeholder: String,
    /// What people call it.
    pub document_file_name: FileName,
    /// What it is.
    pub document_content_type: FileType,
    /// How many bytes.
    pub document_file_size: i64,
    /// Its name in the folder of files.
    pub stored_name: String,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub updated_at: Timestamp,
}

/// A file that was checked and is on the disk, under a name that no row has yet.
#[derive(Clone, Debug)]
pub struct KeptFile {
    /// What people call it.
    pub name: FileName,
    /// What it is.
    pub file_type: FileType,
    /// How many bytes.
    pub size: i64,
    /// Its name in the folder of files.
    pub stored_name: String,
}

impl KeptFile {
    /// The attachment that it becomes in an exam of an institute, under this placeholder.
    pub fn placed(
        self,
        (institute, exam): (InstituteId, ExamId),
        placeholder: String,
        now: Timestamp,
    ) -> NewAttachment {
        NewAttachment {
            institute_id: institute,
            exam_id: exam,
            placeholder,
            document_file_name: self.name,
            document_content_type: self.file_type,
            document_file_size: self.size,
            stored_name: self.stored_name,
            created_at: now,
            updated_at: now,
        }
    }
}

impl Attachment {
    /// A copy of the same file in another exam of the institute, under the placeholder that it gets there.
    pub fn copied_to(&self, exam: ExamId, placeholder: String, stored_name: String, now: Timestamp) -> NewAttachment {
        NewAttachment {
            institute_id: self.institute_id,
            exam_id: exam,
            placeholder,
            document_file_name: self.document_file_name.clone(),
            document_content_type: self.document_content_type,
            document_file_size: self.document_file_size,
            stored_name,
            created_at: now,
            updated_at: now,
        }
    }
}

/// The file is at fault. `why` says what is wrong and what would be right.
pub fn invalid(why: impl Into<String>) -> Error {
    Error::invalid(FIELD, why)
}

/// A file's name as people see it: at most 100 letters, digits, `.`, `-` and `_`, so that it may stand in a placeholder
/// and in a header. It is never a path.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    serde::Serialize,
    utoipa::ToSchema,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[schema(value_type = String, max_length = 100, example = "image2.jpg")]
pub struct FileName(String);

column!(FileName, diesel::sql_types::Text, str, |text| Ok(Self(text)), |name| name.as_str());

/// Characters of a name at most.
const MAX_NAME: usize = 100;

impl FileName {
    /// What is left of a name that somebody sent: without folders, each character that is not listed as `_`, no dots in
    /// front, and the end kept where it is too long. A name in which a placeholder of a tool could be read loses that.
    pub fn clean(given: &str) -> Self {
        let bare = given.rsplit(['/', '\\']).next().unwrap_or_default();
        let known: String = bare.nfc().map(|c| if is_file_letter(c) { c } else { '_' }).collect();
        let mut name = known.trim_start_matches('.').to_owned();
        if holds_stem(&name) {
            name = name.replace('_', "-");
        }
        let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
        let extension: String = extension.chars().take(10).collect();
        let room = MAX_NAME - 1 - extension.chars().count();
        let stem: String = stem.chars().take(room).collect();
        let stem = if stem.is_empty() { "file".into() } else { stem };
        Self(if extension.is_empty() { stem } else { format!("{stem}.{extension}") })
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the last dot, in lower case; empty where there is none.
    pub fn extension(&self) -> String {
        self.0.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()).unwrap_or_default()
    }

    /// The placeholder of a file with this name that was created at `now` (published API: seconds, `_`, name).
    pub fn placeholder(&self, now: Timestamp) -> String {
        format!("{}_{}", now.seconds(), self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_05_a_name_is_never_a_path_and_always_fits_a_placeholder() {
        for (given, kept) in [
            ("image2.jpg", "image2.jpg"),
            ("../../etc/passwd", "passwd"),
            ("C:\\exams\\plan.pdf", "plan.pdf"),
            ("..", "file"),
            ("", "file"),
            (".htaccess", "htaccess"),
            ("a b&<c>{d}.png", "a_b__c__d_.png"),
            ("e\u{301}preuve\u{202e}.pdf", "épreuve_.pdf"),
            ("LTI_EXAM_3.png", "LTI-EXAM-3.png"),
            ("line\nbreak\"; x.csv", "line_break___x.csv"),
        ] {
            assert_eq!(FileName::clean(given).as_str(), kept, "{given:?}");
        }
        let long = FileName::clean(&format!("{}.pdf", "ä".repeat(300)));
        assert_eq!((long.as_str().chars().count(), long.extension().as_str()), (100, "pdf"));
    }
}
