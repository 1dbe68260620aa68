//! What a tool is told when a student opens it (LTI 1.1 guide, Basic Launch Data).

pub mod check;
pub mod id_token;
pub mod record;
pub mod services;
pub mod shown;
pub mod userinfo;

use examlink_lti::Error;
use examlink_lti::v1::launch::{DocumentTarget, Launch, OutcomeTarget, Presentation, ResourceLink, ToolConsumer, User};
use examlink_lti::v1::relaunch::Relaunch;
use examlink_lti::v1::roles::Role;

use crate::domain::exam::{Schedule, ToldExam};
use crate::domain::id::InstituteId;
use crate::domain::institute::InstituteName;
use crate::domain::link_times::{Availability, LinkTimes};
use crate::domain::lti_resource::{LtiResource, Pixels};
use crate::domain::lti_urls::{self, SettingsPlace};
use crate::domain::outcome::{self, SourcedId};
use crate::domain::secret::Keyring;
use crate::domain::student_session::{Door, StudentSession};
use crate::domain::text::Prose;
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::ToolProvider;

/// Everything that a launch is made from.
#[derive(Clone, Debug)]
pub struct LaunchFacts {
    /// The student's session.
    pub session: StudentSession,
    /// Its exam.
    pub exam: ToldExam,
    /// The exam's institute.
    pub institute: InstituteName,
    /// The resource that is opened.
    pub resource: LtiResource,
    /// The platform that it belongs to.
    pub tool: ToolProvider,
}

/// How one launch opens the tool.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Where the tool really opens.
    pub target: DocumentTarget,
    /// Where it may send the student back.
    pub return_url: String,
    /// The second launch of the security update, where the tool takes one.
    pub relaunch: Option<Relaunch>,
    /// When the student may use the link.
    pub times: LinkTimes,
}

/// Why a link may not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shut {
    /// The exam is not running for the student.
    Exam(Door),
    /// The link's time has not come.
    NotYet,
    /// The link's time is over.
    Over,
}

/// This installation, as tools know it.
#[derive(Clone, Copy, Debug)]
pub struct Consumer<'a> {
    /// `https://exams.example.edu`
    pub url: &'a str,
    /// `exams.example.edu`
    pub host: &'a str,
    /// What its operator calls it.
    pub name: &'a str,
    /// Where tools' people can write to.
    pub contact_email: Option<&'a str>,
    /// Makes addresses that cannot be guessed.
    pub keys: &'a Keyring,
}

/// What of a result is taken beside its score, under the names that Canvas gave these extensions.
const ACCEPTED: [(&str, &str); 6] = [
    ("ext_ims_lis_resultvalue_sourcedids", "decimal"),
    ("ext_outcome_data_values_accepted", "url,text,lti_launch_url"),
    ("ext_outcome_result_total_score_accepted", "true"),
    ("ext_outcome_submission_submitted_at_accepted", "true"),
    ("ext_outcome_submission_needs_additional_review_accepted", "true"),
    ("ext_outcome_submission_prioritize_non_tool_grade_accepted", "true"),
];

/// The product, as tools know it.
pub const PRODUCT: &str = "examlink";

/// The variables that stand for what is known beside the message.
pub const FURTHER_VARIABLES: [&str; 12] = [
    "Context.timeFrame.begin",
    "Context.timeFrame.end",
    "CourseSection.timeFrame.begin",
    "CourseSection.timeFrame.end",
    "ResourceLink.available.startDateTime",
    "ResourceLink.available.endDateTime",
    "ResourceLink.submission.startDateTime",
    "ResourceLink.submission.endDateTime",
    "ToolConsumerProfile.url",
    "ToolProxy.custom.url",
    "ToolProxyBinding.custom.url",
    "LtiLink.custom.url",
];

