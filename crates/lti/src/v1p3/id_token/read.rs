//! A message as a tool receives it.

use serde_json::Value;

use crate::v1::launch::{Context, ContextType, DocumentTarget, ResourceLink};
use crate::v1::oauth1::Param;
use crate::v1::roles::Role;
use crate::v1p3::claims as name;
use crate::v1p3::jwk::PublicKey;
use crate::v1p3::jwt::{Claims, Expect, UnverifiedJwt, audiences};
use crate::v1p3::message::{MessageType, check_envelope, id, member, wrong_type};
use crate::v1p3::{Error, Result};
use crate::web_url::is_web;

/// How long the tokens of platforms may live, in seconds: an hour is common.
const LONGEST_LIFE: u64 = 7200;

/// What a message must say.
#[derive(Clone, Copy, Debug)]
pub struct ExpectMessage<'a> {
    /// The platform that the key belongs to.
    pub issuer: &'a str,
    /// Our name there.
    pub client_id: &'a str,
    /// The nonce of the authentication request that this browser was sent with.
    pub nonce: &'a str,
    /// The time here, in seconds since 1970.
    pub now: u64,
    /// How far the platform's clock may be off, in seconds.
    pub leeway: u64,
}

/// A token that nobody has checked yet. It tells only which platform and registration it claims to be of.
#[derive(Clone, Debug)]
pub struct UnverifiedIdToken(UnverifiedJwt);

impl UnverifiedIdToken {
    /// Reads a token; fails as [`UnverifiedJwt::parse`] does.
    pub fn parse(token: &str) -> Result<Self> {
        UnverifiedJwt::parse(token).map(Self)
    }

    /// The id of the key that the sender claims to have signed with.
    pub fn kid(&self) -> &str {
        self.0.kid()
    }

    /// The platform that it claims to be from. Fails with [`Error::Missing`].
    pub fn issuer(&self) -> Result<&str> {
        self.0.issuer()
    }

    /// The registrations that it claims to be for: more than one only if it names others beside us.
    pub fn client_ids(&self) -> Vec<&str> {
        self.0.unverified().value(name::AUDIENCE).and_then(audiences).unwrap_or_default()
    }

    /// The deployment that it claims to be of.
    pub fn deployment_id(&self) -> Option<&str> {
        self.0.unverified().text(name::DEPLOYMENT_ID)
    }

    /// What it claims, for the log alone: nobody has checked it.
    pub fn claimed(&self) -> &Claims {
        self.0.unverified()
    }

    /// Checks signature, registration, times, nonce and message. The caller spends the nonce afterwards, and refuses a
    /// [`deployment_id`](VerifiedMessage::deployment_id) that it does not know.
    ///
    /// Fails as [`UnverifiedJwt::verify`] does, and with [`Error::AuthorizedParty`], [`Error::Nonce`],
    /// [`Error::Version`], [`Error::MessageType`] and [`Error::Id`].
    pub fn verify(self, key: &PublicKey, expect: &ExpectMessage<'_>) -> Result<VerifiedMessage> {
        let claims = self.0.verify(
            key,
            &Expect {
                issuer: expect.issuer,
                audiences: &[expect.client_id],
                now: expect.now,
                leeway: expect.leeway,
                longest_life: LONGEST_LIFE,
            },
        )?;
        if claims.text(name::AUTHORIZED_PARTY).is_some_and(|party| party != expect.client_id) {
            return Err(Error::AuthorizedParty);
        }
        if claims.required_text(name::NONCE)? != expect.nonce {
            return Err(Error::Nonce);
        }
        VerifiedMessage::new(claims)
    }
}

/// A message of the platform, with all that its type requires.
#[derive(Clone, Debug)]
pub struct VerifiedMessage {
    claims: Claims,
    message_type: MessageType,
}

impl VerifiedMessage {
    fn new(claims: Claims) -> Result<Self> {
        let said = check_envelope(&claims)?;
        let message_type = MessageType::parse(said).ok_or_else(|| wrong_type(said))?;
        message_type.check(&claims)?;
        if message_type == MessageType::ResourceLink {
            claims.required_text(name::TARGET_LINK_URI)?;
        }
        if let Some(subject) = claims.value(name::SUBJECT) {
            id(name::SUBJECT, subject.as_str().unwrap_or_default())?;
        }
        let roles = claims.value(name::ROLES).ok_or(Error::Missing(name::ROLES))?;
        if !roles.as_array().is_some_and(|roles| roles.iter().all(Value::is_string)) {
            return Err(Error::Form { claim: name::ROLES, form: "a list of texts" });
        }
        Ok(Self { claims, message_type })
    }

    /// What the message asks for.
    pub fn message_type(&self) -> MessageType {
        self.message_type
    }

    /// Every claim.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// Which of our installations at the platform.
    pub fn deployment_id(&self) -> &str {
        self.claims.text(name::DEPLOYMENT_ID).unwrap_or_default()
    }

    /// Where the person is to be led. A redirect to it is for the caller to check: it must be a place of ours.
    pub fn target_link_uri(&self) -> Option<&str> {
        self.claims.text(name::TARGET_LINK_URI)
    }

    /// Who was sent; `None` where the platform keeps that to itself. It names a person only together with the issuer.
    pub fn user_id(&self) -> Option<&str> {
        self.claims.text(name::SUBJECT)
    }

    /// The roles of the vocabulary that the person has.
    pub fn roles(&self) -> Vec<Role> {
        let roles = self.claims.value(name::ROLES).and_then(Value::as_array);
        roles.into_iter().flatten().filter_map(|role| Role::parse(role.as_str()?)).collect()
    }

    /// The place that was launched from.
    pub fn resource_link(&self) -> Option<ResourceLink> {
        let text = |member| self.member(name::RESOURCE_LINK, member);
        Some(ResourceLink { id: text("id")?, title: text("title"), description: text("description") })
    }

    /// What the place belongs to; of several types the first that is known.
    pub fn context(&self) -> Option<Context> {
        let text = |member| self.member(name::CONTEXT, member);
        let types = self.claims.object(name::CONTEXT)?.get("type").and_then(Value::as_array);
        let kind = types.into_iter().flatten().find_map(|kind| ContextType::parse(kind.as_str()?));
        Some(Context { id: Some(text("id")?), kind, title: text("title"), label: text("label") })
    }

    /// Where to send the person back to. Only an absolute http(s) URL is one: a script in its place is ignored.
    pub fn return_url(&self) -> Option<&str> {
        member(&self.claims, name::LAUNCH_PRESENTATION, "return_url").filter(|url| is_web(url))
    }

    /// The window that we are shown in.
    pub fn document_target(&self) -> Option<DocumentTarget> {
        DocumentTarget::parse(member(&self.claims, name::LAUNCH_PRESENTATION, "document_target")?)
    }

    /// The language that the platform shows itself in, or else that of the person.
    pub fn locale(&self) -> Option<&str> {
        member(&self.claims, name::LAUNCH_PRESENTATION, "locale").or_else(|| self.claims.text(name::LOCALE))
    }

    /// Custom parameters. What is no text, which the specification does not allow, is passed over.
    pub fn custom(&self) -> Vec<Param> {
        let custom = self.claims.object(name::CUSTOM).into_iter().flatten();
        custom.filter_map(|(name, value)| Some((name.clone().into(), value.as_str()?.to_owned()))).collect()
    }

    fn member(&self, claim: &str, name: &str) -> Option<String> {
        member(&self.claims, claim, name).map(str::to_owned)
    }
}
