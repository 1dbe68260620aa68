//! Results: what a student reached in one tool of one exam, who said so, and all that it ever was.

use diesel::prelude::*;
use examlink_lti::v1::outcomes::{Score as OutcomeScore, TotalScore};
use serde::{Deserialize, Serialize};

use crate::domain::id::{
    ExamId, InstituteId, LtiResourceId, ResultChangeId, ResultId, StudentSessionId, ToolProviderId, UserId,
};
use crate::domain::outcome::Submission;
use crate::domain::text::{Prose, WebUrl, Work};
use crate::domain::time::Timestamp;
use crate::schema::{result_changes, results};

names! {
    /// Who said what a student reached.
    Grader {
        /// The tool that the student worked in.
        Tool = "tool",
        /// Somebody who reviews or teaches.
        Person = "person",
    }
}

names! {
    /// What was done to a result.
    ResultOperation {
        /// It got another content.
        Replace = "replace",
        /// Its grade was taken away.
        Delete = "delete",
    }
}

/// Declares a number that is read as outcomes are: a plain decimal, and nothing that some parser takes besides.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $of:ty, max $max:tt, example $example:tt) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize, utoipa::ToSchema,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = diesel::sql_types::Double)]
        #[serde(try_from = "String")]
        #[schema(value_type = f64, minimum = 0, maximum = $max, example = $example)]
        pub struct $name(f64);

        impl $name {
            /// The number.
            pub const fn value(self) -> f64 {
                self.0
            }
        }

        impl From<$of> for $name {
            fn from(number: $of) -> Self {
                Self(number.value())
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> {
                let expected = concat!("must be a decimal number from 0 to ", $max, ", such as ", $example);
                <$of>::parse(&text).map(Self::from).map_err(|_| expected.to_owned())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        column!($name, diesel::sql_types::Double, f64, |number| Ok(Self(number)), |number| &number.0);
    };
}

number! {
    /// A grade, from 0 to 1.
    Score, OutcomeScore, max 1, example 0.83
}

number! {
    /// A grade in points.
    Points, TotalScore, max 1_000_000_000, example 17.5
}

names! {
    /// The form of a list of results.
    ResultFormat {
        /// A page.
        Json = "json",
        /// A file.
        Csv = "csv",
    }
}

/// What a student reached in one tool of one exam, as it is now. In an attempt there is one for each resource.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Identifiable, AsChangeset)]
#[diesel(table_name = results, treat_none_as_null = true)]
pub struct StudentResult {
    /// Its number.
    pub id: ResultId,
    /// The exam's institute.
    pub institute_id: InstituteId,
    /// The exam.
    pub exam_id: ExamId,
    /// The student's attempt.
    pub student_session_id: StudentSessionId,
    /// The link into the tool.
    pub lti_resource_id: LtiResourceId,
    /// What it says.
    #[diesel(embed)]
    pub standing: Standing,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What a result says.
#[derive(Clone, Debug, Default, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = results, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Standing {
    /// The grade, from 0.0 to 1.0.
    pub score: Option<Score>,
    /// The grade in points.
    pub total_score: Option<Points>,
    /// What the student handed in, in words.
    pub text: Option<Work>,
    /// Where it is to be seen.
    pub url: Option<WebUrl>,
    /// A launch to there shows it.
    pub launch_url: Option<WebUrl>,
    /// When the student handed it in, as the tool says.
    pub submitted_at: Option<Timestamp>,
    /// Whether the tool asks for a person to look at it.
    pub needs_review: bool,
    /// What the grader says of it.
    pub comment: Option<Prose>,
    /// Whether it came when the exam was over.
    pub late: bool,
    /// Who gave the grade; `None` where there is none.
    pub graded_by: Option<Grader>,
    /// The person who gave it, unless that user is deleted.
    pub user_id: Option<UserId>,
}

/// A result that is about to be created.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = results, treat_none_as_default_value = false)]
pub struct NewResult {
    /// The exam's institute.
    pub institute_id: InstituteId,
    /// The exam.
    pub exam_id: ExamId,
    /// The student's attempt.
    pub student_session_id: StudentSessionId,
    /// The link into the tool.
    pub lti_resource_id: LtiResourceId,
    /// What it says.
    #[diesel(embed)]
    pub standing: Standing,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub updated_at: Timestamp,
}

/// Who changes a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changer {
    /// A tool, over LTI.
    Tool(ToolProviderId),
    /// A user, over the API.
    Person(UserId),
}

