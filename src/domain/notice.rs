//! Notices: what a tool of LTI 1.3 is told unasked (Platform Notification Service 1.0).

use diesel::prelude::*;
use examlink_lti::v1p3::notices::NoticeType;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::domain::id::{ExamId, ToolDeploymentId, ToolProviderId};
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::text::WebUrl;
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::ToolProvider;
use crate::schema::notice_handlers;

/// What a tool is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Happening {
    /// The tool has said where it wants such notices.
    HandlerSet {
        /// Those of one deployment alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deployment: Option<ToolDeploymentId>,
    },
    /// An exam with a link of the tool was copied.
    ExamCopied {
        /// The copy.
        copy: ExamId,
        /// What it was made from.
        origin: ExamId,
        /// The deployment of the link; `None` is the first one.
        #[serde(default)]
        deployment: Option<ToolDeploymentId>,
    },
}

impl Happening {
    /// The type of the notice.
    pub const fn notice_type(self) -> NoticeType {
        match self {
            Self::HandlerSet { .. } => NoticeType::HelloWorld,
            Self::ExamCopied { .. } => NoticeType::ContextCopy,
        }
    }

    /// The deployment that it is about, where it names one.
    pub const fn deployment(self) -> Option<ToolDeploymentId> {
        match self {
            Self::HandlerSet { deployment } | Self::ExamCopied { deployment, .. } => deployment,
        }
    }
}

/// Where a tool wants the notices of a type.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = notice_handlers, treat_none_as_default_value = false)]
pub struct NewNoticeHandler {
    /// The tool.
    pub tool_provider_id: ToolProviderId,
    /// The deployment whose notices go there; `None` for all that have no address of their own.
    pub tool_deployment_id: Option<ToolDeploymentId>,
    /// The type, as it is called on the wire.
    pub notice_type: &'static str,
    /// The address.
    pub url: String,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub updated_at: Timestamp,
}

/// The hosts that are the tool's own: where it is launched, where its login begins, and where it is answered.
pub fn domains(tool: &ToolProvider, registration: &LtiRegistration) -> Vec<String> {
    let settings = &registration.settings;
    let answered = settings.redirect_uris.0.iter().map(WebUrl::as_str);
    let urls = [tool.tool_url.as_str(), settings.login_url.as_str()].into_iter().chain(answered);
    urls.filter_map(|url| Some(Url::parse(url).ok()?.host_str()?.to_owned())).collect()
}

/// The id of the notice that a job sends, however often: a UUID (RFC 9562, section 5.4) of the 32 hex digits that the job
/// goes by.
pub fn notice_id(uid: &str) -> String {
    let mut id = String::with_capacity(36);
    for (place, digit) in uid.chars().enumerate() {
        if matches!(place, 8 | 12 | 16 | 20) {
            id.push('-');
        }
        // Its version, and its variant.
        id.push(match place {
            12 => '4',
            16 => 'a',
            _ => digit,
        });
    }
    id
}
