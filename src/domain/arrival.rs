//! What a launch from an LMS says, in our terms (LTI 1.1 guide, Basic Launch Data; [`claims`] for LTI 1.3).

mod claims;
mod names;

use examlink_lti::v1::launch::VerifiedLaunch;
use examlink_lti::v1::roles::{Role, Scope};

use crate::domain::exam::{Exam, ExamStatus};
use crate::domain::grade_return::GradeAddress;
use crate::domain::id::ExamId;
use crate::domain::lti_consumer::LtiConsumer;
use crate::domain::lti_placement::Place;
use crate::domain::text::{Email, Label, Name, WebUrl};

pub use claims::Translated;
pub use names::Names;

/// A verified launch, in the words of LTI 1.1 whichever version it came by.
pub trait Said {
    /// The value of a parameter; an empty one is as good as none.
    fn get(&self, name: &str) -> Option<&str>;
    /// The roles of the person.
    fn roles(&self) -> Vec<Role>;
    /// Where the result goes; `None` where the LMS wants none, or names what cannot be one.
    fn grade(&self) -> Option<GradeAddress>;
    /// Where the LMS lists the members of the course; `None` where it does not.
    fn memberships(&self) -> Option<WebUrl>;
}

impl Said for VerifiedLaunch {
    fn get(&self, name: &str) -> Option<&str> {
        self.get(name)
    }

    fn roles(&self) -> Vec<Role> {
        self.roles()
    }

    fn grade(&self) -> Option<GradeAddress> {
        GradeAddress::read(self)
    }

    /// By LTI 1.1 there is no such list.
    fn memberships(&self) -> Option<WebUrl> {
        None
    }
}

/// Somebody whom an LMS sends here.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Where from.
    pub place: Place,
    /// Which exam, where the LMS says so.
    pub exam: Option<NamedExam>,
    /// As what.
    pub as_who: Who,
}

/// How an LMS names an exam, in a custom parameter of the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedExam {
    /// `custom_exam_id`
    Id(ExamId),
    /// `custom_exam_token`
    Token(String),
}

/// As what somebody comes.
#[derive(Clone, Debug)]
pub enum Who {
    /// To take the exam.
    Learner(Box<Person>),
    /// To look after it.
    Instructor {
        /// Where the LMS lists the members of the course, where it does.
        memberships: Option<WebUrl>,
    },
}

/// A learner, as far as the LMS tells.
#[derive(Clone, Debug)]
pub struct Person {
    /// What the LMS knows the person by.
    pub user_id: Label,
    /// The person's name, or something in its place.
    pub name: Name,
    /// The person's address, or [one in its place](Email::stand_in).
    pub email: Email,
    /// The number in the institute's own system: `lis_person_sourcedid`, or else what the LMS knows the person by.
    pub external_id: Label,
    /// The group, where one of the consumer's parameters holds it.
    pub group_id: Option<Label>,
    /// Where the result goes; `None` where the LMS wants none.
    pub grade: Option<GradeAddress>,
}

/// Why somebody does not get to an exam.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoEntry {
    /// A parameter holds what cannot be one, or is missing.
    Parameter(&'static str, String),
    /// No role of the course that takes or gives exams.
    Role,
    /// The place has no exam yet.
    NothingChosen,
    /// There is no such exam, or this LMS does not reach it.
    Exam,
    /// The exam is not published.
    Draft,
    /// The exam is over.
    Closed,
    /// The LMS was shut out a moment ago.
    ShutOut,
}

