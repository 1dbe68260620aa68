//! What can go wrong with a request, told apart by what the caller can do about it.

use std::fmt;

use examlink_lti::v1p3::login::AuthenticationError;

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request was not carried out. Nothing was changed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// There is no such object, or it belongs to another institute: the two look alike.
    #[error("Couldn't find {what} with 'id'='{id}'")]
    NotFound {
        /// What was looked for, in words.
        what: &'static str,
        /// The id that was asked for.
        id: String,
    },
    /// The request collides with another one, or with what exists already.
    #[error("{0}")]
    Conflict(String),
    /// A request of the same user with the same `Idempotency-Key` is being carried out.
    #[error(
        "A request with this Idempotency-Key is being carried out; send this one again after it, to get its answer."
    )]
    InFlight,
    /// The object is no longer what the caller has read.
    #[error("The object was changed after you read it; read it again and decide anew.")]
    PreconditionFailed,
    /// Fields of the request are at fault.
    #[error("{}", Fields(.0))]
    Invalid(Vec<FieldError>),
    /// The credentials do not open this.
    #[error("{0}")]
    Unauthenticated(Unauthenticated),
    /// The role may not do this.
    #[error("You are not authorized to access this page.")]
    Forbidden,
    /// The object is in use by what is listed.
    #[error("in use: {0:?}")]
    Locked(Vec<InUse>),
    /// The database is away or busy; the same request may succeed later.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// A fault of ours. The cause is logged and never sent.
    #[error("internal error: {0}")]
    Internal(String),
}

/// Why credentials were refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unauthenticated {
    /// No `Authorization` header, or one of another form.
    MissingToken,
    /// The token is unknown, the user disabled, or the signature wrong: one answer for all of them.
    BadSignature,
    /// The timestamp is outside the window.
    Stale {
        /// The server's time in milliseconds.
        server: i64,
        /// Server time minus request time in milliseconds.
        skew: i64,
        /// The timestamp looks like seconds.
        seconds: bool,
    },
    /// The signature is in the window, and said itself that it would not count this long.
    Expired {
        /// The server's time in milliseconds.
        server: i64,
        /// Until when it counted, in milliseconds.
        expires: i64,
    },
    /// The nonce was used within 24 hours.
    NonceReused,
    /// The signature is right, and covers less than this user's must.
    MessageSignatureRequired,
}

/// One field of a request, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The parameter's name on the wire.
    pub field: String,
    /// A stable name of the rule that was broken.
    pub code: &'static str,
    /// What is wrong and what would be right.
    pub detail: String,
}

/// An object that keeps another one from being deleted.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct InUse {
    /// The object's id.
    pub id: i64,
    /// The object's name.
    pub name: String,
}

impl Error {
    /// No such `what`, or another institute's.
    pub fn not_found(what: &'static str, id: impl fmt::Display) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }

    /// One field breaks a rule.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::invalid(field, detail)])
    }

    /// What a tool is told of a failure of ours (RFC 6749, section 4.1.2.1).
    pub const fn fault(&self) -> AuthenticationError {
        match self {
            Self::Unavailable(_) => AuthenticationError::TemporarilyUnavailable,
            _ => AuthenticationError::ServerError,
        }
    }

    /// The value of `field` exists already and must be unique.
    pub fn taken(field: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field: field.into(), code: "taken", detail: "has already been taken".into() }])
    }
}

impl FieldError {
    /// A value that breaks a rule of its field.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: field.into(), code: "parameter_invalid", detail: detail.into() }
    }

    /// A required value is absent or empty.
    pub fn missing(field: impl Into<String>) -> Self {
        Self { field: field.into(), code: "parameter_missing", detail: "is missing or empty".into() }
    }
}

struct Fields<'a>(&'a [FieldError]);

impl fmt::Display for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            if error.code == "parameter_missing" {
                write!(f, "{separator}Param is missing or the value is empty: {}", error.field)?;
            } else {
                write!(f, "{separator}{} {}", error.field, error.detail)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Unauthenticated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingToken => f.write_str("Send the header 'Authorization: Token token=<api_token>'."),
            Self::BadSignature => f.write_str("The token or the signature is not valid."),
            Self::Stale { server, seconds: true, .. } => {
                write!(f, "The timestamp looks like seconds; milliseconds expected. The server's time is {server}.")
            }
            Self::Stale { server, skew, .. } => write!(
                f,
                "The timestamp is {} ms {} the server's time, which is {server}. Set the clock, or sign again.",
                skew.abs(),
                if *skew < 0 { "ahead of" } else { "behind" }
            ),
            Self::Expired { server, expires } => write!(
                f,
                "The signature expired {} ms ago; the server's time is {server}. Sign again.",
                server.saturating_sub(*expires)
            ),
            Self::MessageSignatureRequired => f.write_str(
                "This user signs whole HTTP messages (RFC 9421): a signature over the parameters alone opens nothing. \
                 `examlink sign --scheme rfc9421` shows how.",
            ),
            Self::NonceReused => f.write_str(
                "This nonce was used with this token within 24 hours. Use a new one for every request; seconds since 1970 repeat under load.",
            ),
        }
    }
}

impl From<crate::clock::NoKeyPair> for Error {
    fn from(error: crate::clock::NoKeyPair) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<crate::clock::NoRandomness> for Error {
    fn from(error: crate::clock::NoRandomness) -> Self {
        Self::Unavailable(error.to_string())
    }
}
