//! Names of claims and scopes (LTI 1.3 core, section 5, and the specification that each group is of).
//!
//! A claim of a standard is named by a URL, so that a platform's own claims beside it, under a URL of the platform, can
//! never be taken for it.

// OpenID Connect Core, sections 2 and 5.1; RFC 7519, section 4.1.

/// Who made the token.
pub const ISSUER: &str = "iss";
/// Who the token is about.
pub const SUBJECT: &str = "sub";
/// Who the token is for: a text, or a list of texts.
pub const AUDIENCE: &str = "aud";
/// Which of several audiences the token was made for.
pub const AUTHORIZED_PARTY: &str = "azp";
/// When the token ends, in seconds since 1970.
pub const EXPIRES: &str = "exp";
/// When the token was made, in seconds since 1970.
pub const ISSUED_AT: &str = "iat";
/// Before when the token does not count, in seconds since 1970.
pub const NOT_BEFORE: &str = "nbf";
/// The token's own name, used once.
pub const JWT_ID: &str = "jti";
/// What ties an `id_token` to the request that asked for it.
pub const NONCE: &str = "nonce";
/// Full name.
pub const NAME: &str = "name";
/// Given name.
pub const GIVEN_NAME: &str = "given_name";
/// Family name.
pub const FAMILY_NAME: &str = "family_name";
/// Middle name.
pub const MIDDLE_NAME: &str = "middle_name";
/// E-mail address.
pub const EMAIL: &str = "email";
/// URL of a picture of the person.
pub const PICTURE: &str = "picture";
/// The person's language, a BCP 47 tag.
pub const LOCALE: &str = "locale";
/// The person's time zone, a name of the IANA database.
pub const ZONEINFO: &str = "zoneinfo";
/// Telephone number.
pub const PHONE_NUMBER: &str = "phone_number";
/// The person's pronouns or sex, as the platform keeps it.
pub const GENDER: &str = "gender";

// LTI 1.3 core, section 5.

/// What kind of message it is.
pub const MESSAGE_TYPE: &str = "https://purl.imsglobal.org/spec/lti/claim/message_type";
/// The version of LTI, `1.3.0`.
pub const VERSION: &str = "https://purl.imsglobal.org/spec/lti/claim/version";
/// Which installation of the tool at the platform.
pub const DEPLOYMENT_ID: &str = "https://purl.imsglobal.org/spec/lti/claim/deployment_id";
/// Where the tool leads the person to.
pub const TARGET_LINK_URI: &str = "https://purl.imsglobal.org/spec/lti/claim/target_link_uri";
/// The place that was launched from.
pub const RESOURCE_LINK: &str = "https://purl.imsglobal.org/spec/lti/claim/resource_link";
/// The roles of the person.
pub const ROLES: &str = "https://purl.imsglobal.org/spec/lti/claim/roles";
/// Whom a mentor looks after.
pub const ROLE_SCOPE_MENTOR: &str = "https://purl.imsglobal.org/spec/lti/claim/role_scope_mentor";
/// What the place belongs to.
pub const CONTEXT: &str = "https://purl.imsglobal.org/spec/lti/claim/context";
/// The platform itself.
pub const TOOL_PLATFORM: &str = "https://purl.imsglobal.org/spec/lti/claim/tool_platform";
/// How the tool is shown.
pub const LAUNCH_PRESENTATION: &str = "https://purl.imsglobal.org/spec/lti/claim/launch_presentation";
/// Ids of the student information system.
pub const LIS: &str = "https://purl.imsglobal.org/spec/lti/claim/lis";
/// Custom parameters.
pub const CUSTOM: &str = "https://purl.imsglobal.org/spec/lti/claim/custom";
/// What the same place and person were called by LTI 1.1 (migration guide).
pub const LTI1P1: &str = "https://purl.imsglobal.org/spec/lti/claim/lti1p1";
/// Basic Outcomes beside LTI 1.3.
pub const BASIC_OUTCOME: &str = "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome";
/// Whose work is shown (Submission Review 1.0, Data Privacy Launch).
pub const FOR_USER: &str = "https://purl.imsglobal.org/spec/lti/claim/for_user";

// Deep Linking 2.0, sections 4.4 and 4.5.

