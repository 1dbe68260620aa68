//! A message with a body that is no form, as it arrives: unverified first, verified after.

use super::authorization::read;
use super::body_hash::check_body_hash;
use super::form::{Protocol, first, refuse_repeated};
use super::{Param, Request, Target, TimeWindow, decode_pairs};
use crate::{Result, Secret};

/// A message that nobody has checked yet. It tells only whose key it names, so that the secret can be looked up; nobody
/// gets at the body before the message is verified:
///
/// ```compile_fail,E0599
/// # use examlink_lti::v1::oauth1::UnverifiedMessage;
/// fn early<'a>(message: &UnverifiedMessage<'a>) -> &'a [u8] {
///     message.body()
/// }
/// ```
///
/// For a key that is unknown, verify with a random secret all the same: the answer then takes as long as for a known one.
#[derive(Debug)]
pub struct UnverifiedMessage<'a> {
    method: String,
    url: String,
    params: Vec<Param>,
    oauth: Protocol,
    body: &'a [u8],
}

impl<'a> UnverifiedMessage<'a> {
    /// Reads the `Authorization` header of a message. `url` is the URL under which the sender knows this server, query
    /// included: the configured public URL, not what a proxy made of it.
    ///
    /// Fails when header or query cannot be read in one way only, when an `oauth_` parameter is missing, malformed or
    /// given twice, and when the signature method is unknown.
    pub fn read(method: &str, url: &str, authorization: &str, body: &'a [u8]) -> Result<Self> {
        let params = read(authorization)?;
        refuse_repeated(&decode_pairs(Target::parse(url)?.query.as_bytes())?, &params)?;
        let oauth = Protocol::read(&params)?;
        Ok(Self { method: method.to_owned(), url: url.to_owned(), params, oauth, body })
    }

    /// The key that the sender claims to hold the secret of.
    pub fn consumer_key(&self) -> &str {
        &self.oauth.consumer_key
    }

    /// What is signed, for people who look for a difference.
    pub fn base_string(&self) -> Result<String> {
        self.request().base_string()
    }

    /// Checks the timestamp, then the signature, then the body's hash. The caller records the nonce afterwards, and
    /// refuses one that it knows.
    pub fn verify(self, secret: &Secret, window: TimeWindow) -> Result<VerifiedMessage<'a>> {
        self.verify_by([((), secret)], window).map(|(message, _)| message)
    }

    /// As [`UnverifiedMessage::verify`] where several have the same key; tells whose secret it was, or whose were.
    pub fn verify_by<'s, H>(
        self,
        holders: impl IntoIterator<Item = (H, &'s Secret)>,
        window: TimeWindow,
    ) -> Result<(VerifiedMessage<'a>, Vec<H>)> {
        let signers = self.oauth.signers(&self.request(), holders, window)?;
        check_body_hash(first(&self.params, "oauth_body_hash"), self.body, self.oauth.signature_method)?;
        Ok((VerifiedMessage { oauth: self.oauth, body: self.body }, signers))
    }

    fn request(&self) -> Request<'_> {
        Request { method: &self.method, url: &self.url, params: &self.params }
    }
}

/// A message whose signature and body are those of the holder of the secret. Whether it came before is for the caller to
/// say, by recording (consumer key, timestamp, nonce) in one step that fails for a known one.
#[derive(Debug)]
pub struct VerifiedMessage<'a> {
    oauth: Protocol,
    body: &'a [u8],
}

impl<'a> VerifiedMessage<'a> {
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

    /// The body, byte for byte as it came.
    pub fn body(&self) -> &'a [u8] {
        self.body
    }
}
