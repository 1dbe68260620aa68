//! The request for content by LTI 1.3 (Deep Linking 2.0). It says what that of LTI 1.1 says, in other words.

use examlink_lti::v1::launch::{DocumentTarget, Presentation};
use examlink_lti::v1p3::claims::DEEP_LINKING_SETTINGS;
use examlink_lti::v1p3::deep_linking::{ItemType, Settings};
use examlink_lti::v1p3::id_token::{IdToken, Lis, Profile};
use examlink_lti::v1p3::message::MessageType;

use crate::domain::attachment::FileType;
use crate::domain::exam::ToldExam;
use crate::domain::launch::{Consumer, variable};
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::lti_urls;
use crate::domain::secret::Keyring;
use crate::domain::selection::{SelectionFacts, author};
use crate::domain::tool_provider::ToolProvider;

impl SelectionFacts {
    /// What may be chosen, and where the choice is handed back: links to launch and what instructions can show, several
    /// at once, stored without another question. Files and images are taken where this server keeps files.
    pub fn settings(&self, origin: &str, keys: &Keyring, keeps_files: bool) -> Settings {
        let files: &[ItemType] = if keeps_files { &[ItemType::File, ItemType::Image] } else { &[] };
        let types = [ItemType::ResourceLink, ItemType::Link, ItemType::Html];
        Settings {
            return_url: format!("{origin}{}", lti_urls::DEEP_LINKS),
            accept_types: types.iter().chain(files).copied().collect(),
            accept_media_types: FileType::media_types().filter(|_| keeps_files).map(str::to_owned).collect(),
            accept_targets: vec![DocumentTarget::Iframe, DocumentTarget::Window, DocumentTarget::Embed],
            accept_multiple: true,
            accept_line_item: true,
            auto_create: true,
            title: Some(self.exam.settings.name.to_string()),
            data: Some(self.selection.data(keys)),
            ..Settings::default()
        }
    }

    /// The message, for a tool that is registered so. Of the author it says no more than an opaque number. Fails where
    /// custom data holds what a message cannot carry.
    pub fn id_token(
        &self,
        consumer: Consumer<'_>,
        registration: &LtiRegistration,
        keeps_files: bool,
    ) -> Result<IdToken, examlink_lti::Error> {
        let (exam, custom) = (ToldExam::from(&self.exam), self.tool.custom_parameters()?);
        let settings = self.settings(consumer.url, consumer.keys, keeps_files);
        let mut token = IdToken {
            issuer: consumer.url.to_owned(),
            client_id: registration.client_id.clone(),
            deployment_id: registration.deployment_id.clone(),
            target_link_uri: registration.chooser(&self.tool).to_owned(),
            message_type: MessageType::DeepLinking,
            resource_link: None,
            user: author(consumer.keys, self.author.id),
            profile: Profile::default(),
            test_user: false,
            mentor_of: Vec::new(),
            context: exam.context(),
            platform: consumer.told_by(&self.institute),
            presentation: Presentation {
                locale: Some(self.exam.settings.exam_language.to_string()),
                document_target: Some(DocumentTarget::Window),
                ..Presentation::default()
            },
            lis: Lis::default(),
            custom: custom.written(),
            services: vec![(DEEP_LINKING_SETTINGS, settings.to_value())],
            vendor: Vec::new(),
        };
        token.expand(|name| variable(name, &exam, &self.tool, consumer));
        Ok(token)
    }
}

impl LtiRegistration {
    /// Where content is chosen in the tool; empty where nobody said.
    pub fn chooser<'a>(&'a self, tool: &'a ToolProvider) -> &'a str {
        self.settings.deep_linking_url.as_ref().map_or(&tool.tool_url, |url| url.as_str())
    }
}