impl LaunchFacts {
    /// The launch message. Fails where custom data holds what a launch cannot carry.
    pub fn message(&self, consumer: Consumer<'_>, opening: Opening) -> Result<Launch, Error> {
        let (details, times) = (&self.resource.details, opening.times);
        let outcomes = format!("{}{}", consumer.url, outcome::PATH);
        let sourcedid = SourcedId::of(consumer.keys, self.tool.id, self.resource.id, &self.session).to_string();
        let extensions = ACCEPTED.map(|(name, value)| (name.into(), value.to_owned())).into_iter();
        let mut launch = Launch {
            resource_link: ResourceLink {
                id: self.resource.lti_resource_link_id.clone(),
                title: Some(self.resource.lti_resource_link_name.to_string()),
                description: details.description.as_ref().map(Prose::to_string),
            },
            user: learner(&self.session, &self.tool),
            context: self.exam.context(),
            presentation: Presentation {
                locale: Some(self.exam.exam_language.to_string()),
                document_target: Some(opening.target),
                width: details.display_width.map(Pixels::count),
                height: details.display_height.map(Pixels::count),
                return_url: Some(opening.return_url),
                css_url: None,
            },
            consumer: consumer.told_by(&self.institute),
            custom: self.resource.custom_parameters(&self.tool)?.with_raw_names(self.tool.send_raw_custom_names),
            extensions: extensions.chain([("ext_ims_lis_basic_outcome_url".into(), outcomes.clone())]).collect(),
            outcome: Some(OutcomeTarget { service_url: outcomes, sourcedid }),
            relaunch: opening.relaunch,
        };
        launch.expand(|name| self.variable(name, consumer, &times));
        Ok(launch)
    }

    /// What a variable stands for that is no field of the message.
    pub(super) fn variable(&self, name: &str, consumer: Consumer<'_>, times: &LinkTimes) -> Option<String> {
        match name {
            "LtiLink.custom.url" => Some(SettingsPlace::Link(self.tool.id, self.resource.id).url(consumer.url)),
            _ => times.variable(name).or_else(|| variable(name, &self.exam, &self.tool, consumer)),
        }
    }

    /// When the student may use the link, where it may be opened now: the student's exam is running, and the link is
    /// available.
    pub fn times(&self, now: Timestamp) -> Result<LinkTimes, Shut> {
        let ends = match self.session.door(&self.exam, now) {
            Door::Running(ends) => ends,
            closed => return Err(Shut::Exam(closed)),
        };
        let own = self.resource.times.of(&self.session, now);
        match own.availability(now) {
            Availability::Open => Ok(own.or_of(&self.exam, &self.session, ends)),
            Availability::NotYet => Err(Shut::NotYet),
            Availability::Over => Err(Shut::Over),
        }
    }
}

/// The student, without what the tool provider's privacy switches hold back.
pub(super) fn learner(session: &StudentSession, tool: &ToolProvider) -> User {
    User {
        id: Some(session.student_id.clone()),
        roles: vec![Role::LEARNER],
        full_name: tool.share_name.then(|| session.name.to_string()),
        email: tool.share_email.then(|| session.email.to_string()),
        ..User::default()
    }
}

/// What a variable stands for in every message of a tool about an exam.
pub(super) fn variable(name: &str, exam: &ToldExam, tool: &ToolProvider, consumer: Consumer<'_>) -> Option<String> {
    match name {
        "Context.timeFrame.begin" | "CourseSection.timeFrame.begin" => Some(written(Schedule::from(exam).start_time)),
        "Context.timeFrame.end" | "CourseSection.timeFrame.end" => Some(written(Schedule::from(exam).end_time)),
        "ToolConsumerProfile.url" => Some(lti_urls::profile(consumer.url, consumer.keys, exam.institute_id)),
        "ToolProxy.custom.url" => Some(SettingsPlace::Tool(tool.id).url(consumer.url)),
        "ToolProxyBinding.custom.url" => Some(SettingsPlace::Exam(tool.id, exam.id).url(consumer.url)),
        _ => None,
    }
}

/// What has no value is known all the same.
fn written(time: Option<Timestamp>) -> String {
    time.map(|at| at.to_string()).unwrap_or_default()
}

impl Consumer<'_> {
    /// Each institute is an instance of its own: tools keep their users apart by the instance's guid.
    pub fn guid(self, institute: InstituteId) -> String {
        format!("institute-{institute}.{}", self.host)
    }

    /// This installation in the messages of an institute.
    pub(super) fn told_by(self, institute: &InstituteName) -> ToolConsumer {
        ToolConsumer {
            product_family_code: Some(PRODUCT.into()),
            version: Some(env!("CARGO_PKG_VERSION").into()),
            instance_guid: Some(self.guid(institute.id)),
            instance_name: Some(institute.name.to_string()),
            instance_description: Some(self.name.to_owned()),
            instance_url: Some(self.url.to_owned()),
            instance_contact_email: self.contact_email.map(ToOwned::to_owned),
        }
    }
}
