//! The addresses of this server that tools are told: the protocols' own, beside the API and the pages.

use crate::domain::id::{ExamId, InstituteId, LtiResourceId, ToolProviderId};
use crate::domain::line_item::ItemName;
use crate::domain::secret::{Keyring, Secret};

/// Where an LMS sends people.
pub const LAUNCH: &str = "/lti/1.1/launch";
/// Where a browser brings what was chosen in a tool.
pub const CONTENT_ITEMS: &str = "/lti/1.1/content_items";
/// Where a browser asks for the second launch of the security update.
pub const RELAUNCH: &str = "/lti/1.1/relaunch";
/// Where this server describes itself, as one institute's platform.
pub const PROFILE: &str = "/lti/1.1/tool_consumer_profiles/{institute}";
/// Where a tool keeps settings of its own.
pub const TOOL_SETTINGS: &str = "/lti/1.1/tool_settings/{tool_provider}";
/// Where a tool keeps settings of an exam.
pub const EXAM_SETTINGS: &str = "/lti/1.1/tool_settings/{tool_provider}/exams/{exam}";
/// Where a tool keeps settings of a link.
pub const LINK_SETTINGS: &str = "/lti/1.1/tool_settings/{tool_provider}/lti_resources/{lti_resource}";

/// Where a platform of LTI 1.3 begins a launch into an exam.
pub const LOGIN: &str = "/lti/1.3/login";
/// Where it sends people with a message.
pub const LAUNCH_1P3: &str = "/lti/1.3/launch";
/// Where an administrator of a platform registers this server there, below which stands the leave to do so.
pub const PLATFORM_REGISTRATIONS: &str = "/lti/1.3/platform_registrations";

/// Where tools ask for a launch by LTI 1.3.
pub const AUTHORIZE: &str = "/lti/1.3/authorize";
/// Where a tool of LTI 1.3 gets its access tokens.
pub const TOKEN: &str = "/lti/1.3/token";
/// The keys that tools check our signatures with.
pub const KEY_SET: &str = "/.well-known/jwks.json";
/// Where the line items of an exam are.
pub const LINE_ITEMS: &str = "/lti/1.3/exams/{exam}/line_items";
/// Where the groups of an exam are.
pub const GROUPS: &str = "/lti/1.3/exams/{exam}/groups";
/// Where the members of an exam are.
pub const MEMBERS: &str = "/lti/1.3/exams/{exam}/members";
/// Where a tool says where it wants notices.
pub const NOTICE_HANDLERS: &str = "/lti/1.3/notice_handlers";
/// What this server says of itself to tools that register themselves.
pub const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
/// Where a browser brings what was chosen in a tool by LTI 1.3.
pub const DEEP_LINKS: &str = "/lti/1.3/deep_links";
/// Where a browser brings the proctoring tool's leave to begin an exam.
pub const START_ASSESSMENT: &str = "/lti/1.3/start_assessment";
/// Where a proctoring tool controls attempts.
pub const ASSESSMENT_CONTROL: &str = "/lti/1.3/assessment_control";
/// Where a proctoring tool sends students back.
pub const PROCTORING_RETURN: &str = "/proctoring/{candidate}";
/// Where a grader's browser begins to look at what a student handed in.
pub const SUBMISSION_REVIEW: &str = "/submission_reviews/{leave}";
/// Where a tool registers itself, with the token of an invitation.
pub const REGISTER: &str = "/lti/1.3/register";
/// Where a tool reads what it is registered with, and proposes something else.
pub const REGISTRATION: &str = "/lti/1.3/registrations/{client_id}";

const PROFILE_PURPOSE: &str = "tool consumer profile";

/// What tool settings belong to. Every one is of one tool provider, whose key opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsPlace {
    /// The tool provider itself.
    Tool(ToolProviderId),
    /// One exam that it is placed in.
    Exam(ToolProviderId, ExamId),
    /// One of its links.
    Link(ToolProviderId, LtiResourceId),
}

impl SettingsPlace {
    /// Whose it is.
    pub const fn tool(self) -> ToolProviderId {
        match self {
            Self::Tool(tool) | Self::Exam(tool, _) | Self::Link(tool, _) => tool,
        }
    }

    /// Where it is served, below `origin`.
    pub fn url(self, origin: &str) -> String {
        format!("{origin}/lti/1.1/tool_settings/{}", self.name())
    }

    /// The end of its address: one for each place.
    pub fn name(self) -> String {
        match self {
            Self::Tool(tool) => tool.to_string(),
            Self::Exam(tool, exam) => format!("{tool}/exams/{exam}"),
            Self::Link(tool, resource) => format!("{tool}/lti_resources/{resource}"),
        }
    }
}

/// Where the profile of an institute is served. The address cannot be guessed, so nobody learns which institutes there
/// are by counting.
pub fn profile(origin: &str, keys: &Keyring, institute: InstituteId) -> String {
    let name = format!("{institute}-{}", keys.ticket(PROFILE_PURPOSE, &institute.to_string()));
    format!("{origin}{}", PROFILE.replace("{institute}", &name))
}

/// The institute that the end of a profile's address names.
pub fn institute_of_profile(keys: &Keyring, name: &str) -> Option<InstituteId> {
    let (id, ticket) = name.split_once('-')?;
    keys.is_ticket(ticket, PROFILE_PURPOSE, id).then(|| id.parse().ok().map(InstituteId)).flatten()
}

/// Where the line items of an exam are, below `origin`.
pub fn line_items(origin: &str, exam: ExamId) -> String {
    format!("{origin}{}", LINE_ITEMS.replace("{exam}", &exam.to_string()))
}

/// Where one line item is, which is also its id. It has no query, because some tools append to it.
pub fn line_item(origin: &str, exam: ExamId, item: ItemName) -> String {
    format!("{}/{item}", line_items(origin, exam))
}

/// Where a proctoring tool sends one student back, which words made for it name.
pub fn proctoring_return(candidate: &str) -> String {
    PROCTORING_RETURN.replace("{candidate}", candidate)
}

/// Where a grader's browser begins to look at a student's work, by the leave that these words show.
pub fn submission_review(origin: &str, leave: &Secret) -> String {
    format!("{origin}{}", SUBMISSION_REVIEW.replace("{leave}", leave.reveal()))
}

/// Where the groups of an exam are listed, below `origin`.
pub fn groups(origin: &str, exam: ExamId) -> String {
    format!("{origin}{}", GROUPS.replace("{exam}", &exam.to_string()))
}

/// Where the registration of a client is, below `origin` (`registration_client_uri`).
pub fn registration(origin: &str, client_id: &str) -> String {
    format!("{origin}{}", REGISTRATION.replace("{client_id}", client_id))
}

/// Where the members of an exam are listed, below `origin`.
pub fn members(origin: &str, exam: ExamId) -> String {
    format!("{origin}{}", MEMBERS.replace("{exam}", &exam.to_string()))
}
