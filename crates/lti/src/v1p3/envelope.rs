//! What every message of LTI 1.3 says of itself (core section 5.3), and what is put around a message to send it.

use super::claims;
use super::jwt::Claims;
use super::reader::{ID, Object};
use super::service_error::{Result, ServiceError};

/// The version that every message names.
pub(super) const VERSION: &str = "1.3.0";

/// What stands around the claims of a message that is not an `id_token`: a deep linking response, a notice.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// `iss`: the platform's issuer, or the tool's client id.
    pub issuer: &'a str,
    /// `aud`: the other side's, written as a text, because some receivers take no list.
    pub audience: &'a str,
    /// `deployment_id`
    pub deployment_id: &'a str,
    /// `nonce`: used once.
    pub nonce: &'a str,
    /// `iat`, in seconds since 1970.
    pub now: u64,
    /// How long the message counts, in seconds; `exp` is its end.
    pub life: u64,
}

impl Envelope<'_> {
    /// The claims around a message.
    pub(super) fn claims(&self) -> Claims {
        let mut claims = Claims::default();
        claims.put(claims::ISSUER, self.issuer);
        claims.put(claims::AUDIENCE, self.audience);
        claims.put(claims::ISSUED_AT, self.now);
        claims.put(claims::EXPIRES, self.now.saturating_add(self.life));
        claims.put(claims::NONCE, self.nonce);
        claims.put(claims::DEPLOYMENT_ID, self.deployment_id);
        claims.put(claims::VERSION, VERSION);
        claims
    }
}

/// That a message is what was waited for: posting one kind where another is taken must not do.
///
/// Fails with [`ServiceError::Missing`], [`ServiceError::MessageType`], [`ServiceError::Version`] and
/// [`ServiceError::Deployment`].
pub(super) fn check(message: &Object<'_>, message_type: &'static str, deployment_id: &str) -> Result<()> {
    let said = message.required_text(claims::MESSAGE_TYPE, ID)?;
    if said != message_type {
        return Err(ServiceError::MessageType { expected: message_type, said });
    }
    let version = message.required_text(claims::VERSION, ID)?;
    if version != VERSION {
        return Err(ServiceError::Version(version));
    }
    if message.required_text(claims::DEPLOYMENT_ID, ID)? != deployment_id {
        return Err(ServiceError::Deployment);
    }
    Ok(())
}
