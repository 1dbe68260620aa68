//! What the messages and services of LTI Advantage can break: one variant per rule, its first line names where the rule
//! stands.

/// A result of the service modules.
pub(super) type Result<T, E = ServiceError> = std::result::Result<T, E>;

/// The rule that was broken. The text names the member or claim and the way out, and never holds an opaque value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    // The shape of any message.
    /// RFC 8259: the body is JSON, and NaN and numbers beyond double precision are none.
    #[error("the body is not JSON: {0}")]
    NotJson(String),
    /// A member or claim that the message must have.
    #[error("{0} is missing or empty; it is required")]
    Missing(String),
    /// Each member has one type of JSON.
    #[error("{at} must be {expected}")]
    WrongType {
        /// Where it stands.
        at: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// No message of the specifications comes near these limits.
    #[error("{at} is longer than {most} bytes; shorten it")]
    TooLong {
        /// Where it stands.
        at: String,
        /// How many bytes it may have.
        most: usize,
    },
    /// No message of the specifications comes near these limits.
    #[error("{at} holds more than {most}; send fewer")]
    TooMany {
        /// Where it stands.
        at: String,
        /// How many it may hold.
        most: usize,
    },
    /// A number has its range.
    #[error("{at} must be {range}")]
    OutOfRange {
        /// Where it stands.
        at: String,
        /// What it may be.
        range: String,
    },
    /// Security Framework, transport: https, or what a browser shows without harm.
    #[error("{at}: {reason}")]
    Url {
        /// Where it stands.
        at: String,
        /// What is wrong with it.
        reason: crate::Error,
    },
    /// ISO 8601: a date, a time and an offset.
    #[error("{at} is \"{said}\"; write an ISO 8601 time with an offset, such as 2017-04-16T18:54:36.736Z")]
    Timestamp {
        /// Where it stands.
        at: String,
        /// What it is.
        said: String,
    },
    /// A span of time ends after it begins.
    #[error("{0} ends before it begins; exchange its two times")]
    EndsBeforeBegin(String),
    /// AGS 2.0, score service, and Assessment Control 1.0: it is when something happened. A score from the future would
    /// keep out every later one.
    #[error("{at} is more than {seconds} s ahead of the time here; set the clock")]
    InTheFuture {
        /// Where it stands.
        at: String,
        /// How far it may be ahead.
        seconds: i64,
    },
    /// A closed vocabulary.
    #[error("{at} is \"{said}\"; it must be one of {known}")]
    UnknownValue {
        /// Where it stands.
        at: String,
        /// What it is.
        said: String,
        /// What it may be.
        known: String,
    },
    /// A parameter of a query has one value.
    #[error("{0} is given more than once in the query")]
    Repeated(&'static str),
    /// AGS 2.0 and NRPS 2.0, limit query parameter: how many to a page.
    #[error("limit must be a whole number from 1 on")]
    Limit,
    /// AGS 2.0 and NRPS 2.0, limit query parameter: whoever follows `next` shows its access token there.
    #[error("the next page is at {0}, another origin than the one before; serve all pages at one origin")]
    PageOrigin(String),

    // Assignment and Grade Services 2.0.
    /// AGS 2.0, line item service: `id` and `resourceLinkId` never change.
    #[error("{0} is not that of the line item, and cannot change; leave it out, or make a new line item")]
    Immutable(&'static str),

    // Deep Linking 2.0.
    /// Deep Linking 2.0, response, `data`: it comes back as it went, so that nobody answers what another was asked.
    #[error("data is not what the request said; send it back as it came, and leave it out where there was none")]
    Data,
    /// Deep Linking 2.0, settings, `accept_types`: only what was asked for.
    #[error("{at} is of the type \"{said}\", which was not asked for; see accept_types of the request")]
    ItemType {
        /// Which item.
        at: String,
        /// Its type.
        said: String,
    },
    /// Deep Linking 2.0, settings, `accept_multiple`: one item, unless several were asked for.
    #[error("content_items holds {0} items; the request asked for one at most")]
    SeveralItems(usize),

    // Proctoring Services and Assessment Control 1.0.
    /// Proctoring Services 1.0, start assessment, `session_data`: it comes back as it went.
    #[error("session_data is not that of the start of the proctoring; send it back as it came")]
    SessionData,
    /// Proctoring Services 1.0, start assessment, `resource_link`: it comes back as it went.
    #[error("resource_link.id is not that of the start of the proctoring; send it back as it came")]
    ResourceLink,
    /// Proctoring Services 1.0, start assessment, `attempt_number`: it comes back as it went.
    #[error("attempt_number is {0}, which is not that of the start of the proctoring; send it back as it came")]
    AttemptNumber(u32),
    /// Proctoring Services 1.0, start assessment, `verified_user`: the picture shows who sat there.
    #[error("verified_user.picture is the picture that the platform sent; take a new one")]
    SamePicture,
    /// Assessment Control 1.0, `user`: a person is known by issuer and subject together.
    #[error("user.iss is not the issuer of this platform; send the iss of the launch")]
    ForeignUser,
    /// Assessment Control 1.0, `acs` claim, `actions`: only what was offered.
    #[error("the action {0} was not offered for this assessment; see actions of the claim acs")]
    ActionNotOffered(&'static str),
    /// Assessment Control 1.0, `status`: what has ended does not go on, and what has not begun does not pause.
    #[error("{action} cannot be done to an assessment that is {status}")]
    ActionTooLate {
        /// What was asked.
        action: &'static str,
        /// The status of the assessment.
        status: &'static str,
    },

    // Submission Review 1.0, Platform Notification Service 1.0 and Dynamic Registration 1.0.
    /// Submission Review 1.0, endpoint claim: it names the line item.
    #[error("the message has no line item; a submission review is of exactly one")]
    NoLineItem,
    /// Platform Notification Service 1.0, handlers: notices go to nobody but the tool.
    #[error("handler is at {0}, which is not of the tool's domain; use the domain that the tool is registered with")]
    HandlerDomain(String),
    /// RFC 7592 section 2.2: a tool changes its own registration, and keeps its id.
    #[error("client_id is not that of this registration, and cannot change; leave it out, or register anew")]
    OtherClient,
    /// Dynamic Registration 1.0, platform configuration: it speaks for the issuer at whose host it stands.
    #[error("issuer is not at the host of the configuration, {0}; read the configuration from the issuer")]
    IssuerHost(String),
}

impl ServiceError {
    /// Where the rule was broken, such as `redirect_uris[0]`, where it was one member.
    pub fn place(&self) -> Option<&str> {
        match self {
            Self::Missing(at)
            | Self::EndsBeforeBegin(at)
            | Self::WrongType { at, .. }
            | Self::TooLong { at, .. }
            | Self::TooMany { at, .. }
            | Self::OutOfRange { at, .. }
            | Self::Url { at, .. }
            | Self::Timestamp { at, .. }
            | Self::InTheFuture { at, .. }
            | Self::UnknownValue { at, .. }
            | Self::ItemType { at, .. } => Some(at),
            _ => None,
        }
    }
}
