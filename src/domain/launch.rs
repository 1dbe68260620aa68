//! What a tool is told when a student opens it (LTI 1.1 guide, Basic Launch Data).

pub mod record;

use examlink_lti::v1::credentials::Credentials;
use examlink_lti::v1::launch::{
    Context, ContextType, CustomParameters, DocumentTarget, Launch, OutcomeTarget, Presentation, ResourceLink,
    ToolConsumer, User,
};
use examlink_lti::v1::roles::Role;
use examlink_lti::{Error, Secret};

use crate::domain::exam::Exam;
use crate::domain::institute::Institute;
use crate::domain::lti_resource::LtiResource;
use crate::domain::outcome::{self, SourcedId};
use crate::domain::secret::Keyring;
use crate::domain::student_session::StudentSession;
use crate::domain::tool_provider::ToolProvider;

/// Everything that a launch is made from.
#[derive(Clone, Debug)]
pub struct LaunchFacts {
    /// The student's session.
    pub session: StudentSession,
    /// Its exam.
    pub exam: Exam,
    /// The exam's institute.
    pub institute: Institute,
    /// The resource that is opened.
    pub resource: LtiResource,
    /// The platform that it belongs to.
    pub tool: ToolProvider,
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

impl LaunchFacts {
    /// The launch message. `target` is where the tool really opens; `return_url` is where it may send the student back;
    /// `keys` make the name under which it hands the grade back. Fails where custom data holds what a launch cannot carry.
    pub fn message(
        &self,
        consumer: Consumer<'_>,
        target: DocumentTarget,
        return_url: String,
        keys: &Keyring,
    ) -> Result<Launch, Error> {
        let outcomes = format!("{}{}", consumer.url, outcome::PATH);
        let extensions = ACCEPTED.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter();
        let sourcedid = SourcedId::of(keys, self.tool.id, self.resource.id, &self.session).to_string();
        Ok(Launch {
            resource_link: ResourceLink {
                id: self.resource.lti_resource_link_id.clone(),
                title: Some(self.resource.lti_resource_link_name.to_string()),
                description: None,
            },
            user: self.user(),
            context: Context {
                id: Some(self.exam.token.clone()),
                kind: Some(ContextType::CourseSection),
                title: Some(self.exam.settings.name.to_string()),
                label: Some(self.exam.settings.name.to_string()),
            },
            presentation: Presentation {
                locale: Some(self.exam.settings.exam_language.to_string()),
                document_target: Some(target),
                return_url: Some(return_url),
                ..Presentation::default()
            },
            consumer: self.consumer(consumer),
            extensions: extensions.chain([("ext_ims_lis_basic_outcome_url".to_owned(), outcomes.clone())]).collect(),
            outcome: Some(OutcomeTarget { service_url: outcomes, sourcedid }),
            custom: CustomParameters::new(self.resource.custom_data(&self.tool).pairs())?,
            relaunch: None,
        })
    }

    /// The key and secret of the tool, with its secret opened.
    pub fn credentials(&self, secret: Secret) -> Credentials {
        let method = self.tool.oauth_signature_method.into();
        Credentials { consumer_key: self.tool.oauth_consumer_key.to_string(), secret, method }
    }

    /// The student, without what the tool provider's privacy switches hold back.
    fn user(&self) -> User {
        User {
            id: Some(self.session.student_id.clone()),
            roles: vec![Role::LEARNER],
            full_name: self.tool.share_name.then(|| self.session.name.to_string()),
            email: self.tool.share_email.then(|| self.session.email.to_string()),
            ..User::default()
        }
    }

    /// Each institute is an instance of its own: tools keep their users apart by the instance's guid.
    fn consumer(&self, consumer: Consumer<'_>) -> ToolConsumer {
        ToolConsumer {
            product_family_code: Some("examlink".into()),
            version: Some(env!("CARGO_PKG_VERSION").into()),
            instance_guid: Some(format!("institute-{}.{}", self.institute.id, consumer.host)),
            instance_name: Some(self.institute.name.to_string()),
            instance_description: Some(consumer.name.to_owned()),
            instance_url: Some(consumer.url.to_owned()),
            instance_contact_email: consumer.contact_email.map(ToOwned::to_owned),
        }
    }
}
