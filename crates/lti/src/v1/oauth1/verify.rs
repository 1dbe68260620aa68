//! Verifying, by this crate's own code: base string, MAC, and a comparison whose time tells nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq as _;

use super::{Request, Secrets, SignatureMethod};
use crate::{Error, Result};

impl Request<'_> {
    /// Checks that `signature` (base64) is that of this request.
    ///
    /// Fails with [`Error::OauthSignatureEncoding`], [`Error::OauthSignature`], or as [`Request::base_string`] does.
    pub fn verify<'a>(&self, signature: &str, method: SignatureMethod, secrets: impl Into<Secrets<'a>>) -> Result<()> {
        self.signers(signature, method, [((), secrets.into())]).map(|_| ())
    }

    /// Those of the `holders` of secrets who made `signature`: one at least. All are tried, so the time tells no more
    /// than how many there are.
    ///
    /// Fails as [`Request::verify`] does.
    pub(super) fn signers<'a, H>(
        &self,
        signature: &str,
        method: SignatureMethod,
        holders: impl IntoIterator<Item = (H, Secrets<'a>)>,
    ) -> Result<Vec<H>> {
        let given = STANDARD.decode(signature).map_err(|_| Error::OauthSignatureEncoding)?;
        let base_string = self.base_string()?;
        let made = |secrets: Secrets<'_>| bool::from(given.ct_eq(&method.mac(&secrets.into(), &base_string)));
        let signers: Vec<H> =
            holders.into_iter().filter_map(|(holder, secrets)| made(secrets).then_some(holder)).collect();
        if signers.is_empty() { Err(Error::OauthSignature) } else { Ok(signers) }
    }
}

/// The time here, and how far a timestamp may be away from it in either direction.
#[derive(Clone, Copy, Debug)]
pub struct TimeWindow {
    /// The time here, in seconds since 1970.
    pub now: u64,
    /// The greatest distance that is accepted, in seconds. 300 suits most; nonces must be kept for twice as long.
    pub seconds: u64,
}

impl TimeWindow {
    pub(super) fn check(self, timestamp: u64) -> Result<()> {
        let Self { now, seconds } = self;
        let inside = timestamp.abs_diff(now) <= seconds;
        if inside { Ok(()) } else { Err(Error::OauthTimestampWindow { timestamp, now, seconds }) }
    }
}
