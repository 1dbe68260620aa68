//! Messages of a tool to the platform: `LtiDeepLinkingResponse` and `LtiStartAssessment`, each a token in the field `JWT`
//! of a form (LTI Security Framework, section 5.2).
//!
//! Platform: [`UnverifiedToolMessage::parse`], look up client and key, [`UnverifiedToolMessage::verify`]. Tool: add the
//! claims of the message to [`claims`], and [`sign`](super::jwt::sign) them.

use super::claims as name;
use super::jwk::PublicKey;
use super::jwt::{Claims, Expect, UnverifiedJwt};
use super::message::{LTI_VERSION, check_envelope, id, wrong_type};
use super::{Error, Result};

/// How long the tokens of tools may live, in seconds.
const LONGEST_LIFE: u64 = 3600;

/// What a message of a tool must say.
#[derive(Clone, Copy, Debug)]
pub struct ExpectToolMessage<'a> {
    /// The one type that is taken at this address.
    pub message_type: &'static str,
    /// The tool that the key belongs to.
    pub client_id: &'a str,
    /// The deployment that the tool was sent from.
    pub deployment_id: &'a str,
    /// Our own name.
    pub issuer: &'a str,
    /// The time here, in seconds since 1970.
    pub now: u64,
    /// How far the tool's clock may be off, in seconds.
    pub leeway: u64,
}

/// A message that nobody has checked yet. It tells only which tool it claims to be from, and which deployment of it.
#[derive(Clone, Debug)]
pub struct UnverifiedToolMessage(UnverifiedJwt);

impl UnverifiedToolMessage {
    /// Reads a token; fails as [`UnverifiedJwt::parse`] does.
    pub fn parse(token: &str) -> Result<Self> {
        UnverifiedJwt::parse(token).map(Self)
    }

    /// The id of the key that the sender claims to have signed with.
    pub fn kid(&self) -> &str {
        self.0.kid()
    }

    /// The tool that it claims to be from. Fails with [`Error::Missing`].
    pub fn client_id(&self) -> Result<&str> {
        self.0.issuer()
    }

    /// What it claims, for the log alone: nobody has checked it.
    pub fn claimed(&self) -> &Claims {
        self.0.unverified()
    }

    /// The deployment that it claims to be sent from.
    pub fn deployment_id(&self) -> Option<&str> {
        self.0.unverified().text(name::DEPLOYMENT_ID)
    }

    /// Checks signature, addressee, times, type and deployment. The caller spends the nonce afterwards, for the client
    /// and until the message [`ends`](ToolMessage::ends).
    ///
    /// Fails as [`UnverifiedJwt::verify`] does, and with [`Error::Version`], [`Error::MessageType`],
    /// [`Error::Deployment`] and [`Error::Id`].
    pub fn verify(self, key: &PublicKey, expect: &ExpectToolMessage<'_>) -> Result<ToolMessage> {
        let &ExpectToolMessage { now, leeway, .. } = expect;
        let audiences = &[expect.issuer];
        let jwt = Expect { issuer: expect.client_id, audiences, now, leeway, longest_life: LONGEST_LIFE };
        let claims = self.0.verify(key, &jwt)?;
        match check_envelope(&claims)? {
            said if said == expect.message_type => {}
            other => return Err(wrong_type(other)),
        }
        if claims.text(name::DEPLOYMENT_ID) != Some(expect.deployment_id) {
            return Err(Error::Deployment);
        }
        let nonce = id(name::NONCE, claims.required_text(name::NONCE)?)?.to_owned();
        let ends = claims.seconds(name::EXPIRES)?.unwrap_or_default().saturating_add(leeway);
        Ok(ToolMessage { claims, nonce, ends })
    }
}

/// A message of the tool, for us and of the type that was asked for. Whether it came before is for the caller to say.
#[derive(Clone, Debug)]
pub struct ToolMessage {
    /// Every claim.
    pub claims: Claims,
    /// Serves once.
    pub nonce: String,
    /// From when on the message would be refused for its age, in seconds since 1970: until then the nonce is kept.
    pub ends: u64,
}

/// What a tool's message is made of beside the claims of its type.
#[derive(Clone, Copy, Debug)]
pub struct ToolEnvelope<'a> {
    /// `message_type`.
    pub message_type: &'static str,
    /// Our name at the platform.
    pub client_id: &'a str,
    /// The platform.
    pub issuer: &'a str,
    /// The deployment that the platform named.
    pub deployment_id: &'a str,
    /// Random, new for every message.
    pub nonce: &'a str,
}

/// The claims of a message of ours as a tool, made at `now` and good for `life` seconds.
pub fn claims(envelope: &ToolEnvelope<'_>, now: u64, life: u64) -> Claims {
    let mut claims = Claims::default();
    claims.put(name::ISSUER, envelope.client_id);
    claims.put(name::AUDIENCE, envelope.issuer);
    claims.put(name::ISSUED_AT, now);
    claims.put(name::EXPIRES, now.saturating_add(life));
    claims.put(name::NONCE, envelope.nonce);
    claims.put(name::MESSAGE_TYPE, envelope.message_type);
    claims.put(name::VERSION, LTI_VERSION);
    claims.put(name::DEPLOYMENT_ID, envelope.deployment_id);
    claims
}
