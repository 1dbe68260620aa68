//! What a tool of LTI 1.3 is told when a student opens it (LTI 1.3 core, section 5). It is what LTI 1.1 tells, in other
//! words: one message cannot say more of a student than the other.

use examlink_lti::v1p3::claims::BASIC_OUTCOME;
use examlink_lti::v1p3::id_token::{IdToken, Lis, Profile};
use examlink_lti::v1p3::message::MessageType;
use examlink_lti::v1p3::migration::Migration;
use serde_json::Value;

use crate::domain::launch::{Consumer, LaunchFacts, Opening};
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::{Error, Result};

/// How long a token lives, in seconds. Tools use it at once.
pub const LIFE: u64 = 300;

impl LaunchFacts {
    /// The message, for a tool that is registered so, with the claims of the services that it may use.
    pub fn id_token(
        &self,
        consumer: Consumer<'_>,
        opening: Opening,
        registration: &LtiRegistration,
        mut services: Vec<(&'static str, Value)>,
    ) -> Result<IdToken> {
        let (times, broken) = (opening.times, |error: examlink_lti::Error| Error::Internal(error.to_string()));
        let message = self.message(consumer, opening).map_err(broken)?;
        // The author's own words, before variables of LTI 1.1 were put into them.
        let custom = self.resource.custom_parameters(&self.tool).map_err(broken)?;
        let custom = custom.written();
        // Such a tool may go on to hand grades back as it did, by its old key.
        let outcome = message.outcome.filter(|_| self.migration(registration).is_some());
        services.extend(outcome.map(|target| (BASIC_OUTCOME, target.to_claim())));
        let mut token = IdToken {
            issuer: consumer.url.to_owned(),
            client_id: registration.client_id.clone(),
            deployment_id: registration.deployment_id.clone(),
            target_link_uri: self.resource.launch_url(&self.tool).unwrap_or_default().to_owned(),
            message_type: MessageType::ResourceLink,
            resource_link: Some(message.resource_link),
            user: message.user,
            profile: Profile::default(),
            test_user: false,
            mentor_of: Vec::new(),
            context: message.context,
            platform: message.consumer,
            presentation: message.presentation,
            lis: Lis::default(),
            custom,
            services,
            vendor: Vec::new(),
        };
        token.expand(|name| self.variable(name, consumer, &times));
        Ok(token)
    }

    /// What LTI 1.1 called the same, for a tool provider that spoke it before: its registration is younger than itself.
    /// Student, link, exam and institute are called what they were, so the key is all there is to say.
    pub fn migration(&self, registration: &LtiRegistration) -> Option<Migration> {
        let consumer_key = self.tool.oauth_consumer_key.to_string();
        (self.tool.created_at < registration.created_at).then(|| Migration { consumer_key, ..Migration::default() })
    }
}
