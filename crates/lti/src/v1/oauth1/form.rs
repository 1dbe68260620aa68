//! A signed form as it arrives: unverified first, verified after.

use std::collections::HashSet;

use super::{Param, Request, SignatureMethod, Target, TimeWindow, decode_pairs};
use crate::{Error, Result, Secret};

/// A signed form that nobody has checked yet. It tells only whose key it names, so that the secret can be looked up.
///
/// For a key that is unknown, verify with a random secret all the same: the answer then takes as long as for a known one.
#[derive(Debug)]
pub struct UnverifiedRequest {
    method: String,
    url: String,
    params: Vec<Param>,
    oauth: Protocol,
}

impl UnverifiedRequest {
    /// Reads a body of `application/x-www-form-urlencoded`. `url` is the URL under which the sender knows this server,
    /// query included: the configured public URL, not what a proxy made of it.
    ///
    /// Fails when query or body cannot be decoded in one way only, when an `oauth_` parameter is missing, malformed or
    /// given twice, and when the signature method is unknown.
    pub fn from_form(method: &str, url: &str, body: &[u8]) -> Result<Self> {
        let params = decode_pairs(body)?;
        let query = decode_pairs(Target::parse(url)?.query.as_bytes())?;
        refuse_repeated(&query, &params)?;
        let oauth = Protocol::read(&params)?;
        Ok(Self { method: method.to_owned(), url: url.to_owned(), params, oauth })
    }

    /// The key that the sender claims to hold the secret of.
    pub fn consumer_key(&self) -> &str {
        &self.oauth.consumer_key
    }

    /// What is signed, for people who look for a difference.
    pub fn base_string(&self) -> Result<String> {
        self.request().base_string()
    }

    /// What the sender claims in a parameter of the body, such as a token of ours that tells whose secret is to be
    /// looked up. Until the request is verified it may be anybody's.
    pub fn claimed(&self, name: &str) -> Option<&str> {
        first(&self.params, name).filter(|value| !value.is_empty())
    }

    /// Every parameter of the body, for the log alone: nobody has checked them.
    pub fn params(&self) -> &[Param] {
        &self.params
    }

    /// Checks the timestamp, then the signature. The caller records the nonce afterwards, and refuses one that it knows.
    pub fn verify(self, secret: &Secret, window: TimeWindow) -> Result<VerifiedRequest> {
        self.verify_by([((), secret)], window).map(|(request, _)| request)
    }

    /// As [`UnverifiedRequest::verify`] where several have the same key; tells whose secret it was, or whose were.
    pub fn verify_by<'s, H>(
        self,
        holders: impl IntoIterator<Item = (H, &'s Secret)>,
        window: TimeWindow,
    ) -> Result<(VerifiedRequest, Vec<H>)> {
        let signers = self.oauth.signers(&self.request(), holders, window)?;
        Ok((VerifiedRequest { params: self.params, oauth: self.oauth }, signers))
    }

    fn request(&self) -> Request<'_> {
        Request { method: &self.method, url: &self.url, params: &self.params }
    }
}

/// A form whose signature is that of the holder of the secret. Whether it came before is for the caller to say, by
/// recording (consumer key, timestamp, nonce) in one step that fails for a known one.
#[derive(Debug)]
pub struct VerifiedRequest {
    params: Vec<Param>,
    oauth: Protocol,
}

impl VerifiedRequest {
    /// Whose secret signed it.
    pub fn consumer_key(&self) -> &str {
        &self.oauth.consumer_key
    }

    /// What makes this message different from all others of the same key and second.
    pub fn nonce(&self) -> &str {
        &self.oauth.nonce
    }

    /// When it was signed, in seconds since 1970.
    pub fn timestamp(&self) -> u64 {
        self.oauth.timestamp
    }

    /// Every parameter of the body in the order it was sent, those of OAuth included.
    pub fn params(&self) -> &[Param] {
        &self.params
    }

    /// The first value of the parameter `name` of the body.
    pub fn get(&self, name: &str) -> Option<&str> {
        first(&self.params, name)
    }
}

/// The `oauth_` parameters of RFC 5849 section 3.1. `oauth_callback` belongs to LTI but is not asked for.
#[derive(Debug)]
pub(super) struct Protocol {
    pub(super) consumer_key: String,
    pub(super) nonce: String,
    pub(super) timestamp: u64,
    pub(super) signature_method: SignatureMethod,
    signature: String,
}

impl Protocol {
    pub(super) fn read(params: &[Param]) -> Result<Self> {
        let required = |name| first(params, name).filter(|value| !value.is_empty()).ok_or(Error::OauthMissing(name));
        refuse_other_version(first(params, "oauth_version"))?;
        Ok(Self {
            consumer_key: required("oauth_consumer_key")?.to_owned(),
            signature_method: required("oauth_signature_method")?.parse()?,
            timestamp: seconds(required("oauth_timestamp")?)?,
            nonce: required("oauth_nonce")?.to_owned(),
            signature: required("oauth_signature")?.to_owned(),
        })
    }

    /// Checks the timestamp, then the signature; tells whose it is.
    pub(super) fn signers<'s, H>(
        &self,
        request: &Request<'_>,
        holders: impl IntoIterator<Item = (H, &'s Secret)>,
        window: TimeWindow,
    ) -> Result<Vec<H>> {
        window.check(self.timestamp)?;
        let holders = holders.into_iter().map(|(holder, secret)| (holder, secret.into()));
        request.signers(&self.signature, self.signature_method, holders)
    }
}

pub(super) fn first<'a>(params: &'a [Param], name: &str) -> Option<&'a str> {
    params.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
}

/// The first name that came before.
pub(crate) fn repeated<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = HashSet::new();
    names.into_iter().find(|name| !seen.insert(*name))
}

pub(super) fn refuse_repeated(query: &[Param], params: &[Param]) -> Result<()> {
    let names = query.iter().chain(params).map(|(name, _)| name.as_ref());
    match repeated(names.filter(|name| name.starts_with("oauth_"))) {
        Some(name) => Err(Error::OauthRepeated(name.to_owned())),
        None => Ok(()),
    }
}

fn refuse_other_version(version: Option<&str>) -> Result<()> {
    match version {
        None | Some("1.0") => Ok(()),
        Some(other) => Err(Error::OauthVersion(other.to_owned())),
    }
}

fn seconds(text: &str) -> Result<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| Error::OauthTimestamp(text.to_owned()))
}
