//! Why no message is sent, and who may be told so.

use crate::v1p3::Error;

/// An error code of the authorization endpoint (OpenID Connect Core, section 3.1.2.6; RFC 6749, section 4.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthenticationError {
    /// `invalid_request`: a parameter is missing, repeated or not valid.
    InvalidRequest,
    /// `unauthorized_client`: the tool is not allowed to ask.
    UnauthorizedClient,
    /// `access_denied`: somebody else is logged in, or the person may not enter.
    AccessDenied,
    /// `unsupported_response_type`: another one than `id_token`.
    UnsupportedResponseType,
    /// `invalid_scope`: without `openid`.
    InvalidScope,
    /// `server_error`: the platform has failed.
    ServerError,
    /// `temporarily_unavailable`: the platform is overloaded.
    TemporarilyUnavailable,
    /// `interaction_required`: the person would have to do something.
    InteractionRequired,
    /// `login_required`: nobody is logged in.
    LoginRequired,
    /// `account_selection_required`: the person would have to choose an account.
    AccountSelectionRequired,
    /// `consent_required`: the person would have to consent.
    ConsentRequired,
    /// `request_not_supported`: the parameters came in a token.
    RequestNotSupported,
    /// `request_uri_not_supported`: the parameters were to be fetched.
    RequestUriNotSupported,
    /// `registration_not_supported`: the tool wanted to register along the way.
    RegistrationNotSupported,
    /// `launch_no_longer_valid`: the hint was used or has ended; Canvas says so too.
    LaunchNoLongerValid,
}

impl AuthenticationError {
    /// The code on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::InteractionRequired => "interaction_required",
            Self::LoginRequired => "login_required",
            Self::AccountSelectionRequired => "account_selection_required",
            Self::ConsentRequired => "consent_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::LaunchNoLongerValid => "launch_no_longer_valid",
        }
    }
}

/// A request that breaks a rule of the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRequest {
    /// The first parameter that is not as it must be, or `active`; what is checked before it is as it must be.
    pub parameter: &'static str,
    /// Who is told so.
    pub refusal: Refusal,
}

/// A request that is not answered by a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Client or address are not good: shown here, with status 400. Sent on, it would be an open redirect.
    Shown(Error),
    /// Client and address are good: the tool is told by this form.
    Sent {
        /// The code.
        code: AuthenticationError,
        /// The form to the tool.
        form: crate::v1::launch::SignedForm,
    },
}
