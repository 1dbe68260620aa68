//! What a proctoring tool is told of a student: no more than a launch would tell it.

use examlink_lti::v1::launch::{DocumentTarget, Presentation, ResourceLink};
use examlink_lti::v1p3::id_token::{IdToken, Lis, Profile};
use examlink_lti::v1p3::message::MessageType;
use examlink_lti::v1p3::proctoring::{Action, ControlEndpoint, EndAssessment, StartProctoring};
use serde_json::{Value, json};

use crate::domain::exam::{Exam, ToldExam};
use crate::domain::launch::{Consumer, learner, variable};
use crate::domain::lti_registration::ToolScope;
use crate::domain::lti_urls;
use crate::domain::proctoring::{Candidate, ProctoringFacts, Purpose, Step, attempt_number, link_id};
use crate::domain::{Error, Result};

impl ProctoringFacts {
    /// The message of a step, for a student who comes back by the words that it holds.
    pub fn id_token(&self, consumer: Consumer<'_>, (step, candidate): (Step, &Candidate)) -> Result<IdToken> {
        let (exam, tool) = (&self.exam, &self.tool);
        let custom = tool.custom_parameters().map_err(|error| Error::Internal(error.to_string()))?;
        let (message_type, services) = match step {
            Step::Start => (MessageType::StartProctoring, self.start(consumer, candidate)?.claims()),
            Step::End => (MessageType::EndAssessment, self.end().claims()),
        };
        let back = lti_urls::proctoring_return(&candidate.seal(Purpose::Return, consumer.keys)?);
        let (title, told) = (Some(exam.settings.name.to_string()), ToldExam::from(exam));
        let mut token = IdToken {
            issuer: consumer.url.to_owned(),
            client_id: self.registration.client_id.clone(),
            deployment_id: self.registration.deployment_id.clone(),
            target_link_uri: tool.tool_url.clone(),
            message_type,
            resource_link: Some(ResourceLink { id: link_id(exam), title, description: None }),
            user: learner(&self.session, tool),
            profile: Profile::default(),
            test_user: false,
            mentor_of: Vec::new(),
            context: told.context(),
            platform: consumer.told_by(&self.institute),
            presentation: Presentation {
                locale: Some(exam.settings.exam_language.to_string()),
                document_target: Some(DocumentTarget::Window),
                return_url: Some(format!("{}{back}", consumer.url)),
                ..Presentation::default()
            },
            lis: Lis::default(),
            custom: custom.written(),
            services,
            vendor: Vec::new(),
        };
        token.expand(|name| variable(name, &told, tool, consumer));
        Ok(token)
    }

    fn start(&self, consumer: Consumer<'_>, candidate: &Candidate) -> Result<StartProctoring> {
        let at = |path: &str| format!("{}{path}", consumer.url);
        let may_control = self.registration.settings.granted().contains(&ToolScope::AssessmentControl);
        let endpoint = || ControlEndpoint {
            url: at(lti_urls::ASSESSMENT_CONTROL),
            actions: Action::NAMES.map(|(_, action)| action).to_vec(),
        };
        Ok(StartProctoring {
            attempt_number: attempt_number(&self.session),
            session_data: candidate.seal(Purpose::SessionData, consumer.keys)?,
            start_assessment_url: at(lti_urls::START_ASSESSMENT),
            control: may_control.then(endpoint),
            settings: Some(settings(&self.exam).to_string()),
        })
    }

    fn end(&self) -> EndAssessment {
        EndAssessment { attempt_number: attempt_number(&self.session), ..EndAssessment::default() }
    }
}

/// What the author says of watching the exam, as JSON in the names of the API.
fn settings(exam: &Exam) -> Value {
    let set = &exam.settings;
    json!({
        "web_cam": set.web_cam,
        "mobile_cam": set.mobile_cam,
        "screen_share": set.screen_share,
        "restrictions": set.restrictions,
        "materials": set.materials,
    })
}
