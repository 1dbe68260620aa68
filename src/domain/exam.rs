//! Exams and their life: draft, open, closed.

mod told;

use diesel::prelude::*;

use crate::clock::Random;
use crate::domain::id::{ExamId, InstituteId, ToolDeploymentId, ToolProviderId, UserId};
use crate::domain::text::{Label, Language, Name, Prose, TimeZone};
use crate::domain::time::{Minutes, Timestamp};
use crate::domain::{Error, FieldError, Result};
use crate::schema::exams;

pub use told::ToldExam;

names! {
    /// How an exam is watched.
    ExamType {
        /// Recorded and reviewed afterwards.
        RecordReview = "record_review",
        /// Watched live.
        LiveProctoring = "live_proctoring",
        /// Taken together in a room.
        Classroom = "classroom",
        /// For trying out.
        Demo = "demo",
    }
}

names! {
    /// Where an exam is in its life.
    ExamStatus {
        /// Being written; students are told that it has not been published.
        Draft = "draft",
        /// Students may take it.
        Open = "open",
        /// Over.
        Closed = "closed",
        /// Put away; found only by asking for deleted exams.
        Deleted = "deleted",
    }
}

/// An exam.
#[allow(clippy::struct_excessive_bools)]
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable, AsChangeset)]
#[diesel(table_name = exams, treat_none_as_null = true)]
pub struct Exam {
    /// Its number.
    pub id: ExamId,
    /// Whose it is.
    pub institute_id: InstituteId,
    /// Who created it.
    pub user_id: UserId,
    /// Everything its author may set.
    #[diesel(embed)]
    pub settings: ExamSettings,
    /// Where it is in its life.
    pub status: ExamStatus,
    /// A random identifier of 32 hex digits. It opens nothing.
    pub token: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// When an exam can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Where it is in its life.
    pub status: ExamStatus,
    /// Not before this time.
    pub start_time: Option<Timestamp>,
    /// Not after this time.
    pub end_time: Option<Timestamp>,
    /// From each student's own start, where that counts.
    pub duration: Option<Minutes>,
}

impl From<&Exam> for Schedule {
    fn from(exam: &Exam) -> Self {
        let settings = &exam.settings;
        Self {
            status: exam.status,
            start_time: settings.start_time,
            end_time: settings.end_time,
            duration: settings.duration_minutes.filter(|_| settings.use_duration),
        }
    }
}

/// What an author sets.
#[allow(clippy::struct_excessive_bools)]
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = exams, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ExamSettings {
    /// Its name.
    pub name: Name,
    /// How it is watched.
    pub kind: ExamType,
    /// Not before this time.
    pub start_time: Option<Timestamp>,
    /// Not after this time.
    pub end_time: Option<Timestamp>,
    /// Whether each student has `duration_minutes` from the start.
    pub use_duration: bool,
    /// Minutes from the student's start; counts when `use_duration` is set.
    pub duration_minutes: Option<Minutes>,
    /// The zone its times are shown in.
    pub timezone: TimeZone,
    /// The language of its pages.
    pub exam_language: Language,
    /// Whether the camera is recorded.
    pub web_cam: bool,
    /// Whether a phone's camera is recorded.
    pub mobile_cam: bool,
    /// Whether the screen is recorded.
    pub screen_share: bool,
    /// Whether somebody watches live.
    pub live_proctoring: bool,
    /// Whether it is reviewed afterwards.
    pub for_reviewing: bool,
    /// Whether proctors of no institute may watch it.
    pub global_proctoring: bool,
    /// Whether reviewers of no institute may review it.
    pub global_reviewing: bool,
    /// Whether students hand in files.
    pub upload_answers: bool,
    /// What is forbidden, in words.
    pub restrictions: Option<Prose>,
    /// What is allowed on the table and on the screen.
    pub materials: Materials,
    /// Which form of the exam page students get.
    pub student_experience: Option<Label>,
    /// Terms that students accept.
    pub terms: Option<Prose>,
    /// Whether a tool may still hand a grade back once the exam is over.
    pub accept_late_results: bool,
    /// The tool that lets students begin, and watches them, where the exam is proctored live by one.
    pub proctoring_tool_provider_id: Option<ToolProviderId>,
    /// Through which deployment of it; `None` is the first one.
    pub proctoring_tool_deployment_id: Option<ToolDeploymentId>,
}

impl ExamSettings {
    /// The settings of a new exam.
    pub fn named(name: Name, kind: ExamType) -> Self {
        Self {
            name,
            kind,
            start_time: None,
            end_time: None,
            use_duration: false,
            duration_minutes: None,
            timezone: TimeZone::utc(),
            exam_language: Language::english(),
            web_cam: false,
            mobile_cam: false,
            screen_share: false,
            live_proctoring: kind == ExamType::LiveProctoring,
            for_reviewing: kind == ExamType::RecordReview,
            global_proctoring: false,
            global_reviewing: false,
            upload_answers: false,
            restrictions: None,
            materials: Materials::default(),
            student_experience: None,
            terms: None,
            accept_late_results: true,
            proctoring_tool_provider_id: None,
            proctoring_tool_deployment_id: None,
        }
    }