/// What may be chosen, and where the choice is handed back.
pub const DEEP_LINKING_SETTINGS: &str = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings";
/// What was chosen.
pub const CONTENT_ITEMS: &str = "https://purl.imsglobal.org/spec/lti-dl/claim/content_items";
/// What the platform said, handed back as it was.
pub const DEEP_LINKING_DATA: &str = "https://purl.imsglobal.org/spec/lti-dl/claim/data";
/// A message for the person.
pub const DEEP_LINKING_MESSAGE: &str = "https://purl.imsglobal.org/spec/lti-dl/claim/msg";
/// A message for the log.
pub const DEEP_LINKING_LOG: &str = "https://purl.imsglobal.org/spec/lti-dl/claim/log";
/// A message for the person: something went wrong.
pub const DEEP_LINKING_ERROR_MESSAGE: &str = "https://purl.imsglobal.org/spec/lti-dl/claim/errormsg";
/// A message for the log: something went wrong.
pub const DEEP_LINKING_ERROR_LOG: &str = "https://purl.imsglobal.org/spec/lti-dl/claim/errorlog";

// Assignment and Grade Services 2.0, Names and Role Provisioning Services 2.0, Course Groups 1.0.

/// Where grades go.
pub const AGS_ENDPOINT: &str = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint";
/// Where the members of the context are listed.
pub const NAMES_ROLE_SERVICE: &str = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice";
/// Where the groups of the context are listed.
pub const GROUPS_SERVICE: &str = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice";

// Platform Notification Service 1.0.

/// Where a tool asks for notices.
pub const NOTIFICATION_SERVICE: &str = "https://purl.imsglobal.org/spec/lti/claim/platformnotificationservice";
/// What happened.
pub const NOTICE: &str = "https://purl.imsglobal.org/spec/lti/claim/notice";
/// What a context was copied from.
pub const ORIGIN_CONTEXTS: &str = "https://purl.imsglobal.org/spec/lti/claim/origin_contexts";

// Proctoring Services and Assessment Control 1.0.

/// Where a proctoring tool controls the assessment.
pub const ASSESSMENT_CONTROL: &str = "https://purl.imsglobal.org/spec/lti-ap/claim/acs";
/// Which attempt at the assessment, from 1.
pub const ATTEMPT_NUMBER: &str = "https://purl.imsglobal.org/spec/lti-ap/claim/attempt_number";
/// What ties the start of an assessment to the person who asked for it.
pub const SESSION_DATA: &str = "https://purl.imsglobal.org/spec/lti-ap/claim/session_data";
/// Where the start of the assessment is posted.
pub const START_ASSESSMENT_URL: &str = "https://purl.imsglobal.org/spec/lti-ap/claim/start_assessment_url";
/// What the tool is to do, in its own words.
pub const PROCTORING_SETTINGS: &str = "https://purl.imsglobal.org/spec/lti-ap/claim/proctoring_settings";
/// Who the tool saw.
pub const VERIFIED_USER: &str = "https://purl.imsglobal.org/spec/lti-ap/claim/verified_user";
/// Whether the tool wants to know of the end.
pub const END_ASSESSMENT_RETURN: &str = "https://purl.imsglobal.org/spec/lti-ap/claim/end_assessment_return";
/// A message for the person: something went wrong.
pub const PROCTORING_ERROR_MESSAGE: &str = "https://purl.imsglobal.org/spec/lti-ap/claim/errormsg";
/// A message for the log: something went wrong.
pub const PROCTORING_ERROR_LOG: &str = "https://purl.imsglobal.org/spec/lti-ap/claim/errorlog";

// Dynamic Registration 1.0.

/// What the platform offers, in its configuration.
pub const PLATFORM_CONFIGURATION: &str = "https://purl.imsglobal.org/spec/lti-platform-configuration";
/// What the tool wants, in its registration.
pub const TOOL_CONFIGURATION: &str = "https://purl.imsglobal.org/spec/lti-tool-configuration";

/// Scopes of access tokens: what a tool may do at the platform's services.
pub mod scope {
    /// What every authentication request asks for (OpenID Connect Core, section 3.1.2.1).
    pub const OPENID: &str = "openid";
    /// Line items, read and written; holds [`LINE_ITEM_READ`].
    pub const LINE_ITEM: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem";
    /// Line items, read.
    pub const LINE_ITEM_READ: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly";
    /// Results, read.
    pub const RESULT_READ: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly";
    /// Scores, written.
    pub const SCORE: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/score";
    /// Members of the context, read.
    pub const MEMBERSHIP_READ: &str = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly";
    /// Groups of the context, read.
    pub const GROUP_READ: &str = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly";
    /// Control of assessments.
    pub const ASSESSMENT_CONTROL: &str = "https://purl.imsglobal.org/spec/lti-ap/scope/control.all";
    /// Handlers of notices.
    pub const NOTICE_HANDLERS: &str = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers";
    /// The tool's own registration, read and written.
    pub const REGISTRATION: &str = "https://purl.imsglobal.org/spec/lti-reg/scope/registration";
    /// The tool's own registration, read.
    pub const REGISTRATION_READ: &str = "https://purl.imsglobal.org/spec/lti-reg/scope/registration.readonly";
}
