//! An exam in the messages to tools.

use diesel::prelude::*;
use examlink_lti::v1::launch::{Context, ContextType};

use super::{Exam, Schedule};
use crate::domain::exam::ExamStatus;
use crate::domain::id::{ExamId, InstituteId};
use crate::domain::text::{Language, Name};
use crate::domain::time::{Minutes, Timestamp};
use crate::schema::exams;

/// What messages to tools say of an exam, and when it can be taken. A launch reads no more of it: a thousand students may
/// open their tools in the same half minute.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = exams)]
pub struct ToldExam {
    /// Its number.
    pub id: ExamId,
    /// Whose it is.
    pub institute_id: InstituteId,
    /// A random identifier of 32 hex digits, by which tools know it.
    pub token: String,
    /// Its name.
    pub name: Name,
    /// The language of its pages.
    pub exam_language: Language,
    status: ExamStatus,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    use_duration: bool,
    duration_minutes: Option<Minutes>,
}

impl ToldExam {
    /// The exam as LTI names it.
    pub fn context(&self) -> Context {
        Context {
            id: Some(self.token.clone()),
            kind: Some(ContextType::CourseSection),
            title: Some(self.name.to_string()),
            label: Some(self.name.to_string()),
        }
    }
}

impl From<&Exam> for ToldExam {
    fn from(exam: &Exam) -> Self {
        let settings = &exam.settings;
        Self {
            id: exam.id,
            institute_id: exam.institute_id,
            token: exam.token.clone(),
            name: settings.name.clone(),
            exam_language: settings.exam_language.clone(),
            status: exam.status,
            start_time: settings.start_time,
            end_time: settings.end_time,
            use_duration: settings.use_duration,
            duration_minutes: settings.duration_minutes,
        }
    }
}

impl From<&ToldExam> for Schedule {
    fn from(exam: &ToldExam) -> Self {
        Self {
            status: exam.status,
            start_time: exam.start_time,
            end_time: exam.end_time,
            duration: exam.duration_minutes.filter(|_| exam.use_duration),
        }
    }
}