    /// Checks the rules that span several settings.
    pub fn check(&self) -> Result<()> {
        let mut errors = Vec::new();
        if matches!((self.start_time, self.end_time), (Some(start), Some(end)) if end <= start) {
            errors.push(FieldError::invalid("end_time", "must be after start_time"));
        }
        if self.use_duration && self.duration_minutes.is_none_or(|minutes| minutes == Minutes::default()) {
            errors.push(FieldError::invalid("duration_minutes", "must be at least 1 when use_duration is set"));
        }
        if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
    }

    /// The eight-character text of the published API: index 1 camera, 2 phone, 3 screen, 4 live; the rest is `0`.
    pub fn mode(&self) -> String {
        let bits = [false, self.web_cam, self.mobile_cam, self.screen_share, self.live_proctoring, false, false, false];
        bits.iter().map(|on| if *on { '1' } else { '0' }).collect()
    }
}

/// An exam that is about to be created.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = exams, treat_none_as_default_value = false)]
pub struct NewExam {
    /// Whose it is.
    pub institute_id: InstituteId,
    /// Its author.
    pub user_id: UserId,
    /// What the author set.
    #[diesel(embed)]
    pub settings: ExamSettings,
    /// Where it is in its life.
    pub status: ExamStatus,
    /// A random identifier.
    pub token: String,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub updated_at: Timestamp,
}

/// The name of a new exam for tools and LMSs: 32 hex digits, of which twelve tell the millisecond and the others are
/// random, as in a UUID of version 7. So new names stand side by side in their index, and a commit that creates many exams
/// writes few of its pages. It is no secret.
pub fn new_token(random: Random, now: Timestamp) -> Result<String> {
    Ok(format!("{:012x}{}", now.micros() / 1_000, random.hex::<10>()?))
}

impl NewExam {
    /// The exam that it became.
    pub fn created(self, id: ExamId) -> Exam {
        let Self { institute_id, user_id, settings, status, token, created_at, updated_at } = self;
        Exam { id, institute_id, user_id, settings, status, token, created_at, updated_at }
    }
}

impl Exam {
    /// A draft with the same settings, in the same institute, for another author or the same.
    pub fn draft_of(&self, author: UserId, token: String, now: Timestamp) -> NewExam {
        NewExam {
            institute_id: self.institute_id,
            user_id: author,
            settings: self.settings.clone(),
            status: ExamStatus::Draft,
            token,
            created_at: now,
            updated_at: now,
        }
    }

    /// The tool that students go through before they begin.
    pub fn proctoring_tool(&self) -> Option<ToolProviderId> {
        self.settings.proctoring_tool_provider_id.filter(|_| self.settings.live_proctoring)
    }

    /// The same, and through which deployment of it.
    pub fn proctored_by(&self) -> Option<(ToolProviderId, Option<ToolDeploymentId>)> {
        self.proctoring_tool().map(|tool| (tool, self.settings.proctoring_tool_deployment_id))
    }

    /// Moves along the life of an exam: draft → open → closed → open. Anything else is an error that names the way.
    pub fn enter(&mut self, next: ExamStatus) -> Result<()> {
        use ExamStatus::{Closed, Draft, Open};
        match (self.status, next) {
            (now, next) if now == next => Ok(()),
            (Draft | Closed, Open) | (Open, Closed) => {
                self.status = next;
                Ok(())
            }
            (now, next) => Err(Error::invalid(
                "status",
                format!(
                    "cannot go from {now} to {next}; an exam goes from draft to open to closed, and may be reopened"
                ),
            )),
        }
    }
}

/// What students may use. Stored as one JSON text, because it is read and written as a whole.
#[allow(clippy::struct_excessive_bools)]
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[serde(default)]
pub struct Materials {
    /// Websites.
    pub allow_websites: bool,
    /// Programs.
    pub allow_external_applications: bool,
    /// Books.
    pub allow_textbooks: bool,
    /// A calculator.
    pub allow_calculator: bool,
    /// Pen and paper.
    pub allow_pen_paper: bool,
    /// Something else.
    pub allow_additional: bool,
    /// Which websites.
    pub allowed_websites: Option<Prose>,
    /// Which programs.
    pub allowed_external_applications: Option<Prose>,
    /// Which books.
    pub allowed_textbooks: Option<Prose>,
    /// Which kind of calculator.
    pub allowed_calculator_type: Option<Label>,
    /// What else.
    pub allowed_additional: Option<Prose>,
}

json_column!(Materials);

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> ExamSettings {
        ExamSettings::named(Name::try_from("Algebra".to_owned()).unwrap(), ExamType::Demo)
    }

    #[test]
    fn an_exam_ends_after_it_starts_and_a_duration_has_minutes() {
        assert!(settings().check().is_ok());
        let at = Some(Timestamp::from_micros(1));
        assert!(ExamSettings { start_time: at, end_time: at, ..settings() }.check().is_err());
        assert!(ExamSettings { use_duration: true, ..settings() }.check().is_err());
    }

    #[test]
    fn the_mode_text_counts_from_index_one() {
        let watched = ExamSettings { web_cam: true, live_proctoring: true, ..settings() };
        assert_eq!((settings().mode().as_str(), watched.mode().as_str()), ("00000000", "01001000"));
    }
}
