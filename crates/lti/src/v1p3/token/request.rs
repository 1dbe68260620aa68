//! The request for an access token.

use super::{TokenError, TokenRefusal};
use crate::v1::oauth1::Param;
use crate::v1p3::claims::{self as name, scope};
use crate::v1p3::form::{Form, present};
use crate::v1p3::jwk::PublicKey;
use crate::v1p3::jwt::{Claims, Expect, UnverifiedJwt};
use crate::v1p3::message::id;
use crate::v1p3::{Error, Result};

const GRANT: &str = "client_credentials";
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The longest assertion, in bytes: it holds half a dozen short claims.
const LONGEST: usize = 16 * 1024;

/// How long an assertion may live, in seconds.
const LONGEST_LIFE: u64 = 3600;

/// A request that nobody has checked yet. It tells only which tool it claims to be from.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    assertion: UnverifiedJwt,
    client_id: String,
    scopes: Vec<String>,
}

/// What an assertion must say.
#[derive(Clone, Copy, Debug)]
pub struct ExpectAssertion<'a> {
    /// Our names as an authorization server: the URL of the token endpoint, and the one that our configuration gives.
    pub audiences: &'a [&'a str],
    /// The time here, in seconds since 1970.
    pub now: u64,
    /// How far the tool's clock may be off, in seconds; 60 at most.
    pub leeway: u64,
}

impl TokenRequest {
    /// Reads the form of a POST.
    ///
    /// Fails with `unsupported_grant_type`, `invalid_request` and, where the assertion is no token, `invalid_client`.
    pub fn parse(pairs: Vec<Param>) -> Result<Self, TokenRefusal> {
        let invalid = |error: Error| TokenRefusal::new(TokenError::InvalidRequest, &error.to_string());
        let form = Form::read(pairs).map_err(invalid)?;
        if form.required("grant_type").map_err(invalid)? != GRANT {
            return Err(TokenRefusal::new(TokenError::UnsupportedGrantType, "grant_type must be client_credentials"));
        }
        if form.required("client_assertion_type").map_err(invalid)? != ASSERTION {
            let form = Error::Form { claim: "client_assertion_type", form: ASSERTION };
            return Err(invalid(form));
        }
        let scopes = listed(&form.required_short("scope").map_err(invalid)?);
        let assertion = assertion(form.required("client_assertion").map_err(invalid)?)?;
        let client_id = assertion.issuer().map_err(TokenRefusal::from)?.to_owned();
        // RFC 7521, section 4.2: beside the assertion the parameter says nothing new.
        match form.get("client_id") {
            Some(other) if other != client_id => Err(Error::Client.into()),
            _ => Ok(Self { assertion, client_id, scopes }),
        }
    }

    /// The tool that the request claims to be from.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The id of the key that the sender claims to have signed with.
    pub fn kid(&self) -> &str {
        self.assertion.kid()
    }

    /// Checks the assertion. The caller spends the `jti` afterwards, and only then.
    ///
    /// Fails with `invalid_client`.
    pub fn verify(self, key: &PublicKey, expect: &ExpectAssertion<'_>) -> Result<ClientAssertion, TokenRefusal> {
        let &ExpectAssertion { audiences, now, leeway } = expect;
        let jwt = Expect { issuer: &self.client_id, audiences, now, leeway, longest_life: LONGEST_LIFE };
        let claims = self.assertion.verify(key, &jwt)?;
        if claims.required_text(name::SUBJECT)? != self.client_id {
            return Err(Error::Subject.into());
        }
        let jti = id(name::JWT_ID, claims.required_text(name::JWT_ID)?)?.to_owned();
        Ok(ClientAssertion {
            jti,
            ends: claims.seconds(name::EXPIRES)?.unwrap_or_default().saturating_add(leeway),
            deployment_id: deployment(&claims)?,
            client_id: self.client_id,
            scopes: self.scopes,
        })
    }
}

fn assertion(token: &str) -> Result<UnverifiedJwt, TokenRefusal> {
    if token.len() > LONGEST {
        return Err(Error::TokenSize(LONGEST).into());
    }
    Ok(UnverifiedJwt::parse(token)?)
}

fn deployment(claims: &Claims) -> Result<Option<String>> {
    let Some(value) = claims.value(name::DEPLOYMENT_ID) else { return Ok(None) };
    id(name::DEPLOYMENT_ID, value.as_str().unwrap_or_default()).map(|text| Some(text.to_owned()))
}

/// The scopes of a list with spaces, each once.
pub(super) fn listed(text: &str) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in text.split_ascii_whitespace() {
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    scopes
}

/// A request by the tool that the key belongs to. Whether it came before is for the caller to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAssertion {
    /// The tool.
    pub client_id: String,
    /// Serves once for the tool.
    pub jti: String,
    /// From when on the assertion would be refused for its age, in seconds since 1970: until then the `jti` is kept.
    pub ends: u64,
    /// The scopes that are asked for.
    pub scopes: Vec<String>,
    /// The deployment that the token is to be good for alone; one that is not the tool's own is to be refused.
    pub deployment_id: Option<String>,
}

impl ClientAssertion {
    /// Those of the scopes asked for that are allowed; who may write line items may read them. A part of them is no
    /// error, because some tools ask for all that there are.
    ///
    /// Fails with `invalid_scope` where none is allowed.
    pub fn granted<S: AsRef<str>>(&self, allowed: &[S]) -> Result<Vec<String>, TokenRefusal> {
        let may = |scope: &str| allowed.iter().any(|allowed| allowed.as_ref() == scope);
        let granted = |asked: &str| may(asked) || asked == scope::LINE_ITEM_READ && may(scope::LINE_ITEM);
        let scopes: Vec<String> = self.scopes.iter().filter(|asked| granted(asked)).cloned().collect();
        if scopes.is_empty() {
            let why = "none of the scopes is allowed for this tool; have an administrator allow them";
            return Err(TokenRefusal::new(TokenError::InvalidScope, why));
        }
        Ok(scopes)
    }
}

/// The claims by which we as a tool ask for a token, made at `now` and good for `life` seconds, 60 to 300 by custom.
/// `audience` is the platform's authorization server, or else the URL of its token endpoint; `jti` is random.
pub fn client_assertion(client_id: &str, audience: &str, jti: &str, now: u64, life: u64) -> Claims {
    let mut claims = Claims::default();
    claims.put(name::ISSUER, client_id);
    claims.put(name::SUBJECT, client_id);
    claims.put(name::AUDIENCE, audience);
    claims.put(name::JWT_ID, jti);
    claims.put(name::ISSUED_AT, now);
    claims.put(name::EXPIRES, now.saturating_add(life));
    claims
}

/// The form that a signed assertion is sent in.
pub fn request_form(assertion: &str, scopes: &[&str]) -> Vec<Param> {
    present([
        ("grant_type", Some(GRANT)),
        ("client_assertion_type", Some(ASSERTION)),
        ("client_assertion", Some(assertion)),
        ("scope", Some(&scopes.join(" "))),
    ])
}
