//! The message by which the tool lets the assessment begin (Proctoring Services 1.0, start assessment message).

use crate::v1p3::claims;
use crate::v1p3::reader::{ID, LINE, Object, TEXT};
use crate::v1p3::service_error::{Result, ServiceError};
use crate::v1p3::tool_message::ToolMessage;

/// What the tool says of the candidate whom it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StartAssessment {
    /// `verified_user`: whom the tool saw.
    pub verified_user: Option<VerifiedUser>,
    /// `end_assessment_return`: whether the tool wants the candidate back at the end.
    pub end_assessment_return: bool,
    /// `errormsg`: for the person to read. The assessment does not begin.
    pub error: Option<String>,
    /// `errorlog`: for the platform's log.
    pub error_log: Option<String>,
}

/// Who was seen; a claim is absent where the tool did not verify it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifiedUser {
    /// `name`
    pub name: Option<String>,
    /// `given_name`
    pub given_name: Option<String>,
    /// `family_name`
    pub family_name: Option<String>,
    /// `middle_name`
    pub middle_name: Option<String>,
    /// `email`
    pub email: Option<String>,
    /// `picture`: URL of a picture that the tool took.
    pub picture: Option<String>,
}

/// What the platform sent when the proctoring began.
#[derive(Clone, Copy, Debug)]
pub struct Started<'a> {
    /// `session_data`
    pub session_data: &'a str,
    /// `resource_link.id`
    pub resource_link_id: &'a str,
    /// `attempt_number`
    pub attempt_number: u32,
    /// `picture` of the user, where one was sent.
    pub picture: Option<&'a str>,
}

/// The `session_data` of a verified message, to find what it answers. Fails with the shape variants of [`ServiceError`].
pub fn session_data(message: &ToolMessage) -> Result<String> {
    Object::of(&message.claims).required_text(claims::SESSION_DATA, TEXT)
}

impl StartAssessment {
    /// Reads a verified message of the type [`START_ASSESSMENT_TYPE`](super::START_ASSESSMENT_TYPE) that answers `started`.
    ///
    /// Fails with the variants of [`ServiceError`] for shapes and for proctoring.
    pub fn read(message: &ToolMessage, started: &Started<'_>) -> Result<Self> {
        let message = Object::of(&message.claims);
        check_unaltered(&message, started)?;
        let verified_user = message.object(claims::VERIFIED_USER)?.as_ref().map(verified_user).transpose()?;
        let picture = verified_user.as_ref().and_then(|user| user.picture.as_deref());
        if picture.is_some() && picture == started.picture {
            return Err(ServiceError::SamePicture);
        }
        Ok(Self {
            verified_user,
            end_assessment_return: message.flag(claims::END_ASSESSMENT_RETURN)?.unwrap_or_default(),
            error: message.text(claims::PROCTORING_ERROR_MESSAGE, TEXT)?,
            error_log: message.text(claims::PROCTORING_ERROR_LOG, TEXT)?,
        })
    }
}

fn check_unaltered(message: &Object<'_>, started: &Started<'_>) -> Result<()> {
    if message.required_text(claims::SESSION_DATA, TEXT)? != started.session_data {
        return Err(ServiceError::SessionData);
    }
    let link = message.required(claims::RESOURCE_LINK, message.object(claims::RESOURCE_LINK)?)?;
    if link.required_text("id", ID)? != started.resource_link_id {
        return Err(ServiceError::ResourceLink);
    }
    let attempt = message.required(claims::ATTEMPT_NUMBER, message.whole(claims::ATTEMPT_NUMBER, u32::MAX)?)?;
    if attempt != started.attempt_number {
        return Err(ServiceError::AttemptNumber(attempt));
    }
    Ok(())
}

fn verified_user(user: &Object<'_>) -> Result<VerifiedUser> {
    Ok(VerifiedUser {
        name: user.text(claims::NAME, LINE)?,
        given_name: user.text(claims::GIVEN_NAME, LINE)?,
        family_name: user.text(claims::FAMILY_NAME, LINE)?,
        middle_name: user.text(claims::MIDDLE_NAME, LINE)?,
        email: user.text(claims::EMAIL, LINE)?,
        picture: user.web_url(claims::PICTURE)?,
    })
}
