//! Institutes: the tenants.

use diesel::prelude::*;

use crate::domain::id::InstituteId;
use crate::domain::text::{Language, Name, WebUrl};
use crate::domain::time::{Days, Timestamp};
use crate::schema::institutes;

/// A tenant: a school, a university, a certification body.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable, AsChangeset)]
#[diesel(table_name = institutes, treat_none_as_null = true)]
pub struct Institute {
    /// Its number.
    pub id: InstituteId,
    /// Its name, unique on this server.
    pub name: Name,
    /// A short form of the name.
    pub short_name: Name,
    /// Where its own system wants to be told of events.
    pub callback_url: Option<WebUrl>,
    /// Which e-mails students get, and whether people of no institute may work on its exams.
    #[diesel(embed)]
    pub switches: Switches,
    /// The language of its students where an exam names none.
    pub default_language: Language,
    /// Further languages it offers, as a JSON array of tags.
    pub custom_languages: Languages,
    /// How many days student sessions are kept; `None` keeps them.
    pub session_retention_period: Option<Days>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// An institute, as tools know it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = institutes)]
pub struct InstituteName {
    /// Its number.
    pub id: InstituteId,
    /// Its name.
    pub name: Name,
}

/// The on-off settings of an institute.
#[allow(clippy::struct_excessive_bools)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = institutes, treat_none_as_default_value = false)]
pub struct Switches {
    /// E-mail with the link to the system check.
    pub check_requirements_emails_enabled: bool,
    /// E-mail that reminds of the exam.
    pub reminder_emails_enabled: bool,
    /// E-mail with the link to the exam.
    pub exam_link_emails_enabled: bool,
    /// E-mail when the exam's times change.
    pub exam_changed_emails_enabled: bool,
    /// E-mail when the exam is over.
    pub exam_finalized_emails_enabled: bool,
    /// Whether proctors of no institute may watch its exams.
    pub global_proctor: bool,
    /// Whether reviewers of no institute may review its exams.
    pub global_reviewer: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            check_requirements_emails_enabled: true,
            reminder_emails_enabled: true,
            exam_link_emails_enabled: true,
            exam_changed_emails_enabled: true,
            exam_finalized_emails_enabled: true,
            global_proctor: false,
            global_reviewer: false,
        }
    }
}

/// An institute that is about to be created.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = institutes, treat_none_as_default_value = false)]
pub struct NewInstitute {
    /// Its name.
    pub name: Name,
    /// A short form of the name.
    pub short_name: Name,
    /// Where its own system wants to be told of events.
    pub callback_url: Option<WebUrl>,
    /// Its on-off settings.
    #[diesel(embed)]
    pub switches: Switches,
    /// The language where an exam names none.
    pub default_language: Language,
    /// Further languages.
    pub custom_languages: Languages,
    /// Days that student sessions are kept.
    pub session_retention_period: Option<Days>,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub updated_at: Timestamp,
}

impl NewInstitute {
    /// An institute with the default settings.
    pub fn named(name: Name, short_name: Name, now: Timestamp) -> Self {
        Self {
            name,
            short_name,
            callback_url: None,
            switches: Switches::default(),
            default_language: Language::english(),
            custom_languages: Languages::default(),
            session_retention_period: None,
            created_at: now,
            updated_at: now,
        }
    }
}

list! {
    /// Language tags.
    Languages(Language)
}