/// One thing that was said about a result. It never changes.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Identifiable)]
#[diesel(table_name = result_changes)]
pub struct ResultChange {
    /// Its number; a later change has a larger one.
    pub id: ResultChangeId,
    /// Of which result.
    pub result_id: ResultId,
    /// What was done.
    pub operation: ResultOperation,
    /// Who did it.
    pub changed_by: Grader,
    /// The tool that did it. It may have been deleted since.
    pub tool_provider_id: Option<ToolProviderId>,
    /// The person who did it, who may have been deleted since.
    pub user_id: Option<UserId>,
    /// Whether the grade of a person was kept instead of this one, because the tool asked for that.
    pub kept: bool,
    /// The grade that was given.
    pub score: Option<Score>,
    /// The grade in points.
    pub total_score: Option<Points>,
    /// What was handed in, in words.
    pub text: Option<Work>,
    /// Where it is to be seen.
    pub url: Option<WebUrl>,
    /// A launch to there shows it.
    pub launch_url: Option<WebUrl>,
    /// When it was handed in.
    pub submitted_at: Option<Timestamp>,
    /// Whether the tool asked for a review.
    pub needs_review: bool,
    /// What the grader said.
    pub comment: Option<Prose>,
    /// Whether it came when the exam was over.
    pub late: bool,
    /// When it came.
    pub created_at: Timestamp,
}

/// A change that is about to be noted.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What is done.
    pub operation: ResultOperation,
    /// Who does it.
    pub by: Changer,
    /// Whether a person's grade was kept instead.
    pub kept: bool,
    /// What was said.
    pub said: Standing,
}

impl Changer {
    /// A tool or a person.
    pub const fn kind(self) -> Grader {
        match self {
            Self::Tool(_) => Grader::Tool,
            Self::Person(_) => Grader::Person,
        }
    }

    /// The tool, where it is one.
    pub const fn tool(self) -> Option<ToolProviderId> {
        match self {
            Self::Tool(id) => Some(id),
            Self::Person(_) => None,
        }
    }

    /// The person, where it is one.
    pub const fn person(self) -> Option<UserId> {
        match self {
            Self::Tool(_) => None,
            Self::Person(id) => Some(id),
        }
    }
}

impl NewResult {
    /// The result that it became.
    pub fn created(self, id: ResultId) -> StudentResult {
        let Self { institute_id, exam_id, student_session_id, lti_resource_id, standing, created_at, updated_at } =
            self;
        StudentResult {
            id,
            institute_id,
            exam_id,
            student_session_id,
            lti_resource_id,
            standing,
            created_at,
            updated_at,
        }
    }
}

impl Standing {
    /// The score as tools read it.
    pub fn outcome_score(&self) -> Option<OutcomeScore> {
        self.score.and_then(|score| OutcomeScore::new(score.value()))
    }

    /// Takes what a tool hands back. A grade replaces the grade, work replaces the work; what is not in it stays. Where
    /// the tool asks for it, the grade of a person stays too.
    pub fn hand_in(&mut self, tool: ToolProviderId, submission: &Submission, late: bool) -> Change {
        let said = submission.standing(late);
        let kept = submission.prioritize_non_tool_grade && self.graded_by == Some(Grader::Person);
        if said.graded_by.is_some() && !kept {
            (self.score, self.total_score) = (said.score, said.total_score);
            (self.graded_by, self.user_id) = (said.graded_by, None);
        }
        if said.text.is_some() || said.url.is_some() || said.launch_url.is_some() {
            (self.text, self.url, self.launch_url) = (said.text.clone(), said.url.clone(), said.launch_url.clone());
        }
        self.submitted_at = said.submitted_at.or(self.submitted_at);
        self.comment = said.comment.clone().or(self.comment.take());
        (self.needs_review, self.late) = (said.needs_review, late);
        Change { operation: ResultOperation::Replace, by: Changer::Tool(tool), kept, said }
    }

    /// Takes the grade away, and what came with it. What it was, the changes tell.
    pub fn clear(&mut self, tool: ToolProviderId, comment: Option<Prose>, late: bool) -> Change {
        *self = Self { comment, late, ..Self::default() };
        Change { operation: ResultOperation::Delete, by: Changer::Tool(tool), kept: false, said: self.clone() }
    }

    /// Notes that a person changed what stands beside the grade, which stays whose it was.
    pub fn annotated(&self, user: UserId) -> Change {
        Change { operation: ResultOperation::Replace, by: Changer::Person(user), kept: false, said: self.clone() }
    }

    /// Notes that a person changed it: the grade, if there is one, is theirs now.
    pub fn graded(&mut self, user: UserId) -> Change {
        let graded = self.score.is_some() || self.total_score.is_some();
        (self.graded_by, self.user_id) = if graded { (Some(Grader::Person), Some(user)) } else { (None, None) };
        let operation = if graded { ResultOperation::Replace } else { ResultOperation::Delete };
        Change { operation, by: Changer::Person(user), kept: false, said: self.clone() }
    }
}
