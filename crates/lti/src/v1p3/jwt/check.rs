//! What every token must say of itself (OpenID Connect Core, section 3.1.3.7; LTI Security Framework, section 5).

use serde_json::Value;

use super::Claims;
use crate::v1p3::claims::{AUDIENCE, AUTHORIZED_PARTY, EXPIRES, ISSUED_AT, ISSUER, NOT_BEFORE};
use crate::v1p3::{Error, Result};

/// What a token must say. Times are in seconds since 1970, spans in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Expect<'a> {
    /// Who must have made it.
    pub issuer: &'a str,
    /// Our names, one of which it must be for.
    pub audiences: &'a [&'a str],
    /// The time here.
    pub now: u64,
    /// How far the clock of the other side may be off.
    pub leeway: u64,
    /// How long it may live, from `iat` to `exp`.
    pub longest_life: u64,
}

impl Expect<'_> {
    pub(super) fn check(&self, claims: &Claims) -> Result<()> {
        if claims.required_text(ISSUER)? != self.issuer {
            return Err(Error::Issuer);
        }
        self.check_audience(claims)?;
        self.check_times(claims)
    }

    fn check_audience(&self, claims: &Claims) -> Result<()> {
        let named = claims.value(AUDIENCE).ok_or(Error::Missing(AUDIENCE))?;
        let named = audiences(named).ok_or(Error::Form { claim: AUDIENCE, form: "a text or a list of texts" })?;
        let ours = |name: &str| self.audiences.contains(&name);
        if !named.iter().any(|name| ours(name)) {
            return Err(Error::Audience);
        }
        let alone = named.iter().all(|name| ours(name));
        if alone || claims.text(AUTHORIZED_PARTY).is_some_and(ours) { Ok(()) } else { Err(Error::AudienceOfOthers) }
    }

    fn check_times(&self, claims: &Claims) -> Result<()> {
        let &Self { now, leeway, longest_life: longest, .. } = self;
        let expires = claims.seconds(EXPIRES)?.ok_or(Error::Missing(EXPIRES))?;
        let issued = claims.seconds(ISSUED_AT)?.ok_or(Error::Missing(ISSUED_AT))?;
        let latest = now.saturating_add(leeway);
        if issued > latest {
            return Err(Error::FromTheFuture { issued, now });
        }
        if expires.saturating_add(leeway) <= now {
            return Err(Error::Expired { expires, now });
        }
        let life = expires.saturating_sub(issued);
        if life > longest {
            return Err(Error::LongLife { life, longest });
        }
        match claims.seconds(NOT_BEFORE)? {
            Some(from) if from > latest => Err(Error::NotYet { from, now }),
            _ => Ok(()),
        }
    }
}

/// Whom a token is for, written as a text or as a list.
pub(in crate::v1p3) fn audiences(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(name) => Some(vec![name]),
        Value::Array(names) => names.iter().map(Value::as_str).collect(),
        _ => None,
    }
}