impl Arrival {
    /// Reads a verified launch. Roles of the institution or the system say nothing about the course, and unknown ones
    /// nothing at all.
    pub fn read(launch: &impl Said, consumer: &LtiConsumer) -> Result<Self, NoEntry> {
        let title = |name| launch.get(name).and_then(Name::fitting).map(|name| name.to_string()).unwrap_or_default();
        let place = Place {
            context_id: label("context_id", launch.get("context_id").unwrap_or_default())?,
            resource_link_id: label("resource_link_id", launch.get("resource_link_id").unwrap_or_default())?,
            context_title: label("context_title", &title("context_title"))?,
            resource_link_title: label("resource_link_title", &title("resource_link_title"))?,
        };
        let as_who = if is_staff(&launch.roles()) {
            Who::Instructor { memberships: launch.memberships() }
        } else if takes_exams(&launch.roles()) {
            Who::Learner(Box::new(Person::read(launch, consumer)?))
        } else {
            return Err(NoEntry::Role);
        };
        Ok(Self { place, exam: named_exam(launch)?, as_who })
    }
}

/// Whether one of the roles looks after a course: teaches it, helps to, builds or administers it.
pub fn is_staff(roles: &[Role]) -> bool {
    let staff = ["Instructor", "Administrator", "ContentDeveloper", "TeachingAssistant"];
    roles.iter().any(|role| role.scope() == Scope::Context && staff.contains(&role.name()))
}

/// Whether somebody with these roles takes the exams of a course, and does not look after it.
pub fn takes_exams(roles: &[Role]) -> bool {
    let learns = |role: &Role| role.scope() == Scope::Context && role.name() == Role::LEARNER.name();
    !is_staff(roles) && roles.iter().any(learns)
}

fn named_exam(launch: &impl Said) -> Result<Option<NamedExam>, NoEntry> {
    if let Some(id) = launch.get("custom_exam_id") {
        let number = id.parse().ok().filter(|number| *number > 0);
        let number =
            number.ok_or_else(|| NoEntry::Parameter("custom_exam_id", "is not the number of an exam".into()))?;
        return Ok(Some(NamedExam::Id(ExamId(number))));
    }
    Ok(launch.get("custom_exam_token").map(|token| NamedExam::Token(token.to_owned())))
}

fn label(name: &'static str, value: &str) -> Result<Label, NoEntry> {
    Label::try_from(value.to_owned()).map_err(|why| NoEntry::Parameter(name, why))
}

impl Person {
    fn read(launch: &impl Said, consumer: &LtiConsumer) -> Result<Self, NoEntry> {
        let user_id =
            launch.get("user_id").ok_or_else(|| NoEntry::Parameter("user_id", "is missing or empty".into()))?;
        let user_id = label("user_id", user_id)?;
        let address = |text: &str| Email::try_from(text.trim().to_owned()).ok();
        let by_id = consumer.settings.user_id_is_email.then(|| address(user_id.as_str())).flatten();
        let email = launch.get("lis_person_contact_email_primary").and_then(address).or(by_id);
        let names = Names {
            full: launch.get("lis_person_name_full"),
            given: launch.get("lis_person_name_given"),
            family: launch.get("lis_person_name_family"),
        };
        let number = launch.get("lis_person_sourcedid").and_then(|text| Label::try_from(text.to_owned()).ok());
        let groups = consumer.settings.group_parameters.0.iter();
        Ok(Self {
            name: names.shown(email.as_ref(), &user_id).ok_or(NoEntry::Role)?,
            email: email.unwrap_or_else(|| Email::stand_in(consumer.id, user_id.as_str())),
            external_id: number.unwrap_or_else(|| user_id.clone()),
            group_id: groups
                .filter_map(|name| launch.get(name.as_str()))
                .find_map(|value| Label::try_from(value.to_owned()).ok()),
            grade: launch.grade(),
            user_id,
        })
    }
}

/// Whether a learner gets to the exam's page, which shows the rest: when it opens, and that it is over for this student.
pub fn admit(exam: &Exam) -> Result<(), NoEntry> {
    match exam.status {
        ExamStatus::Open => Ok(()),
        ExamStatus::Draft => Err(NoEntry::Draft),
        ExamStatus::Closed | ExamStatus::Deleted => Err(NoEntry::Closed),
    }
}
