//! What every message of LTI 1.3 says (core, section 5.3).

use super::claims::{
    AGS_ENDPOINT, ATTEMPT_NUMBER, DEEP_LINKING_SETTINGS, DEPLOYMENT_ID, FOR_USER, MESSAGE_TYPE, RESOURCE_LINK,
    SESSION_DATA, START_ASSESSMENT_URL, VERSION,
};
use super::jwt::Claims;
use super::{Error, Result};

/// The version that every message of LTI 1.3 names.
pub const LTI_VERSION: &str = "1.3.0";

/// The messages of a platform to a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageType {
    /// `LtiResourceLinkRequest`: a launch.
    ResourceLink,
    /// `LtiDeepLinkingRequest`: choose content.
    DeepLinking,
    /// `LtiStartProctoring`: prepare to watch an attempt.
    StartProctoring,
    /// `LtiEndAssessment`: the attempt has ended.
    EndAssessment,
    /// `LtiSubmissionReviewRequest`: look at somebody's work.
    SubmissionReview,
}

impl MessageType {
    /// Every one of them.
    pub const ALL: [Self; 5] =
        [Self::ResourceLink, Self::DeepLinking, Self::StartProctoring, Self::EndAssessment, Self::SubmissionReview];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ResourceLink => "LtiResourceLinkRequest",
            Self::DeepLinking => "LtiDeepLinkingRequest",
            Self::StartProctoring => "LtiStartProctoring",
            Self::EndAssessment => "LtiEndAssessment",
            Self::SubmissionReview => "LtiSubmissionReviewRequest",
        }
    }

    /// The type that a name stands for.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The claims that a message of this type must have beside those that all have.
    pub const fn required(self) -> &'static [&'static str] {
        match self {
            Self::ResourceLink => &[RESOURCE_LINK],
            Self::DeepLinking => &[DEEP_LINKING_SETTINGS],
            Self::StartProctoring => &[RESOURCE_LINK, ATTEMPT_NUMBER, SESSION_DATA, START_ASSESSMENT_URL],
            Self::EndAssessment => &[ATTEMPT_NUMBER],
            Self::SubmissionReview => &[AGS_ENDPOINT, FOR_USER],
        }
    }

    /// Checks the claims of this type. Fails with [`Error::Missing`], [`Error::Form`] and [`Error::Id`].
    pub(super) fn check(self, claims: &Claims) -> Result<()> {
        if let Some(absent) = self.required().iter().find(|name| claims.value(name).is_none()) {
            return Err(Error::Missing(absent));
        }
        if self == Self::SubmissionReview {
            member(claims, AGS_ENDPOINT, "lineitem").ok_or(Error::Form {
                claim: AGS_ENDPOINT,
                form: "an object with the URL \"lineitem\", whose submission is reviewed",
            })?;
        }
        if claims.value(ATTEMPT_NUMBER).is_some_and(|number| number.as_u64().is_none_or(|number| number == 0)) {
            return Err(Error::Form { claim: ATTEMPT_NUMBER, form: "a whole number from 1" });
        }
        match claims.value(RESOURCE_LINK) {
            Some(_) => id(RESOURCE_LINK, member(claims, RESOURCE_LINK, "id").unwrap_or_default()).map(|_| ()),
            None => Ok(()),
        }
    }
}

/// The text of a member of a claim that is an object; an empty one is as good as none.
pub(super) fn member<'c>(claims: &'c Claims, claim: &str, name: &str) -> Option<&'c str> {
    claims.object(claim)?.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// Checks an id: 1 to 255 printable characters of ASCII. Fails with [`Error::Id`].
pub(super) fn id<'t>(claim: &'static str, text: &'t str) -> Result<&'t str> {
    let good = (1..=255).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if good { Ok(text) } else { Err(Error::Id(claim)) }
}

/// Checks version and deployment, and gives the message type.
///
/// Fails with [`Error::Missing`], [`Error::Version`] and [`Error::Id`].
pub(super) fn check_envelope(claims: &Claims) -> Result<&str> {
    let kind = claims.required_text(MESSAGE_TYPE)?;
    match claims.required_text(VERSION)? {
        LTI_VERSION => {}
        other => return Err(Error::Version(other.chars().take(100).collect())),
    }
    id(DEPLOYMENT_ID, claims.required_text(DEPLOYMENT_ID)?)?;
    Ok(kind)
}

/// An error that repeats no more than the beginning of what was said.
pub(super) fn wrong_type(said: &str) -> Error {
    Error::MessageType(said.chars().take(100).collect())
}
